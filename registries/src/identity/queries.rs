//! What other registers and the interface ask of the identity register.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;

use super::party::{Party, Status};
use super::statements::{Attestation, KinshipId, attestation_id};
use super::{ATTESTATION_UNKNOWN, Kinship};
use crate::codes;
use crate::text::LocalId;

/// The party as it stands at the time of the block.
pub fn party(draft: &Draft<'_>, id: &PartyId) -> Option<Party> {
    draft.get::<Party>(&id.to_string()).map(|party| party.at(draft.time()))
}

/// The party, which must exist.
pub fn known_party(draft: &Draft<'_>, id: &PartyId) -> Result<Party, Rejection> {
    party(draft, id).ok_or_else(|| codes::PARTY_UNKNOWN.because(format!("there is no party {id}")))
}

/// The party, which must exist and be active.
pub fn active_party(draft: &Draft<'_>, id: &PartyId) -> Result<Party, Rejection> {
    let party = known_party(draft, id)?;
    match party.status {
        Status::Active => Ok(party),
        status => {
            let detail = format!("{id} is {status}");
            Err(codes::PARTY_NOT_ACTIVE.because(detail))
        }
    }
}

/// An attestation by its issuer and the id that the issuer gave it.
pub fn attestation(
    draft: &Draft<'_>,
    issuer: &PartyId,
    attestation: &LocalId,
) -> Result<Attestation, Rejection> {
    let id = attestation_id(issuer, attestation);
    draft
        .get(&id)
        .ok_or_else(|| ATTESTATION_UNKNOWN.because(format!("there is no attestation {id}")))
}

/// The kinship of this id, if it holds at the time of the block.
pub fn kinship_in_force(draft: &Draft<'_>, id: &KinshipId) -> Option<Kinship> {
    draft.get::<Kinship>(&id.to_string()).filter(|kinship| kinship.is_in_force_at(draft.time()))
}
