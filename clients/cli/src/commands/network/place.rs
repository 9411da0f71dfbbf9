//! Where a node is: a host and a port for consensus, with the next port for its other peers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use multiaddr::{Multiaddr, Protocol};

/// The port for consensus unless another is named.
pub(super) const DEFAULT_PORT: u16 = 27_000;

/// Where a node can be reached: `HOST`, `HOST:PORT` or `[IPV6]:PORT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    host: Host,
    port: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Address(IpAddr),
    Name(String),
}

impl Place {
    /// A place on this machine.
    pub(super) fn local(port: u16) -> Self {
        Self { host: Host::Address(Ipv4Addr::LOCALHOST.into()), port }
    }

    /// Where others reach its consensus.
    pub(super) fn consensus(&self) -> Multiaddr {
        self.at(self.port)
    }

    /// Where others reach it for all else.
    pub(super) fn peers(&self) -> Multiaddr {
        self.at(self.port + 1)
    }

    fn at(&self, port: u16) -> Multiaddr {
        let host = match &self.host {
            Host::Address(IpAddr::V4(address)) => Protocol::Ip4(*address),
            Host::Address(IpAddr::V6(address)) => Protocol::Ip6(*address),
            Host::Name(name) => Protocol::Dns(name.clone().into()),
        };
        Multiaddr::empty().with(host).with(Protocol::Tcp(port))
    }
}

/// The same address seen from within: where the node listens, which is everywhere unless it is on
/// loopback.
pub(super) fn within(address: &Multiaddr) -> Multiaddr {
    let everywhere = |part: Protocol<'_>| match part {
        Protocol::Ip4(ip) if !ip.is_loopback() => Protocol::Ip4(Ipv4Addr::UNSPECIFIED),
        Protocol::Ip6(ip) if !ip.is_loopback() => Protocol::Ip6(Ipv6Addr::UNSPECIFIED),
        Protocol::Dns(_) | Protocol::Dns4(_) => Protocol::Ip4(Ipv4Addr::UNSPECIFIED),
        Protocol::Dns6(_) => Protocol::Ip6(Ipv6Addr::UNSPECIFIED),
        other => other.acquire(),
    };
    address.iter().map(everywhere).collect()
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| {
            format!(
                "{text:?}: {why}; write HOST, HOST:PORT or [IPV6]:PORT, the port from 1 to 65534"
            )
        };
        if let Ok(address) = text.parse::<Ipv6Addr>() {
            return Ok(Self { host: Host::Address(address.into()), port: DEFAULT_PORT });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => {
                (host, port.parse().map_err(|_| wrong("this port is no number"))?)
            }
            None => (text, DEFAULT_PORT),
        };
        // The next port is for the other peers.
        if port == 0 || port == u16::MAX {
            return Err(wrong("this port cannot be used"));
        }
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let host = match (bare, host.parse::<Ipv4Addr>()) {
            (Some(bare), _) => {
                let address: Ipv6Addr =
                    bare.parse().map_err(|_| wrong("this is no IPv6 address"))?;
                Host::Address(address.into())
            }
            (None, Ok(address)) => Host::Address(address.into()),
            (None, Err(_)) if is_name(host) => Host::Name(host.to_ascii_lowercase()),
            (None, Err(_)) => return Err(wrong("this is neither an address nor a name of a host")),
        };
        Ok(Self { host, port })
    }
}

/// Labels of letters, digits and hyphens (RFC 1123 2.1), the last of which is no number.
fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    text.len() <= 253
        && text.split('.').all(label)
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}

/// An organisation and where its node is: `NAME=HOST[:PORT]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Organisation {
    /// What it is called: its folder, and its name in the genesis.
    pub(super) name: Name,
    /// Where its node is.
    pub(super) place: Place,
}

impl FromStr for Organisation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, place) =
            text.split_once('=').ok_or_else(|| format!("{text:?}: write NAME=HOST[:PORT]"))?;
        Ok(Self { name: name.parse()?, place: place.parse()? })
    }
}

/// What an organisation is called: fit for a folder on any system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name(String);

impl Name {
    /// The text.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let first = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
        match first && text.len() <= 64 && text.bytes().all(allowed) {
            true => Ok(Self(text.to_owned())),
            false => Err(format!(
                "{text:?}: a name is 1 to 64 of A-Z a-z 0-9 . _ - and begins with a letter or digit"
            )),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_host_and_a_port() {
        for (text, consensus, peers, listens) in [
            (
                "10.0.0.1",
                "/ip4/10.0.0.1/tcp/27000",
                "/ip4/10.0.0.1/tcp/27001",
                "/ip4/0.0.0.0/tcp/27000",
            ),
            ("127.0.0.1:5", "/ip4/127.0.0.1/tcp/5", "/ip4/127.0.0.1/tcp/6", "/ip4/127.0.0.1/tcp/5"),
            ("[::1]:7", "/ip6/::1/tcp/7", "/ip6/::1/tcp/8", "/ip6/::1/tcp/7"),
            (
                "2001:db8::1",
                "/ip6/2001:db8::1/tcp/27000",
                "/ip6/2001:db8::1/tcp/27001",
                "/ip6/::/tcp/27000",
            ),
            (
                "Node.Example:80",
                "/dns/node.example/tcp/80",
                "/dns/node.example/tcp/81",
                "/ip4/0.0.0.0/tcp/80",
            ),
        ] {
            let place: Place = text.parse().unwrap();
            let all = [place.consensus(), place.peers(), within(&place.consensus())];
            let expected = [consensus, peers, listens];
            assert_eq!(all.map(|address| address.to_string()), expected, "{text}");
        }
        for wrong in
            ["", ":5", "a b", "h:0", "h:65535", "h:x", "[1.2.3.4]:5", "1.2.3.400", "-h", "a..b"]
        {
            assert!(wrong.parse::<Place>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_name_is_fit_for_a_folder() {
        for wrong in ["", "..", "a/b", "-x", "a b", "a\n", &"x".repeat(65)] {
            assert!(wrong.parse::<Name>().is_err(), "{wrong:?}");
        }
        assert!("Post-1".parse::<Name>().is_ok());
    }
}
