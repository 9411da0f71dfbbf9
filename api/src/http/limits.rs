//! How much one asker may ask for: counted to the address that a request comes from, and to the party whose token it
//! has.
//!
//! Each asker has a bucket for each class of requests, which is full at first and refills with time. Requests that find
//! it empty are refused before anything is done for them, with the time after which they would not be.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::mem;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, web};
use chancery_ledger::party::PartyId;
use parking_lot::Mutex;

use super::api::Api;
use super::codes;
use super::forwarded;
use super::problem::Problem;
use crate::config::Serving;
use crate::rate::{Bucket, Rate};

/// What a request costs the server, roughly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Class {
    /// Not counted: health and figures, by which a server under load is watched.
    Free,
    /// Answered from a few places on the disk.
    Read,
    /// Looks through tables, versions or much of the log. Counts as a read besides.
    Search,
    /// Hands in transitions, each of which counts.
    Write,
}

/// To whom requests are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Asker {
    Address(IpAddr),
    Party(PartyId),
}

impl Asker {
    fn described(self) -> &'static str {
        match self {
            Self::Address(_) => "those from this address are counted together",
            Self::Party(_) => "those of this party are counted together, wherever they come from",
        }
    }
}

/// To whom a request is counted, and as what. It goes with the request. Nobody, where clients are not limited.
#[derive(Clone, Debug)]
pub(super) struct Counted {
    class: Class,
    askers: Vec<Asker>,
}

/// The limits, and what the latest askers have left.
pub(super) struct Limits {
    serving: Serving,
    buckets: Mutex<Buckets>,
    streams: Mutex<HashMap<Asker, u32>>,
    /// Whether it has been said that a proxy asks of which nothing is known.
    has_warned: AtomicBool,
}

/// How many times what comes back each second is there at first.
const BURST_S: u64 = 10;
/// A network's part of an address in IPv6: whoever has one address has all of these.
const IPV6_NETWORK_BITS: u32 = 64;
/// Buckets in each half.
const HALF: usize = 32_768;
/// The longest that a batch waits before it looks whether the server stops.
const PACE_MAX: Duration = Duration::from_secs(1);

/// The buckets of the latest askers. Of two halves the older is let go as a whole when the younger is full, which
/// costs nothing however many ask. Who has not asked since is as one who never has.
#[derive(Default)]
struct Buckets {
    younger: HashMap<(Asker, Class), Bucket>,
    older: HashMap<(Asker, Class), Bucket>,
}

impl Buckets {
    fn of(&mut self, asker: Asker, class: Class, rate: Rate, now: Instant) -> &mut Bucket {
        let key = (asker, class);
        let mut kept = None;
        if !self.younger.contains_key(&key) {
            kept = self.older.remove(&key);
            if self.younger.len() >= HALF {
                self.older = mem::take(&mut self.younger);
            }
        }
        self.younger.entry(key).or_insert_with(|| kept.unwrap_or_else(|| Bucket::full(rate, now)))
    }
}

impl Limits {
    /// Everyone's buckets are full.
    pub(super) fn new(serving: Serving) -> Self {
        let (buckets, streams) = (Mutex::default(), Mutex::default());
        Self { serving, buckets, streams, has_warned: AtomicBool::new(false) }
    }

    /// Counts a request to the address that it comes from.
    fn admit(&self, class: Class, http: &HttpRequest, now: Instant) -> Result<Counted, Problem> {
        let mut counted = Counted { class, askers: Vec::new() };
        let Some(address) = self.address(http) else { return Ok(counted) };
        if address.is_loopback() && !self.serving.limits.limit_loopback {
            self.warn_of_unknown_proxy(http);
            return Ok(counted);
        }
        self.count(&mut counted, Asker::Address(network_of(address)), now)?;
        Ok(counted)
    }

    /// Where a request comes from: from the peer, or from where a trusted proxy says.
    fn address(&self, http: &HttpRequest) -> Option<IpAddr> {
        let peer = http.peer_addr()?.ip().to_canonical();
        let Serving { trusted_proxies, proxy_header, .. } = &self.serving;
        let is_trusted = |address| trusted_proxies.iter().any(|proxy| proxy.contains(address));
        Some(forwarded::origin(peer, http.headers(), *proxy_header, is_trusted))
    }

