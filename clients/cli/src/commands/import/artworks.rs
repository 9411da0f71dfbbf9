//! `chancery import artworks`: a museum's objects as works, and their provenance texts as claims.
//!
//! Each object is one transition: the registration and the claims take effect together or not at all.
//! A work that stands already is left as it is, so that an import which was stopped is run again.

mod museum;
mod provenance;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use chancery_client::{
    Action, AsOf, Client, Error, Hash, PartyId, Path, Signer, Signing, Transition, Verdict,
};
use chancery_registries::artworks::{
    Action as Artworks, ClaimKind, Follows, MAX_CLAIMS_AT_ONCE, NewClaim, NewClaims, StateClaims,
};
use clap::Args;
use serde::Serialize;
use serde_json::json;

use crate::failure::Failure;
use crate::report::{Report, progress};
use crate::session::Session;
use museum::MuseumObject;
use provenance::Reading;

/// Register a museum's objects, and state their provenance texts as claims.
#[derive(Debug, Args)]
pub(crate) struct ImportArtworks {
    /// The file: one object of the museum's collection data in JSON on each line.
    file: PathBuf,
    /// Who owns and has the works, by key name.
    #[arg(long, default_value = "museum", value_name = "KEY")]
    keeper: String,
    /// The accredited art expert who vouches for the registrations, by key name.
    #[arg(long, default_value = "expert", value_name = "KEY")]
    examiner: String,
    /// Read the file and show the claims; call no server.
    #[arg(long)]
    dry_run: bool,
}

/// How many objects go in one request.
const AT_ONCE: usize = 32;
/// How often what the server had no room for is sent again.
const TRIES: usize = 5;
/// How long to wait before that.
const PAUSE: Duration = Duration::from_millis(500);

/// An object that was read.
struct Entry {
    line: String,
    object: MuseumObject,
    reading: Reading,
}

/// What became of an object.
#[derive(Serialize)]
struct Outcome {
    /// The line of the file, from 1.
    line: usize,
    /// The work, where the line names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    work: Option<String>,
    /// `read`, `imported`, `there-already` or `refused`.
    status: &'static str,
    /// Why it was refused: a code of the register or of the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl ImportArtworks {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let text = std::fs::read_to_string(&self.file)
            .map_err(|error| Failure::file(&self.file, error))?;
        let (entries, mut outcomes) = read(&text);
        if self.dry_run {
            return Ok(shown(&entries, outcomes));
        }
        let importing = Importing {
            client: session.client()?,
            keeper: session.keys().open(&self.keeper)?,
            examiner: session.keys().open(&self.examiner)?,
        };
        let mut done = 0;
        for some in entries.chunks(AT_ONCE) {
            outcomes.extend(importing.bring(some).await?);
            done += some.len();
            progress(format!("{done} of {}", entries.len()));
        }
        outcomes.sort_by_key(|outcome| outcome.line);
        reported(&entries, &outcomes)
    }
}

/// The objects of a file with their lines, and what is wrong with the lines that are none.
fn read(text: &str) -> (Vec<(usize, Entry)>, Vec<Outcome>) {
    let (mut entries, mut wrong, mut known) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let read = MuseumObject::read(line).and_then(|object| {
            let work = object.work()?;
            if !known.insert(work.clone()) {
                return Err(format!("{work} stands on an earlier line"));
            }
            Ok(object)
        });
        match read {
            Ok(object) => {
                let reading = provenance::read(&object.provenance_text);
                entries.push((index + 1, Entry { line: line.to_owned(), object, reading }));
            }
            Err(detail) => wrong.push(Outcome::refused(index + 1, None, None, detail)),
        }
    }
    (entries, wrong)
}

/// The server, and who signs.
struct Importing<'a> {
    client: &'a Client,
    keeper: Signer,
    examiner: Signer,
}

