//! Every transition with everyone who signs it: without any one of them it is refused, and with one more.

use std::collections::BTreeSet;

use chancery_registries::parcels;

use crate::common::signed_by_exactly_its_signers;
use crate::statements::a_statement_is_seen_and_moves_nothing_in_any_state;
use crate::stories::STORIES;

#[test]
fn every_transition_needs_exactly_its_signers() {
    let stated: &[fn()] = &[a_statement_is_seen_and_moves_nothing_in_any_state];
    let stories = [STORIES, stated].concat();
    let done = signed_by_exactly_its_signers(parcels::REGISTER.name, &stories);
    let actions: BTreeSet<_> =
        parcels::REGISTER.actions.iter().map(|it| (*it).to_owned()).collect();
    assert_eq!(done, actions, "each action is done in a story");
}
