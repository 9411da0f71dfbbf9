//! Asking to read a record, and letting others read it.

use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};
use chancery_ledger::party::PartyId;
use chancery_ledger::record::FieldName;
use chancery_ledger::time::Time;
use chancery_registries::records::RecordId;
use chancery_registries::text::Statement;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Asker, BODY_BYTES_MAX, is_json, read_json, without_body};
use crate::http::access::Reader;
use crate::http::api::Api;
use crate::http::codes;
use crate::http::input::{Nothing, Query, path_part};
use crate::http::problem::Problem;
use crate::http::reply::{self, Holds};
use crate::node::now;
use crate::records::{Grant, Granting, Request, Terms};

/// The most fields that are named at a time: as many as a record has.
const FIELDS_MAX: usize = 512;

/// Lets a party read fields of a record.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewGrant {
    /// Who may read.
    party: PartyId,
    /// The names of the fields.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 512)]
    fields: Vec<FieldName>,
    /// Until when, that moment excluded.
    until: Time,
}

/// Asks to read fields of a record.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewRequest {
    /// The names of the fields.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 512)]
    fields: Vec<FieldName>,
    /// Why.
    why: Statement,
}

/// What is granted of a record.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct KeptGrants {
    /// The grants that hold.
    items: Vec<KeptGrant>,
}

/// What a party may read of a record.
#[derive(Serialize, ToSchema)]
struct KeptGrant {
    /// Who may.
    party: String,
    /// Which fields.
    fields: Vec<String>,
    /// Who says so.
    granted_by: String,
    /// Since when.
    granted: Time,
    /// Until when, that moment excluded.
    until: Time,
}

/// What is asked about a record.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct KeptRequests {
    /// The requests, the oldest first.
    items: Vec<KeptRequest>,
}

/// What a party would like to read of a record.
#[derive(Serialize, ToSchema)]
struct KeptRequest {
    /// Who would.
    party: String,
    /// Which fields.
    fields: Vec<String>,
    /// Why.
    why: Statement,
    /// When it asked.
    asked: Time,
    /// When it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<Time>,
}

impl From<Grant> for KeptGrant {
    fn from(grant: Grant) -> Self {
        let Grant { party, fields, granted_by, granted, until } = grant;
        Self { party, fields, granted_by, granted, until }
    }
}

impl From<Request> for KeptRequest {
    fn from(request: Request) -> Self {
        let Request { party, terms: Terms { fields, why }, asked, refused } = request;
        Self { party, fields, why, asked, refused }
    }
}

/// Lets a party read fields of a record until a moment. By the keeper or a subject.
#[utoipa::path(
    post, path = "/v1/kept/{id}/grants", tag = "records", operation_id = "grantKeptRecord",
    params(("id" = RecordId, Path, description = "KEEPER.COMMITMENT")),
    request_body(content((NewGrant = "application/json"))),
    responses(
        (status = 204, description = "It is granted, in the place of what was granted before"),
        (status = 410, description = "The record was erased"),
        (status = 413, description = "Larger than a grant may be"),
        (status = 422, description = "The record has no such field, the time is over, or there are too many grants"),
    ),
)]
pub(in crate::http) async fn grant(
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    _: Query<Nothing>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    is_json(&http)?;
    let asker = Asker::of(&api, &http, &reader).await?;
    asker.may_grant()?;
    asker.is_kept()?;
    let NewGrant { party: to, fields, until } = read_json(payload, BODY_BYTES_MAX).await?;
    let (fields, now) = (names(&fields)?, now());
    if until <= now {
        return Err(codes::GRANT_OVER.because(format!("it would end at {until}, and it is {now}")));
    }
    let (id, by) = (asker.id, asker.party);
    let granting =
        api.keeping(move |records| records.grant(&id, (&by, &to), &fields, (now, until)));
    match granting.await? {
        Granting::Granted => Ok(without_body(HttpResponse::NoContent())),
        Granting::NotKept => Err(asker.not_kept()),
        Granting::NoSuchField(name) => Err(codes::NO_SUCH_FIELD.because(name)),
        Granting::TooMany => Err(codes::TOO_MANY_GRANTS.because("64 hold")),
    }
}

/// What is granted of a record.
#[utoipa::path(
    get, path = "/v1/kept/{id}/grants", tag = "records", operation_id = "grantsOfKeptRecord",
    params(("id" = RecordId, Path, description = "KEEPER.COMMITMENT")),
    responses((status = 200, description = "The grants that hold", body = KeptGrants)),
)]
pub(in crate::http) async fn grants(
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    let asker = Asker::of(&api, &http, &reader).await?;
    asker.capacity()?;
    let id = asker.id;
    let grants = api.keeping(move |records| records.grants(&id, now())).await?;
    let items = grants.into_iter().map(KeptGrant::from).collect();
    Ok(reply::json(Holds::Unkept, &KeptGrants { items }))
}

