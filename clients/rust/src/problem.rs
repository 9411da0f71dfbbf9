//! Refusals as the server words them (RFC 9457).

use std::fmt;

use chancery_ledger::hash::Hash;
use serde::{Deserialize, Serialize};

/// Why a server said no.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The HTTP status.
    #[serde(default)]
    pub status: u16,
    /// The stable code.
    #[serde(default)]
    pub code: String,
    /// What was wrong, in general.
    #[serde(default)]
    pub title: String,
    /// What was wrong in this case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Where in what was sent: a JSON pointer (RFC 6901).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// What would be right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// The transition's id, when it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Hash>,
    /// The transition's position, when it stands in the log nevertheless.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
}

impl Problem {
    /// Reads a problem document; what is no such document becomes one with the status alone.
    pub(crate) fn read(status: u16, body: &[u8]) -> Self {
        let mut problem: Self = serde_json::from_slice(body).unwrap_or_default();
        problem.status = status;
        if problem.code.is_empty() {
            problem.code = format!("http-{status}");
            problem.title = format!("The server answered {status}.");
        }
        problem
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.title, self.code)?;
        let filled = |part: &Option<String>| part.clone().filter(|text| !text.is_empty());
        if let Some(detail) = filled(&self.detail) {
            write!(f, " {detail}")?;
        }
        if let Some(pointer) = filled(&self.pointer) {
            write!(f, " (at {pointer})")?;
        }
        if let Some(remedy) = filled(&self.remedy) {
            write!(f, "\nWhat would be right: {remedy}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_says_what_would_be_right() {
        let body = br#"{"type":"about:blank","title":"A party has not signed.","status":422,
            "code":"signer-missing","detail":"X must sign","pointer":"","remedy":"Have X sign."}"#;
        let problem = Problem::read(422, body);
        assert_eq!(
            problem.to_string(),
            "A party has not signed. [signer-missing] X must sign\nWhat would be right: Have X sign."
        );
    }

    #[test]
    fn a_page_of_a_proxy_is_a_problem_too() {
        assert_eq!(Problem::read(502, b"<html>").code, "http-502");
    }
}
