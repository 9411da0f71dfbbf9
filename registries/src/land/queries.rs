//! What may be asked of titles and of land, besides what they are.

use chancery_ledger::execution::{Draft, Object, state_key};
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::Serialize;
use utoipa::ToSchema;

use super::geometry::{Area, CoordinateStep, Crs};
use super::interest::{Class, NatureName, Rank};
use super::title::{Event, Owners, State, Title};
use super::unit::{Sheet, SpatialUnit};
use crate::RegisterName;
use crate::authorities::{FreezeIndex, Order};
use crate::shape::{AskedOfHistory, AskedOfState, Version};
use crate::text::{LocalId, Reference};

/// The most titles of a lineage that are followed either way.
pub const MAX_RELATIVES: usize = 256;

/// What a title is subject to, the mortgages first and in the order of their ranks, and who owns it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LandEncumbrances)]
pub struct Encumbrances {
    /// The title.
    pub title: LocalId,
    /// Whether it stands.
    pub state: State,
    /// Who owns it.
    pub owners: Owners,
    /// The mortgages by rank, then all else in the order of registration.
    pub burdens: Vec<Burden>,
    /// Whether a caveat or a freeze blocks dealings.
    pub blocked: bool,
    /// The freezes in force.
    pub freezes: Vec<Freeze>,
}

/// One thing that a title is subject to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LandBurden)]
pub struct Burden {
    /// The interest's id.
    pub interest: LocalId,
    /// Its class in LADM.
    pub class: Class,
    /// What it is.
    pub nature: NatureName,
    /// The rank of a mortgage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank: Option<Rank>,
    /// In what relation to the title those stand whose interest it is.
    pub relation: &'static str,
    /// Whose it is.
    pub holders: Vec<PartyId>,
    /// The instrument behind it.
    pub reference: Reference,
    /// When it was registered here.
    pub since: Time,
}

/// A freeze of a court or a regulator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LandFreeze)]
pub struct Freeze {
    /// The order.
    pub order: LocalId,
    /// Who made it.
    pub by: PartyId,
    /// The case or decision behind it.
    pub reference: Reference,
    /// When it runs out.
    pub until: Time,
}

impl AskedOfState for Encumbrances {
    const NAME: &'static str = "encumbrances";
    const TITLE: &'static str = "Owners, mortgages by rank, and what else the title is subject to.";

    fn answer(draft: &Draft<'_>, id: &str) -> Option<Self> {
        let title = draft.get::<Title>(id)?.at(draft.time());
        let freezes = freezes_of(draft, id);
        let mut interests: Vec<_> = title.interests.iter().collect();
        // A stable sort: what has no rank keeps its order, behind what has one.
        interests.sort_by_key(|interest| {
            let rank = interest.nature.rank();
            (rank.is_none(), rank)
        });
        let burdens = interests.into_iter().map(|interest| {
            let (relation, holders) = interest.nature.holders();
            Burden {
                interest: interest.interest.clone(),
                class: interest.nature.class(),
                nature: interest.nature.name(),
                rank: interest.nature.rank(),
                relation,
                holders: holders.to_vec(),
                reference: interest.reference.clone(),
                since: interest.since,
            }
        });
        Some(Self {
            blocked: title.caveat().is_some() || !freezes.is_empty(),
            burdens: burdens.collect(),
            title: title.title.clone(),
            state: title.state,
            owners: title.owners,
            freezes,
        })
    }
}

fn freezes_of(draft: &Draft<'_>, id: &str) -> Vec<Freeze> {
    let key = state_key(RegisterName::Land.as_str(), Title::KIND, id);
    let index = draft.get::<FreezeIndex>(&key.to_string());
    let marks = index.into_iter().flat_map(|index| index.freezes);
    let in_force = marks.filter(|mark| draft.time() < mark.until);
    let orders = in_force.filter_map(|mark| draft.get::<Order>(mark.order.as_str()));
    let freeze = |order: Order| Freeze {
        order: order.order,
        by: order.by,
        reference: order.reference,
        until: order.until,
    };
    orders.map(freeze).collect()
}

/// The chain of title: who owned it from when until when, and by what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LandChainOfTitle)]
pub struct ChainOfTitle {
    /// The title.
    pub title: LocalId,
    /// Its periods of ownership without a gap, the earliest first.
    pub ownerships: Vec<Ownership>,
    /// The titles that it took the place of, whose chains come before.
    pub parents: Vec<LocalId>,
    /// The titles that took its place, whose chains go on.
    pub children: Vec<LocalId>,
}

/// A period in which the same parties owned a title in the same shares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LandOwnership)]
pub struct Ownership {
    /// The owners.
    pub owners: Owners,
    /// Since when.
    pub from: Time,
    /// Until when, that moment excluded; none while it lasts.
    pub until: Option<Time>,
    /// The transition that began it.
    pub transition: Option<Hash>,
    /// Where it stands in the log.
    pub position: u64,
    /// What it did to the title.
    pub events: Vec<Event>,
}

