//! What may be asked of the diplomas register: does it stand, and when could its institution award?

use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::Serialize;
use utoipa::ToSchema;

use super::credential::{
    Answer, Basis, Credential, CredentialId, CredentialKind, CredentialStatus, MAX_CORRECTIONS,
    Revoked,
};
use crate::RegisterName;
use crate::authorities::{
    Accreditation, FROZEN, Role, accredited, institution, is_in_force_at, not_frozen,
};
use crate::shape::AskedOfState;
use crate::text::{Date, LocalId, Statement};

/// The parameter with which an accreditation's grantor recognises awards of days before it: the
/// first such day.
pub const RECOGNISED_SINCE_PARAMETER: &str = "recognised-since";

/// The accreditation as a university that covers a day: in force at some moment of it that is not
/// to come, or recognised for it by its grantor. The first there is.
///
/// What is found for a day stays true: an accreditation is never changed for the past.
pub fn accredited_on(
    draft: &Draft<'_>,
    university: &PartyId,
    day: Date,
) -> Option<(LocalId, Basis)> {
    let all = accreditations(draft, university);
    let basis = |held: &Accreditation| {
        if in_force_on(draft, held, day) {
            return Some(Basis::InForce);
        }
        recognised_on(held, day).then_some(Basis::Recognised)
    };
    all.iter().find_map(|held| Some((held.accreditation.clone(), basis(held)?)))
}

/// Every accreditation, valid or not, that a party ever had as a university for this register.
fn accreditations(draft: &Draft<'_>, university: &PartyId) -> Vec<Accreditation> {
    let fits = |held: &Accreditation| {
        held.role == Role::University && held.registers.contains(&RegisterName::Diplomas)
    };
    let held = institution(draft, university).accreditations;
    held.iter().filter_map(|id| draft.get(id.as_str())).filter(fits).collect()
}

/// Whether it was in force at some moment of a day up to now. Being in force begins with the day
/// or on it: with the accreditation, or with the end of a suspension.
fn in_force_on(draft: &Draft<'_>, held: &Accreditation, day: Date) -> bool {
    let reinstated = held.suspensions.iter().filter_map(|suspension| suspension.until);
    let on_it = std::iter::once(held.valid_from)
        .chain(reinstated)
        .filter(|moment| Date::of(*moment) == day);
    // A day before 1970 has no moment here, and no accreditation was in force on it.
    let start = format!("{day}T00:00:00Z").parse().ok();
    let mut moments = start.into_iter().chain(on_it);
    moments.any(|moment| moment <= draft.time() && is_in_force_at(draft, held, moment))
}

/// Whether its grantor recognises the awards of that day, which lies before it. A parameter that is
/// no date recognises nothing.
fn recognised_on(held: &Accreditation, day: Date) -> bool {
    recognised_since(held).is_some_and(|since| since <= day) && day < Date::of(held.valid_from)
}

fn recognised_since(held: &Accreditation) -> Option<Date> {
    held.parameters.get(RECOGNISED_SINCE_PARAMETER)?.parse().ok()
}

/// Whether a credential is genuine and current, and what stands behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DiplomaStanding)]
pub struct Standing {
    /// Which.
    pub credential: CredentialId,
    /// What it is.
    pub kind: CredentialKind,
    /// Who earned it.
    pub holder: PartyId,
    /// The day of the award.
    pub awarded: Date,
    /// Whether it stands, or was superseded or revoked.
    pub status: CredentialStatus,
    /// Since when it has that status.
    pub since: Time,
    /// Whether it stands and no court or regulator has frozen it.
    pub stands: bool,
    /// Whether a court or regulator has frozen it.
    pub frozen: bool,
    /// The one that corrects it; none also when it was issued anew to its holder.
    pub superseded_by: Option<CredentialId>,
    /// The one that the corrections lead to, and its status.
    pub latest: AwardStanding,
    /// By whom, when and why it was revoked.
    pub revoked: Option<Revoked>,
    /// The award that a transcript belongs to, and its status.
    pub award: Option<AwardStanding>,
    /// The accreditation that it was awarded under, then and now.
    pub accreditation: AccreditationNow,
    /// Whether the institution is accredited now, under this accreditation or another.
    pub institution_accredited_now: bool,
    /// What the holder said of it last.
    pub answer: Option<Answer>,
}

/// Another credential, and whether it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DiplomaAwardStanding)]
pub struct AwardStanding {
    /// Which.
    pub credential: CredentialId,
    /// Whether it stands.
    pub status: CredentialStatus,
}

/// An accreditation on the day of an award, and what has become of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DiplomaAccreditationNow)]
pub struct AccreditationNow {
    /// Which.
    pub accreditation: LocalId,
    /// By what it covered the day of the award.
    pub at_award: Basis,
    /// Whether it is in force now, and if not, why.
    pub now: Held,
    /// Since when it is suspended or over.
    pub since: Option<Time>,
    /// Why it was suspended or ended.
    pub reason: Option<Statement>,
}

/// Whether an accreditation is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = AccreditationHeld)]
pub enum Held {
    /// It is.
    InForce,
    /// Not while it is suspended.
    Suspended,
    /// It was ended.
    Ended,
    /// It has run out.
    RunOut,
    /// It has not begun, or the accreditation that it was granted under is not in force.
    NotInForce,
}

impl AskedOfState for Standing {
    const NAME: &'static str = "standing";
    const TITLE: &'static str =
        "Whether the credential is genuine and current, and what stands behind it.";

