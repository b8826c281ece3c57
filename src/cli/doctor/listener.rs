//! The address at which readers are served, and who has it.

use super::Finding;
use crate::cli::ports;
use crate::cli::run::block_on;
use crate::cli::status::told::Told;
use crate::cli::systemd::{Bearing, Units};
use crate::config::Config;
use crate::control::Running;
use crate::serve;
use std::io;
use std::net::SocketAddr;

const CHECK: &str = "listener";

/// Looks at who has the address of readers: the daemon, which says where it serves them, or systemd for it; else somebody,
/// or nobody, which is tried.
pub(super) fn look(
    config: &Config,
    holder: &io::Result<Option<u32>>,
    (told, units): (&Told, &Units),
) -> Finding {
    let wanted = config.server.listen;
    if let Some(running) = &told.running
        && let Some(has) = running.listen
        && let Some(finding) = of_daemon(wanted, has, running)
    {
        return finding;
    }
    if told.running.is_none()
        && let Some(finding) = of_systemd(units, matches!(holder, Ok(Some(_))))
    {
        return finding;
    }
    let of_everybody = ports::of_everybody();
    if is_low(wanted, of_everybody) && units.lack_ports() {
        let found =
            format!("{wanted} is not for merganser.service, which runs as a user of its own");
        return Finding::fail(CHECK, found, ports::instead(of_everybody));
    }
    match block_on(async { Ok(serve::bind(wanted).await.map(drop)) }) {
        Err(_) => Finding::skip(CHECK, format!("{wanted} could not be tried")),
        Ok(tried) => judged(wanted, tried, holder, (told, units)),
    }
}

/// Tells whether a port is below those at which everybody may listen; 0 is any that is free.
fn is_low(wanted: SocketAddr, of_everybody: u16) -> bool {
    (1..of_everybody).contains(&wanted.port())
}

/// Judges what the daemon says, where that is enough to know.
fn of_daemon(wanted: SocketAddr, has: SocketAddr, running: &Running) -> Option<Finding> {
    let pid = running.pid;
    if running.is_handed_over {
        let found = format!("{has} was handed over to the daemon (process {pid})");
        return Some(Finding::ok(CHECK, found));
    }
    let is_any = wanted.port() == 0 && wanted.ip() == has.ip();
    let found = format!("{has} is the daemon's (process {pid})");
    (is_any || wanted == has).then(|| Finding::ok(CHECK, found))
}

/// Judges what systemd does for a daemon that does not run, or does not answer: where it listens, `listen` is not looked at.
fn of_systemd(units: &Units, is_run_otherwise: bool) -> Option<Finding> {
    if let Some(at) = units.held_at() {
        if units.do_not_come_up() && !is_run_otherwise {
            let found =
                format!("{at} is held by merganser.socket, and merganser.service does not come up");
            return Some(Finding::fail(CHECK, found, "`unit` tells what keeps it"));
        }
        let found =
            format!("{at} is held by merganser.socket, which hands it over to merganser.service");
        return Some(Finding::ok(CHECK, found));
    }
    let given_up = units.without_socket()?;
    let is_down = given_up.bearing == Bearing::Down && !is_run_otherwise;
    is_down.then(|| Finding::fail(CHECK, given_up.found, given_up.next))
}

/// Judges an attempt to listen there.
fn judged(
    wanted: SocketAddr,
    tried: io::Result<()>,
    holder: &io::Result<Option<u32>>,
    (told, units): (&Told, &Units),
) -> Finding {
    let has = told.running.as_ref().and_then(|running| running.listen);
    let is_taken =
        matches!(&tried, Err(error) if error.kind() == io::ErrorKind::AddrInUse) && has.is_none();
    let covers = |has: SocketAddr| {
        let is_any = wanted.ip().is_unspecified() || has.ip().is_unspecified();
        is_any && has.port() == wanted.port()
    };
    match (tried, holder, &told.running) {
        (Ok(()), _, None) | (Ok(()), Ok(None) | Err(_), _) => {
            Finding::ok(CHECK, format!("{wanted} is free"))
        }
        (Err(_), Ok(Some(pid)), _) if has.is_some_and(covers) => {
            let has = has.map(|has| has.to_string()).unwrap_or_default();
            let found =
                format!("the daemon (process {pid}) serves readers at {has}, and not at {wanted}");
            Finding::warn(CHECK, found, "`listen` counts from the next start on")
        }
        (Ok(()), Ok(Some(pid)), Some(_)) => {
            let at = has.map_or_else(|| "elsewhere".to_owned(), |has| format!("at {has}"));
            let found =
                format!("nobody serves readers at {wanted}: the daemon (process {pid}) does {at}");
            let next = "`listen` counts from the next start on; `control` tells which feeds.toml the daemon has";
            Finding::warn(CHECK, found, next)
        }
        (Err(_), Ok(Some(pid)), _) if is_taken => {
            let why = format!(
                "{wanted} is in use, and the daemon (process {pid}) does not say whether by it"
            );
            Finding::skip(CHECK, why)
        }
        (Err(_), Err(_), _) if is_taken => {
            let why = format!(
                "{wanted} is in use, and whether by the daemon of this state is not to be seen"
            );
            Finding::skip(CHECK, why)
        }
        (Err(error), ..) => {
            let low = ports::low(wanted.port(), &error, ports::of_everybody());
            // Where systemd was asked, it is another's.
            let well = if units.are_known() {
                ""
            } else {
                "; well, where it is merganser.socket"
            };
            let next = low.unwrap_or_else(|| {
                format!("change `listen` in [server], or stop what listens there (`ss -ltnp` names it){well}")
            });
            Finding::fail(CHECK, format!("{wanted}: {error}"), next)
        }
    }
}
