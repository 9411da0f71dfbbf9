//! The part that all compact evidence of the ledger begins with: the header without what follows from
//! elsewhere, and why its block counts. Of headers that follow by work, only what does not follow.

use super::cbor::{Reader, Writer, Wrong};
use super::compact::{NoCompactForm, NotCompact, read_path, write_path};
use super::confirmations::{CONFIRMATIONS_MAX, Confirmation};
use super::{Bytes, Evidence};
use crate::anchor::Anchor;
use crate::block::Header;
use crate::hash::Hash;
use crate::seal::{Certificate, Pool, Seal, Vote};
use crate::time::Time;
use crate::work::{SealedHeader, Target, Work, WorkRules};

const VOTES_MAX: usize = 128;
/// So many bytes of a ledger's or a pool's hash say which is meant; the seal binds all of it.
pub(super) const NAME_BYTES: usize = 4;
/// A target and a nonce.
const WORK_BYTES: usize = 40;
/// What each header that follows adds to the items of the seal.
const ITEMS_OF_FOLLOWING: usize = 6;

/// Which of a header's roots its evidence leads to, and so leaves out.
#[derive(Clone, Copy)]
pub(super) enum LedTo {
    Log,
    State,
    Body,
}

impl LedTo {
    fn of(evidence: &Evidence) -> Self {
        match evidence {
            Evidence::Receipt(_) => Self::Log,
            Evidence::Status(_) => Self::State,
            Evidence::InBlock(_) => Self::Body,
        }
    }

    /// The other two, in the order of the header.
    fn others(self, header: &mut Header) -> [&mut Hash; 2] {
        let Header { body_root, log_root, state_root, .. } = header;
        match self {
            Self::Log => [body_root, state_root],
            Self::State => [body_root, log_root],
            Self::Body => [log_root, state_root],
        }
    }
}

/// Header and seal as they stand in the compact form: the header has one root still to come, which
/// those that follow rest on.
pub(super) struct Incomplete<'a> {
    pub(super) header: Header,
    seal: Seal,
    following: Vec<Following>,
    anchor: &'a Anchor,
}

/// What a header that follows says by itself. A root is left out where nothing was ordered or changed.
struct Following {
    after_ms: u64,
    log_size: u64,
    body_root: Option<Hash>,
    log_root: Option<Hash>,
    state_root: Option<Hash>,
    nonce: u64,
}

/// The parts of evidence that are sealed: header, seal and what follows.
pub(super) fn parts(evidence: &Evidence) -> (&Bytes, &Seal, &[Confirmation]) {
    match evidence {
        Evidence::Receipt(it) => (&it.header, &it.seal, &it.confirmations),
        Evidence::Status(it) => (&it.header, &it.seal, &it.confirmations),
        Evidence::InBlock(it) => (&it.header, &it.seal, &it.confirmations),
    }
}

pub(super) fn name_of(hash: &Hash) -> &[u8] {
    &hash.as_bytes()[..NAME_BYTES]
}

pub(super) fn write(
    evidence: &Evidence,
    anchor: &Anchor,
    into: &mut Writer,
) -> Result<(), NoCompactForm> {
    let (bytes, seal, confirmations) = parts(evidence);
    let mut header = Header::decode(&bytes.0).map_err(|error| NoCompactForm(error.0))?;
    if header.ledger != anchor.ledger() {
        return Err(NoCompactForm("it is not of the anchor's ledger and pool"));
    }
    into.array(6);
    into.bytes(name_of(&header.ledger));
    let rules = anchor.genesis().work();
    let pool = anchor.pool(header.height).filter(|pool| header.pool == pool.hash());
    match (rules, pool) {
        (Some(_), _) => into.null(),
        (None, Some(_)) => into.bytes(name_of(&header.pool)),
        (None, None) => return Err(NoCompactForm("it is not of the anchor's ledger and pool")),
    }
    into.integer(header.height);
    into.integer(header.time.as_ms());
    into.integer(header.log_size);
    let previous = header.previous;
    let [one, other] = LedTo::of(evidence).others(&mut header).map(|root| *root);
    write_path(&[previous, one, other], into);
    match (rules, pool) {
        (Some(rules), _) => write_work(&header, seal, rules, confirmations, anchor, into),
        (None, Some(pool)) if confirmations.is_empty() => write_votes(seal, pool, into),
        _ => Err(NoCompactForm("a block that a pool has sealed has no confirmations")),
    }
}

