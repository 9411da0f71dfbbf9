//! Ana and Bo marry, and show it to whom they choose; a year on they divorce, and Bo marries again.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::path::PathBuf;
use std::process::{Command, Output};

use chancery_client::{Hash, Receipt, Signing, Time, now};
use chancery_ledger::transition::Entry;
use chancery_tests::node::binary;
use chancery_tests::town::{Town, party, signer};
use serde_json::{Value, json};

const WEDDING: &str = "8f14e45fceea167a5a36dedd4bea2543";
const SECOND: &str = "45c48cce2e2d7fbdea1afc51c7c6ad26";

async fn town() -> Town {
    let town = Town::founded();
    town.opens(&["office", "court", "consulate"]).await;
    town.welcomes(&["ana", "bo", "cy", "wu", "xi", "mallory"]).await;
    town.accredits("root", "office", "civil-registrar", "marriages").await;
    town.accredits("root", "court", "court", "marriages").await;
    let secret = Hash::of(&[b"what root's device drew"]);
    town.did(&["root"], json!({"register": "marriages", "action": "open", "secret": secret})).await;
    town
}

fn today() -> String {
    now().to_string()[..10].to_owned()
}

fn wedding(id: &str, one: &str, other: &str) -> Value {
    json!({
        "register": "marriages", "action": "register", "marriage": id, "registrar": party("office"),
        "spouses": [
            {"party": party(one), "born_by": "2000-12-31"},
            {"party": party(other), "born_by": "1998-06-01"},
        ],
        "witnesses": [party("wu"), party("xi")], "celebrated": today(), "place": "Town hall",
        "record": Hash::of(&[b"the record of ", id.as_bytes()]),
    })
}

fn statement(action: &str, of: &str, spouse: Option<&str>, salt: &str) -> Value {
    let mut statement = json!({
        "register": "marriages", "action": action, "party": party(of), "salt": salt,
        "addressee": party("consulate"), "purpose": "a visa", "until": in_days(90),
    });
    if let Some(spouse) = spouse {
        statement["spouse"] = json!(party(spouse));
    }
    statement
}

fn in_days(days: u64) -> Time {
    now().plus_ms(days * 24 * 60 * 60 * 1000)
}

fn divorce(id: &str, ground: Value) -> Value {
    json!({
        "register": "marriages", "action": "divorce", "marriage": id,
        "spouses": [party("bo"), party("ana")], "ground": ground,
    })
}

/// What the receipt says was stated.
fn stated(receipt: &Receipt) -> Value {
    let entry = Entry::decode(&receipt.entry.0).unwrap();
    let transition: Signing = serde_json::from_slice(entry.transition).unwrap();
    serde_json::from_slice::<Value>(&transition.payload()).unwrap()["actions"][0].take()
}

