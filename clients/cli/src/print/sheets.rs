//! Sheets of paper, set in type: paragraphs, a table of facts, and codes at the size at which they are read.

use krilla::Document as Pdf;
use krilla::SerializeSettings;
use krilla::color::luma;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use qrcode::{Color, QrCode};

use super::lines::{Base, Line};
use super::typefaces::{Face, NotSet, Typefaces};

/// The distance between the lines of a text, in parts of its size.
const LEADING: f32 = 1.32;
/// The size of the foot, in points.
const FOOT: f32 = 9.0;
/// Points of a millimetre.
const MM: f32 = 72.0 / 25.4;
/// The narrowest bar of a linear code: what hand scanners are made for (GS1 General Specifications, 5.12).
const BAR: f32 = 0.33 * MM;
/// The quiet zone that ISO/IEC 18004 asks for, in modules.
const QUIET_MODULES: usize = 4;

/// What is printed on; lengths in points.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paper {
    width: f32,
    height: f32,
    /// What stays free on each side.
    margin: f32,
    /// The side of a module of a code.
    module: f32,
    /// How many lines stay free for a foot.
    foot_lines: usize,
}

impl Paper {
    /// A4 (ISO 216), with a foot. Codes have modules of 0.42 mm: any phone reads them from paper.
    pub(crate) const A4: Self =
        Self { width: 595.28, height: 841.89, margin: 64.0, module: 0.42 * MM, foot_lines: 2 };
    /// A6 (ISO 216), as labels of parcels are.
    pub(crate) const A6: Self = Self {
        width: 105.0 * MM,
        height: 148.0 * MM,
        margin: 7.0 * MM,
        module: 0.42 * MM,
        foot_lines: 0,
    };
    /// A card of the size ID-1 (ISO/IEC 7810), as wallets hold them. A code of version 26 fits on its side with
    /// modules of 0.4 mm.
    pub(crate) const ID_1: Self = Self {
        width: 85.6 * MM,
        height: 53.98 * MM,
        margin: 5.0 * MM,
        module: 0.4 * MM,
        foot_lines: 0,
    };

    /// The width of what is set.
    pub(crate) fn measure(&self) -> f32 {
        self.width - 2.0 * self.margin
    }
}

/// What a document is besides its sheets.
pub(crate) struct Document<'a> {
    pub(crate) title: &'a str,
    /// Year, month, day, hour, minute and second, in UTC.
    pub(crate) made: [u16; 6],
    /// What stands at the foot of each sheet of a paper that has one.
    pub(crate) foot: &'a str,
    /// A file that it carries.
    pub(crate) attached: Option<Attached>,
}

/// A file that a document carries, byte for byte.
pub(crate) struct Attached {
    pub(crate) name: &'static str,
    pub(crate) media_type: &'static str,
    pub(crate) description: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// Something at its place on a sheet.
enum Set {
    Line { x: f32, y: f32, size: f32, line: Line },
    Rule { x: f32, y: f32, width: f32 },
    Code { x: f32, y: f32, code: QrCode },
    Bars { x: f32, y: f32, height: f32, modules: Vec<u8> },
}

/// What is set so far, sheet after sheet.
pub(crate) struct Sheets<'f> {
    faces: &'f Typefaces,
    paper: Paper,
    done: Vec<Vec<Set>>,
    sheet: Vec<Set>,
    /// How far down the sheet is taken.
    y: f32,
}

impl<'f> Sheets<'f> {
    /// Nothing yet.
    pub(crate) fn new(paper: Paper, faces: &'f Typefaces) -> Self {
        Self { faces, paper, done: Vec::new(), sheet: Vec::new(), y: paper.margin }
    }

    /// Leaves some room.
    pub(crate) fn space(&mut self, height: f32) {
        self.y += height;
    }

    /// What is left of the sheet.
    fn room(&self) -> f32 {
        let foot = self.paper.foot_lines as f32 * FOOT * LEADING;
        self.paper.height - self.paper.margin - foot - self.y
    }

    /// Goes on to the next sheet unless there is room for so much.
    pub(crate) fn keep_together(&mut self, height: f32) {
        if self.room() < height {
            self.turn();
        }
    }

    /// Goes on to the next sheet, unless this one is empty.
    pub(crate) fn turn(&mut self) {
        if !self.sheet.is_empty() {
            self.done.push(std::mem::take(&mut self.sheet));
            self.y = self.paper.margin;
        }
    }

