//! Dumping: every row of the projections as a line of names, to compare one database with another.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::{ProjectionError, Projections};
use crate::sql::on;

/// One `SELECT` a table; numbers that only stand for names are shown as those.
const TABLES: [&str; 11] = [
    "SELECT 'applied ' || ledger || ' ' || height || ' ' || block AS line FROM applied",
    "SELECT 'name ' || text AS line FROM name",
    "SELECT 'party ' || name AS line FROM party",
    "SELECT 'object ' || r.text || '/' || k.text || '/' || o.name AS line FROM object o
     JOIN name r ON r.id = o.register JOIN name k ON k.id = o.kind",
    "SELECT 'transition ' || epoch || ' ' || prefix || ' ' || position AS line FROM transition",
    "SELECT 'change ' || r.text || '/' || k.text || '/' || o.name || ' ' || c.position || ' '
       || c.version || ' ' || ar.text || '/' || a.text AS line
     FROM change c JOIN object o ON o.id = c.object JOIN name r ON r.id = o.register
     JOIN name k ON k.id = o.kind JOIN name ar ON ar.id = c.register JOIN name a ON a.id = c.action",
    "SELECT 'involvement ' || p.name || ' ' || i.position || ' ' || i.signed AS line
     FROM involvement i JOIN party p ON p.id = i.party",
    "SELECT 'entry ' || r.text || ' ' || e.position AS line FROM entry e
     JOIN name r ON r.id = e.register",
    "SELECT 'deed ' || r.text || '/' || k.text || '/' || o.name || ' ' || d.position || ' '
       || d.direct AS line
     FROM deed d JOIN object o ON o.id = d.object JOIN name r ON r.id = o.register
     JOIN name k ON k.id = o.kind",
    "SELECT 'current ' || p.name || ' ' || l.text || ' ' || r.text || '/' || k.text || '/' || o.name
       || ' ' || c.from_position AS line
     FROM current_relation c JOIN party p ON p.id = c.party JOIN name l ON l.id = c.relation
     JOIN object o ON o.id = c.object JOIN name r ON r.id = o.register JOIN name k ON k.id = o.kind",
    "SELECT 'past ' || p.name || ' ' || l.text || ' ' || r.text || '/' || k.text || '/' || o.name
       || ' ' || c.from_position || ' ' || c.until_position AS line
     FROM past_relation c JOIN party p ON p.id = c.party JOIN name l ON l.id = c.relation
     JOIN object o ON o.id = c.object JOIN name r ON r.id = o.register JOIN name k ON k.id = o.kind",
];

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Projections {
    /// Every row of every table, sorted: the same for the same ledger, whatever the engine and the
    /// numbers. All of it is held in memory.
    pub fn dump(&self) -> Result<Vec<String>, ProjectionError> {
        let mut reader = self.reader()?;
        let mut lines = Vec::new();
        for table in TABLES {
            let rows: Vec<Line> = on!(&mut reader, c => diesel::sql_query(table).load(&mut **c))?;
            lines.extend(rows.into_iter().map(|row| row.line));
        }
        lines.sort_unstable();
        Ok(lines)
    }
}
