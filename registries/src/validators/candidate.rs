//! Candidates: keys that may be elected, and the roll of those that stand.

use chancery_ledger::execution::Object;
use chancery_ledger::key::PublicKey;
use chancery_ledger::party::PartyId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::stake::Amount;
use crate::shape::Described;
use crate::text::Name;

/// A key that may be elected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Candidate {
    /// The key it would vote with.
    pub key: PublicKey,
    /// What it is called.
    pub name: Name,
    /// Who answers for it.
    pub party: PartyId,
    /// The stakes that count for it, together.
    pub stake: Amount,
    /// Whether it can be elected and delegated to.
    pub stands: bool,
}

impl Object for Candidate {
    const REGISTER: &'static str = "validators";
    const KIND: &'static str = "candidate";

    fn id(&self) -> String {
        self.key.to_string()
    }
}

impl Described for Candidate {
    const EXAMPLE_ID: &'static str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn is_id(text: &str) -> bool {
        text.parse::<PublicKey>().is_ok()
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        if self.stands { vec![("operator", self.party)] } else { Vec::new() }
    }
}

/// The candidates that stand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Roll {
    /// Their keys, in the order in which they stood.
    pub candidates: Vec<PublicKey>,
}

impl Roll {
    /// The only id of its kind.
    pub const ID: &'static str = "roll";
}

impl Object for Roll {
    const REGISTER: &'static str = "validators";
    const KIND: &'static str = "roll";

    fn id(&self) -> String {
        Self::ID.to_owned()
    }
}

impl Described for Roll {
    const EXAMPLE_ID: &'static str = Self::ID;

    fn is_id(text: &str) -> bool {
        text == Self::ID
    }
}
