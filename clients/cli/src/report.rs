//! What a command found: sentences for people, one document for machines.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use crate::failure::Failure;

/// The outcome of a command.
#[derive(Debug)]
pub(crate) struct Report {
    text: String,
    json: Value,
}

impl Report {
    /// A report in both forms.
    pub(crate) fn new(text: impl Into<String>, json: impl Serialize) -> Self {
        // What is reported are plain trees: writing them down does not fail.
        Self { text: text.into(), json: serde_json::to_value(json).unwrap_or_default() }
    }

    /// A report whose text is its document.
    pub(crate) fn document(json: impl Serialize) -> Self {
        let json = serde_json::to_value(json).unwrap_or_default();
        Self { text: pretty(&json), json }
    }

    /// Nothing more than was printed while the command was at it.
    pub(crate) fn printed() -> Self {
        Self::new("", Value::Null)
    }

    /// The same, with one more thing to know.
    pub(crate) fn with(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.text += &format!("\n{name} {value}");
        if let Value::Object(members) = &mut self.json {
            members.insert(name.to_owned(), value.to_string().into());
        }
        self
    }

    /// Prints it to standard output. A reader that has gone away is no failure.
    pub(crate) fn print(&self, json: bool) {
        if self.text.is_empty() && self.json.is_null() {
            return;
        }
        let text = if json { pretty(&self.json) } else { self.text.trim_end().to_owned() };
        let _ = writeln!(io::stdout().lock(), "{text}");
    }

    /// The report, unless something has failed: then that, with the report all the same.
    pub(crate) fn unless(self, what: &str, failed: &[String]) -> Result<Self, Failure> {
        match failed.is_empty() {
            true => Ok(self),
            false => {
                let what = format!("{what}: {}", failed.join("; "));
                Err(Failure::Missed { what, figures: Box::new(self) })
            }
        }
    }

    /// The sentences for people.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The document for machines.
    pub(crate) fn json(&self) -> &Value {
        &self.json
    }
}

/// JSON for people to read.
pub(crate) fn pretty(json: &Value) -> String {
    serde_json::to_string_pretty(json).unwrap_or_default()
}

/// Says what is going on, to people who watch.
pub(crate) fn progress(text: impl AsRef<str>) {
    let _ = writeln!(io::stderr().lock(), "{}", text.as_ref());
}
