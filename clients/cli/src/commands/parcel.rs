//! `chancery parcel`: the chain of custody, step by step.

mod containers;
mod exceptions;
mod handoff;
mod holds;

use chancery_client::{AsOf, Path};
use chancery_ledger::time::Time;
use chancery_registries::parcels::number::{FormatName, ParcelNumber, Recognised, recognise};
use chancery_registries::parcels::{Action, Condition, Place, RegisterParcel};
use chancery_registries::text::Statement;
use clap::{Args, Subcommand};
use serde_json::json;

use crate::commands::read;
use crate::failure::Failure;
use crate::report::Report;
use crate::sending::Sending;
use crate::session::Session;
use crate::words::{CommitmentWord, PartyWord, distinct, moment, word};

/// Parcels: register, hand over, report, trace.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Announce a parcel. The sender and the carrier sign.
    Register(Box<Registering>),
    /// Hand over custody. Both sides sign.
    Handoff(Box<handoff::Handing>),
    #[command(flatten)]
    Exceptions(exceptions::Command),
    #[command(flatten)]
    Holds(holds::Command),
    #[command(flatten)]
    Containers(containers::Command),
    /// Show a parcel or a container.
    Show {
        /// Its number.
        number: ParcelNumber,
        /// It is a container's.
        #[arg(long)]
        container: bool,
        /// As of a height or a time; now when left out.
        #[arg(long, value_name = "HEIGHT|TIME")]
        as_of: Option<AsOf>,
    },
    /// The whole chain of custody, with the transition behind every step.
    History {
        /// Its number.
        number: ParcelNumber,
        /// It is a container's.
        #[arg(long)]
        container: bool,
    },
    /// Judge a number by its check digits. Needs no server.
    Check {
        /// Any tracking number.
        number: String,
    },
}

/// Where and when something happened.
#[derive(Clone, Debug, Args)]
pub(crate) struct Scene {
    /// Where, in the words of those who are there.
    #[arg(long)]
    place: Place,
    /// When, as the device says: a time; now when left out.
    #[arg(long, value_parser = moment)]
    device_time: Option<Time>,
}

impl Scene {
    fn device_time(&self) -> Time {
        self.device_time.unwrap_or_else(chancery_client::now)
    }
}

/// A parcel to be announced.
#[derive(Debug, Args)]
pub(crate) struct Registering {
    /// Its number: a UPU S10, a GS1 SSCC or CARRIER_PARTY_ID-LOCAL.
    number: ParcelNumber,
    /// The carrier's format that the local part of its own number is in.
    #[arg(long)]
    format: Option<FormatName>,
    /// Who answers for carrying it, by ID code or key name.
    #[arg(long)]
    carrier: PartyWord,
    /// Who sends it, by ID code or key name.
    #[arg(long)]
    sender: PartyWord,
    /// Who is to have it, by ID code or key name.
    #[arg(long)]
    recipient: PartyWord,
    /// Who may receive it for the recipient; once for each.
    #[arg(long = "proxy", value_name = "PARTY")]
    proxies: Vec<PartyWord>,
    /// The commitment to its record: a hash, or @FILE for the SHA-256 of a file.
    #[arg(long, value_name = "HASH|@FILE")]
    record: CommitmentWord,
    /// sound or damaged.
    #[arg(long, default_value = "sound", value_parser = word::<Condition>)]
    condition: Condition,
    /// What is damaged, where it is.
    #[arg(long)]
    statement: Option<Statement>,
    #[command(flatten)]
    scene: Scene,
    #[command(flatten)]
    sending: Sending,
}

impl Command {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        match self {
            Self::Register(args) => args.run(session).await,
            Self::Handoff(args) => args.run(session).await,
            Self::Exceptions(command) => command.run(session).await,
            Self::Holds(command) => command.run(session).await,
            Self::Containers(command) => command.run(session).await,
            Self::Show { number, container, as_of } => {
                read::show(session, &path(number, *container)?, as_of.unwrap_or_default()).await
            }
            Self::History { number, container } => {
                read::history(session, &path(number, *container)?, 1000).await
            }
            Self::Check { number } => check(number),
        }
    }
}

impl Registering {
    async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let proxies =
            self.proxies.iter().map(|proxy| session.party(proxy)).collect::<Result<Vec<_>, _>>()?;
        let action = Action::Register(Box::new(RegisterParcel {
            parcel: self.number.clone(),
            format: self.format,
            carrier: session.party(&self.carrier)?,
            sender: session.party(&self.sender)?,
            recipient: session.party(&self.recipient)?,
            proxies: distinct(proxies)?,
            record: self.record.resolve()?,
            condition: self.condition,
            statement: self.statement.clone(),
            place: self.scene.place.clone(),
            device_time: self.scene.device_time(),
        }));
        send(session, &self.sending, action, &[&self.sender, &self.carrier]).await
    }
}

/// Sends an action of the parcels register.
async fn send(
    session: &Session,
    sending: &Sending,
    action: Action,
    acting: &[&PartyWord],
) -> Result<Report, Failure> {
    sending.action(session, chancery_client::Action::Parcels(action), acting).await
}

fn path(number: &ParcelNumber, container: bool) -> Result<Path, Failure> {
    let kind = if container { "container" } else { "parcel" };
    Ok(Path::new("parcels", kind, &number.to_string())?)
}

/// Says what a number is, or what is wrong with it.
fn check(text: &str) -> Result<Report, Failure> {
    let describe = |found: &Recognised| match &found.valid {
        Ok(()) => format!("{} ({}): valid", found.format, found.carrier),
        Err(wrong) => format!("{} ({}): {wrong}", found.format, found.carrier),
    };
    let formats: Vec<String> = recognise(text).iter().map(describe).collect();
    match text.parse() {
        Ok(number) => {
            let kind = match &number {
                ParcelNumber::S10(_) => "a UPU S10",
                ParcelNumber::Sscc(_) => "a GS1 SSCC",
                ParcelNumber::Own(_) => "a carrier's own number",
            };
            let json = json!({"number": number.to_string(), "kind": kind, "formats": formats});
            Ok(Report::new(format!("valid: {number} is {kind}"), json))
        }
        Err(error) if formats.is_empty() => Err(Failure::Claim(format!("not valid: {error}"))),
        Err(error) => Err(Failure::Claim(format!(
            "no number of this register by itself: {error}\nas a carrier's own, behind CARRIER_PARTY_ID-:\n  {}",
            formats.join("\n  ")
        ))),
    }
}
