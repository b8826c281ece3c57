//! Log lines to standard error, where journald picks them up.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

/// Starts logging; a second call changes nothing.
///
/// `default` is a level or a filter in the syntax of `tracing-subscriber`; the variable
/// `MERGANSER_LOG` overrides it. Lines carry no time under journald, which adds its own.
pub fn start_logging(default: &str, journald: bool, colour: bool) {
    let filter =
        EnvFilter::try_from_env("MERGANSER_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let lines = fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(colour)
        .with_writer(std::io::stderr);
    let started = if journald {
        lines.without_time().try_init()
    } else {
        lines.try_init()
    };
    if let Err(error) = started {
        tracing::debug!(%error, "logging was started before");
    }
}
