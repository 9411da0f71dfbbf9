//! Proof of work: targets, the work they stand for, their adjustment, and the seals of blocks.

#![allow(clippy::unwrap_used, clippy::panic, clippy::type_complexity)]

mod common;

use chancery_ledger::genesis::{BadGenesis, Consensus, Genesis, Statement};
use chancery_ledger::hash::Hash;
use chancery_ledger::seal::{BadSeal, Seal};
use chancery_ledger::time::Time;
use chancery_ledger::work::{
    BadWork, SEALED_HEADER_BYTES, SealedHeader, Target, Work, WorkRules, WorkSum, work_hash,
};
use common::{genesis, time};
use proptest::prelude::*;

fn target(text: &str) -> Target {
    format!("{text:0<64}").parse().unwrap()
}

fn rules() -> WorkRules {
    WorkRules {
        easiest_target: target("0fff"),
        first_target: target("0fff"),
        spacing_ms: 1000,
        half_life_ms: 60_000,
        final_depth: 6,
    }
}

fn statement(rules: WorkRules) -> Statement {
    Statement { consensus: Consensus::Work(rules), ..genesis().statement().clone() }
}

#[test]
fn a_target_is_sixty_four_digits_and_not_zero() {
    let text = "00000000ffff0000000000000000000000000000000000000000000000000000";
    let target: Target = text.parse().unwrap();
    assert_eq!(target.to_string(), text);
    assert_eq!(serde_json::to_string(&target).unwrap(), format!("\"{text}\""));
    for wrong in ["", "00", &"0".repeat(64), &text.to_uppercase(), &format!("{text}0")] {
        assert!(wrong.parse::<Target>().is_err(), "{wrong}");
        assert!(serde_json::from_str::<Target>(&format!("\"{wrong}\"")).is_err());
    }
    let cbor = serde_ipld_dagcbor::to_vec(&target).unwrap();
    assert_eq!(cbor.len(), 34);
    assert_eq!(serde_ipld_dagcbor::from_slice::<Target>(&cbor).unwrap(), target);
    assert!(serde_ipld_dagcbor::from_slice::<Target>(&[0x58, 32].repeat(17)[..34]).is_ok());
}

#[test]
fn work_is_two_to_the_256_over_the_target_and_one() {
    let hardest: Target = format!("{:064x}", 1).parse().unwrap();
    let two_to_the_255 =
        "57896044618658097711785492504343953926634992332820282019728792003956564819968";
    assert_eq!(hardest.work().to_string(), two_to_the_255);
    assert_eq!(Target::MAX.work().to_string(), "1");
    // Bitcoin's easiest target stands for 4,295,032,833 hashes.
    assert_eq!(target("00000000ffff").work().to_string(), "4295032833");
    // 2^256 does not fit 256 bits: a sum of such work must not wrap.
    let sum: WorkSum = [hardest.work(); 4].into_iter().sum();
    assert!(sum > hardest.work());
    assert_eq!(WorkSum::ZERO + sum, sum);
}

#[test]
fn a_hash_meets_a_target_that_is_not_lower() {
    let target = target("00ff");
    assert!(target.is_met_by(&Hash(target.to_bytes())));
    assert!(target.is_met_by(&Hash::default()));
    let mut above = target.to_bytes();
    above[31] = 1;
    assert!(!target.is_met_by(&Hash(above)));
}

fn nonce_for(header: &chancery_ledger::block::Header, target: Target) -> u64 {
    (0..).find(|nonce| target.is_met_by(&work_hash(&header.hash(), *nonce))).unwrap()
}

fn header(sealer: Hash) -> chancery_ledger::block::Header {
    chancery_ledger::block::Header {
        ledger: genesis().ledger(),
        height: 1,
        previous: Hash::of(&[b"block 0"]),
        time: time(1),
        body_root: Hash::empty(),
        log_size: 0,
        log_root: Hash::empty(),
        state_root: Hash::default(),
        pool: sealer,
    }
}

