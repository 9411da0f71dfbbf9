//! Dates as provenance texts write them: "by 1946", "c. 1930 until at least May 2, 1941".

use chancery_registries::artworks::{Doubt, HistoricDate, Point, Span};
use chancery_registries::text::Date;

use super::steps::without_brackets;

/// When a step began and ended, as far as its text says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Dates {
    /// When it came there.
    pub(super) since: Option<HistoricDate>,
    /// When it left.
    pub(super) until: Option<HistoricDate>,
    /// Where in the text its dates begin.
    pub(super) begin: Option<usize>,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
/// Words that belong to the date behind them.
const QUALIFIERS: &str = " by in on at about around circa c ca early late mid very likely possibly \
     probably perhaps sometime least before after since from until till to through the as of between \
     and or but spring summer autumn fall winter first second half end beginning ";
/// Words that may follow on a date.
const FOLLOWERS: &str = " until till to through and or but as by when ";

/// A word, and what stands between it and its neighbours.
struct Word<'a> {
    text: &'a str,
    start: usize,
    before: &'a str,
    after: &'a str,
}

/// A date with what is said about it.
#[derive(Clone, Copy)]
struct Stated {
    span: Span,
    doubt: Doubt,
    bound: Bound,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    At,
    ThenOrEarlier,
    ThenOrLater,
}

impl Stated {
    fn date(self) -> Option<HistoricDate> {
        let point = Point::new(self.span, self.doubt).ok()?;
        Some(match self.bound {
            Bound::At => HistoricDate::at(point),
            Bound::ThenOrEarlier => HistoricDate::up_to(point),
            Bound::ThenOrLater => HistoricDate::from_on(point),
        })
    }
}

/// The dates of a step. Those in brackets are somebody's life and not the work's.
pub(super) fn dates(step: &str) -> Dates {
    let visible = without_brackets(step);
    let words = words(&visible);
    let (mut since, mut until, mut begin): (Option<Stated>, Option<Stated>, _) = (None, None, None);
    let mut at = 0;
    while at < words.len() {
        let Some((span, length)) = point(&words, at) else {
            at += 1;
            continue;
        };
        let first = qualified_from(&words, at);
        let said: Vec<String> =
            words[first..at].iter().map(|word| word.text.to_lowercase()).collect();
        let says = |any: &[&str]| said.iter().any(|word| any.contains(&word.as_str()));
        let is_range = since.is_some()
            && (says(&["to"])
                || words[at].before.trim() == "-"
                || words[at].before.trim() == "\u{2013}");
        let ends = says(&["until", "till", "through"]) || is_range;
        let last = &words[at + length - 1];
        let stated = Stated { span, doubt: doubt(&says, last.after), bound: bound(&says, ends) };
        if ends {
            until = until.or(Some(stated));
        } else {
            since = since.or(Some(stated));
        }
        begin = begin.or(Some(words[first].start));
        at += length;
    }
    reconciled(since, until, begin)
}

/// Where a text has a step end before it begins, neither date is sure.
fn reconciled(since: Option<Stated>, until: Option<Stated>, begin: Option<usize>) -> Dates {
    let date = |stated: Option<Stated>| stated.and_then(Stated::date);
    let first = date(since).and_then(HistoricDate::earliest);
    let last = date(until).and_then(HistoricDate::latest);
    let unsure = |stated: Stated| Stated { doubt: Doubt::Uncertain, ..stated };
    match (first, last) {
        (Some(first), Some(last)) if last < first => {
            Dates { since: date(since.map(unsure)), until: date(until.map(unsure)), begin }
        }
        _ => Dates { since: date(since), until: date(until), begin },
    }
}

fn doubt(says: &impl Fn(&[&str]) -> bool, after: &str) -> Doubt {
    let circa = says(&["c", "ca", "circa", "about", "around"]);
    // 1891/2 is one of two years.
    let uncertain =
        says(&["likely", "possibly", "probably", "perhaps"]) || after.starts_with(['?', '/']);
    match (circa, uncertain) {
        (true, true) => Doubt::Both,
        (true, false) => Doubt::Circa,
        (false, true) => Doubt::Uncertain,
        (false, false) => Doubt::None,
    }
}

