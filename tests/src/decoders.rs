//! Everything that reads bytes of strangers, with what must hold whatever the bytes are: no panic,
//! and nothing is believed that was never so. The property tests and the fuzz targets run these.

// The fuzz targets take this file in by its path, from where the folder is not found by itself.
#[path = "decoders/held.rs"]
mod held;

use std::sync::{Arc, LazyLock};

use chancery_client::timestamp::{Authorities, Proof, Steps, Token};
use chancery_client::verify::credential_signed;
use chancery_client::{Checkpoint, verify_log_proof};
use chancery_ledger::anchor::Anchor;
use chancery_ledger::block::{Block, Header};
use chancery_ledger::disk::Memory;
use chancery_ledger::evidence::code::to_codes;
use chancery_ledger::evidence::{Credential, Evidence, Statement};
use chancery_ledger::genesis::Genesis;
use chancery_ledger::hash::Hash;
use chancery_ledger::key::{KeyId, PublicKey};
use chancery_ledger::merkle::{ConsistencyProof, InclusionProof};
use chancery_ledger::note::{
    self, KeyName, LogProof, Note, SignatureType, Submission, VerifierKey,
};
use chancery_ledger::party::PartyId;
use chancery_ledger::seal::{Pool, Seal};
use chancery_ledger::time::Time;
use chancery_ledger::transition::{Admission, Entry, KeyCache, Outcome, Signing, transition_id};
use chancery_ledger::trie::TrieProof;
use chancery_ledger::view::View;
use chancery_registries::{Action, Registers};

use crate::small_ledger::{
    NODE_KEY, SmallLedger, create_party, genesis, key, party, set_card, signed, time,
};

/// One decoder: what reads, and bytes that it reads gladly.
pub struct Decoder {
    /// What it is called.
    pub name: &'static str,
    /// Reads the bytes and checks what must hold. Whether they were taken for what they should be.
    pub read: fn(&[u8]) -> bool,
    /// Bytes to begin from.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub fn decoders() -> impl Iterator<Item = &'static Decoder> {
    OF_THE_CHAIN.iter().chain(held::DECODERS)
}

const OF_THE_CHAIN: &[Decoder] = &[
    Decoder { name: "transition", read: read_transition, seeds: transitions },
    Decoder { name: "action", read: read_action, seeds: actions },
    Decoder { name: "block", read: read_block, seeds: blocks },
    Decoder { name: "header", read: read_header, seeds: headers },
    Decoder { name: "seal", read: read_seal, seeds: seals },
    Decoder { name: "entry", read: read_entry, seeds: entries },
    Decoder { name: "genesis", read: read_genesis, seeds: || vec![genesis().bytes().to_vec()] },
    Decoder { name: "evidence", read: read_evidence, seeds: evidence },
    Decoder { name: "credential", read: read_credential, seeds: credentials },
    Decoder { name: "trie_proof", read: read_trie_proof, seeds: trie_proofs },
    Decoder { name: "log_proof", read: read_log_proof, seeds: log_proofs },
    Decoder { name: "checkpoint", read: read_checkpoint, seeds: || vec![checkpoint()] },
    Decoder { name: "note", read: read_note, seeds: notes },
    Decoder { name: "text", read: read_text, seeds: texts },
    Decoder { name: "timestamp", read: read_timestamp, seeds: timestamps },
];

/// A decoder by its name.
///
/// # Panics
/// When there is none of this name.
#[allow(clippy::expect_used)]
pub fn decoder(name: &str) -> &'static Decoder {
    decoders().find(|decoder| decoder.name == name).expect("a decoder of this name")
}

const HEIGHT: u64 = 4;

static LEDGER: LazyLock<View> = LazyLock::new(|| {
    let grow = || {
        let mut ledger = SmallLedger::found(Arc::new(Memory::new()))?;
        ledger.grow_to(HEIGHT)?;
        Ok::<_, chancery_ledger::error::Error>(ledger.view())
    };
    #[allow(clippy::expect_used)]
    grow().expect("a disk in memory does not fail")
});

fn signings() -> Vec<Signing> {
    let both = vec![set_card(0, 7), set_card(1, 7)];
    vec![
        signed(&[0], "one", vec![create_party(0)]),
        signed(&[0, 1], "two", both),
        signed(&[2], "odd\"\\u0041", vec![set_card(2, 1)]),
    ]
}

