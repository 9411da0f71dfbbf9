//! What a register and the kinds of object in it say about themselves.

use chancery_ledger::code::Code;
use chancery_ledger::execution::{Draft, Object, Stored};
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use super::question::Question;

/// Named schemas, as OpenAPI's components hold them.
pub type Schemas = Vec<(String, RefOr<Schema>)>;

/// Who may read what a register keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Anyone.
    Public,
    /// The parties to an entry, pool members and regulators.
    Private,
}

/// A register: a name, what it keeps, what may be asked of it, and how it says no.
pub struct Register {
    /// The name in paths and actions: `parcels`.
    pub name: &'static str,
    /// What it is the register of.
    pub title: &'static str,
    /// Who may read it.
    pub visibility: Visibility,
    /// The kinds of object it keeps, the primary one first.
    pub kinds: &'static [Kind],
    /// The names of its actions.
    pub actions: &'static [&'static str],
    /// The codes of its own rules.
    pub codes: &'static [&'static Code],
}

impl Register {
    /// The kind that stands directly below the register's name in paths.
    pub fn primary(&self) -> Option<&'static Kind> {
        self.kinds.first()
    }

    /// The kind of this name.
    pub fn kind(&self, name: &str) -> Option<&'static Kind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }
}

/// A kind of object in a register.
pub struct Kind {
    /// The register's name.
    pub register: &'static str,
    /// The name in paths: `container`.
    pub name: &'static str,
    /// Whether it is the register's first kind.
    pub primary: bool,
    /// An id such as its objects have.
    pub example_id: &'static str,
    /// Whether a text has the form of an id of this kind.
    pub is_id: fn(&str) -> bool,
    /// The object in JSON as it stands at a moment, from the bytes that the state holds then.
    ///
    /// The moment is the time of the block that is read.
    pub to_json: fn(stored: &[u8], at: Time) -> Option<serde_json::Value>,
    /// Which parties stand in what relation to the object as of those bytes.
    pub relations: fn(&[u8]) -> Vec<(&'static str, String)>,
    /// Whether an object with this id stands in a draft.
    pub exists: fn(&Draft<'_>, &str) -> bool,
    /// What may be asked of an object, besides what it is.
    pub questions: &'static [Question],
    /// The name of the object's schema.
    pub schema_name: fn() -> String,
    /// Adds the object's schema and those it refers to.
    pub schemas: fn(&mut Schemas),
}

/// An object that describes itself to the interface.
pub trait Described: Object + ToSchema {
    /// An id such as these objects have.
    const EXAMPLE_ID: &'static str;

    /// Whether a text has the form of an id.
    fn is_id(text: &str) -> bool;

    /// The object as it stands at a moment, where what is stored takes effect by the passing of
    /// time alone.
    #[must_use]
    fn judged_at(self, _time: Time) -> Self {
        self
    }

    /// Which parties stand in what relation to the object now: `("custodian", …)`.
    ///
    /// Projected, so that "everything that X held at T" is a query.
    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        Vec::new()
    }
}

impl Kind {
    /// The description of a register's first kind.
    pub const fn primary<T: Described>() -> Self {
        Self { primary: true, ..Self::of::<T>() }
    }

    /// The description of a further kind.
    pub const fn of<T: Described>() -> Self {
        Self {
            register: T::REGISTER,
            name: T::KIND,
            primary: false,
            example_id: T::EXAMPLE_ID,
            is_id: T::is_id,
            to_json: to_json::<T>,
            relations: relations::<T>,
            exists: |draft, id| draft.exists::<T>(id),
            questions: &[],
            schema_name: || T::name().into_owned(),
            schemas: |schemas| {
                schemas.push((T::name().into_owned(), T::schema()));
                T::schemas(schemas);
            },
        }
    }

    /// The same kind, of whose objects these questions may be asked.
    pub const fn asked(self, questions: &'static [Question]) -> Self {
        Self { questions, ..self }
    }

    /// The question of this name.
    pub fn question(&self, name: &str) -> Option<&'static Question> {
        self.questions.iter().find(|question| question.name == name)
    }
}

fn to_json<T: Described>(stored: &[u8], at: Time) -> Option<serde_json::Value> {
    serde_json::to_value(Stored::<T>::decode(stored).ok()?.value.judged_at(at)).ok()
}

fn relations<T: Described>(bytes: &[u8]) -> Vec<(&'static str, String)> {
    let Ok(stored) = Stored::<T>::decode(bytes) else { return Vec::new() };
    let named = |(relation, party): (&'static str, PartyId)| (relation, party.to_string());
    stored.value.relations().into_iter().map(named).collect()
}
