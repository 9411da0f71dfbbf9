//! The shape that registers share: what each says about itself, so that the interface, history,
//! proofs and projections need to know nothing of any one of them.

mod describe;
mod list;

pub use describe::{Described, Kind, Register, Schemas, Visibility};
pub(crate) use list::registers;
