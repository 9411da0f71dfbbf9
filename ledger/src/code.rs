//! Stable codes: every way in which a transition, a question or a message can be refused.

use std::borrow::Cow;
use std::fmt;

/// What kind of "no" a code is; the interface turns it into a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The bytes are not what the format asks for.
    Malformed,
    /// The bytes are more than the format allows.
    TooLarge,
    /// A signature or a key does not hold.
    Signature,
    /// It was here before.
    Duplicate,
    /// A rule of a register says no.
    Rule,
    /// There is no room for it now.
    Busy,
}

/// A code with what it means and what would be right. Codes are never renamed and never reused.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// The code: lower-case words joined by hyphens, at most 48 characters.
    pub name: &'static str,
    /// What kind of refusal this is.
    pub kind: Kind,
    /// What was wrong, in general.
    pub title: &'static str,
    /// What would be right.
    pub remedy: &'static str,
}

impl Code {
    /// A code of any kind.
    pub const fn new(
        name: &'static str,
        kind: Kind,
        title: &'static str,
        remedy: &'static str,
    ) -> Self {
        Self { name, kind, title, remedy }
    }

    /// A rule's code.
    pub const fn rule(name: &'static str, title: &'static str, remedy: &'static str) -> Self {
        Self::new(name, Kind::Rule, title, remedy)
    }

    /// A refusal with this code, for the case at hand.
    pub fn because(&'static self, detail: impl Into<Cow<'static, str>>) -> Rejection {
        Rejection { code: self, detail: detail.into(), pointer: String::new() }
    }
}

/// The rules said no: deterministic, with a stable code, the case at hand, and where it was found.
///
/// Only the code goes into the block; the rest is for whoever asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The stable code.
    pub code: &'static Code,
    /// What was wrong in this case.
    pub detail: Cow<'static, str>,
    /// A JSON pointer (RFC 6901) into what was sent; empty for the whole of it.
    pub pointer: String,
}

impl Rejection {
    /// The same rejection, found at this place. A place that is already known is kept.
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        if self.pointer.is_empty() {
            self.pointer = pointer.into();
        }
        self
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name, self.detail)?;
        if !self.pointer.is_empty() {
            write!(f, " (at {})", self.pointer)?;
        }
        Ok(())
    }
}

impl std::error::Error for Rejection {}

macro_rules! codes {
    ($($(#[$doc:meta])* $constant:ident = $kind:ident, $name:literal, $title:literal, $remedy:literal;)*) => {
        $($(#[$doc])* #[doc = $title] pub static $constant: Code = Code::new($name, Kind::$kind, $title, $remedy);)*
        /// Every code of the ledger itself.
        pub static LEDGER: &[&Code] = &[$(&$constant),*];
    };
}

codes! {
    TOO_LARGE = TooLarge, "transition-too-large",
        "The transition is larger than a log entry may be.",
        "Keep a transition under 61,440 bytes; put documents off the ledger and anchor their hash.";
    NOT_JSON = Malformed, "not-json",
        "The body is not JSON.",
        "Send one JSON object in UTF-8.";
    BAD_JWS = Malformed, "bad-jws",
        "The transition is not a JWS in General JSON Serialization.",
        "Send {\"payload\", \"signatures\": [{\"protected\", \"signature\"}]} as RFC 7515 section 7.2.1 has it, with no other member and none twice.";
    BAD_BASE64 = Malformed, "bad-base64url",
        "A member is not base64url.",
        "Encode without padding, with the alphabet of RFC 4648 section 5 and zero trailing bits.";
    BAD_HEADER = Malformed, "bad-protected-header",
        "A protected header is not what a transition carries.",
        "Give exactly alg, typ and kid: alg EdDSA or Ed25519, typ chancery-transition+json, kid PARTY#KEY.";
    BAD_ALGORITHM = Malformed, "algorithm-not-accepted",
        "The signature algorithm is not accepted.",
        "Sign with Ed25519: alg EdDSA (RFC 8037) or Ed25519 (RFC 9864).";
    BAD_TYPE = Malformed, "type-not-accepted",
        "The protected header's typ is not that of a transition.",
        "Set typ to chancery-transition+json.";
    BAD_KEY_ID = Malformed, "bad-key-id",
        "A kid does not name a party and a key.",
        "Write the party's 25 characters, a number sign, and the key as the 43 characters of its JWK x.";
    BAD_PAYLOAD = Malformed, "bad-payload",
        "The payload is not that of a transition.",
        "Give exactly ledger, id, not_after and actions, as the interface description has them.";
    BAD_ACTION = Malformed, "bad-action",
        "An action is not one that a register knows.",
        "Compare the action, its members and their types with the interface description.";
    NO_SIGNATURE = Malformed, "signature-count",
        "A transition carries from 1 to 64 signatures.",
        "Collect the signatures of those whose register entry changes.";
    NO_ACTION = Malformed, "action-count",
        "A transition carries from 1 to 64 actions.",
        "Split a longer list into several transitions.";
    REPEATED_SIGNATURE = Malformed, "signature-repeated",
        "One key has signed twice.",
        "Send one signature for each key.";
    WRONG_LEDGER = Malformed, "wrong-ledger",
        "The transition was signed for another ledger.",
        "Sign for the ledger id that GET /v1/ledger states.";
    EXPIRED = Malformed, "expired",
        "The transition's not_after has passed.",
        "Sign again with a later not_after.";
    EXPIRES_TOO_LATE = Malformed, "expires-too-late",
        "The transition's not_after lies beyond the ledger's window.",
        "Choose a not_after within the window that the genesis states (seven days unless it says otherwise).";
    KEY_NOT_ACCEPTED = Signature, "key-not-accepted",
        "A key is not a canonical Ed25519 public key of full order.",
        "Generate a key with a sound library; keys of small order and other encodings are refused.";
    BAD_SIGNATURE = Signature, "bad-signature",
        "A signature does not verify.",
        "Sign the ASCII bytes of protected, a full stop and payload with the key that kid names (strict Ed25519).";
    DUPLICATE = Duplicate, "duplicate",
        "This transition was already taken in.",
        "Ask for its outcome by its id; to state the same again, choose a new id in the payload.";
    MEMPOOL_FULL = Busy, "mempool-full",
        "Too many transitions wait for a block, of everybody or of this signer.",
        "Send it again when earlier ones are final.";
    SIGNER_NOT_REQUIRED = Rule, "signer-not-required",
        "A signature is carried that no action asks for.",
        "Leave out the signature, or name the party in an action.";
    SIGNER_MISSING = Rule, "signer-missing",
        "A party whose signature the action needs has not signed.",
        "Have the named party sign the same payload with a key that is valid now and for this purpose.";
}
