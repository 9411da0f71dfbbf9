//! Tables of refusals: each case breaks one rule and names the code that must come of it.

use std::collections::BTreeSet;

use chancery_registries::equity;

use crate::company::Company;
use crate::{instrument_rules, issuer_rules, security_rules, split_rules, vesting_rules};

/// The code, what is wrong, and how a company is made to say it.
pub(crate) type Case = (&'static str, &'static str, fn(&mut Company) -> &'static str);

fn all() -> impl Iterator<Item = &'static Case> {
    [
        issuer_rules::CASES,
        security_rules::CASES,
        split_rules::CASES,
        instrument_rules::CASES,
        vesting_rules::CASES,
    ]
    .into_iter()
    .flatten()
}

#[test]
fn every_broken_rule_gives_its_code() {
    for (code, wrong, refusal) in all() {
        let mut company = Company::new();
        assert_eq!(*code, refusal(&mut company), "{wrong}");
    }
}

#[test]
fn every_code_is_given_by_a_broken_rule() {
    let declared: BTreeSet<_> = equity::REGISTER.codes.iter().map(|code| code.name).collect();
    let given: BTreeSet<_> = all().map(|(code, _, _)| *code).collect();
    let never: Vec<_> = declared.difference(&given).collect();
    assert!(never.is_empty(), "no case gives {never:?}");
}
