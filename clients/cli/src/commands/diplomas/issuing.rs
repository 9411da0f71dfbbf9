//! `chancery diplomas issue`: a table of diplomas, checked row by row, then issued in batches.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Instant;

use chancery_client::{Action, Signer};
use chancery_ledger::record::Record;
use chancery_registries::diplomas::{
    self, Credential, CredentialId, CredentialKind, IssueCredential, programme_id,
};
use chancery_registries::identity::Party;
use chancery_registries::text::LocalId;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::batches::{Sender, Sent, in_batches};
use super::facts::{Facts, Judged};
use super::folder::{Folder, Records};
use super::records::{RecordFile, new_record, says};
use super::sheet::{Mistake, Row, Sheet};
use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;
use crate::words::word;

/// Issue what a table of comma-separated values lists, a row for each.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Issue {
    /// The table: UTF-8 with a header.
    table: PathBuf,
    /// The institution's key by name; a sub-key for assertion does.
    #[arg(long = "as", value_name = "KEY")]
    key: String,
    /// Check every row against the table and the ledger, and issue and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// The folder of the private records; the table's name with .issued unless said otherwise.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// What rows are whose table has no kind: award, transcript or micro-credential.
    #[arg(long, default_value = "award", value_parser = word::<CredentialKind>)]
    kind: CredentialKind,
    /// What separates the cells.
    #[arg(long, default_value = ",", value_parser = separator)]
    separator: u8,
    /// A direction of a court or regulator, where the institution is not accredited now.
    #[arg(long)]
    order: Option<LocalId>,
}

const HELP: &str = "\
Columns, in any order:
  serial     a number that the institution gives once; public
  holder     the graduate's ID code
  awarded    the day of the award, as in 2026-06-30
  kind       award, transcript or micro-credential; may be left out
  programme  the id of a registered programme, if that is to be public; may be left out
  award      of a transcript, the serial number of its award; may be left out
Every other column is a field of the private record under the column's name, as in name, degree,
grade or, one for each course of a transcript, course:MA101. Empty cells are no fields.

If any row is wrong, all mistakes are listed and nothing is issued. A run that was cut off is run
again with the same table and folder, and goes on. The folder holds what makes the diplomas
readable: keep it, and hand records/SERIAL.json to each graduate.";

fn separator(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"\\t" => Ok(b'\t'),
        [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && *byte != b'"' => Ok(*byte),
        _ => Err("a separator is one character such as , or ; or \\t".to_owned()),
    }
}

/// A row with the record that it is issued with.
pub(super) struct Diploma {
    pub(super) row: Row,
    pub(super) record: Record,
}

/// What the table and the ledger say together.
#[derive(Default)]
struct Plan {
    to_issue: Vec<Diploma>,
    already: usize,
    mistakes: Vec<Mistake>,
}

