//! The artworks register, rule by rule and day by day.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;

mod cases;
mod gallery;
mod keeping_rules;
mod linked_art;
mod parsing;
mod random_days;
mod rights_rules;
mod signers;
mod statement_rules;
mod stories;
mod title_rules;
