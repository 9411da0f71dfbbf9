//! The HTTP interface, as a client meets it: a real server on a free port, a real HTTP client.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod audits;
mod bad_actions;
mod bad_input;
mod batch;
mod described;
mod documented;
mod forms;
mod idempotency;
mod kept;
mod limits;
mod operation;
#[path = "../../../tests/src/postgres.rs"]
#[allow(dead_code, unreachable_pub)]
mod postgres;
mod private;
mod secrets;
mod server;
mod stream;
mod surface;
mod tokens;
mod town;
