//! The crash harness.
fn main() {}
