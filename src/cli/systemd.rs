//! What systemd says of the units of the service, where it is there.

use super::run::block_on;
use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe::Receiver;
use tokio::time::timeout;

const SERVICE: &str = "merganser.service";
const SOCKET: &str = "merganser.socket";

/// Where `systemctl` is, the last as NixOS has it: `$PATH` may be a user's still while root asks. Builds without
/// optimization find it there all the same, as tests put one of theirs in its place.
const PROGRAMS: &[&str] = if cfg!(debug_assertions) {
    &["systemctl"]
} else {
    &[
        "/usr/bin/systemctl",
        "/bin/systemctl",
        "/run/current-system/sw/bin/systemctl",
    ]
};

/// What is asked of each.
const PROPERTIES: &str = "--property=Id,LoadState,UnitFileState,ActiveState,SubState,Result,ExecMainCode,ExecMainStatus,User,\
                          DynamicUser,PrivateUsers,CapabilityBoundingSet,AmbientCapabilities";

/// How long an answer is waited for: it comes within hundredths of a second.
const PATIENCE: Duration = Duration::from_secs(2);

/// More than an answer has.
const BYTES: u64 = 64 * 1024;

/// How the daemon ends that a file with problems keeps from starting.
const REFUSED: &str = "78";

/// The units, as far as systemd knows them.
#[derive(Debug, Default)]
pub(super) struct Units {
    service: Unit,
    socket: Unit,
}

/// What systemd says of one: its properties, by name.
#[derive(Clone, Debug, Default)]
struct Unit(BTreeMap<String, String>);

impl Unit {
    fn value(&self, property: &str) -> &str {
        self.0.get(property).map_or("", String::as_str)
    }

    fn is(&self, property: &str, value: &str) -> bool {
        self.value(property) == value
    }

    fn is_loaded(&self) -> bool {
        self.is("LoadState", "loaded")
    }

    fn has_failed(&self) -> bool {
        self.is_loaded() && self.is("ActiveState", "failed")
    }

    /// Says how its main process ended, where systemd goes by that.
    fn how_it_ended(&self) -> String {
        let result = self.value("Result");
        let goes_by_it = matches!(
            result,
            "exit-code" | "signal" | "core-dump" | "start-limit-hit"
        );
        match (self.value("ExecMainCode"), self.value("ExecMainStatus")) {
            (_, status) if !goes_by_it || matches!(status, "" | "0") => result.to_owned(),
            // CLD_KILLED and CLD_DUMPED: the number is that of a signal then.
            ("2" | "3", signal) => format!("{result}, signal {signal} ended it"),
            (_, status) => format!("{result}, it ended with {status}"),
        }
    }
}

/// What keeps a unit from its work.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) found: String,
    /// What to do.
    pub(super) next: String,
    /// Whether it is the service, without which nothing is polled or served.
    pub(super) is_down: bool,
}

impl Units {
    /// Asks systemd. Where there is none, or it takes long, nothing is known.
    pub(super) fn asked() -> Self {
        Self::of(&shown().unwrap_or_default())
    }

    /// Reads what `systemctl show` prints: a line for each property, and an empty one between two units.
    fn of(text: &str) -> Self {
        let mut units = Self::default();
        for block in text.split("\n\n") {
            let lines = block.lines().filter_map(|line| line.split_once('='));
            let unit = Unit(
                lines
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect(),
            );
            match unit.value("Id") {
                _ if unit.is("LoadState", "not-found") => {}
                SERVICE => units.service = unit,
                SOCKET => units.socket = unit,
                _ => {}
            }
        }
        units
    }

