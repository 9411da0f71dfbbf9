//! What is frozen as of a block: objects under an order of a court or a regulator.

use actix_web::{HttpRequest, HttpResponse, web};
use chancery_ledger::evidence::StatusProof;
use chancery_ledger::execution::{Object, Stored};
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use chancery_ledger::view::View;
use chancery_registries::authorities::{FreezeIndex, FreezeMark, Order, Target};
use chancery_registries::text::{LocalId, Reference, Statement};
use chancery_registries::{RegisterName, kind};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::page_has_room_for_proofs;
use crate::http::access::Reader;
use crate::http::api::Api;
use crate::http::codes;
use crate::http::input::{AsOf, Limit, Query};
use crate::http::objects::{self, Moment};
use crate::http::problem::{self, Problem};
use crate::http::reply;
use crate::openapi::evidence;

/// How many objects that ever were frozen are looked at for one page.
const LOOKED_AT_MAX: usize = 4096;
/// How many of them are looked up together.
const TOGETHER: usize = 512;

/// Which freezes.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FrozenQuery {
    /// Of objects of this register; of any by default.
    #[param(inline, example = "parcels")]
    register: Option<RegisterName>,
    /// As of a height or a time; now by default.
    #[param(inline)]
    as_of: Option<AsOf>,
    /// Whether each object comes with its proofs; a page then has at most 50.
    #[serde(default)]
    proofs: bool,
    /// From the `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<String>,
    /// How many to a page.
    #[serde(default)]
    #[param(inline, value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Limit,
}

/// A page of what is frozen. It may have fewer objects than asked for, and none, and yet a next page.
#[derive(Serialize, ToSchema)]
pub(crate) struct FrozenPage {
    /// The block that the answer speaks of. A freeze is in force by the block's time.
    as_of: Moment,
    /// The objects, in an order that does not change.
    items: Vec<FrozenBody>,
    /// Where the next page is; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// An object under one freeze or several.
#[derive(Serialize, ToSchema)]
struct FrozenBody {
    /// The object: `register/kind/id`.
    #[schema(example = "parcels/parcel/RB123456785GB")]
    object: String,
    /// Where the object is.
    link: String,
    /// The freezes in force.
    freezes: Vec<FreezeBody>,
    /// That the object's index of freezes, and then each order, stands in the state.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<evidence::StatusProof>>)]
    proofs: Option<Vec<StatusProof>>,
}

/// A freeze in force.
#[derive(Serialize, ToSchema)]
struct FreezeBody {
    /// The order.
    order: LocalId,
    /// Who made it.
    by: PartyId,
    /// The accreditation it was made under.
    under: LocalId,
    /// How far it reaches, in words.
    scope: Statement,
    /// The case or decision behind it.
    reference: Reference,
    /// When it was made.
    made: Time,
    /// When it runs out.
    until: Time,
    /// Where the order is.
    link: String,
}

/// What is frozen, by whose order, and until when.
#[utoipa::path(
    get, path = "/v1/audit/frozen", tag = "audit", operation_id = "auditFrozen",
    params(FrozenQuery),
    responses(
        (status = 200, description = "A page of objects under a freeze in force", body = FrozenPage),
        (status = 404, description = "As of a block that is not there"),
        (status = 503, description = "As of a block that is not yet projected"),
    ),
)]
pub(crate) async fn frozen(
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    Query(query): Query<FrozenQuery>,
) -> Result<HttpResponse, Problem> {
    page_has_room_for_proofs(query.limit, query.proofs)?;
    let cursor = query.cursor.as_deref().map(str::parse::<Hash>).transpose();
    let cursor = cursor.map_err(|_| codes::BAD_CURSOR.because("it is no place in this list"))?;
    let height = AsOf::find(query.as_of, api.node.view())?.height;
    api.query(move |projections| projections.has_reached(height)).await?;
    let mut search = Search {
        reader,
        height,
        time: api.node.view().block_time(height)?,
        register: query.register,
        proofs: query.proofs,
        limit: query.limit.0 as usize,
        after: cursor.map(|cursor| cursor.to_string()),
        items: Vec::new(),
        looked_at: 0,
        ended: false,
    };
    while !search.is_over() {
        let after = search.after.clone();
        let (register, kind) = (FreezeIndex::REGISTER, FreezeIndex::KIND);
        let ids = api.query(move |projections| {
            projections.objects_of_kind(register, kind, after.as_deref(), TOGETHER)
        });
        let ids = ids.await?;
        search = api.read(move |node| search.looks_at(node.view(), &ids)).await?;
    }
    let last = search.after.filter(|_| !search.ended);
    let next = last.map(|cursor| reply::next_page(&http, &cursor));
    let page = FrozenPage {
        as_of: Moment { height, time: search.time },
        items: search.items,
        next: next.clone(),
    };
    Ok(reply::page(&page, next.as_deref()))
}

