//! A museum's object as its file has it, and the registration that comes of it.

use chancery_client::{Hash, PartyId};
use chancery_registries::artworks::{
    ConditionReport, Description, EditionNumber, Place, RegisterWork,
};
use chancery_registries::text::{LocalId, Text};
use serde::Deserialize;
use serde_json::Number;

use super::plain;

/// An object in the collection data of the Carnegie Museum of Art. What else its lines hold is not
/// read; the commitment is to the whole line.
#[derive(Debug, Deserialize)]
pub(super) struct MuseumObject {
    id: String,
    accession_number: String,
    title: String,
    #[serde(default)]
    creator: Vec<Creator>,
    creation_date: Option<String>,
    creation_date_earliest: Option<String>,
    creation_date_latest: Option<String>,
    medium: Option<String>,
    classification: Option<String>,
    item_height: Option<Number>,
    item_width: Option<Number>,
    item_depth: Option<Number>,
    physical_location: Option<String>,
    /// The provenance, in the museum's words.
    #[serde(default)]
    pub(super) provenance_text: String,
}

#[derive(Debug, Deserialize)]
struct Creator {
    full_name: Option<String>,
}

/// What a file has nothing about.
const NOT_STATED: &str = "not stated";

impl MuseumObject {
    /// What it is called.
    pub(super) fn title(&self) -> &str {
        &self.title
    }

    /// Reads a line.
    pub(super) fn read(line: &str) -> Result<Self, String> {
        serde_json::from_str(line).map_err(|error| error.to_string())
    }

    /// The id in the register: the collection's name and the accession number.
    pub(super) fn work(&self) -> Result<LocalId, String> {
        let collection = self.id.split(':').next().unwrap_or_default();
        let id = format!("{collection}-{}", self.accession_number);
        id.parse().map_err(|error| format!("{id}: {error}"))
    }

    /// What tells it from every other: the museum's record is about one thing.
    pub(super) fn fingerprint(&self) -> Hash {
        Hash::of(&[b"museum object ", self.id.as_bytes()])
    }

    /// The registration, as unique: what edition a print is of is not in the file.
    pub(super) fn registration(
        &self,
        work: LocalId,
        line: &str,
        keeper: PartyId,
        examiner: PartyId,
    ) -> Result<RegisterWork, String> {
        let condition = "Taken over from the museum's record: the condition is not stated in it";
        Ok(RegisterWork {
            work,
            owner: keeper,
            custodian: keeper,
            examiner,
            artist: None,
            rights_holder: None,
            description: self.description()?,
            record: Hash::of(&[line.as_bytes()]),
            files: Vec::new().try_into().map_err(|error| format!("{error}"))?,
            fingerprint: self.fingerprint(),
            edition: EditionNumber::UNIQUE,
            place: self.place()?,
            condition: ConditionReport { statement: text(condition)?, report: None },
        })
    }

    fn description(&self) -> Result<Description, String> {
        let makers: Vec<&str> =
            self.creator.iter().filter_map(|creator| creator.full_name.as_deref()).collect();
        let stated = |value: &Option<String>| value.clone().unwrap_or_else(|| NOT_STATED.into());
        let maker = if makers.is_empty() { NOT_STATED.into() } else { makers.join("; ") };
        Ok(Description {
            object_type: text(&stated(&self.classification))?,
            title: text(&self.title)?,
            maker: text(&maker)?,
            date_or_period: self.period().map(|period| text(&period)).transpose()?,
            materials_and_techniques: text(&stated(&self.medium))?,
            measurements: self.measurements().map(|size| text(&size)).transpose()?,
            subject: None,
        })
    }

    /// The date in the museum's words, else the years between which it puts it.
    fn period(&self) -> Option<String> {
        let year =
            |date: &Option<String>| date.as_ref().and_then(|date| date.get(..4)).map(String::from);
        let words = self.creation_date.clone().filter(|words| !words.trim().is_empty());
        words.or_else(|| {
            match (year(&self.creation_date_earliest), year(&self.creation_date_latest)) {
                (Some(first), Some(last)) if first == last => Some(first),
                (Some(first), Some(last)) => Some(format!("{first}-{last}")),
                (first, last) => first.or(last),
            }
        })
    }

    /// Height, width and depth in inches, as the collection measures.
    fn measurements(&self) -> Option<String> {
        let sides = [&self.item_height, &self.item_width, &self.item_depth];
        let sides: Vec<String> = sides
            .into_iter()
            .flatten()
            .filter(|side| side.as_f64().is_some_and(|side| side > 0.0))
            .map(ToString::to_string)
            .collect();
        (!sides.is_empty()).then(|| format!("{} in", sides.join(" x ")))
    }

    /// Where it is shown. That it is not shown says not where it is.
    fn place(&self) -> Result<Option<Place>, String> {
        let shown = |place: &&String| !place.trim().is_empty() && *place != "Not on View";
        self.physical_location.as_ref().filter(shown).map(|place| text(place)).transpose()
    }
}

fn text<const MAX: usize>(value: &str) -> Result<Text<MAX>, String> {
    let value = plain(value);
    Text::try_from(value.clone()).map_err(|error| format!("{value:?}: {error}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"id": "cmoa:things/1", "accession_number": "56.26", "title": "The News\nBoys",
        "creator": [{"full_name": "A"}, {"full_name": "B"}], "creation_date": null,
        "creation_date_earliest": "1841-01-01", "creation_date_latest": "1857-01-01", "medium": "oil",
        "classification": "paintings", "item_height": 29.75, "item_width": 25.75, "item_depth": 0.0,
        "physical_location": "Not on View", "provenance_text": "A; B"}"#;

    #[test]
    fn a_line_becomes_a_registration() {
        let keeper: PartyId = "6GPUO5SIRLYDN3ZGI4FJWBUZJ".parse().unwrap();
        let object = MuseumObject::read(LINE).unwrap();
        let action = object.registration(object.work().unwrap(), LINE, keeper, keeper).unwrap();
        assert_eq!(action.work.as_str(), "cmoa-56.26");
        let described = action.description;
        assert_eq!((described.title.as_str(), described.maker.as_str()), ("The News Boys", "A; B"));
        assert_eq!(described.date_or_period.unwrap().as_str(), "1841-1857");
        assert_eq!(described.measurements.unwrap().as_str(), "29.75 x 25.75 in");
        assert_eq!((action.place, action.files.len()), (None, 0));
    }

    #[test]
    fn what_is_no_object_is_named() {
        assert!(MuseumObject::read("{}").unwrap_err().contains("missing field"));
        let odd = LINE.replace("56.26", "56/26");
        assert!(MuseumObject::read(&odd).unwrap().work().unwrap_err().contains("cmoa-56/26"));
        let long = LINE.replace("\"oil\"", &format!("{:?}", "o".repeat(301)));
        let keeper: PartyId = "6GPUO5SIRLYDN3ZGI4FJWBUZJ".parse().unwrap();
        let object = MuseumObject::read(&long).unwrap();
        let refused = object.registration(object.work().unwrap(), &long, keeper, keeper);
        assert!(refused.unwrap_err().contains("1 to 300 characters"));
    }
}
