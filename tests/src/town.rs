//! A town whose people sign for themselves: what the stories are told with.
//!
//! A step that a story takes for granted panics when it does not come about, so that the story
//! reads as what happens.

#![allow(clippy::panic, clippy::expect_used)]

use std::path::PathBuf;
use std::time::Duration;

use chancery_client::{
    AsOf, Client, Error, Hash, KeyId, PartyId, Path, PublicKey, Receipt, SecretKey, Signer,
    Signing, Transition, now,
};
use chancery_ledger::evidence::Statement;
use chancery_ledger::transition::Outcome;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::node::{Node, found};
use crate::postgres;

/// A town with its node.
pub struct Town {
    folder: TempDir,
    node: Option<Node>,
    client: Client,
}

const ROOT: &str = "root";
/// How long a step may take.
const WAIT_S: u64 = 20;

impl Town {
    /// Founds a ledger, whose root authority is called `root`, and starts its node.
    pub fn founded() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        found(folder.path(), &key_of(ROOT).public()).expect("a ledger can be founded");
        let node = Node::start(folder.path()).expect("the node starts");
        let client = node.client().expect("a client of the node");
        Self { folder, node: Some(node), client }
    }

    /// A client that trusts the genesis and nothing else.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The running node.
    pub fn node(&self) -> &Node {
        self.node.as_ref().expect("the node runs")
    }

    /// The folder that holds `data` and the node's log.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// The node dies on the spot and is started again.
    pub fn loses_power(&mut self) {
        self.dies();
        self.starts();
    }

    /// The node dies on the spot.
    pub fn dies(&mut self) {
        self.node.take().expect("the node runs").kill().expect("the node can be killed");
    }

    /// The node is told to stop, does so in good order, and is started again.
    pub fn restarts(&mut self) {
        self.stops();
        self.starts();
    }

    /// The node is told to stop and does so in good order.
    pub fn stops(&mut self) {
        let stopped = self.node.take().expect("the node runs").stop().expect("it can be told");
        assert!(stopped.success(), "the node did not stop in good order: {stopped}");
    }

    /// The node starts.
    pub fn starts(&mut self) {
        let node = Node::start(self.folder.path()).expect("the node starts");
        self.client = node.client().expect("a client of the node");
        self.node = Some(node);
    }

    /// Persons come to live here.
    pub async fn welcomes(&self, persons: &[&str]) {
        for person in persons {
            self.did(&[person], create("person", &key_of(person).public())).await;
        }
    }

    /// Institutions open.
    pub async fn opens(&self, organisations: &[&str]) {
        for name in organisations {
            self.did(&[name], create("organisation", &key_of(name).public())).await;
        }
    }

    /// One accredits another, for the register of parcels unless `role` is for another.
    pub async fn accredits(&self, by: &str, institution: &str, role: &str, register: &str) {
        let accredit = json!({
            "register": "authorities", "action": "accredit", "accreditation": accreditation(institution),
            "by": party(by), "institution": party(institution), "role": role,
            "registers": [register], "scope": format!("{role} of the town"),
        });
        self.did(&[by], accredit).await;
    }

    /// A carrier with two stations and two couriers, all accredited.
    pub async fn has_a_carrier(&self) {
        self.opens(&["carrier", "north", "south"]).await;
        self.welcomes(&["carla", "cem"]).await;
        self.accredits(ROOT, "carrier", "carrier", "parcels").await;
        for (name, role) in
            [("north", "station"), ("south", "station"), ("carla", "courier"), ("cem", "courier")]
        {
            self.accredits("carrier", name, role, "parcels").await;
        }
    }

    /// An action, stated and signed by these, that takes effect.
    pub async fn did(&self, by: &[&str], action: Value) -> Receipt {
        let names: Vec<Signer> = by.iter().map(|name| signer(name)).collect();
        self.did_with(&names, action).await
    }

    /// The same with keys that are not their first ones.
    pub async fn did_with(&self, by: &[Signer], action: Value) -> Receipt {
        let signing = self.sign(by, action.clone()).await;
        match self.hand_in(&signing).await {
            Ok(receipt) => receipt,
            Err(error) => panic!("{action}: {error}"),
        }
    }

    /// An action that is refused with this code and changes nothing.
    pub async fn refuses(&self, by: &[&str], action: Value, code: &str) {
        let names: Vec<Signer> = by.iter().map(|name| signer(name)).collect();
        self.refuses_with(&names, action, code).await;
    }

    /// The same with keys that are not their first ones.
    pub async fn refuses_with(&self, by: &[Signer], action: Value, code: &str) {
        let before = self.tip().await;
        let signing = self.sign(by, action.clone()).await;
        match self.hand_in(&signing).await {
            Ok(_) => panic!("{action}: it took effect, and {code} was due"),
            Err(error) => assert_eq!(error.code(), Some(code), "{action}: {error}"),
        }
        assert_eq!(self.tip().await, before, "a refusal left something behind");
    }

    /// Signs without handing in: on each signer's own device, one after the other.
    pub async fn sign(&self, by: &[Signer], action: Value) -> Signing {
        let ledger = self.client.ledger_id().await.expect("the anchor names the ledger");
        let mut signing = Transition::on(ledger).act(action).prepare().expect("JSON");
        for signer in by {
            let on_the_way = serde_json::to_vec(&signing).expect("JSON");
            let arrived = serde_json::from_slice(&on_the_way).expect("the same JSON");
            signing = signer.sign(arrived).expect("each signs once");
        }
        signing
    }

    /// Hands in and waits for a receipt, which the client verifies.
    pub async fn hand_in(&self, signing: &Signing) -> Result<Receipt, Error> {
        let receipt = self.client.submit_and_wait(signing, WAIT_S).await?;
        assert_eq!(receipt.outcome(), Some(Outcome::Applied));
        Ok(receipt)
    }

    /// An object as the interface shows it.
    pub async fn sees(&self, path: &str) -> Value {
        self.sees_as_of(path, AsOf::Now).await
    }

    /// An object as the interface shows it as of a block.
    pub async fn sees_as_of(&self, path: &str, as_of: AsOf) -> Value {
        let path: Path = path.parse().expect("a path");
        let shown = self.client.object(&path, as_of).await;
        shown.unwrap_or_else(|error| panic!("{path}: {error}"))["object"].take()
    }

    /// The version of an object that a proof shows; nothing if the proof shows that it is absent.
    pub async fn proves(&self, path: &str, as_of: AsOf) -> Option<u64> {
        let path: Path = path.parse().expect("a path");
        let proof = self.client.proof(&path, as_of).await;
        let proof = proof.unwrap_or_else(|error| panic!("{path}: {error}"));
        let anchor = self.node().genesis().expect("the genesis is in the folder");
        match proof.verify(&anchor.into()).map(|shown| shown.shown) {
            Ok(Statement::Stands { version, .. }) => Some(version),
            Ok(_) => None,
            Err(error) => panic!("{path}: {error}"),
        }
    }

    /// Every version of an object, with the transition behind it.
    pub async fn history(&self, path: &str) -> Vec<Value> {
        let path: Path = path.parse().expect("a path");
        let history = self.client.history(&path, 1000).await;
        history.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The receipt of a transition, verified.
    pub async fn has_receipt(&self, id: &str) -> Receipt {
        let id: Hash = id.parse().expect("an id");
        let receipt = self.client.receipt(&id).await;
        receipt.unwrap_or_else(|error| panic!("{id}: {error}"))
    }

    /// The hash of the last block.
    pub async fn tip(&self) -> Value {
        let info = self.client.ledger().await.expect("the node says what its ledger is");
        info.rest["tip"]["hash"].clone()
    }

    /// The clock goes on by so much.
    pub async fn waits(&self, ms: u64) {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        self.node = None;
        postgres::forget(&self.folder.path().join("data"));
    }
}

