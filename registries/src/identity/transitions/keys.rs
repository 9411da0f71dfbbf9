//! How a party's keys change, and how it is recovered when they are lost.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::key::PublicKey;

use crate::codes::period_is_not_empty;
use crate::identity::actions::{
    AddKey, ObjectToRecovery, Recover, RevokeKey, SetControllers, SetRecovery,
};
use crate::identity::party::{
    Controllers, Party, PendingRecovery, RecoveryPlan, RevokedKey, Standing, SubKey,
};
use crate::identity::queries::{active_party, known_party};
use crate::identity::rules::{
    controllers_without, key_can_be_revoked, key_history_has_room, key_is_free,
    keys_are_not_frozen, no_recovery_is_pending, objector_has_signed, recoverers_have_signed,
    recovery_is_pending, recovery_plan_is_sound, status_is_not_final, sub_keys_have_room,
    threshold_can_be_met,
};
use crate::signers::{controllers_signed, controllers_signed_besides, new_key_signed};

pub(super) fn set_controllers(
    draft: &mut Draft<'_>,
    change: &SetControllers,
) -> Result<(), Rejection> {
    let mut party = active_party(draft, &change.party)?;
    keys_are_not_frozen(draft, &party.id)?;
    let is_new = |key: &&PublicKey| party.standing_of(key) != Standing::Controller;
    let new: Vec<PublicKey> = change.keys.iter().filter(is_new).copied().collect();
    controllers_signed_besides(draft, &party.id, &new)?;
    for key in &new {
        key_is_free(&party, key)?;
        new_key_signed(draft, &party.id, key)?;
    }
    threshold_can_be_met(change.threshold, change.keys.len())?;
    key_history_has_room(&party, new.len())?;

    let controllers = Controllers { threshold: change.threshold, keys: change.keys.clone() };
    party.replace_controllers(controllers, draft.time());
    draft.put(&party);
    Ok(())
}

pub(super) fn add_key(draft: &mut Draft<'_>, addition: &AddKey) -> Result<(), Rejection> {
    let mut party = active_party(draft, &addition.party)?;
    keys_are_not_frozen(draft, &party.id)?;
    controllers_signed_besides(draft, &party.id, &[addition.key])?;
    key_is_free(&party, &addition.key)?;
    new_key_signed(draft, &party.id, &addition.key)?;
    let now = draft.time();
    let valid_from = addition.valid_from.unwrap_or(now).max(now);
    period_is_not_empty(valid_from, addition.valid_until)?;
    sub_keys_have_room(&party)?;
    key_history_has_room(&party, 1)?;

    party.sub_keys.push(SubKey {
        key: addition.key,
        purposes: addition.purposes.clone(),
        only_register: addition.only_register,
        valid_from,
        valid_until: addition.valid_until,
    });
    draft.put(&party);
    Ok(())
}

pub(super) fn revoke_key(draft: &mut Draft<'_>, revocation: &RevokeKey) -> Result<(), Rejection> {
    let mut party = active_party(draft, &revocation.party)?;
    keys_are_not_frozen(draft, &party.id)?;
    controllers_signed(draft, &party.id)?;
    key_can_be_revoked(&party, &revocation.key)?;

    if party.standing_of(&revocation.key) == Standing::Controller {
        party.controllers.keys = controllers_without(&party, &revocation.key)?;
    }
    party.sub_keys.retain(|sub_key| sub_key.key != revocation.key);
    let reason = Some(revocation.reason.clone());
    party.revoked.push(RevokedKey { key: revocation.key, at: draft.time(), reason });
    draft.put(&party);
    Ok(())
}

pub(super) fn set_recovery(draft: &mut Draft<'_>, plan: &SetRecovery) -> Result<(), Rejection> {
    let party = active_party(draft, &plan.party)?;
    keys_are_not_frozen(draft, &party.id)?;
    controllers_signed(draft, &party.id)?;
    recovery_plan_is_sound(draft, plan)?;

    let recovery = Some(RecoveryPlan {
        guardians: plan.guardians.clone(),
        threshold: plan.threshold,
        authority: plan.authority,
        delay_ms: plan.delay_ms,
    });
    draft.put(&Party { recovery, ..party });
    Ok(())
}

pub(super) fn recover(draft: &mut Draft<'_>, recovery: &Recover) -> Result<(), Rejection> {
    // A suspended party can be recovered: that is what one suspends for when keys are stolen.
    let party = known_party(draft, &recovery.party)?;
    status_is_not_final(&party)?;
    keys_are_not_frozen(draft, &party.id)?;
    no_recovery_is_pending(&party)?;
    let plan = recoverers_have_signed(draft, &party, recovery)?;
    for key in recovery.keys.iter() {
        key_is_free(&party, key)?;
        new_key_signed(draft, &party.id, key)?;
    }
    threshold_can_be_met(recovery.threshold, recovery.keys.len())?;
    key_history_has_room(&party, recovery.keys.len())?;

    let started = draft.time();
    let recovering = Some(PendingRecovery {
        controllers: Controllers { threshold: recovery.threshold, keys: recovery.keys.clone() },
        started,
        effective: started.plus_ms(plan.delay_ms.as_ms()),
    });
    draft.put(&Party { recovering, ..party });
    Ok(())
}

pub(super) fn object(draft: &mut Draft<'_>, objection: &ObjectToRecovery) -> Result<(), Rejection> {
    // A freeze is no reason to refuse: whoever freezes a party objects to its recovery as well.
    let party = known_party(draft, &objection.party)?;
    objector_has_signed(draft, objection)?;
    recovery_is_pending(&party)?;

    draft.put(&Party { recovering: None, ..party });
    Ok(())
}
