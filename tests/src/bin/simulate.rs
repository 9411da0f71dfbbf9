//! `simulate --seeds 2000`: pools and ledgers of work that are lied to, cut apart and switched off, run
//! from seeds on simulated clocks, networks and disks. Prints its figures last, and exits non-zero with
//! the seed when an invariant did not hold.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use chancery_tests::simulation::{self, Figures, Report, work};
use clap::{Parser, ValueEnum};

#[derive(Parser)]
#[command(name = "simulate", about = "Runs simulated pools and ledgers of work from seeds")]
struct Arguments {
    /// How many seeds of each kind are run.
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    first: u64,
    /// What is simulated.
    #[arg(long, value_enum, default_value_t = Kind::Both)]
    kind: Kind,
    /// Every so many seeds are run twice and their traces compared.
    #[arg(long, default_value_t = 20)]
    twice_every: u64,
    /// How many run at a time.
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Pools.
    Pool,
    /// Ledgers of work.
    Work,
    /// First the ones, then the others.
    Both,
}

/// One run: what it was like, and what did not hold.
type Run = fn(u64) -> (Report, Option<String>);

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
    let kinds: [(&str, Kind, Run); 2] =
        [("pool", Kind::Pool, run_pool), ("work", Kind::Work, run_work)];
    let mut good = true;
    for (name, kind, run) in kinds {
        if arguments.kind == kind || arguments.kind == Kind::Both {
            let began = Instant::now();
            let outcome = all(&arguments, run);
            good &= report(name, &outcome, began.elapsed().as_secs_f64());
        }
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run_pool(seed: u64) -> (Report, Option<String>) {
    let plan = simulation::Plan::of_seed(seed, simulation::Mutant::None);
    let (report, end) = simulation::run(plan);
    (report, end.err().map(|violation| violation.to_string()))
}

fn run_work(seed: u64) -> (Report, Option<String>) {
    let (report, end) = work::run(work::Plan::of_seed(seed, work::Mutant::None));
    (report, end.err().map(|violation| violation.to_string()))
}

fn all(arguments: &Arguments, run: Run) -> Outcome {
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
                    one(seed, run, arguments.twice_every, &outcome);
                }
            });
        }
    });
    outcome.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn one(seed: u64, run: Run, twice_every: u64, outcome: &Mutex<Outcome>) {
    let (report, violation) = run(seed);
    let twice = twice_every > 0 && seed.is_multiple_of(twice_every);
    let differs = twice && run(seed).0 != report;
    let mut outcome = outcome.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    outcome.take(&report, violation);
    outcome.compared += u64::from(twice);
    if differs {
        outcome.failures.push((seed, "run again, it went another way".to_owned()));
    }
}

impl Outcome {
    fn take(&mut self, report: &Report, violation: Option<String>) {
        self.runs += 1;
        self.simulated_ms += report.simulated_ms;
        self.figures.merge(&report.figures);
        if let Some(violation) = violation {
            println!("seed {}: {violation}", report.seed);
            self.failures.push((report.seed, violation));
        }
    }
}

/// Prints what was seen of one kind; whether all of it held.
fn report(kind: &str, outcome: &Outcome, seconds: f64) -> bool {
    for (what, how_many) in outcome.figures.iter() {
        println!("{kind}: {what:<52} {how_many:>12}");
    }
    for (seed, what) in outcome.failures.iter().take(20) {
        println!("{kind}: FAILED seed {seed}: {what}");
    }
    let failed = outcome.failures.len();
    println!("{kind}: {:<52} {:>12.1}", "seeds a second", outcome.runs as f64 / seconds);
    let hours = outcome.simulated_ms as f64 / 3_600_000.0;
    println!("{kind}: {:<52} {hours:>12.1}", "simulated hours");
    println!("{kind}: {:<52} {:>12}", "seeds run twice with the same trace", outcome.compared);
    println!(
        "simulate {kind}: {} passed, {failed} failed",
        outcome.runs - (failed as u64).min(outcome.runs)
    );
    failed == 0 && outcome.runs > 0
}
