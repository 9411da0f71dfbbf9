//! Where a security came from, and what came of it.

use std::collections::BTreeSet;

use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;
use serde::Serialize;
use utoipa::ToSchema;

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
    /// The class of its shares.
    pub class: LocalId,
    /// Who holds or held it.
    pub holder: PartyId,
    /// How many shares.
    pub quantity: Quantity,
    /// How it began.
    pub origin: Origin,
    /// How it ended.
    pub ended: Option<Ending>,
}

impl AskedOfState for Lineage {
    const NAME: &'static str = "lineage";
    const TITLE: &'static str = "What the security came from, and what came of it.";

    fn answer(draft: &Draft<'_>, id: &str) -> Option<Self> {
        let security: Security = draft.get(id)?;
        let before = |security: &Security| security.origin.from.clone();
        let after = |security: &Security| {
            let ended = security.ended.iter();
            ended.flat_map(|ending| ending.into.iter().chain(&ending.balance)).cloned().collect()
        };
        let (ancestors, all_before) = walk(draft, &security, before);
        let (descendants, all_after) = walk(draft, &security, after);
        let is_complete = all_before && all_after;
        Some(Self { security: security.into(), ancestors, descendants, is_complete })
    }
}

/// Follows securities step by step, each once, and says whether none was left out.
fn walk(
    draft: &Draft<'_>,
    from: &Security,
    next: impl Fn(&Security) -> Vec<LocalId>,
) -> (Vec<LineageEntry>, bool) {
    let mut seen = BTreeSet::from([from.security.clone()]);
    let mut ahead = next(from);
    let mut found = Vec::new();
    let mut place = 0;
    while let Some(id) = ahead.get(place).cloned() {
        place += 1;
        if !seen.insert(id.clone()) {
            continue;
        }
        if found.len() == MAX_LINEAGE {
            return (found, false);
        }
        if let Some(security) = draft.get::<Security>(&scoped(&from.issuer, &id)) {
            ahead.extend(next(&security));
            found.push(security.into());
        }
    }
    (found, true)
}

impl From<Security> for LineageEntry {
    fn from(security: Security) -> Self {
        let Security { security, class, holder, quantity, origin, ended, .. } = security;
        Self { security, class, holder, quantity, origin, ended }
    }
}
