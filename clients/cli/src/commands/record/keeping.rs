//! `chancery record salt`, `keep` and `erase`: what the keeper does.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use chancery_client::{Action, AsOf, Client, random_bytes};
use chancery_ledger::execution::Object;
use chancery_ledger::record::{FieldName, Record, SchemaName, Value};
use chancery_registries::marriages::Salt as EntrySalt;
use chancery_registries::records::{
    self, AnchorRecord, EraseRecord, ErasureReason, RecordId, ReplaceRecord,
};
use chancery_registries::text::LocalId;
use clap::Args;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::json;

use crate::commands::diplomas::records::{private, salted, sync_folder_of};
use crate::failure::Failure;
use crate::report::Report;
use crate::sending::Sending;
use crate::session::Session;
use crate::words::{PartyWord, distinct, word};

/// A plain object that becomes a record.
#[derive(Debug, Args)]
pub(crate) struct Salt {
    /// A JSON object of texts, whole numbers, true and false, null and {"sha256": …}.
    object: PathBuf,
    /// What kind of record it is, with the version of the kind, as in transcript-1.
    #[arg(long)]
    schema: SchemaName,
    /// The file for the record; it must not be there.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// A record that is handed in.
#[derive(Debug, Args)]
pub(crate) struct Keep {
    /// The record with its salts.
    record: PathBuf,
    /// Who keeps it, by key name.
    #[arg(long)]
    keeper: PartyWord,
    /// Whom it is about, by ID code or key name; once for each.
    #[arg(long = "subject", value_name = "PARTY")]
    subjects: Vec<PartyWord>,
    /// The record that it is a new version of; subjects are those of that one.
    #[arg(long, value_name = "ID", conflicts_with = "subjects")]
    replaces: Option<RecordId>,
    #[command(flatten)]
    sending: Sending,
}

/// A record that is erased.
#[derive(Debug, Args)]
pub(crate) struct Erase {
    /// Which, as KEEPER.COMMITMENT.
    record: RecordId,
    /// consent-withdrawn, retention-ended, court-order, mistake or other.
    #[arg(long, value_parser = word::<ErasureReason>)]
    reason: ErasureReason,
    /// The direction of a court or regulator, where that is the reason.
    #[arg(long, value_name = "ID")]
    order: Option<LocalId>,
    /// Who keeps it, by key name.
    #[arg(long)]
    keeper: PartyWord,
    #[command(flatten)]
    sending: Sending,
}

impl Salt {
    /// Does it.
    pub(crate) fn run(&self) -> Result<Report, Failure> {
        let bytes = fs::read(&self.object).map_err(|error| Failure::file(&self.object, error))?;
        let no_record = |error| {
            Failure::usage(format!("{}: no object for a record: {error}", self.object.display()))
        };
        let Fields(fields) = serde_json::from_slice(&bytes).map_err(no_record)?;
        let record = salted(self.schema.clone(), fields.into_iter())?;
        let bytes = serde_json::to_vec_pretty(&record).unwrap_or_default();
        private(OpenOptions::new().write(true).create_new(true))
            .open(&self.out)
            .and_then(|mut out| out.write_all(&bytes).and_then(|()| out.sync_all()))
            .map_err(|error| Failure::file(&self.out, error))?;
        sync_folder_of(&self.out)?;
        let commitment = record.commitment();
        let text = format!("{} has the commitment {commitment}", self.out.display());
        Ok(Report::new(text, json!({"commitment": commitment})))
    }
}

/// The members of a JSON object in their order; one that stands twice is left for the record to refuse.
struct Fields(Vec<(FieldName, Value)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object whose members are fields")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

/// A record alone, or as an institution hands it out.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum InFile {
    Alone(Record),
    Within { record: Record },
}

fn read(path: &Path) -> Result<Record, Failure> {
    let bytes = fs::read(path).map_err(|error| Failure::file(path, error))?;
    match serde_json::from_slice(&bytes) {
        Ok(InFile::Alone(record) | InFile::Within { record }) => Ok(record),
        Err(error) => Err(Failure::usage(format!("{}: no record: {error}", path.display()))),
    }
}

impl Keep {
    /// Does it: what is anchored already is not anchored again.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let record = read(&self.record)?;
        let keeper = session.party(&self.keeper)?;
        let name = self.keeper.key_name(session.keys()).ok_or_else(|| {
            Failure::usage("the keeper hands the record in: give --keeper by the name of a key")
        })?;
        let client = session.client_of_key(name)?;
        let id = RecordId { keeper, commitment: record.commitment() };
        if !is_anchored(&client, &id).await? {
            let action = Action::Records(self.action(session, &id, &record)?);
            let anchored = self.sending.action(session, action, &[&self.keeper]).await?;
            if self.sending.out.is_some() {
                return Ok(anchored);
            }
        }
        client.keep_record(&id, &record).await?;
        Ok(Report::new(format!("{id} is kept"), json!({"record": id})))
    }

    fn action(
        &self,
        session: &Session,
        id: &RecordId,
        record: &Record,
    ) -> Result<records::Action, Failure> {
        let RecordId { keeper, commitment } = *id;
        let schema = record.schema().clone();
        let salt = EntrySalt::try_from(random_bytes()?);
        let salt = salt.map_err(|error| Failure::usage(error.to_string()))?;
        if let Some(replaced) = self.replaces {
            let action = ReplaceRecord { record: replaced, commitment, salt, schema };
            return Ok(records::Action::Replace(action));
        }
        let subjects = self.subjects.iter().map(|word| session.party(word));
        let subjects = distinct(subjects.collect::<Result<_, _>>()?)?;
        Ok(records::Action::Anchor(AnchorRecord { keeper, commitment, salt, schema, subjects }))
    }
}

/// To the keeper of what is not there the register says no more than that it is private.
async fn is_anchored(client: &Client, id: &RecordId) -> Result<bool, Failure> {
    let path = chancery_client::Path::new(
        records::Record::REGISTER,
        records::Record::KIND,
        &id.to_string(),
    )?;
    match client.object(&path, AsOf::Now).await {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.code(), Some("register-private" | "no-such-object")) => {
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

impl Erase {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let erase =
            EraseRecord { record: self.record, reason: self.reason, order: self.order.clone() };
        let action = Action::Records(records::Action::Erase(erase));
        self.sending.action(session, action, &[&self.keeper]).await
    }
}