fn transitions() -> Vec<Vec<u8>> {
    signings().iter().map(Signing::to_bytes).collect()
}

fn read_transition(bytes: &[u8]) -> bool {
    static ADMISSION: LazyLock<Admission<Registers>> =
        LazyLock::new(|| Admission::new(Arc::new(Registers), &genesis()));
    // What may be believed: the seeds' payloads, signed by those who signed them or by some of them.
    static SIGNED: LazyLock<Vec<Hash>> = LazyLock::new(|| {
        let some_signed = |signing: &Signing| {
            let (payload, signers) = (signing.payload(), signing.signers());
            let one = signers.iter().map(|signer| transition_id(&payload, &[*signer]));
            one.chain([signing.id()]).collect::<Vec<_>>()
        };
        signings().iter().flat_map(some_signed).collect()
    });
    let mut taken = false;
    for now in [time(1), Time::default(), time(u64::MAX / 2)] {
        if let Ok(admitted) = ADMISSION.admit(bytes, now, &mut KeyCache::default()) {
            assert!(SIGNED.contains(&admitted.id), "a transition that nobody signed was admitted");
            assert_eq!(admitted.bytes(), bytes);
            taken = true;
        }
    }
    let _ = ADMISSION.readmit(bytes);
    if let Ok(signing) = serde_json::from_slice::<Signing>(bytes) {
        let _ = (signing.id(), signing.signers());
    }
    taken
}

fn actions() -> Vec<Vec<u8>> {
    let values = [create_party(0), set_card(0, 1)];
    values.iter().map(|value| value.to_string().into_bytes()).collect()
}

fn read_action(bytes: &[u8]) -> bool {
    let Ok(action) = serde_json::from_slice::<Action>(bytes) else { return false };
    let text = serde_json::to_string(&action).unwrap_or_default();
    let again = serde_json::from_str::<Action>(&text);
    assert!(again.is_ok_and(|again| again == action), "not read back as it was: {text}");
    true
}

fn blocks() -> Vec<Vec<u8>> {
    (0..=HEIGHT).filter_map(|height| LEDGER.block_bytes(height).ok()).collect()
}

fn read_block(bytes: &[u8]) -> bool {
    let Ok(block) = Block::decode(bytes) else { return false };
    assert_eq!(Block::decode(&block.encode()), Ok(block));
    true
}

fn headers() -> Vec<Vec<u8>> {
    let sealed = (0..=HEIGHT).filter_map(|height| LEDGER.sealed_header(height).ok());
    sealed.map(|(header, _)| header.encode().to_vec()).collect()
}

fn read_header(bytes: &[u8]) -> bool {
    let Ok(header) = Header::decode(bytes) else { return false };
    assert_eq!(header.encode(), bytes, "one header, one layout");
    let _ = note::checkpoint_text(&header);
    true
}

fn seals() -> Vec<Vec<u8>> {
    let sealed = (0..=HEIGHT).filter_map(|height| LEDGER.sealed_header(height).ok());
    sealed.filter_map(|(_, seal)| serde_json::to_vec(&seal).ok()).collect()
}

fn read_seal(bytes: &[u8]) -> bool {
    let Ok(seal) = serde_json::from_slice::<Seal>(bytes) else { return false };
    let Ok((header, genuine)) = LEDGER.sealed_header(1) else { return false };
    if genesis().pool().is_some_and(|pool| seal.verify(&header, pool).is_ok()) {
        assert_eq!(seal, genuine, "a seal that nobody made");
    }
    true
}

fn entries() -> Vec<Vec<u8>> {
    let rejected = "key-unknown".parse::<Outcome>().into_iter();
    let outcomes = rejected.chain([Outcome::Applied]);
    outcomes
        .flat_map(|outcome| transitions().into_iter().map(move |it| Entry::encode(&outcome, &it)))
        .collect()
}

fn read_entry(bytes: &[u8]) -> bool {
    let Ok(entry) = Entry::decode(bytes) else { return false };
    assert_eq!(Entry::encode(&entry.outcome, entry.transition), bytes, "one entry, one layout");
    true
}

