//! What accredited experts say of a work: who made it, and whether it is what it is said to be.

use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::claim::Withdrawn;
use super::event::{entry_id, is_entry_id};
use crate::shape::Described;
use crate::text::{LocalId, Statement, Text};

/// An expert's opinion on a work, which is withdrawn at most and never deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ArtworkOpinion)]
pub struct Opinion {
    /// The work.
    pub work: LocalId,
    /// Which of the opinions on it this is, from 1.
    pub number: u32,
    /// Whose.
    pub expert: PartyId,
    /// The accreditation under which it was given.
    pub under: LocalId,
    /// Whether the expert owned or had the work then.
    pub interested: bool,
    /// What it says.
    pub finding: Finding,
    /// On what grounds, in words.
    pub grounds: Statement,
    /// The hash of the report.
    pub report: Hash,
    /// When it was given, in block time.
    pub given: Time,
    /// When and why the expert withdrew it.
    pub withdrawn: Option<Withdrawn>,
}

/// What an opinion says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ArtworkFinding)]
pub enum Finding {
    /// Who made it.
    Attribution(Attribution),
    /// Whether it is what it is said to be.
    Authentication(Verdict),
}

/// Who made a work, in the opinion of an expert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ArtworkAttribution)]
pub struct Attribution {
    /// How close to the maker.
    pub qualifier: Qualifier,
    /// The maker.
    pub maker: Text<200>,
}

/// How close to a maker a work is (the qualifiers of attribution that catalogues use).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ArtworkQualifier)]
pub enum Qualifier {
    /// By the maker.
    By,
    /// Attributed to the maker.
    AttributedTo,
    /// From the maker's workshop.
    WorkshopOf,
    /// From the maker's circle.
    CircleOf,
    /// By a follower.
    FollowerOf,
    /// In the maker's manner.
    MannerOf,
    /// After the maker.
    After,
}

/// Whether a work is what it is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ArtworkVerdict)]
pub enum Verdict {
    /// It is.
    Authentic,
    /// It is not.
    NotAuthentic,
    /// That cannot be said.
    Inconclusive,
}

impl Opinion {
    /// The id of an opinion on a work.
    pub fn id_of(work: &LocalId, number: u32) -> String {
        entry_id(work, number)
    }
}

impl Object for Opinion {
    const REGISTER: &'static str = "artworks";
    const KIND: &'static str = "opinion";

    fn id(&self) -> String {
        entry_id(&self.work, self.number)
    }
}

impl Described for Opinion {
    const EXAMPLE_ID: &'static str = "cmoa-66.19.1:1";

    fn is_id(text: &str) -> bool {
        is_entry_id(text)
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        vec![("expert", self.expert)]
    }
}
