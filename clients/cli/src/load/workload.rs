//! What is sent: transitions that are signed before the clock starts.

use std::time::Duration;

use bytes::Bytes;
use chancery_client::{
    Action, Client, Hash, PartyId, Signer, Signing, Time, Transition, keys, now,
};
use chancery_registries::identity::{self, CreateParty, PartyKind, SetCard};
use chancery_registries::parcels::number::ParcelNumber;
use chancery_registries::parcels::{
    self, Condition, Handed, HandedParcel, Handoff, Place, Proxies, RegisterParcel, Step,
};

use crate::failure::Failure;

/// Transitions ready to be sent.
pub(super) struct Workload {
    /// Their bytes.
    pub(super) transitions: Vec<Bytes>,
    /// How many signatures each carries.
    pub(super) signatures_each: usize,
}

/// How long what is signed beforehand can be sent.
const VALID_FOR: Duration = Duration::from_secs(2 * 60 * 60);
/// Transitions in one request of the preparation.
const AT_ONCE: usize = 1_000;

/// New cards for many parties, signed by each.
pub(super) async fn cards(
    client: &Client,
    count: usize,
    parties: usize,
) -> Result<Workload, Failure> {
    let ledger = client.ledger_id().await?;
    let run = run_name()?;
    let not_after = not_after();
    let signers = create_parties(client, parties).await?;
    let transitions = on_all_cores(count, |index| {
        let signer = &signers[index % signers.len()];
        let card = Hash::of(&[run.as_bytes(), &(index as u64).to_be_bytes()]);
        let set = identity::Action::SetCard(SetCard { party: signer.party(), card });
        Transition::on(ledger)
            .act(Action::Identity(set))
            .with_id(format!("load-{run}-{index}"))
            .not_after(not_after)
            .sign(signer)
    })?;
    Ok(Workload { transitions, signatures_each: 1 })
}

/// Collections of parcels that were registered first, signed by sender and courier.
pub(super) async fn handoffs(
    client: &Client,
    count: usize,
    carrier: &Signer,
    courier: &Signer,
) -> Result<Workload, Failure> {
    let ledger = client.ledger_id().await?;
    let sender = create_parties(client, 1).await?.remove(0);
    let parcels = Parcels::new(count, [carrier.party(), courier.party(), sender.party()])?;
    let not_after = not_after();
    let transition = |action| {
        Transition::on(ledger).act(Action::Parcels(action)).not_after(not_after).sign(&sender)
    };
    let registered =
        on_all_cores(count, |index| carrier.sign(transition(parcels.registration(index))?))?;
    send_first(client, &registered).await?;
    let transitions =
        on_all_cores(count, |index| courier.sign(transition(parcels.collection(index))?))?;
    Ok(Workload { transitions, signatures_each: 2 })
}

/// Parcels of one sender, one carrier and one courier.
struct Parcels {
    numbers: Vec<ParcelNumber>,
    run: String,
    carrier: PartyId,
    courier: PartyId,
    sender: PartyId,
    place: Place,
    at: Time,
}

impl Parcels {
    fn new(count: usize, [carrier, courier, sender]: [PartyId; 3]) -> Result<Self, Failure> {
        let wrong = |error: &dyn std::fmt::Display| Failure::usage(error.to_string());
        let run = run_name()?;
        let number = |index: usize| {
            format!("{carrier}-{run}{index}").parse::<ParcelNumber>().map_err(|error| wrong(&error))
        };
        let numbers = (0..count).map(number).collect::<Result<_, _>>()?;
        let place = "load".parse().map_err(|error| wrong(&error))?;
        Ok(Self { numbers, run, carrier, courier, sender, place, at: now() })
    }

    fn record(&self, index: usize) -> Hash {
        Hash::of(&[self.run.as_bytes(), &(index as u64).to_be_bytes()])
    }

    fn registration(&self, index: usize) -> parcels::Action {
        parcels::Action::Register(Box::new(RegisterParcel {
            parcel: self.numbers[index].clone(),
            format: None,
            carrier: self.carrier,
            sender: self.sender,
            recipient: self.courier,
            proxies: Proxies::default(),
            record: self.record(index),
            condition: Condition::Sound,
            statement: None,
            place: self.place.clone(),
            device_time: self.at,
        }))
    }

    fn collection(&self, index: usize) -> parcels::Action {
        parcels::Action::Handoff(Handoff {
            of: Handed::Parcel(HandedParcel {
                number: self.numbers[index].clone(),
                record: self.record(index),
                condition: Condition::Sound,
                reservation: None,
            }),
            step: Step::Collected,
            from: self.sender,
            to: self.courier,
            place: self.place.clone(),
            device_time: self.at,
        })
    }
}

/// Creates parties with new keys.
async fn create_parties(client: &Client, count: usize) -> Result<Vec<Signer>, Failure> {
    let ledger = client.ledger_id().await?;
    let signers = (0..count)
        .map(|_| Ok(Signer::first(keys::generate()?)))
        .collect::<Result<Vec<_>, Failure>>()?;
    let created = on_all_cores(count, |index| {
        let (kind, key) = (PartyKind::Person, signers[index].id().key);
        let create = identity::Action::Create(CreateParty { kind, key, card: None });
        Transition::on(ledger).act(Action::Identity(create)).sign(&signers[index])
    })?;
    send_first(client, &created).await?;
    Ok(signers)
}

/// Sends what must be there before the measurement begins.
async fn send_first(client: &Client, transitions: &[Bytes]) -> Result<(), Failure> {
    for chunk in transitions.chunks(AT_ONCE) {
        for verdict in client.batch_bytes(chunk).await? {
            if !verdict.is_in_the_log() {
                let code = verdict.code.unwrap_or(verdict.status);
                let detail = verdict.detail.unwrap_or_default();
                return Err(Failure::Claim(format!("the preparation failed: {code}: {detail}")));
            }
        }
    }
    Ok(())
}

/// Makes and signs `count` transitions with every processor there is.
fn on_all_cores(
    count: usize,
    make: impl Fn(usize) -> Result<Signing, chancery_client::Error> + Sync,
) -> Result<Vec<Bytes>, Failure> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let part = count.div_ceil(threads).max(1);
    let make = |index| make(index).map(|signing| Bytes::from(signing.to_bytes()));
    let parts: Vec<Result<Vec<Bytes>, chancery_client::Error>> = std::thread::scope(|scope| {
        let start = |begin: usize| {
            let make = &make;
            scope.spawn(move || (begin..count.min(begin + part)).map(make).collect())
        };
        let running: Vec<_> = (0..count).step_by(part).map(start).collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, _>| {
            thread.join().unwrap_or(Err(chancery_client::Error::NoRandomness))
        };
        running.into_iter().map(join).collect()
    });
    let mut all = Vec::with_capacity(count);
    for part in parts {
        all.extend(part?);
    }
    Ok(all)
}

fn not_after() -> Time {
    now().plus_ms(VALID_FOR.as_millis() as u64)
}

/// Eight characters that tell one run from another.
fn run_name() -> Result<String, Failure> {
    let mut bytes = [0; 5];
    getrandom::fill(&mut bytes).map_err(|_| chancery_client::Error::NoRandomness)?;
    Ok(data_encoding::BASE32_NOPAD.encode(&bytes))
}
