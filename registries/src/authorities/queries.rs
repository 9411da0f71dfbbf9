//! What other registers ask: is it accredited, is it frozen, does the order stand?

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Draft, state_key};
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;

use super::accreditation::{Accreditation, Institution, Role};
use super::orders::{FreezeIndex, Order, OrderKind};
use super::{FROZEN, NOT_ACCREDITED, ORDER_NOT_FOR_THIS, ORDER_NOT_IN_FORCE, ORDER_UNKNOWN};
use crate::identity::Purpose;
use crate::text::LocalId;
use crate::{RegisterName, signers};

/// The longest chain of accreditations granted under one another that is looked at.
pub const MAX_CHAIN: usize = 4;

/// The accreditations that a party has ever had.
pub fn institution(draft: &Draft<'_>, party: &PartyId) -> Institution {
    draft
        .get(&party.to_string())
        .unwrap_or_else(|| Institution { institution: *party, accreditations: Vec::new() })
}

/// Whether an accreditation is valid at a moment, and so is each that it was granted under.
pub fn is_in_force_at(draft: &Draft<'_>, accreditation: &Accreditation, time: Time) -> bool {
    chain_in_force(draft, accreditation, time).is_some()
}

/// The ids of those that an accreditation was granted under, where it and all of them are valid at a
/// moment.
fn chain_in_force(
    draft: &Draft<'_>,
    accreditation: &Accreditation,
    time: Time,
) -> Option<Vec<LocalId>> {
    let mut above = accreditation.under.clone();
    let mut chain = Vec::new();
    let mut valid = accreditation.is_valid_at(time);
    while let Some(id) = above {
        if chain.len() + 1 >= MAX_CHAIN {
            return None;
        }
        let grant = draft.get::<Accreditation>(id.as_str())?;
        valid = valid && grant.is_valid_at(time);
        above = grant.under;
        chain.push(id);
    }
    valid.then_some(chain)
}

/// Whether an accreditation entitles the transition: it is in force at a moment. Where it is, the
/// transition counts as done under it, and under those that it was granted under.
pub fn entitles(draft: &Draft<'_>, accreditation: &Accreditation, time: Time) -> bool {
    let Some(chain) = chain_in_force(draft, accreditation, time) else { return false };
    draft.acts_under::<Accreditation>(accreditation.accreditation.as_str(), true);
    chain.iter().for_each(|id| draft.acts_under::<Accreditation>(id.as_str(), false));
    true
}

/// The party's accreditation for a role in a register, in force at a moment.
pub fn accredited(
    draft: &Draft<'_>,
    party: &PartyId,
    role: Role,
    register: RegisterName,
    time: Time,
) -> Result<Accreditation, Rejection> {
    accredited_for_any(draft, party, &[role], register, time)
}

/// The party's accreditation for any of these roles in a register, in force at a moment.
pub fn accredited_for_any(
    draft: &Draft<'_>,
    party: &PartyId,
    roles: &[Role],
    register: RegisterName,
    time: Time,
) -> Result<Accreditation, Rejection> {
    let fits =
        |held: &Accreditation| roles.contains(&held.role) && held.registers.contains(&register);
    accredited_where(draft, party, time, fits).ok_or_else(|| {
        let roles: Vec<String> = roles.iter().map(Role::to_string).collect();
        let roles = roles.join(" or ");
        let detail = format!("{party} is not accredited as {roles} in {register} at {time}");
        NOT_ACCREDITED.because(detail)
    })
}

/// The first of a party's accreditations, in force at a moment, that a condition holds for. The
/// transition is done under it.
pub(crate) fn accredited_where(
    draft: &Draft<'_>,
    party: &PartyId,
    time: Time,
    fits: impl Fn(&Accreditation) -> bool,
) -> Option<Accreditation> {
    held(draft, party).find(|held| fits(held) && entitles(draft, held, time))
}

/// The party's accreditation for a role in a register, in force at a moment, read for what it says:
/// nothing is done under it.
pub fn accreditation_for(
    draft: &Draft<'_>,
    party: &PartyId,
    role: Role,
    register: RegisterName,
    time: Time,
) -> Option<Accreditation> {
    let fits = |held: &Accreditation| held.role == role && held.registers.contains(&register);
    held(draft, party).find(|held| fits(held) && is_in_force_at(draft, held, time))
}

/// Every accreditation that a party has ever had, the oldest first.
fn held(draft: &Draft<'_>, party: &PartyId) -> impl Iterator<Item = Accreditation> {
    let held = institution(draft, party).accreditations;
    held.into_iter().filter_map(|id| draft.get::<Accreditation>(id.as_str()))
}

/// Root has signed with its controllers, or an institution that is accredited now for one of the
/// roles in the register has signed for assertion. Gives the accreditation, and none for root.
pub fn authority_has_signed(
    draft: &Draft<'_>,
    by: &PartyId,
    roles: &[Role],
    register: RegisterName,
) -> Result<Option<Accreditation>, Rejection> {
    if *by == draft.context().genesis.root_party() {
        signers::controllers_signed(draft, by)?;
        return Ok(None);
    }
    let accreditation = accredited_for_any(draft, by, roles, register, draft.time())?;
    signers::signed_by(draft, by, Purpose::Assertion, register)?;
    Ok(Some(accreditation))
}

/// No freeze is in force on an object at the time of the block.
pub fn not_frozen(
    draft: &Draft<'_>,
    register: RegisterName,
    kind: &str,
    id: &str,
) -> Result<(), Rejection> {
    let key = state_key(register.as_str(), kind, id);
    let Some(index) = draft.get::<FreezeIndex>(&key.to_string()) else { return Ok(()) };
    match index.freezes.iter().find(|freeze| draft.time() < freeze.until) {
        None => Ok(()),
        Some(freeze) => {
            let order = &freeze.order;
            Err(FROZEN.because(format!("{register}/{kind}/{id} is frozen by the order {order}")))
        }
    }
}

/// The direction that an action on an object cites, in force at the time of the block. The transition
/// is done under it, and so under the accreditation that it was made under.
pub fn directed(
    draft: &Draft<'_>,
    order: &LocalId,
    register: RegisterName,
    kind: &str,
    id: &str,
) -> Result<Order, Rejection> {
    let order = known_order(draft, order)?;
    if order.kind != OrderKind::Direction
        || order.target.state_key() != state_key(register.as_str(), kind, id)
    {
        let detail =
            format!("the order {} is no direction about {register}/{kind}/{id}", order.order);
        return Err(ORDER_NOT_FOR_THIS.because(detail));
    }
    order_in_force(draft, &order)?;
    draft.acts_under::<Order>(order.order.as_str(), true);
    draft.acts_under::<Accreditation>(order.under.as_str(), false);
    Ok(order)
}

pub(super) fn known_order(draft: &Draft<'_>, id: &LocalId) -> Result<Order, Rejection> {
    draft.get(id.as_str()).ok_or_else(|| ORDER_UNKNOWN.because(format!("there is no order {id}")))
}

pub(super) fn order_in_force(draft: &Draft<'_>, order: &Order) -> Result<(), Rejection> {
    if order.is_in_force_at(draft.time()) {
        return Ok(());
    }
    Err(ORDER_NOT_IN_FORCE.because(format!("the order {} no longer stands", order.order)))
}
