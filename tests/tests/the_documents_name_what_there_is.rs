//! The commands in README.md and on the page about operations are ones that the binaries take, and the
//! figures that the page and the dashboard name are ones that a node or a witness gives.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use chancery_tests::node::binary;

/// What stands for a key on the pages; this one is of RFC 8037.
const A_KEY: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

fn document(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::read_to_string(root.join(path)).unwrap()
}

/// The words of the commands that a page shows, each beginning with the name of a binary of ours. Lines that
/// end with a backslash go on, and so do texts in quotation marks.
fn commands(page: &str) -> Vec<Vec<String>> {
    let mut lines = page.lines().map(str::trim);
    let mut all = Vec::new();
    while let Some(line) = lines.next() {
        if !line.starts_with("chancery ") && !line.starts_with("chanceryd ") {
            continue;
        }
        let mut command = line.to_owned();
        let words = loop {
            match (words(&command), command.strip_suffix('\\')) {
                (Some(words), None) => break words,
                (_, begun) => {
                    command = format!("{} {}", begun.unwrap_or(&command), lines.next().unwrap());
                }
            }
        };
        all.push(words);
    }
    all
}

/// Splits at spaces outside of quotation marks, up to a comment; `None` when a text does not end.
fn words(command: &str) -> Option<Vec<String>> {
    let (mut all, mut quote) = (vec![String::new()], None);
    for character in command.chars() {
        match (character, quote) {
            ('"' | '\'', None) => quote = Some(character),
            (_, Some(open)) if open == character => quote = None,
            (' ', None) => all.push(String::new()),
            ('#', None) if all.last().is_some_and(String::is_empty) => break,
            _ => all.last_mut()?.push(character),
        }
    }
    all.retain(|word| !word.is_empty());
    quote.is_none().then_some(all)
}

/// What a command is asked for its help with, it has read up to there: an option that it does not know is
/// an error before.
#[test]
fn every_command_that_the_pages_show_is_one_that_there_is() {
    let mut seen = 0;
    for page in ["README.md", "docs/operations.md"] {
        for mut command in commands(&document(page)) {
            let keys = |word: &&mut String| ["X1", "X2", "X3"].contains(&word.as_str());
            command.iter_mut().filter(keys).for_each(|word| *word = A_KEY.to_owned());
            command.iter_mut().for_each(|word| *word = word.replace("=KEY", &format!("={A_KEY}")));
            let (program, rest) = command.split_first().unwrap();
            let asked = Command::new(binary(program).unwrap()).args(rest).arg("--help").output();
            let asked = asked.unwrap();
            let error = String::from_utf8_lossy(&asked.stderr);
            assert!(asked.status.success(), "{page}: {command:?}: {error}");
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
}

#[test]
fn an_option_that_there_is_not_is_found() {
    let page = "    chancery network watch --slowly \\\n      http://127.0.0.1:8080  # as ever";
    let command = commands(page).remove(0);
    assert_eq!(command, ["chancery", "network", "watch", "--slowly", "http://127.0.0.1:8080"]);
    let asked =
        Command::new(binary("chancery").unwrap()).args(&command[1..]).arg("--help").output();
    assert!(!asked.unwrap().status.success());
}

/// Names of figures, without what Prometheus appends to those of a histogram.
fn figures(text: &str) -> BTreeSet<String> {
    let is_of_name = |character: char| character.is_ascii_lowercase() || character == '_';
    let names = text.match_indices("chancery_").map(|(at, _)| {
        let name: String = text[at..].chars().take_while(|it| is_of_name(*it)).collect();
        name.trim_end_matches("_bucket").to_owned()
    });
    names.collect()
}

#[test]
fn every_figure_on_the_dashboard_and_on_the_page_is_one_that_is_given() {
    let mut given = figures(&document("api/src/http/metrics.rs"));
    given.extend(figures(&document("clients/cli/src/commands/witness/metrics.rs")));
    let dashboard = document("docs/grafana/chancery.json");
    serde_json::from_str::<serde_json::Value>(&dashboard).unwrap();
    for (page, text) in [("dashboard", dashboard), ("page", document("docs/operations.md"))] {
        let named = figures(&text);
        assert!(named.len() >= 5, "{page}: {named:?}");
        let unknown: Vec<_> = named.difference(&given).collect();
        assert!(unknown.is_empty(), "{page}: {unknown:?}");
    }
}
