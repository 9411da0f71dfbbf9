//! Handing in one transition, and waiting until it is final.

use std::time::Duration;

use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpRequest, HttpResponse, web};
use chancery_ledger::code;
use chancery_ledger::consensus::work::Standing;
use chancery_ledger::hash::Hash;
use chancery_ledger::transition::{Entry, MAX_TRANSITION_BYTES, Outcome, Signing};
use serde::Serialize;
use utoipa::ToSchema;

use super::api::Api;
use super::body;
use super::codes;
use super::idempotency;
use super::input::{Nothing, Query, preferred_wait};
use super::problem::{self, Problem, Standing as InLog};
use super::standings::{self, StandingBody};
use crate::node::Verdict;
use crate::node::standing::TransitionStanding;
use crate::openapi::evidence;

/// The media types of a transition.
const ACCEPTED: &[&str] = &["application/jose+json", "application/json"];
/// How long a request waits when its client does not say.
const WAIT: Duration = Duration::from_secs(30);
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// A transition that has taken effect, durable and final.
#[derive(Serialize, ToSchema)]
pub(super) struct Acknowledged {
    /// The transition's id.
    id: Hash,
    /// `final`: it is on the disk and will not be undone.
    #[schema(example = "final")]
    status: &'static str,
    /// Its position in the log.
    position: u64,
    /// The height of its block.
    height: u64,
}

/// What a client is told that does not wait for the receipt.
#[derive(ToSchema)]
#[schema(as = Acknowledgement)]
#[allow(dead_code)]
#[serde(untagged)]
enum Taken {
    /// It is final.
    Final(Acknowledged),
    /// Proof of work: it is not final yet.
    NotFinal(StandingBody),
}

/// Hands in a transition.
///
/// The answer comes when the transition is durable and final, in well under a second: 202 with where it
/// stands, or 200 with the receipt when the client prefers to wait. In proof of work it comes at once: 202 with
/// `waiting`, which promises nothing; who prefers to wait gets the receipt when it is final, and 202 with how it
/// stands if that takes longer. A transition that the rules refuse
/// is answered 422 and is not in the log, unless it lost a race when its block was executed: then the
/// problem has a `position`, and there is a receipt of the refusal. The bytes are kept as they are sent.
///
/// A transition takes effect once, however often it is sent. The second time the answer is 409, or, for who sends an
/// Idempotency-Key with it, what it was the first time.
#[utoipa::path(
    post,
    path = "/v1/transitions",
    tag = "transitions",
    operation_id = "submit",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Answer as the first time: any string in quotes \
            (draft-ietf-httpapi-idempotency-key-header)", example = "\"8e03978e-40d5-43dd-bc93-6894a57f9324\""),
        ("Prefer" = Option<String>, Header, description = "`wait=N` (RFC 7240): answer with the \
            receipt, within N seconds and at most 60", example = "wait=10"),
    ),
    request_body(
        description = "A JWS in General JSON Serialization (RFC 7515 7.2.1), at most 61,440 bytes",
        content((evidence::Transition = "application/jose+json"), (evidence::Transition = "application/json")),
    ),
    responses(
        (status = 200, description = "It took effect; the receipt, as preferred", body = evidence::Receipt,
            headers(("Location" = String), ("Content-Location" = String), ("Preference-Applied" = String))),
        (status = 202, description = "It took effect, durable and final; in proof of work: it waits", body = Taken,
            headers(("Location" = String))),
        (status = 409, description = "It stood in the log before: Location names it", headers(("Location" = String))),
        (status = 413, description = "Larger than a transition may be"),
        (status = 422, description = "A signature or a rule says no; Location, where it stands in the log nevertheless",
            headers(("Location" = String))),
        (status = 429, description = "The queue is full, or the client hands in more than it may: Retry-After says when to try again"),
        (status = 503, description = "Stopping, halted, or not final in time: then Location is where to ask for it",
            headers(("Location" = String))),
    ),
)]
pub(super) async fn submit(
    api: web::Data<Api>,
    http: HttpRequest,
    _: Query<Nothing>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    body::is_of_type(http.headers(), ACCEPTED)?;
    let keyed = idempotency::is_keyed(http.headers())?;
    let too_large = |_| {
        let detail = format!("a transition has at most {MAX_TRANSITION_BYTES} bytes");
        Problem::from(code::TOO_LARGE.because(detail))
    };
    let bytes = body::read(payload, MAX_TRANSITION_BYTES).await?.map_err(too_large)?;
    let wait = preferred_wait(http.headers());
    let verdict = tokio::time::timeout(wait.unwrap_or(WAIT), api.node.submit(bytes.clone())).await;
    let verdict = verdict.map_err(|_| not_yet_final(&bytes))??;
    api.metrics.judged(&verdict);
    match verdict {
        Verdict::Waits { id } => match wait {
            Some(wait) => wait_for_receipt(&api, id, wait).await,
            None => Ok(standings::accepted(&StandingBody::waiting(id))),
        },
        Verdict::Ordered { id, position, height, rejection: None } => match wait {
            Some(wait) => with_receipt(&api, id, position, wait).await,
            None => Ok(acknowledge(id, position, height)),
        },
        Verdict::Ordered { id, position, rejection: Some(rejection), .. } => {
            let standing = InLog { id, position: Some(position) };
            Err(Problem::from(rejection).of_transition(standing))
        }
        Verdict::Duplicate { id, position } if keyed => {
            what_became_of_it(&api, id, position, wait).await
        }
        Verdict::Duplicate { id, position } => {
            let detail = format!("it stands in the log at position {position}");
            let standing = InLog { id, position: Some(position) };
            Err(Problem::from(code::DUPLICATE.because(detail)).of_transition(standing))
        }
        Verdict::Refused { id: Some(id), rejection } => {
            Err(Problem::from(rejection).of_transition(InLog { id, position: None }))
        }
        Verdict::Refused { id: None, rejection } => Err(rejection.into()),
    }
}

