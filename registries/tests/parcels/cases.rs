//! Tables of refusals: each case breaks one rule and names the code that must come of it.

use std::collections::BTreeSet;

use chancery_registries::parcels;

use crate::post::Post;
use crate::{container_rules, exception_rules, handoff_rules, statements};

/// The code, what is wrong, and how a new post is made to say it.
pub(crate) type Case = (&'static str, &'static str, fn(&mut Post) -> &'static str);

fn all() -> impl Iterator<Item = &'static Case> {
    let tables =
        [handoff_rules::CASES, exception_rules::CASES, container_rules::CASES, statements::CASES];
    tables.into_iter().flatten()
}

#[test]
fn every_broken_rule_gives_its_code() {
    for (code, wrong, refusal) in all() {
        let mut post = Post::new();
        assert_eq!(*code, refusal(&mut post), "{wrong}");
    }
}

#[test]
fn every_code_is_given_by_a_broken_rule() {
    let declared: BTreeSet<_> = parcels::REGISTER.codes.iter().map(|code| code.name).collect();
    let given: BTreeSet<_> = all().map(|(code, _, _)| *code).collect();
    let never: Vec<_> = declared.difference(&given).collect();
    assert!(never.is_empty(), "no case gives {never:?}");
}
