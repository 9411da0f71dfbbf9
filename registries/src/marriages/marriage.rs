//! A marriage as the register keeps it: who, since when, how it ended, and what was stated about it.

use std::fmt;

use chancery_ledger::execution::{Draft, Object};
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ids::MarriageId;
use crate::shape::Described;
use crate::text::{Date, LocalId, Name, Reference};

/// Whether a marriage is in force, and how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = MarriageState)]
pub enum State {
    /// The two are married to each other.
    InForce,
    /// They have divorced.
    Divorced,
    /// One of them has died.
    EndedByDeath,
    /// It was void from the start, though the record stays.
    Annulled,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InForce => "in force",
            Self::Divorced => "divorced",
            Self::EndedByDeath => "ended by death",
            Self::Annulled => "annulled",
        })
    }
}

/// A marriage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Marriage {
    /// The id that the registrar's device drew.
    pub marriage: MarriageId,
    /// Keeps what stands in the state from being guessed.
    pub blinding: Hash,
    /// Whether it is in force.
    pub state: State,
    /// The two, in the order in which they were stated.
    #[schema(min_items = 2, max_items = 2)]
    pub spouses: [PartyId; 2],
    /// The day of the wedding.
    pub celebrated: Date,
    /// Where it was celebrated.
    pub place: Name,
    /// The hash of the foreign document, where the marriage was celebrated elsewhere.
    pub document: Option<Hash>,
    /// The commitment to its record; none where a court recognised it without one.
    pub record: Option<Hash>,
    /// The registrar or court that brought it into the register.
    pub by: PartyId,
    /// The accreditation under which they did.
    pub under: LocalId,
    /// Since when it stands here, in block time.
    pub since: Time,
    /// When it ended, in block time.
    pub ended: Option<Time>,
    /// Who of them has died, where it ended by death.
    pub deceased: Option<PartyId>,
    /// What was stated about it, the oldest first; at most 16.
    pub events: Vec<Event>,
}

/// What was stated about a marriage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = MarriageEvent)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// The transition that says so.
    pub transition: Hash,
    /// When it took effect: block time.
    pub at: Time,
    /// The registrar or court behind it.
    pub by: PartyId,
    /// Whether `by` is a court.
    pub by_court: bool,
    /// The case or decision behind it.
    pub reference: Option<Reference>,
    /// The direction that it was done by.
    pub order: Option<LocalId>,
    /// The hash of the document, or the commitment to the record, that it rests on.
    pub record: Option<Hash>,
    /// The transition that a correction is about.
    pub corrects: Option<Hash>,
    /// What is right, in words.
    pub statement: Option<Reference>,
}

/// What was stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = MarriageEventKind)]
pub enum EventKind {
    /// It was registered.
    Registered,
    /// It had been celebrated elsewhere, and was recognised.
    Recognised,
    /// The two divorced.
    Divorced,
    /// It was annulled.
    Annulled,
    /// One of them has died.
    DeathRecorded,
    /// Something stated before was corrected.
    Corrected,
}

impl Event {
    /// That something happens in this transition.
    pub(super) fn now(draft: &Draft<'_>, kind: EventKind, by: PartyId) -> Self {
        Self {
            kind,
            transition: draft.context().id,
            at: draft.time(),
            by,
            by_court: false,
            reference: None,
            order: None,
            record: None,
            corrects: None,
            statement: None,
        }
    }
}

impl Marriage {
    /// Whether somebody is one of the two.
    pub fn is_of(&self, person: &PartyId) -> bool {
        self.spouses.contains(person)
    }

    /// Whether these are the two, in whatever order.
    pub fn is_between(&self, couple: &[PartyId; 2]) -> bool {
        let [one, other] = couple;
        self.spouses == [*one, *other] || self.spouses == [*other, *one]
    }
}

impl Object for Marriage {
    const REGISTER: &'static str = "marriages";
    const KIND: &'static str = "marriage";

    fn id(&self) -> String {
        self.marriage.to_string()
    }
}

impl Described for Marriage {
    const EXAMPLE_ID: &'static str = "8f14e45fceea167a5a36dedd4bea2543";

    fn is_id(text: &str) -> bool {
        text.parse::<MarriageId>().is_ok()
    }

    /// The two, as spouses while it is in force; and every registrar and court that has stated
    /// something about it.
    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        let spouse = if self.state == State::InForce { "spouse" } else { "former-spouse" };
        let mut relations: Vec<_> = self.spouses.iter().map(|party| (spouse, *party)).collect();
        for event in &self.events {
            let stated = (if event.by_court { "court" } else { "registrar" }, event.by);
            if !relations.contains(&stated) {
                relations.push(stated);
            }
        }
        relations
    }
}
