//! How the parcels register says no.

crate::codes::codes! { CODES:
    PARCEL_UNKNOWN = "parcel-unknown",
        "No parcel has this number.",
        "Correct the number, or register the parcel first.";
    CONTAINER_UNKNOWN = "parcel-container-unknown",
        "No container has this number.",
        "Correct the number, or pack the container first.";
    NUMBER_TAKEN = "parcel-number-taken",
        "The number belongs to a parcel or a container already.",
        "Choose another number: none is ever used twice, neither for a parcel nor for a container.";
    NUMBER_OF_OTHER_CARRIER = "parcel-number-of-other-carrier",
        "The number begins with another carrier's ID code.",
        "Number parcels and containers under the carrier that carries them, or with an S10 or SSCC.";
    FORMAT_WITHOUT_OWN_NUMBER = "parcel-format-without-own-number",
        "A carrier format is given for a number that is not the carrier's own.",
        "Leave format out with an S10 or SSCC: they have their own check digits.";
    NUMBER_NOT_IN_FORMAT = "parcel-number-not-in-format",
        "The number's local part is not a valid number of the format.",
        "Correct the number as the detail says, or leave the format out.";
    NOT_CUSTODIAN = "parcel-not-custodian",
        "The party is not the present custodian.",
        "Have the present custodian act; a handoff that is still unsent has to come first.";
    HANDOFF_TO_SELF = "parcel-handoff-to-self",
        "A handoff names the same party on both sides.",
        "Name two parties: a handoff changes the custodian.";
    STEP_OUT_OF_ORDER = "parcel-step-out-of-order",
        "The path has no such step from where the parcel is.",
        "Take the steps in the order of the path; the register's page has the table.";
    STATE_FORBIDS = "parcel-state-forbids",
        "This cannot happen to a parcel in its present state.",
        "See the state of the parcel, and what the register's page allows in it.";
    RECEIVER_NOT_ADDRESSEE = "parcel-receiver-not-addressee",
        "The receiver is not the one to whom the parcel is to be given at last.",
        "Deliver to the recipient or a named proxy; return to the sender.";
    RECORD_DIFFERS = "parcel-record-differs",
        "The record hash is not the one that was registered.",
        "Compare the label with the register: both sides sign over the parcel's registered record.";
    CONDITION_UNEXPLAINED = "parcel-condition-unexplained",
        "The condition is worse than registered, and nothing says why.",
        "State what is damaged: a reservation in a handoff, a statement when it is found.";
    CONDITION_IMPROVED = "parcel-condition-improved",
        "A damaged parcel is stated to be sound.",
        "State the condition that is registered; a wrong damage report is met by a correction.";
    DEVICE_TIME_AHEAD = "parcel-device-time-ahead",
        "The device's time lies more than ten minutes after the block's.",
        "Set the device's clock.";
    DEVICE_TIME_BEFORE_REGISTRATION = "parcel-device-time-early",
        "The device's time lies more than ten minutes before the parcel's registration.",
        "Set the device's clock.";
    CLOSED = "parcel-closed",
        "The parcel is delivered or returned: nothing more can happen to it.",
        "To set the record right, state a correction.";
    NOT_LOST = "parcel-not-lost",
        "The parcel is not declared lost.",
        "Take it over by a handoff with its custodian.";
    NOT_OVERDUE = "parcel-not-overdue",
        "Too little time has passed since the parcel's last event.",
        "Wait for the carrier's time limit, or have a regulator declare it.";
    ALREADY_RETURNING = "parcel-already-returning",
        "The parcel is on its way back already.",
        "Go on with the steps of the way back.";
    HELD = "parcel-held",
        "A customs, court or regulator's hold is on the parcel.",
        "Have the authority release the hold, or wait for its end.";
    HOLD_REPEATED = "parcel-hold-repeated",
        "The authority has a hold with this reference on the parcel.",
        "Release it first, or use another reference.";
    HOLD_UNKNOWN = "parcel-hold-unknown",
        "The authority has no hold with this reference on the parcel.",
        "Correct the reference; only the authority that made a hold releases it.";
    TOO_MANY_HOLDS = "parcel-too-many-holds",
        "Eight holds are in force on the parcel.",
        "Have one released first.";
    IN_CONTAINER = "parcel-in-container",
        "The parcel is packed in a container.",
        "Hand over the container, or unpack it first.";
    CONTAINER_EMPTY = "parcel-container-unpacked",
        "Nothing is in the container any more, and a container is not used twice.",
        "Pack under a new number.";
    CONTAINER_NOT_DELIVERABLE = "parcel-container-not-deliverable",
        "A container as a whole is neither delivered nor returned.",
        "Unpack it, and hand over the parcels.";
    CARRIERS_DIFFER = "parcel-carriers-differ",
        "The parcel is of another carrier than the rest, or than the one that acts.",
        "Act on the parcels of each carrier apart.";
    STATION_IN_SERVICE = "parcel-station-in-service",
        "The station's accreditation is valid, and no standing order is cited.",
        "Have the station hand the parcels over, or cite the order.";
    CORRECTS_NOTHING = "parcel-corrects-nothing",
        "No such transition is among the parcel's last 32 events.",
        "Name the id of the transition that the correction is about.";
    MAY_NOT_CORRECT = "parcel-may-not-correct",
        "The party was no custodian at the time of that event, and is not the carrier.",
        "Have the carrier, or who gave or held custody then, state the correction.";
    NEITHER_CUSTODIAN_NOR_CARRIER = "parcel-neither-custodian-nor-carrier",
        "The party is neither the parcel's custodian nor its carrier.",
        "Have one of the two turn the parcel back.";
    CHANGED_ALREADY = "parcel-changed-already",
        "One transition touches the same parcel or container twice.",
        "Send one transition for each event, so that every one stands in the history.";
    STATED_BEFORE = "parcel-event-stated-before",
        "This event was stated about the parcel before.",
        "Nothing is to be done: the statement stands, and is found by its id.";
}
