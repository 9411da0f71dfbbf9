//! What was not taken as the source has it, and why.

use serde::Serialize;

/// Why something of a title is not in the register as the source has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Departure {
    OwnerStandIn,
    HolderStandIn,
    InterestShareLeftOut,
    OwnersCountedOtherwise,
    EstateShareLeftOut,
    FurtherLandLeftOut,
    PartCancelled,
    GuaranteeLimited,
    FurtherTitlesMissing,
    AreaDiffers,
    NotCurrentLeftOut,
    RankByDate,
    TermsNotInSource,
}

impl Departure {
    /// What was done, and why.
    pub(super) fn what(self) -> &'static str {
        match self {
            Self::OwnerStandIn => {
                "the source has no ownership of the title: a stand-in party owns the whole until the register is rectified"
            }
            Self::HolderStandIn => {
                "the source names nobody for a mortgage, caveat, servitude or historic preservation: a stand-in party holds it"
            }
            Self::InterestShareLeftOut => {
                "the source gives a mortgage or another interest over a share: here it is over the whole title"
            }
            Self::OwnersCountedOtherwise => {
                "the title states another number of owners than the ownership names: the ownership was taken"
            }
            Self::EstateShareLeftOut => {
                "the title is about a share of the parcel, as a cross lease is: the parcel is its land, the share stands in its documents"
            }
            Self::FurtherLandLeftOut => {
                "the title describes further estates (other lots, or a flat) of which the source has no parcel"
            }
            Self::PartCancelled => {
                "the source calls the title part-cancelled: it was registered as current, about the parcel that is left"
            }
            Self::GuaranteeLimited => {
                "the guarantee of the title is limited: that stands in its documents only"
            }
            Self::FurtherTitlesMissing => {
                "the parcel names further titles that are not in the source: they are not about it here"
            }
            Self::AreaDiffers => {
                "the stated area differs from that of the coordinates by more than 0.1 %: the register has the computed one"
            }
            Self::NotCurrentLeftOut => "a right that is not current was left out",
            Self::RankByDate => {
                "the source gives mortgages no rank: they rank by their date of registration"
            }
            Self::TermsNotInSource => {
                "the source has no terms for a servitude or a historic preservation: the register says so in their place"
            }
        }
    }
}

/// What was done with every title alike, and why.
pub(super) const FOR_ALL: &[&str] = &[
    "a slash in a title's number is written as a hyphen in its id: ids here have none; the reference has the number as it is",
    "dates of issue and of registration stand in the references: `registered` and `since` say when it was registered here",
    "the id of an interest is the source's id of the right: the source numbers rights by their title only",
    "names are not in the source; every party was given a key, which the key store keeps until the party has its own",
    "descriptions stay off the ledger: the record of a title or unit is the SHA-256 of its line in the source",
];
