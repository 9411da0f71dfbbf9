//! Bundles: an object with everything that was done to it, all the proofs, and what was shown of its
//! records, as one file that is checked offline.

use chancery_ledger::anchor::{Anchor, BadHandover};
use chancery_ledger::evidence::{Evidence, Receipt, Statement, StatusProof};
use chancery_ledger::hash::Hash;
use chancery_ledger::record::{DisclosedField, Disclosure};
use chancery_ledger::time::Time;
use chancery_ledger::transition::{Outcome, Signing};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::transition::actions_of;
use crate::verify::{NotVerified, object_version, verify};

/// The most versions of an object in a bundle.
pub const VERSIONS_MAX: usize = 2_000;
/// The most bytes of a bundle.
pub const BUNDLE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// The most records of which something is shown in a bundle.
pub const RECORDS_MAX: usize = 256;

/// An object with all that shows how it came to be what it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// How the pools that seal it followed one another, the first handover first; none where one pool
    /// sealed it all.
    pub handovers: Vec<StatusProof>,
    /// The object as of the block for which the bundle speaks.
    pub latest: StatusProof,
    /// Every version of it, from the first on.
    pub versions: Vec<BundledVersion>,
    /// What is shown of records to which its versions commit.
    pub records: Vec<Disclosure>,
}

/// What shows one version of an object.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundledVersion {
    /// Of the transition that made it. Not there where it was withheld from who made the bundle, and for
    /// what the genesis put down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
    /// The object in this version. Not there where its own block changed it once more: a block proves
    /// what it left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusProof>,
}

/// What a bundle shows.
#[derive(Clone, Debug, Serialize)]
pub struct BundleVerified {
    /// The ledger.
    pub ledger: Hash,
    /// The object.
    pub object: String,
    /// The height as of which its last version is the last one.
    pub height: u64,
    /// The time of that block.
    pub as_of: Time,
    /// Its versions, from the first on.
    pub versions: Vec<VersionShown>,
    /// What is shown of its records.
    pub records: Vec<RecordShown>,
    /// How many receipts and status proofs hold.
    pub proofs: usize,
    /// What was not checked, in words.
    pub not_checked: Vec<String>,
}

/// What is shown of a version.
#[derive(Clone, Debug, Serialize)]
pub struct VersionShown {
    /// 1 when it was new.
    pub version: u64,
    /// The height of the block that made it, when its transition is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u64>,
    /// When it was made, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    /// The position of its transition in the log.
    pub position: u64,
    /// What the transition did, as `register.action`.
    pub actions: Vec<String>,
    /// Who signed it.
    pub signers: Vec<String>,
    /// The object in this version, when it is shown and of a kind that this software knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// What is shown of a record.
#[derive(Clone, Debug, Serialize)]
pub struct RecordShown {
    /// The first version that commits to it.
    pub version: u64,
    /// The fields.
    pub fields: Vec<DisclosedField>,
}

/// Why a bundle shows nothing.
#[derive(Debug, thiserror::Error)]
pub enum BadBundle {
    /// It is no bundle.
    #[error("form: {0}")]
    Form(String),
    /// A handover does not follow.
    #[error("handover: {0}")]
    Handover(#[from] BadHandover),
    /// The proof of what it is now does not hold, or shows that there is no such thing.
    #[error("latest: {0}")]
    Latest(String),
    /// A version is not shown as it must be.
    #[error("version {version}: {why}")]
    Version {
        /// Which.
        version: u64,
        /// What does not hold.
        why: String,
    },
    /// What is shown of a record does not belong to the object.
    #[error("record {0}: no version of the object commits to it, or a field was changed")]
    Record(usize),
}

impl BadBundle {
    fn version(version: u64, why: impl ToString) -> Self {
        Self::Version { version, why: why.to_string() }
    }
}

const NO_CLOCK: &str = "how old it is: no clock was read, and nothing is said of later blocks";

impl Bundle {
    /// Reads a bundle; `None` when the bytes are something else.
    pub fn read(bytes: &[u8]) -> Option<Result<Self, BadBundle>> {
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        if first != Some(&b'{') || serde_json::from_slice::<Mark>(bytes).is_err() {
            return None;
        }
        if bytes.len() > BUNDLE_BYTES_MAX {
            return Some(Err(BadBundle::Form(format!(
                "it has more than {BUNDLE_BYTES_MAX} bytes"
            ))));
        }
        Some(serde_json::from_slice(bytes).map_err(|error| BadBundle::Form(error.to_string())))
    }

