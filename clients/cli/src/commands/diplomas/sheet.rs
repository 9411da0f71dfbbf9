//! The table of diplomas: comma-separated values, read strictly, with every mistake named.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;

use chancery_client::PartyId;
use chancery_ledger::record::{FieldName, Text};
use chancery_registries::diplomas::CredentialKind;
use chancery_registries::text::{Date, LocalId};
use csv::ByteRecord;
use serde::Serialize;

use crate::failure::Failure;
use crate::words::word;

/// The largest table that is read: it is held in memory.
const LONGEST_BYTES: u64 = 64 << 20;
/// What a column of a transcript's record begins with: one for each course.
pub(super) const COURSE: &str = "course:";

/// The columns that the command reads; every other one is a field of the record.
pub(super) const COLUMNS: [&str; 6] = ["serial", "holder", "kind", "awarded", "programme", "award"];

/// A row that can be issued as far as the table alone can tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The line of the file at which it begins.
    pub(super) row: u64,
    pub(super) serial: LocalId,
    pub(super) holder: PartyId,
    pub(super) kind: CredentialKind,
    pub(super) awarded: Date,
    pub(super) programme: Option<LocalId>,
    pub(super) award: Option<LocalId>,
    /// The fields of its record that are not empty, in the order of the columns.
    pub(super) fields: Vec<(FieldName, Text)>,
}

/// What is wrong in a row, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Mistake {
    /// The line of the file at which the row begins; 1 is the header.
    pub(super) row: u64,
    /// The column, where it is in one.
    pub(super) column: Option<String>,
    /// What is wrong.
    pub(super) wrong: String,
    /// What would be right.
    pub(super) right: String,
}

impl Mistake {
    pub(super) fn new(
        row: u64,
        column: Option<&str>,
        wrong: impl Into<String>,
        right: impl Display,
    ) -> Self {
        let (column, wrong) = (column.map(str::to_owned), wrong.into());
        Self { row, column, wrong, right: right.to_string() }
    }
}

/// What a table says.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) rows: Vec<Row>,
    pub(super) mistakes: Vec<Mistake>,
}

/// Where the columns are.
struct Header {
    /// The place of each of [`COLUMNS`].
    known: [Option<usize>; COLUMNS.len()],
    fields: Vec<(usize, FieldName)>,
    count: usize,
}

impl Sheet {
    /// Reads a file. Of a row without `kind`, the kind is the one given.
    pub(super) fn read(path: &Path, kind: CredentialKind, separator: u8) -> Result<Self, Failure> {
        let file = |error| Failure::file(path, error);
        let bytes = std::fs::metadata(path).map_err(file)?.len();
        if bytes > LONGEST_BYTES {
            let how = format!("{}: more than 64 MiB: split the table", path.display());
            return Err(Failure::usage(how));
        }
        Ok(Self::parse(&std::fs::read(path).map_err(file)?, kind, separator))
    }

    /// Reads a table: UTF-8 with or without a byte order mark, RFC 4180 with any line ends.
    pub(super) fn parse(bytes: &[u8], kind: CredentialKind, separator: u8) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator)
            .from_reader(bytes);
        let mut records = reader.byte_records().map(|record| record.unwrap_or_default());
        let mut sheet = Self::default();
        let header = records.next().unwrap_or_default();
        let header = match Header::read(&header, separator) {
            Ok(header) => header,
            Err(mistakes) => return Self { mistakes, ..sheet },
        };
        for record in records {
            let row = record.position().map_or(0, csv::Position::line);
            match header.row(row, &record, kind) {
                Ok(row) => sheet.rows.push(row),
                Err(mistakes) => sheet.mistakes.extend(mistakes),
            }
        }
        if sheet.rows.is_empty() && sheet.mistakes.is_empty() {
            sheet.mistakes.push(Mistake::new(1, None, "there is no row", "a row for each diploma"));
        }
        sheet.finds_duplicates();
        sheet
    }

    /// One serial number is given once, and nobody gets the same diploma twice.
    fn finds_duplicates(&mut self) {
        let mut serials = BTreeMap::new();
        let mut contents = BTreeMap::new();
        for row in &self.rows {
            let Row { row: line, serial, holder, kind, awarded, programme, award, fields } = row;
            if let Some(first) = serials.insert(serial.as_str(), *line) {
                let wrong = format!("{serial} stands in row {first} already");
                let right = "a number of its own for each diploma";
                self.mistakes.push(Mistake::new(*line, Some("serial"), wrong, right));
                continue;
            }
            let text: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let content = (holder, kind, awarded, programme, award, text);
            if let Some(first) = contents.insert(content, *line) {
                let wrong = format!("the same diploma as in row {first}, under another number");
                let right = "one row for each diploma";
                self.mistakes.push(Mistake::new(*line, None, wrong, right));
            }
        }
    }
}

