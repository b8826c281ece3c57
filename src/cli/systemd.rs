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
const PROPERTIES: &str = "--property=Id,LoadState,UnitFileState,ActiveState,SubState,Result,ExecMainCode,ExecMainStatus,\
                          ConditionResult,ConditionTimestampMonotonic,Listen,User,DynamicUser,PrivateUsers,\
                          CapabilityBoundingSet,AmbientCapabilities";

/// The one of them that has a line for each address.
const LISTEN: &str = "Listen";

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
    /// Reads what is printed of one, a line for each property.
    fn of(block: &str) -> Self {
        let mut properties: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in block.lines().filter_map(|line| line.split_once('=')) {
            let value = match properties.get(LISTEN) {
                Some(before) if name == LISTEN => format!("{before}, {value}"),
                _ => value.to_owned(),
            };
            properties.insert(name.to_owned(), value);
        }
        Self(properties)
    }

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

    fn is_stopped(&self) -> bool {
        self.is_loaded() && self.is("ActiveState", "inactive")
    }

    /// Tells whether it was to be started last, and a condition of it was not met: systemd calls that no failure. Before
    /// the first start of it none is met either.
    fn is_held(&self) -> bool {
        let was_asked = !matches!(self.value("ConditionTimestampMonotonic"), "" | "0");
        self.is_stopped() && was_asked && self.is("ConditionResult", "no")
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
    pub(super) bearing: Bearing,
}

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bearing {
    /// The service does not come up, without which nothing is polled or served.
    Down,
    /// Somebody keeps systemd from starting the service, which may be meant where a daemon runs by other means.
    Kept,
    /// Nobody has systemd run the service, which may be meant.
    Unasked,
    /// The service runs, and lacks something.
    Lacking,
}

impl Units {
    /// Asks systemd. Where there is none, or it takes long, nothing is known.
    pub(super) fn asked() -> Self {
        Self::of(&shown().unwrap_or_default())
    }

    /// Reads what `systemctl show` prints: an empty line stands between two units.
    fn of(text: &str) -> Self {
        let mut units = Self::default();
        for block in text.split("\n\n") {
            let unit = Unit::of(block);
            match unit.value("Id") {
                _ if unit.is("LoadState", "not-found") => {}
                SERVICE => units.service = unit,
                SOCKET => units.socket = unit,
                _ => {}
            }
        }
        units
    }

    /// Tells whether systemd answered, and has the service.
    pub(super) fn are_known(&self) -> bool {
        self.service.is_loaded()
    }