    /// Says which unit is not taken, given up or does not stay up, and what is to be done.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        if let Some(trouble) = self.not_taken() {
            return Some(trouble);
        }
        let service = &self.service;
        let how = service.how_it_ended();
        let why = match service.value("ExecMainStatus") {
            REFUSED => "`merganser check` tells what is to be mended in feeds.toml",
            _ => "`journalctl -u merganser -n 20` tells why",
        };
        let failed: Vec<&str> = [(SERVICE, service), (SOCKET, &self.socket)]
            .into_iter()
            .filter_map(|(name, unit)| unit.has_failed().then_some(name))
            .collect();
        let anew = format!(
            "`systemctl reset-failed {}; systemctl restart {SERVICE}`",
            failed.join(" ")
        );
        if service.has_failed() {
            return Some(Trouble {
                found: format!("systemd has given up {} ({how})", failed.join(" and ")),
                next: format!("{why}; then {anew}"),
                is_down: true,
            });
        }
        if service.value("SubState").starts_with("auto-restart") {
            return Some(Trouble {
                found: format!("{SERVICE} does not stay up ({how}): systemd starts it again"),
                next: why.to_owned(),
                is_down: true,
            });
        }
        self.socket.has_failed().then(|| Trouble {
            found: format!(
                "systemd has given up {SOCKET} ({}): who connects during a restart is refused",
                self.socket.value("Result")
            ),
            next: anew,
            is_down: false,
        })
    }

    /// Says which unit systemd starts no more, as somebody masked it or something in it is wrong. One that was up before
    /// stays up, and nobody needs the socket who masked it.
    fn not_taken(&self) -> Option<Trouble> {
        let service = &self.service;
        let is_down = !service.is("ActiveState", "active");
        if service.is("LoadState", "masked") {
            // A mask until the next start of the machine is not found without this, and nothing is said of it.
            let which = if service.is("UnitFileState", "masked-runtime") {
                "--runtime "
            } else {
                ""
            };
            return Some(Trouble {
                found: format!("{SERVICE} is masked: systemd does not start it"),
                next: format!("`systemctl unmask {which}merganser` where that is not meant"),
                is_down,
            });
        }
        let units = [(SERVICE, service, is_down), (SOCKET, &self.socket, false)];
        units.into_iter().find_map(|(name, unit, is_down)| {
            let state = unit.value("LoadState");
            matches!(state, "bad-setting" | "error").then(|| Trouble {
                found: format!("systemd does not take {name} ({state})"),
                next: format!(
                    "`systemctl status {name}` tells why; then `systemctl daemon-reload; systemctl restart {name}`"
                ),
                is_down,
            })
        })
    }

    /// Tells whether the service would have to open a port below those of everybody by itself, and may not.
    pub(super) fn lack_ports(&self) -> bool {
        const NEEDED: &str = "cap_net_bind_service";
        let (service, socket) = (&self.service, &self.socket);
        let is_handed_over = socket.is("ActiveState", "active")
            || matches!(socket.value("UnitFileState"), "enabled" | "enabled-runtime");
        let has = |set: &str| service.value(set).split(' ').any(|it| it == NEEDED);
        let is_root =
            !service.is("DynamicUser", "yes") && matches!(service.value("User"), "" | "root" | "0");
        // In a user namespace of its own no capability counts at the ports of the machine.
        let may = !service.is("PrivateUsers", "yes")
            && (has("AmbientCapabilities") || is_root && has("CapabilityBoundingSet"));
        service.is_loaded() && !is_handed_over && !may
    }
}

/// Returns what `systemctl` prints of both units, in whatever time it takes up to [`PATIENCE`].
fn shown() -> Option<String> {
    let start = |program: &&str| {
        Command::new(program)
            .args(["show", "--no-pager", PROPERTIES, SERVICE, SOCKET])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()
    };
    let mut child = PROGRAMS.iter().find_map(start)?;
    let pipe = child.stdout.take().map(OwnedFd::from);
    let text = pipe.and_then(|pipe| block_on(async { Ok(read(pipe, PATIENCE).await) }).ok());
    // One that is done already cannot be ended, and is only to be seen off.
    child.kill().ok();
    child.wait().ok();
    text.flatten()
}

/// Reads a pipe to its end, unless that takes longer than this.
async fn read(pipe: OwnedFd, patience: Duration) -> Option<String> {
    let mut text = String::new();
    let mut pipe = Receiver::from_owned_fd(pipe).ok()?.take(BYTES);
    let read = timeout(patience, pipe.read_to_string(&mut text)).await;
    read.is_ok_and(|it| it.is_ok()).then_some(text)
}

#[cfg(test)]
mod tests;
