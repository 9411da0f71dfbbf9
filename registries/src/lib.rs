//! The registers: what each keeps, who must sign for what, and the rules that say no.
//!
//! A new register is its own file and one line in the list below; the interface, its schemas,
//! history, proofs and projections follow from what that file describes.

pub mod access;
pub mod artworks;
pub mod authorities;
pub mod codes;
pub mod diplomas;
pub mod equity;
pub mod identity;
pub mod land;
pub mod marriages;
pub mod parcels;
pub mod records;
pub mod shape;
pub mod signers;
pub mod text;
pub mod validators;

use chancery_ledger::code::{self, Code, Rejection};
use chancery_ledger::error::Error;
use chancery_ledger::execution::{Application, Draft, State};
use chancery_ledger::seal::{Pool, Pools};
use utoipa::openapi::schema::AdditionalProperties::FreeForm;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

pub use shape::{Described, Kind, Register, Schemas, Visibility};

shape::registers! {
    Authorities => authorities,
    Identity => identity,
    Parcels => parcels,
    Land => land,
    Equity => equity,
    Diplomas => diplomas,
    Marriages => marriages,
    Artworks => artworks,
    Validators => validators,
    Records => records,
}

/// The rules of this software: every register in the list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Registers;

impl Application for Registers {
    type Action = Action;

    fn parse(&self, action: &str) -> Result<Action, Rejection> {
        serde_json::from_str(action).map_err(|error| code::BAD_ACTION.because(error.to_string()))
    }

    fn found(&self, draft: &mut Draft<'_>) {
        identity::found_root_authority(draft);
    }

    fn apply(&self, draft: &mut Draft<'_>, action: &Action) -> Result<(), Rejection> {
        dispatch(draft, action)
    }

    fn pool(&self, state: &dyn State, height: u64) -> Result<Option<Pool>, Error> {
        Ok(Pools::read(state)?.map(|pools| pools.at(height).pool()))
    }
}

/// The register of this name.
pub fn register(name: &str) -> Option<&'static Register> {
    REGISTERS.iter().find(|register| register.name == name)
}

/// A kind of object by the names of its register and its own.
pub fn kind(register_name: &str, kind_name: &str) -> Option<&'static Kind> {
    register(register_name)?.kind(kind_name)
}

/// Every code with which a transition can be refused: the ledger's, those that registers share,
/// and each register's own.
pub fn all_codes() -> impl Iterator<Item = &'static Code> {
    let own = REGISTERS.iter().flat_map(|register| register.codes);
    code::LEDGER.iter().chain(codes::SHARED).chain(own).copied()
}

/// The schemas of [`Action`] and of every kind of object, with all that they refer to.
///
/// Actions are composed by `allOf`, in which JSON Schema lets no part forbid the members of
/// another: that unknown members are refused is therefore left out here, though parsing does so.
pub fn schemas() -> Schemas {
    let mut schemas = vec![(Action::name().into_owned(), Action::schema())];
    Action::schemas(&mut schemas);
    for kind in REGISTERS.iter().flat_map(|register| register.kinds) {
        (kind.schemas)(&mut schemas);
        kind.questions.iter().for_each(|question| (question.schemas)(&mut schemas));
    }
    for (_, schema) in &mut schemas {
        if let RefOr::T(Schema::Object(object)) = schema
            && matches!(object.additional_properties.as_deref(), Some(FreeForm(false)))
        {
            object.additional_properties = None;
        }
    }
    schemas
}
