//! What the register keeps of a work: what it is, who owns it, who has it, and where it stands.

use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::edition::EditionNumber;
use crate::shape::Described;
use crate::text::{Date, Distinct, LocalId, Reference, Statement, Text};

/// The most disputes that are open at a time.
pub const MAX_DISPUTES: usize = 8;
/// The most claims about a work's provenance.
pub const MAX_CLAIMS: u32 = 512;
/// The most opinions on a work.
pub const MAX_OPINIONS: u32 = 128;

/// Where a work is, as closely as its keeper wants that known.
pub type Place = Text<200>;
/// Images and other files about a work.
pub type Files = Distinct<WorkFile, 0, 32>;

/// A work of art and where it stands. Ownership, custody and place change apart from one another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Artwork)]
pub struct Work {
    /// Its id.
    pub work: LocalId,
    /// What it is, as far as that is public.
    pub description: Description,
    /// The commitment to its full record.
    pub record: Hash,
    /// Images and other files, by hash.
    pub files: Files,
    /// What tells the conception from every other.
    pub fingerprint: Hash,
    /// Which of the edition it is.
    pub edition: EditionNumber,
    /// Who made it, where that is a party.
    pub artist: Option<PartyId>,
    /// Who owns it: exactly one party, from registration on.
    pub owner: PartyId,
    /// Who has it and why; none while it is stolen, and once it is destroyed.
    pub custody: Option<Custody>,
    /// Where it is, where that is stated.
    pub place: Option<Place>,
    /// Whether it can be acted on.
    pub status: Status,
    /// The theft that was reported, until it is recovered.
    pub theft: Option<Theft>,
    /// The disputes that are open.
    pub disputes: Vec<Dispute>,
    /// What it looked like when it was last looked at.
    pub condition: Condition,
    /// When it was registered.
    pub registered: Time,
    /// Who examined it for the register last.
    pub examined_by: PartyId,
    /// How many events the register has of it.
    pub events: u32,
    /// How many claims about its provenance were made.
    pub claims: u32,
    /// How many opinions on it were given.
    pub opinions: u32,
}

/// What a work is, in the fields of Object ID that a finder needs. Inscriptions and markings,
/// distinguishing features and what else only its keeper would know are in the committed record:
/// they prove a claim only while they are not public.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ArtworkDescription)]
pub struct Description {
    /// What type of object it is.
    pub object_type: Text<100>,
    /// What it is called.
    pub title: Text<300>,
    /// Who made it.
    pub maker: Text<200>,
    /// When, as a date or a period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_or_period: Option<Text<100>>,
    /// Of what and how.
    pub materials_and_techniques: Text<300>,
    /// How large it is, with units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measurements: Option<Text<200>>,
    /// What it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Text<300>>,
}

/// An image or another file about a work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ArtworkFile)]
pub struct WorkFile {
    /// The SHA-256 of its bytes.
    pub hash: Hash,
    /// What it shows or says.
    pub label: Text<100>,
}

/// Whether a work can be acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ArtworkStatus)]
pub enum Status {
    /// It exists and somebody has it.
    Standing,
    /// Nobody knows who has it.
    Stolen,
    /// It is no more.
    Destroyed,
}

/// Who has a work, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ArtworkCustody)]
pub struct Custody {
    /// Who has it.
    pub custodian: PartyId,
    /// Why.
    pub basis: Basis,
    /// Since when, in block time.
    pub since: Time,
    /// Who lent or consigned it, to whom it goes back.
    pub from: Option<PartyId>,
    /// Until when it is to be returned, that day included.
    pub returns_by: Option<Date>,
    /// The hash of the terms agreed on.
    pub terms: Option<Hash>,
}

/// Why a party has a work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ArtworkCustodyBasis)]
pub enum Basis {
    /// It is the owner.
    Own,
    /// It keeps it for the owner.
    Deposit,
    /// It is to find a buyer.
    Consignment,
    /// It was lent it.
    Loan,
}

/// A theft as it was reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ArtworkTheft)]
pub struct Theft {
    /// Who reported it.
    pub reported_by: PartyId,
    /// The mark of the report to the police.
    pub reference: Reference,
    /// How a finder knows the work.
    pub notice: Option<Statement>,
    /// When it was reported, in block time.
    pub at: Time,
}

