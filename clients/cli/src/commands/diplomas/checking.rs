//! `chancery diplomas show` and `check`: whether a credential stands, judged here from proofs.

use std::path::PathBuf;

use chancery_ledger::record::Disclosure;
use chancery_registries::diplomas::{
    Basis, Credential, CredentialId, CredentialStatus, Held, Periods, Standing,
};
use chancery_registries::shape::AskedOfState;
use clap::Args;
use serde_json::{Value, json};

use super::disclosing::{DisclosureFile, lines};
use super::facts::Facts;
use super::records::RecordFile;
use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;

/// Show whether a credential stands, and what stands behind it.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The credential: INSTITUTION.SERIAL.
    credential: CredentialId,
}

/// Check that a credential stands, and that what is shown of its record belongs to it.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The credential: INSTITUTION.SERIAL; the file names it as well.
    #[arg(required_unless_present_any = ["disclosure", "record"])]
    credential: Option<CredentialId>,
    /// What its holder shows of the record.
    #[arg(long, value_name = "FILE", conflicts_with = "record")]
    disclosure: Option<PathBuf>,
    /// The whole record.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

/// What the ledger says of a credential.
struct Found {
    credential: Credential,
    standing: Standing,
    periods: Option<Periods>,
}

impl Show {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let found = find(session, &self.credential).await?;
        Ok(Report::new(in_words(&found.standing), found.json()))
    }
}

impl Check {
    /// Does it, and fails unless everything holds.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let shown = self.shown()?;
        let named = shown.as_ref().map(|(credential, _)| credential);
        let credential = match (&self.credential, named) {
            (Some(typed), Some(named)) if typed != named => {
                let what = format!("the file is of {named}, and not of {typed}");
                return Err(Failure::Claim(what));
            }
            (Some(credential), _) | (None, Some(credential)) => credential,
            (None, None) => return Err(Failure::usage("name a credential or a file")),
        };
        let found = find(session, credential).await?;
        let mut text = in_words(&found.standing);
        let mut json = found.json();
        if let Some((_, disclosure)) = &shown {
            disclosure.verify(&found.credential.record).map_err(|error| {
                Failure::Claim(format!("{credential}: NOT ITS RECORD: {error}"))
            })?;
            text += "shown of its record, and proved to belong to it:\n";
            text += &lines(&disclosure.fields);
            json["disclosed"] = json!(disclosure.fields);
        }
        if found.standing.stands {
            return Ok(Report::new(text, json));
        }
        let what = format!("{credential} DOES NOT STAND");
        Err(Failure::Missed { what, figures: Box::new(Report::new(text, json)) })
    }

    fn shown(&self) -> Result<Option<(CredentialId, Disclosure)>, Failure> {
        if let Some(path) = &self.disclosure {
            let DisclosureFile { credential, disclosure } = DisclosureFile::read(path)?;
            return Ok(Some((credential, disclosure)));
        }
        let Some(path) = &self.record else { return Ok(None) };
        let RecordFile { credential, record } = RecordFile::read(path)?;
        let all: Vec<&str> = record.fields().iter().map(|field| field.name.as_str()).collect();
        let disclosure =
            record.disclose(&all).map_err(|error| Failure::usage(error.to_string()))?;
        Ok(Some((credential, disclosure)))
    }
}

impl Found {
    fn json(&self) -> Value {
        json!({
            "credential": self.credential, "standing": self.standing,
            "accreditation": self.periods,
        })
    }
}

/// Fetches a credential with proofs and asks the register's questions of what they prove.
async fn find(session: &Session, id: &CredentialId) -> Result<Found, Failure> {
    let mut facts = Facts::begin(session).await?;
    facts.fetch_standing(id).await?;
    let name = id.to_string();
    let credential: Credential = facts.get(&name).ok_or_else(|| {
        Failure::Claim(format!("NOT GENUINE: the institution has issued no credential {id}"))
    })?;
    let standing = facts
        .ask(|draft| Standing::answer(draft, &name))
        .ok_or_else(|| Failure::Claim(format!("{id}: it changed while it was read: ask again")))?;
    let periods = facts.ask(|draft| Periods::answer(draft, &name));
    Ok(Found { credential, standing, periods })
}

/// A standing in sentences.
fn in_words(standing: &Standing) -> String {
    let Standing { credential, kind, holder, awarded, status, since, .. } = standing;
    let institution = credential.institution;
    let mut text = format!(
        "{credential}: {kind}, awarded on {awarded} by {institution} to {holder}\n{status} since {since}\n"
    );
    if let Some(by) = &standing.superseded_by {
        let latest = &standing.latest;
        text += &format!(
            "corrected by {by}; the latest is {} ({})\n",
            latest.credential, latest.status
        );
    } else if *status == CredentialStatus::Superseded {
        text += "issued anew to its holder\n";
    }
    if let Some(revoked) = &standing.revoked {
        text += &format!("revoked by {}: {}\n", revoked.by, revoked.reason);
    }
    if standing.frozen {
        text += "frozen by a court or regulator\n";
    }
    if let Some(award) = &standing.award {
        text += &format!("belongs to {} ({})\n", award.credential, award.status);
    }
    let accreditation = &standing.accreditation;
    let then = match accreditation.at_award {
        Basis::InForce => "accredited on that day",
        Basis::Recognised => "recognised for that day",
    };
    let now = match accreditation.now {
        Held::InForce => "in force now",
        Held::Suspended => "suspended now",
        Held::Ended => "ended since",
        Held::RunOut => "run out since",
        Held::NotInForce => "not in force now",
    };
    text += &format!(
        "the institution was {then} under {}, which is {now}\n",
        accreditation.accreditation
    );
    text
}
