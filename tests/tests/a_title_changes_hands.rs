//! A title changes hands: sold with a mortgage on it, claimed, split, inherited and sold by a court,
//! with everyone's signature and never a share too many.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use chancery_client::{AsOf, Error, Receipt, Transition, now};
use chancery_registries::land::{State, Title};
use chancery_tests::town::{Town, party, signer};
use serde_json::{Value, json};

const HOUSE: &str = "NA60D-903";
const PATH: &str = "land/title/NA60D-903";

/// A town with a land office, two banks and a court, in which Ana and Bo own a house on one lot of 100
/// by 50 metres, a half each.
async fn town() -> Town {
    let town = Town::founded();
    town.opens(&["registrar", "surveyor", "court", "civil", "bank", "rival"]).await;
    town.welcomes(&["ana", "bo", "chen", "dora", "mallory"]).await;
    for (name, role, register) in [
        ("registrar", "land-registrar", "land"),
        ("surveyor", "surveyor", "land"),
        ("court", "court", "land"),
        ("civil", "civil-registrar", "identity"),
    ] {
        town.accredits("root", name, role, register).await;
    }
    let owners = shares(&[("ana", "1/2"), ("bo", "1/2")]);
    let registration = land(
        "register",
        json!({
            "title": HOUSE, "surveyor": party("surveyor"), "tenure": "Freehold",
            "units": ["Lot-497"], "owners": owners,
        }),
    );
    let actions = [survey("Lot-497", 0, 100), registration];
    does(&town, &["registrar", "surveyor"], &actions).await.unwrap();
    town
}

/// An action of the registrar's.
fn land(action: &str, fields: Value) -> Value {
    let mut built = json!({
        "register": "land", "action": action, "by": party("registrar"), "reference": "Instrument 1",
    });
    for (name, value) in fields.as_object().unwrap() {
        built[name] = value.clone();
    }
    built
}

/// A lot 50 metres deep, from one easting to another in metres.
fn survey(unit: &str, from: i64, to: i64) -> Value {
    let width = (to - from) * 1000;
    json!({
        "register": "land", "action": "survey", "unit": unit, "by": party("surveyor"),
        "crs": "EPSG:2193", "step": "millimetre", "plan": "Lot 497 DP 16811",
        "outline": [[[1_780_000_000 + from * 1000, 5_926_000_000_i64, width, 0, 0, 50_000, -width, 0]]],
    })
}

fn shares(shares: &[(&str, &str)]) -> Value {
    shares.iter().map(|(name, share)| json!({"party": party(name), "share": share})).collect()
}

fn transfer(title: &str, from: &[(&str, &str)], to: &[(&str, &str)]) -> Value {
    land("transfer", json!({"title": title, "from": shares(from), "to": shares(to)}))
}

fn mortgage(title: &str, id: &str, lender: &str, rank: u32) -> Value {
    let lenders = [party(lender)];
    land("mortgage", json!({"title": title, "interest": id, "lenders": lenders, "rank": rank}))
}

fn ending(action: &str, title: &str, id: &str, by: &str) -> Value {
    land(action, json!({"title": title, "interest": id, "by": party(by)}))
}

fn direction(order: &str, title: &str) -> Value {
    json!({
        "register": "authorities", "action": "direct", "order": order, "by": party("court"),
        "target": {"register": "land", "kind": "title", "id": title},
        "scope": "the title", "reference": "HC 1017/2026", "until": now().plus_ms(3_600_000),
        "instruction": "As the judgment says",
    })
}

/// Several actions in one transition.
async fn does(town: &Town, by: &[&str], actions: &[Value]) -> Result<Receipt, Error> {
    let mut transition = Transition::on(town.client().ledger_id().await.unwrap());
    for action in actions {
        transition = transition.act(action);
    }
    let mut signing = transition.prepare().unwrap();
    for name in by {
        signing = signer(name).sign(signing).unwrap();
    }
    town.hand_in(&signing).await
}

/// A title, from a proof.
async fn title(town: &Town, id: &str) -> Title {
    town.client().stored::<Title>(id, AsOf::Now).await.unwrap().unwrap()
}

async fn share(town: &Town, id: &str, name: &str) -> Option<String> {
    let share = title(town, id).await.owners.share_of(&party(name));
    share.map(|share| share.to_string())
}

