//! The rules of the land register (REGISTRIES.md, "Land"), each a sentence.

mod parties;
mod pieces;

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Draft, Object, state_key};
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;

use super::codes;
use super::fraction::{Fraction, NotAFraction};
use super::interest::{Interest, MAX_INTERESTS, Nature, Rank};
use super::title::{CarriedOut, NotOwners, Owners, Share, State, Title};
use crate::RegisterName;
use crate::authorities::{Accreditation, FROZEN, FreezeIndex, Order, Role, directed, not_frozen};
use crate::codes::ID_TAKEN;
use crate::identity::{Status, known_party};
use crate::shape::Described;
use crate::text::LocalId;

pub(super) use parties::{
    all_owners_have_signed, has_signed, holders_have_signed, lenders_have_signed,
    parties_are_known, registrar_has_signed, surveyor_has_signed,
};
pub use pieces::MAX_POINTS_TOGETHER;
pub(super) use pieces::{
    Piece, known_unit, may_be_titled, never_titled, one_reference_system, outline_is_sound,
    pieces_fit, room_for_title, sheets_lie_apart, unit_is_not_frozen, unit_is_not_shared,
    unit_of_surveyor,
};

/// Ids are never reused.
pub(super) fn id_is_free<T: Described>(draft: &Draft<'_>, id: &LocalId) -> Result<(), Rejection> {
    if draft.exists::<T>(id.as_str()) {
        return Err(ID_TAKEN.because(format!("{}/{}/{id} exists", T::REGISTER, T::KIND)));
    }
    Ok(())
}

/// The title exists and was neither split nor merged. Gives it as it stands now.
pub(super) fn current_title(draft: &Draft<'_>, id: &LocalId) -> Result<Title, Rejection> {
    let title = draft
        .get::<Title>(id.as_str())
        .ok_or_else(|| codes::TITLE_UNKNOWN.because(format!("there is no title {id}")))?;
    match title.state {
        State::Current => Ok(title.at(draft.time())),
        State::Cancelled => {
            let children: Vec<&str> = title.children.iter().map(LocalId::as_str).collect();
            let detail = format!("{id} was replaced by {}", children.join(", "));
            Err(codes::TITLE_CANCELLED.because(detail))
        }
    }
}

/// Neither a caveat nor a freeze is on the title.
pub(super) fn nothing_blocks(draft: &Draft<'_>, title: &Title) -> Result<(), Rejection> {
    if let Some(caveat) = title.caveat() {
        let detail = format!("the caveat {} is on {}", caveat.interest, title.title);
        return Err(codes::CAVEATED.because(detail));
    }
    no_freeze_blocks(draft, title)
}

/// No freeze is on the title.
pub(super) fn no_freeze_blocks(draft: &Draft<'_>, title: &Title) -> Result<(), Rejection> {
    not_frozen(draft, RegisterName::Land, Title::KIND, title.title.as_str())
}

/// A court has directed this, and the direction was not carried out before. Caveats do not stand in
/// its way, nor freezes that were made before it: the court knew of them. A later freeze does.
pub(super) fn court_directs(
    draft: &Draft<'_>,
    order: &LocalId,
    title: &Title,
) -> Result<CarriedOut, Rejection> {
    let id = title.title.as_str();
    let direction = directed(draft, order, RegisterName::Land, Title::KIND, id)?;
    order_is_of_a_court(draft, &direction)?;
    no_later_freeze(draft, &direction, title)?;
    let now = CarriedOut {
        order: order.clone(),
        title: title.title.clone(),
        transition: draft.context().id,
        at: draft.time(),
    };
    match draft.get::<CarriedOut>(order.as_str()) {
        Some(before) if before.transition != now.transition => {
            let detail = format!("{order} was carried out by {}", before.transition);
            Err(codes::ORDER_CARRIED_OUT.because(detail))
        }
        _ => Ok(now),
    }
}

