//! Authorities and calendars outside of the ledger say by when its log was there: what they answer is checked
//! before it is kept and again afterwards, by us and by `openssl ts -verify`.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chancery_client::timestamp::{Authorities, Token};
use chancery_client::{Checkpoint, Client, Hash, Time, Transition, now};
use chancery_tests::authority::{Answer, Issuer, Request, TIME_STAMPING, serve};
use chancery_tests::node::{Node, binary};
use chancery_tests::town::{Town, create, key_of, signer};
use serde_json::Value;

const RSA: &[&str] = &["rsa:2048"];
const EC: &[&str] = &["ec", "-pkeyopt", "ec_paramgen_curve:P-384"];

/// A town whose clerk has the time stamped by others.
struct Clerk {
    town: Town,
    issuer: Arc<Issuer>,
    stamps: PathBuf,
}

impl Clerk {
    fn begins() -> Self {
        let town = Town::founded();
        let issuer = Arc::new(Issuer::founded(town.folder().join("issuer")));
        let stamps = town.folder().join("stamps");
        Self { town, issuer, stamps }
    }

    /// Newcomers come to live in the town; the id of the last one's transition.
    async fn welcomes(&self, wave: &str, newcomers: usize) -> Hash {
        arrive(self.town.client(), wave, newcomers).await
    }

    /// An authority that answers as it should.
    fn authority(&self, name: &'static str, key: &[&str]) -> String {
        self.issuer.issues(name, key, TIME_STAMPING);
        let issuer = self.issuer.clone();
        serve(move |request| Answer::Body(200, issuer.answers(name, "authority", &request.body)))
    }

    fn runs(&self, command: &[&str]) -> Output {
        let genesis = self.town.folder().join("data/genesis.json");
        Command::new(binary("chancery").unwrap())
            .args(["timestamp", command[0]])
            .args(&command[1..])
            .args(["--url", self.town.node().url(), "--anchor"])
            .arg(genesis)
            .arg("--json")
            .current_dir(self.town.folder())
            .output()
            .unwrap()
    }

