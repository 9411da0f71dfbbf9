//! Blocks on their way between validators, in signed parts.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use chancery_ledger::consensus::pool::MAX_BLOCK_BYTES;
use chancery_ledger::hash::Hash;
use malachitebft_app::streaming::{StreamContent, StreamId, StreamMessage};
use malachitebft_app::types::PeerId;

use super::context::{Init, Introduction, Part};

/// Transitions that are passed on at a time: a chunk of the node's queue.
const BATCH_TRANSITIONS_MAX: usize = crate::node::CHUNK_TRANSITIONS;
/// The bytes of a block in one part.
const PART_BYTES: usize = 128 * 1024;
/// Blocks that may be under way at a time; the oldest goes when there are more.
const STREAMS_MAX: usize = 64;
/// How far ahead of the next height a block may be that is kept until its turn.
const HEIGHTS_AHEAD: u64 = 2;
/// How far ahead of the current round.
const ROUNDS_AHEAD: u32 = 8;
/// Blocks of later heights or rounds that are kept.
const AHEAD_MAX: usize = 16;

/// What has arrived whole.
pub(super) enum Arrival {
    /// A block.
    Block(Arrived),
    /// Transitions that another node has taken in.
    Transitions(Vec<Bytes>),
    /// Which validator a peer says it is.
    Introduction(Introduction),
}

/// A block that has arrived whole.
pub(super) struct Arrived {
    pub(super) init: Init,
    pub(super) bytes: Vec<u8>,
}

/// Blocks that arrive in parts, and those that have arrived before their turn.
pub(super) struct Arrivals {
    ledger: Hash,
    streams: HashMap<(Option<PeerId>, StreamId), Stream>,
    ahead: Vec<Arrived>,
    begun: u64,
}

#[derive(Default)]
struct Stream {
    begun: u64,
    init: Option<Init>,
    parts: BTreeMap<u64, Bytes>,
    bytes: usize,
    fin: Option<u64>,
}

impl Arrivals {
    pub(super) fn new(ledger: Hash) -> Self {
        Self { ledger, streams: HashMap::new(), ahead: Vec::new(), begun: 0 }
    }

    /// Takes a part in; the block, when it was the last one, or the transitions that a part holds. Of a
    /// stream that is not as it should be nothing is kept.
    pub(super) fn take(
        &mut self,
        from: Option<PeerId>,
        part: StreamMessage<Part>,
    ) -> Option<Arrival> {
        let StreamMessage { stream_id, sequence, content } = part;
        match content {
            StreamContent::Data(Part::Transitions(batch)) => {
                let fits = batch.len() <= BATCH_TRANSITIONS_MAX;
                fits.then_some(Arrival::Transitions(batch))
            }
            StreamContent::Data(Part::Introduction(introduction)) => {
                Some(Arrival::Introduction(introduction))
            }
            content => self.take_of_block((from, stream_id), sequence, content),
        }
    }

    fn take_of_block(
        &mut self,
        key: (Option<PeerId>, StreamId),
        sequence: u64,
        content: StreamContent<Part>,
    ) -> Option<Arrival> {
        if !self.streams.contains_key(&key) {
            self.make_room();
            self.begun += 1;
            let stream = Stream { begun: self.begun, ..Stream::default() };
            self.streams.insert(key.clone(), stream);
        }
        let stream = self.streams.get_mut(&key)?;
        if !stream.take(sequence, content, &self.ledger) {
            self.streams.remove(&key);
            return None;
        }
        if !stream.is_whole() {
            return None;
        }
        self.streams.remove(&key).and_then(Stream::finish).map(Arrival::Block)
    }

    /// Keeps a block for later, if that is not far off.
    pub(super) fn keep(&mut self, arrived: Arrived, height: u64, round: u32) {
        let ahead = arrived.init.height.0.checked_sub(height);
        let soon = match ahead {
            None => false,
            Some(0) => round_of(&arrived.init) <= round.saturating_add(ROUNDS_AHEAD),
            Some(heights) => heights <= HEIGHTS_AHEAD && round_of(&arrived.init) <= ROUNDS_AHEAD,
        };
        if soon && self.ahead.len() < AHEAD_MAX {
            self.ahead.push(arrived);
        }
    }

    /// The blocks whose turn has come.
    pub(super) fn due(&mut self, height: u64, round: u32) -> Vec<Arrived> {
        self.ahead.retain(|arrived| arrived.init.height.0 >= height);
        let is_due = |arrived: &mut Arrived| {
            arrived.init.height.0 == height && round_of(&arrived.init) <= round
        };
        self.ahead.extract_if(.., is_due).collect()
    }

    fn make_room(&mut self) {
        if self.streams.len() < STREAMS_MAX {
            return;
        }
        let oldest = self.streams.iter().min_by_key(|(_, stream)| stream.begun);
        if let Some(key) = oldest.map(|(key, _)| key.clone()) {
            self.streams.remove(&key);
        }
    }
}

fn round_of(init: &Init) -> u32 {
    super::context::round_number(init.round)
}

impl Stream {
    /// Whether the part fits the stream so far.
    fn take(&mut self, sequence: u64, content: StreamContent<Part>, ledger: &Hash) -> bool {
        let parts_max = MAX_BLOCK_BYTES.div_ceil(PART_BYTES) as u64 + 2;
        if sequence > parts_max {
            return false;
        }
        match content {
            StreamContent::Data(Part::Init(init)) => {
                let fits = self.init.is_none()
                    && init.len as usize <= MAX_BLOCK_BYTES
                    && init.is_signed(ledger);
                self.init = Some(init);
                fits
            }
            StreamContent::Data(Part::Data(bytes)) => {
                self.bytes += bytes.len();
                let fits = bytes.len() <= PART_BYTES && self.bytes <= MAX_BLOCK_BYTES;
                fits && self.parts.insert(sequence, bytes).is_none()
            }
            StreamContent::Data(Part::Transitions(_) | Part::Introduction(_)) => false,
            StreamContent::Fin => self.fin.replace(sequence).is_none(),
        }
    }

    /// The first part is the init, the last the end: between them stands the block.
    fn is_whole(&self) -> bool {
        self.init.is_some() && self.fin.is_some_and(|fin| self.parts.len() as u64 + 1 == fin)
    }

    fn finish(self) -> Option<Arrived> {
        let init = self.init?;
        let bytes = self.parts.values().flat_map(|part| part.iter().copied()).collect::<Vec<u8>>();
        (bytes.len() == init.len as usize).then_some(Arrived { init, bytes })
    }
}

/// The parts of a block, to be sent in this order.
pub(super) fn parts_of(init: Init, block: &[u8], stream: StreamId) -> Vec<StreamMessage<Part>> {
    let data = block.chunks(PART_BYTES).map(|chunk| Part::Data(Bytes::copy_from_slice(chunk)));
    let parts = std::iter::once(Part::Init(init)).chain(data).map(StreamContent::Data);
    let parts = parts.chain(std::iter::once(StreamContent::Fin));
    let message = |(sequence, content)| StreamMessage::new(stream.clone(), sequence, content);
    (0..).zip(parts).map(message).collect()
}

/// Who this node is, in one part.
pub(super) fn introduction_part(
    introduction: Introduction,
    stream: StreamId,
) -> StreamMessage<Part> {
    StreamMessage::new(stream, 0, StreamContent::Data(Part::Introduction(introduction)))
}

/// Transitions for all others, in one part.
pub(super) fn transitions_part(batch: Vec<Bytes>, stream: StreamId) -> StreamMessage<Part> {
    StreamMessage::new(stream, 0, StreamContent::Data(Part::Transitions(batch)))
}
