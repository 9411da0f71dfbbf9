//! `chancery import epcis`: one statement for each parcel that an event names, and for all else the
//! reason why it is not taken.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chancery_client::{AsOf, Path};
use chancery_ledger::transition::Outcome;
use chancery_registries::Action as Any;
use chancery_registries::parcels::epcis::{own_transition, read_events};
use chancery_registries::parcels::number::ParcelNumber;
use chancery_registries::parcels::{
    Action, EventStatement, STATED_BEFORE, StateEvent, StatedEvent, statement_id,
};
use clap::Args;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;
use crate::words::PartyWord;

/// The largest document that is read.
const DOCUMENT_MAX_BYTES: u64 = 64 * 1024 * 1024;
/// The most versions of one parcel that are read.
const VERSIONS_MAX: usize = 10_000;
/// How long to wait for each receipt.
const WAIT_S: u64 = 30;

/// The events of an EPCIS 2.0 document, as a carrier's statements about its parcels.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The document, in JSON.
    file: PathBuf,
    /// The carrier, by the name of its key.
    #[arg(long = "as", value_name = "CARRIER")]
    carrier: PartyWord,
    /// Say what would be stated, and state nothing.
    #[arg(long)]
    dry_run: bool,
}

/// What becomes of each thing that the document says.
#[derive(Default)]
struct Outcomes {
    stated: usize,
    before: usize,
    own: usize,
    left_out: usize,
    refused: usize,
    rows: Vec<Value>,
    text: String,
}

impl Outcomes {
    fn tells(&mut self, event: usize, what: &str, outcome: &str, why: &str) {
        self.rows.push(json!({"event": event, "what": what, "outcome": outcome, "why": why}));
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        self.text += &format!("event {event}  {what}  {outcome}{why}\n");
    }

    fn report(&self, dry_run: bool) -> Report {
        let Self { stated, before, own, left_out, refused, .. } = self;
        let would = if dry_run { "would be stated" } else { "stated" };
        let text = format!(
            "{}{stated} {would}, {before} stated before, {own} of this register itself, {left_out} left out, {refused} refused",
            self.text
        );
        let json = json!({
            "stated": stated, "stated_before": before, "own": own, "left_out": left_out, "refused": refused,
            "dry_run": dry_run, "rows": self.rows,
        });
        Report::new(text, json)
    }
}

/// The transitions behind the parcels of a document, each history read once.
#[derive(Default)]
struct Histories(BTreeMap<ParcelNumber, BTreeSet<String>>);

impl Histories {
    /// Whether an event is one that this register made of a transition which the parcel's history has: such
    /// an event is here already, and not a carrier's statement. The id alone does not make it one.
    async fn have(
        &mut self,
        session: &Session,
        parcel: &ParcelNumber,
        event: &StatedEvent,
    ) -> Result<bool, Failure> {
        let id = event.event_id.as_ref().map(ToString::to_string).unwrap_or_default();
        let Some(transition) = own_transition(&id, parcel) else { return Ok(false) };
        if !self.0.contains_key(parcel) {
            let path = Path::new("parcels", "parcel", &parcel.to_string())?;
            let rows = session.client()?.history(&path, VERSIONS_MAX).await?;
            let ids = rows.iter().filter_map(|row| row["transition"].as_str());
            self.0.insert(parcel.clone(), ids.map(str::to_owned).collect());
        }
        let known = self.0.get(parcel);
        Ok(known.is_some_and(|ids| ids.contains(&transition.to_string())))
    }
}

impl Import {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let events = read_events(&self.document()?)
            .map_err(|error| Failure::usage(format!("{}: {error}", self.file.display())))?;
        let carrier = session.party(&self.carrier)?;
        let mut outcomes = Outcomes::default();
        let mut histories = Histories::default();
        for event in events {
            for left in &event.left_out {
                outcomes.left_out += 1;
                let what = left.what.as_deref().unwrap_or("the event");
                outcomes.tells(event.number, what, "left out", &left.why);
            }
            for (parcel, stated) in event.about {
                if histories.have(session, &parcel, &stated).await? {
                    outcomes.own += 1;
                    outcomes.tells(
                        event.number,
                        &parcel.to_string(),
                        "of this register itself",
                        "",
                    );
                    continue;
                }
                let action = StateEvent { parcel, by: carrier, event: stated };
                self.state(session, event.number, action, &mut outcomes).await?;
            }
        }
        let report = outcomes.report(self.dry_run);
        if outcomes.refused == 0 {
            return Ok(report);
        }
        let what = format!("{} statements were refused", outcomes.refused);
        Err(Failure::Missed { what, figures: Box::new(report) })
    }

    fn document(&self) -> Result<String, Failure> {
        let failed = |error| Failure::file(&self.file, error);
        let length = std::fs::metadata(&self.file).map_err(failed)?.len();
        if length > DOCUMENT_MAX_BYTES {
            let what = format!("{} is larger than 64 MiB: split it", self.file.display());
            return Err(Failure::usage(what));
        }
        std::fs::read_to_string(&self.file).map_err(failed)
    }

    /// States one event of one parcel, unless it stands.
    async fn state(
        &self,
        session: &Session,
        event: usize,
        action: StateEvent,
        outcomes: &mut Outcomes,
    ) -> Result<(), Failure> {
        let parcel = action.parcel.to_string();
        let id = statement_id(&action.parcel, &action.event.document);
        let standing = session.client()?.stored::<EventStatement>(&id, AsOf::Now).await?;
        if standing.is_some() {
            outcomes.before += 1;
            outcomes.tells(event, &parcel, "stated before", "");
        } else if self.dry_run {
            outcomes.stated += 1;
            outcomes.tells(event, &parcel, "would be stated", "");
        } else {
            match self.send(session, action).await? {
                None => {
                    outcomes.stated += 1;
                    outcomes.tells(event, &parcel, "stated", "");
                }
                Some((code, _)) if code == STATED_BEFORE.name => {
                    outcomes.before += 1;
                    outcomes.tells(event, &parcel, "stated before", "");
                }
                Some((code, why)) => {
                    outcomes.refused += 1;
                    outcomes.tells(event, &parcel, "refused", &format!("{why} [{code}]"));
                }
            }
        }
        Ok(())
    }

    /// Nothing where it applied, else the code and its sentence.
    async fn send(
        &self,
        session: &Session,
        action: StateEvent,
    ) -> Result<Option<(String, String)>, Failure> {
        let Some(name) = self.carrier.key_name(session.keys()) else {
            return Err(Failure::usage("--as names the carrier's key, for it signs"));
        };
        let action = Any::Parcels(Action::StateEvent(Box::new(action)));
        let signing = session.transition(None).await?.act(action).prepare()?;
        let signing = session.keys().open(name)?.sign(signing)?;
        match session.client()?.submit_and_wait(&signing, WAIT_S).await {
            Ok(receipt) => Ok(match receipt.outcome() {
                Some(Outcome::Rejected(code)) => {
                    let title = crate::failure::code_of(code.name()).map(|code| code.title);
                    Some((code.name().to_owned(), title.unwrap_or_default().to_owned()))
                }
                _ => None,
            }),
            Err(chancery_client::Error::Refused(problem)) if problem.status == 422 => {
                Ok(Some((problem.code.clone(), problem.title.clone())))
            }
            Err(error) => Err(error.into()),
        }
    }
}
