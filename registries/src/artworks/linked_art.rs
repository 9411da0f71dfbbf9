//! A work and its provenance as Linked Art, version 1.0 of the model (<https://linked.art/model/>).
//!
//! The object is a `HumanMadeObject`. Each link of the provenance is an `Activity` classified as a
//! provenance activity, whose parts are what happened: `Acquisition`, `TransferOfCustody`, `Move`,
//! `Encounter` (<https://linked.art/model/provenance/>). A theft is a transfer of custody without an
//! acquisition (<https://linked.art/model/provenance/custody/>).

use std::borrow::Cow;

use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::claim::{Certainty, Claim, ClaimKind, Follows, NewClaim};
use super::event::{Event, EventKind, Passing};
use super::queries::{Provenance, claims_of, events_of};
use super::work::{Status, Work};
use crate::shape::AskedOfState;
use crate::text::Date;

const CONTEXT: &str = "https://linked.art/ns/v1/linked-art.json";

// Concepts of the Getty's Art & Architecture Thesaurus that the model prescribes.
const ARTWORK: (&str, &str) = ("300133025", "Artwork");
const PRIMARY_NAME: (&str, &str) = ("300404670", "Primary Name");
const IDENTIFICATION_NUMBER: (&str, &str) = ("300404626", "Identification Number");
const BRIEF_TEXT: (&str, &str) = ("300418049", "Brief Text");
const MATERIAL_STATEMENT: (&str, &str) = ("300435429", "Material Statement");
const DIMENSION_STATEMENT: (&str, &str) = ("300435430", "Dimension Statement");
const EDITION_STATEMENT: (&str, &str) = ("300435435", "Edition Statement");
const PROVENANCE_STATEMENT: (&str, &str) = ("300435438", "Provenance Statement");
const NOTE: (&str, &str) = ("300027200", "Note");
const PROVENANCE_ACTIVITY: (&str, &str) = ("300055863", "Provenance Activity");

/// A work and its provenance as a JSON-LD document of Linked Art.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct LinkedArt(Value);

impl PartialSchema for LinkedArt {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("A JSON-LD document of Linked Art 1.0: https://linked.art/model/"))
            .into()
    }
}

impl ToSchema for LinkedArt {
    fn name() -> Cow<'static, str> {
        "LinkedArt".into()
    }
}

impl AskedOfState for LinkedArt {
    const NAME: &'static str = "linked-art";
    const TITLE: &'static str = "The work and its provenance as Linked Art.";

    fn answer(draft: &Draft<'_>, id: &str) -> Option<Self> {
        let work: Work = draft.get(id)?;
        let (claims, events) = (claims_of(draft, &work), events_of(draft, &work));
        Some(linked_art(&work, claims, events))
    }
}

/// The document about a work, of its claims and events in their order.
pub fn linked_art(work: &Work, claims: Vec<Claim>, events: Vec<Event>) -> LinkedArt {
    let provenance = Provenance::of(work.work.clone(), claims, events, 0);
    let mut graph = vec![object(work)];
    for link in &provenance.links {
        if let Some(claim) = &link.claim {
            graph.push(claimed(work, claim, link.follows));
        }
        if let Some(event) = &link.event
            && event.kind != EventKind::Destroyed
        {
            graph.push(registered(work, event, link.follows));
        }
    }
    LinkedArt(json!({ "@context": CONTEXT, "@graph": graph }))
}

fn object(work: &Work) -> Value {
    let described = &work.description;
    let mut object = json!({
        "id": object_id(work),
        "type": "HumanMadeObject",
        "_label": described.title,
        "classified_as": [concept(ARTWORK), own_concept("type", described.object_type.as_str())],
        "identified_by": [
            { "type": "Name", "content": described.title, "classified_as": [concept(PRIMARY_NAME)] },
            {
                "type": "Identifier", "content": work.work,
                "classified_as": [concept(IDENTIFICATION_NUMBER)],
            },
        ],
        "produced_by": production(work),
        "current_owner": [party(&work.owner)],
        "referred_to_by": statements_on(work),
    });
    if let Some(custodian) = work.custodian() {
        object["current_custodian"] = json!([party(&custodian)]);
    }
    if let Some(place) = &work.place {
        object["current_location"] = named_place(place.as_str());
    }
    if work.status == Status::Destroyed {
        object["destroyed_by"] = json!({ "type": "Destruction", "_label": "Destruction" });
    }
    object
}

