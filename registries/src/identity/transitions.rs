//! How the identity register changes.

mod keys;
mod statements;

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;

use super::actions::{Action, CreateParty, SetCard, SetStatus};
use super::party::{ControllerKeys, Controllers, Party, PartyKind, Status};
use super::queries::{active_party, known_party};
use super::rules::{is_not_root, may_set_status, party_is_new, status_can_become};
use crate::signers::{controllers_signed, new_key_signed};

pub(super) fn apply(draft: &mut Draft<'_>, action: &Action) -> Result<(), Rejection> {
    match action {
        Action::Create(action) => create(draft, action),
        Action::SetControllers(action) => keys::set_controllers(draft, action),
        Action::AddKey(action) => keys::add_key(draft, action),
        Action::RevokeKey(action) => keys::revoke_key(draft, action),
        Action::SetCard(action) => set_card(draft, action),
        Action::SetRecovery(action) => keys::set_recovery(draft, action),
        Action::Recover(action) => keys::recover(draft, action),
        Action::Object(action) => keys::object(draft, action),
        Action::SetStatus(action) => set_status(draft, action),
        Action::Attest(action) => statements::attest(draft, action),
        Action::RevokeAttestation(action) => statements::revoke_attestation(draft, action),
        Action::StateKinship(action) => statements::state_kinship(draft, action),
        Action::EndKinship(action) => statements::end_kinship(draft, action),
    }
}

/// The party of the root authority, with the keys that the genesis states.
pub(crate) fn found_root_authority(draft: &mut Draft<'_>) {
    let genesis = draft.context().genesis;
    let root = &genesis.statement().root;
    // A genesis has 1 to 32 distinct root keys, or it would not have parsed.
    if let Ok(keys) = ControllerKeys::try_from(root.keys.clone()) {
        let controllers = Controllers { threshold: root.threshold, keys };
        let party = new_party(draft, genesis.root_party(), PartyKind::Organisation, controllers);
        draft.put(&party);
    }
}

fn new_party(draft: &Draft<'_>, id: PartyId, kind: PartyKind, controllers: Controllers) -> Party {
    Party {
        id,
        kind,
        status: Status::Active,
        status_reason: None,
        created: draft.time(),
        card: None,
        controllers,
        sub_keys: Vec::new(),
        revoked: Vec::new(),
        recovery: None,
        recovering: None,
    }
}

fn create(draft: &mut Draft<'_>, create: &CreateParty) -> Result<(), Rejection> {
    let id = PartyId::of_first_key(&create.key);
    party_is_new(draft, &id)?;
    new_key_signed(draft, &id, &create.key)?;

    let controllers = Controllers { threshold: 1, keys: ControllerKeys::one(create.key) };
    let party = new_party(draft, id, create.kind, controllers);
    draft.put(&Party { card: create.card, ..party });
    Ok(())
}

fn set_card(draft: &mut Draft<'_>, change: &SetCard) -> Result<(), Rejection> {
    controllers_signed(draft, &change.party)?;
    let party = active_party(draft, &change.party)?;

    draft.put(&Party { card: Some(change.card), ..party });
    Ok(())
}

fn set_status(draft: &mut Draft<'_>, change: &SetStatus) -> Result<(), Rejection> {
    let party = known_party(draft, &change.party)?;
    is_not_root(draft, &change.party)?;
    may_set_status(draft, change)?;
    status_can_become(&party, change.status)?;

    let status_reason = Some(change.reason.clone());
    draft.put(&Party { status: change.status, status_reason, ..party });
    Ok(())
}