    /// A thin line across.
    pub(crate) fn rule(&mut self) {
        let Paper { margin, .. } = self.paper;
        self.sheet.push(Set::Rule { x: margin, y: self.y, width: self.paper.measure() });
        self.y += 1.0;
    }

    /// A text in English, broken into lines.
    pub(crate) fn text(&mut self, face: Face, size: f32, text: &str) -> Result<(), NotSet> {
        let width = self.paper.measure() / size;
        for line in self.faces.broken((face, Base::English), width, text)? {
            self.keep_together(size * LEADING);
            self.line(size, 0.0, line);
        }
        Ok(())
    }

    fn line(&mut self, size: f32, x: f32, line: Line) {
        self.y += size * LEADING;
        // A line stands on its base.
        let y = self.y - size * (LEADING - 1.0);
        self.sheet.push(Set::Line { x: self.paper.margin + x, y, size, line });
    }

    /// What something is called and what it is, side by side. The name takes a quarter.
    pub(crate) fn fact(&mut self, size: f32, name: &str, value: &str) -> Result<(), NotSet> {
        let column = self.paper.measure() / 4.0;
        let names = (column - 8.0) / size;
        let values = (self.paper.measure() - column) / size;
        let mut names = self.faces.broken((Face::Italic, Base::English), names, name)?.into_iter();
        let values = self.faces.broken((Face::Regular, Base::Own), values, value)?;
        let rows = names.len().max(values.len());
        let mut values = values.into_iter();
        self.keep_together(rows.min(6) as f32 * size * LEADING);
        for _ in 0..rows {
            self.keep_together(size * LEADING);
            let top = self.y;
            for (x, line) in [(0.0, names.next()), (column, values.next())] {
                self.y = top;
                if let Some(line) = line {
                    self.line(size, x, line);
                }
            }
            self.y = top + size * LEADING;
        }
        self.y += 2.0;
        Ok(())
    }

    /// How large a code is printed, with its quiet zone.
    fn side(&self, code: &QrCode) -> f32 {
        (code.width() + 2 * QUIET_MODULES) as f32 * self.paper.module
    }

    /// Codes from left to right, as many in a row as fit.
    pub(crate) fn codes(&mut self, codes: Vec<QrCode>) {
        let (mut x, mut tallest) = (0.0, 0.0_f32);
        for code in codes {
            let side = self.side(&code);
            if x > 0.0 && x + side > self.paper.measure() {
                self.y += tallest;
                (x, tallest) = (0.0, 0.0);
            }
            self.keep_together(side);
            self.sheet.push(Set::Code { x: self.paper.margin + x, y: self.y, code });
            x += side;
            tallest = tallest.max(side);
        }
        self.y += tallest;
    }

    /// Each code in the middle of a sheet of its own, up to its edges.
    pub(crate) fn codes_alone(&mut self, codes: Vec<QrCode>) {
        for code in codes {
            self.turn();
            let side = self.side(&code);
            let Paper { width, height, .. } = self.paper;
            self.sheet.push(Set::Code { x: (width - side) / 2.0, y: (height - side) / 2.0, code });
        }
    }

    /// The bars of a linear code, 0 for white and 1 for black, with modules of 0.33 mm and so high in points.
    /// Nothing is set when they are wider than what is printed on.
    pub(crate) fn bars(&mut self, height: f32, modules: Vec<u8>) {
        let width = modules.len() as f32 * BAR;
        if width > self.paper.measure() {
            return;
        }
        self.keep_together(height);
        let x = (self.paper.width - width) / 2.0;
        self.sheet.push(Set::Bars { x, y: self.y, height, modules });
        self.y += height;
    }

    /// The document: PDF/A-2b, or PDF/A-3b with a file attached; the same bytes for the same content.
    pub(crate) fn finish(mut self, document: Document<'_>) -> Result<Vec<u8>, NotSet> {
        self.done.push(std::mem::take(&mut self.sheet));
        let level = if document.attached.is_some() { Archival::A3_B } else { Archival::A2_B };
        let archival = ConfigurationBuilder::new().with_archival_validator(level);
        let configuration = archival.finish().map_err(|error| failed(&error))?;
        let mut pdf =
            Pdf::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
        let made = date_of(document.made);
        pdf.set_metadata(
            Metadata::new()
                .title(document.title.to_owned())
                .creator("Chancery".to_owned())
                .language("en".to_owned())
                .creation_date(made),
        );
        if let Some(attached) = document.attached {
            pdf.embed_file(embedded(attached, made)).ok_or_else(|| failed(&"what it carries"))?;
        }
        let count = self.done.len();
        for (index, sheet) in self.done.iter().enumerate() {
            let size = PageSettings::from_wh(self.paper.width, self.paper.height);
            let size = size.ok_or_else(|| failed(&"the size of the sheet"))?;
            let mut page = pdf.start_page_with(size);
            let mut surface = page.surface();
            for set in sheet {
                self.draw(&mut surface, set);
            }
            if self.paper.foot_lines > 0 {
                let foot = format!("{} · sheet {} of {count}", document.foot, index + 1);
                self.foot(&mut surface, &foot)?;
            }
            surface.finish();
            page.finish();
        }
        pdf.finish().map_err(|error| failed(&error))
    }

