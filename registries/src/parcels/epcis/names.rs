//! What parcels, containers, parties and places are called in EPCIS, and which parcel a name is of.

use std::fmt::Write;

use chancery_ledger::party::PartyId;

use crate::parcels::container::ContainerNumber;
use crate::parcels::number::ParcelNumber;
use crate::parcels::parcel::Place;

/// Objects without a GS1 key: CBV 2.0, 8.2.2, a private URN with the part `:obj:`.
const OBJECT: &str = "urn:chancery:parcels:obj:";
/// Places in the words of those who were there: CBV 2.0, 8.3.2, with the part `:loc:`.
const PLACE: &str = "urn:chancery:parcels:loc:";
/// Parties: CBV 2.0, 8.7 leaves their form to whoever names them.
const PARTY: &str = "urn:chancery:party:";
/// The canonical GS1 Digital Link URI of a logistic unit.
const SSCC_LINK: &str = "https://id.gs1.org/00/";
/// The same as an EPC pure identity, which tells the company prefix apart.
const SSCC_EPC: &str = "urn:epc:id:sscc:";

/// The URI of a parcel.
///
/// An SSCC is a GS1 Digital Link: `urn:epc:id:sscc:` asks for the length of the company prefix, which
/// the eighteen digits do not tell. S10 and own numbers have no GS1 key.
pub fn parcel_uri(number: &ParcelNumber) -> String {
    match number {
        ParcelNumber::Sscc(sscc) => format!("{SSCC_LINK}{sscc}"),
        ParcelNumber::S10(_) | ParcelNumber::Own(_) => format!("{OBJECT}{number}"),
    }
}

/// The URI of a container.
pub fn container_uri(number: &ContainerNumber) -> String {
    parcel_uri(number.as_parcel_number())
}

/// The URI of a party.
pub fn party_uri(party: &PartyId) -> String {
    format!("{PARTY}{party}")
}

/// The URI of a place: its words in percent-encoding (RFC 3986, 2.1).
pub fn place_uri(place: &Place) -> String {
    let mut uri = PLACE.to_owned();
    for byte in place.as_str().bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(byte.into());
            }
            // Writing to a string does not fail.
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

/// Why a URI names no parcel of this register.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAParcel {
    /// It is of another kind of thing, or written in no way that is known here.
    #[error("it is no SSCC, and no number that this register gives out")]
    OtherThing,
    /// It looks like one, and its number is none.
    #[error("{0}")]
    Number(#[from] crate::parcels::number::NotAParcelNumber),
    /// It is an SSCC as an EPC, and not of the right length.
    #[error("urn:epc:id:sscc: has a company prefix and a serial reference of 17 digits together")]
    Epc,
}

/// The parcel that a URI names: an SSCC as EPC or as GS1 Digital Link of any host, or one of our own.
pub fn parcel_of(uri: &str) -> Result<ParcelNumber, NotAParcel> {
    if let Some(number) = uri.strip_prefix(OBJECT) {
        return Ok(number.parse()?);
    }
    if let Some(epc) = uri.strip_prefix(SSCC_EPC) {
        return sscc_of_epc(epc);
    }
    let path = uri.strip_prefix("https://").or_else(|| uri.strip_prefix("http://"));
    let path = path.and_then(|rest| rest.split_once('/')).map(|(_, path)| path);
    let path = path.and_then(|path| path.split(['?', '#']).next()).ok_or(NotAParcel::OtherThing)?;
    let mut parts = path.rsplit('/');
    match (parts.next(), parts.next()) {
        (Some(digits), Some("00")) => Ok(ParcelNumber::Sscc(sscc(digits)?)),
        _ => Err(NotAParcel::OtherThing),
    }
}

fn sscc(digits: &str) -> Result<crate::parcels::number::Sscc, NotAParcel> {
    Ok(digits.parse().map_err(crate::parcels::number::NotAParcelNumber::from)?)
}

/// `PREFIX.SERIAL`, of which the serial reference begins with the extension digit (EPC Tag Data
/// Standard, 6.3.2). The check digit is not written, and follows.
fn sscc_of_epc(epc: &str) -> Result<ParcelNumber, NotAParcel> {
    let (prefix, serial) = epc.split_once('.').ok_or(NotAParcel::Epc)?;
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let lengths = (6..=12).contains(&prefix.len()) && prefix.len() + serial.len() == 17;
    if !lengths || !all_digits(prefix) || !all_digits(serial) {
        return Err(NotAParcel::Epc);
    }
    let (extension, reference) = serial.split_at(1);
    let body = format!("{extension}{prefix}{reference}");
    let with_check = |check: u8| format!("{body}{check}").parse().ok();
    (0..10).find_map(with_check).map(ParcelNumber::Sscc).ok_or(NotAParcel::Epc)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_parcel_is_found_by_each_of_its_names() {
        let own = format!("{}-1Z5R89390357567127", "Z7LQIOE44WJUP3HR2BKCLCZ7K");
        for text in ["RB123456785GB", "106141412345678908", &own] {
            let number: ParcelNumber = text.parse().unwrap();
            assert_eq!(parcel_of(&parcel_uri(&number)), Ok(number), "{text}");
        }
        let number: ParcelNumber = "106141412345678908".parse().unwrap();
        for uri in [
            "urn:epc:id:sscc:0614141.1234567890",
            "https://example.com/some/path/00/106141412345678908?linkType=all",
            "http://id.gs1.org/00/106141412345678908#x",
        ] {
            assert_eq!(parcel_of(uri).as_ref(), Ok(&number), "{uri}");
        }
    }

    #[test]
    fn what_is_no_parcel_is_told_so() {
        for uri in [
            "urn:epc:id:sgtin:0614141.107346.2017",
            "https://id.gs1.org/01/70614141123451/21/2017",
            "https://id.gs1.org",
            "00/106141412345678908",
            "",
        ] {
            assert_eq!(parcel_of(uri), Err(NotAParcel::OtherThing), "{uri}");
        }
        for uri in [
            "urn:epc:id:sscc:0614141.123456789",
            "urn:epc:id:sscc:06141.123456789012",
            "urn:epc:id:sscc:a.b",
        ] {
            assert_eq!(parcel_of(uri), Err(NotAParcel::Epc), "{uri}");
        }
        assert!(matches!(
            parcel_of("https://id.gs1.org/00/106141412345678909"),
            Err(NotAParcel::Number(_))
        ));
        assert!(matches!(parcel_of("urn:chancery:parcels:obj:x"), Err(NotAParcel::Number(_))));
    }

    #[test]
    fn a_place_becomes_a_uri() {
        let place: Place = "Bo's door, 3\u{b0}".parse().unwrap();
        assert_eq!(place_uri(&place), "urn:chancery:parcels:loc:Bo%27s%20door%2C%203%C2%B0");
    }
}
