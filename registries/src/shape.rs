//! The shape that registers share: what each says about itself, so that the interface, history,
//! proofs and projections need to know nothing of any one of them.

mod describe;
mod list;
mod question;

pub use describe::{Described, Kind, Register, Schemas, Visibility};
pub(crate) use list::registers;
pub use question::{Answer, AskedOfHistory, AskedOfState, Question, Version};
