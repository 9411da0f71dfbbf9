//! Searching: transitions by what they concern, and what a party holds.

use actix_web::{HttpRequest, HttpResponse, web};
use chancery_ledger::evidence::StatusProof;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use chancery_ledger::transition::Entry;
use chancery_ledger::view::View;
use chancery_registries::{Register, RegisterName, kind};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::access::{Reader, private_registers_of};
use super::api::Api;
use super::audits::page_has_room_for_proofs;
use super::codes;
use super::history::signers;
use super::input::{AsOf, Cursor, Limit, Query, SubjectText};
use super::objects::{self, Changed, Moment, is_false, moment};
use super::problem::{self, Problem};
use super::reply;
use crate::node::Node;
use crate::openapi::evidence;
use crate::projection::{Holding, HoldingCursor, HoldingsQuery, Order, SearchQuery};

/// Which transitions. Everything that is given must hold.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TransitionsQuery {
    /// Those that changed this object: `register/kind/id`.
    #[param(value_type = Option<String>, example = "parcels/parcel/RB123456785GB")]
    subject: Option<SubjectText>,
    /// Those with an action of this register.
    #[param(inline, example = "parcels")]
    register: Option<RegisterName>,
    /// Those that this party signed.
    signer: Option<PartyId>,
    /// Those that this party signed, or by which it began or ceased to stand in a relation.
    party: Option<PartyId>,
    /// Those in blocks at or after this height or time.
    #[param(inline)]
    from: Option<AsOf>,
    /// Those in blocks at or before this height or time.
    #[param(inline)]
    until: Option<AsOf>,
    /// The latest first, unless it says `oldest`.
    #[serde(default)]
    #[param(inline)]
    order: OrderText,
    /// From the `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
    /// How many to a page.
    #[serde(default)]
    #[param(inline, value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Limit,
}

/// Which comes first.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum OrderText {
    /// The latest.
    #[default]
    Newest,
    /// The earliest.
    Oldest,
}

/// A page of transitions.
#[derive(Serialize, ToSchema)]
pub(super) struct TransitionsPage {
    /// The transitions.
    items: Vec<FoundBody>,
    /// Where the next page is; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A transition that was found.
#[derive(Serialize, ToSchema)]
struct FoundBody {
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
    /// Who signed, as PARTY#KEY.
    signers: Vec<String>,
    /// Whether it is private: shown to those alone whom it concerns.
    #[serde(skip_serializing_if = "is_false")]
    private: bool,
    /// Where it is.
    link: String,
}

/// What a party holds.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HeldQuery {
    /// Who.
    party: PartyId,
    /// In what relation; any by default.
    #[param(example = "custodian")]
    relation: Option<String>,
    /// As of a height or a time; now by default.
    #[param(inline)]
    as_of: Option<AsOf>,
    /// `true`: with the proof of each object as of the block; a page then has at most 50.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    proofs: bool,
    /// From the `next` of the page before.
    cursor: Option<String>,
    /// How many to a page.
    #[serde(default)]
    #[param(inline, value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Limit,
}

/// A page of what a party holds.
#[derive(Serialize, ToSchema)]
pub(super) struct HoldingsPage {
    /// The block that the answer speaks of, when one or proofs were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Moment>,
    /// The objects.
    items: Vec<HeldBody>,
    /// Where the next page is; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// An object that a party stands in a relation to.
#[derive(Serialize, ToSchema)]
struct HeldBody {
    /// The relation.
    #[schema(example = "custodian")]
    relation: String,
    /// The object: `register/kind/id`.
    object: String,
    /// What it began by.
    since: Changed,
    /// The height at which it has ended since, when that is asked as of an earlier one.
    #[serde(skip_serializing_if = "Option::is_none")]
    until_height: Option<u64>,
    /// Where the object is.
    link: String,
    /// The object as of the block, from which the relation follows, where proofs are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<evidence::StatusProof>)]
    proof: Option<StatusProof>,
}

/// Transitions of the log, by what they concern.
///
/// Private ones are found by those whom they concern, and by those who oversee the register.
#[utoipa::path(
    get, path = "/v1/transitions", tag = "transitions", operation_id = "transitions",
    params(TransitionsQuery),
    responses((status = 200, description = "A page of transitions", body = TransitionsPage)),
)]
pub(super) async fn search(
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    Query(query): Query<TransitionsQuery>,
) -> Result<HttpResponse, Problem> {
    let view = api.node.view();
    let asked = SearchQuery {
        subject: query.subject.map(|subject| subject.0),
        under: None,
        register: query.register.map(|register| register.to_string()),
        signer: query.signer,
        party: query.party,
        from: query.from.map(|from| first_position(view, from)).transpose()?,
        until: query.until.map(|until| end_position(view, until)).transpose()?,
        order: match query.order {
            OrderText::Newest => Order::Newest,
            OrderText::Oldest => Order::Oldest,
        },
        after: query.cursor.map(|cursor| cursor.0),
        hidden: reader.hidden(),
        limit: query.limit.0 as usize,
    };
    let found = api.query(move |projections| projections.search(&asked)).await?;
    let next = found.next.map(|after| reply::next_page(&http, &Cursor(after).to_string()));
    let items = api.read(move |node| {
        let bodies = found.rows.iter().map(|row| found_body(node, &reader, row.position));
        bodies.filter_map(Result::transpose).collect::<Result<Vec<_>, _>>()
    });
    let page = TransitionsPage { items: items.await?, next: next.clone() };
    Ok(reply::page(&page, next.as_deref()))
}

