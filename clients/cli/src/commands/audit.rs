//! `chancery audit`: a ledger replayed from its genesis, from a folder or from a server.

mod findings;
mod sheet;
mod signed;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use chancery_client::{Anchor, Checkpoint, Client, Error, Genesis, Mirror, MirrorChecked, now};
use chancery_ledger::audit::{AuditReport, Auditor, Finding, audit, scratch_in_memory};
use chancery_ledger::disk::{Disk, Folder};
use chancery_ledger::error::Error as World;
use chancery_registries::Registers;
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};
use tokio::sync::mpsc;

use crate::failure::Failure;
use crate::print::{Fonts, Typefaces};
use crate::report::{Report, progress};
use crate::session::Session;
use findings::{Findings, Made, Took};
use signed::SignedFindings;

pub(crate) use signed::SignedReport;

/// Replay a data folder or a server from its genesis and check everything.
#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// The folder of a ledger whose node is stopped, the address of a server, or the folder of a mirror.
    target: String,
    /// Build what is compared in this empty folder, where memory would not do.
    #[arg(long, value_name = "FOLDER")]
    scratch: Option<PathBuf>,
    /// Threads that verify signatures; as many as there are processors unless said otherwise.
    #[arg(long)]
    threads: Option<usize>,
    /// Be content where a server withholds private entries: what could not be checked is named.
    #[arg(long)]
    partial: bool,
    /// Write what was audited and what was found to this file, signed; also when something does not hold. As
    /// sheets of A4 that carry the signed report when its name ends in .pdf; given twice, as both.
    #[arg(long = "report", value_name = "FILE", requires = "sign_as")]
    reports: Vec<PathBuf>,
    /// The key that signs the report.
    #[arg(long, value_name = "NAME", requires = "reports")]
    sign_as: Option<String>,
    #[command(flatten)]
    fonts: Fonts,
}

const NOT_IN_A_MIRROR: &str =
    "the blocks, their seals, and what the transitions brought about: audit the server for that";

/// Blocks that are fetched ahead.
const AHEAD: usize = 64;

impl Audit {
    /// Does it. Stops at the first thing that does not fit.
    pub(crate) fn run(&self, session: &Session) -> Result<Report, Failure> {
        if is_mirror(Path::new(&self.target)) {
            return self.mirror(session, Path::new(&self.target));
        }
        // What a report needs and is not there is told of before the work.
        let signer = self.sign_as.as_deref().map(|name| session.keys().open(name)).transpose()?;
        let typefaces = self.fonts.load()?;
        if self.reports.iter().any(|file| is_pdf(file)) {
            sheet::has_signs_for(&self.target, &typefaces)?;
        }
        let (began, started) = (now(), Instant::now());
        let mut seen = AuditReport::default();
        let audited = self.audit(session, &mut seen);
        let took = Took { began, ended: now(), took_ms: started.elapsed().as_millis() as u64 };
        if let Some(signer) = signer
            && let Some(findings) = self.findings(session, took, &audited, seen)
        {
            self.write(&findings.signed(&signer), &typefaces)?;
        }
        let report = audited?;
        let seconds = started.elapsed().as_secs_f64();
        let mut text = format!(
            "{}: ledger {}\n{} blocks, {} transitions, {} signatures verified in {seconds:.1} s\n\
             tip        {}\nlog root   {}\nstate root {}\n{} bytes of files compared",
            if report.unseen.is_none() { "CLEAN" } else { "NOT EVERYTHING COULD BE CHECKED" },
            report.ledger,
            report.blocks,
            report.transitions,
            report.signatures,
            report.tip,
            report.log_root,
            report.state_root,
            report.compared_bytes,
        );
        for note in &report.notes {
            text += &format!("\nnote: {note}");
        }
        let mut json = serde_json::to_value(&report).unwrap_or_default();
        json["clean"] = report.unseen.is_none().into();
        let Some(unseen) = &report.unseen else { return Ok(Report::new(text, json)) };
        text += &format!(
            "\n{} entries are withheld, the first in block {}; nothing that is shown is amiss\nnot checked:",
            unseen.withheld, unseen.from_height
        );
        for check in &unseen.not_checked {
            text += &format!("\n  --  {check}");
        }
        self.enough(Report::new(text, json))
    }

