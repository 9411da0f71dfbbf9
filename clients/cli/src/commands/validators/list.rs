//! `chancery validators list`.

use std::collections::BTreeMap;

use chancery_client::{AsOf, PartyId, Path, PublicKey};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;
use crate::tables;

/// The register, and its kind that tells of those who signed twice.
const REGISTER: &str = "validators";
const EQUIVOCATION: &str = "equivocation";

/// The pool in force, the next one, and the equivocations on record.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// How many equivocations of one validator to show at most.
    #[arg(long, default_value_t = 20)]
    limit: usize,
}

/// A pool as the server lists it.
#[derive(Deserialize)]
struct Term {
    from: u64,
    validators: Vec<Member>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Member {
    name: String,
    key: PublicKey,
    power: u32,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Term>,
    next: Option<String>,
}

impl List {
    /// Does it.
    pub(super) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let height = height(session).await?;
        let terms = terms(session).await?;
        let mut members = BTreeMap::new();
        for member in terms.iter().flat_map(|term| &term.validators) {
            members.insert(member.key, member.name.clone());
        }
        let (past, coming): (Vec<Term>, Vec<Term>) =
            terms.into_iter().partition(|term| term.from <= height + 1);
        let mut equivocations = Vec::new();
        for key in members.keys() {
            equivocations.extend(self.equivocations_of(session, key).await?);
        }
        let document = json!({
            "height": height,
            "in_force": past.last().map(shown),
            "next": coming.first().map(shown),
            "equivocations": equivocations,
        });
        Ok(Report::new(tables::text(&document), document))
    }

    async fn equivocations_of(
        &self,
        session: &Session,
        key: &PublicKey,
    ) -> Result<Vec<Value>, Failure> {
        let (client, party) = (session.client()?, PartyId::of_first_key(key));
        let (relation, now) = (Some("accused"), AsOf::default());
        let held = client.held(REGISTER, &party, relation, now, self.limit).await?;
        let mut found = Vec::new();
        for item in held {
            let object = item["object"].as_str().unwrap_or_default();
            let Some(id) = object.strip_prefix("validators/equivocation/") else { continue };
            let record = client.object(&Path::new(REGISTER, EQUIVOCATION, id)?, now).await?;
            found.push(record_shown(&record));
        }
        Ok(found)
    }
}

/// The height of the last block.
pub(super) async fn height(session: &Session) -> Result<u64, Failure> {
    let ledger = session.client()?.ledger().await?;
    let height = ledger.rest.get("tip").and_then(|tip| tip["height"].as_u64());
    height
        .ok_or_else(|| Failure::Claim("the server does not say what its last block is".to_owned()))
}

/// Every pool from the genesis's on.
async fn terms(session: &Session) -> Result<Vec<Term>, Failure> {
    let mut terms = Vec::new();
    let mut next = Some("/v1/log/pools".to_owned());
    while let Some(path) = next {
        let page = session.client()?.get(&path).await?;
        let page: Page = serde_json::from_value(page)
            .map_err(|error| Failure::Claim(format!("{path}: {error}")))?;
        terms.extend(page.items);
        next = page.next;
    }
    Ok(terms)
}

fn shown(term: &Term) -> Value {
    let all: u64 = term.validators.iter().map(|member| u64::from(member.power)).sum();
    json!({
        "from": term.from, "power": all, "quorum": all * 2 / 3 + 1, "validators": term.validators,
    })
}

/// What was done, by whom, and who says so; the ballots with their signatures are in the object.
fn record_shown(record: &Value) -> Value {
    let value = &record["object"];
    let member = |name: &str| value[name].clone();
    json!({
        "height": member("height"), "round": member("round"), "step": member("step"),
        "name": member("name"), "validator": member("validator"), "accuser": member("accuser"),
        "recorded": member("recorded"),
    })
}
