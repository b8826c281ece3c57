//! What fetching needs of the machine, tried out without asking an origin for anything.

use super::client::resolve;
use super::tls::Tls;
use rustls::client::Resumption;
use std::time::Duration;

/// How long a name may take: the system's own patience with a resolver that is silent.
const PATIENCE: Duration = Duration::from_secs(5);

/// Looks a name up as a poll would.
///
/// # Errors
///
/// Why it has no address, in words.
pub async fn resolves(name: &str) -> Result<(), String> {
    match tokio::time::timeout(PATIENCE, resolve(name)).await {
        Ok(answer) => answer.map(drop).map_err(|error| error.to_string()),
        Err(_) => Err(format!(
            "cannot resolve {name}: nobody answered for {} s",
            PATIENCE.as_secs()
        )),
    }
}

/// Reads the machine's CA certificates as the first poll over TLS would.
///
/// # Errors
///
/// Why there is no TLS on this machine, in words.
pub fn certificates() -> Result<(), String> {
    let settings = Tls::default().settings(&Resumption::disabled());
    settings.map(drop)
}
