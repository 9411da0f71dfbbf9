//! Accreditations: which institution may do what in which registers, and exactly when it might.

use std::fmt;

use chancery_ledger::execution::Object;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::RegisterName;
use crate::shape::Described;
use crate::text::{Distinct, LocalId, Parameters, Statement};

/// The registers that an accreditation is for.
pub type RegisterNames = Distinct<RegisterName, 1, 16>;
/// The types of attestation that an attester may make.
pub type AttestedTypes = Distinct<LocalId, 0, 32>;

/// What an institution is accredited as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Carries parcels, and accredits its stations and couriers.
    Carrier,
    /// Holds parcels between their ways.
    Station,
    /// Collects and delivers parcels.
    Courier,
    /// Examines and holds goods at a border.
    Customs,
    /// Registers title to land.
    LandRegistrar,
    /// Measures land.
    Surveyor,
    /// Lends on security.
    Lender,
    /// Awards degrees.
    University,
    /// Registers births, marriages, deaths and kinship.
    CivilRegistrar,
    /// Registers organisations and their end.
    CompanyRegistrar,
    /// Establishes who people are, and recovers identities.
    IdentityAuthority,
    /// Attests facts about parties.
    Attester,
    /// Orders, freezes and releases by judgment.
    Court,
    /// Oversees a register.
    Regulator,
    /// Examines the books.
    Auditor,
    /// Attributes and authenticates works of art.
    ArtExpert,
    /// Issues securities.
    Issuer,
}

impl Role {
    /// The roles whose institutions may make orders.
    pub const MAY_ORDER: &[Role] = &[Self::Court, Self::Regulator];

    /// The roles whose institutions may read all of a private register that they are accredited in:
    /// those that oversee it, and those that keep it.
    pub const MAY_READ_PRIVATE: &[Role] = &[
        Self::Court,
        Self::Regulator,
        Self::Auditor,
        Self::CivilRegistrar,
        Self::CompanyRegistrar,
        Self::LandRegistrar,
    ];

    /// The roles that an institution in this role may itself accredit others for.
    pub fn may_grant(self) -> &'static [Role] {
        match self {
            Self::Carrier => &[Self::Station, Self::Courier],
            _ => &[],
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Carrier => "carrier",
            Self::Station => "station",
            Self::Courier => "courier",
            Self::Customs => "customs",
            Self::LandRegistrar => "land-registrar",
            Self::Surveyor => "surveyor",
            Self::Lender => "lender",
            Self::University => "university",
            Self::CivilRegistrar => "civil-registrar",
            Self::CompanyRegistrar => "company-registrar",
            Self::IdentityAuthority => "identity-authority",
            Self::Attester => "attester",
            Self::Court => "court",
            Self::Regulator => "regulator",
            Self::Auditor => "auditor",
            Self::ArtExpert => "art-expert",
            Self::Issuer => "issuer",
        })
    }
}

/// An institution's accreditation for a role in some registers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Accreditation {
    /// The id that its grantor gave it.
    pub accreditation: LocalId,
    /// Who is accredited.
    pub institution: PartyId,
    /// As what.
    pub role: Role,
    /// In which registers.
    pub registers: RegisterNames,
    /// For what, in words.
    pub scope: Statement,
    /// Which types of attestation an attester may make; empty for other roles.
    pub attests: AttestedTypes,
    /// Who granted it.
    pub granted_by: PartyId,
    /// The accreditation it was granted under; none where root granted it.
    pub under: Option<LocalId>,
    /// When it was granted.
    pub granted: Time,
    /// From when on it is valid; never before it was granted.
    pub valid_from: Time,
    /// Until when, that moment excluded.
    pub valid_until: Option<Time>,
    /// The periods in which it was or is suspended, in order.
    pub suspensions: Vec<Suspension>,
    /// When and why it was ended.
    pub ended: Option<End>,
    /// Further particulars.
    pub parameters: Parameters,
}

/// A period in which an accreditation is suspended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Suspension {
    /// From when on.
    pub from: Time,
    /// Until when, that moment excluded; none while it lasts.
    pub until: Option<Time>,
    /// Why.
    pub reason: Statement,
    /// Why it was reinstated.
    pub reinstated: Option<Statement>,
}

/// The end of an accreditation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct End {
    /// From when on it is no longer valid.
    pub from: Time,
    /// Why.
    pub reason: Statement,
}

impl Accreditation {
    /// Whether it is valid at a moment by its own dates. Where it was granted under another, that
    /// one must be valid too: see [`is_in_force_at`](super::is_in_force_at).
    pub fn is_valid_at(&self, time: Time) -> bool {
        self.valid_from <= time
            && self.runs_at(time)
            && !self.suspensions.iter().any(|suspension| suspension.covers(time))
    }

    /// Whether at that moment it has neither run out nor been ended.
    pub fn runs_at(&self, time: Time) -> bool {
        self.valid_until.is_none_or(|until| time < until)
            && self.ended.as_ref().is_none_or(|end| time < end.from)
    }
}

impl Suspension {
    /// Whether a moment lies in it.
    pub fn covers(&self, time: Time) -> bool {
        self.from <= time && self.until.is_none_or(|until| time < until)
    }
}

impl Object for Accreditation {
    const REGISTER: &'static str = "authorities";
    const KIND: &'static str = "accreditation";

    fn id(&self) -> String {
        self.accreditation.to_string()
    }
}

impl Described for Accreditation {
    const EXAMPLE_ID: &'static str = "carrier-2026-0042";

    fn is_id(text: &str) -> bool {
        text.parse::<LocalId>().is_ok()
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        vec![("institution", self.institution), ("grantor", self.granted_by)]
    }
}

/// The accreditations that an institution has ever had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Institution {
    /// The institution.
    pub institution: PartyId,
    /// The ids of its accreditations, the oldest first; at most 64.
    pub accreditations: Vec<LocalId>,
}

impl Object for Institution {
    const REGISTER: &'static str = "authorities";
    const KIND: &'static str = "institution";

    fn id(&self) -> String {
        self.institution.to_string()
    }
}

impl Described for Institution {
    const EXAMPLE_ID: &'static str = "AAAAAAAAAAAAAAAAAAAAAAAAI";

    fn is_id(text: &str) -> bool {
        text.parse::<PartyId>().is_ok()
    }
}