/// A dispute about who owns a work or whether it is what it is said to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ArtworkDispute)]
pub struct Dispute {
    /// Its id, within the work.
    pub dispute: LocalId,
    /// Who disputes.
    pub claimant: PartyId,
    /// The expert, court or regulator that has looked at it.
    pub by: PartyId,
    /// What is disputed.
    pub grounds: Statement,
    /// Since when, in block time.
    pub at: Time,
}

/// What a work looks like, as it is stated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ArtworkConditionReport)]
pub struct ConditionReport {
    /// In words.
    pub statement: Statement,
    /// The hash of the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Hash>,
}

/// What a work looked like, and who said so when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ArtworkCondition)]
pub struct Condition {
    /// In words.
    pub statement: Statement,
    /// The hash of the report.
    pub report: Option<Hash>,
    /// Who stated it: whoever took the work over, where it changed hands.
    pub by: PartyId,
    /// When, in block time.
    pub at: Time,
}

impl ConditionReport {
    pub(super) fn stated(&self, by: PartyId, at: Time) -> Condition {
        let (statement, report) = (self.statement.clone(), self.report);
        Condition { statement, report, by, at }
    }
}

impl Custody {
    /// Custody of the owner, or of somebody who keeps it for the owner.
    pub(super) fn keeping(custodian: PartyId, owner: PartyId, since: Time) -> Self {
        let basis = if custodian == owner { Basis::Own } else { Basis::Deposit };
        Self { custodian, basis, since, from: None, returns_by: None, terms: None }
    }

    /// Whether it is to go back to whoever gave it.
    pub fn is_out(&self) -> bool {
        matches!(self.basis, Basis::Consignment | Basis::Loan)
    }
}

impl Work {
    /// Who has it; none while that is not known.
    pub fn custodian(&self) -> Option<PartyId> {
        self.custody.as_ref().map(|custody| custody.custodian)
    }

    /// Whether the party owns or has it: the keepers of its record.
    pub fn is_kept_by(&self, party: &PartyId) -> bool {
        self.owner == *party || self.custodian() == Some(*party)
    }

    /// Gives title to another party, and custody with it where that is said: where the new owner
    /// takes it is not known then. What the new owner has, it now has as its own; what the former
    /// owner still has, it keeps for the new one.
    pub(super) fn pass_title(&mut self, to: PartyId, with_custody: bool, time: Time) {
        let from = std::mem::replace(&mut self.owner, to);
        let Some(custody) = &mut self.custody else { return };
        if with_custody && custody.custodian != to {
            *custody = Custody::keeping(to, to, time);
            self.place = None;
        } else if custody.custodian == to {
            *custody = Custody::keeping(to, to, custody.since);
        } else if custody.custodian == from && custody.basis == Basis::Own {
            custody.basis = Basis::Deposit;
        }
    }
}

impl Object for Work {
    const REGISTER: &'static str = "artworks";
    const KIND: &'static str = "work";

    fn id(&self) -> String {
        self.work.to_string()
    }
}

impl Described for Work {
    const EXAMPLE_ID: &'static str = "cmoa-66.19.1";

    fn is_id(text: &str) -> bool {
        text.parse::<LocalId>().is_ok()
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        let mut relations = vec![("owner", self.owner)];
        relations.extend(self.artist.map(|artist| ("artist", artist)));
        if let Some(custody) = &self.custody {
            relations.push(("custodian", custody.custodian));
            let (giver, taker) = match custody.basis {
                Basis::Loan => ("lender", "borrower"),
                Basis::Consignment => ("consignor", "consignee"),
                Basis::Own | Basis::Deposit => return self.with_claimants(relations),
            };
            relations.push((taker, custody.custodian));
            relations.extend(custody.from.map(|from| (giver, from)));
        }
        self.with_claimants(relations)
    }
}

impl Work {
    fn with_claimants(
        &self,
        mut relations: Vec<(&'static str, PartyId)>,
    ) -> Vec<(&'static str, PartyId)> {
        for dispute in &self.disputes {
            let claimant = ("claimant", dispute.claimant);
            if !relations.contains(&claimant) {
                relations.push(claimant);
            }
        }
        relations
    }
}
