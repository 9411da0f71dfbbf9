//! Deeds: which of some transitions rest directly on an object, and which objects of a kind there are.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::schema::{deed, object};
use super::search::Subject;
use super::{ProjectionError, Projections, from_row, to_row};
use crate::sql::on;

impl Projections {
    /// Those of the positions whose transitions rest on an object directly: a rule asked for it, and
    /// not only for one that rests on it.
    pub fn directly_under(
        &self,
        ground: &Subject,
        positions: &[u64],
    ) -> Result<BTreeSet<u64>, ProjectionError> {
        let mut reader = self.reader()?;
        let Subject { register, kind, id } = ground;
        let Some(number) = self.object_number(&mut reader, register, kind, id)? else {
            return Ok(BTreeSet::new());
        };
        let asked = positions.iter().copied().map(to_row);
        let direct: Vec<i64> = on!(&mut reader, c => deed::table
            .filter(deed::object.eq(number).and(deed::position.eq_any(asked)))
            .filter(deed::direct.eq(1_i16))
            .select(deed::position)
            .load(&mut **c))?;
        Ok(direct.into_iter().map(from_row).collect())
    }

    /// The ids of the objects of a kind that there are by now, behind the id `after`, in their order.
    pub fn objects_of_kind(
        &self,
        register: &str,
        kind: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<String>, ProjectionError> {
        let mut reader = self.reader()?;
        let names = &self.shared.names;
        let numbers = names.number(&mut reader, register)?.zip(names.number(&mut reader, kind)?);
        let Some((register, kind)) = numbers else { return Ok(Vec::new()) };
        Ok(on!(&mut reader, c => object::table
            .filter(object::register.eq(register).and(object::kind.eq(kind)))
            .filter(object::name.gt(after.unwrap_or_default()))
            .order(object::name)
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .select(object::name)
            .load(&mut **c))?)
    }

    /// That a block is projected already.
    pub fn has_reached(&self, height: u64) -> Result<(), ProjectionError> {
        match self.applied_height() {
            Some(applied) if applied >= height => Ok(()),
            _ => Err(ProjectionError::NotYetApplied { asked: height }),
        }
    }
}
