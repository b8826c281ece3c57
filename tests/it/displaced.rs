//! A database, or a lock, that is deleted or replaced under a daemon that runs.

use crate::program::{Place, QUIET, Running};
use crate::test_daemon::TestDaemon;
use jiff::SignedDuration;
use std::fs;

fn start() -> (Place, Running) {
    let place = Place::new(QUIET);
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    (place, running)
}

/// Whoever asks is told, and the daemon ends with 74, which systemd starts again, over the file that is there now; what
/// it left behind is not said to be sound.
#[test]
fn a_daemon_ends_whose_database_was_replaced() {
    for (request, code) in [(&["status"][..], 1), (&["poll", "off"], 74)] {
        let (place, running) = start();
        let database = place.path().join("state/merganser.db");
        place.print(&["backup", "copies"]);
        let copy = fs::read_dir(place.path().join("copies")).unwrap().next();
        fs::remove_file(&database).unwrap();
        fs::rename(copy.unwrap().unwrap().path(), &database).unwrap();
        let output = place.run(request);
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(code), "{request:?}: {told}");
        let told: Vec<&str> = told.split_whitespace().collect();
        assert!(told.join(" ").contains("was replaced while it was open"));
        let (code, log) = running.end();
        assert_eq!(code, Some(74), "{log}");
        assert!(log.contains("merganser.db was replaced"), "{log}");
        assert!(!place.path().join("state/merganser.db-seal").exists());
        assert!(place.print(&["status"]).contains("no daemon runs"));
    }
}

/// Looked at every half minute, without anybody's asking: what came until then comes again to the next daemon.
#[tokio::test]
async fn a_database_or_lock_that_is_gone_is_noticed_within_a_minute() {
    for (name, word) in [
        ("merganser.db", "deleted"),
        ("merganser.lock", "deleted"),
        ("merganser.lock", "replaced"),
    ] {
        let mut test = TestDaemon::with_feeds(&["/a.xml"]).await;
        test.daemon().heed_place().unwrap();
        let path = test.state().join(name);
        fs::rename(&path, test.state().join("kept")).unwrap();
        if word == "replaced" {
            fs::write(&path, "").unwrap();
        }
        test.clock.advance(SignedDuration::from_secs(29));
        test.daemon().heed_place().unwrap();
        test.clock.advance(SignedDuration::from_secs(1));
        let error = test.daemon().heed_place().unwrap_err().to_string();
        assert!(error.contains(&format!("{name} was {word}")), "{error}");
    }
}