/// Regulators may direct too, but only a court decides over title.
fn order_is_of_a_court(draft: &Draft<'_>, order: &Order) -> Result<(), Rejection> {
    let under = draft.get::<Accreditation>(order.under.as_str());
    if under.is_some_and(|accreditation| accreditation.role == Role::Court) {
        return Ok(());
    }
    Err(codes::NOT_OF_A_COURT.because(format!("{} was made by {}", order.order, order.by)))
}

fn no_later_freeze(draft: &Draft<'_>, direction: &Order, title: &Title) -> Result<(), Rejection> {
    let key = state_key(RegisterName::Land.as_str(), Title::KIND, title.title.as_str());
    let Some(index) = draft.get::<FreezeIndex>(&key.to_string()) else { return Ok(()) };
    let is_later = |order: &Order| order.made > direction.made;
    let in_force = index.freezes.iter().filter(|freeze| draft.time() < freeze.until);
    let mut orders = in_force.filter_map(|freeze| draft.get::<Order>(freeze.order.as_str()));
    match orders.find(is_later) {
        None => Ok(()),
        Some(freeze) => {
            let (freeze, direction) = (freeze.order, &direction.order);
            Err(FROZEN.because(format!("{freeze} was made after the direction {direction}")))
        }
    }
}

/// The owners' shares are together exactly the whole.
pub(super) fn shares_sum_to_one(shares: Vec<Share>) -> Result<Owners, Rejection> {
    Owners::try_from(shares)
        .map_err(|error: NotOwners| codes::SHARES_NOT_WHOLE.because(error.to_string()))
}

/// As much is received as is given, and nobody stands twice. Gives the owners that come of it.
pub(super) fn after_giving(
    owners: &Owners,
    from: &[Share],
    to: &[Share],
) -> Result<Owners, Rejection> {
    shares_balance(from, to)?;
    let mut after: Vec<Share> = owners.to_vec();
    for given in from {
        let (place, own) = owned_by(&after, &given.party)?;
        match own.minus(given.share) {
            Ok(Some(left)) => after[place].share = left,
            Ok(None) => drop(after.remove(place)),
            Err(error) => {
                let code = match error {
                    NotAFraction::TooFine => &codes::SHARE_TOO_FINE,
                    _ => &codes::SHARE_TOO_LARGE,
                };
                let detail =
                    format!("{} owns {own} and gives {}: {error}", given.party, given.share);
                return Err(code.because(detail));
            }
        }
    }
    for received in to {
        match after.iter_mut().find(|owner| owner.party == received.party) {
            None => after.push(*received),
            Some(owner) => owner.share = sum([owner.share, received.share])?,
        }
    }
    shares_sum_to_one(after)
}

fn shares_balance(from: &[Share], to: &[Share]) -> Result<(), Rejection> {
    let parties: Vec<PartyId> = from.iter().chain(to).map(|share| share.party).collect();
    let twice = |index: usize| parties[..index].contains(&parties[index]);
    if let Some(index) = (0..parties.len()).find(|index| twice(*index)) {
        let detail = format!("{} stands twice", parties[index]);
        return Err(codes::SHARES_DO_NOT_BALANCE.because(detail));
    }
    let given = sum(from.iter().map(|share| share.share))?;
    let received = sum(to.iter().map(|share| share.share))?;
    if given == received {
        return Ok(());
    }
    let detail = format!("{given} is given and {received} received");
    Err(codes::SHARES_DO_NOT_BALANCE.because(detail))
}

fn sum(shares: impl IntoIterator<Item = Fraction>) -> Result<Fraction, Rejection> {
    Fraction::sum(shares).map_err(|error| match error {
        NotAFraction::TooFine => codes::SHARE_TOO_FINE.because(error.to_string()),
        _ => codes::SHARES_DO_NOT_BALANCE.because(error.to_string()),
    })
}

fn owned_by(owners: &[Share], party: &PartyId) -> Result<(usize, Fraction), Rejection> {
    let place = owners.iter().position(|owner| owner.party == *party);
    place
        .map(|place| (place, owners[place].share))
        .ok_or_else(|| codes::NOT_AN_OWNER.because(format!("{party} owns nothing of it")))
}

