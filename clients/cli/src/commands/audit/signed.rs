//! The report of an audit, signed by who made it: a JWS in its flattened form (RFC 7515), which any JOSE
//! library verifies.

use std::path::Path;

use chancery_client::{KeyId, Signer, Time};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::failure::Failure;
use crate::report::{Report, pretty};

/// What tells this signature from all others that a key may make.
const TYPE: &str = "chancery-audit-report+jws";

/// What was audited, and what was found.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Findings {
    /// Name and version of the software that audited.
    pub(super) software: String,
    /// The server, or the folder, as it was named.
    pub(super) target: String,
    /// Whether the genesis was the auditor's own; if not, it was taken from the target.
    pub(super) own_anchor: bool,
    /// When the audit began, by the auditor's clock.
    pub(super) began: Time,
    /// When it ended.
    pub(super) ended: Time,
    /// Whether everything was checked and holds.
    pub(super) clean: bool,
    /// The first thing that does not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) finding: Option<String>,
    /// What was gone through, unless something did not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) figures: Option<Value>,
}

/// The findings as they are signed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignedFindings {
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

impl Findings {
    /// Signs them and writes them to a file.
    pub(super) fn write(&self, file: &Path, signer: &Signer) -> Result<(), Failure> {
        let protected =
            Protected { alg: "EdDSA".into(), kid: signer.id().to_string(), typ: TYPE.to_owned() };
        let protected = encode(&protected);
        let payload = encode(self);
        let signature = signer.key().sign(format!("{protected}.{payload}").as_bytes());
        let signature = BASE64URL_NOPAD.encode(&signature);
        let signed = SignedFindings { payload, protected, signature };
        let bytes = serde_json::to_vec_pretty(&signed).unwrap_or_default();
        std::fs::write(file, bytes).map_err(|error| Failure::file(file, error))
    }
}

/// What is written here are plain trees: writing them down does not fail.
fn encode(part: &impl Serialize) -> String {
    BASE64URL_NOPAD.encode(&serde_json::to_vec(part).unwrap_or_default())
}

impl SignedFindings {
    /// Reads a signed report; `None` when the bytes are something else.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// Checks the signature, and says who says what.
    pub(crate) fn verified(&self) -> Result<Report, Failure> {
        let (signer, findings) = self.check().map_err(|what| {
            Failure::Claim(format!("NOT VERIFIED: the report of an audit: {what}"))
        })?;
        let found = match (&findings.finding, findings.clean) {
            (Some(finding), _) => format!("that it does not hold: {finding}"),
            (None, true) => "that everything holds".to_owned(),
            (None, false) => "nothing amiss, and could not check everything".to_owned(),
        };
        let Findings { target, began, ended, .. } = &findings;
        let mut json = serde_json::to_value(&findings).unwrap_or_default();
        let text = format!(
            "VERIFIED: {signer} has signed this report\n\
             it audited {target} from {began} to {ended} and found {found}\n\
             that is its word; `chancery audit` shows it to you\n{}",
            pretty(&json)
        );
        json["signer"] = signer.to_string().into();
        json["verified"] = true.into();
        Ok(Report::new(text, json))
    }

    fn check(&self) -> Result<(KeyId, Findings), String> {
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
    use chancery_client::SecretKey;

    use super::*;

    #[test]
    fn a_report_is_its_signers_and_no_bit_of_it_may_change() {
        let signer = Signer::first(SecretKey::from_seed(&[7; 32]));
        let findings = Findings {
            software: "chancery 0".into(),
            target: "http://127.0.0.1:8080".into(),
            own_anchor: true,
            began: Time::default(),
            ended: Time::default(),
            clean: false,
            finding: Some("block 7: the seal".into()),
            figures: None,
        };
        let file = tempfile::NamedTempFile::new().unwrap();
        findings.write(file.path(), &signer).unwrap();
        let written = std::fs::read(file.path()).unwrap();
        let report = SignedFindings::read(&written).unwrap().verified().unwrap();
        assert_eq!(report.json()["signer"], signer.id().to_string());
        assert_eq!(report.json()["finding"], "block 7: the seal");
        let compact: SignedFindings = serde_json::from_slice(&written).unwrap();
        let bytes = serde_json::to_vec(&compact).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut bad = bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let holds = SignedFindings::read(&bad).is_some_and(|read| read.verified().is_ok());
            assert!(!holds, "bit {bit}");
        }
    }
}
