//! What the register keeps of a programme: what an institution offers, from when on and until when.

use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::credential::CredentialId;
use crate::shape::Described;
use crate::text::{Date, LocalId, Statement, Text};

/// What a programme is called, and at what level of which framework it stands.
pub type ProgrammeTitle = Text<200>;

/// A programme of an institution. It is public, as a prospectus is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Programme {
    /// Whose it is.
    pub institution: PartyId,
    /// The id that the institution gave it.
    pub programme: LocalId,
    /// What it is called.
    pub title: ProgrammeTitle,
    /// Its level in a framework of qualifications, as in `EQF 6`.
    pub level: Option<ProgrammeTitle>,
    /// The hash of its description.
    pub description: Option<Hash>,
    /// The first day on which something can be awarded in it.
    pub opened: Date,
    /// When and why it was closed.
    pub closed: Option<Closed>,
    /// When it was registered here.
    pub registered: Time,
}

/// The end of a programme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ProgrammeClosed)]
pub struct Closed {
    /// The last day on which something can be awarded in it.
    pub last_day: Date,
    /// Why.
    pub reason: Statement,
    /// When this was put down, in block time.
    pub at: Time,
}

impl Programme {
    /// Whether something can be awarded in it on a day.
    pub fn is_open_on(&self, day: Date) -> bool {
        self.opened <= day && self.closed.as_ref().is_none_or(|closed| day <= closed.last_day)
    }
}

/// The id of a programme: `INSTITUTION.PROGRAMME`.
pub fn programme_id(institution: &PartyId, programme: &LocalId) -> String {
    format!("{institution}.{programme}")
}

impl Object for Programme {
    const REGISTER: &'static str = "diplomas";
    const KIND: &'static str = "programme";

    fn id(&self) -> String {
        programme_id(&self.institution, &self.programme)
    }
}

impl Described for Programme {
    const EXAMPLE_ID: &'static str = "AAAAAAAAAAAAAAAAAAAAAAAAI.bsc-physics";

    fn is_id(text: &str) -> bool {
        // It is written like a credential's.
        text.parse::<CredentialId>().is_ok()
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        vec![("institution", self.institution)]
    }
}
