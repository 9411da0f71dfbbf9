//! Records that this node keeps: handed in by their keepers, read by those who may, and every reading on record.
//!
//! Who may is said by the ledger (keeper, subject, overseer) and by what these have granted. Everyone else is refused in
//! the same words whether or not there is such a record, and may ask all the same.

mod asking;
mod reading;

use actix_web::http::header;
use actix_web::web::{self, Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use chancery_ledger::execution::Object;
use chancery_ledger::party::PartyId;
use chancery_ledger::record::Record;
use chancery_registries::records::{Record as Anchored, RecordId, RecordStatus};
use serde::de::DeserializeOwned;

use super::access::Reader;
use super::api::Api;
use super::body;
use super::codes;
use super::input::{Nothing, Query, path_part};
use super::problem::{self, Problem};
use super::reply::PRIVATE;
use crate::node::now;
use crate::openapi::evidence;
use crate::records::{Capacity, KeepError, Keeping};

pub(super) use asking::*;
pub(super) use reading::*;

/// The largest record that is taken in: one whose fields are all as long as they may be, in JSON without escapes.
const RECORD_BYTES_MAX: usize = 5 * 1024 * 1024;
/// Larger than any grant or request.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// Who asks about a record, and what the ledger says of both.
struct Asker {
    id: RecordId,
    party: PartyId,
    capacity: Option<Capacity>,
    /// The record as it stands on the ledger; none for somebody without a capacity.
    anchored: Option<Anchored>,
}

impl Asker {
    async fn of(api: &Api, http: &HttpRequest, reader: &Reader) -> Result<Self, Problem> {
        let id: RecordId = path_part(http, "id")?;
        let party = reader.party_in(Anchored::REGISTER).ok_or_else(refused)?;
        let oversees = reader.reads_all_of(Anchored::REGISTER);
        let anchored = api.keeping(move |records| records.anchored(&id)).await?;
        let capacity = match &anchored {
            Some(anchored) if anchored.keeper == party => Some(Capacity::Keeper),
            Some(anchored) if anchored.subjects.contains(&party) => Some(Capacity::Subject),
            Some(_) if oversees => Some(Capacity::Overseer),
            _ => None,
        };
        let anchored = anchored.filter(|_| capacity.is_some());
        Ok(Self { id, party, capacity, anchored })
    }

    /// Somebody whom the record concerns, or who oversees the register.
    fn capacity(&self) -> Result<Capacity, Problem> {
        self.capacity.ok_or_else(refused)
    }

    /// Keeper and subjects say who else may read; who oversees does not.
    fn may_grant(&self) -> Result<(), Problem> {
        match self.capacity()? {
            Capacity::Keeper | Capacity::Subject => Ok(()),
            Capacity::Overseer | Capacity::Grantee => {
                Err(codes::RECORD_NOT_YOURS.because("you oversee the register, and no more"))
            }
        }
    }

    /// What the ledger calls erased is not shown, even before it is gone from here.
    fn is_kept(&self) -> Result<(), Problem> {
        match self.anchored.as_ref().map(|anchored| anchored.status) {
            Some(RecordStatus::Erased) => {
                Err(codes::KEPT_RECORD_ERASED.because(self.id.to_string()))
            }
            Some(RecordStatus::Kept) | None => Ok(()),
        }
    }

    fn not_kept(&self) -> Problem {
        codes::RECORD_NOT_KEPT.because(self.id.to_string())
    }
}

/// The one answer to everyone whom a record does not concern.
fn refused() -> Problem {
    codes::REGISTER_PRIVATE.because(Anchored::REGISTER)
}

impl From<KeepError> for Problem {
    fn from(error: KeepError) -> Self {
        problem::internal(&error)
    }
}

/// Hands in a record to be kept.
///
/// By its keeper, once it is anchored: the body has the commitment that the address names. Sent twice, it is kept once.
#[utoipa::path(
    put, path = "/v1/kept/{id}", tag = "records", operation_id = "keepRecord",
    params(("id" = RecordId, Path, description = "KEEPER.COMMITMENT")),
    request_body(
        description = "The record with its salts, at most 5,242,880 bytes",
        content((evidence::PrivateRecord = "application/json")),
    ),
    responses(
        (status = 201, description = "It is kept from now on"),
        (status = 204, description = "It is kept already"),
        (status = 409, description = "It is not anchored"),
        (status = 410, description = "It was erased"),
        (status = 413, description = "Larger than a record may be"),
        (status = 422, description = "It has another commitment"),
    ),
)]
pub(super) async fn keep(
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    _: Query<Nothing>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    is_json(&http)?;
    let id: RecordId = path_part(&http, "id")?;
    if reader.party_in(Anchored::REGISTER) != Some(id.keeper) {
        return Err(refused());
    }
    let record: Record = read_json(payload, RECORD_BYTES_MAX).await?;
    let kept = api.keeping(move |records| {
        // Hashing many fields takes its time, too.
        if record.commitment() != id.commitment {
            return Ok(None);
        }
        records.keep(&id, &record, now()).map(Some)
    });
    match kept.await? {
        None => Err(codes::RECORD_DOES_NOT_FIT.because("its commitment is another")),
        Some(Keeping::Kept) => Ok(without_body(HttpResponse::Created())),
        Some(Keeping::KeptBefore) => Ok(without_body(HttpResponse::NoContent())),
        Some(Keeping::NotAnchored) => Err(codes::RECORD_NOT_ANCHORED.because(id.to_string())),
        Some(Keeping::Erased) => Err(codes::KEPT_RECORD_ERASED.because(id.to_string())),
    }
}

/// What is told to everyone alike, before anything else is looked at.
fn is_json(http: &HttpRequest) -> Result<(), Problem> {
    body::is_of_type(http.headers(), &["application/json"])
}

/// An answer that says it all by its status.
fn without_body(mut response: HttpResponseBuilder) -> HttpResponse {
    response.insert_header((header::CACHE_CONTROL, PRIVATE)).finish()
}

/// A body in JSON.
async fn read_json<T: DeserializeOwned>(
    payload: Payload,
    limit_bytes: usize,
) -> Result<T, Problem> {
    let too_large = |_| codes::BODY_TOO_LARGE.because(format!("at most {limit_bytes} bytes"));
    let bytes: Bytes = body::read(payload, limit_bytes).await?.map_err(too_large)?;
    serde_json::from_slice(&bytes).map_err(|error| codes::BAD_BODY.because(error.to_string()))
}
