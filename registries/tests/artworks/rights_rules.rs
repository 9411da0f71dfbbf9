//! Rights, licences and notarised documents: every rule broken once.

use serde_json::{Value, json};

use crate::cases::Case;
use crate::common::DAY;
use crate::gallery::{Gallery, WORK, act, hash};

fn assignment(gallery: &Gallery) -> Value {
    act(
        "assign-rights",
        json!({
            "fingerprint": hash(WORK), "from": gallery.artist.id, "to": gallery.bo.id,
        }),
    )
}

/// The first statement of who holds the rights in a work of which the register knows none.
fn first_statement(gallery: &mut Gallery) -> Value {
    let mut action = gallery.registration("w-2", "unique");
    action.as_object_mut().unwrap().remove("rights_holder");
    gallery.does(action, &[gallery.ana, gallery.expert]);
    act(
        "assign-rights",
        json!({
            "fingerprint": hash("w-2"), "to": gallery.artist.id, "expert": gallery.expert.id,
        }),
    )
}

fn licensed(gallery: &mut Gallery) {
    let action = gallery.licence("l-1", gallery.bo, true);
    gallery.does(action, &[gallery.artist, gallery.bo]);
}

fn ending(by: crate::common::Actor) -> Value {
    act("end-licence", json!({ "licence": "l-1", "by": by.id }))
}

fn deed(gallery: &Gallery) -> Value {
    act(
        "notarise",
        json!({
            "notarisation": "n-1", "kind": "contract", "title": "Loan agreement",
            "document": hash("an agreement"), "parties": [gallery.ana.id, gallery.museum.id],
            "work": WORK,
        }),
    )
}

/// A second licence beside the exclusive one, changed so.
fn second(gallery: &mut Gallery, change: Value) -> &'static str {
    licensed(gallery);
    let mut action = gallery.licence("l-2", gallery.dealer, true);
    for (name, value) in change.as_object().unwrap() {
        action[name] = value.clone();
    }
    gallery.refuses(action, &[gallery.artist, gallery.dealer])
}

