//! Holdings: to which objects a party stands in which relation, now or as of a block.

use std::fmt;
use std::str::FromStr;

use chancery_ledger::party::PartyId;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, SmallInt, Text};

use super::search::party_number;
use super::{ProjectionError, Projections, from_row, to_row};
use crate::sql::on;

/// What to look for.
#[derive(Clone, Debug)]
pub struct HoldingsQuery {
    /// Who.
    pub party: PartyId,
    /// In what relation; any by default.
    pub relation: Option<String>,
    /// To objects of which register; any by default.
    pub register: Option<String>,
    /// As of which block; now by default.
    ///
    /// Pages of one height are complete whatever happens meanwhile. Pages of "now" are complete for
    /// all that is held throughout.
    pub as_of_height: Option<u64>,
    /// The cursor of the page before.
    pub after: Option<HoldingCursor>,
    /// The most rows to answer.
    pub limit: usize,
}

/// One object that the party stands in a relation to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The relation.
    pub relation: String,
    /// The object's register.
    pub register: String,
    /// Its kind.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// The position of the transition by which it began; `GENESIS_POSITION` for the genesis.
    pub from_position: u64,
    /// The height at which it began.
    pub from_height: u64,
    /// The height at which it has ended since, when that is asked as of an earlier one.
    pub until_height: Option<u64>,
    /// What to give as `after` to go on behind this row.
    pub cursor: HoldingCursor,
}

/// A place in the list of a party's holdings. It stays good when the projections are rebuilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldingCursor {
    relation: i16,
    object: i64,
    from: i64,
}

impl fmt::Display for HoldingCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.relation, self.object, self.from)
    }
}

/// A text that is no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cursor is given as it was received")]
pub struct NotAHoldingCursor;

impl FromStr for HoldingCursor {
    type Err = NotAHoldingCursor;

    fn from_str(text: &str) -> Result<Self, NotAHoldingCursor> {
        let mut parts = text.split('.');
        let mut next = || parts.next().ok_or(NotAHoldingCursor);
        let cursor = Self {
            relation: next()?.parse().map_err(|_| NotAHoldingCursor)?,
            object: next()?.parse().map_err(|_| NotAHoldingCursor)?,
            from: next()?.parse().map_err(|_| NotAHoldingCursor)?,
        };
        parts.next().is_none().then_some(cursor).ok_or(NotAHoldingCursor)
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SmallInt)]
    relation: i16,
    #[diesel(sql_type = BigInt)]
    object: i64,
    #[diesel(sql_type = BigInt)]
    from_position: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    until_position: Option<i64>,
    #[diesel(sql_type = SmallInt)]
    register: i16,
    #[diesel(sql_type = SmallInt)]
    kind: i16,
    #[diesel(sql_type = Text)]
    name: String,
}

/// A query whose names have become numbers.
struct Numbered {
    party: i64,
    relation: Option<i16>,
    register: Option<i16>,
    /// The first position behind the block as of which is asked.
    end: Option<i64>,
}

impl Projections {
    /// The objects that a party stands in a relation to, in an order that does not change.
    pub fn holdings(&self, query: &HoldingsQuery) -> Result<Vec<Holding>, ProjectionError> {
        let Some(numbered) = self.numbered(query)? else { return Ok(Vec::new()) };
        let sql = sql(&numbered, query);
        let mut reader = self.reader()?;
        let rows: Vec<Row> = on!(&mut reader, c => diesel::sql_query(sql).load(&mut **c))?;
        let names = &self.shared.names;
        let holding = |row: Row| {
            let until = row.until_position.map(|position| self.height_of(position)).transpose()?;
            Ok(Holding {
                relation: names.text(&mut reader, row.relation)?.to_string(),
                register: names.text(&mut reader, row.register)?.to_string(),
                kind: names.text(&mut reader, row.kind)?.to_string(),
                id: row.name,
                from_position: from_row(row.from_position),
                from_height: self.height_of(row.from_position)?,
                until_height: until,
                cursor: HoldingCursor {
                    relation: row.relation,
                    object: row.object,
                    from: row.from_position,
                },
            })
        };
        rows.into_iter().map(holding).collect()
    }

    /// `None` when a name is in no table: nothing is held.
    fn numbered(&self, query: &HoldingsQuery) -> Result<Option<Numbered>, ProjectionError> {
        let end = match query.as_of_height {
            Some(asked) if self.applied_height() < Some(asked) => {
                return Err(ProjectionError::NotYetApplied { asked });
            }
            Some(height) => Some(to_row(self.shared.view.block_positions(height)?.end)),
            None => None,
        };
        let mut reader = self.reader()?;
        let Some(party) = party_number(&mut reader, &query.party)? else { return Ok(None) };
        // The inner one is the filter, the outer one whether anything can pass it.
        let mut number = |name: &Option<String>| -> Result<Option<Option<i16>>, ProjectionError> {
            match name {
                None => Ok(Some(None)),
                Some(name) => Ok(self.shared.names.number(&mut reader, name)?.map(Some)),
            }
        };
        let filters = number(&query.relation)?.zip(number(&query.register)?);
        Ok(filters.map(|(relation, register)| Numbered { party, relation, register, end }))
    }
}

/// One statement, so that it sees a relation either current or past, whatever commits meanwhile.
/// Only words and numbers of our own stand in the text.
fn sql(numbered: &Numbered, query: &HoldingsQuery) -> String {
    let party = numbered.party;
    let began = numbered.end.map(|end| format!("AND from_position < {end}")).unwrap_or_default();
    let mut held = format!(
        "SELECT relation, object, from_position, CAST(NULL AS BIGINT) AS until_position \
         FROM current_relation WHERE party = {party} {began}"
    );
    let relation = numbered.relation.map(|relation| format!(" AND relation = {relation}"));
    let relation = relation.unwrap_or_default();
    held.push_str(&relation);
    if let Some(end) = numbered.end {
        held.push_str(&format!(
            " UNION ALL SELECT relation, object, from_position, until_position FROM past_relation \
             WHERE party = {party} {began} AND until_position >= {end}{relation}"
        ));
    }
    let register = numbered.register.map(|register| format!(" AND register = {register}"));
    let after = query.after.map(|HoldingCursor { relation, object, from }| {
        format!(" AND (relation, object, from_position) > ({relation}, {object}, {from})")
    });
    format!(
        "SELECT relation, object, from_position, until_position, register, kind, name \
         FROM ({held}) AS held JOIN object ON object.id = held.object WHERE true{}{} \
         ORDER BY relation, object, from_position LIMIT {}",
        register.unwrap_or_default(),
        after.unwrap_or_default(),
        query.limit
    )
}
