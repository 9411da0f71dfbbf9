//! Every transition with everyone who signs it: without any one of them it is refused, and with one more.

use std::collections::BTreeSet;

use chancery_registries::equity;

use crate::common::signed_by_exactly_its_signers;
use crate::dividends::the_holders_at_the_record_time_are_paid_and_nobody_else;
use crate::{instrument_rules, stories, vesting_rules};

#[test]
fn every_transition_needs_exactly_its_signers() {
    let paid: &[fn()] = &[the_holders_at_the_record_time_are_paid_and_nobody_else];
    let stories =
        [stories::STORIES, instrument_rules::STORIES, vesting_rules::STORIES, paid].concat();
    let done = signed_by_exactly_its_signers(equity::REGISTER.name, &stories);
    let actions: BTreeSet<_> = equity::REGISTER.actions.iter().map(|it| (*it).to_owned()).collect();
    assert_eq!(done, actions, "each action is done in a story");
}
