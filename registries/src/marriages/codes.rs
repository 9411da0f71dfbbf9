//! How the marriages register says no.

crate::codes::codes! { CODES:
    ALREADY_OPEN = "marriage-register-open",
        "The register is open already.",
        "There is nothing to do: it is opened once, and its secret never changes.";
    NOT_OPEN = "marriage-register-not-open",
        "The register has not been opened.",
        "Have the root authority open it first.";
    RULES_UNREADABLE = "marriage-rules-unreadable",
        "The rules of the place in the registrar's accreditation cannot be read.",
        "Have the registrar accredited anew with the parameters that the register's page names.";
    WITH_SELF = "marriage-with-self",
        "Nobody marries themselves.",
        "Name two different persons.";
    OF_PERSONS = "marriage-of-persons",
        "Only persons marry, and only persons are witnesses.",
        "Name parties that are persons.";
    NOT_INDEPENDENT = "marriage-not-independent",
        "Spouses, witnesses and the registrar are not all different.",
        "Have somebody else witness or register it.";
    TOO_FEW_WITNESSES = "marriage-too-few-witnesses",
        "The rules of the place ask for more witnesses.",
        "Name as many witnesses as the registrar's accreditation asks for, and have them sign.";
    UNDER_AGE = "marriage-under-age",
        "By what is stated, one of the two is not of age on the day of the wedding.",
        "State a day in born_by that lies at least the minimum age before the wedding, or wait.";
    WITHIN_PROHIBITED_DEGREE = "marriage-prohibited-degree",
        "The two are related in a degree within which the place does not let persons marry.",
        "They cannot marry there; a wrong statement of kinship is corrected in the identity register.";
    DATE_AHEAD = "marriage-date-ahead",
        "The day lies in the future.",
        "Register it on the day or after.";
    DATES_CONTRADICT = "marriage-dates-contradict",
        "The day lies before something that must have come first.",
        "Correct the day: a birth comes before the wedding, and a wedding before a death.";
    PARTY_MARRIED = "marriage-party-married",
        "One of the two is married here.",
        "The marriage in force has to end first.";
    OVERLAPS = "marriage-overlaps-earlier",
        "The wedding lies before the end of an earlier marriage of one of the two.",
        "Correct the day; a marriage to two persons at a time is for a court to undo.";
    TOO_MANY = "marriage-too-many",
        "One of the two has been married 32 times here.",
        "The register keeps no more of one person.";
    UNKNOWN = "marriage-unknown",
        "There is no marriage with this id.",
        "Correct the id.";
    SPOUSES_DIFFER = "marriage-spouses-differ",
        "Those named are not the two whose marriage this is.",
        "Name the spouses as the register has them.";
    NOT_IN_FORCE = "marriage-not-in-force",
        "The marriage has ended or was annulled.",
        "There is nothing to end: an ended marriage never comes back.";
    ANNULLED_ALREADY = "marriage-annulled-already",
        "The marriage was annulled before.",
        "There is nothing to do.";
    NEEDS_COURT = "marriage-needs-court",
        "The direction was not made by a court.",
        "Cite a court's direction: a regulator cannot end a marriage.";
    SPOUSE_DECEASED = "marriage-spouse-deceased",
        "One of the two has died.",
        "Have a registrar record the death.";
    DEATH_NOT_SHOWN = "marriage-death-not-shown",
        "Neither the identity register nor a document shows the death.",
        "Give the hash of the document, or have the status set to deceased in the identity register.";
    CORRECTS_NOTHING = "marriage-corrects-nothing",
        "No such transition is among those that stated something about the marriage.",
        "Name the id of the transition that the correction is about.";
    TOO_MANY_CORRECTIONS = "marriage-too-many-corrections",
        "The marriage has been corrected 12 times already.",
        "Put the corrections into the record, which is off the ledger.";
    CHANGED_ALREADY = "marriage-changed-already",
        "One transition touches the same marriage twice.",
        "Send one transition for each event, so that every one stands in the history.";
    NOT_TO_EACH_OTHER = "marriage-not-to-each-other",
        "The two are not married to each other here.",
        "Name the spouse of the marriage in force.";
    STATEMENT_TOO_LONG = "marriage-statement-too-long",
        "The statement would be relied upon for more than 366 days.",
        "Choose an earlier end, and state it anew when it is over.";
}
