//! What may be asked about rights: who holds them, licences, and notarised documents.

use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::artworks::licence::{DocumentKind, DocumentParties, LicenceScopes, Territories};
use crate::text::{LocalId, Name};

/// Passes the rights in a conception. Signed by the holder and the new holder, or by the latter alone
/// under a court's direction about the edition; where the register knows no holder, by the new holder
/// and an accredited expert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AssignArtworkRights)]
pub struct AssignRights {
    /// The conception's fingerprint.
    pub fingerprint: Hash,
    /// Who holds the rights, where the register knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<PartyId>,
    /// Who is to hold them.
    pub to: PartyId,
    /// The expert, where the register knows no holder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expert: Option<PartyId>,
    /// The court's direction, where the holder does not sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<LocalId>,
}

/// Grants a licence. Signed by the holder of the rights and the licensee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LicenseArtwork)]
pub struct License {
    /// An id not used before.
    pub licence: LocalId,
    /// The conception's fingerprint.
    pub fingerprint: Hash,
    /// The holder of the rights.
    pub licensor: PartyId,
    /// Who is to have the licence.
    pub licensee: PartyId,
    /// Whether no other may be granted where it holds.
    pub exclusive: bool,
    /// What it lets do.
    pub scopes: LicenceScopes,
    /// Where.
    pub territories: Territories,
    /// From when on; from now when left out or past.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Time>,
    /// Until when, that moment excluded; without an end when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// The hash of its terms.
    pub terms: Hash,
}

/// Ends a licence before its time. Signed by the licensee; or by the licensor, under a court's
/// direction about the licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EndArtworkLicence)]
pub struct EndLicence {
    /// Which.
    pub licence: LocalId,
    /// The licensee or the licensor.
    pub by: PartyId,
    /// The court's direction, where it is the licensor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<LocalId>,
}

/// Records a document's hash, who signed for it, and the block's time. Signed by every party that it
/// names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NotariseDocument)]
pub struct Notarise {
    /// An id not used before.
    pub notarisation: LocalId,
    /// What kind of document.
    pub kind: DocumentKind,
    /// What it is called, as far as that is to be public.
    pub title: Name,
    /// The hash of the document.
    pub document: Hash,
    /// Everyone who signs.
    pub parties: DocumentParties,
    /// The work that it is about, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<LocalId>,
}
