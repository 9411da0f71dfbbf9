//! What may be asked of a work: who owns and has it, its flags, its provenance with the gaps, what
//! experts say, and the licences in force.

use chancery_ledger::execution::{Draft, Object, state_key};
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::Serialize;
use utoipa::ToSchema;

use super::claim::{Claim, Follows};
use super::edition::Edition;
use super::event::{Event, EventKind, entry_id};
use super::licence::Licence;
use super::opinion::Opinion;
use super::work::{Custody, Dispute, Place, Status, Theft, Work};
use crate::RegisterName;
use crate::authorities::{FreezeIndex, FreezeMark};
use crate::shape::AskedOfState;
use crate::text::LocalId;

/// The most events of the register that one answer carries, the newest.
pub const MAX_EVENTS_SHOWN: u32 = 1000;

/// Who owns a work, who has it and where it is, at the time that is asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ArtworkKeeping)]
pub struct Keeping {
    /// The work.
    pub work: LocalId,
    /// As of when.
    pub as_of: Time,
    /// Who owns it.
    pub owner: PartyId,
    /// Who has it and why; none while that is not known, and once it is destroyed.
    pub custody: Option<Custody>,
    /// Where it is, where that is stated.
    pub place: Option<Place>,
    /// Whether it stands, is stolen or destroyed.
    pub status: Status,
}

/// What keeps a work from being moved or sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ArtworkFlags)]
pub struct Flags {
    /// The work.
    pub work: LocalId,
    /// Whether there is any flag.
    pub flagged: bool,
    /// The theft that was reported.
    pub stolen: Option<Theft>,
    /// The disputes that are open.
    pub disputed: Vec<Dispute>,
    /// The freezes of authorities that are in force.
    pub frozen: Vec<FreezeMark>,
}

/// Where a link of a provenance comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ProvenanceSource)]
pub enum Source {
    /// Somebody's claim about the time before the register.
    Claim,
    /// The register's own event, with its transition.
    Register,
}

/// One link of a provenance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProvenanceLink {
    /// Where it comes from.
    pub source: Source,
    /// How it follows the link before, judged by what still stands: after a claim that was withdrawn,
    /// between the last claim and the registration, and between theft and recovery is a gap.
    pub follows: Follows,
    /// The claim, disputed and withdrawn ones included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
    /// The event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<Event>,
}

/// The provenance of a work: what is claimed of the time before the register, then what the register
/// has seen, in one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Provenance {
    /// The work.
    pub work: LocalId,
    /// The links in order.
    pub links: Vec<ProvenanceLink>,
    /// How many of them follow a gap.
    pub gaps: u32,
    /// How many older events of the register are left out.
    pub events_left_out: u32,
}

/// What experts say of a work, in the order in which they said it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ArtworkOpinions)]
pub struct Opinions {
    /// The work.
    pub work: LocalId,
    /// All of them, those that were withdrawn included.
    pub opinions: Vec<Opinion>,
}

/// The licences of a work's conception that are in force at the time that is asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ArtworkLicencesInForce)]
pub struct LicencesInForce {
    /// The work.
    pub work: LocalId,
    /// Its conception.
    pub fingerprint: Hash,
    /// As of when.
    pub as_of: Time,
    /// Who holds the rights, where that is known.
    pub rights_holder: Option<PartyId>,
    /// The licences.
    pub licences: Vec<Licence>,
}

impl AskedOfState for Keeping {
    const NAME: &'static str = "keeping";
    const TITLE: &'static str = "Who owns it, who has it and where it is.";

    fn answer(draft: &Draft<'_>, id: &str) -> Option<Self> {
        let Work { work, owner, custody, place, status, .. } = draft.get(id)?;
        Some(Self { work, as_of: draft.time(), owner, custody, place, status })
    }
}

impl AskedOfState for Flags {
    const NAME: &'static str = "flags";
    const TITLE: &'static str = "What keeps it from being moved or sold.";

