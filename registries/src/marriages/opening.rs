//! The register's opening: the secret from which the places of private objects follow.

use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};

use super::ids::RegisterSecret;

/// That the register is open, and its secret. One object, where every rule finds it.
///
/// Its place in the state is known to all, and what stands there is not: from outside it shows that
/// the register is open, and when it was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The secret.
    pub secret: RegisterSecret,
    /// When the register was opened.
    pub opened: Time,
}

impl Opening {
    /// The id of the one opening.
    pub const ID: &'static str = "opening";

    /// The id of a person's civil status: nobody without the secret finds it, or can tell whether
    /// a person has one.
    pub fn civil_status_of(&self, person: &PartyId) -> Hash {
        let person = person.to_string();
        Hash::of(&[b"chancery civil status 1\0", self.secret.as_bytes(), person.as_bytes()])
    }

    /// What makes the value of a private object one that nobody can guess, even who knows its id
    /// and all else in it.
    pub fn blinding_of(&self, kind: &str, id: &str) -> Hash {
        let (kind, id) = (kind.as_bytes(), id.as_bytes());
        Hash::of(&[b"chancery blinding 1\0", self.secret.as_bytes(), kind, b"/", id])
    }
}

impl Object for Opening {
    const REGISTER: &'static str = "marriages";
    const KIND: &'static str = "opening";

    fn id(&self) -> String {
        Self::ID.to_owned()
    }
}
