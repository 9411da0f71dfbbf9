//! A credential alone: told as what it is, and never as verified.

use chancery_client::verify::{Signed, credential_signed};
use chancery_client::{Anchor, Credential};
use serde_json::Value;

use crate::failure::Failure;
use crate::report::{Report, pretty};

/// What a credential alone shows. Whoever has not said that signatures are enough is refused, as a
/// script that asks for `verified` must be.
pub(super) fn checked(
    credential: &Credential,
    anchor: &Anchor,
    enough: bool,
) -> Result<Report, Failure> {
    let signed = credential_signed(credential, anchor)?;
    let report = Report::new(describe(&signed), &signed);
    if enough { Ok(report) } else { Err(Failure::SignedOnly(Box::new(report))) }
}

fn describe(signed: &Signed) -> String {
    let mut text = format!(
        "SIGNED ONLY: the signatures of transition {} verify. No ledger vouches for it by this.\nledger {}\nchecks:",
        signed.transition, signed.ledger
    );
    for check in &signed.checks {
        text += &format!("\n  ok  {check}");
    }
    for what in &signed.not_checked {
        text += &format!("\n  NOT CHECKED: {what}");
    }
    text += &format!("\nit could be taken in until {}", signed.not_after);
    text += &format!("\nsigned by:\n  {}", signed.signers.join("\n  "));
    let payload: Value = serde_json::from_str(signed.payload.get()).unwrap_or_default();
    text + &format!("\nwhat was signed:\n{}", pretty(&payload["actions"]))
}
