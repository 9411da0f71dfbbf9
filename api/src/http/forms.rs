//! In which form evidence is given: JSON, compact, or a receipt in COSE, as the client accepts
//! (RFC 9110, 12.5.1).

use std::cmp::Reverse;

use actix_web::http::header::{self, Accept, Header as _, Quality, QualityItem};
use actix_web::mime::{self, Mime};
use actix_web::{HttpRequest, HttpResponse, web};
use chancery_ledger::evidence::cose::{self, NoReceipt, SignedRoot};
use chancery_ledger::evidence::{self, Evidence};
use serde::Serialize;

use super::api::Api;
use super::codes;
use super::input::{Nothing, Query};
use super::problem::Problem;
use super::reply::{self, Holds};
use crate::node::Node;

/// A form of evidence, under one of its media types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    kind: Kind,
    essence: &'static str,
    /// The type as it stands in Content-Type.
    content_type: &'static str,
}

/// What stands in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The evidence in JSON.
    Json,
    /// Its compact form, which has one encoding.
    Compact,
    /// A receipt in COSE.
    Cose,
}

const JSON: Form = Form::of(Kind::Json, "application/json");
const COMPACT: Form = Form::of(Kind::Compact, evidence::MEDIA_TYPE);
const CBOR: Form = Form::of(Kind::Compact, "application/cbor");
const SCITT_RECEIPT: Form = Form::of(Kind::Cose, cose::MEDIA_TYPE);
const COSE: Form = Form {
    kind: Kind::Cose,
    essence: "application/cose",
    content_type: "application/cose; cose-type=\"cose-sign1\"",
};

/// The forms of a receipt. The first is for whoever accepts anything, here and below.
pub(super) const OF_RECEIPTS: &[Form] = &[JSON, COMPACT, CBOR, SCITT_RECEIPT, COSE];
/// The forms of a status proof.
pub(super) const OF_STATUSES: &[Form] = &[JSON, COMPACT, CBOR];
/// The forms of a proof about the log.
pub(super) const OF_LOG_PROOFS: &[Form] = &[JSON, SCITT_RECEIPT, COSE];

impl Form {
    const fn of(kind: Kind, media_type: &'static str) -> Self {
        Self { kind, essence: media_type, content_type: media_type }
    }

    /// The one of these forms that the client prefers.
    pub(super) fn preferred(http: &HttpRequest, offered: &[Self]) -> Result<Self, Problem> {
        let accepted = Accept::parse(http).map(|accept| accept.0).unwrap_or_default();
        Self::among(&accepted, offered).ok_or_else(|| {
            let names: Vec<&str> = offered.iter().map(|form| form.essence).collect();
            codes::NOT_ACCEPTABLE.because(format!("given are {}", names.join(", ")))
        })
    }

    /// Of two that are accepted alike, the one that the client names first.
    fn among(accepted: &[QualityItem<Mime>], offered: &[Self]) -> Option<Self> {
        if accepted.is_empty() {
            return offered.first().copied();
        }
        let rank = |form: &Self| {
            let taking = accepted.iter().enumerate().filter(|(_, range)| form.is_in(&range.item));
            let closest =
                taking.max_by_key(|(place, range)| (closeness(&range.item), Reverse(*place)));
            let (place, range) = closest?;
            (range.quality > Quality::ZERO).then_some((Reverse(range.quality), place))
        };
        let ranked = offered.iter().filter_map(|form| Some((rank(form)?, *form)));
        ranked.min_by_key(|(rank, _)| *rank).map(|(_, form)| form)
    }

    /// Whether a range of media types has this one. All that are offered are of `application`.
    fn is_in(self, range: &Mime) -> bool {
        let of_sign1 = range.get_param("cose-type").is_none_or(|kind| kind == "cose-sign1");
        match closeness(range) {
            2 => range.essence_str() == self.essence && of_sign1,
            1 => range.type_() == mime::APPLICATION,
            _ => true,
        }
    }

    /// What stands in the answer.
    pub(super) fn kind(self) -> Kind {
        self.kind
    }

    /// The answer with these bytes.
    pub(super) fn bytes(self, holds: Holds, bytes: Vec<u8>) -> HttpResponse {
        reply::ok(holds)
            .insert_header((header::CONTENT_TYPE, self.content_type))
            .insert_header((header::VARY, ACCEPT))
            .body(bytes)
    }

    /// The answer in JSON.
    pub(super) fn json(holds: Holds, body: &impl Serialize) -> HttpResponse {
        reply::ok(holds).insert_header((header::VARY, ACCEPT)).json(body)
    }
}

const ACCEPT: &str = "Accept";

/// How closely a range says what is meant: `*/*`, then `application/*`, then one type.
fn closeness(range: &Mime) -> u8 {
    match (range.type_(), range.subtype()) {
        (mime::STAR, _) => 0,
        (_, mime::STAR) => 1,
        _ => 2,
    }
}

