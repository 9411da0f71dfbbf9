//! Problems: what every failing request is answered with (RFC 9457).

use std::borrow::Cow;
use std::fmt;

use actix_web::error::BlockingError;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use chancery_ledger::code::Rejection;
use chancery_ledger::error::Error as LedgerError;
use chancery_ledger::hash::Hash;
use serde::Serialize;
use utoipa::ToSchema;

use super::codes::{self, HttpCode, Meaning};
use crate::node::Unavailable;
use crate::projection::ProjectionError;

/// The media type of a problem.
pub(super) const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request failed.
#[derive(Debug)]
pub(super) struct Problem(Box<Inner>);

#[derive(Debug)]
struct Inner {
    code: Meaning,
    detail: Cow<'static, str>,
    pointer: String,
    ordered: Option<Standing>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// Where a refused transition stands in the log, when it does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    /// Its id.
    pub id: Hash,
    /// Its position, when it is in the log.
    pub position: Option<u64>,
}

/// A problem as it is sent (RFC 9457), with the code, the place and the remedy besides.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemBody<'a> {
    /// Where the code is explained.
    #[schema(example = "/problems/signer-missing")]
    r#type: String,
    /// What was wrong, in general.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What was wrong in this case.
    detail: &'a str,
    /// The stable code, by which programs tell problems apart.
    #[schema(example = "signer-missing")]
    code: &'a str,
    /// Where in what was sent: a JSON pointer (RFC 6901), in which `/payload` is the decoded payload.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/payload/actions/0")]
    pointer: Option<&'a str>,
    /// What would be right.
    remedy: &'a str,
    /// The transition's id, when it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Hash>,
    /// The transition's position, when it stands in the log nevertheless.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u64>,
}

impl Problem {
    fn new(code: impl Into<Meaning>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            code: code.into(),
            detail: detail.into(),
            pointer: String::new(),
            ordered: None,
            headers: Vec::new(),
        }))
    }

    /// The problem of a transition that was rejected for this reason, of which no more is known.
    pub(super) fn of_code(name: &str) -> Self {
        match codes::meaning(name) {
            Some(meaning) => Self::new(meaning, "it lost to what was ordered before it"),
            None => internal(&name),
        }
    }

    /// The tables do not have an object that the ledger has.
    pub(super) fn not_yet_projected() -> Self {
        let problem = codes::NOT_YET_PROJECTED.because("its first version is not in the tables");
        problem.with_header(header::RETRY_AFTER, "1")
    }

    /// The code's name.
    pub(super) fn code(&self) -> &'static str {
        self.0.code.name
    }

    /// What was wrong in this case.
    pub(super) fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The same problem with a header.
    pub(super) fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.0.headers.push((name, value));
        }
        self
    }

    /// The same problem of a transition that has an id, or stands in the log.
    pub(super) fn of_transition(mut self, standing: Standing) -> Self {
        self.0.ordered = Some(standing);
        match standing.position {
            Some(_) => {
                self.with_header(header::LOCATION, &format!("/v1/transitions/{}", standing.id))
            }
            None => self,
        }
    }
}

impl HttpCode {
    /// A problem with this code, for the case at hand.
    pub(super) fn because(&'static self, detail: impl Into<Cow<'static, str>>) -> Problem {
        Problem::new(self, detail)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code.name, self.0.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.code.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let Inner { code, detail, pointer, ordered, headers } = &*self.0;
        let body = ProblemBody {
            r#type: format!("/problems/{}", code.name),
            title: code.title,
            status: code.status,
            detail,
            code: code.name,
            pointer: Some(pointer.as_str()).filter(|pointer| !pointer.is_empty()),
            remedy: code.remedy,
            id: ordered.map(|standing| standing.id),
            position: ordered.and_then(|standing| standing.position),
        };
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        for (name, value) in headers {
            response.insert_header((name.clone(), value.clone()));
        }
        // Texts and numbers: writing them down does not fail.
        response.content_type(PROBLEM_JSON).body(serde_json::to_vec(&body).unwrap_or_default())
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let Rejection { code, detail, pointer } = rejection;
        let mut problem = Self::new(code, detail);
        problem.0.pointer = pointer;
        problem
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::BeyondTip(asked) => {
                codes::BEYOND_TIP.because(format!("{asked} was asked for"))
            }
            error => internal(&error),
        }
    }
}

impl From<ProjectionError> for Problem {
    fn from(error: ProjectionError) -> Self {
        match error {
            ProjectionError::NotYetApplied { asked } => codes::NOT_YET_PROJECTED
                .because(format!("height {asked} is not yet in the tables"))
                .with_header(header::RETRY_AFTER, "1"),
            ProjectionError::Ledger(error) => error.into(),
            error => internal(&error),
        }
    }
}

impl From<BlockingError> for Problem {
    fn from(error: BlockingError) -> Self {
        internal(&error)
    }
}

impl From<Unavailable> for Problem {
    fn from(unavailable: Unavailable) -> Self {
        match unavailable {
            Unavailable::Full { retry_after } => codes::QUEUE_FULL
                .because("the queue is full")
                .with_header(header::RETRY_AFTER, &retry_after.as_secs().max(1).to_string()),
            Unavailable::NoQuorum(reason) => {
                codes::NO_QUORUM.because(reason).with_header(header::RETRY_AFTER, "5")
            }
            Unavailable::Stopping => codes::STOPPING
                .because("nothing more is taken in")
                .with_header(header::RETRY_AFTER, "5"),
            Unavailable::Halted(reason) => {
                tracing::debug!(%reason, "refused: the node has halted");
                codes::HALTED
                    .because("its operator can read the reason in its log")
                    .with_header(header::RETRY_AFTER, "60")
            }
        }
    }
}

/// What failed goes into the log, and nothing of it to the client.
pub(super) fn internal(error: &dyn fmt::Display) -> Problem {
    tracing::error!(%error, "a request failed");
    codes::INTERNAL.because("the fault was logged")
}

/// The problem that stands for a refusal by the web framework.
pub(super) fn of_status(status: StatusCode) -> Problem {
    let code = match status {
        StatusCode::NOT_FOUND => &codes::NO_SUCH_ROUTE,
        StatusCode::METHOD_NOT_ALLOWED => &codes::METHOD_NOT_ALLOWED,
        StatusCode::NOT_ACCEPTABLE => &codes::NOT_ACCEPTABLE,
        StatusCode::REQUEST_TIMEOUT => &codes::REQUEST_TIMEOUT,
        StatusCode::PAYLOAD_TOO_LARGE => &codes::BODY_TOO_LARGE,
        StatusCode::URI_TOO_LONG => &codes::URI_TOO_LONG,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => &codes::MEDIA_TYPE_NOT_ACCEPTED,
        status if status.is_client_error() => &codes::BAD_REQUEST,
        _ => &codes::INTERNAL,
    };
    code.because(code.title)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn who_shall_try_again_is_told_when() {
        let later = [
            Problem::not_yet_projected(),
            ProjectionError::NotYetApplied { asked: 7 }.into(),
            Unavailable::Full { retry_after: Duration::from_millis(1) }.into(),
            Unavailable::NoQuorum("two of four".into()).into(),
            Unavailable::Stopping.into(),
            Unavailable::Halted("the disk is full".into()).into(),
        ];
        for problem in later {
            let response = problem.error_response();
            let seconds =
                response.headers().get(header::RETRY_AFTER).map(|it| it.to_str().unwrap());
            assert!(seconds.is_some_and(|it| it.parse::<u32>().unwrap() > 0), "{problem}");
        }
    }
}
