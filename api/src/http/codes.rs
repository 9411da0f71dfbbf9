//! The codes of the interface itself: every way in which a request fails before any rule is asked.

use chancery_ledger::code::{Code, Kind};

/// A code of the interface, with its status, what it means and what would be right.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct HttpCode {
    /// The code: lower-case words joined by hyphens.
    pub name: &'static str,
    /// The HTTP status it goes with.
    pub status: u16,
    /// What was wrong, in general.
    pub title: &'static str,
    /// What would be right.
    pub remedy: &'static str,
}

/// The status of each kind of refusal. No wildcard: a new kind asks for its line here.
pub(super) const fn status_of(kind: Kind) -> u16 {
    match kind {
        Kind::Malformed => 400,
        Kind::TooLarge => 413,
        Kind::Signature => 422,
        Kind::Duplicate => 409,
        Kind::Rule => 422,
        Kind::Busy => 429,
    }
}

macro_rules! http_codes {
    ($($constant:ident = $status:literal, $name:literal, $title:literal, $remedy:literal;)*) => {
        $(
            #[doc = $title]
            pub(super) static $constant: HttpCode =
                HttpCode { name: $name, status: $status, title: $title, remedy: $remedy };
        )*
        /// Every code of the interface.
        pub(super) static HTTP: &[&HttpCode] = &[$(&$constant),*];
    };
}