    fn does(&self, command: &[&str]) -> Value {
        let output = self.runs(command);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {error}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What is said instead of doing it.
    fn is_refused(&self, command: &[&str]) -> String {
        let output = self.runs(command);
        assert_eq!(output.status.code(), Some(1), "{command:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    fn file(&self, size: u64, ending: &str) -> PathBuf {
        self.stamps.join(format!("{size}.{ending}"))
    }
}

async fn arrive(client: &Client, wave: &str, newcomers: usize) -> Hash {
    let ledger = client.ledger_id().await.unwrap();
    let arrives = |number: usize| {
        let name = format!("{wave}-{number}");
        let create = create("person", &key_of(&name).public());
        Transition::on(ledger).act(create).sign(&signer(&name)).unwrap()
    };
    let signings: Vec<_> = (0..newcomers).map(arrives).collect();
    let verdicts = client.batch(&signings).await.unwrap();
    assert!(verdicts.iter().all(|verdict| verdict.status == "applied"));
    signings.last().unwrap().id()
}

/// What the files of the authority at an address end with.
fn token_of(url: &str) -> String {
    format!("{}.tsr", url.strip_prefix("http://").unwrap().replace(':', "-"))
}

const NONCE: &[u8] = b"a calendar's own";
const SIBLING: [u8; 32] = [7; 32];
const HEIGHT: u64 = 850_000;

/// A calendar of OpenTimestamps that promises at once, and keeps it when it is told to.
fn calendar(has_come: Arc<AtomicBool>) -> String {
    serve(move |Request { server, path, body }| match path.strip_prefix("/timestamp/") {
        None if path == "/digest" && body.len() == 32 => {
            let promise = [&[server.len() as u8][..], server.as_bytes()].concat();
            let nonce = [&[0xf0, NONCE.len() as u8][..], NONCE].concat();
            let pending = [0x83, 0xdf, 0xe3, 0x0d, 0x2e, 0xf9, 0x0c, 0x8e];
            let parts: [&[u8]; 5] =
                [&nonce, &[0x08, 0x00], &pending, &[promise.len() as u8], &promise];
            Answer::Body(200, parts.concat())
        }
        Some(commitment) if commitment.len() == 64 && has_come.load(Ordering::SeqCst) => {
            // The way from the commitment to the merkle root of a block, which hashes twice.
            let bitcoin = [0x05, 0x88, 0x96, 0x0d, 0x73, 0xd7, 0x19, 0x01];
            let height = [3, HEIGHT as u8 | 0x80, (HEIGHT >> 7) as u8 | 0x80, (HEIGHT >> 14) as u8];
            let parts: [&[u8]; 5] = [&[0xf1, 32], &SIBLING, &[8, 8, 0], &bitcoin, &height];
            Answer::Body(200, parts.concat())
        }
        _ => Answer::Body(404, b"Pending confirmation".to_vec()),
    })
}

/// The merkle root that the calendar's steps lead to, as explorers write it.
fn merkle_root(checkpoint: &[u8]) -> String {
    let commitment = Hash::of(&[Hash::of(&[checkpoint]).as_bytes(), NONCE]);
    let once = Hash::of(&[&SIBLING, commitment.as_bytes()]);
    let root = Hash::of(&[once.as_bytes()]);
    data_encoding::HEXLOWER.encode(&root.as_bytes().iter().rev().copied().collect::<Vec<_>>())
}

#[tokio::test]
async fn a_log_is_stamped_by_two_authorities_and_a_bitcoin_block() {
    let clerk = Clerk::begins();
    let has_come = Arc::new(AtomicBool::new(false));
    let (rsa, ec) = (clerk.authority("rsa", RSA), clerk.authority("ec", EC));
    let calendar = calendar(has_come.clone());
    let ca = clerk.issuer.certificate().display().to_string();
    let early = clerk.welcomes("first", 3).await;
    let asked_at = now();
    let stamp =
        ["stamp", "stamps", "--tsa", &rsa, "--tsa", &ec, "--calendar", &calendar, "--tsa-ca", &ca];
    let stamped = clerk.does(&stamp);
    assert_eq!((&stamped["size"], stamped["stamped"].as_array().unwrap().len()), (&3.into(), 3));
    let checkpoint = clerk.file(3, "checkpoint");
    let note = clerk.town.client().checkpoint_text().await.unwrap();
    assert_eq!(fs::read_to_string(&checkpoint).unwrap(), note);

    // Others check it with what they have.
    let tokens = [clerk.file(3, &token_of(&rsa)), clerk.file(3, &token_of(&ec))];
    for token in &tokens {
        assert!(clerk.issuer.verifies(&checkpoint, token), "{}", token.display());
        assert!(!clerk.issuer.verifies(&clerk.issuer.certificate(), token));
    }

    // A log that has not grown is stamped by whoever has not yet.
    let kept = fs::read(&tokens[0]).unwrap();
    fs::remove_file(&tokens[1]).unwrap();
    clerk.does(&stamp);
    assert_eq!(fs::read(&tokens[0]).unwrap(), kept);
    assert!(clerk.issuer.verifies(&checkpoint, &tokens[1]));

    let late = clerk.welcomes("second", 4).await;
    clerk.does(&stamp);
    let shown = clerk.does(&["verify", "stamps", "--tsa-ca", &ca]);
    let checkpoints = shown["checkpoints"].as_array().unwrap();
    let sizes: Vec<_> = checkpoints.iter().map(|it| it["size"].as_u64().unwrap()).collect();
    assert_eq!(sizes, [3, 7]);
    for token in checkpoints.iter().flat_map(|it| it["tokens"].as_array().unwrap()) {
        let (time, by): (Time, Time) =
            (moment(&token["token"]["time"]), moment(&token["existed_by"]));
        // Authorities say whole seconds.
        assert!(time.plus_ms(1000) >= asked_at && time <= now(), "{token}");
        assert_eq!(by, time.plus_ms(1500));
        assert_eq!(token["token"]["is_trusted"], true);
    }
    assert_eq!(shown["not_checked"].as_array().unwrap().len(), 1);
    assert_eq!(checkpoints[0]["bitcoin"][0]["pending"], calendar.as_str());

    // What nobody vouches for is said, and what somebody else vouches for is refused.
    let untrusted = clerk.does(&["verify", "stamps"]);
    assert!(untrusted["not_checked"][0].as_str().unwrap().contains("--tsa-ca"), "{untrusted}");
    assert_eq!(untrusted["checkpoints"][0]["tokens"][0]["token"]["is_trusted"], false);
    let other = Issuer::founded(clerk.town.folder().join("other"));
    let other = other.certificate().display().to_string();
    let refused = clerk.is_refused(&["verify", "stamps", "--tsa-ca", &other]);
    assert!(refused.contains("NOT VERIFIED") && refused.contains("trusted"), "{refused}");

    upgrades(&clerk, &calendar, &has_come).await;
    proves(&clerk, [(early, 3), (late, 7)]).await;
    finds_what_was_changed(&clerk, &tokens);
}

/// What the calendar had promised comes about, is fetched, and leads to a block.
async fn upgrades(clerk: &Clerk, calendar: &str, has_come: &AtomicBool) {
    let upgrade = ["upgrade", "stamps", "--calendar", calendar];
    let refused = clerk.is_refused(&["upgrade", "stamps"]);
    assert!(refused.contains("asked only if it is named"), "{refused}");
    assert_eq!(clerk.does(&upgrade)["pending"].as_array().unwrap().len(), 2);
    has_come.store(true, Ordering::SeqCst);
    assert_eq!(clerk.does(&upgrade)["completed"].as_array().unwrap().len(), 2);
    assert_eq!(clerk.does(&upgrade)["completed"].as_array().unwrap().len(), 0);
    let shown = clerk.does(&["verify", "stamps"]);
    for checkpoint in shown["checkpoints"].as_array().unwrap() {
        let file = clerk.file(checkpoint["size"].as_u64().unwrap(), "checkpoint");
        let block = &checkpoint["bitcoin"][0];
        assert_eq!(block["height"], HEIGHT);
        assert_eq!(block["merkle_root"], merkle_root(&fs::read(file).unwrap()).as_str());
    }
    let blocks = shown["not_checked"].as_array().unwrap().last().unwrap().as_str().unwrap();
    assert!(blocks.contains("merkle root"), "{shown}");
}

/// A transition gets the time of the first stamped checkpoint whose log has it.
async fn proves(clerk: &Clerk, transitions: [(Hash, u64); 2]) {
    let shown = clerk.does(&["verify", "stamps"]);
    for (index, (id, size)) in transitions.into_iter().enumerate() {
        let proved = clerk.does(&["prove", &id.to_string(), "stamps", "--out", "proof"]);
        assert_eq!(proved["size"], size);
        let verified = clerk.does(&["verify", "stamps", "--proof", "proof"]);
        let existed = |token: &Value| moment(&token["existed_by"]);
        let tokens = shown["checkpoints"][index]["tokens"].as_array().unwrap();
        let by = tokens.iter().map(existed).min().unwrap();
        assert_eq!(verified["transition"]["position"], size - 1);
        assert_eq!(moment(&verified["transition"]["existed_by"]), by);
    }
    let unstamped = clerk.welcomes("third", 1).await.to_string();
    let refused = clerk.is_refused(&["prove", &unstamped, "stamps", "--out", "none"]);
    assert!(refused.contains("no stamped checkpoint"), "{refused}");
}

fn finds_what_was_changed(clerk: &Clerk, tokens: &[PathBuf; 2]) {
    let changes = |file: &Path, change: &dyn Fn(&mut Vec<u8>)| {
        let right = fs::read(file).unwrap();
        let mut changed = right.clone();
        change(&mut changed);
        fs::write(file, changed).unwrap();
        let refused = clerk.is_refused(&["verify", "stamps"]);
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(refused.contains("NOT VERIFIED") && refused.contains(name), "{refused}");
        fs::write(file, right).unwrap();
    };
    let ending = tokens[0].file_name().unwrap().to_str().unwrap().strip_prefix("3.").unwrap();
    let later = fs::read(clerk.file(7, ending)).unwrap();
    changes(&tokens[0], &|bytes| *bytes = later.clone());
    changes(&tokens[1], &|bytes| bytes[100] ^= 1);
    changes(&clerk.file(3, "ots"), &|bytes| bytes[40] ^= 1);
    changes(&clerk.file(3, "checkpoint"), &|bytes| bytes[90] ^= 1);
    let other = fs::read(clerk.file(7, "checkpoint")).unwrap();
    changes(&clerk.file(3, "checkpoint"), &|bytes| *bytes = other.clone());
    // What cannot be checked is not passed over.
    let (checkpoint, aside) = (clerk.file(7, "checkpoint"), clerk.file(7, "aside"));
    fs::rename(&checkpoint, &aside).unwrap();
    let refused = clerk.is_refused(&["verify", "stamps"]);
    assert!(refused.contains("7.checkpoint: "), "{refused}");
    fs::rename(&aside, &checkpoint).unwrap();
    fs::create_dir(clerk.stamps.join("empty")).unwrap();
    let refused = clerk.is_refused(&["verify", "stamps/empty"]);
    assert!(refused.contains("no checkpoint"), "{refused}");
    clerk.does(&["verify", "stamps"]);
}

fn moment(value: &Value) -> Time {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn what_an_authority_must_not_answer_is_not_kept() {
    let clerk = Clerk::begins();
    clerk.welcomes("first", 3).await;
    let issuer = &clerk.issuer;
    issuer.issues("good", EC, TIME_STAMPING);
    issuer.issues("none", EC, "keyUsage=digitalSignature");
    issuer.issues("uncritical", EC, "extendedKeyUsage=timeStamping");
    issuer.issues("both", EC, "extendedKeyUsage=critical,timeStamping,codeSigning");
    issuer.issues("web", EC, "extendedKeyUsage=critical,serverAuth");
    let answers = |name: &str, query: &[u8]| issuer.answers(name, "authority", query);
    let query = chancery_client::timestamp::request(&Hash::of(&[b"something else"]), &[1; 8]);
    let about_else = answers("good", &query);

    type Change = Box<dyn Fn(&Issuer, Vec<u8>) -> Answer + Send + Sync>;
    let answer = |change: fn(&Issuer, Vec<u8>) -> Vec<u8>| -> Change {
        Box::new(move |issuer, query| Answer::Body(200, change(issuer, query)))
    };
    let signed_by = |name: &'static str| -> Change {
        Box::new(move |issuer, query| {
            let answer = issuer.answers("good", "authority", &query);
            Answer::Body(200, issuer.signs_again(name, &answer))
        })
    };
    let cases: Vec<(&str, Change)> = vec![
        ("other bytes", Box::new(move |_, _| Answer::Body(200, about_else.clone()))),
        (
            "nonce",
            answer(|issuer, mut query| {
                query[60] ^= 1;
                issuer.answers("good", "authority", &query)
            }),
        ),
        (
            "status 1 ",
            answer(|issuer, query| {
                let mut answer = issuer.answers("good", "authority", &query);
                assert_eq!(answer[4..9], [0x30, 3, 2, 1, 0]);
                answer[8] = 1;
                answer
            }),
        ),
        ("status 2 ", answer(|issuer, query| issuer.answers("good", "strict", &query))),
        ("purpose", signed_by("none")),
        ("purpose", signed_by("uncritical")),
        ("purpose", signed_by("both")),
        ("purpose", signed_by("web")),
        ("not as RFC 3161", answer(|_, _| b"let me think".to_vec())),
        ("not as RFC 3161", answer(|_, _| Vec::new())),
        ("more than 65536 bytes", answer(|_, _| vec![0x30; 65_537])),
        ("more than 65536 bytes", Box::new(|_, _| Answer::Endless)),
        ("does not answer", Box::new(|_, _| Answer::Stalled)),
        ("status 503", Box::new(|_, _| Answer::Body(503, b"later".to_vec()))),
        ("status 302", Box::new(|_, _| Answer::Body(302, Vec::new()))),
    ];
    for (index, (why, change)) in cases.into_iter().enumerate() {
        let issuer = clerk.issuer.clone();
        let url = serve(move |request| change(&issuer, request.body));
        // Only the one that is never going to answer is given less time.
        let timeout = if why == "does not answer" { "300ms" } else { "30s" };
        let refused = clerk.is_refused(&["stamp", "stamps", "--tsa", &url, "--timeout", timeout]);
        assert!(refused.contains(why), "case {index}, {why}: {refused}");
        assert!(!clerk.file(3, &token_of(&url)).exists(), "case {index}, {why}");
    }

    // Signed again by one who may, the same is kept: it was the certificate that was refused.
    let again = signed_by("good");
    let issuer = clerk.issuer.clone();
    let url = serve(move |request| again(&issuer, request.body));
    clerk.does(&["stamp", "stamps", "--tsa", &url]);
    assert!(clerk.issuer.verifies(&clerk.file(3, "checkpoint"), &clerk.file(3, &token_of(&url))));
    // And one that fails keeps nobody else from stamping.
    let gone = "http://127.0.0.1:1";
    let good = clerk.authority("late", RSA);
    let refused = clerk.is_refused(&["stamp", "stamps", "--tsa", gone, "--tsa", &good]);
    assert!(refused.contains("not stamped by all"), "{refused}");
    assert!(clerk.file(3, &token_of(&good)).exists());
}

#[tokio::test]
async fn nothing_is_stamped_that_the_anchor_does_not_vouch_for() {
    let (clerk, elsewhere) = (Clerk::begins(), Town::founded());
    let url = clerk.authority("good", EC);
    clerk.welcomes("first", 1).await;
    let genesis = elsewhere.folder().join("data/genesis.json");
    let stamped = Command::new(binary("chancery").unwrap())
        .args(["timestamp", "stamp", "stamps", "--tsa", &url, "--url", clerk.town.node().url()])
        .arg("--anchor")
        .arg(genesis)
        .current_dir(clerk.town.folder())
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&stamped.stderr);
    assert!(!stamped.status.success() && error.contains("not the anchor's log"), "{error}");
    assert!(!clerk.stamps.exists());
}

#[tokio::test]
async fn a_second_history_of_the_same_size_is_kept_as_proof() {
    let mut clerk = Clerk::begins();
    let url = clerk.authority("good", EC);
    clerk.town.stops();
    let twin = clerk.town.folder().join("twin");
    fs::create_dir(&twin).unwrap();
    let copied =
        Command::new("cp").arg("-r").arg(clerk.town.folder().join("data")).arg(&twin).status();
    assert!(copied.unwrap().success());
    clerk.town.starts();
    clerk.welcomes("told-to-one", 3).await;
    clerk.does(&["stamp", "stamps", "--tsa", &url]);

    let elsewhere = Node::start(&twin).unwrap();
    arrive(&elsewhere.client().unwrap(), "told-to-another", 3).await;
    let genesis = elsewhere.data().join("genesis.json");
    let stamped = Command::new(binary("chancery").unwrap())
        .args(["timestamp", "stamp", "stamps", "--tsa", &url, "--url", elsewhere.url(), "--anchor"])
        .arg(genesis)
        .current_dir(clerk.town.folder())
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&stamped.stderr);
    assert!(stamped.status.code() == Some(3) && error.contains("FORKED"), "{error}");
    let notes = ["checkpoint", "fork"].map(|it| fs::read_to_string(clerk.file(3, it)).unwrap());
    assert_ne!(notes[0], notes[1]);
    let anchor = elsewhere.genesis().unwrap().into();
    for note in notes {
        assert_eq!(Checkpoint::verify(&note, &anchor).unwrap().size, 3);
    }
}

