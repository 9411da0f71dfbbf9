//! Addresses of peers: which may be dialled, which are neighbours, which are within the house.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use libp2p::multiaddr::Protocol;
use libp2p::{Multiaddr, PeerId};

/// The address without the identity at its end, and that identity.
pub(super) fn parted(address: &Multiaddr) -> (Multiaddr, Option<PeerId>) {
    let mut address = address.clone();
    let peer = match address.iter().last() {
        Some(Protocol::P2p(peer)) => Some(peer),
        _ => None,
    };
    if peer.is_some() {
        address.pop();
    }
    (address, peer)
}

/// The IP address that an address begins with; IPv4 that is written as IPv6 is IPv4.
pub(super) fn ip_of(address: &Multiaddr) -> Option<IpAddr> {
    match address.iter().next() {
        Some(Protocol::Ip4(ip)) => Some(IpAddr::V4(ip)),
        Some(Protocol::Ip6(ip)) => Some(IpAddr::V6(ip).to_canonical()),
        _ => None,
    }
}

/// Whether it is an IP address and a TCP port, and nothing more. No names: a name that a stranger
/// tells may lead anywhere, and says nothing of neighbourhoods.
pub(super) fn is_dialable(address: &Multiaddr) -> bool {
    let mut parts = address.iter();
    let ip = match parts.next() {
        Some(Protocol::Ip4(ip)) => IpAddr::V4(ip),
        Some(Protocol::Ip6(ip)) => IpAddr::V6(ip),
        _ => return false,
    };
    let is_tcp = matches!(parts.next(), Some(Protocol::Tcp(port)) if port != 0);
    is_tcp && parts.next().is_none() && !ip.is_unspecified() && !ip.is_multicast()
}

/// Whether it is of this machine or of a private network.
pub(super) fn is_local(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            ip.is_loopback() || ip.is_private() || ip.is_link_local() || is_shared(ip)
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// RFC 6598: between a provider and its customers.
fn is_shared(ip: Ipv4Addr) -> bool {
    let [first, second, ..] = ip.octets();
    first == 100 && (64..128).contains(&second)
}

/// Addresses that are likely in one hand: a /16 of IPv4, a /32 of IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Neighbourhood(u8, [u8; 4]);

impl Neighbourhood {
    pub(super) fn of(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(ip) => {
                let [first, second, ..] = ip.octets();
                Self(4, [first, second, 0, 0])
            }
            IpAddr::V6(ip) => Self(6, first_four(ip)),
        }
    }
}

fn first_four(ip: Ipv6Addr) -> [u8; 4] {
    let [a, b, c, d, ..] = ip.octets();
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Multiaddr {
        text.parse().expect("an address")
    }

    #[test]
    fn only_an_ip_address_and_a_port_may_be_dialled() {
        let cases = [
            ("/ip4/127.0.0.1/tcp/27000", true),
            ("/ip6/2001:db8::1/tcp/27000", true),
            ("/ip4/127.0.0.1/tcp/0", false),
            ("/ip4/0.0.0.0/tcp/27000", false),
            ("/ip4/224.0.0.1/tcp/27000", false),
            ("/ip4/127.0.0.1/udp/27000", false),
            ("/ip4/127.0.0.1", false),
            ("/dns4/example.org/tcp/27000", false),
            ("/ip4/127.0.0.1/tcp/27000/ws", false),
        ];
        for (text, expected) in cases {
            assert_eq!(is_dialable(&address(text)), expected, "{text}");
        }
    }

    #[test]
    fn neighbours_share_their_first_bytes() {
        let of = |text: &str| Neighbourhood::of(text.parse().expect("an IP address"));
        assert_eq!(of("203.0.113.7"), of("203.0.1.200"));
        assert_ne!(of("203.0.113.7"), of("203.1.113.7"));
        assert_eq!(of("::ffff:203.0.113.7"), of("203.0.1.1"));
        assert_eq!(of("2001:db8:1::1"), of("2001:db8:2::1"));
        assert_ne!(of("2001:db8::1"), of("2001:db9::1"));
    }

    #[test]
    fn local_is_this_machine_and_private_networks() {
        for (text, expected) in [
            ("127.0.0.1", true),
            ("10.1.2.3", true),
            ("172.16.0.1", true),
            ("100.64.0.1", true),
            ("::1", true),
            ("fd00::1", true),
            ("::ffff:10.0.0.1", true),
            ("203.0.113.7", false),
            ("2001:db8::1", false),
        ] {
            assert_eq!(is_local(text.parse().expect("an IP address")), expected, "{text}");
        }
    }
}
