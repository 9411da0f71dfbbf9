//! `chancery network watch`: how nodes stand, in a table that is shown again and again.

mod table;

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use chancery_client::{Client, Error, NetworkInfo, now};
use clap::Args;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;
use crate::words::duration;

/// Show how nodes stand, again and again.
///
/// In a terminal the table is shown in place until Ctrl-C. Otherwise, and with --json, there is one
/// line for each look.
#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// The nodes' addresses; the one of --url when there are none.
    #[arg(value_name = "URL")]
    nodes: Vec<String>,
    /// How long to wait between two looks.
    #[arg(long, default_value = "1s", value_parser = duration, value_name = "DURATION")]
    every: Duration,
    /// Look so often and then stop; without it, until Ctrl-C.
    #[arg(long)]
    looks: Option<u64>,
}

/// How long a node may take to say how it stands.
const ANSWER_MAX: Duration = Duration::from_secs(2);
/// The most nodes at a time.
const NODES_MAX: usize = 256;

/// What a node said, or why it said nothing.
struct Look {
    url: String,
    found: Result<Standing, Error>,
}

struct Standing {
    network: NetworkInfo,
    ready: bool,
}

impl Watch {
    /// Does it.
    pub(super) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let urls = match self.nodes.is_empty() {
            true => vec![session.url().to_owned()],
            false => self.nodes.clone(),
        };
        if urls.len() > NODES_MAX {
            return Err(Failure::usage(format!("at most {NODES_MAX} nodes are watched")));
        }
        let client = |url: &String| Ok(session.client_of(url)?.with_timeout(ANSWER_MAX));
        let clients = urls.iter().map(client).collect::<Result<Vec<Client>, Failure>>()?;
        let in_place = !session.is_for_machines() && io::stdout().is_terminal();
        let mut looks = 0;
        while self.looks.is_none_or(|most| looks < most) {
            if looks > 0 {
                tokio::time::sleep(self.every).await;
            }
            let found = join_all(clients.iter().map(look)).await;
            looks += 1;
            let text = match (in_place, session.is_for_machines()) {
                // Home, the table, and nothing below it of what was there before.
                (true, _) => {
                    format!("\x1b[H{}\x1b[J", table::table(&found, now()).replace('\n', "\x1b[K\n"))
                }
                (false, true) => format!("{}\n", documents(&found)),
                (false, false) => format!("{}\n", table::line(&found, now())),
            };
            if looks == 1 && in_place {
                print("\x1b[2J")?;
            }
            print(&text)?;
        }
        Ok(Report::printed())
    }
}

/// A reader that has gone away ends the watching.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let printed = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    printed.map_err(|error| Failure::usage(format!("nobody watches any more: {error}")))
}

async fn look(client: &Client) -> Look {
    Look { url: client.url().to_owned(), found: standing(client).await }
}

async fn standing(client: &Client) -> Result<Standing, Error> {
    let network = client.network().await?;
    Ok(Standing { network, ready: client.is_ready().await? })
}

/// What all nodes said, for machines.
fn documents(looks: &[Look]) -> Value {
    let document = |look: &Look| match &look.found {
        Ok(standing) => {
            json!({"url": look.url, "ready": standing.ready, "network": standing.network})
        }
        Err(error) => json!({"url": look.url, "ready": false, "error": error.to_string()}),
    };
    json!({"at": now(), "nodes": looks.iter().map(document).collect::<Vec<_>>()})
}
