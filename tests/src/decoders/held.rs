//! Readers of what is handed over besides a single receipt or status proof: bundles, handovers, answers,
//! evidence of work, receipts in COSE, disclosures, and what a code may inflate to.

use std::io::Write;
use std::sync::{Arc, LazyLock};

use chancery_client::bundle::{Bundle, BundledVersion};
use chancery_client::verify::answer_holds;
use chancery_client::{Answer, Evidence, StatusProof};
use chancery_ledger::anchor::Anchor;
use chancery_ledger::block::{PartialBlock, PartialEntry};
use chancery_ledger::disk::Memory;
use chancery_ledger::evidence::code::{CODED_BYTES_MAX, from_codes, to_codes};
use chancery_ledger::evidence::cose::SignedRoot;
use chancery_ledger::genesis::Genesis;
use chancery_ledger::merkle::InclusionProof;
use chancery_ledger::record::{Disclosure, Field, Record, Salt, Value as Stated};
use chancery_ledger::view::View;
use chancery_registries::shape;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::{Value, json};

use super::{Decoder, HEIGHT, LEDGER};
use crate::small_ledger::{NODE_KEY, PARTIES, ROOT_KEY, SmallLedger, genesis, key, party, signed};

pub(super) const DECODERS: &[Decoder] = &[
    Decoder { name: "bundle", read: read_bundle, seeds: || vec![json_bytes(&*BUNDLE)] },
    Decoder { name: "handovers", read: read_handovers, seeds: handovers },
    Decoder { name: "answer", read: read_answer, seeds: answers },
    Decoder { name: "work", read: read_work, seeds: work },
    Decoder { name: "cose", read: read_cose, seeds: || vec![COSE.1.clone()] },
    Decoder { name: "disclosure", read: read_disclosure, seeds: disclosures },
    Decoder { name: "inflated", read: read_inflated, seeds: deflated },
    Decoder { name: "partial_block", read: read_partial_block, seeds: partial_blocks },
];

fn json_bytes(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

/// The first party with all that was done to it: one version in every block.
#[allow(clippy::expect_used)]
static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| {
    let id = party(0).to_string();
    let status = |height| {
        let status = LEDGER.status("identity", "party", &id, height);
        status.expect("a disk in memory does not fail")
    };
    let version = |height: u64| {
        let receipt = LEDGER.receipt((height - 1) * PARTIES);
        BundledVersion {
            receipt: Some(receipt.expect("a disk in memory does not fail")),
            status: Some(status(height)),
        }
    };
    let versions = (1..=HEIGHT).map(version).collect();
    Bundle { handovers: Vec::new(), latest: status(HEIGHT), versions, records: Vec::new() }
});

fn read_bundle(bytes: &[u8]) -> bool {
    let Some(Ok(bundle)) = Bundle::read(bytes) else { return false };
    let Ok(shown) = bundle.verify(&genesis().into()) else { return false };
    // What holds is the ledger's: every version of something that is in it, and nothing else.
    let parts: Vec<&str> = shown.object.splitn(3, '/').collect();
    let object = match parts[..] {
        [register, kind, id] => LEDGER.object(register, kind, id, shown.height).ok().flatten(),
        _ => None,
    };
    let value = bundle.latest.value.as_ref().map(|value| value.0.clone());
    assert_eq!(object, value, "{}", shown.object);
    assert_eq!(shown.versions.len() as u64, shown.height, "{}", shown.object);
    true
}

const HANDOVERS: &str = include_str!("../../vectors/validators/handovers.json");

fn handovers() -> Vec<Vec<u8>> {
    let vectors: Value = serde_json::from_str(HANDOVERS).unwrap_or_default();
    let good = vectors["good"].as_array().cloned().unwrap_or_default();
    // Rows that begin with the genesis's pool; the first has nothing in it.
    good.iter().map(|row| json_bytes(&row["handovers"])).filter(|bytes| bytes.len() > 2).collect()
}

fn read_handovers(bytes: &[u8]) -> bool {
    static VECTORS: LazyLock<(Option<Anchor>, Vec<Value>)> = LazyLock::new(|| {
        let vectors: Value = serde_json::from_str(HANDOVERS).unwrap_or_default();
        let genesis = vectors["genesis"].as_str().unwrap_or_default();
        let rows = vectors["good"].as_array().cloned().unwrap_or_default();
        let pools = rows.iter().filter_map(|row| row["pools"].as_array().cloned()).flatten();
        (Genesis::parse(genesis.as_bytes()).ok().map(Anchor::from), pools.collect())
    });
    let Ok(all) = serde_json::from_slice::<Vec<StatusProof>>(bytes) else { return false };
    let (Some(mut anchor), pools) = (VECTORS.0.clone(), &VECTORS.1) else { return false };
    let followed = all.iter().take(16).all(|handover| anchor.follow(handover).is_ok());
    // However far it came: nobody seals who was not named by those who did.
    for (from, pool) in anchor.pools() {
        let known = json!({"from": from, "pool": pool.hash()});
        assert!(pools.contains(&known), "followed to {known}");
    }
    followed
}

