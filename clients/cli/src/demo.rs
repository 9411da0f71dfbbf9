//! stub
use clap::Subcommand;
use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;
/// Found a small demo.
#[derive(Debug, Subcommand)]
pub(crate) enum Command { /// x
 Run }
impl Command { pub(crate) async fn run(&self, _: &Session) -> Result<Report, Failure> { Err(Failure::usage("stub")) } }
