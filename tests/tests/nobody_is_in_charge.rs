//! A ledger of work among real processes: a transition waits, stands in a block, goes back to waiting when
//! another branch has more work, and is final in the end; whoever asks is told each time.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use chancery_client::{Anchor, Client, Genesis, Signing, Transition};
use chancery_node_files::network::NetworkConfig;
use chancery_tests::node::{Node, binary};
use chancery_tests::town::{create, key_of, signer};
use serde_json::Value;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(120);
const FINAL_DEPTH: u64 = 12;

struct Network {
    folder: tempfile::TempDir,
    ports: Vec<u16>,
    genesis: Genesis,
}

impl Network {
    fn founded(nodes: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("network");
        let founded = Command::new(binary("chancery").unwrap())
            .args(["network", "create", "--name", "Open", "--work", "--spacing", "1s"])
            .args(["--first-bits", "20", "--least-bits", "8", "--final-depth", "12"])
            .args(["--validators", &nodes.to_string()])
            .arg(format!("--root-key={}", key_of("root").public()))
            .arg(&data)
            .output()
            .unwrap();
        assert!(founded.status.success(), "{}", String::from_utf8_lossy(&founded.stderr));
        let genesis = fs::read(data.join("node-1").join("genesis.json")).unwrap();
        let genesis = Genesis::parse(&genesis).unwrap();
        let port = |_| TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { folder, ports: (0..nodes).map(port).collect(), genesis }
    }

    fn data(&self, node: usize) -> PathBuf {
        self.folder.path().join("network").join(format!("node-{}", node + 1))
    }

    /// Starts a node that stays connected with these others.
    fn start(&self, node: usize, others: &[usize], mines: bool) -> Node {
        let address =
            |node: &usize| format!("/ip4/127.0.0.1/tcp/{}", self.ports[*node]).parse().unwrap();
        let config = NetworkConfig {
            peers_listen: Some(address(&node)),
            peers: others.iter().map(address).collect(),
            miner_threads: usize::from(mines),
            ..NetworkConfig::default()
        };
        let data = self.data(node);
        fs::write(data.join("network.json"), config.to_text()).unwrap();
        let log = self.folder.path().join(format!("log-{node}"));
        Node::start_at(&data, &log, &[]).unwrap()
    }

    fn newcomer(&self, name: &str) -> Signing {
        let create = create("person", &key_of(name).public());
        Transition::on(self.genesis.ledger()).act(create).sign(&signer(name)).unwrap()
    }
}

