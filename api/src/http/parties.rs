//! What only one register has: DID documents of parties, readings of parcel numbers.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chancery_ledger::execution::{Object, Stored};
use chancery_registries::identity::{self, Party};
use chancery_registries::kind;
use chancery_registries::parcels::number::recognise;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::access::Reader;
use super::api::Api;
use super::codes;
use super::input::{AsOf, AsOfQuery, Query};
use super::objects::Target;
use super::problem::{self, Problem};
use super::reply;

/// A party as a W3C DID.
///
/// A resolution result with `didDocument`, `didDocumentMetadata` and `didResolutionMetadata`; for
/// `Accept: application/did+json` or `application/did+ld+json` the document alone.
#[utoipa::path(
    get, path = "/v1/identity/{id}/did", tag = "identity", operation_id = "did",
    params(("id" = chancery_ledger::party::PartyId, Path, description = "The party's ID code"), AsOfQuery),
    responses((status = 200, description = "What the DID resolves to", content(
        (Object = "application/json"),
        (Object = "application/did+json"),
        (Object = "application/did+ld+json"),
    ))),
)]
pub(super) async fn did(
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    Query(query): Query<AsOfQuery>,
) -> Result<HttpResponse, Problem> {
    let kind = kind(Party::REGISTER, Party::KIND);
    let kind = kind.ok_or_else(|| problem::internal(&"the identity register has no parties"))?;
    let view = api.node.view();
    let at = AsOf::find(query.as_of, view)?;
    let target = Target::of(kind, &http, &reader, view, at.height)?;
    // A key may expire while no block is made: now is now, and then is the time of the block.
    let time = match query.as_of {
        None => crate::node::now(),
        Some(_) => view.block_time(at.height)?,
    };
    let stored = Stored::<Party>::decode(&target.bytes(view, at.height)?);
    let party = stored.map_err(|error| problem::internal(&error))?.value;
    let resolved = identity::did_document(&party, &view.genesis().ledger(), time);
    let mut response = reply::ok(at.into());
    response.insert_header((header::VARY, "Accept"));
    let wanted = ["application/did+json", "application/did+ld+json"];
    Ok(match wanted.into_iter().find(|media_type| reply::prefers(&http, media_type)) {
        Some(media_type) => response
            .content_type(media_type)
            .body(resolved.get("didDocument").map(ToString::to_string).unwrap_or_default()),
        None => response.json(resolved),
    })
}

/// A reading of a text as a carrier's number.
#[derive(Serialize, ToSchema)]
pub(super) struct Reading {
    /// The carrier whose numbers have this form.
    carrier: &'static str,
    /// The form.
    format: &'static str,
    /// Whether the number is a valid one.
    valid: bool,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    wrong: Option<String>,
}

/// Which text.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct NumberQuery {
    /// A number as it stands on a label.
    #[param(example = "RB123456785GB", max_length = 80)]
    number: String,
}

/// The longest known is half as long.
const NUMBER_CHARACTERS_MAX: usize = 80;

/// Which carriers' numbers a text may be, and whether it is a valid one.
#[utoipa::path(
    get, path = "/v1/parcel-numbers", tag = "parcels", operation_id = "recogniseParcelNumber",
    params(NumberQuery),
    responses((status = 200, description = "Every reading; none when the text is no carrier's number", body = Vec<Reading>)),
)]
pub(super) async fn parcel_number(
    Query(query): Query<NumberQuery>,
) -> Result<HttpResponse, Problem> {
    if query.number.chars().count() > NUMBER_CHARACTERS_MAX {
        return Err(codes::BAD_QUERY.because("no carrier's number is that long"));
    }
    let readings = recognise(&query.number).into_iter().map(|reading| Reading {
        carrier: reading.carrier,
        format: reading.format,
        valid: reading.valid.is_ok(),
        wrong: reading.valid.err().map(|wrong| wrong.to_string()),
    });
    let readings: Vec<Reading> = readings.collect();
    Ok(HttpResponse::Ok().insert_header(reply::for_a_minute()).json(readings))
}
