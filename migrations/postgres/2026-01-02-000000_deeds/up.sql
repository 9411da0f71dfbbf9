-- By what authority transitions were applied. What was projected before does not say so: everything is
-- emptied, and the next start fills it again from the ledger.
DELETE FROM applied;
DELETE FROM name;
DELETE FROM party;
DELETE FROM object;
DELETE FROM transition;
DELETE FROM change;
DELETE FROM involvement;
DELETE FROM entry;
DELETE FROM current_relation;
DELETE FROM past_relation;

-- Which transitions rest on an object, such as an accreditation: a rule asked for it (1), or for one
-- that rests on it (0).
CREATE TABLE deed (
    object BIGINT NOT NULL,
    position BIGINT NOT NULL,
    direct SMALLINT NOT NULL,
    PRIMARY KEY (object, position)
);
