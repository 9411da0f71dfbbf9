//! Sheets of A4, set in type: paragraphs, a table of facts, and codes at the size at which they are read.

use krilla::Document;
use krilla::SerializeSettings;
use krilla::color::luma;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::text::{Font, TextDirection};
use qrcode::{Color, QrCode};
use skrifa::instance::{LocationRef, Size};
use skrifa::string::StringId;
use skrifa::{FontRef, MetadataProvider};

/// The side lengths of A4 in points.
const WIDTH: f32 = 595.28;
const HEIGHT: f32 = 841.89;
/// What stays free on each side.
const MARGIN: f32 = 64.0;
/// The width of what is set.
pub(super) const MEASURE: f32 = WIDTH - 2.0 * MARGIN;
/// The distance between the lines of a text, in parts of its size.
const LEADING: f32 = 1.32;
/// Points of a millimetre.
const MM: f32 = 72.0 / 25.4;
/// The side of a module of a code: any phone reads it from paper.
const MODULE: f32 = 0.42 * MM;
/// The quiet zone that ISO/IEC 18004 asks for, in modules.
const QUIET_MODULES: usize = 4;

/// A typeface of the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    Regular,
    Italic,
    Bold,
    Mono,
}

/// Why a sheet cannot be set.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotSet {
    /// The typefaces have no sign for a character.
    #[error("the typefaces have no sign for {0:?}")]
    NoSign(char),
    /// A typeface is missing from the program.
    #[error("the typeface {0} is missing")]
    NoFace(&'static str),
    /// The document does not come about.
    #[error("the document does not come about: {0}")]
    Document(String),
}

/// A typeface, to measure with and to draw with.
struct Typeface {
    measured: FontRef<'static>,
    drawn: Font,
}

impl Typeface {
    fn named(name: &'static str) -> Result<Self, NotSet> {
        let is_named = |data: &&'static [u8]| {
            let font = FontRef::new(data).ok();
            let full = font.and_then(|font| {
                let names = font.localized_strings(StringId::FULL_NAME);
                Some(names.english_or_first()?.to_string())
            });
            full.as_deref() == Some(name)
        };
        let data = typst_assets::fonts().find(is_named).ok_or(NotSet::NoFace(name))?;
        let measured = FontRef::new(data).map_err(|_| NotSet::NoFace(name))?;
        let drawn = Font::new(data.into(), 0).ok_or(NotSet::NoFace(name))?;
        Ok(Self { measured, drawn })
    }

    /// How wide a text is at a size. Pairs that are set closer are not looked at: a line may come out a
    /// little shorter.
    fn width(&self, text: &str, size: f32) -> Result<f32, NotSet> {
        let metrics = self.measured.glyph_metrics(Size::new(size), LocationRef::default());
        let signs = self.measured.charmap();
        let advance = |sign: char| {
            let glyph = signs.map(sign).ok_or(NotSet::NoSign(sign))?;
            Ok(metrics.advance_width(glyph).unwrap_or_default())
        };
        text.chars().map(advance).sum()
    }
}

struct Typefaces {
    regular: Typeface,
    italic: Typeface,
    bold: Typeface,
    mono: Typeface,
}

impl Typefaces {
    fn of(&self, face: Face) -> &Typeface {
        match face {
            Face::Regular => &self.regular,
            Face::Italic => &self.italic,
            Face::Bold => &self.bold,
            Face::Mono => &self.mono,
        }
    }
}

/// Something at its place on a sheet.
enum Set {
    Line { x: f32, y: f32, face: Face, size: f32, text: String },
    Rule { x: f32, y: f32, width: f32 },
    Code { x: f32, y: f32, code: QrCode },
}

/// What is set so far, sheet after sheet.
pub(super) struct Sheets {
    faces: Typefaces,
    done: Vec<Vec<Set>>,
    sheet: Vec<Set>,
    /// How far down the sheet is taken.
    y: f32,
}

impl Sheets {
    /// Nothing yet.
    pub(super) fn new() -> Result<Self, NotSet> {
        let faces = Typefaces {
            regular: Typeface::named("Libertinus Serif Regular")?,
            italic: Typeface::named("Libertinus Serif Italic")?,
            bold: Typeface::named("Libertinus Serif Bold")?,
            mono: Typeface::named("DejaVu Sans Mono")?,
        };
        Ok(Self { faces, done: Vec::new(), sheet: Vec::new(), y: MARGIN })
    }

    /// Leaves some room.
    pub(super) fn space(&mut self, height: f32) {
        self.y += height;
    }

    /// What is left of the sheet.
    fn room(&self) -> f32 {
        // The foot has two lines.
        HEIGHT - MARGIN - 2.0 * 9.0 * LEADING - self.y
    }

    /// Goes on to the next sheet unless there is room for so much.
    pub(super) fn keep_together(&mut self, height: f32) {
        if self.room() < height && !self.sheet.is_empty() {
            self.done.push(std::mem::take(&mut self.sheet));
            self.y = MARGIN;
        }
    }

    /// A thin line across.
    pub(super) fn rule(&mut self) {
        self.sheet.push(Set::Rule { x: MARGIN, y: self.y, width: MEASURE });
        self.y += 1.0;
    }

    /// A text, broken into lines of at most this width from `x` on, where 0 is the margin.
    pub(super) fn text(
        &mut self,
        face: Face,
        size: f32,
        (x, width): (f32, f32),
        text: &str,
    ) -> Result<(), NotSet> {
        for line in self.broken(face, size, width, text)? {
            self.keep_together(size * LEADING);
            self.line(face, size, x, line);
        }
        Ok(())
    }