#[test]
fn a_seal_of_work_holds_for_its_header_and_target_alone() {
    let rules = rules();
    let target = target("0abc");
    let header = header(target.hash());
    let nonce = nonce_for(&header, target);
    let seal = Seal::Work(Work { target, nonce });
    assert_eq!(seal.verify_work(&header, &rules), Ok(()));

    let missed = (nonce + 1..).find(|it| !target.is_met_by(&work_hash(&header.hash(), *it)));
    let missed = Work { target, nonce: missed.unwrap() };
    assert!(matches!(missed.verify(&header, &rules), Err(BadWork::Missed { .. })));
    let easier = Work { target: Target::MAX, nonce };
    assert!(matches!(easier.verify(&header, &rules), Err(BadWork::OtherTarget(_))));
    let named = chancery_ledger::block::Header { pool: Target::MAX.hash(), ..header.clone() };
    assert!(matches!(easier.verify(&named, &rules), Err(BadWork::TooEasy { .. })));
    let pool = genesis().pool().unwrap().clone();
    assert_eq!(seal.verify(&header, &pool), Err(BadSeal::OtherKind));
    assert_eq!(Seal::Genesis.verify_work(&header, &rules), Err(BadSeal::Genesis));
}

#[test]
fn a_seal_of_work_has_one_text() {
    let seal = Seal::Work(Work { target: Target::MAX, nonce: u64::MAX });
    let json = serde_json::to_string(&seal).unwrap();
    let f64s = "f".repeat(64);
    assert_eq!(json, format!(r#"{{"work":{{"target":"{f64s}","nonce":"18446744073709551615"}}}}"#));
    assert_eq!(serde_json::from_str::<Seal>(&json).unwrap(), seal);
    let cbor = serde_ipld_dagcbor::to_vec(&seal).unwrap();
    assert_eq!(serde_ipld_dagcbor::from_slice::<Seal>(&cbor).unwrap(), seal);
    for nonce in ["\"07\"", "\"+7\"", "7", "\"\"", "\"18446744073709551616\"", "\" 7\""] {
        let json = format!(r#"{{"work":{{"target":"{f64s}","nonce":{nonce}}}}}"#);
        assert!(serde_json::from_str::<Seal>(&json).is_err(), "{nonce}");
    }
}

#[test]
fn a_sealed_header_is_read_back_and_nothing_else_is() {
    let sealed = SealedHeader {
        header: header(Hash::default()),
        work: Work { target: Target::MAX, nonce: 9 },
    };
    let bytes = sealed.encode();
    assert_eq!(bytes.len(), SEALED_HEADER_BYTES);
    assert_eq!(SealedHeader::decode(&bytes), Ok(sealed));
    for len in 0..bytes.len() {
        assert!(SealedHeader::decode(&bytes[..len]).is_err());
    }
    assert!(SealedHeader::decode(&[&bytes[..], &[0]].concat()).is_err());
    let mut no_target = bytes;
    no_target[SEALED_HEADER_BYTES - 40..SEALED_HEADER_BYTES - 8].fill(0);
    assert!(SealedHeader::decode(&no_target).is_err());
}

#[test]
fn a_genesis_of_work_states_what_can_be() {
    let founded = Genesis::found(&statement(rules())).unwrap();
    assert_eq!(founded.work(), Some(&rules()));
    assert_eq!(founded.pool(), None);
    let text = String::from_utf8(founded.bytes().to_vec()).unwrap();
    assert!(text.contains("\"work\""), "{text}");
    let wrong: [(&str, fn(&mut WorkRules)); 7] = [
        ("first_target", |it| it.easiest_target = target("00ff")),
        ("spacing_ms", |it| it.spacing_ms = 9),
        ("spacing_ms", |it| it.spacing_ms = 86_400_001),
        ("half_life_ms", |it| it.half_life_ms = 999),
        ("half_life_ms", |it| it.half_life_ms = u64::MAX),
        ("final_depth", |it| it.final_depth = 0),
        ("final_depth", |it| it.final_depth = 129),
    ];
    for (what, change) in wrong {
        let mut changed = rules();
        change(&mut changed);
        match Genesis::found(&statement(changed)) {
            Err(BadGenesis::Content(said)) => assert!(said.starts_with(what), "{said}"),
            other => panic!("{what}: {other:?}"),
        }
    }
    let unknown = text.replace("\"spacing_ms\"", "\"pace\": 1, \"spacing_ms\"");
    assert!(Genesis::parse(unknown.as_bytes()).is_err());
}

/// A target as Bitcoin writes it in 32 bits: the exponent's byte, then the first three bytes.
fn compact(target: &Target) -> u32 {
    let bytes = target.to_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let at = |index: usize| u32::from(bytes.get(index).copied().unwrap_or_default());
    let (mut size, mut word) =
        (32 - zeros as u32, at(zeros) << 16 | at(zeros + 1) << 8 | at(zeros + 2));
    if word & 0x80_0000 != 0 {
        (size, word) = (size + 1, word >> 8);
    }
    size << 24 | word
}

fn expanded(compact: u32) -> Target {
    let (size, word) = ((compact >> 24) as usize, compact & 0x7f_ffff);
    let mut bytes = [0; 32];
    for (index, byte) in word.to_be_bytes()[1..].iter().enumerate() {
        if index < size {
            bytes[32 + index - size] = *byte;
        }
    }
    Target::from_bytes(bytes).unwrap()
}

#[test]
fn the_published_vectors_of_aserti3_2d_hold() {
    // The parent of their anchor, which is block 1, stands at time 0: where our block 0 does.
    let mut anchor = 0;
    let mut checked = 0;
    for line in include_str!("work/aserti3-2d.txt").lines() {
        if let Some(nbits) = line.strip_prefix("anchor ") {
            anchor = u32::from_str_radix(nbits, 16).unwrap();
        } else if !line.starts_with('#') {
            let fields: Vec<&str> = line.split(' ').collect();
            let (height, seconds): (u64, u64) =
                (fields[0].parse().unwrap(), fields[1].parse().unwrap());
            let rules = WorkRules {
                easiest_target: expanded(0x1d00_ffff),
                first_target: expanded(anchor),
                spacing_ms: 600_000,
                half_life_ms: 2 * 24 * 3600 * 1000,
                final_depth: 1,
            };
            let parent = chancery_ledger::block::Header {
                height,
                time: Time::from_ms(seconds * 1000).unwrap(),
                ..header(Hash::default())
            };
            let ours = rules.target_after(&parent, Time::default());
            assert_eq!(format!("{:08x}", compact(&ours)), fields[2], "{line} from {anchor:x}");
            checked += 1;
        }
    }
    assert!(checked > 100, "{checked}");
}

#[test]
fn a_schedule_that_is_kept_keeps_the_target() {
    let rules = WorkRules { first_target: target("00123456789abcdef"), ..rules() };
    for height in [0_u64, 1, 2, 1000, 1_000_000_000] {
        let parent = chancery_ledger::block::Header {
            height,
            time: time(height * rules.spacing_ms),
            ..header(Hash::default())
        };
        assert_eq!(rules.target_after(&parent, time(0)), rules.first_target);
    }
}

proptest! {
    /// The cubic is within 0.013 % of the power of two, which is computed here in floating point, and a
    /// later parent never makes the target harder.
    #[test]
    fn the_target_follows_the_delay(delay_ms in -600_000_i64..600_000, more_ms in 0_i64..100_000) {
        let rules = WorkRules { easiest_target: Target::MAX, first_target: target("000000ff"), ..rules() };
        let at = |delay_ms: i64| {
            let parent = chancery_ledger::block::Header {
                height: 1000,
                time: time((1_000_000 + delay_ms) as u64),
                ..header(Hash::default())
            };
            rules.target_after(&parent, time(0))
        };
        let leading = |target: Target| {
            target.to_bytes().iter().fold(0.0, |sum, byte| sum * 256.0 + f64::from(*byte))
        };
        let exact = leading(rules.first_target) * (delay_ms as f64 / 60_000.0).exp2();
        let ours = leading(at(delay_ms));
        prop_assert!((ours / exact - 1.0).abs() < 0.000_15, "{ours} {exact}");
        prop_assert!(at(delay_ms + more_ms) >= at(delay_ms));
    }

    #[test]
    fn no_time_and_no_height_leave_the_bounds(height in any::<u64>(), ms in 0..253_402_300_799_999_u64) {
        let rules = rules();
        let parent = chancery_ledger::block::Header {
            height,
            time: Time::from_ms(ms).unwrap(),
            ..header(Hash::default())
        };
        prop_assert!(rules.target_after(&parent, time(0)) <= rules.easiest_target);
    }
}
