//! The equity register, rule by rule and year by year.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;

mod cases;
mod company;
mod dividends;
mod instrument_rules;
mod issuer_rules;
mod parsing;
mod random_grants;
mod random_years;
mod security_rules;
mod signers;
mod split_rules;
mod stories;
mod vesting_rules;