fn acknowledge(id: Hash, position: u64, height: u64) -> HttpResponse {
    HttpResponse::Accepted()
        .insert_header((header::LOCATION, format!("/v1/transitions/{id}")))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(Acknowledged { id, status: "final", position, height })
}

async fn with_receipt(
    api: &Api,
    id: Hash,
    position: u64,
    wait: Duration,
) -> Result<HttpResponse, Problem> {
    let receipt = api.read(move |node| Ok(node.view().receipt(position)?)).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::LOCATION, format!("/v1/transitions/{id}")))
        .insert_header((header::CONTENT_LOCATION, format!("/v1/transitions/{id}/receipt")))
        .insert_header((PREFERENCE_APPLIED, format!("wait={}", wait.as_secs())))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(receipt))
}

/// What a transition in the log was answered with, or would have been.
async fn what_became_of_it(
    api: &Api,
    id: Hash,
    position: u64,
    wait: Option<Duration>,
) -> Result<HttpResponse, Problem> {
    let read = api.read(move |node| {
        let view = node.view();
        Ok((view.entry(position)?, view.place(position)?.height))
    });
    let (entry, height) = read.await?;
    let entry = Entry::decode(&entry).map_err(|error| problem::internal(&error))?;
    match (entry.outcome, wait) {
        (Outcome::Applied, Some(wait)) => with_receipt(api, id, position, wait).await,
        (Outcome::Applied, None) => Ok(acknowledge(id, position, height)),
        (Outcome::Rejected(code), _) => {
            let problem = Problem::of_code(code.name());
            Err(problem.of_transition(InLog { id, position: Some(position) }))
        }
    }
}

/// Waits until it is final, in proof of work; how it stands, if that takes longer.
async fn wait_for_receipt(api: &Api, id: Hash, wait: Duration) -> Result<HttpResponse, Problem> {
    match standings::wait_until_settled(api, id, wait).await? {
        Some(TransitionStanding::Known(Standing::Final { position })) => {
            what_became_of_it(api, id, position, Some(wait)).await
        }
        Some(TransitionStanding::Dropped(rejection)) => {
            Err(Problem::from(rejection).of_transition(InLog { id, position: None }))
        }
        Some(standing) => Ok(standings::accepted(&StandingBody::of(api, id, standing)?)),
        None => Ok(standings::accepted(&StandingBody::waiting(id))),
    }
}

/// It is in the queue and may yet be ordered: nothing is acknowledged, and nothing denied.
fn not_yet_final(bytes: &[u8]) -> Problem {
    let problem =
        codes::NOT_YET_FINAL.because("it waits in the queue").with_header(header::RETRY_AFTER, "1");
    match serde_json::from_slice::<Signing>(bytes) {
        Ok(transition) => {
            let id = transition.id();
            let location = format!("/v1/transitions/{id}");
            problem
                .of_transition(InLog { id, position: None })
                .with_header(header::LOCATION, &location)
        }
        Err(_) => problem,
    }
}
