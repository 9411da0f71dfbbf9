//! The rules of the identity register (REGISTRIES.md, "Identity"), each a sentence.

use chancery_ledger::code::{self, Rejection};
use chancery_ledger::execution::Draft;
use chancery_ledger::key::PublicKey;
use chancery_ledger::party::PartyId;

use super::actions::{ObjectToRecovery, Recover, SetRecovery, SetStatus};
use super::party::{
    ControllerKeys, MAX_KEYS, MAX_SUB_KEYS, Party, PartyKind, RecoveryPlan, Status,
};
use super::queries::{active_party, kinship_in_force, known_party};
use super::statements::{KinshipId, Relation};
use super::*;
use crate::authorities::{
    Accreditation, Role, accredited, accredited_for_any, authority_has_signed, not_frozen,
};
use crate::codes::{KEY_REVOKED, KEY_UNKNOWN};
use crate::shape::Described;
use crate::{RegisterName, codes, signers};

const HERE: RegisterName = RegisterName::Identity;

/// No party has this first key.
pub(super) fn party_is_new(draft: &Draft<'_>, id: &PartyId) -> Result<(), Rejection> {
    if draft.exists::<Party>(&id.to_string()) {
        return Err(PARTY_EXISTS.because(format!("{id} exists")));
    }
    Ok(())
}

/// A frozen party's keys and recovery stay as they are.
pub(super) fn keys_are_not_frozen(draft: &Draft<'_>, id: &PartyId) -> Result<(), Rejection> {
    not_frozen(draft, HERE, "party", &id.to_string())
}

/// At least one must sign, and no more than there are.
pub(super) fn threshold_can_be_met(threshold: u32, count: usize) -> Result<(), Rejection> {
    if (1..=count).contains(&(threshold as usize)) {
        return Ok(());
    }
    let detail = format!("the threshold is {threshold}, and {count} can sign");
    Err(THRESHOLD_OUT_OF_RANGE.because(detail))
}

/// A revoked key never comes back, and no key has two roles at a time.
pub(super) fn key_is_free(party: &Party, key: &PublicKey) -> Result<(), Rejection> {
    let pending = party.recovering.as_ref();
    let is_pending = pending.is_some_and(|pending| pending.controllers.keys.contains(key));
    match party.standing_of(key) {
        Standing::Unknown if !is_pending => Ok(()),
        Standing::Revoked => Err(KEY_REVOKED.because(format!("{key} was revoked before"))),
        _ => Err(KEY_IN_USE.because(format!("{key} is one of the keys of {}", party.id))),
    }
}

/// The keys of a party are bounded over all its life.
pub(super) fn key_history_has_room(party: &Party, more: usize) -> Result<(), Rejection> {
    if party.key_count() + more > MAX_KEYS {
        let detail = format!("{} has had {} keys", party.id, party.key_count());
        return Err(TOO_MANY_KEYS.because(detail));
    }
    Ok(())
}

/// The sub-keys that are live at a time are bounded.
pub(super) fn sub_keys_have_room(party: &Party) -> Result<(), Rejection> {
    if party.sub_keys.len() >= MAX_SUB_KEYS {
        return Err(TOO_MANY_SUB_KEYS.because(format!("{} has {MAX_SUB_KEYS}", party.id)));
    }
    Ok(())
}

/// Only a key that the party has can be revoked.
pub(super) fn key_can_be_revoked(party: &Party, key: &PublicKey) -> Result<(), Rejection> {
    match party.standing_of(key) {
        Standing::Controller | Standing::SubKey(_) => Ok(()),
        Standing::Revoked => Err(KEY_REVOKED.because(format!("{key} was revoked before"))),
        Standing::Unknown => Err(KEY_UNKNOWN.because(format!("{key} is no key of {}", party.id))),
    }
}

/// Without the key the controllers still reach their threshold. Gives those that stay.
pub(super) fn controllers_without(
    party: &Party,
    key: &PublicKey,
) -> Result<ControllerKeys, Rejection> {
    let threshold = party.controllers.threshold as usize;
    let keys: Vec<_> =
        party.controllers.keys.iter().copied().filter(|other| other != key).collect();
    let enough = keys.len() >= threshold;
    ControllerKeys::try_from(keys).ok().filter(|_| enough).ok_or_else(|| {
        TOO_FEW_CONTROLLERS
            .because(format!("{threshold} controller keys of {} must sign", party.id))
    })
}

