//! How a transition stands before it is final: asked for once, waited for, or followed as a stream.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chancery_ledger::consensus::work::Standing;
use chancery_ledger::hash::Hash;
use serde::Serialize;
use tokio::sync::{broadcast, watch};
use tokio::time::Instant;
use utoipa::ToSchema;

use super::api::Api;
use super::codes;
use super::input::{Nothing, Query, path_part};
use super::problem::Problem;
use super::streams::{self, LAST_EVENT_ID, Place, Source};
use crate::node::standing::{TransitionStanding, WorkNews};

/// How a transition stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct StandingBody {
    /// Its id.
    id: Hash,
    /// `waiting` for a block, `in-block` that may still be replaced by others, `final`, or `dropped`: it turned
    /// out not to be good any more, and stands in no block.
    #[schema(pattern = "^(waiting|in-block|final|dropped)$", example = "in-block")]
    status: &'static str,
    /// Its block.
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<Hash>,
    /// The height of its block.
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u64>,
    /// Its position in the log. On another branch it may be another until it is final.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u64>,
    /// How many blocks follow its block.
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmations: Option<u64>,
    /// How many must follow for it to be final.
    #[serde(skip_serializing_if = "Option::is_none")]
    final_depth: Option<u32>,
    /// Why it was dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    /// What was wrong in this case.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl StandingBody {
    fn with_status(id: Hash, status: &'static str) -> Self {
        let (block, height, position, confirmations) = (None, None, None, None);
        let (final_depth, code, detail) = (None, None, None);
        Self { id, status, block, height, position, confirmations, final_depth, code, detail }
    }

    /// It waits.
    pub(super) fn waiting(id: Hash) -> Self {
        Self::with_status(id, "waiting")
    }

    fn in_log(api: &Api, id: Hash, position: u64) -> Result<Self, Problem> {
        let height = api.node.view().place(position)?.height;
        let (position, height) = (Some(position), Some(height));
        Ok(Self { position, height, ..Self::with_status(id, "final") })
    }

    pub(super) fn of(api: &Api, id: Hash, standing: TransitionStanding) -> Result<Self, Problem> {
        Ok(match standing {
            TransitionStanding::Known(Standing::Waiting) => Self::waiting(id),
            TransitionStanding::Known(Standing::Final { position }) => {
                return Self::in_log(api, id, position);
            }
            TransitionStanding::Known(Standing::InBlock {
                block,
                height,
                position,
                confirmations,
            }) => Self {
                block: Some(block),
                height: Some(height),
                position: Some(position),
                confirmations: Some(confirmations),
                final_depth: api.node.view().genesis().work().map(|rules| rules.final_depth),
                ..Self::with_status(id, "in-block")
            },
            TransitionStanding::Dropped(rejection) => Self {
                code: Some(rejection.code.name),
                detail: Some(rejection.detail.into_owned()),
                ..Self::with_status(id, "dropped")
            },
        })
    }

    /// Whether it will stay so.
    fn is_settled(&self) -> bool {
        self.status == "final" || self.status == "dropped"
    }
}

/// How a transition stands that may not be final; `None` when it is not known.
pub(super) async fn standing(api: &Api, id: Hash) -> Result<Option<TransitionStanding>, Problem> {
    Ok(api.node.standing(id).await?)
}

/// Waits until a transition is final or dropped, no longer than this: how it stands then.
pub(super) async fn wait_until_settled(
    api: &Api,
    id: Hash,
    wait: Duration,
) -> Result<Option<TransitionStanding>, Problem> {
    let deadline = Instant::now() + wait;
    let mut news = api.node.work_news();
    loop {
        let standing = standing(api, id).await?;
        match &standing {
            Some(TransitionStanding::Known(Standing::Waiting | Standing::InBlock { .. })) => {}
            Some(TransitionStanding::Known(Standing::Final { .. }))
            | Some(TransitionStanding::Dropped(_))
            | None => return Ok(standing),
        }
        tokio::select! {
            () = something(&mut news) => {}
            () = tokio::time::sleep_until(deadline) => return Ok(standing),
        }
    }
}

