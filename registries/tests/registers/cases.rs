//! Tables of refusals: each case breaks one rule and names the code that must come of it.

use std::collections::BTreeSet;

use chancery_registries::{REGISTERS, codes};

use crate::common::Town;
use crate::{authority_rules, identity_rules, kinship_rules, signer_rules};

/// The code, what is wrong, and how a new town is made to say it.
pub(crate) type Case = (&'static str, &'static str, fn(&mut Town) -> &'static str);

fn all() -> impl Iterator<Item = &'static Case> {
    [authority_rules::CASES, identity_rules::CASES, kinship_rules::CASES, signer_rules::CASES]
        .into_iter()
        .flatten()
}

#[test]
fn every_broken_rule_gives_its_code() {
    for (code, wrong, refusal) in all() {
        assert_eq!(*code, refusal(&mut Town::new()), "{wrong}");
    }
}

#[test]
fn every_code_is_given_by_a_broken_rule() {
    let own = REGISTERS
        .iter()
        .filter(|register| ["authorities", "identity"].contains(&register.name))
        .flat_map(|register| register.codes);
    let declared: BTreeSet<_> = own.chain(codes::SHARED).map(|code| code.name).collect();
    let given: BTreeSet<_> = all().map(|(code, _, _)| *code).collect();
    let never: Vec<_> = declared.difference(&given).collect();
    assert!(never.is_empty(), "no case gives {never:?}");
}
