//! Following: from the pool that is known to the one that seals now, by the handovers that a server shows.

use std::sync::PoisonError;

use chancery_ledger::anchor::Anchor;
use chancery_ledger::evidence::{BadEvidence, Evidence, StatusProof};
use chancery_ledger::seal::BadSeal;
use serde::Deserialize;

use super::Client;
use super::http::Request;
use crate::error::Error;
use crate::log::{BadCheckpoint, Checkpoint};
use crate::verify::NotVerified;

/// What a server gives of its handovers at once.
#[derive(Deserialize)]
struct Page {
    items: Vec<StatusProof>,
}

impl Client {
    /// The handovers to pools that are in force after this height, the first ones first; none when the
    /// server knows of no more. Nothing is checked here: [`Anchor::follow`] does.
    pub async fn handovers(&self, after: u64) -> Result<Vec<StatusProof>, Error> {
        let request = Request::get("/v1/log/handovers").query("after", after);
        Ok(self.http.json::<Page>(&request).await?.items)
    }

    /// Leads an anchor as far as the server's handovers go, checking each.
    pub async fn lead(&self, anchor: &mut Anchor) -> Result<(), Error> {
        loop {
            let before = anchor.last_from();
            for handover in &self.handovers(before).await? {
                anchor.follow(handover)?;
            }
            if anchor.last_from() == before {
                return Ok(());
            }
        }
    }

    /// Checks what is sealed, and once more after following the handovers if a pool sealed it that is
    /// not known here.
    pub(super) async fn check<T, E: Into<Error> + IsBehind>(
        &self,
        check: impl Fn(&Anchor) -> Result<T, E>,
    ) -> Result<Option<T>, Error> {
        let Some(mut anchor) = self.anchor() else { return Ok(None) };
        match check(&anchor) {
            Err(error) if error.is_behind() => self.lead(&mut anchor).await?,
            other => return other.map(Some).map_err(Into::into),
        }
        let checked = check(&anchor).map(Some).map_err(Into::into);
        if let Some(ours) = &self.anchor {
            let mut ours = ours.lock().unwrap_or_else(PoisonError::into_inner);
            if ours.last_from() < anchor.last_from() {
                *ours = anchor;
            }
        }
        checked
    }

    pub(super) async fn holds(&self, evidence: &Evidence) -> Result<(), Error> {
        self.check(|anchor| evidence.verify(anchor)).await.map(|_| ())
    }

    /// The log's checkpoint, signed by a member of the pool that the anchor leads to.
    pub async fn checkpoint(&self, anchor: &mut Anchor) -> Result<Checkpoint, Error> {
        let text = self.checkpoint_text().await?;
        match Checkpoint::verify(&text, anchor) {
            Err(BadCheckpoint::Unsigned) => {
                self.lead(anchor).await?;
                Ok(Checkpoint::verify(&text, anchor)?)
            }
            other => Ok(other?),
        }
    }
}

/// Whether a check may have failed only because the anchor is behind.
pub(super) trait IsBehind {
    fn is_behind(&self) -> bool;
}

impl IsBehind for BadEvidence {
    fn is_behind(&self) -> bool {
        matches!(self, Self::Seal(BadSeal::OtherPool))
    }
}

impl IsBehind for NotVerified {
    fn is_behind(&self) -> bool {
        matches!(self, Self::Evidence(error) if error.is_behind())
    }
}
