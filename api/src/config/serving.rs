//! How the server meets its clients: TLS, the proxies that it believes, and how much one of them may ask for.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Args, ValueEnum};
use ipnet::IpNet;

/// How the server meets its clients.
#[derive(Clone, Debug, Args)]
pub struct Serving {
    /// The server's certificate, and behind it those up to its root's, in PEM: it answers over TLS. Read again when it
    /// changes.
    #[arg(long, env = "CHANCERY_TLS_CERTIFICATE", value_name = "FILE", global = true)]
    pub tls_certificate: Option<PathBuf>,
    /// The certificate's key in PEM, in a file that nobody else may read.
    #[arg(long, env = "CHANCERY_TLS_KEY", value_name = "FILE", global = true)]
    pub tls_key: Option<PathBuf>,
    /// A proxy, by address or network, that is believed when it says for whom it asks; once for each.
    #[arg(
        long = "trusted-proxy",
        env = "CHANCERY_TRUSTED_PROXIES",
        value_name = "ADDRESS",
        value_delimiter = ',',
        global = true
    )]
    pub trusted_proxies: Vec<Network>,
    /// The header in which trusted proxies say it. They must set it and let nothing of it through.
    #[arg(long, env = "CHANCERY_PROXY_HEADER", value_enum, default_value_t, global = true)]
    pub proxy_header: ProxyHeader,
    /// How much one client may ask for.
    #[command(flatten)]
    pub limits: Limits,
}

/// How much one client may ask for: each a second, and ten times as much at once. 0 is without a limit.
#[derive(Clone, Copy, Debug, Args)]
pub struct Limits {
    /// Transitions that one client may hand in each second, and ten times as many at once; 0 for any number.
    #[arg(
        long,
        env = "CHANCERY_LIMIT_WRITES",
        value_name = "N",
        default_value_t = 1000,
        global = true
    )]
    pub limit_writes: u32,
    /// Requests that one client may read with each second, and ten times as many at once; 0 for any number.
    #[arg(
        long,
        env = "CHANCERY_LIMIT_READS",
        value_name = "N",
        default_value_t = 500,
        global = true
    )]
    pub limit_reads: u32,
    /// Of those, questions, searches, histories and lists of proofs; 0 for any number.
    #[arg(
        long,
        env = "CHANCERY_LIMIT_SEARCHES",
        value_name = "N",
        default_value_t = 100,
        global = true
    )]
    pub limit_searches: u32,
    /// Event streams that one client may have open at a time; 0 for any number.
    #[arg(
        long,
        env = "CHANCERY_LIMIT_STREAMS",
        value_name = "N",
        default_value_t = 64,
        global = true
    )]
    pub limit_streams: u32,
    /// Clients on this machine are limited as well.
    #[arg(long, env = "CHANCERY_LIMIT_LOOPBACK", global = true)]
    pub limit_loopback: bool,
}

/// An address, or a network of them as in `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

/// In which header a proxy says for whom it asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ProxyHeader {
    /// The usual one.
    #[default]
    XForwardedFor,
    /// RFC 7239.
    Forwarded,
}

/// The two files of TLS.
#[derive(Clone, Copy, Debug)]
pub struct TlsFiles<'a> {
    /// The certificates.
    pub certificate: &'a Path,
    /// The key.
    pub key: &'a Path,
}

impl Serving {
    /// Where certificate and key are; none where the server answers without TLS.
    pub fn tls(&self) -> Result<Option<TlsFiles<'_>>, String> {
        match (&self.tls_certificate, &self.tls_key) {
            (Some(certificate), Some(key)) => Ok(Some(TlsFiles { certificate, key })),
            (None, None) => Ok(None),
            _ => {
                Err("--tls-certificate and --tls-key go together: give both or neither".to_owned())
            }
        }
    }
}

impl Network {
    /// Whether an address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for Network {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let address = || text.parse::<IpAddr>().map(IpNet::from);
        let network = text.parse().or_else(|_| address());
        network.map(Self).map_err(|_| "an address, or a network such as 10.0.0.0/8")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_an_address_or_many() {
        let contains = |network: &str, address: &str| {
            network.parse::<Network>().unwrap().contains(address.parse().unwrap())
        };
        assert!(contains("192.0.2.7", "192.0.2.7"));
        assert!(contains("192.0.2.7", "::ffff:192.0.2.7"));
        assert!(!contains("192.0.2.7", "192.0.2.8"));
        assert!(contains("10.0.0.0/8", "10.255.0.1"));
        assert!(contains("2001:db8::/32", "2001:db8:1::1"));
        assert!(!contains("10.0.0.0/8", "::1"));
        assert!("proxy.example".parse::<Network>().is_err());
        assert!("10.0.0.0/33".parse::<Network>().is_err());
    }
}