impl Header {
    fn read(record: &ByteRecord, separator: u8) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut header =
            Self { known: [None; COLUMNS.len()], fields: Vec::new(), count: record.len() };
        if record
            .iter()
            .next()
            .is_some_and(|cell| cell.starts_with(b"\xff\xfe") || cell.starts_with(b"\xfe\xff"))
        {
            let wrong = "the file is in UTF-16";
            return Err(vec![Mistake::new(1, None, wrong, "save it as CSV in UTF-8")]);
        }
        for (place, cell) in record.iter().enumerate() {
            if let Err(mistake) = header.take(place, cell) {
                mistakes.push(mistake);
            }
        }
        for (name, place) in COLUMNS.iter().zip(header.known) {
            if place.is_none() && ["serial", "holder", "awarded"].contains(name) {
                let other = if separator == b',' { ';' } else { ',' };
                let one = record.len() == 1;
                let hint = format!(
                    "a column called {name}; is the separator {other:?}? Then say --separator"
                );
                let right = if one { hint } else { format!("a column called {name}") };
                mistakes.push(Mistake::new(1, Some(name), "the column is missing", right));
            }
        }
        if header.fields.is_empty() && mistakes.is_empty() {
            let right = "a column for each field of the record, such as name, degree, grade";
            mistakes.push(Mistake::new(1, None, "no column is for the record", right));
        }
        if mistakes.is_empty() { Ok(header) } else { Err(mistakes) }
    }

    fn take(&mut self, place: usize, cell: &[u8]) -> Result<(), Mistake> {
        let name = text(cell).map_err(|(wrong, right)| Mistake::new(1, None, wrong, right))?;
        let mistake = |wrong: &str, right: &dyn Display| Mistake::new(1, Some(name), wrong, right);
        if let Some(known) = COLUMNS.iter().position(|known| *known == name) {
            return match self.known[known].replace(place) {
                None => Ok(()),
                Some(_) => Err(mistake("the column stands twice", &"one column of each name")),
            };
        }
        // A field of the record that nobody meant would be hidden in a commitment for ever.
        let like = name.trim().to_lowercase();
        if let Some(known) = COLUMNS.iter().find(|known| **known == like) {
            return Err(mistake("it is not quite a column that is known", &format!("{known:?}")));
        }
        let field: FieldName =
            name.parse().map_err(|error| mistake("no field can be called so", &error))?;
        if self.fields.iter().any(|(_, other)| *other == field) {
            return Err(mistake("the column stands twice", &"one column of each name"));
        }
        self.fields.push((place, field));
        Ok(())
    }

    fn row(
        &self,
        row: u64,
        record: &ByteRecord,
        kind: CredentialKind,
    ) -> Result<Row, Vec<Mistake>> {
        if record.len() != self.count {
            let wrong = format!("it has {} cells", record.len());
            let right =
                format!("{} cells, as the header; quote a cell with a separator", self.count);
            return Err(vec![Mistake::new(row, None, wrong, right)]);
        }
        let mut cells = Cells { row, record, header: self, mistakes: Vec::new() };
        let serial = cells.needed("serial");
        let holder = cells.holder();
        let given = cells.optional_with("kind", word::<CredentialKind>);
        let awarded = cells.needed("awarded");
        let programme = cells.optional_with("programme", str::parse);
        let award = cells.optional_with("award", str::parse);
        let fields = cells.fields();
        let kind = given.unwrap_or(kind);
        cells.fits_the_kind(kind, award.is_some(), &fields);
        match (serial, holder, awarded) {
            (Some(serial), Some(holder), Some(awarded)) if cells.mistakes.is_empty() => {
                Ok(Row { row, serial, holder, kind, awarded, programme, award, fields })
            }
            _ => Err(cells.mistakes),
        }
    }
}

