//! Verifying answers: an answer from the state is worked out anew from the objects that its proofs
//! show, by the same rules that the server has.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use chancery_ledger::anchor::Anchor;
use chancery_ledger::block::Header;
use chancery_ledger::error::Error as LedgerError;
use chancery_ledger::evidence::{BadEvidence, Evidence, Statement, StatusProof};
use chancery_ledger::execution::{Context, Draft, State, state_key};
use chancery_ledger::hash::Hash;
use chancery_ledger::transition::Signing;
use chancery_registries::shape;
use serde::Serialize;
use serde_json::Value;

use super::{NotVerified, Verified, verify};
use crate::wire::{Answer, Ground};

/// What was found about an answer.
#[derive(Clone, Debug, Serialize)]
pub struct AnswerVerified {
    /// How many proofs hold.
    pub proofs: usize,
    /// Whether the answer itself was worked out anew from what is proved. An answer from the history
    /// is not: the receipts show that its transitions stand in the log.
    pub follows: bool,
}

/// Checks the proofs of an answer against what is trusted: that there is one for everything that the
/// answer rests on, that each holds, and that an answer from the state follows from them.
pub fn answer_holds(answer: &Answer, anchor: &Anchor) -> Result<AnswerVerified, NotVerified> {
    let kind = chancery_registries::kind(&answer.register, &answer.kind);
    let question = kind.and_then(|kind| kind.question(&answer.question));
    let question = question.ok_or_else(|| wrong("this software does not know the question"))?;
    if answer.rests_on.is_empty() || answer.proofs.len() != answer.rests_on.len() {
        let (proofs, grounds) = (answer.proofs.len(), answer.rests_on.len());
        return Err(wrong(&format!("{proofs} proofs for {grounds} things that it rests on")));
    }
    for (ground, evidence) in answer.rests_on.iter().zip(&answer.proofs) {
        is_about(ground, evidence, &verify(evidence, anchor)?, answer)?;
    }
    let follows = match question.answer {
        shape::Answer::OfState(ask) => {
            follows(answer, anchor, ask)?;
            true
        }
        shape::Answer::OfHistory(_) => false,
    };
    Ok(AnswerVerified { proofs: answer.proofs.len(), follows })
}

fn wrong(what: &str) -> NotVerified {
    NotVerified::Answer(what.to_owned())
}

/// The evidence is about the ground beside which it stands.
fn is_about(
    ground: &Ground,
    evidence: &Evidence,
    verified: &Verified,
    answer: &Answer,
) -> Result<(), NotVerified> {
    let about = match (evidence, &verified.shown.shown) {
        (Evidence::Status(status), _) => {
            let height = ground.changed.as_ref().map_or(answer.as_of.height, |by| by.height);
            status.object == ground.object && verified.shown.height == height
        }
        (Evidence::Receipt(_), Statement::Ordered { position, transition, .. }) => {
            let id = serde_json::from_str::<Signing>(transition.get()).map(|signing| signing.id());
            let by = ground.changed.as_ref();
            let stated = by.and_then(|by| Some((by.position?, by.transition?)));
            stated == Some(*position).zip(id.ok())
        }
        _ => false,
    };
    match about {
        true => Ok(()),
        false => Err(wrong(&format!("a proof is not about {}", ground.object))),
    }
}

/// The state as far as it is proved.
struct Proved {
    values: BTreeMap<Hash, Option<Arc<[u8]>>>,
    unproved: RefCell<Option<Hash>>,
}

impl State for Proved {
    fn read(&self, key: &Hash) -> Result<Option<Arc<[u8]>>, LedgerError> {
        let value = self.values.get(key);
        if value.is_none() {
            self.unproved.replace(Some(*key));
        }
        Ok(value.cloned().flatten())
    }
}

fn follows(
    answer: &Answer,
    anchor: &Anchor,
    ask: fn(&Draft<'_>, &str) -> Option<Value>,
) -> Result<(), NotVerified> {
    let proofs: Vec<&StatusProof> = answer
        .proofs
        .iter()
        .filter_map(|evidence| match evidence {
            Evidence::Status(status) => Some(status),
            Evidence::Receipt(_) | Evidence::InBlock(_) => None,
        })
        .collect();
    let first = proofs.first().ok_or_else(|| wrong("no proof is of the state"))?;
    let header = Header::decode(&first.header.0).map_err(BadEvidence::from)?;
    let value = |proof: &&StatusProof| {
        let mut parts = proof.object.splitn(3, '/');
        let (register, kind, id) = (parts.next()?, parts.next()?, parts.next()?);
        let value = proof.value.as_ref().map(|bytes| Arc::from(bytes.0.as_slice()));
        Some((state_key(register, kind, id), value))
    };
    let values = proofs.iter().filter_map(value).collect();
    let state = Proved { values, unproved: RefCell::default() };
    // As the server has it: see `View::ask`.
    let context = Context {
        genesis: anchor.genesis(),
        height: header.height,
        time: header.time,
        position: header.log_size,
        id: Hash::default(),
        signers: &[],
    };
    let ours = ask(&Draft::new(context, &state), &answer.id);
    if state.unproved.borrow().is_some() {
        return Err(wrong("it rests on more than is proved"));
    }
    match ours.as_ref() == Some(&answer.answer) && header.time == answer.as_of.time {
        true => Ok(()),
        false => Err(wrong("it is not the one that follows from what is proved")),
    }
}
