//! Batches: diplomas with kind, day and programme in common under one signature, sent some at a
//! time, and taken apart where one of them is refused.

use std::time::Duration;

use chancery_client::{
    Action, Client, Hash, PartyId, Receipt, Signer, Signing, Transition, Verdict,
};
use chancery_ledger::transition::Outcome;
use chancery_registries::diplomas::{self, Award, Credential, IssueCredentials, MAX_AWARDS};
use chancery_registries::text::LocalId;
use indicatif::ProgressBar;

use super::facts::Facts;
use super::folder::Folder;
use super::issuing::{Diploma, column_of};
use super::sheet::Mistake;
use crate::failure::{Failure, code_of};
use crate::session::Session;
use crate::words::distinct;

/// The most bytes of a batch's awards in JSON: in base64url, with header, signature and what they
/// have in common, below the 61,440 bytes of a transition.
const MOST_JSON_BYTES: usize = 44_000;
/// Batches in one request: with their answers all that is held in memory beside the table.
const BATCHES_A_REQUEST: usize = 8;
/// How often a batch is sent that the server has not judged.
const ATTEMPTS: u32 = 6;
/// How often what is left of a batch is tried: halves of halves, and some more.
const MOST_ATTEMPTS: u32 = 16;
/// How long to wait for the block of a batch that was sent before.
const WAIT_S: u64 = 30;

/// Diplomas that are issued by one action.
pub(super) type Batch = Vec<Diploma>;

/// What came of it.
#[derive(Default)]
pub(super) struct Sent {
    pub(super) issued: usize,
    pub(super) transitions: Vec<Hash>,
    pub(super) mistakes: Vec<Mistake>,
}

/// Divides diplomas, which are in the order of what a batch has in common. The same diplomas make
/// the same batches.
pub(super) fn in_batches(diplomas: Vec<Diploma>) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    let mut bytes = 0;
    for diploma in diplomas {
        let size = json_bytes(&diploma);
        let fits = |batch: &Batch| {
            let first = &batch[0].row;
            let row = &diploma.row;
            (first.kind, first.awarded, &first.programme) == (row.kind, row.awarded, &row.programme)
                && batch.len() < MAX_AWARDS
                && bytes + size <= MOST_JSON_BYTES
        };
        match batches.last_mut().filter(|batch| fits(batch)) {
            Some(batch) => {
                batch.push(diploma);
                bytes += size;
            }
            None => {
                batches.push(vec![diploma]);
                bytes = size;
            }
        }
    }
    batches
}

/// About how long an award is in JSON, never less than it is.
fn json_bytes(diploma: &Diploma) -> usize {
    let award = diploma.row.award.as_ref().map_or(0, |award| award.as_str().len() + 12);
    diploma.row.serial.as_str().len() + award + 150
}

/// A batch that did not take effect.
struct Refused {
    batch: Batch,
    why: Verdict,
    attempt: u32,
}

/// Sends batches for an institution.
pub(super) struct Sender<'a, 'b> {
    client: &'a Client,
    facts: &'a mut Facts<'b>,
    folder: &'a mut Folder,
    signer: &'a Signer,
    order: Option<LocalId>,
    sent: Sent,
}

impl<'a, 'b> Sender<'a, 'b> {
    pub(super) fn new(
        session: &'a Session,
        facts: &'a mut Facts<'b>,
        folder: &'a mut Folder,
        signer: &'a Signer,
        order: Option<LocalId>,
    ) -> Result<Self, Failure> {
        let client = session.client()?;
        Ok(Self { client, facts, folder, signer, order, sent: Sent::default() })
    }

    /// Sends all of them. What is refused is taken apart until the rows are found that are why.
    pub(super) async fn send(
        mut self,
        batches: Vec<Batch>,
        progress: &ProgressBar,
    ) -> Result<Sent, Failure> {
        let mut batches = batches.into_iter();
        loop {
            let some: Vec<Batch> = batches.by_ref().take(BATCHES_A_REQUEST).collect();
            if some.is_empty() {
                return Ok(self.sent);
            }
            let mut refused = self.send_some(some, 0, progress).await?;
            while let Some(Refused { batch, why, attempt }) = refused.pop() {
                for part in self.take_apart(batch, &why, attempt, progress).await? {
                    refused.extend(self.send_some(vec![part], attempt + 1, progress).await?);
                }
            }
        }
    }

    /// Sends some in one request; gives those that did not take effect, with the reason.
    async fn send_some(
        &mut self,
        batches: Vec<Batch>,
        attempt: u32,
        progress: &ProgressBar,
    ) -> Result<Vec<Refused>, Failure> {
        let institution = self.signer.party();
        let files = batches.iter().flatten().map(|diploma| diploma.file(&institution));
        // On the disk before the first of them is sent.
        self.folder.keep(&files.collect::<Vec<_>>())?;
        let mut signings = Vec::with_capacity(batches.len());
        for batch in &batches {
            signings.push(self.sign(batch, attempt).await?);
        }
        let verdicts = self.verdicts(&signings).await?;
        let mut refused = Vec::new();
        for ((batch, signing), why) in batches.into_iter().zip(signings).zip(verdicts) {
            if self.took_effect(&signing, &why).await? {
                progress.inc(batch.len() as u64);
                self.sent.issued += batch.len();
                self.sent.transitions.push(signing.id());
            } else {
                refused.push(Refused { batch, why, attempt });
            }
        }
        Ok(refused)
    }

