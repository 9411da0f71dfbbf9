//! Tables of refusals: each case breaks one rule and names the code that must come of it.

use std::collections::BTreeSet;

use chancery_registries::artworks;

use crate::gallery::Gallery;
use crate::{keeping_rules, rights_rules, statement_rules, title_rules};

/// The code, what is wrong, and how a new gallery is made to say it.
pub(crate) type Case = (&'static str, &'static str, fn(&mut Gallery) -> &'static str);

fn all() -> impl Iterator<Item = &'static Case> {
    [title_rules::CASES, keeping_rules::CASES, statement_rules::CASES, rights_rules::CASES]
        .into_iter()
        .flatten()
}

#[test]
fn every_broken_rule_gives_its_code() {
    let mut refused = BTreeSet::new();
    for (code, wrong, refusal) in all() {
        let mut gallery = Gallery::new();
        assert_eq!(*code, refusal(&mut gallery), "{wrong}");
        refused.extend(gallery.refused);
    }
    let actions = artworks::REGISTER.actions.iter().map(|action| (*action).to_owned()).collect();
    assert_eq!(refused, actions, "each action is refused by a case");
}

#[test]
fn every_code_is_given_by_a_broken_rule() {
    let declared: BTreeSet<_> = artworks::REGISTER.codes.iter().map(|code| code.name).collect();
    let given: BTreeSet<_> = all().map(|(code, _, _)| *code).collect();
    let never: Vec<_> = declared.difference(&given).collect();
    assert!(never.is_empty(), "no case gives {never:?}");
}
