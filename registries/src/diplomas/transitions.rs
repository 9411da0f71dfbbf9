//! How the diplomas register changes.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Draft, Object};
use chancery_ledger::party::PartyId;

use super::actions::{
    Action, AnswerCredential, Award, CloseProgramme, CorrectCredential, IssueCredential,
    IssueCredentials, RegisterProgramme, ReissueCredential, RevokeCredential,
};
use super::credential::{
    Answer, Basis, Credential, CredentialId, CredentialKind, CredentialStatus, HolderAnswer,
    Revoked, Superseded,
};
use super::programme::{Closed, Programme, programme_id};
use super::rules::{
    accredited_at_award, answer_is_new, award_fits, awarded_by_now, carries_out_own_order,
    closes_after_it_opened, holder_has_signed, holder_is_a_person, id_is_free,
    institution_has_signed, is_current, is_not_frozen, known_credential, known_programme,
    may_act_now, may_be_corrected, not_closed, order_is_cited, programme_is_open, record_is_new,
};
use crate::RegisterName;
use crate::authorities::not_frozen;
use crate::text::{Date, LocalId};

pub(super) fn apply(draft: &mut Draft<'_>, action: &Action) -> Result<(), Rejection> {
    match action {
        Action::RegisterProgramme(action) => register_programme(draft, action),
        Action::CloseProgramme(action) => close_programme(draft, action),
        Action::Issue(action) => issue(draft, action),
        Action::IssueBatch(action) => issue_batch(draft, action),
        Action::Correct(action) => correct(draft, action),
        Action::Reissue(action) => reissue(draft, action),
        Action::Revoke(action) => revoke(draft, action),
        Action::Accept(action) => answer(draft, action, HolderAnswer::Accepted),
        Action::Decline(action) => answer(draft, action, HolderAnswer::Declined),
    }
}

fn register_programme(draft: &mut Draft<'_>, action: &RegisterProgramme) -> Result<(), Rejection> {
    let institution = action.institution;
    id_is_free::<Programme>(draft, &programme_id(&institution, &action.programme))?;
    institution_has_signed(draft, &institution)?;
    may_act_now(draft, &institution, None, &[])?;

    draft.put(&Programme {
        institution,
        programme: action.programme.clone(),
        title: action.title.clone(),
        level: action.level.clone(),
        description: action.description,
        opened: action.opened,
        closed: None,
        registered: draft.time(),
    });
    Ok(())
}

fn close_programme(draft: &mut Draft<'_>, action: &CloseProgramme) -> Result<(), Rejection> {
    let mut programme = known_programme(draft, &action.institution, &action.programme)?;
    institution_has_signed(draft, &action.institution)?;
    not_frozen(draft, RegisterName::Diplomas, Programme::KIND, &programme.id())?;
    not_closed(&programme)?;
    closes_after_it_opened(&programme, action.last_day)?;

    let (last_day, reason, at) = (action.last_day, action.reason.clone(), draft.time());
    programme.closed = Some(Closed { last_day, reason, at });
    draft.put(&programme);
    Ok(())
}

/// What all credentials of one statement have in common.
struct Terms<'a> {
    institution: PartyId,
    kind: CredentialKind,
    programme: Option<&'a LocalId>,
    awarded: Date,
    under: LocalId,
    basis: Basis,
}

impl<'a> Terms<'a> {
    /// The institution, which could award on that day in that programme, states it.
    fn stated(
        draft: &Draft<'_>,
        institution: PartyId,
        kind: CredentialKind,
        programme: Option<&'a LocalId>,
        awarded: Date,
    ) -> Result<Self, Rejection> {
        institution_has_signed(draft, &institution)?;
        awarded_by_now(draft, awarded)?;
        let (under, basis) = accredited_at_award(draft, &institution, awarded)?;
        programme_is_open(draft, &institution, programme, awarded)?;
        Ok(Self { institution, kind, programme, awarded, under, basis })
    }

    /// Puts a credential down under a serial number that was not given before.
    fn put(&self, draft: &mut Draft<'_>, award: &Award) -> Result<Credential, Rejection> {
        let Self { institution, kind, .. } = *self;
        let id = CredentialId { institution, serial: award.serial.clone() };
        id_is_free::<Credential>(draft, &id.to_string())?;
        holder_is_a_person(draft, &award.holder)?;
        award_fits(draft, &institution, kind, &award.holder, award.award.as_ref())?;
        Ok(Credential {
            institution,
            serial: award.serial.clone(),
            kind,
            holder: award.holder,
            programme: self.programme.cloned(),
            awarded: self.awarded,
            record: award.record,
            award: award.award.clone(),
            issued: draft.time(),
            under: self.under.clone(),
            basis: self.basis,
            status: CredentialStatus::Current,
            corrects: None,
            corrections: 0,
            superseded: None,
            revoked: None,
            answer: None,
        })
    }
}

/// The programme among what an order may be about.
fn about_programme(
    institution: &PartyId,
    programme: Option<&LocalId>,
) -> Vec<(&'static str, String)> {
    let about = |programme| (Programme::KIND, programme_id(institution, programme));
    programme.map(about).into_iter().collect()
}

