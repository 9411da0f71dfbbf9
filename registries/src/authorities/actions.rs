//! What may be asked of the authorities register.

use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::accreditation::{AttestedTypes, RegisterNames, Role};
use super::orders::Target;
use crate::text::{LocalId, Parameters, Reference, Statement};

/// An action of the authorities register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "kebab-case")]
#[schema(as = AuthoritiesAction)]
pub enum Action {
    /// Accredits an institution.
    Accredit(Accredit),
    /// Suspends an accreditation.
    Suspend(AccreditationChange),
    /// Ends a suspension.
    Reinstate(AccreditationChange),
    /// Ends an accreditation for good.
    End(AccreditationChange),
    /// Freezes an object.
    Freeze(FreezeObject),
    /// Directs that something be done with an object.
    Direct(DirectObject),
    /// Releases an order before it runs out.
    Release(ReleaseOrder),
}

/// Accredits an institution. Signed by root, or by an institution whose own accreditation in these
/// registers lets it grant the role (a carrier its stations and couriers).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Accredit {
    /// An id not used before.
    pub accreditation: LocalId,
    /// Who grants it.
    pub by: PartyId,
    /// Who is accredited.
    pub institution: PartyId,
    /// As what.
    pub role: Role,
    /// In which registers.
    pub registers: RegisterNames,
    /// For what, in words.
    pub scope: Statement,
    /// Which types of attestation an attester may make; for no other role.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub attests: AttestedTypes,
    /// From when on; from now when left out or past.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Time>,
    /// Until when, that moment excluded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Time>,
    /// Further particulars.
    #[serde(default, skip_serializing_if = "Parameters::is_empty")]
    pub parameters: Parameters,
}

fn is_empty(types: &AttestedTypes) -> bool {
    types.is_empty()
}

/// Suspends, reinstates or ends an accreditation. Signed by its grantor or root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccreditationChange {
    /// Which.
    pub accreditation: LocalId,
    /// Who does it.
    pub by: PartyId,
    /// From when on, which cannot be past; from now when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Time>,
    /// Why.
    pub reason: Statement,
}

/// Freezes an object. Signed by a court or regulator accredited for its register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FreezeObject {
    /// An id not used before.
    pub order: LocalId,
    /// Who orders it.
    pub by: PartyId,
    /// What is frozen.
    pub target: Target,
    /// How far it reaches, in words.
    pub scope: Statement,
    /// The case or decision behind it.
    pub reference: Reference,
    /// When it runs out.
    pub until: Time,
}

/// Directs that something be done: a standing order that actions of other registers may cite.
/// Signed by a court or regulator accredited for the object's register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DirectObject {
    /// An id not used before.
    pub order: LocalId,
    /// Who orders it.
    pub by: PartyId,
    /// What it is about.
    pub target: Target,
    /// What is to be done.
    pub instruction: Statement,
    /// How far it reaches, in words.
    pub scope: Statement,
    /// The case or decision behind it.
    pub reference: Reference,
    /// When it runs out.
    pub until: Time,
}

/// Releases an order before it runs out. Signed by whoever made it, by a court accredited for the
/// target's register, or by root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseOrder {
    /// Which.
    pub order: LocalId,
    /// Who releases it.
    pub by: PartyId,
    /// The case or decision behind it.
    pub reference: Reference,
}
