//! How the land register says no.

crate::codes::codes! { CODES:
    TITLE_UNKNOWN = "land-title-unknown",
        "No title has this id.",
        "Correct the id, or register the title first.";
    TITLE_CANCELLED = "land-title-cancelled",
        "The title was split or merged: others have taken its place.",
        "Act on the titles that its children name.";
    UNIT_UNKNOWN = "land-unit-unknown",
        "No spatial unit has this id.",
        "Correct the id, or survey the unit first.";
    UNIT_REPLACED = "land-unit-replaced",
        "Other units have taken the place of this one.",
        "Name the units that its children name.";
    UNIT_SETTLED = "land-unit-settled",
        "A title has been about the unit, so that its outline stands.",
        "Survey a new unit, and put it in the place of this one by a split or a merge.";
    UNIT_FULL = "land-unit-full",
        "The unit has 8 sheets, or 64 current titles are about it.",
        "Survey further units: a title can be about sixteen.";
    NOT_THE_SURVEYOR = "land-not-the-surveyor",
        "The unit is another surveyor's.",
        "Have the surveyor who laid it down add to it, or survey a new unit.";
    OUTLINE_CROSSES = "land-outline-crosses",
        "The outline meets itself, or a part of it lies where it cannot.",
        "Correct the outline at the place that is named: rings may touch in points, and neither cross nor share a side.";
    UNITS_OVERLAP = "land-units-overlap",
        "Two pieces of land lie over each other by more than a sliver.",
        "Correct the outline at the place that is named: pieces that adjoin share their corners.";
    LEAVES_A_HOLE = "land-leaves-a-hole",
        "The new units leave out land that the old ones had.",
        "Correct the outline at the place that is named, or survey a unit for what is left.";
    REACHES_OUT = "land-reaches-out",
        "The new units reach beyond the land of the old ones.",
        "Correct the outline at the place that is named.";
    AREAS_DIFFER = "land-areas-differ",
        "The areas before and after differ by more than 0.1 %.",
        "Survey anew: the new units cover exactly what the old ones did.";
    REFERENCE_SYSTEMS_DIFFER = "land-reference-systems-differ",
        "The units are not all in one reference system with one coordinate step.",
        "Survey the new units in the system of those whose place they take.";
    TOO_MANY_POINTS = "land-too-many-points",
        "The units that come and go have more than 20,000 points together.",
        "Split or merge in several steps.";
    UNIT_SHARED = "land-unit-shared",
        "A unit that would be replaced is in other titles too.",
        "Keep the unit as it is in one of the new titles, or merge with the other titles first.";
    SHARES_NOT_WHOLE = "land-shares-not-whole",
        "The owners' shares are not together exactly 1/1, or somebody stands twice.",
        "Give each owner once, with shares that sum to 1/1.";
    SHARES_DO_NOT_BALANCE = "land-shares-do-not-balance",
        "What is given and what is received are not equal, or one party stands twice.",
        "Name each party once, with exactly as much received as is given.";
    SHARE_TOO_LARGE = "land-share-too-large",
        "Somebody would give more than they own.",
        "See the title's owners and shares.";
    SHARE_TOO_FINE = "land-share-too-fine",
        "A share would come about whose denominator in lowest terms is above 2^53.",
        "Give a share with a smaller denominator.";
    NOT_AN_OWNER = "land-not-an-owner",
        "The party does not own a share of the title.",
        "See the title's owners.";
    OWNER_DECEASED = "land-owner-deceased",
        "An owner has died: the title waits for the heirs.",
        "Pass the share to the heirs first, by transmit.";
    OWNER_NOT_DECEASED = "land-owner-not-deceased",
        "The owner is not deceased in the identity register.",
        "Have a civil registrar state the death first; the living transfer.";
    LENDER_HAS_NOT_SIGNED = "land-lender-has-not-signed",
        "The title is mortgaged, and a lender has not signed.",
        "Have every lender sign the transfer, or discharge the mortgage before it in the same transition.";
    RANK_TAKEN = "land-rank-taken",
        "A current mortgage of the title has this rank.",
        "Choose a free rank, or discharge the other first.";
    INTEREST_TAKEN = "land-interest-taken",
        "The title has an interest of this id.",
        "Use the number of the instrument, which is unique.";
    INTEREST_UNKNOWN = "land-interest-unknown",
        "The title has no interest of this id.",
        "See what the title is subject to.";
    INTEREST_OTHER = "land-interest-other",
        "The interest is of another kind than this action ends.",
        "Use discharge for a mortgage, remove-caveat for a caveat, and end for all else.";
    TOO_MANY_INTERESTS = "land-too-many-interests",
        "The title would be subject to more than 32 interests.",
        "End those that no longer hold first.";
    NOT_THE_HOLDER = "land-not-the-holder",
        "The interest is not this party's.",
        "Name one of those whose interest it is in by, or cite a court's direction.";
    CAVEATED = "land-caveated",
        "A caveat is on the title: nothing is registered while it lasts.",
        "Have the caveator or a court remove it first.";
    NOT_OF_A_COURT = "land-not-of-a-court",
        "The direction was not made by a court.",
        "Cite a direction of a court about the title.";
    ORDER_CARRIED_OUT = "land-order-carried-out",
        "The direction was carried out on the title before.",
        "A new direction is needed: each is carried out in one transition.";
    CORRECTS_NOTHING = "land-corrects-nothing",
        "No such transition is among the title's latest 32.",
        "Name the id of the transition that is corrected.";
    RECTIFIES_NOTHING = "land-rectifies-nothing",
        "The rectification leaves everything as it is.",
        "Give the owners, the tenure or the record as they should be.";
    OWNERS_DIFFER = "land-owners-differ",
        "The titles are not owned by the same parties in the same shares.",
        "Transfer first, so that all titles to be merged have the same owners and shares.";
    TENURES_DIFFER = "land-tenures-differ",
        "The titles are not held in the same way.",
        "Rectify the tenure where it is wrong; titles of different tenures are not merged.";
}