/// Until something has happened, or some of it was missed: either way it is time to ask again.
async fn something(news: &mut Option<broadcast::Receiver<Arc<WorkNews>>>) {
    match news {
        Some(news) => drop(news.recv().await),
        None => std::future::pending().await,
    }
}

/// It was taken in, and is not final.
pub(super) fn accepted(body: &StandingBody) -> HttpResponse {
    HttpResponse::Accepted()
        .insert_header((header::LOCATION, format!("/v1/transitions/{}", body.id)))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(body)
}

/// How a transition stands, as server-sent events (WHATWG HTML 9.2).
///
/// The first event says how it stands; the next ones come when that changes, and the stream ends when the transition
/// is final or dropped. `event` is `waiting`, `in-block`, `final` or `dropped`, and `returned` when it was in a block
/// that counts no longer and waits again; `data` is JSON. Only a ledger of proof of work has more than one.
#[utoipa::path(
    get, path = "/v1/transitions/{id}/events", tag = "transitions", operation_id = "standings",
    params(("id" = Hash, Path, description = "The transition's id")),
    responses(
        (status = 200, description = "A stream of events", body = StandingBody, content_type = "text/event-stream"),
        (status = 204, description = "The last event was seen"),
        (status = 503, description = "Too many streams are open; stopping, or halted"),
    ),
)]
pub(super) async fn standings(
    api: web::Data<Api>,
    http: HttpRequest,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    let id: Hash = path_part(&http, "id")?;
    if http.headers().get(LAST_EVENT_ID).is_some_and(|last| last == SETTLED) {
        return Ok(HttpResponse::NoContent().finish());
    }
    let place = Place::take(&api, &http)?;
    let news = api.node.work_news();
    let first =
        now(&api, id).await?.ok_or_else(|| codes::NO_SUCH_TRANSITION.because(id.to_string()))?;
    let stopping = api.stopping.clone();
    let follower = Follower { api, id, news, stopping, next: Some(first), last: None };
    Ok(streams::answer(place, follower))
}

/// The id of an event after which there are no more.
const SETTLED: &str = "settled";

/// How a transition stands now: before it is final by the sequencer, then by the tables.
async fn now(api: &Api, id: Hash) -> Result<Option<StandingBody>, Problem> {
    if let Some(standing) = standing(api, id).await? {
        return StandingBody::of(api, id, standing).map(Some);
    }
    let position = api.query(move |projections| projections.position_of(&id)).await?;
    position.map(|position| StandingBody::in_log(api, id, position)).transpose()
}

/// An open stream.
struct Follower {
    api: web::Data<Api>,
    id: Hash,
    news: Option<broadcast::Receiver<Arc<WorkNews>>>,
    stopping: watch::Receiver<bool>,
    next: Option<StandingBody>,
    last: Option<StandingBody>,
}

impl Source for Follower {
    async fn text(&mut self) -> Option<String> {
        loop {
            if let Some(standing) = self.next.take() {
                let text = event(self.last.as_ref(), &standing);
                self.last = Some(standing);
                return Some(text);
            }
            let last = self.last.as_ref().filter(|last| !last.is_settled())?;
            tokio::select! {
                () = something(&mut self.news) => {
                    // The reader comes again when it hears nothing more.
                    let standing = now(&self.api, self.id).await.ok().flatten()?;
                    self.next = Some(standing).filter(|standing| standing != last);
                }
                _ = self.stopping.changed() => return None,
                () = tokio::time::sleep(streams::HEARTBEAT) => return Some(streams::HERE.to_owned()),
            }
        }
    }
}

fn event(last: Option<&StandingBody>, standing: &StandingBody) -> String {
    let was_in_block = last.is_some_and(|last| last.status == "in-block");
    let name = match (was_in_block, standing.status) {
        (true, "waiting") => "returned",
        (_, status) => status,
    };
    let data = serde_json::to_string(standing).unwrap_or_default();
    let id = if standing.is_settled() { format!("id: {SETTLED}\n") } else { String::new() };
    format!("event: {name}\ndata: {data}\n{id}\n")
}
