//! How much of a grant has vested, and when the rest does.

use std::collections::BTreeMap;

use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::class::StockClass;
use super::super::instrument::Instrument;
use super::super::issuer::scoped;
use super::super::numbers::{Decimal, MAX_DECIMALS, Ratio};
use super::super::security::{Ending, Event, Origin, Security};
use super::super::vesting::{
    Allocation, Step, Vesting, VestingBasis, VestingTerms, allotted, walk,
};
use crate::shape::AskedOfState;
use crate::text::{Date, LocalId};

/// How far an answer looks back whether a grant came of one that vests.
const MAX_LOOK_BACK: usize = 256;

/// How much of a grant has vested on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EquityVested)]
pub struct Vested {
    /// Whose.
    pub issuer: PartyId,
    /// The security or instrument.
    pub security: LocalId,
    /// The day: that of the block.
    pub date: Date,
    /// By what it vests.
    pub state: VestedState,
    /// Of how many shares.
    pub quantity: Decimal,
    /// How many have vested; none where the register cannot tell.
    pub vested: Option<Decimal>,
    /// How many have not; none where the register cannot tell.
    pub unvested: Option<Decimal>,
    /// How many of what is outstanding of an instrument have vested.
    pub exercisable: Option<Decimal>,
    /// What vests on which day, the past and what is to come if nothing is stated meanwhile. How much has
    /// vested on any day is the `vested` of the last entry up to it. Nothing vests after the grant has ended.
    pub schedule: Vec<VestedOn>,
    /// The starts and events of the terms of which one may come next.
    pub awaited: Vec<LocalId>,
}

/// By what a grant vests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = EquityVestedState)]
pub enum VestedState {
    /// By nothing: it has vested since it began.
    AtOnce,
    /// By terms of the issuer.
    ByTerms,
    /// On listed days.
    ByDates,
    /// By what is kept off the ledger.
    OffLedger,
    /// It came of a grant that vests, and nobody has set how it does.
    NotSet,
}

/// What vests on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EquityVestedOn)]
pub struct VestedOn {
    /// The day.
    pub date: Date,
    /// The condition of the terms; none for a listed day, and for what came ahead of the schedule.
    pub condition: Option<LocalId>,
    /// Whether it came ahead of the schedule.
    pub accelerated: bool,
    /// How many shares.
    pub quantity: Decimal,
    /// How many have vested by then, together.
    pub vested: Decimal,
}

impl AskedOfState for Vested {
    const NAME: &'static str = "vested";
    const TITLE: &'static str = "How many of its shares have vested, and when the rest do.";

    fn answer(draft: &Draft<'_>, id: &str) -> Option<Self> {
        Self::on(draft, id, Date::of(draft.time()))
    }
}

impl Vested {
    /// How much has vested on a day.
    pub fn on(draft: &Draft<'_>, id: &str, date: Date) -> Option<Self> {
        let grant = Grant::read(draft, id)?;
        let (vesting, terms) = (grant.vesting.as_ref(), grant.terms(draft));
        let state = match vesting.map(|vesting| &vesting.by) {
            Some(VestingBasis::Terms(_)) => VestedState::ByTerms,
            Some(VestingBasis::Dates(_)) => VestedState::ByDates,
            Some(VestingBasis::OffLedger) => VestedState::OffLedger,
            None if came_of_one_that_vests(draft, &grant) => VestedState::NotSet,
            None => VestedState::AtOnce,
        };
        let path = path_of(vesting, terms.as_ref());
        let schedule = grant.schedule(&path, terms.as_ref());
        let vested = match state {
            VestedState::AtOnce => Some(grant.quantity),
            VestedState::OffLedger | VestedState::NotSet => None,
            VestedState::ByTerms | VestedState::ByDates => {
                let past = schedule.iter().rev().find(|one| one.date <= date);
                Some(past.map(|one| one.vested).unwrap_or_default())
            }
        };
        let unvested = vested.and_then(|vested| grant.quantity.minus(vested));
        let exercisable = |unvested| grant.outstanding?.minus(unvested).or(Some(Decimal::ZERO));
        let exercisable = unvested.and_then(exercisable);
        let awaited =
            if grant.ended.is_none() { awaited(&path, terms.as_ref(), date) } else { vec![] };
        let Grant { issuer, security, quantity, .. } = grant;
        Some(Self {
            issuer,
            security,
            date,
            state,
            quantity,
            vested,
            unvested,
            exercisable,
            schedule,
            awaited,
        })
    }
}

