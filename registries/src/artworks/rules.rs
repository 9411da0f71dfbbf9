//! The rules of the artworks register (REGISTRIES, Artworks), each a sentence.

mod claims;
mod rights;

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Draft, Object};
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;

pub(super) use claims::{
    chain_goes_on, claim_is_complete, claim_stands, ends_after_start, known_claim, known_opinion,
    may_dispute_claim, not_disputed_by, number_is_next, taking_is_no_acquisition, was_stated_by,
};
pub(super) use rights::{
    edition_of, ends_licence, holder_passes_rights, holds_rights, known_licence, licence_runs,
    no_exclusive_overlap, room_for_licence,
};

use super::codes;
use super::edition::{Edition, EditionNumber, Impression};
use super::work::{Custody, MAX_DISPUTES, Status, Work};
use crate::RegisterName;
use crate::authorities::{Accreditation, Role, accredited, accredited_for_any, not_frozen};
use crate::codes::ID_TAKEN;
use crate::identity::{self, Purpose};
use crate::shape::Described;
use crate::signers;
use crate::text::{Date, LocalId};

/// Who may look into a dispute.
const MAY_JUDGE: &[Role] = &[Role::ArtExpert, Role::Court, Role::Regulator];

/// Whoever owns, holds rights or states something signs with a controller or an assertion key.
pub(super) fn has_signed(draft: &Draft<'_>, party: &PartyId) -> Result<(), Rejection> {
    signers::signed_by(draft, party, Purpose::Assertion, RegisterName::Artworks)
}

/// Whoever has a work, or is to have it, signs with a controller or a custody key.
pub(super) fn has_signed_for_custody(draft: &Draft<'_>, party: &PartyId) -> Result<(), Rejection> {
    signers::signed_by(draft, party, Purpose::Custody, RegisterName::Artworks)
}

/// Ids are never reused.
pub(super) fn id_is_free<T: Described>(draft: &Draft<'_>, id: &LocalId) -> Result<(), Rejection> {
    if draft.exists::<T>(id.as_str()) {
        return Err(ID_TAKEN.because(format!("{}/{}/{id} exists", T::REGISTER, T::KIND)));
    }
    Ok(())
}

/// The work exists in the register.
pub(super) fn known_work(draft: &Draft<'_>, id: &LocalId) -> Result<Work, Rejection> {
    draft
        .get(id.as_str())
        .ok_or_else(|| codes::WORK_UNKNOWN.because(format!("there is no work {id}")))
}

/// Experts attribute, authenticate, examine and assess under a valid accreditation.
pub(super) fn expert_has_signed(
    draft: &Draft<'_>,
    expert: &PartyId,
) -> Result<Accreditation, Rejection> {
    let time = draft.time();
    let held = accredited(draft, expert, Role::ArtExpert, RegisterName::Artworks, time)?;
    has_signed(draft, expert)?;
    Ok(held)
}

/// An expert, a court or a regulator has looked at what is disputed.
pub(super) fn judge_has_signed(draft: &Draft<'_>, by: &PartyId) -> Result<(), Rejection> {
    accredited_for_any(draft, by, MAY_JUDGE, RegisterName::Artworks, draft.time())?;
    has_signed(draft, by)
}

/// Nobody is their own expert.
pub(super) fn expert_is_none_of(expert: &PartyId, parties: &[PartyId]) -> Result<(), Rejection> {
    if parties.contains(expert) {
        let detail = format!("{expert} is to vouch for what concerns itself");
        return Err(codes::EXPERT_NOT_INDEPENDENT.because(detail));
    }
    Ok(())
}

/// Title changes by the will of the owner.
pub(super) fn is_owner(work: &Work, party: &PartyId) -> Result<(), Rejection> {
    if work.owner == *party {
        return Ok(());
    }
    let detail = format!("{} belongs to {}, not {party}", work.work, work.owner);
    Err(codes::NOT_OWNER.because(detail))
}

