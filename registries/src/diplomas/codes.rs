//! How the diplomas register says no.

crate::codes::codes! { CODES:
    CREDENTIAL_UNKNOWN = "diploma-unknown",
        "The institution has issued no credential with this serial number.",
        "Correct the institution's ID code or the serial number.";
    PROGRAMME_UNKNOWN = "diploma-programme-unknown",
        "The institution has no programme with this id.",
        "Register the programme first, correct its id, or leave the programme out.";
    PROGRAMME_NOT_OPEN = "diploma-programme-not-open",
        "The programme was not open on the day of the award.",
        "Give the day of the award or the programme that is right.";
    PROGRAMME_CLOSED = "diploma-programme-closed",
        "The programme is closed already.",
        "A closed programme stays as it is; register what follows it under a new id.";
    PROGRAMME_CLOSES_EARLY = "diploma-programme-closes-early",
        "The last day lies before the day on which the programme opened.",
        "Give a last day at or after the day on which it opened.";
    AWARDED_IN_FUTURE = "diploma-awarded-in-future",
        "The day of the award is to come.",
        "Issue on or after the day of the award, in UTC.";
    NOT_ACCREDITED_THEN = "diploma-not-accredited-then",
        "The institution was not accredited on the day of the award.",
        "Correct the day; for awards from before the ledger, the accreditation's grantor sets recognised-since.";
    HOLDER_NOT_A_PERSON = "diploma-holder-not-a-person",
        "The holder is an organisation or a device.",
        "Give the ID code of the person who earned it.";
    NOT_CURRENT = "diploma-not-current",
        "The credential was revoked or superseded, and never becomes current again.",
        "Act on the credential that stands in its place, or issue another.";
    NOT_THE_ISSUER = "diploma-not-the-issuer",
        "The party did not issue the credential, and cites no direction of its own about it.",
        "Have the institution revoke it, or the court or regulator under its own direction.";
    ORDER_NOT_CITED = "diploma-order-not-cited",
        "The reason is that it was ordered, and no direction is cited.",
        "Cite the direction in order, or give the institution's own reason.";
    AWARD_NOT_FOR_THIS = "diploma-award-not-for-this",
        "Only a transcript belongs to an award.",
        "Leave award out.";
    AWARD_DOES_NOT_FIT = "diploma-award-does-not-fit",
        "The transcript's award is unknown, not current, no award, or another holder's.",
        "Give the serial number of the holder's current award from the same institution, or leave award out.";
    RECORD_UNCHANGED = "diploma-record-unchanged",
        "The new record's commitment is the old one's.",
        "Put a new record down, with new salts throughout.";
    TOO_MANY_CORRECTIONS = "diploma-too-many-corrections",
        "The credential stands at the end of 32 corrections.",
        "Revoke it and issue another.";
    ANSWERED_SO_ALREADY = "diploma-answered-so-already",
        "The holder's last answer is the same.",
        "Nothing has to be done; another answer takes its place.";
}