/// Shares, or an instrument that is for some.
struct Grant {
    issuer: PartyId,
    security: LocalId,
    quantity: Decimal,
    /// What is outstanding of an instrument.
    outstanding: Option<Decimal>,
    origin: Origin,
    /// The day on which it ended.
    ended: Option<Date>,
    /// The decimals in which its class counts.
    decimals: u8,
    vesting: Option<Vesting>,
}

impl Grant {
    fn read(draft: &Draft<'_>, id: &str) -> Option<Self> {
        let decimals = |issuer: &PartyId, class: Option<&LocalId>| {
            let class: Option<StockClass> =
                class.and_then(|class| draft.get(&scoped(issuer, class)));
            class.map_or(0, |class| class.decimals.get())
        };
        let day = |ended: &Option<Ending>| {
            ended.as_ref().map(|ending| ending.date.unwrap_or(Date::of(ending.at)))
        };
        let vesting: Option<Vesting> = draft.get(id);
        if let Some(shares) = draft.get::<Security>(id) {
            return Some(Self {
                decimals: decimals(&shares.issuer, Some(&shares.class)),
                issuer: shares.issuer,
                quantity: shares.quantity.get(),
                outstanding: None,
                ended: day(&shares.ended),
                security: shares.security,
                origin: shares.origin,
                vesting,
            });
        }
        let instrument: Instrument = draft.get(id)?;
        // What is for money, or for no number of shares, has none that vest.
        instrument.amount.filter(|_| instrument.currency.is_none())?;
        let in_those_of_now = |vesting: &Vesting| {
            let (now, _) = vesting.quantity.get().times(vesting.scale, MAX_DECIMALS)?;
            Some(now)
        };
        Some(Self {
            decimals: decimals(&instrument.issuer, instrument.class.as_ref()),
            issuer: instrument.issuer,
            quantity: vesting.as_ref().and_then(in_those_of_now).unwrap_or(instrument.outstanding),
            outstanding: Some(instrument.outstanding),
            ended: day(&instrument.ended),
            security: instrument.security,
            origin: instrument.origin,
            vesting,
        })
    }

    fn terms(&self, draft: &Draft<'_>) -> Option<VestingTerms> {
        match &self.vesting.as_ref()?.by {
            VestingBasis::Terms(terms) => draft.get(&scoped(&self.issuer, terms)),
            VestingBasis::Dates(_) | VestingBasis::OffLedger => None,
        }
    }

