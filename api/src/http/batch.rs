//! Handing in many transitions: a line each, a verdict a line, both streamed.
//!
//! One task reads and hands chunks to the node, another awaits their verdicts in order and writes
//! them down. Between them, and before the answer, stand bounded channels: a client that sends
//! faster than the node orders is slowed down by the network itself.

mod lines;
mod verdicts;

use actix_web::http::header;
use actix_web::rt;
use actix_web::web::{self, Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::mpsc;

use super::api::Api;
use super::body;
use super::idempotency;
use super::input::{Nothing, Query};
use super::limits::{self, Counted};
use super::problem::Problem;
use crate::node::{CHUNK_TRANSITIONS, Node, Unavailable, Verdict};
use lines::{Line, Lines};
use verdicts::Verdicts;

pub(crate) use verdicts::LineVerdict;

/// The media types of a batch.
const ACCEPTED: &[&str] = &["application/x-ndjson", "application/ndjson"];
/// Chunks of one batch that are under way at a time: enough to keep the verifiers busy.
const CHUNKS_UNDER_WAY: usize = 64;
/// Answers to chunks that wait for a client that sends everything before it reads anything: room
/// for 65,536 lines. A client that reads meanwhile may send as many as it likes.
const ANSWERS_WAITING: usize = 1024;

/// Hands in many transitions.
///
/// One a line (NDJSON), each at most 61,440 bytes; blank lines are skipped. They are ordered in their
/// order, among those of others. The answer has a verdict a line, in the same order, each sent when it
/// is final; a refused line does not stop the others. Read the answer while sending: verdicts for at
/// most 65,536 lines wait for a client that does not. What the batch has taken in is carried through
/// even if the connection breaks.
#[utoipa::path(
    post,
    path = "/v1/transitions/batch",
    tag = "transitions",
    operation_id = "submitBatch",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Taken and without effect: each line that is sent again \
            is answered `duplicate`, with its position", example = "\"8e03978e-40d5-43dd-bc93-6894a57f9324\""),
    ),
    request_body(
        description = "Transitions, a line each",
        content((String = "application/x-ndjson"), (String = "application/ndjson")),
    ),
    responses((
        status = 200,
        description = "A verdict a line",
        body = LineVerdict,
        content_type = "application/x-ndjson",
    )),
)]
pub(super) async fn batch(
    api: web::Data<Api>,
    http: HttpRequest,
    _: Query<Nothing>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    body::is_of_type(http.headers(), ACCEPTED)?;
    idempotency::is_keyed(http.headers())?;
    let (to_client, answers) = mpsc::channel(ANSWERS_WAITING);
    rt::spawn(judge(api, limits::counted(&http), payload, to_client));
    let answers = stream::unfold(answers, |mut answers| async {
        let answer: Option<Bytes> = answers.recv().await;
        answer.map(|answer| (Ok::<_, actix_web::Error>(answer), answers))
    });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/x-ndjson"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(answers))
}

/// Reads, submits and writes down until the batch ends, breaks off, or nobody listens.
async fn judge(
    api: web::Data<Api>,
    counted: Counted,
    payload: Payload,
    to_client: mpsc::Sender<Bytes>,
) {
    let started = (Lines::of(payload), api.clone(), counted);
    let chunks = stream::unfold(started, |(mut lines, api, counted)| async {
        let chunk = if api.is_stopping() { lines.stop() } else { lines.next_chunk().await };
        let chunk = chunk?;
        api.limits.pace(&counted, chunk.len(), || api.is_stopping()).await;
        Some((chunk, (lines, api, counted)))
    });
    let submit = |chunk: Vec<Line>| submit(api.node.clone(), chunk);
    let mut judged = Box::pin(chunks.map(submit).buffered(CHUNKS_UNDER_WAY));
    let mut verdicts = Verdicts::default();
    while let Some((chunk, answer)) = judged.next().await {
        let text = verdicts.write(&api.metrics, chunk, answer);
        if to_client.send(text).await.is_err() {
            break;
        }
    }
}

/// The verdicts of a chunk, for those of its lines that are transitions.
async fn submit(node: Node, chunk: Vec<Line>) -> (Vec<Line>, Result<Vec<Verdict>, Unavailable>) {
    debug_assert!(chunk.len() <= CHUNK_TRANSITIONS);
    let transitions: Vec<Bytes> = chunk.iter().filter_map(Line::transition).collect();
    if transitions.is_empty() {
        return (chunk, Ok(Vec::new()));
    }
    let answer = node.submit_chunk(transitions).boxed_local().await;
    (chunk, answer)
}
