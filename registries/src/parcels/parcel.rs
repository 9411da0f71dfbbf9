//! What the register keeps of a parcel, and of what last happened to it.

use chancery_ledger::execution::{Draft, Object};
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::container::ContainerNumber;
use super::number::{FormatName, ParcelNumber};
use super::path::{Direction, State, Step};
use super::stated::StatedEvent;
use crate::shape::Described;
use crate::text::{Distinct, Reference, Statement, Text};

/// The most holds in force at a time.
pub const MAX_HOLDS: usize = 8;
/// How many of its last events a parcel remembers, so that they can be corrected.
pub const MAX_TRAIL: usize = 32;

/// Who may receive in the recipient's place.
pub type Proxies = Distinct<PartyId, 0, 8>;
/// Where something happened, in the words of those who were there.
pub type Place = Text<200>;

/// A parcel and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Parcel {
    /// Its number, for ever.
    pub number: ParcelNumber,
    /// The carrier's format that its own number is in, where one was claimed.
    pub format: Option<FormatName>,
    /// Who answers for carrying it.
    pub carrier: PartyId,
    /// Who sends it.
    pub sender: PartyId,
    /// Who is to have it.
    pub recipient: PartyId,
    /// Who may receive it for the recipient.
    pub proxies: Proxies,
    /// The commitment to its record: addresses, contents, value.
    pub record: Hash,
    /// When the registering device said that it was registered.
    pub registered: Time,
    /// Where on its path it is.
    pub state: State,
    /// Which way it goes.
    pub direction: Direction,
    /// Who has it: exactly one party, from registration on.
    pub custodian: PartyId,
    /// Since when, in block time.
    pub since: Time,
    /// The station that it entered the network by.
    pub origin: Option<PartyId>,
    /// The station that it goes out for delivery from.
    pub terminal: Option<PartyId>,
    /// What it looks like.
    pub condition: Condition,
    /// The last statement of damage.
    pub damage: Option<Damage>,
    /// How many handoffs were taken with a reservation.
    pub reservations: u32,
    /// How many attempts to hand it over have failed.
    pub attempts: u32,
    /// What authorities hold it for.
    pub holds: Vec<Hold>,
    /// The container it is in.
    pub container: Option<ContainerNumber>,
    /// What happened to it last.
    pub last: Event,
    /// Its last events, the newest at the end.
    pub trail: Vec<Trace>,
}

/// What a parcel looks like. It never gets better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ParcelCondition)]
pub enum Condition {
    /// Nothing is seen to be wrong.
    Sound,
    /// Something is.
    Damaged,
}

/// What is damaged, and who said so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ParcelDamage)]
pub struct Damage {
    /// What is damaged.
    pub statement: Statement,
    /// Who stated it.
    pub by: PartyId,
    /// When, in block time.
    pub at: Time,
}

/// An authority's order that nothing move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ParcelHold)]
pub struct Hold {
    /// Whose.
    pub by: PartyId,
    /// In what capacity.
    pub kind: HoldKind,
    /// The authority's own mark for it.
    pub reference: Reference,
    /// Since when, in block time.
    pub from: Time,
    /// Until when, that moment excluded.
    pub until: Time,
}

/// In what capacity an authority holds a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HoldKind {
    /// Customs.
    Customs,
    /// A court.
    Court,
    /// A regulator.
    Regulator,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ParcelEventKind)]
pub enum EventKind {
    /// It was registered.
    Registered,
    /// It went from one custodian to the next, and both signed.
    Handoff,
    /// The custodian stated damage.
    DamageReported,
    /// It could not be handed over.
    AttemptFailed,
    /// The recipient would not have it.
    Refused,
    /// It was turned back to the sender.
    Turned,
    /// It was declared lost.
    DeclaredLost,
    /// It was found.
    Found,
    /// An authority holds it.
    Held,
    /// An authority released it.
    Released,
    /// The carrier took it over from a station.
    TakenOver,
    /// It was packed into a container.
    Packed,
    /// It was unpacked from its container.
    Unpacked,
    /// Something stated before was corrected.
    Corrected,
    /// The carrier stated an EPCIS event.
    Stated,
}

/// What happened last, who stated it, and under which transition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ParcelEvent)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// Which step, where it was a handoff.
    pub step: Option<Step>,
    /// The transition that says so.
    pub transition: Hash,
    /// When it took effect: block time.
    pub at: Time,
    /// Who stated it: in a handoff, the receiver.
    pub by: PartyId,
    /// Who had custody before, where it changed.
    pub from: Option<PartyId>,
    /// Whether the former and the new custodian both signed.
    pub both_signed: bool,
    /// Where.
    pub place: Option<Place>,
    /// When, as the device said.
    pub device_time: Option<Time>,
    /// The reason, reservation, finding or correction in words.
    pub statement: Option<Statement>,
    /// The transition that a correction is about.
    pub corrects: Option<Hash>,
    /// What a stated event says. Left out where there is none, so that what was stored before there
    /// were such statements keeps its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated: Option<StatedEvent>,
}

/// An event that can be corrected, and who had custody after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ParcelTrace)]
pub struct Trace {
    /// The transition.
    pub transition: Hash,
    /// Who had custody after it.
    pub custodian: PartyId,
}

impl Event {
    /// That something happens in this transition.
    pub(super) fn now(draft: &Draft<'_>, kind: EventKind, by: PartyId) -> Self {
        Self {
            kind,
            step: None,
            transition: draft.context().id,
            at: draft.time(),
            by,
            from: None,
            both_signed: false,
            place: None,
            device_time: None,
            statement: None,
            corrects: None,
            stated: None,
        }
    }
}

impl Parcel {
    /// The hold that keeps it where it is at a moment, if there is one.
    pub fn hold_at(&self, time: Time) -> Option<&Hold> {
        self.holds.iter().find(|hold| time < hold.until)
    }

    /// Puts down what happened. Custody goes to whoever the parcel names by now.
    pub(super) fn happened(&mut self, event: Event) {
        if self.trail.len() >= MAX_TRAIL {
            self.trail.remove(0);
        }
        self.trail.push(Trace { transition: event.transition, custodian: self.custodian });
        self.last = event;
    }

    /// Gives custody to another party, and gives back who had it.
    pub(super) fn pass_to(&mut self, custodian: PartyId, time: Time) -> PartyId {
        self.since = time;
        std::mem::replace(&mut self.custodian, custodian)
    }

    /// Puts down what it looks like now. Worse than before, it is so by somebody's statement.
    pub(super) fn looks(
        &mut self,
        condition: Condition,
        statement: Option<&Statement>,
        by: PartyId,
        at: Time,
    ) {
        if let Some(statement) = statement
            && condition > self.condition
        {
            self.damage = Some(Damage { statement: statement.clone(), by, at });
        }
        self.condition = condition;
    }
}

impl Object for Parcel {
    const REGISTER: &'static str = "parcels";
    const KIND: &'static str = "parcel";

    fn id(&self) -> String {
        self.number.to_string()
    }
}

impl Described for Parcel {
    const EXAMPLE_ID: &'static str = "RB123456785GB";

    fn is_id(text: &str) -> bool {
        text.parse::<ParcelNumber>().is_ok_and(|number| number.to_string() == text)
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        let proxies = self.proxies.iter().map(|proxy| ("proxy", *proxy));
        let mut relations = vec![
            ("sender", self.sender),
            ("recipient", self.recipient),
            ("carrier", self.carrier),
            ("custodian", self.custodian),
        ];
        relations.extend(proxies);
        relations
    }
}
