//! How an object is set on a sheet, a label and a card.

use barcoders::sym::code128::Code128;
use chancery_registries::parcels::ParcelNumber;
use qrcode::QrCode;

use super::Proven;
use crate::print::{Document, Face, NotSet, Paper, Sheets, Typefaces, parts_of};

/// A sheet with everything, and how to check it.
pub(super) fn sheet(proven: Proven, typefaces: &Typefaces) -> Result<Vec<u8>, NotSet> {
    let Proven { object, height, as_of, words, shown, .. } = &proven;
    let mut sheets = Sheets::new(Paper::A4, typefaces);
    let register = object.parts().0;
    sheets.text(Face::Italic, 12.0, &format!("From the register of {register}"))?;
    sheets.space(6.0);
    sheets.text(Face::Bold, 30.0, &words.heading)?;
    sheets.space(8.0);
    sheets.rule();
    sheets.space(10.0);
    sheets.text(Face::Regular, 14.0, &words.sentence)?;
    sheets.space(16.0);
    for (name, value) in &words.facts {
        sheets.fact(10.5, name, value)?;
    }
    if words.left_out > 0 {
        let text = format!("{} further facts are in the code.", words.left_out);
        sheets.text(Face::Italic, 10.5, &text)?;
    }
    sheets.space(16.0);
    sheets.keep_together(260.0);
    sheets.rule();
    sheets.space(8.0);
    sheets.text(Face::Bold, 12.0, "How to check this sheet")?;
    let mut how = format!(
        "Scan {} below and give the text to a verifier that holds the genesis of this ledger, as in: chancery \
         verify FILE --anchor GENESIS. It needs no network. It must name {object}, and state what stands above. ",
        the_codes(proven.codes.len())
    );
    if *shown > 0 {
        how += &format!(
            "The first {shown} facts above come from the holder's record: the code commits to it without showing it, and \
             the holder's file proves them. "
        );
    }
    how += &format!(
        "This sheet says what stood in block {height} of {as_of}. Whether it still does, the register says."
    );
    sheets.text(Face::Regular, 10.5, &how)?;
    sheets.space(4.0);
    sheets.text(Face::Mono, 7.5, &format!("ledger {}", proven.ledger))?;
    sheets.space(8.0);
    finish(sheets, proven, Sheets::codes)
}

/// A label for a parcel, or for anything else that is stuck onto something: its number so large that it is read
/// at arm's length, as bars for the scanners of carriers, and the proof.
pub(super) fn label(proven: Proven, typefaces: &Typefaces) -> Result<Vec<u8>, NotSet> {
    let Proven { object, height, as_of, words, shown, .. } = &proven;
    let mut sheets = Sheets::new(Paper::A6, typefaces);
    let (register, _, id) = object.parts();
    let number = (register == "parcels").then(|| id.parse::<ParcelNumber>().ok()).flatten();
    sheets.text(
        Face::Italic,
        8.0,
        &format!("{} · from the register of {register}", words.heading),
    )?;
    // What the holder discloses, such as an address, is what those who carry it look for.
    for (name, value) in words.facts.iter().take(*shown) {
        sheets.fact(10.0, name, value)?;
    }
    for (name, value) in words.facts.iter().skip(*shown).filter(|(name, _)| is_on_label(name)) {
        sheets.fact(7.0, name, value)?;
    }
    sheets.space(4.0);
    sheets.rule();
    sheets.space(6.0);
    if let Some(modules) = number.as_ref().and_then(bars_of) {
        sheets.bars(34.0, modules);
    }
    let plain = number.as_ref().map_or_else(|| id.to_owned(), grouped);
    let size = if plain.len() <= 28 { 18.0 } else { 10.0 };
    sheets.text(Face::Bold, size, &plain)?;
    sheets.space(4.0);
    let how = format!(
        "As of block {height}, {as_of}. Scan {} and check: chancery verify FILE --anchor GENESIS. Ledger {}.",
        the_codes(proven.codes.len()),
        proven.ledger
    );
    sheets.text(Face::Regular, 6.0, &how)?;
    finish(sheets, proven, Sheets::codes)
}

/// Whether a carrier looks for a fact on the label.
fn is_on_label(name: &str) -> bool {
    ["Carrier", "Sender", "Recipient", "Contents"].contains(&name)
}

