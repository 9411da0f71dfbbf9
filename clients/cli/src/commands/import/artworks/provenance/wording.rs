//! What a step says happened, and between whom: the words of provenance texts, each with what a
//! register of title may make of it.
//!
//! A purchase, a gift, a bequest is claimed to have passed title. A name alone, or a dealer's in
//! brackets, says with whom the work was and no more. What was stolen, looted, confiscated or sold
//! under duress passed from hand to hand and not from owner to owner, though the vocabulary of
//! acquisition methods (museumprovenance.org) has it transfer ownership.

use chancery_registries::artworks::{Certainty, ClaimKind, Method};

use super::steps::without_brackets;

/// What a step says, apart from its dates.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wording {
    pub(super) kind: ClaimKind,
    pub(super) method: Option<Method>,
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    pub(super) through: Option<String>,
    pub(super) certainty: Certainty,
}

/// Whom the words behind an opening name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    /// Who has it from then on; from whom may follow.
    Receiver,
    /// Who had it until then; who has it from then on may follow.
    Giver,
    /// Who took it.
    Taker,
    /// The museum itself, whatever follows.
    Museum,
}

use ClaimKind::{Acquisition, Encounter, TransferOfCustody};
use Names::{Giver, Museum, Receiver, Taker};

/// How a step begins, and what that says. The first that fits counts.
const OPENINGS: &[(&str, ClaimKind, Option<Method>, Names)] = &[
    ("forced sale to", TransferOfCustody, Some(Method::ForcedSale), Receiver),
    ("forced sale by", TransferOfCustody, Some(Method::ForcedSale), Giver),
    ("sold under duress to", TransferOfCustody, Some(Method::ForcedSale), Receiver),
    ("sold under duress by", TransferOfCustody, Some(Method::ForcedSale), Giver),
    ("stolen by", TransferOfCustody, Some(Method::Theft), Taker),
    ("stolen from", TransferOfCustody, Some(Method::Theft), Giver),
    ("illegally extracted by", TransferOfCustody, Some(Method::Theft), Taker),
    ("looted by", TransferOfCustody, Some(Method::Looting), Taker),
    ("looted from", TransferOfCustody, Some(Method::Looting), Giver),
    ("plundered by", TransferOfCustody, Some(Method::Looting), Taker),
    ("plundered from", TransferOfCustody, Some(Method::Looting), Giver),
    ("confiscated by", TransferOfCustody, Some(Method::Confiscation), Taker),
    ("confiscated from", TransferOfCustody, Some(Method::Confiscation), Giver),
    ("seized by", TransferOfCustody, Some(Method::Confiscation), Taker),
    ("seized from", TransferOfCustody, Some(Method::Confiscation), Giver),
    ("expropriated by", TransferOfCustody, Some(Method::Confiscation), Taker),
    ("expropriated from", TransferOfCustody, Some(Method::Confiscation), Giver),
    ("appropriated by", TransferOfCustody, Some(Method::Transfer), Taker),
    ("by appropriation", TransferOfCustody, Some(Method::Transfer), Taker),
    ("restituted to", TransferOfCustody, Some(Method::Restitution), Receiver),
    ("restitution to", TransferOfCustody, Some(Method::Restitution), Receiver),
    ("returned to", TransferOfCustody, Some(Method::Return), Receiver),
    ("recovered by", TransferOfCustody, Some(Method::Return), Receiver),
    ("consigned to", TransferOfCustody, Some(Method::Consignment), Receiver),
    ("consigned at", TransferOfCustody, Some(Method::Consignment), Receiver),
    ("consigned by", TransferOfCustody, Some(Method::Consignment), Giver),
    ("on consignment to", TransferOfCustody, Some(Method::Consignment), Receiver),
    ("on consignment with", TransferOfCustody, Some(Method::Consignment), Receiver),
    ("lent to", TransferOfCustody, Some(Method::Loan), Receiver),
    ("lent by", TransferOfCustody, Some(Method::Loan), Giver),
    ("loaned to", TransferOfCustody, Some(Method::Loan), Receiver),
    ("on loan to", TransferOfCustody, Some(Method::Loan), Receiver),
    ("long term loan to", TransferOfCustody, Some(Method::Loan), Receiver),
    ("long-term loan to", TransferOfCustody, Some(Method::Loan), Receiver),
    ("on long-term loan to", TransferOfCustody, Some(Method::Loan), Receiver),
    ("on deposit with", TransferOfCustody, Some(Method::Deposit), Receiver),
    ("on deposit at", TransferOfCustody, Some(Method::Deposit), Receiver),
    ("on deposit to", TransferOfCustody, Some(Method::Deposit), Receiver),
    ("deposited with", TransferOfCustody, Some(Method::Deposit), Receiver),
    ("deposited at", TransferOfCustody, Some(Method::Deposit), Receiver),
    ("transferred to", TransferOfCustody, Some(Method::Transfer), Receiver),
    ("transferred from", TransferOfCustody, Some(Method::Transfer), Giver),
    ("transfered to", TransferOfCustody, Some(Method::Transfer), Receiver),
    ("transfered from", TransferOfCustody, Some(Method::Transfer), Giver),
    ("delivered to", TransferOfCustody, Some(Method::Transfer), Receiver),
    ("possessed by", Encounter, None, Receiver),
    ("in custody of", Encounter, None, Receiver),
    ("sold at", TransferOfCustody, Some(Method::Sale), Receiver),
    ("auctioned at", TransferOfCustody, Some(Method::Sale), Receiver),
    ("offered at", TransferOfCustody, Some(Method::Sale), Receiver),
    ("sale at", TransferOfCustody, Some(Method::Sale), Receiver),
    ("sale,", TransferOfCustody, Some(Method::Sale), Receiver),
    ("found by", Encounter, Some(Method::Discovery), Receiver),
    ("discovered by", Encounter, Some(Method::Discovery), Receiver),
    ("excavated by", Encounter, Some(Method::Discovery), Receiver),
    ("purchased at auction by", Acquisition, Some(Method::Purchase), Receiver),
    ("privately purchased by", Acquisition, Some(Method::Purchase), Receiver),
    ("purchased by", Acquisition, Some(Method::Purchase), Receiver),
    ("puchased by", Acquisition, Some(Method::Purchase), Receiver),
    ("purchased for", Acquisition, Some(Method::Purchase), Receiver),
    ("purchased from", Acquisition, Some(Method::Purchase), Giver),
    ("bought by", Acquisition, Some(Method::Purchase), Receiver),
    ("bought from", Acquisition, Some(Method::Purchase), Giver),
    ("sold to", Acquisition, Some(Method::Purchase), Receiver),
    ("sold by", Acquisition, Some(Method::Purchase), Giver),
    ("by gift to", Acquisition, Some(Method::Gift), Receiver),
    ("partial gift to", Acquisition, Some(Method::Gift), Receiver),
    ("partial gifts to", Acquisition, Some(Method::Gift), Receiver),
    ("gift to", Acquisition, Some(Method::Gift), Receiver),
    ("gft to", Acquisition, Some(Method::Gift), Receiver),
    ("given to", Acquisition, Some(Method::Gift), Receiver),
    ("presented to", Acquisition, Some(Method::Gift), Receiver),
    ("donated to", Acquisition, Some(Method::Gift), Receiver),
    ("gift of gift of", Acquisition, Some(Method::Gift), Giver),
    ("gift of", Acquisition, Some(Method::Gift), Giver),
    ("gift from", Acquisition, Some(Method::Gift), Giver),
    ("given by", Acquisition, Some(Method::Gift), Giver),
    ("donated by", Acquisition, Some(Method::Gift), Giver),
    ("by bequest to", Acquisition, Some(Method::Bequest), Receiver),
    ("bequest to", Acquisition, Some(Method::Bequest), Receiver),
    ("bequeathed to", Acquisition, Some(Method::Bequest), Receiver),
    ("bequest of", Acquisition, Some(Method::Bequest), Giver),
    ("bequest from", Acquisition, Some(Method::Bequest), Giver),
    ("bequeathed by", Acquisition, Some(Method::Bequest), Giver),
    ("then by descent to", Acquisition, Some(Method::Descent), Receiver),
    ("by descent to", Acquisition, Some(Method::Descent), Receiver),
    ("be descent to", Acquisition, Some(Method::Descent), Receiver),
    ("by inheritance to", Acquisition, Some(Method::Descent), Receiver),
    ("inherited by", Acquisition, Some(Method::Descent), Receiver),
    ("by exchange to", Acquisition, Some(Method::Exchange), Receiver),
    ("by exchange, to", Acquisition, Some(Method::Exchange), Receiver),
    ("through an exchange of value, to", Acquisition, Some(Method::Exchange), Receiver),
    ("commissioned by", Acquisition, Some(Method::Commission), Receiver),
    ("painted for", Acquisition, Some(Method::Commission), Receiver),
    ("acquired by", Acquisition, Some(Method::Acquisition), Receiver),
    ("acquired from", Acquisition, Some(Method::Acquisition), Giver),
    ("museum purchase", Acquisition, Some(Method::Purchase), Museum),
    ("with", Encounter, None, Receiver),
];

