//! The Rust client: build transitions, sign them, submit them, wait, and verify what comes back.
//!
//! A transition is built for one ledger, signed by every party that it concerns, on one device or
//! on several, and only then sent:
//!
//! ```
//! use chancery_client::{Signer, Transition, keys};
//! use serde_json::json;
//!
//! # let ledger = chancery_client::Hash::of(&[b"a genesis"]);
//! let sender = Signer::first(keys::generate()?);
//! let carrier = Signer::first(keys::generate()?);
//! let signing = Transition::on(ledger)
//!     .act(json!({"register": "parcels", "action": "register"}))
//!     .sign(&sender)?;
//! // The file may travel to the other party's device and come back.
//! let signing = carrier.sign(signing)?;
//! assert_eq!(signing.signers().len(), 2);
//! # Ok::<(), chancery_client::Error>(())
//! ```
//!
//! Everything that a server says can be checked with the genesis and nothing else: see [`verify`].

mod access;
pub mod bundle;
mod client;
mod clock;
mod error;
pub mod files;
mod ids;
pub mod key_file;
pub mod keys;
mod log;
mod log_proof;
mod mirror;
mod problem;
mod signer;
pub mod timestamp;
mod transition;
pub mod verify;
mod wire;

pub use client::{Client, KeptRecord};
pub use clock::now;
pub use error::Error;
pub use ids::{new_id, random_bytes};
pub use key_file::KeyFile;
pub use log::{BadCheckpoint, Checkpoint};
pub use log_proof::{Cosigned, LogProofVerified, verify_log_proof};
pub use mirror::{Followed, Mirror, MirrorChecked, MirrorError};
pub use problem::Problem;
pub use signer::Signer;
pub use transition::{DEFAULT_VALID_FOR, Transition, actions_of};
pub use wire::{
    Answer, AsOf, FinalityInfo, Ground, LedgerInfo, NetworkInfo, Path, PeerInfo, PoolInfo,
    PoolMemberInfo, Submitted, Verdict, WorkInfo,
};

pub use chancery_ledger::anchor::Anchor;
pub use chancery_ledger::evidence::{BlockReceipt, Credential, Evidence, Receipt, StatusProof};
pub use chancery_ledger::genesis::Genesis;
pub use chancery_ledger::hash::Hash;
pub use chancery_ledger::key::{KeyId, PublicKey, SecretKey};
pub use chancery_ledger::party::PartyId;
pub use chancery_ledger::time::Time;
pub use chancery_ledger::transition::Signing;
pub use chancery_registries::Action;
