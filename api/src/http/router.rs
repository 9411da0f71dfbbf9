//! Every address there is, on one page.

use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::guard::{self as method, Guard};
use actix_web::http::header;
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder};
use chancery_registries::{Kind, REGISTERS, Register};

use super::audits::{deeds, frozen};
use super::guard::guard;
use super::limits::{Class, limited};
use super::problem::Problem;
use super::{
    batch, blocks, codes, events, forms, health, history, kept, ledger, metrics, network,
    network_events, objects, pages, parties, pools, proofs, qr, questions, search, standings,
    submit, tiles, transitions,
};

/// Puts every address in its place.
pub(super) fn routes(app: &mut ServiceConfig) {
    app.service(at("/v1/transitions").post(submit::submit).get(search::search).searches())
        .service(at("/v1/transitions/batch").post(batch::batch))
        .service(at("/v1/transitions/{id}").get(transitions::transition))
        .service(at("/v1/transitions/{id}/receipt").get(transitions::receipt))
        .service(at("/v1/transitions/{id}/events").get_only(standings::standings));

    app.service(at("/v1/identity/{id}/did").get(parties::did))
        .service(at("/v1/parcel-numbers").get(parties::parcel_number));
    for register in REGISTERS {
        register_routes(app, register);
    }

    app.service(at("/v1/kept/{id}").put(kept::keep).get_only(kept::kept_record))
        .service(at("/v1/kept/{id}/readings").get_only(kept::kept_readings))
        .service(at("/v1/kept/{id}/grants").post(kept::grant).get_only(kept::grants))
        .service(at("/v1/kept/{id}/grants/{party}").delete(kept::revoke))
        .service(at("/v1/kept/{id}/requests").post(kept::request).get_only(kept::requests))
        .service(at("/v1/kept/{id}/requests/{party}").delete(kept::refuse));

    app.service(at("/v1/ledger").get(ledger::ledger))
        .service(at("/v1/ledger/genesis").get(ledger::genesis))
        .service(at("/v1/log/checkpoint").get(ledger::checkpoint))
        .service(at("/v1/log/tile/{path:.*}").get(tiles::tile))
        .service(at("/v1/log/cosigned/checkpoint").get(ledger::cosigned_checkpoint))
        .service(at("/v1/log/cosigned/tile/{path:.*}").get(tiles::cosigned_tile))
        .service(at("/v1/log/proofs/inclusion").get(proofs::inclusion).searches())
        .service(at("/v1/log/proofs/consistency").get(proofs::consistency).searches())
        .service(at("/v1/log/pools").get(pools::pools).searches())
        .service(at("/v1/log/handovers").get(pools::handovers).searches())
        .service(at("/v1/blocks").get(blocks::blocks))
        .service(at("/v1/blocks/{height}").get(blocks::block))
        .service(at("/v1/events").get_only(events::events))
        .service(at("/.well-known/scitt-keys").get(forms::keys));

    app.service(at("/v1/network").get(network::network))
        .service(at("/v1/network/events").get_only(network_events::network_events));

    app.service(at("/v1/audit/frozen").get(frozen::frozen).searches())
        .service(at("/v1/audit/accreditations/{id}/deeds").get(deeds::accreditation).searches())
        .service(at("/v1/audit/orders/{id}/deeds").get(deeds::order).searches())
        .service(at("/v1/audit/parties/{id}/deeds").get(deeds::party).searches());

    app.service(at("/").get(pages::front))
        .service(at("/static/{file}").get(pages::file))
        .service(at("/openapi.json").compressed().get(pages::openapi))
        .service(at("/docs").get(pages::docs_redirect))
        .service(at("/docs/{file:.*}").compressed().get(pages::docs))
        .service(at("/problems").get(pages::problems))
        .service(at("/problems/{code}").get(pages::problem))
        .service(at("/metrics").get(metrics::metrics).not_counted())
        .service(at("/healthz").get(health::alive).not_counted())
        .service(at("/readyz").get(health::ready).not_counted());

    let nothing = web::route().to(no_such_route);
    let nothing = nothing.wrap(from_fn(|request, next| limited(Class::Read, request, next)));
    app.default_service(nothing.wrap(from_fn(guard)));
}

