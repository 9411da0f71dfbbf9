//! How the node takes part in a network: what `network.json` in its folder says, and what stands
//! above it.

pub use chancery_node_files::network::{NetworkConfig, NetworkConfigError, Timeouts};

use super::Config;

impl Config {
    /// How the node takes part in a network; `None` when neither its folder nor the command line says
    /// anything about one.
    pub fn network(&self) -> Result<Option<NetworkConfig>, NetworkConfigError> {
        let read = NetworkConfig::read(&self.data.join(chancery_node_files::NETWORK_FILE))?;
        let named = self.consensus_listen.is_some() || self.peers_listen.is_some();
        if read.is_none() && !named {
            return Ok(None);
        }
        let mut config = read.unwrap_or_default();
        if let Some(address) = &self.consensus_listen {
            config.consensus_listen = Some(address.clone());
        }
        if let Some(address) = &self.peers_listen {
            config.peers_listen = Some(address.clone());
        }
        Ok(Some(config))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use clap::Parser;

    use super::*;

    fn config(folder: &std::path::Path, more: &[&str]) -> Config {
        let data = folder.display().to_string();
        let words = ["chanceryd", "--data", &data].into_iter().chain(more.iter().copied());
        Config::parse_from(words)
    }

    #[test]
    fn the_command_line_stands_above_the_file() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(config(folder.path(), &[]).network().unwrap(), None);
        let text = r#"{"peers_listen": "/ip4/127.0.0.1/tcp/5", "heartbeat_ms": 700}"#;
        std::fs::write(folder.path().join("network.json"), text).unwrap();
        let read = config(folder.path(), &[]).network().unwrap().unwrap();
        assert_eq!((read.heartbeat_ms, &read.consensus_listen), (700, &None));
        let more = ["--peers-listen", "/ip4/127.0.0.1/tcp/6"];
        let read = config(folder.path(), &more).network().unwrap().unwrap();
        assert_eq!(read.peers_listen.unwrap().to_string(), "/ip4/127.0.0.1/tcp/6");
        assert_eq!(read.heartbeat_ms, 700);
    }

    #[test]
    fn what_is_wrong_with_the_file_is_said_with_file_and_field() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("network.json");
        for (text, field) in [
            (r#"{"peers": ["127.0.0.1:5"]}"#, "peers[0]"),
            (
                r#"{"consensus_peers": ["/ip4/1.2.3.4/tcp/5", "/ip4/1.2.3.4/udp/5"]}"#,
                "consensus_peers[1]",
            ),
            (r#"{"peers_listen": "/ip4/1.2.3.4/tcp/0"}"#, "peers_listen"),
            (r#"{"peers": ["/ip4/1.2.3.4/tcp/5", "/ip4/1.2.3.4/tcp/5"]}"#, "peers[1]"),
            (r#"{"timeouts_ms": {"propose": 1}}"#, "timeouts_ms.propose"),
            (r#"{"heartbeat_ms": 0}"#, "heartbeat_ms"),
            (r#"{"miner_threads": 65}"#, "miner_threads"),
            (r#"{"miners": 1}"#, "miners"),
            (r#"{"peers": [], "peers": []}"#, "peers"),
        ] {
            std::fs::write(&file, text).unwrap();
            let error = config(folder.path(), &[]).network().unwrap_err().to_string();
            let file = file.display().to_string();
            assert!(error.starts_with(&file) && error.contains(field), "{text}: {error}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = r#"{"consensus_listen": "/ip6/::1/tcp/9", "peers": ["/dns/b.example/tcp/1"]}"#;
        let config = NetworkConfig::parse(text.as_bytes()).unwrap();
        assert_eq!(NetworkConfig::parse(config.to_text().as_bytes()).unwrap(), config);
    }
}
