//! The rules of the authorities register (REGISTRIES.md, "Authorities"), each a sentence.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;

use super::accreditation::{Accreditation, Institution, Role};
use super::actions::{Accredit, AccreditationChange};
use super::orders::{FreezeIndex, Order, Target};
use super::queries::{accredited_for_any, accredited_where};
use super::{
    ACCREDITATION_NOT_SUSPENDED, ACCREDITATION_OVER, ACCREDITATION_SUSPENDED,
    ACCREDITATION_UNKNOWN, ATTESTS_DO_NOT_FIT, FROM_IN_THE_PAST, NOT_ACCREDITED, NOT_THE_GRANTOR,
    TARGET_UNKNOWN, TOO_MANY_ACCREDITATIONS, TOO_MANY_FREEZES, TOO_MANY_SUSPENSIONS,
};
use crate::codes::ID_TAKEN;
use crate::identity::Purpose;
use crate::shape::Described;
use crate::text::LocalId;
use crate::{RegisterName, signers};

const MAX_ACCREDITATIONS: usize = 64;
const MAX_SUSPENSIONS: usize = 32;
const MAX_FREEZES: usize = 16;

/// Ids are never reused.
pub(super) fn id_is_free<T: Described>(draft: &Draft<'_>, id: &LocalId) -> Result<(), Rejection> {
    if draft.exists::<T>(id.as_str()) {
        return Err(ID_TAKEN.because(format!("{}/{}/{id} exists", T::REGISTER, T::KIND)));
    }
    Ok(())
}

/// Root grants every role; an institution those that its own accreditation lets it grant, within
/// its registers. Gives the accreditation it grants under.
pub(super) fn grantor_has_signed(
    draft: &Draft<'_>,
    grant: &Accredit,
) -> Result<Option<LocalId>, Rejection> {
    let by = &grant.by;
    if *by == draft.context().genesis.root_party() {
        signers::controllers_signed(draft, by)?;
        return Ok(None);
    }
    let may_grant = |held: &Accreditation| {
        held.role.may_grant().contains(&grant.role)
            && grant.registers.iter().all(|register| held.registers.contains(register))
    };
    let above = accredited_where(draft, by, draft.time(), may_grant).ok_or_else(|| {
        let detail = format!("{by} holds no accreditation to grant the role {} there", grant.role);
        NOT_ACCREDITED.because(detail)
    })?;
    signers::signed_by(draft, by, Purpose::Assertion, RegisterName::Authorities)?;
    Ok(Some(above.accreditation))
}

/// An attester's scope is the list of types it may attest; no other role has one.
pub(super) fn attests_fit_the_role(grant: &Accredit) -> Result<(), Rejection> {
    if grant.attests.is_empty() != (grant.role != Role::Attester) {
        let detail = format!("attests lists {} types for a {}", grant.attests.len(), grant.role);
        return Err(ATTESTS_DO_NOT_FIT.because(detail));
    }
    Ok(())
}

/// The index of an institution is bounded.
pub(super) fn institution_has_room(institution: &Institution) -> Result<(), Rejection> {
    if institution.accreditations.len() >= MAX_ACCREDITATIONS {
        let detail = format!("{} has had {MAX_ACCREDITATIONS}", institution.institution);
        return Err(TOO_MANY_ACCREDITATIONS.because(detail));
    }
    Ok(())
}

/// The accreditation exists.
pub(super) fn known_accreditation(
    draft: &Draft<'_>,
    id: &LocalId,
) -> Result<Accreditation, Rejection> {
    draft
        .get(id.as_str())
        .ok_or_else(|| ACCREDITATION_UNKNOWN.because(format!("there is no accreditation {id}")))
}

