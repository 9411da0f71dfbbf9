//! Transitions that stand in the log: what was stated, what became of it, and the receipt.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chancery_ledger::evidence::Evidence;
use chancery_ledger::evidence::cose::SignedRoot;
use chancery_ledger::hash::Hash;
use chancery_ledger::time::Time;
use chancery_ledger::transition::{Entry, Outcome, Signing};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::access::private_registers_of;
use super::api::Api;
use super::changes::{ChangedObject, Deed};
use super::codes;
use super::forms::{self, Form};
use super::input::{Nothing, Query, path_part};
use super::objects::{self, is_false};
use super::problem::{self, Problem};
use super::reply::{self, Holds};
use super::standings::{self, StandingBody};
use crate::openapi::evidence;

/// A transition of the log.
#[derive(Serialize, ToSchema)]
pub(super) struct TransitionBody {
    /// Its id.
    id: Hash,
    /// `final`: it will not be undone.
    #[schema(example = "final")]
    status: &'static str,
    /// What became of it.
    outcome: OutcomeBody,
    /// Its position in the log.
    position: u64,
    /// The height of its block.
    height: u64,
    /// The time of its block: when it took effect.
    time: Time,
    /// Who signed, as PARTY#KEY.
    signers: Vec<String>,
    /// What they signed, decoded.
    #[schema(value_type = evidence::Payload)]
    payload: Box<RawValue>,
    /// What they signed, as it was received.
    #[schema(value_type = evidence::Transition)]
    transition: Box<RawValue>,
    /// The objects that it changed.
    changes: Vec<ChangeBody>,
    /// Whether it is private: it is listed for those alone whom it concerns.
    #[serde(skip_serializing_if = "is_false")]
    private: bool,
    /// Where to ask further.
    links: TransitionLinks,
}

/// What became of a transition.
#[derive(Serialize, ToSchema)]
pub(super) struct OutcomeBody {
    /// Whether every action took effect; otherwise none did.
    applied: bool,
    /// Why none did.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// What the code means.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'static str>,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<&'static str>,
}

/// An object that a transition changed.
#[derive(Serialize, ToSchema)]
struct ChangeBody {
    /// The object: `register/kind/id`.
    object: String,
    /// The version that the transition made.
    version: u64,
    /// Where the object is.
    link: String,
}

/// Where to ask further about a transition.
#[derive(Serialize, ToSchema)]
struct TransitionLinks {
    /// The transition.
    #[serde(rename = "self")]
    this: String,
    /// The proof that it stands in the log.
    receipt: String,
    /// Its block.
    block: String,
}

/// What is known of a transition.
#[derive(ToSchema)]
#[schema(as = KnownTransition)]
#[allow(dead_code)]
#[serde(untagged)]
enum Known {
    /// It is final.
    Final(TransitionBody),
    /// Proof of work: it is not final yet.
    NotFinal(StandingBody),
}

impl OutcomeBody {
    pub(super) fn of(outcome: &Outcome) -> Self {
        let Outcome::Rejected(code) = outcome else {
            return Self { applied: true, code: None, title: None, remedy: None };
        };
        let meaning = codes::meaning(code.name());
        Self {
            applied: false,
            code: Some(code.name().to_owned()),
            title: meaning.map(|meaning| meaning.title),
            remedy: meaning.map(|meaning| meaning.remedy),
        }
    }
}

/// A transition of the log, with what became of it.
///
/// A private one as well: whoever knows its id has it from one of those whom it concerns. In proof of work one that is
/// not final yet is answered with how it stands.
#[utoipa::path(
    get, path = "/v1/transitions/{id}", tag = "transitions", operation_id = "transition",
    params(("id" = Hash, Path, description = "The transition's id")),
    responses(
        (status = 200, description = "What was stated, and what became of it", body = Known),
        (status = 503, description = "Stopping, or halted"),
    ),
)]
pub(super) async fn transition(
    api: web::Data<Api>,
    http: HttpRequest,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    let (id, position) = match position_of(&api, &http).await {
        Ok(found) => found,
        Err(problem) => return not_final(&api, &http, problem).await,
    };
    let view = api.node.view();
    let place = view.place(position)?;
    let block = api.changes.of(place.height).await?;
    let changes = block.at(position).map(changes).unwrap_or_default();
    let body = api.read(move |node| {
        let entry = node.view().entry(position)?;
        let private = !private_registers_of(&entry).is_empty();
        let entry = Entry::decode(&entry).map_err(|error| problem::internal(&error))?;
        let unreadable = |error: serde_json::Error| problem::internal(&error);
        let signing: Signing = serde_json::from_slice(entry.transition).map_err(unreadable)?;
        let path = format!("/v1/transitions/{id}");
        Ok(TransitionBody {
            id,
            status: "final",
            outcome: OutcomeBody::of(&entry.outcome),
            position,
            height: place.height,
            time: node.view().block_time(place.height)?,
            signers: signing.signers().iter().map(ToString::to_string).collect(),
            payload: serde_json::from_slice(&signing.payload()).map_err(unreadable)?,
            transition: serde_json::from_slice(entry.transition).map_err(unreadable)?,
            changes,
            private,
            links: TransitionLinks {
                receipt: format!("{path}/receipt"),
                block: format!("/v1/blocks/{}", place.height),
                this: path,
            },
        })
    });
    let body = body.await?;
    Ok(reply::json(holds(body.private), &body))
}

