//! Who holds how many shares: of a class, and of all classes of an issuer.

use std::collections::BTreeMap;

use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::class::{CHUNK, ClassType, SecurityIndex, StockClass};
use super::super::issuer::{Authorised, Issuer, scoped};
use super::super::numbers::Decimal;
use super::super::security::Security;
use super::diluted::{
    InstrumentsOnTable, PlanOnTable, capped, live_instruments, on_table as instruments_on_table,
    plans_of, rights_to, undetermined,
};
use crate::shape::AskedOfState;
use crate::text::{LocalId, Name};

/// Everyone who holds shares of an issuer, class by class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EquityCapTable)]
pub struct CapTable {
    /// Whose.
    pub issuer: PartyId,
    /// Its legal name.
    pub name: Name,
    /// How many shares of all classes together may be issued.
    pub authorised: Authorised,
    /// How many are.
    pub issued: Decimal,
    /// How many there would be if every option, warrant and share unit became all the shares it is for
    /// and every pool were granted: what is issued, what instruments may become, what pools have left.
    /// A convertible is not in it, for its shares are not known before it converts.
    pub fully_diluted: Decimal,
    /// How many instruments are not in it: convertibles, and warrants that do not say for how many shares.
    pub undetermined: u64,
    /// Its classes, the oldest first.
    pub classes: Vec<ClassOnTable>,
    /// What may become shares, by kind and class.
    pub instruments: Vec<InstrumentsOnTable>,
    /// Its stock plans, the oldest first.
    pub plans: Vec<PlanOnTable>,
}

/// A class on a cap table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EquityClassOnTable)]
pub struct ClassOnTable {
    /// The class.
    pub class: LocalId,
    /// What it is called.
    pub name: Name,
    /// Common or preferred.
    pub class_type: ClassType,
    /// How many shares may be issued.
    pub authorised: Authorised,
    /// How many are.
    pub issued: Decimal,
    /// How many there would be with all that instruments for this class may become, and with the pools of
    /// plans that are for this class alone.
    pub fully_diluted: Decimal,
    /// Whether a split is under way, so that some securities are reissued by it and some are not.
    pub split_under_way: bool,
    /// Who holds them, the largest holding first.
    pub holders: Vec<Holder>,
}

/// Who holds shares of a class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EquityHolder)]
pub struct Holder {
    /// Who.
    pub holder: PartyId,
    /// How many shares.
    pub quantity: Decimal,
    /// How many of these are pledged.
    pub pledged: Decimal,
    /// Under which securities, the oldest first.
    pub securities: Vec<LocalId>,
}

/// Everyone who holds shares of a class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EquityClassHolders)]
pub struct ClassHolders {
    /// Whose.
    pub issuer: PartyId,
    /// The class.
    pub class: LocalId,
    /// How many shares are issued.
    pub issued: Decimal,
    /// Who holds them, the largest holding first.
    pub holders: Vec<Holder>,
}

impl AskedOfState for CapTable {
    const NAME: &'static str = "cap-table";
    const TITLE: &'static str = "Who holds how many shares of each class.";

    fn answer(draft: &Draft<'_>, id: &str) -> Option<Self> {
        let issuer: Issuer = draft.get(id)?;
        let (live, plans) = (live_instruments(draft, &issuer), plans_of(draft, &issuer));
        let on_table = |class: &LocalId| {
            let class: StockClass = draft.get(&scoped(&issuer.issuer, class))?;
            let alone =
                plans.iter().filter(|plan| plan.classes.as_slice() == [class.class.clone()]);
            let pools = alone.map(|plan| plan.available);
            let rights = rights_to(&live, Some(&class.class));
            Some(ClassOnTable {
                fully_diluted: pools.fold(capped(class.issued, rights), capped),
                split_under_way: class.open_split().is_some(),
                holders: holders_now(draft, &class),
                class: class.class,
                name: class.name,
                class_type: class.class_type,
                authorised: class.authorised,
                issued: class.issued,
            })
        };
        let classes = issuer.classes.iter().filter_map(on_table).collect();
        let pools = plans.iter().map(|plan| plan.available);
        let fully_diluted = pools.fold(capped(issuer.issued, rights_to(&live, None)), capped);
        let (instruments, undetermined) = (instruments_on_table(&live), undetermined(&live));
        let Issuer { issuer, name, authorised, issued, .. } = issuer;
        Some(Self {
            issuer,
            name,
            authorised,
            issued,
            fully_diluted,
            undetermined,
            classes,
            instruments,
            plans,
        })
    }
}

impl AskedOfState for ClassHolders {
    const NAME: &'static str = "holders";
    const TITLE: &'static str = "Who holds how many shares of the class.";

    fn answer(draft: &Draft<'_>, id: &str) -> Option<Self> {
        let class: StockClass = draft.get(id)?;
        let holders = holders_now(draft, &class);
        let StockClass { issuer, class, issued, .. } = class;
        Some(Self { issuer, class, issued, holders })
    }
}

/// Every security that a class ever had, in the order in which they began.
pub(super) fn securities_of(draft: &Draft<'_>, class: &StockClass) -> Vec<Security> {
    let part = |part| draft.get(&SecurityIndex::id_of(&class.issuer, &class.class, part));
    let parts = (0..class.ever.div_ceil(CHUNK)).filter_map(part);
    parts
        .flat_map(|index: SecurityIndex| index.securities)
        .filter_map(|security| draft.get(&scoped(&class.issuer, &security)))
        .collect()
}

fn holders_now(draft: &Draft<'_>, class: &StockClass) -> Vec<Holder> {
    let live = securities_of(draft, class).into_iter().filter(|one| one.ended.is_none());
    let mut holders: BTreeMap<PartyId, Holder> = BTreeMap::new();
    for security in live {
        let holder = holders.entry(security.holder).or_insert_with(|| Holder {
            holder: security.holder,
            quantity: Decimal::ZERO,
            pledged: Decimal::ZERO,
            securities: Vec::new(),
        });
        // Parts of what the class has issued, which is within the bounds.
        let with = |sum: Decimal| sum.plus(security.quantity.get()).unwrap_or(sum);
        holder.quantity = with(holder.quantity);
        if security.pledge.is_some() {
            holder.pledged = with(holder.pledged);
        }
        holder.securities.push(security.security);
    }
    let mut holders: Vec<Holder> = holders.into_values().collect();
    holders.sort_by(|a, b| b.quantity.cmp(&a.quantity).then(a.holder.cmp(&b.holder)));
    holders
}