fn read_genesis(bytes: &[u8]) -> bool {
    let Ok(genesis) = Genesis::parse(bytes) else { return false };
    assert_eq!(genesis.ledger(), Hash::of(&[bytes]));
    assert_ne!(genesis.pool().is_some(), genesis.work().is_some());
    assert!(genesis.pool().is_none_or(Pool::is_sound));
    let _ = genesis.root_party();
    assert!(Genesis::found(genesis.statement()).is_ok());
    true
}

fn evidence() -> Vec<Vec<u8>> {
    let receipts = (0..LEDGER.tip().header.log_size).step_by(3);
    let receipts =
        receipts.filter_map(|position| LEDGER.receipt(position).ok()).map(Evidence::Receipt);
    let statuses = [(0, 1), (1, HEIGHT), (99, 2)].into_iter().filter_map(|(number, height)| {
        LEDGER.status("identity", "party", &party(number).to_string(), height).ok()
    });
    let in_block = (0..LEDGER.tip().header.log_size).step_by(4);
    let in_block = in_block.filter_map(|position| LEDGER.block_receipt(position).ok());
    let receipts = receipts.chain(in_block.map(Evidence::InBlock));
    let all = receipts.chain(statuses.map(Evidence::Status));
    let forms = all.flat_map(|evidence| {
        let compact = evidence.to_compact(&genesis().into()).unwrap_or_default();
        let codes = [1, 2].map(|parts| to_codes(&compact, parts).join("\n").into_bytes());
        [serde_json::to_vec(&evidence).unwrap_or_default(), compact].into_iter().chain(codes)
    });
    forms.collect()
}

fn read_evidence(bytes: &[u8]) -> bool {
    static ANCHOR: LazyLock<Anchor> = LazyLock::new(|| genesis().into());
    let Ok(evidence) = Evidence::read(bytes, &ANCHOR) else { return false };
    let _ = chancery_client::verify::verify(&evidence, &ANCHOR);
    let Ok(shown) = evidence.verify(&ANCHOR) else { return false };
    assert!(is_true(&evidence, &shown.shown, shown.height), "believed: {shown:?}");
    // What holds has one compact form, from which it is read again.
    let compact = evidence.to_compact(&ANCHOR);
    let again = compact.is_ok_and(|it| Evidence::read(&it, &ANCHOR).as_ref() == Ok(&evidence));
    assert!(again, "not read back as it was: {shown:?}");
    true
}

/// Whether evidence that was believed says what the ledger says.
fn is_true(evidence: &Evidence, shown: &Statement, height: u64) -> bool {
    match (evidence, shown) {
        (Evidence::Receipt(receipt), Statement::Ordered { position, .. }) => {
            LEDGER.entry(*position).is_ok_and(|entry| entry == receipt.entry.0)
        }
        (Evidence::InBlock(receipt), Statement::InBlock { .. }) => {
            LEDGER.block(height).is_ok_and(|block| block.entries.contains(&receipt.entry.0))
        }
        (Evidence::Status(status), _) => {
            let value = status.value.as_ref().map(|value| value.0.as_slice());
            let mut parts = status.object.splitn(3, '/');
            let (Some(register), Some(kind), Some(id)) = (parts.next(), parts.next(), parts.next())
            else {
                return false;
            };
            let object = LEDGER.object(register, kind, id, height);
            object.is_ok_and(|object| object.as_deref() == value)
        }
        _ => false,
    }
}

fn credentials() -> Vec<Vec<u8>> {
    let forms = transitions().into_iter().flat_map(|transition| {
        let credential = Credential::of(transition);
        let compact = credential.to_compact(&genesis().into()).unwrap_or_default();
        let codes = [1, 2].map(|parts| to_codes(&compact, parts).join("\n").into_bytes());
        [serde_json::to_vec(&credential).unwrap_or_default(), compact].into_iter().chain(codes)
    });
    forms.collect()
}

fn read_credential(bytes: &[u8]) -> bool {
    static ANCHOR: LazyLock<Anchor> = LazyLock::new(|| genesis().into());
    let Some(Ok(credential)) = Credential::read(bytes, &ANCHOR) else { return false };
    assert!(Evidence::read(bytes, &ANCHOR).is_err(), "it is taken for evidence");
    if let Ok(signed) = credential_signed(&credential, &ANCHOR) {
        assert!(!signed.verified);
        let own = |signing: &Signing| signing.payload() == signed.payload.get().as_bytes();
        assert!(signings().iter().any(own), "a statement that nobody signed");
        let compact = credential.to_compact(&ANCHOR);
        let again = compact
            .is_ok_and(|it| Credential::from_compact(&it, &ANCHOR).as_ref() == Ok(&credential));
        assert!(again, "not read back as it was");
    }
    true
}