    /// What vests on which day, up to the end of the grant.
    fn schedule(&self, path: &[Step<'_>], terms: Option<&VestingTerms>) -> Vec<VestedOn> {
        let Some(vesting) = &self.vesting else { return Vec::new() };
        // What was planned, then what came sooner: of one day the plan first.
        let mut all: Vec<(Date, Option<LocalId>, bool, Decimal)> = match &vesting.by {
            VestingBasis::OffLedger => return Vec::new(),
            VestingBasis::Dates(dates) => {
                let listed = dates.iter().map(|on| (on.date, None, on.quantity.get()));
                self.in_shares_of_now(vesting, listed.collect(), self.decimals)
            }
            VestingBasis::Terms(_) => self.planned(vesting, path, terms),
        };
        let sooner = vesting.accelerations.iter();
        all.extend(sooner.map(|one| (one.date, None, true, one.quantity.get())));
        all.sort_by_key(|(date, _, accelerated, _)| (*date, *accelerated));
        let mut sum = Decimal::ZERO;
        let mut schedule = Vec::new();
        for (date, condition, accelerated, quantity) in all {
            let left = self.quantity.minus(sum).unwrap_or_default();
            let quantity = quantity.min(left);
            if quantity.is_zero() || self.ended.is_some_and(|ended| ended < date) {
                continue;
            }
            sum = sum.plus(quantity).unwrap_or(sum);
            schedule.push(VestedOn { date, condition, accelerated, quantity, vested: sum });
        }
        schedule
    }

    /// What the terms allot to the days of a path.
    fn planned(
        &self,
        vesting: &Vesting,
        path: &[Step<'_>],
        terms: Option<&VestingTerms>,
    ) -> Vec<(Date, Option<LocalId>, bool, Decimal)> {
        let Some(terms) = terms else { return Vec::new() };
        let quantity = vesting.quantity.get();
        let decimals = match terms.allocation {
            Allocation::Fractional => MAX_DECIMALS,
            _ => self.decimals.max(quantity.decimals()),
        };
        // As fine as the quantity itself, so that it has a number of units.
        let whole = quantity.units(decimals).unwrap_or_default();
        let units_of = |shares: Decimal| {
            let (rounded, _) = shares.times(Ratio::ONE, decimals)?;
            rounded.units(decimals)
        };
        let allotted =
            allotted(path, whole, terms.conditions.denominator(), terms.allocation, |shares| {
                units_of(shares).unwrap_or_default()
            });
        let shares = |units| Decimal::of_units(units, decimals).unwrap_or_default();
        let days = allotted
            .into_iter()
            .map(|one| (one.date, Some(one.condition.clone()), shares(one.units)));
        self.in_shares_of_now(vesting, days.collect(), decimals)
    }

    /// What vests, in the shares that the splits since have made: all that has vested by a day is
    /// multiplied and rounded down, so that nothing is lost by the last of them.
    fn in_shares_of_now(
        &self,
        vesting: &Vesting,
        days: Vec<(Date, Option<LocalId>, Decimal)>,
        decimals: u8,
    ) -> Vec<(Date, Option<LocalId>, bool, Decimal)> {
        let decimals = decimals.max(self.quantity.decimals());
        let (mut before, mut now) = (Decimal::ZERO, Decimal::ZERO);
        let on = |(date, condition, quantity): (Date, Option<LocalId>, Decimal)| {
            before = before.plus(quantity)?;
            let by_now = match before == vesting.quantity.get() {
                true => self.quantity,
                false => before.times(vesting.scale, decimals)?.0,
            };
            let more = by_now.minus(now).unwrap_or_default();
            now = now.plus(more)?;
            Some((date, condition, false, more))
        };
        let mut days = days;
        days.sort_by_key(|(date, ..)| *date);
        days.into_iter().filter_map(on).collect()
    }
}

fn path_of<'a>(vesting: Option<&Vesting>, terms: Option<&'a VestingTerms>) -> Vec<Step<'a>> {
    let (Some(vesting), Some(terms)) = (vesting, terms) else { return Vec::new() };
    let stated: BTreeMap<&LocalId, Date> =
        vesting.met.iter().map(|met| (&met.condition, met.date)).collect();
    walk(&terms.conditions, &stated)
}

/// The starts and events of which one may come next on a day.
fn awaited(path: &[Step<'_>], terms: Option<&VestingTerms>, date: Date) -> Vec<LocalId> {
    let Some(terms) = terms else { return Vec::new() };
    let reached =
        path.iter().rev().find(|step| step.dates.first().is_some_and(|first| *first <= date));
    let on_the_path = |id: &LocalId| path.iter().any(|step| step.condition.condition == *id);
    let can_be_stated = |id: &&LocalId| {
        let condition = terms.conditions.get(id);
        condition.is_some_and(|it| it.trigger.is_stated()) && !on_the_path(id)
    };
    match reached {
        Some(step) => step.condition.next.iter().filter(can_be_stated).cloned().collect(),
        None => {
            let roots = terms.conditions.roots().map(|condition| &condition.condition);
            roots.filter(can_be_stated).cloned().collect()
        }
    }
}

/// Whether a grant is what was left or made of one for which it is set how it vests. Shares that an instrument
/// became have vested, unless it is set for themselves.
fn came_of_one_that_vests(draft: &Draft<'_>, grant: &Grant) -> bool {
    let comes_on = |origin: &Origin| {
        !matches!(
            origin.event,
            Event::Issuance | Event::Exercise | Event::Release | Event::Conversion
        )
    };
    let mut ahead: Vec<LocalId> =
        if comes_on(&grant.origin) { grant.origin.from.clone() } else { Vec::new() };
    let mut place = 0;
    while let Some(before) = ahead.get(place).cloned() {
        place += 1;
        let id = scoped(&grant.issuer, &before);
        // A line too long to follow is not said to have vested.
        if place > MAX_LOOK_BACK || draft.exists::<Vesting>(&id) {
            return true;
        }
        let shares = draft.get::<Security>(&id).map(|shares| shares.origin);
        let origin = shares.or_else(|| draft.get::<Instrument>(&id).map(|it| it.origin));
        ahead.extend(origin.filter(comes_on).into_iter().flat_map(|origin| origin.from));
    }
    false
}
