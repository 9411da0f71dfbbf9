//! Spatial units (LADM): pieces of land with an outline, which titles are about.

use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::geometry::{Area, CoordinateStep, Crs, Outline};
use crate::shape::Described;
use crate::text::{LocalId, Reference};

/// The most sheets of one unit.
pub const MAX_SHEETS: u32 = 8;
/// The most current titles about one unit.
pub const MAX_TITLES: usize = 64;

/// A piece of land. Its outline stands on sheets of their own, so that titles and units stay small.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LandSpatialUnit)]
pub struct SpatialUnit {
    /// The id that the surveyor gave it.
    pub unit: LocalId,
    /// The reference system of its coordinates.
    pub crs: Crs,
    /// What one step of a coordinate is.
    pub step: CoordinateStep,
    /// How many sheets its outline has: `{unit}.1`, `{unit}.2` and so on.
    pub sheets: u32,
    /// Its area, computed from the outline.
    pub area: Area,
    /// The plan or survey it was laid down in.
    pub plan: Reference,
    /// The commitment to the survey's documents.
    pub record: Option<Hash>,
    /// Who surveyed it.
    pub surveyor: PartyId,
    /// When it was laid down here.
    pub surveyed: Time,
    /// The current titles about it, in the order in which they came.
    pub titles: Vec<LocalId>,
    /// Whether a title was ever about it: from then on its outline stands.
    pub titled: bool,
    /// The units whose land it was before a split or merge.
    pub parents: Vec<LocalId>,
    /// The units that took its place; it is then no longer in any title.
    pub children: Vec<LocalId>,
}

impl Object for SpatialUnit {
    const REGISTER: &'static str = "land";
    const KIND: &'static str = "spatial-unit";

    fn id(&self) -> String {
        self.unit.to_string()
    }
}

impl Described for SpatialUnit {
    const EXAMPLE_ID: &'static str = "5007018";

    fn is_id(text: &str) -> bool {
        text.parse::<LocalId>().is_ok()
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        vec![("surveyor", self.surveyor)]
    }
}

impl SpatialUnit {
    /// The ids of its sheets, in order.
    pub fn sheet_ids(&self) -> impl Iterator<Item = String> + '_ {
        (1..=self.sheets).map(|number| sheet_id(&self.unit, number))
    }
}

/// A sheet of a unit's outline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LandSheet)]
pub struct Sheet {
    /// The unit.
    pub unit: LocalId,
    /// Which sheet of it, from 1.
    pub number: u32,
    /// What is drawn on it.
    pub outline: Outline,
}

/// The id of a unit's sheet.
pub fn sheet_id(unit: &LocalId, number: u32) -> String {
    format!("{unit}.{number}")
}

impl Object for Sheet {
    const REGISTER: &'static str = "land";
    const KIND: &'static str = "sheet";

    fn id(&self) -> String {
        sheet_id(&self.unit, self.number)
    }
}

impl Described for Sheet {
    const EXAMPLE_ID: &'static str = "5007018.1";

    fn is_id(text: &str) -> bool {
        let number = |number: &str| matches!(number.as_bytes(), [b'1'..=b'8']);
        text.rsplit_once('.')
            .is_some_and(|(unit, sheet)| unit.parse::<LocalId>().is_ok() && number(sheet))
    }
}