/// How a step ends behind a name, and what that says.
const ENDINGS: &[(&str, ClaimKind, Option<Method>)] = &[
    (" by descent", Acquisition, Some(Method::Descent)),
    (" by inheritance", Acquisition, Some(Method::Descent)),
    (" via marriage", Acquisition, Some(Method::Transfer)),
    (" by exchange", Acquisition, Some(Method::Exchange)),
    (" through an exchange of value, to", Acquisition, Some(Method::Exchange)),
    (" sale", TransferOfCustody, Some(Method::Sale)),
];

/// Words that speak of a taking wherever they stand in a step.
const TAKINGS: &[(&str, Method)] = &[
    ("stolen", Method::Theft),
    ("theft", Method::Theft),
    ("looted", Method::Looting),
    ("looting", Method::Looting),
    ("plundered", Method::Looting),
    ("confiscated", Method::Confiscation),
    ("confiscation", Method::Confiscation),
    ("seized", Method::Confiscation),
    ("expropriated", Method::Confiscation),
    ("forced sale", Method::ForcedSale),
    ("forced to sell", Method::ForcedSale),
    ("under duress", Method::ForcedSale),
];

/// Words that name who took: with them a note is worth a look, though it says nothing of a taking.
const TAKERS: &[&str] = &["nazi", "nazis", "goering", "göring", "einsatzstab"];

