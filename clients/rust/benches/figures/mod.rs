//! What benchmarks share: the rate of bare verification, percentiles, and claims that hold or fail.

#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used)]

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chancery_ledger::hash::Hash;
use chancery_ledger::key::SecretKey;

/// How many threads there is work for.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The key of this number.
pub fn key(number: u64) -> SecretKey {
    SecretKey::from_seed(Hash::of(&[&number.to_be_bytes()]).as_bytes())
}

/// What `CHANCERY_BENCH_TRANSITIONS` says, or a million.
pub fn transitions() -> u64 {
    std::env::var("CHANCERY_BENCH_TRANSITIONS").map_or(1_000_000, |text| text.parse().unwrap())
}

/// What `make` gives for each number from `first` on, made by every core.
pub fn in_parallel<T: Send>(first: u64, count: u64, make: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let part = count.div_ceil(cores() as u64);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores() as u64)
            .map(|thread| {
                let (begin, end, make) = (thread * part, count.min((thread + 1) * part), &make);
                let numbers = (begin..end).map(move |number| first + number);
                scope.spawn(move || numbers.map(make).collect::<Vec<_>>())
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// Signatures that all cores verify in a second, and nothing else.
pub fn bare_rate() -> f64 {
    let verified = AtomicU64::new(0);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..cores() as u64 {
            let verified = &verified;
            scope.spawn(move || {
                let (key, message) = (key(thread), [7; 600]);
                let (verifier, signature) = (key.public().verifier().unwrap(), key.sign(&message));
                while started.elapsed() < Duration::from_secs(3) {
                    for _ in 0..100 {
                        assert!(verifier.verify(std::hint::black_box(&message), &signature));
                    }
                    verified.fetch_add(100, Ordering::Relaxed);
                }
            });
        }
    });
    verified.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64()
}

/// How long `work` takes, in milliseconds: the median and the 99th percentile of so many times.
pub fn percentiles_ms(times: u64, mut work: impl FnMut(u64)) -> [f64; 2] {
    let mut all: Vec<Duration> = (0..times)
        .map(|number| {
            let started = Instant::now();
            work(number);
            started.elapsed()
        })
        .collect();
    all.sort_unstable();
    [50, 99].map(|percent| all[all.len() * percent / 100].as_secs_f64() * 1000.0)
}

/// What is claimed, and whether it holds.
#[derive(Default)]
pub struct Claims(Vec<(String, bool)>);

impl Claims {
    pub fn at_least(&mut self, what: &str, value: f64, least: f64) {
        self.0.push((format!("{what} {value:.3} (at least {least})"), value >= least));
    }

    pub fn at_most(&mut self, what: &str, value: f64, most: f64) {
        self.0.push((format!("{what} {value:.3} (at most {most})"), value <= most));
    }

    /// Prints each; the code of the process says whether all hold.
    pub fn end(self) -> ExitCode {
        for (claim, holds) in &self.0 {
            println!("{} {claim}", if *holds { "holds " } else { "FAILS " });
        }
        ExitCode::from(u8::from(self.0.iter().any(|(_, holds)| !holds)))
    }
}
