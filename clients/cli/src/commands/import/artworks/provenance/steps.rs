//! A provenance text taken apart: its steps in order, how each follows the one before, and its notes.
//!
//! Museums write a semicolon between two steps of which the one led directly to the other, and a full
//! stop where that is not known (American Alliance of Museums, *The AAM Guide to Provenance
//! Research*, 2001). A break between paragraphs says no more than a full stop does.

use std::collections::BTreeMap;

use chancery_registries::artworks::Follows;

use crate::commands::import::artworks::plain;

/// A provenance text in its parts. Nothing in them was changed but runs of white space.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    /// The steps, in order.
    pub(super) steps: Vec<(Follows, String)>,
    /// The numbered notes.
    pub(super) notes: BTreeMap<u32, String>,
    /// Notes without a number.
    pub(super) general: String,
    /// What its editors say of the text, and not of the work.
    pub(super) remarks: Vec<String>,
}

/// How lines begin that are about the text.
const REMARKS: [&str; 5] =
    ["under review", "updated", "tbf", "this is under review", "reviewed by"];
/// Words before a full stop that ends no sentence.
const SHORT_WORDS: &str = " mr mrs ms mm messrs dr drs mme mlle st ste prof rev hon col gen capt lt \
     maj adm gov no nos vol pp pl fig figs ca d b bt suppl coll inv cat ed est exh illus ph jan feb \
     mar apr jun jul aug sep sept oct nov dec gns dept assn mt ft ave vs cf attr ";
/// Words before a full stop that may also end a sentence.
const ENDINGS: &str = " jr sr co inc ltd llc corp bros cie esq ";
/// Words with which the step behind such a full stop begins.
const OPENINGS: &str = " gift gifts purchased purchase bought sold sale possibly probably likely \
     perhaps by bequest bequeathed given acquired transferred lent his her their estate museum with \
     private stolen looted confiscated returned restituted ";

/// Takes a text apart.
pub(super) fn parts(text: &str) -> Parts {
    let (body, notes) = match start_of_notes(text) {
        Some((end, start)) => (&text[..end], &text[start..]),
        None => (text, ""),
    };
    let mut parts = Parts::default();
    let body = without_remarks(body, &mut parts.remarks);
    for paragraph in paragraphs(&body) {
        for (follows, step) in steps(&paragraph) {
            let follows = match (follows, parts.steps.is_empty()) {
                (_, true) => Follows::Start,
                (Follows::Start, false) => Follows::Gap,
                (follows, false) => follows,
            };
            parts.steps.push((follows, step));
        }
    }
    let notes = without_remarks(notes, &mut parts.remarks);
    read_notes(&notes, &mut parts);
    parts
}

/// Where the body ends and where the notes begin: behind the word, or at the first line that begins
/// with a mark.
fn start_of_notes(text: &str) -> Option<(usize, usize)> {
    let headed = text.char_indices().find_map(|(at, _)| {
        let word = text.get(at..at + 5)?;
        let free = text[..at].chars().next_back().is_none_or(char::is_whitespace);
        let behind = &text[at + 5..];
        let rest = behind.trim_start();
        let heads = behind.starts_with(':')
            || rest.starts_with(|next: char| next.is_ascii_digit() || next == '[');
        (free && word.eq_ignore_ascii_case("notes") && heads)
            .then(|| (at, text.len() - behind.trim_start_matches([':', ' ']).len()))
    });
    let mut start = 0;
    let marked = text.split_inclusive('\n').find_map(|line| {
        let at = start;
        start += line.len();
        (at > 0 && mark(line.trim_start()).is_some()).then_some((at, at))
    });
    headed.into_iter().chain(marked).min()
}

/// The number of the mark with which a text begins, as in `[3]`, and how long the mark is.
pub(super) fn mark(text: &str) -> Option<(u32, usize)> {
    let (number, _) = text.strip_prefix('[')?.split_once(']')?;
    let is_number = number.len() <= 2 && number.bytes().all(|byte| byte.is_ascii_digit());
    Some((number.parse().ok().filter(|_| is_number)?, number.len() + 2))
}

