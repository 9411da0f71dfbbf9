//! The report of an audit on sheets of A4, which carry the signed report that they are set from.

use chancery_client::Hash;
use serde_json::Value;

use super::findings::{Findings, per_s};
use super::signed::SignedFindings;
use crate::failure::Failure;
use crate::print::{Attached, Document, Face, NotSet, Paper, Sheets, Typefaces, parts_of};

/// Sets the sheets. They follow from the signed report and the typefaces alone, so that whoever has it can set
/// them again and compare.
pub(super) fn set(signed: &SignedFindings, typefaces: &Typefaces) -> Result<Vec<u8>, Failure> {
    let (signer, findings) = signed.check().map_err(Failure::Claim)?;
    let bytes = signed.to_compact_json();
    let mut sheets = Sheets::new(Paper::A4, typefaces);
    sheets.text(Face::Italic, 12.0, "From an auditor of a register")?;
    sheets.space(6.0);
    sheets.text(Face::Bold, 30.0, "Audit of a ledger")?;
    sheets.space(8.0);
    sheets.rule();
    sheets.space(10.0);
    sheets.text(Face::Regular, 14.0, &verdict(&findings))?;
    sheets.space(12.0);
    for (name, value) in facts(&findings) {
        sheets.fact(10.5, name, &value)?;
    }
    sheets.fact(10.5, "Signed by", &signer.to_string())?;
    if let (Some(finding), Some(place)) = (&findings.finding, &findings.place) {
        heading(&mut sheets, "The first thing that does not fit")?;
        sheets.fact(10.5, "Where", &place.to_string())?;
        sheets.fact(10.5, "What", finding)?;
    }
    let up_to = match findings.place {
        Some(_) => "What was checked up to there",
        None => "What was checked",
    };
    list(&mut sheets, up_to, &findings.checked)?;
    list(&mut sheets, "What was not checked", &findings.not_checked)?;
    list(&mut sheets, "What is odd and no fault", &notes(&findings))?;
    sheets.keep_together(130.0);
    heading(&mut sheets, "How to check these sheets")?;
    let how = "This file carries the report that is set here, audit.json: a JWS in its flattened form (RFC 7515), signed \
               by the key above. chancery verify FILE, with this file, checks its signature and that these sheets are \
               those that follow from it; of audit.json alone any JOSE library checks the signature. What it says is the \
               auditor's word: chancery audit shows it to you.";
    sheets.text(Face::Regular, 10.5, how)?;
    sheets.space(4.0);
    let digest = format!("SHA-256 of audit.json {}", Hash::of(&[&bytes[..]]));
    sheets.text(Face::Mono, 7.5, &digest)?;
    let attached = Attached {
        name: "audit.json",
        media_type: "application/jose+json",
        description: "The signed report that these sheets are set from",
        bytes,
    };
    let Findings { target, ended, .. } = &findings;
    Ok(sheets.finish(Document {
        title: &format!("Audit of {target}"),
        made: parts_of(*ended),
        foot: &format!("Audit of {target} · {ended}"),
        attached: Some(attached),
    })?)
}

/// Whether a target can be named on a sheet.
pub(super) fn has_signs_for(target: &str, typefaces: &Typefaces) -> Result<(), NotSet> {
    Sheets::new(Paper::A4, typefaces).fact(10.5, "Audited", target)
}

fn verdict(findings: &Findings) -> String {
    match (&findings.finding, findings.clean) {
        (Some(_), _) => {
            "This ledger does not hold. The first thing that does not fit stands below."
        }
        (None, true) => "Everything was checked from the genesis on, and everything holds.",
        (None, false) => "Nothing was found amiss, and not everything could be checked.",
    }
    .to_owned()
}

/// What was gone through, by whom, when and how fast.
fn facts(findings: &Findings) -> Vec<(&'static str, String)> {
    let Findings { target, began, ended, took_ms, threads, software, .. } = findings;
    let genesis = if findings.own_anchor { "the auditor's own" } else { "as the target has it" };
    let mut facts = vec![("Audited", target.clone()), ("Genesis", genesis.to_owned())];
    let figures = findings.figures.as_ref().unwrap_or(&Value::Null);
    let number = |name: &str| figures[name].as_u64().unwrap_or_default();
    if let Some(last) = number("blocks").checked_sub(1) {
        let text = |name: &str| figures[name].as_str().unwrap_or_default().to_owned();
        facts.extend([
            ("Ledger", text("ledger")),
            ("Blocks", format!("{}, heights 0 to {last}", last + 1)),
            ("Transitions", number("transitions").to_string()),
            ("Signatures", number("signatures").to_string()),
            ("Last block", text("tip")),
            ("Log root", text("log_root")),
            ("State root", text("state_root")),
        ]);
    }
    let bytes = number("compared_bytes");
    if bytes > 0 {
        facts.push(("Bytes compared", bytes.to_string()));
    }
    let rate = format!(
        "{} transitions and {} signatures a second, in {}.{:03} s with {threads} threads",
        findings.transitions_per_s,
        per_s(number("signatures"), *took_ms),
        took_ms / 1000,
        took_ms % 1000
    );
    facts.extend([
        ("Rate", rate),
        ("Began", began.to_string()),
        ("Ended", ended.to_string()),
        ("Software", software.clone()),
    ]);
    facts
}

fn notes(findings: &Findings) -> Vec<String> {
    let notes = findings.figures.as_ref().and_then(|figures| figures["notes"].as_array());
    notes.into_iter().flatten().filter_map(|note| note.as_str().map(str::to_owned)).collect()
}

fn heading(sheets: &mut Sheets<'_>, text: &str) -> Result<(), NotSet> {
    sheets.space(10.0);
    sheets.keep_together(60.0);
    sheets.rule();
    sheets.space(6.0);
    sheets.text(Face::Bold, 12.0, text)
}

/// What there is of something; nothing if there is none.
fn list(sheets: &mut Sheets<'_>, name: &str, items: &[String]) -> Result<(), NotSet> {
    if items.is_empty() {
        return Ok(());
    }
    heading(sheets, name)?;
    items.iter().try_for_each(|item| sheets.text(Face::Regular, 10.5, &format!("· {item}")))
}
