//! Objects of the registers: as they are, as they were, and proved.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chancery_ledger::evidence::{Evidence, StatusProof};
use chancery_ledger::execution::{GENESIS_POSITION, Stored};
use chancery_ledger::hash::Hash;
use chancery_ledger::time::Time;
use chancery_ledger::view::View;
use chancery_registries::Kind;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::access::{Reader, private_registers_of};
use super::api::Api;
use super::codes;
use super::forms::{self, Form};
use super::input::{AsOf, AsOfQuery, At, Query};
use super::problem::{self, Problem};
use super::reply::{self, Holds};
use crate::node::Node;
use crate::openapi::evidence;

/// As of when, and whether with the proof.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ObjectQuery {
    /// A height, or a time (RFC 3339) that stands for the last block at or before it. The tip by default.
    #[param(inline, example = "2026-01-31T09:30:00Z")]
    as_of: Option<AsOf>,
    /// `true`: with the proof that it stands in the state.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    proofs: bool,
}

/// An object of a register.
#[derive(Serialize, ToSchema)]
pub(super) struct ObjectBody {
    /// The register.
    #[schema(example = "parcels")]
    register: &'static str,
    /// The kind within the register.
    #[schema(example = "parcel")]
    kind: &'static str,
    /// The id within the kind.
    id: String,
    /// 1 when it was new, and one more with each transition that changed it.
    version: u64,
    /// What made this version.
    changed: Changed,
    /// The block that the answer speaks of, when one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Moment>,
    /// The object as the register describes it.
    object: Value,
    /// Where to ask further.
    links: ObjectLinks,
    /// That it stands in the state, where that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<evidence::StatusProof>)]
    proof: Option<StatusProof>,
}

/// A moment of the ledger.
#[derive(Clone, Copy, Serialize, ToSchema)]
pub(super) struct Moment {
    /// The height of a block.
    pub(super) height: u64,
    /// Its time.
    pub(super) time: Time,
}

/// The transition behind a version of an object.
#[derive(Clone, Copy, Serialize, ToSchema)]
pub(super) struct Changed {
    /// When it took effect.
    pub(super) time: Time,
    /// The height of its block.
    pub(super) height: u64,
    /// The transition's position in the log; `null` for what the genesis put down.
    pub(super) position: Option<u64>,
    /// The transition's id; `null` for what the genesis put down, and where it is withheld.
    pub(super) transition: Option<Hash>,
    /// Whether it is private, and then withheld from those whom it does not concern.
    #[serde(skip_serializing_if = "is_false")]
    pub(super) private: bool,
}

/// Most things are public, and say nothing of it.
#[allow(clippy::trivially_copy_pass_by_ref)]
pub(super) fn is_false(value: &bool) -> bool {
    !value
}

/// Where to ask further about an object.
#[derive(Serialize, ToSchema)]
struct ObjectLinks {
    /// The object.
    #[serde(rename = "self")]
    this: String,
    /// Every version, with the transition behind it.
    history: String,
    /// The proof that it stands in the state.
    proof: String,
    /// A QR code that leads to it.
    qr: String,
    /// The transition behind this version.
    #[serde(skip_serializing_if = "Option::is_none")]
    transition: Option<String>,
}

/// Which object a request is about.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) kind: &'static Kind,
    pub(super) id: String,
}

impl Target {
    /// The object of this kind that the request's address names, if the reader may be told of it as
    /// of this block.
    pub(super) fn of(
        kind: &'static Kind,
        http: &HttpRequest,
        reader: &Reader,
        view: &View,
        height: u64,
    ) -> Result<Self, Problem> {
        let id = http.match_info().query("id").to_owned();
        reader.may_read(view, kind, &id, height)?;
        if !(kind.is_id)(&id) {
            let (name, example) = (kind.name, kind.example_id);
            let detail = format!("{id:?} is no id of a {name}; one is {example}");
            return Err(codes::BAD_ID.because(detail));
        }
        Ok(Self { kind, id })
    }

    /// Its address on this server.
    pub(super) fn path(&self) -> String {
        path(self.kind, &self.id)
    }

    /// Its stored bytes as of a block.
    pub(super) fn bytes(&self, view: &View, height: u64) -> Result<Vec<u8>, Problem> {
        let Kind { register, name, .. } = self.kind;
        let bytes = view.object(register, name, &self.id, height)?;
        let absent = || {
            let detail = format!("{register}/{name}/{} is not there as of block {height}", self.id);
            codes::NO_SUCH_OBJECT.because(detail)
        };
        bytes.ok_or_else(absent)
    }
}

/// The address of an object.
pub(super) fn path(kind: &Kind, id: &str) -> String {
    match kind.primary {
        true => format!("/v1/{}/{id}", kind.register),
        false => format!("/v1/{}/{}/{id}", kind.register, kind.name),
    }
}

