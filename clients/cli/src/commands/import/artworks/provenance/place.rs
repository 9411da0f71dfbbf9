//! The place behind a name, as provenance texts write it: "A, New York, NY", "B, Paris, France".

use super::steps::without_brackets;

const STATES: &str = " AL AK AZ AR CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS \
     MT NC ND NE NH NJ NM NV NY OH OK OR PA RI SC SD TN TX UT VA VT WA WI WV WY ";
/// Countries, and states and provinces that are written out.
const LANDS: [&str; 36] = [
    "Austria",
    "Belgium",
    "Canada",
    "China",
    "Connecticut",
    "Denmark",
    "England",
    "France",
    "Germany",
    "Greece",
    "Hungary",
    "Illinois",
    "India",
    "Ireland",
    "Israel",
    "Italy",
    "Japan",
    "Massachusetts",
    "Mexico",
    "Michigan",
    "Netherlands",
    "New Jersey",
    "New York",
    "Norway",
    "Ohio",
    "Ontario",
    "Pennsylvania",
    "Poland",
    "Portugal",
    "Russia",
    "Scotland",
    "Spain",
    "Sweden",
    "Switzerland",
    "United Kingdom",
    "United States of America",
];
/// Cities that are written without their country.
const CITIES: [&str; 28] = [
    "Amsterdam",
    "Antwerp",
    "Basel",
    "Berlin",
    "Boston",
    "Brussels",
    "Chicago",
    "Cologne",
    "Florence",
    "Geneva",
    "London",
    "Los Angeles",
    "Madrid",
    "Milan",
    "Moscow",
    "Munich",
    "New York",
    "Paris",
    "Philadelphia",
    "Pittsburgh",
    "Rome",
    "San Francisco",
    "The Hague",
    "Tokyo",
    "Toronto",
    "Venice",
    "Vienna",
    "Zurich",
];

/// A name and the place behind it. Where no place is known for one, all of it is the name.
pub(super) fn name_and_place(text: &str) -> (&str, Option<&str>) {
    let visible = without_brackets(text);
    let mut commas: Vec<usize> = visible.match_indices(',').map(|(at, _)| at).collect();
    let Some(last_comma) = commas.pop() else { return (text, None) };
    let last = visible[last_comma + 1..].trim();
    let mut start = last_comma;
    if STATES.contains(&format!(" {last} ")) || LANDS.contains(&last) {
        // The city stands before it, unless that would leave no name.
        while let Some(comma) = commas.pop() {
            start = comma;
            if !visible[comma + 1..last_comma].contains(" and ") {
                break;
            }
        }
        if start == last_comma && !LANDS.contains(&last) {
            return (text, None);
        }
    } else if !CITIES.contains(&last) {
        return (text, None);
    }
    let (name, place) = (text[..start].trim(), text[start + 1..].trim());
    if name.is_empty() || place.is_empty() { (text, None) } else { (name, Some(place)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_from_names() {
        for (text, name, place) in [
            ("A, New York, NY", "A", Some("New York, NY")),
            (
                "Sam Salz [1894-1981], Inc., New York, NY",
                "Sam Salz [1894-1981], Inc.",
                Some("New York, NY"),
            ),
            ("B, Paris, France", "B", Some("Paris, France")),
            ("B, Paris", "B", Some("Paris")),
            ("C, England", "C", Some("England")),
            ("D, London, England and New York, NY", "D", Some("London, England and New York, NY")),
            ("Pittsburgh, PA", "Pittsburgh, PA", None),
            ("E, Jr.", "E, Jr.", None),
            ("Richard, 2nd Earl Temple", "Richard, 2nd Earl Temple", None),
            ("F (a dealer, Paris)", "F (a dealer, Paris)", None),
            ("", "", None),
        ] {
            assert_eq!(name_and_place(text), (name, place), "{text}");
        }
    }
}
