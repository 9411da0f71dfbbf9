//! How answers are dressed: entity tags, caching, links.

use actix_web::http::header::{self, CacheControl, CacheDirective, EntityTag, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde::Serialize;

use super::input::At;

/// A year: what can never change.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// What may change with every block: keep it, and ask whether it is still so.
const REVALIDATE: &str = "no-cache";
/// What is for one reader alone.
pub(super) const PRIVATE: &str = "private, no-store";

/// How long an answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// For ever.
    Forever,
    /// Until the ledger says otherwise.
    Now,
    /// For whoever has asked, and nobody may keep it.
    Unkept,
}

impl From<At> for Holds {
    fn from(at: At) -> Self {
        if at.settled { Self::Forever } else { Self::Now }
    }
}

impl Holds {
    fn header(self) -> (header::HeaderName, &'static str) {
        let value = match self {
            Self::Forever => IMMUTABLE,
            Self::Now => REVALIDATE,
            Self::Unkept => PRIVATE,
        };
        (header::CACHE_CONTROL, value)
    }
}

/// An answer that has begun.
pub(super) fn ok(holds: Holds) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.insert_header(holds.header());
    response
}

/// An answer in JSON.
pub(super) fn json(holds: Holds, body: &impl Serialize) -> HttpResponse {
    ok(holds).json(body)
}

/// A page of a list, whose next one the headers name as well (RFC 8288).
pub(super) fn page(body: &impl Serialize, next: Option<&str>) -> HttpResponse {
    let mut response = ok(Holds::Now);
    if let Some(next) = next {
        response.insert_header((header::LINK, format!("<{next}>; rel=\"next\"")));
    }
    response.json(body)
}

/// The address of the next page: this one, from another cursor.
pub(super) fn next_page(http: &HttpRequest, cursor: &str) -> String {
    let query = http.query_string().split('&');
    let kept = query.filter(|part| !part.is_empty() && !part.starts_with("cursor="));
    let query: Vec<&str> = kept.collect();
    let separator = if query.is_empty() { "" } else { "&" };
    format!("{}?{}{separator}cursor={cursor}", http.uri().path(), query.join("&"))
}

/// An answer with a tag that stands for exactly these bytes, or that the client has them.
pub(super) fn tagged(
    http: &HttpRequest,
    holds: Holds,
    tag: String,
    answer: impl FnOnce(HttpResponseBuilder) -> HttpResponse,
) -> HttpResponse {
    let tag = EntityTag::new_strong(tag);
    let known = header::Header::parse(http).is_ok_and(|known: IfNoneMatch| match known {
        IfNoneMatch::Any => true,
        IfNoneMatch::Items(tags) => tags.iter().any(|known| known.weak_eq(&tag)),
    });
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(holds.header()).insert_header(header::ETag(tag));
    if known { response.finish() } else { answer(response) }
}

/// What a shared cache may keep for a minute: the same for everyone, and new with a new server.
pub(super) fn for_a_minute() -> CacheControl {
    CacheControl(vec![CacheDirective::Public, CacheDirective::MaxAge(60)])
}

/// Whether the client asks for this type before JSON, as far as a plain list tells.
pub(super) fn prefers(http: &HttpRequest, media_type: &str) -> bool {
    let accept = http.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let Some(accept) = accept else { return false };
    let place = |name: &str| accept.split(',').position(|part| essence(part) == name);
    match (place(media_type), place("application/json")) {
        (Some(_), None) => true,
        (Some(asked), Some(json)) => asked < json,
        (None, _) => false,
    }
}

fn essence(part: &str) -> &str {
    part.split(';').next().unwrap_or_default().trim()
}