    /// Checks all of it against what is trusted. A pure function: no network, no clock.
    ///
    /// That the versions go from 1 to the last without a gap, and that the last is the one that stands,
    /// shows that nothing is left out.
    pub fn verify(&self, anchor: &Anchor) -> Result<BundleVerified, BadBundle> {
        let mut anchor = anchor.clone();
        for handover in &self.handovers {
            anchor.follow(handover)?;
        }
        if self.versions.len() > VERSIONS_MAX || self.records.len() > RECORDS_MAX {
            let what = format!("more than {VERSIONS_MAX} versions or {RECORDS_MAX} records");
            return Err(BadBundle::Form(what));
        }
        let latest = self.latest_shown(&anchor)?;
        let mut versions = Vec::with_capacity(self.versions.len());
        let mut not_checked = vec![NO_CLOCK.to_owned()];
        for (version, bundled) in (1..).zip(&self.versions) {
            let shown = bundled.shown(version, &self.latest.object, &anchor)?;
            follows(versions.last(), &shown)?;
            not_checked.extend(shown.not_checked());
            versions.push(shown);
        }
        let last = versions.last().map(|shown| (shown.shown.version, shown.status));
        if last != Some((latest.version, Some(latest.position))) {
            let shown = versions.len();
            let what = format!("{shown} versions are shown, and version {} stands", latest.version);
            return Err(BadBundle::Latest(what));
        }
        let versions: Vec<VersionShown> = versions.into_iter().map(|shown| shown.shown).collect();
        let records = self.records_shown(&versions)?;
        let of_versions = self.versions.iter().map(BundledVersion::proofs).sum::<usize>();
        Ok(BundleVerified {
            ledger: anchor.ledger(),
            object: self.latest.object.clone(),
            height: latest.height,
            as_of: latest.as_of,
            versions,
            records,
            proofs: of_versions + 1,
            not_checked,
        })
    }

    fn latest_shown(&self, anchor: &Anchor) -> Result<Latest, BadBundle> {
        let evidence = Evidence::Status(self.latest.clone());
        let verified =
            verify(&evidence, anchor).map_err(|error| BadBundle::Latest(error.to_string()))?;
        match verified.shown.shown {
            Statement::Stands { version, position, .. } => {
                let (height, as_of) = (verified.shown.height, verified.shown.as_of);
                Ok(Latest { version, position, height, as_of })
            }
            _ => Err(BadBundle::Latest(format!("there is no {}", self.latest.object))),
        }
    }

    fn records_shown(&self, versions: &[VersionShown]) -> Result<Vec<RecordShown>, BadBundle> {
        let shown = |(number, disclosure): (usize, &Disclosure)| {
            let commitment = disclosure.commitment().map_err(|_| BadBundle::Record(number))?;
            let commitment = serde_json::json!(commitment);
            let commits = |shown: &&VersionShown| {
                shown.value.as_ref().is_some_and(|value| states(value, &commitment))
            };
            let version = versions.iter().find(commits).ok_or(BadBundle::Record(number))?.version;
            Ok(RecordShown { version, fields: disclosure.fields.clone() })
        };
        (1..).zip(&self.records).map(shown).collect()
    }
}

/// What tells a bundle from other files.
#[derive(Deserialize)]
struct Mark {
    #[serde(rename = "versions")]
    _versions: serde::de::IgnoredAny,
}

struct Latest {
    version: u64,
    position: u64,
    height: u64,
    as_of: Time,
}

/// A version, and which of its proofs there were.
struct Proven {
    shown: VersionShown,
    /// The position that the state gives.
    status: Option<u64>,
    /// The genesis put it down.
    is_found: bool,
}

impl Proven {
    fn not_checked(&self) -> Option<String> {
        let version = self.shown.version;
        if self.status.is_none() {
            let what = "the object as it was in between: its own block changed it once more";
            Some(format!("version {version}: {what}"))
        } else if self.shown.height.is_none() && !self.is_found {
            Some(format!("version {version}: what made it; the transition was withheld"))
        } else {
            None
        }
    }
}

impl BundledVersion {
    /// Of the evidence that a server gives with a version of this number, what shows that version.
    pub(crate) fn of(version: u64, proofs: Vec<Evidence>) -> Self {
        let mut bundled = Self { receipt: None, status: None };
        for evidence in proofs {
            match evidence {
                Evidence::Receipt(receipt) => bundled.receipt = Some(receipt),
                Evidence::Status(status) if object_version(&status) == Some(version) => {
                    bundled.status = Some(status);
                }
                // Its block left a later version; or what no bundle carries.
                Evidence::Status(_) | Evidence::InBlock(_) => {}
            }
        }
        bundled
    }

