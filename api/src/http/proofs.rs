//! Proofs about the log (RFC 6962): that an entry stands in it, and that it only ever grew.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::api::Api;
use super::codes;
use super::input::Query;
use super::problem::Problem;
use super::reply::{self, Holds};
use crate::openapi::evidence;

/// Which entry, in which log.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct InclusionQuery {
    /// The entry's position, counted from 0.
    position: u64,
    /// Entries in the log whose root is known; all by default.
    size: Option<u64>,
}

/// From which log to which.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ConsistencyQuery {
    /// Entries in the earlier log.
    from: u64,
    /// Entries in the later log; all by default.
    to: Option<u64>,
}

/// That an entry stands in the log.
#[utoipa::path(
    get, path = "/v1/log/proofs/inclusion", tag = "log", operation_id = "inclusionProof",
    params(InclusionQuery),
    responses(
        (status = 200, description = "The sibling hashes from the leaf to the root", body = evidence::InclusionProof),
        (status = 404, description = "The position lies outside that log"),
    ),
)]
pub(super) async fn inclusion(
    api: web::Data<Api>,
    Query(query): Query<InclusionQuery>,
) -> Result<HttpResponse, Problem> {
    let view = api.node.view();
    let size = query.size.unwrap_or_else(|| view.tip().header.log_size);
    if query.position >= size {
        let detail = format!("position {} in a log of {size} entries", query.position);
        return Err(codes::BEYOND_TIP.because(detail));
    }
    Ok(reply::json(holds(query.size), &view.prove_inclusion(query.position, size)?))
}

/// That a log begins with an earlier one.
#[utoipa::path(
    get, path = "/v1/log/proofs/consistency", tag = "log", operation_id = "consistencyProof",
    params(ConsistencyQuery),
    responses(
        (status = 200, description = "PROOF of RFC 9162 2.1.4", body = evidence::ConsistencyProof),
        (status = 404, description = "One of them is longer than the log"),
    ),
)]
pub(super) async fn consistency(
    api: web::Data<Api>,
    Query(query): Query<ConsistencyQuery>,
) -> Result<HttpResponse, Problem> {
    let view = api.node.view();
    let to = query.to.unwrap_or_else(|| view.tip().header.log_size);
    if query.from > to {
        let detail = format!("a log of {to} entries does not begin with one of {}", query.from);
        return Err(codes::BEYOND_TIP.because(detail));
    }
    Ok(reply::json(holds(query.to), &view.prove_consistency(query.from, to)?))
}

/// A proof for a size that was named holds for ever.
fn holds(size: Option<u64>) -> Holds {
    if size.is_some() { Holds::Forever } else { Holds::Now }
}