/// An accreditation is suspended, reinstated and ended by its grantor or root.
pub(super) fn grantor_or_root_has_signed(
    draft: &Draft<'_>,
    accreditation: &Accreditation,
    by: &PartyId,
) -> Result<(), Rejection> {
    if *by == draft.context().genesis.root_party() {
        return signers::controllers_signed(draft, by);
    }
    if *by != accreditation.granted_by {
        let grantor = accreditation.granted_by;
        let detail = format!("{} was granted by {grantor}", accreditation.accreditation);
        return Err(NOT_THE_GRANTOR.because(detail));
    }
    signers::signed_by(draft, by, Purpose::Assertion, RegisterName::Authorities)
}

/// A change takes effect now or later, and never rewrites what was done under a valid
/// accreditation. Gives the time.
pub(super) fn from_is_not_past(
    draft: &Draft<'_>,
    change: &AccreditationChange,
) -> Result<Time, Rejection> {
    let now = draft.time();
    match change.from {
        Some(from) if from < now => {
            Err(FROM_IN_THE_PAST.because(format!("from is {from}, and it is {now}")))
        }
        from => Ok(from.unwrap_or(now)),
    }
}

/// What has run out or been ended cannot be changed any more.
pub(super) fn still_runs_at(accreditation: &Accreditation, time: Time) -> Result<(), Rejection> {
    if accreditation.runs_at(time) {
        return Ok(());
    }
    let detail = format!("{} is over at {time}", accreditation.accreditation);
    Err(ACCREDITATION_OVER.because(detail))
}

/// Suspensions follow one another without overlap.
pub(super) fn not_suspended_from(
    accreditation: &Accreditation,
    time: Time,
) -> Result<(), Rejection> {
    let last = accreditation.suspensions.last();
    if last.is_some_and(|last| last.until.is_none_or(|until| time < until)) {
        let detail = format!("{} is suspended by then", accreditation.accreditation);
        return Err(ACCREDITATION_SUSPENDED.because(detail));
    }
    if accreditation.suspensions.len() >= MAX_SUSPENSIONS {
        let detail = format!("it is the suspension {}", MAX_SUSPENSIONS + 1);
        return Err(TOO_MANY_SUSPENSIONS.because(detail));
    }
    Ok(())
}

/// Only a suspension that lasts, and has begun by then, can be ended. Gives it.
pub(super) fn suspension_at(
    accreditation: &mut Accreditation,
    time: Time,
) -> Result<&mut super::Suspension, Rejection> {
    let id = accreditation.accreditation.clone();
    let last = accreditation.suspensions.last_mut();
    last.filter(|last| last.until.is_none() && last.from <= time).ok_or_else(|| {
        ACCREDITATION_NOT_SUSPENDED.because(format!("{id} is not suspended at {time}"))
    })
}

/// An order is about something that exists.
pub(super) fn target_exists(draft: &Draft<'_>, target: &Target) -> Result<(), Rejection> {
    let kind = target.register.register().kind(target.kind.as_str());
    if kind.is_some_and(|kind| (kind.exists)(draft, target.id.as_str())) {
        return Ok(());
    }
    let Target { register, kind, id } = target;
    Err(TARGET_UNKNOWN.because(format!("there is no {register}/{kind}/{id}")))
}

/// The index of an object's freezes is bounded.
pub(super) fn index_has_room(index: &FreezeIndex) -> Result<(), Rejection> {
    if index.freezes.len() >= MAX_FREEZES {
        let detail = format!("{} freezes are in force on it", index.freezes.len());
        return Err(TOO_MANY_FREEZES.because(detail));
    }
    Ok(())
}

/// An order is released by whoever made it, by a court of that register, or by root.
pub(super) fn may_release(draft: &Draft<'_>, order: &Order, by: &PartyId) -> Result<(), Rejection> {
    if *by == draft.context().genesis.root_party() {
        return signers::controllers_signed(draft, by);
    }
    let register = order.target.register;
    if *by != order.by {
        accredited_for_any(draft, by, &[Role::Court], register, draft.time())?;
    }
    signers::signed_by(draft, by, Purpose::Assertion, register)
}