pub(crate) const CASES: &[Case] = &[
    ("order-not-for-this", "rights assigned under a direction about the work", |gallery| {
        gallery.does(gallery.direction("o-1", "work", WORK), &[gallery.court]);
        let mut action = assignment(gallery);
        action["order"] = json!("o-1");
        gallery.refuses(action, &[gallery.bo])
    }),
    (
        "artwork-not-rights-holder",
        "rights assigned under a direction from who has none",
        |gallery| {
            let edition = hash(WORK).to_string();
            gallery.does(gallery.direction("o-1", "edition", &edition), &[gallery.court]);
            let mut action = assignment(gallery);
            action["from"] = json!(gallery.ana.id);
            action["order"] = json!("o-1");
            gallery.refuses(action, &[gallery.bo])
        },
    ),
    ("artwork-fingerprint-unknown", "rights in what is not registered", |gallery| {
        let mut action = assignment(gallery);
        action["fingerprint"] = json!(hash("nothing"));
        gallery.refuses(action, &[gallery.artist, gallery.bo])
    }),
    ("artwork-not-rights-holder", "the owner of the thing gives the rights away", |gallery| {
        let mut action = assignment(gallery);
        action["from"] = json!(gallery.ana.id);
        gallery.refuses(action, &[gallery.ana, gallery.bo])
    }),
    ("artwork-not-rights-holder", "an expert vouches past the known holder", |gallery| {
        let mut action = assignment(gallery);
        action.as_object_mut().unwrap().remove("from");
        action["expert"] = json!(gallery.expert.id);
        gallery.refuses(action, &[gallery.expert, gallery.bo])
    }),
    ("artwork-not-rights-holder", "rights from a holder whom nobody knows", |gallery| {
        let mut action = first_statement(gallery);
        action["from"] = json!(gallery.ana.id);
        gallery.refuses(action, &[gallery.ana, gallery.artist])
    }),
    ("artwork-expert-not-independent", "an expert vouches for its own rights", |gallery| {
        let mut action = first_statement(gallery);
        action["to"] = json!(gallery.expert.id);
        gallery.refuses(action, &[gallery.expert])
    }),
    ("signer-missing", "rights without the first holder", |gallery| {
        let action = first_statement(gallery);
        gallery.refuses(action, &[gallery.expert])
    }),
    ("artwork-same-party", "rights to oneself", |gallery| {
        let mut action = assignment(gallery);
        action["to"] = json!(gallery.artist.id);
        gallery.refuses(action, &[gallery.artist])
    }),
    ("signer-missing", "rights without the holder", |gallery| {
        gallery.refuses(assignment(gallery), &[gallery.bo])
    }),
    ("signer-missing", "rights without the new holder", |gallery| {
        gallery.refuses(assignment(gallery), &[gallery.artist])
    }),
    ("frozen", "rights while frozen", |gallery| {
        let freeze = gallery.freeze("edition", &hash(WORK).to_string());
        gallery.does(freeze, &[gallery.court]);
        gallery.refuses(assignment(gallery), &[gallery.artist, gallery.bo])
    }),
    ("id-taken", "a licence's id twice", |gallery| {
        licensed(gallery);
        let action = gallery.licence("l-1", gallery.dealer, false);
        gallery.refuses(action, &[gallery.artist, gallery.dealer])
    }),
    ("artwork-fingerprint-unknown", "a licence of nothing", |gallery| {
        let mut action = gallery.licence("l-1", gallery.bo, true);
        action["fingerprint"] = json!(hash("nothing"));
        gallery.refuses(action, &[gallery.artist, gallery.bo])
    }),
    ("artwork-not-rights-holder", "the owner of the thing licenses", |gallery| {
        let mut action = gallery.licence("l-1", gallery.bo, true);
        action["licensor"] = json!(gallery.ana.id);
        gallery.refuses(action, &[gallery.ana, gallery.bo])
    }),
    ("artwork-same-party", "a licence for oneself", |gallery| {
        let action = gallery.licence("l-1", gallery.artist, true);
        gallery.refuses(action, &[gallery.artist])
    }),
    ("signer-missing", "a licence without the licensor", |gallery| {
        gallery.refuses(gallery.licence("l-1", gallery.bo, true), &[gallery.bo])
    }),
    ("signer-missing", "a licence without the licensee", |gallery| {
        gallery.refuses(gallery.licence("l-1", gallery.bo, true), &[gallery.artist])
    }),
    ("period-empty", "a licence that has ended", |gallery| {
        let mut action = gallery.licence("l-1", gallery.bo, true);
        action["until"] = json!("2026-01-01T00:00:00Z");
        gallery.refuses(action, &[gallery.artist, gallery.bo])
    }),
    ("frozen", "a licence while frozen", |gallery| {
        let freeze = gallery.freeze("edition", &hash(WORK).to_string());
        gallery.does(freeze, &[gallery.court]);
        gallery.refuses(gallery.licence("l-1", gallery.bo, true), &[gallery.artist, gallery.bo])
    }),
    ("artwork-licence-overlaps", "two exclusive ones", |gallery| second(gallery, json!({}))),
    ("artwork-licence-overlaps", "another beside an exclusive one", |gallery| {
        second(gallery, json!({ "exclusive": false }))
    }),
    ("artwork-licence-overlaps", "the world beside a country", |gallery| {
        second(gallery, json!({ "territories": ["world"], "scopes": ["online"] }))
    }),
    ("artwork-licence-overlaps", "from its last moment on", |gallery| {
        let from = gallery.town.time.plus_ms(30 * DAY - 1);
        second(gallery, json!({ "from": from, "until": from.plus_ms(DAY) }))
    }),
    ("bad-action", "a country that is none", |gallery| {
        second(gallery, json!({ "territories": ["XX"] }))
    }),
    ("artwork-too-many-licences", "a licence too many", |gallery| {
        for number in 1..=64 {
            let action = gallery.licence(&format!("l-{number}"), gallery.bo, false);
            gallery.does(action, &[gallery.artist, gallery.bo]);
        }
        gallery.refuses(gallery.licence("l-65", gallery.bo, false), &[gallery.artist, gallery.bo])
    }),
    ("artwork-licence-unknown", "no such licence to end", |gallery| {
        gallery.refuses(ending(gallery.bo), &[gallery.bo])
    }),
    ("artwork-not-licensee", "ended by the licensor alone", |gallery| {
        licensed(gallery);
        gallery.refuses(ending(gallery.artist), &[gallery.artist])
    }),
    ("artwork-not-licensee", "ended by a stranger", |gallery| {
        licensed(gallery);
        gallery.refuses(ending(gallery.dealer), &[gallery.dealer])
    }),
    ("order-not-for-this", "ended under a direction about the work", |gallery| {
        licensed(gallery);
        gallery.does(gallery.direction("o-1", "work", WORK), &[gallery.court]);
        let mut action = ending(gallery.artist);
        action["order"] = json!("o-1");
        gallery.refuses(action, &[gallery.artist])
    }),
    ("signer-missing", "ended by nobody", |gallery| {
        licensed(gallery);
        gallery.refuses(ending(gallery.bo), &[])
    }),
    ("frozen", "ended while frozen", |gallery| {
        licensed(gallery);
        gallery.does(gallery.freeze("licence", "l-1"), &[gallery.court]);
        gallery.refuses(ending(gallery.bo), &[gallery.bo])
    }),
    ("artwork-licence-over", "ended twice", |gallery| {
        licensed(gallery);
        gallery.does(ending(gallery.bo), &[gallery.bo]);
        gallery.refuses(ending(gallery.bo), &[gallery.bo])
    }),
    ("artwork-licence-over", "ended when it has run out", |gallery| {
        licensed(gallery);
        gallery.town.passes(30 * DAY);
        gallery.refuses(ending(gallery.bo), &[gallery.bo])
    }),
    ("id-taken", "a notarisation's id twice", |gallery| {
        gallery.does(deed(gallery), &[gallery.ana, gallery.museum]);
        gallery.refuses(deed(gallery), &[gallery.ana, gallery.museum])
    }),
    ("signer-missing", "a document without one of its parties", |gallery| {
        gallery.refuses(deed(gallery), &[gallery.ana])
    }),
    ("artwork-unknown", "a document about no work", |gallery| {
        let mut action = deed(gallery);
        action["work"] = json!("w-9");
        gallery.refuses(action, &[gallery.ana, gallery.museum])
    }),
];
