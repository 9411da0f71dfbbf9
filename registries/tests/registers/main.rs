//! The shape of the registers, and the authorities and identity registers, rule by rule.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;

mod authority_rules;
mod authority_stories;
mod cases;
mod identity_rules;
mod identity_stories;
mod kinship_rules;
mod parsing;
mod random;
mod shape;
mod signer_rules;
mod signers;