    fn count(&self, counted: &mut Counted, asker: Asker, now: Instant) -> Result<(), Problem> {
        counted.askers.push(asker);
        let classes: &[Class] = match counted.class {
            Class::Free => &[],
            Class::Search => &[Class::Search, Class::Read],
            Class::Read => &[Class::Read],
            Class::Write => &[Class::Write],
        };
        classes.iter().try_for_each(|class| match self.take(asker, *class, 1, now) {
            Ok(()) => Ok(()),
            Err(wait) => Err(too_many(asker.described(), wait)),
        })
    }

    /// Takes this much for an asker, or says after how long there would be so much.
    fn take(&self, asker: Asker, class: Class, cost: u64, now: Instant) -> Result<(), Duration> {
        let limits = &self.serving.limits;
        let per_second = match class {
            Class::Free => 0,
            Class::Read => limits.limit_reads,
            Class::Search => limits.limit_searches,
            Class::Write => limits.limit_writes,
        };
        if per_second == 0 {
            return Ok(());
        }
        let per_second = u64::from(per_second);
        let rate = Rate { burst: per_second * BURST_S, per_second };
        let mut buckets = self.buckets.lock();
        let bucket = buckets.of(asker, class, rate, now);
        match bucket.take(cost.min(rate.burst), now) {
            true => Ok(()),
            false => Err(bucket.wait(cost.min(rate.burst))),
        }
    }

    /// Counts further transitions of a batch, and waits until there is room for them: a client that sends faster is
    /// slowed down and not refused.
    pub(super) async fn pace(
        &self,
        counted: &Counted,
        transitions: usize,
        stops: impl Fn() -> bool,
    ) {
        for asker in &counted.askers {
            while !stops()
                && let Err(wait) =
                    self.take(*asker, Class::Write, transitions as u64, Instant::now())
            {
                tokio::time::sleep(wait.min(PACE_MAX)).await;
            }
        }
    }

    /// A proxy on this machine that is not named has all its clients unlimited: said once.
    fn warn_of_unknown_proxy(&self, http: &HttpRequest) {
        let headers = http.headers();
        if (headers.contains_key(header::X_FORWARDED_FOR)
            || headers.contains_key(header::FORWARDED))
            && !self.has_warned.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                "a proxy on this machine asks for others, and its clients are not limited: name it by --trusted-proxy"
            );
        }
    }
}

/// Lets a request on if its asker has asked for no more than it may. `class` is that of what is read at its address.
pub(super) async fn limited<B: MessageBody>(
    class: Class,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let class = if request.method() == Method::POST { Class::Write } else { class };
    if let Some(api) = request.app_data::<web::Data<Api>>() {
        let counted = api.limits.admit(class, request.request(), Instant::now())?;
        request.extensions_mut().insert(counted);
    }
    next.call(request).await
}

/// Counts a request to the party whose token it has.
pub(super) fn count_to_party(api: &Api, http: &HttpRequest, party: PartyId) -> Result<(), Problem> {
    let mut extensions = http.extensions_mut();
    match extensions.get_mut::<Counted>() {
        Some(counted) if !counted.askers.is_empty() => {
            api.limits.count(counted, Asker::Party(party), Instant::now())
        }
        _ => Ok(()),
    }
}

/// To whom a request is counted.
pub(super) fn counted(http: &HttpRequest) -> Counted {
    let counted = http.extensions().get::<Counted>().cloned();
    counted.unwrap_or(Counted { class: Class::Free, askers: Vec::new() })
}

/// Streams that are counted to their askers, for as long as this is kept.
pub(super) struct OpenStream {
    api: web::Data<Api>,
    askers: Vec<Asker>,
}