fn trie_proofs() -> Vec<Vec<u8>> {
    let numbers = [0, 1, 98, 99];
    let statuses = numbers.into_iter().filter_map(|number| {
        LEDGER.status("identity", "party", &party(number).to_string(), HEIGHT).ok()
    });
    statuses.filter_map(|status| serde_json::to_vec(&status.proof).ok()).collect()
}

fn read_trie_proof(bytes: &[u8]) -> bool {
    let Ok(proof) = serde_json::from_slice::<TrieProof>(bytes) else { return false };
    let root = LEDGER.tip().header.state_root;
    for number in [0, 98] {
        let id = party(number).to_string();
        let object = LEDGER.object("identity", "party", &id, HEIGHT).ok().flatten();
        let key = chancery_ledger::execution::state_key("identity", "party", &id);
        let absent = proof.verify(&root, &key, None).is_ok();
        assert!(!absent || object.is_none(), "shown to be absent, and it is there");
        let wrong = proof.verify(&root, &key, Some(b"something else")).is_ok();
        assert!(!wrong, "shown to be what it is not");
    }
    true
}

fn log_proofs() -> Vec<Vec<u8>> {
    let size = LEDGER.tip().header.log_size;
    let inclusion = (0..size).filter_map(|position| LEDGER.prove_inclusion(position, size).ok());
    let consistency = (0..size).filter_map(|from| LEDGER.prove_consistency(from, size).ok());
    let inclusion = inclusion.filter_map(|proof| serde_json::to_vec(&proof).ok());
    inclusion.chain(consistency.filter_map(|proof| serde_json::to_vec(&proof).ok())).collect()
}

fn read_log_proof(bytes: &[u8]) -> bool {
    let header = LEDGER.tip().header.clone();
    let foreign = Hash::of(&[b"an entry that was never ordered"]);
    if let Ok(proof) = serde_json::from_slice::<InclusionProof>(bytes) {
        let shown = proof.verify(&foreign, &header.log_root).is_ok();
        assert!(!shown, "shown to be in the log, and it is not");
        return true;
    }
    let Ok(proof) = serde_json::from_slice::<ConsistencyProof>(bytes) else { return false };
    let shown = proof.verify(&foreign, &header.log_root).is_ok();
    assert!(!shown, "shown to be an earlier log, and it is not");
    true
}

fn checkpoint() -> Vec<u8> {
    note::signed_checkpoint(&LEDGER.tip().header, &key(NODE_KEY)).into_bytes()
}

fn read_checkpoint(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(checkpoint) = Checkpoint::verify(text, &genesis().into()) else { return false };
    let header = &LEDGER.tip().header;
    assert_eq!((checkpoint.size, checkpoint.root), (header.log_size, header.log_root));
    true
}

/// A cosigned checkpoint, what is handed to a witness, a proof for log tools, and keys.
fn notes() -> Vec<Vec<u8>> {
    let header = &LEDGER.tip().header;
    let name = KeyName::of_log(&header.ledger);
    let witness = VerifierKey::new(name.clone(), SignatureType::Cosignature, key(0).public());
    let Ok(signed) = note::signed_checkpoint(header, &key(NODE_KEY)).parse::<Note>() else {
        return Vec::new();
    };
    let cosigned = signed.clone().with(signed.cosignature(&name, &key(0), 1_700_000_000));
    let (Ok(from), Ok(inclusion), Ok(entry)) = (
        LEDGER.prove_consistency(2, header.log_size),
        LEDGER.prove_inclusion(1, header.log_size),
        LEDGER.entry(1),
    ) else {
        return Vec::new();
    };
    let submission = Submission { old: 2, path: from.path, note: signed };
    let (extra, path) = (Some(entry), inclusion.path);
    let proof = LogProof { extra, index: 1, path, note: cosigned.clone() };
    let log = note::log_key(&header.ledger, &key(NODE_KEY).public());
    let texts = [
        cosigned.to_string(),
        submission.to_string(),
        proof.to_string(),
        witness.to_string(),
        log.to_string(),
    ];
    texts.into_iter().map(String::into_bytes).collect()
}

