//! How the validators register says no.

crate::codes::codes! { CODES:
    NO_POOL = "no-pool",
        "This ledger has no pool.",
        "Only on a ledger whose blocks a pool seals are there validators.";
    CHANGE_PENDING = "change-pending",
        "The next pool is named already and not yet in force.",
        "Wait for the height from which it is in force: what was named is never replaced.";
    FROM_TOO_SOON = "from-too-soon",
        "The next pool would be in force before everyone can know it.",
        "Give a height that is at least two above that of the block.";
    FROM_TOO_LATE = "from-too-late",
        "The next pool would be in force more than 100,000 blocks from now.",
        "Give a nearer height: nothing else can be named until then.";
    POOL_UNSOUND = "pool-unsound",
        "The pool has not 1 to 128 members with distinct keys and some power each.",
        "Name each key once, with a power of 1 or more.";
    SEATS_OUT_OF_RANGE = "seats-out-of-range",
        "A pool has 1 to 128 seats.",
        "Give a number from 1 to 128.";
    NOBODY_ELECTED = "nobody-elected",
        "No stake is delegated to a candidate that stands.",
        "Elect once stakes are delegated, or appoint the pool.";
    STAKE_TOO_LARGE = "stake-too-large",
        "The stakes behind one candidate would come to 2^53 or more.",
        "Allot less, or delegate to another candidate.";
    NO_STAKE = "no-stake",
        "The party was never allotted a stake.",
        "Have the root authority allot one first.";
    STANDS_ALREADY = "stands-already",
        "A candidate with this key stands already.",
        "Withdraw it first to change its name or who answers for it.";
    DOES_NOT_STAND = "does-not-stand",
        "No candidate with this key stands.",
        "Correct the key, or have the candidate stand.";
    TOO_MANY_CANDIDATES = "too-many-candidates",
        "256 candidates stand already.",
        "Wait until one withdraws.";
    NOT_A_VALIDATOR = "not-a-validator",
        "Nobody has signed with the key of a validator in force.",
        "Have a member of the pool sign with its validator key, as the party whose first key it is.";
    HEIGHT_NOT_JUDGED = "height-not-judged",
        "The height lies ahead, or before the terms that the register holds.",
        "Accuse while the pool of that height, or the one that followed it, is in force.";
    ACCUSED_WAS_NO_VALIDATOR = "accused-was-no-validator",
        "The accused was no member of the pool of that height.",
        "Correct the key or the height.";
    BALLOTS_AGREE = "ballots-agree",
        "Both ballots are for the same block, or both for none.",
        "Show two ballots that contradict each other.";
    BALLOT_NOT_SIGNED = "ballot-not-signed",
        "The accused has not signed that ballot.",
        "Give each signature as it was received, with its height, round, step and block.";
    RECORDED_ALREADY = "recorded-already",
        "It is on record that this validator voted twice there.",
        "Nothing is left to do.";
}
