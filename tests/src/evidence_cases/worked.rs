//! Evidence of a ledger that is sealed by work, at targets that are met in a moment.

use std::sync::Arc;

use chancery_ledger::block::Header;
use chancery_ledger::disk::Memory;
use chancery_ledger::error::Error;
use chancery_ledger::evidence::{
    BlockReceipt, Bytes, Confirmation, Evidence, Receipt, StatusProof,
};
use chancery_ledger::genesis::{Consensus, Genesis, RootAuthority, Statement};
use chancery_ledger::seal::Seal;
use chancery_ledger::view::View;
use chancery_ledger::work::{Target, Work, WorkRules, work_hash};

use crate::small_ledger::{
    ROOT_KEY, SmallLedger, create_party, key, party, set_card, signed_for, time,
};

/// When its blocks came, in milliseconds after block 0: ahead of the schedule, on it, and so far behind
/// that the target is the easiest there may be.
const BLOCKS_MS: [u64; 7] = [400, 1_900, 3_000, 17_000, 17_001, 17_300, 19_000];
/// How many blocks must follow one.
const FINAL_DEPTH: u32 = 3;

/// What the ledger is founded with.
///
/// # Panics
/// Never: what it states is sound.
#[allow(clippy::expect_used)]
pub fn worked_genesis() -> Genesis {
    let target = |digits: &str| format!("{digits:f<64}").parse().expect("digits, not all zero");
    let rules = WorkRules {
        easiest_target: target("01"),
        first_target: target("00"),
        spacing_ms: 1_000,
        half_life_ms: 4_000,
        final_depth: FINAL_DEPTH,
    };
    let statement = Statement {
        version: 1,
        name: "A small ledger of work".into(),
        created: time(0),
        root: RootAuthority { threshold: 1, keys: vec![key(ROOT_KEY).public()] },
        consensus: Consensus::Work(rules),
        transition_window_ms: 7 * 24 * 60 * 60 * 1000,
    };
    Genesis::found(&statement).expect("the statement is sound")
}

/// The target of the block after this one.
#[allow(clippy::expect_used)]
pub(super) fn target_after(header: &Header) -> Target {
    worked_genesis().work().expect("it is of work").target_after(header, time(0))
}

/// The seal of the lowest nonce that is low enough for a target.
pub(super) fn worked_at(header: &Header, target: Target) -> Seal {
    let hash = header.hash();
    let found = (0..).find(|nonce| target.is_met_by(&work_hash(&hash, *nonce)));
    Seal::Work(Work { target, nonce: found.unwrap_or_default() })
}

/// Seven blocks, the first of which creates two parties.
fn ledger() -> Result<View, Error> {
    let genesis = worked_genesis();
    let mut ledger = SmallLedger::found_by(&genesis, Arc::new(Memory::new()))?;
    for (index, at_ms) in BLOCKS_MS.into_iter().enumerate() {
        let transition = |number: u64| {
            let action = match index {
                0 => create_party(number),
                _ => set_card(number, index as u64),
            };
            signed_for(&genesis, &[number], &format!("{index}-{number}"), vec![action])
        };
        let target = target_after(&ledger.view().tip().header);
        let transitions = [transition(0), transition(1)];
        ledger.block_at(time(at_ms), &transitions, |header| worked_at(header, target))?;
    }
    Ok(ledger.view())
}

/// A header on another, on the schedule and of no transition, with its work.
pub(super) fn following(before: &Header) -> (Header, Confirmation) {
    let target = target_after(before);
    let header = Header {
        height: before.height + 1,
        previous: before.hash(),
        time: before.time.plus_ms(1_000),
        pool: target.hash(),
        ..before.clone()
    };
    let seal = worked_at(&header, target);
    let confirmation = Confirmation { header: Bytes(header.encode().to_vec()), seal };
    (header, confirmation)
}

/// The headers that follow the one that evidence speaks of, as many as are asked for.
#[allow(clippy::expect_used)]
pub(super) fn followed_by(evidence: Evidence, count: usize) -> Evidence {
    let (Evidence::Receipt(Receipt { header, .. })
    | Evidence::InBlock(BlockReceipt { header, .. })
    | Evidence::Status(StatusProof { header, .. })) = &evidence;
    let mut before = Header::decode(&header.0).expect("it is a header");
    let mut confirmations = Vec::with_capacity(count);
    for _ in 0..count {
        let (header, confirmation) = following(&before);
        before = header;
        confirmations.push(confirmation);
    }
    match evidence {
        Evidence::Receipt(receipt) => Evidence::Receipt(Receipt { confirmations, ..receipt }),
        Evidence::Status(status) => Evidence::Status(StatusProof { confirmations, ..status }),
        Evidence::InBlock(own) => Evidence::InBlock(BlockReceipt { confirmations, ..own }),
    }
}

/// Evidence that holds: with as many headers behind it as make it final, with fewer, with more.
///
/// # Panics
/// Never: a disk in memory does not fail.
#[allow(clippy::expect_used)]
pub fn worked() -> Vec<(&'static str, Evidence)> {
    ledger().and_then(|view| evidence_of(&view)).expect("a disk in memory does not fail")
}

fn evidence_of(view: &View) -> Result<Vec<(&'static str, Evidence)>, Error> {
    let receipt = |position| view.receipt(position).map(Evidence::Receipt);
    let status = |number, height| {
        let id = party(number).to_string();
        view.status("identity", "party", &id, height).map(Evidence::Status)
    };
    Ok(vec![
        ("a receipt that is final", receipt(1)?),
        ("a receipt whose target is the easiest", receipt(9)?),
        ("a receipt that one block follows", receipt(11)?),
        ("a receipt that none follows", receipt(13)?),
        ("a receipt that 128 blocks follow", followed_by(receipt(1)?, 128)),
        ("a status that is final", status(1, 1)?),
        ("a status whose target is the easiest", status(1, 4)?),
        ("a status that two blocks follow", status(0, 5)?),
        ("an absence that is final", status(9, 2)?),
        ("a receipt by its block that is final", Evidence::InBlock(view.block_receipt(1)?)),
    ])
}
