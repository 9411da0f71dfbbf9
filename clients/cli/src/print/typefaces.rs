//! The typefaces of the program, those that are named beside them, and which of them has a letter.

use std::path::Path;
use std::sync::Arc;

use krilla::text::Font;
use rustybuzz::ttf_parser::{self, Tag, name_id};
use unicode_script::{Script, UnicodeScript};

use crate::failure::Failure;

/// A typeface of the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face {
    Regular,
    Italic,
    Bold,
    Mono,
}

/// Why a sheet cannot be set.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotSet {
    /// The typefaces have no sign for a character.
    #[error(
        "the typefaces have no sign for {sign:?} ({script}): name one that has by --font FILE, as Debian's \
         package {} brings", package_for(*.script)
    )]
    NoSign {
        /// Which.
        sign: char,
        /// What it is written in.
        script: Script,
    },
    /// A typeface has letters of a script and not the rules by which they join.
    #[error(
        "the typeface that has {sign:?} does not say how letters of {script} join: name one that does by --font \
         FILE, as Debian's package {} brings", package_for(*.script)
    )]
    NotJoined {
        /// A letter of it.
        sign: char,
        /// The script.
        script: Script,
    },
    /// A character that is no letter and that turns the direction of what is around it.
    #[error("U+{0:04X} is no sign, and what is around it could be read as something else")]
    Control(u32),
    /// A typeface is missing from the program.
    #[error("the typeface {0} is missing")]
    NoFace(&'static str),
    /// The document does not come about.
    #[error("the document does not come about: {0}")]
    Document(String),
}

/// The package of Debian's that has most of a script.
fn package_for(script: Script) -> &'static str {
    match script {
        Script::Han | Script::Hiragana | Script::Katakana | Script::Hangul | Script::Bopomofo => {
            "fonts-noto-cjk"
        }
        _ => "fonts-noto-core",
    }
}

/// A typeface, to shape with and to draw with.
pub(super) struct Typeface {
    data: Arc<dyn AsRef<[u8]> + Send + Sync>,
    index: u32,
    pub(super) drawn: Font,
}

impl Typeface {
    fn new(data: Arc<dyn AsRef<[u8]> + Send + Sync>, index: u32) -> Option<Self> {
        rustybuzz::Face::from_slice((*data).as_ref(), index)?;
        let drawn = Font::new(data.clone().into(), index)?;
        Some(Self { data, index, drawn })
    }

    fn named(name: &'static str) -> Result<Self, NotSet> {
        let is_named = |data: &&'static [u8]| {
            ttf_parser::Face::parse(data, 0).is_ok_and(|face| {
                let mut names = face.names().into_iter();
                names.any(|it| {
                    it.name_id == name_id::FULL_NAME && it.to_string().as_deref() == Some(name)
                })
            })
        };
        let data = typst_assets::fonts().find(is_named).ok_or(NotSet::NoFace(name))?;
        Self::new(Arc::new(data), 0).ok_or(NotSet::NoFace(name))
    }

    /// What shapes with it.
    pub(super) fn shaping(&self) -> Result<rustybuzz::Face<'_>, NotSet> {
        rustybuzz::Face::from_slice((*self.data).as_ref(), self.index).ok_or_else(unreadable)
    }

    /// Its tables.
    fn tables(&self) -> Result<ttf_parser::Face<'_>, NotSet> {
        ttf_parser::Face::parse((*self.data).as_ref(), self.index).map_err(|_| unreadable())
    }
}

/// It was read once when it was taken up, so this does not come about.
fn unreadable() -> NotSet {
    NotSet::Document("a typeface is not what it was".to_owned())
}

/// The typefaces of the program, and those to fall back to in their order.
pub(crate) struct Typefaces {
    all: Vec<Typeface>,
}

/// How many are built in; `Face` numbers them.
const BUILT_IN: [&str; 4] = [
    "Libertinus Serif Regular",
    "Libertinus Serif Italic",
    "Libertinus Serif Bold",
    "DejaVu Sans Mono",
];

impl Typefaces {
    /// Those of the program alone.
    pub(crate) fn built_in() -> Result<Self, NotSet> {
        let all = BUILT_IN.into_iter().map(Typeface::named).collect::<Result<_, _>>()?;
        Ok(Self { all })
    }

