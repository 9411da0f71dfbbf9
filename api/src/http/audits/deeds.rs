//! What was done under an accreditation or by an order, and what a party did: transition by
//! transition, with the receipt of each where they are wanted.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use chancery_ledger::evidence::Receipt;
use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use chancery_ledger::transition::{Entry, Signing};
use chancery_ledger::view::View;
use chancery_registries::authorities::{Accreditation, Order as CourtOrder};
use chancery_registries::identity::Party;
use chancery_registries::{RegisterName, kind};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::page_has_room_for_proofs;
use crate::http::access::{Reader, private_registers_of};
use crate::http::api::Api;
use crate::http::input::{AsOf, Cursor, Limit, Query, path_part};
use crate::http::objects::Target;
use crate::http::problem::{self, Problem};
use crate::http::reply;
use crate::http::search::{end_position, first_position};
use crate::openapi::evidence;
use crate::projection::{Order, SearchQuery, SearchRow, Subject};

/// Which deeds. Everything that is given must hold.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeedsQuery {
    /// Those with an action of this register.
    #[param(inline, example = "parcels")]
    register: Option<RegisterName>,
    /// Those in blocks at or after this height or time.
    #[param(inline)]
    from: Option<AsOf>,
    /// Those in blocks at or before this height or time.
    #[param(inline)]
    until: Option<AsOf>,
    /// Whether each comes with its receipt; a page then has at most 50.
    #[serde(default)]
    proofs: bool,
    /// From the `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
    /// How many to a page.
    #[serde(default)]
    #[param(inline, value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Limit,
}

/// A page of deeds, the earliest first. It may have fewer than asked for, and yet a next page.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeedsPage {
    /// The deeds.
    items: Vec<DeedBody>,
    /// Where the next page is; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A transition as an auditor lists it.
#[derive(Serialize, ToSchema)]
struct DeedBody {
    /// Its id.
    id: Hash,
    /// Its position in the log.
    position: u64,
    /// The height of its block.
    height: u64,
    /// When it took effect.
    time: Time,
    /// `applied`, or the code for which it changed nothing.
    #[schema(example = "applied")]
    outcome: String,
    /// Whether a rule asked for the accreditation or order itself, and not only for one that was
    /// granted or made under it. Absent where a party is asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    direct: Option<bool>,
    /// Its actions, each as `register.action`.
    #[schema(example = json!(["parcels.handoff"]))]
    actions: Vec<String>,
    /// Who signed, as PARTY#KEY.
    signers: Vec<String>,
    /// Where it is.
    link: String,
    /// That it stands in the log with its outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<evidence::Receipt>)]
    receipt: Option<Receipt>,
}

/// The tags of an action.
#[derive(Deserialize)]
struct Tags {
    register: String,
    action: String,
}

/// The part of a payload that tells what was asked for.
#[derive(Deserialize)]
struct Asked {
    actions: Vec<Tags>,
}

/// Everything that was done under an accreditation, suspended or ended as it may be.
///
/// A transition is done under an accreditation where a rule asked whether its party is accredited,
/// and this one was the answer; and, not directly, under each that the answer was granted under.
/// An action that cites an order is done under the accreditation that the order was made under.
#[utoipa::path(
    get, path = "/v1/audit/accreditations/{id}/deeds", tag = "audit", operation_id = "auditAccreditation",
    params(("id" = String, Path, description = "The accreditation's id", example = "carrier-2026-0042"), DeedsQuery),
    responses((status = 200, description = "A page of transitions", body = DeedsPage)),
)]
pub(crate) async fn accreditation(
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    Query(query): Query<DeedsQuery>,
) -> Result<HttpResponse, Problem> {
    let ground = ground::<Accreditation>(&api, &http, &reader)?;
    page(&api, &http, reader, query, Of::Ground(ground)).await
}

/// Everything that was done by citing an order of a court or a regulator.
#[utoipa::path(
    get, path = "/v1/audit/orders/{id}/deeds", tag = "audit", operation_id = "auditOrder",
    params(("id" = String, Path, description = "The order's id", example = "HCA-1017-2026"), DeedsQuery),
    responses((status = 200, description = "A page of transitions", body = DeedsPage)),
)]
pub(crate) async fn order(
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    Query(query): Query<DeedsQuery>,
) -> Result<HttpResponse, Problem> {
    let ground = ground::<CourtOrder>(&api, &http, &reader)?;
    page(&api, &http, reader, query, Of::Ground(ground)).await
}