pub(super) fn read<'a>(
    from: &mut Reader<'_>,
    led_to: LedTo,
    anchor: &'a Anchor,
) -> Result<Incomplete<'a>, NotCompact> {
    from.array_with(6)?;
    let ledger = anchor.ledger();
    if from.array_of::<NAME_BYTES>()? != name_of(&ledger) {
        return Err(NotCompact::OtherLedger);
    }
    let rules = anchor.genesis().work();
    let named = match rules {
        None => from.array_of::<NAME_BYTES>()?,
        Some(_) if from.null() => [0; NAME_BYTES],
        Some(_) => return Err(NotCompact::OtherPool),
    };
    let height = from.integer()?;
    let pool = anchor.pool(height).filter(|_| rules.is_none());
    let pool_hash = pool.map(Pool::hash).unwrap_or_default();
    if rules.is_none() && (pool.is_none() || named != name_of(&pool_hash)) {
        return Err(NotCompact::OtherPool);
    }
    let time = Time::from_ms(from.integer()?).ok_or("the time is past the year 9999")?;
    let log_size = from.integer()?;
    let [previous, one, other] = read_path(from, 3)?[..] else {
        return Err(NotCompact::Form("the header has other than three hashes"));
    };
    let unknown = Hash::default();
    let mut header = Header {
        ledger,
        height,
        previous,
        time,
        body_root: unknown,
        log_size,
        log_root: unknown,
        state_root: unknown,
        pool: pool_hash,
    };
    for (root, known) in led_to.others(&mut header).into_iter().zip([one, other]) {
        *root = known;
    }
    match (rules, pool) {
        (Some(rules), _) => {
            let (seal, following) = read_work(from)?;
            let target = match &seal {
                Seal::Work(work) => work.target,
                _ => rules.first_target,
            };
            header.pool = target.hash();
            Ok(Incomplete { header, seal, following, anchor })
        }
        (None, pool) => {
            let pool = pool.ok_or(NotCompact::OtherPool)?;
            let seal = read_votes(from, pool)?;
            Ok(Incomplete { header, seal, following: Vec::new(), anchor })
        }
    }
}

impl Incomplete<'_> {
    /// With the root that the evidence leads to: the header, its seal, and the headers that follow.
    pub(super) fn complete(
        self,
        root: impl FnOnce(&mut Header),
    ) -> Result<(Header, Seal, Vec<Confirmation>), NotCompact> {
        let Self { mut header, seal, following, anchor } = self;
        root(&mut header);
        let mut confirmations = Vec::with_capacity(following.len());
        let mut before = header.clone();
        for one in following {
            let (next, confirmation) = one.on(&before, anchor)?;
            before = next;
            confirmations.push(confirmation);
        }
        Ok((header, seal, confirmations))
    }
}

impl Following {
    /// What a header adds to the one before it; nothing else may differ from what follows.
    fn of(
        before: &Header,
        Confirmation { header, seal }: &Confirmation,
        anchor: &Anchor,
    ) -> Option<(Self, Header)> {
        let header = Header::decode(&header.0).ok()?;
        let Seal::Work(Work { nonce, .. }) = seal else { return None };
        let unless = |root: Hash, known: Hash| (root != known).then_some(root);
        let own = Self {
            after_ms: header.time.as_ms().checked_sub(before.time.as_ms())?,
            log_size: header.log_size,
            body_root: unless(header.body_root, Hash::empty()),
            log_root: unless(header.log_root, before.log_root),
            state_root: unless(header.state_root, before.state_root),
            nonce: *nonce,
        };
        let (again, confirmation) = own.on(before, anchor).ok()?;
        (again == header && confirmation.seal == *seal).then_some((own, header))
    }

    /// The header that follows, with its work.
    fn on(&self, before: &Header, anchor: &Anchor) -> Result<(Header, Confirmation), NotCompact> {
        let genesis = anchor.genesis();
        let rules = genesis.work().ok_or(NotCompact::OtherPool)?;
        let target = rules.target_after(before, genesis.statement().created);
        let time = before.time.as_ms().checked_add(self.after_ms).and_then(Time::from_ms);
        let header = Header {
            ledger: before.ledger,
            height: before.height.checked_add(1).ok_or("a height is not below 2^64")?,
            previous: before.hash(),
            time: time.ok_or("the time is past the year 9999")?,
            body_root: self.body_root.unwrap_or_else(Hash::empty),
            log_size: self.log_size,
            log_root: self.log_root.unwrap_or(before.log_root),
            state_root: self.state_root.unwrap_or(before.state_root),
            pool: target.hash(),
        };
        let work = Work { target, nonce: self.nonce };
        let confirmation = Confirmation::of(&SealedHeader { header: header.clone(), work });
        Ok((header, confirmation))
    }
}

