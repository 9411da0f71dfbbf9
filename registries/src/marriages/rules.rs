//! The rules of the marriages register (REGISTRIES.md, "Marriages"), each a sentence.
//!
//! No rule that looks at a private object is asked before those who may know have signed: whoever
//! offers a transition learns from its refusal only what its signers are entitled to know.

mod couple;
mod degrees;
mod record;
mod signing;

pub(super) use couple::{
    are_of_age, are_two_persons, both_free_to_marry, enough_witnesses, overlaps_no_earlier,
};
pub(super) use degrees::not_within_prohibited_degree;
pub(super) use record::{
    corrects_an_event, day_is_not_ahead, death_follows_wedding, death_is_shown, first_touch,
    is_between, is_in_force, is_not_annulled, is_open, known_marriage, known_spouse,
    marriage_is_new, neither_has_died, not_open_yet, statement_ends_in_time,
};
pub(super) use signing::{
    court_directs, court_has_signed, party_has_signed, registrar_has_signed,
    registrar_or_court_has_signed, root_has_signed, rules_of_the_place, spouses_have_signed,
    witnesses_have_signed,
};

pub use couple::MAX_PAST_MARRIAGES;
pub use record::{MAX_CORRECTIONS, MAX_STATEMENT_MS};