#[tokio::test]
async fn ana_and_bo_marry_and_show_it_to_the_consulate() {
    let mut town = town().await;
    let present = ["office", "ana", "bo", "wu", "xi"];

    // Before the wedding each shows that they are free to marry.
    let free = |of, salt| statement("state-free-to-marry", of, None, salt);
    let receipt = town.did(&["ana"], free("ana", "0f1e2d3c4b5a69788796a5b4c3d2e1f0")).await;
    receipt.verify(&town.node().genesis().unwrap().into()).unwrap();
    assert_eq!(stated(&receipt)["party"], json!(party("ana")));

    // A wedding needs everyone: without the second witness there is none.
    town.refuses(&present[..4], wedding(WEDDING, "ana", "bo"), "signer-missing").await;
    let mut alone = wedding(WEDDING, "ana", "bo");
    alone["witnesses"] = json!([party("wu")]);
    town.refuses(&present[..4], alone, "marriage-too-few-witnesses").await;
    let mut young = wedding(WEDDING, "ana", "bo");
    young["spouses"][0]["born_by"] = json!(today());
    town.refuses(&present, young, "marriage-under-age").await;
    town.did(&present, wedding(WEDDING, "ana", "bo")).await;
    town.loses_power();

    // Ana shows it to the consulate, which has the genesis and no network.
    let married = |of, to, salt| statement("state-married", of, Some(to), salt);
    let receipt =
        town.did(&["ana"], married("ana", "bo", "11223344556677889900aabbccddeeff")).await;
    let shown = stated(&receipt);
    assert_eq!(
        (&shown["party"], &shown["spouse"], &shown["addressee"]),
        (&json!(party("ana")), &json!(party("bo")), &json!(party("consulate")))
    );
    assert!(!receipt.entry.0.windows(WEDDING.len()).any(|text| text == WEDDING.as_bytes()));

    // Nobody states what is not so, nor of others.
    let again = free("ana", "a0b1c2d3e4f5061728394a5b6c7d8e9f");
    town.refuses(&["ana"], again, "marriage-party-married").await;
    let with_cy = married("ana", "cy", "b0b1c2d3e4f5061728394a5b6c7d8e9f");
    town.refuses(&["ana"], with_cy, "marriage-not-to-each-other").await;
    let of_bo = married("bo", "ana", "c0b1c2d3e4f5061728394a5b6c7d8e9f");
    town.refuses(&["mallory"], of_bo, "signer-missing").await;
    let second = ["office", "bo", "cy", "wu", "xi"];
    town.refuses(&second, wedding(SECOND, "bo", "cy"), "marriage-party-married").await;

    // They part, and Bo marries Cy on the same day.
    let agreed = json!({"agreement": {"registrar": party("office")}});
    town.refuses(&["office", "ana"], divorce(WEDDING, agreed.clone()), "signer-missing").await;
    town.did(&["office", "ana", "bo"], divorce(WEDDING, agreed)).await;
    let late = married("ana", "bo", "d0b1c2d3e4f5061728394a5b6c7d8e9f");
    town.refuses(&["ana"], late, "marriage-not-to-each-other").await;
    town.did(&second, wedding(SECOND, "bo", "cy")).await;

    // A court decides where the two do not agree.
    let decided = json!({"judgment": {"court": party("court"), "reference": "FAM 12/2026"}});
    town.refuses(&["court"], divorce(SECOND, decided.clone()), "marriage-spouses-differ").await;
    let mut judgment = divorce(SECOND, decided);
    judgment["spouses"] = json!([party("bo"), party("cy")]);
    town.did(&["court"], judgment).await;
}

#[tokio::test]
async fn a_wedding_and_a_new_name_are_one_or_none() {
    let town = town().await;
    let card = Hash::of(&[b"Ana of Bo's house"]);
    let path = format!("identity/party/{}", party("ana"));
    let both = |id| {
        let new_card = json!({
            "register": "identity", "action": "set-card", "party": party("ana"), "card": card,
        });
        [wedding(id, "ana", "bo"), new_card]
    };
    let signs = async |actions: &[Value], by: &[&str]| {
        let ledger = town.client().ledger_id().await.unwrap();
        let mut transition = chancery_client::Transition::on(ledger);
        for action in actions {
            transition = transition.act(action.clone());
        }
        let mut signing = transition.prepare().unwrap();
        for name in by {
            signing = signer(name).sign(signing).unwrap();
        }
        town.hand_in(&signing).await
    };

    // Bo is married, so there is no wedding, and Ana keeps her name.
    town.did(&["office", "bo", "cy", "wu", "xi"], wedding(SECOND, "bo", "cy")).await;
    let present = ["office", "ana", "bo", "wu", "xi"];
    let refused = signs(&both(WEDDING), &present).await.unwrap_err();
    assert_eq!(refused.code(), Some("marriage-party-married"));
    assert_eq!(town.sees(&path).await["card"], Value::Null);

    let agreed = json!({"agreement": {"registrar": party("office")}});
    let mut parting = divorce(SECOND, agreed);
    parting["spouses"] = json!([party("bo"), party("cy")]);
    town.did(&["office", "bo", "cy"], parting).await;
    signs(&both(WEDDING), &present).await.unwrap();
    assert_eq!(town.sees(&path).await["card"], json!(card));
}