/// The cells of one row, and what is wrong with them.
struct Cells<'a> {
    row: u64,
    record: &'a ByteRecord,
    header: &'a Header,
    mistakes: Vec<Mistake>,
}

impl<'a> Cells<'a> {
    fn wrong(&mut self, column: &str, wrong: impl Into<String>, right: impl Display) {
        self.mistakes.push(Mistake::new(self.row, Some(column), wrong, right));
    }

    /// The text of a column, unless it is empty, missing or unreadable.
    fn cell(&mut self, column: &str) -> Option<&'a str> {
        let known = COLUMNS.iter().position(|known| *known == column)?;
        self.text(self.header.known[known]?, column)
    }

    fn text(&mut self, place: usize, column: &str) -> Option<&'a str> {
        match text(&self.record[place]) {
            Ok("") => None,
            Ok(text) => Some(text),
            Err((wrong, right)) => {
                self.wrong(column, wrong, right);
                None
            }
        }
    }

    fn optional_with<T, E: Display>(
        &mut self,
        column: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.cell(column)?;
        match read(text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(column, format!("{text:?}"), error);
                None
            }
        }
    }

    fn needed<T: FromStr<Err: Display>>(&mut self, column: &str) -> Option<T> {
        let before = self.mistakes.len();
        let value = self.optional_with(column, str::parse);
        if value.is_none() && self.mistakes.len() == before {
            self.wrong(column, "the cell is empty", format!("every row has its {column}"));
        }
        value
    }

    fn holder(&mut self) -> Option<PartyId> {
        if self.cell("holder").is_none()
            && self.mistakes.iter().all(|it| it.column.as_deref() != Some("holder"))
        {
            let right = "the ID code of the graduate's identity. Whoever has none makes one on a \
                         device of their own (`chancery identity create NAME --kind person`), so \
                         that nobody else holds its key, and tells you the ID code";
            self.wrong("holder", "the cell is empty", right);
            return None;
        }
        self.needed("holder")
    }

    fn fields(&mut self) -> Vec<(FieldName, Text)> {
        let mut fields = Vec::new();
        for (place, name) in &self.header.fields {
            let Some(value) = self.text(*place, name.as_str()) else { continue };
            if value.trim().len() != value.len() {
                let right = "no blanks at the ends: the record is committed to as it is";
                self.wrong(name.as_str(), format!("{value:?}"), right);
                continue;
            }
            match value.parse() {
                Ok(value) => fields.push((name.clone(), value)),
                Err(error) => self.wrong(name.as_str(), "the text is too long", error),
            }
        }
        fields
    }

    fn fits_the_kind(
        &mut self,
        kind: CredentialKind,
        has_award: bool,
        fields: &[(FieldName, Text)],
    ) {
        if fields.is_empty() && self.mistakes.is_empty() {
            let right = "at least one field of the record, such as name or degree";
            self.mistakes.push(Mistake::new(self.row, None, "the record would be empty", right));
        }
        let has_course = fields.iter().any(|(name, _)| name.as_str().starts_with(COURSE));
        if kind == CredentialKind::Transcript && !has_course && self.mistakes.is_empty() {
            let right = "a column for each course, called course:CODE, and one filled in at least";
            self.mistakes.push(Mistake::new(
                self.row,
                None,
                "a transcript without a course",
                right,
            ));
        }
        if kind != CredentialKind::Transcript && has_award {
            self.wrong(
                "award",
                format!("given for a row of kind {kind}"),
                "only a transcript belongs to an award",
            );
        }
    }
}

/// The text of a cell, or what is wrong with it and what would be right.
fn text(cell: &[u8]) -> Result<&str, (String, &'static str)> {
    let text = std::str::from_utf8(cell).map_err(|error| {
        let shown = String::from_utf8_lossy(cell);
        let wrong = format!("not UTF-8 from byte {} of {shown:?} on", error.valid_up_to() + 1);
        (wrong, "save the table as CSV in UTF-8")
    })?;
    match text.chars().find(|character| *character == '\0') {
        None => Ok(text),
        Some(_) => Err(("a zero byte is in it".to_owned(), "save the table as CSV in UTF-8")),
    }
}

#[cfg(test)]
#[path = "sheet_tests.rs"]
mod tests;
