//! What may be asked of the validators register.

use chancery_ledger::key::PublicKey;
use chancery_ledger::party::PartyId;
use chancery_ledger::seal::Validator;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::equivocation::{Ballot, Step};
use super::stake::Amount;
use crate::text::Name;

/// An action of the validators register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "kebab-case")]
#[schema(as = ValidatorsAction)]
pub enum Action {
    /// Names the next pool.
    Appoint(Appoint),
    /// Sets the stake of a party.
    Allot(Allot),
    /// Offers a key for election.
    Stand(Stand),
    /// Takes a candidate out of later elections.
    Withdraw(Withdraw),
    /// Says whom a stake counts for.
    Delegate(Delegate),
    /// Names the candidates with the most stake as the next pool.
    Elect(Elect),
    /// Puts down that a validator has voted twice.
    Accuse(Accuse),
}

/// Names the next pool, member by member. Signed by root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Appoint {
    /// Its 1 to 128 members.
    #[schema(min_items = 1, max_items = 128)]
    pub validators: Vec<Member>,
    /// The first height that it seals, at least two above the block's.
    pub from: u64,
}

/// A member of the next pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// What it is called.
    pub name: Name,
    /// The key it votes with.
    pub key: PublicKey,
    /// The weight of its vote, 1 or more.
    #[schema(minimum = 1)]
    pub power: u32,
}

impl From<&Member> for Validator {
    fn from(Member { name, key, power }: &Member) -> Self {
        Self { name: name.to_string(), key: *key, power: *power }
    }
}

/// Sets the stake of a party. Signed by root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Allot {
    /// Whose.
    pub party: PartyId,
    /// What it has from now on.
    pub stake: Amount,
}

/// Offers a key for election. Signed by the party, and by the key itself as that of the party whose
/// first key it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Stand {
    /// What the validator is to be called.
    pub name: Name,
    /// The key it would vote with.
    pub key: PublicKey,
    /// Who answers for it.
    pub party: PartyId,
}

/// Takes a candidate out of later elections. Signed by the party that answers for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdraw {
    /// The candidate's key.
    pub candidate: PublicKey,
}

/// Says whom a stake counts for. Signed by the party that has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Delegate {
    /// Whose stake.
    pub party: PartyId,
    /// The candidate's key; for nobody when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<PublicKey>,
}

/// Names the candidates with the most stake as the next pool. Signed by root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Elect {
    /// How many members it has at most, 1 to 128.
    #[schema(minimum = 1, maximum = 128)]
    pub seats: u32,
    /// The first height that it seals, at least two above the block's.
    pub from: u64,
}

/// Puts down that a validator has signed two different ballots of one step of one round. Signed by a
/// validator in force, as the party whose first key is its validator key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Accuse {
    /// The key of who voted twice.
    pub validator: PublicKey,
    /// At which height.
    pub height: u64,
    /// In which round.
    pub round: u32,
    /// In which step.
    pub step: Step,
    /// One ballot.
    pub first: Ballot,
    /// The other.
    pub second: Ballot,
}
