//! Blocks: what each ordered, for people as JSON and for auditors byte for byte.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chancery_ledger::block::{Block, Header, PARTIAL_BLOCK, PartialBlock, PartialEntry};
use chancery_ledger::error::Error as LedgerError;
use chancery_ledger::hash::Hash;
use chancery_ledger::merkle::leaf_hash;
use chancery_ledger::seal::Seal;
use chancery_ledger::time::Time;
use chancery_ledger::transition::Entry;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::access::{Reader, private_registers_of};
use super::api::Api;
use super::codes;
use super::input::{Limit, Nothing, Query, path_part, whole_if_given};
use super::objects::is_false;
use super::problem::{self, Problem};
use super::reply::{self, Holds};
use crate::node::Node;
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
#[serde(untagged)]
enum EntryBody {
    /// One that the reader may see.
    Shown {
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
        /// Whether it is private.
        #[serde(skip_serializing_if = "is_false")]
        private: bool,
    },
    /// A private one that does not concern the reader.
    Withheld {
        /// Its position.
        position: u64,
        /// The hash of its leaf, which the body root and the log's root are made of.
        leaf: Hash,
        /// `true`: it is private.
        private: bool,
    },
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
    #[serde(default, deserialize_with = "whole_if_given")]
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
    let page = page.await?;
    Ok(reply::page(&page, page.next.as_deref()))
}

/// A block: as JSON, or byte for byte as `application/octet-stream`.
///
/// Private entries are shown to those whom they concern. Byte for byte a block is sent to those alone who
/// may read all of it; others accept `application/vnd.chancery.partial-block`, in which leaf hashes stand
/// for the entries that are withheld, so that the roots can be checked all the same. Who accepts both gets
/// the exact bytes if it may.
#[utoipa::path(
    get, path = "/v1/blocks/{height}", tag = "log", operation_id = "block",
    params(("height" = u64, Path, description = "How many blocks stand before it", example = 1)),
    responses(
        (status = 200, description = "The block", content(
            (BlockBody = "application/json"),
            (String = "application/octet-stream"),
            (String = "application/vnd.chancery.partial-block"),
        )),
        (status = 403, description = "Byte for byte, and it holds what the reader may not see"),
    ),
)]
pub(super) async fn block(
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    let height: u64 = path_part(&http, "height")?;
    let exact = reply::prefers(&http, OCTETS);
    let partial = reply::prefers(&http, PARTIAL_BLOCK);
    if reader.is_known() {
        api.projections_reach_tip().await;
    }
    let vary = (header::VARY, "Accept");
    if !exact && !partial {
        let body = api.read(move |node| block_body(node, &reader, height)).await?;
        return Ok(reply::ok(Holds::Forever).insert_header(vary).json(body));
    }
    let sent = api.read(move |node| {
        let view = node.view();
        let all = reader.sees_all(node, view.block_positions(height)?)?;
        match (all, partial) {
            (true, _) => {
                Ok((if exact { OCTETS } else { PARTIAL_BLOCK }, view.block_bytes(height)?))
            }
            (false, true) => Ok((PARTIAL_BLOCK, partial_block(node, &reader, height)?.encode())),
            (false, false) => Err(codes::ENTRIES_WITHHELD.because(format!("block {height}"))),
        }
    });
    let (media_type, bytes) = sent.await?;
    let content_type = (header::CONTENT_TYPE, media_type);
    Ok(reply::ok(Holds::Forever).insert_header(content_type).insert_header(vary).body(bytes))
}

const OCTETS: &str = "application/octet-stream";

/// A block as far as the reader may see it.
fn partial_block(node: &Node, reader: &Reader, height: u64) -> Result<PartialBlock, Problem> {
    let block = node.view().block(height)?;
    let positions = first_position(&block)..;
    let Block { header, seal, entries } = block;
    let shown = positions.zip(entries).map(|(position, entry)| {
        match reader.sees(node, position, &private_registers_of(&entry))? {
            true => Ok(PartialEntry::Shown(entry)),
            false => Ok(PartialEntry::Withheld(leaf_hash(&entry))),
        }
    });
    let entries = shown.collect::<Result<_, Problem>>()?;
    Ok(PartialBlock { header, seal, entries })
}

fn first_position(block: &Block) -> u64 {
    block.header.log_size.saturating_sub(block.entries.len() as u64)
}

fn block_body(node: &Node, reader: &Reader, height: u64) -> Result<BlockBody, Problem> {
    let block = node.view().block(height)?;
    let positions = first_position(&block)..;
    let entries = positions.zip(&block.entries);
    let entries = entries.map(|(position, bytes)| entry_body(node, reader, position, bytes));
    let entries = entries.collect::<Result<_, _>>()?;
    Ok(BlockBody { header: HeaderBody::of(block.header, block.seal), entries })
}

fn entry_body(
    node: &Node,
    reader: &Reader,
    position: u64,
    bytes: &[u8],
) -> Result<EntryBody, Problem> {
    let registers = private_registers_of(bytes);
    if !reader.sees(node, position, &registers)? {
        return Ok(EntryBody::Withheld { position, leaf: leaf_hash(bytes), private: true });
    }
    // What stands in a final block was read before it was ordered.
    let entry = Entry::decode(bytes).map_err(|error| problem::internal(&error))?;
    let transition = serde_json::from_slice(entry.transition);
    Ok(EntryBody::Shown {
        position,
        id: node.view().place(position)?.id,
        outcome: entry.outcome.to_string(),
        transition: transition.map_err(|error| problem::internal(&error))?,
        private: !registers.is_empty(),
    })
}
