//! The log as static files (C2SP tlog-tiles), for any tool that mirrors or checks transparency logs.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chancery_ledger::tile::{Tile, TileOf};

use super::access::Reader;
use super::api::Api;
use super::codes;
use super::input::{Nothing, Query};
use super::problem::Problem;
use super::reply::{self, Holds};

/// A tile of hashes, or a bundle of entries: what it holds never changes.
///
/// Entries are sent to those alone who may read all of a bundle; hashes to anyone.
#[utoipa::path(
    get, path = "/v1/log/tile/{path}", tag = "log", operation_id = "tile",
    params(("path" = String, Path, description = "LEVEL/INDEX or entries/INDEX, and .p/WIDTH for one that is not full, as C2SP tlog-tiles has them", example = "0/000.p/1")),
    responses(
        (status = 200, description = "256 hashes of 32 bytes, or as many entries behind their lengths", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 403, description = "A bundle that holds what the reader may not see"),
        (status = 404, description = "The log does not reach so far"),
    ),
)]
pub(super) async fn tile(
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    // Clients that are made from the description encode the slashes of a parameter.
    let path = http.match_info().query("path").replace("%2F", "/").replace("%2f", "/");
    let path = format!("tile/{path}");
    let absent = |why: &str| codes::NO_SUCH_TILE.because(format!("{path}: {why}"));
    let tile: Tile = path
        .parse()
        .map_err(|error: chancery_ledger::tile::NotATile| absent(&error.to_string()))?;
    if reader.is_known() {
        api.projections_reach_tip().await;
    }
    let bytes = api.read(move |node| {
        let bytes = node.view().tile(&tile)?;
        let whole = bytes.is_some() && tile.holds() == TileOf::Entries;
        if whole && !reader.sees_all(node, tile.range())? {
            return Err(codes::ENTRIES_WITHHELD.because(tile.to_string()));
        }
        Ok(bytes)
    });
    let bytes = bytes.await?.ok_or_else(|| absent("the log does not reach so far"))?;
    let binary = (header::CONTENT_TYPE, "application/octet-stream");
    Ok(reply::ok(Holds::Forever).insert_header(binary).body(bytes))
}

/// The same tile, below the address of the cosigned checkpoint.
#[utoipa::path(
    get, path = "/v1/log/cosigned/tile/{path}", tag = "log", operation_id = "cosignedTile",
    params(("path" = String, Path, description = "As under /v1/log/tile", example = "0/000.p/1")),
    responses(
        (status = 200, description = "256 hashes of 32 bytes, or as many entries behind their lengths", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 403, description = "A bundle that holds what the reader may not see"),
        (status = 404, description = "The log does not reach so far"),
    ),
)]
pub(super) async fn cosigned_tile(
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    query: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    tile(api, http, reader, query).await
}
