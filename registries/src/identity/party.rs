//! What the register keeps of a party: who it is, which keys speak for it, and how it is recovered.

use std::fmt;

use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::key::PublicKey;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::RegisterName;
use crate::shape::Described;
use crate::text::{Distinct, Statement};

/// The most sub-keys that are live at a time.
pub const MAX_SUB_KEYS: usize = 32;
/// The most keys that a party has in all its life, the revoked ones included.
pub const MAX_KEYS: usize = 256;

/// The keys of a controller set: as many as a genesis may give the root authority.
pub type ControllerKeys = Distinct<PublicKey, 1, 32>;
/// The parties that can together recover another.
pub type Guardians = Distinct<PartyId, 0, 16>;
/// What a sub-key may be used for.
pub type Purposes = Distinct<Purpose, 1, 4>;

/// A person, an organisation or a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Party {
    /// The ID code: it follows from the first key and never changes.
    pub id: PartyId,
    /// What it is.
    pub kind: PartyKind,
    /// Whether it may act.
    pub status: Status,
    /// Why it has that status, where an authority or the party itself set it.
    pub status_reason: Option<Statement>,
    /// When it was created.
    pub created: Time,
    /// The commitment to its card, which is off the ledger.
    pub card: Option<Hash>,
    /// The keys that control it.
    pub controllers: Controllers,
    /// The keys that act for it within limits.
    pub sub_keys: Vec<SubKey>,
    /// The keys that spoke for it once.
    pub revoked: Vec<RevokedKey>,
    /// How it is recovered when its keys are lost.
    pub recovery: Option<RecoveryPlan>,
    /// The recovery that is under way.
    pub recovering: Option<PendingRecovery>,
}

/// What a party is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PartyKind {
    /// A human being.
    Person,
    /// A legal person, an institution, a branch.
    Organisation,
    /// A machine with keys of its own.
    Device,
}

/// Whether a party may act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It may.
    Active,
    /// Not until an authority makes it active again.
    Suspended,
    /// Never again.
    Revoked,
    /// A person that has died.
    Deceased,
    /// An organisation that has ended.
    Dissolved,
}

impl Status {
    /// Whether nothing can follow.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Revoked | Self::Deceased | Self::Dissolved)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
            Self::Deceased => "deceased",
            Self::Dissolved => "dissolved",
        })
    }
}

/// The keys that control a party, `threshold` of which must sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Controllers {
    /// How many must sign.
    pub threshold: u32,
    /// The keys.
    pub keys: ControllerKeys,
}

/// What a sub-key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Signing in.
    Authentication,
    /// Stating and attesting.
    Assertion,
    /// Handing over and receiving things.
    Custody,
    /// What a machine does by itself.
    Device,
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Authentication => "authentication",
            Self::Assertion => "assertion",
            Self::Custody => "custody",
            Self::Device => "device",
        })
    }
}

/// A key that acts for a party within limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SubKey {
    /// The key.
    pub key: PublicKey,
    /// What for.
    pub purposes: Purposes,
    /// The one register in which it counts, or none for all.
    pub only_register: Option<RegisterName>,
    /// From when on; never before it was added.
    pub valid_from: Time,
    /// Until when, that moment excluded.
    pub valid_until: Option<Time>,
}

impl SubKey {
    /// Whether it has the purpose and counts in the register.
    pub fn serves(&self, purpose: Purpose, register: RegisterName) -> bool {
        self.purposes.contains(&purpose) && self.only_register.is_none_or(|only| only == register)
    }

    /// Whether the moment is in its period of validity.
    pub fn is_valid_at(&self, time: Time) -> bool {
        self.valid_from <= time && self.valid_until.is_none_or(|until| time < until)
    }
}

/// A key that spoke for a party once. What it signed until then stays valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RevokedKey {
    /// The key.
    pub key: PublicKey,
    /// Since when it does not count.
    pub at: Time,
    /// Why; none where other controllers simply took its place.
    pub reason: Option<Statement>,
}

/// How a party is recovered when its keys are lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecoveryPlan {
    /// Those who can recover it together.
    pub guardians: Guardians,
    /// How many of them must sign; 0 where there are none.
    pub threshold: u32,
    /// An accredited identity authority that can recover it as well.
    pub authority: Option<PartyId>,
    /// For how long the present controllers, a court or a regulator can object.
    pub delay_ms: DelayMs,
}