#[tokio::test]
async fn a_house_is_sold_with_the_bank_and_without_it_only_when_it_is_paid() {
    let mut town = town().await;
    let lend = mortgage(HOUSE, "M-1", "bank", 1);
    town.refuses(&["ana", "bank", "registrar"], lend.clone(), "signer-missing").await;
    town.did(&["ana", "bo", "bank", "registrar"], lend).await;
    let second = mortgage(HOUSE, "M-2", "rival", 1);
    town.refuses(&["ana", "bo", "rival", "registrar"], second, "land-rank-taken").await;

    // Ana sells a third of her half. The bank has to know, and nobody gives more than they have.
    let sale = || transfer(HOUSE, &[("ana", "1/6")], &[("chen", "1/6")]);
    town.refuses(&["ana", "chen", "registrar"], sale(), "land-lender-has-not-signed").await;
    town.refuses(&["chen", "registrar", "bank"], sale(), "signer-missing").await;
    town.refuses(&["ana", "chen", "registrar", "bank", "rival"], sale(), "signer-not-required")
        .await;
    let greedy = transfer(HOUSE, &[("ana", "2/3")], &[("chen", "2/3")]);
    town.refuses(&["ana", "chen", "registrar", "bank"], greedy, "land-share-too-large").await;
    town.did(&["ana", "chen", "registrar", "bank"], sale()).await;
    assert_eq!(share(&town, HOUSE, "ana").await.as_deref(), Some("1/3"));
    town.loses_power();

    // Dora buys the house with a loan of the other bank: the old loan goes, the house goes and
    // the new loan comes in one transition, or nothing does.
    let all = [("ana", "1/3"), ("bo", "1/2"), ("chen", "1/6")];
    let actions = [
        ending("discharge", HOUSE, "M-1", "bank"),
        transfer(HOUSE, &all, &[("dora", "1/1")]),
        mortgage(HOUSE, "M-2", "rival", 1),
    ];
    let tip = town.tip().await;
    let without_chen = ["ana", "bo", "dora", "bank", "rival", "registrar"];
    let refused = does(&town, &without_chen, &actions).await.unwrap_err();
    assert_eq!(refused.code(), Some("signer-missing"));
    assert_eq!(town.tip().await, tip, "the discharge fell with the sale");
    let everyone = ["ana", "bo", "chen", "dora", "bank", "rival", "registrar"];
    does(&town, &everyone, &actions).await.unwrap();
    assert_eq!(share(&town, HOUSE, "dora").await.as_deref(), Some("1/1"));
    let house = title(&town, HOUSE).await;
    let lenders: Vec<_> = house.mortgages().flat_map(|(_, it)| it.lenders.to_vec()).collect();
    assert_eq!(lenders, [party("rival")]);

    // In the evening every version is there as it was, with the transition behind it.
    let history = town.history(PATH).await;
    assert_eq!(history.len(), 4);
    let first = AsOf::Height(history[0]["height"].as_u64().unwrap());
    let shown = town.sees_as_of(PATH, first).await;
    assert_eq!(shown["owners"], shares(&[("ana", "1/2"), ("bo", "1/2")]));
    for version in &history {
        let receipt = town.has_receipt(version["transition"].as_str().unwrap()).await;
        assert_eq!(Some(receipt.inclusion.position), version["position"].as_u64());
    }
}

#[tokio::test]
async fn a_claim_stops_the_sale_until_it_is_settled() {
    let town = town().await;
    let caveat =
        land("caveat", json!({"title": HOUSE, "interest": "C-1", "caveators": [party("mallory")]}));
    town.refuses(&["mallory"], caveat.clone(), "signer-missing").await;
    town.did(&["mallory", "registrar"], caveat).await;
    let sale = || transfer(HOUSE, &[("ana", "1/2")], &[("chen", "1/2")]);
    town.refuses(&["ana", "chen", "registrar"], sale(), "land-caveated").await;
    town.refuses(&["ana"], ending("remove-caveat", HOUSE, "C-1", "ana"), "land-not-the-holder")
        .await;

    // Nobody but the claimant and a court can take it away; this court does.
    town.did(&["court"], direction("HC-1", HOUSE)).await;
    let mut removal = ending("remove-caveat", HOUSE, "C-1", "registrar");
    removal["order"] = json!("HC-1");
    town.did(&["registrar"], removal).await;
    town.did(&["ana", "chen", "registrar"], sale()).await;

    // A freeze stops everything, until it is released.
    let mut freeze = direction("HC-2", HOUSE);
    freeze["action"] = json!("freeze");
    freeze.as_object_mut().unwrap().remove("instruction");
    town.did(&["court"], freeze).await;
    let back = || transfer(HOUSE, &[("chen", "1/2")], &[("ana", "1/2")]);
    town.refuses(&["chen", "ana", "registrar"], back(), "frozen").await;
    let release = json!({
        "register": "authorities", "action": "release", "order": "HC-2", "by": party("court"),
        "reference": "HC 1018/2026",
    });
    town.did(&["court"], release).await;
    town.did(&["chen", "ana", "registrar"], back()).await;
}