impl Changed {
    /// What stands at a position, as far as the reader may see it; what the genesis put down stands
    /// before all others. May ask the projections.
    pub(super) fn at(node: &Node, reader: &Reader, position: u64) -> Result<Self, Problem> {
        let view = node.view();
        if position == GENESIS_POSITION {
            let time = view.genesis().statement().created;
            return Ok(Self { time, height: 0, position: None, transition: None, private: false });
        }
        let place = view.place(position)?;
        let registers = private_registers_of(&view.entry(position)?);
        let shown = reader.sees(node, position, &registers)?;
        Ok(Self {
            time: view.block_time(place.height)?,
            height: place.height,
            position: Some(position),
            transition: shown.then_some(place.id),
            private: !registers.is_empty(),
        })
    }

    /// Whether the transition is private and withheld.
    pub(super) fn is_withheld(&self) -> bool {
        self.private && self.transition.is_none()
    }
}

/// `GET /v1/{register}/{id}` and `/v1/{register}/{kind}/{id}`
pub(super) async fn object(
    kind: &'static Kind,
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    Query(query): Query<ObjectQuery>,
) -> Result<HttpResponse, Problem> {
    let view = api.node.view();
    let at = AsOf::find(query.as_of, view)?;
    let target = Target::of(kind, &http, &reader, view, at.height)?;
    let body = match reader.is_known() {
        // Everything that a stranger asks for is read without waiting.
        false => object_body(&api.node, &reader, target, at, &query)?,
        true => {
            api.projections_reach_tip().await;
            let reader = reader.clone();
            api.read(move |node| object_body(node, &reader, target, at, &query)).await?
        }
    };
    // A version is not enough: what is stored may take effect by the passing of time alone.
    let text = serde_json::to_vec(&body).map_err(|error| problem::internal(&error))?;
    Ok(tagged_json(&http, Holds::from(at), text))
}

/// JSON with the tag that stands for it.
pub(super) fn tagged_json(http: &HttpRequest, holds: Holds, text: Vec<u8>) -> HttpResponse {
    let mut tag = Hash::of(&[&text]).to_string();
    tag.truncate(32);
    let json = (header::CONTENT_TYPE, "application/json");
    reply::tagged(http, holds, tag, |mut response| response.insert_header(json).body(text))
}

fn object_body(
    node: &Node,
    reader: &Reader,
    target: Target,
    at: At,
    asked: &ObjectQuery,
) -> Result<ObjectBody, Problem> {
    let (view, kind) = (node.view(), target.kind);
    let bytes = target.bytes(view, at.height)?;
    let stored = Stored::<IgnoredAny>::decode(&bytes).map_err(|error| problem::internal(&error))?;
    let changed = Changed::at(node, reader, stored.position)?;
    let prove = || view.status(kind.register, kind.name, &target.id, at.height);
    Ok(ObjectBody {
        register: kind.register,
        kind: kind.name,
        version: stored.version,
        changed,
        as_of: asked.as_of.map(|_| moment(view, at)).transpose()?,
        object: (kind.to_json)(&bytes, view.block_time(at.height)?)
            .ok_or_else(|| problem::internal(&"an unreadable object"))?,
        links: links(&target, changed),
        proof: asked.proofs.then(prove).transpose()?,
        id: target.id,
    })
}

/// The block that an answer speaks of.
pub(super) fn moment(view: &View, at: At) -> Result<Moment, Problem> {
    Ok(Moment { height: at.height, time: view.block_time(at.height)? })
}

fn links(target: &Target, changed: Changed) -> ObjectLinks {
    let path = target.path();
    ObjectLinks {
        history: format!("{path}/history"),
        proof: format!("{path}/proof"),
        qr: format!("{path}/qr.svg"),
        transition: changed.transition.map(|id| format!("/v1/transitions/{id}")),
        this: path,
    }
}

/// `GET …/{id}/proof`: that the object stands in the state, or that it does not.
pub(super) async fn proof(
    kind: &'static Kind,
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    Query(query): Query<AsOfQuery>,
) -> Result<HttpResponse, Problem> {
    let form = Form::preferred(&http, forms::OF_STATUSES)?;
    let view = api.node.view();
    let at = AsOf::find(query.as_of, view)?;
    let target = Target::of(kind, &http, &reader, view, at.height)?;
    let proof = view.status(kind.register, kind.name, &target.id, at.height)?;
    match form.kind() {
        forms::Kind::Compact => {
            let bytes = forms::compact(&api.node, &Evidence::Status(proof), at.height)?;
            Ok(form.bytes(Holds::from(at), bytes))
        }
        forms::Kind::Json | forms::Kind::Cose => Ok(Form::json(Holds::from(at), &proof)),
    }
}
