//! The stage: each step is signed, written down, submitted, and its receipt kept, so that a demo that
//! was stopped goes on where it was.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chancery_client::{
    Action, Client, Error, Genesis, PartyId, Signer, Signing, Transition, files,
};
use chancery_ledger::transition::Outcome;

use crate::failure::Failure;
use crate::key_store::KeyStore;

/// The server, the demo's keys, and what was done so far.
pub(super) struct Stage<'a> {
    client: &'a Client,
    keys: KeyStore,
    folder: PathBuf,
    steps: PathBuf,
    genesis: Genesis,
    open: RefCell<BTreeMap<String, Signer>>,
    /// Steps of a ledger of work that were handed in and are not final.
    waiting: RefCell<Vec<(String, Signing)>>,
}

/// How long a step may take.
const WAIT_S: u64 = 30;
/// In proof of work blocks come when they come: so much longer than they should take may it be.
const PATIENCE: u64 = 5;

impl<'a> Stage<'a> {
    /// The stage in a prepared folder. Keeps the server's genesis there, as the anchor.
    pub(super) async fn open(
        client: &'a Client,
        keys: KeyStore,
        folder: &Path,
    ) -> Result<Self, Failure> {
        let genesis = client.genesis().await?;
        let anchor = folder.join("genesis.json");
        std::fs::write(&anchor, genesis.bytes()).map_err(|error| Failure::file(&anchor, error))?;
        // Another ledger is another demo, played with the same keys.
        let steps = folder.join("steps").join(&genesis.ledger().to_string()[..16]);
        std::fs::create_dir_all(&steps).map_err(|error| Failure::file(&steps, error))?;
        let (folder, open, waiting) = (folder.to_owned(), RefCell::default(), RefCell::default());
        Ok(Self { client, keys, folder, steps, genesis, open, waiting })
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The ledger's genesis.
    pub(super) fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// Someone's key, which is made when there is none.
    pub(super) fn signer(&self, name: &str) -> Result<Signer, Failure> {
        if let Some(signer) = self.open.borrow().get(name) {
            return Ok(signer.clone());
        }
        let signer = self.keys.open_or_create(name)?;
        self.open.borrow_mut().insert(name.to_owned(), signer.clone());
        Ok(signer)
    }

    /// Someone's ID code.
    pub(super) fn party(&self, name: &str) -> Result<PartyId, Failure> {
        Ok(self.signer(name)?.party())
    }

    /// Whether a step was done.
    pub(super) fn is_done(&self, step: &str) -> bool {
        self.receipt_file(step).exists()
    }

    /// The file with the receipt of a step.
    pub(super) fn receipt_file(&self, step: &str) -> PathBuf {
        self.steps.join(format!("{step}.receipt.json"))
    }

    /// Does a step, unless it was done.
    pub(super) async fn step(
        &self,
        step: &str,
        signers: &[&str],
        action: Action,
    ) -> Result<(), Failure> {
        if self.is_done(step) {
            return Ok(());
        }
        let signed = self.steps.join(format!("{step}.json"));
        if self.genesis.work().is_some() {
            return self.begin(step, &signed, signers, action).await;
        }
        if signed.exists() && self.was_submitted(step, &files::read_signing(&signed)?).await? {
            return Ok(());
        }
        let signing = self.sign(signers, action)?;
        // A stop after this: the next start asks the server what became of it.
        files::write_signing(&signed, &signing)?;
        let receipt = self.client.submit_and_wait(&signing, WAIT_S).await.inspect_err(|_| {
            crate::report::progress(format!("the step {step} failed"));
        })?;
        self.keep(step, &receipt)
    }

    fn sign(&self, signers: &[&str], action: Action) -> Result<Signing, Failure> {
        let mut signing = Transition::on(self.genesis.ledger()).act(action).prepare()?;
        for signer in signers {
            signing = self.signer(signer)?.sign(signing)?;
        }
        Ok(signing)
    }

    /// Hands a step in on a ledger of work. What builds on it may follow at once: nodes judge by what waits.
    async fn begin(
        &self,
        step: &str,
        signed: &Path,
        signers: &[&str],
        action: Action,
    ) -> Result<(), Failure> {
        let signing = match signed.exists() {
            true => files::read_signing(signed)?,
            false => self.sign(signers, action)?,
        };
        files::write_signing(signed, &signing)?;
        self.client.submit(&signing).await?;
        self.waiting.borrow_mut().push((step.to_owned(), signing));
        Ok(())
    }

    /// Waits until every step is final. What a node has lost while it waited is handed in again.
    pub(super) async fn settle(&self) -> Result<(), Failure> {
        let Some(rules) = self.genesis.work() else { return Ok(()) };
        let waiting = self.waiting.take();
        if waiting.is_empty() {
            return Ok(());
        }
        let should_take_s = rules.spacing_ms * u64::from(rules.final_depth) / 1000;
        let (steps, depth) = (waiting.len(), rules.final_depth);
        crate::report::progress(format!(
            "{steps} steps are handed in; they are final when {depth} blocks follow, in about {should_take_s} s"
        ));
        for (step, signing) in waiting {
            let wait_s = WAIT_S + PATIENCE * should_take_s;
            let receipt = self.client.submit_and_wait(&signing, wait_s).await?;
            self.keep(&step, &receipt)?;
        }
        Ok(())
    }

    async fn was_submitted(&self, step: &str, signing: &Signing) -> Result<bool, Failure> {
        match self.client.receipt(&signing.id()).await {
            Ok(receipt) => self.keep(step, &receipt).map(|()| true),
            Err(Error::Refused(problem)) if problem.status == 404 => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn keep(&self, step: &str, receipt: &chancery_client::Receipt) -> Result<(), Failure> {
        receipt.verify(&(&self.genesis).into()).map_err(Error::from)?;
        if let Some(Outcome::Rejected(code)) = receipt.outcome() {
            return Err(Failure::Rejected { code: code.name().to_owned(), id: step.to_owned() });
        }
        let file = self.receipt_file(step);
        let partial = file.with_extension("partial");
        files::write_evidence(&partial, receipt)?;
        std::fs::rename(&partial, &file).map_err(|error| Failure::file(&file, error))
    }
}

/// A text as a register wants it.
pub(super) fn text<T>(text: &str) -> Result<T, Failure>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error| Failure::usage(format!("{text:?}: {error}")))
}
