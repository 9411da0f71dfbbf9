//! One decoder under libFuzzer: `DECODER` names it, and without it the names of all are printed. The bytes to begin
//! from are written to the folder `CORPUS`.

#![no_main]

// What the tests run as well. Not as a crate: theirs has the node in it, and all of this is built anew.
#[path = "../../tests/src/decoders.rs"]
mod decoders;
#[allow(dead_code)]
#[path = "../../tests/src/small_ledger.rs"]
mod small_ledger;

use std::env;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use decoders::{Decoder, decoder, decoders};
use libfuzzer_sys::fuzz_target;

static DECODER: LazyLock<&Decoder> =
    LazyLock::new(|| decoder(&env::var("DECODER").unwrap_or_default()));

fn prepare() {
    if env::var_os("DECODER").is_none() {
        decoders().for_each(|decoder| println!("{}", decoder.name));
        std::process::exit(0);
    }
    let Some(corpus) = env::var_os("CORPUS").map(PathBuf::from) else { return };
    for (index, seed) in (DECODER.seeds)().iter().enumerate() {
        fs::write(corpus.join(format!("seed-{index}")), seed).expect("the corpus can be written to");
    }
}

fuzz_target!(init: prepare(), |data: &[u8]| {
    (DECODER.read)(data);
});