impl OpenStream {
    /// One more, if none of its askers has too many open.
    pub(super) fn count(api: &web::Data<Api>, http: &HttpRequest) -> Result<Self, Problem> {
        let Counted { askers, .. } = counted(http);
        let max = api.limits.serving.limits.limit_streams;
        let mut streams = api.limits.streams.lock();
        let is_full = |asker| max > 0 && streams.get(asker).is_some_and(|open| *open >= max);
        if askers.iter().any(is_full) {
            let detail = format!("{max} event streams are open");
            return Err(too_many(detail, Duration::from_secs(30)));
        }
        for asker in &askers {
            *streams.entry(*asker).or_default() += 1;
        }
        drop(streams);
        Ok(Self { api: api.clone(), askers })
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut streams = self.api.limits.streams.lock();
        for asker in &self.askers {
            if let Entry::Occupied(mut open) = streams.entry(*asker) {
                *open.get_mut() -= 1;
                if *open.get() == 0 {
                    open.remove();
                }
            }
        }
    }
}

fn too_many(detail: impl Into<std::borrow::Cow<'static, str>>, wait: Duration) -> Problem {
    let seconds = wait.as_millis().div_ceil(1000).max(1);
    codes::TOO_MANY_REQUESTS.because(detail).with_header(header::RETRY_AFTER, &seconds.to_string())
}

/// The network that an address of IPv6 is in; an address of IPv4 itself.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let mask = u128::MAX << (128 - IPV6_NETWORK_BITS);
            Ipv6Addr::from_bits(address.to_bits() & mask).into()
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use clap::Parser;

    fn limits(arguments: &[&str]) -> Limits {
        let words = std::iter::once("chanceryd").chain(arguments.iter().copied());
        Limits::new(crate::config::Config::parse_from(words).serving)
    }

    fn asker(number: u32) -> Asker {
        Asker::Address(std::net::Ipv4Addr::from_bits(number).into())
    }

    #[test]
    fn each_asker_has_its_own() {
        let (limits, now) = (limits(&["--limit-searches", "2"]), Instant::now());
        for _ in 0..20 {
            limits.take(asker(1), Class::Search, 1, now).unwrap();
        }
        let wait = limits.take(asker(1), Class::Search, 1, now).unwrap_err();
        assert_eq!(wait, Duration::from_millis(500));
        limits.take(asker(2), Class::Search, 1, now).unwrap();
        limits.take(asker(1), Class::Read, 1, now).unwrap();
        limits.take(asker(1), Class::Search, 1, now + wait).unwrap();
    }

    #[test]
    fn no_limit_is_none() {
        let (limits, now) = (limits(&["--limit-reads", "0"]), Instant::now());
        assert!((0..100_000).all(|_| limits.take(asker(1), Class::Read, 1, now).is_ok()));
        assert!(limits.buckets.lock().younger.is_empty());
    }

    #[test]
    fn a_search_is_a_read_as_well() {
        let (limits, now) = (limits(&["--limit-reads", "1"]), Instant::now());
        let mut counted = Counted { class: Class::Search, askers: Vec::new() };
        for _ in 0..10 {
            limits.count(&mut counted, asker(1), now).unwrap();
        }
        let refused = limits.count(&mut counted, asker(1), now).unwrap_err();
        assert_eq!(refused.code(), "too-many-requests");
    }

    #[test]
    fn however_many_ask_the_buckets_are_bounded_and_the_latest_are_kept() {
        let (limits, now) = (limits(&["--limit-reads", "1"]), Instant::now());
        let spends_all = |number| {
            let taken = (0..10).all(|_| limits.take(asker(number), Class::Read, 1, now).is_ok());
            assert!(taken, "{number}");
        };
        spends_all(0);
        for number in 1..3 * HALF as u32 {
            limits.take(asker(number), Class::Read, 1, now).unwrap();
            if number % 1000 == 0 {
                assert!(limits.take(asker(0), Class::Read, 1, now).is_err(), "{number}");
            }
        }
        let buckets = limits.buckets.lock();
        assert!(buckets.younger.len() <= HALF && buckets.older.len() <= HALF);
    }

    #[test]
    fn one_network_of_ipv6_is_one_asker() {
        let network = |text: &str| network_of(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
