//! `chancery marriage`: weddings and how they end, and what persons state about themselves.

mod ending;
mod statements;
mod wedding;

use std::str::FromStr;

use chancery_client::{Action, PartyId, random_bytes};
use chancery_registries::marriages::{self, OpenRegister, RegisterSecret};
use clap::{Args, Subcommand};

use crate::failure::Failure;
use crate::report::Report;
use crate::sending::Sending;
use crate::session::Session;
use crate::words::PartyWord;

/// Civil status: weddings, divorces, and what persons state about themselves.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Open the register, once, with a secret that is drawn and never shown. Root signs.
    Open {
        #[command(flatten)]
        sending: Sending,
    },
    /// Register a marriage. The registrar, the two and the witnesses sign.
    Register(Box<wedding::Registering>),
    /// Recognise a marriage from elsewhere. The registrar and the two sign, or a court.
    Recognise(Box<wedding::Recognising>),
    /// End a marriage by divorce. The two and the registrar sign, or a court, or the registrar whom a
    /// court has directed.
    Divorce(ending::Ending),
    /// Annul a marriage. A court signs, or the registrar whom a court has directed.
    Annul(ending::Ending),
    /// Record that a spouse has died. The registrar signs.
    Death(ending::Dying),
    /// Correct what was stated before. A registrar or a court signs.
    Correct(ending::Correcting),
    /// State that you are free to marry: the receipt is the proof.
    StateFree(statements::Free),
    /// State that you are married to somebody: the receipt is the proof.
    StateMarried(statements::Married),
}

/// The two of a marriage.
#[derive(Clone, Debug, Args)]
pub(super) struct Couple {
    /// One of the two, by ID code or key name; give it twice.
    #[arg(long = "spouse", value_name = "PARTY", required = true, num_args = 1)]
    spouses: Vec<PartyWord>,
}

impl Couple {
    fn resolve(&self, session: &Session) -> Result<[PartyId; 2], Failure> {
        let [one, other] = self.spouses.as_slice() else { return Err(not_two()) };
        Ok([session.party(one)?, session.party(other)?])
    }
}

fn not_two() -> Failure {
    Failure::usage("a marriage is of two: give --spouse twice")
}

/// Something that stands before an equals sign and something behind it.
#[derive(Clone, Debug)]
pub(super) struct Pair<T> {
    party: PartyWord,
    value: T,
}

impl<T: FromStr<Err: std::fmt::Display>> FromStr for Pair<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (party, value) = text.split_once('=').ok_or("PARTY=VALUE, with an equals sign")?;
        let value = value.parse().map_err(|error: T::Err| error.to_string())?;
        Ok(Self { party: PartyWord(party.to_owned()), value })
    }
}

impl Command {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        match self {
            Self::Open { sending } => {
                let secret: RegisterSecret = drawn()?;
                let open = marriages::Action::Open(OpenRegister { secret });
                send(session, sending, open, &[]).await
            }
            Self::Register(command) => command.run(session).await,
            Self::Recognise(command) => command.run(session).await,
            Self::Divorce(command) => command.divorce(session).await,
            Self::Annul(command) => command.annul(session).await,
            Self::Death(command) => command.run(session).await,
            Self::Correct(command) => command.run(session).await,
            Self::StateFree(command) => command.run(session).await,
            Self::StateMarried(command) => command.run(session).await,
        }
    }
}

/// What nobody can guess: an id, a salt or a secret.
fn drawn<T, const N: usize>() -> Result<T, Failure>
where
    T: TryFrom<[u8; N], Error: std::fmt::Display>,
{
    T::try_from(random_bytes()?).map_err(|error| Failure::usage(error.to_string()))
}

async fn send(
    session: &Session,
    sending: &Sending,
    action: marriages::Action,
    acting: &[&PartyWord],
) -> Result<Report, Failure> {
    sending.action(session, Action::Marriages(action), acting).await
}
