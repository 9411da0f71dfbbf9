//! Stakes: what weight a party has in elections, and whom it counts for.

use chancery_ledger::execution::Object;
use chancery_ledger::key::PublicKey;
use chancery_ledger::party::PartyId;
use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::shape::Described;

/// A stake, or the sum of several: an integer below 2^53. It is no money and cannot be paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Amount(u64);

impl Amount {
    /// The largest.
    pub const MAX: Self = Self((1 << 53) - 1);

    /// The number.
    pub fn get(self) -> u64 {
        self.0
    }

    /// An amount, unless it is too large.
    pub fn of(number: u64) -> Option<Self> {
        (number <= Self::MAX.0).then_some(Self(number))
    }

    /// The sum, unless it is too large.
    pub fn plus(self, other: Self) -> Option<Self> {
        Self::of(self.0 + other.0)
    }

    /// What is left without another amount that was added before.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u64::deserialize(deserializer)?;
        Self::of(number).ok_or_else(|| de::Error::custom("a stake is below 2^53"))
    }
}

impl PartialSchema for Amount {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(0))
            .maximum(Some(Self::MAX.0 as i64))
            .into()
    }
}

impl ToSchema for Amount {
    fn name() -> std::borrow::Cow<'static, str> {
        "StakeAmount".into()
    }
}

/// The stake of a party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Stake {
    /// Whose.
    pub party: PartyId,
    /// How much.
    pub amount: Amount,
    /// The key of the candidate that it counts for.
    pub delegated_to: Option<PublicKey>,
}

impl Object for Stake {
    const REGISTER: &'static str = "validators";
    const KIND: &'static str = "stake";

    fn id(&self) -> String {
        self.party.to_string()
    }
}

impl Described for Stake {
    const EXAMPLE_ID: &'static str = "ADYYYYPTLYQYKQ4OM2ZVMMDW1";

    fn is_id(text: &str) -> bool {
        text.parse::<PartyId>().is_ok()
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        vec![("stakeholder", self.party)]
    }
}
