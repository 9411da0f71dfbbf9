//! What may be asked of the identity register.

use chancery_ledger::hash::Hash;
use chancery_ledger::key::PublicKey;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::party::{ControllerKeys, DelayMs, Guardians, PartyKind, Purposes, Status};
use super::statements::Relation;
use crate::RegisterName;
use crate::text::{LocalId, Statement};

/// An action of the identity register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "kebab-case")]
#[schema(as = IdentityAction)]
pub enum Action {
    /// Creates a party from its first key.
    Create(CreateParty),
    /// Replaces the controller keys.
    SetControllers(SetControllers),
    /// Adds a sub-key.
    AddKey(AddKey),
    /// Revokes a key for good.
    RevokeKey(RevokeKey),
    /// Anchors the commitment to the party's card.
    SetCard(SetCard),
    /// Lays down how the party is recovered.
    SetRecovery(SetRecovery),
    /// Begins a recovery.
    Recover(Recover),
    /// Objects to a recovery under way.
    Object(ObjectToRecovery),
    /// Changes whether a party may act.
    SetStatus(SetStatus),
    /// Attests something about a party.
    Attest(Attest),
    /// Takes an attestation back.
    RevokeAttestation(RevokeAttestation),
    /// States that two persons are related.
    StateKinship(StateKinship),
    /// Ends or corrects such a statement.
    EndKinship(EndKinship),
}

/// Creates a party. Signed with its first key, from which its ID code follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateParty {
    /// What it is.
    pub kind: PartyKind,
    /// Its first key, its only controller to begin with.
    pub key: PublicKey,
    /// The commitment to its card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Hash>,
}

/// Replaces the controller keys. Signed by the present controllers and with every new key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetControllers {
    /// Whose.
    pub party: PartyId,
    /// How many of the keys must sign from now on.
    pub threshold: u32,
    /// The keys; those that are left out are revoked.
    pub keys: ControllerKeys,
}

/// Adds a sub-key. Signed by the controllers and with the new key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddKey {
    /// Whose.
    pub party: PartyId,
    /// The key.
    pub key: PublicKey,
    /// What for.
    pub purposes: Purposes,
    /// The one register in which it shall count; all when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_register: Option<RegisterName>,
    /// From when on; from now when left out or past.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Time>,
    /// Until when, that moment excluded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Time>,
}

/// Revokes a controller key or a sub-key. Signed by the controllers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeKey {
    /// Whose.
    pub party: PartyId,
    /// The key.
    pub key: PublicKey,
    /// Why.
    pub reason: Statement,
}

/// Anchors the commitment to the party's card. Signed by the controllers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetCard {
    /// Whose.
    pub party: PartyId,
    /// The commitment.
    pub card: Hash,
}

/// Lays down how the party is recovered. Signed by the controllers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetRecovery {
    /// Who.
    pub party: PartyId,
    /// Those who can recover it together.
    pub guardians: Guardians,
    /// How many of them must sign; 0 where there are none.
    pub threshold: u32,
    /// An identity authority that can recover it as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<PartyId>,
    /// For how long the controllers, a court or a regulator can object.
    pub delay_ms: DelayMs,
}

/// Begins a recovery. Signed by enough guardians, or by the authority that `by` names, and with
/// every new key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Recover {
    /// Who.
    pub party: PartyId,
    /// The identity authority of the party's plan; left out when its guardians sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PartyId>,
    /// How many of the keys must sign from then on.
    pub threshold: u32,
    /// The new controller keys, none of which the party ever had.
    pub keys: ControllerKeys,
}

/// Objects to the recovery under way and so cancels it. Signed with any one controller key, or by
/// the court or regulator that `by` names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectToRecovery {
    /// Who.
    pub party: PartyId,
    /// The court or regulator that objects; left out when a controller does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PartyId>,
}

/// Changes whether a party may act. Signed by the authority that `by` names: a regulator or root
/// (suspended, active, revoked), a civil registrar (deceased), a company registrar (dissolved), or
/// the party's own controllers (revoked).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetStatus {
    /// Whose.
    pub party: PartyId,
    /// Who sets it.
    pub by: PartyId,
    /// To what.
    pub status: Status,
    /// Why.
    pub reason: Statement,
}

/// Attests something about a party. Signed by an attester accredited for the type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attest {
    /// An id that the attester has not used before.
    pub attestation: LocalId,
    /// The attester.
    pub by: PartyId,
    /// About whom.
    pub subject: PartyId,
    /// What is attested: `kyc`, `age-over-18`, `licence`.
    #[serde(rename = "type")]
    pub type_: LocalId,
    /// The commitment to the particulars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Hash>,
    /// Until when, that moment excluded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Time>,
}

/// Takes an attestation back. Signed by its issuer, accredited still or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeAttestation {
    /// The id that the issuer gave it.
    pub attestation: LocalId,
    /// The issuer.
    pub by: PartyId,
    /// Why.
    pub reason: Statement,
}

/// States that two persons are related. Signed by a civil registrar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StateKinship {
    /// The civil registrar.
    pub by: PartyId,
    /// Who is the parent or guardian.
    pub of: PartyId,
    /// Which of the two.
    pub relation: Relation,
    /// Whose.
    pub to: PartyId,
    /// Until when a guardianship holds, that moment excluded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Time>,
}

/// Ends a guardianship, or corrects a statement that should never have been made. Signed by a
/// civil registrar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndKinship {
    /// The civil registrar.
    pub by: PartyId,
    /// Who is the parent or guardian.
    pub of: PartyId,
    /// Which of the two.
    pub relation: Relation,
    /// Whose.
    pub to: PartyId,
    /// Why.
    pub reason: Statement,
    /// Whether it should never have been stated: parenthood has no other end.
    #[serde(default)]
    pub correction: bool,
}
