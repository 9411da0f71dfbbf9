//! Lines of text in any script: broken where they may be (UAX 14), each put in its order (UAX 9), letter by letter
//! in a typeface that has it, and shaped.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;

use krilla::text::{GlyphId, KrillaGlyph};
use rustybuzz::{BufferFlags, Direction, UnicodeBuffer};
use unicode_bidi::{BidiInfo, Level};
use unicode_linebreak::linebreaks;
use unicode_script::{Script, UnicodeScript};
use unicode_segmentation::UnicodeSegmentation;

use super::typefaces::{Face, NotSet, Typefaces, controls};

/// Which way a text runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base {
    /// From left to right, with words of other scripts in it.
    English,
    /// As its first letter does.
    Own,
}

/// A line, from left to right as it is seen.
pub(super) struct Line {
    pub(super) runs: Vec<Run>,
}

/// Glyphs of one typeface that follow each other.
pub(super) struct Run {
    pub(super) typeface: usize,
    pub(super) text: String,
    pub(super) glyphs: Vec<KrillaGlyph>,
}

impl Run {
    /// How wide it is, in parts of the size.
    pub(super) fn width(&self) -> f32 {
        self.glyphs.iter().map(|glyph| glyph.x_advance).sum()
    }
}

impl Line {
    /// How wide it is, in parts of the size.
    pub(super) fn width(&self) -> f32 {
        self.runs.iter().map(Run::width).sum()
    }
}

impl Typefaces {
    /// The lines of a text, each at most as wide as so many parts of the size. A word that is wider is broken
    /// anywhere.
    pub(super) fn broken(
        &self,
        (face, base): (Face, Base),
        width: f32,
        text: &str,
    ) -> Result<Vec<Line>, NotSet> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let paragraph = Paragraph::new(self, face, base, &text)?;
        let mut lines = Vec::new();
        let (mut start, mut end, mut used) = (0, 0, 0.0);
        for piece in pieces(&text) {
            let wide = paragraph.width(&piece)?;
            if used + wide > width && end > start {
                lines.push(paragraph.line(start..end)?);
                (start, used) = (piece.start, 0.0);
            }
            if wide <= width {
                // The space behind a word counts once another word follows.
                used += paragraph.advance(piece.clone())?;
            } else {
                for cluster in paragraph.clusters_of(&piece) {
                    let advance = paragraph.advance(cluster.clone())?;
                    if used + advance > width && cluster.start > start {
                        lines.push(paragraph.line(start..cluster.start)?);
                        (start, used) = (cluster.start, 0.0);
                    }
                    used += advance;
                }
            }
            end = piece.end;
        }
        if end > start {
            lines.push(paragraph.line(start..end)?);
        }
        Ok(lines)
    }
}

/// What stands between the places where a line may end. In what is written in ASCII, commands and addresses
/// among it, a line ends at spaces only.
fn pieces(text: &str) -> Vec<Range<usize>> {
    let (mut pieces, mut start) = (Vec::new(), 0);
    for (at, _) in linebreaks(text) {
        let (before, after) = text.split_at(at);
        let is_inside = match (before.chars().next_back(), after.chars().next()) {
            (Some(before), Some(after)) => before.is_ascii_graphic() && after.is_ascii(),
            _ => false,
        };
        if !is_inside && at > start {
            pieces.push(start..at);
            start = at;
        }
    }
    pieces
}

/// A text with the direction, the typeface and the script of each part.
struct Paragraph<'a> {
    text: &'a str,
    bidi: BidiInfo<'a>,
    clusters: Vec<Cluster>,
    shaping: BTreeMap<usize, rustybuzz::Face<'a>>,
}

/// What a reader takes for one letter.
struct Cluster {
    range: Range<usize>,
    typeface: usize,
    script: Script,
}

