//! Rows with columns: aligned for people, RFC 4180 for spreadsheets, JSON for machines.

use std::path::Path;

use serde_json::{Value, json};

use crate::report::Report;

/// Rows with columns.
pub(super) struct Table {
    columns: Vec<String>,
    rows: Vec<Value>,
}

impl Table {
    /// Rows that are objects, of which these members are shown.
    pub(super) fn new(columns: &[&str], rows: Vec<Value>) -> Self {
        Self { columns: columns.iter().map(|&name| name.to_owned()).collect(), rows }
    }

    /// The table in the form that was asked for; `kept` is the folder of its checked proofs.
    pub(super) fn report(self, csv: bool, kept: Option<(&Path, usize)>) -> Report {
        let mut text = if csv { self.csv() } else { self.aligned() };
        let mut json = json!({"items": self.rows});
        if let Some((folder, count)) = kept {
            json["proofs"] = json!({"folder": folder.display().to_string(), "verified": count});
            if !csv {
                text += &format!("\nVERIFIED: {count} proofs, kept in {}", folder.display());
            }
        }
        Report::new(text, json)
    }

    fn cells(&self) -> Vec<Vec<String>> {
        let row = |row: &Value| self.columns.iter().map(|name| plain(&row[name])).collect();
        std::iter::once(self.columns.clone()).chain(self.rows.iter().map(row)).collect()
    }

    fn csv(&self) -> String {
        let line = |row: &Vec<String>| {
            row.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",") + "\r\n"
        };
        self.cells().iter().map(line).collect()
    }

    fn aligned(&self) -> String {
        if self.rows.is_empty() {
            return "nothing".to_owned();
        }
        let cells = self.cells();
        let width = |column: usize| {
            cells.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let mut text = String::new();
        for row in &cells {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
            text += cells.collect::<Vec<_>>().join("  ").trim_end();
            text.push('\n');
        }
        text
    }
}

/// A value as a cell shows it.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// A cell of RFC 4180. What a spreadsheet would take for a formula gets an apostrophe in front.
fn quoted(cell: &str) -> String {
    let formula = cell.len() > 1 && cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\r', '\n']) {
        return format!("\"{}\"", cell.replace('"', "\"\""));
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_quotes_what_it_must_and_runs_no_formula() {
        let row = json!({"a": "x,\"y\"", "b": "=1+1", "c": ["p", "q"], "d": null});
        let table = Table::new(&["a", "b", "c", "d"], vec![row]);
        assert_eq!(table.csv(), "a,b,c,d\r\n\"x,\"\"y\"\"\",'=1+1,p q,-\r\n");
    }

    #[test]
    fn columns_are_aligned() {
        let rows = vec![json!({"a": "long", "b": 1}), json!({"a": "x", "b": 22})];
        assert_eq!(Table::new(&["a", "b"], rows).aligned(), "a     b\nlong  1\nx     22\n");
        assert_eq!(Table::new(&["a"], Vec::new()).aligned(), "nothing");
    }
}
