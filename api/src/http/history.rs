//! The history of an object: every version, with the transition behind it.

use actix_web::{HttpRequest, HttpResponse, web};
use chancery_ledger::evidence::{Bytes, Evidence};
use chancery_ledger::hash::Hash;
use chancery_ledger::time::Time;
use chancery_ledger::transition::{Entry, Signing};
use chancery_ledger::view::View;
use chancery_registries::Kind;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::access::Reader;
use super::api::Api;
use super::audits::page_has_room_for_proofs;
use super::input::{Cursor, Limit, Query};
use super::objects::{Changed, Target, is_false};
use super::problem::{self, Problem};
use super::reply;
use super::versions::{Left, blocks_of_several};
use crate::node::Node;
use crate::openapi::evidence;
use crate::projection::HistoryRow;

/// The most blocks that are executed again for one page.
const REPLAYS_MAX: usize = 16;

/// Which versions.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// `true`: with the object as each version left it; a page then has at most 50.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    objects: bool,
    /// `true`: with the proofs of each version; a page then has at most 50.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    proofs: bool,
    /// From the `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
    /// How many to a page.
    #[serde(default)]
    #[param(inline, value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Limit,
}

/// A page of an object's history, the oldest version first. With objects it may have fewer versions
/// than asked for, and yet a next page.
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
    /// The object as this version left it, as the register describes it, where objects are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<Value>,
    /// The same in its stored form: what a status proof has as its value, base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    stored: Option<Bytes>,
    /// Where proofs are asked for: the receipt of the transition, unless it is withheld or the version
    /// is of the genesis; and the status of the object as of the version's block. Where a block changed
    /// it more than once, the status is of the last version in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<evidence::Evidence>>)]
    proofs: Option<Vec<Evidence>>,
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
    page_has_room_for_proofs(query.limit, query.proofs || query.objects)?;
    let mut limit = query.limit.0 as usize;
    let after = query.cursor.map(|cursor| cursor.0);
    let id = target.id.clone();
    // One more than asked tells whether there is a next page, and whether the last version was
    // replaced in its own block.
    let rows = api.query(move |projections| {
        projections.history(kind.register, kind.name, &id, after, limit + 1)
    });
    let rows = rows.await?.ok_or_else(Problem::not_yet_projected)?;
    let mut left = None;
    if query.objects {
        limit = limit.min(shown_by_replays(&rows));
        let replaced = &rows[..rows.len().min(limit + 1)];
        left = Some(Left::of(&api, &target, &blocks_of_several(replaced)).await?);
    }
    let page = api.read(move |node| {
        let asked = Asked { reader, target, left, proofs: query.proofs };
        let shown = rows.iter().take(limit);
        let items = shown.map(|row| version_body(node, &asked, row)).collect::<Result<_, _>>()?;
        let last = rows.get(limit.saturating_sub(1)).filter(|_| rows.len() > limit);
        Ok((items, last.map(|row| row.position)))
    });
    let (items, last) = page.await?;
    let next = last.map(|position| reply::next_page(&http, &Cursor(position).to_string()));
    Ok(reply::page(&HistoryPage { items, next: next.clone() }, next.as_deref()))
}

/// How many of these versions can be shown with no more blocks executed again than one page may have.
fn shown_by_replays(rows: &[HistoryRow]) -> usize {
    let heights = blocks_of_several(rows);
    let Some(beyond) = heights.get(REPLAYS_MAX) else { return rows.len() };
    rows.iter().position(|row| row.height == *beyond).unwrap_or(rows.len())
}

/// What is asked, by whom, and how much of it.
struct Asked {
    reader: Reader,
    target: Target,
    /// What versions left that others of their block replaced, where objects are asked for.
    left: Option<Left>,
    proofs: bool,
}

fn version_body(node: &Node, asked: &Asked, row: &HistoryRow) -> Result<VersionBody, Problem> {
    let changed = Changed::at(node, &asked.reader, row.position)?;
    let Changed { time, height, position, transition, private } = changed;
    let stored = asked.left.as_ref().map(|left| left.version(node.view(), &asked.target, row));
    let stored = stored.transpose()?;
    let object = stored.as_ref().map(|bytes| {
        let object = (asked.target.kind.to_json)(bytes, time);
        object.ok_or_else(|| problem::internal(&"an unreadable object"))
    });
    let mut body = VersionBody {
        version: row.version,
        action: None,
        time,
        height,
        position,
        transition,
        signers: Vec::new(),
        private,
        link: None,
        object: object.transpose()?,
        stored: stored.map(Bytes),
        proofs: asked.proofs.then(|| prove(node.view(), asked, changed)).transpose()?,
    };
    if changed.is_withheld() {
        return Ok(body);
    }
    body.action = match position {
        Some(_) => Some(format!("{}.{}", row.register, row.action)),
        None => Some(row.action.clone()),
    };
    let signers = position.map(|position| signers(node.view(), position)).transpose()?;
    body.signers = signers.unwrap_or_default();
    body.link = transition.map(|id| format!("/v1/transitions/{id}"));
    Ok(body)
}

/// The receipt of what made a version, as far as it is shown, and the status as of its block.
fn prove(view: &View, asked: &Asked, changed: Changed) -> Result<Vec<Evidence>, Problem> {
    let Target { kind, id } = &asked.target;
    let shown = changed.position.filter(|_| !changed.is_withheld());
    let receipt = shown.map(|position| Ok(Evidence::Receipt(view.receipt(position)?)));
    let status = view.status(kind.register, kind.name, id, changed.height)?;
    receipt.into_iter().chain([Ok(Evidence::Status(status))]).collect()
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
