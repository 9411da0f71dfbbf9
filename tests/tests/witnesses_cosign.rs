//! Two witnesses, as processes of their own, cosign a log; one dies in between; and a log with two histories gets
//! neither to cosign the second.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use chancery_client::{Client, Hash, Transition};
use chancery_ledger::note::{
    self, KeyName, LogProof, Note, SignatureType, Submission, VerifierKey,
};
use chancery_tests::chaos::free_ports;
use chancery_tests::node::{Node, binary};
use chancery_tests::town::{Town, create, key_of, signer};
use signed_note::{StandardVerifier, Verifier, VerifierList};

/// The longest that a step may take; it is over as soon as it has come about.
const PATIENCE: Duration = Duration::from_secs(60);

/// A witness that runs.
struct Witness {
    child: Child,
    folder: PathBuf,
    address: String,
    key: String,
}

fn chancery(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary("chancery").unwrap());
    command.args(arguments).current_dir(folder);
    command.env("CHANCERY_KEYS", folder.join("keys")).env("CHANCERY_PASSPHRASE", "correct horse");
    command
}

fn runs(folder: &Path, arguments: &[&str]) -> Output {
    chancery(folder, arguments).output().unwrap()
}

fn succeeds(folder: &Path, arguments: &[&str]) -> String {
    let output = runs(folder, arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

impl Witness {
    /// Makes a witness of these logs, and starts it.
    fn founded(folder: PathBuf, name: &str, logs: &[VerifierKey]) -> Self {
        fs::create_dir_all(&folder).unwrap();
        succeeds(&folder, &["key", "new", "w"]);
        let log = |key: &VerifierKey| serde_json::json!({"origin": key.name().as_str(), "keys": [key.to_string()]});
        let logs: Vec<_> = logs.iter().map(log).collect();
        let config = serde_json::json!({"name": name, "logs": logs});
        fs::write(folder.join("witness.json"), config.to_string()).unwrap();
        Self::starts(folder, "127.0.0.1:0")
    }

    fn starts(folder: PathBuf, listen: &str) -> Self {
        let mut child = chancery(&folder, &["witness", "--dir", ".", "--key", "w"])
            .args(["--listen", listen])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut after = |word: &str| {
            let line = lines.find_map(|line| line.unwrap().strip_prefix(word).map(str::to_owned));
            line.unwrap_or_else(|| panic!("the witness ended before it said {word:?}"))
        };
        let (key, address) = (after("key "), after("listening on http://"));
        Self { child, folder, address, key }
    }

    /// It is killed where it stands, and started again at the same address.
    fn dies_and_is_started(self) -> Self {
        let (folder, address) = (self.folder.clone(), self.address.clone());
        drop(self);
        Self::starts(folder, &address)
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it has cosigned last of a log.
    fn last(&self, origin: &str) -> Note {
        let name = format!("{}.checkpoint", Hash::of(&[origin.as_bytes()]));
        fs::read_to_string(self.folder.join("logs").join(name)).unwrap().parse().unwrap()
    }

    /// Hands something in: status, type and text of the answer.
    async fn is_asked(&self, body: String) -> (u16, String, String) {
        let url = format!("{}/add-checkpoint", self.url());
        let answer = reqwest::Client::new().post(url).body(body).send().await.unwrap();
        let status = answer.status().as_u16();
        let content_type = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (status, content_type, answer.text().await.unwrap())
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        // As by a power cut: SIGKILL.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A cosignature's verifier on top of what the crate has: its key checks `cosignature/v1`'s message.
struct CosignatureV1 {
    key: StandardVerifier,
    id: u32,
}

impl CosignatureV1 {
    fn new(witness: &str) -> Self {
        let key: VerifierKey = witness.parse().unwrap();
        let id = u32::from_str_radix(witness.split('+').nth(1).unwrap(), 16).unwrap();
        let bytes = witness.splitn(3, '+').nth(2).unwrap();
        let bytes = data_encoding::BASE64.decode(bytes.as_bytes()).unwrap();
        let public = chancery_client::PublicKey::from_bytes(bytes[1..].try_into().unwrap());
        let same = VerifierKey::new(key.name().clone(), SignatureType::Note, public);
        Self { key: StandardVerifier::new(&same.to_string()).unwrap(), id }
    }
}

impl Verifier for CosignatureV1 {
    fn name(&self) -> &str {
        self.key.name()
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        let Some((time, signature)) = signature.split_first_chunk::<8>() else { return false };
        let time = u64::from_be_bytes(*time);
        let message = [format!("cosignature/v1\ntime {time}\n").as_bytes(), text].concat();
        self.key.verify(&message, signature)
    }
}

async fn settle(client: &Client, wave: &str, newcomers: usize) {
    let ledger = client.ledger_id().await.unwrap();
    let arrives = |number: usize| {
        let name = format!("{wave}-{number}");
        let create = create("person", &key_of(&name).public());
        Transition::on(ledger).act(create).sign(&signer(&name)).unwrap()
    };
    let signings: Vec<_> = (0..newcomers).map(arrives).collect();
    let verdicts = client.batch(&signings).await.unwrap();
    assert!(verdicts.iter().all(|verdict| verdict.status == "applied"));
}

fn log_key(node: &Node) -> VerifierKey {
    let genesis = node.genesis().unwrap();
    note::log_key(&genesis.ledger(), &genesis.pool().unwrap().validators[0].key)
}

/// Waits until the log serves a cosigned checkpoint of this size, and gives it.
async fn cosigned(client: &Client, size: u64) -> Note {
    let began = Instant::now();
    loop {
        if let Some(text) = client.cosigned_text().await.unwrap() {
            let note: Note = text.parse().unwrap();
            if size_of(&note) == size {
                return note;
            }
        }
        assert!(began.elapsed() < PATIENCE, "nobody cosigns a log of {size}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn size_of(note: &Note) -> u64 {
    note.text().lines().nth(1).unwrap().parse().unwrap()
}

/// Whoever others wrote a verifier for has signed: the log and both witnesses, and nobody else.
fn verified_by_others(note: &Note, log: &VerifierKey, witnesses: [&Witness; 2]) {
    let mut keys: Vec<Box<dyn Verifier>> =
        vec![Box::new(StandardVerifier::new(&log.to_string()).unwrap())];
    for witness in witnesses {
        keys.push(Box::new(CosignatureV1::new(&witness.key)));
    }
    let theirs = signed_note::Note::from_bytes(note.to_string().as_bytes()).unwrap();
    let (verified, unknown) = theirs.verify(&VerifierList::new(keys)).unwrap();
    assert_eq!((verified.len(), unknown.len()), (3, 0), "{note}");
    // With a changed size nobody has.
    let grown = note.to_string().replacen(&format!("\n{}\n", size_of(note)), "\n999\n", 1);
    let theirs = signed_note::Note::from_bytes(grown.as_bytes()).unwrap();
    let key: Box<dyn Verifier> = Box::new(CosignatureV1::new(&witnesses[0].key));
    assert!(theirs.verify(&VerifierList::new(vec![key])).is_err());
}

fn with_witnesses(data: &Path, witnesses: [&Witness; 2]) {
    let of = |witness: &&Witness| serde_json::json!({"url": witness.url(), "key": witness.key});
    let witnesses: Vec<_> = witnesses.iter().map(of).collect();
    let config = serde_json::json!({"witnesses": witnesses, "every_ms": 100});
    fs::write(data.join("witnesses.json"), config.to_string()).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        let to = to.join(file.file_name());
        match file.path().is_dir() {
            true => copy(&file.path(), &to),
            false => fs::copy(file.path(), to).map(|_| ()).unwrap(),
        }
    }
}

#[tokio::test]
async fn two_witnesses_cosign_and_one_dies_in_between() {
    let mut town = Town::founded();
    let other = Town::founded();
    let (log, folder) = (log_key(town.node()), town.folder());
    // They watch a second ledger as well.
    let logs = [log.clone(), log_key(other.node())];
    let one = Witness::founded(folder.join("one"), "witness.example/one", &logs);
    let two = Witness::founded(folder.join("two"), "witness.example/two", &logs);
    assert!(town.client().cosigned_text().await.unwrap().is_none());
    town.stops();
    with_witnesses(&folder.join("data"), [&one, &two]);
    town.starts();
    settle(town.client(), "first", 5).await;
    let first = cosigned(town.client(), 5).await;
    verified_by_others(&first, &log, [&one, &two]);

    // While one is gone, the log goes on, and what is served is what both have cosigned.
    let one_dies = |witness: Witness| witness.dies_and_is_started();
    settle(town.client(), "second", 4).await;
    let one = one_dies(one);
    let second = cosigned(town.client(), 9).await;
    verified_by_others(&second, &log, [&one, &two]);
    assert_eq!(size_of(&one.last(log.name().as_str())), 9);

    // A node that starts anew has what was kept, before anyone was asked.
    town.restarts();
    let kept = cosigned(town.client(), 9).await;
    verified_by_others(&kept, &log, [&one, &two]);

    // The other ledger is cosigned by the same two.
    settle(other.client(), "elsewhere", 2).await;
    let note: Note = other.client().checkpoint_text().await.unwrap().parse().unwrap();
    for witness in [&one, &two] {
        let submission = Submission { old: 0, path: Vec::new(), note: note.clone() };
        let (status, _, lines) = witness.is_asked(submission.to_string()).await;
        assert_eq!(status, 200, "{lines}");
        let signed: Note = format!("{note}{lines}").parse().unwrap();
        assert!(signed.signed_by(&witness.key.parse().unwrap()).unwrap().is_some());
        // Twice from nothing is refused with what it has.
        let again = witness.is_asked(submission.to_string()).await;
        assert_eq!(again, (409, "text/x.tlog.size".to_owned(), "2\n".to_owned()));
    }
}

#[tokio::test]
async fn a_second_history_is_cosigned_by_nobody_and_found_by_everybody() {
    let mut town = Town::founded();
    let (log, folder) = (log_key(town.node()), town.folder());
    let one =
        Witness::founded(folder.join("one"), "witness.example/one", std::slice::from_ref(&log));
    let two =
        Witness::founded(folder.join("two"), "witness.example/two", std::slice::from_ref(&log));
    settle(town.client(), "first", 5).await;
    town.stops();
    let twin = folder.join("twin");
    copy(&folder.join("data"), &twin.join("data"));
    with_witnesses(&folder.join("data"), [&one, &two]);
    town.starts();
    settle(town.client(), "told-to-one", 4).await;
    cosigned(town.client(), 9).await;

    // The same key, the same genesis, the same beginning; then something else.
    let node = Node::start(&twin).unwrap();
    let client = node.client().unwrap();
    settle(&client, "told-to-the-other", 4).await;
    let stranger = chancery_client::SecretKey::from_seed(&[9; 32]);
    let name: KeyName = log.name().clone();
    for witness in [&one, &two] {
        let before = witness.last(name.as_str());
        let note: Note = client.checkpoint_text().await.unwrap().parse().unwrap();
        let submission = |old, path| Submission { old, path, note: note.clone() };
        let shorter = witness.is_asked(submission(5, Vec::new()).to_string()).await;
        let size = (409, "text/x.tlog.size".to_owned(), "9\n".to_owned());
        assert_eq!(shorter, size);
        assert_eq!(witness.is_asked(submission(9, Vec::new()).to_string()).await, size);

        let unsigned = Note::unsigned(note.text()).unwrap();
        let line = unsigned.signature(&name, &stranger);
        let forged = Submission { old: 9, path: Vec::new(), note: unsigned.with(line) };
        assert_eq!(witness.is_asked(forged.to_string()).await.0, 403);
        let elsewhere = Note::unsigned(note.text().replace("chancery/", "elsewhere/")).unwrap();
        let line = elsewhere.signature(&name, &stranger);
        let unknown = Submission { old: 0, path: Vec::new(), note: elsewhere.with(line) };
        assert_eq!(witness.is_asked(unknown.to_string()).await.0, 404);
        assert_eq!(witness.is_asked("old 10\n\n".to_owned() + &note.to_string()).await.0, 400);
        assert_eq!(witness.is_asked("let me in".to_owned()).await.0, 400);
        assert_eq!(witness.is_asked("a".repeat(200_000)).await.0, 413);
        assert_eq!(witness.last(name.as_str()), before);
    }
    // A longer one, with a proof that holds in the second history only.
    settle(&client, "told-to-the-other-later", 3).await;
    let note: Note = client.checkpoint_text().await.unwrap().parse().unwrap();
    let path = client.consistency(9, 12).await.unwrap().path;
    let longer = Submission { old: 9, path, note };
    let one = one.dies_and_is_started();
    for witness in [&one, &two] {
        assert_eq!(witness.is_asked(longer.to_string()).await.0, 422);
        assert_eq!(size_of(&witness.last(name.as_str())), 9);
        let suspects = fs::read_dir(witness.folder.join("suspect")).unwrap().next().unwrap();
        assert_eq!(fs::read_dir(suspects.unwrap().path()).unwrap().count(), 2);
    }

    // A mirror stops with a status of its own, and keeps both signed checkpoints.
    let genesis = folder.join("data/genesis.json").display().to_string();
    let mirror = |url: &str| runs(&folder, &["mirror", url, "mirror", "--anchor", &genesis]);
    assert!(mirror(town.node().url()).status.success());
    let forked = mirror(node.url());
    assert_eq!(forked.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&forked.stderr).contains("THE LOG HAS FORKED"));
    assert_eq!(fs::read_dir(folder.join("mirror/fork")).unwrap().count(), 2);

    // The second history's own node hears it from the witnesses.
    node.stop().unwrap();
    with_witnesses(&twin.join("data"), [&one, &two]);
    let node = Node::start(&twin).unwrap();
    let began = Instant::now();
    while !fs::read_to_string(twin.join("log")).unwrap().contains("TWO HISTORIES") {
        assert!(began.elapsed() < PATIENCE, "the node has not heard of it");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(node.client().unwrap().cosigned_text().await.unwrap().is_none());
}

#[tokio::test]
async fn a_mirror_notices_what_only_the_witnesses_were_shown() {
    let mut town = Town::founded();
    let (log, folder) = (log_key(town.node()), town.folder());
    let one =
        Witness::founded(folder.join("one"), "witness.example/one", std::slice::from_ref(&log));
    let two = Witness::founded(folder.join("two"), "witness.example/two", &[log]);
    settle(town.client(), "first", 3).await;
    town.stops();
    with_witnesses(&folder.join("data"), [&one, &two]);
    town.starts();
    cosigned(town.client(), 3).await;
    let genesis = folder.join("data/genesis.json").display().to_string();
    let followed =
        succeeds(&folder, &["mirror", town.node().url(), "mirror", "--anchor", &genesis]);
    assert!(followed.contains("what its witnesses were shown, 3 entries, is of it"), "{followed}");
}

#[tokio::test]
async fn others_check_the_proof_that_a_transition_is_in_the_log() {
    let mut town = Town::founded();
    let (log, folder) = (log_key(town.node()), town.folder());
    let one =
        Witness::founded(folder.join("one"), "witness.example/one", std::slice::from_ref(&log));
    let two =
        Witness::founded(folder.join("two"), "witness.example/two", std::slice::from_ref(&log));
    town.stops();
    with_witnesses(&folder.join("data"), [&one, &two]);
    town.starts();
    town.welcomes(&["ana"]).await;
    let receipt = town.did(&["bo"], create("person", &key_of("bo").public())).await;
    settle(town.client(), "more", 300).await;
    cosigned(town.client(), 302).await;

    let signing = receipt.entry.0.splitn(2, |byte| *byte == b'\n').nth(1).unwrap();
    let signing: chancery_client::Signing = serde_json::from_slice(signing).unwrap();
    let (id, genesis) = (signing.id().to_string(), folder.join("data/genesis.json"));
    let (url, genesis) = (town.node().url(), genesis.display().to_string());
    let anchor = ["--anchor", &genesis];
    let get = ["receipt", &id, "--tlog-proof", "--out", "bo.tlog-proof", "--url", url];
    succeeds(&folder, &[&get[..], &anchor].concat());
    let by_both = ["verify", "bo.tlog-proof", "--witness", &one.key, "--witness", &two.key];
    let shown = succeeds(&folder, &[&by_both[..], &anchor].concat());
    assert!(shown.contains("position 1 of the log: applied"), "{shown}");
    assert!(shown.contains("witness.example/one has cosigned it"), "{shown}");

    // By what others wrote: the note's signatures, and the way from the entry to its root.
    let text = fs::read_to_string(folder.join("bo.tlog-proof")).unwrap();
    let proof: LogProof = text.parse().unwrap();
    verified_by_others(&proof.note, &log, [&one, &two]);
    let head = tlog_tiles::Checkpoint::from_bytes(proof.note.text().as_bytes()).unwrap();
    let path: Vec<_> = proof.path.iter().map(|hash| tlog_tiles::Hash(*hash.as_bytes())).collect();
    let leaf = tlog_tiles::record_hash(&receipt.entry.0);
    tlog_tiles::check_record(&path, head.size(), *head.hash(), proof.index, leaf).unwrap();

    // One that has not cosigned, another place, another entry.
    let key = chancery_client::SecretKey::from_seed(&[9; 32]).public();
    let kind = SignatureType::Cosignature;
    let three = VerifierKey::new("witness.example/three".parse().unwrap(), kind, key).to_string();
    let by_three = ["verify", "bo.tlog-proof", "--witness", &three];
    assert_eq!(runs(&folder, &[&by_three[..], &anchor].concat()).status.code(), Some(1));
    let first = town.client().receipt(&id.parse().unwrap()).await.unwrap();
    let mut entry = first.entry.0;
    entry[3] ^= 1;
    for wrong in [
        LogProof { index: 2, ..proof.clone() },
        LogProof { extra: Some(entry), ..proof.clone() },
        LogProof { extra: None, ..proof.clone() },
        LogProof { path: proof.path[1..].to_vec(), ..proof },
    ] {
        fs::write(folder.join("wrong.tlog-proof"), wrong.to_string()).unwrap();
        let refused = runs(&folder, &[&["verify", "wrong.tlog-proof"][..], &anchor].concat());
        assert_eq!(refused.status.code(), Some(1), "{wrong}");
    }
}

#[tokio::test]
async fn every_validator_of_a_pool_signs_the_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let port = free_ports(8).unwrap().to_string();
    let root = format!("--root-key={}", key_of("root").public());
    let create = ["network", "create", "pool", "--name", "Pool", "--validators", "4"];
    succeeds(folder, &[&create[..], &["--first-port", &port, &root]].concat());
    let mut folders: Vec<PathBuf> =
        fs::read_dir(folder.join("pool")).unwrap().map(|it| it.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    let start = |data: &PathBuf| Node::start_at(data, &data.with_extension("log"), &[]).unwrap();
    let others: Vec<Node> = folders[1..].iter().map(start).collect();
    let genesis = others[0].genesis().unwrap();
    let pool = genesis.pool().unwrap();
    let log = VerifierKey::new(
        KeyName::of_log(&genesis.ledger()),
        SignatureType::Note,
        pool.validators[0].key,
    );
    let one = Witness::founded(folder.join("one"), "witness.example/one", &[log]);
    let validators: Vec<&str> = others.iter().map(Node::url).collect();
    let config = serde_json::json!({
        "witnesses": [{"url": one.url(), "key": one.key}], "validators": validators, "every_ms": 100,
    });
    fs::write(folders[0].join("witnesses.json"), config.to_string()).unwrap();
    let first = start(&folders[0]);
    let client = first.client().unwrap();
    let began = Instant::now();
    while !client.is_ready().await.unwrap() {
        assert!(began.elapsed() < PATIENCE, "the pool does not begin");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    settle(&client, "first", 3).await;

    // Those who have no seal to look at count the lines of the pool.
    let keys = || pool.validators.iter().map(|it| note::log_key(&genesis.ledger(), &it.key));
    let note = loop {
        let note = cosigned(&client, 3).await;
        let signed = keys().filter(|key| note.signed_by(key).unwrap().is_some()).count();
        if signed == 4 {
            break note;
        }
        assert!(began.elapsed() < PATIENCE, "{signed} of 4 have signed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let by_others = |key: VerifierKey| -> Box<dyn Verifier> {
        Box::new(StandardVerifier::new(&key.to_string()).unwrap())
    };
    let mut known: Vec<Box<dyn Verifier>> = keys().map(by_others).collect();
    known.push(Box::new(CosignatureV1::new(&one.key)));
    let theirs = signed_note::Note::from_bytes(note.to_string().as_bytes()).unwrap();
    let (verified, unknown) = theirs.verify(&VerifierList::new(known)).unwrap();
    assert_eq!((verified.len(), unknown.len()), (5, 0), "{note}");
}
