//! `crash --rounds 200`: kills the node under load and looks for everything that it had promised.
//! Prints its figures last, and exits non-zero when a claim failed.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use chancery_tests::crash::{Figures, HarnessError, Plan, run};
use clap::Parser;

#[derive(Parser)]
#[command(name = "crash", about = "Kills the node under load and looks for what it had promised")]
struct Arguments {
    /// How often the node is killed.
    #[arg(long, default_value_t = 200)]
    rounds: u32,
    /// The seed of every choice.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Transitions signed for a round.
    #[arg(long, default_value_t = 6000)]
    per_round: usize,
    /// The node is killed at a random moment within this time.
    #[arg(long, default_value_t = 500)]
    kill_within_ms: u64,
    /// After how many rounds the ledger is audited.
    #[arg(long, default_value_t = 50)]
    audit_every: u32,
    /// How long a restart may take.
    #[arg(long, default_value_t = 1000)]
    restart_limit_ms: u64,
    /// An empty folder to work in, kept afterwards; a temporary one unless said otherwise.
    #[arg(long)]
    folder: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match go(&arguments).await {
        Ok(figures) => report(&figures, &arguments),
        Err(error) => {
            println!("crash: the harness could not go on: {error}\ncrash: 0 passed, 1 failed");
            ExitCode::FAILURE
        }
    }
}

async fn go(arguments: &Arguments) -> Result<Figures, HarnessError> {
    let plan = Plan {
        rounds: arguments.rounds,
        seed: arguments.seed,
        connections: (4, 2),
        per_round: arguments.per_round,
        kill_within: Duration::from_millis(arguments.kill_within_ms),
        audit_every: arguments.audit_every.max(1),
        restart_limit: Duration::from_millis(arguments.restart_limit_ms),
    };
    let began = Instant::now();
    let temporary = tempfile::tempdir()?;
    let folder = arguments.folder.as_deref().unwrap_or(temporary.path());
    let figures = run(&plan, folder).await?;
    println!("{} s in {}", began.elapsed().as_secs(), folder.display());
    Ok(figures)
}

fn report(figures: &Figures, arguments: &Arguments) -> ExitCode {
    for fault in figures.faults.iter().take(50) {
        println!("FAULT {fault}");
    }
    let mut restarts = figures.restarts.clone();
    restarts.sort_unstable();
    let at = |share: f64| {
        let index = (restarts.len().saturating_sub(1) as f64 * share) as usize;
        restarts.get(index).map_or(0, |took| took.as_millis())
    };
    let rows = [
        ("rounds", u64::from(figures.rounds)),
        ("acknowledged", figures.acknowledged),
        ("of these lost a race", figures.rejected),
        ("in doubt when killed", figures.in_doubt),
        ("of these in the log", figures.found_again),
        ("receipts over HTTP", figures.receipts_by_http),
        ("receipts offline", figures.receipts_offline),
        ("torn tails", u64::from(figures.torn_tails)),
        ("clean audits", u64::from(figures.audits)),
    ];
    for (name, number) in rows {
        println!("{name:<22} {number:>9}");
    }
    println!("{:<22} {:>6} ms median, {} ms longest", "restart", at(0.5), at(1.0));
    let failed = figures.faults.len() as u64 + u64::from(figures.rounds < arguments.rounds);
    // A run in which nothing was promised has shown nothing.
    let idle = u64::from(figures.acknowledged == 0);
    let passed = figures.rounds + figures.audits;
    println!("crash: {passed} passed, {} failed", failed + idle);
    if failed + idle == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
