//! A listener that systemd hands over (socket activation, `sd_listen_fds(3)`).
//!
//! systemd keeps it while the daemon is restarted: who connects meanwhile waits, and is answered. The crate
//! listenfd makes a socket of the descriptor that it is given by number, which takes unsafe code.

use listenfd::ListenFd;
use std::io;
use std::net::TcpListener;

/// What `FileDescriptorName=` of the socket unit calls ours.
const NAME: &str = "http";

/// Takes the listener for readers that this process was started with; `None` when it was given none.
///
/// Must be called before any thread is started, since it takes the variables out of the environment.
///
/// # Errors
/// When several sockets are handed over and none is called `http`, and when ours is no TCP listener.
pub fn inherited_listener() -> io::Result<Option<TcpListener>> {
    let sockets = sd_notify::listen_fds_with_names()?;
    let names: Vec<String> = sockets.map(|(_, name)| name).collect();
    match choose(&names)? {
        Some(index) => ListenFd::from_env().take_tcp_listener(index),
        None => Ok(None),
    }
}

/// Returns which of the sockets is ours: the one of our name, else the only one.
fn choose(names: &[String]) -> io::Result<Option<usize>> {
    let ours = names.iter().position(|name| name == NAME);
    match names {
        [] => Ok(None),
        [_] => Ok(Some(0)),
        _ => ours.map(Some).ok_or_else(|| {
            let why = "several sockets are handed over: write FileDescriptorName=http in the unit of ours";
            io::Error::new(io::ErrorKind::InvalidInput, why)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_is_told_by_its_name() {
        for (names, expected) in [
            (&[][..], Some(None)),
            (&["unknown"], Some(Some(0))),
            (&["admin", "http"], Some(Some(1))),
            (&["admin", "merganser.socket"], None),
        ] {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(choose(&names).ok(), expected, "{names:?}");
        }
    }
}
