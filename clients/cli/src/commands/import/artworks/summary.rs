//! What was read in a museum's file, and what became of it.

use std::collections::BTreeSet;

use chancery_registries::artworks::{ClaimKind, Follows, HistoricDate, NewClaim};
use chancery_registries::text::LocalId;
use serde::Serialize;
use serde_json::json;

use super::Entry;
use crate::failure::Failure;
use crate::report::Report;

/// What became of an object.
#[derive(Serialize)]
pub(super) struct Outcome {
    /// The line of the file, from 1.
    pub(super) line: usize,
    /// The work, where the line names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    work: Option<LocalId>,
    status: Status,
    /// Why it was refused: a code of the register or of the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// How an object fared.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Status {
    Imported,
    ThereAlready,
    Refused,
}

impl Outcome {
    pub(super) fn of(entry: &Entry, status: Status) -> Self {
        let work = Some(entry.work.clone());
        Self { line: entry.number, work, status, code: None, detail: None }
    }

    pub(super) fn refused(
        line: usize,
        work: Option<&LocalId>,
        code: Option<String>,
        detail: String,
    ) -> Self {
        let (work, detail) = (work.cloned(), Some(detail));
        Self { line, work, status: Status::Refused, code, detail }
    }

    fn text(&self) -> String {
        let work = self.work.as_ref().map_or("no work", LocalId::as_str);
        let code = self.code.as_deref().unwrap_or("not read");
        let detail = self.detail.as_deref().unwrap_or_default();
        format!("line {}, {work}: {code}: {detail}", self.line)
    }
}

/// What was read, in figures.
#[derive(Default, Serialize)]
struct Figures {
    works: usize,
    claims: usize,
    acquisitions: usize,
    transfers_of_custody: usize,
    encounters: usize,
    takings: usize,
    gaps: usize,
    dated: usize,
    texts_cut: usize,
    remarks_left_out: usize,
    /// Works whose notes speak of a taking: somebody should look at them.
    look_at: Vec<LocalId>,
}

fn figures<'a>(entries: impl Iterator<Item = &'a Entry>) -> Figures {
    let mut figures = Figures::default();
    for entry in entries {
        let reading = &entry.reading;
        let count =
            |test: fn(&NewClaim) -> bool| reading.claims.iter().filter(|claim| test(claim)).count();
        figures.works += 1;
        figures.claims += reading.claims.len();
        figures.acquisitions += count(|claim| claim.kind == ClaimKind::Acquisition);
        figures.transfers_of_custody += count(|claim| claim.kind == ClaimKind::TransferOfCustody);
        figures.encounters += count(|claim| claim.kind == ClaimKind::Encounter);
        figures.takings += count(|claim| claim.method.is_some_and(|method| method.is_taking()));
        figures.gaps += count(|claim| claim.follows == Follows::Gap);
        figures.dated += count(|claim| claim.since.or(claim.until).is_some());
        figures.texts_cut += reading.cut;
        figures.remarks_left_out += reading.remarks.len();
        if reading.alarming {
            figures.look_at.push(entry.work.clone());
        }
    }
    figures
}

impl Figures {
    fn text(&self) -> String {
        let mut text = format!(
            "{} claims: {} acquisitions, {} transfers of custody ({} of them takings), {} \
             encounters\n{} with dates, {} behind a gap\n{} texts too long and cut, {} editors' \
             remarks left out",
            self.claims,
            self.acquisitions,
            self.transfers_of_custody,
            self.takings,
            self.encounters,
            self.dated,
            self.gaps,
            self.texts_cut,
            self.remarks_left_out,
        );
        if !self.look_at.is_empty() {
            let works: Vec<&str> = self.look_at.iter().map(LocalId::as_str).collect();
            text += &format!(
                "\nsomebody should look at {}: their notes speak of a taking, or of those who took",
                works.join(", ")
            );
        }
        text
    }
}

/// What a dry run shows: every claim as it was read.
pub(super) fn shown(entries: &[Entry], wrong: &[Outcome]) -> Result<Report, Failure> {
    let mut text = String::new();
    for entry in entries {
        text += &format!("{} {}\n", entry.work, entry.object.title());
        for claim in &entry.reading.claims {
            text += &format!("  {}\n", line_of(claim));
        }
    }
    let figures = figures(entries.iter());
    text += &format!("{} works\n{}", figures.works, figures.text());
    let claims = |entry: &Entry| json!({"line": entry.number, "work": entry.work, "claims": entry.reading.claims});
    let works: Vec<_> = entries.iter().map(claims).collect();
    judged(text, json!({"read": figures, "works": works, "refused": wrong}), wrong)
}

/// A claim in one line: `>` begins a chain, `|` follows directly, `?` follows a gap.
fn line_of(claim: &NewClaim) -> String {
    let follows = match claim.follows {
        Follows::Start => '>',
        Follows::Direct => '|',
        Follows::Gap => '?',
    };
    let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let (kind, method) = (word(json!(claim.kind)), word(json!(claim.method)));
    let date = |date: Option<HistoricDate>| date.map_or_else(String::new, |date| date.to_string());
    let (since, until) = (date(claim.since), date(claim.until));
    format!("{follows} {kind:19} {method:11} {since:>13} - {until:13} {}", claim.text)
}

/// What became of the file.
pub(super) fn reported(entries: &[Entry], outcomes: &[Outcome]) -> Result<Report, Failure> {
    let of = |status: Status| outcomes.iter().filter(move |outcome| outcome.status == status);
    let imported: BTreeSet<usize> = of(Status::Imported).map(|outcome| outcome.line).collect();
    let figures = figures(entries.iter().filter(|entry| imported.contains(&entry.number)));
    let (there, refused) = (of(Status::ThereAlready).count(), of(Status::Refused).count());
    let text = format!(
        "{} works imported, {there} there already, {refused} refused\n{}",
        imported.len(),
        figures.text()
    );
    let json = json!({
        "imported": imported.len(), "there_already": there, "refused": refused, "claims": figures,
        "works": outcomes,
    });
    judged(text, json, outcomes)
}

/// The report; not to have taken all of the file is a failure.
fn judged(
    mut text: String,
    json: serde_json::Value,
    outcomes: &[Outcome],
) -> Result<Report, Failure> {
    let mut refused = 0;
    for outcome in outcomes.iter().filter(|outcome| outcome.status == Status::Refused) {
        text += &format!("\n{}", outcome.text());
        refused += 1;
    }
    let report = Report::new(text, json);
    match refused {
        0 => Ok(report),
        _ => {
            let what = format!("{refused} lines were refused");
            Err(Failure::Missed { what, figures: Box::new(report) })
        }
    }
}
