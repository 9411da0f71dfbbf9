//! The records register: what is kept, replaced and erased, and what is held.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;

mod archive;
mod cases;
mod stories;
