//! Transitions on their way in: those of clients and of other members, and a member's own accusations.

use std::sync::Arc;

use bytes::Bytes;
use chancery_api::pool::context::PoolContext;
use chancery_api::pool::evidence::{accusations, transition};
use chancery_ledger::consensus::pool::Submitted;
use chancery_ledger::hash::Hash;
use chancery_registries::validators::Equivocation;
use malachitebft_app::consensus::MisbehaviorEvidence;

use super::{Body, Output, Stop, Taken};
use crate::simulation::message::Message;

impl Body {
    /// Takes a transition in, from a client that waits or from another member; its id, if it was
    /// well formed.
    pub(super) fn submit(
        &mut self,
        bytes: &[u8],
        client: bool,
    ) -> Result<(Taken, Option<Hash>), Stop> {
        let Ok(admitted) = self.admission.admit(bytes, self.now.time, &mut self.keys) else {
            self.outputs.push(Output::Count("transitions not admitted"));
            return Ok((Taken::Refused, None));
        };
        let id = admitted.id;
        let taken = match self.host.submit(Arc::new(admitted), self.now.time)? {
            Submitted::Waits => Taken::Waits,
            Submitted::Known => Taken::Known,
            Submitted::Duplicate { position } => Taken::At(position),
            Submitted::Declined(_) => Taken::Refused,
            Submitted::Full => Taken::Full,
        };
        match taken {
            Taken::Waits | Taken::Known if client => {
                self.waiting.insert(id);
            }
            Taken::At(position) if client => {
                let place = self.host.view().place(position)?;
                self.outputs.push(Output::Acknowledged(id, position, place.height));
            }
            _ => {}
        }
        if client && matches!(taken, Taken::Waits) {
            let batch = vec![Bytes::copy_from_slice(bytes)];
            self.outputs.push(Output::All(Message::Transitions(batch)));
        }
        Ok((taken, Some(id)))
    }

    /// Puts on record what it has caught others at, as every other member does at the same time.
    pub(super) fn accuse(
        &mut self,
        evidence: &MisbehaviorEvidence<PoolContext>,
    ) -> Result<(), Stop> {
        for accused in accusations(evidence) {
            if !self.accused.is_due(&accused, self.now.time) {
                continue;
            }
            let view = self.host.view();
            let bytes = transition(&accused, view.genesis(), &self.key, self.now.time);
            let bytes =
                bytes.ok_or_else(|| Stop::Wrong("an accusation without words".to_owned()))?;
            let (taken, transition) = self.submit(&bytes, true)?;
            match (taken, transition) {
                (Taken::Waits, Some(transition)) => {
                    let (validator, step) = (&accused.validator, accused.step);
                    let id = Equivocation::id_of(accused.height, accused.round, step, validator);
                    self.outputs.push(Output::Count("accusations handed in"));
                    self.outputs.push(Output::Accuses(transition, id));
                }
                _ => self.outputs.push(Output::Count("accusations that add nothing")),
            }
        }
        Ok(())
    }
}
