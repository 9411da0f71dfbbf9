//! What stands around every handler: time is taken, panics are caught, failures become problems.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError, web};
use futures_util::FutureExt;

use super::api::Api;
use super::problem::{self, PROBLEM_JSON, Problem};
use super::reply;

/// Calls the handler and sees to it that whatever comes of it is an answer.
pub(super) async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let http = request.request().clone();
    let called = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    let mut response = match called {
        Ok(Ok(response)) => response.map_into_boxed_body(),
        Ok(Err(error)) => ServiceResponse::from_err(error, http.clone()),
        Err(_) => answer(&http, &problem::internal(&"a handler panicked")),
    };
    if is_plain_failure(&response) {
        response = answer(&http, &problem::of_status(response.status()));
    }
    add_headers(http.method(), response.headers_mut());
    for_one_reader(http.headers(), response.headers_mut());
    if let Some(api) = http.app_data::<web::Data<Api>>() {
        if api.is_secure {
            let strict = HeaderValue::from_static(STRICT_TRANSPORT_SECURITY);
            response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, strict);
        }
        let route = http.match_pattern();
        let route = route.as_deref().unwrap_or("none");
        let (status, took) = (response.status(), started.elapsed());
        tracing::debug!(
            http.method = %http.method(), http.route = route, http.status = status.as_u16(),
            took_us = took.as_micros() as u64, "answered"
        );
        api.metrics.answered(http.method(), route, status, took);
    }
    Ok(response)
}

fn answer(http: &actix_web::HttpRequest, problem: &Problem) -> ServiceResponse<BoxBody> {
    ServiceResponse::new(http.clone(), problem.error_response())
}

/// Whether the web framework has refused by itself, without a problem.
fn is_plain_failure(response: &ServiceResponse<BoxBody>) -> bool {
    let status = response.status();
    let is_failure = status.is_client_error() || status.is_server_error();
    let content_type = response.headers().get(header::CONTENT_TYPE);
    is_failure
        && content_type.is_none_or(|value| {
            !value.as_bytes().starts_with(PROBLEM_JSON.as_bytes())
                && !value.as_bytes().starts_with(b"text/html")
        })
}

/// Nothing is loaded from elsewhere, nothing is framed, no address is passed on; no window of another origin reaches ours,
/// and no page of ours the devices of who reads it.
static SECURITY: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
    (header::PERMISSIONS_POLICY, "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

/// Browsers that have been here by TLS come by nothing else for a year (RFC 6797). Of other hosts below this one's name
/// nothing is known here.
const STRICT_TRANSPORT_SECURITY: &str = "max-age=31536000";

const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data:; \
    style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'";

/// What pages of other origins may read of an answer.
const EXPOSED: &str =
    "ETag, Link, Location, Content-Location, Preference-Applied, Retry-After, WWW-Authenticate";

fn add_headers(method: &Method, headers: &mut HeaderMap) {
    for (name, value) in &SECURITY {
        headers.insert(name.clone(), HeaderValue::from_static(value));
    }
    let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    // What pages of other origins may read they may show as well, such as a QR code.
    let shown_in = HeaderValue::from_static(if reads { "cross-origin" } else { "same-origin" });
    headers.insert(header::CROSS_ORIGIN_RESOURCE_POLICY, shown_in);
    if reads {
        let any = HeaderValue::from_static("*");
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
        let exposed = HeaderValue::from_static(EXPOSED);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
}

/// What was asked for by somebody is for nobody else to keep, whatever a handler says of it; and a
/// cache must not give what strangers see to those who see more.
fn for_one_reader(asked: &HeaderMap, answered: &mut HeaderMap) {
    answered.append(header::VARY, HeaderValue::from_static("Authorization"));
    if asked.contains_key(header::AUTHORIZATION) {
        answered.insert(header::CACHE_CONTROL, HeaderValue::from_static(reply::PRIVATE));
        let ours_alone = HeaderValue::from_static("same-origin");
        answered.insert(header::CROSS_ORIGIN_RESOURCE_POLICY, ours_alone);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::{App, HttpResponse, test, web};

    use super::*;

    #[allow(clippy::panic)]
    async fn fails() -> HttpResponse {
        panic!("a secret of the server")
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_and_tells_nothing() {
        let place = web::resource("/").wrap(from_fn(guard)).to(fails);
        let app = test::init_service(App::new().service(place)).await;
        let response = test::call_service(&app, test::TestRequest::get().to_request()).await;
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers().get(header::CONTENT_TYPE).unwrap(), PROBLEM_JSON);
        assert!(response.headers().contains_key(header::CONTENT_SECURITY_POLICY));
        let body = test::read_body(response).await;
        assert!(!String::from_utf8_lossy(&body).contains("secret"));
    }
}
