//! Questions that the history answers: from every version of the object up to a block.

use chancery_ledger::evidence::Evidence;
use chancery_registries::shape::Version;
use serde_json::Value;

use super::{Answered, Asked, Ground};
use crate::http::api::Api;
use crate::http::codes;
use crate::http::objects::Changed;
use crate::http::problem::Problem;
use crate::http::versions::{Left, blocks_of_several};
use crate::node::Node;
use crate::projection::{HistoryRow, ProjectionError};

/// The most versions that are looked through for one answer.
const VERSIONS_MAX: usize = 2048;
/// The most blocks that are executed again for one answer.
const REPLAYS_MAX: usize = 16;

/// Asks the history up to a block.
pub(super) async fn ask(
    api: &Api,
    asked: Asked,
    answer: fn(&[Version]) -> Option<Value>,
) -> Result<Answered, Problem> {
    asked.target.bytes(api.node.view(), asked.at.height)?;
    let rows = rows(api, &asked).await?;
    asked.can_be_proved(rows.len())?;
    let left = left_within_blocks(api, &asked, &rows).await?;
    api.read(move |node| {
        let mut versions = Vec::with_capacity(rows.len());
        let mut grounds = Vec::with_capacity(rows.len());
        for row in &rows {
            let changed = Changed::at(node, &asked.reader, row.position)?;
            versions.push(version(node, &asked, row, &changed, &left)?);
            let object = object(&asked);
            grounds.push(Ground { object, version: Some(row.version), changed: Some(changed) });
        }
        let proofs = asked.proofs.then(|| prove(node, &asked, &grounds)).transpose()?;
        Ok(Answered { answer: answer(&versions), grounds, proofs })
    })
    .await
}

fn object(asked: &Asked) -> String {
    let kind = asked.target.kind;
    format!("{}/{}/{}", kind.register, kind.name, asked.target.id)
}

/// The versions up to the block, the oldest first.
async fn rows(api: &Api, asked: &Asked) -> Result<Vec<HistoryRow>, Problem> {
    let (kind, id, height) = (asked.target.kind, asked.target.id.clone(), asked.at.height);
    let rows = api.query(move |projections| {
        if projections.applied_height() < Some(height) {
            return Err(ProjectionError::NotYetApplied { asked: height });
        }
        projections.history(kind.register, kind.name, &id, None, VERSIONS_MAX + 1)
    });
    let rows = rows.await?.ok_or_else(Problem::not_yet_projected)?;
    let rows: Vec<HistoryRow> = rows.into_iter().filter(|row| row.height <= height).collect();
    if rows.len() > VERSIONS_MAX {
        let detail = format!("it has more than {VERSIONS_MAX} versions by block {height}");
        return Err(codes::HISTORY_TOO_LONG.because(detail));
    }
    Ok(rows)
}

/// What each transition left in blocks with more than one version.
async fn left_within_blocks(
    api: &Api,
    asked: &Asked,
    rows: &[HistoryRow],
) -> Result<Left, Problem> {
    let heights = blocks_of_several(rows);
    if heights.len() > REPLAYS_MAX {
        let detail = format!("{} of its blocks have several versions", heights.len());
        return Err(codes::HISTORY_TOO_LONG.because(detail));
    }
    Left::of(api, &asked.target, &heights).await
}

fn version(
    node: &Node,
    asked: &Asked,
    row: &HistoryRow,
    changed: &Changed,
    left: &Left,
) -> Result<Version, Problem> {
    let stored = left.version(node.view(), &asked.target, row)?;
    Ok(Version {
        transition: changed.transition,
        position: row.position,
        height: changed.height,
        time: changed.time,
        stored,
    })
}

fn prove(node: &Node, asked: &Asked, grounds: &[Ground]) -> Result<Vec<Evidence>, Problem> {
    let (view, kind) = (node.view(), asked.target.kind);
    let changes = grounds.iter().filter_map(|ground| ground.changed);
    let prove = |changed: Changed| match (changed.position, changed.is_withheld()) {
        (Some(position), false) => Ok(Evidence::Receipt(view.receipt(position)?)),
        _ => {
            let Asked { target, .. } = asked;
            let status = view.status(kind.register, kind.name, &target.id, changed.height)?;
            Ok(Evidence::Status(status))
        }
    };
    changes.map(prove).collect()
}
