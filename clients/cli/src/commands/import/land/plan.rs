//! What is to be registered of a title, and how that departs from the source.

use std::collections::BTreeSet;

use chancery_client::Hash;
use chancery_registries::identity::PartyKind;
use chancery_registries::land::geometry::{Area, Outline};
use chancery_registries::land::{
    Fraction, MAX_HOLDERS, MAX_INTERESTS, MAX_OWNERS, MAX_UNITS, Rank,
};
use chancery_registries::text::{LocalId, Name, Reference};

use super::departure::Departure;
use super::outline::{outline, thousandths};
use super::source::{Holder, Line, Parcel, Right, Source, Title, parcel_ids};

/// A title to be registered.
#[derive(Debug)]
pub(super) struct Planned {
    /// Its number in the source.
    pub(super) number: String,
    pub(super) title: LocalId,
    pub(super) tenure: Name,
    pub(super) units: Vec<PlannedUnit>,
    pub(super) owners: Vec<(Newcomer, Fraction)>,
    pub(super) interests: Vec<PlannedInterest>,
    pub(super) reference: Reference,
    pub(super) record: Hash,
    pub(super) departures: Vec<Departure>,
}

/// A piece of land to be laid down.
#[derive(Debug)]
pub(super) struct PlannedUnit {
    pub(super) unit: LocalId,
    pub(super) outline: Outline,
    pub(super) plan: Reference,
    pub(super) record: Hash,
}

/// A party of the source, or one that stands in for whom the source does not name.
#[derive(Clone, Debug)]
pub(super) struct Newcomer {
    /// The name of its key.
    pub(super) key: String,
    pub(super) kind: PartyKind,
}

/// Something that the title is subject to.
#[derive(Debug)]
pub(super) struct PlannedInterest {
    pub(super) interest: LocalId,
    pub(super) kind: InterestKind,
    pub(super) holders: Vec<Newcomer>,
    pub(super) reference: Reference,
}

/// The source's kinds of right besides ownership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InterestKind {
    Mortgage(Rank),
    Lease,
    Servitude,
    Caveat,
    HistoricPreservation,
}

impl InterestKind {
    /// The name in reports.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Mortgage(_) => "mortgages",
            Self::Lease => "leases",
            Self::Servitude => "servitudes",
            Self::Caveat => "caveats",
            Self::HistoricPreservation => "historic preservations",
        }
    }
}

impl Planned {
    /// All parties that the title names.
    pub(super) fn newcomers(&self) -> impl Iterator<Item = &Newcomer> {
        let holders = self.interests.iter().flat_map(|interest| &interest.holders);
        self.owners.iter().map(|(owner, _)| owner).chain(holders)
    }

    /// What is to be registered of a title; or why nothing is.
    pub(super) fn of(source: &Source, line: &Line<Title>) -> Result<Self, String> {
        let title = &line.value;
        let mut departures = title_departures(title);
        let units = units(source, title, &mut departures)?;
        let (ownerships, others) = current_rights(source, title, &mut departures);
        let owners = owners(source, title, &ownerships, &mut departures)?;
        let interests = interests(source, &others, &mut departures)?;
        departures.sort_unstable();
        departures.dedup();
        let planned = Self {
            number: title.title_no.clone(),
            title: read(&title.title_no.replace('/', "-"))?,
            tenure: read(&title.tenure)?,
            units,
            owners,
            interests,
            reference: read(&match &title.issue_date {
                None => title.title_no.clone(),
                Some(date) => format!("{}, issued {date}", title.title_no),
            })?,
            record: line.hash,
            departures,
        };
        planned.fits()?;
        Ok(planned)
    }

