//! The rule on kinship: what the identity register's statements say of the two.

use std::collections::BTreeSet;

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;

use crate::identity::{KinshipId, Relation, kinship_in_force, parents};
use crate::marriages::WITHIN_PROHIBITED_DEGREE;
use crate::marriages::place::{Degree, PlaceRules};

/// How far up ancestors are looked for: parents, grandparents, great-grandparents.
const GENERATIONS: usize = 3;

/// The two are not related in a degree within which the place lets nobody marry, as far as civil
/// registrars have stated it in the identity register.
pub(in crate::marriages) fn not_within_prohibited_degree(
    draft: &Draft<'_>,
    spouses: &[PartyId; 2],
    place: &PlaceRules,
) -> Result<(), Rejection> {
    let [one, other] = spouses;
    let (ours, theirs) = (ancestors(draft, one), ancestors(draft, other));
    for degree in &place.prohibited_degrees {
        let related = match degree {
            Degree::DirectLine => {
                ours.iter().any(|line| line.contains(other))
                    || theirs.iter().any(|line| line.contains(one))
            }
            Degree::Siblings => share(&ours[0], &theirs[0]),
            Degree::AuntUncle => share(&ours[0], &theirs[1]) || share(&ours[1], &theirs[0]),
            Degree::Cousins => share(&ours[1], &theirs[1]),
            Degree::Ward => is_guardian(draft, one, other) || is_guardian(draft, other, one),
        };
        if related {
            let detail = format!("{one} and {other} are related: {}", degree.word());
            return Err(WITHIN_PROHIBITED_DEGREE.because(detail));
        }
    }
    Ok(())
}

type Ancestors = [BTreeSet<PartyId>; GENERATIONS];

/// The parents, the grandparents and the great-grandparents of a person.
fn ancestors(draft: &Draft<'_>, person: &PartyId) -> Ancestors {
    let mut line = BTreeSet::from([*person]);
    std::array::from_fn(|_| {
        line = line.iter().flat_map(|child| parents(draft, child).parents).collect();
        line.clone()
    })
}

fn share(ours: &BTreeSet<PartyId>, theirs: &BTreeSet<PartyId>) -> bool {
    !ours.is_disjoint(theirs)
}

fn is_guardian(draft: &Draft<'_>, of: &PartyId, to: &PartyId) -> bool {
    let id = KinshipId { of: *of, relation: Relation::GuardianOf, to: *to };
    kinship_in_force(draft, &id).is_some()
}