fn production(work: &Work) -> Value {
    let maker = work.description.maker.as_str();
    let maker = match &work.artist {
        Some(artist) => json!({ "id": party_id(artist), "type": "Actor", "_label": maker }),
        None => named_actor(maker),
    };
    let mut production =
        json!({ "type": "Production", "_label": "Production", "carried_out_by": [maker] });
    if let Some(date) = &work.description.date_or_period {
        production["timespan"] = json!({
            "type": "TimeSpan", "identified_by": [{ "type": "Name", "content": date }],
        });
    }
    production
}

fn statements_on(work: &Work) -> Vec<Value> {
    let described = &work.description;
    let mut statements =
        vec![statement(MATERIAL_STATEMENT, described.materials_and_techniques.as_str())];
    if let Some(size) = &described.measurements {
        statements.push(statement(DIMENSION_STATEMENT, size.as_str()));
    }
    if !work.edition.is_unique() {
        statements.push(statement(EDITION_STATEMENT, &work.edition.to_string()));
    }
    statements
}

/// A claim as an activity: what it says, by whom it is said, and how far it stands.
fn claimed(work: &Work, claim: &Claim, follows: Follows) -> Value {
    let stated = &claim.claim;
    let mut said = vec![
        statement(PROVENANCE_STATEMENT, stated.text.as_str()),
        statement(NOTE, &format!("A claim stated by {} at {}", claim.by, claim.stated)),
    ];
    said.extend(stated.note.iter().map(|note| statement(NOTE, note.as_str())));
    said.extend(gap_note(follows));
    match stated.certainty {
        Certainty::Stated => {}
        Certainty::Probable => said.push(statement(NOTE, "Probable, says the source")),
        Certainty::Possible => said.push(statement(NOTE, "Possible, says the source")),
    }
    for dispute in &claim.disputed {
        said.push(statement(NOTE, &format!("Disputed by {}: {}", dispute.by, dispute.reason)));
    }
    if let Some(withdrawn) = &claim.withdrawn {
        said.push(statement(NOTE, &format!("Withdrawn: {}", withdrawn.reason)));
    }
    let id = format!("{}:claim:{}", object_id(work), claim.number);
    let part = claimed_part(work, stated);
    let mut activity = activity(id, stated.text.as_str(), part, said);
    if let Some(timespan) = claimed_timespan(stated) {
        activity["timespan"] = timespan;
    }
    if let Some(place) = &stated.place {
        activity["took_place_at"] = json!([named_place(place.as_str())]);
    }
    if let Some(through) = &stated.through {
        activity["carried_out_by"] = json!([named_actor(through.as_str())]);
    }
    activity
}

fn claimed_part(work: &Work, claim: &NewClaim) -> Value {
    let from = claim.from.as_ref().map(|name| named_actor(name.as_str()));
    let to = claim.to.as_ref().map(|name| named_actor(name.as_str()));
    let mut part = match claim.kind {
        ClaimKind::Acquisition => acquisition(work, from, to),
        ClaimKind::TransferOfCustody => transfer_of_custody(work, from, to),
        ClaimKind::Move => {
            let to = claim.place.as_ref().map(|place| named_place(place.as_str()));
            moving(work, None, to)
        }
        ClaimKind::Encounter => encounter(work, to),
    };
    if let Some(method) = claim.method {
        let method = serde_json::to_value(method).unwrap_or_default();
        part["classified_as"] = json!([own_concept("method", method.as_str().unwrap_or_default())]);
    }
    part
}

/// When a step began, as far as that is known; else before when it had ended.
fn claimed_timespan(claim: &NewClaim) -> Option<Value> {
    let (begin, end) = match (claim.since, claim.until) {
        (Some(since), _) => (since.earliest(), since.latest()),
        (None, Some(until)) => (None, until.latest()),
        (None, None) => return None,
    };
    let words = [
        claim.since.map(|since| format!("since {since}")),
        claim.until.map(|until| format!("until {until}")),
    ];
    let words: Vec<String> = words.into_iter().flatten().collect();
    let name = json!([{ "type": "Name", "content": words.join(" ") }]);
    let mut timespan = json!({ "type": "TimeSpan", "identified_by": name });
    if let Some(begin) = begin {
        timespan["begin_of_the_begin"] = first_moment(begin).into();
    }
    if let Some(end) = end {
        timespan["end_of_the_end"] = last_moment(end).into();
    }
    Some(timespan)
}

