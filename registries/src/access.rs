//! Who may read what: the one table for everything that is not public, and the keys that open it.
//!
//! | what | who |
//! |---|---|
//! | a public object, and a transition of public registers alone | anyone |
//! | an object of a private register | a party that stands in a relation to it or whose own ID code is its id; root; an institution accredited in that register for a role of [`Role::MAY_READ_PRIVATE`] |
//! | a transition with an action of a private register | for each such register: a signer; a party in a relation to an object of that register that it changed; root; an institution as above |
//!
//! These functions judge objects and registers; the interface asks them for every answer it gives.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::key::KeyId;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;

use crate::RegisterName;
use crate::authorities::{Role, accredited_where};
use crate::codes;
use crate::identity::{Purpose, Standing, Status, known_party};
use crate::shape::{Kind, Register, Visibility};

/// A party that reads, as its key has proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    /// Who.
    pub party: PartyId,
    /// The one register for which the key counts; none for all.
    pub only_register: Option<RegisterName>,
}

/// The party that a key speaks for at a moment when it comes to reading: by a controller key,
/// whatever the threshold, or by a sub-key for authentication that is valid then.
pub fn reader_by(draft: &Draft<'_>, signer: &KeyId, time: Time) -> Result<Reader, Rejection> {
    let party = known_party(draft, &signer.party)?.at(time);
    if party.status != Status::Active {
        return Err(codes::PARTY_NOT_ACTIVE.because(format!("{} is {}", party.id, party.status)));
    }
    let detail = || format!("the key {} of {}", signer.key, party.id);
    let only_register = match party.standing_of(&signer.key) {
        Standing::Controller => None,
        Standing::SubKey(key) if !key.purposes.contains(&Purpose::Authentication) => {
            return Err(codes::KEY_NOT_FOR_THIS.because(detail()));
        }
        Standing::SubKey(key) if !key.is_valid_at(time) => {
            return Err(codes::KEY_NOT_VALID_NOW.because(detail()));
        }
        Standing::SubKey(key) => key.only_register,
        Standing::Revoked => return Err(codes::KEY_REVOKED.because(detail())),
        Standing::Unknown => return Err(codes::KEY_UNKNOWN.because(detail())),
    };
    Ok(Reader { party: party.id, only_register })
}

impl Reader {
    /// Whether the reader's key counts in a register at all.
    pub fn counts_in(&self, register: &Register) -> bool {
        self.only_register.is_none_or(|only| only.as_str() == register.name)
    }

    /// Whether the reader may read all that a private register keeps, at a moment.
    pub fn oversees(&self, draft: &Draft<'_>, register: &Register, time: Time) -> bool {
        if !self.counts_in(register) {
            return false;
        }
        let fits = |held: &crate::authorities::Accreditation| {
            Role::MAY_READ_PRIVATE.contains(&held.role)
                && held.registers.iter().any(|name| name.as_str() == register.name)
        };
        self.party == draft.context().genesis.root_party()
            || accredited_where(draft, &self.party, time, fits).is_some()
    }

    /// Whether an object of a private register concerns the reader, by its id or by what is stored
    /// of it, now or once. An object that is not there concerns whom its id names.
    pub fn is_concerned(&self, kind: &Kind, id: &str, stored: &[&[u8]]) -> bool {
        let counts = crate::register(kind.register).is_some_and(|it| self.counts_in(it));
        let party = self.party.to_string();
        let related = |bytes: &&[u8]| (kind.relations)(bytes).iter().any(|(_, of)| *of == party);
        counts && (id == party || stored.iter().any(related))
    }
}

/// The registers that are private.
pub fn private_registers() -> impl Iterator<Item = &'static Register> {
    crate::REGISTERS.iter().filter(|register| register.visibility == Visibility::Private)
}

/// Whether the register of this name is private. One that is not known is.
pub fn is_private(register: &str) -> bool {
    crate::register(register).is_none_or(|register| register.visibility == Visibility::Private)
}
