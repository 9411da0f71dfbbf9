//! Who may connect from where: so many connections from one address, none from one that is banned.

use std::collections::HashMap;
use std::net::IpAddr;
use std::task::{Context, Poll};
use std::time::Instant;

use libp2p::core::Endpoint;
use libp2p::core::transport::PortUse;
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
    THandlerOutEvent, ToSwarm, dummy,
};
use libp2p::{Multiaddr, PeerId};

use super::address::{ip_of, is_local};

/// How many banned addresses are remembered.
const MAX_REFUSED: usize = 4_096;

/// Lets connections in, or not, before anything has been read from them.
pub(super) struct Gate {
    per_address: u32,
    exempt_local: bool,
    inbound: HashMap<ConnectionId, IpAddr>,
    counts: HashMap<IpAddr, u32>,
    refused: HashMap<IpAddr, Instant>,
}

/// Why a connection is not let in.
#[derive(Debug, thiserror::Error)]
enum NotLetIn {
    #[error("the address is banned")]
    Banned,
    #[error("there are enough connections from this address")]
    TooMany,
    #[error("not an IP address")]
    NoAddress,
}

impl Gate {
    /// With the most connections from one address, and whether local addresses are free of it.
    pub(super) fn new(per_address: u32, exempt_local: bool) -> Self {
        let (inbound, counts, refused) = Default::default();
        Self { per_address, exempt_local, inbound, counts, refused }
    }

    /// Lets nothing in from this address for a while, unless it is exempt.
    pub(super) fn refuse(&mut self, ip: IpAddr, until: Instant) {
        let room = self.refused.len() < MAX_REFUSED || self.refused.contains_key(&ip);
        if room && !self.is_exempt(ip) {
            self.refused.insert(ip, until);
        }
    }

    /// Forgets the bans whose time is over.
    pub(super) fn end_refusals(&mut self, now: Instant) {
        self.refused.retain(|_, until| *until > now);
    }

    fn is_exempt(&self, ip: IpAddr) -> bool {
        self.exempt_local && is_local(ip)
    }

    fn enter(&mut self, connection: ConnectionId, from: &Multiaddr) -> Result<(), NotLetIn> {
        let ip = ip_of(from).ok_or(NotLetIn::NoAddress)?;
        if self.refused.contains_key(&ip) {
            return Err(NotLetIn::Banned);
        }
        let exempt = self.is_exempt(ip);
        let count = self.counts.entry(ip).or_default();
        if *count >= self.per_address && !exempt {
            return Err(NotLetIn::TooMany);
        }
        *count += 1;
        self.inbound.insert(connection, ip);
        Ok(())
    }

    fn leave(&mut self, connection: ConnectionId) {
        let Some(ip) = self.inbound.remove(&connection) else { return };
        if let Some(count) = self.counts.get_mut(&ip) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.counts.remove(&ip);
            }
        }
    }
}

impl NetworkBehaviour for Gate {
    type ConnectionHandler = dummy::ConnectionHandler;
    type ToSwarm = std::convert::Infallible;

    fn handle_pending_inbound_connection(
        &mut self,
        connection: ConnectionId,
        _: &Multiaddr,
        from: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        self.enter(connection, from).map_err(ConnectionDenied::new)
    }

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(dummy::ConnectionHandler)
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(dummy::ConnectionHandler)
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match event {
            FromSwarm::ConnectionClosed(closed) => self.leave(closed.connection_id),
            FromSwarm::ListenFailure(failed) => self.leave(failed.connection_id),
            _ => {}
        }
    }

    fn on_connection_handler_event(
        &mut self,
        _: PeerId,
        _: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn number(number: usize) -> ConnectionId {
        ConnectionId::new_unchecked(number)
    }

    #[test]
    fn one_address_has_so_many_connections() {
        let from: Multiaddr = "/ip4/203.0.113.7/tcp/4000".parse().expect("an address");
        let mut gate = Gate::new(2, true);
        assert!(gate.enter(number(1), &from).is_ok());
        assert!(gate.enter(number(2), &from).is_ok());
        assert!(matches!(gate.enter(number(3), &from), Err(NotLetIn::TooMany)));
        gate.leave(number(3));
        assert!(gate.enter(number(4), &from).is_err());
        gate.leave(number(1));
        assert!(gate.enter(number(5), &from).is_ok());
        gate.leave(number(2));
        gate.leave(number(5));
        assert!(gate.counts.is_empty() && gate.inbound.is_empty());
    }

    #[test]
    fn local_addresses_are_exempt_only_where_it_was_said() {
        let from: Multiaddr = "/ip4/127.0.0.1/tcp/4000".parse().expect("an address");
        let now = Instant::now();
        for (exempt, let_in) in [(true, 5), (false, 2)] {
            let mut gate = Gate::new(2, exempt);
            gate.refuse(ip_of(&from).expect("an IP address"), now);
            assert_eq!(gate.refused.is_empty(), exempt);
            gate.end_refusals(now + Duration::from_millis(1));
            let count = (0..5).filter(|at| gate.enter(number(*at), &from).is_ok()).count();
            assert_eq!(count, let_in);
        }
    }

    #[test]
    fn nothing_comes_in_from_a_banned_address_until_it_is_over() {
        let from: Multiaddr = "/ip4/203.0.113.7/tcp/4000".parse().expect("an address");
        let now = Instant::now();
        let mut gate = Gate::new(2, true);
        gate.refuse(ip_of(&from).expect("an IP address"), now + Duration::from_secs(1));
        gate.end_refusals(now);
        assert!(matches!(gate.enter(number(1), &from), Err(NotLetIn::Banned)));
        gate.end_refusals(now + Duration::from_secs(1));
        assert!(gate.enter(number(1), &from).is_ok());
    }
}