fn issue(draft: &mut Draft<'_>, action: &IssueCredential) -> Result<(), Rejection> {
    let IssueCredential { institution, kind, awarded, .. } = *action;
    let programme = action.programme.as_ref();
    let about = about_programme(&institution, programme);
    let terms = Terms::stated(draft, institution, kind, programme, awarded)?;
    may_act_now(draft, &institution, action.order.as_ref(), &about)?;

    let credential = terms.put(
        draft,
        &Award {
            serial: action.serial.clone(),
            holder: action.holder,
            record: action.record,
            award: action.award.clone(),
        },
    )?;
    draft.put(&credential);
    Ok(())
}

fn issue_batch(draft: &mut Draft<'_>, action: &IssueCredentials) -> Result<(), Rejection> {
    let IssueCredentials { institution, kind, awarded, .. } = *action;
    let programme = action.programme.as_ref();
    let about = about_programme(&institution, programme);
    let terms = Terms::stated(draft, institution, kind, programme, awarded)?;
    may_act_now(draft, &institution, action.order.as_ref(), &about)?;

    for award in action.awards.iter() {
        let credential = terms.put(draft, award)?;
        draft.put(&credential);
    }
    Ok(())
}

/// A credential that another may take the place of: current, not frozen, of an institution that may
/// act now.
fn to_be_replaced(
    draft: &Draft<'_>,
    id: &CredentialId,
    order: Option<&LocalId>,
) -> Result<Credential, Rejection> {
    let old = known_credential(draft, id)?;
    is_current(&old)?;
    is_not_frozen(draft, &old)?;
    let mut about = about_programme(&old.institution, old.programme.as_ref());
    about.push((Credential::KIND, old.id()));
    may_act_now(draft, &old.institution, order, &about)?;
    Ok(old)
}

fn correct(draft: &mut Draft<'_>, action: &CorrectCredential) -> Result<(), Rejection> {
    let mut old = to_be_replaced(draft, &action.credential, action.order.as_ref())?;
    record_is_new(&old, &action.record)?;
    may_be_corrected(&old)?;
    let (programme, awarded) = (action.programme.as_ref(), action.awarded);
    let terms = Terms::stated(draft, old.institution, old.kind, programme, awarded)?;
    let new = terms.put(
        draft,
        &Award {
            serial: action.serial.clone(),
            holder: old.holder,
            record: action.record,
            award: action.award.clone(),
        },
    )?;

    let by = Some(new.serial.clone());
    draft.put(&Credential {
        corrects: Some(old.serial.clone()),
        corrections: old.corrections + 1,
        ..new
    });
    old.status = CredentialStatus::Superseded;
    old.superseded = Some(Superseded { at: draft.time(), by });
    draft.put(&old);
    Ok(())
}

fn reissue(draft: &mut Draft<'_>, action: &ReissueCredential) -> Result<(), Rejection> {
    let mut old = to_be_replaced(draft, &action.credential, action.order.as_ref())?;
    record_is_new(&old, &action.record)?;
    institution_has_signed(draft, &old.institution)?;
    // The day, the programme and the accreditation are those of the award, which is not made again.
    let terms = Terms {
        institution: old.institution,
        kind: old.kind,
        programme: old.programme.as_ref(),
        awarded: old.awarded,
        under: old.under.clone(),
        basis: old.basis,
    };
    let new = terms.put(
        draft,
        &Award {
            serial: action.serial.clone(),
            holder: old.holder,
            record: action.record,
            award: action.award.clone(),
        },
    )?;

    draft.put(&new);
    old.status = CredentialStatus::Superseded;
    old.superseded = Some(Superseded { at: draft.time(), by: None });
    draft.put(&old);
    Ok(())
}

fn revoke(draft: &mut Draft<'_>, action: &RevokeCredential) -> Result<(), Rejection> {
    let mut credential = known_credential(draft, &action.credential)?;
    let order = action.order.as_ref();
    order_is_cited(action.reason, order)?;
    if action.by == credential.institution {
        let mut about = about_programme(&credential.institution, credential.programme.as_ref());
        about.push((Credential::KIND, credential.id()));
        may_act_now(draft, &credential.institution, order, &about)?;
    } else {
        carries_out_own_order(draft, &action.by, order, &credential)?;
    }
    institution_has_signed(draft, &action.by)?;
    is_not_frozen(draft, &credential)?;
    is_current(&credential)?;

    credential.status = CredentialStatus::Revoked;
    credential.revoked = Some(Revoked {
        at: draft.time(),
        by: action.by,
        reason: action.reason,
        decision: action.decision,
        order: action.order.clone(),
    });
    draft.put(&credential);
    Ok(())
}

fn answer(
    draft: &mut Draft<'_>,
    action: &AnswerCredential,
    answer: HolderAnswer,
) -> Result<(), Rejection> {
    let mut credential = known_credential(draft, &action.credential)?;
    holder_has_signed(draft, &credential.holder)?;
    is_current(&credential)?;
    answer_is_new(&credential, answer)?;

    credential.answer = Some(Answer { answer, at: draft.time() });
    draft.put(&credential);
    Ok(())
}