fn read_note(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let header = &LEDGER.tip().header;
    let log = note::log_key(&header.ledger, &key(NODE_KEY).public());
    if let Ok(read) = text.parse::<LogProof>() {
        assert_eq!(read.to_string(), text);
        if let Ok(shown) = verify_log_proof(&read, &genesis().into(), &[]) {
            assert_eq!(LEDGER.entry(shown.position).ok(), read.extra);
        }
        return true;
    }
    if let Ok(read) = text.parse::<Submission>() {
        assert_eq!(read.to_string(), text);
        return true;
    }
    if let Ok(read) = text.parse::<VerifierKey>() {
        assert_eq!(read.to_string(), text);
        return true;
    }
    let Ok(read) = text.parse::<Note>() else { return false };
    assert_eq!(read.to_string(), text);
    if let Ok(Some(_)) = read.signed_by(&log) {
        assert_eq!(read.text(), note::checkpoint_text(header));
    }
    true
}

fn texts() -> Vec<Vec<u8>> {
    let kid = KeyId { party: party(0), key: key(0).public() };
    let hash = Hash::of(&[b"a text"]);
    let texts = [kid.to_string(), party(1).to_string(), time(1).to_string(), hash.to_string()];
    texts.into_iter().map(String::into_bytes).collect()
}

fn read_text(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let time = text.parse::<Time>();
    if let Ok(time) = time {
        assert_eq!(time.to_string().parse(), Ok(time), "{text}");
    }
    let _ = text.parse::<chancery_client::Path>();
    let _ = text.parse::<chancery_client::AsOf>();
    let read = [
        time.is_ok(),
        reads_back::<KeyId>(text),
        reads_back::<PartyId>(text),
        reads_back::<PublicKey>(text),
        reads_back::<Hash>(text),
        reads_back::<Outcome>(text),
    ];
    read.contains(&true)
}

/// What was stamped, and by whom, as `openssl ts` does it.
const STAMPED: &[u8] = include_bytes!("../vectors/timestamps/stamped.txt");
const AUTHORITY: &[u8] = include_bytes!("../vectors/timestamps/ca.pem");
const TOKENS: [&[u8]; 2] = [
    include_bytes!("../vectors/timestamps/rsa.tsr"),
    include_bytes!("../vectors/timestamps/ec.tsr"),
];

/// Tokens of authorities, a calendar's answer, and the proof that is made of it.
fn timestamps() -> Vec<Vec<u8>> {
    let digest = Hash::of(&[STAMPED]);
    let pending = b"\x00\x83\xdf\xe3\x0d\x2e\xf9\x0c\x8e\x0a\x09https://a";
    let block = b"\x00\x05\x88\x96\x0d\x73\xd7\x19\x01\x01\x63";
    let steps = [&b"\xf0\x03one\x08\xff"[..], pending, b"\xf1\x03two\x08", block].concat();
    let proof = Steps::read(&steps, 32).and_then(|steps| Proof::new(digest, [steps]));
    let proof = proof.map(|proof| proof.to_bytes()).unwrap_or_default();
    TOKENS.iter().map(|token| token.to_vec()).chain([steps, proof]).collect()
}

fn read_timestamp(bytes: &[u8]) -> bool {
    static TRUSTED: LazyLock<Option<Authorities>> =
        LazyLock::new(|| Authorities::from_pem(AUTHORITY).ok());
    let imprint = Hash::of(&[STAMPED]);
    if let Ok(token) = Token::verify(bytes, &imprint, TRUSTED.as_ref()) {
        // Not all of a token is signed: the authority's words beside it, and further certificates.
        let known =
            |known: &&[u8]| Token::verify(known, &imprint, TRUSTED.as_ref()) == Ok(token.clone());
        assert!(TOKENS.iter().any(known), "what nobody signed: {token:?}");
        return true;
    }
    let _ = Authorities::from_pem(bytes);
    if let Ok(proof) = Proof::read(bytes) {
        assert_eq!(proof.to_bytes(), bytes, "one proof, one layout");
        let _ = proof.reached(&imprint);
        return true;
    }
    Steps::read(bytes, 32).is_ok()
}

/// A text that names something is the only one that does.
fn reads_back<T: std::str::FromStr + std::fmt::Display>(text: &str) -> bool {
    let Ok(read) = text.parse::<T>() else { return false };
    assert_eq!(read.to_string(), text);
    true
}
