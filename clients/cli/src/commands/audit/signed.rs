//! The report of an audit, signed by who made it: a JWS in its flattened form (RFC 7515), which any JOSE
//! library verifies.

use chancery_client::{KeyId, Signer};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::findings::{Findings, software};
use super::sheet;
use crate::failure::Failure;
use crate::print::Typefaces;
use crate::report::{Report, pretty};

/// What tells this signature from all others that a key may make.
const TYPE: &str = "chancery-audit-report+jws";
/// What a PDF begins with.
const PDF: &[u8] = b"%PDF-";
/// What a signed report begins with where it stands in a PDF, not compressed.
const CARRIED: &[u8] = br#"{"payload":""#;

/// The findings as they are signed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignedFindings {
    payload: String,
    protected: String,
    signature: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Protected {
    alg: String,
    kid: String,
    typ: String,
}

/// What is written here are plain trees: writing them down does not fail.
fn encode(part: &impl Serialize) -> String {
    BASE64URL_NOPAD.encode(&serde_json::to_vec(part).unwrap_or_default())
}

/// A report as somebody was given it.
pub(crate) struct SignedReport {
    signed: SignedFindings,
    /// The sheets that carry it, if it came on sheets.
    sheets: Option<Vec<u8>>,
}

impl SignedReport {
    /// Reads a signed report, by itself or on its sheets; `None` when the bytes are something else.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        if !bytes.starts_with(PDF) {
            let signed = serde_json::from_slice(bytes).ok()?;
            return Some(Self { signed, sheets: None });
        }
        let starts = |it: &[u8]| it == CARRIED;
        let at = bytes.windows(CARRIED.len()).position(starts)?;
        let signed = serde_json::Deserializer::from_slice(&bytes[at..]).into_iter().next()?.ok()?;
        Some(Self { signed, sheets: Some(bytes.to_owned()) })
    }

    /// Checks the signature, and that the sheets follow from what is signed; says who says what.
    pub(crate) fn verified(&self) -> Result<Report, Failure> {
        let not_verified =
            |what: String| Failure::Claim(format!("NOT VERIFIED: the report of an audit: {what}"));
        let (signer, findings) = self.signed.check().map_err(not_verified)?;
        let sheets = match &self.sheets {
            None => None,
            Some(sheets) => Some(self.compared(sheets, &findings).map_err(not_verified)?),
        };
        let found = match (&findings.finding, findings.clean) {
            (Some(finding), _) => format!("that it does not hold: {finding}"),
            (None, true) => "that everything holds".to_owned(),
            (None, false) => "nothing amiss, and could not check everything".to_owned(),
        };
        let Findings { target, began, ended, .. } = &findings;
        let mut json = serde_json::to_value(&findings).unwrap_or_default();
        let mut text = format!("VERIFIED: {signer} has signed this report\n");
        if let Some(sheets) = &sheets {
            text += &format!("its sheets: {sheets}\n");
            json["sheets"] = sheets.as_str().into();
        }
        text += &format!(
            "it audited {target} from {began} to {ended} and found {found}\n\
             that is its word; `chancery audit` shows it to you\n{}",
            pretty(&json)
        );
        json["signer"] = signer.to_string().into();
        json["verified"] = true.into();
        Ok(Report::new(text, json))
    }

    /// Sets the sheets again and compares them, byte for byte, where this software can.
    fn compared(&self, sheets: &[u8], findings: &Findings) -> Result<String, String> {
        if findings.software != software() {
            let (theirs, ours) = (&findings.software, software());
            return Ok(format!(
                "not compared, as {theirs} has set them and this is {ours}: rely on what stands here"
            ));
        }
        let typefaces = Typefaces::built_in().map_err(|error| error.to_string())?;
        match sheet::set(&self.signed, &typefaces) {
            Ok(again) if again == sheets => Ok("they say what is signed".to_owned()),
            Ok(_) => Err("its sheets are not those that follow from what is signed".to_owned()),
            Err(error) => Ok(format!("not compared: {error}; rely on what stands here")),
        }
    }
}

impl SignedFindings {
    /// Signs findings.
    pub(super) fn new(findings: &Findings, signer: &Signer) -> Self {
        let protected =
            Protected { alg: "EdDSA".into(), kid: signer.id().to_string(), typ: TYPE.to_owned() };
        let protected = encode(&protected);
        let payload = encode(findings);
        let signature = signer.key().sign(format!("{protected}.{payload}").as_bytes());
        let signature = BASE64URL_NOPAD.encode(&signature);
        Self { payload, protected, signature }
    }

