//! Licences: who may do what with a conception, where and for how long; and notarised documents.

use std::fmt;
use std::str::FromStr;

use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::parcels::number::is_country;
use crate::shape::Described;
use crate::text::{Distinct, LocalId, Name};

/// The most licences of one conception that have not run out.
pub const MAX_LICENCES: usize = 64;

/// What a licence lets do.
pub type LicenceScopes = Distinct<LicenceScope, 1, 8>;
/// Where a licence holds.
pub type Territories = Distinct<Territory, 1, 64>;
/// Who signs a notarised document.
pub type DocumentParties = Distinct<PartyId, 1, 16>;

/// One thing that a licence lets do (the rights of the Berne Convention and the WIPO Copyright
/// Treaty).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ArtworkLicenceScope)]
pub enum LicenceScope {
    /// Making copies.
    Reproduction,
    /// Selling and lending copies.
    Distribution,
    /// Showing it in public.
    Display,
    /// Broadcasting it.
    Broadcast,
    /// Putting it where anyone may fetch it.
    Online,
    /// Making something else of it.
    Adaptation,
    /// Putting it on goods.
    Merchandise,
    /// Letting machines learn from it.
    MachineLearning,
}

/// Where a licence holds: `world`, or a country by its letters of ISO 3166-1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Territory {
    /// Everywhere.
    World,
    /// A country.
    Country([u8; 2]),
}

/// What a text must be to name a territory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a territory is world, or a country in the two capital letters of ISO 3166-1, as in FR")]
pub struct NotATerritory;

impl Territory {
    /// Whether some place lies in both.
    pub fn overlaps(&self, other: &Self) -> bool {
        *self == Self::World || *other == Self::World || self == other
    }
}

impl FromStr for Territory {
    type Err = NotATerritory;

    fn from_str(text: &str) -> Result<Self, NotATerritory> {
        match text.as_bytes() {
            b"world" => Ok(Self::World),
            [first, second] if is_country(text) => Ok(Self::Country([*first, *second])),
            _ => Err(NotATerritory),
        }
    }
}

impl fmt::Display for Territory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::World => f.write_str("world"),
            Self::Country([first, second]) => write!(f, "{}{}", *first as char, *second as char),
        }
    }
}

impl Serialize for Territory {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Territory {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for Territory {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^(world|[A-Z]{2})$"))
            .examples(["world", "FR"])
            .into()
    }
}

impl ToSchema for Territory {}

/// A licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ArtworkLicence)]
pub struct Licence {
    /// The id that its grantor gave it.
    pub licence: LocalId,
    /// The conception that it is about.
    pub fingerprint: Hash,
    /// Who granted it.
    pub licensor: PartyId,
    /// Who holds it.
    pub licensee: PartyId,
    /// Whether no other may be granted where it holds.
    pub exclusive: bool,
    /// What it lets do.
    pub scopes: LicenceScopes,
    /// Where.
    pub territories: Territories,
    /// From when on.
    pub from: Time,
    /// Until when, that moment excluded; none without an end.
    pub until: Option<Time>,
    /// The hash of its terms.
    pub terms: Hash,
    /// When it was granted.
    pub granted: Time,
    /// When it was ended before its time.
    pub ended: Option<Time>,
}

/// A licence as its conception lists it: what another must not overlap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ArtworkLicenceMark)]
pub struct LicenceMark {
    /// Which.
    pub licence: LocalId,
    /// Whether no other may be granted where it holds.
    pub exclusive: bool,
    /// What it lets do.
    pub scopes: LicenceScopes,
    /// Where.
    pub territories: Territories,
    /// From when on.
    pub from: Time,
    /// Until when, that moment excluded.
    pub until: Option<Time>,
}

impl LicenceMark {
    /// Whether both let the same be done in the same place at the same time.
    pub fn overlaps(&self, other: &Self) -> bool {
        let begins_before_end =
            |from: Time, until: Option<Time>| until.is_none_or(|until| from < until);
        self.scopes.iter().any(|scope| other.scopes.contains(scope))
            && self
                .territories
                .iter()
                .any(|here| other.territories.iter().any(|there| here.overlaps(there)))
            && begins_before_end(self.from, other.until)
            && begins_before_end(other.from, self.until)
    }

    /// Whether it has run out at a moment.
    pub fn is_over_at(&self, time: Time) -> bool {
        self.until.is_some_and(|until| until <= time)
    }
}

impl Licence {
    /// Whether it is in force at a moment.
    pub fn is_in_force_at(&self, time: Time) -> bool {
        self.from <= time
            && self.until.is_none_or(|until| time < until)
            && self.ended.is_none_or(|ended| time < ended)
    }

    /// The licence as its conception lists it.
    pub(super) fn mark(&self) -> LicenceMark {
        LicenceMark {
            licence: self.licence.clone(),
            exclusive: self.exclusive,
            scopes: self.scopes.clone(),
            territories: self.territories.clone(),
            from: self.from,
            until: self.until,
        }
    }
}

impl Object for Licence {
    const REGISTER: &'static str = "artworks";
    const KIND: &'static str = "licence";

    fn id(&self) -> String {
        self.licence.to_string()
    }
}

impl Described for Licence {
    const EXAMPLE_ID: &'static str = "posters-2026";

    fn is_id(text: &str) -> bool {
        text.parse::<LocalId>().is_ok()
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        vec![("licensor", self.licensor), ("licensee", self.licensee)]
    }
}

/// A document that its parties have signed for: its hash, and the block's time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Notarisation {
    /// The id that the parties gave it.
    pub notarisation: LocalId,
    /// What kind of document.
    pub kind: DocumentKind,
    /// What it is called, as far as that is public.
    pub title: Name,
    /// The hash of the document.
    pub document: Hash,
    /// Everyone who has signed.
    pub parties: DocumentParties,
    /// The work that it is about, where it is about one.
    pub work: Option<LocalId>,
    /// When it was notarised: the time of the block.
    pub notarised: Time,
}

/// What kind of document is notarised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = NotarisedDocumentKind)]
pub enum DocumentKind {
    /// A contract.
    Contract,
    /// Evidence of intellectual property: that its parties had it then.
    IntellectualProperty,
    /// Something else.
    Other,
}

impl Object for Notarisation {
    const REGISTER: &'static str = "artworks";
    const KIND: &'static str = "notarisation";

    fn id(&self) -> String {
        self.notarisation.to_string()
    }
}

impl Described for Notarisation {
    const EXAMPLE_ID: &'static str = "loan-agreement-2026-7";

    fn is_id(text: &str) -> bool {
        text.parse::<LocalId>().is_ok()
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        self.parties.iter().map(|party| ("party", *party)).collect()
    }
}
