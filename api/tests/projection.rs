//! The projections: what they answer is what the ledger says, live, rebuilt and after any stop, in
//! SQLite and in PostgreSQL alike.
#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub)]

#[path = "projection/answers.rs"]
mod answers;
#[path = "projection/database.rs"]
mod database;
#[path = "projection/depot.rs"]
mod depot;
#[path = "projection/following.rs"]
mod following;
#[path = "projection/migrating.rs"]
mod migrating;
#[path = "../../tests/src/postgres.rs"]
#[allow(dead_code)]
mod postgres;
#[path = "projection/random.rs"]
mod random;

use database::{Databases, Files, Server};

/// Makes a test of each check on SQLite, and one of them all on PostgreSQL, where a server has to be
/// started first.
macro_rules! on_both {
    ($($module:ident::$check:ident,)*) => {
        mod sqlite {
            $(
                #[test]
                fn $check() {
                    super::$module::$check(&super::Files::new());
                }
            )*
        }

        #[test]
        fn postgres_does_the_same() {
            let Some(server) = Server::start() else {
                eprintln!("SKIPPED: PostgreSQL is not installed; try: apt-get install postgresql");
                return;
            };
            let checks: &[(&str, fn(&dyn Databases))] =
                &[$((stringify!($check), |databases| $module::$check(databases))),*];
            for (name, check) in checks {
                eprintln!("{name}");
                check(&server);
            }
        }
    };
}

on_both! {
    answers::a_transition_is_found_by_its_id,
    answers::an_id_with_the_same_beginning_is_another,
    answers::the_history_of_an_object_is_complete,
    answers::holdings_are_those_of_the_state_at_every_height,
    answers::what_begins_and_ends_in_one_block_leaves_its_trace,
    answers::searches_find_what_the_log_says,
    answers::pages_are_complete_while_the_ledger_grows,
    answers::strangers_are_found_nowhere,
    following::a_gap_is_refused,
    following::another_ledger_is_refused,
    following::another_chain_is_projected_anew,
    following::a_later_database_is_refused,
    following::two_writers_notice_each_other,
    following::dropped_in_the_middle_it_goes_on,
    following::a_failure_leaves_whole_blocks,
    following::the_thread_fills_what_was_dropped,
    following::the_thread_outlives_a_failing_database,
    following::readers_wait_for_a_height,
    migrating::what_every_earlier_version_left_is_opened,
    random::rebuilt_equals_live,
}
