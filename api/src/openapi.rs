//! The interface description (OpenAPI 3.1): the addresses that are the same for all registers, those
//! that follow from the list of registers, and the problems that every one can answer.

pub(crate) mod evidence;
mod headers;
mod problems;
mod registers;

use chancery_ledger::hash::Hash;
use chancery_ledger::key::PublicKey;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use utoipa::openapi::schema::AnyOf;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, RefOr, Schema};
use utoipa::{OpenApi as _, PartialSchema, ToSchema};

use crate::http::Described;

fn access_token() -> SecurityScheme {
    let about = "A JWT that a party signs for itself, for this ledger and this server, at most five minutes \
        long: alg EdDSA, typ chancery-access+jwt, kid PARTY#KEY; iss, aud, iat, exp. Needed only to read what \
        is private.";
    let http = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
    SecurityScheme::Http(http.description(Some(about)).build())
}

const ABOUT: &str = "A registry ledger. Whoever changes an entry signs a transition; the ledger orders \
transitions, applies the rules of its registers, and proves what stands in it to anyone who holds the genesis. \
Writing is authorised by signatures alone. Problems are RFC 9457, each with a stable code, the place and \
what would be right; `GET /problems` lists the codes.";

/// Answers of one form or another, of which something may have both: what is final has the members of
/// how a transition stands.
const OVERLAPPING: [&str; 2] = ["Acknowledgement", "KnownTransition"];

fn allow_overlap(schema: Option<&mut RefOr<Schema>>) {
    if let Some(RefOr::T(schema)) = schema
        && let Schema::OneOf(forms) = schema
    {
        let mut any = AnyOf::new();
        (any.items, any.description) = (forms.items.clone(), forms.description.clone());
        *schema = Schema::AnyOf(any);
    }
}

/// The whole description.
pub fn document() -> OpenApi {
    let mut document = Described::openapi();
    document.info = InfoBuilder::new()
        .title("Chancery")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").build()))
        .build();
    let mut components = document.components.take().unwrap_or_default();
    OVERLAPPING.iter().for_each(|name| allow_overlap(components.schemas.get_mut(*name)));
    let mut components = ComponentsBuilder::from(components);
    for (name, schema) in registers::schemas() {
        components = components.schema(name, schema);
    }
    for (name, schema) in evidence::SCHEMAS.iter() {
        components = components.schema(name, schema.clone());
    }
    components = components
        .schema(Hash::name(), Hash::schema())
        .schema(PublicKey::name(), PublicKey::schema())
        .schema(PartyId::name(), PartyId::schema())
        .schema(Time::name(), Time::schema())
        .security_scheme(problems::ACCESS_TOKEN, access_token());
    document.components = Some(components.build());
    registers::add_paths(&mut document.paths);
    problems::add(&mut document.paths);
    headers::add(&mut document.paths);
    document
}

#[cfg(test)]
mod tests {
    use super::{evidence, registers};

    #[test]
    fn evidence_and_registers_have_names_of_their_own() {
        let registers = registers::schemas();
        for name in evidence::SCHEMAS.keys() {
            assert!(!registers.contains_key(name), "{name} stands for two things");
        }
    }
}
