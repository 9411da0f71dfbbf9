//! What an audit found, in the form that is signed.

use chancery_client::{Signer, Time};
use chancery_ledger::audit::{AuditReport, Finding};
use chancery_ledger::error::Error;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::signed::SignedFindings;

/// What was audited, and what was found.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Findings {
    /// Name and version of the software that audited.
    pub(super) software: String,
    /// The server, or the folder, as it was named.
    pub(super) target: String,
    /// Whether the genesis was the auditor's own; if not, it was taken from the target.
    pub(super) own_anchor: bool,
    /// When the audit began, by the auditor's clock.
    pub(super) began: Time,
    /// When it ended.
    pub(super) ended: Time,
    /// How long it took.
    pub(super) took_ms: u64,
    /// Threads that verified signatures.
    pub(super) threads: u64,
    /// The rate: transitions a second, from the first to the last.
    pub(super) transitions_per_s: u64,
    /// Whether everything was checked and holds.
    pub(super) clean: bool,
    /// The first thing that does not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) finding: Option<String>,
    /// Where that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<Place>,
    /// Each check that was made, in words.
    pub(super) checked: Vec<String>,
    /// Each that was not, and from where on.
    pub(super) not_checked: Vec<String>,
    /// What was gone through, up to the first thing that does not hold. Nothing, if not even a genesis was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) figures: Option<Value>,
}

/// Where something does not hold.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Place {
    /// In the genesis, or in what the server promised from it on.
    Genesis,
    /// In the block of this height.
    Block(u64),
    /// In a file.
    File {
        /// Its name.
        name: String,
        /// The offset in bytes.
        offset: u64,
    },
}

/// What the auditor was asked for.
pub(super) struct Made {
    pub(super) target: String,
    pub(super) of_server: bool,
    pub(super) own_anchor: bool,
    pub(super) threads: usize,
}

/// Whether it is something that does not fit: that a file cannot be read, or that a server is gone, is not.
pub(super) fn is_one(finding: &Finding) -> bool {
    Place::of(finding).is_some()
}

/// When, and for how long.
pub(super) struct Took {
    pub(super) began: Time,
    pub(super) ended: Time,
    pub(super) took_ms: u64,
}

/// What is checked of every block, wherever the blocks are from.
const OF_BLOCKS: [&str; 5] = [
    "each block follows from the one before it: ledger, height, hash, time",
    "each block is sealed by the pool of its height, or by the work that is asked for",
    "every signature of every transition",
    "each transition, executed again, took effect or was rejected as the rules of the registers say",
    "each header's log root and state root are those of what was executed",
];

impl Findings {
    /// What is reported of an audit that went through, or that stopped at a finding.
    pub(super) fn new(
        made: Made,
        took: Took,
        finding: Option<&Finding>,
        report: &AuditReport,
    ) -> Self {
        let Made { target, of_server, own_anchor, threads } = made;
        let Took { began, ended, took_ms } = took;
        let mut checked: Vec<String> = OF_BLOCKS.map(str::to_owned).into();
        let mut not_checked = Vec::new();
        match own_anchor {
            true => checked.insert(0, "the genesis is the one that the auditor trusts".to_owned()),
            false => not_checked.push(
                "that the genesis is the right one: it was taken from what was audited".to_owned(),
            ),
        }
        checked.push(match of_server {
            true => "the blocks lead to the log that the server had promised".to_owned(),
            false => "every byte of the files that follow from the blocks".to_owned(),
        });
        if let Some(unseen) = &report.unseen {
            not_checked.extend(unseen.not_checked.iter().cloned());
        }
        if finding.is_some() {
            not_checked.push("what comes after the first thing that does not fit".to_owned());
        }
        Self {
            software: software(),
            target,
            own_anchor,
            began,
            ended,
            took_ms,
            threads: threads as u64,
            transitions_per_s: per_s(report.transitions, took_ms),
            clean: finding.is_none() && report.unseen.is_none(),
            finding: finding.map(ToString::to_string),
            place: finding.and_then(Place::of),
            checked,
            not_checked,
            figures: (report.blocks > 0).then(|| serde_json::to_value(report).ok()).flatten(),
        }
    }

    /// Signs them.
    pub(super) fn signed(&self, signer: &Signer) -> SignedFindings {
        SignedFindings::new(self, signer)
    }
}

/// Name and version of this software.
pub(super) fn software() -> String {
    concat!("chancery ", env!("CARGO_PKG_VERSION")).to_owned()
}

/// So many in so long, a second.
pub(super) fn per_s(count: u64, took_ms: u64) -> u64 {
    count.saturating_mul(1000) / took_ms.max(1)
}

impl Place {
    fn of(finding: &Finding) -> Option<Self> {
        Some(match finding {
            Finding::Genesis(_) => Self::Genesis,
            Finding::Block { height, .. } => Self::Block(*height),
            Finding::File { file, offset, .. } => {
                Self::File { name: file.clone(), offset: *offset }
            }
            Finding::World(Error::Damaged { file, offset, .. }) => {
                Self::File { name: file.clone(), offset: *offset }
            }
            Finding::World(Error::Seal { height, .. }) => Self::Block(*height),
            Finding::World(_) => return None,
        })
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Genesis => f.write_str("the genesis, or what was promised from it on"),
            Self::Block(height) => write!(f, "block {height}"),
            Self::File { name, offset } => write!(f, "{name}, at offset {offset}"),
        }
    }
}
