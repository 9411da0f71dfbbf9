//! The codes that rules of several registers share, and the way to write a list of codes.

use chancery_ledger::code::Rejection;
use chancery_ledger::time::Time;

/// Writes down a register's codes, and the list of them all under the name given first.
macro_rules! codes {
    ($list:ident: $($constant:ident = $name:literal, $title:literal, $remedy:literal;)*) => {
        $(
            #[doc = $title]
            pub static $constant: chancery_ledger::code::Code =
                chancery_ledger::code::Code::rule($name, $title, $remedy);
        )*
        /// All codes of this file.
        pub static $list: &[&chancery_ledger::code::Code] = &[$(&$constant),*];
    };
}

pub(crate) use codes;

codes! { SHARED:
    ID_TAKEN = "id-taken",
        "An object of this kind with this id exists already.",
        "Choose another id: none is ever used twice.";
    PERIOD_EMPTY = "period-empty",
        "The period ends before it begins, or has already ended.",
        "Give an end that lies after the start and after the time of the block.";
    PARTY_UNKNOWN = "party-unknown",
        "No party of this ID code is in the identity register.",
        "Create the party first, or correct the ID code.";
    PARTY_NOT_ACTIVE = "party-not-active",
        "The party is suspended, revoked, deceased or dissolved.",
        "A suspended party must be made active again first; the other states are final.";
    KEY_UNKNOWN = "key-unknown",
        "The party has signed with a key that is not its own.",
        "Sign with a key that the identity register holds for the party.";
    KEY_REVOKED = "key-revoked",
        "The key was revoked or replaced, and never comes back.",
        "Sign with, or register, a key that was not revoked.";
    KEY_NOT_VALID_NOW = "key-not-valid-now",
        "The key's period of validity has not begun or is over.",
        "Sign with a key that is valid at the time of the block.";
    KEY_NOT_FOR_THIS = "key-not-for-this",
        "The key is one of the party's, but not for this purpose or this register.",
        "Sign with a controller key, or a sub-key that has the purpose and is not kept to another register.";
}

/// A period ends after it begins. The start given is never before the time of the block.
pub(crate) fn period_is_not_empty(from: Time, until: Option<Time>) -> Result<(), Rejection> {
    match until {
        Some(until) if until <= from => {
            Err(PERIOD_EMPTY.because(format!("it would run from {from} until {until}")))
        }
        _ => Ok(()),
    }
}
