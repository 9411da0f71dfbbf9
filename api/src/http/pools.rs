//! The pools that seal blocks, one after the other, and the proofs that lead from one to the next.

use actix_web::{HttpResponse, web};
use chancery_ledger::evidence::StatusProof;
use chancery_ledger::hash::Hash;
use chancery_ledger::key::PublicKey;
use chancery_ledger::seal::{Term, Validator};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::api::Api;
use super::input::{Query, whole_if_given};
use super::problem::Problem;
use super::reply;
use crate::openapi::evidence;

/// Pools of one page.
const POOLS_MAX: usize = 50;
/// Proofs of one page: each has two pools and the signatures of one.
const HANDOVERS_MAX: usize = 16;

/// From where on.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AfterQuery {
    /// Only pools whose first height is above this one; all when left out.
    #[serde(default, deserialize_with = "whole_if_given")]
    after: Option<u64>,
}

/// A pool and when it seals.
#[derive(Serialize, ToSchema)]
pub(super) struct TermBody {
    /// The first height that it seals.
    from: u64,
    /// The height of the block that named it; `null` for the pool of the genesis.
    named_in: Option<u64>,
    /// What the headers name it by.
    pool: Hash,
    /// Its members, in the order in which the hash takes them.
    validators: Vec<MemberBody>,
}

/// A member of a pool.
#[derive(Serialize, ToSchema)]
struct MemberBody {
    /// What it is called.
    name: String,
    /// The key it votes with.
    key: PublicKey,
    /// The weight of its vote.
    power: u32,
}

/// Pools in their order.
#[derive(Serialize, ToSchema)]
pub(super) struct PoolsPage {
    /// The pools.
    items: Vec<TermBody>,
    /// Where the next page is; `null` on the last.
    next: Option<String>,
}

/// Handovers in their order.
#[derive(Serialize, ToSchema)]
pub(super) struct HandoversPage {
    /// Proofs of `validators/pool/pool`, each as of the block that named the next pool.
    #[schema(value_type = Vec<evidence::StatusProof>)]
    items: Vec<StatusProof>,
    /// Where the next page is; `null` on the last.
    next: Option<String>,
}

/// The pools that have sealed and will seal, from the genesis's on; none where work seals.
#[utoipa::path(
    get, path = "/v1/log/pools", tag = "log", operation_id = "pools",
    params(AfterQuery),
    responses((status = 200, description = "Who seals from which height", body = PoolsPage,
        headers(("Link" = String, description = "The next page (RFC 8288)")))),
)]
pub(super) async fn pools(
    api: web::Data<Api>,
    Query(query): Query<AfterQuery>,
) -> Result<HttpResponse, Problem> {
    let view = api.node.view();
    let mut items = Vec::new();
    // Work seals the blocks of this ledger.
    if view.genesis().pool().is_none() {
        return Ok(page_of_pools(items, None));
    }
    if query.after.is_none() {
        items.push(term_body(None, view.first_term()?));
    }
    let mut after = query.after.unwrap_or(0);
    while let Some((named_in, term)) = view.term_after(after)? {
        if items.len() == POOLS_MAX {
            let next = format!("/v1/log/pools?after={after}");
            return Ok(page_of_pools(items, Some(next)));
        }
        after = term.from;
        items.push(term_body(Some(named_in), term));
    }
    Ok(page_of_pools(items, None))
}

fn page_of_pools(items: Vec<TermBody>, next: Option<String>) -> HttpResponse {
    let page = PoolsPage { items, next };
    reply::page(&page, page.next.as_deref())
}

fn term_body(named_in: Option<u64>, term: Term) -> TermBody {
    let member = |Validator { name, key, power }| MemberBody { name, key, power };
    let (from, pool) = (term.from, term.pool().hash());
    let validators = term.validators.into_iter().map(member).collect();
    TermBody { from, named_in, pool, validators }
}

/// The proofs that lead whoever holds the genesis, or a later pool, to the pool that seals now.
///
/// Each is sealed by the pool before it, and names the next one for good. A verifier follows them in
/// their order.
#[utoipa::path(
    get, path = "/v1/log/handovers", tag = "log", operation_id = "handovers",
    params(AfterQuery),
    responses((status = 200, description = "A status proof for each change of the pool", body = HandoversPage,
        headers(("Link" = String, description = "The next page (RFC 8288)")))),
)]
pub(super) async fn handovers(
    api: web::Data<Api>,
    Query(query): Query<AfterQuery>,
) -> Result<HttpResponse, Problem> {
    let view = api.node.view();
    let (mut items, mut next) = (Vec::new(), None);
    let mut after = query.after.unwrap_or(0);
    let sealed_by_pools = view.genesis().pool().is_some();
    while sealed_by_pools && let Some((named_in, term)) = view.term_after(after)? {
        if items.len() == HANDOVERS_MAX {
            next = Some(format!("/v1/log/handovers?after={after}"));
            break;
        }
        after = term.from;
        items.push(view.handover_in(named_in)?);
    }
    let page = HandoversPage { items, next };
    Ok(reply::page(&page, page.next.as_deref()))
}
