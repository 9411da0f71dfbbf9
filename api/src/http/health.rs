//! Whether the server lives, and whether it takes transitions in.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::api::Api;
use super::input::{Nothing, Query};
use super::problem::Problem;
use crate::node::Unavailable;

/// How the node is.
#[derive(Serialize, ToSchema)]
pub(super) struct HealthBody {
    /// `ready`.
    #[schema(example = "ready")]
    status: &'static str,
    /// The height of the last final block.
    height: u64,
    /// Entries in the log.
    log_size: u64,
    /// The height that the projections have reached.
    applied_height: Option<u64>,
    /// Transitions that wait.
    queue_transitions: usize,
    /// Transitions that may wait.
    queue_capacity_transitions: usize,
}

/// Whether the process answers.
#[utoipa::path(
    get, path = "/healthz", tag = "operation", operation_id = "alive",
    responses((status = 200, description = "It lives", body = String, content_type = "text/plain")),
)]
pub(super) async fn alive(_: Query<Nothing>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8"))
        .body("ok\n")
}

/// Whether the node takes transitions in.
#[utoipa::path(
    get, path = "/readyz", tag = "operation", operation_id = "ready",
    responses(
        (status = 200, description = "It does", body = HealthBody),
        (status = 503, description = "It is stopping, has stopped writing, or too few validators agree"),
    ),
)]
pub(super) async fn ready(api: web::Data<Api>, _: Query<Nothing>) -> Result<HttpResponse, Problem> {
    let health = api.node.health();
    if let Some(reason) = health.halted {
        return Err(Unavailable::Halted(reason).into());
    }
    api.node.has_quorum()?;
    if api.is_stopping() {
        return Err(Unavailable::Stopping.into());
    }
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(HealthBody {
        status: "ready",
        height: health.height,
        log_size: health.log_size,
        applied_height: health.applied_height,
        queue_transitions: health.queue_len,
        queue_capacity_transitions: health.queue_capacity,
    }))
}
