//! What a look at nodes found, as a table and as one line.

use chancery_client::{NetworkInfo, Time};

use super::{Look, Standing};

const COLUMNS: [&str; 9] =
    ["node", "role", "height", "last block", "round", "peers", "finality", "waiting", "state"];

/// A row for each node, and under the table what they have in common.
pub(super) fn table(looks: &[Look], now: Time) -> String {
    let mut rows = vec![COLUMNS.map(str::to_owned)];
    rows.extend(looks.iter().map(|look| row(look, now)));
    let width = |column: usize| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..COLUMNS.len()).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let padded = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        text += padded.collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    text + "\n" + &summary(looks) + "\n"
}

/// All nodes on one line.
pub(super) fn line(looks: &[Look], now: Time) -> String {
    let node = |look: &Look| match &look.found {
        Ok(Standing { network, .. }) => {
            format!("{}:{}/{}", short(&look.url), network.height, age(network, now))
        }
        Err(_) => format!("{}:-", short(&look.url)),
    };
    let nodes: Vec<String> = looks.iter().map(node).collect();
    format!("{now}  {}  {}", nodes.join("  "), summary(looks))
}

fn row(look: &Look, now: Time) -> [String; 9] {
    let name = short(&look.url).to_owned();
    match &look.found {
        Err(_) => {
            let mut row = [(); 9].map(|()| "-".to_owned());
            row[0] = name;
            row[8] = "does not answer".to_owned();
            row
        }
        Ok(standing) => {
            let network = &standing.network;
            let finality = network.finality;
            [
                name,
                network.mode.clone(),
                height(network),
                age(network, now),
                network.round.to_string(),
                peers(network),
                match finality.submissions {
                    0 => "-".to_owned(),
                    _ => format!("{}/{} ms", finality.p50_ms, finality.p99_ms),
                },
                network.waiting.to_string(),
                state(standing),
            ]
        }
    }
}

fn height(network: &NetworkInfo) -> String {
    match &network.work {
        Some(_) => format!("{} (final {})", network.height, network.final_height),
        None => network.height.to_string(),
    }
}

fn peers(network: &NetworkInfo) -> String {
    match &network.pool {
        Some(pool) if network.mode != "solo" => {
            let connected = pool.validators.iter().filter(|member| member.connected).count();
            format!("{}, {connected}/{} voters", network.peers.len(), pool.validators.len())
        }
        _ => network.peers.len().to_string(),
    }
}

fn state(standing: &Standing) -> String {
    let Standing { network, ready } = standing;
    let behind = network.best_peer_height.unwrap_or_default().saturating_sub(network.height);
    match (&network.halted, network.wal_damaged, ready) {
        (Some(reason), ..) => format!("HALTED: {}", one_line(reason)),
        (None, true, _) => "VOTES NO MORE: its log of votes is damaged".to_owned(),
        (None, false, false) => "not ready".to_owned(),
        // One or two blocks are always on the way.
        (None, false, true) if behind > 2 => format!("{behind} blocks behind"),
        (None, false, true) => match &network.work {
            Some(work) => format!(
                "ready, mining {}, {} branches, {} reorganisations, deepest {}",
                one_line(&work.mining),
                work.branches,
                work.reorganisations,
                work.deepest_reorganisation
            ),
            None => "ready".to_owned(),
        },
    }
}

fn summary(looks: &[Look]) -> String {
    let all = || looks.iter().filter_map(|look| look.found.as_ref().ok());
    let ready = all().filter(|standing| standing.ready).count();
    let heights = || all().map(|standing| standing.network.height);
    let (least, most) = (heights().min().unwrap_or_default(), heights().max().unwrap_or_default());
    let finality = all().map(|standing| standing.network.finality);
    let slowest = finality.map(|finality| finality.p99_ms).max().unwrap_or_default();
    let waiting: u64 = all().map(|standing| standing.network.waiting).max().unwrap_or_default();
    format!(
        "{ready} of {} ready, heights {least}-{most}, p99 {slowest} ms, {waiting} waiting",
        looks.len()
    )
}

/// How long ago the last block was made, by its own time.
fn age(network: &NetworkInfo, now: Time) -> String {
    let ms = now.as_ms().saturating_sub(network.time.as_ms());
    match ms / 1000 {
        0..60 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        seconds @ 60..3600 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3600),
    }
}

fn short(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

/// The start of a reason, fit for a cell: what a server sends must not move the cursor.
fn one_line(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(80).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chancery_client::Error;
    use serde_json::json;

    use super::*;

    fn node(url: &str, change: impl Fn(&mut serde_json::Value)) -> Look {
        let mut info = json!({
            "mode": "pool", "height": 12, "time": "2026-01-31T09:30:00.000Z", "final_height": 12, "round": 1,
            "pool": {"validators": [], "quorum": 3, "connected_power": 4}, "peers": [], "waiting": 5,
            "finality": {"submissions": 10, "p50_ms": 40, "p99_ms": 90}
        });
        change(&mut info);
        let network = serde_json::from_value(info).unwrap();
        Look { url: url.to_owned(), found: Ok(Standing { network, ready: true }) }
    }

    #[test]
    fn a_look_is_a_table_and_a_line() {
        let now: Time = "2026-01-31T09:30:01.500Z".parse().unwrap();
        let looks = [
            node("http://a:1", |_| {}),
            node("http://b:2", |info| info["halted"] = "no quorum\u{1b}[2J".into()),
            node("http://c:3", |info| info["best_peer_height"] = 20.into()),
            Look { url: "http://d:4".into(), found: Err(Error::NoRandomness) },
        ];
        let table = table(&looks, now);
        let rows: Vec<&str> = table.lines().collect();
        let words: Vec<&str> = rows[1].split_whitespace().collect();
        let expected = "a:1 pool 12 1.5 s 1 0, 0/0 voters 40/90 ms 5 ready";
        assert_eq!(words.join(" "), expected);
        assert!(rows[2].ends_with("HALTED: no quorum[2J"), "{table}");
        assert!(rows[3].ends_with("8 blocks behind"), "{table}");
        assert!(rows[4].ends_with("does not answer"), "{table}");
        let line = line(&looks, now);
        assert!(!line.contains('\n') && line.contains("a:1:12/1.5 s") && line.contains("d:4:-"));
        assert!(line.ends_with("3 of 4 ready, heights 12-12, p99 90 ms, 5 waiting"), "{line}");
    }
}
