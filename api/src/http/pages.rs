//! Pages for people: the front page, the codes explained, the interface description.

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::api::Api;
use super::codes::{self, Meaning};
use super::input::{Nothing, Query};
use super::problem::{self, Problem};
use super::reply;

const HTML: (header::HeaderName, &str) = (header::CONTENT_TYPE, "text/html; charset=utf-8");

/// The files that pages are made of: name, type, content.
const FILES: &[(&str, &str, &str)] = &[
    ("front.js", "text/javascript; charset=utf-8", include_str!("../../static/front.js")),
    ("chancery.css", "text/css; charset=utf-8", include_str!("../../static/chancery.css")),
    ("seal.svg", "image/svg+xml", include_str!("../../static/seal.svg")),
];

/// `GET /`
pub(super) async fn front(_: Query<Nothing>) -> HttpResponse {
    let page = include_str!("../../static/front.html");
    HttpResponse::Ok().insert_header(HTML).insert_header(reply::for_a_minute()).body(page)
}

/// `GET /static/{file}`
pub(super) async fn file(http: HttpRequest, _: Query<Nothing>) -> Result<HttpResponse, Problem> {
    let name = http.match_info().query("file");
    let (_, content_type, content) =
        FILES.iter().find(|(file, ..)| *file == name).ok_or_else(|| no_file(name))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, *content_type))
        .insert_header(reply::for_a_minute())
        .body(*content))
}

fn no_file(name: &str) -> Problem {
    codes::NO_SUCH_ROUTE.because(format!("there is no file {name:?}"))
}

/// `GET /openapi.json`
pub(super) async fn openapi(api: web::Data<Api>, _: Query<Nothing>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header(reply::for_a_minute())
        .body(api.openapi.clone())
}

/// `GET /docs`
pub(super) async fn docs_redirect(_: Query<Nothing>) -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}

/// `GET /docs/{file}`: Swagger UI, from this server alone.
pub(super) async fn docs(http: HttpRequest, _: Query<Nothing>) -> Result<HttpResponse, Problem> {
    let name = http.match_info().query("file");
    let config = utoipa_swagger_ui::Config::from("/openapi.json").validator_url("none");
    let file = utoipa_swagger_ui::serve(name, Arc::new(config))
        .map_err(|error| problem::internal(&error))?
        .ok_or_else(|| no_file(name))?;
    Ok(HttpResponse::Ok()
        .content_type(file.content_type)
        .insert_header(reply::for_a_minute())
        .body(file.bytes.into_owned()))
}

/// What a code means.
#[derive(Serialize, ToSchema)]
pub(super) struct CodeBody {
    /// The code: it is never renamed and never used for anything else.
    #[schema(example = "signer-missing")]
    code: &'static str,
    /// The HTTP status that it goes with.
    status: u16,
    /// What was wrong.
    title: &'static str,
    /// What would be right.
    remedy: &'static str,
}

impl From<Meaning> for CodeBody {
    fn from(Meaning { name, status, title, remedy }: Meaning) -> Self {
        Self { code: name, status, title, remedy }
    }
}

/// Every code with which a request can fail.
#[utoipa::path(
    get, path = "/problems", tag = "problems", operation_id = "codes",
    responses((status = 200, description = "The codes, as JSON or HTML", content(
        (Vec<CodeBody> = "application/json"), (String = "text/html"),
    ))),
)]
pub(super) async fn problems(http: HttpRequest, _: Query<Nothing>) -> HttpResponse {
    if !reply::prefers(&http, "text/html") {
        let codes: Vec<CodeBody> = codes::all().map(CodeBody::from).collect();
        return json(&codes);
    }
    let mut rows = String::new();
    for Meaning { name, status, title, .. } in codes::all() {
        let title = escaped(title);
        rows += &format!(
            "<tr><td><a href=\"/problems/{name}\">{name}</a></td><td>{status}</td><td>{title}</td></tr>\n"
        );
    }
    let table = format!("<table><tr><th>Code<th>Status<th>What was wrong</tr>\n{rows}</table>");
    html("Problems", &table)
}

/// What a code means.
#[utoipa::path(
    get, path = "/problems/{code}", tag = "problems", operation_id = "code",
    params(("code" = String, Path, description = "A problem's code", example = "bad-signature")),
    responses((status = 200, description = "The code, as JSON or HTML", content(
        (CodeBody = "application/json"), (String = "text/html"),
    ))),
)]
pub(super) async fn problem(http: HttpRequest, _: Query<Nothing>) -> Result<HttpResponse, Problem> {
    let name = http.match_info().query("code");
    let meaning = codes::meaning(name);
    let meaning = meaning.ok_or_else(|| codes::NO_SUCH_CODE.because(format!("{name:?}")))?;
    if !reply::prefers(&http, "text/html") {
        return Ok(json(&CodeBody::from(meaning)));
    }
    let Meaning { name, status, title, remedy } = meaning;
    let (title, remedy) = (escaped(title), escaped(remedy));
    let body = format!(
        "<p>{title}</p>\n<h2>What would be right</h2>\n<p>{remedy}</p>\n\
         <p>HTTP status {status}. <a href=\"/problems\">All codes</a></p>"
    );
    Ok(html(name, &body))
}

fn json(body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(reply::for_a_minute())
        .insert_header((header::VARY, "Accept"))
        .json(body)
}

fn html(title: &str, body: &str) -> HttpResponse {
    let page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title} · Chancery</title>\
         <link rel=\"stylesheet\" href=\"/static/chancery.css\"></head>\n\
         <body><main><h1>{title}</h1>\n{body}\n</main></body></html>\n"
    );
    HttpResponse::Ok()
        .insert_header(HTML)
        .insert_header(reply::for_a_minute())
        .insert_header((header::VARY, "Accept"))
        .body(page)
}

fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"']) {
        return text.into();
    }
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").into()
}
