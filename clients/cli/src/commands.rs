//! The commands, one file for each subject.

pub(crate) mod act;
pub(crate) mod ask;
pub(crate) mod audit;
pub(crate) mod authority;
pub(crate) mod bundle;
pub(crate) mod certificate;
pub(crate) mod diplomas;
pub(crate) mod evidence;
pub(crate) mod export;
pub(crate) mod identity;
pub(crate) mod import;
pub(crate) mod key;
pub(crate) mod log;
pub(crate) mod marriage;
pub(crate) mod mirror;
pub(crate) mod network;
pub(crate) mod parcel;
pub(crate) mod qr;
pub(crate) mod read;
pub(crate) mod record;
pub(crate) mod records;
pub(crate) mod submit;
pub(crate) mod timestamp;
pub(crate) mod validators;
pub(crate) mod witness;

use std::future::Future;

use crate::args::{Arguments, Command};
use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;

/// Does what was typed.
pub(crate) fn run(arguments: Arguments) -> Result<Report, Failure> {
    let session = Session::open(&arguments.global)?;
    match arguments.command {
        Command::Key(command) => command.run(&session),
        Command::Verify(command) => command.run(&session),
        Command::Qr(command) => command.run(&session),
        Command::Load(command) => command.run(&session),
        Command::Audit(command) => command.run(&session),
        Command::Network(command) => command.run(&session),
        Command::Witness(command) => command.run(&session),
        other => wait_for(run_online(other, &session))?,
    }
}

async fn run_online(command: Command, session: &Session) -> Result<Report, Failure> {
    match command {
        Command::Identity(command) => command.run(session).await,
        Command::Authority(command) => command.run(session).await,
        Command::Parcel(command) => command.run(session).await,
        Command::Marriage(command) => command.run(session).await,
        Command::Validators(command) => command.run(session).await,
        Command::Record(command) => command.run(session).await,
        Command::Records(command) => command.run(session).await,
        Command::Diplomas(command) => command.run(session).await,
        Command::Act(command) => command.run(session).await,
        Command::Import(command) => command.run(session).await,
        Command::Export(command) => command.run(session).await,
        Command::Sign(command) => command.run(session),
        Command::Submit(command) => command.run(session).await,
        Command::Status(command) => command.run(session).await,
        Command::Receipt(command) => command.run(session).await,
        Command::Proof(command) => command.run(session).await,
        Command::Genesis(command) => command.run(session).await,
        Command::Bundle(command) => command.run(session).await,
        Command::Certificate(command) => command.run(session).await,
        Command::Show(command) => command.run(session).await,
        Command::Ask(command) => command.run(session).await,
        Command::History(command) => command.run(session).await,
        Command::Search(command) => command.run(session).await,
        Command::Log(command) => command.run(session).await,
        Command::Mirror(command) => command.run(session).await,
        Command::Timestamp(command) => command.run(session).await,
        Command::Demo(command) => command.run(session).await,
        Command::Key(_)
        | Command::Verify(_)
        | Command::Qr(_)
        | Command::Load(_)
        | Command::Audit(_)
        | Command::Network(_)
        | Command::Witness(_) => Err(Failure::usage("this command needs no server")),
    }
}

/// Runs to the end what waits for a server.
pub(crate) fn wait_for<F: Future>(future: F) -> Result<F::Output, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::usage(format!("the runtime does not start: {error}")))?;
    Ok(runtime.block_on(future))
}
