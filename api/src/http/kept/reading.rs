//! Reading a record that is kept, and who has read it.

use actix_web::web;
use actix_web::{HttpRequest, HttpResponse};
use chancery_ledger::record::{Disclosure, Record};
use chancery_ledger::time::Time;
use chancery_registries::records::RecordId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Asker, refused};
use crate::http::access::Reader;
use crate::http::api::Api;
use crate::http::input::{Limit, Nothing, Query, whole_if_given};
use crate::http::problem::Problem;
use crate::http::reply::{self, Holds};
use crate::node::now;
use crate::openapi::evidence;
use crate::records::Reading;

/// What is shown of a record.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct KeptRecord {
    /// Which.
    id: RecordId,
    /// All of it, for the keeper, the subjects and those who oversee the register.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<evidence::PrivateRecord>)]
    record: Option<Record>,
    /// The fields that were granted, for everyone else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<evidence::Disclosure>)]
    disclosure: Option<Disclosure>,
}

/// Reads a record, or what was granted of it. The reading is on record before it is answered.
#[utoipa::path(
    get, path = "/v1/kept/{id}", tag = "records", operation_id = "readKeptRecord",
    params(("id" = RecordId, Path, description = "KEEPER.COMMITMENT")),
    responses(
        (status = 200, description = "All of it or some of it", body = KeptRecord),
        (status = 410, description = "It was erased"),
    ),
)]
pub(in crate::http) async fn kept_record(
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    let asker = Asker::of(&api, &http, &reader).await?;
    let (id, party) = (asker.id, asker.party);
    let body = match asker.capacity {
        Some(capacity) => {
            asker.is_kept()?;
            let read = move |records: &crate::records::Records| {
                records.read_whole(&id, &party, capacity, now())
            };
            let record = api.keeping(read).await?.ok_or_else(|| asker.not_kept())?;
            KeptRecord { id, record: Some(record), disclosure: None }
        }
        None => {
            let shown = api.keeping(move |records| records.read_granted(&id, &party, now()));
            let shown = shown.await?.ok_or_else(refused)?;
            KeptRecord { id, record: None, disclosure: Some(shown) }
        }
    };
    Ok(reply::json(Holds::Unkept, &body))
}

/// Which readings.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct ReadingsQuery {
    /// Those before the reading of this number; the latest by default.
    #[serde(default, deserialize_with = "whole_if_given")]
    #[param(value_type = Option<u64>)]
    before: Option<u64>,
    /// How many at most.
    #[serde(default)]
    #[param(inline, value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Limit,
}

/// Readings of a record, the latest first.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct KeptReadings {
    /// The readings.
    items: Vec<KeptReading>,
}

/// That somebody has read a record.
#[derive(Serialize, ToSchema)]
struct KeptReading {
    /// Its number, which grows.
    number: u64,
    /// Who.
    party: String,
    /// As what: `keeper`, `subject`, `overseer` or `grantee`.
    #[schema(example = "grantee")]
    read_as: String,
    /// When.
    at: Time,
    /// Which fields; absent where all of them were, and once the record is erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<String>>,
}

impl From<Reading> for KeptReading {
    fn from(reading: Reading) -> Self {
        let Reading { number, party, capacity, at, fields } = reading;
        Self { number, party, read_as: capacity, at, fields }
    }
}

/// Who has read a record, when, and which fields. Told to whom it concerns, also after it is erased.
#[utoipa::path(
    get, path = "/v1/kept/{id}/readings", tag = "records", operation_id = "readingsOfKeptRecord",
    params(("id" = RecordId, Path, description = "KEEPER.COMMITMENT"), ReadingsQuery),
    responses((status = 200, description = "The readings", body = KeptReadings)),
)]
pub(in crate::http) async fn kept_readings(
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    Query(query): Query<ReadingsQuery>,
) -> Result<HttpResponse, Problem> {
    let asker = Asker::of(&api, &http, &reader).await?;
    asker.capacity()?;
    let id = asker.id;
    let (before, limit) = (query.before, query.limit.0);
    let readings = api.keeping(move |records| records.readings(&id, before, limit)).await?;
    let items = readings.into_iter().map(KeptReading::from).collect();
    Ok(reply::json(Holds::Unkept, &KeptReadings { items }))
}
