//! How attestations and kinship are stated and taken back.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

use crate::RegisterName;
use crate::authorities::{NOT_ACCREDITED, Role, accredited_where};
use crate::codes::period_is_not_empty;
use crate::identity::actions::{Attest, EndKinship, RevokeAttestation, StateKinship};
use crate::identity::family::parents;
use crate::identity::queries::{active_party, attestation, kinship_in_force};
use crate::identity::rules::{
    are_two_persons, id_is_free, institution_has_signed, kinship_is_new, only_guardianship_ends,
    parents_have_room,
};
use crate::identity::statements::{Attestation, KinEnd, Kinship, KinshipId, Relation, Revocation};
use crate::identity::{ATTESTATION_REVOKED, KINSHIP_NOT_IN_FORCE, Purpose};
use crate::signers::signed_by;

pub(super) fn attest(draft: &mut Draft<'_>, statement: &Attest) -> Result<(), Rejection> {
    let now = draft.time();
    let by = &statement.by;
    let under = accredited_where(draft, by, now, |held| {
        held.role == Role::Attester
            && held.registers.contains(&RegisterName::Identity)
            && held.attests.contains(&statement.type_)
    })
    .ok_or_else(|| {
        let detail = format!("{by} is not accredited to attest {} at {now}", statement.type_);
        NOT_ACCREDITED.because(detail)
    })?;
    signed_by(draft, by, Purpose::Assertion, RegisterName::Identity)?;
    active_party(draft, &statement.subject)?;
    period_is_not_empty(now, statement.valid_until)?;
    let attestation = Attestation {
        attestation: statement.attestation.clone(),
        issuer: *by,
        subject: statement.subject,
        type_: statement.type_.clone(),
        claim: statement.claim,
        under: under.accreditation,
        issued: now,
        valid_until: statement.valid_until,
        revoked: None,
    };
    id_is_free(draft, &attestation)?;

    draft.put(&attestation);
    Ok(())
}

pub(super) fn revoke_attestation(
    draft: &mut Draft<'_>,
    revocation: &RevokeAttestation,
) -> Result<(), Rejection> {
    let mut attestation = attestation(draft, &revocation.by, &revocation.attestation)?;
    signed_by(draft, &revocation.by, Purpose::Assertion, RegisterName::Identity)?;
    if attestation.revoked.is_some() {
        let detail = format!("{} was revoked before", attestation.attestation);
        return Err(ATTESTATION_REVOKED.because(detail));
    }

    let reason = revocation.reason.clone();
    attestation.revoked = Some(Revocation { at: draft.time(), reason });
    draft.put(&attestation);
    Ok(())
}

pub(super) fn state_kinship(
    draft: &mut Draft<'_>,
    statement: &StateKinship,
) -> Result<(), Rejection> {
    let StateKinship { by, of, relation, to, valid_until } = *statement;
    let id = KinshipId { of, relation, to };
    let under = institution_has_signed(draft, &by, Role::CivilRegistrar)?;
    are_two_persons(draft, &id)?;
    only_guardianship_ends(relation, valid_until.is_some())?;
    period_is_not_empty(draft.time(), valid_until)?;
    kinship_is_new(draft, &id)?;
    if relation == Relation::ParentOf {
        let mut index = parents(draft, &to);
        parents_have_room(&index)?;
        index.parents.push(of);
        draft.put(&index);
    }

    draft.put(&Kinship {
        of,
        relation,
        to,
        registrar: by,
        under: under.accreditation,
        stated: draft.time(),
        valid_until,
        ended: None,
    });
    Ok(())
}

pub(super) fn end_kinship(draft: &mut Draft<'_>, ending: &EndKinship) -> Result<(), Rejection> {
    let id = KinshipId { of: ending.of, relation: ending.relation, to: ending.to };
    institution_has_signed(draft, &ending.by, Role::CivilRegistrar)?;
    only_guardianship_ends(ending.relation, !ending.correction)?;
    let kinship = kinship_in_force(draft, &id)
        .ok_or_else(|| KINSHIP_NOT_IN_FORCE.because(format!("{id} is not in force")))?;

    if ending.relation == Relation::ParentOf {
        let mut index = parents(draft, &ending.to);
        index.parents.retain(|parent| *parent != ending.of);
        draft.put(&index);
    }
    let ended = Some(KinEnd {
        at: draft.time(),
        registrar: ending.by,
        reason: ending.reason.clone(),
        correction: ending.correction,
    });
    draft.put(&Kinship { ended, ..kinship });
    Ok(())
}
