//! Questions are asked of registers: as of now and of then, with the proofs of what the answers rest on.

#![allow(clippy::unwrap_used, missing_docs)]

use chancery_client::verify::answer_holds;
use chancery_client::{Answer, AsOf, Path, now};
use chancery_ledger::evidence::Evidence;
use chancery_tests::town::{Town, accreditation, handoff, party, register_parcel, signer};
use futures_util::future::join_all;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

async fn asks(town: &Town, object: &str, question: &str, as_of: AsOf) -> Answer {
    let object: Path = object.parse().unwrap();
    town.client().ask(&object, question, as_of, true).await.unwrap()
}

async fn gets(town: &Town, path: &str, tag: Option<&str>) -> Response {
    let request = Client::new().get(format!("{}{path}", town.client().url()));
    let request = tag.iter().fold(request, |request, tag| request.header("if-none-match", *tag));
    request.send().await.unwrap()
}

async fn code(response: Response) -> Value {
    response.json::<Value>().await.unwrap()["code"].take()
}

#[tokio::test]
async fn how_does_an_accreditation_stand() {
    let town = Town::founded();
    town.has_a_carrier().await;
    let courier = format!("authorities/accreditation/{}", accreditation("carla"));
    let before = asks(&town, &courier, "standing", AsOf::Now).await;
    assert_eq!(before.answer["in_force"], true);
    let grants = before.answer["grants"].as_array().unwrap();
    assert_eq!(grants.len(), 2, "the courier's, and the carrier's that it was granted under");
    // Everything that was looked at, and for each a proof.
    assert!(before.rests_on.iter().any(|ground| ground.object == courier));
    assert!(before.rests_on.len() >= 2);
    assert_eq!(before.rests_on.len(), before.proofs.len());

    // The carrier is suspended, and with it those whom it has accredited.
    let suspend = json!({
        "register": "authorities", "action": "suspend", "accreditation": accreditation("carrier"),
        "by": party("root"), "reason": "After an inspection",
    });
    town.did(&["root"], suspend).await;
    let after = asks(&town, &courier, "standing", AsOf::Now).await;
    assert_eq!(after.answer["in_force"], false);
    assert_eq!(after.answer["grants"][0]["valid"], true);
    assert_eq!(after.answer["grants"][1]["hindrance"], "suspended");
    assert_eq!(after.answer["grants"][1]["reason"], "After an inspection");

    // As of then it stands as it did: by height and by time, the answer of that day word for word.
    let then = asks(&town, &courier, "standing", AsOf::Height(before.as_of.height)).await;
    assert_eq!((then.answer, then.as_of), (before.answer.clone(), before.as_of));
    let then = asks(&town, &courier, "standing", AsOf::Time(before.as_of.time)).await;
    assert_eq!(then.answer, before.answer);

    // An answer that is not the one that follows, or whose proofs are others, does not hold.
    let anchor = town.node().genesis().unwrap().into();
    assert!(answer_holds(&after, &anchor).unwrap().follows);
    let forged = Answer { answer: before.answer.clone(), ..after.clone() };
    answer_holds(&forged, &anchor).unwrap_err();
    let old = Answer { proofs: before.proofs.clone(), ..after.clone() };
    answer_holds(&old, &anchor).unwrap_err();
    let mut fewer = after.clone();
    (fewer.proofs, fewer.rests_on) = (fewer.proofs[1..].into(), fewer.rests_on[1..].into());
    answer_holds(&fewer, &anchor).unwrap_err();
}