/// The share of an owner.
pub(super) fn is_owner(title: &Title, party: &PartyId) -> Result<Fraction, Rejection> {
    owned_by(&title.owners, party).map(|(_, share)| share)
}

/// The owner has died.
pub(super) fn is_deceased(draft: &Draft<'_>, party: &PartyId) -> Result<(), Rejection> {
    match known_party(draft, party)?.status {
        Status::Deceased => Ok(()),
        status => Err(codes::OWNER_NOT_DECEASED.because(format!("{party} is {status}"))),
    }
}

/// From an owner's death until the heirs are registered nobody deals with the title.
pub(super) fn no_owner_is_deceased(draft: &Draft<'_>, title: &Title) -> Result<(), Rejection> {
    for owner in title.owners.iter() {
        if known_party(draft, &owner.party)?.status == Status::Deceased {
            return Err(codes::OWNER_DECEASED.because(format!("{} has died", owner.party)));
        }
    }
    Ok(())
}

/// The interest's id is free on the title, there is room for one more, and no mortgage has its rank.
pub(super) fn interest_fits(
    interests: &[Interest],
    id: &LocalId,
    rank: Option<Rank>,
) -> Result<(), Rejection> {
    if interests.iter().any(|interest| interest.interest == *id) {
        return Err(codes::INTEREST_TAKEN.because(format!("there is an interest {id}")));
    }
    if let Some(rank) = rank
        && let Some(other) = interests.iter().find(|other| other.nature.rank() == Some(rank))
    {
        let detail = format!("the mortgage {} has the rank {rank}", other.interest);
        return Err(codes::RANK_TAKEN.because(detail));
    }
    if interests.len() >= MAX_INTERESTS {
        return Err(codes::TOO_MANY_INTERESTS.because(format!("it would be one more for {id}")));
    }
    Ok(())
}

/// The title has this interest. Gives its place in the list.
pub(super) fn known_interest(title: &Title, id: &LocalId) -> Result<usize, Rejection> {
    title.interests.iter().position(|interest| interest.interest == *id).ok_or_else(|| {
        codes::INTEREST_UNKNOWN.because(format!("{} has no interest {id}", title.title))
    })
}

/// Which interests an action ends.
pub(super) fn interest_is(
    interest: &Interest,
    fits: impl Fn(&Nature) -> bool,
) -> Result<(), Rejection> {
    if fits(&interest.nature) {
        return Ok(());
    }
    let detail = format!("{} is a {}", interest.interest, interest.nature.name());
    Err(codes::INTEREST_OTHER.because(detail))
}

/// The party is one of those whose interest it is.
pub(super) fn is_holder(interest: &Interest, party: &PartyId) -> Result<(), Rejection> {
    let (relation, holders) = interest.nature.holders();
    if holders.contains(party) {
        return Ok(());
    }
    let detail = format!("{party} is no {relation} of {}", interest.interest);
    Err(codes::NOT_THE_HOLDER.because(detail))
}

/// A rectification names the transition that it corrects.
pub(super) fn corrects_something(title: &Title, corrects: &Hash) -> Result<(), Rejection> {
    if title.trail.contains(corrects) {
        return Ok(());
    }
    let detail = format!("{corrects} is no transition of {} to be corrected", title.title);
    Err(codes::CORRECTS_NOTHING.because(detail))
}

/// Titles to be merged are owned and held alike.
pub(super) fn titles_are_alike(titles: &[Title]) -> Result<(), Rejection> {
    let Some((first, others)) = titles.split_first() else { return Ok(()) };
    for other in others {
        let pair = || format!("{} and {}", first.title, other.title);
        if !first.owners.are_the_same_as(&other.owners) {
            return Err(codes::OWNERS_DIFFER.because(pair()));
        }
        if first.tenure != other.tenure {
            return Err(codes::TENURES_DIFFER.because(pair()));
        }
    }
    Ok(())
}