    /// One more to fall back to: a file, or a place in a collection, as in `NAME.ttc#2`.
    pub(crate) fn fall_back_to(&mut self, file: &Path) -> Result<(), Failure> {
        let text = file.to_string_lossy();
        let (path, index) = match text.rsplit_once('#') {
            Some((path, index)) if index.bytes().all(|it| it.is_ascii_digit()) => {
                (Path::new(path), index.parse().unwrap_or(u32::MAX))
            }
            _ => (file, 0),
        };
        let bytes = std::fs::read(path).map_err(|error| Failure::file(path, error))?;
        let typeface = Typeface::new(Arc::new(bytes), index).ok_or_else(|| {
            let what =
                "no typeface: it takes TrueType and OpenType files, and of a collection FILE#INDEX";
            Failure::usage(format!("{}: {what}", file.display()))
        })?;
        self.all.push(typeface);
        Ok(())
    }

    pub(super) fn at(&self, index: usize) -> Option<&Typeface> {
        self.all.get(index)
    }

    /// Which typeface has all signs of a cluster: the one that is asked for, or the first to fall back to.
    pub(super) fn having(&self, face: Face, cluster: &str) -> Result<usize, NotSet> {
        let mut lacking = None;
        for index in std::iter::once(face as usize).chain(BUILT_IN.len()..self.all.len()) {
            let tables = self.all[index].tables()?;
            let missing = cluster
                .chars()
                .find(|sign| !is_invisible(*sign) && tables.glyph_index(*sign).is_none());
            match missing {
                None => {
                    joins(&tables, cluster)?;
                    return Ok(index);
                }
                Some(sign) => lacking = lacking.or(Some(sign)),
            }
        }
        let sign = lacking.unwrap_or(char::REPLACEMENT_CHARACTER);
        Err(NotSet::NoSign { sign, script: sign.script() })
    }
}

/// Scripts whose letters change by what stands beside them, with the names under which a typeface has its rules.
const JOINED: [(Script, &[&[u8; 4]]); 17] = [
    (Script::Arabic, &[b"arab"]),
    (Script::Syriac, &[b"syrc"]),
    (Script::Nko, &[b"nko "]),
    (Script::Mongolian, &[b"mong"]),
    (Script::Devanagari, &[b"dev2", b"deva"]),
    (Script::Bengali, &[b"bng2", b"beng"]),
    (Script::Gurmukhi, &[b"gur2", b"guru"]),
    (Script::Gujarati, &[b"gjr2", b"gujr"]),
    (Script::Oriya, &[b"ory2", b"orya"]),
    (Script::Tamil, &[b"tml2", b"taml"]),
    (Script::Telugu, &[b"tel2", b"telu"]),
    (Script::Kannada, &[b"knd2", b"knda"]),
    (Script::Malayalam, &[b"mlm2", b"mlym"]),
    (Script::Sinhala, &[b"sinh"]),
    (Script::Myanmar, &[b"mym2", b"mymr"]),
    (Script::Khmer, &[b"khmr"]),
    (Script::Tibetan, &[b"tibt"]),
];

/// Whether a typeface has the rules for the script of a cluster: letters that stand apart where they should
/// join are not what was written.
fn joins(face: &ttf_parser::Face<'_>, cluster: &str) -> Result<(), NotSet> {
    let Some(sign) = cluster.chars().next() else { return Ok(()) };
    let script = sign.script();
    let Some((_, tags)) = JOINED.iter().find(|(joined, _)| *joined == script) else {
        return Ok(());
    };
    let rules = face.tables().gsub;
    let has = |tag: &&[u8; 4]| {
        rules.as_ref().is_some_and(|rules| rules.scripts.index(Tag::from_bytes(tag)).is_some())
    };
    match tags.iter().any(has) {
        true => Ok(()),
        false => Err(NotSet::NotJoined { sign, script }),
    }
}

/// Signs that say how their neighbours are written, and need no glyph of their own.
pub(super) fn is_invisible(sign: char) -> bool {
    matches!(
        sign,
        '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2060}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}'
    )
}

/// Signs that must not be on a sheet: control characters, and those that turn what is around them (UAX 9).
pub(super) fn controls(text: &str) -> Option<NotSet> {
    let is_one = |sign: &char| {
        sign.is_control() || matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().find(is_one).map(|sign| NotSet::Control(sign.into()))
}
