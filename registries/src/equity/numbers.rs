//! The numbers of the register: exact, bounded, and texts in JSON.

mod decimal;
mod money;
mod ratio;

pub use decimal::{Decimal, MAX_DECIMALS, NotADecimal, NotAQuantity, Quantity};
pub use money::{Amount, Currency, Money, NotACurrency};
pub use ratio::{MAX_TERM, NotARatio, Ratio};

/// Gives a type that is a text outside its serialisation and its schema.
macro_rules! as_text {
    ($type:ty, $name:literal, $pattern:literal, $description:literal, $example:literal) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some($pattern))
                    .description(Some($description))
                    .examples([$example])
                    .into()
            }
        }

        impl utoipa::ToSchema for $type {
            fn name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
        }
    };
}

pub(crate) use as_text;
