//! The tree of an OpenTimestamps proof: operations on a message, and what attests their results.

use chancery_ledger::hash::Hash;

use super::proof::{Attestation, BadProof};

/// The longest message and the longest argument of an operation (`Op.MAX_MSG_LENGTH`).
const MESSAGE_BYTES_MAX: usize = 4096;
/// How many operations follow each other at most (`Timestamp.deserialize`).
const DEPTH_MAX: usize = 255;
/// How many operations and attestations there are at most, in all branches: room for some dozens of calendars.
const STEPS_MAX: usize = 2048;
/// The longest payload of an attestation (`TimeAttestation.MAX_PAYLOAD_SIZE`).
const PAYLOAD_BYTES_MAX: usize = 8192;
/// The longest address of a calendar (`PendingAttestation.MAX_URI_LENGTH`).
const CALENDAR_BYTES_MAX: usize = 1000;

/// What stands before an attestation, before all but the last of several branches, and for the operations.
const ATTESTED: u8 = 0x00;
const FURTHER: u8 = 0xff;
const SHA_256: u8 = 0x08;
const APPEND: u8 = 0xf0;
const PREPEND: u8 = 0xf1;
/// The kinds of attestations (`core/notary.py`).
const PENDING: [u8; 8] = [0x83, 0xdf, 0xe3, 0x0d, 0x2e, 0xf9, 0x0c, 0x8e];
const BITCOIN: [u8; 8] = [0x05, 0x88, 0x96, 0x0d, 0x73, 0xd7, 0x19, 0x01];

/// What follows a message: branches of operations, each of which ends in attestations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Steps(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Attested(Attestation),
    Then(Operation, Steps),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Operation {
    Append(Vec<u8>),
    Prepend(Vec<u8>),
    Sha256,
}

impl Step {
    fn is_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Then(ours, _), Self::Then(theirs, _)) => ours == theirs,
            _ => self == other,
        }
    }
}

impl Operation {
    fn of(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Append(more) => [message, more].concat(),
            Self::Prepend(more) => [more, message].concat(),
            Self::Sha256 => Hash::of(&[message]).as_bytes().to_vec(),
        }
    }

    /// How long the result is.
    fn length(&self, message: usize) -> usize {
        match self {
            Self::Append(more) | Self::Prepend(more) => message + more.len(),
            Self::Sha256 => 32,
        }
    }
}

impl Steps {
    /// Reads what a calendar answers about a message of this length.
    pub fn read(bytes: &[u8], message_length: usize) -> Result<Self, BadProof> {
        let mut reader = Reader { bytes, left: STEPS_MAX };
        let steps = reader.steps(0, message_length)?;
        match reader.bytes {
            [] => Ok(steps),
            _ => Err(BadProof::Trailing),
        }
    }

    /// In the form that [`Self::read`] takes.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let last = self.0.len().saturating_sub(1);
        for (index, step) in self.0.iter().enumerate() {
            if index < last {
                out.push(FURTHER);
            }
            match step {
                Step::Attested(attestation) => {
                    out.push(ATTESTED);
                    write_attestation(attestation, out);
                }
                Step::Then(operation, steps) => {
                    match operation {
                        Operation::Sha256 => out.push(SHA_256),
                        Operation::Append(more) => write_text(&[APPEND], more, out),
                        Operation::Prepend(more) => write_text(&[PREPEND], more, out),
                    }
                    steps.write(out);
                }
            }
        }
    }

    /// Tells every attestation with the message that it is about.
    pub(super) fn each(&self, message: &[u8], tell: &mut impl FnMut(&[u8], &Attestation)) {
        for step in &self.0 {
            match step {
                Step::Attested(attestation) => tell(message, attestation),
                Step::Then(operation, steps) => steps.each(&operation.of(message), tell),
            }
        }
    }

    /// Adds what follows from the same message. An operation stands once at a message: readers take the last
    /// of two.
    pub(super) fn join(&mut self, other: Self) {
        for step in other.0 {
            match (self.0.iter().position(|ours| ours.is_as(&step)), step) {
                (None, step) => self.0.push(step),
                (Some(at), Step::Then(_, theirs)) => {
                    if let Some(Step::Then(_, ours)) = self.0.get_mut(at) {
                        ours.join(theirs);
                    }
                }
                (Some(_), Step::Attested(_)) => {}
            }
        }
    }

    /// Puts what a calendar answers about a commitment into the place of its promise. Whether there was one.
    pub(super) fn complete(
        &mut self,
        message: &[u8],
        promise: &Attestation,
        commitment: &[u8],
        answer: &Self,
    ) -> bool {
        let before = self.0.len();
        if message == commitment {
            self.0.retain(|step| !matches!(step, Step::Attested(it) if it == promise));
        }
        let mut is_there = self.0.len() < before;
        if is_there {
            self.join(answer.clone());
        }
        for step in &mut self.0 {
            if let Step::Then(operation, steps) = step {
                let next = operation.of(message);
                is_there |= steps.complete(&next, promise, commitment, answer);
            }
        }
        is_there
    }
}

