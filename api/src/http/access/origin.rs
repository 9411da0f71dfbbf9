//! The origins (RFC 6454) by which a server is known: what an access token must be for.

use std::net::SocketAddr;

use actix_web::http::Uri;

/// The origins of a server that people reach at `public_url` and that listens at `address`, by this scheme.
///
/// Loopback names are among them: a token for them can have been asked for only on this machine.
pub(crate) fn origins(public_url: &str, scheme: &str, address: SocketAddr) -> Vec<String> {
    let port = address.port();
    let local = ["127.0.0.1", "localhost", "[::1]"].map(|host| format!("{scheme}://{host}:{port}"));
    let mut origins: Vec<String> = local
        .iter()
        .map(String::as_str)
        .chain([public_url, &format!("{scheme}://{address}")])
        .filter_map(origin)
        .collect();
    origins.sort_unstable();
    origins.dedup();
    origins
}

/// `scheme://host:port` in lower case, without the scheme's own port.
fn origin(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let (scheme, host) = (uri.scheme_str()?.to_ascii_lowercase(), uri.host()?.to_ascii_lowercase());
    match (uri.port_u16(), scheme.as_str()) {
        (None, _) | (Some(80), "http") | (Some(443), "https") => Some(format!("{scheme}://{host}")),
        (Some(port), _) => Some(format!("{scheme}://{host}:{port}")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let origin = |url| origin(url);
        assert_eq!(
            origin("https://Registry.Example:443/x"),
            Some("https://registry.example".into())
        );
        assert_eq!(
            origin("http://registry.example:8080"),
            Some("http://registry.example:8080".into())
        );
        assert_eq!(origin("http://[::1]:80/"), Some("http://[::1]".into()));
        assert_eq!(origin("registry"), None);
        let all = origins("https://registry.example/", "http", "0.0.0.0:8080".parse().unwrap());
        assert!(all.contains(&"https://registry.example".to_owned()));
        assert!(all.contains(&"http://localhost:8080".to_owned()));
        let secure = origins("https://registry.example", "https", "0.0.0.0:443".parse().unwrap());
        assert!(secure.contains(&"https://localhost".to_owned()));
    }
}
