//! Records off the ledger: fields salted and hashed one by one, and the commitment that stands on
//! the ledger for all of them. What a party shows of a record, and whether it belongs to it.

mod disclosure;
mod value;

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;
use rs_merkle::MerkleTree;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::hash::Hash;
use crate::merkle::{Rfc6962, leaf_hash};

pub use disclosure::{BadDisclosure, DisclosedField, Disclosure};
pub use value::{Integer, NotAText, NotAnInteger, Text, Value};

/// The most fields of a record.
pub const MAX_FIELDS: usize = 512;

const FIELD: &[u8] = b"chancery field 1\0";
const RECORD: &[u8] = b"chancery record 1\0";

/// A private record: what kind it is, and its fields in the order in which they were put down.
///
/// ```
/// use chancery_ledger::record::{Field, Record, Salt, Value};
///
/// // Salts come from the outside, from a source that nobody can guess.
/// let field = |name: &str, value: Value, salt: u8| -> Field {
///     Field { name: name.parse().unwrap(), salt: Salt([salt; 16]), value }
/// };
/// let degree = field("degree", Value::Text("Bachelor of Science".parse().unwrap()), 1);
/// let grade = field("grade", Value::Text("1.7".parse().unwrap()), 2);
/// let record = Record::new("diploma-award-1".parse().unwrap(), vec![degree, grade]).unwrap();
///
/// // The degree is shown, and the grade is not.
/// let shown = record.disclose(&["degree"]).unwrap();
/// assert!(shown.verify(&record.commitment()).is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Record {
    schema: SchemaName,
    fields: Vec<Field>,
}

/// One field of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// What it is called; no two fields of a record are called the same.
    pub name: FieldName,
    /// What keeps its value from being guessed: 16 bytes from a source of randomness, used once.
    pub salt: Salt,
    /// What it says.
    pub value: Value,
}

/// Why fields are no record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotARecord {
    /// None, or too many.
    #[error("a record has 1 to {MAX_FIELDS} fields")]
    Count,
    /// Two fields of one name.
    #[error("the field {0} stands twice")]
    Repeated(FieldName),
}

/// A record has no field of this name, or the name was given twice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the record has no field {0} to disclose, or it was asked for twice")]
pub struct NoSuchField(pub String);

impl Record {
    /// A record of this kind with these fields.
    pub fn new(schema: SchemaName, fields: Vec<Field>) -> Result<Self, NotARecord> {
        if !(1..=MAX_FIELDS).contains(&fields.len()) {
            return Err(NotARecord::Count);
        }
        for (index, field) in fields.iter().enumerate() {
            if fields[..index].iter().any(|other| other.name == field.name) {
                return Err(NotARecord::Repeated(field.name.clone()));
            }
        }
        Ok(Self { schema, fields })
    }

    /// What kind of record it is.
    pub fn schema(&self) -> &SchemaName {
        &self.schema
    }

    /// The fields in their order.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|field| field.name.as_str() == name).map(|field| &field.value)
    }

    /// What stands on the ledger for the record. Without the salts it tells nothing about it.
    pub fn commitment(&self) -> Hash {
        // A record has a field, so its tree has a root.
        let root = self.tree().root().map_or_else(Hash::empty, Hash);
        commit(&self.schema, self.fields.len() as u32, &root)
    }

    /// These fields with the proof that they are the record's; nothing of the others.
    pub fn disclose(&self, names: &[impl AsRef<str>]) -> Result<Disclosure, NoSuchField> {
        let mut places = Vec::with_capacity(names.len());
        for name in names.iter().map(AsRef::as_ref) {
            let place = self.fields.iter().position(|field| field.name.as_str() == name);
            match place {
                Some(place) if !places.contains(&place) => places.push(place),
                _ => return Err(NoSuchField(name.to_owned())),
            }
        }
        places.sort_unstable();
        let proof = self.tree().proof(&places);
        let shown = |place: &usize| {
            let Field { name, salt, value } = self.fields[*place].clone();
            DisclosedField { index: *place as u32, name, salt, value }
        };
        Ok(Disclosure {
            schema: self.schema.clone(),
            count: self.fields.len() as u32,
            fields: places.iter().map(shown).collect(),
            proof: proof.proof_hashes().iter().copied().map(Hash).collect(),
        })
    }

    fn tree(&self) -> MerkleTree<Rfc6962> {
        let leaf = |field: &Field| field_hash(&field.salt, &field.name, &field.value).0;
        MerkleTree::from_leaves(&self.fields.iter().map(leaf).collect::<Vec<_>>())
    }
}

/// The leaf of a field: RFC 6962's leaf hash over domain, salt, name and value, the latter two with
/// their lengths in front.
fn field_hash(salt: &Salt, name: &FieldName, value: &Value) -> Hash {
    let (name, value) = (name.as_str().as_bytes(), value.to_text());
    let mut bytes = FIELD.to_vec();
    bytes.extend_from_slice(&salt.0);
    for part in [name, value.as_bytes()] {
        // Neither is longer than its type allows.
        bytes.extend_from_slice(&(part.len() as u32).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    leaf_hash(&bytes)
}

/// A root does not commit to the number of leaves, so the commitment does.
fn commit(schema: &SchemaName, count: u32, root: &Hash) -> Hash {
    let schema = schema.as_str().as_bytes();
    let length = (schema.len() as u32).to_be_bytes();
    Hash::of(&[RECORD, &length, schema, &count.to_be_bytes(), root.as_bytes()])
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    schema: SchemaName,
    fields: Vec<Field>,
}

impl TryFrom<Unchecked> for Record {
    type Error = NotARecord;

    fn try_from(unchecked: Unchecked) -> Result<Self, NotARecord> {
        Self::new(unchecked.schema, unchecked.fields)
    }
}

/// What keeps a field's value from being guessed; in JSON base64url.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt(pub [u8; 16]);

impl fmt::Display for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

/// Salts are private: they do not get into a log by chance.
impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(..)")
    }
}

/// What a text must be to be a salt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a salt is 16 bytes in base64url: 22 characters")]
pub struct NotASalt;

impl FromStr for Salt {
    type Err = NotASalt;

    fn from_str(text: &str) -> Result<Self, NotASalt> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| NotASalt)?;
        bytes.try_into().map(Self).map_err(|_| NotASalt)
    }
}

impl Serialize for Salt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Salt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// Writes down a text of a form that is checked once, when it is read.
macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $error:ident = $message:literal, $is_good:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        #[doc = concat!("What a text must be: ", $message, ".")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
        #[error($message)]
        pub struct $error;

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, $error> {
                let is_good: fn(&str) -> bool = $is_good;
                if is_good(&text) { Ok(Self(text)) } else { Err($error) }
            }
        }

        impl FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                text.to_owned().try_into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

checked_text! {
    /// What kind of record it is, with the version of the kind: `diploma-award-1`.
    SchemaName, NotASchemaName = "a schema's name is 1 to 64 of a-z 0-9 and -", |text| {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=64).contains(&text.len()) && text.bytes().all(allowed)
    }
}

checked_text! {
    /// What a field is called.
    FieldName, NotAFieldName =
        "a field's name is 1 to 100 characters, without control characters or white space at the ends",
    |text| {
        (1..=100).contains(&text.chars().count())
            && !text.chars().any(char::is_control)
            && text.trim().len() == text.len()
    }
}
