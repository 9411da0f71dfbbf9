//! A painting's years: it comes into the register with its past, is lent, stolen, found and restituted;
//! and nobody ever owns it who was not given it.

#![allow(clippy::unwrap_used, missing_docs)]

use chancery_client::{AsOf, Hash};
use chancery_registries::artworks::{Claim, Event, LinkedArt, Work, linked_art};
use chancery_tests::town::{Town, party};
use serde_json::{Value, json};

const FENCE: &str = "the-violet-fence";

/// A town with a museum, a dealer, an expert and a court.
async fn town() -> Town {
    let town = Town::founded();
    town.welcomes(&["ana", "bo", "artist"]).await;
    town.opens(&["museum", "dealer", "expert", "court"]).await;
    town.accredits("root", "expert", "art-expert", "artworks").await;
    town.accredits("root", "court", "court", "artworks").await;
    town
}

fn hash(text: &str) -> Hash {
    Hash::of(&[text.as_bytes()])
}

fn act(action: &str, mut fields: Value) -> Value {
    fields["register"] = json!("artworks");
    fields["action"] = json!(action);
    fields
}

fn condition() -> Value {
    json!({"statement": "A scratch at the lower left"})
}

/// The work is Ana's, and she has it.
fn registration(work: &str, fingerprint: &str, edition: &str) -> Value {
    act(
        "register",
        json!({
            "work": work, "owner": party("ana"), "custodian": party("ana"), "examiner": party("expert"),
            "artist": party("artist"), "rights_holder": party("artist"),
            "description": {
                "object_type": "painting", "title": "The Violet Fence", "maker": "The artist",
                "materials_and_techniques": "oil on canvas",
            },
            "record": hash("the full record"), "fingerprint": hash(fingerprint), "edition": edition,
            "place": "Ana's house", "condition": condition(),
        }),
    )
}

fn loan() -> Value {
    act(
        "lend",
        json!({
            "work": FENCE, "owner": party("ana"), "from": party("ana"), "to": party("museum"),
            "returns_by": "2099-12-31", "condition": condition(), "place": "Gallery 2",
        }),
    )
}

fn moved(by: &str, place: &str) -> Value {
    act("move", json!({"work": FENCE, "by": party(by), "place": place}))
}

fn sale(from: &str, to: &str) -> Value {
    act("sell", json!({"work": FENCE, "from": party(from), "to": party(to)}))
}

/// Who owns it, and who has it.
async fn keepers(town: &Town, as_of: AsOf) -> (Value, Value) {
    let work = town.sees_as_of(&format!("artworks/{FENCE}"), as_of).await;
    (work["owner"].clone(), work["custody"]["custodian"].clone())
}

#[tokio::test]
async fn a_painting_is_lent_stolen_found_and_restituted() {
    let mut town = town().await;
    let registering = ["ana", "expert", "artist"];
    town.refuses(&["ana", "artist"], registration(FENCE, "a fence", "unique"), "signer-missing")
        .await;
    town.did(&registering, registration(FENCE, "a fence", "unique")).await;
    let again = registration("another-fence", "a fence", "unique");
    town.refuses(&registering, again, "artwork-edition-number-taken").await;

    // Its past, as Ana's papers tell it: a claim of looting is none of title.
    let step = |follows: &str, kind: &str, method: &str, to: &str| {
        json!({"follows": follows, "kind": kind, "method": method, "to": to, "since": "194X",
            "certainty": "stated", "text": format!("{to}, 1940s")})
    };
    let claims = |claims: Value| {
        act(
            "state-claims",
            json!({
                "work": FENCE, "by": party("ana"), "first": 1, "source": hash("papers"), "claims": claims,
            }),
        )
    };
    let as_title = json!([step("start", "acquisition", "looting", "An officer")]);
    town.refuses(&["ana"], claims(as_title), "artwork-taking-is-no-title").await;
    let told = json!([
        step("start", "acquisition", "purchase", "Bo's grandmother"),
        step("direct", "transfer-of-custody", "looting", "An officer"),
        step("gap", "acquisition", "purchase", "Ana"),
    ]);
    town.did(&["ana"], claims(told)).await;

    // Lent: the museum has it, and Ana owns it.
    town.refuses(&["ana"], loan(), "signer-missing").await;
    town.did(&["ana", "museum"], loan()).await;
    assert_eq!(keepers(&town, AsOf::Now).await, (json!(party("ana")), json!(party("museum"))));
    town.refuses(&["ana"], moved("ana", "Home"), "artwork-not-custodian").await;
    let on = act(
        "consign",
        json!({
            "work": FENCE, "owner": party("ana"), "from": party("museum"), "to": party("dealer"),
            "condition": condition(),
        }),
    );
    town.refuses(&["ana", "museum", "dealer"], on, "artwork-out").await;

    // Stolen, and the power fails in the same night. Title stays where it was; nothing moves.
    let theft = act(
        "report-theft",
        json!({
            "work": FENCE, "by": party("museum"), "circumstances": "In the night", "reference": "P 17",
        }),
    );
    let receipt = town.did(&["museum"], theft).await;
    town.loses_power();
    assert_eq!(keepers(&town, AsOf::Now).await, (json!(party("ana")), Value::Null));
    town.refuses(&["museum"], moved("museum", "A van"), "artwork-stolen").await;
    town.refuses(&["ana", "dealer"], sale("ana", "dealer"), "artwork-stolen").await;
    let before = AsOf::Height(chancery_client::verify::place(&receipt).unwrap().height - 1);
    assert_eq!(keepers(&town, before).await.1, json!(party("museum")));

    // Found. But Bo claims it: until that is settled it is neither sold nor moved.
    let recovery = act(
        "recover",
        json!({
            "work": FENCE, "owner": party("ana"), "to": party("museum"), "condition": condition(),
            "place": "Store 3",
        }),
    );
    town.did(&["ana", "museum"], recovery).await;
    let dispute = act(
        "dispute",
        json!({
            "work": FENCE, "dispute": "heirs", "claimant": party("bo"), "by": party("expert"),
            "grounds": "It was taken from my grandmother",
        }),
    );
    town.refuses(&["bo"], dispute.clone(), "signer-missing").await;
    town.did(&["bo", "expert"], dispute).await;
    town.refuses(&["ana", "dealer"], sale("ana", "dealer"), "artwork-disputed").await;
    town.refuses(&["museum"], moved("museum", "Gallery 2"), "artwork-disputed").await;

    // The court directs that it be given back.
    let restitution = act(
        "restitute",
        json!({
            "work": FENCE, "from": party("ana"), "to": party("bo"), "order": "judgment-4",
        }),
    );
    town.refuses(&["bo"], restitution.clone(), "order-unknown").await;
    let judgment = json!({
        "register": "authorities", "action": "direct", "order": "judgment-4", "by": party("court"),
        "target": {"register": "artworks", "kind": "work", "id": FENCE}, "scope": "the painting",
        "instruction": "Give it back to Bo", "reference": "Case 4", "until": "2099-01-01T00:00:00Z",
    });
    town.did(&["court"], judgment).await;
    town.did(&["bo"], restitution).await;
    assert_eq!(keepers(&town, AsOf::Now).await, (json!(party("bo")), json!(party("museum"))));
    assert!(town.proves(&format!("artworks/work/{FENCE}"), AsOf::Now).await.is_some());

    the_export_tells_it(&town).await;
}

