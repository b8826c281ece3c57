//! TLS: how origins are known, and how they know us again.
//!
//! Certificates are verified as the system does it, always (S20): there is no switch.
//!
//! Most polls come an hour after the one before, on a connection of their own, and find nothing new: the
//! handshake is most of what they cost. With one that resumes the session of the last time, such a poll
//! takes 0.30 ms of CPU instead of 0.70 (1,000 hosts on loopback, HTTP/2). rustls resumes by itself, but
//! remembers 32 servers by default, the last ones: of more than that, asked in turn, it has forgotten each
//! by the time it comes up again. And it keeps eight tickets of each, every one with a copy of the
//! certificates, where one is used. Hence a memory of our own, of one session a server.

use rustls::client::{
    ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, NamedGroup};
use rustls_platform_verifier::BuilderVerifierExt;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// Servers that are remembered. A session is mostly the certificates of its server: some 4 KB, measured.
const MAX_SERVERS: usize = 4096;

/// What is spoken inside TLS, the better first (RFC 7301).
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// The settings of all TLS that a configuration leads to: every client shares the sessions.
#[derive(Debug, Default)]
pub(super) struct Tls(OnceLock<Result<ClientConfig, String>>);

impl Tls {
    /// Returns the settings. The first call reads the machine's CA certificates, which costs as much CPU
    /// as thirty polls; whoever fetches over plain HTTP alone needs none.
    ///
    /// # Errors
    ///
    /// Why there is no TLS on this machine, in words: it has no CA certificates.
    pub(super) fn settings(&self) -> Result<ClientConfig, String> {
        let made = self.0.get_or_init(|| {
            let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
            let config = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .and_then(BuilderVerifierExt::with_platform_verifier)
                .map_err(|error| error.to_string())?;
            Ok(with_sessions(config.with_no_client_auth()))
        });
        made.clone()
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
        Self(OnceLock::from(Ok(with_sessions(config))))
    }
}

fn with_sessions(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    config.resumption = Resumption::store(Arc::new(Sessions::default()));
    config
}

/// The last session with each server.
///
/// When the memory is full, those in it stay and new ones are not remembered: feeds are asked in turn, and
/// whoever forgets the oldest first has forgotten each when its turn comes.
#[derive(Default)]
struct Sessions {
    servers: Mutex<HashMap<ServerName<'static>, Session>>,
}

/// What is known of one server. One ticket is enough, since a host is asked one at a time; it is used once,
/// so that nobody on the way can tell two visits to be of the same client (RFC 8446, C.4).
#[derive(Default)]
struct Session {
    group: Option<NamedGroup>,
    tls12: Option<Tls12ClientSessionValue>,
    tls13: Option<Tls13ClientSessionValue>,
}

impl Sessions {
    fn servers(&self) -> MutexGuard<'_, HashMap<ServerName<'static>, Session>> {
        self.servers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, server: ServerName<'static>, keep: impl FnOnce(&mut Session)) {
        let mut servers = self.servers();
        if servers.len() < MAX_SERVERS || servers.contains_key(&server) {
            keep(servers.entry(server).or_default());
        }
    }
}

impl ClientSessionStore for Sessions {
    fn set_kx_hint(&self, server: ServerName<'static>, group: NamedGroup) {
        self.keep(server, |session| session.group = Some(group));
    }

    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        self.servers().get(server)?.group
    }

    fn set_tls12_session(&self, server: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.keep(server, |session| session.tls12 = Some(value));
    }

    fn tls12_session(&self, server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.servers().get(server)?.tls12.clone()
    }

    fn remove_tls12_session(&self, server: &ServerName<'static>) {
        if let Some(session) = self.servers().get_mut(server) {
            session.tls12 = None;
        }
    }

    fn insert_tls13_ticket(&self, server: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.keep(server, |session| session.tls13 = Some(value));
    }

    fn take_tls13_ticket(&self, server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.servers().get_mut(server)?.tls13.take()
    }
}

impl fmt::Debug for Sessions {
    /// Leaves out the sessions, which are keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}
