//! The HTTP interface, as a client meets it: a real server on a free port, a real HTTP client.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod audits;
mod bad_actions;
mod bad_input;
mod batch;
mod described;
mod documented;
mod forms;
mod kept;
mod operation;
mod private;
mod server;
mod stream;
mod surface;
mod tokens;
mod town;