    fn foot(&self, surface: &mut Surface<'_>, text: &str) -> Result<(), NotSet> {
        let Paper { height, margin, .. } = self.paper;
        let width = self.paper.measure() / FOOT;
        let lines = self.faces.broken((Face::Regular, Base::English), width, text)?;
        let first = height - margin - lines.len().saturating_sub(1) as f32 * FOOT * LEADING;
        for (index, line) in lines.into_iter().enumerate() {
            let y = first + index as f32 * FOOT * LEADING;
            self.draw(surface, &Set::Line { x: margin, y, size: FOOT, line });
        }
        Ok(())
    }

    fn draw(&self, surface: &mut Surface<'_>, set: &Set) {
        surface.set_fill(Some(Fill {
            paint: luma::Color::black().into(),
            opacity: NormalizedF32::ONE,
            rule: Default::default(),
        }));
        match set {
            Set::Line { x, y, size, line } => self.draw_line(surface, (*x, *y), *size, line),
            Set::Rule { x, y, width } => rectangles(surface, [(*x, *y, *width, 0.6)]),
            Set::Code { x, y, code } => {
                let module = self.paper.module;
                let place = |modules: usize| (modules + QUIET_MODULES) as f32 * module;
                let runs = runs_of(code).map(|(column, row, length)| {
                    (x + place(column), y + place(row), length as f32 * module, module)
                });
                rectangles(surface, runs);
            }
            Set::Bars { x, y, height, modules } => {
                let black = modules.iter().enumerate().filter(|(_, module)| **module == 1);
                let bars = black.map(|(index, _)| (x + index as f32 * BAR, *y, BAR, *height));
                rectangles(surface, bars);
            }
        }
    }

    fn draw_line(&self, surface: &mut Surface<'_>, (mut x, y): (f32, f32), size: f32, line: &Line) {
        for run in &line.runs {
            if let Some(typeface) = self.faces.at(run.typeface) {
                let (from, font) = (Point::from_xy(x, y), typeface.drawn.clone());
                surface.draw_glyphs(from, &run.glyphs, font, &run.text, size, false);
            }
            x += run.width() * size;
        }
    }
}

fn failed(error: &dyn std::fmt::Debug) -> NotSet {
    NotSet::Document(format!("{error:?}"))
}

/// Each part but the year is below 60.
fn date_of([year, month, day, hour, minute, second]: [u16; 6]) -> DateTime {
    DateTime::new(year)
        .month(month as u8)
        .day(day as u8)
        .hour(hour as u8)
        .minute(minute as u8)
        .second(second as u8)
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

/// Not compressed: whoever has no reader of PDF finds it in the file as it is.
fn embedded(attached: Attached, made: DateTime) -> EmbeddedFile {
    EmbeddedFile {
        path: attached.name.to_owned(),
        mime_type: MimeType::new(attached.media_type),
        description: Some(attached.description.to_owned()),
        association_kind: AssociationKind::Source,
        data: attached.bytes.into(),
        modification_date: Some(made),
        compress: Some(false),
        location: None,
    }
}

/// The dark runs of a code: column, row, length.
fn runs_of(code: &QrCode) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
    let width = code.width();
    (0..width).flat_map(move |row| {
        let is_dark = move |column: usize| code[(column, row)] == Color::Dark;
        let starts =
            move |column: &usize| is_dark(*column) && (*column == 0 || !is_dark(*column - 1));
        (0..width).filter(starts).map(move |column| {
            let length = (column..width).take_while(|column| is_dark(*column)).count();
            (column, row, length)
        })
    })
}

/// Fills rectangles given by their left, top, width and height, all at once: no seams between them.
fn rectangles(surface: &mut Surface<'_>, all: impl IntoIterator<Item = (f32, f32, f32, f32)>) {
    let mut path = PathBuilder::new();
    for (x, y, width, height) in all {
        if let Some(rect) = Rect::from_xywh(x, y, width, height) {
            path.push_rect(rect);
        }
    }
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}