/// Takes back what was granted to a party. By the keeper or a subject.
#[utoipa::path(
    delete, path = "/v1/kept/{id}/grants/{party}", tag = "records", operation_id = "revokeGrant",
    params(
        ("id" = RecordId, Path, description = "KEEPER.COMMITMENT"),
        ("party" = PartyId, Path, description = "Who may read no longer"),
    ),
    responses((status = 204, description = "It is taken back")),
)]
pub(in crate::http) async fn revoke(
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    let party: PartyId = path_part(&http, "party")?;
    let asker = Asker::of(&api, &http, &reader).await?;
    asker.may_grant()?;
    let id = asker.id;
    match api.keeping(move |records| records.revoke(&id, &party)).await? {
        true => Ok(without_body(HttpResponse::NoContent())),
        false => Err(codes::NO_SUCH_GRANT.because(format!("nothing is granted to {party}"))),
    }
}

/// Asks to read fields of a record. By any party; the answer is the same whether or not there is such a record.
#[utoipa::path(
    post, path = "/v1/kept/{id}/requests", tag = "records", operation_id = "requestKeptRecord",
    params(("id" = RecordId, Path, description = "KEEPER.COMMITMENT")),
    request_body(content((NewRequest = "application/json"))),
    responses(
        (status = 202, description = "Whom it concerns will find it, if there is such a record"),
        (status = 413, description = "Larger than a request may be"),
        (status = 422, description = "The party has as many requests as it can have"),
    ),
)]
pub(in crate::http) async fn request(
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    _: Query<Nothing>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    is_json(&http)?;
    let asker = Asker::of(&api, &http, &reader).await?;
    let NewRequest { fields, why } = read_json(payload, BODY_BYTES_MAX).await?;
    let terms = Terms { fields: names(&fields)?, why };
    let (id, party) = (asker.id, asker.party);
    match api.keeping(move |records| records.request(&id, &party, &terms, now())).await? {
        true => Ok(without_body(HttpResponse::Accepted())),
        false => Err(codes::TOO_MANY_OPEN_REQUESTS.because("64 wait or were refused")),
    }
}

/// The requests about a record: all of them for whom it concerns, one's own for everyone else.
#[utoipa::path(
    get, path = "/v1/kept/{id}/requests", tag = "records", operation_id = "requestsForKeptRecord",
    params(("id" = RecordId, Path, description = "KEEPER.COMMITMENT")),
    responses((status = 200, description = "The requests", body = KeptRequests)),
)]
pub(in crate::http) async fn requests(
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    let asker = Asker::of(&api, &http, &reader).await?;
    let (id, party) = (asker.id, asker.party);
    let of = asker.capacity.is_none().then_some(party);
    let requests = api.keeping(move |records| records.requests(&id, of.as_ref())).await?;
    let items = requests.into_iter().map(KeptRequest::from).collect();
    Ok(reply::json(Holds::Unkept, &KeptRequests { items }))
}

/// Refuses a request, by the keeper or a subject; or takes it back, by the party that asked.
#[utoipa::path(
    delete, path = "/v1/kept/{id}/requests/{party}", tag = "records", operation_id = "refuseRequest",
    params(
        ("id" = RecordId, Path, description = "KEEPER.COMMITMENT"),
        ("party" = PartyId, Path, description = "Who asked"),
    ),
    responses((status = 204, description = "It is refused, or taken back")),
)]
pub(in crate::http) async fn refuse(
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    let party: PartyId = path_part(&http, "party")?;
    let asker = Asker::of(&api, &http, &reader).await?;
    let id = asker.id;
    let found = if party == asker.party {
        api.keeping(move |records| records.withdraw(&id, &party)).await?
    } else {
        asker.may_grant()?;
        api.keeping(move |records| records.refuse(&id, &party, now())).await?
    };
    match found {
        true => Ok(without_body(HttpResponse::NoContent())),
        false => Err(codes::NO_SUCH_REQUEST.because(format!("there is none of {party}"))),
    }
}

fn names(fields: &[FieldName]) -> Result<Vec<String>, Problem> {
    if !(1..=FIELDS_MAX).contains(&fields.len()) {
        return Err(codes::BAD_BODY.because("fields has 1 to 512 members"));
    }
    Ok(fields.iter().map(|name| name.as_str().to_owned()).collect())
}
