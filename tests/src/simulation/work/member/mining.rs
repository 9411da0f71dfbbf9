//! Looking for nonces: a few tries a turn, on a block of what waits.

use chancery_ledger::consensus::work::{Found, Template};
use chancery_ledger::work::{SealedHeader, Work, work_hash};

use super::{Message, Output, Running, Stop};

/// After this time a block is built anew, with what waits by then.
const TEMPLATE_MAX_AGE_US: u64 = 900_000;

/// A block that is being mined.
pub(super) struct Mining {
    template: Template,
    built_us: u64,
    next_nonce: u64,
}

impl Running {
    pub(super) fn mine(&mut self) -> Result<(), Stop> {
        if self.host.best().header.height < self.mines_above {
            return Ok(());
        }
        let mining = match self.mining.take() {
            Some(mining) if mining.built_us + TEMPLATE_MAX_AGE_US > self.now.us => mining,
            _ => {
                let template = self.host.template(self.now.time)?;
                let (built_us, next_nonce) = (self.now.us, self.random.number());
                Mining { template, built_us, next_nonce }
            }
        };
        let Template { hash, target, .. } = mining.template;
        let mut nonces = (0..self.tries).map(|tried| mining.next_nonce.wrapping_add(tried));
        match nonces.find(|nonce| target.is_met_by(&work_hash(&hash, *nonce))) {
            Some(nonce) => self.found(&mining.template, nonce),
            None => {
                let next_nonce = mining.next_nonce.wrapping_add(self.tries);
                self.mining = Some(Mining { next_nonce, ..mining });
                Ok(())
            }
        }
    }

    fn found(&mut self, template: &Template, nonce: u64) -> Result<(), Stop> {
        let work = Work { target: template.target, nonce };
        let sealed = SealedHeader { header: template.header.clone(), work };
        self.outputs.push(Output::Made(sealed.clone()));
        match self.host.found(&template.hash, nonce)? {
            Found::Sealed { block, .. } => {
                let block = bytes::Bytes::from(block.to_vec());
                self.outputs.push(Output::Found(sealed, block.clone()));
                self.outputs.push(Output::All(Message::Block(block)));
                Ok(())
            }
            Found::Stale => {
                self.outputs.push(Output::Count("nonces found too late"));
                Ok(())
            }
            Found::Missed => Err(Stop::Wrong("the host refuses a nonce that is good".to_owned())),
        }
    }
}
