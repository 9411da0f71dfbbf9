//! What each transition left of an object.
//!
//! The tables say which transitions made versions. What the last one of a block left is read from the
//! state as of that block; what others of the same block left is nowhere kept, and the block is
//! executed again.

use std::collections::BTreeMap;
use std::sync::Arc;

use chancery_ledger::execution::{Stored, state_key};
use chancery_ledger::view::View;
use serde::de::IgnoredAny;

use super::api::Api;
use super::objects::Target;
use super::problem::{self, Problem};
use crate::projection::HistoryRow;

/// What transitions left of one object in the blocks that changed it more than once, by their positions.
pub(super) struct Left(BTreeMap<u64, Arc<[u8]>>);

impl Left {
    /// What they left in these blocks, each of which is executed again.
    pub(super) async fn of(api: &Api, target: &Target, heights: &[u64]) -> Result<Self, Problem> {
        let key = state_key(target.kind.register, target.kind.name, &target.id);
        let mut left = BTreeMap::new();
        for height in heights {
            left.extend(api.changes.versions_in(*height, key).await?);
        }
        Ok(Self(left))
    }

    /// The stored bytes of a version. They must be those that the tables name.
    pub(super) fn version(
        &self,
        view: &View,
        target: &Target,
        row: &HistoryRow,
    ) -> Result<Vec<u8>, Problem> {
        let stored = match self.0.get(&row.position) {
            Some(bytes) => bytes.to_vec(),
            None => target.bytes(view, row.height)?,
        };
        let read = Stored::<IgnoredAny>::decode(&stored);
        let read = read.map_err(|error| problem::internal(&error))?;
        match (read.version, read.position) == (row.version, row.position) {
            true => Ok(stored),
            false => Err(problem::internal(&"a version is not the one that the tables name")),
        }
    }
}

/// The blocks that these versions, in their order, share with the version before.
pub(super) fn blocks_of_several(rows: &[HistoryRow]) -> Vec<u64> {
    let pairs = rows.windows(2).filter(|pair| pair[0].height == pair[1].height);
    let mut heights: Vec<u64> = pairs.map(|pair| pair[0].height).collect();
    heights.dedup();
    heights
}
