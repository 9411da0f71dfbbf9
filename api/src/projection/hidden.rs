//! Entries of private registers: whom they concern, and how a search leaves the others out.

use std::collections::BTreeSet;

use chancery_ledger::party::PartyId;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::search::{PositionRow, party_number};
use super::{ProjectionError, Projections, to_row};
use crate::sql::{Reader, on};

/// A register whose entries are hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HiddenRegister {
    /// Its name.
    pub register: &'static str,
    /// Whom they are shown to if they concern it: it signed, or stands in a relation to an object of
    /// the register that was changed, now or when that was.
    pub but_of: Option<PartyId>,
}

/// The same in numbers.
#[derive(Clone, Copy)]
pub(super) struct Hidden {
    register: i16,
    but_of: Option<i64>,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    found: i64,
}

impl Projections {
    /// Whether the transition at a position concerns a party, in the sense of
    /// [`HiddenRegister::but_of`]. What is not projected concerns nobody yet.
    pub fn concerns(
        &self,
        position: u64,
        register: &str,
        party: &PartyId,
    ) -> Result<bool, ProjectionError> {
        let mut reader = self.reader()?;
        let Some(register) = self.shared.names.number(&mut reader, register)? else {
            return Ok(false);
        };
        let Some(party) = party_number(&mut reader, party)? else { return Ok(false) };
        let concerned = concerned(register, party, &to_row(position).to_string());
        let sql =
            format!("SELECT CAST(CASE WHEN {concerned} THEN 1 ELSE 0 END AS BIGINT) AS found");
        let rows: Vec<Found> = on!(&mut reader, c => diesel::sql_query(sql).load(&mut **c))?;
        Ok(rows.iter().any(|row| row.found == 1))
    }

    /// What is hidden, in numbers. A register that the tables have no name for has no entries.
    pub(super) fn hidden(
        &self,
        reader: &mut Reader,
        hidden: &[HiddenRegister],
    ) -> Result<Vec<Hidden>, ProjectionError> {
        let mut numbered = Vec::with_capacity(hidden.len());
        for HiddenRegister { register, but_of } in hidden {
            let but_of = but_of.as_ref().map(|party| party_number(reader, party)).transpose()?;
            if let Some(register) = self.shared.names.number(reader, register)? {
                numbered.push(Hidden { register, but_of: but_of.flatten() });
            }
        }
        Ok(numbered)
    }
}

impl Hidden {
    /// The condition under which the row `t0` is shown.
    pub(super) fn shown(&self) -> String {
        let Self { register, .. } = self;
        let private = format!(
            "EXISTS (SELECT 1 FROM entry AS h WHERE h.register = {register} \
             AND h.position = t0.position)"
        );
        format!("(NOT {private}{})", self.exception())
    }

    fn exception(&self) -> String {
        let concerned = |party| format!(" OR {}", concerned(self.register, party, "t0.position"));
        self.but_of.map(concerned).unwrap_or_default()
    }
}

/// The positions from `low` on and before `high` that are hidden.
pub(super) fn hidden_between(
    reader: &mut Reader,
    hidden: &[Hidden],
    low: u64,
    high: u64,
) -> Result<BTreeSet<u64>, ProjectionError> {
    let mut positions = BTreeSet::new();
    for register in hidden {
        let sql = format!(
            "SELECT t0.position FROM entry AS t0 WHERE t0.register = {} \
             AND t0.position >= {} AND t0.position < {} AND NOT (1 = 0{})",
            register.register,
            to_row(low),
            to_row(high),
            register.exception()
        );
        let rows: Vec<PositionRow> = on!(reader, c => diesel::sql_query(sql).load(&mut **c))?;
        positions.extend(rows.iter().filter_map(|row| u64::try_from(row.position).ok()));
    }
    Ok(positions)
}

/// The party has signed what stands at the position, or stands in a relation to an object of the
/// register that it changed: still, or from before until then.
fn concerned(register: i16, party: i64, position: &str) -> String {
    let changed = format!(
        "JOIN object AS o ON o.id = r.object JOIN change AS c ON c.object = r.object \
         WHERE r.party = {party} AND o.register = {register} AND c.position = {position}"
    );
    format!(
        "EXISTS (SELECT 1 FROM involvement AS i WHERE i.party = {party} \
         AND i.position = {position} AND i.signed = 1) \
         OR EXISTS (SELECT 1 FROM current_relation AS r {changed}) \
         OR EXISTS (SELECT 1 FROM past_relation AS r {changed} \
         AND r.from_position <= {position} AND {position} <= r.until_position)"
    )
}