impl Issue {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let started = Instant::now();
        let sheet = Sheet::read(&self.table, self.kind, self.separator)?;
        let signer = session.keys().open(&self.key)?;
        let count = sheet.rows.len();
        let mut facts = Facts::begin(session).await?;
        let ledger = session.client()?.ledger_id().await?;
        let out = self.out.clone().unwrap_or_else(|| self.table.with_extension("issued"));
        let known = Folder::peek(&out)?;
        let plan = self.plan(sheet, &known, &mut facts, &signer).await?;
        if !plan.mistakes.is_empty() {
            return Err(refused(plan.mistakes, "nothing was issued"));
        }
        let mut figures = json!({
            "rows": count, "already_issued": plan.already, "to_issue": plan.to_issue.len(),
            "dry_run": self.dry_run,
        });
        if self.dry_run {
            let text = format!(
                "{count} rows are in order: {} to issue, {} issued already. Nothing was issued.",
                plan.to_issue.len(),
                plan.already
            );
            return Ok(Report::new(text, figures));
        }
        let mut folder = Folder::open(&out, ledger, signer.party())?;
        let to_issue = plan.to_issue.len();
        let progress = bar("issuing", to_issue);
        let batches = in_batches(plan.to_issue);
        let sender = Sender::new(session, &mut facts, &mut folder, &signer, self.order.clone())?;
        let Sent { issued, transitions, mistakes } = sender.send(batches, &progress).await?;
        progress.finish_and_clear();
        let seconds = started.elapsed().as_secs_f64();
        figures["issued"] = issued.into();
        figures["transitions"] = json!(transitions);
        figures["seconds"] = json!(seconds);
        figures["records"] = out.display().to_string().into();
        if !mistakes.is_empty() {
            let done = format!("{issued} of {to_issue} were issued");
            return Err(refused_with(mistakes, &done, figures));
        }
        let text = format!(
            "{issued} issued, {} issued already, in {seconds:.1} s and {} transitions\nthe private records are in {}: keep them",
            plan.already,
            transitions.len(),
            out.display()
        );
        Ok(Report::new(text, figures))
    }

    /// Compares the rows with the ledger and judges those that are new.
    async fn plan(
        &self,
        sheet: Sheet,
        known: &Records,
        facts: &mut Facts<'_>,
        signer: &Signer,
    ) -> Result<Plan, Failure> {
        let institution = signer.party();
        let mut plan = Plan { mistakes: sheet.mistakes, ..Plan::default() };
        self.fetch(&sheet.rows, facts, signer).await?;
        let mut rows = sheet.rows;
        // Awards come first, so that a transcript may belong to one of the same table.
        rows.sort_by(|a, b| {
            (a.kind, a.awarded, &a.programme).cmp(&(b.kind, b.awarded, &b.programme))
        });
        let mut tried = BTreeSet::new();
        for row in rows {
            let id = CredentialId { institution, serial: row.serial.clone() };
            let kept = known.get(row.serial.as_str()).map_or(&[][..], Vec::as_slice);
            match facts.get::<Credential>(&id.to_string()) {
                // The table has the serial number twice, which it was told for already.
                Some(_) if tried.contains(&id.to_string()) => {}
                Some(there) => match is_issued(&there, &row, kept) {
                    Ok(()) => plan.already += 1,
                    Err(mistake) => plan.mistakes.push(mistake),
                },
                None => {
                    let said = kept.iter().rev().find(|it| says(it, row.kind, &row.fields));
                    let record = match said {
                        Some(record) => record.clone(),
                        None => new_record(row.kind, &row.fields)?,
                    };
                    let diploma = Diploma { row, record };
                    tried.insert(id.to_string());
                    let action = diploma.issue(&institution, self.order.as_ref());
                    if let Judged::Refused(rejection) = facts.judge(&action, signer.id()) {
                        plan.mistakes.push(mistake_of(&diploma.row, rejection));
                    }
                    plan.to_issue.push(diploma);
                }
            }
        }
        plan.mistakes.sort();
        // What was tried out is not on the ledger.
        facts.forget::<Credential>(tried);
        Ok(plan)
    }

    /// Everything that the rules ask about the rows.
    async fn fetch(
        &self,
        rows: &[Row],
        facts: &mut Facts<'_>,
        signer: &Signer,
    ) -> Result<(), Failure> {
        let institution = signer.party();
        let id =
            |serial: &LocalId| CredentialId { institution, serial: serial.clone() }.to_string();
        facts.fetch_institution(&institution).await?;
        if let Some(order) = &self.order {
            facts.fetch_order(order.as_str()).await?;
        }
        let programmes = rows.iter().filter_map(|row| row.programme.as_ref());
        let programmes = programmes.map(|programme| programme_id(&institution, programme));
        facts.fetch_programmes(programmes).await?;
        let progress = bar("checking", 2 * rows.len());
        let step = || progress.inc(1);
        let serials = rows.iter().map(|row| &row.serial);
        let awards = rows.iter().filter_map(|row| row.award.as_ref());
        facts.fetch::<Credential>(serials.chain(awards).map(id), step).await?;
        facts.fetch::<Party>(rows.iter().map(|row| row.holder.to_string()), step).await?;
        progress.finish_and_clear();
        Ok(())
    }
}

