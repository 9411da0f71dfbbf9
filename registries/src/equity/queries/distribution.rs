//! Who gets how much of a dividend: the holders at its record time, to the last cent.

use std::collections::BTreeMap;

use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::class::StockClass;
use super::super::dividend::Dividend;
use super::super::issuer::scoped;
use super::super::numbers::{Decimal, MAX_DECIMALS, Money};
use super::holdings::securities_of;
use crate::shape::AskedOfState;
use crate::text::LocalId;

/// How a dividend is divided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EquityDistribution)]
pub struct Distribution {
    /// Whose.
    pub issuer: PartyId,
    /// The dividend.
    pub dividend: LocalId,
    /// On which shares.
    pub class: LocalId,
    /// The whole sum.
    pub total: Money,
    /// Who held shares at the end of this moment has a part in it.
    pub record_time: Time,
    /// Whether it is divided.
    pub outcome: Outcome,
    /// How many shares there were.
    pub shares: Decimal,
    /// Who gets how much, in the order of the ID codes; together exactly the whole sum.
    pub payments: Vec<Payment>,
}

/// Whether a dividend is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = EquityDistributionOutcome)]
pub enum Outcome {
    /// The record time has not passed, or a split that took effect by then is under way.
    Pending,
    /// Nobody held a share.
    Nobody,
    /// It is.
    Divided,
}

/// A holder's part of a dividend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EquityPayment)]
pub struct Payment {
    /// Who.
    pub holder: PartyId,
    /// How many shares they held.
    pub quantity: Decimal,
    /// How much they get, in the currency of the whole sum.
    pub amount: Decimal,
}

impl AskedOfState for Distribution {
    const NAME: &'static str = "distribution";
    const TITLE: &'static str = "Who gets how much of the dividend.";

    fn answer(draft: &Draft<'_>, id: &str) -> Option<Self> {
        let dividend: Dividend = draft.get(id)?;
        let class: StockClass = draft.get(&scoped(&dividend.issuer, &dividend.class))?;
        let decided = is_decided(draft, &class, dividend.record_time);
        let held =
            if decided { held_at(draft, &class, dividend.record_time) } else { BTreeMap::new() };
        let outcome = match (decided, held.is_empty()) {
            (false, _) => Outcome::Pending,
            (true, true) => Outcome::Nobody,
            (true, false) => Outcome::Divided,
        };
        let Dividend { issuer, dividend, class, total, record_time, .. } = dividend;
        let shares = held.values().try_fold(Decimal::ZERO, |sum, held| sum.plus(*held))?;
        let payments = divide(total, held)?;
        Some(Self { issuer, dividend, class, total, record_time, outcome, shares, payments })
    }
}

/// Whether who held shares at a moment can no longer change: block times only grow, and a split that
/// took effect by then is over.
fn is_decided(draft: &Draft<'_>, class: &StockClass, record_time: Time) -> bool {
    record_time < draft.time() && class.open_split().is_none_or(|split| record_time < split.at)
}

fn held_at(draft: &Draft<'_>, class: &StockClass, time: Time) -> BTreeMap<PartyId, Decimal> {
    let mut held: BTreeMap<PartyId, Decimal> = BTreeMap::new();
    let securities = securities_of(draft, class);
    for security in securities.iter().filter(|security| security.is_held_at(time)) {
        let sum = held.entry(security.holder).or_default();
        // Parts of what the class had issued, which is within the bounds.
        *sum = sum.plus(security.quantity.get()).unwrap_or(*sum);
    }
    held
}

fn divide(total: Money, held: BTreeMap<PartyId, Decimal>) -> Option<Vec<Payment>> {
    let weights = held.values().map(|held| held.units(MAX_DECIMALS));
    let weights = weights.collect::<Option<Vec<u128>>>()?;
    let amounts = largest_remainder(total.minor_units()?, &weights);
    let payment = |((holder, quantity), units)| {
        Some(Payment { holder, quantity, amount: total.currency.of_minor_units(units)? })
    };
    held.into_iter().zip(amounts).map(payment).collect()
}

/// Divides whole units by weights, so that the parts sum to the total exactly: each gets its part
/// rounded down, and what is left goes one by one to the largest remainders, the earlier first
/// where two are equal (the method of Hamilton). The weights together stay below 2^126.
pub fn largest_remainder(total: u64, weights: &[u128]) -> Vec<u64> {
    let whole: u128 = weights.iter().sum();
    if whole == 0 {
        return vec![0; weights.len()];
    }
    let parts: Vec<(u64, u128)> =
        weights.iter().map(|weight| share_of(total, *weight, whole)).collect();
    let mut amounts: Vec<u64> = parts.iter().map(|(amount, _)| *amount).collect();
    let left = total - amounts.iter().sum::<u64>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|a, b| parts[*b].1.cmp(&parts[*a].1).then(a.cmp(b)));
    // Fewer units are left than there are remainders.
    for index in order.into_iter().take(left as usize) {
        amounts[index] += 1;
    }
    amounts
}

/// `total` times `weight` over `whole`, rounded down, and the remainder: by long multiplication, for
/// the product itself may be beyond 128 bits.
fn share_of(total: u64, weight: u128, whole: u128) -> (u64, u128) {
    let (mut amount, mut remainder) = (0_u64, 0_u128);
    for bit in (0..u64::BITS).rev() {
        amount *= 2;
        remainder *= 2;
        if total >> bit & 1 == 1 {
            remainder += weight;
        }
        while remainder >= whole {
            remainder -= whole;
            amount += 1;
        }
    }
    (amount, remainder)
}
