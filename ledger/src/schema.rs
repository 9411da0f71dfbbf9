//! How the ledger's own types stand in an interface description (OpenAPI 3.1).

use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::hash::Hash;
use crate::key::PublicKey;
use crate::party::PartyId;
use crate::record::SchemaName;
use crate::time::Time;

fn text(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).description(Some(description))
}

impl PartialSchema for Hash {
    fn schema() -> RefOr<Schema> {
        text("A SHA-256 value in hexadecimal digits").pattern(Some("^[0-9a-f]{64}$")).into()
    }
}

impl ToSchema for Hash {}

impl PartialSchema for PublicKey {
    fn schema() -> RefOr<Schema> {
        text("An Ed25519 public key: the x of its JWK (RFC 8037)")
            .pattern(Some("^[A-Za-z0-9_-]{43}$"))
            .into()
    }
}

impl ToSchema for PublicKey {}

impl PartialSchema for PartyId {
    fn schema() -> RefOr<Schema> {
        text("A party's ID code: 24 characters and a check character (ISO/IEC 7064 MOD 37,36)")
            .pattern(Some("^[A-Z2-7]{24}[0-9A-Z]$"))
            .into()
    }
}

impl ToSchema for PartyId {}

impl PartialSchema for Time {
    fn schema() -> RefOr<Schema> {
        text("A moment, to the millisecond (RFC 3339)")
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}

impl ToSchema for Time {}

impl PartialSchema for SchemaName {
    fn schema() -> RefOr<Schema> {
        text("What kind of record it is, with the version of the kind")
            .pattern(Some("^[a-z0-9-]{1,64}$"))
            .into()
    }
}

impl ToSchema for SchemaName {}
