//! The rules of the records register, each a sentence.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Draft, Object};
use chancery_ledger::party::PartyId;

use super::codes;
use super::record::{ErasureReason, Record, RecordId, RecordStatus, Subjects};
use crate::RegisterName;
use crate::authorities;
use crate::codes::ID_TAKEN;
use crate::identity::{Purpose, known_party};
use crate::signers;
use crate::text::LocalId;

/// How many versions a record can have.
pub const MAX_VERSIONS: u32 = 1000;

/// The keeper answers for what it keeps, with its controllers or an assertion key.
pub(super) fn keeper_has_signed(draft: &Draft<'_>, keeper: &PartyId) -> Result<(), Rejection> {
    signers::signed_by(draft, keeper, Purpose::Assertion, RegisterName::Records)
}

/// The record is anchored by this keeper.
pub(super) fn known_record(draft: &Draft<'_>, id: &RecordId) -> Result<Record, Rejection> {
    draft
        .get(&id.to_string())
        .ok_or_else(|| codes::RECORD_UNKNOWN.because(format!("there is no record {id}")))
}

/// A commitment is anchored once by each keeper: what was erased does not come back.
pub(super) fn is_new(draft: &Draft<'_>, id: &RecordId) -> Result<(), Rejection> {
    if draft.exists::<Record>(&id.to_string()) {
        return Err(ID_TAKEN.because(format!("the record {id} is anchored already")));
    }
    Ok(())
}

/// Whom the record is about are parties, whatever has become of them.
pub(super) fn subjects_are_known(draft: &Draft<'_>, subjects: &Subjects) -> Result<(), Rejection> {
    subjects.iter().try_for_each(|subject| known_party(draft, subject).map(|_| ()))
}

/// The record is kept still.
pub(super) fn is_kept(record: &Record) -> Result<(), Rejection> {
    match record.status {
        RecordStatus::Kept => Ok(()),
        RecordStatus::Erased => {
            Err(codes::RECORD_ERASED.because(format!("{} was erased", record.id())))
        }
    }
}

/// Versions follow one another in one line, which is not endless.
pub(super) fn may_be_replaced(record: &Record) -> Result<(), Rejection> {
    if let Some(next) = &record.replaced_by {
        let detail = format!("{} is replaced by {next}", record.id());
        return Err(codes::RECORD_REPLACED.because(detail));
    }
    if record.version >= MAX_VERSIONS {
        let detail = format!("{} is the last that there can be", record.id());
        return Err(codes::TOO_MANY_RECORD_VERSIONS.because(detail));
    }
    Ok(())
}

/// No order of a court or regulator holds the record as it is.
pub(super) fn is_not_held(draft: &Draft<'_>, record: &Record) -> Result<(), Rejection> {
    authorities::not_frozen(draft, RegisterName::Records, Record::KIND, &record.id())
}

/// Who erases by order says by which, and it is about this record.
pub(super) fn order_is_cited(
    draft: &Draft<'_>,
    record: &Record,
    reason: ErasureReason,
    order: Option<&LocalId>,
) -> Result<(), Rejection> {
    match (reason, order) {
        (ErasureReason::CourtOrder, None) => {
            Err(codes::ERASURE_ORDER_NOT_CITED.because("order is left out"))
        }
        (ErasureReason::CourtOrder, Some(order)) => {
            let (register, id) = (RegisterName::Records, record.id());
            authorities::directed(draft, order, register, Record::KIND, &id).map(|_| ())
        }
        (_, None) => Ok(()),
        (_, Some(order)) => {
            let detail = format!("{order} is cited, and the reason is not court-order");
            Err(codes::ERASURE_ORDER_NOT_THE_REASON.because(detail))
        }
    }
}
