//! `chancery load`: measures a server of your own, beside what the machine can verify at all.

mod bare;
mod connection;
mod figures;
mod requests;
mod target;
mod workload;

use std::time::Duration;

use chancery_client::Client;
use clap::{Args, ValueEnum};

use crate::commands::wait_for;
use crate::failure::Failure;
use crate::report::{Report, progress};
use crate::session::Session;
use crate::words::duration;
use figures::{Claims, Figures};
use requests::{Pace, Requests};
use target::Target;
use workload::Workload;

/// Measure a server of your own under load.
#[derive(Debug, Args)]
pub(crate) struct Load {
    /// One transition a request, or many a request.
    #[arg(long, value_enum, default_value = "single")]
    mode: Mode,
    /// What is asked for: new cards with one signature each, or handoffs with two.
    #[arg(long, value_enum, default_value = "card")]
    workload: Kind,
    /// How many transitions are signed beforehand and sent.
    #[arg(long, default_value_t = 50_000)]
    transitions: usize,
    /// Connections that are kept open; 128, or 4 for batches, unless said otherwise.
    #[arg(long)]
    connections: Option<usize>,
    /// Stop sending after so many seconds, whatever is left.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Transitions in a batch.
    #[arg(long, default_value_t = 2_000)]
    batch_size: usize,
    /// Parties that are created first and sign by turns.
    #[arg(long, default_value_t = 1_000)]
    parties: usize,
    /// Threads that send.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// How long bare verification is measured, before and again after.
    #[arg(long, default_value = "2s", value_parser = duration, value_name = "DURATION")]
    bare: Duration,
    /// The key of an accredited carrier, for handoffs.
    #[arg(long, value_name = "NAME", default_value = "carrier")]
    carrier: String,
    /// The key of one of its couriers, for handoffs.
    #[arg(long, value_name = "NAME", default_value = "courier-1")]
    courier: String,
    /// Send so many requests a second, evenly, and measure from when each was due; without it, as many
    /// as are answered.
    #[arg(long)]
    rate: Option<u32>,
    /// Ask for the receipt of each transition, and measure until it is there.
    #[arg(long, conflicts_with = "batch_size")]
    receipts: bool,
    /// A further node of the same network, to which requests go as well; once for each.
    #[arg(long = "also", value_name = "URL")]
    also: Vec<String>,
    /// Fail when fewer transitions a second are final.
    #[arg(long, value_name = "RATE")]
    at_least_rate: Option<f64>,
    /// Fail when the signatures verified a second are less than this part of the bare rate.
    #[arg(long, value_name = "PART")]
    at_least_ratio: Option<f64>,
    /// Fail when half of the requests take longer.
    #[arg(long, value_name = "MS")]
    at_most_p50_ms: Option<f64>,
    /// Fail when more than one of a hundred requests takes longer.
    #[arg(long, value_name = "MS")]
    at_most_p99_ms: Option<f64>,
    /// The server is not on this machine, and it is yours.
    #[arg(long)]
    i_own_this_server: bool,
}

/// Why a network of work is not measured.
const OF_WORK: &str = "on a network of work transitions are final as its blocks come, after the spacing \
    times the final depth whatever the load: there is no rate of a node's own to measure";

/// How transitions are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// One a request.
    Single,
    /// Many a request.
    Batch,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// `identity set-card`, one signature.
    Card,
    /// `parcels handoff`, two signatures.
    Handoff,
}

impl Load {
    /// Does it.
    pub(crate) fn run(&self, session: &Session) -> Result<Report, Failure> {
        let urls = std::iter::once(session.url()).chain(self.also.iter().map(String::as_str));
        let targets = urls.map(|url| Target::parse(url, self.i_own_this_server));
        let targets = targets.collect::<Result<Vec<Target>, Failure>>()?;
        self.check()?;
        let client = Client::new(session.url())?;
        if wait_for(client.network())??.work.is_some() {
            return Err(Failure::Claim(OF_WORK.to_owned()));
        }
        progress(format!("signing {} transitions beforehand", self.transitions));
        let workload = wait_for(self.prepare(session, &client))??;
        let before = bare::rate(&workload, self.bare)?;
        let size_before = wait_for(log_size(&client))??;
        progress("sending");
        let until = Duration::from_secs(self.seconds);
        let requests = match self.mode {
            Mode::Single => Requests::single(&workload.transitions, self.receipts),
            Mode::Batch => Requests::batches(&workload.transitions, self.batch_size),
        };
        let pace = Pace { every: self.rate.map(|rate| Duration::from_secs(1) / rate), until };
        let tally = requests.send(&targets, self.connections(), self.threads, pace)?;
        // The connections of the preparation have been closed by now: ask with a new client.
        let size_after = wait_for(log_size(&Client::new(session.url())?))??;
        let after = bare::rate(&workload, self.bare)?;
        let figures = Figures {
            mode: format!("{:?}", self.mode).to_lowercase(),
            workload: format!("{:?}", self.workload).to_lowercase(),
            connections: self.connections(),
            batch_size: (self.mode == Mode::Batch).then_some(self.batch_size),
            signatures_each: workload.signatures_each,
            log_grew: size_after.saturating_sub(size_before),
            bare_before: before,
            bare_after: after,
            tally,
        };
        figures.report(&Claims {
            rate: self.at_least_rate,
            ratio: self.at_least_ratio,
            p50_ms: self.at_most_p50_ms,
            p99_ms: self.at_most_p99_ms,
        })
    }

    fn connections(&self) -> usize {
        self.connections.unwrap_or(match self.mode {
            Mode::Single => 128,
            Mode::Batch => 4,
        })
    }

    fn check(&self) -> Result<(), Failure> {
        let counts = [
            ("transitions", self.transitions, 10_000_000),
            ("connections", self.connections(), 10_000),
            ("batch-size", self.batch_size, 65_536),
            ("parties", self.parties, 1_000_000),
            ("threads", self.threads, 64),
            ("rate", self.rate.map_or(1, |rate| rate as usize), 1_000_000),
            ("also", self.also.len() + 1, 64),
        ];
        for (name, count, most) in counts {
            if count == 0 || count > most {
                return Err(Failure::usage(format!("--{name} is from 1 to {most}")));
            }
        }
        Ok(())
    }

    async fn prepare(&self, session: &Session, client: &Client) -> Result<Workload, Failure> {
        match self.workload {
            Kind::Card => workload::cards(client, self.transitions, self.parties).await,
            Kind::Handoff => {
                let carrier = session.keys().open(&self.carrier)?;
                let courier = session.keys().open(&self.courier)?;
                workload::handoffs(client, self.transitions, &carrier, &courier).await
            }
        }
    }
}

/// How many entries the log has, as its checkpoint says.
async fn log_size(client: &Client) -> Result<u64, Failure> {
    let note = client.checkpoint_text().await?;
    let size = note.lines().nth(1).and_then(|line| line.parse().ok());
    size.ok_or_else(|| Failure::Claim("the server's checkpoint states no size".to_owned()))
}
