//! The land register, rule by rule and day by day.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;

mod cases;
mod interest_rules;
mod office;
mod outlines;
mod ownership_rules;
mod piece_rules;
mod random_days;
mod reading;
mod signers;
mod stories;
