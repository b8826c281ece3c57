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
mod tests {
    use super::*;

    /// What `systemctl show` prints of a unit with these properties; others are as they are while it is well.
    fn block(id: &str, told: &str) -> String {
        let told = told.replace(' ', "\n");
        format!("Result=success\nSubState=running\nId={id}\nLoadState=loaded\n{told}\n")
    }

    fn assert_told([service, socket]: [&str; 2], [found, next]: [&str; 2], is_down: bool) {
        let text = format!("{}\n{}", block(SERVICE, service), block(SOCKET, socket));
        let trouble = Units::of(&text).trouble().unwrap();
        assert!(trouble.found.contains(found), "{trouble:?}");
        assert!(trouble.next.contains(next), "{trouble:?}");
        assert_eq!(trouble.is_down, is_down, "{trouble:?}");
    }

    #[test]
    fn what_failed_is_told_with_the_next_step() {
        for (service, socket, found, next, is_down) in [
            (
                "ActiveState=failed Result=exit-code ExecMainStatus=78",
                "ActiveState=inactive",
                "given up merganser.service (exit-code, it ended with 78)",
                "`merganser check` tells what is to be mended in feeds.toml; then \
                 `systemctl reset-failed merganser.service; systemctl restart merganser.service`",
                true,
            ),
            (
                "ActiveState=failed Result=start-limit-hit ExecMainStatus=1",
                "ActiveState=failed Result=service-start-limit-hit",
                "given up merganser.service and merganser.socket (start-limit-hit, it ended with 1)",
                "`journalctl -u merganser -n 20` tells why; then `systemctl reset-failed merganser.service \
                 merganser.socket; systemctl restart merganser.service`",
                true,
            ),
            (
                "ActiveState=failed Result=start-limit-hit ExecMainCode=2 ExecMainStatus=9",
                "",
                "(start-limit-hit, signal 9 ended it)",
                "journalctl",
                true,
            ),
            (
                "ActiveState=failed Result=core-dump ExecMainCode=3 ExecMainStatus=6",
                "",
                "(core-dump, signal 6 ended it)",
                "journalctl",
                true,
            ),
            (
                "ActiveState=failed Result=oom-kill ExecMainCode=2 ExecMainStatus=9",
                "",
                "(oom-kill)",
                "journalctl",
                true,
            ),
            (
                "ActiveState=activating SubState=auto-restart Result=exit-code ExecMainStatus=1",
                "",
                "does not stay up (exit-code, it ended with 1)",
                "journalctl",
                true,
            ),
            (
                "ActiveState=active",
                "ActiveState=failed Result=service-start-limit-hit",
                "given up merganser.socket (service-start-limit-hit)",
                "`systemctl reset-failed merganser.socket; systemctl restart merganser.service`",
                false,
            ),
        ] {
            assert_told([service, socket], [found, next], is_down);
        }
    }

    #[test]
    fn what_systemd_does_not_take_is_told() {
        for (service, socket, found, next, is_down) in [
            (
                "LoadState=masked ActiveState=inactive",
                "ActiveState=failed",
                "merganser.service is masked",
                "`systemctl unmask merganser`",
                true,
            ),
            (
                "LoadState=masked UnitFileState=masked-runtime ActiveState=inactive",
                "",
                "merganser.service is masked",
                "`systemctl unmask --runtime merganser`",
                true,
            ),
            (
                "LoadState=masked ActiveState=active",
                "",
                "merganser.service is masked",
                "`systemctl unmask merganser`",
                false,
            ),
            (
                "LoadState=bad-setting ActiveState=inactive",
                "",
                "does not take merganser.service (bad-setting)",
                "`systemctl status merganser.service` tells why",
                true,
            ),
            (
                "ActiveState=active",
                "LoadState=error ActiveState=inactive",
                "does not take merganser.socket (error)",
                "systemctl restart merganser.socket`",
                false,
            ),
        ] {
            assert_told([service, socket], [found, next], is_down);
        }
    }

    #[test]
    fn what_is_well_or_not_there_is_no_trouble() {
        let gone = "Id=merganser.service\nLoadState=not-found\nActiveState=failed\n";
        for text in [
            "",
            "System has not been booted",
            gone,
            &block(SERVICE, "ActiveState=active"),
            &block(SERVICE, "ActiveState=inactive SubState=dead"),
            &block("other.service", "ActiveState=failed"),
            &block(SOCKET, "LoadState=masked ActiveState=failed"),
            &format!(
                "{}\n{}",
                block(SERVICE, "ActiveState=activating SubState=start"),
                block(SOCKET, "ActiveState=active")
            ),
        ] {
            assert_eq!(Units::of(text).trouble(), None, "{text}");
        }
    }

    #[test]
    fn a_low_port_wants_a_capability_or_the_socket() {
        let shipped = "DynamicUser=yes User=merganser PrivateUsers=yes CapabilityBoundingSet= AmbientCapabilities=";
        let has = "cap_net_bind_service";
        for (service, socket, expected) in [
            (shipped.to_owned(), "ActiveState=inactive", true),
            (shipped.to_owned(), "ActiveState=active", false),
            (shipped.to_owned(), "UnitFileState=enabled", false),
            (shipped.to_owned(), "UnitFileState=disabled", true),
            (format!("{shipped}{has}"), "", true),
            (
                format!("DynamicUser=yes PrivateUsers=no AmbientCapabilities={has}"),
                "",
                false,
            ),
            (
                format!("User=www PrivateUsers=no CapabilityBoundingSet={has}"),
                "",
                true,
            ),
            (
                format!("User=root PrivateUsers=no CapabilityBoundingSet={has}"),
                "",
                false,
            ),
            (
                "User= PrivateUsers=no CapabilityBoundingSet=".to_owned(),
                "",
                true,
            ),
        ] {
            let text = format!("{}\n{}", block(SERVICE, &service), block(SOCKET, socket));
            assert_eq!(
                Units::of(&text).lack_ports(),
                expected,
                "{service} {socket}"
            );
        }
        assert!(!Units::default().lack_ports());
    }

    #[tokio::test]
    async fn who_does_not_answer_is_not_waited_for() {
        let (reader, writer) = std::io::pipe().unwrap();
        let asked = read(reader.into(), Duration::ZERO);
        assert_eq!(asked.await, None);
        drop(writer);
        let (reader, mut writer) = std::io::pipe().unwrap();
        std::io::Write::write_all(&mut writer, b"Id=a").unwrap();
        drop(writer);
        let answer = read(reader.into(), PATIENCE).await;
        assert_eq!(answer.as_deref(), Some("Id=a"));
    }
}
