//! The rows of the projections, and how many of them are written at once.

use chancery_ledger::hash::Hash;
use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType, SmallInt};

use super::ProjectionError;
use super::schema::{
    change, current_relation, deed, entry, involvement, past_relation, transition,
};
use crate::sql::{Writer, on};

/// Rows in one statement; what is left over goes by [`FEWER_ROWS`] and then one by one. As the
/// numbers are fixed, each statement is prepared once.
pub(super) const MANY_ROWS: usize = 128;
/// See [`MANY_ROWS`].
pub(super) const FEWER_ROWS: usize = 16;

/// Inserts rows into a table. Returns from the function around it when that fails.
macro_rules! insert_all {
    ($writer:expr, $table:path, $rows:expr) => {{
        use $crate::projection::tables::{FEWER_ROWS, MANY_ROWS};
        let (many, rest) = $rows.as_chunks::<MANY_ROWS>();
        for rows in many {
            on!($writer, c => diesel::insert_into($table).values(rows).execute(c))?;
        }
        let (fewer, rest) = rest.as_chunks::<FEWER_ROWS>();
        for rows in fewer {
            on!($writer, c => diesel::insert_into($table).values(rows).execute(c))?;
        }
        for row in rest {
            on!($writer, c => diesel::insert_into($table).values(row).execute(c))?;
        }
    }};
}
pub(super) use insert_all;

#[derive(Insertable, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[diesel(table_name = transition, treat_none_as_default_value = false)]
pub(super) struct Transition {
    pub(super) epoch: i64,
    pub(super) prefix: i64,
    pub(super) position: i64,
}

impl Transition {
    /// The transition of this id at this position.
    pub(super) fn at(id: &Hash, position: i64) -> Self {
        Self { epoch: epoch(position), prefix: prefix(id), position }
    }
}

/// Ids are random, and a batch of them would touch every page of an index over them all. Within an
/// epoch of 131,072 positions there are a few hundred pages; in return looking an id up asks every
/// epoch, of which 100 million transitions have 763.
pub(super) fn epoch(position: i64) -> i64 {
    position >> 17
}

/// The first 8 bytes of an id, as the tables keep them.
pub(super) fn prefix(id: &Hash) -> i64 {
    let [a, b, c, d, e, f, g, h, ..] = *id.as_bytes();
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}

#[derive(Insertable, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[diesel(table_name = change, treat_none_as_default_value = false)]
pub(super) struct Change {
    pub(super) object: i64,
    pub(super) position: i64,
    pub(super) version: i64,
    pub(super) register: i16,
    pub(super) action: i16,
}

#[derive(Insertable, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[diesel(table_name = involvement, treat_none_as_default_value = false)]
pub(super) struct Involvement {
    pub(super) party: i64,
    pub(super) position: i64,
    pub(super) signed: i16,
}

#[derive(Insertable, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[diesel(table_name = entry, treat_none_as_default_value = false)]
pub(super) struct Entry {
    pub(super) register: i16,
    pub(super) position: i64,
}

#[derive(Insertable, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[diesel(table_name = deed, treat_none_as_default_value = false)]
pub(super) struct Deed {
    pub(super) object: i64,
    pub(super) position: i64,
    pub(super) direct: i16,
}

#[derive(Insertable, Queryable, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[diesel(table_name = current_relation, treat_none_as_default_value = false)]
pub(super) struct CurrentRelation {
    pub(super) party: i64,
    pub(super) relation: i16,
    pub(super) object: i64,
    pub(super) from_position: i64,
}

#[derive(Insertable, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[diesel(table_name = past_relation, treat_none_as_default_value = false)]
pub(super) struct PastRelation {
    pub(super) party: i64,
    pub(super) relation: i16,
    pub(super) object: i64,
    pub(super) from_position: i64,
    pub(super) until_position: i64,
}

/// A relation that began before this batch and ends in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct EndedRelation {
    pub(super) party: i64,
    pub(super) relation: i16,
    pub(super) object: i64,
    pub(super) until_position: i64,
}

/// The rows of a batch, numbered as the tables number.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) transitions: Vec<Transition>,
    pub(super) changes: Vec<Change>,
    pub(super) involvements: Vec<Involvement>,
    pub(super) entries: Vec<Entry>,
    pub(super) deeds: Vec<Deed>,
    pub(super) begun: Vec<CurrentRelation>,
    pub(super) ended: Vec<EndedRelation>,
    pub(super) past: Vec<PastRelation>,
}

impl Rows {
    /// Writes everything, each table in the order of its key: neighbours share pages.
    pub(super) fn write(mut self, writer: &mut Writer) -> Result<(), ProjectionError> {
        self.end_relations(writer)?;
        self.transitions.sort_unstable();
        self.changes.sort_unstable();
        self.involvements.sort_unstable();
        self.entries.sort_unstable();
        self.deeds.sort_unstable();
        self.begun.sort_unstable();
        self.past.sort_unstable();
        insert_all!(writer, transition::table, self.transitions);
        insert_all!(writer, change::table, self.changes);
        insert_all!(writer, involvement::table, self.involvements);
        insert_all!(writer, entry::table, self.entries);
        insert_all!(writer, deed::table, self.deeds);
        insert_all!(writer, current_relation::table, self.begun);
        insert_all!(writer, past_relation::table, self.past);
        Ok(())
    }

    /// Takes what ends in this batch out of the current relations, and adds it to the past ones.
    fn end_relations(&mut self, writer: &mut Writer) -> Result<(), ProjectionError> {
        self.ended.sort_unstable();
        for some in self.ended.chunks(MANY_ROWS) {
            let mut taken: Vec<CurrentRelation> = on!(writer, c => TakeOut(some).load(c))?;
            taken.sort_unstable();
            // Both are sorted by the same unique key. One that is absent would be a bug in here, and
            // a row that "rebuilt equals live" would miss.
            if taken.len() != some.len() {
                return Err(ProjectionError::from(diesel::NotFound));
            }
            self.past.extend(taken.iter().zip(some).map(|(begun, ended)| PastRelation {
                party: begun.party,
                relation: begun.relation,
                object: begun.object,
                from_position: begun.from_position,
                until_position: ended.until_position,
            }));
        }
        Ok(())
    }
}

/// Deletes current relations and tells when they had begun, many in one statement: a thing that
/// diesel's own language cannot say for a key of three columns.
struct TakeOut<'a>(&'a [EndedRelation]);

impl<DB> QueryFragment<DB> for TakeOut<'_>
where
    DB: Backend + HasSqlType<BigInt> + HasSqlType<SmallInt>,
    i64: ToSql<BigInt, DB>,
    i16: ToSql<SmallInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if self.0.len() != MANY_ROWS {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql("DELETE FROM current_relation WHERE (party, relation, object) IN (VALUES ");
        for (index, ended) in self.0.iter().enumerate() {
            out.push_sql(if index == 0 { "(" } else { ", (" });
            out.push_bind_param::<BigInt, i64>(&ended.party)?;
            out.push_sql(", ");
            out.push_bind_param::<SmallInt, i16>(&ended.relation)?;
            out.push_sql(", ");
            out.push_bind_param::<BigInt, i64>(&ended.object)?;
            out.push_sql(")");
        }
        out.push_sql(") RETURNING party, relation, object, from_position");
        Ok(())
    }
}

impl QueryId for TakeOut<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for TakeOut<'_> {
    type SqlType = (BigInt, SmallInt, BigInt, BigInt);
}

impl<C> RunQueryDsl<C> for TakeOut<'_> {}
