//! Named values that a register hands on without reading them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Type};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{LocalId, Text};

/// A named value.
pub type Parameter = Text<200>;

/// At most 16 named values, no name twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Parameters(BTreeMap<LocalId, Parameter>);

const MOST: usize = 16;

impl Parameters {
    /// The value of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// Names and values in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for Parameters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> de::Visitor<'de> for Members {
            type Value = Parameters;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an object of at most {MOST} texts, no name twice")
            }

            // A map of the standard library would let the last of two members of a name win.
            fn visit_map<M: de::MapAccess<'de>>(self, mut map: M) -> Result<Parameters, M::Error> {
                let mut members = BTreeMap::new();
                while let Some((name, value)) = map.next_entry()? {
                    if members.insert(name, value).is_some() || members.len() > MOST {
                        return Err(de::Error::custom(
                            "a parameter stands twice, or there are too many",
                        ));
                    }
                }
                Ok(Parameters(members))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

impl PartialSchema for Parameters {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(AdditionalProperties::RefOr(RefOr::Ref(
                Ref::from_schema_name(Parameter::name()),
            ))))
            .description(Some(format!("At most {MOST} named values")))
            .into()
    }
}

impl ToSchema for Parameters {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Parameter::name().into_owned(), Parameter::schema()));
    }
}