/// Words with which a source says that it is not sure.
const DOUBTS: &[(&str, Certainty)] = &[
    ("possibly ", Certainty::Possible),
    ("perhaps ", Certainty::Possible),
    ("probably ", Certainty::Probable),
    ("likely ", Certainty::Probable),
    ("likely, ", Certainty::Probable),
    ("presumably ", Certainty::Probable),
];

/// Reads what a step says before its dates: the words, whether they stood in a dealer's bracket, and
/// the whole step, without the marks of notes.
pub(super) fn wording(words: &str, dealer: bool, step: &str) -> Wording {
    let (words, certainty) = without_doubt(words.trim());
    let mut said = opened(words).or_else(|| ended(words)).unwrap_or_else(|| named(words, dealer));
    let doubted = |name: &String| without_brackets(name).contains('?');
    said.certainty = match said.to.iter().any(doubted) {
        true => Certainty::Possible,
        false => certainty,
    };
    as_taking(step, said)
}

/// Whether a text speaks of theft, looting, confiscation or a forced sale, or of those who took.
pub(super) fn speaks_of_taking(text: &str) -> bool {
    let lower = text.to_lowercase();
    taking_in(text).is_some() || TAKERS.iter().any(|taker| stands_in(&lower, taker))
}

fn taking_in(text: &str) -> Option<Method> {
    let lower = text.to_lowercase();
    let (_, method) = TAKINGS.iter().find(|(words, _)| stands_in(&lower, words))?;
    Some(*method)
}

fn without_doubt(words: &str) -> (&str, Certainty) {
    let found = DOUBTS.iter().find_map(|(word, certainty)| Some((after(words, word)?, *certainty)));
    found.unwrap_or((words, Certainty::Stated))
}

/// The words in the bracket with which a step begins, as the names of dealers stand, and whether
/// there is one. With something behind it, such as `as agent`, all stays.
pub(super) fn without_outer_bracket(step: &str) -> (&str, bool) {
    let visible = without_brackets(step);
    match step.strip_prefix('(') {
        Some(inside) if visible.trim().is_empty() => {
            (inside.strip_suffix(')').unwrap_or(inside).trim(), true)
        }
        Some(_) => (step, !visible.starts_with('(')),
        None => (step, false),
    }
}

