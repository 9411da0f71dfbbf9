//! Where a transition stands, and the versions of one object.

use chancery_ledger::hash::Hash;
use diesel::prelude::*;

use super::schema::{change, object, transition};
use super::{ProjectionError, Projections, from_row, tables, to_row};
use crate::sql::{Reader, on};

/// One version of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryRow {
    /// The position of the transition that made it; `GENESIS_POSITION` for what the genesis put down.
    pub position: u64,
    /// The height of its block.
    pub height: u64,
    /// The version, from 1.
    pub version: u64,
    /// The register of the action that made it.
    pub register: String,
    /// The action that made it: where the transition has several, its first of the object's
    /// register. `found` for the genesis.
    pub action: String,
}

impl Projections {
    /// Where a transition stands, if it is projected.
    pub fn position_of(&self, id: &Hash) -> Result<Option<u64>, ProjectionError> {
        let Some(applied) = self.applied_height() else { return Ok(None) };
        let last = to_row(self.shared.view.block_positions(applied)?.end);
        let candidates: Vec<i64> = on!(&mut self.reader()?, c => transition::table
            .filter(transition::epoch.eq_any(0..=tables::epoch(last)))
            .filter(transition::prefix.eq(tables::prefix(id)))
            .select(transition::position)
            .load(&mut **c))?;
        for position in candidates.into_iter().map(from_row) {
            if self.shared.view.place(position)?.id == *id {
                return Ok(Some(position));
            }
        }
        Ok(None)
    }

    /// The versions of an object, the oldest first, behind the position `after`. `None`: nothing of
    /// this name is projected.
    pub fn history(
        &self,
        register: &str,
        kind: &str,
        id: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Option<Vec<HistoryRow>>, ProjectionError> {
        let mut reader = self.reader()?;
        let Some(number) = self.object_number(&mut reader, register, kind, id)? else {
            return Ok(None);
        };
        let after = after.map_or(i64::MIN, to_row);
        let rows: Vec<(i64, i64, i16, i16)> = on!(&mut reader, c => change::table
            .filter(change::object.eq(number).and(change::position.gt(after)))
            .order(change::position)
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .select((change::position, change::version, change::register, change::action))
            .load(&mut **c))?;
        let row = |(position, version, register, action)| {
            Ok(HistoryRow {
                position: from_row(position),
                height: self.height_of(position)?,
                version: u64::try_from(version).unwrap_or_default(),
                register: self.shared.names.text(&mut reader, register)?.to_string(),
                action: self.shared.names.text(&mut reader, action)?.to_string(),
            })
        };
        rows.into_iter().map(row).collect::<Result<_, _>>().map(Some)
    }

    pub(super) fn object_number(
        &self,
        reader: &mut Reader,
        register: &str,
        kind: &str,
        id: &str,
    ) -> Result<Option<i64>, ProjectionError> {
        // PostgreSQL has no such texts, and no register has such ids.
        if id.contains('\0') {
            return Ok(None);
        }
        let names = &self.shared.names;
        let Some(register) = names.number(reader, register)? else { return Ok(None) };
        let Some(kind) = names.number(reader, kind)? else { return Ok(None) };
        Ok(on!(reader, c => object::table
            .filter(object::register.eq(register).and(object::kind.eq(kind)))
            .filter(object::name.eq(id))
            .select(object::id)
            .first(&mut **c)
            .optional())?)
    }
}
