//! Tables of refusals: each case breaks one rule and names the code that must come of it.

use std::collections::BTreeSet;

use chancery_registries::validators;

use crate::council::Council;
use crate::{pool_rules, stake_rules};

/// The code, what is wrong, and how a new council is made to say it.
pub(crate) type Case = (&'static str, &'static str, fn(&mut Council) -> &'static str);

fn all() -> impl Iterator<Item = &'static Case> {
    [pool_rules::CASES, stake_rules::CASES].into_iter().flatten()
}

#[test]
fn every_broken_rule_gives_its_code() {
    for (code, wrong, refusal) in all() {
        assert_eq!(*code, refusal(&mut Council::new()), "{wrong}");
    }
}

#[test]
fn every_code_is_given_by_a_broken_rule() {
    let declared: BTreeSet<_> = validators::REGISTER.codes.iter().map(|code| code.name).collect();
    let given: BTreeSet<_> = all().map(|(code, _, _)| *code).collect();
    let never: Vec<_> = declared.difference(&given).collect();
    assert!(never.is_empty(), "no case gives {never:?}");
}
