-- The keys of the records that this node keeps, each wrapped by the keeping key of a generation. Not to be backed up
-- with the records: what is erased is erased because its key is gone from here.

CREATE TABLE record_key (
    record TEXT NOT NULL PRIMARY KEY,
    generation BIGINT NOT NULL,
    wrapped BLOB NOT NULL
);