impl Importing<'_> {
    /// Brings some objects in with one request.
    async fn bring(&self, entries: &[(usize, Entry)]) -> Result<Vec<Outcome>, Failure> {
        let ledger = self.client.ledger_id().await?;
        let (mut outcomes, mut sent, mut signings) = (Vec::new(), Vec::new(), Vec::new());
        for (line, entry) in entries {
            let work = entry.work();
            if self.stands(&work).await? {
                outcomes.push(Outcome::of(*line, work, "there-already"));
                continue;
            }
            match self.signed(ledger, entry)? {
                Ok(signing) => {
                    signings.push(signing);
                    sent.push((*line, work));
                }
                Err(detail) => outcomes.push(Outcome::refused(*line, Some(work), None, detail)),
            }
        }
        let verdicts = self.send(&signings).await?;
        outcomes.extend(sent.into_iter().zip(verdicts).map(|((line, work), verdict)| {
            if verdict.is_in_the_log() {
                return Outcome::of(line, work, "imported");
            }
            let detail = verdict.detail.unwrap_or_else(|| verdict.status.clone());
            Outcome::refused(line, Some(work), verdict.code, detail)
        }));
        Ok(outcomes)
    }

    async fn stands(&self, work: &str) -> Result<bool, Failure> {
        match self.client.object(&Path::new("artworks", "work", work)?, AsOf::Now).await {
            Ok(_) => Ok(true),
            Err(Error::Refused(problem)) if problem.status == 404 => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn signed(&self, ledger: Hash, entry: &Entry) -> Result<Result<Signing, String>, Failure> {
        let actions = entry.actions(self.keeper.party(), self.examiner.party());
        let actions = match actions {
            Ok(actions) => actions,
            Err(detail) => return Ok(Err(detail)),
        };
        let transition = Transition::on(ledger);
        let transition =
            actions.into_iter().fold(transition, |all, action| all.act(Action::Artworks(action)));
        let signing = self.keeper.sign(transition.prepare()?)?;
        Ok(Ok(self.examiner.sign(signing)?))
    }

    /// Sends, and sends again what the server had no room for.
    async fn send(&self, signings: &[Signing]) -> Result<Vec<Verdict>, Failure> {
        if signings.is_empty() {
            return Ok(Vec::new());
        }
        let mut verdicts = self.client.batch(signings).await?;
        for _ in 1..TRIES {
            let again: Vec<usize> = (0..verdicts.len())
                .filter(|index| verdicts[*index].status == "unavailable")
                .collect();
            if again.is_empty() {
                break;
            }
            tokio::time::sleep(PAUSE).await;
            let repeated: Vec<Signing> =
                again.iter().map(|index| signings[*index].clone()).collect();
            for (index, verdict) in again.into_iter().zip(self.client.batch(&repeated).await?) {
                verdicts[index] = verdict;
            }
        }
        Ok(verdicts)
    }
}

impl Entry {
    fn work(&self) -> String {
        // It was read as one.
        self.object.work().map(|work| work.to_string()).unwrap_or_default()
    }

    /// The registration, and the claims in as many parts as it takes.
    fn actions(&self, keeper: PartyId, examiner: PartyId) -> Result<Vec<Artworks>, String> {
        let registration = self.object.registration(&self.line, keeper, examiner)?;
        let work = registration.work.clone();
        let mut actions = vec![Artworks::Register(Box::new(registration))];
        let mut first = 1;
        for claims in self.reading.claims.chunks(MAX_CLAIMS_AT_ONCE) {
            actions.push(Artworks::StateClaims(StateClaims {
                work: work.clone(),
                by: keeper,
                first,
                source: Hash::of(&[self.object.provenance_text.as_bytes()]),
                claims: NewClaims::try_from(claims.to_vec()).map_err(|error| error.to_string())?,
            }));
            first += MAX_CLAIMS_AT_ONCE as u32;
        }
        Ok(actions)
    }
}

impl Outcome {
    fn of(line: usize, work: String, status: &'static str) -> Self {
        Self { line, work: Some(work), status, code: None, detail: None }
    }

    fn refused(line: usize, work: Option<String>, code: Option<String>, detail: String) -> Self {
        Self { line, work, status: "refused", code, detail: Some(detail) }
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
    look_at: Vec<String>,
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
            figures.look_at.push(entry.work());
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
            text += &format!("\nnotes speak of a taking: look at {}", self.look_at.join(", "));
        }
        text
    }
}

/// What a dry run shows: every claim as it was read.
fn shown(entries: &[(usize, Entry)], wrong: Vec<Outcome>) -> Report {
    let mut text = String::new();
    for (_, entry) in entries {
        text += &format!("{} {}\n", entry.work(), entry.object.title());
        for claim in &entry.reading.claims {
            text += &format!("  {}\n", line_of(claim));
        }
    }
    for outcome in &wrong {
        let detail = outcome.detail.as_deref().unwrap_or_default();
        text += &format!("line {}: {detail}\n", outcome.line);
    }
    let figures = figures(entries.iter().map(|(_, entry)| entry));
    text += &format!("{} works\n{}", figures.works, figures.text());
    let claims: Vec<_> = entries
        .iter()
        .map(|(line, entry)| json!({"line": line, "work": entry.work(), "claims": entry.reading.claims}))
        .collect();
    Report::new(text, json!({"read": figures, "works": claims, "refused": wrong}))
}

fn line_of(claim: &NewClaim) -> String {
    let follows = match claim.follows {
        Follows::Start => ">",
        Follows::Direct => "|",
        Follows::Gap => "?",
    };
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let (kind, method) = (word(&json!(claim.kind)), word(&json!(claim.method)));
    let date = |date: Option<_>| {
        date.map_or_else(String::new, |date: chancery_registries::artworks::HistoricDate| {
            date.to_string()
        })
    };
    format!(
        "{follows} {kind} {method} {} - {}  {}",
        date(claim.since),
        date(claim.until),
        claim.text
    )
}

/// What became of the file. Not to have brought in all of it is a failure.
fn reported(entries: &[(usize, Entry)], outcomes: &[Outcome]) -> Result<Report, Failure> {
    let of = |status: &str| outcomes.iter().filter(|outcome| outcome.status == status).count();
    let (imported, there, refused) = (of("imported"), of("there-already"), of("refused"));
    let brought: BTreeSet<usize> = outcomes
        .iter()
        .filter(|outcome| outcome.status == "imported")
        .map(|outcome| outcome.line)
        .collect();
    let brought = entries.iter().filter(|(line, _)| brought.contains(line));
    let figures = figures(brought.map(|(_, entry)| entry));
    let mut text = format!(
        "{imported} works imported, {there} there already, {refused} refused\n{}",
        figures.text()
    );
    for outcome in outcomes.iter().filter(|outcome| outcome.status == "refused") {
        let work = outcome.work.as_deref().unwrap_or("no work");
        let code = outcome.code.as_deref().unwrap_or("not read");
        let detail = outcome.detail.as_deref().unwrap_or_default();
        text += &format!("\nline {}, {work}: {code}: {detail}", outcome.line);
    }
    let json = json!({
        "imported": imported, "there_already": there, "refused": refused, "claims": figures,
        "works": outcomes,
    });
    let report = Report::new(text, json);
    if refused > 0 {
        let what = format!("{refused} of {} works were refused", outcomes.len());
        return Err(Failure::Missed { what, figures: Box::new(report) });
    }
    Ok(report)
}

/// The text in one line, without what may not stand in a text of the register.
fn plain(text: &str) -> String {
    let shown = |character: &char| {
        !matches!(character, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}')
            && (!character.is_control() || character.is_whitespace())
    };
    let text: String = text.chars().filter(shown).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