impl Diploma {
    /// The name of its credential.
    pub(super) fn id(&self, institution: &chancery_client::PartyId) -> CredentialId {
        CredentialId { institution: *institution, serial: self.row.serial.clone() }
    }

    /// Its record as it is kept.
    pub(super) fn file(&self, institution: &chancery_client::PartyId) -> RecordFile {
        RecordFile { credential: self.id(institution), record: self.record.clone() }
    }

    /// The action that issues it alone.
    fn issue(&self, institution: &chancery_client::PartyId, order: Option<&LocalId>) -> Action {
        let Row { serial, holder, kind, awarded, programme, award, .. } = self.row.clone();
        Action::Diplomas(diplomas::Action::Issue(Box::new(IssueCredential {
            institution: *institution,
            serial,
            kind,
            holder,
            programme,
            awarded,
            record: self.record.commitment(),
            award,
            order: order.cloned(),
        })))
    }
}

/// Whether a credential on the ledger is the row's, with a record that is at hand.
fn is_issued(there: &Credential, row: &Row, kept: &[Record]) -> Result<(), Mistake> {
    let serial = &row.serial;
    let mistake = |column: &str, right: &str| {
        let wrong = format!("{serial} was issued before, and not as the row says");
        Mistake::new(row.row, Some(column), wrong, right)
    };
    let differs = [
        ("holder", there.holder != row.holder),
        ("kind", there.kind != row.kind),
        ("awarded", there.awarded != row.awarded),
        ("programme", there.programme != row.programme),
        ("award", there.award != row.award),
    ];
    if let Some((column, _)) = differs.iter().find(|(_, differs)| *differs) {
        return Err(mistake(column, "a number not given before; or correct what was issued"));
    }
    match kept.iter().find(|record| record.commitment() == there.record) {
        Some(record) if says(record, row.kind, &row.fields) => Ok(()),
        Some(_) => Err(mistake("serial", "`chancery diplomas correct` for what was issued")),
        None => Err(mistake(
            "serial",
            "a number not given before; if this table issued it, the folder of its records (--out)",
        )),
    }
}

/// A refusal of the rules as a mistake in a row.
pub(super) fn mistake_of(row: &Row, rejection: chancery_ledger::code::Rejection) -> Mistake {
    let code = rejection.code;
    let column = column_of(code.name);
    let wrong = format!("{} [{}]", rejection.detail, code.name);
    Mistake::new(row.row, column, wrong, code.remedy)
}

/// The column that a code is about.
pub(super) fn column_of(code: &str) -> Option<&'static str> {
    Some(match code {
        "id-taken" => "serial",
        "party-unknown" | "diploma-holder-not-a-person" => "holder",
        "diploma-awarded-in-future" | "diploma-not-accredited-then" => "awarded",
        "diploma-programme-unknown" | "diploma-programme-not-open" | "frozen" => "programme",
        "diploma-award-not-for-this" | "diploma-award-does-not-fit" => "award",
        _ => return None,
    })
}

/// A progress bar on standard error, where that is a terminal.
fn bar(what: &'static str, length: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}");
    let bar = ProgressBar::new(length as u64).with_message(what);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn refused(mistakes: Vec<Mistake>, done: &str) -> Failure {
    refused_with(mistakes, done, json!({}))
}

fn refused_with(mistakes: Vec<Mistake>, done: &str, mut figures: Value) -> Failure {
    let line = |mistake: &Mistake| {
        let Mistake { row, column, wrong, right } = mistake;
        let column = column.as_ref().map(|column| format!(", {column}")).unwrap_or_default();
        format!("row {row}{column}: {wrong}\n    right would be: {right}\n")
    };
    let text: String = mistakes.iter().map(line).collect();
    let what = format!("{} mistakes; {done}", mistakes.len());
    figures["mistakes"] = json!(mistakes);
    Failure::Missed { what, figures: Box::new(Report::new(text, figures)) }
}
