//! How the pool in force and the next one stand in the interface. The ledger defines and reads them.

use chancery_ledger::seal::Pools;

use crate::shape::Described;

impl Described for Pools {
    const EXAMPLE_ID: &'static str = Self::ID;

    fn is_id(text: &str) -> bool {
        text == Self::ID
    }
}
