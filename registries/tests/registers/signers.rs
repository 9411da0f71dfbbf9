//! Every transition with everyone who signs it: without any one of them it is refused, and with one more.

use std::collections::BTreeSet;

use chancery_registries::{Register, authorities, identity};

use crate::common::signed_by_exactly_its_signers;
use crate::{authority_stories, identity_stories};

fn each_is_done_and_needs_its_signers(register: &Register) {
    let stories = [authority_stories::STORIES, identity_stories::STORIES].concat();
    let done = signed_by_exactly_its_signers(register.name, &stories);
    let actions: BTreeSet<_> = register.actions.iter().map(|it| (*it).to_owned()).collect();
    assert_eq!(done, actions, "each action is done in a story");
}

#[test]
fn every_transition_of_authorities_needs_exactly_its_signers() {
    each_is_done_and_needs_its_signers(&authorities::REGISTER);
}

#[test]
fn every_transition_of_identity_needs_exactly_its_signers() {
    each_is_done_and_needs_its_signers(&identity::REGISTER);
}
