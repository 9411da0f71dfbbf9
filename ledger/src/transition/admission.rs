//! Admission: every check that needs no state, in one order, each with its own code.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Admitted, Entry, MAX_ACTIONS, MAX_SIGNATURES, MAX_TRANSITION_BYTES, Outcome, TYPE,
    transition_id,
};
use crate::code::{self, Code, Rejection};
use crate::execution::Application;
use crate::hash::Hash;
use crate::key::{KeyId, PublicKey, Verifier};
use crate::merkle;
use crate::time::Time;

/// What admission needs to know of the ledger.
pub struct Admission<A> {
    application: Arc<A>,
    ledger: Hash,
    window_ms: u64,
}

/// RFC 7515 7.2.1, and nothing besides.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Jws<'a> {
    #[serde(borrow)]
    payload: Cow<'a, str>,
    #[serde(borrow)]
    signatures: Vec<JwsSignature<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JwsSignature<'a> {
    #[serde(borrow)]
    protected: Cow<'a, str>,
    #[serde(borrow)]
    signature: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Protected<'a> {
    #[serde(borrow)]
    alg: Cow<'a, str>,
    #[serde(borrow)]
    typ: Cow<'a, str>,
    #[serde(borrow)]
    kid: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPayload<'a> {
    ledger: Hash,
    #[serde(borrow)]
    id: Cow<'a, str>,
    not_after: Time,
    #[serde(borrow)]
    actions: Vec<&'a RawValue>,
}

impl<A: Application> Admission<A> {
    /// Admission to the ledger of this genesis.
    pub fn new(application: Arc<A>, genesis: &crate::genesis::Genesis) -> Self {
        let window_ms = genesis.statement().transition_window_ms;
        Self { application, ledger: genesis.ledger(), window_ms }
    }

    /// Takes a transition in: form, ledger, expiry as of `now`, actions, then signatures.
    pub fn admit(
        &self,
        bytes: &[u8],
        now: Time,
        keys: &mut KeyCache,
    ) -> Result<Admitted<A::Action>, Rejection> {
        let (jws, admitted) = self.read(bytes)?;
        not_expired(admitted.not_after, now)?;
        within_window(admitted.not_after, now, self.window_ms)?;
        for (index, signer) in admitted.signers.iter().enumerate() {
            signature_holds(&jws, index, signer, keys)
                .map_err(|rejection| rejection.at(format!("/signatures/{index}")))?;
        }
        Ok(admitted)
    }

    /// Takes in again what stands in a block that was checked before: form only.
    pub fn readmit(&self, bytes: &[u8]) -> Result<Admitted<A::Action>, Rejection> {
        self.read(bytes).map(|(_, admitted)| admitted)
    }

    /// Takes in what stands in a block of others: all but expiry, which block time judges.
    pub fn admit_ordered(
        &self,
        bytes: &[u8],
        keys: &mut KeyCache,
    ) -> Result<Admitted<A::Action>, Rejection> {
        let (jws, admitted) = self.read(bytes)?;
        for (index, signer) in admitted.signers.iter().enumerate() {
            signature_holds(&jws, index, signer, keys)?;
        }
        Ok(admitted)
    }

    fn read<'a>(&self, bytes: &'a [u8]) -> Result<(Jws<'a>, Admitted<A::Action>), Rejection> {
        size_within_bounds(bytes)?;
        let jws = read_jws(bytes)?;
        let signers = read_signers(&jws)?;
        let payload = decode_base64url(&jws.payload).map_err(|error| error.at("/payload"))?;
        let (not_after, actions) =
            self.read_payload(&payload).map_err(|error| error.at("/payload"))?;
        let applied_entry = Entry::encode(&Outcome::Applied, bytes);
        let admitted = Admitted {
            id: transition_id(&payload, &signers),
            not_after,
            signers,
            actions,
            applied_leaf: merkle::leaf_hash(&applied_entry),
            applied_entry,
        };
        Ok((jws, admitted))
    }

    fn read_payload(&self, bytes: &[u8]) -> Result<(Time, Vec<A::Action>), Rejection> {
        is_object(bytes, &code::BAD_PAYLOAD)?;
        let payload: RawPayload<'_> = serde_json::from_slice(bytes)
            .map_err(|error| code::BAD_PAYLOAD.because(error.to_string()))?;
        for_this_ledger(&payload.ledger, &self.ledger)?;
        id_is_printable(&payload.id)?;
        count_within(payload.actions.len(), MAX_ACTIONS, &code::NO_ACTION)?;
        let mut actions = Vec::with_capacity(payload.actions.len());
        for (index, action) in payload.actions.iter().enumerate() {
            let action = is_object(action.get().as_bytes(), &code::BAD_ACTION)
                .and_then(|()| self.application.parse(action.get()));
            actions.push(action.map_err(|error| error.at(format!("/payload/actions/{index}")))?);
        }
        Ok((payload.not_after, actions))
    }
}

fn size_within_bounds(bytes: &[u8]) -> Result<(), Rejection> {
    if bytes.len() > MAX_TRANSITION_BYTES {
        return Err(code::TOO_LARGE.because(format!("it has {} bytes", bytes.len())));
    }
    Ok(())
}

/// serde takes an array for a structure as well; no JOSE library does.
fn is_object(json: &[u8], code: &'static Code) -> Result<(), Rejection> {
    match json.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'[' | b'"' | b'0'..=b'9' | b'-' | b't' | b'f' | b'n') => {
            Err(code.because("it is not a JSON object"))
        }
        _ => Ok(()),
    }
}