/// A register's primary kind stands directly below its name, the others below theirs.
fn register_routes(app: &mut ServiceConfig, register: &'static Register) {
    let path = format!("/v1/{}", register.name);
    app.service(
        at(&path)
            .get(move |api, http, reader, query| {
                search::holdings(register, api, http, reader, query)
            })
            .searches(),
    );
    // The others first: `/v1/parcels/container/X` is not the history of a parcel "container".
    for kind in register.kinds.iter().filter(|kind| !kind.primary) {
        kind_routes(app, &format!("{path}/{}", kind.name), kind);
    }
    if let Some(kind) = register.primary() {
        kind_routes(app, &path, kind);
    }
}

fn kind_routes(app: &mut ServiceConfig, path: &str, kind: &'static Kind) {
    let below = |end: &str| at(&format!("{path}/{{id}}{end}"));
    app.service(
        below("")
            .get(move |api, http, reader, query| objects::object(kind, api, http, reader, query)),
    )
    .service(
        below("/history")
            .get(move |api, http, reader, query| history::history(kind, api, http, reader, query))
            .searches(),
    )
    .service(
        below("/proof")
            .get(move |api, http, reader, query| objects::proof(kind, api, http, reader, query)),
    )
    .service(
        below("/qr.svg")
            .get(move |api, http, reader, query| qr::svg(kind, api, http, reader, query)),
    )
    .service(
        below("/qr.png")
            .get(move |api, http, reader, query| qr::png(kind, api, http, reader, query)),
    );
    for question in kind.questions {
        let end = format!("/{}", question.name);
        let answers = move |api, http, reader, query| {
            questions::question(kind, question, api, http, reader, query)
        };
        app.service(below(&end).get(answers).searches());
    }
}

async fn no_such_route(request: actix_web::HttpRequest) -> Result<HttpResponse, Problem> {
    Err(codes::NO_SUCH_ROUTE.because(format!("{} is no address here", request.path())))
}

/// An address, with the methods it takes and what reading there costs.
struct Place {
    resource: Resource,
    allow: Vec<&'static str>,
    compressed: bool,
    class: Class,
}

fn at(path: &str) -> Place {
    let (resource, allow) = (web::resource(path), vec!["OPTIONS"]);
    Place { resource, allow, compressed: false, class: Class::Read }
}

impl Place {
    fn get<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.takes(&["GET", "HEAD"], method::Any(method::Get()).or(method::Head()), handler)
    }

    fn get_only<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.takes(&["GET"], method::Get(), handler)
    }

    fn post<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.takes(&["POST"], method::Post(), handler)
    }

    fn put<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.takes(&["PUT"], method::Put(), handler)
    }

    fn delete<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.takes(&["DELETE"], method::Delete(), handler)
    }

    fn takes<F, Args>(
        mut self,
        methods: &[&'static str],
        matches: impl Guard + 'static,
        handler: F,
    ) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.allow.extend(methods);
        self.resource = self.resource.route(web::route().guard(matches).to(handler));
        self
    }

    /// Large, and the same for everyone: worth compressing.
    fn compressed(self) -> Self {
        Self { compressed: true, ..self }
    }

    /// What is read here is looked for in many places.
    fn searches(self) -> Self {
        Self { class: Class::Search, ..self }
    }

    /// Whoever watches the server is answered however much else is asked.
    fn not_counted(self) -> Self {
        Self { class: Class::Free, ..self }
    }
}

impl HttpServiceFactory for Place {
    fn register(self, config: &mut AppService) {
        let allow = self.allow.join(", ");
        let reads = self.allow.contains(&"GET");
        let options = {
            let allow = allow.clone();
            move || std::future::ready(options(&allow, reads))
        };
        let refuse = move || {
            let problem = codes::METHOD_NOT_ALLOWED.because(format!("taken: {allow}"));
            let problem = problem.with_header(header::ALLOW, &allow);
            std::future::ready(Err::<HttpResponse, Problem>(problem))
        };
        let class = self.class;
        self.resource
            .route(web::route().guard(method::Options()).to(options))
            .default_service(web::to(refuse))
            .wrap(Condition::new(self.compressed, Compress::default()))
            .wrap(from_fn(move |request, next| limited(class, request, next)))
            .wrap(from_fn(guard))
            .register(config);
    }
}

/// What an address takes; to browsers, that pages of any origin may read it.
fn options(allow: &str, reads: bool) -> HttpResponse {
    let mut response = HttpResponse::NoContent();
    response.insert_header((header::ALLOW, allow));
    if reads {
        response.insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"));
        response.insert_header((
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "Accept, Authorization, If-None-Match, Last-Event-ID",
        ));
        response.insert_header((header::ACCESS_CONTROL_MAX_AGE, "86400"));
    }
    response.finish()
}
