//! What systemd is told, over a socket of our own in its place.

use crate::program::{Place, QUIET, Running};
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

/// A stand-in for systemd that a daemon notifies.
struct Manager {
    socket: UnixDatagram,
}

impl Manager {
    /// Starts a daemon, with a watchdog of so many microseconds if there is one.
    fn start(place: &Place, watchdog: Option<&str>) -> (Self, Running) {
        let path = place.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        // What is not told in this time is not told: the test fails instead of waiting for ever.
        socket
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        let mut command = place.command(&["run"]);
        command.env("NOTIFY_SOCKET", &path);
        command.envs(watchdog.map(|span| ("WATCHDOG_USEC", span)));
        (Self { socket }, Running::command(command))
    }

    /// Returns the next datagram that holds `word`.
    fn told(&self, word: &str) -> String {
        let mut buffer = [0; 4096];
        loop {
            let length = self.socket.recv(&mut buffer).unwrap();
            let (datagram, _) = buffer.split_at(length);
            let datagram = String::from_utf8_lossy(datagram).into_owned();
            if datagram.contains(word) {
                return datagram;
            }
        }
    }
}

/// The whole life: ready, a refused reload, a good one, the end. Each says where it stands.
#[test]
fn systemd_is_told_of_each_step() {
    let place = Place::new(QUIET);
    let (manager, running) = Manager::start(&place, None);
    assert!(
        manager
            .told("READY=1")
            .contains("STATUS=0 feeds, 0 failing, 1 output")
    );

    place.write("feeds.toml", QUIET.replace("enabled", "enabeld"));
    running.signal("-HUP");
    let reloading = manager.told("RELOADING=1");
    assert!(
        reloading.contains("MONOTONIC_USEC="),
        "apart, a reload hangs: {reloading}"
    );
    let refused = manager.told("READY=1");
    assert!(
        refused.contains("REJECTED") && refused.contains("enabeld"),
        "{refused}"
    );

    place.write("feeds.toml", QUIET);
    running.signal("-HUP");
    manager.told("RELOADING=1");
    assert!(!manager.told("READY=1").contains("REJECTED"));

    running.signal("-TERM");
    manager.told("STOPPING=1");
    assert_eq!(running.end().0, Some(0));
}

/// R16: with a watchdog, signs of life come by themselves.
#[test]
fn r16_the_watchdog_is_fed() {
    let place = Place::new(QUIET);
    let (manager, running) = Manager::start(&place, Some("600000"));
    for _ in 0..3 {
        manager.told("WATCHDOG=1");
    }
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}
