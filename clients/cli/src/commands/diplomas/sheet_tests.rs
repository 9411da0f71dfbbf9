//! Tables with one thing wrong each, and what the command says of it.

#![allow(clippy::unwrap_used)]

use super::*;

const HOLDER: &str = "6GPUO5SIRLYDN3ZGI4FJWBUZJ";
const HEADER: &str = "serial,holder,awarded,kind,award,name,course:MA101\n";

fn parse(table: &str) -> Sheet {
    Sheet::parse(table.as_bytes(), CredentialKind::Award, b',')
}

/// The row and column of every mistake.
fn places(table: &str) -> Vec<(u64, Option<String>)> {
    parse(table).mistakes.into_iter().map(|mistake| (mistake.row, mistake.column)).collect()
}

#[test]
fn a_good_table_is_read_whatever_wrote_it() {
    let rows = format!("{HEADER}A-1,{HOLDER},2026-06-30,,,\"Bo, B\",\n");
    for table in [rows.clone(), rows.replace('\n', "\r\n"), format!("\u{feff}{rows}")] {
        let sheet = parse(&table);
        assert_eq!(sheet.mistakes, []);
        assert_eq!(sheet.rows[0].kind, CredentialKind::Award);
        let fields = &sheet.rows[0].fields;
        assert_eq!(fields.len(), 1, "an empty cell is no field");
        assert_eq!((fields[0].0.as_str(), fields[0].1.as_str()), ("name", "Bo, B"));
    }
}

#[test]
fn every_mistake_is_named_by_row_and_column_and_all_at_once() {
    let good = format!("A-1,{HOLDER},2026-06-30,,,Bo,");
    let cases = [
        (good.replace("A-1", "A 1"), Some("serial")),
        (good.replace("A-1", ""), Some("serial")),
        (good.replace(HOLDER, ""), Some("holder")),
        (good.replace(HOLDER, "6GPUO5SIRLYDN3ZGI4FJWBUZK"), Some("holder")),
        (good.replace("2026-06-30", "30.06.2026"), Some("awarded")),
        (good.replace("2026-06-30", "2026-06-31"), Some("awarded")),
        (format!("A-1,{HOLDER},2026-06-30,diploma,,Bo,"), Some("kind")),
        (format!("A-1,{HOLDER},2026-06-30,,A-0,Bo,"), Some("award")),
        (good.replace("Bo", " Bo"), Some("name")),
        (good.replace("Bo", "B\0"), Some("name")),
        (good.replace("Bo", ""), None),
        (format!("A-1,{HOLDER},2026-06-30,transcript,,Bo,"), None),
        (format!("{good},"), None),
    ];
    for (row, column) in &cases {
        let expected = vec![(2, column.map(str::to_owned))];
        assert_eq!(places(&format!("{HEADER}{row}\n")), expected, "{row}");
    }
    let all: String = cases.iter().map(|(row, _)| format!("{row}\n")).collect();
    assert_eq!(places(&format!("{HEADER}{all}")).len(), cases.len());
}

#[test]
fn duplicates_are_found_by_number_and_by_content() {
    let row = |serial: &str, name: &str| format!("{serial},{HOLDER},2026-06-30,,,{name},\n");
    let table = [row("A-1", "Bo"), row("A-1", "Cy"), row("A-2", "Bo"), row("A-3", "Di")].concat();
    let expected = vec![(3, Some("serial".to_owned())), (4, None)];
    assert_eq!(places(&format!("{HEADER}{table}")), expected);
}

#[test]
fn a_header_that_hides_something_is_refused() {
    for header in [
        "serial,holder,awarded",
        "serial,awarded,name",
        "serial;holder;awarded;name",
        "serial,holder,awarded,name,name",
        "serial,serial,holder,awarded,name",
        "serial,holder,awarded,Award,name",
        "",
    ] {
        let sheet = parse(&format!("{header}\n"));
        assert!(sheet.rows.is_empty() && !sheet.mistakes.is_empty(), "{header}");
        assert!(sheet.mistakes.iter().all(|mistake| mistake.row == 1), "{header}");
    }
}

#[test]
fn another_encoding_is_named() {
    let table =
        [HEADER.as_bytes(), format!("A-1,{HOLDER},2026-06-30,,,B\u{f6},\n").as_bytes()].concat();
    let latin: Vec<u8> = String::from_utf8(table).unwrap().chars().map(|it| it as u8).collect();
    let sheet = Sheet::parse(&latin, CredentialKind::Award, b',');
    assert_eq!(sheet.mistakes[0].column.as_deref(), Some("name"));
    assert!(sheet.mistakes[0].right.contains("UTF-8"));
}
