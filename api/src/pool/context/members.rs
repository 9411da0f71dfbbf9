//! The pool of a height as the engine has it, and whose turn it is to propose.

use std::sync::Arc;

use chancery_ledger::seal::Pool;
use malachitebft_core_types::{self as engine, Round};

use super::names::{Address, Height};
use super::{PoolContext, round_number};

/// A member of the pool of a height.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validator {
    address: Address,
    power: u64,
}

impl engine::Validator<PoolContext> for Validator {
    fn address(&self) -> &Address {
        &self.address
    }

    fn public_key(&self) -> &Address {
        &self.address
    }

    fn voting_power(&self) -> u64 {
        self.power
    }
}

/// The pool of a height, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidatorSet(Arc<Vec<Validator>>);

impl From<&Pool> for ValidatorSet {
    fn from(pool: &Pool) -> Self {
        let validators = pool.validators.iter().map(|validator| Validator {
            address: Address::of(&validator.key),
            power: u64::from(validator.power),
        });
        Self(Arc::new(validators.collect()))
    }
}

impl engine::ValidatorSet<PoolContext> for ValidatorSet {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn total_voting_power(&self) -> u64 {
        self.0.iter().map(|validator| validator.power).sum()
    }

    fn get_by_address(&self, address: &Address) -> Option<&Validator> {
        self.0.iter().find(|validator| validator.address == *address)
    }

    fn get_by_index(&self, index: usize) -> Option<&Validator> {
        self.0.get(index)
    }
}

impl ValidatorSet {
    /// Who proposes in a round of a height. Each proposes in proportion to its power: the turns of a
    /// whole cycle are laid out one after the other, and height and round walk along them.
    pub fn proposer(&self, height: Height, round: Round) -> &Validator {
        let turn = height.0.wrapping_add(u64::from(round_number(round)));
        &self.0[proposer_of_turn(&self.0, turn)]
    }
}

/// Which validator has a turn. With equal powers they take turns in their order; else turn `t` falls to
/// the one in whose share the point `t * stride mod total` lies, where a stride without common divisor
/// with the total visits every point once a cycle and scatters the turns of the powerful.
fn proposer_of_turn(validators: &[Validator], turn: u64) -> usize {
    let equal = validators.windows(2).all(|pair| pair[0].power == pair[1].power);
    if equal {
        return (turn % validators.len() as u64) as usize;
    }
    let total: u64 = validators.iter().map(|validator| validator.power).sum();
    let mut stride = (total * 618 / 1000).max(1);
    while greatest_common_divisor(stride, total) != 1 {
        stride += 1;
    }
    let point = (u128::from(turn) * u128::from(stride) % u128::from(total)) as u64;
    let mut end = 0;
    let share = validators.iter().position(|validator| {
        end += validator.power;
        point < end
    });
    share.unwrap_or_default()
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}
