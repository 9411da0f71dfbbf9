//! `chancery timestamp stamp`: the newest checkpoint, checked, and then stamped by others.

use std::path::{Path, PathBuf};

use chancery_client::timestamp::{Authorities, Outside, Proof};
use chancery_client::{Anchor, Checkpoint, Client, MirrorError};
use clap::Args;
use serde_json::{Value, json};

use super::folder::{Folder, Kept, name};
use super::{Asking, Trusted, goes_on};
use crate::commands::evidence::trusted;
use crate::commands::log::verified;
use crate::failure::Failure;
use crate::report::{Report, progress};
use crate::session::Session;

/// Have the log's newest checkpoint stamped by others, once it is checked against the anchor (--anchor).
#[derive(Debug, Args)]
pub(crate) struct Stamp {
    /// The folder: SIZE.checkpoint, SIZE.AUTHORITY.tsr and SIZE.ots.
    folder: PathBuf,
    /// A time-stamping authority (RFC 3161 over HTTP); once for each.
    #[arg(long, value_name = "URL", value_parser = authority, required_unless_present = "calendar")]
    tsa: Vec<Authority>,
    /// A calendar of OpenTimestamps; once for each.
    #[arg(long, value_name = "URL")]
    calendar: Vec<String>,
    #[command(flatten)]
    trusted: Trusted,
    #[command(flatten)]
    asking: Asking,
}

/// An authority: its address, and what its files are called after.
#[derive(Clone, Debug)]
struct Authority {
    url: String,
    name: String,
}

/// Its host and its port, as far as the address names one: part of the names of its files.
fn authority(text: &str) -> Result<Authority, String> {
    let wrong = || format!("{text} is not an address such as https://tsa.example/tsr");
    let (_, rest) = text.split_once("://").ok_or_else(wrong)?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let is_plain = |it: char| it.is_ascii_alphanumeric() || ".-:".contains(it);
    match host.starts_with(|it: char| it.is_ascii_alphanumeric()) && host.chars().all(is_plain) {
        true => Ok(Authority { url: text.to_owned(), name: host.replace(':', "-") }),
        false => Err(wrong()),
    }
}

/// One checkpoint on its way around: who has stamped it, and who has not.
struct Round<'a> {
    folder: &'a Folder,
    kept: &'a Kept,
    outside: &'a Outside,
    done: Vec<Value>,
    text: String,
    failed: Vec<String>,
}

impl Stamp {
    /// Does it.
    pub(super) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        self.names_differ()?;
        let anchor = trusted(session)?;
        let authorities = self.trusted.read()?;
        let outside = Outside::new(self.asking.timeout)?;
        let client = session.client()?;
        let Some(every) = self.asking.every else {
            return self.look(client, &anchor, &outside, authorities.as_ref()).await;
        };
        loop {
            match self.look(client, &anchor, &outside, authorities.as_ref()).await {
                Ok(report) => progress(report.text()),
                Err(failure) => goes_on(failure)?,
            }
            tokio::time::sleep(every).await;
        }
    }

    fn names_differ(&self) -> Result<(), Failure> {
        let mut names: Vec<&str> = self.tsa.iter().map(|it| it.name.as_str()).collect();
        names.sort_unstable();
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(Failure::usage(format!(
                "two authorities are at {}, and their files would have one name",
                pair[0]
            ))),
            None => Ok(()),
        }
    }

    async fn look(
        &self,
        client: &Client,
        anchor: &Anchor,
        outside: &Outside,
        authorities: Option<&Authorities>,
    ) -> Result<Report, Failure> {
        let folder = Folder::of(&self.folder);
        let kept = newest(client, anchor, &folder).await?;
        let mut round = Round::of(&folder, &kept, outside);
        for authority in &self.tsa {
            round.by_authority(authority, authorities).await?;
        }
        if !self.calendar.is_empty() {
            round.by_calendars(&self.calendar).await?;
        }
        round.report()
    }
}