#[tokio::test]
async fn a_question_is_an_address_like_any_other() {
    let town = Town::founded();
    town.has_a_carrier().await;
    let object = format!("/v1/authorities/{}", accreditation("carrier"));
    let path = format!("{object}/standing");
    let answer = gets(&town, &path, None).await;
    let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
    assert!(answer.json::<Value>().await.unwrap().get("proofs").is_none());
    assert_eq!(gets(&town, &path, Some(&tag)).await.status(), StatusCode::NOT_MODIFIED);
    let past = gets(&town, &format!("{path}?as_of=6"), None).await;
    assert!(past.headers()["cache-control"].to_str().unwrap().contains("immutable"));

    for (path, expected) in [
        ("/v1/authorities/nobody-1/standing".to_owned(), "no-such-object"),
        ("/v1/authorities/no%20id/standing".to_owned(), "bad-id"),
        (format!("{object}/mood"), "no-such-route"),
        (format!("{path}?as_of=999999"), "beyond-tip"),
        (format!("{path}?as_of=yesterday"), "bad-query"),
        (format!("{path}?proofs=perhaps"), "bad-query"),
        (format!("{path}?prove=true"), "bad-query"),
        // Before it was granted.
        (format!("{path}?as_of=0"), "no-such-object"),
    ] {
        assert_eq!(code(gets(&town, &path, None).await).await, expected, "{path}");
    }
}

#[tokio::test]
async fn who_had_the_parcel() {
    let kind = chancery_registries::kind("parcels", "parcel").unwrap();
    if kind.question("custody-chain").is_none() {
        eprintln!("skipped: of parcels nothing is asked that their history answers");
        return;
    }
    const BOOK: &str = "RR000100012TW";
    let town = Town::founded();
    town.has_a_carrier().await;
    town.welcomes(&["ana", "bo"]).await;
    town.did(&["ana", "carrier"], register_parcel(BOOK, "ana", "bo")).await;
    town.did(&["ana", "carla"], handoff(BOOK, "collected", "ana", "carla")).await;
    // So many reports at once come to stand in a block together.
    let reports = (0..12).map(|number| {
        let report = json!({
            "register": "parcels", "action": "report-damage", "parcel": BOOK, "by": party("carla"),
            "statement": format!("corner {number} is bent"), "place": "The van", "device_time": now(),
        });
        let town = &town;
        async move {
            let signing = town.sign(&[signer("carla")], report).await;
            town.hand_in(&signing).await
        }
    });
    let accepted = join_all(reports).await.into_iter().filter(Result::is_ok).count();
    assert!(accepted > 1);

    let path = format!("parcels/parcel/{BOOK}");
    let history = town.history(&path).await;
    assert_eq!(history.len(), 2 + accepted);
    let height = |version: &Value| version["height"].as_u64().unwrap();
    assert!(
        history.windows(2).any(|pair| height(&pair[0]) == height(&pair[1])),
        "no block has two versions"
    );
    let answer = asks(&town, &path, "custody-chain", AsOf::Now).await;
    let versions: Vec<Option<u64>> = answer.rests_on.iter().map(|ground| ground.version).collect();
    let expected: Vec<Option<u64>> = (1..=history.len() as u64).map(Some).collect();
    assert_eq!(versions, expected);
    assert!(answer.proofs.iter().all(|proof| matches!(proof, Evidence::Receipt(_))));
    assert!(!answer_holds(&answer, &town.node().genesis().unwrap().into()).unwrap().follows);

    // As of the collection nobody had reported anything yet.
    let then = AsOf::Height(height(&history[1]));
    assert_eq!(asks(&town, &path, "custody-chain", then).await.rests_on.len(), 2);
    let damage = asks(&town, &path, "damage-span", AsOf::Now).await.answer;
    assert!(damage["damaged"]["statement"].as_str().unwrap().starts_with("corner"), "{damage:#}");
}

#[tokio::test]
async fn a_party_reads_as_itself() {
    let town = Town::founded();
    town.welcomes(&["ana"]).await;
    let ana: Path = format!("identity/party/{}", party("ana")).parse().unwrap();
    let reads_as = |name: &str| town.node().client().unwrap().reading_as(signer(name));
    reads_as("ana").object(&ana, AsOf::Now).await.unwrap();
    // Who is nobody here is not answered as if they had come without a name.
    let refused = reads_as("mallory").object(&ana, AsOf::Now).await.unwrap_err();
    assert_eq!(refused.code(), Some("token-not-by-its-party"));
}
