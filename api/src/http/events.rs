//! Server-sent events: what changes, as it becomes final, and again from wherever a reader left off.
//!
//! A stream is pulled, block by block, out of the ledger: a slow reader falls behind and costs nothing
//! but its connection, and none is ever told less than all.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::{HttpRequest, HttpResponse, web};
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use chancery_registries::RegisterName;
use chancery_registries::access::is_private;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use utoipa::{IntoParams, ToSchema};

use super::access;
use super::api::Api;
use super::changes::{BlockChanges, ChangedObject, Deed};
use super::codes;
use super::input::{Query, SubjectText, whole, whole_if_given};
use super::objects::{self, is_false};
use super::problem::Problem;
use super::streams::{self, HEARTBEAT, LAST_EVENT_ID, Place, Source};
use crate::projection::Subject;

/// How long a browser waits before it connects again.
const RETRY: &str = "retry: 2000\n\n";

/// Which events, and from where.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EventsQuery {
    /// Changes of this object: `register/kind/id`.
    #[param(value_type = Option<String>)]
    subject: Option<SubjectText>,
    /// Changes of objects of this register.
    #[param(inline)]
    register: Option<RegisterName>,
    /// Changes by transitions that this party signed, or of objects that it stands in a relation to.
    party: Option<PartyId>,
    /// From behind this position; from now on by default. `Last-Event-ID` goes before it.
    #[serde(default, deserialize_with = "whole_if_given")]
    after: Option<u64>,
}

/// The data of an event: an object has changed.
#[derive(Serialize, ToSchema)]
pub(super) struct EventBody<'a> {
    /// The object: `register/kind/id`.
    object: String,
    /// The version that the change made.
    version: u64,
    /// The transition's actions, as `register.action`; empty where they are withheld.
    actions: Vec<String>,
    /// The transition's position in the log.
    position: u64,
    /// The height of its block.
    height: u64,
    /// When it took effect.
    time: Time,
    /// The transition's id; `null` where it is withheld.
    transition: Option<Hash>,
    /// The parties that signed; empty where they are withheld.
    signers: &'a [String],
    /// Whether the transition is private, and then withheld from those whom it does not concern.
    #[serde(skip_serializing_if = "is_false")]
    private: bool,
    /// Where the object is.
    link: String,
}

/// What changes, as server-sent events (WHATWG HTML 9.2).
///
/// One event a change: `event` is `register.action`, `data` is JSON. The `id` is the transition's position and
/// stands on the last event of a transition, so that going on from it (`Last-Event-ID`) misses nothing; comments
/// and ids without an event come in between. A client that reads slowly falls behind and is never skipped.
///
/// Changes of private objects are told to those whom they concern, or who oversee the register. A public object
/// that a private transition changed is told as `withheld` to others. A stream that was asked for with an
/// access token ends when the token runs out: come back with a new one and the last id.
#[utoipa::path(
    get, path = "/v1/events", tag = "log", operation_id = "events",
    params(EventsQuery, ("Last-Event-ID" = Option<u64>, Header, description = "The id of the last event that was seen")),
    responses(
        (status = 200, description = "A stream of events", body = EventBody, content_type = "text/event-stream"),
        (status = 503, description = "Too many streams are open"),
    ),
)]
pub(super) async fn events(
    api: web::Data<Api>,
    http: HttpRequest,
    asking: access::Reader,
    Query(query): Query<EventsQuery>,
) -> Result<HttpResponse, Problem> {
    let after = match http.headers().get(LAST_EVENT_ID) {
        None => query.after,
        Some(id) => Some(position(id.to_str().unwrap_or_default())?),
    };
    let place = Place::take(&api, &http)?;
    let view = api.node.view();
    let tip = view.tip();
    let next = after.map_or(tip.header.log_size, |after| after.saturating_add(1));
    let height = match next < tip.header.log_size {
        true => view.place(next)?.height,
        false => tip.header.height + 1,
    };
    let (subject, register, party) =
        (query.subject.map(|subject| subject.0), query.register, query.party);
    let wanted = Wanted { subject, register, party: party.map(|party| party.to_string()) };
    let (heights, stopping) = (api.changes.heights(), api.stopping.clone());
    let begun = false;
    let reader = Reader { api, asking, wanted, next, height, heights, stopping, begun };
    Ok(streams::answer(place, reader))
}

fn position(text: &str) -> Result<u64, Problem> {
    whole(text).ok_or_else(|| codes::BAD_LAST_EVENT_ID.because(format!("{text:?} is no position")))
}

/// What a stream tells of.
struct Wanted {
    subject: Option<Subject>,
    register: Option<RegisterName>,
    party: Option<String>,
}

/// An open stream.
struct Reader {
    api: web::Data<Api>,
    asking: access::Reader,
    wanted: Wanted,
    /// The position from which it tells.
    next: u64,
    /// The block that it reads next.
    height: u64,
    heights: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    begun: bool,
}

