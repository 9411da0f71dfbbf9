//! The time of others: what an outside authority (RFC 3161) or a Bitcoin block (OpenTimestamps) says of when
//! some bytes were there already, as a rule those of a checkpoint.
//!
//! Reading and verifying open no socket and read no clock; [`Outside`] asks the authorities and the calendars.

mod certificate;
mod fields;
mod outside;
mod proof;
mod signed;
mod steps;
mod token;

pub use certificate::{Authorities, BadAuthorities};
pub use outside::Outside;
pub use proof::{Attestation, BadProof, CALENDAR_BYTES_MAX, PROOF_BYTES_MAX, Proof, Reached};
pub use steps::Steps;
pub use token::{BadToken, TOKEN_BYTES_MAX, Token, request};
