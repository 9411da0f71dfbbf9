//! A day in a company's share register: shares are issued, sold, pledged and split, with everyone's signature.

#![allow(clippy::unwrap_used, missing_docs)]

use chancery_client::AsOf;
use chancery_tests::town::{Town, party};
use serde_json::{Value, json};

/// An action of the equity register about Acme's shares.
fn acme(action: &str, members: Value) -> Value {
    let mut whole = json!({ "register": "equity", "action": action, "issuer": party("acme") });
    whole.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    whole
}

fn security(id: &str) -> String {
    format!("equity/security/{}.{id}", party("acme"))
}

fn class() -> String {
    format!("equity/stock-class/{}.common", party("acme"))
}

fn issue(id: &str, holder: &str, quantity: &str) -> Value {
    let holder = party(holder);
    let of = json!({ "class": "common", "security": id, "holder": holder, "quantity": quantity });
    acme("issue", of)
}

fn sale(of: &str, into: &str, buyer: &str, quantity: &str, balance: &str) -> Value {
    let result = json!({ "security": into, "holder": party(buyer), "quantity": quantity });
    acme("transfer", json!({ "security": of, "results": [result], "balance": balance }))
}

async fn town() -> Town {
    let town = Town::founded();
    town.opens(&["acme", "bank"]).await;
    town.welcomes(&["ana", "bo"]).await;
    town.accredits("root", "acme", "issuer", "equity").await;
    let company = json!({
        "name": "Acme Works", "country": "GB", "formed": "2019-04-01", "authorised": "10000",
    });
    town.did(&["acme"], acme("register-issuer", company)).await;
    let common = json!({
        "class": "common", "name": "Common", "class_type": "common", "authorised": "3000",
        "votes_per_share": "1", "seniority": "1", "restricted": true,
    });
    town.did(&["acme"], acme("create-class", common)).await;
    town
}

#[tokio::test]
async fn shares_are_issued_sold_pledged_and_split() {
    let mut town = town().await;

    // In the morning: no share beyond what is authorised, and none without its holder.
    town.refuses(&["acme", "ana"], issue("cs-1", "ana", "3001"), "equity-above-class-authorised")
        .await;
    town.refuses(&["acme"], issue("cs-1", "ana", "1000"), "signer-missing").await;
    town.did(&["acme", "ana"], issue("cs-1", "ana", "1000")).await;
    let morning =
        AsOf::Height(town.history(&security("cs-1")).await[0]["height"].as_u64().unwrap());

    // A sale of a part needs the issuer, who restricted it; what is left stays with Ana.
    let sold = || sale("cs-1", "cs-2", "bo", "400", "cs-3");
    town.refuses(&["ana", "bo"], sold(), "signer-missing").await;
    town.did(&["acme", "ana", "bo"], sold()).await;
    town.refuses(&["acme", "ana", "bo"], sold(), "equity-security-ended").await;
    town.loses_power();
    assert_eq!(town.sees(&security("cs-3")).await["quantity"], "600");
    assert_eq!(town.sees(&security("cs-2")).await["holder"], json!(party("bo")));
    assert_eq!(town.sees(&class()).await["issued"], "1000");
    assert_eq!(town.sees_as_of(&security("cs-1"), morning).await["ended"], Value::Null);

    // At noon Bo pledges his shares: they stay put.
    let pledge = acme("pledge", json!({ "security": "cs-2", "pledgee": party("bank") }));
    town.did(&["bo", "bank"], pledge).await;
    let moved = sale("cs-2", "cs-9", "ana", "100", "cs-8");
    town.refuses(&["acme", "bo", "ana"], moved, "equity-pledged").await;

    // In the evening the class is split; until everything is reissued, nothing else happens in it.
    let split = acme("split", json!({ "class": "common", "split": "split-1", "ratio": "3:1" }));
    town.did(&["acme"], split).await;
    town.refuses(&["acme", "ana"], issue("cs-7", "ana", "1"), "equity-split-open").await;
    let successors = json!([
        { "security": "cs-2", "into": "cs-4" },
        { "security": "cs-3", "into": "cs-5" },
    ]);
    let reissue = json!({ "class": "common", "successors": successors });
    town.did(&["acme"], acme("reissue-for-split", reissue)).await;

    assert_eq!(town.sees(&class()).await["issued"], "3000");
    let pledged = town.sees(&security("cs-4")).await;
    assert_eq!(
        (&pledged["quantity"], &pledged["pledge"]["pledgee"]),
        (&json!("1200"), &json!(party("bank")))
    );
    assert_eq!(town.proves(&security("cs-1"), AsOf::Now).await, Some(2));
}
