//! What may become shares beside those that are: instruments, and what is left in the pools of plans.

use std::collections::BTreeMap;

use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::class::{CHUNK, StockClass};
use super::super::filing::{Indexed, IssuerIndex};
use super::super::instrument::{Instrument, InstrumentKind};
use super::super::issuer::{Issuer, scoped};
use super::super::numbers::{Currency, Decimal, MAX_DECIMALS};
use super::super::plan::StockPlan;
use crate::text::{LocalId, Name};

/// A stock plan on a cap table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EquityPlanOnTable)]
pub struct PlanOnTable {
    /// The plan.
    pub plan: LocalId,
    /// What it is called.
    pub name: Name,
    /// The classes whose shares may be granted under it.
    pub classes: Vec<LocalId>,
    /// How many shares are reserved for it.
    pub reserved: Decimal,
    /// How many were granted.
    pub granted: Decimal,
    /// How many came back to the pool.
    pub returned: Decimal,
    /// How many can still be granted.
    pub available: Decimal,
}

/// Instruments of one kind, for one class, on a cap table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EquityInstrumentsOnTable)]
pub struct InstrumentsOnTable {
    /// What they are.
    pub kind: InstrumentKind,
    /// The class whose shares they may become, where that is settled.
    pub class: Option<LocalId>,
    /// The currency that they are for; none where they are for shares.
    pub currency: Option<Currency>,
    /// How much is outstanding: shares, or money where there is a currency.
    pub outstanding: Decimal,
    /// Who holds them, in the order of the ID codes.
    pub holders: Vec<InstrumentHolder>,
}

/// Who holds instruments of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EquityInstrumentHolder)]
pub struct InstrumentHolder {
    /// Who.
    pub holder: PartyId,
    /// How much is outstanding.
    pub outstanding: Decimal,
    /// Under which instruments, the oldest first.
    pub securities: Vec<LocalId>,
}

/// What one kind of instrument for one class in one currency is put together under.
type Group = (InstrumentKind, Option<LocalId>, Option<Currency>);

/// Every instrument that has not ended, in the order in which they began.
pub(super) fn live_instruments(draft: &Draft<'_>, issuer: &Issuer) -> Vec<Instrument> {
    let of = |part| IssuerIndex::id_of(&issuer.issuer, Indexed::Instruments, part);
    let parts = (0..issuer.instruments.div_ceil(CHUNK)).filter_map(|part| draft.get(&of(part)));
    parts
        .flat_map(|index: IssuerIndex| index.ids)
        .filter_map(|security| draft.get(&scoped(&issuer.issuer, &security)))
        .filter(|instrument: &Instrument| instrument.ended.is_none())
        .map(|instrument| in_shares_of_now(draft, instrument))
        .collect()
}

/// An instrument with the splits of its class that were not applied to it yet.
fn in_shares_of_now(draft: &Draft<'_>, mut instrument: Instrument) -> Instrument {
    let class = instrument.class.as_ref();
    let class = class.and_then(|class| draft.get(&scoped(&instrument.issuer, class)));
    let Some(class): Option<StockClass> = class else { return instrument };
    for split in instrument.splits_pending(&class).to_vec() {
        let after = instrument.outstanding.times(split.ratio, MAX_DECIMALS);
        instrument.outstanding = after.map_or(Decimal::MOST, |(after, _)| after);
    }
    instrument
}

/// The same, put together.
pub(super) fn on_table(live: &[Instrument]) -> Vec<InstrumentsOnTable> {
    let mut groups: BTreeMap<Group, BTreeMap<PartyId, InstrumentHolder>> = BTreeMap::new();
    for instrument in live {
        let group = (instrument.kind, instrument.class.clone(), instrument.currency);
        let holders = groups.entry(group).or_default();
        let holder = holders.entry(instrument.holder).or_insert_with(|| InstrumentHolder {
            holder: instrument.holder,
            outstanding: Decimal::ZERO,
            securities: Vec::new(),
        });
        holder.outstanding = capped(holder.outstanding, instrument.outstanding);
        holder.securities.push(instrument.security.clone());
    }
    let put_together = |((kind, class, currency), holders): (Group, BTreeMap<_, _>)| {
        let holders: Vec<InstrumentHolder> = holders.into_values().collect();
        let outstanding = holders.iter().map(|holder| holder.outstanding);
        let outstanding = outstanding.fold(Decimal::ZERO, capped);
        InstrumentsOnTable { kind, class, currency, outstanding, holders }
    };
    groups.into_iter().map(put_together).collect()
}

/// The plans of an issuer, the oldest first.
pub(super) fn plans_of(draft: &Draft<'_>, issuer: &Issuer) -> Vec<PlanOnTable> {
    let plan = |plan: &LocalId| {
        let plan: StockPlan = draft.get(&scoped(&issuer.issuer, plan))?;
        let available = plan.available().unwrap_or_default();
        let StockPlan { plan, name, classes, reserved, granted, returned, .. } = plan;
        Some(PlanOnTable { plan, name, classes, reserved, granted, returned, available })
    };
    issuer.plans.iter().filter_map(plan).collect()
}

/// How many shares instruments may become, of one class or of all.
pub(super) fn rights_to(live: &[Instrument], class: Option<&LocalId>) -> Decimal {
    let counts = |instrument: &&Instrument| {
        instrument.kind.counts_as_shares()
            && (class.is_none() || instrument.class.as_ref() == class)
    };
    live.iter().filter(counts).map(|instrument| instrument.outstanding).fold(Decimal::ZERO, capped)
}

/// How many instruments do not say yet how many shares they become.
pub(super) fn undetermined(live: &[Instrument]) -> u64 {
    let open =
        |instrument: &&Instrument| instrument.currency.is_some() || instrument.amount.is_none();
    live.iter().filter(open).count() as u64
}

/// A sum, which stops at the most that a number can be: no rule bounds these sums.
pub(super) fn capped(sum: Decimal, more: Decimal) -> Decimal {
    sum.plus(more).unwrap_or(Decimal::MOST)
}
