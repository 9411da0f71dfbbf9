//! Provenance texts and what is read in them: tables, real ones, and random ones.

#![allow(clippy::unwrap_used, clippy::panic)]

use chancery_registries::artworks::{Certainty, ClaimKind, Follows, Method, NewClaim, NewClaims};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Reading, read};

/// The one claim of a text of one step, without what is the same in all.
fn one(text: &str) -> Value {
    let reading = read(text);
    assert_eq!(reading.claims.len(), 1, "{text}: {reading:?}");
    let mut claim = serde_json::to_value(&reading.claims[0]).unwrap();
    let fields = claim.as_object_mut().unwrap();
    for field in ["follows", "text"] {
        fields.remove(field);
    }
    if fields["certainty"] == "stated" {
        fields.remove("certainty");
    }
    claim
}

#[test]
fn what_passes_title_is_claimed_to() {
    for (text, expected) in [
        (
            "purchased by A, Paris, France, May 1905",
            json!({"method": "purchase", "to": "A", "place": "Paris, France", "since": "1905-05"}),
        ),
        ("sold to A, until 1905", json!({"method": "purchase", "to": "A", "until": "1905"})),
        (
            "purchased from A by B, 1905",
            json!({"method": "purchase", "from": "A", "to": "B", "since": "1905"}),
        ),
        (
            "purchased by A through B, 1905",
            json!({"method": "purchase", "to": "A", "through": "B", "since": "1905"}),
        ),
        ("sold by A to B", json!({"method": "purchase", "from": "A", "to": "B"})),
        (
            "his gift to A Museum, Pittsburgh, PA",
            json!({"method": "gift", "to": "A Museum", "place": "Pittsburgh, PA"}),
        ),
        ("Gift of A, 2012", json!({"method": "gift", "from": "A", "since": "2012"})),
        (
            "gift of the artist to A, Rome",
            json!({"method": "gift", "from": "the artist", "to": "A", "place": "Rome"}),
        ),
        ("bequest to A", json!({"method": "bequest", "to": "A"})),
        (
            "by descent to his wife, B, Mars, PA, 1982",
            json!({"method": "descent", "to": "his wife, B", "place": "Mars, PA", "since": "1982"}),
        ),
        ("A, his daughter, by descent", json!({"method": "descent", "to": "A, his daughter"})),
        ("A via marriage", json!({"method": "transfer", "to": "A"})),
        ("A, through an exchange of value, to", json!({"method": "exchange", "to": "A"})),
        (
            "Commissioned by A [-1780], Amsterdam",
            json!({"method": "commission", "to": "A [-1780]", "place": "Amsterdam"}),
        ),
        (
            "acquired by A from B, 1961",
            json!({"method": "acquisition", "to": "A", "from": "B", "since": "1961"}),
        ),
        (
            "Museum purchase: Gift of A, 1963",
            json!({"method": "purchase", "to": "Museum", "since": "1963"}),
        ),
        (
            "possibly purchased by A",
            json!({"method": "purchase", "to": "A", "certainty": "possible"}),
        ),
    ] {
        let mut expected = expected;
        expected["kind"] = json!("acquisition");
        assert_eq!(one(text), expected, "{text}");
    }
}

#[test]
fn what_passes_the_thing_is_no_more_than_that() {
    for (text, expected) in [
        ("(A & Co., New York, NY)", json!({"to": "A & Co.", "place": "New York, NY"})),
        ("(A, Inc.) as agent, 2011", json!({"to": "(A, Inc.) as agent", "since": "2011"})),
        (
            "A as agent, London, 1895",
            json!({"to": "A as agent", "place": "London", "since": "1895"}),
        ),
        (
            "(sold at A, New York, NY, April 9, 1915?)",
            json!({"method": "sale", "to": "A", "place": "New York, NY", "since": "1915-04-09?"}),
        ),
        (
            "his sale, A, Paris, France, May 6, 1918 until May 8, 1918, no. 209",
            json!({"method": "sale", "to": "A", "place": "Paris, France", "since": "1918-05-06",
                "until": "1918-05-08"}),
        ),
        (
            "A sale, B, London, 1811, lot 10",
            json!({"method": "sale", "from": "A", "to": "B", "place": "London", "since": "1811"}),
        ),
        (
            "(Possibly sold at A, 1907)",
            json!({"method": "sale", "to": "A", "since": "1907", "certainty": "possible"}),
        ),
        ("consigned to A, Boston", json!({"method": "consignment", "to": "A", "place": "Boston"})),
        ("Long term loan to A since 1994", json!({"method": "loan", "to": "A", "since": "1994"})),
        ("on deposit with A", json!({"method": "deposit", "to": "A"})),
        ("transferred from A to B", json!({"method": "transfer", "from": "A", "to": "B"})),
        ("returned to A", json!({"method": "return", "to": "A"})),
        (
            "restituted to the heirs of A, 1999, from whom it was stolen",
            json!({"method": "restitution", "to": "the heirs of A", "since": "1999"}),
        ),
        (
            "By appropriation, 1972",
            json!({"method": "transfer", "to": "By appropriation, 1972", "since": "1972"}),
        ),
    ] {
        let mut expected = expected;
        expected["kind"] = json!("transfer-of-custody");
        assert_eq!(one(text), expected, "{text}");
    }
}