/// A card: words on its face, and the proof on its back.
pub(super) fn card(proven: Proven, typefaces: &Typefaces) -> Result<Vec<u8>, NotSet> {
    let Proven { object, height, as_of, words, shown, .. } = &proven;
    let mut sheets = Sheets::new(Paper::ID_1, typefaces);
    let (register, _, id) = object.parts();
    sheets.text(Face::Italic, 6.5, &format!("From the register of {register}"))?;
    sheets.text(Face::Bold, 13.0, &words.heading)?;
    for (name, value) in words.facts.iter().take(*shown) {
        sheets.fact(9.0, name, value)?;
    }
    sheets.text(Face::Mono, 7.0, id)?;
    sheets.space(2.0);
    sheets.text(Face::Regular, 7.0, &words.sentence)?;
    sheets.space(3.0);
    let how = format!(
        "As of block {height}, {as_of}. Scan {} on the back and check, without a network: chancery verify FILE \
         --anchor GENESIS. Ledger {}.",
        the_codes(proven.codes.len()),
        proven.ledger
    );
    sheets.text(Face::Regular, 5.5, &how)?;
    finish(sheets, proven, Sheets::codes_alone)
}

/// Sets the codes, and makes the document.
fn finish<'f>(
    mut sheets: Sheets<'f>,
    proven: Proven,
    codes: fn(&mut Sheets<'f>, Vec<QrCode>),
) -> Result<Vec<u8>, NotSet> {
    let Proven { object, height, as_of, words, .. } = &proven;
    let title = format!("{} {object}", words.heading);
    let foot = format!("{object} · as of block {height}, {as_of}");
    let made = parts_of(*as_of);
    codes(&mut sheets, proven.codes.into_iter().map(|(_, code)| code).collect());
    sheets.finish(Document { title: &title, made, foot: &foot, attached: None })
}

fn the_codes(count: usize) -> String {
    if count == 1 { "the code".to_owned() } else { format!("all {count} codes") }
}

/// A number as carriers print it: an S10 as RR 123 456 785 TW, an SSCC as (00) 1 2345 6789 0123 4567 5. Spaces mean
/// nothing, and are not read.
pub(super) fn grouped(number: &ParcelNumber) -> String {
    let text = number.to_string();
    let (before, groups): (&str, &[usize]) = match number {
        ParcelNumber::S10(_) => ("", &[2, 3, 3, 3, 2]),
        ParcelNumber::Sscc(_) => ("(00) ", &[1, 4, 4, 4, 4, 1]),
        ParcelNumber::Own(_) => return text,
    };
    let mut rest = text.chars();
    let parts: Vec<String> =
        groups.iter().map(|length| rest.by_ref().take(*length).collect()).collect();
    before.to_owned() + &parts.join(" ")
}

/// A number in Code 128 (ISO/IEC 15417): an S10 as UPU has it on labels, an SSCC as GS1-128 with its application
/// identifier. A carrier's own number is in a format that only the carrier knows, and gets none.
fn bars_of(number: &ParcelNumber) -> Option<Vec<u8>> {
    // In the notation of the library: Ɓ and Ć begin with the code sets B and C, and Ź is FNC1.
    let text = match number {
        ParcelNumber::S10(number) => format!("\u{181}{number}"),
        ParcelNumber::Sscc(number) => format!("\u{106}\u{179}00{number}"),
        ParcelNumber::Own(_) => return None,
    };
    Some(Code128::new(text).ok()?.encode())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_as_carriers_print_them() {
        for (number, plain) in [
            ("RB123456785GB", "RB 123 456 785 GB"),
            ("106141412345678908", "(00) 1 0614 1412 3456 7890 8"),
        ] {
            let number: ParcelNumber = number.parse().unwrap();
            assert_eq!(grouped(&number), plain);
            // It is read back from what is printed.
            assert_eq!(plain.parse::<ParcelNumber>().unwrap(), number);
            // Start, check and stop, and 11 modules a symbol: 13 signs, or FNC1 and ten pairs of digits.
            assert!(
                [11 * 16 + 2, 11 * 14 + 2].contains(&bars_of(&number).unwrap().len()),
                "{plain}"
            );
        }
    }
}