const ACCREDITATION: &str = "station-1";

/// A ledger in which there is something to ask about.
#[allow(clippy::expect_used)]
static ASKED: LazyLock<View> = LazyLock::new(|| {
    let mut ledger = SmallLedger::found(Arc::new(Memory::new())).expect("memory does not fail");
    let create = json!({
        "register": "identity", "action": "create", "kind": "organisation", "key": key(0).public(),
    });
    let accredit = json!({
        "register": "authorities", "action": "accredit", "accreditation": ACCREDITATION,
        "by": genesis().root_party(), "institution": party(0), "role": "station",
        "registers": ["parcels"], "scope": "the station",
    });
    ledger.block(&[signed(&[0], "create", vec![create])]).expect("memory does not fail");
    ledger.block(&[signed(&[ROOT_KEY], "accredit", vec![accredit])]).expect("memory does not fail");
    ledger.view()
});

/// The answer of the ledger itself, with the objects that it rests on.
fn true_answer(height: u64) -> Option<(Value, Vec<String>)> {
    let kind = chancery_registries::kind("authorities", "accreditation")?;
    let shape::Answer::OfState(ask) = kind.question("standing")?.answer else { return None };
    let (answer, objects) = ASKED.ask(height, |draft| ask(draft, ACCREDITATION)).ok()?;
    Some((answer?, objects.into_iter().collect()))
}

fn answers() -> Vec<Vec<u8>> {
    let height = ASKED.tip().header.height;
    let Some((answer, objects)) = true_answer(height) else { return Vec::new() };
    let proof = |object: &String| {
        let mut parts = object.splitn(3, '/');
        let (register, kind, id) = (parts.next()?, parts.next()?, parts.next()?);
        ASKED.status(register, kind, id, height).ok().map(Evidence::Status)
    };
    let proofs: Vec<_> = objects.iter().filter_map(proof).collect();
    let rests_on: Vec<Value> = objects.iter().map(|object| json!({"object": object})).collect();
    vec![json_bytes(&json!({
        "register": "authorities", "kind": "accreditation", "id": ACCREDITATION,
        "question": "standing", "as_of": {"height": height, "time": ASKED.tip().header.time},
        "answer": answer, "rests_on": rests_on, "proofs": proofs,
    }))]
}

fn read_answer(bytes: &[u8]) -> bool {
    let Ok(answer) = serde_json::from_slice::<Answer>(bytes) else { return false };
    let Ok(verified) = answer_holds(&answer, &genesis().into()) else { return false };
    if verified.follows && answer.object() == format!("authorities/accreditation/{ACCREDITATION}") {
        let ours = true_answer(answer.as_of.height).map(|(answer, _)| answer);
        assert_eq!(ours, Some(answer.answer), "believed");
    }
    true
}

const WORK: &str = include_str!("../../vectors/evidence/work.json");

/// The anchor of the vectors of work, and the evidence in them.
static WORKED: LazyLock<Option<(Anchor, Vec<Evidence>)>> = LazyLock::new(|| {
    let vectors: Value = serde_json::from_str(WORK).ok()?;
    let cases = vectors["cases"].as_array()?;
    let genesis = vectors["anchors"][cases.first()?["anchor"].as_str()?].as_str()?;
    let anchor = Genesis::parse(genesis.as_bytes()).ok()?.into();
    let evidence = cases.iter().map(|case| serde_json::from_value(case["json"].clone()));
    Some((anchor, evidence.filter_map(Result::ok).collect()))
});

fn work() -> Vec<Vec<u8>> {
    let Some((anchor, all)) = &*WORKED else { return Vec::new() };
    let forms = all.iter().flat_map(|evidence| {
        let compact = evidence.to_compact(anchor).unwrap_or_default();
        let code = to_codes(&compact, 4).join("\n").into_bytes();
        [json_bytes(evidence), compact, code]
    });
    // The one with 128 headers is long, and no different.
    forms.filter(|form| form.len() < 8192).collect()
}

