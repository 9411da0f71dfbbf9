//! A museum's provenance text, read as claims.
//!
//! What is read is kept beside what was written: each claim carries its step word for word, so that
//! whoever doubts the reading has the source. Nothing is made up, nobody is identified, and no gap is
//! closed.

mod dates;
mod place;
mod steps;
mod wording;

use std::collections::BTreeMap;

use chancery_registries::artworks::{Follows, NewClaim};
use chancery_registries::text::Text;

use super::plain;
use wording::speaks_of_taking;

/// What was read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// The claims, in the order of the text.
    pub(super) claims: Vec<NewClaim>,
    /// What its editors say of the text: no claim about the work.
    pub(super) remarks: Vec<String>,
    /// Whether its notes speak of a taking or of those who took: somebody should look.
    pub(super) alarming: bool,
    /// How many texts were too long for the register and end in an ellipsis.
    pub(super) cut: usize,
}

/// Reads a provenance text.
pub(super) fn read(text: &str) -> Reading {
    let parts = steps::parts(text);
    let alarming = parts.notes.values().chain([&parts.general]).any(|note| speaks_of_taking(note));
    let mut reading = Reading { remarks: parts.remarks, alarming, ..Reading::default() };
    let mut notes = parts.notes;
    let last = parts.steps.len().saturating_sub(1);
    for (index, (follows, step)) in parts.steps.iter().enumerate() {
        let (bare, marks) = without_marks(step);
        let mut said = noted(&marks, &mut notes);
        if index == last {
            // What no step asks for stands at the end, as it does in the text.
            let rest: Vec<u32> = notes.keys().copied().collect();
            said = format!("{said} {} {}", noted(&rest, &mut notes), parts.general);
        }
        reading.claim(*follows, step, &bare, &said);
    }
    reading
}

impl Reading {
    fn claim(&mut self, follows: Follows, step: &str, bare: &str, note: &str) {
        let Some(text) = self.fit::<2000>(step) else { return };
        let (inside, dealer) = wording::without_outer_bracket(bare);
        let dates = dates::dates(inside);
        let said = wording::wording(before_dates(inside, dates.begin), dealer, bare);
        let place = |name: &Option<String>| -> (Option<String>, Option<String>) {
            let Some(name) = name else { return (None, None) };
            let (name, place) = place::name_and_place(name);
            (Some(name.to_owned()), place.map(ToOwned::to_owned))
        };
        let (to, place_of_to) = place(&said.to);
        let (from, place_of_from) = place(&said.from);
        // Where only the giver is named, its place is where it was.
        let place = if to.is_some() { place_of_to } else { place_of_from };
        let unnamed = to.is_none() && from.is_none();
        // Whoever cannot be told from the words around is in them.
        let all = if bare.is_empty() { step } else { bare };
        let to = if unnamed { Some(all.to_owned()) } else { to };
        let claim = NewClaim {
            follows,
            kind: said.kind,
            method: said.method,
            from: from.and_then(|from| self.fit(&from)),
            to: to.and_then(|to| self.fit(&to)),
            through: said.through.and_then(|through| self.fit(&through)),
            place: place.and_then(|place| self.fit(&place)),
            since: dates.since,
            until: dates.until,
            certainty: said.certainty,
            text,
            note: self.fit(note),
        };
        self.claims.push(claim);
    }

    /// The text, cut where the register has no room for all of it.
    fn fit<const MAX: usize>(&mut self, text: &str) -> Option<Text<MAX>> {
        let text = plain(text);
        if text.chars().count() <= MAX {
            return Text::try_from(text).ok();
        }
        self.cut += 1;
        let head: String = text.chars().take(MAX - 1).collect();
        Text::try_from(format!("{}…", head.trim_end())).ok()
    }
}

/// The step without the marks of its notes, and their numbers.
fn without_marks(step: &str) -> (String, Vec<u32>) {
    let (mut bare, mut numbers) = (String::new(), Vec::new());
    let mut rest = step;
    while let Some(at) = rest.find('[') {
        bare += &rest[..at];
        match steps::mark(&rest[at..]) {
            Some((number, length)) => {
                numbers.push(number);
                rest = &rest[at + length..];
            }
            None => {
                bare.push('[');
                rest = &rest[at + 1..];
            }
        }
    }
    bare += rest;
    (plain(&bare).trim_matches([' ', ',']).to_owned(), numbers)
}

/// The notes of these numbers, each of which is told with the first step that asks for it.
fn noted(marks: &[u32], notes: &mut BTreeMap<u32, String>) -> String {
    let note = |number: &u32| notes.remove(number).map(|note| format!("[{number}] {note}"));
    marks.iter().filter_map(note).collect::<Vec<_>>().join(" ")
}

/// What a step says before its dates; all of it where they stand in front.
fn before_dates(step: &str, begin: Option<usize>) -> &str {
    let said = step[..begin.unwrap_or(step.len())].trim_matches([' ', ',']);
    if said.is_empty() { step } else { said }
}

#[cfg(test)]
#[path = "provenance/tests.rs"]
mod tests;
