//! Questions about objects: answered from the state or from the history as of a block, with the
//! proofs of everything that the answer rests on.

mod history;
mod state;

use actix_web::{HttpRequest, HttpResponse, web};
use chancery_ledger::evidence::Evidence;
use chancery_registries::Kind;
use chancery_registries::shape::{Answer, Question};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::access::Reader;
use super::api::Api;
use super::codes;
use super::input::{AsOf, At, Query};
use super::objects::{Changed, Moment, Target, moment, tagged_json};
use super::problem::{self, Problem};
use super::reply::Holds;
use crate::openapi::evidence;

/// The most proofs that one answer carries.
const PROOFS_MAX: usize = 64;

/// As of when, and whether with proofs.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct QuestionQuery {
    /// A height, or a time (RFC 3339) that stands for the last block at or before it. The tip by default.
    #[param(inline, example = "2026-01-31T09:30:00Z")]
    as_of: Option<AsOf>,
    /// `true`: with the proof of everything that the answer rests on, if that is at most 64.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    proofs: bool,
}

/// The answer to a question about an object.
#[derive(Serialize, ToSchema)]
pub(super) struct AnswerBody {
    /// The register.
    #[schema(example = "authorities")]
    register: &'static str,
    /// The kind within the register.
    #[schema(example = "accreditation")]
    kind: &'static str,
    /// The object's id.
    id: String,
    /// The question.
    #[schema(example = "standing")]
    question: &'static str,
    /// The block that the answer speaks of.
    as_of: Moment,
    /// The answer.
    answer: Value,
    /// What the answer follows from.
    rests_on: Vec<Ground>,
    /// The proofs of what the answer rests on, in the same order: for an object of the state its status
    /// as of the block, for a version the receipt of its transition. Where that is withheld, or there is
    /// none, the status of the object as of the version's block.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<evidence::Evidence>>)]
    proofs: Option<Vec<Evidence>>,
}

/// Something that an answer follows from: an object as of the block, there or not, or a version of one.
#[derive(Serialize, ToSchema)]
pub(super) struct Ground {
    /// The object: `register/kind/id`.
    object: String,
    /// Which version, where the answer follows from the history.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
    /// What made that version.
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<Changed>,
}

/// An answer, and what it follows from.
struct Answered {
    answer: Option<Value>,
    grounds: Vec<Ground>,
    proofs: Option<Vec<Evidence>>,
}

/// `GET …/{id}/{question}`
pub(super) async fn question(
    kind: &'static Kind,
    question: &'static Question,
    api: web::Data<Api>,
    http: HttpRequest,
    reader: Reader,
    Query(query): Query<QuestionQuery>,
) -> Result<HttpResponse, Problem> {
    let view = api.node.view();
    let at = AsOf::find(query.as_of, view)?;
    let target = Target::of(kind, &http, &reader, view, at.height)?;
    let asked = Asked { reader, target: target.clone(), at, proofs: query.proofs };
    let Answered { answer, grounds, proofs } = match question.answer {
        Answer::OfState(answer) => state::ask(&api, asked, answer).await?,
        Answer::OfHistory(answer) => history::ask(&api, asked, answer).await?,
    };
    let Some(answer) = answer else {
        target.bytes(view, at.height)?;
        return Err(codes::NOTHING_TO_ANSWER.because(format!("as of block {}", at.height)));
    };
    let body = AnswerBody {
        register: kind.register,
        kind: kind.name,
        id: target.id,
        question: question.name,
        as_of: moment(view, at)?,
        answer,
        rests_on: grounds,
        proofs,
    };
    let text = serde_json::to_vec(&body).map_err(|error| problem::internal(&error))?;
    Ok(tagged_json(&http, Holds::from(at), text))
}

/// What is asked, by whom, of what, as of when.
struct Asked {
    reader: Reader,
    target: Target,
    at: At,
    proofs: bool,
}

impl Asked {
    /// What an answer rests on is few enough to be proved, where proofs are asked for.
    fn can_be_proved(&self, grounds: usize) -> Result<(), Problem> {
        if self.proofs && grounds > PROOFS_MAX {
            let detail =
                format!("it rests on {grounds} things, and at most {PROOFS_MAX} are proved");
            return Err(codes::RESTS_ON_TOO_MUCH.because(detail));
        }
        Ok(())
    }
}
