//! What auditors ask across all registers, each answer with its proofs where they are wanted.
//!
//! Entries of private registers are told to those who may read them, and to others not even how many
//! they are: a count beside a party and a time would tell that the party took part in one.

pub(super) mod deeds;
pub(super) mod frozen;

use super::codes;
use super::input::Limit;
use super::problem::Problem;

/// The most entries of a page that carries proofs or objects: a receipt may have 60 KiB, and so may an object.
const PROVEN_MAX: u32 = 50;

/// A page with proofs, or with objects in full, is bounded more tightly than one without.
pub(super) fn page_has_room_for_proofs(limit: Limit, proofs: bool) -> Result<(), Problem> {
    if proofs && limit.0 > PROVEN_MAX {
        let detail = format!("with proofs or objects a page has at most {PROVEN_MAX} entries");
        return Err(codes::BAD_QUERY.because(detail));
    }
    Ok(())
}