    /// Whether the register has room for all of it, and nothing stands twice.
    fn fits(&self) -> Result<(), String> {
        let units = self.units.iter().map(|unit| unit.unit.as_str());
        stand_once("parcels", units, MAX_UNITS)?;
        stand_once("owners", self.owners.iter().map(|(owner, _)| owner.key.as_str()), MAX_OWNERS)?;
        for interest in &self.interests {
            let most = match interest.kind {
                InterestKind::HistoricPreservation => 1,
                _ => MAX_HOLDERS,
            };
            stand_once("holders", interest.holders.iter().map(|it| it.key.as_str()), most)?;
        }
        let interests = self.interests.iter().map(|it| it.interest.as_str());
        match self.interests.is_empty() {
            true => Ok(()),
            false => stand_once("interests", interests, MAX_INTERESTS),
        }
    }
}

fn stand_once<'a>(
    what: &str,
    all: impl Iterator<Item = &'a str>,
    most: usize,
) -> Result<(), String> {
    let all: Vec<&str> = all.collect();
    let once: BTreeSet<&&str> = all.iter().collect();
    if once.len() < all.len() {
        return Err(format!("one of its {what} stands twice"));
    }
    if !(1..=most).contains(&all.len()) {
        return Err(format!("it has {} {what}; 1 to {most} are taken", all.len()));
    }
    Ok(())
}

fn read<T>(text: &str) -> Result<T, String>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error| format!("{text:?}: {error}"))
}

/// What the title itself says that has no place in the register.
fn title_departures(title: &Title) -> Vec<Departure> {
    // The export wrote its line ends out.
    let estates: Vec<&str> = title.estates.iter().flat_map(|text| text.split("\\r\\n")).collect();
    let share = estates.first().and_then(|estate| estate.split(", ").nth(1));
    let found = [
        (share.is_some_and(|share| share != "1/1"), Departure::EstateShareLeftOut),
        (estates.len() > parcel_ids(title).count(), Departure::FurtherLandLeftOut),
        (title.status == "PRTC", Departure::PartCancelled),
        (
            title.guarantee.as_deref().is_some_and(|it| it != "Guarantee"),
            Departure::GuaranteeLimited,
        ),
    ];
    found.into_iter().filter(|(holds, _)| *holds).map(|(_, departure)| departure).collect()
}

fn units(
    source: &Source,
    title: &Title,
    departures: &mut Vec<Departure>,
) -> Result<Vec<PlannedUnit>, String> {
    let unit = |id: &str| {
        let line = source.parcel(id).ok_or_else(|| format!("the source has no parcel {id}"))?;
        let Parcel { properties, geometry } = &line.value;
        let outline = outline(geometry).map_err(|error| format!("the parcel {id}: {error}"))?;
        if states_another_area(&line.value, outline.area()) {
            departures.push(Departure::AreaDiffers);
        }
        let titles = properties.titles.iter().flat_map(|titles| titles.split(','));
        let mut titles = titles.map(str::trim).filter(|number| !number.is_empty());
        if titles.any(|number| !source.has_title(number)) {
            departures.push(Departure::FurtherTitlesMissing);
        }
        let plan = read(&properties.appellation)?;
        Ok(PlannedUnit { unit: read(id)?, outline, plan, record: line.hash })
    };
    parcel_ids(title).map(unit).collect()
}

fn states_another_area(parcel: &Parcel, computed: Area) -> bool {
    let stated = parcel.properties.survey_area.as_deref().and_then(|text| thousandths(text).ok());
    // Nothing is stated by 0. A thousandth of a square metre is a thousand square millimetres.
    let stated = stated.and_then(|value| u128::try_from(value).ok()).filter(|value| *value > 0);
    stated.is_some_and(|value| {
        !Area::of_twice(value.saturating_mul(2000)).is_within_a_thousandth_of(computed)
    })
}

/// The ownerships of a title, and what else it has.
fn current_rights<'a>(
    source: &'a Source,
    title: &Title,
    departures: &mut Vec<Departure>,
) -> (Vec<&'a Right>, Vec<&'a Right>) {
    let (current, past): (Vec<&Right>, Vec<&Right>) =
        source.rights_of(title).iter().partition(|right| right.status == "current");
    if !past.is_empty() {
        departures.push(Departure::NotCurrentLeftOut);
    }
    current.into_iter().partition(|right| right.kind == "ownership")
}