#[test]
fn a_name_alone_says_with_whom_it_was() {
    for (text, expected) in [
        ("The artist", json!({"to": "The artist"})),
        (
            "A Mann [c. 1932-1987], New York, NY, until 1943",
            json!({"to": "A Mann [c. 1932-1987]", "place": "New York, NY", "until": "1943"}),
        ),
        (
            "likely, A (Mrs. B) [1822-1897]",
            json!({"to": "A (Mrs. B) [1822-1897]",
            "certainty": "probable"}),
        ),
        (
            "A?, Amsterdam, after 1936",
            json!({"to": "A?", "place": "Amsterdam", "since": "[1936..]", "certainty": "possible"}),
        ),
        ("with A, by 1969", json!({"to": "A", "since": "[..1969]"})),
        ("1923", json!({"to": "1923", "since": "1923"})),
        ("discovered by A", json!({"to": "A", "method": "discovery"})),
    ] {
        let mut expected = expected;
        expected["kind"] = json!("encounter");
        assert_eq!(one(text), expected, "{text}");
    }
}

/// The words of the museums' vocabulary for takings, each of which it has transfer ownership.
const TAKINGS: [(&str, Method); 16] = [
    ("stolen by B", Method::Theft),
    ("Stolen from A by B, 1990", Method::Theft),
    ("illegally extracted by B", Method::Theft),
    ("looted by B from A", Method::Looting),
    ("plundered by B", Method::Looting),
    ("confiscated by B, 1938", Method::Confiscation),
    ("(confiscated from A)", Method::Confiscation),
    ("seized by B", Method::Confiscation),
    ("expropriated by B", Method::Confiscation),
    ("forced sale, to B", Method::ForcedSale),
    ("forced sale to B, 1937", Method::ForcedSale),
    ("sold under duress by A to B", Method::ForcedSale),
    ("purchased by B, 1938, under duress", Method::ForcedSale),
    ("possibly looted by B", Method::Looting),
    ("B, who had stolen it", Method::Theft),
    ("gift of A, confiscated 1941", Method::Confiscation),
];

#[test]
fn no_taking_changes_title() {
    for (text, method) in TAKINGS {
        let claim = &read(text).claims[0];
        let read = (claim.kind, claim.method);
        assert_eq!(read, (ClaimKind::TransferOfCustody, Some(method)), "{text}");
        assert_eq!(claim.text.as_str(), text);
    }
    let looted = one("looted by B from A, 1941");
    assert_eq!((&looted["from"], &looted["to"]), (&json!("A"), &json!("B")));
    let stolen = one("stolen from A by B");
    assert_eq!((&stolen["from"], &stolen["to"]), (&json!("A"), &json!("B")));
    // Words that only look alike.
    assert_eq!(read("purchased by Stolenberg").claims[0].kind, ClaimKind::Acquisition);
    assert!(read("A [1]. NOTES: [1] Looted by B in 1941.").alarming);
}

#[test]
fn a_text_becomes_a_chain_with_its_gaps_and_notes() {
    let text = "Paul Cézanne [1839-1906], France. Ambroise Vollard, Paris, France [1]; purchased by \
                Georges Bernheim, Paris, France, December 29, 1916 [2].\n\nNotes:\n[1]. Stock no. \
                3465A.\n[2]. Stock no. 19935. \n\nUnder review by X";
    let reading = read(text);
    let follows: Vec<Follows> = reading.claims.iter().map(|claim| claim.follows).collect();
    assert_eq!(follows, [Follows::Start, Follows::Gap, Follows::Direct]);
    let last = &reading.claims[2];
    assert_eq!(last.note.as_ref().unwrap().as_str(), "[2] Stock no. 19935.");
    assert_eq!(last.to.as_ref().unwrap().as_str(), "Georges Bernheim");
    assert_eq!(reading.claims[0].note, None);
    assert_eq!((reading.remarks.len(), reading.cut, reading.alarming), (1, 0, false));
}

#[test]
fn what_is_too_long_is_cut_to_be_seen() {
    let reading = read(&"a very long name ".repeat(200));
    assert_eq!(reading.cut, 2, "the step and the name in it");
    assert!(reading.claims[0].text.as_str().ends_with('…'));
}

/// Letters and digits: what no reading may lose.
fn letters(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).collect()
}

fn check(reading: &Reading) {
    for (index, claim) in reading.claims.iter().enumerate() {
        assert_eq!(claim.follows == Follows::Start, index == 0, "{claim:?}");
        let taken = claim.method.is_some_and(Method::is_taking);
        assert!(!(taken && claim.kind == ClaimKind::Acquisition), "{claim:?}");
        assert!(claim.to.is_some() || claim.from.is_some(), "{claim:?}");
        if let (Some(since), Some(until)) = (claim.since, claim.until) {
            let (first, last) = (since.earliest(), until.latest());
            let firm = !since.is_doubtful() && !until.is_doubtful();
            assert!(!firm || last.is_none() || first <= last, "{claim:?}");
        }
        let json = serde_json::to_string(claim).unwrap();
        assert_eq!(&serde_json::from_str::<NewClaim>(&json).unwrap(), claim);
    }
}

