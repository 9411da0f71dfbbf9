//! The folder that is imported: tables of SOLA (FAO's land administration software), one JSON
//! document a line, and the parcels as GeoJSON features.

use std::collections::BTreeMap;
use std::path::Path;

use chancery_client::Hash;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::failure::Failure;

/// A line of `titles.jsonl`.
#[derive(Debug, Deserialize)]
pub(super) struct Title {
    /// SOLA's id of the title.
    pub(super) id: String,
    /// The number that people know it by: `NA60D/903`.
    pub(super) title_no: String,
    /// `LIVE`, or `PRTC` when part of it was cancelled.
    pub(super) status: String,
    /// How the land is held.
    #[serde(rename = "type")]
    pub(super) tenure: String,
    /// When the title was issued, where that is known.
    pub(super) issue_date: Option<String>,
    /// `Guarantee`, or what it is limited to.
    #[serde(rename = "guarantee_", default)]
    pub(super) guarantee: Option<String>,
    /// The estates in words: each with its share, its lot and its area.
    #[serde(rename = "estate_des", default)]
    pub(super) estates: Option<String>,
    /// How many owners there are.
    #[serde(rename = "number_own", default)]
    pub(super) number_of_owners: Option<String>,
    /// The ids of parcels, with commas between them.
    #[serde(rename = "parcelid")]
    pub(super) parcels: String,
}

/// A line of `rrr.jsonl`: a right, restriction or responsibility.
#[derive(Debug, Deserialize)]
pub(super) struct Right {
    pub(super) id: String,
    #[serde(rename = "ba_unit_id")]
    pub(super) title: String,
    #[serde(rename = "nr")]
    pub(super) number: String,
    #[serde(rename = "type_code")]
    pub(super) kind: String,
    #[serde(rename = "status_code")]
    pub(super) status: String,
    #[serde(rename = "registration_date")]
    pub(super) registered: Option<String>,
}

/// A line of `rrr_share.jsonl`.
#[derive(Debug, Deserialize)]
struct ShareLine {
    id: String,
    #[serde(rename = "rrr_id")]
    right: String,
    #[serde(rename = "nominator")]
    numerator: String,
    denominator: String,
}

/// A line of `party_for_rrr.jsonl`.
#[derive(Debug, Deserialize)]
struct PartyForRight {
    #[serde(rename = "rrr_id")]
    right: String,
    #[serde(rename = "party_id")]
    party: String,
    #[serde(rename = "share_id")]
    share: String,
}

/// A line of `party.jsonl`.
#[derive(Debug, Deserialize)]
struct PartyLine {
    id: String,
    #[serde(rename = "type_code")]
    kind: String,
}

/// A line of `parcels.geojsonl`.
#[derive(Debug, Deserialize)]
pub(super) struct Parcel {
    pub(super) properties: ParcelProperties,
    pub(super) geometry: Geometry,
}

/// What is said of a parcel.
#[derive(Debug, Deserialize)]
pub(super) struct ParcelProperties {
    pub(super) id: String,
    /// The lot and plan: `Lot 663 DP 33285`.
    #[serde(rename = "appellatio")]
    pub(super) appellation: String,
    /// The numbers of the titles about it.
    #[serde(default)]
    pub(super) titles: Option<String>,
    /// The area that the surveyor stated, in square metres.
    #[serde(rename = "survey_are", default)]
    pub(super) survey_area: Option<String>,
}

/// A MultiPolygon (RFC 7946 3.1.7), whose numbers are kept as they are written: none is ever read as
/// a floating-point number.
#[derive(Debug, Deserialize)]
pub(super) struct Geometry {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) coordinates: Vec<Vec<Vec<Vec<Box<RawValue>>>>>,
}

/// Somebody who has a right, and what share of it.
#[derive(Debug)]
pub(super) struct Holder {
    /// SOLA's id of the party.
    pub(super) party: String,
    /// Whether it is a natural person.
    pub(super) natural: bool,
    /// Numerator and denominator, as they are written.
    pub(super) share: Option<(String, String)>,
}

/// What stands on a line, and the SHA-256 of the line.
#[derive(Debug)]
pub(super) struct Line<T> {
    pub(super) value: T,
    pub(super) hash: Hash,
}