/// Everything that a party signed, refused or applied.
#[utoipa::path(
    get, path = "/v1/audit/parties/{id}/deeds", tag = "audit", operation_id = "auditParty",
    params(("id" = PartyId, Path, description = "The party's ID code", example = "ZEPJ6DL7SH34GCV3AZM7M7N4K"), DeedsQuery),
    responses((status = 200, description = "A page of transitions", body = DeedsPage)),
)]
pub(crate) async fn party(
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    Query(query): Query<DeedsQuery>,
) -> Result<HttpResponse, Problem> {
    let party = path_part(&http, "id")?;
    ground::<Party>(&api, &http, &reader)?;
    page(&api, &http, reader, query, Of::Party(party)).await
}

/// Whose deeds.
enum Of {
    Ground(Subject),
    Party(PartyId),
}

/// The object that the address names, which must be there.
fn ground<T: Object>(api: &Api, http: &HttpRequest, reader: &Reader) -> Result<Subject, Problem> {
    let kind = kind(T::REGISTER, T::KIND).ok_or_else(|| problem::internal(&"an unlisted kind"))?;
    let view = api.node.view();
    let height = view.tip().header.height;
    let target = Target::of(kind, http, reader, view, height)?;
    target.bytes(view, height)?;
    let (register, kind) = (T::REGISTER.to_owned(), T::KIND.to_owned());
    Ok(Subject { register, kind, id: target.id })
}

async fn page(
    api: &Api,
    http: &HttpRequest,
    reader: Reader,
    query: DeedsQuery,
    of: Of,
) -> Result<HttpResponse, Problem> {
    page_has_room_for_proofs(query.limit, query.proofs)?;
    let view = api.node.view();
    let mut asked = SearchQuery {
        register: query.register.map(|register| register.to_string()),
        from: query.from.map(|from| first_position(view, from)).transpose()?,
        until: query.until.map(|until| end_position(view, until)).transpose()?,
        order: Order::Oldest,
        after: query.cursor.map(|cursor| cursor.0),
        limit: query.limit.0 as usize,
        hidden: reader.hidden(),
        ..SearchQuery::default()
    };
    let ground = match of {
        Of::Ground(ground) => {
            asked.under = Some(ground.clone());
            Some(ground)
        }
        Of::Party(party) => {
            asked.signer = Some(party);
            None
        }
    };
    let (found, direct) = api
        .query(move |projections| {
            let found = projections.search(&asked)?;
            let positions: Vec<u64> = found.rows.iter().map(|row| row.position).collect();
            let under = |ground: Subject| projections.directly_under(&ground, &positions);
            let direct = ground.map(under).transpose()?;
            Ok((found, direct))
        })
        .await?;
    let next = found.next.map(|after| reply::next_page(http, &Cursor(after).to_string()));
    let (rows, proofs) = (found.rows, query.proofs);
    let items = api.read(move |node| {
        let mut bodies = Vec::with_capacity(rows.len());
        for row in &rows {
            let entry = node.view().entry(row.position)?;
            if reader.sees(node, row.position, &private_registers_of(&entry))? {
                bodies.push(deed_body(node.view(), row, &entry, direct.as_ref(), proofs)?);
            }
        }
        Ok(bodies)
    });
    let items = items.await?;
    let page = DeedsPage { items, next: next.clone() };
    Ok(reply::page(&page, next.as_deref()))
}

fn deed_body(
    view: &View,
    row: &SearchRow,
    entry: &[u8],
    direct: Option<&BTreeSet<u64>>,
    proofs: bool,
) -> Result<DeedBody, Problem> {
    let entry = Entry::decode(entry).map_err(|error| problem::internal(&error))?;
    let unreadable = |error: serde_json::Error| problem::internal(&error);
    let signing: Signing = serde_json::from_slice(entry.transition).map_err(unreadable)?;
    let asked: Asked = serde_json::from_slice(&signing.payload()).map_err(unreadable)?;
    let action = |Tags { register, action }| format!("{register}.{action}");
    Ok(DeedBody {
        id: row.id,
        position: row.position,
        height: row.height,
        time: view.block_time(row.height)?,
        outcome: entry.outcome.to_string(),
        direct: direct.map(|direct| direct.contains(&row.position)),
        actions: asked.actions.into_iter().map(action).collect(),
        signers: signing.signers().iter().map(ToString::to_string).collect(),
        link: format!("/v1/transitions/{}", row.id),
        receipt: proofs.then(|| view.receipt(row.position)).transpose()?,
    })
}
