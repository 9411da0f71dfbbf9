//! A body as lines, cut from what arrives without copying.

use std::collections::VecDeque;

use actix_web::web::{Bytes, BytesMut, Payload};
use chancery_ledger::transition::MAX_TRANSITION_BYTES;

use super::body;
use super::{CHUNK_TRANSITIONS, Problem};
use crate::http::codes;

/// A line of a batch, with its number from 1.
pub(super) enum Line {
    /// A transition, as far as the line's length tells.
    Transition(u64, Bytes),
    /// Longer than any transition.
    TooLong(u64),
    /// The batch broke off behind the last line, for this reason.
    BrokenOff(u64, Problem),
}

/// The lines of a body.
pub(super) struct Lines {
    payload: Payload,
    /// What arrived and has no line end yet.
    rest: BytesMut,
    /// How much of the rest is known to have no line end.
    searched: usize,
    /// What was dropped of the present line, which is too long.
    dropped_bytes: usize,
    number: u64,
    ready: VecDeque<Line>,
    ended: bool,
}

impl Line {
    pub(super) fn transition(&self) -> Option<Bytes> {
        match self {
            Self::Transition(_, bytes) => Some(bytes.clone()),
            Self::TooLong(_) | Self::BrokenOff(..) => None,
        }
    }
}

impl Lines {
    pub(super) fn of(payload: Payload) -> Self {
        Self {
            payload,
            rest: BytesMut::new(),
            searched: 0,
            dropped_bytes: 0,
            number: 1,
            ready: VecDeque::new(),
            ended: false,
        }
    }

    /// Up to a chunk of lines, as many as have arrived; `None` behind the last.
    pub(super) async fn next_chunk(&mut self) -> Option<Vec<Line>> {
        while self.ready.is_empty() && !self.ended {
            match body::next_part(&mut self.payload).await {
                Ok(Some(part)) => {
                    self.rest.extend_from_slice(&part);
                    self.cut();
                }
                Ok(None) => self.end(),
                Err(problem) => {
                    self.ended = true;
                    self.ready.push_back(Line::BrokenOff(self.number, problem));
                }
            }
        }
        let count = self.ready.len().min(CHUNK_TRANSITIONS);
        (count > 0).then(|| self.ready.drain(..count).collect())
    }

    /// Reads no further: says so once, then ends.
    pub(super) fn stop(&mut self) -> Option<Vec<Line>> {
        if self.ended {
            return None;
        }
        self.ended = true;
        self.ready.clear();
        let problem = codes::STOPPING.because("the node takes nothing more in");
        Some(vec![Line::BrokenOff(self.number, problem)])
    }

    fn cut(&mut self) {
        while let Some(end) = self.rest[self.searched..].iter().position(|byte| *byte == b'\n') {
            let line = self.rest.split_to(self.searched + end + 1).freeze();
            self.searched = 0;
            self.take(line.slice(..line.len() - 1));
        }
        self.searched = self.rest.len();
        if self.searched > MAX_TRANSITION_BYTES + 1 {
            // No more of it is kept: its end will tell where the next line begins.
            self.dropped_bytes += self.searched;
            self.rest.clear();
            self.searched = 0;
        }
        if self.dropped_bytes > body::DROPPED_BYTES_MAX {
            self.ready.push_back(Line::TooLong(self.number));
            let problem = codes::BODY_TOO_LARGE.because("a line goes on and on");
            self.ready.push_back(Line::BrokenOff(self.number + 1, problem));
            self.ended = true;
        }
    }

    fn take(&mut self, line: Bytes) {
        let number = self.number;
        self.number += 1;
        let line = line.strip_suffix(b"\r").map_or(line.clone(), |text| line.slice_ref(text));
        if std::mem::take(&mut self.dropped_bytes) > 0 || line.len() > MAX_TRANSITION_BYTES {
            self.ready.push_back(Line::TooLong(number));
        } else if !line.trim_ascii().is_empty() {
            self.ready.push_back(Line::Transition(number, line));
        }
    }

    /// The last line may have no line end.
    fn end(&mut self) {
        self.ended = true;
        if self.dropped_bytes > 0 || !self.rest.is_empty() {
            let line = self.rest.split().freeze();
            self.take(line);
        }
    }
}