    /// The file that is the report.
    pub(super) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    /// The same in one line, as sheets carry it.
    pub(super) fn to_compact_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Checks the signature: who signed what.
    pub(super) fn check(&self) -> Result<(KeyId, Findings), String> {
        let Protected { alg, kid, typ } = decode(&self.protected)?;
        if alg != "EdDSA" || typ != TYPE {
            return Err(format!("it is signed as {typ} with {alg}, and not as {TYPE} with EdDSA"));
        }
        let kid: KeyId = kid.parse().map_err(|_| format!("{kid} is no PARTY#KEY"))?;
        let signature = bytes(&self.signature)?;
        let signature = signature.try_into().map_err(|_| "the signature has not 64 bytes")?;
        let message = format!("{}.{}", self.protected, self.payload);
        let verifier = kid.key.verifier().map_err(|error| error.to_string())?;
        if !verifier.verify(message.as_bytes(), &signature) {
            return Err(
                "the signature is not of the key that it names, or something was changed".into()
            );
        }
        Ok((kid, decode(&self.payload)?))
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, String> {
    BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|error| error.to_string())
}

fn decode<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, String> {
    serde_json::from_slice(&bytes(text)?).map_err(|error| error.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chancery_client::{SecretKey, Time};
    use chancery_ledger::audit::{AuditReport, Finding};

    use super::super::findings::{Made, Took};
    use super::*;

    fn signed(target: &str) -> SignedFindings {
        let made =
            Made { target: target.to_owned(), of_server: true, own_anchor: true, threads: 2 };
        let took = Took { began: Time::default(), ended: Time::default(), took_ms: 1500 };
        let finding = Finding::Block { height: 7, what: "the seal".to_owned() };
        let report = AuditReport { blocks: 7, transitions: 3000, ..AuditReport::default() };
        let findings = Findings::new(made, took, Some(&finding), &report);
        findings.signed(&Signer::first(SecretKey::from_seed(&[7; 32])))
    }

    #[test]
    fn a_report_is_its_signers_and_no_bit_of_it_may_change() {
        let signed = signed("http://127.0.0.1:8080");
        let report = SignedReport::read(&signed.to_json()).unwrap().verified().unwrap();
        let json = report.json();
        assert_eq!(json["signer"], signed.check().unwrap().0.to_string());
        assert_eq!(
            (&json["finding"], &json["clean"]),
            (&"block 7: the seal".into(), &false.into())
        );
        assert_eq!(
            (&json["place"]["block"], &json["transitions_per_s"]),
            (&7.into(), &2000.into())
        );
        let bytes = signed.to_compact_json();
        for bit in 0..bytes.len() * 8 {
            let mut bad = bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let holds = SignedReport::read(&bad).is_some_and(|read| read.verified().is_ok());
            assert!(!holds, "bit {bit}");
        }
    }

    #[test]
    fn its_sheets_carry_it_and_say_nothing_else() {
        let signed = signed("http://127.0.0.1:8080");
        let typefaces = Typefaces::built_in().unwrap();
        let sheets = sheet::set(&signed, &typefaces).unwrap();
        assert!(sheets == sheet::set(&signed, &typefaces).unwrap(), "other bytes");
        let report = SignedReport::read(&sheets).unwrap().verified().unwrap();
        assert_eq!(report.json()["sheets"], "they say what is signed");
        for at in (0..sheets.len()).step_by(997) {
            let mut bad = sheets.clone();
            bad[at] ^= 1;
            let holds = SignedReport::read(&bad).is_some_and(|read| read.verified().is_ok());
            assert!(!holds, "byte {at}");
        }
        // Of another version, what is signed is shown, and that the sheets were not compared.
        let mut findings = signed.check().unwrap().1;
        findings.software = "chancery 0".to_owned();
        let signed = findings.signed(&Signer::first(SecretKey::from_seed(&[7; 32])));
        let sheets = sheet::set(&signed, &typefaces).unwrap();
        let report = SignedReport::read(&sheets).unwrap().verified().unwrap();
        assert!(report.json()["sheets"].as_str().unwrap().starts_with("not compared"));
    }

    #[test]
    fn a_target_in_other_letters_needs_a_typeface_for_them() {
        let typefaces = Typefaces::built_in().unwrap();
        let refused = sheet::has_signs_for("/srv/登記", &typefaces).unwrap_err();
        assert!(refused.to_string().contains("--font"), "{refused}");
    }
}