    /// Audits; `seen` has how far it went.
    fn audit(&self, session: &Session, seen: &mut AuditReport) -> Result<AuditReport, Failure> {
        if self.is_of_server() {
            return self.server(session, seen);
        }
        let anchor = session.anchor();
        self.folder(Path::new(&self.target), anchor.as_ref().map(Anchor::genesis), seen)
    }

    fn is_of_server(&self) -> bool {
        self.target.contains("://")
    }

    /// Writes the signed report to each file that was named for it.
    fn write(&self, signed: &SignedFindings, typefaces: &Typefaces) -> Result<(), Failure> {
        for file in &self.reports {
            let bytes = match is_pdf(file) {
                true => sheet::set(signed, typefaces)?,
                false => signed.to_json(),
            };
            std::fs::write(file, bytes).map_err(|error| Failure::file(file, error))?;
        }
        Ok(())
    }

    /// What there is to report: what was gone through, or the first thing that does not hold. That a server
    /// does not answer is no finding.
    fn findings(
        &self,
        session: &Session,
        took: Took,
        audited: &Result<AuditReport, Failure>,
        seen: AuditReport,
    ) -> Option<Findings> {
        let (finding, figures) = match audited {
            Ok(report) => (None, report.clone()),
            Err(Failure::Audit(finding)) if findings::is_one(finding) => (Some(finding), seen),
            Err(_) => return None,
        };
        let own_anchor = session.anchor().is_some();
        let (target, of_server) = (self.target.clone(), self.is_of_server());
        let made = Made { target, of_server, own_anchor, threads: self.threads() };
        Some(Findings::new(made, took, finding, &figures))
    }

    /// An audit that could not check everything is one only for those who say that it will do.
    fn enough(&self, figures: Report) -> Result<Report, Failure> {
        if self.partial {
            return Ok(figures);
        }
        let what = "entries are withheld: read as one who may see them (--read-as), or take what can be \
                    checked without them (--partial)";
        Err(Failure::Missed { what: what.to_owned(), figures: Box::new(figures) })
    }

    fn folder(
        &self,
        path: &Path,
        anchor: Option<&Genesis>,
        seen: &mut AuditReport,
    ) -> Result<AuditReport, Failure> {
        if !path.is_dir() {
            let what = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(Failure::file(path, what));
        }
        let disk = open_folder(path)?;
        let (registers, scratch) = (Arc::new(Registers), self.scratch()?);
        let mut say = say(None);
        let mut say = |report: &AuditReport| {
            seen.clone_from(report);
            say(report);
        };
        Ok(audit(disk, anchor, registers, scratch, self.threads(), &mut say)?)
    }

    /// A mirror has the log and no blocks: all of that is checked, and what is not is said.
    fn mirror(&self, session: &Session, path: &Path) -> Result<Report, Failure> {
        if !self.reports.is_empty() {
            return Err(Failure::usage(
                "--report is for audits of a ledger: a mirror has none of its blocks",
            ));
        }
        let anchor = match session.anchor() {
            Some(anchor) => anchor,
            None => Mirror::genesis_in(path)?.map(Anchor::from).ok_or_else(|| {
                Failure::usage("name the genesis that you trust: --anchor GENESIS")
            })?,
        };
        let checked = Mirror::open(path, anchor.genesis().clone())?.check(&anchor)?;
        let MirrorChecked { checkpoint, files, transitions, withheld } = checked;
        let text = format!(
            "THE MIRROR HOLDS: ledger {}\n{files} files, {transitions} transitions with their signatures, \
             {withheld} entries withheld\nlog size   {}\nlog root   {}\nnot checked:\n  --  {NOT_IN_A_MIRROR}",
            checkpoint.ledger, checkpoint.size, checkpoint.root
        );
        let mut json = serde_json::to_value(checked).unwrap_or_default();
        json["not_checked"] = serde_json::json!([NOT_IN_A_MIRROR]);
        Ok(Report::new(text, json))
    }

