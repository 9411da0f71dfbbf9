//! What the register itself has seen happen to a work: facts, each with the transition behind it.

use std::fmt;

use chancery_ledger::execution::{Draft, Object};
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::historic_date::HistoricDate;
use super::work::{Place, Work};
use crate::shape::Described;
use crate::text::{Date, LocalId, Reference, Statement};

/// Something that happened to a work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ArtworkEvent)]
pub struct Event {
    /// The work.
    pub work: LocalId,
    /// Which of its events this is, from 1.
    pub number: u32,
    /// What happened.
    pub kind: EventKind,
    /// The transition that says so.
    pub transition: Hash,
    /// When it took effect: block time.
    pub at: Time,
    /// Who stated it.
    pub by: PartyId,
    /// The expert, court or regulator who signed as well, or the order that was cited.
    pub witness: Option<PartyId>,
    /// The court's order that was cited.
    pub order: Option<LocalId>,
    /// From whom to whom title passed, where it did.
    pub title: Option<Passing>,
    /// From whom to whom custody passed, where it did; an end that is left out is not known.
    pub custody: Option<Passing>,
    /// Where it was before and is since, where that changed.
    pub moved: Option<Moved>,
    /// Until when it is to be returned.
    pub returns_by: Option<Date>,
    /// When it happened, where that is not when it was stated.
    pub occurred: Option<HistoricDate>,
    /// In words.
    pub statement: Option<Statement>,
    /// The mark of a document outside the register.
    pub reference: Option<Reference>,
    /// The hash of the contract, terms or report.
    pub document: Option<Hash>,
}

/// Something passes from one party to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ArtworkPassing)]
pub struct Passing {
    /// From whom.
    pub from: Option<PartyId>,
    /// To whom.
    pub to: Option<PartyId>,
}

/// A work changes its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ArtworkMoved)]
pub struct Moved {
    /// From where.
    pub from: Option<Place>,
    /// To where.
    pub to: Option<Place>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ArtworkEventKind)]
pub enum EventKind {
    /// It was registered.
    Registered,
    /// What the register says of it was corrected.
    Amended,
    /// It was sold.
    Sold,
    /// It was given.
    Given,
    /// It came to an heir.
    Bequeathed,
    /// It was handed over.
    HandedOver,
    /// It was consigned for sale.
    Consigned,
    /// It was lent.
    Lent,
    /// It was given back.
    Returned,
    /// It was taken to another place.
    Moved,
    /// Its condition was stated.
    ConditionReported,
    /// It was reported stolen.
    Stolen,
    /// It was recovered.
    Recovered,
    /// It was given back to whom it belongs.
    Restituted,
    /// It was destroyed.
    Destroyed,
    /// It became disputed.
    Disputed,
    /// A dispute ended.
    Settled,
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Registered => "registered",
            Self::Amended => "amended",
            Self::Sold => "sold",
            Self::Given => "given",
            Self::Bequeathed => "bequeathed",
            Self::HandedOver => "handed over",
            Self::Consigned => "consigned",
            Self::Lent => "lent",
            Self::Returned => "returned",
            Self::Moved => "moved",
            Self::ConditionReported => "condition reported",
            Self::Stolen => "stolen",
            Self::Recovered => "recovered",
            Self::Restituted => "restituted",
            Self::Destroyed => "destroyed",
            Self::Disputed => "disputed",
            Self::Settled => "settled",
        })
    }
}

impl Event {
    /// The id of an event of a work.
    pub fn id_of(work: &LocalId, number: u32) -> String {
        entry_id(work, number)
    }

    /// That something happens to a work in this transition.
    pub(super) fn now(draft: &Draft<'_>, work: &LocalId, kind: EventKind, by: PartyId) -> Self {
        Self {
            work: work.clone(),
            number: 0,
            kind,
            transition: draft.context().id,
            at: draft.time(),
            by,
            witness: None,
            order: None,
            title: None,
            custody: None,
            moved: None,
            returns_by: None,
            occurred: None,
            statement: None,
            reference: None,
            document: None,
        }
    }

    /// Puts down the work as the event leaves it, and the event with what of the work it changed.
    pub(super) fn put(mut self, draft: &mut Draft<'_>, was: Option<&Work>, mut work: Work) {
        let passing = |from: Option<PartyId>, to: Option<PartyId>| {
            (from != to).then_some(Passing { from, to })
        };
        self.title = passing(was.map(|was| was.owner), Some(work.owner));
        self.custody = passing(was.and_then(Work::custodian), work.custodian());
        let (from, to) = (was.and_then(|was| was.place.clone()), work.place.clone());
        self.moved = (from != to).then_some(Moved { from, to });
        work.events += 1;
        self.number = work.events;
        draft.put(&work);
        draft.put(&self);
    }
}

/// The id of the numbered thing of a work.
pub(super) fn entry_id(work: &LocalId, number: u32) -> String {
    format!("{work}:{number}")
}

/// Whether a text is the id of a numbered thing of a work.
pub(super) fn is_entry_id(text: &str) -> bool {
    let Some((work, number)) = text.split_once(':') else { return false };
    let canonical =
        |number: u32| number > 0 && number.to_string().len() == text.len() - work.len() - 1;
    work.parse::<LocalId>().is_ok() && number.parse().is_ok_and(canonical)
}

impl Object for Event {
    const REGISTER: &'static str = "artworks";
    const KIND: &'static str = "event";

    fn id(&self) -> String {
        Self::id_of(&self.work, self.number)
    }
}

impl Described for Event {
    const EXAMPLE_ID: &'static str = "cmoa-66.19.1:3";

    fn is_id(text: &str) -> bool {
        is_entry_id(text)
    }
}