/// Bytes that are still to be read, and how many steps they may have.
struct Reader<'a> {
    bytes: &'a [u8],
    left: usize,
}

impl<'a> Reader<'a> {
    fn steps(&mut self, depth: usize, length: usize) -> Result<Steps, BadProof> {
        if depth > DEPTH_MAX {
            return Err(BadProof::TooDeep);
        }
        let mut all = Vec::new();
        loop {
            self.left = self.left.checked_sub(1).ok_or(BadProof::TooMany)?;
            let mut tag = self.byte()?;
            let is_last = tag != FURTHER;
            if !is_last {
                tag = self.byte()?;
            }
            all.push(match tag {
                ATTESTED => Step::Attested(self.attestation(length)?),
                _ => {
                    let operation = self.operation(tag)?;
                    let length = operation.length(length);
                    if length > MESSAGE_BYTES_MAX {
                        return Err(BadProof::LongMessage);
                    }
                    Step::Then(operation, self.steps(depth + 1, length)?)
                }
            });
            if is_last {
                return Ok(Steps(all));
            }
        }
    }

    fn operation(&mut self, tag: u8) -> Result<Operation, BadProof> {
        let mut argument = || match self.text(MESSAGE_BYTES_MAX)? {
            [] => Err(BadProof::Operation(tag)),
            more => Ok(more.to_vec()),
        };
        match tag {
            SHA_256 => Ok(Operation::Sha256),
            APPEND => Ok(Operation::Append(argument()?)),
            PREPEND => Ok(Operation::Prepend(argument()?)),
            other => Err(BadProof::Operation(other)),
        }
    }

    fn attestation(&mut self, message_length: usize) -> Result<Attestation, BadProof> {
        let kind = self.take(8)?;
        let payload = self.text(PAYLOAD_BYTES_MAX)?;
        let mut inner = Reader { bytes: payload, left: 0 };
        let attestation = if kind == PENDING {
            let calendar = inner.text(CALENDAR_BYTES_MAX)?;
            // Those that `PendingAttestation.ALLOWED_URI_CHARS` has.
            let is_allowed = |it: &u8| it.is_ascii_alphanumeric() || b"-._/:".contains(it);
            if !calendar.iter().all(is_allowed) {
                return Err(BadProof::Calendar);
            }
            Attestation::Pending { calendar: String::from_utf8_lossy(calendar).into_owned() }
        } else if kind == BITCOIN {
            if message_length != 32 {
                return Err(BadProof::NoMerkleRoot);
            }
            Attestation::Bitcoin { height: inner.number()? }
        } else {
            let payload = inner.take(payload.len())?.to_vec();
            Attestation::Other { kind: kind.try_into().unwrap_or_default(), payload }
        };
        match inner.bytes {
            [] => Ok(attestation),
            _ => Err(BadProof::Trailing),
        }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], BadProof> {
        let (taken, rest) = self.bytes.split_at_checked(length).ok_or(BadProof::Ended)?;
        self.bytes = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, BadProof> {
        Ok(self.take(1)?[0])
    }

    /// Seven bits a byte, the least significant first, in as few bytes as it takes.
    fn number(&mut self) -> Result<u64, BadProof> {
        let mut number = 0;
        for place in 0..9 {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return if byte == 0 && place > 0 { Err(BadProof::Number) } else { Ok(number) };
            }
        }
        Err(BadProof::Number)
    }

    /// Bytes behind their number.
    fn text(&mut self, most: usize) -> Result<&'a [u8], BadProof> {
        let length = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        if length > most { Err(BadProof::LongText) } else { self.take(length) }
    }
}

fn write_attestation(attestation: &Attestation, out: &mut Vec<u8>) {
    let mut payload = Vec::new();
    let kind = match attestation {
        Attestation::Pending { calendar } => {
            write_text(&[], calendar.as_bytes(), &mut payload);
            &PENDING
        }
        Attestation::Bitcoin { height } => {
            write_number(*height, &mut payload);
            &BITCOIN
        }
        Attestation::Other { kind, payload: kept } => {
            payload.extend_from_slice(kept);
            kind
        }
    };
    write_text(kind, &payload, out);
}

/// A tag, and bytes behind their number.
fn write_text(tag: &[u8], text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(tag);
    write_number(text.len() as u64, out);
    out.extend_from_slice(text);
}

fn write_number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}
