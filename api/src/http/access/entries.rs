//! Which entries of the log are private, by what stands in them.

use std::borrow::Cow;

use chancery_ledger::transition::Entry;
use chancery_registries::access::{is_private, private_registers};
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;

/// A register that is not known: nobody oversees it.
const UNKNOWN: &str = "unknown";

#[derive(Deserialize)]
struct Jws<'a> {
    #[serde(borrow)]
    payload: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow)]
    actions: Vec<Action<'a>>,
}

#[derive(Deserialize)]
struct Action<'a> {
    #[serde(borrow)]
    register: Cow<'a, str>,
}

/// The private registers that a log entry's actions are of; none for a public transition. What
/// cannot be read is private, and nobody's.
pub(crate) fn private_registers_of(entry: &[u8]) -> Vec<&'static str> {
    if private_registers().next().is_none() {
        return Vec::new();
    }
    let Some(named) = registers_of(entry) else { return vec![UNKNOWN] };
    let mut private: Vec<&'static str> = named
        .iter()
        .filter(|name| is_private(name))
        .map(|name| chancery_registries::register(name).map_or(UNKNOWN, |register| register.name))
        .collect();
    private.sort_unstable();
    private.dedup();
    private
}

fn registers_of(entry: &[u8]) -> Option<Vec<String>> {
    let entry = Entry::decode(entry).ok()?;
    let jws: Jws<'_> = serde_json::from_slice(entry.transition).ok()?;
    let payload = BASE64URL_NOPAD.decode(jws.payload.as_bytes()).ok()?;
    let payload: Payload<'_> = serde_json::from_slice(&payload).ok()?;
    Some(payload.actions.into_iter().map(|action| action.register.into_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_are_those_of_the_actions() {
        let payload = r#"{"ledger":"x","actions":[{"r\u0065gister":"parcels","action":"a"},{"register":"other"}]}"#;
        let entry = format!(
            r#"{{"payload":"{}","signatures":[]}}"#,
            BASE64URL_NOPAD.encode(payload.as_bytes())
        );
        let entry = format!("applied\n{entry}");
        let named = registers_of(entry.as_bytes());
        assert_eq!(named, Some(vec!["parcels".to_owned(), "other".to_owned()]));
        for broken in ["", "applied\n{}", "applied\n{\"payload\":\"e30\"}"] {
            assert_eq!(registers_of(broken.as_bytes()), None);
        }
    }
}
