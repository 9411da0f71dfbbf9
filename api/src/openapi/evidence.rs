//! The schemas of what the ledger defines: transitions, receipts, proofs, seals, the genesis.
//!
//! They are written down in `evidence.json`, since the ledger crate knows nothing of interfaces; the
//! tests of the interface hold real answers against them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Names and schemas.
pub(super) static SCHEMAS: LazyLock<BTreeMap<String, RefOr<Schema>>> = LazyLock::new(|| {
    let schemas: serde_json::Result<_> = serde_json::from_str(include_str!("evidence.json"));
    debug_assert!(schemas.is_ok(), "evidence.json does not parse");
    schemas.unwrap_or_default()
});

/// Makes of each name a type that stands for the schema of that name.
macro_rules! stand_for {
    ($($name:ident),*) => {$(
        #[doc = concat!("Stands for the schema `", stringify!($name), "`.")]
        pub(crate) enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                SCHEMAS.get(stringify!($name)).cloned().unwrap_or_default()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )*};
}

stand_for! {
    AnyReceipt, Evidence, Transition, Payload, Receipt, StatusProof, InclusionProof, ConsistencyProof, Seal, Genesis,
    PrivateRecord, Disclosure
}
