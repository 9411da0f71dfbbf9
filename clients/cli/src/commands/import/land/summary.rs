//! The report of an import: what was taken as it is, and what was not and why.

use std::collections::{BTreeMap, BTreeSet};

use chancery_registries::land::geometry::Crs;
use serde_json::{Value, json};

use super::departure::{Departure, FOR_ALL};
use super::plan::Planned;
use super::source::Source;

/// How many titles that were not taken are shown to people.
const SHOWN: usize = 20;

/// What has become of the source so far.
pub(super) struct Summary {
    crs: Crs,
    in_source: usize,
    rights_without_title: usize,
    parcels_without_title: usize,
    registered: Vec<String>,
    already_there: Vec<String>,
    refused: Vec<Value>,
    units: BTreeSet<String>,
    parties: BTreeSet<String>,
    points: usize,
    shares: usize,
    interests: BTreeMap<&'static str, usize>,
    departures: BTreeMap<Departure, Vec<String>>,
}

impl Summary {
    /// Before anything was done.
    pub(super) fn of(source: &Source, crs: Crs) -> Self {
        Self {
            crs,
            in_source: source.titles.len(),
            rights_without_title: source.rights_without_title(),
            parcels_without_title: source.parcels_without_title(),
            registered: Vec::new(),
            already_there: Vec::new(),
            refused: Vec::new(),
            units: BTreeSet::new(),
            parties: BTreeSet::new(),
            points: 0,
            shares: 0,
            interests: BTreeMap::new(),
            departures: BTreeMap::new(),
        }
    }

    /// How a title departs from the source.
    pub(super) fn departs(&mut self, planned: &Planned) {
        for departure in &planned.departures {
            self.departures.entry(*departure).or_default().push(planned.number.clone());
        }
    }

    /// A title was registered now.
    pub(super) fn registers(&mut self, planned: &Planned) {
        self.registered.push(planned.number.clone());
        self.takes(planned);
    }

    /// A title had been registered before.
    pub(super) fn was_there(&mut self, planned: &Planned) {
        self.already_there.push(planned.number.clone());
        self.takes(planned);
    }

    /// A title was not taken.
    pub(super) fn refuses(&mut self, number: &str, code: &str, why: &str) {
        self.refused.push(json!({"title": number, "code": code, "why": why}));
    }

    /// How many titles were not taken.
    pub(super) fn refused_count(&self) -> usize {
        self.refused.len()
    }

    fn takes(&mut self, planned: &Planned) {
        for unit in &planned.units {
            if self.units.insert(unit.unit.to_string()) {
                self.points += unit.outline.point_count();
            }
        }
        self.parties.extend(planned.newcomers().map(|party| party.key.clone()));
        self.shares += planned.owners.len();
        for interest in &planned.interests {
            *self.interests.entry(interest.kind.name()).or_default() += 1;
        }
    }

    /// For machines, title by title.
    pub(super) fn to_json(&self) -> Value {
        let departures = self.departures.iter().map(|(departure, titles)| {
            json!({"why": departure, "what": departure.what(), "titles": titles})
        });
        json!({
            "titles": {
                "in_source": self.in_source, "registered": self.registered.len(),
                "already_there": self.already_there.len(), "refused": self.refused,
            },
            "taken": {
                "units": self.units.len(), "points": self.points, "crs": self.crs,
                "parties": self.parties.len(), "ownership_shares": self.shares,
                "interests": self.interests,
            },
            "not_taken_as_it_is": departures.collect::<Vec<_>>(),
            "for_all": FOR_ALL,
            "left_out": {
                "rights_without_title": self.rights_without_title,
                "parcels_without_title": self.parcels_without_title,
            },
        })
    }

    /// For people.
    pub(super) fn to_text(&self) -> String {
        let mut text = format!(
            "{} titles in the source: {} registered, {} registered before, {} not taken\n\
             taken as it is: {} units of {} points in millimetres of {}; {} exact shares of {} parties",
            self.in_source,
            self.registered.len(),
            self.already_there.len(),
            self.refused.len(),
            self.units.len(),
            self.points,
            self.crs,
            self.shares,
            self.parties.len(),
        );
        for (name, count) in &self.interests {
            text += &format!("; {count} {name}");
        }
        text += "\nnot as the source has it:\n";
        for (departure, titles) in &self.departures {
            text += &format!("{:>5} titles: {}\n", titles.len(), departure.what());
        }
        for what in FOR_ALL {
            text += &format!("  all titles: {what}\n");
        }
        for (count, what) in [
            (self.rights_without_title, "rights of titles that are not in the source"),
            (self.parcels_without_title, "parcels that no title is about"),
        ] {
            if count > 0 {
                text += &format!("left out: {count} {what}\n");
            }
        }
        for refused in self.refused.iter().take(SHOWN) {
            text += &format!(
                "NOT TAKEN {}: {} {}\n",
                refused["title"], refused["code"], refused["why"]
            );
        }
        if let Some(more) = self.refused.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            text += &format!("and {more} more NOT TAKEN: --report FILE names them all\n");
        }
        text
    }
}
