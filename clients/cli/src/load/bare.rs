//! The measure beside the figures: how fast this machine verifies signatures and does nothing else.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chancery_client::Signing;
use chancery_ledger::key::Verifier;
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;

use super::workload::Workload;
use crate::failure::Failure;

/// Signatures that are verified over and over: enough not to stay in the nearest cache.
const SAMPLE: usize = 4_096;
/// How many are verified between two looks at the clock.
const BETWEEN_LOOKS: usize = 64;

struct Signed {
    verifier: Verifier,
    message: Vec<u8>,
    signature: [u8; 64],
}

/// Signatures of this workload verified a second, strictly, with every processor there is.
pub(super) fn rate(workload: &Workload, during: Duration) -> Result<f64, Failure> {
    let sample = workload.transitions.iter().take(SAMPLE);
    let signed: Vec<Signed> = sample.filter_map(|bytes| parts(bytes)).flatten().collect();
    if signed.is_empty() {
        return Err(Failure::usage("nothing is signed"));
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (verified, wrong) = (AtomicU64::new(0), AtomicU64::new(0));
    let started = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (signed, verified, wrong) = (&signed, &verified, &wrong);
            scope.spawn(move || {
                let mut next = thread * signed.len() / threads;
                while started.elapsed() < during {
                    for _ in 0..BETWEEN_LOOKS {
                        let Signed { verifier, message, signature } = &signed[next % signed.len()];
                        let failed = !verifier.verify(message, signature);
                        wrong.fetch_add(failed.into(), Ordering::Relaxed);
                        next += 1;
                    }
                    verified.fetch_add(BETWEEN_LOOKS as u64, Ordering::Relaxed);
                }
            });
        }
    });
    if wrong.into_inner() > 0 {
        return Err(Failure::Claim("a signature of the workload does not verify".to_owned()));
    }
    Ok(verified.into_inner() as f64 / started.elapsed().as_secs_f64())
}

/// What each signature of a transition is over, and by which key.
fn parts(bytes: &[u8]) -> Option<Vec<Signed>> {
    #[derive(Deserialize)]
    struct Jws {
        payload: String,
        signatures: Vec<JwsSignature>,
    }

    #[derive(Deserialize)]
    struct JwsSignature {
        protected: String,
        signature: String,
    }

    let signers = serde_json::from_slice::<Signing>(bytes).ok()?.signers();
    let jws: Jws = serde_json::from_slice(bytes).ok()?;
    let signed = |(part, signer): (&JwsSignature, &chancery_client::KeyId)| {
        Some(Signed {
            verifier: signer.key.verifier().ok()?,
            message: format!("{}.{}", part.protected, jws.payload).into_bytes(),
            signature: BASE64URL_NOPAD.decode(part.signature.as_bytes()).ok()?.try_into().ok()?,
        })
    };
    jws.signatures.iter().zip(&signers).map(signed).collect()
}
