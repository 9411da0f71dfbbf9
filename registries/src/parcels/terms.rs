//! The words of EPCIS 2.0 and its Core Business Vocabulary that statements are made of.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// The business steps of CBV 2.0, section 7.1, as EPCIS 2.0 writes them in JSON.
pub const BIZ_STEPS: &[&str] = &[
    "accepting",
    "arriving",
    "assembling",
    "collecting",
    "commissioning",
    "consigning",
    "creating_class_instance",
    "cycle_counting",
    "decommissioning",
    "departing",
    "destroying",
    "disassembling",
    "dispensing",
    "encoding",
    "entering_exiting",
    "holding",
    "inspecting",
    "installing",
    "killing",
    "loading",
    "other",
    "packing",
    "picking",
    "receiving",
    "removing",
    "repackaging",
    "repairing",
    "replacing",
    "reserving",
    "retail_selling",
    "sampling",
    "sensor_reporting",
    "shipping",
    "staging_outbound",
    "stock_taking",
    "stocking",
    "storing",
    "transporting",
    "unloading",
    "unpacking",
    "void_shipping",
];

/// The dispositions of CBV 2.0, section 7.2.
pub const DISPOSITIONS: &[&str] = &[
    "active",
    "available",
    "completeness_inferred",
    "completeness_verified",
    "conformant",
    "container_closed",
    "container_open",
    "damaged",
    "destroyed",
    "dispensed",
    "disposed",
    "encoded",
    "expired",
    "in_progress",
    "in_transit",
    "inactive",
    "mismatch_class",
    "mismatch_instance",
    "mismatch_quantity",
    "needs_replacement",
    "no_pedigree_match",
    "non_conformant",
    "non_sellable_other",
    "partially_dispensed",
    "recalled",
    "reserved",
    "retail_sold",
    "returned",
    "sellable_accessible",
    "sellable_not_accessible",
    "stolen",
    "unavailable",
    "unknown",
];

/// The longest URI of a statement, in bytes.
const LONGEST_URI: usize = 200;

/// Why a text is no word of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotATerm {
    /// Neither a word of the vocabulary nor a URI.
    #[error(
        "this is a word of the Core Business Vocabulary as EPCIS 2.0 writes it, or another's URI"
    )]
    Word,
    /// No URI, or too long a one.
    #[error("a URI here is SCHEME:REST of at most {LONGEST_URI} visible ASCII characters")]
    Uri,
    /// No offset from UTC.
    #[error("an offset is a sign, hours up to 14 and minutes, as in +08:00")]
    Offset,
}

/// A URI by the characters of RFC 3986, at most 200 bytes, with a scheme in front.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let in_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let in_uri = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    text.len() <= LONGEST_URI
        && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(in_scheme)
        && !rest.is_empty()
        && rest.bytes().all(in_uri)
}

/// A word of a list, or a URI that does not stand for one: EPCIS 2.0's schema refuses the URN forms
/// of the vocabulary's own words.
fn is_word(text: &str, words: &[&str]) -> bool {
    let own = ["urn:epcglobal:cbv", "http://ns.gs1.org/cbv/", "https://ns.gs1.org/cbv/"];
    words.contains(&text) || (is_uri(text) && !own.iter().any(|prefix| text.starts_with(prefix)))
}

/// `±HH:MM` up to fourteen hours, by the pattern of EPCIS 2.0's schema.
fn is_offset(text: &str) -> bool {
    let bytes = text.as_bytes();
    let &[b'+' | b'-', a, b, b':', c, d] = bytes else { return false };
    let digits = [a, b, c, d].iter().all(u8::is_ascii_digit);
    let hours = (a, b) < (b'1', b'4') && c < b'6';
    digits && (hours || (a, b, c, d) == (b'1', b'4', b'0', b'0'))
}

/// Makes a type of a text that a check lets through.
macro_rules! term {
    ($(#[$doc:meta])* $name:ident, $schema:literal, $check:expr, $error:expr, $example:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NotATerm;

            fn from_str(text: &str) -> Result<Self, NotATerm> {
                let check: fn(&str) -> bool = $check;
                if check(text) { Ok(Self(text.to_owned())) } else { Err($error) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some($error.to_string()))
                    .examples([$example])
                    .into()
            }
        }

        impl ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                $schema.into()
            }
        }
    };
}

term!(
    /// A business step: a word of CBV 2.0 or another vocabulary's URI.
    BizStep, "EpcisBizStep", |text| is_word(text, BIZ_STEPS), NotATerm::Word, "receiving"
);
term!(
    /// A disposition: a word of CBV 2.0 or another vocabulary's URI.
    Disposition, "EpcisDisposition", |text| is_word(text, DISPOSITIONS), NotATerm::Word, "in_transit"
);
term!(
    /// The URI of a place, a container or an event.
    Uri, "EpcisUri", is_uri, NotATerm::Uri, "urn:epc:id:sgln:0614141.00777.0"
);
term!(
    /// How far local time lay from UTC where an event happened.
    ZoneOffset, "EpcisZoneOffset", is_offset, NotATerm::Offset, "+08:00"
);

impl ZoneOffset {
    /// UTC itself.
    pub fn utc() -> Self {
        Self("+00:00".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_vocabulary_and_uris_of_others_are_taken() {
        for text in ["shipping", "https://ref.gs1.org/cbv/BizStep-shipping", "urn:acme:step:1"] {
            assert!(text.parse::<BizStep>().is_ok(), "{text}");
        }
        for text in
            ["", "Shipping", "in_transit", "urn:epcglobal:cbv:bizstep:shipping", "a b", ":x", "x:"]
        {
            assert_eq!(text.parse::<BizStep>(), Err(NotATerm::Word), "{text}");
        }
        assert!("in_transit".parse::<Disposition>().is_ok());
        assert!("shipping".parse::<Disposition>().is_err());
    }

    #[test]
    fn uris_have_a_scheme_and_a_bound() {
        assert!("urn:epc:id:sscc:0614141.1234567890".parse::<Uri>().is_ok());
        for text in ["", "plain", "1a:b", "http:// x", "urn:\u{e9}", "urn:<x>"] {
            assert_eq!(text.parse::<Uri>(), Err(NotATerm::Uri), "{text}");
        }
        assert!(format!("urn:{}", "x".repeat(196)).parse::<Uri>().is_ok());
        assert!(format!("urn:{}", "x".repeat(197)).parse::<Uri>().is_err());
    }

    #[test]
    fn offsets_are_as_the_schema_has_them() {
        for text in ["+00:00", "-06:00", "+13:59", "+14:00", "-14:00", "+05:45"] {
            assert!(text.parse::<ZoneOffset>().is_ok(), "{text}");
        }
        for text in ["", "Z", "+14:01", "+15:00", "+08:60", "08:00", "+8:00", "+0:000"] {
            assert!(text.parse::<ZoneOffset>().is_err(), "{text}");
        }
    }
}