#[test]
fn a_changed_bit_of_a_token_is_refused_or_changes_nothing_that_it_says() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/timestamps");
    let file = |name: &str| fs::read(vectors.join(name)).unwrap();
    let trusted = Authorities::from_pem(&file("ca.pem")).unwrap();
    let imprint = Hash::of(&[&file("stamped.txt")]);
    for name in ["rsa.tsr", "ec.tsr"] {
        let bytes = file(name);
        let verify = |bytes: &[u8]| Token::verify(bytes, &imprint, Some(&trusted));
        let token = verify(&bytes).unwrap();
        assert!(token.is_trusted && token.authority.contains("Example"), "{token:?}");
        assert!(Token::verify(&bytes, &imprint, None).is_ok_and(|token| !token.is_trusted));
        let mut unsigned = 0;
        // One bit of each byte, and every beginning. Not all of it is signed: what it says is.
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 8);
            let same = verify(&changed).is_ok_and(|it| it == token);
            assert!(same || verify(&changed).is_err(), "{name}: byte {at}");
            unsigned += usize::from(same);
            assert!(verify(&bytes[..at]).is_err(), "{name}: {at} bytes");
        }
        // The authority's own certificate comes along with it, and a reader has that already.
        assert!(unsigned < 450, "{name}: {unsigned} bytes do not count");
        assert!(verify(&[&bytes[..], &[0]].concat()).is_err());
        assert!(Token::verify(&bytes, &Hash::of(&[b"another"]), Some(&trusted)).is_err());
    }
}
