//! Disputes, opinions and claims: every rule broken once.

use serde_json::{Value, json};

use crate::cases::Case;
use crate::gallery::{Gallery, WORK, act, step};

/// Ana states three steps.
fn stated(gallery: &mut Gallery) {
    let claims = json!([step("start", "Mr. A"), step("direct", "Mr. B"), step("gap", "Mr. C")]);
    gallery.does(gallery.claims(gallery.ana, 1, claims), &[gallery.ana]);
}

fn contested(by: crate::common::Actor) -> Value {
    act(
        "dispute-claim",
        json!({
            "work": WORK, "number": 2, "by": by.id, "reason": "The catalogue says otherwise",
        }),
    )
}

fn withdrawn(by: crate::common::Actor) -> Value {
    act("withdraw-claim", json!({ "work": WORK, "number": 2, "by": by.id, "reason": "An error" }))
}

fn no_opinion(by: crate::common::Actor) -> Value {
    act(
        "withdraw-opinion",
        json!({
            "work": WORK, "number": 1, "expert": by.id, "reason": "New findings",
        }),
    )
}

/// One step that is changed so.
fn one(change: Value) -> Value {
    let mut claim = step("start", "Mr. A");
    for (name, value) in change.as_object().unwrap() {
        claim[name] = value.clone();
        if value.is_null() {
            claim.as_object_mut().unwrap().remove(name);
        }
    }
    json!([claim])
}

fn refused(gallery: &mut Gallery, change: Value) -> &'static str {
    gallery.refuses(gallery.claims(gallery.ana, 1, one(change)), &[gallery.ana])
}

