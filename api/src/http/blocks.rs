//! Blocks: what each ordered, for people as JSON and for auditors byte for byte.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chancery_ledger::block::{Block, Header};
use chancery_ledger::error::Error as LedgerError;
use chancery_ledger::hash::Hash;
use chancery_ledger::seal::Seal;
use chancery_ledger::time::Time;
use chancery_ledger::transition::Entry;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::api::Api;
use super::codes;
use super::input::{Limit, Nothing, Query, path_part};
use super::problem::Problem;
use super::reply::{self, Holds};
use crate::openapi::evidence;

/// What a block states, and why it counts.
#[derive(Serialize, ToSchema)]
pub(super) struct HeaderBody {
    /// How many blocks stand before it.
    height: u64,
    /// Its name: SHA-256 of its header.
    hash: Hash,
    /// The hash of the block before.
    previous: Hash,
    /// When its transitions took effect.
    time: Time,
    /// The root over its entries alone.
    body_root: Hash,
    /// Entries in the log with it.
    log_size: u64,
    /// The root of the log with it.
    log_root: Hash,
    /// The root of the state after it.
    state_root: Hash,
    /// The pool that seals it.
    pool: Hash,
    /// Why it counts.
    #[schema(value_type = evidence::Seal)]
    seal: Seal,
}

/// A block with its entries.
#[derive(Serialize, ToSchema)]
pub(super) struct BlockBody {
    /// What it states, and why it counts.
    #[serde(flatten)]
    header: HeaderBody,
    /// What it orders.
    entries: Vec<EntryBody>,
}

/// An entry of the log.
#[derive(Serialize, ToSchema)]
struct EntryBody {
    /// Its position.
    position: u64,
    /// The transition's id.
    id: Hash,
    /// `applied`, or the code for which it changed nothing.
    #[schema(example = "applied")]
    outcome: String,
    /// The transition.
    #[schema(value_type = evidence::Transition)]
    transition: Box<RawValue>,
}

/// A page of blocks, the latest first.
#[derive(Serialize, ToSchema)]
pub(super) struct BlocksPage {
    /// The blocks.
    items: Vec<HeaderBody>,
    /// Where the next page is; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Which blocks.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct BlocksQuery {
    /// From the `next` of the page before.
    cursor: Option<u64>,
    /// How many to a page.
    #[serde(default)]
    #[param(inline, value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Limit,
}

impl HeaderBody {
    fn of(header: Header, seal: Seal) -> Self {
        Self {
            height: header.height,
            hash: header.hash(),
            previous: header.previous,
            time: header.time,
            body_root: header.body_root,
            log_size: header.log_size,
            log_root: header.log_root,
            state_root: header.state_root,
            pool: header.pool,
            seal,
        }
    }
}

/// The blocks, the latest first.
#[utoipa::path(
    get, path = "/v1/blocks", tag = "log", operation_id = "blocks", params(BlocksQuery),
    responses((status = 200, description = "A page of headers with their seals", body = BlocksPage)),
)]
pub(super) async fn blocks(
    api: web::Data<Api>,
    Query(query): Query<BlocksQuery>,
) -> Result<HttpResponse, Problem> {
    let page = api.read(move |node| {
        let view = node.view();
        let tip = view.tip().header.height;
        let first = query.cursor.unwrap_or(tip);
        if first > tip {
            return Err(codes::BAD_CURSOR.because("it lies beyond the tip"));
        }
        let last = (first + 1).saturating_sub(u64::from(query.limit.0));
        let header = |height| {
            let (header, seal) = view.sealed_header(height)?;
            Ok(HeaderBody::of(header, seal))
        };
        let items = (last..=first).rev().map(header).collect::<Result<_, LedgerError>>()?;
        let next = last
            .checked_sub(1)
            .map(|cursor| format!("/v1/blocks?cursor={cursor}&limit={}", query.limit.0));
        Ok(BlocksPage { items, next })
    });
    Ok(reply::json(Holds::Now, &page.await?))
}

/// A block: as JSON, or byte for byte as `application/octet-stream`.
#[utoipa::path(
    get, path = "/v1/blocks/{height}", tag = "log", operation_id = "block",
    params(("height" = u64, Path, description = "How many blocks stand before it", example = 1)),
    responses((status = 200, description = "The block", content(
        (BlockBody = "application/json"),
        (String = "application/octet-stream"),
    ))),
)]
pub(super) async fn block(
    api: web::Data<Api>,
    http: HttpRequest,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    let height: u64 = path_part(&http, "height")?;
    let exact = reply::prefers(&http, "application/octet-stream");
    let vary = (header::VARY, "Accept");
    if exact {
        let bytes = api.read(move |node| Ok(node.view().block_bytes(height)?)).await?;
        let octets = (header::CONTENT_TYPE, "application/octet-stream");
        return Ok(reply::ok(Holds::Forever).insert_header(octets).insert_header(vary).body(bytes));
    }
    let body = api.read(move |node| {
        let view = node.view();
        let block = view.block(height)?;
        let positions = view.block_positions(height)?;
        let ids = positions.map(|position| Ok((position, view.place(position)?.id)));
        Ok(block_body(block, ids.collect::<Result<_, LedgerError>>()?))
    });
    Ok(reply::ok(Holds::Forever).insert_header(vary).json(body.await?))
}

fn block_body(block: Block, ids: Vec<(u64, Hash)>) -> BlockBody {
    let entry = |(bytes, (position, id)): (&Vec<u8>, (u64, Hash))| {
        // What stands in a final block was read before it was ordered.
        let entry = Entry::decode(bytes).ok()?;
        let transition = serde_json::from_slice(entry.transition).ok()?;
        Some(EntryBody { position, id, outcome: entry.outcome.to_string(), transition })
    };
    let entries = block.entries.iter().zip(ids).filter_map(entry).collect();
    BlockBody { header: HeaderBody::of(block.header, block.seal), entries }
}
