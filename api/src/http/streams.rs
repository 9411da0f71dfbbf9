//! Streams of server-sent events (WHATWG HTML 9.2): counted, bounded in number, and kept open.

use std::time::Duration;

use actix_web::http::header::{self, HeaderName};
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use tokio::sync::OwnedSemaphorePermit;

use super::api::Api;
use super::codes;
use super::limits::OpenStream;
use super::problem::Problem;

/// What a reader saw last, when it comes back.
pub(super) const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// A comment goes out after so long without an event, so that nobody in between hangs up.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(15);
/// That comment.
pub(super) const HERE: &str = ": here\n\n";

/// A place among the streams that may be open, for as long as it is kept.
pub(super) struct Place {
    api: web::Data<Api>,
    _permit: OwnedSemaphorePermit,
    _counted: OpenStream,
}

impl Place {
    /// One more, if there is room for it.
    pub(super) fn take(api: &web::Data<Api>, http: &HttpRequest) -> Result<Self, Problem> {
        let counted = OpenStream::count(api, http)?;
        let permit = api.streams.clone().try_acquire_owned().map_err(|_| {
            codes::TOO_MANY_STREAMS.because("all are taken").with_header(header::RETRY_AFTER, "30")
        })?;
        api.metrics.streams().inc();
        Ok(Self { api: api.clone(), _permit: permit, _counted: counted })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.api.metrics.streams().dec();
    }
}

/// What a stream tells.
pub(super) trait Source: 'static {
    /// What goes out next; `None` at the end.
    async fn text(&mut self) -> Option<String>;
}

/// The stream as an answer. It is pulled: a slow reader costs nothing but its connection.
pub(super) fn answer(place: Place, source: impl Source) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(stream::unfold((place, source), |(place, mut source)| async move {
            let text = source.text().await?;
            Some((Ok::<_, actix_web::Error>(Bytes::from(text)), (place, source)))
        }))
}
