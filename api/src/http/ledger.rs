//! The ledger itself: what it is, its trust anchor, its tip.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chancery_ledger::Tip;
use chancery_ledger::genesis::Genesis;
use chancery_ledger::hash::Hash;
use chancery_ledger::key::PublicKey;
use chancery_ledger::party::PartyId;
use chancery_ledger::seal::Validator;
use chancery_ledger::time::Time;
use chancery_registries::{REGISTERS, Register, Visibility};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::api::Api;
use super::codes;
use super::input::{Nothing, Query};
use super::problem::Problem;
use super::reply::{self, Holds};
use crate::openapi::evidence;

/// A ledger and where it is.
#[derive(Serialize, ToSchema)]
pub(super) struct LedgerBody<'a> {
    /// The ledger's id: the SHA-256 of the genesis.
    ledger: Hash,
    /// What it is called.
    name: &'a str,
    /// When it was founded.
    created: Time,
    /// Where the genesis is: the trust anchor. Get it once, from someone you trust.
    genesis: &'static str,
    /// The party that is the root authority.
    root: PartyId,
    /// How far ahead a transition's `not_after` may lie.
    transition_window_ms: u64,
    /// The last final block.
    tip: TipBody,
    /// Who seals the next block: `GET /v1/log/pools` has all pools.
    pool: Vec<ValidatorBody<'a>>,
    /// The key of this node's checkpoints, as C2SP tools take it.
    checkpoint_key: String,
    /// What it keeps.
    registers: Vec<RegisterBody>,
}

/// The last final block.
#[derive(Serialize, ToSchema)]
struct TipBody {
    /// Its height.
    height: u64,
    /// Its time.
    time: Time,
    /// Its hash.
    hash: Hash,
    /// Entries in the log with it.
    log_size: u64,
    /// The log's root with it.
    log_root: Hash,
    /// The state's root after it.
    state_root: Hash,
}

/// A member of the pool.
#[derive(Serialize, ToSchema)]
struct ValidatorBody<'a> {
    /// What it is called.
    name: &'a str,
    /// The key it votes with.
    key: PublicKey,
    /// The weight of its vote.
    power: u32,
}

/// A register.
#[derive(Serialize, ToSchema)]
struct RegisterBody {
    /// Its name in addresses and actions.
    name: &'static str,
    /// What it is the register of.
    title: &'static str,
    /// Whether anyone may read it.
    public: bool,
    /// What may be asked of it.
    actions: &'static [&'static str],
    /// The kinds of object it keeps, the primary one first.
    kinds: Vec<KindBody>,
}

/// A kind of object.
#[derive(Serialize, ToSchema)]
struct KindBody {
    /// Its name.
    name: &'static str,
    /// Where its objects are.
    path: String,
    /// An id such as its objects have.
    example_id: &'static str,
}

/// The ledger, its tip, its pool and its registers.
#[utoipa::path(
    get, path = "/v1/ledger", tag = "ledger", operation_id = "ledger",
    responses(
        (status = 200, description = "The ledger and where it is", body = LedgerBody),
        (status = 304, description = "The client has it as of this tip"),
    ),
)]
pub(super) async fn ledger(
    api: web::Data<Api>,
    http: HttpRequest,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    let (view, tip) = (api.node.view(), api.node.view().tip());
    let pool = match view.genesis().pool() {
        Some(_) => view.pool_at(tip.header.height + 1)?.validators,
        // Work seals the blocks of this ledger.
        None => Vec::new(),
    };
    let body = ledger_body(view.genesis(), &tip, &pool, api.node.checkpoint_key());
    let tag = tip.header.height.to_string();
    Ok(reply::tagged(&http, Holds::Now, tag, |mut response| response.json(body)))
}