/// Guardians and authority are other parties, active now, and enough for their threshold.
pub(super) fn recovery_plan_is_sound(
    draft: &Draft<'_>,
    plan: &SetRecovery,
) -> Result<(), Rejection> {
    for party in plan.guardians.iter().chain(&plan.authority) {
        if *party == plan.party {
            return Err(GUARDIAN_IS_SELF.because(format!("{party} is to recover itself")));
        }
        active_party(draft, party)?;
    }
    if plan.guardians.is_empty() && plan.threshold == 0 {
        return Ok(());
    }
    threshold_can_be_met(plan.threshold, plan.guardians.len())
}

/// A party whose status is final is not recovered.
pub(super) fn status_is_not_final(party: &Party) -> Result<(), Rejection> {
    if party.status.is_final() {
        return Err(STATUS_FINAL.because(format!("{} is {}", party.id, party.status)));
    }
    Ok(())
}

/// One recovery at a time.
pub(super) fn no_recovery_is_pending(party: &Party) -> Result<(), Rejection> {
    match &party.recovering {
        None => Ok(()),
        Some(pending) => {
            let detail = format!("one takes effect at {}", pending.effective);
            Err(RECOVERY_PENDING.because(detail))
        }
    }
}

/// There is a recovery to object to.
pub(super) fn recovery_is_pending(party: &Party) -> Result<(), Rejection> {
    match party.recovering {
        Some(_) => Ok(()),
        None => Err(NO_RECOVERY_PENDING.because(format!("none of {}", party.id))),
    }
}

/// One controller of the party has signed, or the court or regulator that the objection names: a
/// freeze by itself stops no recovery, so those who may freeze may object, and for a party that is
/// suspended, too.
pub(super) fn objector_has_signed(
    draft: &Draft<'_>,
    objection: &ObjectToRecovery,
) -> Result<(), Rejection> {
    match objection.by {
        None => signers::one_controller_signed(draft, &objection.party),
        Some(by) => {
            accredited_for_any(draft, &by, Role::MAY_ORDER, HERE, draft.time())?;
            signers::signed_by(draft, &by, Purpose::Assertion, HERE)
        }
    }
}

/// Enough guardians of the party's plan have signed, or the authority that it names. Guardians sign
/// with their controllers: giving away a party's keys asks for as much as changing one's own.
/// Gives the plan.
pub(super) fn recoverers_have_signed(
    draft: &Draft<'_>,
    party: &Party,
    recovery: &Recover,
) -> Result<RecoveryPlan, Rejection> {
    let not_arranged = |how: &str| RECOVERY_NOT_ARRANGED.because(format!("{} has {how}", party.id));
    let plan = party.recovery.clone().ok_or_else(|| not_arranged("no recovery plan"))?;
    match recovery.by {
        Some(by) if plan.authority != Some(by) => {
            return Err(not_arranged(&format!("not named {by} as the authority")));
        }
        Some(by) => {
            accredited(draft, &by, Role::IdentityAuthority, HERE, draft.time())?;
            signers::signed_by(draft, &by, Purpose::Assertion, HERE)?;
        }
        None if plan.guardians.is_empty() => return Err(not_arranged("no guardians")),
        None => guardians_have_signed(draft, &plan)?,
    }
    Ok(plan)
}

fn guardians_have_signed(draft: &Draft<'_>, plan: &RecoveryPlan) -> Result<(), Rejection> {
    let (signed, absent): (Vec<PartyId>, Vec<PartyId>) =
        plan.guardians.iter().partition(|guardian| signers::has_signed(draft, guardian));
    for guardian in &signed {
        signers::controllers_signed(draft, guardian)?;
    }
    if signed.len() >= plan.threshold as usize {
        return Ok(());
    }
    let absent: Vec<String> = absent.iter().map(PartyId::to_string).collect();
    let detail = format!(
        "{} of {} guardians must sign; these have not: {}",
        plan.threshold,
        plan.guardians.len(),
        absent.join(", ")
    );
    Err(code::SIGNER_MISSING.because(detail))
}