    /// Says which unit is not taken, given up, does not stay up or is not started, and what is to be done.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        // The cause before what comes of it: a service that is not taken, given up or held has its socket given up as well.
        // That nobody asked for it is of interest where nothing else is the matter.
        let mut troubles = [
            Self::not_taken,
            Self::given_up,
            Self::held,
            Self::without_socket,
            Self::unasked,
        ]
        .into_iter();
        troubles.find_map(|trouble| trouble(self))
    }

    /// Says which unit systemd starts no more, as somebody masked it or something in it is wrong. One that was up before
    /// stays up, and nobody needs the socket who masked it.
    fn not_taken(&self) -> Option<Trouble> {
        let service = &self.service;
        let bearing = if service.is("ActiveState", "active") {
            Bearing::Lacking
        } else {
            Bearing::Down
        };
        if service.is("LoadState", "masked") {
            let bearing = match bearing {
                Bearing::Down => Bearing::Kept,
                bearing => bearing,
            };
            // A mask until the next start of the machine is not found without this, and nothing is said of it.
            let which = if service.is("UnitFileState", "masked-runtime") {
                "--runtime "
            } else {
                ""
            };
            return Some(Trouble {
                found: format!("{SERVICE} is masked: systemd does not start it"),
                next: format!("`systemctl unmask {which}merganser` where that is not meant"),
                bearing,
            });
        }
        let units = [
            (SERVICE, service, bearing),
            (SOCKET, &self.socket, Bearing::Lacking),
        ];
        units.into_iter().find_map(|(name, unit, bearing)| {
            let state = unit.value("LoadState");
            matches!(state, "bad-setting" | "error").then(|| Trouble {
                found: format!("systemd does not take {name} ({state})"),
                next: format!(
                    "`systemctl status {name}` tells why; then `systemctl daemon-reload; systemctl restart {name}`"
                ),
                bearing,
            })
        })
    }

    /// Says that the service ended again and again.
    fn given_up(&self) -> Option<Trouble> {
        let service = &self.service;
        let how = service.how_it_ended();
        let why = match service.value("ExecMainStatus") {
            REFUSED => "`merganser check` tells what is to be mended in feeds.toml",
            _ => "`journalctl -u merganser -n 20` tells why",
        };
        if service.has_failed() {
            let failed = self.failed().join(" and ");
            return Some(Trouble {
                found: format!("systemd has given up {failed} ({how})"),
                next: format!("{why}; then {}", self.anew()),
                bearing: Bearing::Down,
            });
        }
        let comes_again = service.value("SubState").starts_with("auto-restart");
        comes_again.then(|| Trouble {
            found: format!("{SERVICE} does not stay up ({how}): systemd starts it again"),
            next: why.to_owned(),
            bearing: Bearing::Down,
        })
    }

    /// Says that a condition keeps the service from starting.
    fn held(&self) -> Option<Trouble> {
        self.service.is_held().then(|| Trouble {
            found: format!("{SERVICE} has a condition that was not met: systemd does not start it"),
            next: format!(
                "`systemctl status {SERVICE}` tells which; once it is met, {}",
                self.anew()
            ),
            bearing: Bearing::Kept,
        })
    }

    /// Says what systemd listens at for the service, as it prints it: `127.0.0.1:8420 (Stream)`.
    pub(super) fn held_at(&self) -> Option<&str> {
        let is_held = self.socket.is_loaded() && self.socket.is("ActiveState", "active");
        let at = is_held.then(|| self.socket.value(LISTEN));
        at.filter(|at| !at.is_empty())
    }

    /// Tells whether something keeps systemd from starting the service when a reader comes.
    pub(super) fn do_not_come_up(&self) -> bool {
        let trouble = self.trouble();
        trouble.is_some_and(|it| matches!(it.bearing, Bearing::Down | Bearing::Kept))
    }

    /// Says that the socket is given up: without it no reader has the service started.
    pub(super) fn without_socket(&self) -> Option<Trouble> {
        let (bearing, what) = if self.service.is_stopped() {
            (Bearing::Down, "no reader has the service started")
        } else {
            let what = "who connects during a restart is refused";
            (Bearing::Lacking, what)
        };
        self.socket.has_failed().then(|| Trouble {
            found: format!(
                "systemd has given up {SOCKET} ({}): {what}",
                self.socket.value("Result")
            ),
            next: self.anew(),
            bearing,
        })
    }

    /// Says that the service neither runs nor is to be started with the machine.
    fn unasked(&self) -> Option<Trouble> {
        let is_it = self.service.is_stopped() && self.service.is("UnitFileState", "disabled");
        is_it.then(|| Trouble {
            found: format!("{SERVICE} is neither started nor enabled"),
            next: "`systemctl enable --now merganser` where systemd is to run it".to_owned(),
            bearing: Bearing::Unasked,
        })
    }

    fn failed(&self) -> Vec<&'static str> {
        let units = [(SERVICE, &self.service), (SOCKET, &self.socket)];
        let failed = units
            .into_iter()
            .filter_map(|(name, unit)| unit.has_failed().then_some(name));
        failed.collect()
    }

    /// Returns the command that starts the service, and the socket with it: a start of a unit that is given up is refused,
    /// and one of a service that runs would not bring back the socket.
    fn anew(&self) -> String {
        match self.failed().as_slice() {
            [] => format!("`systemctl start {SERVICE}`"),
            failed => format!(
                "`systemctl reset-failed {}; systemctl restart {SERVICE}`",
                failed.join(" ")
            ),
        }
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
