//! The office that registers: its keys, those of the imported parties, and what the server has.

use std::collections::BTreeSet;
use std::fmt::Display;

use chancery_client::{Action, AsOf, Client, Hash, PartyId, Signer, Signing, Transition, Verdict};
use chancery_registries::identity::{self, CreateParty, Party};
use chancery_registries::land::geometry::{CoordinateStep, Crs};
use chancery_registries::land::{
    self, Caveat, GivenInterest, Holders, Lease, Mortgage, Nature, Public, RegisterTitle,
    Servitude, Share, SpatialUnit, Survey, Title,
};

use super::Land;
use super::plan::{InterestKind, Newcomer, Planned, PlannedInterest, PlannedUnit};
use crate::failure::Failure;
use crate::key_store::KeyStore;
use crate::session::Session;
use crate::words::distinct;

/// What the register says in the place of terms that the source does not have.
const NO_TERMS: &str = "As in the register it was taken from, which gave no terms";

/// Who registers, and where.
pub(super) struct Office<'a> {
    client: &'a Client,
    keys: &'a KeyStore,
    ledger: Hash,
    registrar: Signer,
    surveyor: Signer,
    family: Signer,
    family_name: &'a str,
    crs: Crs,
}

/// Whether a title is registered.
pub(super) enum Standing {
    /// It is not.
    Absent,
    /// It is, from the same line of the source.
    Registered,
    /// Another title has its id.
    Another,
}

impl<'a> Office<'a> {
    /// Opens the three keys: the only ones that cost the time of a passphrase.
    pub(super) async fn open(session: &'a Session, land: &'a Land) -> Result<Self, Failure> {
        let (client, keys) = (session.client()?, session.keys());
        Ok(Self {
            client,
            keys,
            ledger: client.ledger_id().await?,
            registrar: keys.open(&land.registrar)?,
            surveyor: keys.open(&land.surveyor)?,
            family: keys.open_or_create(&land.family)?,
            family_name: &land.family,
            crs: land.crs,
        })
    }

    /// Whether the title is registered. One that came of this line has its record, unless a
    /// rectification has given it another.
    pub(super) async fn standing(&self, planned: &Planned) -> Result<Standing, Failure> {
        match self.client.stored::<Title>(planned.title.as_str(), AsOf::Now).await? {
            None => Ok(Standing::Absent),
            Some(title) => {
                let units = planned.units.iter().map(|unit| &unit.unit);
                let rectified = title.trail.len() > 1 && title.units.iter().eq(units);
                let same = title.record == Some(planned.record) || rectified;
                Ok(if same { Standing::Registered } else { Standing::Another })
            }
        }
    }

    /// Registers these titles with one request.
    pub(super) async fn register(&self, round: &[Planned]) -> Result<Vec<Verdict>, Failure> {
        let mut signings = Vec::with_capacity(round.len());
        for planned in round {
            signings.push(self.signed(planned).await?);
        }
        Ok(self.client.batch(&signings).await?)
    }

    /// One transition: the parties and units that are new, and the title.
    async fn signed(&self, planned: &Planned) -> Result<Signing, Failure> {
        let mut transition = Transition::on(self.ledger);
        let mut signers = vec![self.registrar.clone(), self.surveyor.clone()];
        for newcomer in planned.newcomers() {
            let signer = self.family.derived(&newcomer.key);
            let key = signer.id().key;
            let known = signers.iter().any(|other| other.id().key == key);
            if !known && self.is_new(newcomer, &signer).await? {
                let create = CreateParty { kind: newcomer.kind, key, card: None };
                transition = transition.act(Action::Identity(identity::Action::Create(create)));
                signers.push(signer);
            }
        }
        for unit in &planned.units {
            if self.client.stored::<SpatialUnit>(unit.unit.as_str(), AsOf::Now).await?.is_none() {
                transition = transition.act(Action::Land(land::Action::Survey(self.survey(unit))));
            }
        }
        let title = Box::new(self.title(planned)?);
        let mut signing = transition.act(Action::Land(land::Action::Register(title))).prepare()?;
        for signer in &signers {
            signing = signer.sign(signing)?;
        }
        Ok(signing)
    }

