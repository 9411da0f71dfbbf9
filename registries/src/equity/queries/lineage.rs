//! Where shares or an instrument came from, and what came of them.

use std::collections::BTreeSet;

use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::instrument::{Instrument, InstrumentKind};
use super::super::issuer::scoped;
use super::super::numbers::Quantity;
use super::super::security::{Ending, Origin, Security};
use crate::shape::AskedOfState;
use crate::text::LocalId;

/// The most securities that an answer follows in either direction.
pub const MAX_LINEAGE: usize = 1000;

/// The securities that one came from, and those that came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EquityLineage)]
pub struct Lineage {
    /// The security itself.
    pub security: LineageEntry,
    /// What it came from, the nearest first.
    pub ancestors: Vec<LineageEntry>,
    /// What came of it, the nearest first.
    pub descendants: Vec<LineageEntry>,
    /// Whether these are all; an answer has at most 1,000 of either.
    pub is_complete: bool,
}

/// A security in a lineage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EquityLineageEntry)]
pub struct LineageEntry {
    /// The security.
    pub security: LocalId,
    /// What it is, where it is not shares.
    pub kind: Option<InstrumentKind>,
    /// The class of its shares, or of those that it may become.
    pub class: Option<LocalId>,
    /// Who holds or held it.
    pub holder: PartyId,
    /// How many shares; money of a convertible; none where an instrument does not say.
    pub quantity: Option<Quantity>,
    /// How it began.
    pub origin: Origin,
    /// How it ended.
    pub ended: Option<Ending>,
}

impl AskedOfState for Lineage {
    const NAME: &'static str = "lineage";
    const TITLE: &'static str = "What the security came from, and what came of it.";

    fn answer(draft: &Draft<'_>, id: &str) -> Option<Self> {
        let (issuer, local) = id.split_once('.')?;
        let (issuer, security) = (issuer.parse().ok()?, local.parse().ok()?);
        let security = entry(draft, &issuer, &security)?;
        let before = |entry: &Found| entry.before.clone();
        let after = |entry: &Found| entry.after.clone();
        let (ancestors, all_before) = walk(draft, &issuer, &security, before);
        let (descendants, all_after) = walk(draft, &issuer, &security, after);
        let is_complete = all_before && all_after;
        Some(Self { security: security.entry, ancestors, descendants, is_complete })
    }
}

/// A security or instrument, and what stands next to it on either side.
struct Found {
    entry: LineageEntry,
    before: Vec<LocalId>,
    after: Vec<LocalId>,
}

fn entry(draft: &Draft<'_>, issuer: &PartyId, security: &LocalId) -> Option<Found> {
    let id = scoped(issuer, security);
    match draft.get::<Security>(&id) {
        Some(security) => Some(security.into()),
        None => draft.get::<Instrument>(&id).map(Found::from),
    }
}

fn came_of(ended: Option<&Ending>) -> impl Iterator<Item = LocalId> {
    ended.into_iter().flat_map(|ending| ending.into.iter().chain(&ending.balance)).cloned()
}

/// Follows securities step by step, each once, and says whether none was left out.
fn walk(
    draft: &Draft<'_>,
    issuer: &PartyId,
    from: &Found,
    next: impl Fn(&Found) -> Vec<LocalId>,
) -> (Vec<LineageEntry>, bool) {
    let mut seen = BTreeSet::from([from.entry.security.clone()]);
    let mut ahead = next(from);
    let mut entries = Vec::new();
    let mut place = 0;
    while let Some(id) = ahead.get(place).cloned() {
        place += 1;
        if !seen.insert(id.clone()) {
            continue;
        }
        if entries.len() == MAX_LINEAGE {
            return (entries, false);
        }
        if let Some(found) = entry(draft, issuer, &id) {
            ahead.extend(next(&found));
            entries.push(found.entry);
        }
    }
    (entries, true)
}

impl From<Security> for Found {
    fn from(security: Security) -> Self {
        let (before, after) = (security.origin.from.clone(), came_of(security.ended.as_ref()));
        let after = after.collect();
        let Security { security, class, holder, quantity, origin, ended, .. } = security;
        let (class, quantity) = (Some(class), Some(quantity));
        let entry = LineageEntry { security, kind: None, class, holder, quantity, origin, ended };
        Self { entry, before, after }
    }
}

impl From<Instrument> for Found {
    fn from(instrument: Instrument) -> Self {
        let before = instrument.origin.from.clone();
        let exercised = instrument.exercises.iter().flat_map(|made| made.into.iter().cloned());
        let after = exercised.chain(came_of(instrument.ended.as_ref())).collect();
        let Instrument { security, kind, class, holder, amount, origin, ended, .. } = instrument;
        let (kind, quantity) = (Some(kind), amount);
        let entry = LineageEntry { security, kind, class, holder, quantity, origin, ended };
        Self { entry, before, after }
    }
}