fn read_jws(bytes: &[u8]) -> Result<Jws<'_>, Rejection> {
    is_object(bytes, &code::BAD_JWS)?;
    let jws: Jws<'_> = serde_json::from_slice(bytes).map_err(|error| {
        let code = if error.is_data() { &code::BAD_JWS } else { &code::NOT_JSON };
        code.because(error.to_string())
    })?;
    count_within(jws.signatures.len(), MAX_SIGNATURES, &code::NO_SIGNATURE)?;
    Ok(jws)
}

fn count_within(count: usize, most: usize, code: &'static Code) -> Result<(), Rejection> {
    if count == 0 || count > most {
        return Err(code.because(format!("there are {count}")));
    }
    Ok(())
}

fn read_signers(jws: &Jws<'_>) -> Result<Vec<KeyId>, Rejection> {
    let mut seen = BTreeSet::new();
    let mut signers = Vec::with_capacity(jws.signatures.len());
    for (index, signature) in jws.signatures.iter().enumerate() {
        let at = || format!("/signatures/{index}/protected");
        let signer = read_protected(&signature.protected).map_err(|error| error.at(at()))?;
        if !seen.insert(signer.key) {
            let detail = format!("the key {} signs more than once", signer.key);
            return Err(code::REPEATED_SIGNATURE.because(detail).at(at()));
        }
        signers.push(signer);
    }
    Ok(signers)
}

fn read_protected(text: &str) -> Result<KeyId, Rejection> {
    let bytes = decode_base64url(text)?;
    is_object(&bytes, &code::BAD_HEADER)?;
    let protected: Protected<'_> = serde_json::from_slice(&bytes)
        .map_err(|error| code::BAD_HEADER.because(error.to_string()))?;
    if !matches!(&*protected.alg, "EdDSA" | "Ed25519") {
        return Err(code::BAD_ALGORITHM.because(format!("alg is {:?}", protected.alg)));
    }
    if protected.typ != TYPE {
        return Err(code::BAD_TYPE.because(format!("typ is {:?}", protected.typ)));
    }
    protected.kid.parse().map_err(|error| code::BAD_KEY_ID.because(format!("{error}")))
}

fn decode_base64url(text: &str) -> Result<Vec<u8>, Rejection> {
    BASE64URL_NOPAD
        .decode(text.as_bytes())
        .map_err(|error| code::BAD_BASE64.because(error.to_string()))
}

fn for_this_ledger(stated: &Hash, ours: &Hash) -> Result<(), Rejection> {
    if stated != ours {
        let detail = format!("it was signed for {stated}; this ledger is {ours}");
        return Err(code::WRONG_LEDGER.because(detail).at("/payload/ledger"));
    }
    Ok(())
}

fn id_is_printable(id: &str) -> Result<(), Rejection> {
    if id.is_empty() || id.len() > 64 || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
        let detail = "id is not 1 to 64 printable ASCII characters";
        return Err(code::BAD_PAYLOAD.because(detail).at("/payload/id"));
    }
    Ok(())
}

/// The rule that block time applies as well.
pub(crate) fn not_expired(not_after: Time, now: Time) -> Result<(), Rejection> {
    if not_after < now {
        let detail = format!("not_after is {not_after}, and it is {now}");
        return Err(code::EXPIRED.because(detail).at("/payload/not_after"));
    }
    Ok(())
}

/// The rule that block time applies as well: it bounds for how long an id must be remembered.
pub(crate) fn within_window(not_after: Time, now: Time, window_ms: u64) -> Result<(), Rejection> {
    let latest = now.plus_ms(window_ms);
    if not_after > latest {
        let detail = format!("not_after is {not_after}, and the latest is {latest}");
        return Err(code::EXPIRES_TOO_LATE.because(detail).at("/payload/not_after"));
    }
    Ok(())
}

fn signature_holds(
    jws: &Jws<'_>,
    index: usize,
    signer: &KeyId,
    keys: &mut KeyCache,
) -> Result<(), Rejection> {
    let part = &jws.signatures[index];
    let wrong = || code::BAD_SIGNATURE.because(format!("the signature of {signer}"));
    let signature = decode_base64url(&part.signature)?;
    let signature: [u8; 64] = signature.try_into().map_err(|_| wrong())?;
    let verifier = keys.verifier(&signer.key)?;
    // RFC 7515 5.2: the signing input is made of the parts as they were received.
    let input = [part.protected.as_bytes(), b".", jws.payload.as_bytes()].concat();
    if verifier.verify(&input, &signature) { Ok(()) } else { Err(wrong()) }
}

/// Keys that were checked and unpacked before. Which are in it changes speed, never a verdict.
#[derive(Default)]
pub struct KeyCache(HashMap<PublicKey, Verifier>);

/// About 16 MB of unpacked keys a thread.
const KEY_CACHE_ENTRIES: usize = 65_536;

impl KeyCache {
    fn verifier(&mut self, key: &PublicKey) -> Result<&Verifier, Rejection> {
        if self.0.len() >= KEY_CACHE_ENTRIES && !self.0.contains_key(key) {
            self.0.clear();
        }
        match self.0.entry(*key) {
            std::collections::hash_map::Entry::Occupied(entry) => Ok(entry.into_mut()),
            std::collections::hash_map::Entry::Vacant(entry) => {
                let verifier = key
                    .verifier()
                    .map_err(|error| code::KEY_NOT_ACCEPTED.because(format!("{key}: {error}")))?;
                Ok(entry.insert(verifier))
            }
        }
    }
}