/// A text of words that mean something, and of what separates them.
fn texts() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("; "),
        Just(". "),
        Just(", "),
        Just(" "),
        Just("\n\n"),
        Just("("),
        Just(")"),
        Just("["),
        Just("]"),
        Just("[1]"),
        Just("?"),
        Just("-"),
        Just("/"),
        Just("Mr."),
        Just("Inc."),
        Just("PA"),
        Just("é"),
        Just("by "),
        Just("until "),
        Just("c."),
        Just("purchased by "),
        Just("looted by "),
        Just("gift of "),
        Just(" from "),
        Just(" to "),
        Just(" sale"),
        Just("possibly "),
        Just("A"),
        Just("1905"),
        Just("May"),
        Just("1960s"),
        Just("12"),
        Just("his "),
        Just(" through "),
    ];
    proptest::collection::vec(word, 0..40).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_and_nothing_panics(text in texts()) {
        // Without a line that begins with a mark, all of it is the body.
        let begins_with_mark = |line: &str| {
            let inside = line.trim_start().strip_prefix('[').and_then(|rest| rest.split_once(']'));
            inside.is_some_and(|(mark, _)| mark.bytes().all(|byte| byte.is_ascii_digit()))
        };
        prop_assume!(!text.lines().skip(1).any(begins_with_mark));
        let reading = read(&text);
        check(&reading);
        let said: String = reading.claims.iter().map(|claim| claim.text.as_str()).collect();
        prop_assert_eq!(letters(&said), letters(&text));
        let gaps = reading.claims.iter().filter(|claim| claim.follows == Follows::Gap).count();
        let stops = text.matches('.').count() + text.matches("\n\n").count();
        prop_assert!(gaps <= stops);
    }

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        check(&read(&text));
    }
}

/// A file of the real inputs; none where they are not at hand.
fn shared(file: &str) -> Option<String> {
    let folder = std::env::var("CHANCERY_SHARED_DATA")
        .unwrap_or_else(|_| format!("{}/../../../shared/data", env!("CARGO_MANIFEST_DIR")));
    let file = format!("{folder}/artworks/{file}");
    let text = std::fs::read_to_string(&file);
    text.inspect_err(|error| eprintln!("skipped: {file}: {error}")).ok()
}

#[test]
fn the_museums_vocabulary_is_not_followed_where_it_has_takings_pass_title() {
    let Some(vocabulary) = shared("acquisition-methods/docs/acquisition_methods.ttl") else {
        return;
    };
    let mut terms = 0;
    for concept in vocabulary.split("\nacq:") {
        let Some((_, rest)) = concept.split_once("acq:prefTerm \"") else { continue };
        let Some((term, _)) = rest.split_once('"') else { continue };
        let takes = super::wording::speaks_of_taking(term)
            || ["illegally extracted by", "appropriated by"].contains(&term);
        if takes {
            assert!(concept.contains("acq:transfersOwnership true"), "{term}");
            let claim = &read(&format!("{term} B, 1941")).claims[0];
            assert_eq!(claim.kind, ClaimKind::TransferOfCustody, "{term}");
            terms += 1;
        }
    }
    assert!(terms >= 6, "{terms}");
}

#[test]
fn every_text_of_the_museum_is_read() {
    let Some(lines) = shared("cmoa_provenance.jsonl") else { return };
    let (mut claims, mut dated, mut gaps) = (0, 0, 0);
    for line in lines.lines() {
        let object: Value = serde_json::from_str(line).unwrap();
        let text = object["provenance_text"].as_str().unwrap();
        let reading = read(text);
        check(&reading);
        assert!(reading.cut == 0 && !reading.claims.is_empty(), "{text}");
        NewClaims::try_from(reading.claims.clone()).unwrap();
        // All that was written is in a claim, in a note or in a remark.
        let mut kept = String::new();
        for claim in &reading.claims {
            kept += &letters(claim.text.as_str());
            kept += &claim.note.as_ref().map_or(String::new(), |note| letters(note.as_str()));
        }
        kept += &letters(&reading.remarks.concat());
        let lost = letters(text).len().saturating_sub(kept.len());
        assert!(lost <= 5 + 12, "{lost} letters beside the word Notes: {text}\n{kept}");
        claims += reading.claims.len();
        dated +=
            reading.claims.iter().filter(|claim| claim.since.or(claim.until).is_some()).count();
        gaps += reading.claims.iter().filter(|claim| claim.follows == Follows::Gap).count();
        assert!(reading.claims.iter().all(|claim| claim.certainty != Certainty::Probable
            || claim.text.as_str().to_lowercase().contains("likely")
            || claim.text.as_str().to_lowercase().contains("probably")));
    }
    eprintln!("{claims} claims, {dated} dated, {gaps} gaps");
    assert!(claims > 1200 && dated > 600 && gaps > 50);
}