impl<'a> Paragraph<'a> {
    fn new(
        typefaces: &'a Typefaces,
        face: Face,
        base: Base,
        text: &'a str,
    ) -> Result<Self, NotSet> {
        if let Some(control) = controls(text) {
            return Err(control);
        }
        let mut clusters: Vec<Cluster> = Vec::new();
        let mut shaping = BTreeMap::new();
        for (start, cluster) in text.grapheme_indices(true) {
            let typeface = typefaces.having(face, cluster)?;
            let script = cluster.chars().next().map_or(Script::Common, |sign| sign.script());
            // Signs that all scripts have go with what stands before them.
            let script = match (script, clusters.last()) {
                (Script::Common | Script::Inherited, Some(last)) => last.script,
                _ => script,
            };
            if let Entry::Vacant(unused) = shaping.entry(typeface)
                && let Some(used) = typefaces.at(typeface)
            {
                unused.insert(used.shaping()?);
            }
            clusters.push(Cluster { range: start..start + cluster.len(), typeface, script });
        }
        let level = match base {
            Base::English => Some(Level::ltr()),
            Base::Own => None,
        };
        Ok(Self { text, bidi: BidiInfo::new(text, level), clusters, shaping })
    }

    fn clusters_of(&self, range: &Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
        let (start, end) = (range.start, range.end);
        let inside = move |range: &Range<usize>| range.start >= start && range.end <= end;
        self.clusters.iter().map(|cluster| cluster.range.clone()).filter(inside)
    }

    /// How wide a part is, with the spaces at its end.
    fn advance(&self, range: Range<usize>) -> Result<f32, NotSet> {
        Ok(self.shaped(range)?.width())
    }

    /// How wide a part is as the end of a line.
    fn width(&self, range: &Range<usize>) -> Result<f32, NotSet> {
        Ok(self.line(range.clone())?.width())
    }

    /// A line without the spaces at its end.
    fn line(&self, range: Range<usize>) -> Result<Line, NotSet> {
        let seen = self.text[range.clone()].trim_end().len();
        self.shaped(range.start..range.start + seen)
    }

    fn shaped(&self, range: Range<usize>) -> Result<Line, NotSet> {
        let mut runs = Vec::new();
        let Some(paragraph) = self.bidi.paragraphs.first().filter(|_| !range.is_empty()) else {
            return Ok(Line { runs });
        };
        let (levels, in_order) = self.bidi.visual_runs(paragraph, range);
        for run in in_order {
            let from_right = levels.get(run.start).is_some_and(Level::is_rtl);
            let mut parts = self.parts_of(&run);
            if from_right {
                parts.reverse();
            }
            for (typeface, part) in parts {
                runs.push(self.shape(typeface, part, from_right)?);
            }
        }
        Ok(Line { runs })
    }

    /// The parts of a text that are of one typeface and one script, in the order of the text.
    fn parts_of(&self, range: &Range<usize>) -> Vec<(usize, Range<usize>)> {
        let mut parts: Vec<(usize, Script, Range<usize>)> = Vec::new();
        let inside = |cluster: &&Cluster| {
            cluster.range.start >= range.start && cluster.range.end <= range.end
        };
        for Cluster { range, typeface, script } in self.clusters.iter().filter(inside) {
            match parts.last_mut() {
                Some((last, same, part)) if last == typeface && same == script => {
                    part.end = range.end;
                }
                _ => parts.push((*typeface, *script, range.clone())),
            }
        }
        parts.into_iter().map(|(typeface, _, part)| (typeface, part)).collect()
    }

    fn shape(&self, typeface: usize, range: Range<usize>, from_right: bool) -> Result<Run, NotSet> {
        let text = &self.text[range];
        let mut run = Run { typeface, text: text.to_owned(), glyphs: Vec::new() };
        let Some(face) = self.shaping.get(&typeface) else { return Ok(run) };
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        buffer.set_direction(match from_right {
            true => Direction::RightToLeft,
            false => Direction::LeftToRight,
        });
        buffer.set_flags(BufferFlags::REMOVE_DEFAULT_IGNORABLES);
        let shaped = rustybuzz::shape(face, &[], buffer);
        let of_em = |units: i32| units as f32 / face.units_per_em() as f32;
        let mut starts: Vec<usize> =
            shaped.glyph_infos().iter().map(|glyph| glyph.cluster as usize).collect();
        starts.sort_unstable();
        for (glyph, place) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()) {
            let start = glyph.cluster as usize;
            let end = starts.get(starts.partition_point(|it| *it <= start)).copied();
            if glyph.glyph_id == 0 {
                let sign = text[start..].chars().next().unwrap_or(char::REPLACEMENT_CHARACTER);
                return Err(NotSet::NoSign { sign, script: sign.script() });
            }
            run.glyphs.push(KrillaGlyph::new(
                GlyphId::new(glyph.glyph_id),
                of_em(place.x_advance),
                of_em(place.x_offset),
                of_em(place.y_offset),
                of_em(place.y_advance),
                start..end.unwrap_or(text.len()),
                None,
            ));
        }
        Ok(run)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn broken(width: f32, text: &str) -> Vec<Vec<String>> {
        let typefaces = Typefaces::built_in().unwrap();
        let lines = typefaces.broken((Face::Regular, Base::English), width, text).unwrap();
        assert!(lines.iter().all(|line| line.width() <= width), "{text}");
        let texts = |line: Line| line.runs.into_iter().map(|run| run.text).collect();
        lines.into_iter().map(texts).collect()
    }

