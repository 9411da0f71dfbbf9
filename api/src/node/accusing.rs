//! Validators that were caught signing two things in one step are put on record.
//!
//! Whoever has caught one says so by a transition of the register of validators, which goes the way of
//! all transitions. The validators take turns, so that the first one speaks and the others find the
//! record.

use std::time::Duration;

use chancery_ledger::execution::Object as _;
use chancery_ledger::key::PublicKey;
use chancery_ledger::seal::Pool;
use chancery_ledger::view::View;
use chancery_registries::validators::{Accuse, Equivocation};
use tokio::sync::mpsc;

use super::{Node, Verdict, now};
use crate::pool::evidence::transition;

/// How much longer than the one before each validator waits until it speaks.
const TURN: Duration = Duration::from_secs(1);
/// How often it is tried while the node takes nothing in.
const TRIES: u32 = 30;

/// Puts accusations on record, one after the other.
pub(super) async fn accuse_all(node: Node, mut accusations: mpsc::Receiver<Accuse>) {
    while let Some(accusation) = accusations.recv().await {
        accuse(&node, accusation).await;
    }
}

async fn accuse(node: &Node, accusation: Accuse) {
    let (view, key) = (node.view(), &node.shared.key);
    let pool = view.pool_at(view.tip().header.height + 1);
    let Some(turn) = pool.ok().and_then(|pool| turn(&pool, &key.public(), accusation.height))
    else {
        // Only validators in force are heard.
        return;
    };
    for wait in std::iter::once(TURN * turn).chain(std::iter::repeat_n(TURN, TRIES as usize)) {
        tokio::time::sleep(wait).await;
        if is_recorded(view, &accusation) {
            return;
        }
        let Some(bytes) = transition(&accusation, view.genesis(), key, now()) else { return };
        match node.submit(bytes.into()).await {
            Ok(verdict) => return told(&accusation, &verdict),
            Err(unavailable) => {
                tracing::debug!(?unavailable, "an accusation has to wait");
            }
        }
    }
    tracing::warn!(validator = %accusation.validator, "an accusation could not be put on record");
}

fn told(accusation: &Accuse, verdict: &Verdict) {
    let Accuse { validator, height, .. } = accusation;
    match verdict {
        Verdict::Ordered { rejection: None, .. } => {
            tracing::warn!(%validator, height, "it is on record that a validator signed twice");
        }
        Verdict::Ordered { rejection: Some(rejection), .. }
        | Verdict::Refused { rejection, .. } => {
            tracing::debug!(%validator, height, %rejection, "an accusation adds nothing");
        }
        Verdict::Duplicate { .. } | Verdict::Waits { .. } => {}
    }
}

/// How many validators speak before the one with this key about what was done at a height; nothing if it
/// is none.
fn turn(pool: &Pool, own: &PublicKey, height: u64) -> Option<u32> {
    let place = pool.validators.iter().position(|member| member.key == *own)? as u64;
    let members = pool.validators.len() as u64;
    u32::try_from((place + members - height % members) % members).ok()
}

fn is_recorded(view: &View, accusation: &Accuse) -> bool {
    let Accuse { validator, height, round, step, .. } = accusation;
    let id = Equivocation::id_of(*height, *round, *step, validator);
    let tip = view.tip().header.height;
    view.object(Equivocation::REGISTER, Equivocation::KIND, &id, tip)
        .is_ok_and(|found| found.is_some())
}

#[cfg(test)]
mod tests {
    use chancery_ledger::key::SecretKey;
    use chancery_ledger::seal::Validator;

    use super::*;

    #[test]
    fn each_validator_has_a_turn_of_its_own_and_another_is_the_first_at_each_height() {
        let key = |number: u8| SecretKey::from_seed(&[number; 32]).public();
        let member = |number| Validator { name: "v".to_owned(), key: key(number), power: 1 };
        let pool = Pool { validators: (0..4).map(member).collect() };
        let turns = |height| (0..4).map(|own| turn(&pool, &key(own), height)).collect::<Vec<_>>();
        assert_eq!(turns(8), [Some(0), Some(1), Some(2), Some(3)]);
        assert_eq!(turns(9), [Some(3), Some(0), Some(1), Some(2)]);
        assert_eq!(turn(&pool, &key(4), 8), None, "who has no vote is not heard");
    }
}
