//! How the records register says no.

crate::codes::codes! { CODES:
    RECORD_UNKNOWN = "record-unknown",
        "The party keeps no record with this commitment.",
        "Correct the keeper's ID code or the commitment, or anchor the record first.";
    RECORD_ERASED = "record-erased",
        "The record was erased, and nothing brings it back.",
        "Anchor a new record, with new salts throughout.";
    RECORD_REPLACED = "record-replaced",
        "Another version stands in the record's place already.",
        "Replace the latest version.";
    TOO_MANY_RECORD_VERSIONS = "record-too-many-versions",
        "The record has 1,000 versions.",
        "Anchor what follows as a record of its own.";
    ERASURE_ORDER_NOT_CITED = "record-order-not-cited",
        "The reason is a court's order, and no direction is cited.",
        "Cite the direction in order, or give the keeper's own reason.";
    ERASURE_ORDER_NOT_THE_REASON = "record-order-not-the-reason",
        "A direction is cited, and another reason is given.",
        "Give court-order as the reason, or leave order out.";
}
