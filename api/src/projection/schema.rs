//! The tables of the projections, as both `migrations/sqlite` and `migrations/postgres` make them.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    /// How far the ledger is projected: one row, or none before block 0.
    applied (only_row) {
        /// Always 1.
        only_row -> SmallInt,
        /// The ledger's id.
        ledger -> Text,
        /// The height of the last block that is projected.
        height -> BigInt,
        /// That block's hash.
        block -> Text,
    }
}

table! {
    /// Registers, kinds, actions and relations.
    name (id) {
        /// Its number.
        id -> SmallInt,
        /// The word.
        text -> Text,
    }
}

table! {
    /// Parties.
    party (id) {
        /// Its number.
        id -> BigInt,
        /// Its ID code.
        name -> Text,
    }
}

table! {
    /// Objects.
    object (id) {
        /// Its number.
        id -> BigInt,
        /// The register's name.
        register -> SmallInt,
        /// The kind's name.
        kind -> SmallInt,
        /// Its id within the kind.
        name -> Text,
    }
}

table! {
    /// Where transitions stand.
    transition (epoch, prefix, position) {
        /// The position in units of 131,072.
        epoch -> BigInt,
        /// The first 8 bytes of the id.
        prefix -> BigInt,
        /// The place in the log.
        position -> BigInt,
    }
}

table! {
    /// The versions of objects.
    change (object, position) {
        /// Which object.
        object -> BigInt,
        /// By which transition.
        position -> BigInt,
        /// Which version.
        version -> BigInt,
        /// Of which register the action is.
        register -> SmallInt,
        /// By which action.
        action -> SmallInt,
    }
}

table! {
    /// Who has to do with a transition.
    involvement (party, position) {
        /// Who.
        party -> BigInt,
        /// With which transition.
        position -> BigInt,
        /// 1 for a signer; 0 for who only began or ceased to stand in a relation.
        signed -> SmallInt,
    }
}

table! {
    /// The log by register.
    entry (register, position) {
        /// Which register.
        register -> SmallInt,
        /// Which transition.
        position -> BigInt,
    }
}

table! {
    /// What was done by whose authority.
    deed (object, position) {
        /// The object that it rests on.
        object -> BigInt,
        /// Which transition.
        position -> BigInt,
        /// 1 where a rule asked for the object; 0 where for one that rests on it.
        direct -> SmallInt,
    }
}

table! {
    /// Relations that hold.
    current_relation (party, relation, object) {
        /// Who.
        party -> BigInt,
        /// In what relation.
        relation -> SmallInt,
        /// To what.
        object -> BigInt,
        /// Since which transition.
        from_position -> BigInt,
    }
}

table! {
    /// Relations that have ended.
    past_relation (party, relation, object, from_position) {
        /// Who.
        party -> BigInt,
        /// In what relation.
        relation -> SmallInt,
        /// To what.
        object -> BigInt,
        /// From which transition on.
        from_position -> BigInt,
        /// From which transition on no longer.
        until_position -> BigInt,
    }
}

allow_tables_to_appear_in_same_query!(change, object, party, name);
