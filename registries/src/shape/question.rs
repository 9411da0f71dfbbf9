//! What may be asked of an object besides what it is: answered from the state or from its history,
//! at `/v1/{register}/…/{id}/{question}` and by `chancery ask`.

use chancery_ledger::execution::{Draft, Stored};
use chancery_ledger::hash::Hash;
use chancery_ledger::time::Time;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

use super::Schemas;

/// A question about an object.
pub struct Question {
    /// The name in paths: `cap-table`.
    pub name: &'static str,
    /// What it asks.
    pub title: &'static str,
    /// How it is answered.
    pub answer: Answer,
    /// The name of the answer's schema.
    pub schema_name: fn() -> String,
    /// Adds the answer's schema and those it refers to.
    pub schemas: fn(&mut Schemas),
}

/// How a question is answered. `None` when there is nothing to answer it from.
pub enum Answer {
    /// From the state as of a block; the objects read are what the answer rests on.
    OfState(fn(&Draft<'_>, &str) -> Option<Value>),
    /// From every version of the object up to a block, the oldest first.
    OfHistory(fn(&[Version]) -> Option<Value>),
}

/// An object as one transition left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The transition; none for what the genesis put down.
    pub transition: Option<Hash>,
    /// Where it stands in the log.
    pub position: u64,
    /// The height of its block.
    pub height: u64,
    /// The time of its block.
    pub time: Time,
    /// The bytes that the state held from then on.
    pub stored: Vec<u8>,
}

impl Version {
    /// The object with its version; none when the bytes are no such object.
    pub fn decode<T: DeserializeOwned>(&self) -> Option<Stored<T>> {
        Stored::decode(&self.stored).ok()
    }
}

/// The answer to a question about an object in the state.
pub trait AskedOfState: Serialize + ToSchema + Sized {
    /// The question's name in paths.
    const NAME: &'static str;
    /// What it asks.
    const TITLE: &'static str;

    /// The answer about the object of this id, as of the draft's block.
    fn answer(draft: &Draft<'_>, id: &str) -> Option<Self>;
}

/// The answer to a question about the versions of an object.
pub trait AskedOfHistory: Serialize + ToSchema + Sized {
    /// The question's name in paths.
    const NAME: &'static str;
    /// What it asks.
    const TITLE: &'static str;

    /// The answer from the versions up to a block, the oldest first.
    fn answer(history: &[Version]) -> Option<Self>;
}

impl Question {
    /// The question that a type answers from the state.
    pub const fn of_state<T: AskedOfState>() -> Self {
        let answer = |draft: &Draft<'_>, id: &str| as_json(T::answer(draft, id));
        Self {
            name: T::NAME,
            title: T::TITLE,
            answer: Answer::OfState(answer),
            schema_name: || T::name().into_owned(),
            schemas: schemas::<T>,
        }
    }

    /// The question that a type answers from the history.
    pub const fn of_history<T: AskedOfHistory>() -> Self {
        Self {
            name: T::NAME,
            title: T::TITLE,
            answer: Answer::OfHistory(|history| as_json(T::answer(history))),
            schema_name: || T::name().into_owned(),
            schemas: schemas::<T>,
        }
    }
}

fn as_json<T: Serialize>(answer: Option<T>) -> Option<Value> {
    serde_json::to_value(answer?).ok()
}

fn schemas<T: ToSchema>(schemas: &mut Schemas) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}
