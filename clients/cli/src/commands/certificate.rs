//! `chancery certificate`: an object on paper, in words and as a code that anyone can check.

mod sheet;
mod words;

use std::path::PathBuf;

use chancery_client::{Anchor, AsOf, Evidence, Path, Time, verify};
use chancery_ledger::record::{DisclosedField, Disclosure};
use clap::Args;
use qrcode::QrCode;
use serde_json::json;

use super::bundle::read_disclosure;
use super::evidence::trusted;
use super::qr;
use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;
use sheet::{Face, MEASURE, NotSet, Sheets};
use words::Words;

/// The largest code that goes onto the sheet; longer evidence is cut into several.
const VERSION_MAX: i16 = 26;

/// Print an object: a PDF (A4, PDF/A-2b) that states it in words, with its proof as a code that is checked
/// without a network.
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
}

/// What goes onto the sheet.
struct Proven {
    object: Path,
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
            height: verified.shown.height,
            as_of: verified.shown.as_of,
            words: words::of(&self.object, &value, &shown),
            codes: qr::fitting(&compact, VERSION_MAX)?,
            shown: shown.len(),
        };
        let codes: Vec<&String> = proven.codes.iter().map(|(text, _)| text).collect();
        let json = json!({"file": self.out.display().to_string(), "codes": codes});
        let count = codes.len();
        let bytes = set(proven, &anchor).map_err(|error| Failure::Claim(error.to_string()))?;
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
    match value["record"] == json!(commitment) {
        true => Ok(disclosure.fields.clone()),
        false => {
            Err(Failure::Claim("NOT ITS RECORD: what is shown does not belong to it".to_owned()))
        }
    }
}

/// Sets the sheets.
fn set(proven: Proven, anchor: &Anchor) -> Result<Vec<u8>, NotSet> {
    let Proven { object, height, as_of, words, codes, shown } = proven;
    let whole = (0.0, MEASURE);
    let mut sheets = Sheets::new()?;
    let register = object.parts().0.to_owned();
    sheets.text(Face::Italic, 12.0, whole, &format!("From the register of {register}"))?;
    sheets.space(6.0);
    sheets.text(Face::Bold, 30.0, whole, &words.heading)?;
    sheets.space(8.0);
    sheets.rule();
    sheets.space(10.0);
    sheets.text(Face::Regular, 14.0, whole, &words.sentence)?;
    sheets.space(16.0);
    for (name, value) in &words.facts {
        sheets.fact(name, value)?;
    }
    if words.left_out > 0 {
        let text = format!("{} further facts are in the code.", words.left_out);
        sheets.text(Face::Italic, 10.5, whole, &text)?;
    }
    sheets.space(16.0);
    sheets.keep_together(260.0);
    sheets.rule();
    sheets.space(8.0);
    sheets.text(Face::Bold, 12.0, whole, "How to check this sheet")?;
    let count = codes.len();
    let what = if count == 1 { "the code".to_owned() } else { format!("all {count} codes") };
    let mut how = format!(
        "Scan {what} below and give the text to a verifier that holds the genesis of this ledger, as in: chancery \
         verify FILE --anchor GENESIS. It needs no network. It must name {object}, and state what stands above. "
    );
    if shown > 0 {
        how += &format!(
            "The first {shown} facts above come from the holder's record: the code commits to it without showing it, and \
             the holder's file proves them. "
        );
    }
    how += &format!(
        "This sheet says what stood in block {height} of {as_of}. Whether it still does, the register says."
    );
    sheets.text(Face::Regular, 10.5, whole, &how)?;
    sheets.space(4.0);
    sheets.text(Face::Mono, 7.5, whole, &format!("ledger {}", anchor.ledger()))?;
    sheets.space(8.0);
    sheets.codes(codes.into_iter().map(|(_, code)| code).collect());
    let title = format!("{} {}", words.heading, object);
    sheets.finish(&title, parts_of(as_of), &format!("{object} · as of block {height}, {as_of}"))
}

/// Year, month, day, hour, minute and second of a time, in UTC.
fn parts_of(time: Time) -> [u16; 6] {
    let text = time.to_string();
    let part = |range: std::ops::Range<usize>| {
        text.get(range).and_then(|digits| digits.parse().ok()).unwrap_or_default()
    };
    [part(0..4), part(5..7), part(8..10), part(11..13), part(14..16), part(17..19)]
}