/// A page that is being filled.
struct Search {
    reader: Reader,
    height: u64,
    time: Time,
    register: Option<RegisterName>,
    proofs: bool,
    limit: usize,
    /// The id of the last index that was looked at.
    after: Option<String>,
    items: Vec<FrozenBody>,
    looked_at: usize,
    /// Whether there are no more.
    ended: bool,
}

impl Search {
    fn is_over(&self) -> bool {
        self.ended || self.items.len() >= self.limit || self.looked_at >= LOOKED_AT_MAX
    }

    fn looks_at(mut self, view: &View, ids: &[String]) -> Result<Self, Problem> {
        for id in ids {
            if self.is_over() {
                return Ok(self);
            }
            self.looked_at += 1;
            self.after = Some(id.clone());
            self.looks_at_one(view, id)?;
        }
        self.ended = ids.len() < TOGETHER;
        Ok(self)
    }

    fn looks_at_one(&mut self, view: &View, id: &str) -> Result<(), Problem> {
        let Some(FreezeIndex { target, freezes }) = stored(view, id, self.height)? else {
            return Ok(());
        };
        let in_force: Vec<FreezeMark> =
            freezes.into_iter().filter(|freeze| self.time < freeze.until).collect();
        if in_force.is_empty() || self.register.is_some_and(|wanted| wanted != target.register) {
            return Ok(());
        }
        if !self.reader.reads_all_of(target.register.as_str()) {
            return Ok(());
        }
        let freezes = in_force.iter().map(|freeze| self.freeze(view, freeze));
        let freezes = freezes.collect::<Result<Vec<_>, _>>()?;
        let proofs = self.proofs.then(|| self.proofs(view, id, &in_force)).transpose()?;
        let Target { register, kind: name, id } = &target;
        let link = kind(register.as_str(), name.as_str());
        self.items.push(FrozenBody {
            object: format!("{register}/{name}/{id}"),
            link: link.map(|kind| objects::path(kind, id.as_str())).unwrap_or_default(),
            freezes,
            proofs,
        });
        Ok(())
    }

    fn freeze(&self, view: &View, freeze: &FreezeMark) -> Result<FreezeBody, Problem> {
        let order: Option<Order> = stored(view, freeze.order.as_str(), self.height)?;
        let order = order.ok_or_else(|| problem::internal(&"a freeze without its order"))?;
        let link = kind(Order::REGISTER, Order::KIND);
        let link = link.map(|kind| objects::path(kind, order.order.as_str())).unwrap_or_default();
        let Order { order, by, under, scope, reference, made, until, .. } = order;
        Ok(FreezeBody { order, by, under, scope, reference, made, until, link })
    }

    fn proofs(
        &self,
        view: &View,
        index: &str,
        freezes: &[FreezeMark],
    ) -> Result<Vec<StatusProof>, Problem> {
        let orders = freezes.iter().map(|freeze| (Order::KIND, freeze.order.as_str()));
        std::iter::once((FreezeIndex::KIND, index))
            .chain(orders)
            .map(|(kind, id)| Ok(view.status(FreezeIndex::REGISTER, kind, id, self.height)?))
            .collect()
    }
}

/// An object of the authorities as of a block.
fn stored<T: Object>(view: &View, id: &str, height: u64) -> Result<Option<T>, Problem> {
    let Some(bytes) = view.object(T::REGISTER, T::KIND, id, height)? else { return Ok(None) };
    let stored = Stored::<T>::decode(&bytes).map_err(|error| problem::internal(&error))?;
    Ok(Some(stored.value))
}
