//! Answers for people and for spreadsheets: indented text, tables, comma-separated values.

use serde_json::{Map, Value};

use crate::failure::Failure;

/// A value as indented text; lists of records as tables.
pub(crate) fn text(value: &Value) -> String {
    let mut out = String::new();
    put(&mut out, value, 0);
    out
}

fn put(out: &mut String, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(members) => {
            let width = members.keys().map(String::len).max().unwrap_or_default();
            for (name, value) in members {
                if is_small(value) {
                    *out += &format!("{indent}{name:width$}  {}\n", small(value));
                } else {
                    *out += &format!("{indent}{name}\n");
                    put(out, value, depth + 1);
                }
            }
        }
        Value::Array(items) if records(items).is_some() => put_table(out, items, &indent),
        Value::Array(items) => items.iter().for_each(|item| put(out, item, depth)),
        other => *out += &format!("{indent}{}\n", small(other)),
    }
}

fn put_table(out: &mut String, items: &[Value], indent: &str) {
    let rows: Vec<Map<String, Value>> = items.iter().map(flat).collect();
    let columns = columns(&rows);
    let cell =
        |row: &Map<String, Value>, name: &String| row.get(name).map_or_else(String::new, small);
    let width = |name: &String| {
        let cells = rows.iter().map(|row| cell(row, name).chars().count());
        cells.chain([name.chars().count()]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = columns.iter().map(width).collect();
    let mut line = |cells: Vec<String>| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        let text = padded.collect::<Vec<_>>().join("  ");
        *out += &format!("{indent}{}\n", text.trim_end());
    };
    line(columns.clone());
    rows.iter().for_each(|row| line(columns.iter().map(|name| cell(row, name)).collect()));
}

/// The list of an answer as comma-separated values (RFC 4180), a column for each member.
///
/// The list is the answer itself, the one of its members that is a list of records, or the one named.
pub(crate) fn csv(answer: &Value, name: Option<&str>) -> Result<String, Failure> {
    let rows: Vec<Map<String, Value>> = list(answer, name)?.iter().map(flat).collect();
    let columns = columns(&rows);
    if columns.is_empty() {
        return Ok(String::new());
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    let unwritable = |error: &dyn std::fmt::Display| Failure::usage(format!("CSV: {error}"));
    writer.write_record(&columns).map_err(|error| unwritable(&error))?;
    for row in &rows {
        let cells = columns.iter().map(|name| row.get(name).map_or_else(String::new, cell));
        writer.write_record(cells).map_err(|error| unwritable(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| unwritable(&error))?;
    String::from_utf8(bytes).map_err(|error| unwritable(&error))
}

fn list<'a>(answer: &'a Value, name: Option<&str>) -> Result<&'a [Value], Failure> {
    if let Value::Array(items) = answer {
        return Ok(items);
    }
    let lists: Vec<(&String, &Vec<Value>)> = answer
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name, value.as_array()?)))
        .filter(|(_, items)| items.is_empty() || records(items).is_some())
        .collect();
    let names = || lists.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    match (name, &lists[..]) {
        (Some(name), _) => match lists.iter().find(|(known, _)| *known == name) {
            Some((_, items)) => Ok(items),
            None => {
                Err(Failure::usage(format!("the answer has no list {name}; it has: {}", names())))
            }
        },
        (None, [(_, items)]) => Ok(items),
        (None, []) => Err(Failure::usage("the answer has no list: leave --csv out")),
        (None, _) => Err(Failure::usage(format!("name one of the lists with --list: {}", names()))),
    }
}

/// The items, if all are records.
fn records(items: &[Value]) -> Option<&[Value]> {
    (!items.is_empty() && items.iter().all(Value::is_object)).then_some(items)
}

/// A record whose members are no records: theirs stand behind a full stop.
fn flat(value: &Value) -> Map<String, Value> {
    let mut members = Map::new();
    put_flat(&mut members, "", value);
    members
}

fn put_flat(members: &mut Map<String, Value>, name: &str, value: &Value) {
    match value {
        Value::Object(inner) if !inner.is_empty() => {
            for (member, value) in inner {
                let dot = if name.is_empty() { "" } else { "." };
                put_flat(members, &format!("{name}{dot}{member}"), value);
            }
        }
        other => {
            let name = if name.is_empty() { "value" } else { name };
            members.insert(name.to_owned(), other.clone());
        }
    }
}

/// Every member that some row has, in the order in which they first come.
fn columns(rows: &[Map<String, Value>]) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    for name in rows.iter().flat_map(Map::keys) {
        if !columns.contains(name) {
            columns.push(name.clone());
        }
    }
    columns
}

fn is_small(value: &Value) -> bool {
    match value {
        Value::Object(_) => false,
        Value::Array(items) => items.iter().all(|item| !item.is_object() && !item.is_array()),
        _ => true,
    }
}

/// A value on one line.
fn small(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(small).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// A value as it stands in a cell, from which it can be read again.
fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_shown_with_its_lists_as_tables() {
        let answer = json!({
            "in_force": false, "registers": ["parcels", "land"],
            "grants": [
                {"accreditation": "a", "valid": true, "reason": null},
                {"accreditation": "longer", "valid": false, "reason": "Fraud."},
            ],
        });
        let shown = "grants\n  accreditation  reason  valid\n  a              -       true\n  \
                     longer         Fraud.  false\nin_force   false\nregisters  parcels, land\n";
        assert_eq!(text(&answer), shown);
    }

    #[test]
    fn a_list_is_written_as_csv_with_a_column_for_each_member() {
        let answer = json!({"holders": [
            {"holder": "A", "of": {"class": "common, old", "quantity": "1"}},
            {"holder": "B \"b\"", "more": [1, 2]},
        ], "total": "2"});
        let expected = "holder,of.class,of.quantity,more\nA,\"common, old\",1,\n\
                        \"B \"\"b\"\"\",,,\"[1,2]\"\n";
        assert_eq!(csv(&answer, None).unwrap(), expected);
        assert_eq!(csv(&json!([{"a": 1}]), None).unwrap(), "a\n1\n");
        assert_eq!(csv(&json!({"none": []}), None).unwrap(), "");
    }

    #[test]
    fn whoever_asks_for_csv_without_one_list_is_told() {
        let why = |answer: Value, name| csv(&answer, name).unwrap_err().to_string();
        assert!(why(json!({"total": 1}), None).contains("no list"));
        let two = json!({"a": [{"x": 1}], "b": [{"x": 1}]});
        assert!(why(two.clone(), None).contains("--list: a, b"));
        assert_eq!(csv(&two, Some("b")).unwrap(), "x\n1\n");
        assert!(why(two, Some("c")).contains("it has: a, b"));
    }
}
