//! Titles (BAUnits in LADM): who owns which land in what shares, and what it is subject to.

use std::ops::Deref;

use chancery_ledger::execution::{Draft, Object};
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::ArrayBuilder;
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::fraction::{Fraction, NotAFraction};
use super::interest::{Interest, Mortgage, Nature};
use crate::shape::Described;
use crate::text::{Distinct, LocalId, Name, Reference, Statement};

/// The most owners of one title: all of them, and the others concerned, can sign one transition.
pub const MAX_OWNERS: usize = 48;
/// The most units of one title, and the most titles that one is split into or merged from.
pub const MAX_UNITS: usize = 16;
/// The latest transitions that a title names.
pub const MAX_TRAIL: usize = 32;

/// The units that a title is about.
pub type UnitIds = Distinct<LocalId, 1, MAX_UNITS>;

/// Somebody's share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LandShare)]
pub struct Share {
    /// Whose.
    pub party: PartyId,
    /// How much.
    pub share: Fraction,
}

/// The owners of a title: nobody twice, and their shares are together exactly the whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Share>")]
pub struct Owners(Vec<Share>);

/// Why shares are not the owners of a title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotOwners {
    /// Too few or too many.
    #[error("a title has 1 to {MAX_OWNERS} owners")]
    Count,
    /// One stands twice.
    #[error("an owner stands twice")]
    Repeated,
    /// The sum is not the whole.
    #[error("the shares are together {0}, not 1/1")]
    Sum(Fraction),
    /// There is no exact sum.
    #[error("the shares have no sum within the whole: {0}")]
    NoSum(NotAFraction),
}

impl TryFrom<Vec<Share>> for Owners {
    type Error = NotOwners;

    fn try_from(shares: Vec<Share>) -> Result<Self, NotOwners> {
        if !(1..=MAX_OWNERS).contains(&shares.len()) {
            return Err(NotOwners::Count);
        }
        let repeated =
            |index: usize| shares[..index].iter().any(|share| share.party == shares[index].party);
        if (0..shares.len()).any(repeated) {
            return Err(NotOwners::Repeated);
        }
        let sum = Fraction::sum(shares.iter().map(|share| share.share));
        match sum.map_err(NotOwners::NoSum)? {
            Fraction::WHOLE => Ok(Self(shares)),
            sum => Err(NotOwners::Sum(sum)),
        }
    }
}

impl Deref for Owners {
    type Target = [Share];

    fn deref(&self) -> &[Share] {
        &self.0
    }
}

impl Owners {
    /// A party's share.
    pub fn share_of(&self, party: &PartyId) -> Option<Fraction> {
        self.0.iter().find(|owner| owner.party == *party).map(|owner| owner.share)
    }

    /// Whether these are the same shares, in whatever order.
    pub fn are_the_same_as(&self, other: &Self) -> bool {
        self.len() == other.len() && self.0.iter().all(|owner| other.0.contains(owner))
    }
}

impl PartialSchema for Owners {
    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new()
            .items(Ref::from_schema_name(Share::name()))
            .min_items(Some(1))
            .max_items(Some(MAX_OWNERS))
            .description(Some("No owner stands twice; the shares are together exactly 1/1"))
            .into()
    }
}

impl ToSchema for Owners {
    fn name() -> std::borrow::Cow<'static, str> {
        "LandOwners".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Share::name().into_owned(), Share::schema()));
        Share::schemas(schemas);
    }
}

/// Whether a title stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = LandTitleState)]
pub enum State {
    /// It does.
    Current,
    /// Others took its place in a split or a merge; nothing more can happen to it.
    Cancelled,
}

/// A title to land.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LandTitle)]
pub struct Title {
    /// The id that the registrar gave it.
    pub title: LocalId,
    /// Whether it stands.
    pub state: State,
    /// How the land is held, in the words of its law: `Freehold`.
    pub tenure: Name,
    /// The land.
    pub units: UnitIds,
    /// Who owns it; the last owners, where the title is cancelled.
    pub owners: Owners,
    /// What it is subject to, in the order of registration.
    pub interests: Vec<Interest>,
    /// The commitment to the title's documents.
    pub record: Option<Hash>,
    /// When it was first registered.
    pub registered: Time,
    /// The titles that it took the place of.
    pub parents: Vec<LocalId>,
    /// The titles that took its place.
    pub children: Vec<LocalId>,
    /// What the last transition did, in its order.
    pub last: Vec<Event>,
    /// The latest transitions that changed it, the oldest first; at most 32.
    pub trail: Vec<Hash>,
}