    fn proofs(&self) -> usize {
        usize::from(self.receipt.is_some()) + usize::from(self.status.is_some())
    }

    fn shown(&self, version: u64, object: &str, anchor: &Anchor) -> Result<Proven, BadBundle> {
        let bad = |why: &dyn ToString| BadBundle::version(version, why.to_string());
        let mut proven = Proven {
            shown: VersionShown {
                version,
                height: None,
                time: None,
                position: 0,
                actions: Vec::new(),
                signers: Vec::new(),
                value: None,
            },
            status: None,
            is_found: false,
        };
        if let Some(status) = &self.status {
            let verified = verify(&Evidence::Status(status.clone()), anchor)
                .map_err(|error: NotVerified| bad(&error))?;
            match verified.shown.shown {
                Statement::Stands { object: of, version: stands, position }
                    if of == object && stands == version =>
                {
                    proven.status = Some(position);
                    proven.shown.position = position;
                }
                _ => return Err(bad(&"the proof of its state is of something else")),
            }
            proven.is_found = verified.shown.height == 0;
            proven.shown.value = verified.value;
        }
        if let Some(receipt) = &self.receipt {
            deed(receipt, anchor, &mut proven).map_err(|why| bad(&why))?;
        }
        match self.proofs() {
            0 => Err(bad(&"nothing shows it")),
            _ => Ok(proven),
        }
    }
}

/// Puts down what a receipt shows of the transition behind a version.
fn deed(receipt: &Receipt, anchor: &Anchor, proven: &mut Proven) -> Result<(), String> {
    let verified =
        verify(&Evidence::Receipt(receipt.clone()), anchor).map_err(|error| error.to_string())?;
    let Statement::Ordered { position, transition, .. } = &verified.shown.shown else {
        return Err("its receipt is none".to_owned());
    };
    if proven.status.is_some_and(|status| status != *position) {
        return Err("the receipt is of another transition than the one behind it".to_owned());
    }
    if receipt.outcome() != Some(Outcome::Applied) {
        return Err("the transition of its receipt changed nothing".to_owned());
    }
    let signing: Signing =
        serde_json::from_str(transition.get()).map_err(|error| error.to_string())?;
    let shown = &mut proven.shown;
    shown.position = *position;
    shown.height = Some(verified.shown.height);
    shown.time = Some(verified.shown.as_of);
    shown.actions = actions_of(&signing);
    shown.signers = verified.signers;
    Ok(())
}

/// A version comes after the one before it; and where that one's state is not shown, in its block.
fn follows(before: Option<&Proven>, next: &Proven) -> Result<(), BadBundle> {
    let Some(before) = before else { return Ok(()) };
    let bad = |why: &str| BadBundle::version(before.shown.version, why);
    if before.shown.position >= next.shown.position {
        return Err(bad("it does not come before the version after it"));
    }
    if before.status.is_none() && before.shown.height != next.shown.height {
        return Err(bad("the object in this version is not shown"));
    }
    Ok(())
}

/// Whether an object states a hash anywhere.
fn states(value: &Value, hash: &Value) -> bool {
    match value {
        Value::String(_) => value == hash,
        Value::Array(items) => items.iter().any(|item| states(item, hash)),
        Value::Object(fields) => fields.values().any(|field| states(field, hash)),
        _ => false,
    }
}
