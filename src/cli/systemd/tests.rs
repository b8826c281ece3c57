//! What is made of the answers of systemd.

use super::*;

/// What `systemctl show` prints of a unit with these properties; others are as they are while it is well.
fn block(id: &str, told: &str) -> String {
    let told = told.replace(' ', "\n");
    format!("Result=success\nSubState=running\nId={id}\nLoadState=loaded\n{told}\n")
}

fn assert_told([service, socket]: [&str; 2], [found, next]: [&str; 2], bearing: Bearing) {
    let text = format!("{}\n{}", block(SERVICE, service), block(SOCKET, socket));
    let trouble = Units::of(&text).trouble().unwrap();
    assert!(trouble.found.contains(found), "{trouble:?}");
    assert!(trouble.next.contains(next), "{trouble:?}");
    assert_eq!(trouble.bearing, bearing, "{trouble:?}");
}

#[test]
fn what_failed_is_told_with_the_next_step() {
    for (service, socket, found, next, bearing) in [
        (
            "ActiveState=failed Result=exit-code ExecMainStatus=78",
            "ActiveState=inactive",
            "given up merganser.service (exit-code, it ended with 78)",
            "`merganser check` tells what is to be mended in feeds.toml; then \
             `systemctl reset-failed merganser.service; systemctl restart merganser.service`",
            Bearing::Down,
        ),
        (
            "ActiveState=failed Result=start-limit-hit ExecMainStatus=1",
            "ActiveState=failed Result=service-start-limit-hit",
            "given up merganser.service and merganser.socket (start-limit-hit, it ended with 1)",
            "`journalctl -u merganser -n 20` tells why; then `systemctl reset-failed merganser.service \
             merganser.socket; systemctl restart merganser.service`",
            Bearing::Down,
        ),
        (
            "ActiveState=failed Result=start-limit-hit ExecMainCode=2 ExecMainStatus=9",
            "",
            "(start-limit-hit, signal 9 ended it)",
            "journalctl",
            Bearing::Down,
        ),
        (
            "ActiveState=failed Result=core-dump ExecMainCode=3 ExecMainStatus=6",
            "",
            "(core-dump, signal 6 ended it)",
            "journalctl",
            Bearing::Down,
        ),
        (
            "ActiveState=failed Result=oom-kill ExecMainCode=2 ExecMainStatus=9",
            "",
            "(oom-kill)",
            "journalctl",
            Bearing::Down,
        ),
        (
            "ActiveState=activating SubState=auto-restart Result=exit-code ExecMainStatus=1",
            "",
            "does not stay up (exit-code, it ended with 1)",
            "journalctl",
            Bearing::Down,
        ),
        (
            "ActiveState=active",
            "ActiveState=failed Result=service-start-limit-hit",
            "given up merganser.socket (service-start-limit-hit)",
            "`systemctl reset-failed merganser.socket; systemctl restart merganser.service`",
            Bearing::Lacking,
        ),
    ] {
        assert_told([service, socket], [found, next], bearing);
    }
}

#[test]
fn what_systemd_does_not_take_is_told() {
    for (service, socket, found, next, bearing) in [
        (
            "LoadState=masked ActiveState=inactive",
            "ActiveState=failed",
            "merganser.service is masked",
            "`systemctl unmask merganser`",
            Bearing::Kept,
        ),
        (
            "LoadState=masked UnitFileState=masked-runtime ActiveState=inactive",
            "",
            "merganser.service is masked",
            "`systemctl unmask --runtime merganser`",
            Bearing::Kept,
        ),
        (
            "LoadState=masked ActiveState=active",
            "",
            "merganser.service is masked",
            "`systemctl unmask merganser`",
            Bearing::Lacking,
        ),
        (
            "LoadState=bad-setting ActiveState=inactive",
            "",
            "does not take merganser.service (bad-setting)",
            "`systemctl status merganser.service` tells why",
            Bearing::Down,
        ),
        (
            "ActiveState=active",
            "LoadState=error ActiveState=inactive",
            "does not take merganser.socket (error)",
            "systemctl restart merganser.socket`",
            Bearing::Lacking,
        ),
    ] {
        assert_told([service, socket], [found, next], bearing);
    }
}

/// systemd calls neither a failure, and `systemctl start` ends with 0 where a condition is not met.
#[test]
fn what_is_not_started_is_told() {
    const HELD: &str =
        "ActiveState=inactive ConditionResult=no ConditionTimestampMonotonic=83354723290";
    for (service, socket, found, next, bearing) in [
        (
            &format!("{HELD} UnitFileState=enabled"),
            "ActiveState=inactive",
            "merganser.service has a condition that was not met",
            "`systemctl status merganser.service` tells which; once it is met, `systemctl start merganser.service`",
            Bearing::Kept,
        ),
        (
            &format!("{HELD} UnitFileState=disabled"),
            "ActiveState=failed",
            "merganser.service has a condition that was not met",
            "`systemctl reset-failed merganser.socket; systemctl restart merganser.service`",
            Bearing::Kept,
        ),
        (
            &"ActiveState=inactive UnitFileState=disabled ConditionResult=no ConditionTimestampMonotonic=0".to_owned(),
            "ActiveState=inactive",
            "merganser.service is neither started nor enabled",
            "`systemctl enable --now merganser`",
            Bearing::Unasked,
        ),
        (
            &"ActiveState=inactive UnitFileState=disabled".to_owned(),
            "ActiveState=active",
            "merganser.service is neither started nor enabled",
            "`systemctl enable --now merganser`",
            Bearing::Unasked,
        ),
    ] {
        assert_told([service, socket], [found, next], bearing);
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
        &block(
            SERVICE,
            "ActiveState=inactive UnitFileState=enabled ConditionResult=no ConditionTimestampMonotonic=0",
        ),
        &block(
            SERVICE,
            "ActiveState=inactive UnitFileState=enabled ConditionResult=yes ConditionTimestampMonotonic=7",
        ),
        &block(SERVICE, "ActiveState=active UnitFileState=disabled"),
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
fn what_systemd_listens_at_is_known() {
    for (socket, expected) in [
        (
            "ActiveState=active\nListen=127.0.0.1:8420 (Stream)",
            Some("127.0.0.1:8420 (Stream)"),
        ),
        (
            "ActiveState=active\nListen=127.0.0.1:80 (Stream)\nListen=[::1]:80 (Stream)",
            Some("127.0.0.1:80 (Stream), [::1]:80 (Stream)"),
        ),
        ("ActiveState=failed\nListen=127.0.0.1:8420 (Stream)", None),
        ("ActiveState=inactive\nListen=127.0.0.1:8420 (Stream)", None),
        ("ActiveState=active", None),
    ] {
        let text = format!("Id={SOCKET}\nLoadState=loaded\n{socket}\n");
        assert_eq!(Units::of(&text).held_at(), expected, "{socket}");
    }
    assert_eq!(Units::default().held_at(), None);
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