/// At most one party has a work, and it alone gives it away. Gives its custody.
pub(super) fn is_custodian<'a>(work: &'a Work, party: &PartyId) -> Result<&'a Custody, Rejection> {
    match &work.custody {
        Some(custody) if custody.custodian == *party => Ok(custody),
        Some(custody) => {
            let detail = format!("{} is with {}, not {party}", work.work, custody.custodian);
            Err(codes::NOT_CUSTODIAN.because(detail))
        }
        None => Err(codes::NOT_CUSTODIAN.because(format!("nobody is known to have {}", work.work))),
    }
}

/// A theft is reported by whoever misses the work.
pub(super) fn keeps(work: &Work, party: &PartyId) -> Result<(), Rejection> {
    if work.is_kept_by(party) {
        return Ok(());
    }
    let detail = format!("{party} neither owns nor has {}", work.work);
    Err(codes::NOT_A_KEEPER.because(detail))
}

/// Two parties take part in a passing.
pub(super) fn sides_differ(from: &PartyId, to: &PartyId) -> Result<(), Rejection> {
    if from == to {
        return Err(codes::SAME_PARTY.because(format!("{from} is on both sides")));
    }
    Ok(())
}

/// Nothing happens to what is no more.
pub(super) fn still_exists(work: &Work) -> Result<(), Rejection> {
    if work.status == Status::Destroyed {
        return Err(codes::DESTROYED.because(format!("{} is destroyed", work.work)));
    }
    Ok(())
}

/// It exists, and it is known where it went.
pub(super) fn is_standing(work: &Work) -> Result<(), Rejection> {
    still_exists(work)?;
    if work.status == Status::Stolen {
        return Err(codes::STOLEN.because(format!("{} is reported stolen", work.work)));
    }
    Ok(())
}

/// Only what is stolen is recovered.
pub(super) fn is_stolen(work: &Work) -> Result<(), Rejection> {
    if work.status == Status::Stolen {
        return Ok(());
    }
    Err(codes::NOT_STOLEN.because(format!("{} is not reported stolen", work.work)))
}

/// A freeze keeps a work as it is.
pub(super) fn is_not_frozen(draft: &Draft<'_>, work: &Work) -> Result<(), Rejection> {
    not_frozen(draft, RegisterName::Artworks, Work::KIND, &work.id())
}

/// A flagged work does not move and is not sold: one that is stolen, disputed or frozen.
pub(super) fn is_unflagged(draft: &Draft<'_>, work: &Work) -> Result<(), Rejection> {
    is_standing(work)?;
    if let Some(dispute) = work.disputes.first() {
        let detail = format!("{} is disputed ({})", work.work, dispute.dispute);
        return Err(codes::DISPUTED.because(detail));
    }
    is_not_frozen(draft, work)
}

/// What both sides agree on settles the receiver's own disputes and nobody else's.
pub(super) fn disputed_by_nobody_but(work: &Work, party: &PartyId) -> Result<(), Rejection> {
    match work.disputes.iter().find(|dispute| dispute.claimant != *party) {
        None => Ok(()),
        Some(other) => {
            let detail = format!("{} is also disputed by {}", work.work, other.claimant);
            Err(codes::DISPUTED.because(detail))
        }
    }
}

/// What is lent or consigned is not lent or consigned on.
pub(super) fn is_not_out(work: &Work, custody: &Custody) -> Result<(), Rejection> {
    if custody.is_out() {
        let detail = format!("{} is out with {}", work.work, custody.custodian);
        return Err(codes::OUT.because(detail));
    }
    Ok(())
}

/// What is lent or consigned goes back to whoever gave it.
pub(super) fn goes_back_to(work: &Work, custody: &Custody, to: &PartyId) -> Result<(), Rejection> {
    if !custody.is_out() {
        let detail = format!("{} is neither lent nor consigned", work.work);
        return Err(codes::NOT_OUT.because(detail));
    }
    if custody.from != Some(*to) {
        return Err(codes::NOT_THE_LENDER.because(format!("{to} did not give {}", work.work)));
    }
    Ok(())
}

