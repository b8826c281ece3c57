//! A schedule that is changed: all who are told when a feed is polled next are told so at once.

use crate::checking::get;
use crate::origin::{Origin, Reply};
use crate::program::{Place, Running};
use crate::test_daemon::{START, rss};
use jiff::{SignedDuration, Timestamp};
use merganser::clock::ManualClock;
use serde_json::Value;
use std::sync::Arc;

/// A feed of which nothing is told here.
const OTHER: &str =
    "[[feed]]\nid = \"b\"\nurl = \"https://feeds.example.org/b.xml\"\nenabled = false\n";

/// A daemon with a feed `a`, and whom it tells.
struct Told {
    place: Place,
    running: Running,
    /// Where it is served.
    address: String,
    origin: Origin,
}

impl Told {
    async fn start(feed: &str) -> Self {
        let clock = Arc::new(ManualClock::new(START.parse().unwrap()));
        let origin = Origin::start(clock).await;
        let document = rss("a", &[("one", "First", 5)]);
        origin.say("/a.xml", Reply::feed(document));
        let place = Place::new(&config(&origin, feed));
        let mut running = Running::start(&place);
        let line = running.wait_for("listening on ");
        let address = line.rsplit("listening on ").next().unwrap();
        Self {
            address: address.split_whitespace().next().unwrap().to_owned(),
            place,
            running,
            origin,
        }
    }

    /// Gives the feed other settings, with what follows it.
    fn set(&self, feed: &str) {
        self.place.write("feeds.toml", config(&self.origin, feed));
        self.place.print(&["reload", "--wait"]);
    }

    /// Returns what the program prints of the feed for programs.
    fn printed(&self, arguments: &[&str]) -> Value {
        let format = ["--format", "json"];
        let told = self.place.print(&[arguments, &format].concat());
        serde_json::from_str(told.lines().next().unwrap()).unwrap()
    }

    /// Returns what `/status.json` has of it.
    fn row(&self) -> Value {
        let board: Value = serde_json::from_str(&get(&self.address, "/status.json")).unwrap();
        board["feeds"][0].clone()
    }

    /// Returns when it is polled next by `/metrics`, in seconds.
    fn metric(&self) -> Option<i64> {
        let metrics = get(&self.address, "/metrics");
        let name = "merganser_feed_next_poll_timestamp_seconds{feed=\"a\"} ";
        let value = metrics.lines().find_map(|line| line.strip_prefix(name));
        value.map(|it| it.parse().unwrap())
    }
}

fn config(origin: &Origin, feed: &str) -> String {
    format!(
        "[fetch]\nallow-networks = [\"127.0.0.1/32\"]\n[server]\nlisten = \"127.0.0.1:0\"\n\
         [[feed]]\nid = \"a\"\nurl = \"{}\"\n{feed}\n",
        origin.url("/a.xml")
    )
}

fn at(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

/// `status`, `why`, `list`, `/status.json` and `/metrics` go by the schedule in force; of a feed that is switched off they say
/// that it is polled never.
#[tokio::test(flavor = "multi_thread")]
async fn r18_a_changed_schedule_is_told_before_the_next_poll() {
    let told = Told::start("schedule = \"every 9h\"").await;
    told.place.print(&["poll", "a"]);
    let polled = at(&told.printed(&["status", "a"])["feed"]["last_poll"]);
    for (schedule, hours, reason) in [
        ("every 9h", 9, "every 9 h by feeds.toml"),
        ("every 7h", 7, "every 7 h by feeds.toml"),
        ("every 8h", 8, "every 8 h by feeds.toml"),
        ("adaptive", 8, "by the schedule that it had before"),
    ] {
        told.set(&format!("schedule = \"{schedule}\""));
        let expected = (polled + SignedDuration::from_hours(hours)).as_second();
        let status = told.printed(&["status", "a"])["feed"].clone();
        let why = told.printed(&["why", "a"])["feed"].clone();
        let (list, row) = (told.printed(&["list"]), told.row());
        for (next, why) in [
            (&status["next_poll"], &status["reason"]),
            (&why["next_poll"], &why["reason"]),
            (&list["next_poll"], &status["reason"]),
            (&row["next_poll_at"], &row["due_reason"]),
        ] {
            let next = at(next).as_second();
            assert_eq!((next, why), (expected, &Value::from(reason)), "{schedule}");
        }
        assert_eq!(told.metric(), Some(expected), "{schedule}");
    }
    // What does not touch the feed changes nothing of it.
    let before = told.row();
    told.set(&format!("schedule = \"adaptive\"\n{OTHER}"));
    assert_eq!(told.row(), before);

    told.set("enabled = false");
    assert_eq!(told.printed(&["list"])["next_poll"], Value::Null);
    let row = told.row();
    assert_eq!(row["next_poll_at"], Value::Null);
    assert_eq!(row["due_reason"], "`enabled = false` in feeds.toml");
    let shown = told.place.print(&["why", "a"]);
    assert!(shown.contains("never: `enabled = false`"), "{shown}");
    told.running.signal("-TERM");
    assert_eq!(told.running.end().0, Some(0));
}