/// The vectors' targets are easy: a change in 256 works, and may then say what it likes. What holds is read
/// again as it was.
fn read_work(bytes: &[u8]) -> bool {
    let Some((anchor, _)) = &*WORKED else { return false };
    let Ok(evidence) = Evidence::read(bytes, anchor) else { return false };
    if evidence.verify(anchor).is_ok()
        && let Ok(compact) = evidence.to_compact(anchor)
    {
        assert_eq!(Evidence::from_compact(&compact, anchor), Ok(evidence));
    }
    true
}

/// A proof, and the receipt of it in COSE.
static COSE: LazyLock<(Option<InclusionProof>, Vec<u8>)> = LazyLock::new(|| {
    let header = LEDGER.tip().header.clone();
    let root = SignedRoot::sign(&header.ledger, header.log_size, &header.log_root, &key(NODE_KEY));
    let proof = LEDGER.prove_inclusion(3, header.log_size).ok();
    let receipt = proof.as_ref().and_then(|proof| root.receipt_of_inclusion(proof).ok());
    (proof, receipt.unwrap_or_default())
});

fn read_cose(bytes: &[u8]) -> bool {
    let header = &LEDGER.tip().header;
    let (Some(proof), genuine) = (&COSE.0, &COSE.1) else { return false };
    let keys = [key(NODE_KEY).public()];
    let signer = SignedRoot::signer_of(bytes, &header.ledger, &header.log_root, proof, keys);
    assert!(signer.is_none() || bytes == genuine, "one receipt, one form");
    signer.is_some()
}

#[allow(clippy::expect_used)]
static RECORD: LazyLock<Record> = LazyLock::new(|| {
    let field = |number: u8| Field {
        name: format!("field {number}").parse().expect("a name"),
        salt: Salt([number; 16]),
        value: Stated::Text(format!("value {number}").parse().expect("a text")),
    };
    Record::new("test-1".parse().expect("a name"), (0..5).map(field).collect()).expect("a record")
});

fn disclosures() -> Vec<Vec<u8>> {
    let shown = [&["field 1"][..], &["field 0", "field 4"]];
    shown.iter().filter_map(|names| RECORD.disclose(names).ok()).map(|it| json_bytes(&it)).collect()
}

fn read_disclosure(bytes: &[u8]) -> bool {
    let Ok(shown) = serde_json::from_slice::<Disclosure>(bytes) else { return false };
    if shown.verify(&RECORD.commitment()).is_err() {
        return false;
    }
    for field in &shown.fields {
        let own = &RECORD.fields()[field.index as usize];
        assert_eq!((&own.name, &own.value), (&field.name, &field.value), "believed");
    }
    true
}

/// The letters of base45 (RFC 9285).
const LETTERS: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

fn base45(bytes: &[u8]) -> String {
    let mut text = String::new();
    for pair in bytes.chunks(2) {
        let mut rest = pair.iter().fold(0, |number, byte| number << 8 | usize::from(*byte));
        for _ in 0..=pair.len() {
            text.push(LETTERS[rest % 45].into());
            rest /= 45;
        }
    }
    text
}

fn deflated() -> Vec<Vec<u8>> {
    let evidence = LEDGER.receipt(1).ok().map(Evidence::Receipt);
    let compact = evidence.and_then(|evidence| evidence.to_compact(&genesis().into()).ok());
    let deflate = |bytes: Vec<u8>| {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&bytes).ok()?;
        encoder.finish().ok()
    };
    compact.and_then(deflate).into_iter().collect()
}

/// The bytes as what stands behind the prefix of a code.
fn read_inflated(bytes: &[u8]) -> bool {
    let Ok(compact) = from_codes([format!("CH1:{}", base45(bytes)).as_str()]) else { return false };
    // What is not deflated is no longer than the code; what is, no longer than may be.
    assert!(compact.len() <= CODED_BYTES_MAX.max(bytes.len()), "{} bytes", compact.len());
    Evidence::read(&compact, &genesis().into()).is_ok()
}

fn partial_blocks() -> Vec<Vec<u8>> {
    let block = (1..=HEIGHT).filter_map(|height| LEDGER.block_bytes(height).ok());
    let partial = block.filter_map(|bytes| PartialBlock::decode(&bytes).ok()).map(|mut block| {
        let withheld = block.entries[1].leaf();
        block.entries[1] = PartialEntry::Withheld(withheld);
        block.encode()
    });
    partial.collect()
}

fn read_partial_block(bytes: &[u8]) -> bool {
    let Ok(block) = PartialBlock::decode(bytes) else { return false };
    assert_eq!(PartialBlock::decode(&block.encode()), Ok(block));
    true
}