/// Custody passes with title only from whoever has both.
pub(super) fn custody_can_follow(
    work: &Work,
    from: &PartyId,
    with_custody: bool,
) -> Result<(), Rejection> {
    if with_custody && work.custodian() != Some(*from) {
        let detail = format!("{from} does not have {}", work.work);
        return Err(codes::CUSTODY_ELSEWHERE.because(detail));
    }
    Ok(())
}

/// A work is to be returned on a day to come.
pub(super) fn returns_later(draft: &Draft<'_>, returns_by: Option<Date>) -> Result<(), Rejection> {
    let today = Date::of(draft.time());
    match returns_by {
        Some(day) if day < today => {
            Err(codes::RETURN_DATE_PAST.because(format!("{day} is past: it is {today}")))
        }
        _ => Ok(()),
    }
}

/// Only what the dead or the dissolved have left goes to heirs.
pub(super) fn owner_is_gone(draft: &Draft<'_>, owner: &PartyId) -> Result<(), Rejection> {
    let status = identity::known_party(draft, owner)?.status;
    match status {
        identity::Status::Deceased | identity::Status::Dissolved => Ok(()),
        status => Err(codes::OWNER_LIVES.because(format!("{owner} is {status}"))),
    }
}

/// One live record stands for each number of an edition.
pub(super) fn number_is_free(
    draft: &Draft<'_>,
    fingerprint: &Hash,
    number: EditionNumber,
) -> Result<(), Rejection> {
    let known: Option<Impression> = draft.get(&Impression::id_of(fingerprint, number));
    match known.filter(|known| known.live) {
        None => Ok(()),
        Some(known) => {
            let detail = format!("{} stands for {number} of {fingerprint}", known.work);
            Err(codes::IMPRESSION_TAKEN.because(detail))
        }
    }
}

/// N is immutable: every number of an edition says the same size. Proofs are counted apart.
pub(super) fn edition_has_this_size(
    edition: &Edition,
    number: EditionNumber,
) -> Result<(), Rejection> {
    let differs = |known: Option<u32>, stated: Option<u32>| match (known, stated) {
        (Some(known), Some(stated)) => known != stated,
        _ => false,
    };
    if edition.unique != number.is_unique()
        || differs(edition.numbered, number.numbered_of())
        || differs(edition.proofs, number.proofs_of())
    {
        let detail = format!("{number} does not fit the edition of {}", edition.fingerprint);
        return Err(codes::EDITION_DIFFERS.because(detail));
    }
    Ok(())
}

/// A dispute has an id of its own, and eight are enough.
pub(super) fn room_for_dispute(work: &Work, dispute: &LocalId) -> Result<(), Rejection> {
    if work.disputes.iter().any(|open| open.dispute == *dispute) {
        return Err(codes::DISPUTE_REPEATED.because(format!("{dispute} is open")));
    }
    if work.disputes.len() >= MAX_DISPUTES {
        let detail = format!("{} disputes about {} are open", work.disputes.len(), work.work);
        return Err(codes::TOO_MANY_DISPUTES.because(detail));
    }
    Ok(())
}

/// A dispute is settled by its claimant, or by a court or regulator. Gives its place in the list.
pub(super) fn may_settle(
    draft: &Draft<'_>,
    work: &Work,
    dispute: &LocalId,
    by: &PartyId,
) -> Result<usize, Rejection> {
    let index = work.disputes.iter().position(|open| open.dispute == *dispute);
    let index = index
        .ok_or_else(|| codes::DISPUTE_UNKNOWN.because(format!("no dispute {dispute} is open")))?;
    if work.disputes[index].claimant != *by {
        let time = draft.time();
        accredited_for_any(draft, by, Role::MAY_ORDER, RegisterName::Artworks, time)?;
    }
    has_signed(draft, by)?;
    Ok(index)
}
