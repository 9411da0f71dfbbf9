//! `chancery show`, `history` and `search`: reading what the registers hold.

use chancery_client::{AsOf, Path};
use clap::Args;

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
    Ok(Report::document(session.client()?.history(object, limit).await?))
}

/// Find entries of a register.
#[derive(Debug, Args)]
pub(crate) struct Search {
    /// The register, as in parcels.
    register: String,
    /// Those to which this party stands in a relation.
    #[arg(long)]
    party: Option<PartyWord>,
    /// The relation, as in custodian.
    #[arg(long, requires = "party")]
    relation: Option<String>,
    /// As of a height or a time; now when left out.
    #[arg(long, value_name = "HEIGHT|TIME")]
    as_of: Option<String>,
    /// A further condition that the server knows, as NAME=VALUE.
    #[arg(long = "where", value_name = "NAME=VALUE")]
    conditions: Vec<String>,
    /// How many to show at most.
    #[arg(long, default_value_t = 100)]
    limit: usize,
}

impl Search {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let mut query: Vec<(String, String)> = Vec::new();
        if let Some(party) = &self.party {
            query.push(("party".into(), session.party(party)?.to_string()));
        }
        query.extend(self.relation.iter().map(|relation| ("relation".into(), relation.clone())));
        query.extend(self.as_of.iter().map(|as_of| ("as_of".into(), as_of.clone())));
        for condition in &self.conditions {
            let (name, value) = condition.split_once('=').ok_or_else(|| {
                Failure::usage(format!("--where {condition}: write NAME=VALUE"))
            })?;
            query.push((name.to_owned(), value.to_owned()));
        }
        Ok(Report::document(session.client()?.search(&self.register, &query, self.limit).await?))
    }
}
