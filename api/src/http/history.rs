//! The history of an object: every version, with the transition behind it.

use actix_web::{HttpRequest, HttpResponse, web};
use chancery_ledger::hash::Hash;
use chancery_ledger::time::Time;
use chancery_ledger::transition::{Entry, Signing};
use chancery_ledger::view::View;
use chancery_registries::Kind;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::access::Reader;
use super::api::Api;
use super::codes;
use super::input::{Cursor, Limit, Query};
use super::objects::{Changed, Target, is_false};
use super::problem::Problem;
use super::reply;
use crate::node::Node;
use crate::projection::HistoryRow;

/// Which versions.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// From the `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
    /// How many to a page.
    #[serde(default)]
    #[param(inline, value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Limit,
}

/// A page of an object's history, the oldest version first.
#[derive(Serialize, ToSchema)]
pub(super) struct HistoryPage {
    /// The versions.
    items: Vec<VersionBody>,
    /// Where the next page is; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A version of an object.
#[derive(Serialize, ToSchema)]
struct VersionBody {
    /// 1 when it was new.
    version: u64,
    /// The action that made it, as `register.action`; `found` for what the genesis put down, and `null`
    /// where it is withheld.
    #[schema(example = "parcels.handoff")]
    action: Option<String>,
    /// When it took effect.
    time: Time,
    /// The height of its block.
    height: u64,
    /// The transition's position in the log.
    position: Option<u64>,
    /// The transition's id; `null` where it is withheld.
    transition: Option<Hash>,
    /// Who signed the transition, as PARTY#KEY; empty where that is withheld.
    signers: Vec<String>,
    /// Whether the transition is private, and then withheld from those whom it does not concern.
    #[serde(skip_serializing_if = "is_false")]
    private: bool,
    /// Where the transition is.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

/// `GET …/{id}/history`
pub(super) async fn history(
    kind: &'static Kind,
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    Query(query): Query<HistoryQuery>,
) -> Result<HttpResponse, Problem> {
    let view = api.node.view();
    let height = view.tip().header.height;
    let target = Target::of(kind, &http, &reader, view, height)?;
    // What the ledger does not have has no history, whatever the tables say.
    target.bytes(view, height)?;
    let limit = query.limit.0 as usize;
    let after = query.cursor.map(|cursor| cursor.0);
    let id = target.id.clone();
    // One more than asked tells whether there is a next page.
    let rows = api.query(move |projections| {
        projections.history(kind.register, kind.name, &id, after, limit + 1)
    });
    let rows = rows.await?.ok_or_else(|| codes::NOT_YET_PROJECTED.because("its first version"))?;
    let page = api.read(move |node| {
        let shown = rows.iter().take(limit);
        let items = shown.map(|row| version_body(node, &reader, row)).collect::<Result<_, _>>()?;
        let last = rows.get(limit.saturating_sub(1)).filter(|_| rows.len() > limit);
        Ok((items, last.map(|row| row.position)))
    });
    let (items, last) = page.await?;
    let next = last.map(|position| reply::next_page(&http, &Cursor(position).to_string()));
    Ok(reply::page(&HistoryPage { items, next: next.clone() }, next.as_deref()))
}

fn version_body(node: &Node, reader: &Reader, row: &HistoryRow) -> Result<VersionBody, Problem> {
    let changed = Changed::at(node, reader, row.position)?;
    let Changed { time, height, position, transition, private } = changed;
    let version = row.version;
    if changed.is_withheld() {
        let (action, signers, link) = (None, Vec::new(), None);
        return Ok(VersionBody {
            version,
            action,
            time,
            height,
            position,
            transition,
            signers,
            private,
            link,
        });
    }
    let action = match position {
        Some(_) => format!("{}.{}", row.register, row.action),
        None => row.action.clone(),
    };
    let signers = position.map(|position| signers(node.view(), position)).transpose()?;
    Ok(VersionBody {
        version,
        action: Some(action),
        time,
        height,
        position,
        transition,
        signers: signers.unwrap_or_default(),
        private,
        link: transition.map(|id| format!("/v1/transitions/{id}")),
    })
}

/// Who signed the transition at a position.
pub(super) fn signers(view: &View, position: u64) -> Result<Vec<String>, Problem> {
    let entry = view.entry(position)?;
    // What stands in the log was read before it was ordered.
    let signing = Entry::decode(&entry)
        .ok()
        .and_then(|entry| serde_json::from_slice::<Signing>(entry.transition).ok());
    let signers = signing.map(|signing| signing.signers()).unwrap_or_default();
    Ok(signers.iter().map(ToString::to_string).collect())
}
