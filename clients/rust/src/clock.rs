//! The clock of this device, which only says until when a transition may be taken in.

use std::time::{SystemTime, UNIX_EPOCH};

use chancery_ledger::time::Time;

/// The time by this device's clock. When it took effect is for the ledger's blocks to say.
pub fn now() -> Time {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::default().plus_ms(u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX))
}