impl<'a> Round<'a> {
    fn of(folder: &'a Folder, kept: &'a Kept, outside: &'a Outside) -> Self {
        let (done, text, failed) = (Vec::new(), String::new(), Vec::new());
        Self { folder, kept, outside, done, text, failed }
    }

    /// Has one authority stamp it, unless it has.
    async fn by_authority(
        &mut self,
        authority: &Authority,
        trusted: Option<&Authorities>,
    ) -> Result<(), Failure> {
        let path = self.folder.path(self.kept.size, &format!("{}.tsr", authority.name));
        if path.exists() {
            self.is_done(&path, "was there");
            return Ok(());
        }
        match self.outside.token(&authority.url, &self.kept.imprint(), trusted).await {
            Ok((answer, token)) => {
                Folder::keep(&path, &answer)?;
                self.is_done(&path, &format!("existed by {}", token.existed_by()));
            }
            Err(error) => self.failed.push(error.to_string()),
        }
        Ok(())
    }

    /// Hands it to the calendars, unless that was done.
    async fn by_calendars(&mut self, calendars: &[String]) -> Result<(), Failure> {
        let (path, imprint) = (self.folder.path(self.kept.size, "ots"), self.kept.imprint());
        if path.exists() {
            self.is_done(&path, "was there");
            return Ok(());
        }
        let mut answers = Vec::new();
        for calendar in calendars {
            match self.outside.promise(calendar, &imprint).await {
                Ok(steps) => answers.push(steps),
                Err(error) => self.failed.push(error.to_string()),
            }
        }
        if answers.is_empty() {
            return Ok(());
        }
        let promised = format!("promised by {} of {} calendars", answers.len(), calendars.len());
        match Proof::new(imprint, answers) {
            Ok(proof) => {
                Folder::keep(&path, &proof.to_bytes())?;
                self.is_done(&path, &promised);
            }
            Err(error) => self.failed.push(format!("the calendars together: {error}")),
        }
        Ok(())
    }

    fn is_done(&mut self, path: &Path, what: &str) {
        let file = name(path);
        self.text += &format!("\n    {file}: {what}");
        self.done.push(json!({"file": file, "what": what}));
    }

    fn report(self) -> Result<Report, Failure> {
        let Self { folder, kept: Kept { size, .. }, done, text, failed, .. } = self;
        let file = name(&folder.path(*size, "checkpoint"));
        let text = format!("ok  {file}: the log of {size} entries{text}");
        let json = json!({"size": size, "checkpoint": file, "stamped": done, "failed": failed});
        Report::new(text, json).unless("not stamped by all", &failed)
    }
}

/// The newest checkpoint, checked and kept. That of a log that has not grown is the one that was kept.
async fn newest(client: &Client, anchor: &Anchor, folder: &Folder) -> Result<Kept, Failure> {
    let note = client.checkpoint_text().await?;
    let mut anchor = anchor.clone();
    let checkpoint = verified(client, &note, &mut anchor).await?;
    let size = checkpoint.size;
    let path = folder.path(size, "checkpoint");
    if !path.exists() {
        Folder::keep(&path, note.as_bytes())?;
    }
    let kept = folder.checkpoint(size)?;
    if Checkpoint::kept(&kept.note, &anchor)? == checkpoint {
        return Ok(kept);
    }
    Folder::keep(&folder.path(size, "fork"), note.as_bytes())?;
    Err(MirrorError::Fork { ours: size, theirs: size, kept: folder.to_string() }.into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn files_are_called_after_the_host_and_its_port() {
        for (url, name) in [
            ("https://tsa.example/tsr", "tsa.example"),
            ("http://TSA.example:3161", "tsa.example-3161"),
            ("http://127.0.0.1:80?a=b", "127.0.0.1-80"),
        ] {
            assert_eq!(authority(url).unwrap().name, name);
        }
        for url in
            ["", "tsa.example", "http://", "http:///x", "http://..", "http://a%2f", "http://u@a"]
        {
            assert!(authority(url).is_err(), "{url}");
        }
    }
}
