//! A carrier's own numbers: the carrier's ID code, a hyphen, and what the carrier calls the parcel.

use std::fmt;
use std::str::FromStr;

use chancery_ledger::party::{NotAPartyId, PartyId};

use super::without_spaces;

/// `CARRIER_PARTY_ID-LOCAL`: unique as long as the carrier keeps its own numbers apart, and no
/// carrier can take another's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnNumber {
    carrier: PartyId,
    local: String,
}

/// The most characters of a local part; the longest carrier format of the table fits.
const LOCAL_LENGTH: usize = 35;

/// Which rule of own numbers a text breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnOwnNumber {
    /// There is no hyphen in it.
    #[error("a carrier's own number is CARRIER_PARTY_ID-LOCAL")]
    Shape,
    /// The part before the hyphen is no ID code.
    #[error("before the hyphen stands the carrier: {0}")]
    Carrier(#[from] NotAPartyId),
    /// The part behind the hyphen is too long, empty or has other characters.
    #[error("behind the hyphen stand 1 to 35 characters, A-Z and 0-9")]
    Local,
}

impl OwnNumber {
    /// The carrier that gave the number.
    pub fn carrier(&self) -> PartyId {
        self.carrier
    }

    /// What the carrier calls the parcel.
    pub fn local(&self) -> &str {
        &self.local
    }
}

impl FromStr for OwnNumber {
    type Err = NotAnOwnNumber;

    fn from_str(text: &str) -> Result<Self, NotAnOwnNumber> {
        let text = without_spaces(text);
        let (carrier, local) = text.split_once('-').ok_or(NotAnOwnNumber::Shape)?;
        let carrier = carrier.parse()?;
        let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        if local.is_empty() || local.len() > LOCAL_LENGTH || !local.bytes().all(allowed) {
            return Err(NotAnOwnNumber::Local);
        }
        Ok(Self { carrier, local: local.to_owned() })
    }
}

impl fmt::Display for OwnNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.carrier, self.local)
    }
}
