//! For whom a proxy asks: `X-Forwarded-For`, or `Forwarded` (RFC 7239), read from the right as far as those who wrote it
//! are believed.

use std::net::{IpAddr, SocketAddr};

use actix_web::http::header::{self, HeaderMap};

use crate::config::ProxyHeader;

/// The address from which a request comes, that a peer has handed on.
///
/// Each proxy appends whom it was asked by, so what is on the right was written last. Whatever stands left of the first
/// address that is not a trusted proxy's was written by strangers and is not looked at.
pub(super) fn origin(
    peer: IpAddr,
    headers: &HeaderMap,
    header: ProxyHeader,
    is_trusted: impl Fn(IpAddr) -> bool,
) -> IpAddr {
    if !is_trusted(peer) {
        return peer;
    }
    let name = match header {
        ProxyHeader::XForwardedFor => header::X_FORWARDED_FOR,
        ProxyHeader::Forwarded => header::FORWARDED,
    };
    let lines: Vec<&str> =
        headers.get_all(name).map(|value| value.to_str().unwrap_or("")).collect();
    let mut origin = peer;
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        let address = match header {
            ProxyHeader::XForwardedFor => address(hop),
            ProxyHeader::Forwarded => hop.split(';').find_map(asked_by),
        };
        // A name, or nonsense: counted to the proxy that let it through.
        let Some(address) = address else { break };
        origin = address;
        if !is_trusted(address) {
            break;
        }
    }
    origin
}

/// The address in a `for=` of RFC 7239.
fn asked_by(parameter: &str) -> Option<IpAddr> {
    let (name, value) = parameter.trim().split_once('=')?;
    name.eq_ignore_ascii_case("for").then(|| address(value.trim_matches('"')))?
}

/// An address, with a port or without, in brackets or without.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip()).ok();
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn asks(peer: &str, header: ProxyHeader, lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            let name = match header {
                ProxyHeader::XForwardedFor => header::X_FORWARDED_FOR,
                ProxyHeader::Forwarded => header::FORWARDED,
            };
            headers.append(name, HeaderValue::from_str(line).unwrap());
        }
        let proxies = ["10.0.0.1".parse::<IpAddr>().unwrap(), "10.0.0.2".parse().unwrap()];
        let is_trusted = |address| proxies.contains(&address);
        origin(peer.parse().unwrap(), &headers, header, is_trusted).to_string()
    }

    #[test]
    fn only_what_trusted_proxies_wrote_is_believed() {
        let usual = ProxyHeader::XForwardedFor;
        // Whoever is no proxy speaks for itself, whatever it writes.
        assert_eq!(asks("192.0.2.1", usual, &["198.51.100.1"]), "192.0.2.1");
        assert_eq!(asks("10.0.0.1", usual, &["198.51.100.1"]), "198.51.100.1");
        // What the client had written stands left of what the proxy wrote.
        assert_eq!(asks("10.0.0.1", usual, &["1.1.1.1, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(asks("10.0.0.1", usual, &["1.1.1.1", "198.51.100.1"]), "198.51.100.1");
        // Through two of them.
        assert_eq!(asks("10.0.0.1", usual, &["1.1.1.1, 198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(asks("10.0.0.1", usual, &["10.0.0.2"]), "10.0.0.2");
        assert_eq!(asks("10.0.0.1", usual, &[]), "10.0.0.1");
        assert_eq!(asks("10.0.0.1", usual, &["1.1.1.1, unknown"]), "10.0.0.1");
        assert_eq!(asks("10.0.0.1", usual, &["198.51.100.1:4711"]), "198.51.100.1");
        assert_eq!(asks("10.0.0.1", usual, &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(asks("10.0.0.1", usual, &["2001:db8::1"]), "2001:db8::1");
    }

    #[test]
    fn rfc_7239_is_read_where_it_is_asked_for() {
        let standard = ProxyHeader::Forwarded;
        let line = r#"for=1.1.1.1, For="[2001:db8::1]:4711";proto=https;by=10.0.0.1"#;
        assert_eq!(asks("10.0.0.1", standard, &[line]), "2001:db8::1");
        assert_eq!(asks("10.0.0.1", standard, &["proto=http;for=192.0.2.60"]), "192.0.2.60");
        assert_eq!(asks("10.0.0.1", standard, &["for=_hidden"]), "10.0.0.1");
        assert_eq!(asks("10.0.0.1", standard, &["proto=http"]), "10.0.0.1");
    }
}
