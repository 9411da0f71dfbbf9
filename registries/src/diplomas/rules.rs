//! The rules of the diplomas register (REGISTRIES, Diplomas), each a sentence.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Draft, Object};
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;

use super::codes;
use super::credential::{
    Basis, Credential, CredentialId, CredentialKind, CredentialStatus, HolderAnswer,
    MAX_CORRECTIONS, Reason,
};
use super::programme::{Programme, programme_id};
use super::queries::accredited_on;
use crate::RegisterName;
use crate::authorities::{Role, accredited, accredited_for_any, directed, not_frozen};
use crate::codes::ID_TAKEN;
use crate::identity::{PartyKind, Purpose, known_party};
use crate::signers;
use crate::text::{Date, LocalId};

/// An institution signs for what it states, with its controllers or an assertion key.
pub(super) fn institution_has_signed(
    draft: &Draft<'_>,
    institution: &PartyId,
) -> Result<(), Rejection> {
    signers::signed_by(draft, institution, Purpose::Assertion, RegisterName::Diplomas)
}

/// A holder answers with the controllers: a sub-key is for what its party does every day.
pub(super) fn holder_has_signed(draft: &Draft<'_>, holder: &PartyId) -> Result<(), Rejection> {
    signers::controllers_signed(draft, holder)
}

/// The credential exists.
pub(super) fn known_credential(
    draft: &Draft<'_>,
    id: &CredentialId,
) -> Result<Credential, Rejection> {
    draft
        .get(&id.to_string())
        .ok_or_else(|| codes::CREDENTIAL_UNKNOWN.because(format!("there is no credential {id}")))
}

/// The programme exists.
pub(super) fn known_programme(
    draft: &Draft<'_>,
    institution: &PartyId,
    programme: &LocalId,
) -> Result<Programme, Rejection> {
    let id = programme_id(institution, programme);
    draft
        .get(&id)
        .ok_or_else(|| codes::PROGRAMME_UNKNOWN.because(format!("there is no programme {id}")))
}

/// Ids and serial numbers are never given twice.
pub(super) fn id_is_free<T: Object>(draft: &Draft<'_>, id: &str) -> Result<(), Rejection> {
    if draft.exists::<T>(id) {
        return Err(ID_TAKEN.because(format!("{}/{}/{id} exists", T::REGISTER, T::KIND)));
    }
    Ok(())
}

/// The institution is accredited now. Where it is not, a direction of a court or regulator about
/// what it acts on, about the programme, or about the institution itself stands in for that.
pub(super) fn may_act_now(
    draft: &Draft<'_>,
    institution: &PartyId,
    order: Option<&LocalId>,
    about: &[(&str, String)],
) -> Result<(), Rejection> {
    let Some(order) = order else {
        let now = draft.time();
        return accredited(draft, institution, Role::University, RegisterName::Diplomas, now)
            .map(|_| ());
    };
    let about_it = |(kind, id): &(&str, String)| {
        directed(draft, order, RegisterName::Diplomas, kind, id).is_ok()
    };
    if about.iter().any(about_it) {
        return Ok(());
    }
    directed(draft, order, RegisterName::Identity, "party", &institution.to_string()).map(|_| ())
}

/// A court or regulator carries out its own direction about the credential.
pub(super) fn carries_out_own_order(
    draft: &Draft<'_>,
    by: &PartyId,
    order: Option<&LocalId>,
    credential: &Credential,
) -> Result<(), Rejection> {
    let id = credential.id();
    let Some(order) = order else {
        let detail = format!("{by} did not issue {id}");
        return Err(codes::NOT_THE_ISSUER.because(detail));
    };
    let order = directed(draft, order, RegisterName::Diplomas, Credential::KIND, &id)?;
    if order.by != *by {
        let detail = format!("the direction {} is of {}, not {by}", order.order, order.by);
        return Err(codes::NOT_THE_ISSUER.because(detail));
    }
    let (roles, now) = (Role::MAY_ORDER, draft.time());
    accredited_for_any(draft, by, roles, RegisterName::Diplomas, now).map(|_| ())
}

/// Whoever says that it was ordered says by which order.
pub(super) fn order_is_cited(reason: Reason, order: Option<&LocalId>) -> Result<(), Rejection> {
    if reason == Reason::Ordered && order.is_none() {
        return Err(codes::ORDER_NOT_CITED.because("order is left out"));
    }
    Ok(())
}

/// Nothing is awarded on a day to come. Days are those of UTC.
pub(super) fn awarded_by_now(draft: &Draft<'_>, awarded: Date) -> Result<(), Rejection> {
    let today = Date::of(draft.time());
    if awarded > today {
        let detail = format!("it would be awarded on {awarded}, and it is {today}");
        return Err(codes::AWARDED_IN_FUTURE.because(detail));
    }
    Ok(())
}

