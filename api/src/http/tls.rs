//! TLS 1.3 and 1.2 (RFC 8446, RFC 5246) with a certificate from files, which is read again when they change.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use actix_web::rt;
use arc_swap::ArcSwap;
use chancery_node_files::key_file;
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use zeroize::Zeroizing;

use crate::config::TlsFiles;

/// How often it is looked whether the files have changed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Why TLS cannot be had with these files.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file could not be read.
    #[error("{file}: {source}")]
    Io {
        /// Which.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// Others may read the key.
    #[error("{0}: others may read this key; set its permissions to 0600")]
    Permissions(String),
    /// There is no certificate in the file.
    #[error("{0}: not certificates in PEM, the server's own first")]
    NoCertificate(String),
    /// There is no key in the file.
    #[error("{0}: not an unencrypted private key in PEM")]
    NoKey(String),
    /// They do not go together, or are of a kind that is not supported.
    #[error("{certificate} with {key}: {source}")]
    Pair {
        /// The certificate's file.
        certificate: String,
        /// The key's file.
        key: String,
        /// What is wrong with them.
        source: rustls::Error,
    },
}

/// The certificate that is shown to clients, and the files that it is from.
#[derive(Debug)]
pub(super) struct Certificate {
    certificate: PathBuf,
    key: PathBuf,
    provider: Arc<CryptoProvider>,
    shown: ArcSwap<CertifiedKey>,
}

impl Certificate {
    /// Reads it for the first time.
    pub(super) fn read(files: TlsFiles<'_>) -> Result<Arc<Self>, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let shown = ArcSwap::from_pointee(pair(files.certificate, files.key, &provider)?);
        let (certificate, key) = (files.certificate.to_owned(), files.key.to_owned());
        Ok(Arc::new(Self { certificate, key, provider, shown }))
    }

    /// The settings of a server that shows it. No version before 1.2 is spoken, whatever a client asks for.
    pub(super) fn settings(self: &Arc<Self>) -> Result<ServerConfig, TlsError> {
        let versions = &[&rustls::version::TLS13, &rustls::version::TLS12];
        let builder = ServerConfig::builder_with_provider(self.provider.clone());
        let builder = builder.with_protocol_versions(versions).map_err(|it| self.unusable(it))?;
        Ok(builder.with_no_client_auth().with_cert_resolver(self.clone()))
    }

    /// Shows what the files have when they change, for ever. While they do not go together, as when only one of them
    /// has been replaced so far, what was shown before stays.
    pub(super) async fn follow(self: Arc<Self>) {
        let mut seen = self.stamps();
        loop {
            rt::time::sleep(LOOK_EVERY).await;
            let stamps = self.stamps();
            if stamps == seen {
                continue;
            }
            seen = stamps;
            match pair(&self.certificate, &self.key, &self.provider) {
                Ok(pair) => {
                    self.shown.store(Arc::new(pair));
                    tracing::info!(file = %self.certificate.display(), "the certificate was read again");
                }
                Err(error) => tracing::warn!(%error, "the certificate stays as it was"),
            }
        }
    }

    fn stamps(&self) -> [Option<(SystemTime, u64)>; 2] {
        let stamp = |metadata: Metadata| Some((metadata.modified().ok()?, metadata.len()));
        [&self.certificate, &self.key].map(|file| fs::metadata(file).ok().and_then(stamp))
    }

    fn unusable(&self, source: rustls::Error) -> TlsError {
        unusable(&self.certificate, &self.key, source)
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.shown.load_full())
    }
}

fn pair(
    certificate: &Path,
    key: &Path,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, TlsError> {
    let name = |file: &Path| file.display().to_string();
    let failed = |file: &Path, source| TlsError::Io { file: name(file), source };
    if !key_file::is_its_owners_alone(key).map_err(|source| failed(key, source))? {
        return Err(TlsError::Permissions(name(key)));
    }
    let chain = fs::read(certificate).map_err(|source| failed(certificate, source))?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&chain).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    let chain = chain.ok_or_else(|| TlsError::NoCertificate(name(certificate)))?;
    let pem = Zeroizing::new(fs::read(key).map_err(|source| failed(key, source))?);
    let secret = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| TlsError::NoKey(name(key)))?;
    let pair = CertifiedKey::from_der(chain, secret, provider);
    pair.map_err(|source| unusable(certificate, key, source))
}

fn unusable(certificate: &Path, key: &Path, source: rustls::Error) -> TlsError {
    let name = |file: &Path| file.display().to_string();
    TlsError::Pair { certificate: name(certificate), key: name(key), source }
}
