//! How the equity register says no.

crate::codes::codes! { CODES:
    ISSUER_UNKNOWN = "equity-issuer-unknown",
        "The party is not registered as an issuer.",
        "Register it first, or correct the ID code.";
    NOT_AN_ORGANISATION = "equity-not-an-organisation",
        "Only an organisation issues shares.",
        "Name a party that the identity register has as an organisation.";
    NOTHING_AMENDED = "equity-nothing-amended",
        "Neither a name nor a commitment is given.",
        "Give what is to be changed.";
    TOO_MANY_CLASSES = "equity-too-many-classes",
        "The issuer has 64 classes already.",
        "Use one of the classes there are.";
    CLASS_UNKNOWN = "equity-class-unknown",
        "The issuer has no class of this id.",
        "Create the class first, or correct the id.";
    CLASS_FULL = "equity-class-full",
        "The class has had 131,072 securities.",
        "Create a further class.";
    TOO_MANY_ADJUSTMENTS = "equity-too-many-adjustments",
        "The authorised shares have been changed 64 times.",
        "Leave them as they are; a further class has its own.";
    AUTHORISED_BELOW_ISSUED = "equity-authorised-below-issued",
        "More shares are issued than would be authorised.",
        "Authorise at least as many as are issued.";
    ABOVE_CLASS_AUTHORISED = "equity-above-class-authorised",
        "More shares of the class would be issued than are authorised.",
        "Have the authorised shares of the class raised first; it can be done in the same transition.";
    ABOVE_ISSUER_AUTHORISED = "equity-above-issuer-authorised",
        "More shares of all classes would be issued than are authorised.",
        "Have the issuer's authorised shares raised first; it can be done in the same transition.";
    NUMBER_TOO_LARGE = "equity-number-too-large",
        "There would be 10^15 shares or more.",
        "Keep every sum of shares below 1,000,000,000,000,000.";
    QUANTITY_TOO_FINE = "equity-quantity-too-fine",
        "The quantity has more decimals than the class allows.",
        "Give no more decimals than the class states.";
    SECURITY_UNKNOWN = "equity-security-unknown",
        "The issuer has no security of this id.",
        "Correct the id.";
    SECURITY_ENDED = "equity-security-ended",
        "The security has ended, and its id is used up.",
        "Name the security that came of it: ask for its lineage.";
    QUANTITY_EXCEEDS = "equity-quantity-exceeds",
        "The security has fewer shares.",
        "Name no more shares than the security has.";
    BALANCE_WRONG = "equity-balance-wrong",
        "A balance security is named where nothing is left, or none where something is.",
        "Name a balance security exactly where the event is about fewer shares than the security has.";
    RESULTS_DIFFER = "equity-results-differ",
        "The results do not have as many shares as they should.",
        "Divide exactly the shares that the detail states among the results.";
    NOT_ALIKE = "equity-not-alike",
        "The securities are of several holders or classes.",
        "Reissue the securities of each holder and class apart.";
    REISSUE_OF_MANY = "equity-reissue-of-many",
        "Several securities would be reissued as several.",
        "Consolidate several into one, or divide one into several: one step at a time.";
    TRANSFER_TO_SELF = "equity-transfer-to-self",
        "The holder is among the receivers.",
        "Name other parties; what is left goes into the balance security.";
    PLEDGED = "equity-pledged",
        "The security is pledged.",
        "Have the pledgee release it first; it can be done in the same transition.";
    NOT_PLEDGED = "equity-not-pledged",
        "The security is not pledged.",
        "There is nothing to release.";
    PLEDGE_TO_SELF = "equity-pledge-to-self",
        "The holder is the pledgee.",
        "Name another party as the pledgee.";
    NOT_RESTRICTED = "equity-not-restricted",
        "The security is not restricted.",
        "There is nothing to lift.";
    NOT_FROM_ISSUANCE = "equity-not-from-issuance",
        "The security did not begin by an issuance.",
        "Cancel the shares instead: only an issuance is taken back.";
    CONVERTS_INTO_ITSELF = "equity-converts-into-itself",
        "A class is not converted into itself.",
        "Name another class, or split the class.";
    TOO_MANY_RIGHTS = "equity-too-many-rights",
        "The class can be converted into 16 classes already.",
        "Set the ratio for one of those.";
    NO_CONVERSION_RIGHT = "equity-no-conversion-right",
        "The class is not convertible into that class.",
        "Have the issuer set the ratio first.";
    CONVERSION_INEXACT = "equity-conversion-inexact",
        "The ratio does not make a quantity that the class can have.",
        "Convert a quantity that comes out even.";
    SPLIT_OPEN = "equity-split-open",
        "A split of the class is under way.",
        "Wait until the issuer has reissued every security of the class.";
    NO_SPLIT_OPEN = "equity-no-split-open",
        "No split of the class is under way.",
        "Split the class first.";
    SPLIT_CHANGES_NOTHING = "equity-split-changes-nothing",
        "The ratio of the split is one to one.",
        "Give a ratio of new shares to old ones that changes something.";
    TOO_MANY_SPLITS = "equity-too-many-splits",
        "The class has been split 32 times.",
        "Create a further class.";
    SPLIT_OF_OTHER_CLASS = "equity-split-of-other-class",
        "The security is of another class than the split.",
        "Name securities of the class that is split.";
    SPLIT_REISSUED = "equity-split-reissued",
        "The security was made by this split.",
        "Name securities from before the split.";
    SPLIT_SUCCESSOR_WRONG = "equity-split-successor-wrong",
        "A successor is named where no share is left, or none where some are.",
        "Name a successor exactly where the ratio leaves a quantity that the class can have.";
    MONEY_TOO_FINE = "equity-money-too-fine",
        "The sum is finer than the currency's smallest unit, or too large to divide.",
        "Give a whole number of the currency's smallest units, fewer than 2^64.";
    RECORD_TIME_EARLY = "equity-record-time-early",
        "The record time lies before the class was created.",
        "Give a time at which there was the class.";
    TOO_MANY_PLANS = "equity-too-many-plans",
        "The issuer has 64 plans already.",
        "Use one of the plans there are, or raise its pool.";
    PLAN_UNKNOWN = "equity-plan-unknown",
        "The issuer has no plan of this id.",
        "Create the plan first, or correct the id.";
    POOL_EXHAUSTED = "equity-pool-exhausted",
        "More would be granted under the plan than its pool has.",
        "Have the pool raised first, or return to it what was cancelled; it can be done in the same transition.";
    TOO_MANY_POOL_ADJUSTMENTS = "equity-too-many-pool-adjustments",
        "The pool of the plan has been changed 64 times.",
        "Create a further plan.";
    CLASS_NOT_OF_PLAN = "equity-class-not-of-plan",
        "The plan is not for shares of this class.",
        "Name a class of the plan, or grant under another plan.";
    NOTHING_TO_RETURN = "equity-nothing-to-return",
        "Not so much of it was granted under a plan and then cancelled or repurchased, or it has returned already.",
        "Cancel or repurchase first, and return no more than that.";
    INSTRUMENT_UNKNOWN = "equity-instrument-unknown",
        "The issuer has no instrument of this id.",
        "Correct the id; shares have actions of their own.";
    MEASURE_WRONG = "equity-measure-wrong",
        "The amount is not measured as the instrument is.",
        "Give money with its currency for a convertible, shares for all else, and nothing where the warrant does not say.";
    CLASS_MISSING = "equity-class-missing",
        "Nothing says of which class the shares are.",
        "Name the class.";
    CLASS_DIFFERS = "equity-class-differs",
        "The instrument is for shares of another class.",
        "Name the instrument's own class, or none.";
    SHARES_EXCEED_EXERCISE = "equity-shares-exceed-exercise",
        "More shares would come of the instrument than of it are exercised.",
        "Make no more shares than are exercised; none of what is settled in money.";
    REST_NOT_KEPT = "equity-rest-not-kept",
        "What the exercise leaves is not kept as this kind of instrument keeps it.",
        "Exercise a warrant whole; name no balance for a grant, whose rest stays under the same id.";
    TOO_MANY_EXERCISES = "equity-too-many-exercises",
        "Shares have been made of the instrument 128 times.",
        "Cancel what is left into a balance, and exercise that.";
    ALREADY_EXERCISED = "equity-already-exercised",
        "Shares have been made of the instrument.",
        "Cancel what is left instead.";
    INDEX_FULL = "equity-index-full",
        "The issuer has had 131,072 of these.",
        "Nothing more can be added to this issuer.";
    TOO_MANY_TERMS = "equity-too-many-terms",
        "The issuer has 64 vesting terms already.",
        "Use one of the terms there are.";
    TERMS_UNKNOWN = "equity-terms-unknown",
        "The issuer has no vesting terms of this id.",
        "Create the terms first, or correct the id.";
    VESTING_NOT_SET = "equity-vesting-not-set",
        "How the security or instrument vests is not set.",
        "Set it first, with the holder; it can be done in the same transition.";
    NO_SHARES_TO_VEST = "equity-no-shares-to-vest",
        "The instrument is for no number of shares, so that nothing of it vests.",
        "Name shares, or an instrument that is for some.";
    CONDITION_UNKNOWN = "equity-condition-unknown",
        "The terms by which it vests have no such condition that a start or an event meets.",
        "Name a start or an event of its terms; what is scheduled is met by itself.";
    CONDITION_NOT_NEXT = "equity-condition-not-next",
        "The condition cannot be met then: it was met before, another path was taken, or what was stated would no longer hold.",
        "Name a condition that can follow, on a day on which it can.";
    TOO_MANY_ACCELERATIONS = "equity-too-many-accelerations",
        "Vesting has been accelerated 32 times.",
        "Leave the rest to its schedule.";
    ACCELERATES_TOO_MUCH = "equity-accelerates-too-much",
        "More would vest ahead of the schedule than has not vested by that day.",
        "Name no more than has not vested.";
    SPLIT_PENDING = "equity-split-pending",
        "A split of its class has not been applied to the instrument.",
        "Have the issuer apply it first; it can be done in the same transition.";
    NO_SPLIT_PENDING = "equity-no-split-pending",
        "Every split of its class has been applied to the instrument, or none concerns it.",
        "There is nothing to apply.";
    SPLIT_INEXACT = "equity-split-inexact",
        "The ratio does not divide what is outstanding exactly, to the tenth decimal.",
        "Cancel what does not come out even first, with the holder; it can be done in the same transition.";
}