/// Only an institution accredited at the date of award may issue. Gives the accreditation.
pub(super) fn accredited_at_award(
    draft: &Draft<'_>,
    institution: &PartyId,
    awarded: Date,
) -> Result<(LocalId, Basis), Rejection> {
    accredited_on(draft, institution, awarded).ok_or_else(|| {
        let detail = format!("{institution} was not accredited as university on {awarded}");
        codes::NOT_ACCREDITED_THEN.because(detail)
    })
}

/// What is awarded in a programme is awarded while it is open, and not while it is frozen.
pub(super) fn programme_is_open(
    draft: &Draft<'_>,
    institution: &PartyId,
    programme: Option<&LocalId>,
    awarded: Date,
) -> Result<(), Rejection> {
    let Some(programme) = programme else { return Ok(()) };
    let programme = known_programme(draft, institution, programme)?;
    not_frozen(draft, RegisterName::Diplomas, Programme::KIND, &programme.id())?;
    if programme.is_open_on(awarded) {
        return Ok(());
    }
    let detail = format!("{} was not open on {awarded}", programme.id());
    Err(codes::PROGRAMME_NOT_OPEN.because(detail))
}

/// A programme is closed once.
pub(super) fn not_closed(programme: &Programme) -> Result<(), Rejection> {
    if programme.closed.is_some() {
        return Err(codes::PROGRAMME_CLOSED.because(format!("{} is closed", programme.id())));
    }
    Ok(())
}

/// A programme ends after it begins.
pub(super) fn closes_after_it_opened(
    programme: &Programme,
    last_day: Date,
) -> Result<(), Rejection> {
    if last_day < programme.opened {
        let detail = format!("it opened on {}, and would close on {last_day}", programme.opened);
        return Err(codes::PROGRAMME_CLOSES_EARLY.because(detail));
    }
    Ok(())
}

/// A credential is earned by a person, living or not: degrees are awarded after death, too.
pub(super) fn holder_is_a_person(draft: &Draft<'_>, holder: &PartyId) -> Result<(), Rejection> {
    if known_party(draft, holder)?.kind == PartyKind::Person {
        return Ok(());
    }
    Err(codes::HOLDER_NOT_A_PERSON.because(format!("{holder} is no person")))
}

/// A transcript belongs to a current award of the same institution to the same holder, or to none
/// while its holder is still studying.
pub(super) fn award_fits(
    draft: &Draft<'_>,
    institution: &PartyId,
    kind: CredentialKind,
    holder: &PartyId,
    award: Option<&LocalId>,
) -> Result<(), Rejection> {
    let Some(serial) = award else { return Ok(()) };
    if kind != CredentialKind::Transcript {
        return Err(codes::AWARD_NOT_FOR_THIS.because(format!("it is one itself: {kind}")));
    }
    let id = CredentialId { institution: *institution, serial: serial.clone() };
    let fits = |award: &Credential| {
        award.kind != CredentialKind::Transcript
            && award.holder == *holder
            && award.status == CredentialStatus::Current
    };
    match draft.get::<Credential>(&id.to_string()) {
        Some(award) if fits(&award) => Ok(()),
        _ => {
            Err(codes::AWARD_DOES_NOT_FIT.because(format!("{id} is no current award to {holder}")))
        }
    }
}

/// A revoked or superseded credential never becomes current again, and one follows it at most.
pub(super) fn is_current(credential: &Credential) -> Result<(), Rejection> {
    if credential.status == CredentialStatus::Current {
        return Ok(());
    }
    let detail = format!("{} is {}", credential.id(), credential.status);
    Err(codes::NOT_CURRENT.because(detail))
}

/// No court or regulator has frozen it.
pub(super) fn is_not_frozen(draft: &Draft<'_>, credential: &Credential) -> Result<(), Rejection> {
    not_frozen(draft, RegisterName::Diplomas, Credential::KIND, &credential.id())
}

/// With new salts no record has the commitment of another.
pub(super) fn record_is_new(credential: &Credential, record: &Hash) -> Result<(), Rejection> {
    if credential.record == *record {
        return Err(codes::RECORD_UNCHANGED.because(format!("it is {record}")));
    }
    Ok(())
}

/// The way to the latest correction is bounded.
pub(super) fn may_be_corrected(credential: &Credential) -> Result<(), Rejection> {
    if credential.corrections >= MAX_CORRECTIONS {
        let detail = format!("{} stands at their end", credential.id());
        return Err(codes::TOO_MANY_CORRECTIONS.because(detail));
    }
    Ok(())
}

/// An answer says something new.
pub(super) fn answer_is_new(
    credential: &Credential,
    answer: HolderAnswer,
) -> Result<(), Rejection> {
    if credential.answer.as_ref().is_some_and(|last| last.answer == answer) {
        let detail = format!("the last answer about {} is the same", credential.id());
        return Err(codes::ANSWERED_SO_ALREADY.because(detail));
    }
    Ok(())
}
