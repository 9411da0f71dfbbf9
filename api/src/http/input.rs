//! What a request states besides its body: addresses, queries and preferences, strictly read.

use std::fmt;
use std::future::{Ready, ready};
use std::str::FromStr;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::{FromRequest, HttpRequest, web};
use chancery_ledger::time::Time;
use chancery_ledger::view::View;
use chancery_registries::kind;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use utoipa::openapi::schema::{KnownFormat, OneOfBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::codes;
use super::problem::Problem;
use crate::projection::Subject;

/// A query, in which a parameter that is not known or stands twice is refused.
pub(super) struct Query<T>(pub(super) T);

/// The query of addresses that take none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = web::Query::<T>::from_query(request.query_string());
        ready(query.map(|query| Self(query.into_inner())).map_err(|error| {
            let text = error.to_string();
            let detail = text.strip_prefix("Query deserialize error: ").unwrap_or(&text);
            let code = match detail {
                BAD_CURSOR_TEXT => &codes::BAD_CURSOR,
                _ => &codes::BAD_QUERY,
            };
            code.because(detail.to_owned())
        }))
    }
}

/// The part of an address that stands for this name in its pattern, decoded.
pub(super) fn path_part<T: FromStr>(request: &HttpRequest, name: &str) -> Result<T, Problem>
where
    T::Err: fmt::Display,
{
    let text = request.match_info().query(name);
    text.parse().map_err(|error: T::Err| codes::BAD_ID.because(error.to_string()))
}

/// A block, by its height or as the last one at or before a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AsOf {
    Height(u64),
    Time(Time),
}

/// A block that an answer speaks of, and whether the answer can never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    pub(super) height: u64,
    pub(super) settled: bool,
}

/// Since when, by height or time.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AsOfQuery {
    /// A height, or a time (RFC 3339) that stands for the last block at or before it. The tip by default.
    #[param(inline, example = "2026-01-31T09:30:00Z")]
    pub(super) as_of: Option<AsOf>,
}

impl FromStr for AsOf {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return whole(text).map(Self::Height).ok_or("no ledger is that high");
        }
        // In a query a plus sign stands for a space; one in a time's offset is often left as it is.
        let text = text.replace(' ', "+");
        text.parse().map(Self::Time).map_err(|_| "as_of is a height, or a time as RFC 3339 has it")
    }
}

impl<'de> Deserialize<'de> for AsOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl AsOf {
    /// The block that is meant; the tip when nothing was asked for.
    pub(super) fn find(asked: Option<Self>, view: &View) -> Result<At, Problem> {
        let tip = view.tip();
        match asked {
            None => Ok(At { height: tip.header.height, settled: false }),
            Some(Self::Height(height)) if height > tip.header.height => Err(codes::BEYOND_TIP
                .because(format!("height {height}; the tip is {}", tip.header.height))),
            Some(Self::Height(height)) => Ok(At { height, settled: true }),
            Some(Self::Time(time)) => {
                // A later block may still be at or before a time that the tip has not passed.
                let settled = time < tip.header.time;
                let height = view.height_at(time)?;
                let height = height.ok_or_else(|| codes::BEFORE_GENESIS.because(time.to_string()));
                Ok(At { height: height?, settled })
            }
        }
    }
}

impl PartialSchema for AsOf {
    fn schema() -> RefOr<Schema> {
        let height = ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::Integer))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(0_usize));
        let time = ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::String))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
        OneOfBuilder::new().item(height).item(time).into()
    }
}

impl ToSchema for AsOf {}

/// A whole number, as far as the description goes.
pub(super) fn whole(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number| i64::try_from(*number).is_ok())
}

/// The same in a query.
pub(super) fn whole_if_given<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u64>, D::Error> {
    let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
    let number = whole(&text).ok_or_else(|| D::Error::custom("no ledger has that many"))?;
    Ok(Some(number))
}

/// How many entries a page has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = u32, minimum = 1, maximum = 500, default = 50)]
pub(super) struct Limit(pub(super) u32);

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        match text.parse() {
            Ok(limit @ 1..=500) => Ok(Self(limit)),
            _ => Err(D::Error::custom("limit is a number from 1 to 500")),
        }
    }
}

/// A place in a list, given out as `next` and taken back as `cursor`: what it says is our own affair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor(pub(super) u64);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p{:x}", self.0)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let place = text.strip_prefix('p').and_then(|place| u64::from_str_radix(place, 16).ok());
        place.map(Self).ok_or_else(|| D::Error::custom(BAD_CURSOR_TEXT))
    }
}

/// By these words a bad cursor is told apart from other bad values of a query.
const BAD_CURSOR_TEXT: &str = "cursor is not one that was given out";

/// An object in a query: `register/kind/id`.
pub(super) struct SubjectText(pub(super) Subject);

impl<'de> Deserialize<'de> for SubjectText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let wrong = || D::Error::custom("subject is register/kind/id, of a kind that is kept here");
        let mut parts = text.splitn(3, '/');
        let mut part = || parts.next().ok_or_else(wrong);
        let (register, kind_name, id) = (part()?, part()?, part()?);
        let kind = kind(register, kind_name).filter(|kind| (kind.is_id)(id)).ok_or_else(wrong)?;
        let (register, kind) = (kind.register.to_owned(), kind.name.to_owned());
        Ok(Self(Subject { register, kind, id: id.to_owned() }))
    }
}

/// What the client would like to wait (RFC 7240): `Prefer: wait=10`. At most a minute is granted.
pub(super) fn preferred_wait(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(HeaderName::from_static("prefer"));
    let mut preferences =
        values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    preferences.find_map(|preference| {
        let (name, value) = preference.split(';').next()?.split_once('=')?;
        let seconds = value.trim().trim_matches('"').parse::<u64>().ok()?;
        // Who would not wait at all has no preference.
        (name.trim().eq_ignore_ascii_case("wait") && seconds > 0)
            .then(|| Duration::from_secs(seconds.min(WAIT_MAX_S)))
    })
}

/// The longest wait that is granted.
const WAIT_MAX_S: u64 = 60;

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn as_of_is_a_height_or_a_time() {
        assert_eq!("12".parse(), Ok(AsOf::Height(12)));
        assert!(matches!("2026-01-31T09:30:00 01:00".parse(), Ok(AsOf::Time(_))));
        for text in ["", "-1", "yesterday", "9223372036854775808", "2026-01-31"] {
            assert!(text.parse::<AsOf>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_wait_is_found_among_other_preferences() {
        let wait = |text: &'static str| {
            let mut headers = HeaderMap::new();
            let name = HeaderName::from_static("prefer");
            headers.append(name.clone(), HeaderValue::from_static("respond-async"));
            headers.append(name, HeaderValue::from_static(text));
            preferred_wait(&headers).map(|wait| wait.as_secs())
        };
        assert_eq!(wait("handling=lenient, WAIT=5"), Some(5));
        assert_eq!(wait("wait=\"7\"; x=1"), Some(7));
        assert_eq!(wait("wait=3600"), Some(60));
        assert_eq!(wait("wait=soon"), None);
        assert_eq!(wait("wait=0"), None);
        assert_eq!(wait("wait"), None);
    }
}
