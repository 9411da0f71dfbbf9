//! Every transition with everyone who signs it: without any one of them it is refused, and with one more.

use std::collections::BTreeSet;

use chancery_registries::diplomas;

use crate::common::signed_by_exactly_its_signers;
use crate::stories::STORIES;

#[test]
fn every_transition_needs_exactly_its_signers() {
    let done = signed_by_exactly_its_signers(diplomas::REGISTER.name, STORIES);
    let actions: BTreeSet<_> =
        diplomas::REGISTER.actions.iter().map(|it| (*it).to_owned()).collect();
    assert_eq!(done, actions, "each action is done in a story");
}