/// The command line at the office, which has the keys of all who are present.
struct Desk<'a> {
    town: &'a Town,
    folder: PathBuf,
}

impl Desk<'_> {
    fn run(&self, command: &str, more: &[&str]) -> Output {
        Command::new(binary("chancery").unwrap())
            .args(command.split(' '))
            .args(more)
            .args(["--json", "--url", self.town.node().url()])
            .current_dir(&self.folder)
            .env("CHANCERY_KEYS", self.folder.join("keys"))
            .env("CHANCERY_PASSPHRASE", "correct horse")
            .output()
            .unwrap()
    }

    fn does(&self, command: &str, more: &[&str]) -> Value {
        let output = self.run(command, more);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command} {more:?}: {error}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn refuses(&self, command: &str, more: &[&str]) -> String {
        let output = self.run(command, more);
        assert_eq!(output.status.code(), Some(1), "{command}: it should have failed");
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        said["error"]["code"].as_str().unwrap_or_else(|| panic!("{said}")).to_owned()
    }
}

#[tokio::test]
async fn the_office_works_from_the_command_line() {
    let town = town().await;
    let desk = Desk { town: &town, folder: town.folder() };
    for (name, kind) in
        [("desk", "organisation"), ("dee", "person"), ("eli", "person"), ("fay", "person")]
    {
        desk.does(&format!("key new {name}"), &[]);
        desk.does(&format!("identity create {name} --kind {kind}"), &[]);
    }
    let key = desk.does("key show desk", &[]);
    let accredit = json!({
        "register": "authorities", "action": "accredit", "accreditation": "desk-1",
        "by": party("root"), "institution": key["party"], "role": "civil-registrar",
        "registers": ["marriages"], "scope": "weddings", "parameters": {"witnesses": "1"},
    });
    town.did(&["root"], accredit).await;

    std::fs::write(town.folder().join("record.json"), "{}").unwrap();
    let free = desk.does("marriage state-free dee --purpose visa --receipt free.json", &[]);
    assert_eq!(free["outcome"], "applied");
    desk.does("verify free.json --anchor data/genesis.json", &[]);
    let register = format!(
        "marriage register --registrar desk --spouse dee=1990-01-01 --spouse eli=1991-01-01 \
         --witness fay --celebrated {} --record @record.json --new-card dee=@record.json",
        today()
    );
    let wedding = desk.does(&register, &["--place", "Town hall"]);
    let id = wedding["marriage"].as_str().unwrap();
    assert_eq!(desk.refuses(&register, &["--place", "Town hall"]), "marriage-party-married");
    assert_eq!(
        desk.refuses("marriage state-free eli --purpose visa", &[]),
        "marriage-party-married"
    );
    desk.does("marriage state-married eli --spouse dee --purpose visa", &[]);

    // Of all this a stranger reads nothing, a spouse what concerns them, the office everything.
    let show = format!("show marriages/marriage/{id}");
    assert_eq!(desk.refuses(&show, &[]), "register-private");
    assert_eq!(desk.refuses(&show, &["--read-as", "fay"]), "register-private");
    for reader in ["dee", "eli", "desk"] {
        let shown = desk.does(&show, &["--read-as", reader]);
        assert_eq!(shown["object"]["state"], "in-force", "{reader}");
    }
    let standing = format!("ask marriages/marriage/{id} standing --anchor data/genesis.json");
    let standing = desk.does(&standing, &["--read-as", "dee"]);
    assert_eq!(standing["answer"]["in_force"], true, "{standing}");
    let receipt = &wedding["id"];
    let correct =
        format!("marriage correct {id} --by desk --corrects {}", receipt.as_str().unwrap());
    desk.does(&correct, &["--statement", "in the garden"]);
    let end = format!("marriage divorce {id} --spouse dee --spouse eli --registrar desk");
    desk.does(&end, &[]);
    assert_eq!(desk.refuses(&end, &[]), "marriage-not-in-force");
    desk.does("marriage state-free eli --purpose visa", &[]);
}
