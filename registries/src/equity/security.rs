//! What the register keeps of a security: shares of one class in one hand, from one event to the next.

use std::fmt;

use chancery_ledger::code::Code;
use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::codes;
use super::issuer::{is_scoped, scoped};
use super::numbers::{Decimal, Quantity};
use crate::shape::Described;
use crate::text::{Date, LocalId, Text};

/// The number on a certificate, where there is one: `CS-1`.
pub type Certificate = Text<40>;

/// Shares of one class in one hand. It begins by one event, ends whole by another, and its id is
/// never used again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Security {
    /// Who issued it.
    pub issuer: PartyId,
    /// The id that the issuer gave it, for ever.
    pub security: LocalId,
    /// The class of its shares.
    pub class: LocalId,
    /// Who holds it, or held it to the end.
    pub holder: PartyId,
    /// How many shares.
    pub quantity: Quantity,
    /// The plan that it was granted under, where it was.
    pub plan: Option<LocalId>,
    /// The number on its certificate.
    pub certificate: Option<Certificate>,
    /// Whether a transfer needs the issuer's consent.
    pub restricted: bool,
    /// To whom it is pledged.
    pub pledge: Option<Pledge>,
    /// Since when it counts, in block time; after a split, the time of the split.
    pub issued: Time,
    /// How it began.
    pub origin: Origin,
    /// How it ended.
    pub ended: Option<Ending>,
    /// The commitment to what is kept off the ledger about it: price, consideration, legends.
    pub record: Option<Hash>,
}

/// How a security begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = EquityEvent)]
pub enum Event {
    /// New shares.
    Issuance,
    /// From one hand to others.
    Transfer,
    /// The shares, or some of them, are no more.
    Cancellation,
    /// The issuer took them back for a price.
    Repurchase,
    /// The issuance is taken back as if it had not been.
    Retraction,
    /// The same shares under other securities.
    Reissuance,
    /// Reissued by the ratio of a split.
    Split,
    /// Shares of another class, or shares of a convertible.
    Conversion,
    /// Shares of an option, a warrant or the like.
    Exercise,
    /// Shares of share units.
    Release,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Issuance => "issuance",
            Self::Transfer => "transfer",
            Self::Cancellation => "cancellation",
            Self::Repurchase => "repurchase",
            Self::Retraction => "retraction",
            Self::Reissuance => "reissuance",
            Self::Split => "split",
            Self::Conversion => "conversion",
            Self::Exercise => "exercise",
            Self::Release => "release",
        })
    }
}

/// How a security began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EquityOrigin)]
pub struct Origin {
    /// By what event.
    pub event: Event,
    /// The securities that it came from; at most 32.
    pub from: Vec<LocalId>,
    /// Whether it is the balance that was left.
    pub is_balance: bool,
    /// The split, where it was one.
    pub split: Option<LocalId>,
    /// The day that was stated.
    pub date: Option<Date>,
    /// The transition.
    pub transition: Hash,
}

/// How a security ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EquityEnding)]
pub struct Ending {
    /// By what event.
    pub event: Event,
    /// When, in block time; in a split, the time of the split.
    pub at: Time,
    /// How many shares the event was about; the rest is in the balance.
    pub quantity: Decimal,
    /// What of that came back to the pool of a plan.
    pub returned: Option<Returned>,
    /// The securities that came of it; at most 32.
    pub into: Vec<LocalId>,
    /// The security that has what was left.
    pub balance: Option<LocalId>,
    /// The split, where it was one.
    pub split: Option<LocalId>,
    /// The direction of a court or regulator that it was done by.
    pub order: Option<LocalId>,
    /// The day that was stated.
    pub date: Option<Date>,
    /// The transition.
    pub transition: Hash,
    /// The commitment to what is kept off the ledger about it.
    pub record: Option<Hash>,
}

/// What came back to the pool of a plan when a grant was cancelled or repurchased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EquityReturned)]
pub struct Returned {
    /// The plan whose pool grew.
    pub plan: LocalId,
    /// By how many shares.
    pub quantity: Quantity,
    /// When, in block time.
    pub at: Time,
    /// The day that was stated.
    pub date: Option<Date>,
}

/// A pledge of a whole security.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EquityPledge)]
pub struct Pledge {
    /// To whom.
    pub pledgee: PartyId,
    /// Since when.
    pub since: Time,
    /// The commitment to the agreement.
    pub record: Option<Hash>,
}

impl Security {
    /// Whether its holder had it at a moment.
    pub fn is_held_at(&self, time: Time) -> bool {
        self.issued <= time && self.ended.as_ref().is_none_or(|ending| time < ending.at)
    }
}

/// What one holder has under one id: shares, or an instrument.
pub(super) trait Held: Object {
    /// How it is said that there is none.
    fn unknown() -> &'static Code;

    /// Whose it is, how much an event can take of it, and how it ended.
    fn holding(&self) -> Holding<'_>;
}

/// What shares and instruments have in common.
pub(super) struct Holding<'a> {
    pub(super) issuer: &'a PartyId,
    pub(super) holder: &'a PartyId,
    pub(super) security: &'a LocalId,
    pub(super) left: Decimal,
    pub(super) ended: Option<&'a Ending>,
}

impl Held for Security {
    fn unknown() -> &'static Code {
        &codes::SECURITY_UNKNOWN
    }

    fn holding(&self) -> Holding<'_> {
        let Self { issuer, holder, security, quantity, ended, .. } = self;
        Holding { issuer, holder, security, left: quantity.get(), ended: ended.as_ref() }
    }
}

impl Object for Security {
    const REGISTER: &'static str = "equity";
    const KIND: &'static str = "security";

    fn id(&self) -> String {
        scoped(&self.issuer, &self.security)
    }
}

impl Described for Security {
    const EXAMPLE_ID: &'static str = "AAAAAAAAAAAAAAAAAAAAAAAAI.cs-1";

    fn is_id(text: &str) -> bool {
        is_scoped(text)
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        if self.ended.is_some() {
            return Vec::new();
        }
        let pledgee = self.pledge.as_ref().map(|pledge| ("pledgee", pledge.pledgee));
        [("holder", self.holder), ("issuer", self.issuer)].into_iter().chain(pledgee).collect()
    }
}
