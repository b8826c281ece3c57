//! What systemd is told, over a socket of our own in its place.

use crate::migrating::{old_database, schema, steps};
use crate::origin::{Origin, Reply};
use crate::program::{Place, QUIET, Running};
use crate::test_daemon::rss;
use merganser::clock::ManualClock;
use std::os::unix::net::UnixDatagram;
use std::sync::Arc;
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

    /// Tells whether signs of life come after those that were sent already, within a time in which some would.
    fn is_fed_still(&self) -> bool {
        let mut buffer = [0; 4096];
        self.socket.set_nonblocking(true).unwrap();
        while self.socket.recv(&mut buffer).is_ok() {}
        self.socket.set_nonblocking(false).unwrap();
        let patience = self.socket.read_timeout().unwrap();
        let some_steps = Some(Duration::from_millis(500));
        self.socket.set_read_timeout(some_steps).unwrap();
        let mut is_fed = false;
        while !is_fed && let Ok(length) = self.socket.recv(&mut buffer) {
            is_fed = buffer[..length].starts_with(b"WATCHDOG=1");
        }
        self.socket.set_read_timeout(patience).unwrap();
        is_fed
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

/// A start over a database of before says that it takes longer before it brings that up to date, which another program keeps it
/// from, and then that it is done.
#[test]
fn a_start_that_takes_longer_asks_for_time() {
    let place = Place::new(QUIET);
    let database = old_database(&place, 10);
    let other = rusqlite::Connection::open(&database).unwrap();
    let held = "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE";
    other.execute_batch(held).unwrap();
    let (manager, running) = Manager::start(&place, None);
    let told = manager.told("");
    assert!(told.contains("EXTEND_TIMEOUT_USEC=30000000"), "{told}");
    assert!(told.contains("STATUS=opening the database"), "{told}");
    let lacking = steps().len() - 10;
    let migrating = format!("STATUS=opening the database: migrating 1 of {lacking}");
    if !told.contains(&migrating) {
        manager.told(&migrating);
    }
    assert_eq!(schema(&database), 10);
    other.execute_batch("ROLLBACK").unwrap();
    let ready = manager.told("READY=1");
    assert!(ready.contains("STATUS=0 feeds"), "{ready}");
    assert!(schema(&database) > 10);
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}

/// R16: while the writer does not come back, since another program holds the database, nothing feeds the watchdog; after that,
/// it is fed again.
#[tokio::test(flavor = "multi_thread")]
async fn r16_a_writer_that_hangs_starves_the_watchdog() {
    let start = "2026-11-24T06:00:00Z".parse().unwrap();
    let origin = Origin::start(Arc::new(ManualClock::new(start))).await;
    let document = rss("a", &[("a", "Harbour reopens", 5)]);
    origin.say("/a", Reply::feed(document));
    origin.hold("/a");
    let place = Place::new(&format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n[fetch]\nallow-networks = [\"127.0.0.0/8\"]\n\
         [[feed]]\nid = \"a\"\nurl = \"{}\"\n",
        origin.url("/a")
    ));
    let (manager, mut running) = Manager::start(&place, Some("600000"));
    manager.told("READY=1");
    manager.told("WATCHDOG=1");
    let path = place.path().join("state/merganser.db");
    let other = rusqlite::Connection::open(path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    origin.release();
    running.wait_for("the writer of the database gives no sign of life");
    // A slow start may have said so before: then the signs end now.
    assert!((0..6).any(|_| !manager.is_fed_still()));
    other.execute_batch("ROLLBACK").unwrap();
    manager.told("WATCHDOG=1");
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}
