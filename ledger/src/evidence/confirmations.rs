//! How much work stands behind a block: its own, and that of the headers that follow.

use serde::{Deserialize, Serialize};

use super::{BadEvidence, Bytes};
use crate::anchor::Anchor;
use crate::block::{Header, NotABlock};
use crate::seal::{BadSeal, Seal};
use crate::work::{MAX_FINAL_DEPTH, SealedHeader, WorkSum};

/// The most headers that evidence may carry behind its own.
pub const CONFIRMATIONS_MAX: usize = MAX_FINAL_DEPTH as usize;

/// A sealed header that follows the one before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// The header, in its fixed layout.
    pub header: Bytes,
    /// Why it counts.
    pub seal: Seal,
}

/// Why a header that is said to follow does not confirm.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadConfirmation {
    /// The ledger is sealed by a pool, whose seal needs none.
    #[error("a block that a pool has sealed needs no confirmation, and has none")]
    NotOfWork,
    /// There are more than anyone needs.
    #[error("there are more than 128")]
    TooMany,
    /// It does not parse.
    #[error(transparent)]
    Header(#[from] NotABlock),
    /// Its seal does not hold.
    #[error(transparent)]
    Seal(#[from] BadSeal),
    /// It does not follow the header before it.
    #[error("its {0} does not follow from the header before it")]
    Apart(&'static str),
}

/// What work stands behind evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ShownWork {
    /// How many headers follow, as far as the evidence shows.
    pub confirmations: u64,
    /// How many must follow for nodes to call the block final, by the genesis.
    pub final_depth: u32,
    /// The hashes that the block and those that follow stand for, on the average.
    pub work: WorkSum,
}

impl Confirmation {
    /// The header with its work, as evidence carries it.
    pub(crate) fn of(sealed: &SealedHeader) -> Self {
        Self { header: Bytes(sealed.header.encode().to_vec()), seal: Seal::Work(sealed.work) }
    }
}

/// Checks that each header follows from the one before, with the target that follows from it, and sums
/// the work. Nothing on a ledger that a pool seals.
pub(super) fn shown_work(
    header: &Header,
    seal: &Seal,
    confirmations: &[Confirmation],
    anchor: &Anchor,
) -> Result<Option<ShownWork>, BadEvidence> {
    let at = |index: usize| move |what| BadEvidence::Confirmation { index, what };
    let (Some(rules), Seal::Work(work)) = (anchor.genesis().work(), seal) else {
        return match confirmations {
            [] => Ok(None),
            [..] => Err(at(0)(BadConfirmation::NotOfWork)),
        };
    };
    if confirmations.len() > CONFIRMATIONS_MAX {
        return Err(at(CONFIRMATIONS_MAX)(BadConfirmation::TooMany));
    }
    let mut sum = work.target.work();
    let mut before = header.clone();
    for (index, confirmation) in confirmations.iter().enumerate() {
        before = follows(&before, confirmation, anchor).map_err(at(index))?;
        if let Seal::Work(work) = &confirmation.seal {
            sum = sum + work.target.work();
        }
    }
    let (confirmations, final_depth) = (confirmations.len() as u64, rules.final_depth);
    Ok(Some(ShownWork { confirmations, final_depth, work: sum }))
}

/// The header that follows, when it does.
fn follows(
    before: &Header,
    confirmation: &Confirmation,
    anchor: &Anchor,
) -> Result<Header, BadConfirmation> {
    let header = Header::decode(&confirmation.header.0)?;
    anchor.verify(&header, &confirmation.seal)?;
    let holds = [
        ("ledger", header.ledger == before.ledger),
        ("previous block", header.previous == before.hash()),
        ("height", Some(header.height) == before.height.checked_add(1)),
        ("time", header.time > before.time),
        ("target", Some(header.pool) == anchor.genesis().target_after(before)),
    ];
    match holds.into_iter().find(|(_, holds)| !holds) {
        Some((what, _)) => Err(BadConfirmation::Apart(what)),
        None => Ok(header),
    }
}
