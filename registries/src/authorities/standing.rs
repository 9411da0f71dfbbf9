//! The question that is asked of an accreditation most: does it hold, and if not, why not?

use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::Serialize;
use utoipa::ToSchema;

use super::accreditation::{Accreditation, RegisterNames, Role};
use super::queries::{MAX_CHAIN, is_in_force_at};
use crate::shape::AskedOfState;
use crate::text::{LocalId, Statement};

/// Whether an accreditation is in force at the time of the block, and what keeps it from being so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccreditationStanding {
    /// Who is accredited.
    pub institution: PartyId,
    /// As what.
    pub role: Role,
    /// In which registers.
    pub registers: RegisterNames,
    /// The moment that is judged: the time of the block.
    pub at: Time,
    /// Whether it is in force then: it and every one that it was granted under.
    pub in_force: bool,
    /// It, the one that it was granted under, and so on up to the one that root granted.
    pub grants: Vec<GrantStanding>,
}

/// One accreditation of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct GrantStanding {
    /// Its id.
    pub accreditation: LocalId,
    /// Who granted it.
    pub granted_by: PartyId,
    /// Whether it is valid by its own dates.
    pub valid: bool,
    /// What keeps it from being valid.
    pub hindrance: Option<Hindrance>,
    /// Since when.
    pub since: Option<Time>,
    /// The reason given.
    pub reason: Option<Statement>,
}

/// What keeps an accreditation from being valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Hindrance {
    /// It begins later.
    NotYetValid,
    /// Its time has run out.
    RunOut,
    /// It was ended.
    Ended,
    /// It is suspended.
    Suspended,
}

impl AskedOfState for AccreditationStanding {
    const NAME: &'static str = "standing";
    const TITLE: &'static str = "Whether an accreditation is in force, and why not.";

    fn answer(draft: &Draft<'_>, id: &str) -> Option<Self> {
        let accreditation: Accreditation = draft.get(id)?;
        let at = draft.time();
        let in_force = is_in_force_at(draft, &accreditation, at);
        let mut grants = vec![GrantStanding::of(&accreditation, at)];
        let mut above = accreditation.under.clone();
        while let Some(id) = above
            && grants.len() < MAX_CHAIN
        {
            let grant: Accreditation = draft.get(id.as_str())?;
            grants.push(GrantStanding::of(&grant, at));
            above = grant.under;
        }
        let Accreditation { institution, role, registers, .. } = accreditation;
        Some(Self { institution, role, registers, at, in_force, grants })
    }
}

impl GrantStanding {
    fn of(grant: &Accreditation, at: Time) -> Self {
        let (hindrance, since, reason) = match hindrance(grant, at) {
            Some((hindrance, since, reason)) => (Some(hindrance), Some(since), reason),
            None => (None, None, None),
        };
        Self {
            accreditation: grant.accreditation.clone(),
            granted_by: grant.granted_by,
            valid: grant.is_valid_at(at),
            hindrance,
            since,
            reason,
        }
    }
}

/// The end goes before a suspension: it is the one that does not pass.
fn hindrance(grant: &Accreditation, at: Time) -> Option<(Hindrance, Time, Option<Statement>)> {
    if at < grant.valid_from {
        return Some((Hindrance::NotYetValid, grant.granted, None));
    }
    if let Some(end) = grant.ended.as_ref().filter(|end| end.from <= at) {
        return Some((Hindrance::Ended, end.from, Some(end.reason.clone())));
    }
    if let Some(until) = grant.valid_until.filter(|until| *until <= at) {
        return Some((Hindrance::RunOut, until, None));
    }
    let suspension = grant.suspensions.iter().find(|suspension| suspension.covers(at))?;
    Some((Hindrance::Suspended, suspension.from, Some(suspension.reason.clone())))
}
