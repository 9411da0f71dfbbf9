//! `chancery import artworks`: a museum's objects as works, and their provenance texts as claims.
//!
//! Each object is one transition: the registration and the claims take effect together or not at all.
//! A work that stands already is left as it is, so that an import which was stopped is run again.

mod museum;
mod provenance;
mod summary;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use chancery_client::{
    Action, AsOf, Client, Error, Hash, PartyId, Path, Signer, Signing, Transition, Verdict,
};
use chancery_registries::artworks::{
    Action as Artworks, MAX_CLAIMS_AT_ONCE, NewClaims, StateClaims,
};
use chancery_registries::text::LocalId;
use clap::Args;
use serde_json::json;

use crate::failure::Failure;
use crate::report::{Report, progress};
use crate::session::Session;
use museum::MuseumObject;
use provenance::Reading;
use summary::{Outcome, Status};

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
    /// Its line of the file, from 1.
    number: usize,
    line: String,
    work: LocalId,
    object: MuseumObject,
    reading: Reading,
}

impl ImportArtworks {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let text = std::fs::read_to_string(&self.file)
            .map_err(|error| Failure::file(&self.file, error))?;
        let (entries, mut outcomes) = read(&text);
        if self.dry_run {
            return summary::shown(&entries, &outcomes);
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
        summary::reported(&entries, &outcomes)
    }
}

/// The objects of a file, and what is wrong with the lines that are none.
fn read(text: &str) -> (Vec<Entry>, Vec<Outcome>) {
    let (mut entries, mut wrong, mut known) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = index + 1;
        match read_line(number, line) {
            Ok(entry) if !known.insert(entry.work.clone()) => {
                let detail = "the work stands on an earlier line".to_owned();
                wrong.push(Outcome::refused(number, Some(&entry.work), None, detail));
            }
            Ok(entry) => entries.push(entry),
            Err(detail) => wrong.push(Outcome::refused(number, None, None, detail)),
        }
    }
    (entries, wrong)
}

fn read_line(number: usize, line: &str) -> Result<Entry, String> {
    let object = MuseumObject::read(line)?;
    let (work, reading) = (object.work()?, provenance::read(&object.provenance_text));
    Ok(Entry { number, line: line.to_owned(), work, object, reading })
}

/// The server, and who signs.
struct Importing<'a> {
    client: &'a Client,
    keeper: Signer,
    examiner: Signer,
}

impl Importing<'_> {
    /// Brings some objects in with one request.
    async fn bring(&self, entries: &[Entry]) -> Result<Vec<Outcome>, Failure> {
        let ledger = self.client.ledger_id().await?;
        let (mut outcomes, mut sent, mut signings) = (Vec::new(), Vec::new(), Vec::new());
        for entry in entries {
            if let Some(outcome) = self.standing(entry).await? {
                outcomes.push(outcome);
                continue;
            }
            match self.signed(ledger, entry)? {
                Ok(signing) => {
                    signings.push(signing);
                    sent.push(entry);
                }
                Err(detail) => outcomes.push(entry.refused(None, detail)),
            }
        }
        let verdicts = self.send(&signings).await?;
        outcomes.extend(sent.into_iter().zip(verdicts).map(|(entry, verdict)| {
            if verdict.is_in_the_log() {
                return Outcome::of(entry, Status::Imported);
            }
            entry.refused(verdict.code, verdict.detail.unwrap_or(verdict.status))
        }));
        Ok(outcomes)
    }

    /// What there is to say of an object whose id is taken.
    async fn standing(&self, entry: &Entry) -> Result<Option<Outcome>, Failure> {
        let path = Path::new("artworks", "work", entry.work.as_str())?;
        match self.client.object(&path, AsOf::Now).await {
            Ok(shown) if shown["object"]["fingerprint"] == json!(entry.object.fingerprint()) => {
                Ok(Some(Outcome::of(entry, Status::ThereAlready)))
            }
            Ok(_) => {
                let detail = "another work has this id".to_owned();
                Ok(Some(entry.refused(Some("id-taken".to_owned()), detail)))
            }
            Err(Error::Refused(problem)) if problem.status == 404 => Ok(None),
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
    fn refused(&self, code: Option<String>, detail: String) -> Outcome {
        Outcome::refused(self.number, Some(&self.work), code, detail)
    }

    /// The registration, and the claims in as many parts as it takes.
    fn actions(&self, keeper: PartyId, examiner: PartyId) -> Result<Vec<Artworks>, String> {
        let work = self.work.clone();
        let registration = self.object.registration(work.clone(), &self.line, keeper, examiner)?;
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
