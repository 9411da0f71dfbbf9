//! `chaos --minutes 5`: four real nodes under load, to which everything happens that happens to nodes.
//! Prints its figures last, and exits non-zero when a claim failed.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use chancery_tests::chaos::{ALL, Figures, Plan, Scene, run};
use clap::Parser;

#[derive(Parser)]
#[command(name = "chaos", about = "Kills, cuts off, wipes and floods real nodes under load")]
struct Arguments {
    /// For how long scenes are begun.
    #[arg(long, default_value_t = 5.0)]
    minutes: f64,
    /// Play each scene once, whatever time that takes.
    #[arg(long)]
    each_once: bool,
    /// Only scenes whose names begin so; once for each.
    #[arg(long = "scene")]
    scenes: Vec<String>,
    /// The seed of every choice.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Clients that hand in transitions.
    #[arg(long, default_value_t = 16)]
    clerks: usize,
    /// Transitions that they hand in a second.
    #[arg(long, default_value_t = 300)]
    rate: u64,
    /// Give each node a network namespace of its own, from which nothing comes back when it is cut off. Takes
    /// iproute2 and the right to use it.
    #[arg(long)]
    namespaces: bool,
    /// An empty folder to work in, kept afterwards; a temporary one unless said otherwise.
    #[arg(long)]
    folder: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let asked = |scene: &Scene| {
        let begins = |word: &String| scene.name().starts_with(word.as_str());
        arguments.scenes.is_empty() || arguments.scenes.iter().any(begins)
    };
    let plan = Plan {
        during: Duration::from_secs_f64(arguments.minutes.clamp(0.0, 10_000.0) * 60.0),
        scenes: ALL.into_iter().filter(asked).collect(),
        each_once: arguments.each_once,
        seed: arguments.seed,
        clerks: arguments.clerks,
        rate_per_s: arguments.rate,
        in_namespaces: arguments.namespaces,
    };
    let began = Instant::now();
    let done = match (tempfile::tempdir(), &arguments.folder) {
        (_, Some(folder)) => run(&plan, folder).await,
        (Ok(temporary), None) => run(&plan, temporary.path()).await,
        (Err(error), None) => Err(error.into()),
    };
    match done {
        Ok(figures) => report(figures, began.elapsed()),
        Err(error) => {
            println!("chaos: the driver could not go on: {error}\nchaos: 0 passed, 1 failed");
            ExitCode::FAILURE
        }
    }
}

fn report(mut figures: Figures, took: Duration) -> ExitCode {
    for fault in figures.faults.iter().take(50) {
        println!("FAULT {fault}");
    }
    for (scene, count) in &figures.scenes {
        println!("scene  {scene:<32} {count:>9}");
    }
    for (what, count) in &figures.injected {
        println!("fault  {what:<32} {count:>9}");
    }
    figures.catch_ups.sort_unstable();
    let longest = figures.catch_ups.last().map_or(0, Duration::as_millis);
    let median = figures.catch_ups.get(figures.catch_ups.len() / 2).map_or(0, Duration::as_millis);
    let (p50, p99) = figures.latency_ms;
    let rows = [
        ("seconds", took.as_secs()),
        ("height of all nodes", figures.height),
        ("acknowledged, and on all nodes", figures.acknowledged),
        ("refused meanwhile", figures.refusals),
        ("clean audits", figures.audits),
        ("most memory of a node, MiB", figures.peak_kib / 1024),
    ];
    for (name, number) in rows {
        println!("{name:<39} {number:>9}");
    }
    println!(
        "catching up: {median} ms median, {longest} ms longest of {}",
        figures.catch_ups.len()
    );
    println!("clients waited, faults included: p50 {p50} ms, p99 {p99} ms");
    let passed = figures.audits + u64::from(figures.scenes.values().sum::<u32>());
    println!("chaos: {passed} passed, {} failed", figures.faults.len());
    if figures.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
