//! `chancery certificate`: an object on paper, in words and as a code that anyone can check.

mod setting;
mod words;

use std::path::PathBuf;

use chancery_client::{AsOf, Evidence, Hash, Path, Time, verify};
use chancery_ledger::record::{DisclosedField, Disclosure};
use clap::{Args, ValueEnum};
use qrcode::QrCode;
use serde_json::json;

use super::bundle::read_disclosure;
use super::evidence::trusted;
use super::qr;
use crate::failure::Failure;
use crate::print::Fonts;
use crate::report::Report;
use crate::session::Session;
use words::Words;

/// The largest code that goes onto the sheet; longer evidence is cut into several.
const VERSION_MAX: i16 = 26;

/// Print an object: a PDF (PDF/A-2b) that states it in words, with its proof as a code that is checked without a
/// network.
#[derive(Debug, Args)]
pub(crate) struct Certificate {
    /// The object, as in diplomas/credential/ID.
    object: Path,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// As of a height or a time; now when left out.
    #[arg(long, value_name = "HEIGHT|TIME")]
    as_of: Option<AsOf>,
    /// What is shown of a record to which the object commits, as `chancery diplomas disclose` writes it. It is
    /// printed in words; who checks the code compares it with the file.
    #[arg(long, value_name = "FILE")]
    disclosure: Option<PathBuf>,
    /// What it is printed as.
    #[arg(long, value_enum, default_value_t)]
    form: Form,
    #[command(flatten)]
    fonts: Fonts,
}

/// What an object is printed as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A sheet of A4 with all facts.
    #[default]
    Sheet,
    /// A label of A6: the number of a parcel large, in plain and as bars, with the proof.
    Label,
    /// A card of the size ID-1, with words on one side and the proof on the other.
    Card,
}

/// What goes onto the paper.
struct Proven {
    object: Path,
    ledger: Hash,
    height: u64,
    as_of: Time,
    words: Words,
    codes: Vec<(String, QrCode)>,
    shown: usize,
}

impl Certificate {
    /// Does it: nothing is printed that was not checked against the anchor.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        trusted(session)?;
        let typefaces = self.fonts.load()?;
        let as_of = self.as_of.unwrap_or_default();
        let proof = session.client()?.proof(&self.object, as_of).await?;
        let anchor = trusted(session)?;
        let evidence = Evidence::Status(proof);
        let verified = verify::verify(&evidence, &anchor)?;
        let value = verified.value.ok_or_else(|| {
            Failure::Claim(format!("there is no {} to be certified", self.object))
        })?;
        let shown = match &self.disclosure {
            None => Vec::new(),
            Some(path) => shown(&read_disclosure(path)?, &value)?,
        };
        let compact =
            evidence.to_compact(&anchor).map_err(|error| Failure::Claim(error.to_string()))?;
        let proven = Proven {
            object: self.object.clone(),
            ledger: anchor.ledger(),
            height: verified.shown.height,
            as_of: verified.shown.as_of,
            words: words::of(&self.object, &value, &shown),
            codes: qr::fitting(&compact, VERSION_MAX)?,
            shown: shown.len(),
        };
        let codes: Vec<&String> = proven.codes.iter().map(|(text, _)| text).collect();
        let json = json!({"file": self.out.display().to_string(), "codes": codes});
        let count = codes.len();
        let bytes = match self.form {
            Form::Sheet => setting::sheet(proven, &typefaces),
            Form::Label => setting::label(proven, &typefaces),
            Form::Card => setting::card(proven, &typefaces),
        }?;
        std::fs::write(&self.out, bytes).map_err(|error| Failure::file(&self.out, error))?;
        let file = self.out.display();
        let codes = if count == 1 { "its code".to_owned() } else { format!("{count} codes") };
        Ok(Report::new(format!("written to {file}, with {codes}"), json))
    }
}

/// The fields that are shown of a record, if the object commits to it.
fn shown(
    disclosure: &Disclosure,
    value: &serde_json::Value,
) -> Result<Vec<DisclosedField>, Failure> {
    let commitment = disclosure.commitment().map_err(|error| Failure::Claim(error.to_string()))?;
    // A party commits to its card, everything else to its record.
    match [&value["record"], &value["card"]].contains(&&json!(commitment)) {
        true => Ok(disclosure.fields.clone()),
        false => {
            Err(Failure::Claim("NOT ITS RECORD: what is shown does not belong to it".to_owned()))
        }
    }
}
