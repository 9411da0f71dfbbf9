-- Records that this node keeps, sealed with keys that are not here, and who may read and has read of them.
-- A record is named KEEPER.COMMITMENT. Times are milliseconds since 1970. What names fields is sealed as well.

CREATE TABLE kept_record (
    record TEXT NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL,
    kept_at BIGINT NOT NULL
);

-- What a party may read, until when.
CREATE TABLE kept_grant (
    record TEXT NOT NULL,
    party TEXT NOT NULL,
    granted_by TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    sealed_fields BYTEA NOT NULL,
    PRIMARY KEY (record, party)
);

-- What a party would like to read, in its own words; whether there is such a record is not asked.
CREATE TABLE kept_request (
    record TEXT NOT NULL,
    party TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    refused_at BIGINT,
    terms TEXT NOT NULL,
    PRIMARY KEY (record, party)
);
CREATE INDEX kept_request_of_party ON kept_request (party);
CREATE INDEX kept_request_by_age ON kept_request (asked_at);

-- Who has read what: some fields, or all where none are named. It outlives the record, without the fields.
CREATE TABLE kept_reading (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    record TEXT NOT NULL,
    party TEXT NOT NULL,
    capacity TEXT NOT NULL,
    read_at BIGINT NOT NULL,
    sealed_fields BYTEA
);
CREATE INDEX kept_reading_of_record ON kept_reading (record, number);