/// A recovery under way: in force by itself from `effective` on, unless a controller, a court or a
/// regulator objects before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PendingRecovery {
    /// Who controls the party then.
    pub controllers: Controllers,
    /// When it was begun.
    pub started: Time,
    /// When it takes effect.
    pub effective: Time,
}

/// One second to 366 days, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "u64")]
#[schema(value_type = u64, minimum = 1000, maximum = 31_622_400_000_u64)]
pub struct DelayMs(u64);

/// What a number must be to be a delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a delay is 1,000 to 31,622,400,000 milliseconds: one second to 366 days")]
pub struct NotADelay;

impl DelayMs {
    /// The milliseconds.
    pub fn as_ms(self) -> u64 {
        self.0
    }
}

impl TryFrom<u64> for DelayMs {
    type Error = NotADelay;

    fn try_from(ms: u64) -> Result<Self, NotADelay> {
        (1000..=366 * 24 * 60 * 60 * 1000).contains(&ms).then_some(Self(ms)).ok_or(NotADelay)
    }
}

/// What a key is to a party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing<'a> {
    /// One of its controllers.
    Controller,
    /// One of its sub-keys, valid now or not.
    SubKey(&'a SubKey),
    /// Its own once.
    Revoked,
    /// Nothing.
    Unknown,
}

impl Party {
    /// The party as it stands at a moment: a recovery whose delay is over has taken effect, and
    /// the keys it replaces are revoked since then.
    pub fn at(mut self, time: Time) -> Self {
        match self.recovering.take_if(|recovery| recovery.effective <= time) {
            None => self,
            Some(recovery) => {
                self.revoke_sub_keys(recovery.effective);
                self.replace_controllers(recovery.controllers, recovery.effective);
                self
            }
        }
    }

    /// What a key is to the party.
    pub fn standing_of(&self, key: &PublicKey) -> Standing<'_> {
        if self.controllers.keys.contains(key) {
            return Standing::Controller;
        }
        if let Some(sub_key) = self.sub_keys.iter().find(|sub_key| sub_key.key == *key) {
            return Standing::SubKey(sub_key);
        }
        match self.revoked.iter().any(|revoked| revoked.key == *key) {
            true => Standing::Revoked,
            false => Standing::Unknown,
        }
    }

    /// All keys that the party has, had, or will have when its recovery takes effect.
    pub fn key_count(&self) -> usize {
        let pending =
            self.recovering.as_ref().map_or(0, |recovery| recovery.controllers.keys.len());
        self.controllers.keys.len() + self.sub_keys.len() + self.revoked.len() + pending
    }

    /// Puts other controllers in the place of the present ones; those that go are revoked.
    pub(super) fn replace_controllers(&mut self, controllers: Controllers, at: Time) {
        let old = std::mem::replace(&mut self.controllers, controllers);
        for key in old.keys.iter().filter(|key| !self.controllers.keys.contains(key)) {
            self.revoked.push(RevokedKey { key: *key, at, reason: None });
        }
    }

    fn revoke_sub_keys(&mut self, at: Time) {
        for sub_key in self.sub_keys.drain(..) {
            self.revoked.push(RevokedKey { key: sub_key.key, at, reason: None });
        }
    }
}

impl Object for Party {
    const REGISTER: &'static str = "identity";
    const KIND: &'static str = "party";

    fn id(&self) -> String {
        self.id.to_string()
    }
}

impl Described for Party {
    const EXAMPLE_ID: &'static str = "AAAAAAAAAAAAAAAAAAAAAAAAI";

    fn is_id(text: &str) -> bool {
        text.parse::<PartyId>().is_ok()
    }

    fn judged_at(self, time: Time) -> Self {
        self.at(time)
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        let plan = self.recovery.iter();
        let guardians = plan.clone().flat_map(|plan| plan.guardians.iter());
        let authorities = plan.filter_map(|plan| plan.authority);
        guardians
            .map(|guardian| ("guardian", *guardian))
            .chain(authorities.map(|authority| ("recovery-authority", authority)))
            .collect()
    }
}