/// What a text has behind a beginning, whatever its case.
fn after<'a>(text: &'a str, beginning: &str) -> Option<&'a str> {
    let head = text.get(..beginning.len())?;
    let rest = &text[beginning.len()..];
    let whole = beginning.ends_with([' ', ',']) || !rest.starts_with(char::is_alphanumeric);
    (head.eq_ignore_ascii_case(beginning) && whole)
        .then(|| rest.trim_start_matches([' ', ',', ':']))
}

fn opened(words: &str) -> Option<Wording> {
    let words = without_pronoun(words);
    let (rest, (_, kind, method, names)) =
        OPENINGS.iter().find_map(|opening| Some((after(words, opening.0)?, opening)))?;
    let (rest, through) = parted(rest, " through ");
    let takes = method.is_some_and(Method::is_taking);
    let (from, to) = match names {
        Museum => (None, Some("Museum".to_owned())),
        Receiver | Taker => {
            let (receiver, giver) = parted(rest, " from ");
            (giver, some(receiver))
        }
        Giver if takes || *method == Some(Method::Purchase) => {
            let (giver, taker) = parted(rest, " by ");
            let (giver, receiver) = parted(giver, " to ");
            (some(giver), taker.or(receiver))
        }
        Giver => {
            let (giver, receiver) = parted(rest, " to ");
            (some(giver), receiver)
        }
    };
    Some(wording_of(*kind, *method, from, to, through))
}

/// "his gift to" without whose it is.
fn without_pronoun(words: &str) -> &str {
    let shorter = ["his ", "her ", "their ", "its ", "the "].into_iter().find_map(|pronoun| {
        let rest = after(words, pronoun)?;
        OPENINGS.iter().any(|opening| after(rest, opening.0).is_some()).then_some(rest)
    });
    shorter.unwrap_or(words)
}

/// "A, by descent" and "A sale, Christie's".
fn ended(words: &str) -> Option<Wording> {
    let visible = without_brackets(words);
    let first = &words[..visible.find(',').unwrap_or(words.len())];
    for (ending, kind, method) in ENDINGS {
        let is_sale = *method == Some(Method::Sale);
        // Whose sale it was stands before the house.
        let whole = if is_sale { first } else { words };
        let Some(name) = before(whole, ending) else { continue };
        let name = name.trim_end_matches([' ', ',']);
        if is_sale {
            let house = some(words[first.len()..].trim_start_matches([' ', ',']));
            return Some(wording_of(*kind, *method, some(name), house, None));
        }
        return Some(wording_of(*kind, *method, None, some(name), None));
    }
    None
}

fn before<'a>(text: &'a str, ending: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(ending.len())?;
    text.get(at..).filter(|tail| tail.eq_ignore_ascii_case(ending)).map(|_| &text[..at])
}

/// A name alone. A dealer or an agent has a work, and is not said to own it.
fn named(words: &str, dealer: bool) -> Wording {
    let agent = without_brackets(words).to_lowercase().contains(" as agent");
    let kind = if dealer || agent { TransferOfCustody } else { Encounter };
    wording_of(kind, None, None, some(words), None)
}

fn wording_of(
    kind: ClaimKind,
    method: Option<Method>,
    from: Option<String>,
    to: Option<String>,
    through: Option<String>,
) -> Wording {
    Wording { kind, method, from, to, through, certainty: Certainty::Stated }
}

/// A step that speaks of a taking is one, unless it is how the work came back.
fn as_taking(step: &str, said: Wording) -> Wording {
    let comes_back = matches!(said.method, Some(Method::Restitution | Method::Return));
    match taking_in(step) {
        Some(method) if !comes_back => {
            Wording { kind: TransferOfCustody, method: Some(method), ..said }
        }
        _ => said,
    }
}

/// Whether words stand in a text as whole words.
fn stands_in(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| {
        let open = !text[..at].ends_with(char::is_alphanumeric);
        open && !text[at + words.len()..].starts_with(char::is_alphanumeric)
    })
}

/// The two sides of the first such word that stands outside brackets.
fn parted<'a>(text: &'a str, word: &str) -> (&'a str, Option<String>) {
    match without_brackets(text).find(word) {
        Some(at) => (&text[..at], some(&text[at + word.len()..])),
        None => (text, None),
    }
}

fn some(text: &str) -> Option<String> {
    let text = text.trim_matches([' ', ',', ':']);
    (!text.is_empty()).then(|| text.to_owned())
}