pub(crate) const CASES: &[Case] = &[
    ("not-accredited", "disputed before nobody's expert", |gallery| {
        let mut action = gallery.dispute(gallery.bo);
        action["by"] = json!(gallery.dealer.id);
        gallery.refuses(action, &[gallery.bo, gallery.dealer])
    }),
    ("artwork-expert-not-independent", "an expert's own dispute", |gallery| {
        gallery.refuses(gallery.dispute(gallery.expert), &[gallery.expert])
    }),
    ("signer-missing", "disputed without the claimant", |gallery| {
        gallery.refuses(gallery.dispute(gallery.bo), &[gallery.expert])
    }),
    ("signer-missing", "disputed without the expert", |gallery| {
        gallery.refuses(gallery.dispute(gallery.bo), &[gallery.bo])
    }),
    ("artwork-dispute-repeated", "the same dispute twice", |gallery| {
        gallery.is_disputed();
        gallery.refuses(gallery.dispute(gallery.bo), &[gallery.bo, gallery.expert])
    }),
    ("artwork-too-many-disputes", "a ninth dispute", |gallery| {
        for number in 2..=9 {
            let mut action = gallery.dispute(gallery.bo);
            action["dispute"] = json!(format!("d-{number}"));
            gallery.does(action, &[gallery.bo, gallery.expert]);
        }
        gallery.refuses(gallery.dispute(gallery.bo), &[gallery.bo, gallery.expert])
    }),
    ("artwork-destroyed", "disputed when it is no more", |gallery| {
        gallery.burns();
        gallery.refuses(gallery.dispute(gallery.bo), &[gallery.bo, gallery.expert])
    }),
    ("artwork-dispute-unknown", "a dispute that is not there is settled", |gallery| {
        gallery.refuses(gallery.settlement(gallery.bo), &[gallery.bo])
    }),
    ("not-accredited", "settled by the owner", |gallery| {
        gallery.is_disputed();
        gallery.refuses(gallery.settlement(gallery.ana), &[gallery.ana])
    }),
    ("not-accredited", "settled by an expert", |gallery| {
        gallery.is_disputed();
        gallery.refuses(gallery.settlement(gallery.expert), &[gallery.expert])
    }),
    ("signer-missing", "settled by nobody", |gallery| {
        gallery.is_disputed();
        gallery.refuses(gallery.settlement(gallery.bo), &[])
    }),
    ("not-accredited", "an opinion of nobody's expert", |gallery| {
        let mut action = gallery.opinion(1);
        action["expert"] = json!(gallery.bo.id);
        gallery.refuses(action, &[gallery.bo])
    }),
    ("signer-missing", "an opinion that nobody signs", |gallery| {
        gallery.refuses(gallery.opinion(1), &[])
    }),
    ("artwork-number-not-next", "a first opinion with number 2", |gallery| {
        gallery.refuses(gallery.opinion(2), &[gallery.expert])
    }),
    ("artwork-full", "an opinion too many", |gallery| {
        for number in 1..=128 {
            gallery.does(gallery.opinion(number), &[gallery.expert]);
        }
        gallery.refuses(gallery.opinion(129), &[gallery.expert])
    }),
    ("artwork-opinion-unknown", "no such opinion to withdraw", |gallery| {
        gallery.refuses(no_opinion(gallery.expert), &[gallery.expert])
    }),
    ("artwork-not-the-author", "another's opinion is withdrawn", |gallery| {
        gallery.does(gallery.opinion(1), &[gallery.expert]);
        gallery.refuses(no_opinion(gallery.second_expert), &[gallery.second_expert])
    }),
    ("signer-missing", "an opinion is withdrawn by nobody", |gallery| {
        gallery.does(gallery.opinion(1), &[gallery.expert]);
        gallery.refuses(no_opinion(gallery.expert), &[])
    }),
    ("artwork-opinion-withdrawn", "an opinion is withdrawn twice", |gallery| {
        gallery.does(gallery.opinion(1), &[gallery.expert]);
        gallery.does(no_opinion(gallery.expert), &[gallery.expert]);
        gallery.refuses(no_opinion(gallery.expert), &[gallery.expert])
    }),
    ("not-accredited", "claims of a stranger", |gallery| {
        let claims = json!([step("start", "Mr. A")]);
        gallery.refuses(gallery.claims(gallery.bo, 1, claims), &[gallery.bo])
    }),
    ("signer-missing", "claims that nobody signs", |gallery| {
        let claims = json!([step("start", "Mr. A")]);
        gallery.refuses(gallery.claims(gallery.ana, 1, claims), &[])
    }),
    ("artwork-unknown", "claims about no work", |gallery| {
        let mut action = gallery.claims(gallery.ana, 1, json!([step("start", "Mr. A")]));
        action["work"] = json!("w-9");
        gallery.refuses(action, &[gallery.ana])
    }),
    ("artwork-number-not-next", "the same claims twice", |gallery| {
        stated(gallery);
        let claims = json!([step("start", "Mr. A")]);
        gallery.refuses(gallery.claims(gallery.ana, 1, claims), &[gallery.ana])
    }),
    ("artwork-full", "claims too many", |gallery| {
        let claims: Vec<Value> = (0..64).map(|n| step("start", &format!("Mr. {n}"))).collect();
        for part in 0..8 {
            let action = gallery.claims(gallery.ana, part * 64 + 1, json!(claims));
            gallery.does(action, &[gallery.ana]);
        }
        let claims = json!([step("start", "Mr. A")]);
        gallery.refuses(gallery.claims(gallery.ana, 513, claims), &[gallery.ana])
    }),
    ("bad-action", "no claims at all", |gallery| {
        gallery.refuses(gallery.claims(gallery.ana, 1, json!([])), &[gallery.ana])
    }),
    ("artwork-claim-incomplete", "bought by nobody from nobody", |gallery| {
        refused(gallery, json!({ "to": null }))
    }),
    ("artwork-claim-incomplete", "moved to nowhere", |gallery| {
        refused(gallery, json!({ "kind": "move", "method": null }))
    }),
    ("artwork-claim-incomplete", "seen with nobody nowhere", |gallery| {
        refused(gallery, json!({ "kind": "encounter", "to": null }))
    }),
    ("artwork-taking-is-no-title", "a theft is stated as an acquisition", |gallery| {
        refused(gallery, json!({ "method": "theft" }))
    }),
    ("artwork-taking-is-no-title", "looting is stated as an acquisition", |gallery| {
        refused(gallery, json!({ "method": "looting" }))
    }),
    ("artwork-taking-is-no-title", "confiscation is stated as an acquisition", |gallery| {
        refused(gallery, json!({ "method": "confiscation" }))
    }),
    ("artwork-taking-is-no-title", "a forced sale is stated as an acquisition", |gallery| {
        refused(gallery, json!({ "method": "forced-sale" }))
    }),
    ("artwork-claim-ends-before-start", "held from 1946 until 1945", |gallery| {
        refused(gallery, json!({ "since": "1946", "until": "1945" }))
    }),
    ("artwork-chain-broken", "a first claim that follows", |gallery| {
        refused(gallery, json!({ "follows": "direct" }))
    }),
    ("artwork-chain-broken", "another's chain goes on", |gallery| {
        stated(gallery);
        let claims = json!([step("direct", "Mr. D")]);
        gallery.refuses(gallery.claims(gallery.expert, 4, claims), &[gallery.expert])
    }),
    ("artwork-chain-broken", "a chain goes on out of another source", |gallery| {
        stated(gallery);
        let mut action = gallery.claims(gallery.ana, 4, json!([step("gap", "Mr. D")]));
        action["source"] = json!(crate::gallery::hash("another catalogue"));
        gallery.refuses(action, &[gallery.ana])
    }),
    ("artwork-claim-unknown", "no such claim to dispute", |gallery| {
        gallery.refuses(contested(gallery.expert), &[gallery.expert])
    }),
    ("not-accredited", "a claim is disputed by anyone", |gallery| {
        stated(gallery);
        gallery.refuses(contested(gallery.bo), &[gallery.bo])
    }),
    ("signer-missing", "a claim is disputed by nobody", |gallery| {
        stated(gallery);
        gallery.refuses(contested(gallery.expert), &[])
    }),
    ("artwork-claim-disputed-already", "a claim is disputed twice", |gallery| {
        stated(gallery);
        gallery.does(contested(gallery.expert), &[gallery.expert]);
        gallery.refuses(contested(gallery.expert), &[gallery.expert])
    }),
    ("artwork-too-many-disputes", "a claim is disputed by a ninth party", |gallery| {
        stated(gallery);
        for number in 1..=9 {
            let name = format!("expert {number}");
            let expert = gallery.town.organisation(&name);
            gallery.town.accredits(&format!("e-{number}"), expert, "art-expert", "artworks");
            if number == 9 {
                return gallery.refuses(contested(expert), &[expert]);
            }
            gallery.does(contested(expert), &[expert]);
        }
        "none"
    }),
    ("artwork-not-the-author", "another's claim is withdrawn", |gallery| {
        stated(gallery);
        gallery.refuses(withdrawn(gallery.expert), &[gallery.expert])
    }),
    ("signer-missing", "a claim is withdrawn by nobody", |gallery| {
        stated(gallery);
        gallery.refuses(withdrawn(gallery.ana), &[])
    }),
    ("artwork-claim-withdrawn", "a claim is withdrawn twice", |gallery| {
        stated(gallery);
        gallery.does(withdrawn(gallery.ana), &[gallery.ana]);
        gallery.refuses(withdrawn(gallery.ana), &[gallery.ana])
    }),
    ("artwork-claim-withdrawn", "what was withdrawn is disputed", |gallery| {
        stated(gallery);
        gallery.does(withdrawn(gallery.ana), &[gallery.ana]);
        gallery.refuses(contested(gallery.expert), &[gallery.expert])
    }),
];
