//! `chancery key`: making, listing and showing keys.

use chancery_client::keys;
use clap::Subcommand;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::key_store::KeptKey;
use crate::report::Report;
use crate::session::Session;
use crate::words::PartyWord;

/// Make, list and show keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a new key, encrypted under a passphrase.
    New {
        /// What you call it.
        name: String,
        /// The party it shall be a further key of, by ID code or key name. Without it, the key is
        /// the first of a new party.
        #[arg(long)]
        party: Option<PartyWord>,
    },
    /// List the keys at hand. Needs no passphrase.
    List,
    /// Show whose key it is. Needs no passphrase.
    Show {
        /// Which.
        name: String,
    },
    /// Write the public key for other tools: as PEM, JWK or the x of the JWK alone.
    ExportPublic {
        /// Which.
        name: String,
        /// pem, jwk or x.
        #[arg(long, default_value = "pem", value_parser = ["pem", "jwk", "x"])]
        format: String,
    },
}

impl Command {
    /// Does it.
    pub(crate) fn run(&self, session: &Session) -> Result<Report, Failure> {
        match self {
            Self::New { name, party } => new(session, name, party.as_ref()),
            Self::List => list(session),
            Self::Show { name } => Ok(show(name, &session.keys().file(name)?)),
            Self::ExportPublic { name, format } => export_public(session, name, format),
        }
    }
}

fn new(session: &Session, name: &str, party: Option<&PartyWord>) -> Result<Report, Failure> {
    let party = party.map(|party| session.party(party)).transpose()?;
    session.keys().create(name, party)?;
    Ok(show(name, &session.keys().file(name)?))
}

fn list(session: &Session) -> Result<Report, Failure> {
    let mut text = String::new();
    let mut all = Vec::new();
    for name in session.keys().names()? {
        let file = session.keys().file(&name)?;
        text += &format!("{name}  party {}  key {}\n", file.signer().party, file.signer().key);
        all.push(describe(&name, &file));
    }
    if all.is_empty() {
        text = format!(
            "no keys in {}: `chancery key new NAME` makes one",
            session.keys().folder().display()
        );
    }
    Ok(Report::new(text, all))
}

fn show(name: &str, file: &KeptKey) -> Report {
    let signer = file.signer();
    let text = format!("{name}\nparty {}\nkey   {}\nkid   {signer}", signer.party, signer.key);
    Report::new(text, describe(name, file))
}

fn describe(name: &str, file: &KeptKey) -> Value {
    let signer = file.signer();
    json!({"name": name, "party": signer.party, "key": signer.key, "kid": signer.to_string()})
}

fn export_public(session: &Session, name: &str, format: &str) -> Result<Report, Failure> {
    let key = session.keys().file(name)?.signer().key;
    let text = match format {
        "jwk" => keys::public_jwk(&key).to_string(),
        "x" => key.to_string(),
        _ => keys::public_pem(&key)?,
    };
    Ok(Report::new(text.clone(), json!({"name": name, "format": format, "public": text})))
}