    /// The transition of a batch. The same batch makes the same one, so that it is taken in once
    /// however often it is sent.
    async fn sign(&self, batch: &Batch, attempt: u32) -> Result<Signing, Failure> {
        let action = issue(&self.signer.party(), batch, self.order.as_ref())?;
        let bytes = serde_json::to_vec(&action).unwrap_or_default();
        let id = Hash::of(&[b"chancery diplomas 1\0", &attempt.to_be_bytes(), &bytes]).to_string();
        let transition = Transition::on(self.client.ledger_id().await?)
            .act(action)
            .with_id(format!("diplomas-{}", &id[..32]))
            .not_after(self.folder.not_after());
        Ok(transition.sign(self.signer)?)
    }

    /// A verdict for each. What the server has not judged is sent again.
    async fn verdicts(&self, signings: &[Signing]) -> Result<Vec<Verdict>, Failure> {
        let mut pause = Duration::from_millis(200);
        for _ in 1..ATTEMPTS {
            let verdicts = self.client.batch(signings).await?;
            if verdicts.iter().all(|verdict| verdict.status != "unavailable") {
                return Ok(verdicts);
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        Ok(self.client.batch(signings).await?)
    }

    /// Whether a batch took effect, now or when it was sent before.
    async fn took_effect(&self, signing: &Signing, verdict: &Verdict) -> Result<bool, Failure> {
        match verdict.status.as_str() {
            "applied" => Ok(true),
            "duplicate" => {
                let receipt: Receipt = self.client.submit_and_wait(signing, WAIT_S).await?;
                Ok(receipt.outcome() == Some(Outcome::Applied))
            }
            "unavailable" => {
                let how = "the server is not ready: run the same command again, and it goes on";
                Err(Failure::Claim(how.to_owned()))
            }
            _ => Ok(false),
        }
    }

    /// What is left of a refused batch: without those that are on the ledger already, or in two
    /// halves if it is all of it; nothing of a single one, which is the mistake.
    async fn take_apart(
        &mut self,
        mut batch: Batch,
        why: &Verdict,
        attempt: u32,
        progress: &ProgressBar,
    ) -> Result<Vec<Batch>, Failure> {
        let before = batch.len();
        self.drop_those_issued(&mut batch).await?;
        let found = before - batch.len();
        self.sent.issued += found;
        progress.inc(found as u64);
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        // An earlier run's transition that was refused then says nothing about now.
        if (found > 0 || why.status == "duplicate") && attempt < MOST_ATTEMPTS {
            return Ok(vec![batch]);
        }
        if batch.len() == 1 || attempt >= MOST_ATTEMPTS {
            self.sent.mistakes.extend(batch.iter().map(|diploma| refusal(diploma, why)));
            return Ok(Vec::new());
        }
        let second = batch.split_off(batch.len() / 2);
        Ok(vec![batch, second])
    }

    async fn drop_those_issued(&mut self, batch: &mut Batch) -> Result<(), Failure> {
        let institution = self.signer.party();
        let id = |diploma: &Diploma| diploma.id(&institution).to_string();
        let ids: Vec<String> = batch.iter().map(id).collect();
        self.facts.forget::<Credential>(ids.clone());
        self.facts.fetch::<Credential>(ids, || ()).await?;
        batch.retain(|diploma| {
            let there = self.facts.get::<Credential>(&id(diploma));
            there.is_none_or(|there| there.record != diploma.record.commitment())
        });
        Ok(())
    }
}

/// The action that issues a batch.
fn issue(institution: &PartyId, batch: &Batch, order: Option<&LocalId>) -> Result<Action, Failure> {
    let first = &batch[0].row;
    let award = |diploma: &Diploma| Award {
        serial: diploma.row.serial.clone(),
        holder: diploma.row.holder,
        record: diploma.record.commitment(),
        award: diploma.row.award.clone(),
    };
    Ok(Action::Diplomas(diplomas::Action::IssueBatch(IssueCredentials {
        institution: *institution,
        kind: first.kind,
        programme: first.programme.clone(),
        awarded: first.awarded,
        order: order.cloned(),
        awards: distinct(batch.iter().map(award).collect())?,
    })))
}

/// What the server says against one row.
fn refusal(diploma: &Diploma, why: &Verdict) -> Mistake {
    let code = why.code.as_deref().unwrap_or(&why.status);
    let detail = why.detail.as_deref().unwrap_or("it was ordered and changed nothing");
    let remedy = code_of(code).map_or("see the code", |code| code.remedy);
    let wrong = format!("{detail} [{code}]");
    Mistake::new(diploma.row.row, column_of(code), wrong, remedy)
}
