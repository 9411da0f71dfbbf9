//! Searching the log: transitions by what they changed, by whom they concern and by when.

use std::fmt::Write;
use std::ops::Range;

use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::hidden::{Hidden, HiddenRegister, hidden_between};
use super::schema::party;
use super::{ProjectionError, Projections, to_row};
use crate::sql::{Reader, on};

/// An object to search for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its register.
    pub register: String,
    /// Its kind.
    pub kind: String,
    /// Its id.
    pub id: String,
}

/// In what order transitions are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Order {
    /// The first one first.
    Oldest,
    /// The last one first.
    #[default]
    Newest,
}

/// What to search for. Everything that is given must hold; nothing given is the whole log.
///
/// A time is a position here: time grows with the log, and `View::height_at` with
/// `View::block_positions` leads from one to the other.
#[derive(Clone, Debug, Default)]
pub struct SearchQuery {
    /// It changed this object.
    pub subject: Option<Subject>,
    /// It was done by the authority of this object: an accreditation, or an order.
    pub under: Option<Subject>,
    /// One of its actions is of this register, or it changed an object of it.
    pub register: Option<String>,
    /// This party has signed it.
    pub signer: Option<PartyId>,
    /// This party has signed it, or began or ceased by it to stand in a relation to an object.
    pub party: Option<PartyId>,
    /// It stands at this position or behind it.
    pub from: Option<u64>,
    /// It stands before this position.
    pub until: Option<u64>,
    /// The order of the answer.
    pub order: Order,
    /// The last position of the page before. Pages are complete and keep their places while the log
    /// grows.
    pub after: Option<u64>,
    /// Entries of these registers are left out, as if they were not there.
    pub hidden: Vec<HiddenRegister>,
    /// The most rows to answer.
    pub limit: usize,
}

/// A transition that was found. What it says is in the ledger at this position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchRow {
    /// Its position in the log.
    pub position: u64,
    /// The height of its block.
    pub height: u64,
    /// Its id.
    pub id: Hash,
}

/// A page of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchPage {
    /// The transitions, in the order asked for.
    pub rows: Vec<SearchRow>,
    /// What to give as `after` for the next page, when there is one.
    pub next: Option<u64>,
}

/// Rows of a table that a transition must have.
struct Condition {
    table: &'static str,
    column: &'static str,
    number: i64,
    signed: bool,
}

#[derive(QueryableByName)]
pub(super) struct PositionRow {
    #[diesel(sql_type = BigInt)]
    pub(super) position: i64,
}

impl Projections {
    /// Finds transitions among those that are projected.
    pub fn search(&self, query: &SearchQuery) -> Result<SearchPage, ProjectionError> {
        let Some((low, high)) = self.bounds(query)? else { return Ok(SearchPage::empty()) };
        let mut reader = self.reader()?;
        let Some(conditions) = self.conditions(&mut reader, query)? else {
            return Ok(SearchPage::empty());
        };
        // Only now: a register that is named later has its first entry behind `high`.
        let hidden = self.hidden(&mut reader, &query.hidden)?;
        // One more than asked tells whether there is a next page.
        let limit = query.limit.saturating_add(1);
        let mut positions = match conditions.is_empty() {
            true => whole_log(&mut reader, low..high, query.order, limit, &hidden)?,
            false => {
                let sql = sql(&conditions, &hidden, low..high, query.order, limit);
                let rows: Vec<PositionRow> =
                    on!(&mut reader, c => diesel::sql_query(sql).load(&mut **c))?;
                rows.iter().map(|row| u64::try_from(row.position).unwrap_or_default()).collect()
            }
        };
        drop(reader);
        let more = positions.len() > query.limit;
        positions.truncate(query.limit);
        let next = positions.last().copied().filter(|_| more);
        let row = |position| {
            let place = self.shared.view.place(position)?;
            Ok(SearchRow { position, height: place.height, id: place.id })
        };
        let rows = positions.into_iter().map(row).collect::<Result<_, ProjectionError>>()?;
        Ok(SearchPage { rows, next })
    }

    /// The positions to search, the second one excluded; `None` when there are none.
    fn bounds(&self, query: &SearchQuery) -> Result<Option<(u64, u64)>, ProjectionError> {
        let Some(applied) = self.applied_height() else { return Ok(None) };
        let end = self.shared.view.block_positions(applied)?.end;
        let mut low = query.from.unwrap_or(0);
        let mut high = query.until.unwrap_or(end).min(end);
        match (query.order, query.after) {
            (Order::Oldest, Some(after)) => low = low.max(after.saturating_add(1)),
            (Order::Newest, Some(after)) => high = high.min(after),
            (_, None) => {}
        }
        Ok((low < high && query.limit > 0).then_some((low, high)))
    }

