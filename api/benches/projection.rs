//! How fast the projections follow, and how much room they take.
//!
//! `cargo bench --package chancery-api --bench projection` measures SQLite. Environment:
//! `CHANCERY_BENCH_TRANSITIONS`, a million unless it is set; `CHANCERY_BENCH_TOGETHER`, how many blocks
//! are applied at once; `CHANCERY_BENCH_POSTGRES`, to measure PostgreSQL as well.

#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub, missing_docs)]

#[path = "../tests/projection/database.rs"]
#[allow(dead_code)]
mod database;
#[path = "../tests/projection/depot.rs"]
mod depot;
#[path = "../../tests/src/postgres.rs"]
#[allow(dead_code)]
mod postgres;

use std::sync::Arc;
use std::time::{Duration, Instant};

use chancery_api::projection::{DatabaseUrl, HoldingsQuery, Projections, SearchQuery};
use chancery_ledger::disk::Folder;
use database::{Databases, Files, Server};
use depot::{Act, Ask, Ledger, party};

/// Transitions of one signer and one change each, in blocks that are applied four at a time, as they
/// are when the projector is behind.
const BLOCK: usize = 2048;
const PEOPLE: u8 = 100;
/// Crates that are on their way at a time; the others have arrived.
const ON_THEIR_WAY: usize = 20_000;

/// What a day is like.
#[derive(Clone, Copy)]
struct Day {
    /// Each transition moves a crate from one keeper to another, not only to another version.
    hands_over: bool,
    /// Among how many of the latest crates each transition picks one.
    among: usize,
}

fn main() {
    println!("SQLite, every transition a version");
    sqlite(Day { hands_over: false, among: ON_THEIR_WAY });
    println!("SQLite, every transition to another keeper");
    sqlite(Day { hands_over: true, among: ON_THEIR_WAY });
    println!("SQLite, to another keeper, of any crate there ever was: every row at a random place");
    sqlite(Day { hands_over: true, among: usize::MAX });
    if std::env::var_os("CHANCERY_BENCH_POSTGRES").is_some() {
        postgres();
    }
}

fn sqlite(day: Day) {
    let files = Files::new();
    let url = files.fresh();
    measure(&url, count("CHANCERY_BENCH_TRANSITIONS", 1_000_000), day);
    let DatabaseUrl::Sqlite(path) = url else { panic!("a file") };
    let bytes = std::fs::metadata(path).unwrap().len();
    println!("the file has {bytes} bytes");
}

fn postgres() {
    println!("PostgreSQL, every transition to another keeper");
    let server = Server::start().expect("PostgreSQL is installed");
    let day = Day { hands_over: true, among: ON_THEIR_WAY };
    measure(&server.fresh(), count("CHANCERY_BENCH_TRANSITIONS", 1_000_000) / 4, day);
}

fn count(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// A small generator, the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

/// Who keeps each crate.
struct Life {
    day: Day,
    dice: Dice,
    keepers: Vec<u8>,
}

impl Life {
    /// One in four is new; the others are changed.
    fn ask(&mut self) -> Ask {
        let who = 1 + self.dice.below(PEOPLE.into()) as u8;
        if self.keepers.is_empty() || self.dice.below(4) == 0 {
            self.keepers.push(who);
            return (vec![who], vec![depot::make(&name(self.keepers.len() - 1))]);
        }
        let among = self.day.among.min(self.keepers.len());
        let number = self.keepers.len() - 1 - self.dice.below(among);
        let who = if self.day.hands_over { who } else { self.keepers[number] };
        let keeper = std::mem::replace(&mut self.keepers[number], who);
        (vec![keeper], vec![Act::Hand { id: name(number), to: party(who) }])
    }
}

/// As long as a tracking number, and in no order.
fn name(number: usize) -> String {
    format!("RR{:09}TW", number * 7_654_321 % 1_000_000_007)
}

fn measure(url: &DatabaseUrl, transitions: usize, day: Day) {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::on(Arc::new(Folder::open(folder.path()).unwrap()), "rate");
    let (projections, mut projector) = Projections::open(url, ledger.view()).unwrap();
    let mut life = Life { day, dice: Dice(88172645463325252), keepers: Vec::new() };
    let together = count("CHANCERY_BENCH_TOGETHER", 4);
    let (mut done, mut wall, mut cpu) = (0, Duration::ZERO, Duration::ZERO);
    let (mut last_done, mut last_cpu) = (0, Duration::ZERO);
    while done < transitions {
        while ledger.blocks.len() < together {
            let asks: Vec<Ask> = (0..BLOCK).map(|_| life.ask()).collect();
            ledger.block(&asks);
        }
        let blocks = std::mem::take(&mut ledger.blocks);
        done += blocks.iter().map(|block| block.ordered.len()).sum::<usize>();
        let (wall_before, cpu_before) = (Instant::now(), thread_cpu());
        projector.apply(&blocks).unwrap();
        wall += wall_before.elapsed();
        cpu += thread_cpu() - cpu_before;
        if done - last_done >= transitions / 10 {
            let lately = micros(cpu - last_cpu, done - last_done);
            println!("{done}: {lately:.2} us of processor each lately");
            (last_done, last_cpu) = (done, cpu);
        }
    }
    println!("{done} transitions, {} crates", life.keepers.len());
    println!(
        "{:.2} us of processor each, {:.2} us by the clock",
        micros(cpu, done),
        micros(wall, done)
    );
    ask(&ledger, &projections, &mut life.dice, life.keepers.len());
}

fn ask(ledger: &Ledger, projections: &Projections, dice: &mut Dice, crates: usize) {
    let log_size = ledger.view().tip().header.log_size as usize;
    time("position_of", 2000, || {
        let id = ledger.view().place(dice.below(log_size) as u64).unwrap().id;
        projections.position_of(&id).unwrap().unwrap();
    });
    time("history", 2000, || {
        let id = name(dice.below(crates));
        projections.history("depot", "crate", &id, None, 50).unwrap().unwrap();
    });
    time("search by signer and register", 200, || {
        let query = SearchQuery {
            signer: Some(party(1 + dice.below(PEOPLE.into()) as u8)),
            register: Some("depot".into()),
            until: Some(dice.below(log_size) as u64),
            limit: 50,
            ..SearchQuery::default()
        };
        projections.search(&query).unwrap();
    });
    for (what, as_of_height) in [("now", None), ("as of the middle", Some(ledger.height() / 2))] {
        time(&format!("holdings {what}"), 200, || {
            let party = party(1 + dice.below(PEOPLE.into()) as u8);
            let (relation, register, after) = (None, None, None);
            let limit = 50;
            let query = HoldingsQuery { party, relation, register, as_of_height, after, limit };
            projections.holdings(&query).unwrap();
        });
    }
}

fn time(what: &str, times: usize, mut work: impl FnMut()) {
    let mut took: Vec<Duration> = (0..times)
        .map(|_| {
            let before = Instant::now();
            work();
            before.elapsed()
        })
        .collect();
    took.sort_unstable();
    println!("{what}: median {:?}, 99 % within {:?}", took[times / 2], took[times * 99 / 100]);
}

fn micros(took: Duration, count: usize) -> f64 {
    took.as_secs_f64() * 1e6 / count as f64
}

/// What this thread has had of the processors.
fn thread_cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split_whitespace().next().unwrap().parse().unwrap())
}
