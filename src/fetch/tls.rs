//! TLS: how origins are known, and how they know us again.
//!
//! Certificates are verified as the system does it, always (S20): there is no switch.
//!
//! Most polls come an hour after the one before, on a connection of their own, and find nothing new: the
//! handshake is most of what they cost. With one that resumes the session of the last time, such a poll
//! takes 0.30 ms of CPU instead of 0.70 (1,000 hosts on loopback, HTTP/2): see [`super::sessions`].

use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls_platform_verifier::BuilderVerifierExt;
use std::sync::{Arc, OnceLock};

/// What is spoken inside TLS, the better first (RFC 7301).
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// The settings of all TLS that a configuration leads to: every client shares the CA certificates.
#[derive(Debug, Default)]
pub(super) struct Tls(OnceLock<Result<ClientConfig, String>>);

impl Tls {
    /// Returns the settings of clients that resume these sessions. The first call reads the machine's CA
    /// certificates, which costs as much CPU as thirty polls; whoever fetches over plain HTTP alone needs none.
    ///
    /// # Errors
    ///
    /// Why there is no TLS on this machine, in words: it has no CA certificates.
    pub(super) fn settings(&self, sessions: &Resumption) -> Result<ClientConfig, String> {
        let made = self.0.get_or_init(|| {
            let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
            let config = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .and_then(BuilderVerifierExt::with_platform_verifier)
                .map_err(|error| error.to_string())?;
            Ok(with_protocols(config.with_no_client_auth()))
        });
        let mut config = made.clone()?;
        config.resumption = sessions.clone();
        Ok(config)
    }

    /// Trusts one certificate and no other.
    #[cfg(test)]
    pub(super) fn trusting(root: &[u8]) -> Self {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(root.to_vec().into()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self(OnceLock::from(Ok(with_protocols(config))))
    }
}

fn with_protocols(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    config.resumption = Resumption::disabled();
    config
}
