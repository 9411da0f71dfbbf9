//! The problems that addresses can answer with, by what each takes.

use chancery_registries::Visibility;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{ContentBuilder, Paths, Ref, RefOr, Response, ResponseBuilder};

use super::headers::operations;

/// The name under which the description knows access tokens.
pub(super) const ACCESS_TOKEN: &str = "accessToken";

/// Adds to every operation the problems that follow from what it takes, and to every problem its form.
pub(super) fn add(paths: &mut Paths) {
    for (path, item) in &mut paths.paths {
        if let Some(operation) = item.get.as_mut().filter(|_| takes_token(path)) {
            let nobody = SecurityRequirement::default();
            let somebody = SecurityRequirement::new::<_, [&str; 0], _>(ACCESS_TOKEN, []);
            operation.security = Some(vec![nobody, somebody]);
        }
        if path.starts_with("/v1/kept/") {
            let somebody = SecurityRequirement::new::<_, [&str; 0], _>(ACCESS_TOKEN, []);
            operations(item).for_each(|it| it.security = Some(vec![somebody.clone()]));
        }
        for operation in operations(item) {
            for (status, description) in problems_of(path, operation) {
                let responses = &mut operation.responses.responses;
                responses.entry(status.to_owned()).or_insert_with(|| {
                    RefOr::T(ResponseBuilder::new().description(description).build())
                });
            }
            for (status, response) in &mut operation.responses.responses {
                if let RefOr::T(response) = response
                    && status.starts_with(['4', '5'])
                {
                    give_form(response);
                }
            }
        }
    }
}

/// Whether what an address answers depends on who asks.
fn takes_token(path: &str) -> bool {
    let register = path.strip_prefix("/v1/").and_then(|path| path.split('/').next());
    let tiles = path.starts_with("/v1/log/") && path.ends_with("/tile/{path}");
    matches!(path, "/v1/transitions" | "/v1/blocks/{height}" | "/v1/events")
        || tiles
        || register
            .is_some_and(|name| name == "audit" || chancery_registries::register(name).is_some())
}

fn problems_of(path: &str, operation: &Operation) -> Vec<(&'static str, &'static str)> {
    let mut problems = vec![
        ("400", "Malformed, or a query that this address does not take"),
        ("500", "The server failed"),
    ];
    if !matches!(path, "/healthz" | "/readyz") {
        problems.push((
            "429",
            "The client asks for more than it may: Retry-After says when to try again",
        ));
    }
    let parameters = operation.parameters.iter().flatten();
    if parameters.clone().any(is_in_path) {
        problems.push(("404", "There is no such thing"));
    }
    if operation.security.is_some() {
        problems.push(("401", "The access token is not accepted"));
    }
    if operation.tags.iter().flatten().any(|tag| is_private(tag)) {
        problems.push(("403", "The register is private, and this does not concern the reader"));
    }
    if operation.request_body.is_some() {
        problems.push(("408", "Sent too slowly"));
        problems.push(("415", "Another media type or encoding"));
    }
    problems
}

/// Operations of a register carry its name as their tag.
fn is_private(tag: &str) -> bool {
    let register = chancery_registries::register(tag);
    register.is_some_and(|register| register.visibility == Visibility::Private)
}

fn is_in_path(parameter: &RefOr<Parameter>) -> bool {
    matches!(parameter, RefOr::T(Parameter { parameter_in: ParameterIn::Path, .. }))
}

fn give_form(response: &mut Response) {
    let problem = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(problem)).build();
    response.content.entry("application/problem+json".to_owned()).or_insert(RefOr::T(content));
}
