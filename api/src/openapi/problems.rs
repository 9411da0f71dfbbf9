//! The problems that addresses can answer with, by what each takes.

use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::{ContentBuilder, Paths, Ref, RefOr, Response, ResponseBuilder};

/// Adds to every operation the problems that follow from what it takes, and to every problem its form.
pub(super) fn add(paths: &mut Paths) {
    for item in paths.paths.values_mut() {
        for operation in operations(item) {
            for (status, description) in problems_of(operation) {
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

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post].into_iter().flatten()
}

fn problems_of(operation: &Operation) -> Vec<(&'static str, &'static str)> {
    let mut problems = vec![
        ("400", "Malformed, or a query that this address does not take"),
        ("500", "The server failed"),
    ];
    let parameters = operation.parameters.iter().flatten();
    if parameters.clone().any(is_in_path) {
        problems.push(("404", "There is no such thing"));
    }
    if operation.request_body.is_some() {
        problems.push(("408", "Sent too slowly"));
        problems.push(("415", "Another media type or encoding"));
    }
    problems
}

fn is_in_path(parameter: &RefOr<Parameter>) -> bool {
    matches!(parameter, RefOr::T(Parameter { parameter_in: ParameterIn::Path, .. }))
}

fn give_form(response: &mut Response) {
    let problem = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(problem)).build();
    response.content.entry("application/problem+json".to_owned()).or_insert(RefOr::T(content));
}
