//! What to open and what to try, with the ids that there are.

use serde_json::json;

use super::parcels::Moved;
use super::stage::Stage;
use super::{PASSPHRASE, ROOT};
use crate::report::Report;

/// Tells a visitor about the demo.
pub(super) fn tell(stage: &Stage<'_>, url: &str, moved: &Moved) -> Report {
    let folder = stage.folder().display().to_string();
    let whole = moved.number("delivered to its recipient");
    let damaged = moved.number("damaged");
    let waiting = moved.number("registered");
    let ledger = stage.genesis().ledger();
    let mut text = format!("The demo stands on ledger {ledger}.\n\nParcels:\n");
    for (number, story) in &moved.parcels {
        text += &format!("  {number:<18}  {story}\n");
    }
    text += &format!("  {:<18}  the bag\n", moved.bag.to_string());
    text += &open_text(url, &whole);
    text += &try_text(url, &folder, &whole, &damaged, &waiting);
    let parcels: Vec<_> = moved
        .parcels
        .iter()
        .map(|(number, story)| json!({"number": number.to_string(), "story": story}))
        .collect();
    let json = json!({
        "ledger": ledger, "folder": folder, "parcels": parcels, "bag": moved.bag.to_string(),
        "root": stage.party(ROOT).ok(),
    });
    Report::new(text, json)
}

fn open_text(url: &str, whole: &str) -> String {
    format!(
        "\nOpen:\n  {url}/\n  {url}/docs\n  {url}/v1/parcels/{whole}\n  \
         {url}/v1/parcels/{whole}/history\n  {url}/v1/parcels/{whole}/qr.svg   (scan it)\n"
    )
}

fn try_text(url: &str, folder: &str, whole: &str, damaged: &str, waiting: &str) -> String {
    format!(
        "\nTry with curl:\n  \
         curl {url}/v1/parcels/{damaged}\n  \
         curl {url}/v1/parcels/{damaged}/proof\n  \
         curl {url}/v1/log/checkpoint\n\
         \nTry with the command line:\n  \
         export CHANCERY_URL={url} CHANCERY_KEYS={folder} CHANCERY_PASSPHRASE_FILE={folder}/{PASSPHRASE}\n  \
         chancery key list\n  \
         chancery parcel history {whole}\n  \
         chancery search held parcels --party courier-3 --relation custodian\n  \
         chancery parcel handoff {waiting} --step collected --from bo --to courier-1 --place \"Bo's door\"\n  \
         chancery proof parcels/parcel/{whole} --out proof.json\n  \
         chancery verify proof.json --anchor {folder}/genesis.json\n  \
         chancery audit {url}\n"
    )
}
