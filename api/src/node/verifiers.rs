//! Verifier threads: admission, the cost that binds, on every core.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

use chancery_ledger::code::Rejection;
use chancery_ledger::transition::{Admission, Admitted, KeyCache};
use chancery_registries::{Action, Registers};
use crossbeam_channel::{Receiver, Sender};
use tokio::sync::oneshot;

use super::queue::{Origin, Room, Submission, Submissions};
use super::{Counters, Node, Shared, Verdict, now};

/// A submission whose transitions were looked at.
pub(super) struct Verified {
    pub(super) transitions: Vec<Result<Admitted<Action>, Rejection>>,
    pub(super) origin: Origin,
    pub(super) answer: oneshot::Sender<Vec<Verdict>>,
    pub(super) room: Room,
}

/// Verified submissions with their number in the order of arrival.
pub(super) type Batch = (u64, Vec<Verified>);

/// How many batches may wait for the sequencer.
const WAITING_BATCHES: usize = 256;

pub(super) fn channel() -> (Sender<Batch>, Receiver<Batch>) {
    crossbeam_channel::bounded(WAITING_BATCHES)
}

pub(super) fn start(
    node: &Node,
    submissions: Submissions,
    to_sequencer: Sender<Batch>,
) -> io::Result<JoinHandle<()>> {
    let admission = Admission::new(Arc::new(Registers), node.view().genesis());
    let shared = node.shared.clone();
    std::thread::Builder::new().name("verifier".to_owned()).spawn(move || {
        let mut keys = KeyCache::default();
        while let Some((number, taken)) = submissions.take() {
            let verified = taken
                .into_iter()
                .map(|submission| verify(&admission, submission, &mut keys, &shared))
                .collect();
            if to_sequencer.send((number, verified)).is_err() {
                return;
            }
        }
    })
}

fn verify(
    admission: &Admission<Registers>,
    submission: Submission,
    keys: &mut KeyCache,
    shared: &Shared,
) -> Verified {
    let now = now();
    let admit = |bytes: &actix_web::web::Bytes| {
        let admitted = admission.admit(bytes, now, keys);
        if let Ok(admitted) = &admitted {
            Counters::add(&shared.counters.signatures, admitted.signers.len() as u64);
            shared.saw(bytes);
        }
        admitted
    };
    let Submission { transitions, origin, answer, room } = submission;
    // Nobody waits here for what another node has passed on before.
    let passed_on = origin.is_node();
    let again = |bytes: &&actix_web::web::Bytes| passed_on && shared.has_seen(bytes);
    let transitions = transitions.iter().filter(|bytes| !again(bytes)).map(admit).collect();
    Verified { transitions, origin, answer, room }
}