/// The text without the lines that are about the text.
fn without_remarks(text: &str, remarks: &mut Vec<String>) -> String {
    let mut kept = String::new();
    for line in text.lines() {
        let lower = line.trim().to_lowercase();
        if REMARKS.iter().any(|remark| lower.starts_with(remark)) {
            remarks.push(plain(line));
        } else {
            kept += line;
            kept.push('\n');
        }
    }
    kept
}

fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs = vec![String::new()];
    for line in text.lines() {
        match (line.trim().is_empty(), paragraphs.last_mut()) {
            (false, Some(last)) => *last += &format!("{line} "),
            _ => paragraphs.push(String::new()),
        }
    }
    paragraphs.iter().map(|paragraph| plain(paragraph)).filter(|text| !text.is_empty()).collect()
}

/// The text with every character of a bracket, and of what stands in it, made a space: what is left
/// stands where it stood. A bracket that is never closed is none.
pub(super) fn without_brackets(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut open: Vec<(usize, char)> = Vec::new();
    for (at, character) in text.char_indices() {
        match character {
            '(' | '[' => open.push((at, character)),
            ')' | ']' => {
                let opening = if character == ')' { '(' } else { '[' };
                if let Some(depth) = open.iter().rposition(|(_, other)| *other == opening) {
                    bytes[open[depth].0..=at].fill(b' ');
                    open.truncate(depth);
                }
            }
            _ => {}
        }
    }
    // Brackets are whole characters: what is left of the others is whole as well.
    String::from_utf8(bytes).unwrap_or_default()
}

/// The steps of a paragraph in order; the first of them is a start.
fn steps(paragraph: &str) -> Vec<(Follows, String)> {
    let visible = without_brackets(paragraph);
    let mut steps: Vec<(Follows, String)> = Vec::new();
    let (mut start, mut follows) = (0, Follows::Start);
    for (at, character) in visible.char_indices() {
        let next = match character {
            ';' => Follows::Direct,
            '.' if ends_sentence(&paragraph[..at], &paragraph[at + 1..]) => Follows::Gap,
            _ => continue,
        };
        let step = paragraph[start..at].trim();
        start = at + 1;
        if !step.is_empty() {
            steps.push((follows, step.to_owned()));
            follows = next;
        } else if next == Follows::Gap && follows == Follows::Direct {
            follows = next;
        }
    }
    let last = paragraph[start..].trim();
    if !last.is_empty() {
        steps.push((follows, last.to_owned()));
    }
    steps
}

/// Whether a full stop between these ends a sentence, rather than shortening a word. In doubt it
/// does where the word may end one: a gap too many is seen and put right, one too few is not.
fn ends_sentence(before: &str, after: &str) -> bool {
    if !(after.is_empty() || after.starts_with(char::is_whitespace) || mark(after).is_some()) {
        return false;
    }
    let word = before.rsplit([' ', '(', '[', ',', ';', '-']).next().unwrap_or_default();
    let letters = word.to_lowercase();
    let listed = |list: &str, word: &str| !word.is_empty() && list.contains(&format!(" {word} "));
    let initial = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    if initial || word.contains('.') || listed(SHORT_WORDS, &letters) {
        return false;
    }
    if listed(ENDINGS, &letters) {
        let next = after.split_whitespace().next().unwrap_or_default().to_lowercase();
        return listed(OPENINGS, next.trim_end_matches([',', ':']));
    }
    true
}

