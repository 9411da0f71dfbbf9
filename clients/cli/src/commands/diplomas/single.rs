//! One credential or programme at a time: register, close, correct, issue anew, revoke, answer.

use std::path::PathBuf;

use chancery_client::Action as AnyAction;
use chancery_ledger::record::{FieldName, Record, Value};
use chancery_registries::diplomas::{
    Action, AnswerCredential, CloseProgramme, CorrectCredential, CredentialId, ProgrammeTitle,
    Reason, RegisterProgramme, ReissueCredential, RevokeCredential,
};
use chancery_registries::text::{Date, LocalId, Statement};
use clap::{Args, Subcommand};

use super::records::{RecordFile, salted};
use crate::failure::Failure;
use crate::report::Report;
use crate::sending::Sending;
use crate::session::Session;
use crate::words::{CommitmentWord, PartyWord, word};

/// One credential or programme at a time.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Register a programme. The institution signs.
    RegisterProgramme(Box<Registering>),
    /// Close a programme. The institution signs.
    CloseProgramme(Box<Closing>),
    /// Put a right credential in the place of a wrong one. The institution signs.
    Correct(Box<Correcting>),
    /// Issue a credential anew to its holder, under a new name. The institution signs.
    Reissue(Box<Reissuing>),
    /// Revoke a credential for good. The institution signs, or whoever ordered it.
    Revoke(Box<Revoking>),
    /// Say that a credential is yours. The holder signs.
    Accept(Answering),
    /// Say that a credential is not yours. The holder signs.
    Decline(Answering),
}

/// A programme to be registered.
#[derive(Debug, Args)]
pub(crate) struct Registering {
    /// An id not used before.
    programme: LocalId,
    /// Whose it is, by ID code or key name.
    #[arg(long)]
    institution: PartyWord,
    /// What it is called.
    #[arg(long)]
    title: ProgrammeTitle,
    /// Its level, as in EQF 6.
    #[arg(long)]
    level: Option<ProgrammeTitle>,
    /// Its description: a hash, or @FILE for the SHA-256 of a file.
    #[arg(long, value_name = "HASH|@FILE")]
    description: Option<CommitmentWord>,
    /// The first day on which something can be awarded in it.
    #[arg(long, value_name = "DATE")]
    opened: Date,
    #[command(flatten)]
    sending: Sending,
}

/// A programme to be closed.
#[derive(Debug, Args)]
pub(crate) struct Closing {
    /// Which.
    programme: LocalId,
    /// Whose it is, by ID code or key name.
    #[arg(long)]
    institution: PartyWord,
    /// The last day on which something can be awarded in it.
    #[arg(long, value_name = "DATE")]
    last_day: Date,
    /// Why.
    #[arg(long)]
    reason: Statement,
    #[command(flatten)]
    sending: Sending,
}

/// The record of a credential that takes another's place.
#[derive(Debug, Args)]
pub(crate) struct NewRecord {
    /// The record of the old one.
    #[arg(long = "record", value_name = "FILE")]
    old: PathBuf,
    /// A field that says something else or is new, as NAME=VALUE; once for each.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// A field that falls away; once for each.
    #[arg(long = "drop", value_name = "NAME")]
    dropped: Vec<String>,
    /// The file for the new record, which has new salts throughout.
    #[arg(long, value_name = "FILE")]
    new_record: PathBuf,
}

/// A credential to be corrected.
#[derive(Debug, Args)]
pub(crate) struct Correcting {
    /// What is wrong: INSTITUTION.SERIAL.
    credential: CredentialId,
    /// The serial number of the right one.
    #[arg(long)]
    serial: LocalId,
    /// The day of the award that is right.
    #[arg(long, value_name = "DATE")]
    awarded: Date,
    /// The programme that is right, if it is to be public.
    #[arg(long)]
    programme: Option<LocalId>,
    /// Of a transcript, the serial number of its award.
    #[arg(long)]
    award: Option<LocalId>,
    /// A direction of a court or regulator, where the institution is not accredited now.
    #[arg(long)]
    order: Option<LocalId>,
    /// The institution's key by name, where --sign-as does not say who signs.
    #[arg(long = "as", value_name = "KEY")]
    by: PartyWord,
    #[command(flatten)]
    record: NewRecord,
    #[command(flatten)]
    sending: Sending,
}

/// A credential to be issued anew.
#[derive(Debug, Args)]
pub(crate) struct Reissuing {
    /// The old one: INSTITUTION.SERIAL.
    credential: CredentialId,
    /// The serial number of the new one, not made from the old one's.
    #[arg(long)]
    serial: LocalId,
    /// Of a transcript, the serial number of its award as it was issued anew.
    #[arg(long)]
    award: Option<LocalId>,
    /// A direction of a court or regulator, where the institution is not accredited now.
    #[arg(long)]
    order: Option<LocalId>,
    /// The institution's key by name, where --sign-as does not say who signs.
    #[arg(long = "as", value_name = "KEY")]
    by: PartyWord,
    #[command(flatten)]
    record: NewRecord,
    #[command(flatten)]
    sending: Sending,
}

/// A credential to be revoked.
#[derive(Debug, Args)]
pub(crate) struct Revoking {
    /// Which: INSTITUTION.SERIAL.
    credential: CredentialId,
    /// The institution, or the court or regulator that ordered it, by ID code or key name.
    #[arg(long)]
    by: PartyWord,
    /// issued-in-error, requirements-not-met, obtained-by-deceit, ordered or requested-by-holder.
    #[arg(long, value_parser = word::<Reason>)]
    reason: Reason,
    /// The decision, which stays off the ledger: a hash, or @FILE for the SHA-256 of a file.
    #[arg(long, value_name = "HASH|@FILE")]
    decision: Option<CommitmentWord>,
    /// The direction of a court or regulator.
    #[arg(long)]
    order: Option<LocalId>,
    #[command(flatten)]
    sending: Sending,
}