fn write_work(
    header: &Header,
    seal: &Seal,
    rules: &WorkRules,
    confirmations: &[Confirmation],
    anchor: &Anchor,
    into: &mut Writer,
) -> Result<(), NoCompactForm> {
    if confirmations.len() > CONFIRMATIONS_MAX {
        return Err(NoCompactForm("too many headers follow"));
    }
    into.array(1 + ITEMS_OF_FOLLOWING * confirmations.len());
    let target = match seal {
        Seal::Work(Work { target, nonce }) => {
            into.bytes(&[&target.to_bytes()[..], &nonce.to_be_bytes()].concat());
            *target
        }
        Seal::Genesis => {
            into.null();
            rules.first_target
        }
        Seal::Pool(_) => return Err(NoCompactForm("the ledger is not sealed by a pool")),
    };
    if header.pool != target.hash() {
        return Err(NoCompactForm("the header names another target than the seal's"));
    }
    let mut before = header.clone();
    for confirmation in confirmations {
        let following = Following::of(&before, confirmation, anchor);
        let (own, next) = following.ok_or(NoCompactForm("a header does not follow"))?;
        into.integer(own.after_ms);
        into.integer(own.log_size);
        for root in [own.body_root, own.log_root, own.state_root] {
            match root {
                Some(root) => into.bytes(root.as_bytes()),
                None => into.null(),
            }
        }
        into.bytes(&own.nonce.to_be_bytes());
        before = next;
    }
    Ok(())
}

fn read_work(from: &mut Reader<'_>) -> Result<(Seal, Vec<Following>), NotCompact> {
    let items = from.array()?;
    let count = items.saturating_sub(1) / ITEMS_OF_FOLLOWING;
    if items != 1 + count * ITEMS_OF_FOLLOWING || count > CONFIRMATIONS_MAX {
        return Err(NotCompact::Form("the headers that follow are not whole, or are too many"));
    }
    let seal = match from.null() {
        true => Seal::Genesis,
        false => Seal::Work(read_target_and_nonce(from)?),
    };
    let mut following = Vec::with_capacity(count);
    for _ in 0..count {
        following.push(Following {
            after_ms: from.integer()?,
            log_size: from.integer()?,
            body_root: read_root(from)?,
            log_root: read_root(from)?,
            state_root: read_root(from)?,
            nonce: u64::from_be_bytes(from.array_of()?),
        });
    }
    Ok((seal, following))
}

fn read_root(from: &mut Reader<'_>) -> Result<Option<Hash>, Wrong> {
    if from.null() { Ok(None) } else { Ok(Some(Hash(from.array_of()?))) }
}

fn read_target_and_nonce(from: &mut Reader<'_>) -> Result<Work, Wrong> {
    let bytes = from.array_of::<WORK_BYTES>()?;
    let (mut target, mut nonce) = ([0; 32], [0; 8]);
    target.copy_from_slice(&bytes[..32]);
    nonce.copy_from_slice(&bytes[32..]);
    let target = Target::from_bytes(target).ok_or("a target is zero")?;
    Ok(Work { target, nonce: u64::from_be_bytes(nonce) })
}

fn write_votes(seal: &Seal, pool: &Pool, into: &mut Writer) -> Result<(), NoCompactForm> {
    let Seal::Pool(Certificate { round, signatures }) = seal else {
        into.null();
        return Ok(());
    };
    if signatures.len() > VOTES_MAX {
        return Err(NoCompactForm("the seal has too many signatures"));
    }
    into.array(2);
    into.integer(u64::from(*round));
    into.array(signatures.len() * 2);
    for vote in signatures {
        let place = pool.validators.iter().position(|member| member.key == vote.validator);
        let place = place.ok_or(NoCompactForm("a signature is of no member of the pool"))?;
        into.integer(place as u64);
        into.bytes(&vote.signature);
    }
    Ok(())
}

fn read_votes(from: &mut Reader<'_>, pool: &Pool) -> Result<Seal, NotCompact> {
    if from.null() {
        return Ok(Seal::Genesis);
    }
    from.array_with(2)?;
    let round = u32::try_from(from.integer()?).map_err(|_| "the round is not below 2^32")?;
    let items = from.array()?;
    if items % 2 == 1 || items > 2 * VOTES_MAX {
        return Err(NotCompact::Form("the signatures do not stand in pairs, or are too many"));
    }
    let mut signatures = Vec::with_capacity(items / 2);
    for _ in 0..items / 2 {
        let place = usize::try_from(from.integer()?).ok();
        let member = place.and_then(|place| pool.validators.get(place));
        let validator = member.ok_or(NotCompact::OtherPool)?.key;
        signatures.push(Vote { validator, signature: from.array_of()? });
    }
    Ok(Seal::Pool(Certificate { round, signatures }))
}
