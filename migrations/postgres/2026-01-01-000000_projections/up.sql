-- Projections of the ledger: rows that can be made anew from it at any time.
-- A position is the place of a transition in the log; -1 is the genesis, before all of them.
-- Rows refer to each other by number and carry no foreign keys: one writer makes them all.

-- How far the ledger is projected. Changes in the same transaction as everything below.
CREATE TABLE applied (
    only_row SMALLINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    ledger TEXT NOT NULL,
    height BIGINT NOT NULL,
    block TEXT NOT NULL
);

-- Registers, kinds, actions and relations: a few hundred words.
CREATE TABLE name (
    id SMALLINT NOT NULL PRIMARY KEY,
    text TEXT COLLATE "C" NOT NULL UNIQUE
);

CREATE TABLE party (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE
);

CREATE TABLE object (
    id BIGINT NOT NULL PRIMARY KEY,
    register SMALLINT NOT NULL,
    kind SMALLINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    UNIQUE (register, kind, name)
);

-- Where a transition stands. The prefix is the first 8 bytes of its id; the ledger has the rest.
-- Ids are random: an epoch of 131,072 positions keeps those that are written together on a few pages.
CREATE TABLE transition (
    epoch BIGINT NOT NULL,
    prefix BIGINT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (epoch, prefix, position)
);

-- Which transition made which version of an object, and by what action of which register.
CREATE TABLE change (
    object BIGINT NOT NULL,
    position BIGINT NOT NULL,
    version BIGINT NOT NULL,
    register SMALLINT NOT NULL,
    action SMALLINT NOT NULL,
    PRIMARY KEY (object, position)
);

-- Who signed a transition (1), or began or ceased by it to stand in a relation to an object (0).
CREATE TABLE involvement (
    party BIGINT NOT NULL,
    position BIGINT NOT NULL,
    signed SMALLINT NOT NULL,
    PRIMARY KEY (party, position)
);

-- Which entries of the log concern a register.
CREATE TABLE entry (
    register SMALLINT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (register, position)
);

-- In what relation parties stand to objects now, and since which transition.
CREATE TABLE current_relation (
    party BIGINT NOT NULL,
    relation SMALLINT NOT NULL,
    object BIGINT NOT NULL,
    from_position BIGINT NOT NULL,
    PRIMARY KEY (party, relation, object)
);

-- In what relation they stood: from one transition on, and from the other no longer.
CREATE TABLE past_relation (
    party BIGINT NOT NULL,
    relation SMALLINT NOT NULL,
    object BIGINT NOT NULL,
    from_position BIGINT NOT NULL,
    until_position BIGINT NOT NULL,
    PRIMARY KEY (party, relation, object, from_position)
);