/// An event of the register as an activity, with the transition that proves it.
fn registered(work: &Work, event: &Event, follows: Follows) -> Value {
    let mut parts = Vec::new();
    if event.kind == EventKind::Registered {
        // What stood before is not known here: it was seen, and by whom.
        parts.push(encounter(work, Some(party(&event.witness.unwrap_or(event.by)))));
    } else {
        let ends =
            |passing: &Passing| (passing.from.as_ref().map(party), passing.to.as_ref().map(party));
        if let Some((from, to)) = event.title.as_ref().map(ends) {
            parts.push(acquisition(work, from, to));
        }
        if let Some((from, to)) = event.custody.as_ref().map(ends) {
            let mut part = transfer_of_custody(work, from, to);
            part["classified_as"] = json!([own_concept("method", &event.kind.to_string())]);
            parts.push(part);
        }
        if let Some(moved) = &event.moved {
            let place = |place: &super::work::Place| named_place(place.as_str());
            parts.push(moving(work, moved.from.as_ref().map(place), moved.to.as_ref().map(place)));
        }
    }
    let mut said =
        vec![statement(NOTE, &format!("Registered by the transition {}", event.transition))];
    said.extend(event.statement.iter().map(|text| statement(NOTE, text.as_str())));
    said.extend(gap_note(follows));
    let id = format!("{}:event:{}", object_id(work), event.number);
    let mut activity = activity(id, &event.kind.to_string(), Value::Null, said);
    activity["part"] = parts.into();
    activity["timespan"] = json!({
        "type": "TimeSpan",
        "begin_of_the_begin": event.at,
        "end_of_the_end": event.at,
    });
    activity
}

fn activity(id: String, label: &str, part: Value, referred_to_by: Vec<Value>) -> Value {
    json!({
        "id": id,
        "type": "Activity",
        "_label": label,
        "classified_as": [concept(PROVENANCE_ACTIVITY)],
        "part": [part],
        "referred_to_by": referred_to_by,
    })
}

fn acquisition(work: &Work, from: Option<Value>, to: Option<Value>) -> Value {
    let mut part = json!({ "type": "Acquisition", "transferred_title_of": [reference(work)] });
    put_actor(&mut part, "transferred_title_from", from);
    put_actor(&mut part, "transferred_title_to", to);
    part
}

fn transfer_of_custody(work: &Work, from: Option<Value>, to: Option<Value>) -> Value {
    let mut part =
        json!({ "type": "TransferOfCustody", "transferred_custody_of": [reference(work)] });
    put_actor(&mut part, "transferred_custody_from", from);
    put_actor(&mut part, "transferred_custody_to", to);
    part
}

fn moving(work: &Work, from: Option<Value>, to: Option<Value>) -> Value {
    let mut part = json!({ "type": "Move", "moved": [reference(work)] });
    for (name, place) in [("moved_from", from), ("moved_to", to)] {
        if let Some(place) = place {
            part[name] = place;
        }
    }
    part
}

fn encounter(work: &Work, by: Option<Value>) -> Value {
    let mut part = json!({ "type": "Encounter", "encountered": [reference(work)] });
    put_actor(&mut part, "carried_out_by", by);
    part
}

fn put_actor(part: &mut Value, name: &str, actor: Option<Value>) {
    if let Some(actor) = actor {
        part[name] = json!([actor]);
    }
}

fn gap_note(follows: Follows) -> Option<Value> {
    let note = "Gap: what lies between this and the step before is not known";
    (follows == Follows::Gap).then(|| statement(NOTE, note))
}

fn statement(kind: (&str, &str), content: &str) -> Value {
    let mut class = concept(kind);
    class["classified_as"] = json!([concept(BRIEF_TEXT)]);
    json!({ "type": "LinguisticObject", "classified_as": [class], "content": content })
}

fn concept((number, label): (&str, &str)) -> Value {
    json!({ "id": format!("http://vocab.getty.edu/aat/{number}"), "type": "Type", "_label": label })
}

/// A concept in the register's own words.
fn own_concept(kind: &str, label: &str) -> Value {
    let word: String = label
        .chars()
        .map(|character| if character.is_ascii_alphanumeric() { character } else { '-' })
        .collect();
    let id = format!("urn:chancery:artworks:{kind}:{}", word.to_ascii_lowercase());
    json!({ "id": id, "type": "Type", "_label": label })
}

fn reference(work: &Work) -> Value {
    json!({ "id": object_id(work), "type": "HumanMadeObject", "_label": work.description.title })
}

fn object_id(work: &Work) -> String {
    format!("urn:chancery:artworks:work:{}", work.work)
}

fn party(party: &PartyId) -> Value {
    json!({ "id": party_id(party), "type": "Actor", "_label": party })
}

fn party_id(party: &PartyId) -> String {
    format!("urn:chancery:identity:party:{party}")
}

fn named_actor(name: &str) -> Value {
    json!({ "type": "Actor", "_label": name })
}

fn named_place(name: &str) -> Value {
    json!({ "type": "Place", "_label": name })
}

fn first_moment(day: Date) -> String {
    format!("{day}T00:00:00Z")
}

fn last_moment(day: Date) -> String {
    format!("{day}T23:59:59Z")
}
