//! The parents of a person as they are stated now, kept where whoever has the person finds them.

use chancery_ledger::execution::{Draft, Object};
use chancery_ledger::party::PartyId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::shape::Described;

/// The most parents that are stated of one person at a time: by birth and by adoptions.
pub const MAX_PARENTS: usize = 8;

/// The parents of a person: everyone whose kinship `parent-of` to them is in force.
///
/// An index of those kinships, without which nobody could find a person's ancestors from the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Parents {
    /// Whose.
    pub person: PartyId,
    /// The parents, in the order in which they were stated; at most 8.
    pub parents: Vec<PartyId>,
}

/// The parents that are stated of a person now.
pub fn parents(draft: &Draft<'_>, person: &PartyId) -> Parents {
    draft
        .get(&person.to_string())
        .unwrap_or_else(|| Parents { person: *person, parents: Vec::new() })
}

impl Object for Parents {
    const REGISTER: &'static str = "identity";
    const KIND: &'static str = "parents";

    fn id(&self) -> String {
        self.person.to_string()
    }
}

impl Described for Parents {
    const EXAMPLE_ID: &'static str = "AAAAAAAAAAAAAAAAAAAAAAAAI";

    fn is_id(text: &str) -> bool {
        text.parse::<PartyId>().is_ok()
    }
}