/// What is exported: each change of title that there was, and no other.
async fn the_export_tells_it(town: &Town) {
    let client = town.client();
    let work: Work = client.stored(FENCE, AsOf::Now).await.unwrap().unwrap();
    let (mut claims, mut events) = (Vec::new(), Vec::new());
    for number in 1..=work.claims {
        let id = Claim::id_of(&work.work, number);
        claims.push(client.stored::<Claim>(&id, AsOf::Now).await.unwrap().unwrap());
    }
    for number in 1..=work.events {
        let id = Event::id_of(&work.work, number);
        events.push(client.stored::<Event>(&id, AsOf::Now).await.unwrap().unwrap());
    }
    let document: LinkedArt = linked_art(&work, claims, events);
    let text = serde_json::to_string(&document).unwrap();
    let count = |word: &str| text.matches(&format!("\"type\":\"{word}\"")).count();
    // Two purchases as they are claimed, and the restitution.
    assert_eq!(count("Acquisition"), 3);
    // The looting; loan, theft and recovery.
    assert_eq!(count("TransferOfCustody"), 4);
    // One within the claims, one before the registration, one between theft and recovery.
    assert_eq!(text.matches("Gap: ").count(), 3);
}

#[tokio::test]
async fn prints_are_numbered_licensed_and_notarised() {
    let town = town().await;
    let registering = ["ana", "expert", "artist"];
    for (work, edition) in [("print-1", "1/2"), ("print-ap", "AP 1/1")] {
        town.did(&registering, registration(work, "a print", edition)).await;
    }
    let other_size = registration("print-3", "a print", "3/3");
    town.refuses(&registering, other_size, "artwork-edition-differs").await;

    let licence = |id: &str, to: &str, exclusive: bool, territory: &str| {
        act(
            "license",
            json!({
                "licence": id, "fingerprint": hash("a print"), "licensor": party("artist"),
                "licensee": party(to), "exclusive": exclusive, "scopes": ["reproduction"],
                "territories": [territory], "terms": hash("terms"),
            }),
        )
    };
    town.did(&["artist", "dealer"], licence("posters", "dealer", true, "FR")).await;
    let world = licence("world", "museum", true, "world");
    town.refuses(&["artist", "museum"], world, "artwork-licence-overlaps").await;
    town.did(&["artist", "museum"], licence("japan", "museum", true, "JP")).await;
    // The owner of a print has no say in what it shows.
    let mut by_owner = licence("owner", "museum", false, "DE");
    by_owner["licensor"] = json!(party("ana"));
    town.refuses(&["ana", "museum"], by_owner, "artwork-not-rights-holder").await;

    let contract = act(
        "notarise",
        json!({
            "notarisation": "agreement-7", "kind": "contract", "title": "Publishing agreement",
            "document": hash("the agreement"), "parties": [party("artist"), party("dealer")],
        }),
    );
    town.refuses(&["artist"], contract.clone(), "signer-missing").await;
    town.did(&["artist", "dealer"], contract).await;
    let notarised = town.sees("artworks/notarisation/agreement-7").await;
    assert_eq!(notarised["document"], json!(hash("the agreement")));

    let opinion = act(
        "opine",
        json!({
            "work": "print-1", "number": 1, "expert": party("expert"), "grounds": "The paper",
            "finding": {"authentication": "authentic"}, "report": hash("report"),
        }),
    );
    town.did(&["expert"], opinion).await;
    let withdrawal = act(
        "withdraw-opinion",
        json!({
            "work": "print-1", "number": 1, "expert": party("expert"), "reason": "A later watermark",
        }),
    );
    town.did(&["expert"], withdrawal).await;
    let seen = town.sees("artworks/opinion/print-1:1").await;
    assert_eq!(seen["withdrawn"]["reason"], "A later watermark", "it is still to be seen");
}
