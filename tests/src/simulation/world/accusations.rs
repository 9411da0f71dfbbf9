//! What honest members have caught liars at goes on record.

use std::collections::BTreeMap;

use chancery_ledger::execution::Object as _;
use chancery_ledger::hash::Hash;
use chancery_ledger::view::View;
use chancery_registries::validators::Equivocation;

use super::World;
use crate::simulation::checks::Violation;

/// In so many blocks what was handed in while all was well is on record: so many members in a row may
/// lie as proposers, and one more block may have been begun.
const BLOCKS_MAX: u64 = 5;

/// Accusations that honest members have handed in.
#[derive(Default)]
pub(super) struct Accusations(BTreeMap<Hash, Accusation>);

struct Accusation {
    /// The id of the equivocation.
    id: String,
    /// The height that was being decided.
    height: u64,
    /// Whether everything had healed.
    healed: bool,
}

impl Accusations {
    pub(super) fn hand_in(&mut self, transition: Hash, id: String, height: u64, healed: bool) {
        self.0.insert(transition, Accusation { id, height, healed });
    }

    /// The rules refuse it after all: it is on record, or the accuser is no member any more.
    pub(super) fn drop(&mut self, transition: &Hash) {
        self.0.remove(transition);
    }
}

impl World {
    /// What one honest member holds at the end.
    pub(super) fn are_on_record(&mut self, member: usize, view: &View) -> Result<(), Violation> {
        let tip = view.tip().header.height;
        let (register, kind) = (Equivocation::REGISTER, Equivocation::KIND);
        for Accusation { id, height, healed } in self.accusations.0.values() {
            let found = view.object(register, kind, id, tip);
            if found.is_ok_and(|found| found.is_some()) {
                self.figures.count("accusations found on record");
            } else if *healed && height + BLOCKS_MAX <= tip {
                return Err(Violation::NotOnRecord { member, what: id.clone() });
            }
        }
        Ok(())
    }
}
