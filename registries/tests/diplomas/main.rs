//! The diplomas register, rule by rule and year by year.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;

mod campus;
mod cases;
mod issue_rules;
mod later_rules;
mod parsing;
mod questions;
mod random_years;
mod signers;
mod stories;
