//! Equivocations: two ballots of one validator for one step of one round that contradict each other.

use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::key::PublicKey;
use chancery_ledger::party::PartyId;
use chancery_ledger::seal::{self, ballot_bytes, proposal_bytes};
use chancery_ledger::time::Time;
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::shape::Described;

/// An Ed25519 signature, written in base64url without padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

impl Serialize for Signature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes
            .map(Self)
            .ok_or_else(|| de::Error::custom("a signature is 86 characters of base64url"))
    }
}

impl PartialSchema for Signature {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[A-Za-z0-9_-]{86}$"))
            .description(Some("An Ed25519 signature in base64url"))
            .into()
    }
}

impl ToSchema for Signature {
    fn name() -> std::borrow::Cow<'static, str> {
        "BallotSignature".into()
    }
}

/// The steps of a round, in each of which a validator signs one thing at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = BallotStep)]
pub enum Step {
    /// The proposer of the round proposes a block.
    Proposal,
    /// Whether the proposed block is good.
    Prevote,
    /// Whether two thirds have found it good; these votes seal the block.
    Precommit,
}

/// What a validator signed in a step of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ballot {
    /// For which block; for none when it is null.
    pub block: Option<Hash>,
    /// In a proposal, the earlier round in which validators had locked on the block, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_round: Option<u32>,
    /// Its signature: see `ballot_bytes` and `proposal_bytes` of the ledger.
    pub signature: Signature,
}

impl Ballot {
    /// What was signed; nothing if such a ballot cannot be cast in this step.
    pub(super) fn bytes(
        &self,
        step: Step,
        ledger: &Hash,
        height: u64,
        round: u32,
    ) -> Option<Vec<u8>> {
        let vote = match step {
            Step::Proposal => {
                let valid_round = self.valid_round.map_or(-1, i64::from);
                return Some(proposal_bytes(ledger, height, round, valid_round, &self.block?));
            }
            Step::Prevote => seal::Step::Prevote,
            Step::Precommit => seal::Step::Precommit,
        };
        let bytes = ballot_bytes(vote, ledger, height, round, self.block.as_ref());
        self.valid_round.is_none().then_some(bytes)
    }
}

/// That a validator has voted twice. What follows from it is for the root authority to decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Equivocation {
    /// The key of who voted twice.
    pub validator: PublicKey,
    /// What that validator was called.
    pub name: String,
    /// At which height.
    pub height: u64,
    /// In which round.
    pub round: u32,
    /// In which step.
    pub step: Step,
    /// One ballot.
    pub first: Ballot,
    /// The other.
    pub second: Ballot,
    /// The key of the validator that reported it.
    pub accuser: PublicKey,
    /// When it was put down.
    pub recorded: Time,
}

impl Equivocation {
    /// The id of what one validator did in one step of one round.
    pub fn id_of(height: u64, round: u32, step: Step, validator: &PublicKey) -> String {
        let step = match step {
            Step::Proposal => "proposal",
            Step::Prevote => "prevote",
            Step::Precommit => "precommit",
        };
        format!("{height}.{round}.{step}.{validator}")
    }
}

impl Object for Equivocation {
    const REGISTER: &'static str = "validators";
    const KIND: &'static str = "equivocation";

    fn id(&self) -> String {
        Self::id_of(self.height, self.round, self.step, &self.validator)
    }
}

impl Described for Equivocation {
    const EXAMPLE_ID: &'static str = "1200.0.precommit.11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn is_id(text: &str) -> bool {
        let mut parts = text.splitn(4, '.');
        let (height, round) = (parts.next(), parts.next());
        let (step, validator) = (parts.next(), parts.next());
        let step = match step {
            Some("proposal") => Step::Proposal,
            Some("prevote") => Step::Prevote,
            Some("precommit") => Step::Precommit,
            _ => return false,
        };
        let height = height.and_then(|height| height.parse().ok());
        let round = round.and_then(|round| round.parse().ok());
        let validator = validator.and_then(|validator| validator.parse().ok());
        // Written otherwise it would be another id.
        let again = height.zip(round).zip(validator);
        again.is_some_and(|((height, round), key)| Self::id_of(height, round, step, &key) == text)
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        vec![
            ("accused", PartyId::of_first_key(&self.validator)),
            ("accuser", PartyId::of_first_key(&self.accuser)),
        ]
    }
}
