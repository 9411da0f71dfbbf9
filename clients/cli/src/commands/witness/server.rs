//! The witness over HTTP: one address and its figures, with bounded bodies, connections and times.

use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::http::StatusCode;
use actix_web::{App, HttpResponse, HttpServer, rt, web};
use chancery_ledger::note::SUBMISSION_BYTES_MAX;
use futures_util::StreamExt;

use super::watched::{Answer, Witness};
use crate::failure::Failure;

/// Connections that are held at a time; more wait.
const CONNECTIONS_MAX: usize = 256;
/// A connection without a request is closed after this time.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// The headers of a request must be here by then, and then its body.
const ARRIVES_MAX: Duration = Duration::from_secs(10);
/// What is read and dropped of a body that is too large.
const DROPPED_BYTES_MAX: usize = 1024 * 1024;
/// The type of a conflict's answer (C2SP tlog-witness).
const SIZE_TYPE: &str = "text/x.tlog.size";

/// Serves until the process is told to stop. `listens` is told the address.
pub(super) fn serve(
    witness: Witness,
    address: SocketAddr,
    listens: impl FnOnce(&str),
) -> Result<(), Failure> {
    let failed = |error| Failure::usage(format!("{address}: {error}"));
    let listener = TcpListener::bind(address).map_err(failed)?;
    let url = format!("http://{}", listener.local_addr().map_err(failed)?);
    let witness = web::Data::new(witness);
    let served = rt::System::new().block_on(async move {
        let server = HttpServer::new(move || {
            let refused = || async {
                said(StatusCode::NOT_FOUND, "there are only POST /add-checkpoint and GET /metrics")
            };
            App::new()
                .app_data(witness.clone())
                .service(web::resource("/add-checkpoint").route(web::post().to(add_checkpoint)))
                .service(web::resource("/metrics").route(web::get().to(metrics)))
                .default_service(web::to(refused))
        });
        let server = server
            .workers(1)
            .max_connections(CONNECTIONS_MAX)
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(ARRIVES_MAX)
            .shutdown_timeout(ARRIVES_MAX.as_secs())
            .listen(listener)?
            .run();
        listens(&url);
        server.await
    });
    served.map_err(failed)
}

/// `POST /add-checkpoint`
async fn add_checkpoint(witness: web::Data<Witness>, body: web::Payload) -> HttpResponse {
    let bytes = match tokio::time::timeout(ARRIVES_MAX, read(body)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(refused)) => {
            witness.metrics().answered(None, "not-read");
            return refused;
        }
        Err(_) => {
            witness.metrics().answered(None, "not-read");
            return said(StatusCode::REQUEST_TIMEOUT, "the body came too slowly");
        }
    };
    // Deciding waits for the disk.
    let decided = web::block(move || witness.add(&bytes, now_s())).await;
    match decided {
        Ok(answer) => response(answer),
        Err(_) => said(StatusCode::INTERNAL_SERVER_ERROR, "the witness failed"),
    }
}

/// `GET /metrics`
async fn metrics(witness: web::Data<Witness>) -> HttpResponse {
    match witness.metrics().text() {
        Ok(text) => HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text),
        Err(error) => said(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// A whole body within the bound. What is beyond it is read and dropped for a while, so that its sender hears why.
async fn read(mut body: web::Payload) -> Result<Vec<u8>, HttpResponse> {
    let (mut bytes, mut dropped_bytes) = (Vec::new(), 0);
    while let Some(part) = body.next().await {
        let part = part.map_err(|_| said(StatusCode::BAD_REQUEST, "the body is incomplete"))?;
        if dropped_bytes > 0 || bytes.len() + part.len() > SUBMISSION_BYTES_MAX {
            dropped_bytes += part.len();
        } else {
            bytes.extend_from_slice(&part);
        }
        if dropped_bytes > DROPPED_BYTES_MAX {
            break;
        }
    }
    match dropped_bytes {
        0 => Ok(bytes),
        _ => Err(said(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large")),
    }
}

fn response(answer: Answer) -> HttpResponse {
    match answer {
        Answer::Cosigned(line) => said(StatusCode::OK, &line.to_string()),
        Answer::Malformed(why) => said(StatusCode::BAD_REQUEST, &why.to_string()),
        Answer::UnknownLog => said(StatusCode::NOT_FOUND, "this log is not watched here"),
        Answer::Unsigned => {
            said(StatusCode::FORBIDDEN, "no key that is known here for this log has signed it")
        }
        Answer::Conflict(size) => {
            HttpResponse::Conflict().content_type(SIZE_TYPE).body(format!("{size}\n"))
        }
        Answer::NotConsistent(why) => said(StatusCode::UNPROCESSABLE_ENTITY, &why),
        Answer::NotKept => said(StatusCode::INTERNAL_SERVER_ERROR, "it could not be kept"),
    }
}

fn said(status: StatusCode, text: &str) -> HttpResponse {
    HttpResponse::build(status).content_type("text/plain; charset=utf-8").body(format!("{text}\n"))
}

/// The one place where the witness reads the clock.
fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