fn owners(
    source: &Source,
    title: &Title,
    ownerships: &[&Right],
    departures: &mut Vec<Departure>,
) -> Result<Vec<(Newcomer, Fraction)>, String> {
    let holders: Vec<&Holder> =
        ownerships.iter().flat_map(|right| source.holders_of(right)).collect();
    if holders.is_empty() {
        departures.push(Departure::OwnerStandIn);
        let key = format!("land-owner-{}", title.id);
        return Ok(vec![(Newcomer { key, kind: PartyKind::Organisation }, Fraction::WHOLE)]);
    }
    if title.number_of_owners.as_ref().is_some_and(|stated| *stated != holders.len().to_string()) {
        departures.push(Departure::OwnersCountedOtherwise);
    }
    let share = |holder: &&Holder| {
        let (numerator, denominator) =
            holder.share.as_ref().ok_or_else(|| format!("{} has no share", holder.party))?;
        Ok((newcomer(holder), read(&format!("{numerator}/{denominator}"))?))
    };
    let owners: Vec<(Newcomer, Fraction)> =
        holders.iter().map(share).collect::<Result<_, String>>()?;
    match Fraction::sum(owners.iter().map(|(_, share)| *share)) {
        Ok(Fraction::WHOLE) => Ok(owners),
        Ok(sum) => Err(format!("the owners' shares are together {sum}, not 1/1")),
        Err(error) => Err(format!("the owners' shares have no sum: {error}")),
    }
}

fn newcomer(holder: &Holder) -> Newcomer {
    let kind = if holder.natural { PartyKind::Person } else { PartyKind::Organisation };
    Newcomer { key: format!("land-{}", holder.party), kind }
}

fn interests(
    source: &Source,
    rights: &[&Right],
    departures: &mut Vec<Departure>,
) -> Result<Vec<PlannedInterest>, String> {
    let mut rights = rights.to_vec();
    // A stable sort: those of one day stay in the order of the file.
    rights.sort_by(|one, other| one.registered.cmp(&other.registered));
    let mut interests = Vec::with_capacity(rights.len());
    let mut mortgages = 0;
    for right in rights {
        let kind = match right.kind.as_str() {
            "mortgage" => {
                mortgages += 1;
                departures.push(Departure::RankByDate);
                let rank = Rank::try_from(mortgages).map_err(|error| error.to_string())?;
                InterestKind::Mortgage(rank)
            }
            "lease" => InterestKind::Lease,
            "servitude" => InterestKind::Servitude,
            "caveat" => InterestKind::Caveat,
            "historicPreservation" => InterestKind::HistoricPreservation,
            other => return Err(format!("a right of the kind {other} is not known here")),
        };
        if matches!(kind, InterestKind::Servitude | InterestKind::HistoricPreservation) {
            departures.push(Departure::TermsNotInSource);
        }
        let date = right.registered.iter().find_map(|time| time.split(' ').next());
        let registered = date.map(|date| format!(", registered {date}")).unwrap_or_default();
        interests.push(PlannedInterest {
            interest: read(&right.id)?,
            kind,
            holders: holders(source, right, departures),
            reference: read(&format!("{}, {}{registered}", right.number, right.kind))?,
        });
    }
    Ok(interests)
}

fn holders(source: &Source, right: &Right, departures: &mut Vec<Departure>) -> Vec<Newcomer> {
    let holders = source.holders_of(right);
    if holders.is_empty() {
        departures.push(Departure::HolderStandIn);
        let key = format!("land-{}", right.id);
        return vec![Newcomer { key, kind: PartyKind::Organisation }];
    }
    let shares = holders.iter().filter_map(|holder| holder.share.as_ref());
    let sum = Fraction::sum(shares.filter_map(|(n, d)| format!("{n}/{d}").parse().ok()));
    if sum != Ok(Fraction::WHOLE) {
        departures.push(Departure::InterestShareLeftOut);
    }
    holders.iter().map(newcomer).collect()
}
