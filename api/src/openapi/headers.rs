//! The headers of answers that follow from what an operation takes and answers.

use utoipa::openapi::path::{Operation, Parameter, PathItem};
use utoipa::openapi::{Header, Paths, RefOr, Response};

/// Adds to every operation the headers that its answers have.
pub(super) fn add(paths: &mut Paths) {
    for operation in paths.paths.values_mut().flat_map(operations) {
        let tagged = operation.responses.responses.contains_key("304");
        let listed = operation.parameters.iter().flatten().any(is_cursor);
        for (status, response) in &mut operation.responses.responses {
            let RefOr::T(response) = response else { continue };
            match status.as_str() {
                "200" | "304" if tagged => {
                    put(response, "ETag", "What stands for these bytes, for If-None-Match");
                }
                "200" if listed => put(response, "Link", "The next page (RFC 8288)"),
                "401" => put(response, "WWW-Authenticate", "How to ask as a party (RFC 6750)"),
                "429" | "503" => {
                    put(response, "Retry-After", "Try again after so many seconds");
                }
                _ => {}
            }
        }
    }
}

/// The operations of an address.
pub(super) fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.delete].into_iter().flatten()
}

fn is_cursor(parameter: &RefOr<Parameter>) -> bool {
    matches!(parameter, RefOr::T(Parameter { name, .. }) if name == "cursor")
}

fn put(response: &mut Response, name: &str, about: &str) {
    let mut header = Header::default();
    header.description = Some(about.to_owned());
    response.headers.insert(name.to_owned(), header.into());
}
