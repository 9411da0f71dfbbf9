//! Proofs about the log (RFC 6962): that an entry stands in it, and that it only ever grew.

use actix_web::{HttpRequest, HttpResponse, web};
use chancery_ledger::evidence::cose::{NoReceipt, SignedRoot};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::api::Api;
use super::codes;
use super::forms::{self, Form};
use super::input::Query;
use super::problem::Problem;
use super::reply::Holds;
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

/// That an entry stands in the log; as a receipt in COSE with this server's signature over the root.
#[utoipa::path(
    get, path = "/v1/log/proofs/inclusion", tag = "log", operation_id = "inclusionProof",
    params(InclusionQuery),
    responses(
        (status = 200, description = "The sibling hashes from the leaf to the root", content(
            (evidence::InclusionProof = "application/json"),
            (Vec<u8> = "application/scitt-receipt+cose"),
            (Vec<u8> = "application/cose"),
        )),
        (status = 404, description = "The position lies outside that log"),
        (status = 406, description = "Another form"),
    ),
)]
pub(super) async fn inclusion(
    api: web::Data<Api>,
    http: HttpRequest,
    Query(query): Query<InclusionQuery>,
) -> Result<HttpResponse, Problem> {
    let form = Form::preferred(&http, forms::OF_LOG_PROOFS)?;
    let view = api.node.view();
    let size = query.size.unwrap_or_else(|| view.tip().header.log_size);
    if query.position >= size {
        let detail = format!("position {} in a log of {size} entries", query.position);
        return Err(codes::BEYOND_TIP.because(detail));
    }
    let (holds, proof) = (holds(query.size), view.prove_inclusion(query.position, size)?);
    let of = |root: &SignedRoot| root.receipt_of_inclusion(&proof);
    log_proof(&api, form, holds, &proof, (size, of))
}

/// That a log begins with an earlier one; as a receipt in COSE with this server's signature over the later
/// root.
#[utoipa::path(
    get, path = "/v1/log/proofs/consistency", tag = "log", operation_id = "consistencyProof",
    params(ConsistencyQuery),
    responses(
        (status = 200, description = "PROOF of RFC 9162 2.1.4", content(
            (evidence::ConsistencyProof = "application/json"),
            (Vec<u8> = "application/scitt-receipt+cose"),
            (Vec<u8> = "application/cose"),
        )),
        (status = 404, description = "One of them is longer than the log"),
        (status = 406, description = "Another form, or a receipt in COSE where nothing need be proved"),
    ),
)]
pub(super) async fn consistency(
    api: web::Data<Api>,
    http: HttpRequest,
    Query(query): Query<ConsistencyQuery>,
) -> Result<HttpResponse, Problem> {
    let form = Form::preferred(&http, forms::OF_LOG_PROOFS)?;
    let view = api.node.view();
    let to = query.to.unwrap_or_else(|| view.tip().header.log_size);
    if query.from > to {
        let detail = format!("a log of {to} entries does not begin with one of {}", query.from);
        return Err(codes::BEYOND_TIP.because(detail));
    }
    let (holds, proof) = (holds(query.to), view.prove_consistency(query.from, to)?);
    let of = |root: &SignedRoot| root.receipt_of_consistency(&proof);
    log_proof(&api, form, holds, &proof, (to, of))
}

/// A proof in JSON, or as a receipt with the root of the log that it leads to.
fn log_proof(
    api: &Api,
    form: Form,
    holds: Holds,
    proof: &impl Serialize,
    (log_size, receipt): (u64, impl FnOnce(&SignedRoot) -> Result<Vec<u8>, NoReceipt>),
) -> Result<HttpResponse, Problem> {
    match form.kind() {
        forms::Kind::Cose => {
            let bytes = forms::receipt(&api.node, log_size, receipt)?;
            Ok(form.bytes(forms::signed(holds), bytes))
        }
        forms::Kind::Json | forms::Kind::Compact => Ok(Form::json(holds, proof)),
    }
}

/// A proof for a size that was named holds for ever.
fn holds(size: Option<u64>) -> Holds {
    if size.is_some() { Holds::Forever } else { Holds::Now }
}