/// What happened to a title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LandEvent)]
pub struct Event {
    /// The transition.
    pub transition: Hash,
    /// The time of its block.
    pub at: Time,
    /// What happened.
    pub kind: EventKind,
    /// The registrar, or who else acted.
    pub by: PartyId,
    /// The interest that it was about.
    pub interest: Option<LocalId>,
    /// The instrument behind it.
    pub reference: Option<Reference>,
    /// The court's order that it rests on.
    pub order: Option<LocalId>,
    /// The transition that it corrects.
    pub corrects: Option<Hash>,
    /// Why, in words.
    pub statement: Option<Statement>,
    /// The commitment to the documents behind it.
    pub record: Option<Hash>,
}

/// What can happen to a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = LandEventKind)]
pub enum EventKind {
    /// It was registered.
    Registered,
    /// Shares changed hands.
    Transferred,
    /// A dead owner's share went to the heirs.
    Transmitted,
    /// A mortgage was registered.
    Mortgaged,
    /// A mortgage was discharged.
    Discharged,
    /// A lease was registered.
    Leased,
    /// A servitude was granted.
    Burdened,
    /// A caveat was lodged.
    Caveated,
    /// A caveat was removed.
    CaveatRemoved,
    /// A burden of public law was stated.
    Imposed,
    /// A lease, a servitude or a burden of public law ended.
    Ended,
    /// A court had it sold.
    Sold,
    /// The register was corrected.
    Rectified,
    /// It was split, or came of a split.
    Split,
    /// It was merged, or came of a merge.
    Merged,
}

impl Event {
    /// Something that happens in the transition at hand.
    pub fn now(draft: &Draft<'_>, kind: EventKind, by: PartyId) -> Self {
        Self {
            transition: draft.context().id,
            at: draft.time(),
            kind,
            by,
            interest: None,
            reference: None,
            order: None,
            corrects: None,
            statement: None,
            record: None,
        }
    }
}

impl Title {
    /// The title as it stands at a moment: leases that have run out are gone.
    pub fn at(mut self, time: Time) -> Self {
        self.interests.retain(|interest| match &interest.nature {
            Nature::Lease(lease) => lease.until.is_none_or(|until| time < until),
            _ => true,
        });
        self
    }

    /// Notes what happened. What one transition does to a title stands together, for several of
    /// its actions may concern one title: a discharge and a transfer.
    pub(super) fn happened(&mut self, event: Event) {
        if self.trail.last() != Some(&event.transition) {
            self.last.clear();
            self.trail.push(event.transition);
            let surplus = self.trail.len().saturating_sub(MAX_TRAIL);
            self.trail.drain(..surplus);
        }
        self.last.push(event);
    }

    /// The mortgages, in the order of registration.
    pub fn mortgages(&self) -> impl Iterator<Item = (&Interest, &Mortgage)> {
        self.interests.iter().filter_map(|interest| match &interest.nature {
            Nature::Mortgage(mortgage) => Some((interest, mortgage)),
            _ => None,
        })
    }

    /// The first caveat.
    pub fn caveat(&self) -> Option<&Interest> {
        self.interests.iter().find(|interest| matches!(interest.nature, Nature::Caveat(_)))
    }
}

impl Object for Title {
    const REGISTER: &'static str = "land";
    const KIND: &'static str = "title";

    fn id(&self) -> String {
        self.title.to_string()
    }
}

impl Described for Title {
    const EXAMPLE_ID: &'static str = "NA60D-903";

    fn is_id(text: &str) -> bool {
        text.parse::<LocalId>().is_ok()
    }

    fn judged_at(self, time: Time) -> Self {
        self.at(time)
    }

    /// What a cancelled title said is in its history; nobody holds it any more.
    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        if self.state == State::Cancelled {
            return Vec::new();
        }
        let mut relations: Vec<_> =
            self.owners.iter().map(|owner| ("owner", owner.party)).collect();
        for interest in &self.interests {
            let (relation, holders) = interest.nature.holders();
            relations.extend(holders.iter().map(|holder| (relation, *holder)));
        }
        // Two mortgages of one lender are one relation to the title.
        let mut once: Vec<(&'static str, PartyId)> = Vec::with_capacity(relations.len());
        for relation in relations {
            if !once.contains(&relation) {
                once.push(relation);
            }
        }
        once
    }
}

/// The one transition in which a court's direction about a title was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LandCarriedOut)]
pub struct CarriedOut {
    /// The direction.
    pub order: LocalId,
    /// The title.
    pub title: LocalId,
    /// The transition.
    pub transition: Hash,
    /// The time of its block.
    pub at: Time,
}

impl Object for CarriedOut {
    const REGISTER: &'static str = "land";
    const KIND: &'static str = "carried-out";

    fn id(&self) -> String {
        self.order.to_string()
    }
}

impl Described for CarriedOut {
    const EXAMPLE_ID: &'static str = "HCA-1017-2026";

    fn is_id(text: &str) -> bool {
        text.parse::<LocalId>().is_ok()
    }
}