    fn answer(draft: &Draft<'_>, id: &str) -> Option<Self> {
        let work: Work = draft.get(id)?;
        let key = state_key(RegisterName::Artworks.as_str(), Work::KIND, id);
        let index: Option<FreezeIndex> = draft.get(&key.to_string());
        let mut frozen = index.map(|index| index.freezes).unwrap_or_default();
        frozen.retain(|freeze| draft.time() < freeze.until);
        Some(Self {
            work: work.work,
            flagged: work.theft.is_some() || !work.disputes.is_empty() || !frozen.is_empty(),
            stolen: work.theft,
            disputed: work.disputes,
            frozen,
        })
    }
}

impl AskedOfState for Provenance {
    const NAME: &'static str = "provenance";
    const TITLE: &'static str = "The chain with its gaps: claims, then the register's own events.";

    fn answer(draft: &Draft<'_>, id: &str) -> Option<Self> {
        let work: Work = draft.get(id)?;
        let (claims, events) = (claims_of(draft, &work), events_of(draft, &work));
        let shown = events.len() as u32;
        Some(Self::of(work.work, claims, events, work.events.saturating_sub(shown)))
    }
}

impl Provenance {
    /// The chain of these claims and events, each in their order.
    pub fn of(work: LocalId, claims: Vec<Claim>, events: Vec<Event>, events_left_out: u32) -> Self {
        let mut links: Vec<ProvenanceLink> = Vec::new();
        let mut withdrawn_before = false;
        for claim in claims {
            let follows = match claim.claim.follows {
                Follows::Direct if withdrawn_before => Follows::Gap,
                follows => follows,
            };
            withdrawn_before = claim.withdrawn.is_some();
            let claim = Some(claim);
            links.push(ProvenanceLink { source: Source::Claim, follows, claim, event: None });
        }
        let mut next = if links.is_empty() { Follows::Start } else { Follows::Gap };
        for event in events.into_iter().filter(|event| is_a_link(event.kind)) {
            let follows = next;
            next = match event.kind {
                EventKind::Stolen => Follows::Gap,
                _ => Follows::Direct,
            };
            let event = Some(event);
            links.push(ProvenanceLink { source: Source::Register, follows, claim: None, event });
        }
        let gaps = links.iter().filter(|link| link.follows == Follows::Gap).count() as u32;
        Self { work, links, gaps, events_left_out }
    }
}

/// Whether such an event says something of whose a work was, who had it, or where it was.
fn is_a_link(kind: EventKind) -> bool {
    !matches!(
        kind,
        EventKind::Amended
            | EventKind::ConditionReported
            | EventKind::Disputed
            | EventKind::Settled
    )
}

impl AskedOfState for Opinions {
    const NAME: &'static str = "opinions";
    const TITLE: &'static str = "What experts say of it.";

    fn answer(draft: &Draft<'_>, id: &str) -> Option<Self> {
        let work: Work = draft.get(id)?;
        let numbers = 1..=work.opinions;
        let opinions = numbers.filter_map(|number| draft.get(&entry_id(&work.work, number)));
        Some(Self { opinions: opinions.collect(), work: work.work })
    }
}

impl AskedOfState for LicencesInForce {
    const NAME: &'static str = "licences";
    const TITLE: &'static str = "The licences in force.";

    fn answer(draft: &Draft<'_>, id: &str) -> Option<Self> {
        let work: Work = draft.get(id)?;
        let edition: Edition = draft.get(&work.fingerprint.to_string())?;
        let as_of = draft.time();
        let licences = edition.licences.iter();
        let licences = licences.filter_map(|mark| draft.get::<Licence>(mark.licence.as_str()));
        Some(Self {
            licences: licences.filter(|licence| licence.is_in_force_at(as_of)).collect(),
            work: work.work,
            fingerprint: work.fingerprint,
            as_of,
            rights_holder: edition.rights_holder,
        })
    }
}

/// The claims about a work in order.
pub(super) fn claims_of(draft: &Draft<'_>, work: &Work) -> Vec<Claim> {
    (1..=work.claims).filter_map(|number| draft.get(&entry_id(&work.work, number))).collect()
}

/// The newest events of a work in order.
pub(super) fn events_of(draft: &Draft<'_>, work: &Work) -> Vec<Event> {
    let first = work.events.saturating_sub(MAX_EVENTS_SHOWN) + 1;
    (first..=work.events).filter_map(|number| draft.get(&entry_id(&work.work, number))).collect()
}
