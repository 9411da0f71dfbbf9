//! The validators register, rule by rule and through random years.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;

mod cases;
mod council;
mod pool_rules;
mod random_years;
mod signers;
mod stake_rules;
mod stories;