impl AskedOfHistory for ChainOfTitle {
    const NAME: &'static str = "chain-of-title";
    const TITLE: &'static str = "Who owned it from when until when, and by what.";

    fn answer(history: &[Version]) -> Option<Self> {
        let mut ownerships: Vec<Ownership> = Vec::new();
        let mut latest = None;
        for version in history {
            let title = version.decode::<Title>()?.value;
            let ends = title.state == State::Cancelled;
            let goes_on =
                ownerships.last().is_some_and(|last| last.owners.are_the_same_as(&title.owners));
            if let Some(last) = ownerships.last_mut()
                && (ends || !goes_on)
            {
                last.until = Some(version.time);
            }
            if !goes_on {
                ownerships.push(Ownership {
                    owners: title.owners.clone(),
                    from: version.time,
                    until: None,
                    transition: version.transition,
                    position: version.position,
                    events: title.last.clone(),
                });
            }
            latest = Some(title);
        }
        let Title { title, parents, children, .. } = latest?;
        Some(Self { title, ownerships, parents, children })
    }
}

/// The titles that a title came from and that came from it, through every split and merge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LandLineage)]
pub struct Lineage {
    /// The title.
    pub title: LocalId,
    /// Those before it, the nearest first.
    pub ancestors: Vec<Link>,
    /// Those after it, the nearest first.
    pub descendants: Vec<Link>,
    /// Whether these are all: no more than 256 are followed either way.
    pub complete: bool,
}

/// A title of a lineage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LandLineageLink)]
pub struct Link {
    /// Which.
    pub title: LocalId,
    /// Whether it stands.
    pub state: State,
    /// Its land.
    pub units: Vec<LocalId>,
    /// Its titles before.
    pub parents: Vec<LocalId>,
    /// Its titles after.
    pub children: Vec<LocalId>,
}

impl AskedOfState for Lineage {
    const NAME: &'static str = "lineage";
    const TITLE: &'static str = "The titles it came from and those that came from it.";

    fn answer(draft: &Draft<'_>, id: &str) -> Option<Self> {
        let title = draft.get::<Title>(id)?;
        let (ancestors, all_before) = follow(draft, &title, |title| &title.parents);
        let (descendants, all_after) = follow(draft, &title, |title| &title.children);
        let complete = all_before && all_after;
        Some(Self { title: title.title, ancestors, descendants, complete })
    }
}

/// Breadth first, each title once; and whether all were found.
fn follow(
    draft: &Draft<'_>,
    from: &Title,
    next: impl Fn(&Title) -> &Vec<LocalId>,
) -> (Vec<Link>, bool) {
    let mut waiting = next(from).clone();
    let mut links: Vec<Link> = Vec::new();
    let mut place = 0;
    while let Some(id) = waiting.get(place).cloned() {
        if links.len() == MAX_RELATIVES {
            return (links, false);
        }
        place += 1;
        let Some(title) = draft.get::<Title>(id.as_str()) else { continue };
        for further in next(&title) {
            if !waiting.contains(further) {
                waiting.push(further.clone());
            }
        }
        let units = title.units.to_vec();
        let Title { title, state, parents, children, .. } = title;
        links.push(Link { title, state, units, parents, children });
    }
    (links, true)
}

/// A unit's outline with its coordinates written out, for maps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LandCoordinates)]
pub struct Coordinates {
    /// The unit.
    pub unit: LocalId,
    /// The reference system.
    pub crs: Crs,
    /// What one step of a coordinate is.
    pub step: CoordinateStep,
    /// The area in square steps.
    pub area: Area,
    /// The polygons of all sheets, as a GeoJSON MultiPolygon has them (RFC 7946 3.1.7: closed rings
    /// of x and y), in whole steps.
    pub polygons: Vec<Vec<Vec<[i64; 2]>>>,
}

impl AskedOfState for Coordinates {
    const NAME: &'static str = "coordinates";
    const TITLE: &'static str = "The outline with its coordinates written out.";

    fn answer(draft: &Draft<'_>, id: &str) -> Option<Self> {
        let unit = draft.get::<SpatialUnit>(id)?;
        let mut polygons = Vec::new();
        for sheet in unit.sheet_ids() {
            let outline = draft.get::<Sheet>(&sheet)?.outline;
            for polygon in outline.polygons() {
                let ring = |ring: &super::geometry::Ring| {
                    let points = ring.points();
                    let closed = points.iter().chain(points.first());
                    closed.map(|point| [point.x, point.y]).collect()
                };
                polygons.push(polygon.rings().iter().map(ring).collect());
            }
        }
        let SpatialUnit { unit, crs, step, area, .. } = unit;
        Some(Self { unit, crs, step, area, polygons })
    }
}
