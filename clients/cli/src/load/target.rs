//! Where the load goes: only to this machine, or to a server that its owner vouches for.

use std::net::{SocketAddr, ToSocketAddrs};

use hyper::http::HeaderValue;
use hyper::http::uri::{Scheme, Uri};

use crate::failure::Failure;

/// A server to be measured.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// Where it listens.
    pub(super) address: SocketAddr,
    /// What it is called in requests.
    pub(super) host: HeaderValue,
}

impl Target {
    /// The server at this address. One that is not on this machine must be the caller's own.
    pub(super) fn parse(url: &str, owned: bool) -> Result<Self, Failure> {
        let wrong = |why: &str| Failure::usage(format!("{url}: {why}"));
        let uri: Uri = url.parse().map_err(|_| wrong("not an address"))?;
        if uri.scheme() != Some(&Scheme::HTTP) {
            return Err(wrong("the load goes over plain http"));
        }
        let authority = uri.authority().ok_or_else(|| wrong("it names no server"))?;
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| wrong("not a host"))?;
        let name = authority.host().trim_start_matches('[').trim_end_matches(']');
        let mut addresses = (name, authority.port_u16().unwrap_or(80))
            .to_socket_addrs()
            .map_err(|error| wrong(&error.to_string()))?;
        let address = addresses.next().ok_or_else(|| wrong("the name leads nowhere"))?;
        if !address.ip().is_loopback() && !owned {
            return Err(wrong(
                "not on this machine: load only a server that is yours, and say so with --i-own-this-server",
            ));
        }
        Ok(Self { address, host })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_unless_the_owner_says_so() {
        assert!(Target::parse("http://127.0.0.1:8080", false).is_ok());
        assert!(Target::parse("http://[::1]:8080", false).is_ok());
        assert!(Target::parse("http://192.0.2.1:8080", false).is_err());
        assert!(Target::parse("http://192.0.2.1:8080", true).is_ok());
        assert!(Target::parse("https://127.0.0.1", true).is_err());
        assert!(Target::parse("nonsense", true).is_err());
    }
}