/// Somebody's first key.
pub fn key_of(name: &str) -> SecretKey {
    another_key_of(name, 0)
}

/// A later key of somebody; key 0 is the first.
pub fn another_key_of(name: &str, number: u8) -> SecretKey {
    SecretKey::from_seed(Hash::of(&[b"town", name.as_bytes(), &[0, number]]).as_bytes())
}

/// Somebody with their first key.
pub fn signer(name: &str) -> Signer {
    Signer::first(key_of(name))
}

/// Somebody with a later key.
pub fn signer_with(name: &str, number: u8) -> Signer {
    Signer::of(party(name), another_key_of(name, number))
}

/// Somebody's ID code.
pub fn party(name: &str) -> PartyId {
    key_of(name).party()
}

/// How somebody's signature is named.
pub fn kid(name: &str) -> KeyId {
    signer(name).id()
}

/// The id of an institution's accreditation.
pub fn accreditation(institution: &str) -> String {
    format!("{institution}-1")
}

/// Creates a party from its first key.
pub fn create(kind: &str, key: &PublicKey) -> Value {
    json!({"register": "identity", "action": "create", "kind": kind, "key": key})
}

/// A parcel is announced by its sender and the carrier.
pub fn register_parcel(number: &str, sender: &str, recipient: &str) -> Value {
    json!({
        "register": "parcels", "action": "register", "parcel": number, "carrier": party("carrier"),
        "sender": party(sender), "recipient": party(recipient), "record": record_of(number),
        "condition": "sound", "place": "The counter", "device_time": now(),
    })
}

/// One hands a parcel to another.
pub fn handoff(number: &str, step: &str, from: &str, to: &str) -> Value {
    json!({
        "register": "parcels", "action": "handoff", "step": step,
        "of": {"parcel": {"number": number, "record": record_of(number), "condition": "sound"}},
        "from": party(from), "to": party(to), "place": "Here", "device_time": now(),
    })
}

/// The commitment to what is known of a parcel.
pub fn record_of(number: &str) -> Hash {
    Hash::of(&[b"record of ", number.as_bytes()])
}
