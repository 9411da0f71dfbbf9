//! The tables of the keeping, as `migrations/kept` and `migrations/record-keys` make them.

use diesel::table;

table! {
    /// Records, sealed.
    kept_record (record) {
        /// `KEEPER.COMMITMENT`.
        record -> Text,
        /// The record, sealed with its key.
        sealed -> Binary,
        /// Since when.
        kept_at -> BigInt,
    }
}

table! {
    /// What a party may read.
    kept_grant (record, party) {
        /// Of which record.
        record -> Text,
        /// Who may read.
        party -> Text,
        /// Who says so.
        granted_by -> Text,
        /// Since when.
        granted_at -> BigInt,
        /// Until when, that moment excluded.
        expires_at -> BigInt,
        /// The names of the fields, sealed.
        sealed_fields -> Binary,
    }
}

table! {
    /// What a party would like to read.
    kept_request (record, party) {
        /// Of which record, whether or not there is one.
        record -> Text,
        /// Who would.
        party -> Text,
        /// When it asked.
        asked_at -> BigInt,
        /// When it was refused.
        refused_at -> Nullable<BigInt>,
        /// What it asks for and why, as JSON.
        terms -> Text,
    }
}

table! {
    /// Who has read what.
    kept_reading (number) {
        /// In the order of reading.
        number -> BigInt,
        /// Of which record.
        record -> Text,
        /// Who.
        party -> Text,
        /// As what.
        capacity -> Text,
        /// When.
        read_at -> BigInt,
        /// The names of the fields, sealed; none for all of them.
        sealed_fields -> Nullable<Binary>,
    }
}

table! {
    /// Keys of records, wrapped.
    record_key (record) {
        /// Of which record.
        record -> Text,
        /// By the keeping key of which generation.
        generation -> BigInt,
        /// The key, sealed.
        wrapped -> Binary,
    }
}
