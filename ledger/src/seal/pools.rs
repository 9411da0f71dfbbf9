//! The pools of a ledger as its state keeps them: which is in force, and which comes next.
//!
//! The register `validators` writes this one object. The ledger has to read it: its headers name the
//! pool that seals, and whoever holds an anchor follows it from pool to pool.

use serde::{Deserialize, Serialize};

use super::{Pool, Validator};
use crate::error::Error;
use crate::execution::{Object, State, Stored, state_key};

/// A pool and the height from which it seals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = PoolTerm))]
pub struct Term {
    /// The first height that it seals.
    pub from: u64,
    /// Its members.
    pub validators: Vec<Validator>,
}

/// The pool in force and the one that follows it. What is next is not replaced before it is in
/// force, so whoever has seen it knows who seals from then on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Pools {
    /// The pool that was in force when this was written down.
    pub in_force: Term,
    /// The pool that is in force from its height on.
    pub next: Option<Term>,
}

impl Term {
    /// The pool by itself.
    pub fn pool(&self) -> Pool {
        Pool { validators: self.validators.clone() }
    }
}

impl Pools {
    /// The only id of its kind.
    pub const ID: &'static str = "pool";

    /// The pools of a ledger that has known only its genesis's.
    pub fn founded(pool: &Pool) -> Self {
        Self { in_force: Term { from: 0, validators: pool.validators.clone() }, next: None }
    }

    /// Which of the two is in force at a height, one that is not before this was written down.
    pub fn at(&self, height: u64) -> &Term {
        match &self.next {
            Some(next) if next.from <= height => next,
            _ => &self.in_force,
        }
    }

    /// What comes into force after a height.
    pub fn pending_at(&self, height: u64) -> Option<&Term> {
        self.next.as_ref().filter(|next| next.from > height)
    }

    /// What stands in a state; `None` until the first change.
    pub fn read(state: &dyn State) -> Result<Option<Self>, Error> {
        let key = state_key(Self::REGISTER, Self::KIND, Self::ID);
        let Some(bytes) = state.read(&key)? else { return Ok(None) };
        let stored = Stored::<Self>::decode(&bytes).map_err(|source| {
            let object = format!("{}/{}/{}", Self::REGISTER, Self::KIND, Self::ID);
            Error::NotAnObject { object, source }
        })?;
        Ok(Some(stored.value))
    }
}

impl Object for Pools {
    const REGISTER: &'static str = "validators";
    const KIND: &'static str = "pool";

    fn id(&self) -> String {
        Self::ID.to_owned()
    }
}