http_codes! {
    BAD_QUERY = 400, "bad-query",
        "The query is not one that this address takes.",
        "Compare the parameters and their values with the interface description; none is there twice.";
    BAD_CURSOR = 400, "bad-cursor",
        "The cursor is not one that was given out for this list.",
        "Follow the next link of a page as it is, or start without a cursor.";
    BAD_ID = 400, "bad-id",
        "The id in the address does not have the form that such ids have.",
        "Compare it with the example in the interface description; check characters must fit.";
    BAD_BODY = 400, "bad-body",
        "The body is not what this address takes.",
        "Compare it with the interface description; unknown and repeated members are refused.";
    BAD_REQUEST = 400, "bad-request",
        "The request cannot be read.",
        "Send HTTP as RFC 9110 has it.";
    BODY_INCOMPLETE = 400, "body-incomplete",
        "The body ended before it was complete.",
        "Send the whole body, as long as Content-Length says.";
    BAD_IDEMPOTENCY_KEY = 400, "bad-idempotency-key",
        "Idempotency-Key is not one that is taken.",
        "Send one string in quotes, such as a UUID, or none: a transition takes effect at most once without it.";
    BAD_LAST_EVENT_ID = 400, "bad-last-event-id",
        "Last-Event-ID is not the id of an event of this stream.",
        "Send back the last id that the stream gave, or none.";
    TOKEN_MALFORMED = 401, "token-malformed",
        "The access token is not one that is taken here.",
        "Send Authorization: Bearer and a JWT as the page on formats has it: alg EdDSA, typ chancery-access+jwt, kid PARTY#KEY, nothing besides.";
    TOKEN_NOT_FOR_HERE = 401, "token-not-for-here",
        "The access token is for another ledger or another server.",
        "Name in aud the ledger's id and the origin by which this server is reached.";
    TOKEN_NOT_VALID_NOW = 401, "token-not-valid-now",
        "The access token has expired, or its times are not ones that are taken.",
        "Sign a new one: iat now, exp at most 5 minutes later.";
    TOKEN_NOT_BY_ITS_PARTY = 401, "token-not-by-its-party",
        "The access token is not signed by a key that speaks for its party now.",
        "Sign with a controller key of an active party, or a sub-key for authentication that is valid now.";
    REGISTER_PRIVATE = 403, "register-private",
        "The register is not public, and this does not concern you.",
        "Ask as a party that it concerns or an institution that oversees the register, with an access token.";
    ENTRIES_WITHHELD = 403, "entries-withheld",
        "This stretch of the log holds entries that you may not read.",
        "Ask for its blocks as application/vnd.chancery.partial-block, which has their leaf hashes, or ask as one who may read them.";
    RECORD_NOT_YOURS = 403, "record-not-yours",
        "The keeper and the subjects of a record alone say who else may read it.",
        "Ask one of them to grant or to revoke.";
    RECORD_NOT_KEPT = 404, "record-not-kept",
        "The record is anchored, and this node does not keep it.",
        "Have its keeper hand it in here, or ask the node that keeps it.";
    NO_SUCH_GRANT = 404, "no-such-grant",
        "Nothing of the record is granted to the party.",
        "GET the record's grants to see what is.";
    NO_SUCH_REQUEST = 404, "no-such-request",
        "The party has not asked for anything of the record.",
        "GET the record's requests to see who has; they are forgotten after 30 days.";
    NO_SUCH_ROUTE = 404, "no-such-route",
        "There is nothing at this address.",
        "GET /openapi.json lists every address.";
    NO_SUCH_OBJECT = 404, "no-such-object",
        "The register keeps no such object as of then.",
        "Check the id; the address with /proof behind it proves the absence.";
    NOTHING_TO_ANSWER = 404, "nothing-to-answer",
        "The object has nothing to answer this question from as of then.",
        "Ask as of another block, or ask another question.";
    NO_WORK = 404, "no-proof-of-work",
        "This ledger is not one of proof of work.",
        "Follow GET /v1/events: every block is final when it is made.";
    NO_SUCH_TRANSITION = 404, "no-such-transition",
        "No transition of this id stands in the log.",
        "Check the id, or submit the transition: what was refused is not in the log.";
    NO_SUCH_TILE = 404, "no-such-tile",
        "The log has no such tile by now.",
        "Ask for the tiles of a checkpoint's size, by the paths of C2SP tlog-tiles.";
    NOT_COSIGNED = 404, "not-cosigned",
        "The log has no checkpoint that its witnesses have cosigned.",
        "GET /v1/log/checkpoint has the one of this node alone; ask again later, or ask the operator for witnesses.";
    NO_SUCH_CODE = 404, "no-such-code",
        "There is no such code.",
        "GET /problems lists every code.";
    BEYOND_TIP = 404, "beyond-tip",
        "What was asked for lies beyond the last final block.",
        "Ask for less; GET /v1/ledger states the tip.";
    BEFORE_GENESIS = 404, "before-genesis",
        "The time lies before the ledger was founded.",
        "Ask for a time after the genesis, which GET /v1/ledger states.";
    METHOD_NOT_ALLOWED = 405, "method-not-allowed",
        "This address does not take this method.",
        "Use one of the methods that Allow lists.";
    NOT_ACCEPTABLE = 406, "not-acceptable",
        "None of the forms that the client accepts can be given.",
        "Accept application/json, or an encoding that the server has.";
    NO_SUCH_FORM = 406, "no-such-form",
        "This evidence has no such form.",
        "Accept application/json, in which there is all evidence.";
    REQUEST_TIMEOUT = 408, "request-timeout",
        "The request did not arrive in time.",
        "Send the body without pauses.";
    RECORD_NOT_ANCHORED = 409, "record-not-anchored",
        "The ledger has no such record of this keeper.",
        "Anchor it first, in the register records.";
    KEPT_RECORD_ERASED = 410, "kept-record-erased",
        "The record was erased, here and for good.",
        "The register records says when and why; what was proved of it before still verifies.";
    BODY_TOO_LARGE = 413, "body-too-large",
        "The body is larger than this address takes.",
        "Send less at a time.";
    URI_TOO_LONG = 414, "uri-too-long",
        "The address is too long.",
        "Ask with fewer or shorter parameters.";
    MEDIA_TYPE_NOT_ACCEPTED = 415, "media-type-not-accepted",
        "The body is of a type that this address does not take.",
        "Set Content-Type as the interface description has it.";
    ENCODING_NOT_ACCEPTED = 415, "content-encoding-not-accepted",
        "The body is encoded in a way that is not taken.",
        "Send the body as it is, without Content-Encoding.";
    RECORD_DOES_NOT_FIT = 422, "record-does-not-fit",
        "The record does not have the commitment that the address names.",
        "Send the record whole, every field with its salt and in its order.";
    NO_SUCH_FIELD = 422, "no-such-field",
        "The record has no field of this name, or it is named twice.",
        "Name fields that the record has, each once.";
    GRANT_OVER = 422, "grant-over",
        "The grant would be over before it begins.",
        "Give an end that lies ahead.";
    TOO_MANY_OPEN_REQUESTS = 422, "too-many-open-requests",
        "The party has asked for 64 records in the last 30 days.",
        "Take a request back, or wait until one is granted or forgotten.";
    TOO_MANY_GRANTS = 422, "too-many-grants",
        "The record has 64 grants that hold.",
        "Revoke one, or wait until one is over.";
    RESTS_ON_TOO_MUCH = 422, "rests-on-too-much",
        "The answer rests on more than can be proved in one answer.",
        "Ask without proofs=true, and get the proof of each object or receipt by its own address.";
    HISTORY_TOO_LONG = 422, "history-too-long",
        "The object has more versions than are looked through for an answer.",
        "Ask as of an earlier block, or read the history page by page.";
    QUEUE_FULL = 429, "queue-full",
        "More transitions wait than the node takes in at a time.",
        "Send it again after the seconds that Retry-After states.";
    TOO_MANY_REQUESTS = 429, "too-many-requests",
        "One client asks for more than it may.",
        "Send it again after the seconds that Retry-After states, and less at a time from then on.";
    INTERNAL = 500, "internal",
        "The server failed.",
        "Try again later; the fault stands in the server's log.";
    STOPPING = 503, "stopping",
        "The node is stopping.",
        "Send it again when the node is back, or to another node: it takes effect at most once.";
    HALTED = 503, "halted",
        "The node has stopped writing; reading goes on.",
        "Send it to another node, or when the operator has set this one right.";
    NO_QUORUM = 503, "no-quorum",
        "Too few validators of the pool agree on the next block; reading goes on.",
        "Send it again when more than two thirds of the pool's power is back; it takes effect at most once.";
    NOT_YET_FINAL = 503, "not-yet-final",
        "The transition is under way and was not final in time.",
        "Ask for it by its id, or send it again: it takes effect at most once.";
    NOT_YET_PROJECTED = 503, "not-yet-projected",
        "The tables that answer this have not caught up with the ledger.",
        "Try again after the seconds that Retry-After states; objects and proofs do not wait for them.";
    TOO_MANY_STREAMS = 503, "too-many-streams",
        "As many event streams are open as the server keeps.",
        "Try again after the seconds that Retry-After states.";
}

