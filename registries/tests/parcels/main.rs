//! The parcels register, rule by rule and day by day.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;

mod cases;
mod container_rules;
mod documented;
mod epcis;
mod exception_rules;
mod handoff_rules;
mod numbers;
mod path;
mod post;
mod random_days;
mod signers;
mod statements;
mod stories;
