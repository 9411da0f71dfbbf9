//! `simulate --seeds 2000`: pools that are lied to, cut apart and switched off, run from seeds on
//! simulated clocks, networks and disks. Prints its figures last, and exits non-zero with the seed when
//! an invariant did not hold.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use chancery_tests::simulation::{Figures, Mutant, Plan, Report, Violation, run};
use clap::Parser;

#[derive(Parser)]
#[command(name = "simulate", about = "Runs simulated pools from seeds")]
struct Arguments {
    /// How many seeds are run.
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    first: u64,
    /// Every so many seeds are run twice and their traces compared.
    #[arg(long, default_value_t = 20)]
    twice_every: u64,
    /// How many run at a time.
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

#[derive(Default)]
struct Outcome {
    runs: u64,
    compared: u64,
    simulated_ms: u64,
    figures: Figures,
    failures: Vec<(u64, String)>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let began = Instant::now();
    let next = AtomicU64::new(arguments.first);
    let outcome = Mutex::new(Outcome::default());
    std::thread::scope(|scope| {
        for _ in 0..arguments.threads.max(1) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= arguments.first + arguments.seeds {
                        break;
                    }
                    one(seed, arguments.twice_every, &outcome);
                }
            });
        }
    });
    let outcome = outcome.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    report(&outcome, began.elapsed().as_secs_f64())
}

fn one(seed: u64, twice_every: u64, outcome: &Mutex<Outcome>) {
    let (report, end) = run(Plan::of_seed(seed, Mutant::None));
    let twice = twice_every > 0 && seed.is_multiple_of(twice_every);
    let differs = twice && run(Plan::of_seed(seed, Mutant::None)).0 != report;
    let mut outcome = outcome.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    outcome.take(&report, end);
    outcome.compared += u64::from(twice);
    if differs {
        outcome.failures.push((seed, "run again, it went another way".to_owned()));
    }
}

impl Outcome {
    fn take(&mut self, report: &Report, end: Result<(), Violation>) {
        self.runs += 1;
        self.simulated_ms += report.simulated_ms;
        self.figures.merge(&report.figures);
        if let Err(violation) = end {
            println!("seed {}: {violation}", report.seed);
            self.failures.push((report.seed, violation.to_string()));
        }
    }
}

fn report(outcome: &Outcome, seconds: f64) -> ExitCode {
    for (what, how_many) in outcome.figures.iter() {
        println!("{what:<52} {how_many:>12}");
    }
    for (seed, what) in outcome.failures.iter().take(20) {
        println!("FAILED seed {seed}: {what}");
    }
    let failed = outcome.failures.len();
    println!("{:<52} {:>12.1}", "seeds a second", outcome.runs as f64 / seconds);
    println!("{:<52} {:>12.1}", "simulated hours", outcome.simulated_ms as f64 / 3_600_000.0);
    println!("{:<52} {:>12}", "seeds run twice with the same trace", outcome.compared);
    println!(
        "simulate: {} passed, {failed} failed",
        outcome.runs - (failed as u64).min(outcome.runs)
    );
    if failed == 0 && outcome.runs > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
