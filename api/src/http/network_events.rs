//! What happens to blocks before they are final, as a stream: tips, reorganisations, finality.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use chancery_ledger::hash::Hash;
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use utoipa::ToSchema;

use super::api::Api;
use super::codes;
use super::input::{Nothing, Query};
use super::problem::Problem;
use super::streams::{self, Place, Source};
use crate::node::standing::WorkNews;

/// The data of an event about blocks.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum NetworkEventBody<'a> {
    /// A block is the last one, is final, or begins a branch that is refused.
    Block {
        /// The block.
        hash: Hash,
        /// Its height.
        height: u64,
    },
    /// Blocks count no longer.
    Reorganisation {
        /// How many.
        depth: u64,
        /// Which, lowest first.
        abandoned: &'a [Hash],
        /// The transitions that wait again because of it.
        returned: &'a [Hash],
    },
    /// A transition no longer waits and stands in no block.
    Transition {
        /// Its id.
        id: Hash,
    },
    /// The reader was too slow.
    Missed {
        /// How many events it has missed.
        missed: u64,
    },
}

/// What happens to blocks before they are final, as server-sent events (WHATWG HTML 9.2); proof of work only.
///
/// `event` is `tip` (another block is the last one of the branch with the most work), `reorganised` (blocks count no
/// longer because another branch has more work; the next `tip` is that branch's), `final`, `dropped` (a transition no
/// longer waits and stands in no block), `fork-below-final` (others work on a branch that is refused here), or `missed`
/// (the reader was too slow for so many events). Elsewhere blocks are final at once: `/v1/events` tells of them.
#[utoipa::path(
    get, path = "/v1/network/events", tag = "operation", operation_id = "networkEvents",
    responses(
        (status = 200, description = "A stream of events", body = NetworkEventBody, content_type = "text/event-stream"),
        (status = 404, description = "Not a ledger of proof of work"),
        (status = 503, description = "Too many streams are open"),
    ),
)]
pub(super) async fn network_events(
    api: web::Data<Api>,
    http: HttpRequest,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    let Some(news) = api.node.work_news() else {
        return Err(codes::NO_WORK.because("blocks are final at once here"));
    };
    let place = Place::take(&api, &http)?;
    let stopping = api.stopping.clone();
    Ok(streams::answer(place, Reader { news, stopping }))
}

struct Reader {
    news: broadcast::Receiver<Arc<WorkNews>>,
    stopping: watch::Receiver<bool>,
}

impl Source for Reader {
    async fn text(&mut self) -> Option<String> {
        if *self.stopping.borrow() {
            return None;
        }
        tokio::select! {
            news = self.news.recv() => match news {
                Ok(news) => Some(told(&news)),
                Err(RecvError::Lagged(missed)) => Some(event("missed", &NetworkEventBody::Missed { missed })),
                Err(RecvError::Closed) => None,
            },
            _ = self.stopping.changed() => None,
            () = tokio::time::sleep(streams::HEARTBEAT) => Some(streams::HERE.to_owned()),
        }
    }
}

fn told(news: &WorkNews) -> String {
    let block =
        |hash: &Hash, height: &u64| NetworkEventBody::Block { hash: *hash, height: *height };
    match news {
        WorkNews::Tip { hash, height } => event("tip", &block(hash, height)),
        WorkNews::Final { hash, height } => event("final", &block(hash, height)),
        WorkNews::ForkBelowFinal { hash, height } => {
            event("fork-below-final", &block(hash, height))
        }
        WorkNews::Reorganised { depth, abandoned, returned } => event(
            "reorganised",
            &NetworkEventBody::Reorganisation { depth: *depth, abandoned, returned },
        ),
        WorkNews::Dropped { id } => event("dropped", &NetworkEventBody::Transition { id: *id }),
    }
}

fn event(name: &str, body: &NetworkEventBody<'_>) -> String {
    // Hashes and numbers: writing them down does not fail.
    format!("event: {name}\ndata: {}\n\n", serde_json::to_string(body).unwrap_or_default())
}