/// A code of any origin, as its page shows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meaning {
    /// The code.
    pub name: &'static str,
    /// The HTTP status it goes with.
    pub status: u16,
    /// What was wrong, in general.
    pub title: &'static str,
    /// What would be right.
    pub remedy: &'static str,
}

impl From<&'static Code> for Meaning {
    fn from(code: &'static Code) -> Self {
        let Code { name, kind, title, remedy } = code;
        Self { name, status: status_of(*kind), title, remedy }
    }
}

impl From<&'static HttpCode> for Meaning {
    fn from(code: &'static HttpCode) -> Self {
        let HttpCode { name, status, title, remedy } = code;
        Self { name, status: *status, title, remedy }
    }
}

/// Every code there is: the interface's, the ledger's and the registers'.
pub(super) fn all() -> impl Iterator<Item = Meaning> {
    let of_rules = chancery_registries::all_codes().map(Meaning::from);
    HTTP.iter().map(|code| Meaning::from(*code)).chain(of_rules)
}

/// What a code means.
pub(super) fn meaning(name: &str) -> Option<Meaning> {
    all().find(|code| code.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn no_code_stands_twice() {
        let mut seen = BTreeSet::new();
        for code in super::all() {
            assert!(seen.insert(code.name), "{} stands twice", code.name);
        }
    }
}
