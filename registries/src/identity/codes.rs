//! How the identity register says no.

crate::codes::codes! { CODES:
    PARTY_EXISTS = "party-exists",
        "A party with this first key exists already.",
        "Use the party that there is, or create another from a new key.";
    THRESHOLD_OUT_OF_RANGE = "threshold-out-of-range",
        "The threshold is not between 1 and the number of those who can sign.",
        "Give a threshold of at least 1 and at most the number of keys or guardians; 0 where there are no guardians.";
    KEY_IN_USE = "key-in-use",
        "The party has this key already, in another role or in a recovery under way.",
        "Use a fresh key for each role.";
    TOO_MANY_KEYS = "too-many-keys",
        "The party would have had more than 256 keys in its life.",
        "Keep to the keys there are; a key once revoked is kept on record for ever.";
    TOO_MANY_SUB_KEYS = "too-many-sub-keys",
        "The party has 32 sub-keys already.",
        "Revoke one that is no longer used.";
    TOO_FEW_CONTROLLERS = "too-few-controllers",
        "Without this key the controllers could no longer reach their threshold.",
        "Replace the controllers in one step with set-controllers.";
    GUARDIAN_IS_SELF = "guardian-is-self",
        "A party cannot recover itself.",
        "Name other parties as guardians and authority.";
    RECOVERY_NOT_ARRANGED = "recovery-not-arranged",
        "The party has not arranged to be recovered in this way.",
        "Recover by the guardians or the authority of the party's own plan.";
    RECOVERY_PENDING = "recovery-pending",
        "A recovery of the party is under way.",
        "Wait until it takes effect, or object to it first.";
    NO_RECOVERY_PENDING = "no-recovery-pending",
        "No recovery of the party is under way.",
        "There is nothing to object to; a recovery whose delay is over has taken effect.";
    STATUS_UNCHANGED = "status-unchanged",
        "The party has this status already.",
        "There is nothing to do.";
    STATUS_FINAL = "status-final",
        "The party's status is final.",
        "A party that is revoked, deceased or dissolved stays so; create another.";
    STATUS_NOT_FOR_KIND = "status-not-for-kind",
        "A party of this kind cannot have this status.",
        "Only persons are deceased and only organisations dissolved.";
    STATUS_NOT_FOR_ROOT = "status-not-for-root",
        "The root authority's status does not change.",
        "Rotate the root authority's keys instead.";
    ATTESTATION_UNKNOWN = "attestation-unknown",
        "The issuer has made no attestation with this id.",
        "Correct the issuer or the id.";
    ATTESTATION_REVOKED = "attestation-revoked",
        "The attestation was revoked before.",
        "There is nothing to do.";
    KINSHIP_WITH_SELF = "kinship-with-self",
        "Nobody is their own parent or guardian.",
        "Name two different persons.";
    KINSHIP_OF_PERSONS = "kinship-of-persons",
        "Only persons are parents, children, guardians and wards.",
        "Name two parties that are persons.";
    KINSHIP_STATED = "kinship-stated",
        "The kinship is stated already and in force.",
        "There is nothing to do.";
    KINSHIP_REVERSED = "kinship-reversed",
        "The same relation is in force the other way round.",
        "Correct the earlier statement first if it is that one which is wrong.";
    KINSHIP_NOT_IN_FORCE = "kinship-not-in-force",
        "No such kinship is in force.",
        "Correct the persons or the relation.";
    TOO_MANY_PARENTS = "too-many-parents",
        "Eight parents are stated of the person already.",
        "Correct a statement that is wrong first.";
    PARENTHOOD_HAS_NO_END = "parenthood-has-no-end",
        "Parenthood does not end with time.",
        "State it without valid_until; end it only as a correction of what was never so.";
}