    fn line(&mut self, face: Face, size: f32, x: f32, text: String) {
        self.y += size * LEADING;
        // A line stands on its base.
        let y = self.y - size * (LEADING - 1.0);
        self.sheet.push(Set::Line { x: MARGIN + x, y, face, size, text });
    }

    /// The lines of a text. A word that is too long is broken anywhere.
    fn broken(&self, face: Face, size: f32, width: f32, text: &str) -> Result<Vec<String>, NotSet> {
        let face = self.faces.of(face);
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in text.split_whitespace() {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if face.width(&longer, size)? <= width {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for sign in word.chars() {
                line.push(sign);
                if face.width(&line, size)? > width {
                    line.pop();
                    lines.push(std::mem::replace(&mut line, sign.to_string()));
                }
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        Ok(lines)
    }

    /// What something is called and what it is, side by side.
    pub(super) fn fact(&mut self, name: &str, value: &str) -> Result<(), NotSet> {
        const NAME: f32 = 118.0;
        let names = self.broken(Face::Italic, 10.5, NAME - 8.0, name)?;
        let values = self.broken(Face::Regular, 10.5, MEASURE - NAME, value)?;
        let rows = names.len().max(values.len());
        self.keep_together(rows.min(6) as f32 * 10.5 * LEADING);
        for row in 0..rows {
            self.keep_together(10.5 * LEADING);
            let top = self.y;
            if let Some(name) = names.get(row) {
                self.line(Face::Italic, 10.5, 0.0, name.clone());
                self.y = top;
            }
            self.line(Face::Regular, 10.5, NAME, values.get(row).cloned().unwrap_or_default());
        }
        self.y += 2.0;
        Ok(())
    }

    /// How large a code is printed, with its quiet zone.
    fn side(code: &QrCode) -> f32 {
        (code.width() + 2 * QUIET_MODULES) as f32 * MODULE
    }

    /// Codes from left to right, as many in a row as fit.
    pub(super) fn codes(&mut self, codes: Vec<QrCode>) {
        let (mut x, mut tallest) = (0.0, 0.0_f32);
        for code in codes {
            let side = Self::side(&code);
            if x > 0.0 && x + side > MEASURE {
                self.y += tallest;
                (x, tallest) = (0.0, 0.0);
            }
            self.keep_together(side);
            self.sheet.push(Set::Code { x: MARGIN + x, y: self.y, code });
            x += side;
            tallest = tallest.max(side);
        }
        self.y += tallest;
    }

    /// The document: PDF/A-2b, the same bytes for the same content.
    pub(super) fn finish(
        mut self,
        title: &str,
        made: [u16; 6],
        foot: &str,
    ) -> Result<Vec<u8>, NotSet> {
        self.done.push(std::mem::take(&mut self.sheet));
        let failed = |error: &dyn std::fmt::Debug| NotSet::Document(format!("{error:?}"));
        let archival = ConfigurationBuilder::new().with_archival_validator(Archival::A2_B);
        let configuration = archival.finish().map_err(|error| failed(&error))?;
        let mut document =
            Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
        let [year, month, day, hour, minute, second] = made;
        // Each is below 60.
        let made = DateTime::new(year)
            .month(month as u8)
            .day(day as u8)
            .hour(hour as u8)
            .minute(minute as u8)
            .second(second as u8)
            .utc_offset_hour(0)
            .utc_offset_minute(0);
        document.set_metadata(
            Metadata::new()
                .title(title.to_owned())
                .creator("Chancery".to_owned())
                .language("en".to_owned())
                .creation_date(made),
        );
        let count = self.done.len();
        for (index, sheet) in self.done.iter().enumerate() {
            let size = PageSettings::from_wh(WIDTH, HEIGHT);
            let size = size.ok_or_else(|| failed(&"the size of the sheet"))?;
            let mut page = document.start_page_with(size);
            let mut surface = page.surface();
            for set in sheet {
                self.draw(&mut surface, set);
            }
            self.foot(&mut surface, &format!("{foot} · sheet {} of {count}", index + 1))?;
            surface.finish();
            page.finish();
        }
        document.finish().map_err(|error| failed(&error))
    }

    fn foot(&self, surface: &mut Surface<'_>, text: &str) -> Result<(), NotSet> {
        let lines = self.broken(Face::Regular, 9.0, MEASURE, text)?;
        let first = HEIGHT - MARGIN - (lines.len() - 1) as f32 * 9.0 * LEADING;
        for (index, text) in lines.into_iter().enumerate() {
            let y = first + index as f32 * 9.0 * LEADING;
            self.draw(surface, &Set::Line { x: MARGIN, y, face: Face::Regular, size: 9.0, text });
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
            Set::Line { x, y, face, size, text } => surface.draw_text(
                Point::from_xy(*x, *y),
                self.faces.of(*face).drawn.clone(),
                *size,
                text,
                false,
                TextDirection::Auto,
            ),
            Set::Rule { x, y, width } => rectangles(surface, [(*x, *y, *width, 0.6)]),
            Set::Code { x, y, code } => {
                let place = |modules: usize| (modules + QUIET_MODULES) as f32 * MODULE;
                let runs = runs_of(code).map(|(column, row, length)| {
                    (x + place(column), y + place(row), length as f32 * MODULE, MODULE)
                });
                rectangles(surface, runs);
            }
        }
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