/// What stands at a position. The tables have left out what the reader may not see; that is not
/// believed but looked up again where the ledger itself says it.
fn found_body(node: &Node, reader: &Reader, position: u64) -> Result<Option<FoundBody>, Problem> {
    let view = node.view();
    let place = view.place(position)?;
    let entry = view.entry(position)?;
    let registers = private_registers_of(&entry);
    if !reader.sees(node, position, &registers)? {
        return Ok(None);
    }
    let entry = Entry::decode(&entry).map_err(|error| problem::internal(&error))?;
    Ok(Some(FoundBody {
        id: place.id,
        position,
        height: place.height,
        time: view.block_time(place.height)?,
        outcome: entry.outcome.to_string(),
        signers: signers(view, position)?,
        private: !registers.is_empty(),
        link: format!("/v1/transitions/{}", place.id),
    }))
}

/// The position of the first transition in blocks at or after a height or time.
pub(super) fn first_position(view: &View, from: AsOf) -> Result<u64, Problem> {
    let tip = view.tip();
    let height = match from {
        AsOf::Height(height) => height,
        AsOf::Time(time) => match time.as_ms().checked_sub(1).and_then(Time::from_ms) {
            Some(before) => view.height_at(before)?.map_or(0, |height| height + 1),
            None => 0,
        },
    };
    if height > tip.header.height {
        return Ok(tip.header.log_size);
    }
    Ok(view.block_positions(height)?.start)
}

/// The position behind the last transition in blocks at or before a height or time.
pub(super) fn end_position(view: &View, until: AsOf) -> Result<u64, Problem> {
    let tip = view.tip().header.height;
    let height = match until {
        AsOf::Height(height) => Some(height.min(tip)),
        AsOf::Time(time) => view.height_at(time)?,
    };
    match height {
        Some(height) => Ok(view.block_positions(height)?.end),
        None => Ok(0),
    }
}

/// `GET /v1/{register}`
pub(super) async fn holdings(
    register: &'static Register,
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    Query(query): Query<HeldQuery>,
) -> Result<HttpResponse, Problem> {
    reader.may_list(register, &query.party)?;
    page_has_room_for_proofs(query.limit, query.proofs)?;
    let view = api.node.view();
    // What is proved is of one block, and so is the list.
    let is_of_a_block = query.proofs || query.as_of.is_some();
    let at = is_of_a_block.then(|| AsOf::find(query.as_of, view)).transpose()?;
    let proved = at.filter(|_| query.proofs).map(|at| at.height);
    let limit = query.limit.0 as usize;
    let cursor = query.cursor.as_deref().map(str::parse::<HoldingCursor>).transpose();
    let asked = HoldingsQuery {
        party: query.party,
        relation: query.relation,
        register: Some(register.name.to_owned()),
        as_of_height: at.map(|at| at.height),
        after: cursor.map_err(|error| codes::BAD_CURSOR.because(error.to_string()))?,
        // One more than asked tells whether there is a next page.
        limit: limit + 1,
    };
    let mut held = api.query(move |projections| projections.holdings(&asked)).await?;
    let more = held.len() > limit;
    held.truncate(limit);
    let last = held.last().filter(|_| more).map(|last| last.cursor.to_string());
    let next = last.map(|cursor| reply::next_page(&http, &cursor));
    let items = api.read(move |node| {
        held.into_iter().map(|holding| held_body(node, &reader, holding, proved)).collect()
    });
    let page = HoldingsPage {
        as_of: at.map(|at| moment(view, at)).transpose()?,
        items: items.await?,
        next: next.clone(),
    };
    Ok(reply::page(&page, next.as_deref()))
}

fn held_body(
    node: &Node,
    reader: &Reader,
    holding: Holding,
    proved: Option<u64>,
) -> Result<HeldBody, Problem> {
    let Holding { relation, register, kind: name, id, from_position, until_height, .. } = holding;
    let kind = kind(&register, &name).ok_or_else(|| problem::internal(&"an unlisted kind"))?;
    let prove = |height| {
        reader.may_read(node.view(), kind, &id, height)?;
        Ok::<_, Problem>(node.view().status(kind.register, kind.name, &id, height)?)
    };
    Ok(HeldBody {
        relation,
        object: format!("{register}/{name}/{id}"),
        since: Changed::at(node, reader, from_position)?,
        until_height,
        link: objects::path(kind, &id),
        proof: proved.map(prove).transpose()?,
    })
}
