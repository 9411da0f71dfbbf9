//! What the register keeps of a dividend. Who gets how much is answered from the holdings.

use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::issuer::{is_scoped, scoped};
use super::numbers::Money;
use crate::shape::Described;
use crate::text::{Date, LocalId};

/// A sum that is divided among those who hold shares of a class at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Dividend {
    /// Whose.
    pub issuer: PartyId,
    /// The id that the issuer gave it.
    pub dividend: LocalId,
    /// On which shares.
    pub class: LocalId,
    /// The whole sum.
    pub total: Money,
    /// Who holds shares at the end of this moment, in block time, has a part in it.
    pub record_time: Time,
    /// The day it is paid.
    pub payable: Option<Date>,
    /// When it was declared.
    pub declared: Time,
    /// The commitment to the resolution.
    pub record: Option<Hash>,
}

impl Object for Dividend {
    const REGISTER: &'static str = "equity";
    const KIND: &'static str = "dividend";

    fn id(&self) -> String {
        scoped(&self.issuer, &self.dividend)
    }
}

impl Described for Dividend {
    const EXAMPLE_ID: &'static str = "AAAAAAAAAAAAAAAAAAAAAAAAI.2026-final";

    fn is_id(text: &str) -> bool {
        is_scoped(text)
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        vec![("issuer", self.issuer)]
    }
}
