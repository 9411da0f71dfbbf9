//! How the artworks register says no.

crate::codes::codes! { CODES:
    WORK_UNKNOWN = "artwork-unknown",
        "No work has this id.",
        "Correct the id, or register the work first.";
    IMPRESSION_TAKEN = "artwork-edition-number-taken",
        "A live record stands for this fingerprint and edition number.",
        "Act on that record; dispute it where it is wrong.";
    EDITION_DIFFERS = "artwork-edition-differs",
        "The size of the edition is not the one that was registered with its first number.",
        "State n of the registered N; a unique work has no edition, and N never changes.";
    EXPERT_NOT_INDEPENDENT = "artwork-expert-not-independent",
        "The expert is a party to what the expert is to vouch for.",
        "Have an accredited expert sign who neither owns nor has the work, nor makes the claim.";
    NOT_OWNER = "artwork-not-owner",
        "The party is not the work's owner.",
        "Name the present owner, and have it sign.";
    NOT_CUSTODIAN = "artwork-not-custodian",
        "The party is not the work's custodian.",
        "Name the present custodian, and have it sign.";
    NOT_A_KEEPER = "artwork-not-a-keeper",
        "The party neither owns nor has the work.",
        "Have the owner or the custodian report it.";
    SAME_PARTY = "artwork-same-party",
        "The same party is on both sides.",
        "Name two parties.";
    STOLEN = "artwork-stolen",
        "The work is reported stolen: it does not move and is not sold.",
        "Recover it first.";
    NOT_STOLEN = "artwork-not-stolen",
        "The work is not reported stolen.",
        "Hand it over instead.";
    DISPUTED = "artwork-disputed",
        "A dispute about the work is open: it does not move and is not sold.",
        "Have the claimant, a court or a regulator settle the dispute first.";
    DESTROYED = "artwork-destroyed",
        "The work is no more.",
        "Nothing can happen to it; opinions and claims about it can still be stated.";
    OUT = "artwork-out",
        "The work is lent or consigned.",
        "Return it to whoever gave it, or hand it over to its owner.";
    NOT_OUT = "artwork-not-out",
        "The work is neither lent nor consigned.",
        "Hand it over instead.";
    NOT_THE_LENDER = "artwork-not-the-lender",
        "The work is returned to somebody who did not give it.",
        "Return it to whoever lent or consigned it, or hand it over to its owner.";
    CUSTODY_ELSEWHERE = "artwork-custody-elsewhere",
        "Custody is to pass from somebody who does not have the work.",
        "Leave with_custody out, and have the custodian hand the work over.";
    RETURN_DATE_PAST = "artwork-return-date-past",
        "The day of return lies before the day of the block.",
        "Give today or a day to come.";
    OWNER_LIVES = "artwork-owner-lives",
        "The owner is neither deceased nor dissolved.",
        "Have the owner sell or give the work; or have the registrar state the death first.";
    NUMBER_NOT_NEXT = "artwork-number-not-next",
        "The number is not one more than the work's last.",
        "Look at the work's count of claims or opinions; what is sent again may stand already.";
    FULL = "artwork-full",
        "The work has as many claims or opinions as it may have.",
        "Anchor further ones by a notarisation of the document that holds them.";
    CLAIM_UNKNOWN = "artwork-claim-unknown",
        "The work has no claim of this number.",
        "Correct the number.";
    CLAIM_WITHDRAWN = "artwork-claim-withdrawn",
        "The claim was withdrawn.",
        "State a new claim, if there is one.";
    CLAIM_INCOMPLETE = "artwork-claim-incomplete",
        "The claim does not say what its kind is about.",
        "An acquisition or a transfer of custody says from whom or to whom, a move where, an encounter with whom or where.";
    CLAIM_ENDS_BEFORE_START = "artwork-claim-ends-before-start",
        "By its dates the claim ends before it begins.",
        "Correct the dates, or mark them as circa or uncertain.";
    CHAIN_BROKEN = "artwork-chain-broken",
        "The claim follows one that is not there, or that another party or source stated.",
        "Begin a chain of your own with start: nobody closes another's gap.";
    TAKING_IS_NO_TITLE = "artwork-taking-is-no-title",
        "Theft, looting, confiscation and forced sale are stated as an acquisition.",
        "State them as a transfer of custody: title does not pass by them.";
    CLAIM_DISPUTED_ALREADY = "artwork-claim-disputed-already",
        "The party disputes the claim already.",
        "One dispute of a party is enough.";
    OPINION_UNKNOWN = "artwork-opinion-unknown",
        "The work has no opinion of this number.",
        "Correct the number.";
    OPINION_WITHDRAWN = "artwork-opinion-withdrawn",
        "The opinion was withdrawn.",
        "Give a new one, if there is one.";
    NOT_THE_AUTHOR = "artwork-not-the-author",
        "The party did not state this.",
        "Only whoever stated a claim or an opinion withdraws it; others dispute it.";
    DISPUTE_UNKNOWN = "artwork-dispute-unknown",
        "No dispute of this id is open.",
        "Correct the id.";
    DISPUTE_REPEATED = "artwork-dispute-repeated",
        "A dispute of this id is open.",
        "Choose another id.";
    TOO_MANY_DISPUTES = "artwork-too-many-disputes",
        "Eight disputes are open already.",
        "Have one settled first: one is enough to keep the work where it is.";
    FINGERPRINT_UNKNOWN = "artwork-fingerprint-unknown",
        "No work of this fingerprint is registered.",
        "Correct the fingerprint, or register a work of it first.";
    NOT_RIGHTS_HOLDER = "artwork-not-rights-holder",
        "The party is not the one whom the register knows as holder of the rights.",
        "Have the holder act; where the register knows none, the new holder and an expert state it.";
    LICENCE_UNKNOWN = "artwork-licence-unknown",
        "No licence has this id.",
        "Correct the id.";
    LICENCE_OVERLAPS = "artwork-licence-overlaps",
        "An exclusive licence holds for the same use, in the same place, at the same time.",
        "Choose another scope, territory or term, or have that licence ended first.";
    LICENCE_OVER = "artwork-licence-over",
        "The licence has run out or was ended.",
        "Nothing more is needed.";
    TOO_MANY_LICENCES = "artwork-too-many-licences",
        "64 licences of this conception have not run out.",
        "Have one ended first.";
    NOT_LICENSEE = "artwork-not-licensee",
        "The party is not the licensee, and cites no court's direction as the licensor.",
        "Have the licensee end the licence, or cite a direction about it.";
}
