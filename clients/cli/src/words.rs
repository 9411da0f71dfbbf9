//! Words that are typed: durations, times, kinds, parties and keys by name.

use std::time::Duration;

use chancery_client::{Hash, PartyId, PublicKey, Time, now};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::failure::Failure;
use crate::key_store::KeyStore;

/// Reads a word of a closed list, such as `person`; says which there are.
pub(crate) fn word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(Value::String(text.to_owned())).map_err(|error| error.to_string())
}

/// Reads a duration such as `500ms`, `90s`, `15m`, `12h` or `7d`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is not a duration such as 500ms, 90s, 15m, 12h or 7d");
    let digits = text.find(|character: char| !character.is_ascii_digit()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let unit_ms = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 60 * 60 * 1000,
        "d" => 24 * 60 * 60 * 1000,
        _ => return Err(wrong()),
    };
    number.checked_mul(unit_ms).map(Duration::from_millis).ok_or_else(wrong)
}

/// Reads a time: RFC 3339, or a duration from now such as `+12h`.
pub(crate) fn moment(text: &str) -> Result<Time, String> {
    match text.strip_prefix('+') {
        Some(ahead) => {
            let ahead_ms = u64::try_from(duration(ahead)?.as_millis()).unwrap_or(u64::MAX);
            Ok(now().plus_ms(ahead_ms))
        }
        None => text.parse().map_err(|error| format!("{error}; or from now, as in +12h")),
    }
}

/// A list in which nothing stands twice, as the registers want it.
pub(crate) fn distinct<T, D>(members: Vec<T>) -> Result<D, Failure>
where
    D: TryFrom<Vec<T>>,
    D::Error: std::fmt::Display,
{
    D::try_from(members).map_err(|error| Failure::usage(error.to_string()))
}

/// A party by its ID code, or by the name of a key at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PartyWord(pub(crate) String);

impl std::str::FromStr for PartyWord {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl PartyWord {
    /// The party.
    pub(crate) fn resolve(&self, keys: &KeyStore) -> Result<PartyId, Failure> {
        if let Ok(party) = self.0.parse() {
            return Ok(party);
        }
        if keys.has(&self.0) {
            return Ok(keys.file(&self.0)?.signer().party);
        }
        let folder = keys.folder().display();
        let what = format!("{:?} is neither an ID code nor the name of a key in {folder}", self.0);
        Err(Failure::usage(what))
    }

    /// The name of the key, if that is what was typed.
    pub(crate) fn key_name<'a>(&'a self, keys: &KeyStore) -> Option<&'a str> {
        (self.0.parse::<PartyId>().is_err() && keys.has(&self.0)).then_some(self.0.as_str())
    }
}

/// A public key by its 43 characters, or by the name of a key at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyWord(pub(crate) String);

impl std::str::FromStr for KeyWord {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl KeyWord {
    /// The key.
    pub(crate) fn resolve(&self, keys: &KeyStore) -> Result<PublicKey, Failure> {
        match self.0.parse() {
            Ok(key) => Ok(key),
            Err(_) => Ok(keys.file(&self.0)?.signer().key),
        }
    }
}

/// A commitment: given as a hash, or as the SHA-256 of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommitmentWord(pub(crate) String);

impl std::str::FromStr for CommitmentWord {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl CommitmentWord {
    /// The hash.
    pub(crate) fn resolve(&self) -> Result<Hash, Failure> {
        if let Ok(hash) = self.0.parse() {
            return Ok(hash);
        }
        let Some(path) = self.0.strip_prefix('@') else {
            let what = "a commitment is 64 hexadecimal digits, or @FILE for the SHA-256 of a file";
            return Err(Failure::usage(format!("{:?}: {what}", self.0)));
        };
        let path = std::path::Path::new(path);
        let bytes = std::fs::read(path).map_err(|error| Failure::file(path, error))?;
        Ok(Hash::of(&[&bytes]))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("7d"), Ok(Duration::from_secs(7 * 86_400)));
        for wrong in ["", "7", "h", "-1s", "1.5h", "99999999999999999999d", "18446744073709551615d"]
        {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn moments_are_absolute_or_from_now() {
        assert!(moment("2026-01-31T09:30:00Z").is_ok());
        assert!(moment("+1h").unwrap() > now());
        assert!(moment("tomorrow").is_err());
    }

    #[test]
    fn words_of_a_closed_list_say_which_there_are() {
        use chancery_registries::identity::PartyKind;
        assert_eq!(word::<PartyKind>("device"), Ok(PartyKind::Device));
        assert!(word::<PartyKind>("robot").unwrap_err().contains("organisation"));
    }
}