    fn answer(draft: &Draft<'_>, id: &str) -> Option<Self> {
        let credential: Credential = draft.get(id)?;
        let (institution, now) = (credential.institution, draft.time());
        let named = |serial: &LocalId| CredentialId { institution, serial: serial.clone() };
        let frozen = not_frozen(draft, RegisterName::Diplomas, "credential", id)
            .is_err_and(|rejection| rejection.code == &FROZEN);
        let superseded_by = credential.superseded.as_ref().and_then(|it| it.by.as_ref());
        let stands = credential.status == CredentialStatus::Current && !frozen;
        Some(Self {
            credential: credential.credential_id(),
            kind: credential.kind,
            holder: credential.holder,
            awarded: credential.awarded,
            status: credential.status,
            since: credential.since(),
            stands,
            frozen,
            superseded_by: superseded_by.map(named),
            latest: latest(draft, &credential),
            revoked: credential.revoked.clone(),
            award: credential.award.as_ref().and_then(|serial| standing_of(draft, named(serial))),
            accreditation: accreditation_now(draft, &credential)?,
            institution_accredited_now: accredited(
                draft,
                &institution,
                Role::University,
                RegisterName::Diplomas,
                now,
            )
            .is_ok(),
            answer: credential.answer,
        })
    }
}

/// Where the corrections of a credential lead. It never leads over an issue anew.
fn latest(draft: &Draft<'_>, credential: &Credential) -> AwardStanding {
    let institution = credential.institution;
    let mut latest = credential.clone();
    for _ in 0..MAX_CORRECTIONS {
        let next = latest.superseded.as_ref().and_then(|superseded| superseded.by.clone());
        let next = next.map(|serial| CredentialId { institution, serial }.to_string());
        match next.and_then(|id| draft.get(&id)) {
            Some(next) => latest = next,
            None => break,
        }
    }
    AwardStanding { credential: latest.credential_id(), status: latest.status }
}

fn standing_of(draft: &Draft<'_>, id: CredentialId) -> Option<AwardStanding> {
    let credential: Credential = draft.get(&id.to_string())?;
    Some(AwardStanding { credential: id, status: credential.status })
}

fn accreditation_now(draft: &Draft<'_>, credential: &Credential) -> Option<AccreditationNow> {
    let held: Accreditation = draft.get(credential.under.as_str())?;
    let time = draft.time();
    let ended = held.ended.as_ref().filter(|end| end.from <= time);
    let suspended = held.suspensions.iter().find(|suspension| suspension.covers(time));
    let run_out = held.valid_until.filter(|until| *until <= time);
    let (now, since, reason) = if let Some(end) = ended {
        (Held::Ended, Some(end.from), Some(end.reason.clone()))
    } else if run_out.is_some() {
        (Held::RunOut, run_out, None)
    } else if let Some(suspension) = suspended {
        (Held::Suspended, Some(suspension.from), Some(suspension.reason.clone()))
    } else if is_in_force_at(draft, &held, time) {
        (Held::InForce, None, None)
    } else {
        (Held::NotInForce, None, None)
    };
    let accreditation = held.accreditation;
    Some(AccreditationNow { accreditation, at_award: credential.basis, now, since, reason })
}

/// When the institution of a credential could award.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DiplomaPeriods)]
pub struct Periods {
    /// The institution.
    pub institution: PartyId,
    /// The periods in which it was or will be accredited, in the order in which they were granted.
    pub periods: Vec<Period>,
}

/// A period in which an accreditation is in force by its own dates, or recognises awards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DiplomaPeriod)]
pub struct Period {
    /// Which accreditation.
    pub accreditation: LocalId,
    /// Who granted it.
    pub granted_by: PartyId,
    /// From when on; none where it is a period of recognition.
    pub from: Option<Time>,
    /// The first day, where it is a period of recognition; it ends with the day before the
    /// accreditation.
    pub recognised_since: Option<Date>,
    /// Until when, that moment excluded; none while it has no end.
    pub until: Option<Time>,
}

impl AskedOfState for Periods {
    const NAME: &'static str = "accreditation";
    const TITLE: &'static str = "When the accreditation of the credential's institution held.";

    fn answer(draft: &Draft<'_>, id: &str) -> Option<Self> {
        let institution = draft.get::<Credential>(id)?.institution;
        let held = accreditations(draft, &institution);
        Some(Self { institution, periods: held.iter().flat_map(periods).collect() })
    }
}

/// The periods of one accreditation: what its suspensions leave of it.
fn periods(held: &Accreditation) -> Vec<Period> {
    let period = |from, recognised_since, until| Period {
        accreditation: held.accreditation.clone(),
        granted_by: held.granted_by,
        from,
        recognised_since,
        until,
    };
    let end = held.ended.as_ref().map(|end| end.from).into_iter().chain(held.valid_until).min();
    let recognised = recognised_since(held);
    let mut periods: Vec<Period> = recognised
        .map(|since| period(None, Some(since), Some(held.valid_from)))
        .into_iter()
        .collect();
    let mut from = Some(held.valid_from);
    for suspension in &held.suspensions {
        if let Some(start) = from.filter(|start| *start < suspension.from) {
            let until = end.map_or(suspension.from, |end| end.min(suspension.from));
            if start < until {
                periods.push(period(Some(start), None, Some(until)));
            }
        }
        from = suspension.until;
    }
    if let Some(start) = from.filter(|start| end.is_none_or(|end| *start < end)) {
        periods.push(period(Some(start), None, end));
    }
    periods
}