fn bound(says: &impl Fn(&[&str]) -> bool, ends: bool) -> Bound {
    if says(&["after"]) || (ends && says(&["least"])) {
        Bound::ThenOrLater
    } else if says(&["by", "before"]) {
        Bound::ThenOrEarlier
    } else {
        Bound::At
    }
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut bounds: Vec<(usize, usize)> = Vec::new();
    let mut start = None;
    for (at, character) in text.char_indices().chain([(text.len(), ' ')]) {
        match (character.is_alphanumeric(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                bounds.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    let word = |(index, (start, end)): (usize, &(usize, usize))| {
        let before = index.checked_sub(1).map_or(0, |index| bounds[index].1);
        let after = bounds.get(index + 1).map_or(text.len(), |next| next.0);
        Word {
            text: &text[*start..*end],
            start: *start,
            before: &text[before..*start],
            after: &text[*end..after],
        }
    };
    bounds.iter().enumerate().map(word).collect()
}

/// The word from which on everything qualifies the date at a word.
fn qualified_from(words: &[Word<'_>], at: usize) -> usize {
    let mut first = at;
    while first > 0 && listed(QUALIFIERS, words[first - 1].text) {
        let joined = words[first].before.trim();
        if !matches!(joined, "" | "." | "-" | "\u{2013}") {
            break;
        }
        first -= 1;
    }
    first
}

fn listed(list: &str, word: &str) -> bool {
    list.contains(&format!(" {} ", word.to_lowercase()))
}

/// The date that begins with a word, and how many words it takes.
fn point(words: &[Word<'_>], at: usize) -> Option<(Span, usize)> {
    let text = |ahead: usize| words.get(at + ahead).map(|word| word.text);
    let number = |ahead: usize| text(ahead).and_then(digits);
    // What stands before a word of a date: not the end of a sentence or of a part.
    let close = |ahead: usize| matches!(words[at + ahead].before.trim(), "" | "," | "." | "/");
    if let Some(month) = text(0).and_then(month) {
        if let (Some(day), Some(year)) = (number(1), text(2).and_then(year))
            && close(1)
            && close(2)
        {
            return Some((day_of(year, month, day)?, 3));
        }
        let of = usize::from(text(1).is_some_and(|word| word.eq_ignore_ascii_case("of")));
        let year = text(1 + of).and_then(year).filter(|_| close(1 + of))?;
        return Some((Span::Month(year, month), 2 + of));
    }
    if let (Some(day), Some(month), Some(year)) =
        (number(0), text(1).and_then(month), text(2).and_then(year))
        && words[at + 1].before == " "
    {
        return Some((day_of(year, month, day)?, 3));
    }
    if let (Some(month), Some(day), Some(year)) = (number(0), number(1), text(2).and_then(year))
        && words[at + 1].before == "/"
        && words[at + 2].before == "/"
    {
        return Some((day_of(year, u8::try_from(month).ok()?, day)?, 3));
    }
    if let Some(century) = text(0).and_then(ordinal)
        && text(1).is_some_and(|word| word.eq_ignore_ascii_case("century"))
    {
        return Some((Span::Century(century.checked_sub(1)?), 2));
    }
    stands_alone(words, at).then(|| year_or_decade(words[at].text)).flatten().map(|span| (span, 1))
}

fn day_of(year: u16, month: u8, day: u16) -> Option<Span> {
    Date::new(year, month, u8::try_from(day).ok()?).ok().map(Span::Day)
}

/// Whether a number can be a year where it stands, and not a lot or a house.
fn stands_alone(words: &[Word<'_>], at: usize) -> bool {
    let word = &words[at];
    let opens = at == 0
        || word.before.contains([',', '(', ';'])
        || listed(QUALIFIERS, words[at - 1].text)
        || matches!(word.before.trim(), "-" | "\u{2013}");
    let closes = match words.get(at + 1) {
        None => true,
        Some(next) => {
            word.after
                .trim_start_matches(' ')
                .starts_with([',', ';', ')', '.', '?', '-', '/', '\u{2013}'])
                || listed(FOLLOWERS, next.text)
        }
    };
    opens && closes
}

fn month(word: &str) -> Option<u8> {
    let word = word.to_lowercase();
    let is =
        |name: &str| word == name || word == name[..3] || (word == "sept" && name == "september");
    MONTHS.iter().position(|name| is(name)).and_then(|index| u8::try_from(index + 1).ok())
}

/// A number of one or two digits.
fn digits(word: &str) -> Option<u16> {
    let digits = word.trim_end_matches("th").trim_end_matches("st").trim_end_matches("nd");
    (digits.len() <= 2).then(|| digits.parse().ok()).flatten()
}

fn year(word: &str) -> Option<u16> {
    let is_year = word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    word.parse().ok().filter(|year| is_year && (1000..2100).contains(year))
}

/// `1946`, `1930s` or `1800s`.
fn year_or_decade(word: &str) -> Option<Span> {
    let Some(first) = word.strip_suffix('s') else { return year(word).map(Span::Year) };
    let first = year(first)?;
    match (first % 100, first % 10) {
        (0, _) => u8::try_from(first / 100).ok().map(Span::Century),
        (_, 0) => Some(Span::Decade(first / 10)),
        _ => None,
    }
}

fn ordinal(word: &str) -> Option<u8> {
    let digits = word.strip_suffix("th").or_else(|| word.strip_suffix("st"))?;
    digits.parse().ok().filter(|century| (10..=21).contains(century))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read: since and until, with a slash between them that no date here has.
    fn read(step: &str) -> String {
        let dates = dates(step);
        let date = |date: Option<HistoricDate>| date.map_or(String::new(), |date| date.to_string());
        format!("{} - {}", date(dates.since), date(dates.until))
    }

    #[test]
    fn dates_are_read_as_they_are_written() {
        for (step, expected) in [
            ("A, 1905", "1905 - "),
            ("A, May 1905", "1905-05 - "),
            ("A, February 30, 1905", "1905 - "),
            ("A, May 3, 1905", "1905-05-03 - "),
            ("A, 22 Apr. 1930, no. 3841", "1930-04-22 - "),
            ("A, 11/1/1961", "1961-11-01 - "),
            ("A, on Jan. 26, 1944", "1944-01-26 - "),
            ("A, in November of 1917", "1917-11 - "),
            ("A, by 1905", "[..1905] - "),
            ("A, before 1994", "[..1994] - "),
            ("A, after May 1905", "[1905-05..] - "),
            ("A, since 1994", "1994 - "),
            ("A, c. 1905", "1905~ - "),
            ("A, c.1952-1953", "1952~ - 1953"),
            ("A, ca. 1840 until ca. 1861", "1840~ - 1861~"),
            ("A, by 1930?", "[..1930?] - "),
            ("A, 1931?", "1931? - "),
            (
                "A, likely by June 1974 but by May 1976, until December 9, 1976",
                "[..1974-06?] - 1976-12-09",
            ),
            ("A, until sometime before November 1917", " - [..1917-11]"),
            ("A, until at least April 1936", " - [1936-04..]"),
            ("A, 1934 until January 18, 1967", "1934 - 1967-01-18"),
            ("A, March 13, 1905 to March 15, 1905, no. 230", "1905-03-13 - 1905-03-15"),
            ("A, November 1937-until October 1942", "1937-11 - 1942-10"),
            ("A, early 1960s-1992", "196X - 1992"),
            ("A, mid-1970s", "197X - "),
            ("A, in early 19th century", "18XX - "),
            ("A, 1800s", "18XX - "),
            ("A, ca.1891/2 until 1929", "1891% - 1929"),
            ("A, 1960 until 1950", "1960? - 1950?"),
        ] {
            assert_eq!(read(step), expected, "{step}");
        }
    }

    #[test]
    fn numbers_that_are_no_dates_are_none() {
        for step in [
            "A [1906-1996], New York",
            "A (1839-1911), Paris (Lugt suppl. 2187a)",
            "A, lot 1905",
            "A, no. 1930",
            "A (Lugt 1606), 1900 Main Street",
            "A, stock no. 11296, room 12",
            "The May company; Mr. March",
            "A, 9999, 0912",
        ] {
            assert_eq!(dates(step), Dates::default(), "{step}");
        }
    }

    #[test]
    fn what_is_said_before_the_dates_is_told_apart() {
        for (step, said) in [
            ("A, Paris, by 1905", "A, Paris, "),
            ("A until at least 1905", "A "),
            ("sale, A, May 6, 1918 until May 8, 1918", "sale, A, "),
        ] {
            assert_eq!(dates(step).begin.map(|begin| &step[..begin]), Some(said));
        }
    }
}
