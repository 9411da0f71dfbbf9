//! How the artworks register changes.

mod keeping;
mod rights;
mod statements;
mod title;

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

use super::actions::{Action, Amend, RegisterWork};
use super::edition::{Edition, Impression};
use super::event::{Event, EventKind};
use super::rules::{
    edition_has_this_size, expert_has_signed, expert_is_none_of, has_signed,
    has_signed_for_custody, holds_rights, id_is_free, is_not_frozen, is_owner, known_work,
    number_is_free, still_exists,
};
use super::work::{Custody, Status, Work};
use crate::identity::known_party;

pub(super) fn apply(draft: &mut Draft<'_>, action: &Action) -> Result<(), Rejection> {
    match action {
        Action::Register(action) => register(draft, action),
        Action::Amend(action) => amend(draft, action),
        Action::Sell(action) => title::pass(draft, action, EventKind::Sold),
        Action::Give(action) => title::pass(draft, action, EventKind::Given),
        Action::Bequeath(action) => title::bequeath(draft, action),
        Action::Restitute(action) => title::restitute(draft, action),
        Action::HandOver(action) => keeping::hand_over(draft, action),
        Action::Consign(action) => keeping::consign(draft, action),
        Action::Lend(action) => keeping::lend(draft, action),
        Action::Return(action) => keeping::give_back(draft, action),
        Action::Move(action) => keeping::take_elsewhere(draft, action),
        Action::ReportCondition(action) => keeping::report_condition(draft, action),
        Action::ReportTheft(action) => keeping::report_theft(draft, action),
        Action::Recover(action) => keeping::recover(draft, action),
        Action::Destroy(action) => keeping::destroy(draft, action),
        Action::Dispute(action) => statements::dispute(draft, action),
        Action::Settle(action) => statements::settle(draft, action),
        Action::Opine(action) => statements::opine(draft, action),
        Action::WithdrawOpinion(action) => statements::withdraw_opinion(draft, action),
        Action::StateClaims(action) => statements::state_claims(draft, action),
        Action::DisputeClaim(action) => statements::dispute_claim(draft, action),
        Action::WithdrawClaim(action) => statements::withdraw_claim(draft, action),
        Action::AssignRights(action) => rights::assign(draft, action),
        Action::License(action) => rights::license(draft, action),
        Action::EndLicence(action) => rights::end_licence(draft, action),
        Action::Notarise(action) => rights::notarise(draft, action),
    }
}

fn register(draft: &mut Draft<'_>, action: &RegisterWork) -> Result<(), Rejection> {
    id_is_free::<Work>(draft, &action.work)?;
    expert_is_none_of(&action.examiner, &[action.owner, action.custodian])?;
    has_signed(draft, &action.owner)?;
    has_signed_for_custody(draft, &action.custodian)?;
    expert_has_signed(draft, &action.examiner)?;
    if let Some(artist) = &action.artist {
        known_party(draft, artist)?;
    }
    number_is_free(draft, &action.fingerprint, action.edition)?;
    let edition = edition_with(draft, action)?;

    draft.put(&edition);
    draft.put(&Impression {
        fingerprint: action.fingerprint,
        number: action.edition,
        work: action.work.clone(),
        live: true,
    });
    let event = Event {
        witness: Some(action.examiner),
        statement: Some(action.condition.statement.clone()),
        document: action.condition.report,
        ..Event::now(draft, &action.work, EventKind::Registered, action.owner)
    };
    let work = new_work(draft, action);
    event.put(draft, None, work);
    Ok(())
}

/// The edition with this number counted in. The first registration fixes its size, and whoever holds
/// the rights signs for it.
fn edition_with(draft: &Draft<'_>, action: &RegisterWork) -> Result<Edition, Rejection> {
    let known: Option<Edition> = draft.get(&action.fingerprint.to_string());
    let mut edition = known.unwrap_or_else(|| Edition {
        fingerprint: action.fingerprint,
        unique: action.edition.is_unique(),
        numbered: None,
        proofs: None,
        rights_holder: action.rights_holder,
        licences: Vec::new(),
    });
    edition_has_this_size(&edition, action.edition)?;
    if let Some(holder) = &action.rights_holder {
        holds_rights(&edition, holder)?;
        has_signed(draft, holder)?;
    }
    edition.numbered = edition.numbered.or(action.edition.numbered_of());
    edition.proofs = edition.proofs.or(action.edition.proofs_of());
    Ok(edition)
}

fn new_work(draft: &Draft<'_>, action: &RegisterWork) -> Work {
    let at = draft.time();
    Work {
        work: action.work.clone(),
        description: action.description.clone(),
        record: action.record,
        files: action.files.clone(),
        fingerprint: action.fingerprint,
        edition: action.edition,
        artist: action.artist,
        owner: action.owner,
        custody: Some(Custody::keeping(action.custodian, action.owner, at)),
        place: action.place.clone(),
        status: Status::Standing,
        theft: None,
        disputes: Vec::new(),
        condition: action.condition.stated(action.custodian, at),
        registered: at,
        examined_by: action.examiner,
        events: 0,
        claims: 0,
        opinions: 0,
    }
}

fn amend(draft: &mut Draft<'_>, action: &Amend) -> Result<(), Rejection> {
    let was = known_work(draft, &action.work)?;
    is_owner(&was, &action.owner)?;
    has_signed(draft, &action.owner)?;
    let keepers = [Some(was.owner), was.custodian()];
    let keepers: Vec<_> = keepers.into_iter().flatten().collect();
    expert_is_none_of(&action.examiner, &keepers)?;
    expert_has_signed(draft, &action.examiner)?;
    still_exists(&was)?;
    is_not_frozen(draft, &was)?;

    let work = Work {
        description: action.description.clone(),
        record: action.record,
        files: action.files.clone(),
        examined_by: action.examiner,
        ..was.clone()
    };
    let event = Event {
        witness: Some(action.examiner),
        document: Some(action.record),
        ..Event::now(draft, &action.work, EventKind::Amended, action.owner)
    };
    event.put(draft, Some(&was), work);
    Ok(())
}
