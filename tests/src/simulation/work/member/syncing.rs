//! Keeping up with the others: headers first, then the blocks of those who told of them.

use bytes::Bytes;
use chancery_ledger::block::Block;
use chancery_ledger::consensus::work::{BadHeader, TakenBlock, TakenHeader};
use chancery_ledger::hash::Hash;
use chancery_ledger::work::SealedHeader;

use super::{Message, Mutant, Output, Running, Stop, Verdict};

/// Headers in one answer.
const HEADERS_EACH: usize = 100;
/// Blocks that are asked for at a time.
const BLOCKS_EACH: usize = 12;
/// How long a member waits for an answer before it asks again.
const ASK_US: u64 = 300_000;

impl Running {
    /// Something has arrived.
    pub(in super::super) fn receive(&mut self, from: usize, message: Message) -> Result<(), Stop> {
        match message {
            Message::Tip(sealed) => self.tip_told(from, sealed),
            Message::WantHeaders(locator) => {
                let headers = self.host.headers_after(&locator, HEADERS_EACH)?;
                if !headers.is_empty() {
                    self.outputs.push(Output::One(from, Message::Headers(headers)));
                }
                Ok(())
            }
            Message::Headers(headers) => self.headers_came(from, headers),
            Message::WantBlocks(blocks) => {
                for hash in blocks.iter().take(BLOCKS_EACH) {
                    if let Some(block) = self.host.block(hash)? {
                        self.outputs.push(Output::One(from, Message::Block(block.into())));
                    }
                }
                Ok(())
            }
            Message::Block(bytes) => self.block_came(from, &bytes),
            Message::Transition(bytes) => self.submit(&bytes, false).map(|_| ()),
        }
    }

    fn tip_told(&mut self, from: usize, sealed: SealedHeader) -> Result<(), Stop> {
        let hash = sealed.header.hash();
        self.told.insert(from, hash);
        match self.judge(from, sealed)? {
            TakenHeader::Orphan => self.ask_for_headers(from),
            TakenHeader::New | TakenHeader::Known => {
                self.ask_for_blocks(from);
                Ok(())
            }
            // Where does it leave? The first block of that branch is reported.
            TakenHeader::Refused(BadHeader::BelowFinal(_)) => self.ask_for_headers(from),
            TakenHeader::Refused(_) => Ok(()),
        }
    }

    fn headers_came(&mut self, from: usize, headers: Vec<SealedHeader>) -> Result<(), Stop> {
        for sealed in headers.into_iter().take(HEADERS_EACH) {
            let hash = sealed.header.hash();
            if let TakenHeader::New | TakenHeader::Known = self.judge(from, sealed)? {
                self.told.insert(from, hash);
            }
        }
        self.ask_for_blocks(from);
        Ok(())
    }

    fn judge(&mut self, from: usize, sealed: SealedHeader) -> Result<TakenHeader, Stop> {
        let taken = self.host.take_header(sealed, self.now.time)?;
        if let TakenHeader::Refused(bad) = &taken {
            self.refuses(from, bad);
        }
        Ok(taken)
    }

    fn refuses(&mut self, from: usize, bad: &BadHeader) {
        self.outputs.push(Output::Count(match bad {
            BadHeader::OtherLedger(_) => "refused: of another ledger",
            BadHeader::Work(_) => "refused: work that does not hold",
            BadHeader::Height { .. } => "refused: a height that does not follow",
            BadHeader::Time(_) => "refused: not later than the block before",
            BadHeader::Early(_) => "refused: a time too far ahead",
            BadHeader::Target => "refused: another target",
            BadHeader::BelowFinal(_) => "refused: below the last final block",
            BadHeader::Invalid => "refused: a block known as bad, or one that follows it",
            BadHeader::NoRoom => "refused: no room for the header",
        }));
        if bad.is_misbehaviour() {
            self.outputs.push(Output::Accuses(from));
        }
    }

    fn ask_for_headers(&mut self, from: usize) -> Result<(), Stop> {
        let now_us = self.now.us;
        let asked = self.asked_headers.get(&from);
        if asked.is_none_or(|asked| asked + ASK_US <= now_us) {
            self.asked_headers.insert(from, now_us);
            let locator = self.host.locator()?;
            self.outputs.push(Output::One(from, Message::WantHeaders(locator)));
        }
        Ok(())
    }

    /// Asks a member for the blocks that are lacking of the branch it told of.
    fn ask_for_blocks(&mut self, from: usize) {
        let Some(told) = self.told.get(&from) else { return };
        let missing = self.host.missing_up_to(told, BLOCKS_EACH);
        self.want(from, missing);
    }

    fn want(&mut self, from: usize, mut blocks: Vec<Hash>) {
        let now_us = self.now.us;
        self.asked.retain(|_, asked| *asked + ASK_US > now_us);
        blocks.retain(|hash| !self.asked.contains_key(hash));
        if !blocks.is_empty() {
            self.asked.extend(blocks.iter().map(|hash| (*hash, now_us)));
            self.outputs.push(Output::One(from, Message::WantBlocks(blocks)));
        }
    }

    /// Asks any other for what is still missing of the branch with the most work: whoever told of it
    /// may be gone.
    pub(super) fn ask_again(&mut self) {
        let missing = self.host.missing(BLOCKS_EACH);
        let others: Vec<usize> = self.told.keys().copied().collect();
        if !missing.is_empty() && !others.is_empty() {
            let other = others[self.random.below(others.len())];
            self.want(other, missing);
        }
    }

    fn block_came(&mut self, from: usize, bytes: &Bytes) -> Result<(), Stop> {
        let Ok(header) = Block::decode(bytes).map(|block| block.header) else {
            self.outputs.push(Output::Accuses(from));
            self.outputs.push(Output::Count("refused: bytes that are no block"));
            return Ok(());
        };
        let hash = header.hash();
        self.asked.remove(&hash);
        if self.mutant == Mutant::FollowsTheLongest {
            if header.height <= self.host.best().header.height {
                self.held_back.push(bytes.clone());
                self.outputs.push(Output::Judged(hash, bytes.clone(), Verdict::Has));
                return Ok(());
            }
            for held in std::mem::take(&mut self.held_back) {
                self.host.take_block(&held, self.now.time)?;
            }
        }
        let verdict = self.block_judged(from, &hash, bytes)?;
        self.outputs.push(Output::Judged(hash, bytes.clone(), verdict));
        Ok(())
    }

    fn block_judged(&mut self, from: usize, hash: &Hash, bytes: &Bytes) -> Result<Verdict, Stop> {
        match self.host.take_block(bytes, self.now.time)? {
            TakenBlock::Best | TakenBlock::Kept => {
                let before = self.host.missing_up_to(hash, BLOCKS_EACH);
                self.want(from, before);
                self.ask_for_blocks(from);
                Ok(Verdict::Has)
            }
            TakenBlock::Known => Ok(Verdict::Has),
            TakenBlock::Orphan => self.ask_for_headers(from).map(|()| Verdict::Orphan),
            TakenBlock::NoRoom => Ok(Verdict::Refused),
            TakenBlock::Refused(bad) => {
                self.refuses(from, &bad);
                Ok(match bad {
                    BadHeader::Early(_) => Verdict::Early,
                    BadHeader::BelowFinal(_) => Verdict::BelowFinal,
                    _ => Verdict::Refused,
                })
            }
            TakenBlock::Invalid(_) => {
                self.outputs.push(Output::Accuses(from));
                self.outputs.push(Output::Count("refused: blocks that break the rules"));
                Ok(Verdict::Refused)
            }
        }
    }
}
