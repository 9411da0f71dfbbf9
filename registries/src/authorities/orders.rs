//! Orders of courts and regulators over any object of any register, each with its expiry.

use chancery_ledger::execution::{Object, state_key};
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::RegisterName;
use crate::shape::Described;
use crate::text::{LocalId, Name, Reference, Statement};

/// The object that an order is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Its register.
    pub register: RegisterName,
    /// Its kind.
    pub kind: Name,
    /// Its id.
    pub id: Name,
}

impl Target {
    /// Where the target stands in the state; the id of its freeze index, too.
    pub fn state_key(&self) -> Hash {
        state_key(self.register.as_str(), self.kind.as_str(), self.id.as_str())
    }
}

/// What an order does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OrderKind {
    /// Keeps the target as it is.
    Freeze,
    /// Lets actions on the target happen that cite it.
    Direction,
}

/// An order of a court or a regulator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Order {
    /// The id that its maker gave it.
    pub order: LocalId,
    /// What it does.
    pub kind: OrderKind,
    /// Who made it.
    pub by: PartyId,
    /// The accreditation it was made under.
    pub under: LocalId,
    /// What it is about.
    pub target: Target,
    /// What is to be done, for a direction.
    pub instruction: Option<Statement>,
    /// How far it reaches, in words.
    pub scope: Statement,
    /// The case or decision behind it.
    pub reference: Reference,
    /// When it was made.
    pub made: Time,
    /// When it runs out.
    pub until: Time,
    /// When, by whom and on what grounds it was released before that.
    pub released: Option<Released>,
}

/// The release of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Released {
    /// When.
    pub at: Time,
    /// By whom.
    pub by: PartyId,
    /// The case or decision behind it.
    pub reference: Reference,
}

impl Order {
    /// Whether it binds at a moment.
    pub fn is_in_force_at(&self, time: Time) -> bool {
        self.made <= time
            && time < self.until
            && self.released.as_ref().is_none_or(|release| time < release.at)
    }
}

impl Object for Order {
    const REGISTER: &'static str = "authorities";
    const KIND: &'static str = "order";

    fn id(&self) -> String {
        self.order.to_string()
    }
}

impl Described for Order {
    const EXAMPLE_ID: &'static str = "HCA-1017-2026";

    fn is_id(text: &str) -> bool {
        text.parse::<LocalId>().is_ok()
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        let Target { register, kind, id } = &self.target;
        let subject = match (register, kind.as_str()) {
            (RegisterName::Identity, "party") => id.as_str().parse().ok(),
            _ => None,
        };
        let subject = subject.map(|party| ("subject", party));
        std::iter::once(("maker", self.by)).chain(subject).collect()
    }
}

/// The freezes of one object, kept where whoever has the object finds them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FreezeIndex {
    /// The object.
    pub target: Target,
    /// The freezes not yet released; those that have run out are dropped when the next is made.
    pub freezes: Vec<FreezeMark>,
}

/// A freeze as its target's index has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FreezeMark {
    /// The order.
    pub order: LocalId,
    /// When it runs out.
    pub until: Time,
}

impl Object for FreezeIndex {
    const REGISTER: &'static str = "authorities";
    const KIND: &'static str = "freeze-index";

    fn id(&self) -> String {
        self.target.state_key().to_string()
    }
}

impl Described for FreezeIndex {
    const EXAMPLE_ID: &'static str =
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn is_id(text: &str) -> bool {
        text.parse::<Hash>().is_ok()
    }
}