fn ledger_body<'a>(
    genesis: &'a Genesis,
    tip: &Tip,
    pool: &'a [Validator],
    checkpoint_key: String,
) -> LedgerBody<'a> {
    let statement = genesis.statement();
    let validator_body = |validator: &'a Validator| ValidatorBody {
        name: &validator.name,
        key: validator.key,
        power: validator.power,
    };
    LedgerBody {
        ledger: genesis.ledger(),
        name: &statement.name,
        created: statement.created,
        genesis: "/v1/ledger/genesis",
        root: genesis.root_party(),
        transition_window_ms: statement.transition_window_ms,
        tip: TipBody {
            height: tip.header.height,
            time: tip.header.time,
            hash: tip.hash,
            log_size: tip.header.log_size,
            log_root: tip.header.log_root,
            state_root: tip.header.state_root,
        },
        pool: pool.iter().map(validator_body).collect(),
        checkpoint_key,
        registers: REGISTERS.iter().map(register_body).collect(),
    }
}

fn register_body(register: &Register) -> RegisterBody {
    let kind_body = |kind: &chancery_registries::Kind| KindBody {
        name: kind.name,
        path: super::objects::path(kind, "{id}"),
        example_id: kind.example_id,
    };
    RegisterBody {
        name: register.name,
        title: register.title,
        public: register.visibility == Visibility::Public,
        actions: register.actions,
        kinds: register.kinds.iter().map(kind_body).collect(),
    }
}

/// The genesis, byte for byte: with it, and nothing else, every proof can be checked.
#[utoipa::path(
    get, path = "/v1/ledger/genesis", tag = "ledger", operation_id = "genesis",
    responses(
        (status = 200, description = "The exact bytes, whose SHA-256 is the ledger's id", body = evidence::Genesis),
        (status = 304, description = "The client has it"),
    ),
)]
pub(super) async fn genesis(
    api: web::Data<Api>,
    http: HttpRequest,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    let genesis = api.node.view().genesis();
    let bytes = genesis.bytes().to_vec();
    let answer = |mut response: actix_web::HttpResponseBuilder| {
        response.insert_header((header::CONTENT_TYPE, "application/json")).body(bytes)
    };
    Ok(reply::tagged(&http, Holds::Forever, genesis.ledger().to_string(), answer))
}

/// Of which log the checkpoint shall be.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CheckpointQuery {
    /// Entries in the log, as a block left it; those of the last block by default.
    size: Option<u64>,
}

/// The log's latest checkpoint as a C2SP signed note, or an earlier one.
///
/// It is signed by this node alone, and is of the log as it is now.
#[utoipa::path(
    get, path = "/v1/log/checkpoint", tag = "log", operation_id = "checkpoint",
    params(CheckpointQuery),
    responses(
        (status = 200, description = "Origin, size, root and signature", body = String, content_type = "text/plain"),
        (status = 404, description = "No block ended with a log of this size"),
    ),
)]
pub(super) async fn checkpoint(
    api: web::Data<Api>,
    Query(query): Query<CheckpointQuery>,
) -> Result<HttpResponse, Problem> {
    let Some(size) = query.size else { return Ok(note(api.node.checkpoint_note())) };
    let at = api.read(move |node| Ok(node.checkpoint_note_at(size)?)).await?;
    let absent = || codes::BEYOND_TIP.because(format!("no block ends with {size} entries"));
    Ok(note(at.ok_or_else(absent)?))
}

/// The latest checkpoint that the log's witnesses have cosigned (C2SP tlog-cosignature).
///
/// It lags behind the log: witnesses are asked every few seconds, and those who are away delay it. Together with
/// the tiles below the same address it is a log as C2SP tlog-tiles has it.
#[utoipa::path(
    get, path = "/v1/log/cosigned/checkpoint", tag = "log", operation_id = "cosignedCheckpoint",
    responses(
        (status = 200, description = "Origin, size, root and signatures", body = String, content_type = "text/plain"),
        (status = 404, description = "No witness has cosigned one yet, or none is asked"),
    ),
)]
pub(super) async fn cosigned_checkpoint(
    api: web::Data<Api>,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    let known = api.cosigned.note().ok_or_else(|| codes::NOT_COSIGNED.because("there is none"))?;
    Ok(note(known.to_string()))
}

fn note(text: String) -> HttpResponse {
    let plain = (header::CONTENT_TYPE, "text/plain; charset=utf-8");
    reply::ok(Holds::Now).insert_header(plain).body(text)
}
