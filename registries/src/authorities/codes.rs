//! How the authorities register says no.

crate::codes::codes! { CODES:
    NOT_ACCREDITED = "not-accredited",
        "The institution holds no accreditation, valid at this time, for this role in this register.",
        "Act through an institution that is accredited, or have the accreditation granted or reinstated.";
    NOT_THE_GRANTOR = "not-the-grantor",
        "Only its grantor or the root authority changes an accreditation.",
        "Have the grantor or the root authority sign, and name it in by.";
    ATTESTS_DO_NOT_FIT = "attests-do-not-fit",
        "An attester is accredited for types of attestation, and no other role is.",
        "List the types in attests for an attester, and leave attests out for every other role.";
    TOO_MANY_ACCREDITATIONS = "too-many-accreditations",
        "The institution has had 64 accreditations already.",
        "Reinstate one that it has, or accredit for several registers at once.";
    ACCREDITATION_UNKNOWN = "accreditation-unknown",
        "There is no accreditation with this id.",
        "Correct the id.";
    ACCREDITATION_OVER = "accreditation-over",
        "By then the accreditation has run out or been ended.",
        "Grant a new one.";
    ACCREDITATION_SUSPENDED = "accreditation-suspended",
        "The accreditation is suspended at or after that time already.",
        "Reinstate it first.";
    ACCREDITATION_NOT_SUSPENDED = "accreditation-not-suspended",
        "The accreditation is not suspended by then.",
        "Give a time at or after the beginning of the suspension.";
    TOO_MANY_SUSPENSIONS = "too-many-suspensions",
        "The accreditation has been suspended 32 times already.",
        "End it and grant a new one.";
    FROM_IN_THE_PAST = "from-in-the-past",
        "The change would take effect before the time of the block.",
        "Leave from out for now, or give a time to come: what was done under a valid accreditation stands.";
    TARGET_UNKNOWN = "target-unknown",
        "The order's target does not exist.",
        "Name the register, kind and id of an object that exists.";
    TOO_MANY_FREEZES = "too-many-freezes",
        "The object is under 16 freezes already.",
        "Release one of them first.";
    ORDER_UNKNOWN = "order-unknown",
        "There is no order with this id.",
        "Correct the id.";
    ORDER_NOT_IN_FORCE = "order-not-in-force",
        "The order was released or has run out.",
        "A new order is needed.";
    ORDER_NOT_FOR_THIS = "order-not-for-this",
        "The order is no direction about this object.",
        "Cite a direction whose target is the object.";
    FROZEN = "frozen",
        "The object is frozen by order of a court or regulator.",
        "Wait until the order is released or runs out.";
}
