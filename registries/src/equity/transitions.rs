//! How the equity register changes.

mod book;
mod corporate;
mod filings;
mod instruments;
mod movements;
mod plans;
mod pledges;
mod splits;
mod vesting;

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

use super::actions::Action;
use super::security::Event;

pub(super) fn apply(draft: &mut Draft<'_>, action: &Action) -> Result<(), Rejection> {
    match action {
        Action::RegisterIssuer(action) => corporate::register_issuer(draft, action),
        Action::AmendIssuer(action) => corporate::amend_issuer(draft, action),
        Action::CreateClass(action) => corporate::create_class(draft, action),
        Action::AdjustIssuerAuthorised(action) => {
            corporate::adjust_issuer_authorised(draft, action)
        }
        Action::AdjustClassAuthorised(action) => corporate::adjust_class_authorised(draft, action),
        Action::AdjustConversionRatio(action) => corporate::adjust_conversion_ratio(draft, action),
        Action::Issue(action) => movements::issue(draft, action),
        Action::Transfer(action) => movements::transfer(draft, action),
        Action::Cancel(action) => movements::take(draft, action, Event::Cancellation),
        Action::Repurchase(action) => movements::take(draft, action, Event::Repurchase),
        Action::Retract(action) => movements::retract(draft, action),
        Action::Reissue(action) => movements::reissue(draft, action),
        Action::Split(action) => splits::split(draft, action),
        Action::ReissueForSplit(action) => splits::reissue_for_split(draft, action),
        Action::Convert(action) => movements::convert(draft, action),
        Action::Pledge(action) => pledges::pledge(draft, action),
        Action::ReleasePledge(action) => pledges::release_pledge(draft, action),
        Action::LiftRestriction(action) => pledges::lift_restriction(draft, action),
        Action::DeclareDividend(action) => corporate::declare_dividend(draft, action),
        Action::CreatePlan(action) => plans::create_plan(draft, action),
        Action::AdjustPlanPool(action) => plans::adjust_plan_pool(draft, action),
        Action::ReturnToPool(action) => plans::return_to_pool(draft, action),
        Action::IssueInstrument(action) => instruments::issue(draft, action),
        Action::TransferInstrument(action) => instruments::transfer(draft, action),
        Action::CancelInstrument(action) => instruments::cancel(draft, action),
        Action::RetractInstrument(action) => instruments::retract(draft, action),
        Action::Exercise(action) => instruments::exercise(draft, action),
        Action::SplitInstruments(action) => splits::split_instruments(draft, action),
        Action::CreateVestingTerms(action) => vesting::create_terms(draft, action),
        Action::SetVesting(action) => vesting::set(draft, action),
        Action::MeetVestingCondition(action) => vesting::meet_condition(draft, action),
        Action::AccelerateVesting(action) => vesting::accelerate(draft, action),
        Action::File(action) => filings::file(draft, action),
    }
}