async fn until(what: &str, client: &Client, holds: impl Fn(&chancery_client::NetworkInfo) -> bool) {
    let began = Instant::now();
    loop {
        let info = client.network().await.unwrap();
        if holds(&info) {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "{what}: {info:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The events of a transition, until the stream ends.
async fn events_of(url: &str, signing: &Signing) -> Vec<String> {
    let url = format!("{url}/v1/transitions/{}/events", signing.id());
    let stream = async { reqwest::get(url).await.unwrap().text().await.unwrap() };
    let text = tokio::time::timeout(PATIENCE, stream).await.unwrap();
    text.lines().filter_map(|line| line.strip_prefix("event: ").map(str::to_owned)).collect()
}

fn audit(data: &Path) -> Value {
    let audited = Command::new(binary("chancery").unwrap())
        .args(["audit", "--json"])
        .arg(data)
        .output()
        .unwrap();
    assert!(audited.status.success(), "{}", String::from_utf8_lossy(&audited.stderr));
    serde_json::from_slice(&audited.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transition_goes_from_branch_to_branch_and_is_final_in_the_end() {
    let network = Network::founded(3);
    let anchor = Anchor::from(network.genesis.clone());
    let first = network.start(0, &[], true);
    let client = first.client().unwrap();

    // On one node: it waits, then it stands in a block; nothing says final before it is.
    let ana = network.newcomer("ana");
    let taken = client.submit(&ana).await.unwrap();
    assert_eq!((taken.status.as_str(), taken.position), ("waiting", None));
    let path = format!("/v1/transitions/{}", ana.id());
    let shown = client.get(&path).await.unwrap();
    assert!(["waiting", "in-block"].contains(&shown["status"].as_str().unwrap()), "{shown}");
    until("a few blocks", &client, |info| info.height >= 4).await;

    // Another that knows nobody builds a branch of its own, with a transition in it.
    let lonely = network.start(1, &[], true);
    let lonely_client = lonely.client().unwrap();
    let bo = network.newcomer("bo");
    lonely_client.submit(&bo).await.unwrap();
    let url = lonely.url().to_owned();
    let of_bo = bo.clone();
    let told = tokio::spawn(async move { events_of(&url, &of_bo).await });
    let began = Instant::now();
    while lonely_client.get(&format!("/v1/transitions/{}", bo.id())).await.unwrap()["status"]
        != "in-block"
    {
        assert!(began.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    // A third knows both, and the two branches become one: the longer of the two has more work.
    let third = network.start(2, &[0, 1], false);
    let bos = lonely_client.submit_and_wait(&bo, 100).await.unwrap();
    bos.verify(&anchor).unwrap();
    let told = told.await.unwrap();
    let returned = told.iter().position(|event| event == "returned");
    let returned = returned.unwrap_or_else(|| panic!("it never went back: {told:?}"));
    assert!(told[..returned].contains(&"in-block".to_owned()), "{told:?}");
    assert!(told[returned..].contains(&"in-block".to_owned()), "{told:?}");
    assert_eq!(told.last().unwrap(), "final");
    let info = lonely_client.network().await.unwrap();
    assert!(info.work.unwrap().reorganisations >= 1 && info.final_height > 0);

    // The receipt is the same for all of them, and who asks again is told where it is.
    let again = client.submit_and_wait(&bo, 100).await.unwrap();
    assert_eq!(again.inclusion.position, bos.inclusion.position);
    let anas = third.client().unwrap().submit_and_wait(&ana, 100).await.unwrap();
    anas.verify(&anchor).unwrap();
    assert_eq!(events_of(first.url(), &ana).await, ["final"]);

    // There is no rate to measure, and who tries is told so.
    let load = Command::new(binary("chancery").unwrap())
        .args(["load", "--transitions", "10", "--url", first.url()])
        .output()
        .unwrap();
    let why = String::from_utf8_lossy(&load.stderr);
    assert!(!load.status.success() && why.contains("network of work"), "{why}");
    // In COSE it is a server's word, which binds nobody else. Compact it carries the work.
    let (in_cose, signer) = third.client().unwrap().receipt_in_cose(&ana.id()).await.unwrap();
    assert!(in_cose.starts_with(&[0xd2, 0x84]) && signer.is_none());
    let receipt = format!("{}/v1/transitions/{}/receipt", third.url(), ana.id());
    let compact = reqwest::Client::new().get(receipt).header("accept", "application/cbor").send();
    let compact = compact.await.unwrap();
    assert_eq!(compact.status(), 200);
    let compact = compact.bytes().await.unwrap();
    let (_, verified) = chancery_client::verify::read_and_verify(&compact, &anchor).unwrap();
    assert!(verified.shown.work.unwrap().confirmations > 0);

    // One is killed and comes back to the same branch.
    let height = client.network().await.unwrap().height;
    first.kill().unwrap();
    let first = network.start(0, &[1], true);
    let enough = |info: &chancery_client::NetworkInfo| info.final_height > height;
    until("more final blocks", &first.client().unwrap(), enough).await;
    for node in [first, lonely, third] {
        assert!(node.stop().unwrap().success());
    }
    let audits: Vec<Value> = (0..3).map(|node| audit(&network.data(node))).collect();
    for audit in &audits {
        assert!(audit["clean"] == true && audit["transitions"] == 2, "{audits:?}");
        assert!(audit["blocks"].as_u64().unwrap() > FINAL_DEPTH, "{audits:?}");
    }
}
