//! How parcel numbers stand in an interface description (OpenAPI 3.1).

use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{FORMATS, FormatName, ParcelNumber};

impl PartialSchema for ParcelNumber {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "A UPU S10 (13 characters), a GS1 SSCC (18 digits) or the carrier's own CARRIER_PARTY_ID-LOCAL",
            ))
            .examples(["RB123456785GB", "106141412345678908"])
            .into()
    }
}

impl ToSchema for ParcelNumber {}

impl PartialSchema for FormatName {
    fn schema() -> RefOr<Schema> {
        let mut names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        names.dedup();
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
    }
}

impl ToSchema for FormatName {}
