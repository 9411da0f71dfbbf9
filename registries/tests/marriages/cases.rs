//! Tables of refusals: each case breaks one rule and names the code that must come of it.

use std::collections::BTreeSet;

use chancery_registries::marriages;

use crate::office::Office;
use crate::{ending_rules, statement_rules, wedding_rules};

/// The code, what is wrong, and how a new office is made to say it.
pub(crate) type Case = (&'static str, &'static str, fn(&mut Office) -> &'static str);

fn all() -> impl Iterator<Item = &'static Case> {
    [wedding_rules::CASES, ending_rules::CASES, statement_rules::CASES].into_iter().flatten()
}

#[test]
fn every_broken_rule_gives_its_code() {
    for (code, wrong, refusal) in all() {
        assert_eq!(*code, refusal(&mut Office::new()), "{wrong}");
    }
}

#[test]
fn every_code_is_given_by_a_broken_rule() {
    let declared: BTreeSet<_> = marriages::REGISTER.codes.iter().map(|code| code.name).collect();
    let given: BTreeSet<_> = all().map(|(code, _, _)| *code).collect();
    let never: Vec<_> = declared.difference(&given).collect();
    assert!(never.is_empty(), "no case gives {never:?}");
}