impl Source for Reader {
    async fn text(&mut self) -> Option<String> {
        if !std::mem::replace(&mut self.begun, true) {
            return Some(RETRY.to_owned());
        }
        loop {
            if *self.stopping.borrow() || self.expires_in().is_zero() {
                return None;
            }
            let tip = *self.heights.borrow_and_update();
            if self.height <= tip {
                // The reader comes again, and hears of the fault in the server's log.
                let block = self.api.changes.of(self.height).await.ok()?;
                self.height += 1;
                let text = self.block_text(&block);
                if !text.is_empty() {
                    return Some(text);
                }
                continue;
            }
            let pause = HEARTBEAT.min(self.expires_in());
            tokio::select! {
                changed = self.heights.changed() => changed.ok()?,
                stopping = self.stopping.changed() => stopping.ok()?,
                () = tokio::time::sleep(pause) => return Some(self.heartbeat()),
            }
        }
    }
}

impl Reader {
    /// How long whoever asks may still be answered.
    fn expires_in(&self) -> Duration {
        let left = |end: Instant| end.saturating_duration_since(Instant::now());
        self.asking.expires().map_or(Duration::MAX, left)
    }

    /// An id alone makes no event, but is what a browser comes back with.
    fn heartbeat(&self) -> String {
        match self.next.checked_sub(1) {
            Some(last) => format!(": here\nid: {last}\n\n"),
            None => streams::HERE.to_owned(),
        }
    }

    fn block_text(&mut self, block: &Arc<BlockChanges>) -> String {
        let mut text = String::new();
        let deeds = block.transitions.iter().filter(|deed| deed.position >= self.next);
        for deed in deeds {
            let sight = Sight::of(deed, &self.asking);
            let told = |change: &&ChangedObject| {
                let public = !is_private(change.register);
                (public || sight != Sight::Withheld) && self.wanted.has(deed, change, sight)
            };
            let wanted: Vec<&ChangedObject> = deed.changes.iter().filter(told).collect();
            for (index, change) in wanted.iter().enumerate() {
                let last = index + 1 == wanted.len();
                put_event(&mut text, block, deed, change, sight, last);
            }
        }
        if let Some(last) = block.transitions.last() {
            self.next = self.next.max(last.position + 1);
        }
        text
    }
}

/// How much of a transition the reader sees.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sight {
    Public,
    Private,
    Withheld,
}

impl Sight {
    fn of(deed: &Deed, asking: &access::Reader) -> Self {
        match (deed.private_registers().is_empty(), asking.sees_deed(deed)) {
            (true, _) => Self::Public,
            (false, true) => Self::Private,
            (false, false) => Self::Withheld,
        }
    }
}

impl Wanted {
    /// Who signed what is withheld must not show by what is found.
    fn has(&self, deed: &Deed, change: &ChangedObject, sight: Sight) -> bool {
        let subject = self.subject.as_ref().is_none_or(|subject| {
            (&*subject.register, &*subject.kind, &*subject.id)
                == (change.register, change.kind, &*change.id)
        });
        let register = self.register.is_none_or(|register| register.as_str() == change.register);
        let party = self.party.as_ref().is_none_or(|party| {
            signers(deed, sight).contains(party) || change.parties.contains(party)
        });
        subject && register && party
    }
}

fn signers(deed: &Deed, sight: Sight) -> &[String] {
    if sight == Sight::Withheld { &[] } else { &deed.signers }
}

/// The event of a change by a transition that is withheld.
const WITHHELD: &str = "withheld";

fn put_event(
    text: &mut String,
    block: &BlockChanges,
    deed: &Deed,
    change: &ChangedObject,
    sight: Sight,
    last: bool,
) {
    let named = |(register, action): &(&str, &str)| format!("{register}.{action}");
    let actions = if sight == Sight::Withheld { &[][..] } else { &deed.actions };
    let of_register = actions.iter().find(|(register, _)| *register == change.register);
    let event = of_register.or(actions.first()).map_or_else(|| WITHHELD.to_owned(), named);
    let ChangedObject { register, kind, id, version, .. } = change;
    let link = chancery_registries::kind(register, kind).map(|kind| objects::path(kind, id));
    let body = EventBody {
        object: format!("{register}/{kind}/{id}"),
        version: *version,
        actions: actions.iter().map(named).collect(),
        position: deed.position,
        height: block.height,
        time: block.time,
        transition: (sight != Sight::Withheld).then_some(deed.id),
        signers: signers(deed, sight),
        private: sight != Sight::Public,
        link: link.unwrap_or_default(),
    };
    // JSON has no line feed outside of its texts, and in them it is escaped.
    let data = serde_json::to_string(&body).unwrap_or_default();
    *text += &format!("event: {event}\ndata: {data}\n");
    if last {
        *text += &format!("id: {}\n", deed.position);
    }
    text.push('\n');
}
