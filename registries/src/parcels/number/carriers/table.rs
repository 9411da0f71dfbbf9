//! The table of carrier formats: facts about labels, one a line.

use super::CarrierFormat;
use crate::parcels::number::check::Check;

/// Weights 3 and 1 by turns, beginning with 3: GS1's.
const MOD10_3_1: Check = Check::Mod10 { first: 3, second: 1 };
/// Weights 1 and 3 by turns: FedEx Ground.
const MOD10_1_3: Check = Check::Mod10 { first: 1, second: 3 };
/// Weights 1 and 2 by turns, without adding up the digits of a product: UPS, OnTrac.
const MOD10_1_2: Check = Check::Mod10 { first: 1, second: 2 };
/// FedEx Express, eleven digits.
const FEDEX_11: Check = Check::SumProduct(&[3, 1, 7]);
/// FedEx Express, thirteen digits.
const FEDEX_13: Check = Check::SumProduct(&[1, 7, 3]);

const fn format(
    carrier: &'static str,
    name: &'static str,
    shape: &'static str,
    check: Check,
) -> CarrierFormat {
    CarrierFormat { carrier, name, shape, unwritten: "", check }
}

/// What is known. A format stands more than once where its check digit has more than one reading.
#[rustfmt::skip]
pub static FORMATS: &[CarrierFormat] = &[
    format("amazon", "amazon-logistics", "TB[ACM][0-9]{12}", Check::None),
    format("amazon", "amazon-international", "[ACF][0-9]{10}", Check::None),
    format("canada-post", "canada-post", "(?<n>[0-9]{15})(?<c>[0-9])", MOD10_3_1),
    format("canpar", "canpar-22", "[CDKLSUXZ][0-9]{21}", Check::None),
    format("dhl", "dhl-express", "(?<n>[0-9]{9,10})(?<c>[0-9])", Check::Mod7),
    format("dhl", "dhl-express-piece-id", "J[A-Z]{2,3}[0-9]{9,10}", Check::None),
    // A product or country prefix, and the rest begins with a digit.
    format("dhl", "dhl-ecommerce", "(?:GM|LX|RX|UV|CN|SG|TH|IN|HK|MY)[0-9][0-9A-Z]{9,38}", Check::None),
    format("dhl", "dhl-ecommerce-14", "[0-9]{14}", Check::None),
    // Destination (7), parcel (14), service (3), country (3).
    format("dpd", "dpd", "(?<n>[0-9]{27})(?<c>[0-9A-Z])", Check::Mod3736),
    format("dpd", "dpd-14", "(?<n>[0-9]{14})(?<c>[0-9A-Z])", Check::Mod3736),
    format("fedex", "fedex-12", "(?<n>[0-9]{11})(?<c>[0-9])", FEDEX_11),
    // The last 14 digits are the number; destination and service stand before it.
    format("fedex", "fedex-34", "[0-8][0-9]{19}(?<n>[0-9]{13})(?<c>[0-9])", FEDEX_13),
    format("fedex", "fedex-astra-32", "3[0-9]{15}(?<n>[0-9]{11})(?<c>[0-9])[0-9]{4}", FEDEX_11),
    format("fedex", "fedex-ground", "(?<n>[0-9]{14})(?<c>[0-9])", MOD10_1_3),
    // The two digits of the container type are not part of the sum.
    format("fedex", "fedex-ground-sscc-18", "[0-9]{2}(?<n>[0-9]{15})(?<c>[0-9])", MOD10_3_1),
    format("fedex", "fedex-ground-96", "96[0-9]{5}(?<n>[0-9]{14})(?<c>[0-9])", MOD10_1_3),
    format("fedex", "fedex-ground-gsn", "96[0-9]{18}(?<n>[0-9]{13})(?<c>[0-9])", FEDEX_13),
    format("gofo", "gofo-us", "GFUS[0-9]{14}", Check::None),
    format("landmark", "landmark-global", "LTN[0-9]{8}N1", Check::None),
    format("lasership", "lasership-lx", "L[AEHINX][1-3][0-9]{7}", Check::None),
    format("lasership", "lasership-1ls7", "1LS7[12][0-9]{10}", Check::None),
    format("lasership", "lasership-1ls7-18", "1LS7[12][0-9]{2}01[1-4][0-9]{6}-1", Check::None),
    format("lasership", "lasership-1lscx", "1LSCX[0-9A-Z]{10}", Check::None),
    format("old-dominion", "old-dominion", "(?<n>(?:77[78]|072|780)[0-9]{7})(?<c>[0-9])", Check::Luhn),
    format("old-dominion", "old-dominion-guaranteed", "(?<n>80[0-9]{8})(?<c>[0-9])", Check::Luhn),
    // The letter is part of the sum: C counts 4, D counts 5.
    format("ontrac", "ontrac-c", "(?<n>C[0-9]{13})(?<c>[0-9])", MOD10_1_2),
    format("ontrac", "ontrac-d", "(?<n>D[0-9]{13})(?<c>[0-9])", MOD10_1_2),
    format("purolator", "purolator-numeric", "(?<n>[0-5][0-9]{10})(?<c>[0-9])", Check::Luhn),
    format("purolator", "purolator-alpha", "[A-Z]{3}[0-9]{9}", Check::None),
    format("s10", "s10", "[A-Z]{2}(?<n>[0-9]{8})(?<c>[0-9])(?<country>[A-Z]{2})", Check::S10),
    format("speedee", "speedee", "SP[0-9]{18}", Check::None),
    format("ups", "ups", "1Z(?<n>[A-Z0-9]{15})(?<c>[0-9])", MOD10_1_2),
    format("ups", "ups-waybill", "[AHJKTV](?<n>[0-9]{9})(?<c>[0-9])", MOD10_1_2),
    format("usps", "usps-20", "(?<n>[0-9]{19})(?<c>[0-9])", MOD10_3_1),
    // USPS IMpb: 94 for labels of a single use, with a nine-digit mailer id that begins with 9 or a
    // six-digit one that does not; 420 and a ZIP code may stand in front of every IMpb.
    format("usps", "usps-impb-n", "(?:420[0-9]{5}(?:[0-9]{4})?)?(?<n>94[0-9]{3}(?:9[0-9]{8}(?:[0-9]{15}|[0-9]{11}|[0-9]{7})|[0-8][0-9]{5}(?:[0-9]{14}|[0-9]{10})))(?<c>[0-9])", MOD10_3_1),
    // USPS IMpb for commercial mailers: 92 with a nine-digit mailer id, 93 with a six-digit one, 95 with either.
    format("usps", "usps-impb-c", "(?:420[0-9]{5}(?:[0-9]{4})?)?(?<n>9[25][0-9]{3}9[0-9]{8}(?:[0-9]{11}|[0-9]{7})|9[35][0-9]{3}[0-8][0-9]{5}(?:[0-9]{14}|[0-9]{10}))(?<c>[0-9])", MOD10_3_1),
    format("usps", "usps-legacy", "(?:420[0-9]{5}(?:[0-9]{4})?)?(?<n>91[0-9]{19})(?<c>[0-9])", MOD10_3_1),
    // The older label leaves out the 91 that the check digit was reckoned with.
    CarrierFormat {
        carrier: "usps",
        name: "usps-legacy",
        shape: "(?:420[0-9]{5}(?:[0-9]{4})?)?(?<n>[0-9]{19})(?<c>[0-9])",
        unwritten: "91",
        check: MOD10_3_1,
    },
    format("yodel", "yodel", "JJ?D[0-9]{16}", Check::None),
    format("yunexpress", "yunexpress", "YT[0-9]{16}", Check::None),
];
