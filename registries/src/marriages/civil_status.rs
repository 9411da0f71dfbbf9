//! A person's civil status: whether they are married here, and were before.

use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ids::MarriageId;
use super::marriage::State;
use super::opening::Opening;
use crate::shape::Described;
use crate::text::Date;

/// A person's civil status, from their first marriage here on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CivilStatus {
    /// The id, which follows from the register's secret and the person.
    pub status: Hash,
    /// Keeps what stands in the state from being guessed.
    pub blinding: Hash,
    /// Whose it is.
    pub person: PartyId,
    /// The marriage in force.
    pub married: Option<MarriageId>,
    /// The marriages that have ended, in the order in which they did; at most 32.
    pub past: Vec<PastMarriage>,
}

/// A marriage that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PastMarriage {
    /// Which.
    pub marriage: MarriageId,
    /// How it ended.
    pub state: State,
    /// The first day on which the person may have married again.
    pub free_since: Date,
}

impl CivilStatus {
    /// The civil status of somebody who was never married here.
    pub fn never_married(opening: &Opening, person: &PartyId) -> Self {
        let status = opening.civil_status_of(person);
        let blinding = opening.blinding_of(Self::KIND, &status.to_string());
        Self { status, blinding, person: *person, married: None, past: Vec::new() }
    }

    /// Since which day the person may have married again; none where no marriage was in the way.
    ///
    /// An annulled marriage never was.
    pub fn free_since(&self) -> Option<Date> {
        let counted = self.past.iter().filter(|past| past.state != State::Annulled);
        counted.map(|past| past.free_since).max()
    }
}

impl Object for CivilStatus {
    const REGISTER: &'static str = "marriages";
    const KIND: &'static str = "civil-status";

    fn id(&self) -> String {
        self.status.to_string()
    }
}

impl Described for CivilStatus {
    const EXAMPLE_ID: &'static str =
        "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

    fn is_id(text: &str) -> bool {
        text.parse::<Hash>().is_ok()
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        vec![("person", self.person)]
    }
}