    #[test]
    fn lines_end_at_spaces_and_where_a_word_is_too_long() {
        assert_eq!(broken(100.0, "verify FILE --anchor GENESIS").len(), 1);
        let lines = broken(7.0, "verify FILE --anchor GENESIS");
        assert_eq!(lines, [["verify FILE"], ["--anchor"], ["GENESIS"]]);
        let lines = broken(8.0, &"x".repeat(100));
        assert!(lines.len() > 5 && lines.concat().concat() == "x".repeat(100), "{lines:?}");
        assert!(broken(8.0, " \n ").is_empty());
        // Ideographs are broken anywhere but before what closes; there is no need of a space.
        let pieces = |text: &str| -> Vec<String> {
            pieces(text).into_iter().map(|piece| text[piece].to_owned()).collect()
        };
        assert_eq!(pieces("東京都「港」。"), ["東", "京", "都", "「港」。"]);
        assert_eq!(pieces("a-b 홍길동"), ["a-b ", "홍", "길", "동"]);
    }

    #[test]
    fn hebrew_stands_from_right_to_left_in_a_text_that_does_not() {
        let [line] = &broken(100.0, "Ana שלום עולם 12 lives")[..] else { unreachable!() };
        assert_eq!(line.concat().replace(' ', ""), "Ana12שלוםעולםlives", "{line:?}");
        let typefaces = Typefaces::built_in().unwrap();
        let face = (Face::Regular, Base::English);
        let lines = typefaces.broken(face, 100.0, "אב").unwrap();
        let glyphs = &lines[0].runs[0].glyphs;
        // What is seen first is what is read last.
        assert_eq!(glyphs[0].text_range, 2..4);
        assert_eq!(glyphs[1].text_range, 0..2);
    }

    #[test]
    fn what_cannot_be_written_is_refused_and_helped() {
        let typefaces = Typefaces::built_in().unwrap();
        let refusal = |text: &str| {
            let face = (Face::Regular, Base::Own);
            typefaces.broken(face, 100.0, text).map(|_| ()).unwrap_err().to_string()
        };
        let han = refusal("王小明 Wang");
        assert!(han.contains("'王' (Han)") && han.contains("fonts-noto-cjk"), "{han}");
        assert!(refusal("سلام").contains("fonts-noto-core"));
        for turned in ["a\u{202e}b", "a\u{2066}b", "a\u{7}b"] {
            assert!(refusal(turned).contains("is no sign"), "{turned:?}");
        }
        assert!(typefaces.broken((Face::Regular, Base::Own), 9.0, "a\u{200d}b\u{fe0f}").is_ok());
    }

    #[test]
    fn a_typeface_that_is_named_has_what_the_others_lack() {
        let math = typst_assets::fonts().find(|data| {
            let face = rustybuzz::ttf_parser::Face::parse(data, 0).unwrap();
            face.glyph_index('\u{1d538}').is_some()
        });
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), math.unwrap()).unwrap();
        let mut typefaces = Typefaces::built_in().unwrap();
        let face = (Face::Mono, Base::English);
        assert!(typefaces.broken(face, 100.0, "a\u{1d538}b").is_err());
        typefaces.fall_back_to(file.path()).unwrap();
        let lines = typefaces.broken(face, 100.0, "a\u{1d538}b").unwrap();
        let used: Vec<usize> = lines[0].runs.iter().map(|run| run.typeface).collect();
        assert_eq!(used, [3, 4, 3]);
        let second = format!("{}#1", file.path().display());
        assert!(typefaces.fall_back_to(std::path::Path::new(&second)).is_err());
        assert!(typefaces.fall_back_to(std::path::Path::new("/dev/null")).is_err());
    }
}