/// Reads `[1]. The one. [2]. The other.`
fn read_notes(text: &str, parts: &mut Parts) {
    let mut marks: Vec<(u32, usize, usize)> = Vec::new();
    for (at, _) in text.match_indices('[') {
        let before = text[..at].trim_end_matches([' ', '\t']).chars().next_back();
        // `(see note [2])` is no beginning of a note.
        let begins = before.is_none_or(|before| "\n.)]:;\"\u{201D}?".contains(before));
        if let Some((number, length)) = mark(&text[at..]).filter(|_| begins) {
            marks.push((number, at, at + length));
        }
    }
    let ends = marks.iter().skip(1).map(|(_, at, _)| *at).chain([text.len()]);
    for ((number, _, start), end) in marks.iter().zip(ends) {
        let note = plain(text[*start..end].trim_start_matches(['.', ' ']));
        if !note.is_empty() {
            let known = parts.notes.entry(*number).or_default();
            *known = plain(&format!("{known} {note}"));
        }
    }
    let general = marks.first().map_or(text, |(_, at, _)| &text[..*at]);
    parts.general = plain(general);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(Follows, &'static str)> {
        let steps = parts(text).steps.into_iter();
        steps.map(|(follows, text)| (follows, &*text.leak())).collect()
    }

    #[test]
    fn semicolons_join_and_full_stops_leave_open() {
        use Follows::{Direct, Gap, Start};
        let cases: [(&str, &[(Follows, &str)]); 9] = [
            ("", &[]),
            ("The artist", &[(Start, "The artist")]),
            ("An A; a Bee. Sea.", &[(Start, "An A"), (Direct, "a Bee"), (Gap, "Sea")]),
            ("A, PA;B, NC;", &[(Start, "A, PA"), (Direct, "B, NC")]),
            (
                "Mr. and Mrs. J. K. Doe, Paris. (Co. & Sons; Rome), 1905 [1]. Sam Salz, Inc. Gift of Y",
                &[
                    (Start, "Mr. and Mrs. J. K. Doe, Paris"),
                    (Gap, "(Co. & Sons; Rome), 1905 [1]"),
                    (Gap, "Sam Salz, Inc"),
                    (Gap, "Gift of Y"),
                ],
            ),
            (
                "Sam Salz, Inc., New York, NY; K. & Co. London",
                &[(Start, "Sam Salz, Inc., New York, NY"), (Direct, "K. & Co. London")],
            ),
            (
                "lot no. 3, Oct. 9, 1963; Joanna K.W. Hailman, until c. 1940",
                &[
                    (Start, "lot no. 3, Oct. 9, 1963"),
                    (Direct, "Joanna K.W. Hailman, until c. 1940"),
                ],
            ),
            ("A (never closed; Bee. C", &[(Start, "A (never closed"), (Direct, "Bee"), (Gap, "C")]),
            ("A;. B\n\nC", &[(Start, "A"), (Gap, "B"), (Gap, "C")]),
        ];
        for (text, steps) in cases {
            assert_eq!(told(text), steps, "{text}");
        }
    }

    #[test]
    fn notes_are_told_from_the_body() {
        let text = "A [1]; B [2].\n\nNotes:\n[1]. See note [2].\n[2] Lot 7.\n\nUnder review by X";
        let read = parts(text);
        assert_eq!(read.steps.len(), 2);
        assert_eq!(read.notes[&1], "See note [2].");
        assert_eq!(read.notes[&2], "Lot 7.");
        assert_eq!((read.general.as_str(), read.remarks.len()), ("", 1));

        let one_line = parts("A [1]; B. NOTES: [1] Lot 1. [2] Lot 2.");
        assert_eq!((one_line.steps.len(), one_line.notes.len()), (2, 2));
        let unheaded = parts("A [1]; B.\n\n[1]. Lot 1.");
        assert_eq!((unheaded.steps.len(), unheaded.notes.len()), (2, 1));
        let unnumbered = parts("A; B.\nNotes:\nIt hung in the hall.");
        assert_eq!((unnumbered.steps.len(), &*unnumbered.general), (2, "It hung in the hall."));
        assert_eq!(parts("Notes on a Scandal; B").steps.len(), 2);
    }

    #[test]
    fn brackets_are_blanked_where_they_are_closed() {
        assert_eq!(without_brackets("a (b [c]) d [é"), "a         d [é");
        assert_eq!(without_brackets("a) b ("), "a) b (");
    }
}
