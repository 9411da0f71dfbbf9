//! Texts and lists that are what they should be by the time a rule sees them.

mod date;
mod distinct;
mod local_id;
mod parameters;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

pub use date::{Date, NotADate};
pub use distinct::{Distinct, NotDistinct};
pub use local_id::{LocalId, NotALocalId};
pub use parameters::{Parameter, Parameters};

/// A text of 1 to `MAX` characters (Unicode scalar values) that shows as what it is.
///
/// It holds no control characters and none that turn the direction of writing (Unicode UAX 9),
/// with which a text can be made to read as another, and neither begins nor ends in white space.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const MAX: usize>(String);

/// A name or a title.
pub type Name = Text<100>;
/// A reason, a scope or an instruction in words.
pub type Statement = Text<500>;
/// The mark of a document outside the register: a case number, a gazette entry.
pub type Reference = Text<200>;

impl<const MAX: usize> Text<MAX> {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAText {
    /// Empty, or longer than it may be.
    #[error("a text here has 1 to {max} characters")]
    Length {
        /// The most characters it may have.
        max: usize,
    },
    /// A control character, or one that turns the direction of writing.
    #[error("the character U+{0:04X} may not stand in a text")]
    Character(u32),
    /// White space at an end.
    #[error("a text neither begins nor ends in white space")]
    Blank,
}

impl<const MAX: usize> FromStr for Text<MAX> {
    type Err = NotAText;

    fn from_str(text: &str) -> Result<Self, NotAText> {
        text.to_owned().try_into()
    }
}

impl<const MAX: usize> TryFrom<String> for Text<MAX> {
    type Error = NotAText;

    fn try_from(text: String) -> Result<Self, NotAText> {
        if text.is_empty() || text.chars().count() > MAX {
            return Err(NotAText::Length { max: MAX });
        }
        if let Some(character) = text.chars().find(|character| misleads(*character)) {
            return Err(NotAText::Character(character.into()));
        }
        if text.trim().len() != text.len() {
            return Err(NotAText::Blank);
        }
        Ok(Self(text))
    }
}

/// Control characters, and the directional formatting characters of UAX 9 section 2 with the line
/// and paragraph separators.
fn misleads(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
        )
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MAX: usize> Serialize for Text<MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.try_into().map_err(de::Error::custom)
    }
}

impl<const MAX: usize> PartialSchema for Text<MAX> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(MAX))
            .description(Some(format!(
                "1 to {MAX} characters without control or direction-turning ones, and no white space at the ends"
            )))
            .into()
    }
}

impl<const MAX: usize> ToSchema for Text<MAX> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Text{MAX}").into()
    }
}