#[tokio::test]
async fn a_lot_is_split_and_one_part_is_inherited_and_sold_by_the_court() {
    let town = town().await;
    town.did(&["ana", "bo", "bank", "registrar"], mortgage(HOUSE, "M-1", "bank", 1)).await;
    let everyone = ["ana", "bo", "registrar", "surveyor"];
    let split = |left: &str, right: &str| {
        let into = json!([
            {"title": "1000001", "units": [left]}, {"title": "1000002", "units": [right]},
        ]);
        land("split", json!({"title": HOUSE, "surveyor": party("surveyor"), "into": into}))
    };
    let lots = [
        survey("Lot-1", 0, 60),
        survey("Lot-2", 60, 100),
        survey("Lot-3", 61, 101),
        survey("Lot-4", 59, 99),
    ];
    does(&town, &["surveyor"], &lots).await.unwrap();
    town.refuses(&everyone, split("Lot-1", "Lot-3"), "land-leaves-a-hole").await;
    town.refuses(&everyone, split("Lot-1", "Lot-4"), "land-units-overlap").await;
    town.refuses(&everyone[1..], split("Lot-1", "Lot-2"), "signer-missing").await;
    town.did(&everyone, split("Lot-1", "Lot-2")).await;
    assert_eq!(title(&town, HOUSE).await.state, State::Cancelled);
    for child in ["1000001", "1000002"] {
        let child = title(&town, child).await;
        assert_eq!(child.mortgages().count(), 1, "the mortgage is on each part");
        assert_eq!(child.parents, [HOUSE.parse().unwrap()]);
    }

    // Ana dies. Nobody deals with her land until her heirs are registered under the court's grant.
    let death = json!({
        "register": "identity", "action": "set-status", "party": party("ana"), "by": party("civil"),
        "status": "deceased", "reason": "Died",
    });
    town.did(&["civil"], death).await;
    let sale = transfer("1000001", &[("bo", "1/2")], &[("mallory", "1/2")]);
    town.refuses(&["bo", "mallory", "registrar", "bank"], sale, "land-owner-deceased").await;
    let transmission = |order: &str| {
        let heirs = shares(&[("chen", "1/3"), ("dora", "1/6")]);
        let fields = json!({
            "title": "1000001", "deceased": party("ana"), "executor": party("dora"),
            "order": order, "heirs": heirs,
        });
        land("transmit", fields)
    };
    let heirs = ["chen", "dora", "registrar"];
    town.refuses(&heirs, transmission("P-1"), "order-unknown").await;
    town.did(&["court"], direction("P-1", "1000001")).await;
    town.did(&heirs, transmission("P-1")).await;
    assert_eq!(share(&town, "1000001", "ana").await, None);
    assert_eq!(share(&town, "1000001", "chen").await.as_deref(), Some("1/3"));

    // The loan is not paid: the court has Bo's half sold, cleared of the mortgage.
    town.did(&["court"], direction("HC-3", "1000001")).await;
    let sold = || {
        land(
            "forced-sale",
            json!({
                "title": "1000001", "order": "HC-3", "from": shares(&[("bo", "1/2")]),
                "to": shares(&[("mallory", "1/2")]), "clears": ["M-1"],
            }),
        )
    };
    town.did(&["mallory", "registrar"], sold()).await;
    let sold_part = title(&town, "1000001").await;
    assert!(sold_part.interests.is_empty());
    assert_eq!(sold_part.owners.len(), 3);
    town.refuses(&["mallory", "registrar"], sold(), "land-order-carried-out").await;
}
