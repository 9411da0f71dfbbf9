//! The identity register: persons, organisations and devices, their keys and status, and what
//! accredited institutions attest about them.

mod actions;
mod codes;
mod did;
mod family;
mod party;
mod queries;
mod rules;
mod statements;
mod transitions;

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

pub use actions::{
    Action, AddKey, Attest, CreateParty, EndKinship, ObjectToRecovery, Recover, RevokeAttestation,
    RevokeKey, SetCard, SetControllers, SetRecovery, SetStatus, StateKinship,
};
pub use codes::*;
pub use did::{did, did_document};
pub use family::{MAX_PARENTS, Parents, parents};
pub use party::{
    ControllerKeys, Controllers, DelayMs, Guardians, MAX_KEYS, MAX_SUB_KEYS, NotADelay, Party,
    PartyKind, PendingRecovery, Purpose, Purposes, RecoveryPlan, RevokedKey, Standing, Status,
    SubKey,
};
pub use queries::{active_party, attestation, kinship_in_force, known_party, party};
pub use statements::{
    Attestation, KinEnd, Kinship, KinshipId, NotAKinshipId, Relation, Revocation, attestation_id,
};
pub(crate) use transitions::found_root_authority;

use crate::shape::{Kind, Register, Visibility};

/// What the register says about itself.
pub const REGISTER: Register = Register {
    name: "identity",
    title: "Persons, organisations and devices, and their keys",
    visibility: Visibility::Public,
    kinds: &[
        Kind::primary::<Party>(),
        Kind::of::<Attestation>(),
        Kind::of::<Kinship>(),
        Kind::of::<Parents>(),
    ],
    actions: &[
        "create",
        "set-controllers",
        "add-key",
        "revoke-key",
        "set-card",
        "set-recovery",
        "recover",
        "object",
        "set-status",
        "attest",
        "revoke-attestation",
        "state-kinship",
        "end-kinship",
    ],
    codes: CODES,
};

/// Applies an action of this register.
pub fn apply(draft: &mut Draft<'_>, action: &Action) -> Result<(), Rejection> {
    transitions::apply(draft, action)
}
