//! The marriages register, rule by rule and year by year, and what it does not tell.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;

mod cases;
mod ending_rules;
mod kinship;
mod leaks;
mod office;
mod parsing;
mod random_years;
mod signers;
mod statement_rules;
mod stories;
mod wedding_rules;