/// How it stands, if it is known and only not final.
async fn not_final(
    api: &Api,
    http: &HttpRequest,
    problem: Problem,
) -> Result<HttpResponse, Problem> {
    let id: Hash = path_part(http, "id")?;
    let standing = standings::standing(api, id).await?.ok_or(problem)?;
    let body = StandingBody::of(api, id, standing)?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(body))
}

/// A receipt of something private is for whoever holds the id.
fn holds(private: bool) -> Holds {
    if private { Holds::Unkept } else { Holds::Forever }
}

fn changes(deed: &Deed) -> Vec<ChangeBody> {
    deed.changes.iter().map(change_body).collect()
}

fn change_body(change: &ChangedObject) -> ChangeBody {
    let ChangedObject { register, kind, id, version, .. } = change;
    let link = chancery_registries::kind(register, kind).map(|kind| objects::path(kind, id));
    ChangeBody {
        object: format!("{register}/{kind}/{id}"),
        version: *version,
        link: link.unwrap_or_default(),
    }
}

/// By which tree a receipt leads to its header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ReceiptBy {
    /// The log's: it shows the position.
    #[default]
    Log,
    /// The block's own: shorter, and silent on the position.
    Block,
}

/// Which receipt is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReceiptQuery {
    /// By which tree it leads to the header: `log`, which shows the position, or `block`, which is shorter and
    /// does not.
    #[serde(default)]
    #[param(inline)]
    by: ReceiptBy,
}

/// The receipt of a transition: that it stands in the log with its outcome, for anyone to check with
/// the genesis alone. With `by=block`, that it stands in its block.
///
/// In COSE (RFC 9942) it is about the `entry` of the JSON and carries this server's signature over the log's
/// root in the place of the seal.
#[utoipa::path(
    get, path = "/v1/transitions/{id}/receipt", tag = "transitions", operation_id = "receipt",
    params(("id" = Hash, Path, description = "The transition's id"), ReceiptQuery),
    responses(
        (status = 200, description = "Entry, path, header and seal", content(
            (evidence::AnyReceipt = "application/json"),
            (Vec<u8> = "application/chancery-evidence+cbor"),
            (Vec<u8> = "application/cbor"),
            (Vec<u8> = "application/scitt-receipt+cose"),
            (Vec<u8> = "application/cose"),
        )),
        (status = 406, description = "Another form, or one that this receipt does not have"),
    ),
)]
pub(super) async fn receipt(
    api: web::Data<Api>,
    http: HttpRequest,
    Query(ReceiptQuery { by }): Query<ReceiptQuery>,
) -> Result<HttpResponse, Problem> {
    let form = Form::preferred(&http, forms::OF_RECEIPTS)?;
    let (_, position) = position_of(&api, &http).await?;
    let (node, view) = (&api.node, api.node.view());
    let evidence = match by {
        ReceiptBy::Log => Evidence::Receipt(view.receipt(position)?),
        ReceiptBy::Block => Evidence::InBlock(view.block_receipt(position)?),
    };
    let private = evidence.entry().map(private_registers_of);
    let holds = holds(private.is_none_or(|registers| !registers.is_empty()));
    match (form.kind(), &evidence) {
        (forms::Kind::Json, _) => Ok(Form::json(holds, &evidence)),
        (forms::Kind::Compact, _) => {
            let height = view.place(position)?.height;
            Ok(form.bytes(holds, forms::compact(node, &evidence, height)?))
        }
        (forms::Kind::Cose, Evidence::Receipt(receipt)) => {
            let proof = &receipt.inclusion;
            let of = |root: &SignedRoot| root.receipt_of_inclusion(proof);
            let bytes = forms::receipt(node, proof.log_size, of)?;
            Ok(form.bytes(forms::signed(holds), bytes))
        }
        (forms::Kind::Cose, _) => {
            Err(codes::NO_SUCH_FORM.because("a receipt in COSE is by the log".to_owned()))
        }
    }
}

async fn position_of(api: &Api, http: &HttpRequest) -> Result<(Hash, u64), Problem> {
    let id: Hash = path_part(http, "id")?;
    let position = api.query(move |projections| projections.position_of(&id)).await?;
    let position = position.ok_or_else(|| codes::NO_SUCH_TRANSITION.because(id.to_string()))?;
    Ok((id, position))
}