/// The compact form of evidence as of a block of this node's ledger, with no more signatures of the pool than it
/// takes.
pub(super) fn compact(node: &Node, evidence: &Evidence, height: u64) -> Result<Vec<u8>, Problem> {
    let anchor = node.view().anchor_at(height)?;
    let evidence = evidence.clone().without_surplus(&anchor);
    evidence.to_compact(&anchor).map_err(|error| codes::NO_SUCH_FORM.because(error.to_string()))
}

/// A receipt in COSE of what `of` makes of the signed root of a log of this size.
pub(super) fn receipt(
    node: &Node,
    log_size: u64,
    of: impl FnOnce(&SignedRoot) -> Result<Vec<u8>, NoReceipt>,
) -> Result<Vec<u8>, Problem> {
    let root = node.signed_root(log_size)?;
    of(&root).map_err(|error| codes::NO_SUCH_FORM.because(error.to_string()))
}

/// How long a receipt in COSE holds where the JSON does for this long: the node's key may be another
/// one day, and whoever asks then wants its signature.
pub(super) fn signed(holds: Holds) -> Holds {
    match holds {
        Holds::Forever => Holds::Now,
        other => other,
    }
}

/// The key with which this server signs receipts in COSE, as a COSE key set.
///
/// In a pool it is the validator's, which the ledger names; else only this address vouches for it.
#[utoipa::path(
    get, path = "/.well-known/scitt-keys", tag = "log", operation_id = "receiptKeys",
    responses((status = 200, description = "An array of one COSE_Key, whose kid is its thumbprint (RFC 9679)",
        body = Vec<u8>, content_type = "application/cbor")),
)]
pub(super) async fn keys(api: web::Data<Api>, _: Query<Nothing>) -> HttpResponse {
    let keys = cose::key_set(&[api.node.public_key()]);
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/cbor"))
        .insert_header(reply::for_a_minute())
        .body(keys)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn chosen(accept: &str, offered: &[Form]) -> Option<&'static str> {
        let http = TestRequest::get().insert_header((header::ACCEPT, accept)).to_http_request();
        Form::preferred(&http, offered).ok().map(|form| form.content_type)
    }

    #[test]
    fn the_form_is_the_one_that_is_preferred() {
        let http = TestRequest::get().to_http_request();
        assert_eq!(Form::preferred(&http, OF_RECEIPTS).unwrap(), JSON);
        let cose = COSE.content_type;
        for (accept, receipt, status, log_proof) in [
            ("*/*", Some("application/json"), Some("application/json"), Some("application/json")),
            ("text/html, */*;q=0.1", Some(JSON.essence), Some(JSON.essence), Some(JSON.essence)),
            ("application/*", Some(JSON.essence), Some(JSON.essence), Some(JSON.essence)),
            ("application/cbor", Some("application/cbor"), Some("application/cbor"), None),
            ("APPLICATION/CBOR", Some("application/cbor"), Some("application/cbor"), None),
            (evidence::MEDIA_TYPE, Some(evidence::MEDIA_TYPE), Some(evidence::MEDIA_TYPE), None),
            (cose::MEDIA_TYPE, Some(cose::MEDIA_TYPE), None, Some(cose::MEDIA_TYPE)),
            ("application/cose", Some(cose), None, Some(cose)),
            (cose, Some(cose), None, Some(cose)),
            ("application/cose; cose-type=\"cose-sign\"", None, None, None),
            // Alike: as the client lists them.
            (
                "application/cose, application/cbor, application/json",
                Some(cose),
                Some("application/cbor"),
                Some(cose),
            ),
            (
                "application/cbor;q=0.4, application/json;q=0.5",
                Some(JSON.essence),
                Some(JSON.essence),
                Some(JSON.essence),
            ),
            // The closest range says how much.
            (
                "application/json;q=0, application/*",
                Some(evidence::MEDIA_TYPE),
                Some(evidence::MEDIA_TYPE),
                Some(cose::MEDIA_TYPE),
            ),
            ("application/json;q=0", None, None, None),
            ("text/html", None, None, None),
        ] {
            let told = [OF_RECEIPTS, OF_STATUSES, OF_LOG_PROOFS].map(|forms| chosen(accept, forms));
            assert_eq!(told, [receipt, status, log_proof], "{accept}");
        }
    }

    #[test]
    fn what_cannot_be_given_is_told_with_what_can() {
        let http =
            TestRequest::get().insert_header((header::ACCEPT, "text/html")).to_http_request();
        let problem = Form::preferred(&http, OF_STATUSES).unwrap_err();
        assert_eq!(problem.code(), "not-acceptable");
        assert!(problem.detail().contains("application/cbor"), "{problem}");
    }
}