/// Who may set which status: see [`SetStatus`].
pub(super) fn may_set_status(draft: &Draft<'_>, change: &SetStatus) -> Result<(), Rejection> {
    match change.status {
        Status::Revoked if change.by == change.party => {
            signers::controllers_signed(draft, &change.by)
        }
        Status::Active | Status::Suspended | Status::Revoked => {
            authority_has_signed(draft, &change.by, &[Role::Regulator], HERE).map(drop)
        }
        Status::Deceased => {
            institution_has_signed(draft, &change.by, Role::CivilRegistrar).map(drop)
        }
        Status::Dissolved => {
            institution_has_signed(draft, &change.by, Role::CompanyRegistrar).map(drop)
        }
    }
}

/// An institution accredited for the role in this register has signed. Gives the accreditation.
pub(super) fn institution_has_signed(
    draft: &Draft<'_>,
    by: &PartyId,
    role: Role,
) -> Result<Accreditation, Rejection> {
    let accreditation = accredited(draft, by, role, HERE, draft.time())?;
    signers::signed_by(draft, by, Purpose::Assertion, HERE)?;
    Ok(accreditation)
}

/// The root authority cannot be taken out of action.
pub(super) fn is_not_root(draft: &Draft<'_>, id: &PartyId) -> Result<(), Rejection> {
    if *id == draft.context().genesis.root_party() {
        return Err(STATUS_NOT_FOR_ROOT.because(format!("{id} is the root authority")));
    }
    Ok(())
}

/// Persons die, organisations are dissolved, final states stay, and a change changes something.
pub(super) fn status_can_become(party: &Party, status: Status) -> Result<(), Rejection> {
    if party.status == status {
        return Err(STATUS_UNCHANGED.because(format!("{} is {status}", party.id)));
    }
    status_is_not_final(party)?;
    match (status, party.kind) {
        (Status::Deceased, PartyKind::Organisation | PartyKind::Device)
        | (Status::Dissolved, PartyKind::Person | PartyKind::Device) => {
            let detail = format!("{} would become {status}", party.id);
            Err(STATUS_NOT_FOR_KIND.because(detail))
        }
        _ => Ok(()),
    }
}

/// Ids are never reused.
pub(super) fn id_is_free<T: Described>(draft: &Draft<'_>, object: &T) -> Result<(), Rejection> {
    let id = object.id();
    if draft.exists::<T>(&id) {
        return Err(codes::ID_TAKEN.because(format!("{}/{}/{id} exists", T::REGISTER, T::KIND)));
    }
    Ok(())
}

/// Kinship is between two different persons.
pub(super) fn are_two_persons(draft: &Draft<'_>, kinship: &KinshipId) -> Result<(), Rejection> {
    if kinship.of == kinship.to {
        return Err(KINSHIP_WITH_SELF.because(format!("{kinship}")));
    }
    for id in [&kinship.of, &kinship.to] {
        if known_party(draft, id)?.kind != PartyKind::Person {
            return Err(KINSHIP_OF_PERSONS.because(format!("{id} is no person")));
        }
    }
    Ok(())
}

/// Neither the kinship nor its reverse is in force.
pub(super) fn kinship_is_new(draft: &Draft<'_>, kinship: &KinshipId) -> Result<(), Rejection> {
    let reverse = KinshipId { of: kinship.to, relation: kinship.relation, to: kinship.of };
    if kinship_in_force(draft, kinship).is_some() {
        return Err(KINSHIP_STATED.because(format!("{kinship} is in force")));
    }
    if kinship_in_force(draft, &reverse).is_some() {
        return Err(KINSHIP_REVERSED.because(format!("{reverse} is in force")));
    }
    Ok(())
}

/// The index of a person's parents is bounded.
pub(super) fn parents_have_room(parents: &Parents) -> Result<(), Rejection> {
    if parents.parents.len() >= MAX_PARENTS {
        let detail = format!("{MAX_PARENTS} parents of {} are stated", parents.person);
        return Err(TOO_MANY_PARENTS.because(detail));
    }
    Ok(())
}

/// A guardianship may end; parenthood may only be corrected.
pub(super) fn only_guardianship_ends(relation: Relation, ends: bool) -> Result<(), Rejection> {
    if relation == Relation::ParentOf && ends {
        return Err(PARENTHOOD_HAS_NO_END.because("guardianships end, parenthood does not"));
    }
    Ok(())
}