    /// What must hold, the narrowest first; `None` when something is not in the tables at all.
    fn conditions(
        &self,
        reader: &mut Reader,
        query: &SearchQuery,
    ) -> Result<Option<Vec<Condition>>, ProjectionError> {
        let mut conditions = Vec::new();
        if let Some(Subject { register, kind, id }) = &query.subject {
            let number = self.object_number(reader, register, kind, id)?;
            conditions.push(number.map(|number| Condition::on("change", "object", number)));
        }
        if let Some(Subject { register, kind, id }) = &query.under {
            let number = self.object_number(reader, register, kind, id)?;
            conditions.push(number.map(|number| Condition::on("deed", "object", number)));
        }
        if let Some(signer) = &query.signer {
            let number = party_number(reader, signer)?;
            conditions.push(number.map(|number| Condition {
                signed: true,
                ..Condition::on("involvement", "party", number)
            }));
        }
        if let Some(party) = &query.party {
            let number = party_number(reader, party)?;
            conditions.push(number.map(|number| Condition::on("involvement", "party", number)));
        }
        if let Some(register) = &query.register {
            let number = self.shared.names.number(reader, register)?;
            conditions.push(number.map(|number| Condition::on("entry", "register", number.into())));
        }
        Ok(conditions.into_iter().collect())
    }
}

impl SearchPage {
    fn empty() -> Self {
        Self { rows: Vec::new(), next: None }
    }
}

impl Condition {
    fn on(table: &'static str, column: &'static str, number: i64) -> Self {
        Self { table, column, number, signed: false }
    }
}

/// The number of a party; `None` when it has never had to do with anything.
pub(super) fn party_number(
    reader: &mut Reader,
    id: &PartyId,
) -> Result<Option<i64>, ProjectionError> {
    Ok(on!(reader, c => party::table
        .filter(party::name.eq(id.to_string()))
        .select(party::id)
        .first(&mut **c)
        .optional())?)
}

/// Walks the first table in the order of its key and looks into the others, so that a page costs what
/// it skips and no sorting. Only words and numbers of our own stand in the text.
fn sql(
    conditions: &[Condition],
    hidden: &[Hidden],
    Range { start: low, end: high }: Range<u64>,
    order: Order,
    limit: usize,
) -> String {
    let mut sql = String::new();
    for (index, condition) in conditions.iter().enumerate() {
        let Condition { table, column, number, .. } = condition;
        // Writing to a string does not fail.
        let _ = match index {
            0 => write!(
                sql,
                "SELECT t0.position FROM {table} AS t0 WHERE t0.{column} = {number} \
                 AND t0.position >= {} AND t0.position < {}",
                to_row(low),
                to_row(high)
            ),
            _ => write!(
                sql,
                " AND EXISTS (SELECT 1 FROM {table} AS t{index} WHERE t{index}.{column} = {number} \
                 AND t{index}.position = t0.position"
            ),
        };
        if condition.signed {
            let _ = write!(sql, " AND t{index}.signed = 1");
        }
        if index > 0 {
            sql.push(')');
        }
    }
    for register in hidden {
        let _ = write!(sql, " AND {}", register.shown());
    }
    let direction = match order {
        Order::Oldest => "ASC",
        Order::Newest => "DESC",
    };
    let _ = write!(sql, " ORDER BY t0.position {direction} LIMIT {limit}");
    sql
}

/// The positions of a stretch of the log, but for what is hidden. A stretch of the log is looked at
/// at a time, longer ones where much is hidden.
fn whole_log(
    reader: &mut Reader,
    Range { start: mut low, end: mut high }: Range<u64>,
    order: Order,
    limit: usize,
    hidden: &[Hidden],
) -> Result<Vec<u64>, ProjectionError> {
    let mut positions = Vec::new();
    let mut stretch = limit as u64;
    while low < high && positions.len() < limit {
        let some = match order {
            Order::Oldest => low..high.min(low.saturating_add(stretch)),
            Order::Newest => low.max(high.saturating_sub(stretch))..high,
        };
        let left_out = hidden_between(reader, hidden, some.start, some.end)?;
        let shown = |position: &u64| !left_out.contains(position);
        let room = limit - positions.len();
        match order {
            Order::Oldest => {
                low = some.end;
                positions.extend(some.filter(shown).take(room));
            }
            Order::Newest => {
                high = some.start;
                positions.extend(some.rev().filter(shown).take(room));
            }
        }
        stretch = stretch.saturating_mul(2).min(STRETCH_MAX);
    }
    Ok(positions)
}

/// The longest stretch of the log that is looked at in one statement.
const STRETCH_MAX: u64 = 65_536;
