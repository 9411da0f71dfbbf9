//! The real node as a process of its own, on a free port, which can be stopped, killed and started. Its tables are in
//! its folder, or on the server of PostgreSQL that is [named](crate::postgres).

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use chancery_client::{Client, Genesis, PublicKey};

use crate::postgres;

/// A running node. It is killed when this is dropped.
pub struct Node {
    child: Child,
    // Kept open: the node must never write to a closed pipe.
    _stdout: BufReader<ChildStdout>,
    url: String,
    data: PathBuf,
    started_in: Duration,
}

/// Why a node is not there.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The binary was not built.
    #[error("{0} is not there: build it first, `cargo build --workspace --bins`")]
    NotBuilt(String),
    /// The process could not be started or watched.
    #[error("chanceryd: {0}")]
    Process(#[from] io::Error),
    /// It ended without listening.
    #[error("chanceryd ended before it listened:\n{0}")]
    Ended(String),
    /// It listened and is not as it should be.
    #[error("chanceryd: {0}")]
    Client(#[from] chancery_client::Error),
}

/// Founds a ledger in an empty folder, with one key of the root authority.
pub fn found(folder: &Path, root_key: &PublicKey) -> Result<(), NodeError> {
    let data = folder.join("data");
    let init = Command::new(binary("chanceryd")?)
        .args(["init", "--name", "Tests", &format!("--root-key={root_key}")])
        .arg("--data")
        .arg(&data)
        .output()?;
    match init.status.success() {
        true => Ok(()),
        false => Err(NodeError::Ended(String::from_utf8_lossy(&init.stderr).into_owned())),
    }
}

impl Node {
    /// Starts the node of the ledger in `folder/data`, and waits until it listens.
    pub fn start(folder: &Path) -> Result<Self, NodeError> {
        Self::start_with(folder, &[])
    }

    /// The same with further arguments.
    pub fn start_with(folder: &Path, arguments: &[&str]) -> Result<Self, NodeError> {
        Self::start_at(&folder.join("data"), &folder.join("log"), arguments)
    }

    /// Starts the node of the ledger in a folder, with its log in a file, and waits until it listens.
    pub fn start_at(data: &Path, log: &Path, arguments: &[&str]) -> Result<Self, NodeError> {
        Self::start_behind(&[], data, log, arguments)
    }

    /// The same behind a command that becomes the node's process, as `ip netns exec NAME` does.
    pub fn start_behind(
        before: &[String],
        data: &Path,
        log: &Path,
        arguments: &[&str],
    ) -> Result<Self, NodeError> {
        let mut command = match before {
            [] => Command::new(binary("chanceryd")?),
            [first, rest @ ..] => {
                let mut command = Command::new(first);
                command.args(rest).arg(binary("chanceryd")?);
                command
            }
        };
        let appended = File::options().create(true).append(true).open(log)?;
        let began = Instant::now();
        let mut child = command
            .args(["serve", "--port", "0", "--data"])
            .arg(data)
            .args(arguments)
            .env_remove("DATABASE_URL")
            .envs(postgres::url_of(data).map(|url| ("DATABASE_URL", url)))
            .env("RUST_LOG", std::env::var("RUST_LOG").unwrap_or_else(|_| "warn".to_owned()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(appended)
            .spawn()?;
        let stdout =
            child.stdout.take().ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        let url = loop {
            line.clear();
            if stdout.read_line(&mut line)? == 0 {
                child.wait()?;
                return Err(NodeError::Ended(last_of(log)));
            }
            if let Some(url) = line.trim().strip_prefix("listening on ") {
                break url.to_owned();
            }
        };
        let (data, started_in) = (data.to_owned(), began.elapsed());
        Ok(Self { child, _stdout: stdout, url, data, started_in })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How long it took from the start of the process until it listened.
    pub fn started_in(&self) -> Duration {
        self.started_in
    }

    /// The folder of its ledger.
    pub fn data(&self) -> PathBuf {
        self.data.clone()
    }

    /// The genesis, from the folder and not from the server.
    pub fn genesis(&self) -> Result<Genesis, NodeError> {
        let bytes = fs::read(self.data().join("genesis.json"))?;
        Genesis::parse(&bytes).map_err(|error| NodeError::Ended(error.to_string()))
    }

    /// A client that believes nothing but the genesis.
    pub fn client(&self) -> Result<Client, NodeError> {
        Ok(Client::new(&self.url)?.trusting(self.genesis()?))
    }

    /// Ends it as a power cut would end the process: `kill -9`.
    pub fn kill(mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(|_| ())
    }

    /// Its process, for those who end it while it is in use elsewhere.
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Tells it to stop and waits until it has.
    pub fn stop(mut self) -> io::Result<ExitStatus> {
        signal(self.child.id(), "TERM")?;
        self.child.wait()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Already ended: so much the better.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process of ours.
pub fn signal(process_id: u32, name: &str) -> io::Result<()> {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(process_id.to_string()).status()?;
    if sent.success() { Ok(()) } else { Err(io::ErrorKind::NotFound.into()) }
}

/// A binary of this workspace: what CHANCERYD or CHANCERY names, else the one that was built beside
/// the running test.
pub fn binary(name: &str) -> Result<PathBuf, NodeError> {
    if let Some(path) = std::env::var_os(name.to_uppercase()) {
        return Ok(path.into());
    }
    let test = std::env::current_exe()?;
    // Tests run in `deps` below the folder of the binaries.
    let folders = test.ancestors().skip(1).take(2);
    let found = folders.map(|folder| folder.join(name)).find(|path| path.is_file());
    found.ok_or_else(|| NodeError::NotBuilt(name.to_owned()))
}

fn last_of(log: &Path) -> String {
    let mut text = String::new();
    // What cannot be read is no more than a missing explanation.
    let _ = File::open(log).and_then(|mut file| file.read_to_string(&mut text));
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
