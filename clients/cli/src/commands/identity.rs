//! `chancery identity`: parties, their keys, recovery, and what is attested about them.

mod keys;
mod recovery;
mod statements;

use chancery_client::{AsOf, PartyId, Path};
use chancery_ledger::block::Header;
use chancery_ledger::evidence::BadEvidence;
use chancery_ledger::execution::Stored;
use chancery_registries::identity::{
    Action, CreateParty, Party, PartyKind, SetCard, SetStatus, Status, did_document,
};
use chancery_registries::text::Statement;
use clap::Subcommand;

use crate::commands::read;
use crate::failure::Failure;
use crate::report::Report;
use crate::sending::Sending;
use crate::session::Session;
use crate::words::{CommitmentWord, PartyWord, word};

/// Parties, their keys, recovery, attestations and kinship.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create a party with the key of this name, which is made when there is none.
    Create {
        /// The key's name.
        name: String,
        /// person, organisation or device.
        #[arg(long, value_parser = word::<PartyKind>)]
        kind: PartyKind,
        /// The commitment to its card: a hash, or @FILE for the SHA-256 of a file.
        #[arg(long, value_name = "HASH|@FILE")]
        card: Option<CommitmentWord>,
        #[command(flatten)]
        sending: Sending,
    },
    /// Show a party.
    Show {
        /// Which, by ID code or key name.
        party: PartyWord,
        /// As of a height or a time; now when left out.
        #[arg(long, value_name = "HEIGHT|TIME")]
        as_of: Option<AsOf>,
    },
    /// The transitions behind a party.
    History {
        /// Which, by ID code or key name.
        party: PartyWord,
    },
    /// The party as a W3C DID document, from a proof.
    Did {
        /// Which, by ID code or key name.
        party: PartyWord,
    },
    /// Anchor the commitment to a new card.
    SetCard {
        /// Whose, by ID code or key name.
        party: PartyWord,
        /// The commitment: a hash, or @FILE for the SHA-256 of a file.
        #[arg(long, value_name = "HASH|@FILE")]
        card: CommitmentWord,
        #[command(flatten)]
        sending: Sending,
    },
    /// Change whether a party may act.
    SetStatus {
        /// Whose, by ID code or key name.
        party: PartyWord,
        /// Who sets it: an authority, or the party itself.
        #[arg(long)]
        by: PartyWord,
        /// active, suspended, revoked, deceased or dissolved.
        #[arg(long, value_parser = word::<Status>)]
        status: Status,
        /// Why.
        #[arg(long)]
        reason: Statement,
        #[command(flatten)]
        sending: Sending,
    },
    #[command(flatten)]
    Keys(keys::Command),
    #[command(flatten)]
    Recovery(recovery::Command),
    #[command(flatten)]
    Statements(statements::Command),
}

impl Command {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        match self {
            Self::Create { name, kind, card, sending } => {
                create(session, name, *kind, card.as_ref(), sending).await
            }
            Self::Show { party, as_of } => {
                read::show(session, &path(session, party)?, as_of.unwrap_or_default()).await
            }
            Self::History { party } => read::history(session, &path(session, party)?, 1000).await,
            Self::Did { party } => did(session, session.party(party)?).await,
            Self::SetCard { party, card, sending } => {
                let set = SetCard { party: session.party(party)?, card: card.resolve()? };
                send(session, sending, Action::SetCard(set), party).await
            }
            Self::SetStatus { party, by, status, reason, sending } => {
                let set = SetStatus {
                    party: session.party(party)?,
                    by: session.party(by)?,
                    status: *status,
                    reason: reason.clone(),
                };
                send(session, sending, Action::SetStatus(set), by).await
            }
            Self::Keys(command) => command.run(session).await,
            Self::Recovery(command) => command.run(session).await,
            Self::Statements(command) => command.run(session).await,
        }
    }
}

/// Sends an action of the identity register.
async fn send(
    session: &Session,
    sending: &Sending,
    action: Action,
    acting: &PartyWord,
) -> Result<Report, Failure> {
    sending.action(session, chancery_client::Action::Identity(action), &[acting]).await
}

async fn create(
    session: &Session,
    name: &str,
    kind: PartyKind,
    card: Option<&CommitmentWord>,
    sending: &Sending,
) -> Result<Report, Failure> {
    let signer = session.keys().open_or_create(name)?.id();
    let card = card.map(CommitmentWord::resolve).transpose()?;
    let action = Action::Create(CreateParty { kind, key: signer.key, card });
    crate::report::progress(format!("{name} is {}", signer.party));
    send(session, sending, action, &PartyWord(name.to_owned())).await
}

/// The DID document as of the proof's block: no clock of this device has a say in it.
async fn did(session: &Session, party: PartyId) -> Result<Report, Failure> {
    let client = session.client()?;
    let ledger = client.ledger_id().await?;
    let path = Path::new("identity", "party", &party.to_string())?;
    let proof = client.proof(&path, AsOf::Now).await?;
    let header = Header::decode(&proof.header.0).map_err(BadEvidence::from);
    let time = header.map_err(chancery_client::Error::from)?.time;
    let value = proof.value.ok_or_else(|| Failure::usage(format!("there is no party {party}")))?;
    let stored = Stored::<Party>::decode(&value.0).map_err(BadEvidence::from);
    let found = stored.map_err(chancery_client::Error::from)?.value;
    Ok(Report::document(did_document(&found, &ledger, time)))
}

fn path(session: &Session, party: &PartyWord) -> Result<Path, Failure> {
    Ok(Path::new("identity", "party", &session.party(party)?.to_string())?)
}
