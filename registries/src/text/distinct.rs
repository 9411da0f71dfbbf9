//! Lists of a bounded length in which nothing stands twice.

use std::borrow::Cow;
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::openapi::schema::ArrayBuilder;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// `MIN` to `MAX` things in the order given, none of them twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Distinct<T, const MIN: usize, const MAX: usize>(Vec<T>);

/// Why a list is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotDistinct {
    /// Too few or too many.
    #[error("this list has {min} to {max} members")]
    Count {
        /// The fewest.
        min: usize,
        /// The most.
        max: usize,
    },
    /// One stands twice.
    #[error("a member of the list stands twice")]
    Repeated,
}

impl<T: PartialEq, const MIN: usize, const MAX: usize> TryFrom<Vec<T>> for Distinct<T, MIN, MAX> {
    type Error = NotDistinct;

    fn try_from(members: Vec<T>) -> Result<Self, NotDistinct> {
        if !(MIN..=MAX).contains(&members.len()) {
            return Err(NotDistinct::Count { min: MIN, max: MAX });
        }
        let repeated = |index: usize| members[..index].contains(&members[index]);
        if (0..members.len()).any(repeated) {
            return Err(NotDistinct::Repeated);
        }
        Ok(Self(members))
    }
}

impl<T, const MAX: usize> Distinct<T, 1, MAX> {
    /// The list of this one thing.
    pub fn one(member: T) -> Self {
        Self(vec![member])
    }
}

impl<T, const MAX: usize> Default for Distinct<T, 0, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MIN: usize, const MAX: usize> Deref for Distinct<T, MIN, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de> + PartialEq, const MIN: usize, const MAX: usize> Deserialize<'de>
    for Distinct<T, MIN, MAX>
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer)?.try_into().map_err(de::Error::custom)
    }
}

impl<T: ToSchema, const MIN: usize, const MAX: usize> PartialSchema for Distinct<T, MIN, MAX> {
    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new()
            .items(utoipa::openapi::Ref::from_schema_name(T::name()))
            .min_items(Some(MIN))
            .max_items(Some(MAX))
            .unique_items(true)
            .into()
    }
}

impl<T: ToSchema, const MIN: usize, const MAX: usize> ToSchema for Distinct<T, MIN, MAX> {
    fn name() -> Cow<'static, str> {
        format!("{}List{MIN}To{MAX}", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}
