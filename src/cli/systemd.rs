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

/// What is asked of each.
const PROPERTIES: &str = "--property=Id,LoadState,UnitFileState,ActiveState,SubState,Result,ExecMainStatus,User,DynamicUser,\
                          PrivateUsers,CapabilityBoundingSet,AmbientCapabilities";

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

    fn has_failed(&self) -> bool {
        self.is("ActiveState", "failed")
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
                _ if !unit.is("LoadState", "loaded") => {}
                SERVICE => units.service = unit,
                SOCKET => units.socket = unit,
                _ => {}
            }
        }
        units
    }

    /// Says which unit is given up or does not stay up, and what is to be done.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        let service = &self.service;
        let result = service.value("Result");
        let status = service.value("ExecMainStatus");
        let how = match (result, status) {
            ("exit-code" | "start-limit-hit", status) if !matches!(status, "" | "0") => {
                format!("{result}, it ended with {status}")
            }
            _ => result.to_owned(),
        };
        let why = match status {
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
        service.is("LoadState", "loaded") && !is_handed_over && !may
    }
}

/// Returns what `systemctl` prints of both units, in whatever time it takes up to [`PATIENCE`].
fn shown() -> Option<String> {
    let mut child = Command::new("systemctl")
        .args(["show", "--no-pager", PROPERTIES, SERVICE, SOCKET])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
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
                "ActiveState=failed Result=oom-kill ExecMainStatus=9",
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
            let text = format!("{}\n{}", block(SERVICE, service), block(SOCKET, socket));
            let trouble = Units::of(&text).trouble().unwrap();
            assert!(trouble.found.contains(found), "{trouble:?}");
            assert!(trouble.next.contains(next), "{trouble:?}");
            assert_eq!(trouble.is_down, is_down, "{trouble:?}");
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
