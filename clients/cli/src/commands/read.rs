//! `chancery show`, `history` and `search`: reading what the registers hold.

use chancery_client::{AsOf, Path};
use clap::{Args, Subcommand};
use serde_json::Value;

use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;
use crate::words::PartyWord;

/// Show an object.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The object, as in parcels/parcel/RR123456785TW.
    object: Path,
    /// As of a height or a time; now when left out.
    #[arg(long, value_name = "HEIGHT|TIME")]
    as_of: Option<AsOf>,
}

impl Show {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        show(session, &self.object, self.as_of.unwrap_or_default()).await
    }
}

/// An object as the server shows it.
pub(crate) async fn show(session: &Session, object: &Path, as_of: AsOf) -> Result<Report, Failure> {
    Ok(Report::document(session.client()?.object(object, as_of).await?))
}

/// The transitions behind an object.
#[derive(Debug, Args)]
pub(crate) struct History {
    /// The object, as in parcels/parcel/RR123456785TW.
    object: Path,
    /// How many to show at most.
    #[arg(long, default_value_t = 1000)]
    limit: usize,
}

impl History {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        history(session, &self.object, self.limit).await
    }
}

/// The history of an object as the server shows it.
pub(crate) async fn history(
    session: &Session,
    object: &Path,
    limit: usize,
) -> Result<Report, Failure> {
    let versions = session.client()?.history(object, limit).await?;
    let mut text = String::new();
    for version in &versions {
        let field = |name: &str| plain(&version[name]);
        text += &format!("{:>3}  {}  {}\n", field("version"), field("time"), field("action"));
        text += &format!("     transition {}\n", field("transition"));
        for signer in version["signers"].as_array().into_iter().flatten() {
            text += &format!("     signed by  {}\n", plain(signer));
        }
    }
    Ok(Report::new(text, versions))
}

/// Find what a party holds, or transitions by what they concern.
#[derive(Debug, Subcommand)]
pub(crate) enum Search {
    /// What a party holds, or held: objects to which it stands in a relation.
    Held {
        /// The register, as in parcels.
        register: String,
        /// Who, by ID code or key name.
        #[arg(long)]
        party: PartyWord,
        /// The relation, as in custodian; any when left out.
        #[arg(long)]
        relation: Option<String>,
        /// As of a height or a time; now when left out.
        #[arg(long, value_name = "HEIGHT|TIME")]
        as_of: Option<AsOf>,
        /// How many to show at most.
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// Transitions of the log. Everything that is given must hold.
    Transitions {
        /// Those that changed this object, as in parcels/parcel/RR123456785TW.
        #[arg(long, value_name = "OBJECT")]
        subject: Option<Path>,
        /// Those with an action of this register.
        #[arg(long)]
        register: Option<String>,
        /// Those that this party signed.
        #[arg(long, value_name = "PARTY")]
        signer: Option<PartyWord>,
        /// Those that concern this party.
        #[arg(long)]
        party: Option<PartyWord>,
        /// Those in blocks at or after this height or time.
        #[arg(long, value_name = "HEIGHT|TIME")]
        from: Option<String>,
        /// Those in blocks at or before this height or time.
        #[arg(long, value_name = "HEIGHT|TIME")]
        until: Option<String>,
        /// The oldest first.
        #[arg(long)]
        oldest: bool,
        /// How many to show at most.
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
}

impl Search {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let client = session.client()?;
        match self {
            Self::Held { register, party, relation, as_of, limit } => {
                let (party, as_of) = (session.party(party)?, as_of.unwrap_or_default());
                let held =
                    client.held(register, &party, relation.as_deref(), as_of, *limit).await?;
                let line = |item: &Value| {
                    let since = plain(&item["since"]["time"]);
                    format!(
                        "{}  {}  since {since}\n",
                        plain(&item["relation"]),
                        plain(&item["object"])
                    )
                };
                Ok(list(held, line))
            }
            Self::Transitions { limit, .. } => {
                let found = client.transitions(&self.conditions(session)?, *limit).await?;
                let line = |item: &Value| {
                    let field = |name: &str| plain(&item[name]);
                    let (position, time) = (field("position"), field("time"));
                    format!("{position:>8}  {time}  {}  {}\n", field("id"), field("outcome"))
                };
                Ok(list(found, line))
            }
        }
    }

    fn conditions(&self, session: &Session) -> Result<Vec<(String, String)>, Failure> {
        let Self::Transitions { subject, register, signer, party, from, until, oldest, .. } = self
        else {
            return Ok(Vec::new());
        };
        let named = |party: &Option<PartyWord>| {
            party.as_ref().map(|party| session.party(party)).transpose()
        };
        let conditions = [
            ("subject", subject.as_ref().map(ToString::to_string)),
            ("register", register.clone()),
            ("signer", named(signer)?.map(|party| party.to_string())),
            ("party", named(party)?.map(|party| party.to_string())),
            ("from", from.clone()),
            ("until", until.clone()),
            ("order", oldest.then(|| "oldest".to_owned())),
        ];
        let given = |(name, value): (&str, Option<String>)| Some((name.to_owned(), value?));
        Ok(conditions.into_iter().filter_map(given).collect())
    }
}

fn list(items: Vec<Value>, line: impl Fn(&Value) -> String) -> Report {
    let text: String = items.iter().map(line).collect();
    let text = if items.is_empty() { "nothing".to_owned() } else { text };
    Report::new(text, items)
}

/// A value of an answer as a line shows it.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    }
}