    /// Keeps a party's key, before anything is sent, and says whether the party is yet to come.
    async fn is_new(&self, newcomer: &Newcomer, signer: &Signer) -> Result<bool, Failure> {
        let was_kept = self.keys.has(&newcomer.key);
        self.keys.keep_derived(&newcomer.key, signer.id(), self.family_name)?;
        // A party came with its key; only one that was kept before can be on the ledger.
        let id = signer.party().to_string();
        Ok(!was_kept || self.client.stored::<Party>(&id, AsOf::Now).await?.is_none())
    }

    fn party(&self, newcomer: &Newcomer) -> PartyId {
        self.family.derived(&newcomer.key).party()
    }

    fn survey(&self, unit: &PlannedUnit) -> Survey {
        Survey {
            unit: unit.unit.clone(),
            by: self.surveyor.party(),
            crs: self.crs,
            step: CoordinateStep::Millimetre,
            outline: unit.outline.clone(),
            plan: unit.plan.clone(),
            record: Some(unit.record),
        }
    }

    fn title(&self, planned: &Planned) -> Result<RegisterTitle, Failure> {
        let share = |(owner, share): &(Newcomer, land::Fraction)| Share {
            party: self.party(owner),
            share: *share,
        };
        let interests = planned.interests.iter().map(|interest| self.interest(interest));
        Ok(RegisterTitle {
            title: planned.title.clone(),
            by: self.registrar.party(),
            surveyor: self.surveyor.party(),
            tenure: planned.tenure.clone(),
            units: list(planned.units.iter().map(|unit| unit.unit.clone()).collect(), planned)?,
            owners: list(planned.owners.iter().map(share).collect(), planned)?,
            interests: list(interests.collect::<Result<_, _>>()?, planned)?,
            reference: planned.reference.clone(),
            record: Some(planned.record),
        })
    }

    fn interest(&self, interest: &PlannedInterest) -> Result<GivenInterest, Failure> {
        let holders: Vec<PartyId> =
            interest.holders.iter().map(|holder| self.party(holder)).collect();
        let first = holders.first().copied();
        let holders: Holders = distinct(holders)?;
        let terms = || NO_TERMS.parse().map_err(|error| Failure::usage(format!("{error}")));
        let nature = match interest.kind {
            InterestKind::Mortgage(rank) => Nature::Mortgage(Mortgage { lenders: holders, rank }),
            InterestKind::Lease => Nature::Lease(Lease { lessees: holders, until: None }),
            InterestKind::Servitude => {
                Nature::Servitude(Servitude { beneficiaries: holders, terms: terms()? })
            }
            InterestKind::Caveat => Nature::Caveat(Caveat { caveators: holders }),
            InterestKind::HistoricPreservation => Nature::HistoricPreservation(Public {
                authority: first.ok_or_else(|| Failure::usage("no authority"))?,
                terms: terms()?,
            }),
        };
        Ok(GivenInterest {
            interest: interest.interest.clone(),
            nature,
            reference: interest.reference.clone(),
            record: None,
        })
    }
}

/// Titles that can go out together: the rules see the state before the round, so that what two
/// titles share is brought by one and found by the other a round later.
pub(super) fn next_round(waiting: Vec<Planned>, most: usize) -> (Vec<Planned>, Vec<Planned>) {
    let mut brought: BTreeSet<String> = BTreeSet::new();
    let (mut round, mut later) = (Vec::new(), Vec::new());
    for planned in waiting {
        let units = planned.units.iter().map(|unit| format!("unit {}", unit.unit));
        let parties = planned.newcomers().map(|party| format!("party {}", party.key));
        let brings: BTreeSet<String> = units.chain(parties).collect();
        if round.len() < most && brought.is_disjoint(&brings) {
            brought.extend(brings);
            round.push(planned);
        } else {
            later.push(planned);
        }
    }
    (round, later)
}

fn list<T, D>(members: Vec<T>, planned: &Planned) -> Result<D, Failure>
where
    D: TryFrom<Vec<T>>,
    D::Error: Display,
{
    let wrong = |error: D::Error| Failure::usage(format!("{}: {error}", planned.number));
    D::try_from(members).map_err(wrong)
}
