//! Ledgers of work from seeds: what is final stays, the heaviest branch is followed, nothing vanishes, and
//! a broken rule is noticed.

use chancery_tests::simulation::Figures;
use chancery_tests::simulation::work::{Mutant, Plan, Violation, run};

/// What these runs went through, each of which must hold.
fn all(seeds: [u64; 3]) -> Figures {
    let mut figures = Figures::default();
    for seed in seeds {
        let (report, end) = run(Plan::of_seed(seed, Mutant::None));
        assert_eq!(end, Ok(()), "seed {seed}");
        figures.merge(&report.figures);
    }
    figures
}

#[test]
fn ledgers_of_work_agree_on_what_is_final() {
    let figures = all([3, 7, 9]);
    assert!(figures.of("transitions acknowledged") > 50, "what was not promised shows nothing");
    assert!(figures.of("reorganisations of three blocks or more") > 0, "nothing deep was undone");
}

#[test]
fn they_also_do_when_miners_cheat() {
    let figures = all([2, 4, 11]);
    assert!(figures.of("refused: blocks that break the rules") > 0, "nobody cheated");
    assert!(figures.of("selfish releases") > 0, "nobody was selfish");
    assert!(figures.of("clean audits") >= 6);
}

#[test]
fn the_same_seed_is_the_same_run() {
    let traces = [3, 3, 4].map(|seed| run(Plan::of_seed(seed, Mutant::None)).0.trace);
    assert_eq!(traces[0], traces[1]);
    assert_ne!(traces[0], traces[2]);
}

#[test]
fn a_selfish_miner_undoes_blocks_and_nothing_that_is_final() {
    let (report, end) = run(Plan::calm_but_for_a_selfish_miner(1));
    assert_eq!(end, Ok(()));
    assert!(report.figures.of("selfish releases") > 0);
    assert!(report.figures.of("reorganisations") > 0);
    assert!(report.figures.of("transitions returned") > 0);
}

#[test]
fn a_cut_longer_than_the_final_depth_is_reported_and_not_followed() {
    let (report, end) = run(Plan::cut_for_good(1));
    assert_eq!(end, Ok(()));
    assert!(report.figures.of("heights with two final blocks") > 0);
    assert!(report.figures.of("branches below the last final block reported") > 0);
}

fn first_noticed(mutant: Mutant, seeds: u64) -> Option<Violation> {
    (1..=seeds).find_map(|seed| run(Plan::of_seed(seed, mutant)).1.err())
}

#[test]
fn it_is_noticed_when_the_longest_branch_is_followed() {
    let noticed = first_noticed(Mutant::FollowsTheLongest, 20);
    assert!(matches!(noticed, Some(Violation::NotHeaviest { .. })), "{noticed:?}");
}

#[test]
fn it_is_noticed_when_what_returns_is_forgotten() {
    let noticed = first_noticed(Mutant::ForgetsWhatReturns, 20);
    assert!(matches!(noticed, Some(Violation::Vanished { .. })), "{noticed:?}");
}

#[test]
fn it_is_noticed_when_final_is_said_too_early() {
    let noticed = first_noticed(Mutant::SaysFinalTooEarly, 20);
    assert!(matches!(noticed, Some(Violation::Undone { .. })), "{noticed:?}");
}

#[test]
fn it_is_noticed_when_a_block_was_told_of_before_it_was_safe() {
    let noticed = first_noticed(Mutant::LosesWhatItFound, 20);
    assert!(matches!(noticed, Some(Violation::Unkept { .. })), "{noticed:?}");
}
