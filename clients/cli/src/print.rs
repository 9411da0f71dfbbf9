//! What is set for paper: typefaces, lines in any script, and sheets of any size as PDF/A.

mod lines;
mod sheets;
mod typefaces;

use std::path::PathBuf;

use chancery_client::Time;
use clap::Args;

pub(crate) use sheets::{Attached, Document, Paper, Sheets};
pub(crate) use typefaces::{Face, NotSet, Typefaces};

use crate::failure::Failure;

/// Typefaces for letters that the program's own do not have.
#[derive(Debug, Args)]
pub(crate) struct Fonts {
    /// A typeface for letters that the built-in ones lack, which have Latin, Greek, Cyrillic and Hebrew: a
    /// TrueType or OpenType file, of a collection with its place in it, as in NAME.ttc#2. Several are tried in
    /// turn for each letter. In CHANCERY_FONTS they are separated by colons.
    #[arg(long = "font", value_name = "FILE", env = "CHANCERY_FONTS", value_delimiter = ':')]
    files: Vec<PathBuf>,
}

impl Fonts {
    /// Reads them.
    pub(crate) fn load(&self) -> Result<Typefaces, Failure> {
        let mut typefaces = Typefaces::built_in()?;
        for file in &self.files {
            typefaces.fall_back_to(file)?;
        }
        Ok(typefaces)
    }
}

impl From<NotSet> for Failure {
    fn from(error: NotSet) -> Self {
        Self::Claim(error.to_string())
    }
}

/// Year, month, day, hour, minute and second of a time, in UTC.
pub(crate) fn parts_of(time: Time) -> [u16; 6] {
    let text = time.to_string();
    let part = |range: std::ops::Range<usize>| {
        text.get(range).and_then(|digits| digits.parse().ok()).unwrap_or_default()
    };
    [part(0..4), part(5..7), part(8..10), part(11..13), part(14..16), part(17..19)]
}
