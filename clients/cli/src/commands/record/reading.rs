//! `chancery record show`, `grant`, `request` and the lists: what is done as the party that --read-as names.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use chancery_client::{KeptRecord, Time};
use chancery_registries::records::RecordId;
use clap::Args;
use serde_json::{Value, json};

use crate::commands::diplomas::records::private;
use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;
use crate::words::{PartyWord, moment};

/// A record that is read.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Which, as KEEPER.COMMITMENT.
    record: RecordId,
    /// Write what is read to this file: the record, or the disclosure, which verifies offline.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What somebody is let read.
#[derive(Debug, Args)]
pub(crate) struct Grant {
    /// Which record, as KEEPER.COMMITMENT.
    record: RecordId,
    /// Who may read, by ID code or key name.
    #[arg(long)]
    to: PartyWord,
    /// A field; once for each.
    #[arg(long = "field", value_name = "NAME", required = true)]
    fields: Vec<String>,
    /// Until when: a time, or +DURATION from now.
    #[arg(long, value_parser = moment, default_value = "+7d")]
    until: Time,
}

/// What is asked for.
#[derive(Debug, Args)]
pub(crate) struct Request {
    /// Which record, as KEEPER.COMMITMENT.
    record: RecordId,
    /// A field; once for each.
    #[arg(long = "field", value_name = "NAME", required = true)]
    fields: Vec<String>,
    /// Why, in words.
    #[arg(long)]
    why: String,
}

/// A record, of which something is listed.
#[derive(Debug, Args)]
pub(crate) struct About {
    /// Which, as KEEPER.COMMITMENT.
    record: RecordId,
}

/// A record and a party.
#[derive(Debug, Args)]
pub(crate) struct Of {
    /// Which, as KEEPER.COMMITMENT.
    record: RecordId,
    /// Who, by ID code or key name.
    #[arg(long)]
    party: PartyWord,
}

impl Show {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let KeptRecord { id, record, disclosure } =
            session.client()?.kept_record(&self.record).await?;
        let whole = record.is_some();
        let document = match (record, disclosure) {
            (Some(record), _) => json!(record),
            (None, disclosure) => json!(disclosure),
        };
        if let Some(path) = &self.out {
            let bytes = serde_json::to_vec_pretty(&document).unwrap_or_default();
            private(OpenOptions::new().write(true).create(true).truncate(true))
                .open(path)
                .and_then(|mut out| out.write_all(&bytes))
                .map_err(|error| Failure::file(path, error))?;
        }
        let empty = Vec::new();
        let fields = document["fields"].as_array().unwrap_or(&empty);
        let line = |field: &Value| {
            let value = &field["value"];
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("\n  {}: {value}", field["name"].as_str().unwrap_or_default())
        };
        let what = if whole { "all of" } else { "what was granted of" };
        let text: String = fields.iter().map(line).collect();
        Ok(Report::new(
            format!("{what} {id}, which is the record of that commitment:{text}"),
            document,
        ))
    }
}

impl Grant {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let to = session.party(&self.to)?;
        session.client()?.grant(&self.record, &to, &self.fields, self.until).await?;
        let text = format!("{to} may read {} until {}", self.fields.join(", "), self.until);
        Ok(Report::new(text, json!({"party": to, "fields": self.fields, "until": self.until})))
    }
}

impl Request {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        session.client()?.request(&self.record, &self.fields, &self.why).await?;
        let text = "if there is such a record, those whom it concerns will find the request";
        Ok(Report::new(text, json!({"record": self.record, "fields": self.fields})))
    }
}

impl About {
    /// What is granted.
    pub(crate) async fn grants(&self, session: &Session) -> Result<Report, Failure> {
        Ok(Report::document(session.client()?.grants(&self.record).await?))
    }

    /// What is asked.
    pub(crate) async fn requests(&self, session: &Session) -> Result<Report, Failure> {
        Ok(Report::document(session.client()?.requests(&self.record).await?))
    }

    /// Who has read it.
    pub(crate) async fn readings(&self, session: &Session) -> Result<Report, Failure> {
        Ok(Report::document(session.client()?.readings(&self.record).await?))
    }
}

impl Of {
    /// Takes a grant back.
    pub(crate) async fn revoke(&self, session: &Session) -> Result<Report, Failure> {
        let party = session.party(&self.party)?;
        session.client()?.revoke_grant(&self.record, &party).await?;
        Ok(Report::new(format!("{party} may read no longer"), json!({"party": party})))
    }

    /// Refuses a request.
    pub(crate) async fn refuse(&self, session: &Session) -> Result<Report, Failure> {
        let party = session.party(&self.party)?;
        session.client()?.refuse_request(&self.record, &party).await?;
        Ok(Report::new(format!("the request of {party} is refused"), json!({"party": party})))
    }
}
