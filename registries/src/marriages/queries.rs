//! What those entitled may ask of the marriages register.

use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::civil_status::CivilStatus;
use super::ids::MarriageId;
use super::marriage::{Marriage, State};
use crate::identity::{PartyKind, Status, party};
use crate::shape::AskedOfState;
use crate::text::Date;

/// How a marriage stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = MarriageStanding)]
pub struct Standing {
    /// Which.
    pub marriage: MarriageId,
    /// The two.
    #[schema(min_items = 2, max_items = 2)]
    pub spouses: [PartyId; 2],
    /// What the register says of it.
    pub state: State,
    /// Whether the two are married to each other: it is in force and neither has died.
    pub in_force: bool,
    /// Since when it stands here.
    pub since: Time,
    /// When it ended, as far as that is recorded.
    pub ended: Option<Time>,
    /// Who of them has died, whether recorded here or in the identity register alone.
    pub deceased: Vec<PartyId>,
}

impl AskedOfState for Standing {
    const NAME: &'static str = "standing";
    const TITLE: &'static str = "Whether the two are married to each other.";

    fn answer(draft: &Draft<'_>, id: &str) -> Option<Self> {
        let marriage = draft.get::<Marriage>(id)?;
        let is_deceased = |person: &PartyId| {
            let status = party(draft, person).map(|party| party.status);
            status == Some(Status::Deceased) || marriage.deceased == Some(*person)
        };
        let deceased: Vec<PartyId> =
            marriage.spouses.iter().filter(|person| is_deceased(person)).copied().collect();
        Some(Self {
            marriage: marriage.marriage,
            spouses: marriage.spouses,
            state: marriage.state,
            in_force: marriage.state == State::InForce && deceased.is_empty(),
            since: marriage.since,
            ended: marriage.ended,
            deceased,
        })
    }
}

/// Whether a person may marry, as far as the register knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CapacityToMarry)]
pub struct Capacity {
    /// Who.
    pub person: PartyId,
    /// Whether they are a living person and not married here. Age and kinship are judged at the
    /// wedding.
    pub free_to_marry: bool,
    /// The marriage in force.
    pub married: Option<MarriageId>,
    /// Since which day an earlier marriage is no longer in the way.
    pub free_since: Option<Date>,
    /// How many marriages have ended, those that were annulled left out.
    pub earlier_marriages: u32,
}

impl AskedOfState for Capacity {
    const NAME: &'static str = "capacity";
    const TITLE: &'static str = "Whether the person is free to marry.";

    fn answer(draft: &Draft<'_>, id: &str) -> Option<Self> {
        let status = draft.get::<CivilStatus>(id)?;
        let person = party(draft, &status.person)?;
        let lives = person.kind == PartyKind::Person && person.status == Status::Active;
        let counted = status.past.iter().filter(|past| past.state != State::Annulled).count();
        Some(Self {
            person: status.person,
            free_to_marry: lives && status.married.is_none(),
            married: status.married,
            free_since: status.free_since(),
            // At most 32.
            earlier_marriages: counted as u32,
        })
    }
}