    fn server(&self, session: &Session, seen: &mut AuditReport) -> Result<AuditReport, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| Failure::usage(format!("the runtime does not start: {error}")))?;
        let client = session.client_of(&self.target)?;
        let genesis = runtime.block_on(client.genesis())?;
        let mut anchor = client.anchor().unwrap_or_else(|| genesis.into());
        // Behind an entry that is withheld, the handovers alone say who seals.
        runtime.block_on(client.lead(&mut anchor))?;
        let promised = runtime.block_on(self.promised(&client, &mut anchor))?;
        let (sender, receiver) = mpsc::channel(AHEAD);
        runtime.spawn(fetch(client, sender));
        let mut auditor = Auditor::new(&anchor, Arc::new(Registers), self.scratch()?)?;
        let mut kept = promised.size == 0;
        let mut say = say(Some(promised.size));
        auditor.check_all(Fetched(receiver), self.threads(), &mut |report| {
            seen.clone_from(report);
            kept |= report.transitions == promised.size && report.log_root == promised.root;
            say(report);
        })?;
        if !kept {
            return Err(broken_promise(&promised));
        }
        Ok(auditor.report().clone())
    }

    /// The log that the blocks must lead to: as a member of the pool has signed it, or, in proof of work, as
    /// the server says.
    async fn promised(&self, client: &Client, anchor: &mut Anchor) -> Result<Checkpoint, Error> {
        if anchor.genesis().work().is_none() {
            return client.checkpoint(anchor).await;
        }
        Ok(Checkpoint::stated(&client.checkpoint_text().await?, anchor)?)
    }

    fn scratch(&self) -> Result<Arc<dyn Disk>, Failure> {
        match &self.scratch {
            None => Ok(scratch_in_memory()),
            Some(path) if path.read_dir().is_ok_and(|mut entries| entries.next().is_some()) => {
                Err(Failure::usage(format!("{}: the folder is not empty", path.display())))
            }
            Some(path) => open_folder(path),
        }
    }

    fn threads(&self) -> usize {
        let processors = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.unwrap_or_else(processors).max(1)
    }
}

/// Whether a folder has a log's tiles, and not the blocks of a ledger.
fn is_mirror(path: &Path) -> bool {
    path.join("checkpoint").is_file() && path.join("tile").is_dir() && !path.join("blocks").exists()
}

fn is_pdf(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "pdf")
}

fn open_folder(path: &Path) -> Result<Arc<dyn Disk>, Failure> {
    let folder = Folder::open(path).map_err(|error| Failure::file(path, error))?;
    Ok(Arc::new(folder))
}

fn broken_promise(promised: &Checkpoint) -> Failure {
    let Checkpoint { size, root, .. } = promised;
    let what = format!(
        "the server signed a log of {size} entries with root {root}, and its blocks do not lead there"
    );
    Failure::Audit(Finding::Genesis(what))
}

/// Shows how far an audit is: by a bar on a terminal, elsewhere in a line now and then.
fn say(transitions: Option<u64>) -> impl FnMut(&AuditReport) {
    let template = match transitions {
        Some(_) => "{pos}/{len} transitions {wide_bar} {per_sec} {eta}",
        None => "{pos} transitions {spinner} {per_sec} {elapsed}",
    };
    let bar = ProgressBar::with_draw_target(transitions, ProgressDrawTarget::stderr())
        .with_finish(ProgressFinish::AndClear);
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    let mut last = Instant::now();
    move |report| {
        bar.set_position(report.transitions);
        if bar.is_hidden() && last.elapsed().as_secs() >= 5 {
            last = Instant::now();
            progress(format!("{} blocks, {} transitions", report.blocks, report.transitions));
        }
    }
}

/// Blocks as they come from a server.
struct Fetched(mpsc::Receiver<Result<Vec<u8>, Finding>>);

impl Iterator for Fetched {
    type Item = Result<Vec<u8>, Finding>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.blocking_recv()
    }
}

/// Fetches one block after the other until there are no more.
async fn fetch(client: Client, sender: mpsc::Sender<Result<Vec<u8>, Finding>>) {
    for height in 0.. {
        let block = match client.block_as_shown(height).await {
            Ok(bytes) => Ok(bytes),
            Err(Error::Refused(problem)) if problem.status == 404 => return,
            // That a server is gone says nothing of its ledger.
            Err(error @ Error::Unreachable { .. }) => {
                let (file, source) = (format!("block {height}"), std::io::Error::other(error));
                Err(Finding::World(World::Io { file, source }))
            }
            Err(error) => Err(Finding::Block { height, what: error.to_string() }),
        };
        let failed = block.is_err();
        if sender.send(block).await.is_err() || failed {
            return;
        }
    }
}