/// All of it, by what belongs together.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) titles: Vec<Line<Title>>,
    /// By the title's id, in the order of the file.
    rights: BTreeMap<String, Vec<Right>>,
    /// By the right's id.
    holders: BTreeMap<String, Vec<Holder>>,
    /// By the parcel's id.
    parcels: BTreeMap<String, Line<Parcel>>,
}

impl Source {
    /// Reads a folder.
    pub(super) fn read(folder: &Path) -> Result<Self, Failure> {
        let titles = lines::<Title>(&folder.join("titles.jsonl"))?;
        let mut rights: BTreeMap<String, Vec<Right>> = BTreeMap::new();
        for right in values::<Right>(&folder.join("rrr.jsonl"))? {
            rights.entry(right.title.clone()).or_default().push(right);
        }
        let parcels = lines::<Parcel>(&folder.join("parcels.geojsonl"))?;
        let parcels = parcels.into_iter().map(|line| (line.value.properties.id.clone(), line));
        Ok(Self { titles, rights, holders: holders(folder)?, parcels: parcels.collect() })
    }

    /// What a title has of rights, in the order of the file.
    pub(super) fn rights_of(&self, title: &Title) -> &[Right] {
        self.rights.get(&title.id).map_or(&[], Vec::as_slice)
    }

    /// Who has a right.
    pub(super) fn holders_of(&self, right: &Right) -> &[Holder] {
        self.holders.get(&right.id).map_or(&[], Vec::as_slice)
    }

    /// A parcel.
    pub(super) fn parcel(&self, id: &str) -> Option<&Line<Parcel>> {
        self.parcels.get(id)
    }

    /// Whether there is a title of this number.
    pub(super) fn has_title(&self, number: &str) -> bool {
        self.titles.iter().any(|line| line.value.title_no == number)
    }

    /// How many rights belong to no title of the folder.
    pub(super) fn rights_without_title(&self) -> usize {
        let known = |id: &String| self.titles.iter().any(|line| line.value.id == *id);
        self.rights.iter().filter(|(title, _)| !known(title)).map(|(_, rights)| rights.len()).sum()
    }

    /// How many parcels no title is about.
    pub(super) fn parcels_without_title(&self) -> usize {
        let named = |id: &String| {
            self.titles.iter().any(|line| parcel_ids(&line.value).any(|parcel| parcel == id))
        };
        self.parcels.keys().filter(|id| !named(id)).count()
    }
}

/// The ids of a title's parcels.
pub(super) fn parcel_ids(title: &Title) -> impl Iterator<Item = &str> {
    title.parcels.split(',').map(str::trim).filter(|id| !id.is_empty())
}

fn holders(folder: &Path) -> Result<BTreeMap<String, Vec<Holder>>, Failure> {
    let parties = values::<PartyLine>(&folder.join("party.jsonl"))?;
    let natural: BTreeMap<String, bool> =
        parties.into_iter().map(|party| (party.id, party.kind == "naturalPerson")).collect();
    let shares = values::<ShareLine>(&folder.join("rrr_share.jsonl"))?;
    let mut shares: BTreeMap<(String, String), (String, String)> = shares
        .into_iter()
        .map(|share| ((share.right, share.id), (share.numerator, share.denominator)))
        .collect();
    let mut holders: BTreeMap<String, Vec<Holder>> = BTreeMap::new();
    for link in values::<PartyForRight>(&folder.join("party_for_rrr.jsonl"))? {
        let share = shares.remove(&(link.right.clone(), link.share));
        let natural = natural.get(&link.party).copied().unwrap_or(false);
        holders.entry(link.right).or_default().push(Holder { party: link.party, natural, share });
    }
    Ok(holders)
}

fn values<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, Failure> {
    Ok(lines(path)?.into_iter().map(|line| line.value).collect())
}

fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<Line<T>>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, error))?;
    let numbered = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |(index, line): (usize, &str)| match serde_json::from_str(line) {
        Ok(value) => Ok(Line { value, hash: Hash::of(&[line.as_bytes()]) }),
        Err(error) => {
            let what = format!("{}, line {}: {error}", path.display(), index + 1);
            Err(Failure::usage(what))
        }
    };
    numbered.map(read).collect()
}
