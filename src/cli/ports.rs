//! Ports at which not everybody may listen.

use std::fs;
use std::io;

/// Where the kernel says at which port those of everybody begin, and where they begin unless it says so.
const SETTING: &str = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
const USUAL: u16 = 1024;

/// Returns the first port at which everybody may listen.
pub(super) fn of_everybody() -> u16 {
    let told = fs::read_to_string(SETTING).ok();
    told.and_then(|it| it.trim().parse().ok()).unwrap_or(USUAL)
}

/// Says what helps where a port is refused for being lower than those of everybody; nothing where that is not why.
pub(super) fn low(port: u16, error: &io::Error, of_everybody: u16) -> Option<String> {
    let is_refused = error.kind() == io::ErrorKind::PermissionDenied;
    (is_refused && port < of_everybody).then(|| instead(of_everybody))
}

/// Says what there is in the stead of such a port.
pub(super) fn instead(of_everybody: u16) -> String {
    format!(
        "a port below {of_everybody} is not for every user: have `merganser.socket` hand it over \
         (docs/operating.md), or change `listen` in [server] to a higher one"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_low_port_that_is_refused_wants_the_socket() {
        use io::ErrorKind::{AddrInUse, PermissionDenied};
        for (port, kind, of_everybody, expected) in [
            (80, PermissionDenied, 1024, true),
            (1023, PermissionDenied, 1024, true),
            (1024, PermissionDenied, 1024, false),
            (80, PermissionDenied, 80, false),
            (80, AddrInUse, 1024, false),
        ] {
            let told = low(port, &io::Error::from(kind), of_everybody);
            assert_eq!(told.is_some(), expected, "{port} {kind:?} {of_everybody}");
        }
        assert!(instead(1024).contains("below 1024"));
        assert!(instead(1024).contains("`merganser.socket`"));
    }
}