/// What a holder says.
#[derive(Debug, Args)]
pub(crate) struct Answering {
    /// Which: INSTITUTION.SERIAL.
    credential: CredentialId,
    /// The holder's key by name, where --sign-as does not say who signs.
    #[arg(long = "as", value_name = "KEY")]
    by: PartyWord,
    #[command(flatten)]
    sending: Sending,
}

impl Command {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let (action, by, sending) = match self {
            Self::RegisterProgramme(args) => {
                (args.action(session)?, &args.institution, &args.sending)
            }
            Self::CloseProgramme(args) => (args.action(session)?, &args.institution, &args.sending),
            Self::Correct(args) => (args.action()?, &args.by, &args.sending),
            Self::Reissue(args) => (args.action()?, &args.by, &args.sending),
            Self::Revoke(args) => (args.action(session)?, &args.by, &args.sending),
            Self::Accept(args) => (Action::Accept(args.answer()), &args.by, &args.sending),
            Self::Decline(args) => (Action::Decline(args.answer()), &args.by, &args.sending),
        };
        sending.action(session, AnyAction::Diplomas(action), &[by]).await
    }
}

impl Registering {
    fn action(&self, session: &Session) -> Result<Action, Failure> {
        Ok(Action::RegisterProgramme(Box::new(RegisterProgramme {
            institution: session.party(&self.institution)?,
            programme: self.programme.clone(),
            title: self.title.clone(),
            level: self.level.clone(),
            description: self.description.as_ref().map(CommitmentWord::resolve).transpose()?,
            opened: self.opened,
        })))
    }
}

impl Closing {
    fn action(&self, session: &Session) -> Result<Action, Failure> {
        Ok(Action::CloseProgramme(CloseProgramme {
            institution: session.party(&self.institution)?,
            programme: self.programme.clone(),
            last_day: self.last_day,
            reason: self.reason.clone(),
        }))
    }
}

impl Correcting {
    fn action(&self) -> Result<Action, Failure> {
        let record = self.record.write(&self.credential, &self.serial)?;
        Ok(Action::Correct(Box::new(CorrectCredential {
            credential: self.credential.clone(),
            serial: self.serial.clone(),
            programme: self.programme.clone(),
            awarded: self.awarded,
            record: record.commitment(),
            award: self.award.clone(),
            order: self.order.clone(),
        })))
    }
}

impl Reissuing {
    fn action(&self) -> Result<Action, Failure> {
        let record = self.record.write(&self.credential, &self.serial)?;
        Ok(Action::Reissue(ReissueCredential {
            credential: self.credential.clone(),
            serial: self.serial.clone(),
            record: record.commitment(),
            award: self.award.clone(),
            order: self.order.clone(),
        }))
    }
}

impl Revoking {
    fn action(&self, session: &Session) -> Result<Action, Failure> {
        Ok(Action::Revoke(RevokeCredential {
            credential: self.credential.clone(),
            by: session.party(&self.by)?,
            reason: self.reason,
            decision: self.decision.as_ref().map(CommitmentWord::resolve).transpose()?,
            order: self.order.clone(),
        }))
    }
}

impl Answering {
    fn answer(&self) -> AnswerCredential {
        AnswerCredential { credential: self.credential.clone() }
    }
}

impl NewRecord {
    /// Makes the new record from the old one and writes it down, before anything is sent. Where it
    /// is there already from an attempt before, that one is used.
    fn write(&self, old: &CredentialId, serial: &LocalId) -> Result<Record, Failure> {
        let before = RecordFile::read(&self.old)?;
        if before.credential != *old {
            let what = format!("{} is of {}, not {old}", self.old.display(), before.credential);
            return Err(Failure::usage(what));
        }
        let fields = self.changed(&before.record)?;
        let credential = CredentialId { institution: old.institution, serial: serial.clone() };
        if self.new_record.exists() {
            let there = RecordFile::read(&self.new_record)?;
            let said = there.record.fields().iter().map(|field| (&field.name, &field.value));
            if there.credential == credential
                && said.eq(fields.iter().map(|(name, value)| (name, value)))
            {
                return Ok(there.record);
            }
            let what = "is there and says something else: name another file with --new-record";
            return Err(Failure::usage(format!("{} {what}", self.new_record.display())));
        }
        let record = salted(before.record.schema().clone(), fields.into_iter())?;
        let file = RecordFile { credential, record };
        file.write_new(&self.new_record)?;
        Ok(file.record)
    }

    /// The fields of the old record with the changes.
    fn changed(&self, before: &Record) -> Result<Vec<(FieldName, Value)>, Failure> {
        let wrong = |error: &dyn std::fmt::Display| Failure::usage(error.to_string());
        let mut fields: Vec<(FieldName, Value)> =
            before.fields().iter().map(|field| (field.name.clone(), field.value.clone())).collect();
        for name in &self.dropped {
            let there = fields.len();
            fields.retain(|(field, _)| field.as_str() != name);
            if fields.len() == there {
                return Err(Failure::usage(format!("--drop {name}: the record has no such field")));
            }
        }
        for pair in &self.set {
            let (name, text) = pair
                .split_once('=')
                .ok_or_else(|| Failure::usage(format!("--set {pair}: write NAME=VALUE")))?;
            let name: FieldName = name.parse().map_err(|error| wrong(&error))?;
            let value = Value::Text(text.parse().map_err(|error| wrong(&error))?);
            match fields.iter_mut().find(|(field, _)| *field == name) {
                Some(field) => field.1 = value,
                None => fields.push((name, value)),
            }
        }
        Ok(fields)
    }
}
