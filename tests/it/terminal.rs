//! What long commands draw on a terminal, and what of that stays there.

use crate::origin::{Origin, Reply};
use crate::program::{Place, QUIET};
use crate::test_daemon::rss;
use merganser::clock::ManualClock;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

/// A program at a terminal of its own.
struct AtTerminal {
    child: Child,
    screen: File,
    /// All that was written to the terminal so far.
    written: String,
}

impl AtTerminal {
    /// Starts a program with both outputs, or standard error alone, at the terminal.
    fn start(command: Command, both: bool) -> Self {
        Self::start_within(80, command, both)
    }

    /// Starts one at a terminal of so many columns.
    fn start_within(columns: u16, mut command: Command, both: bool) -> Self {
        let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&screen).unwrap();
        unlockpt(&screen).unwrap();
        let size = Winsize {
            ws_row: 24,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&screen, size).unwrap();
        let name = ptsname(&screen, Vec::new()).unwrap();
        let path = OsStr::from_bytes(name.as_bytes());
        let open = || File::options().read(true).write(true).open(path).unwrap();
        let out = if both {
            Stdio::from(open())
        } else {
            Stdio::null()
        };
        let is_told = command.get_envs().any(|(name, _)| name == "TERM");
        if !is_told {
            command.env("TERM", "xterm");
        }
        let child = command.stdout(out).stderr(open()).spawn().unwrap();
        Self {
            child,
            screen: File::from(screen),
            written: String::new(),
        }
    }

    /// Reads what is written; false when nobody writes any more.
    fn read(&mut self) -> bool {
        let mut bytes = [0; 4096];
        // When the last writer is gone, a terminal is an error.
        let read = self.screen.read(&mut bytes).unwrap_or(0);
        self.written
            .push_str(&String::from_utf8_lossy(&bytes[..read]));
        read > 0
    }

    fn wait_for(&mut self, text: &str) {
        while !self.written.contains(text) {
            assert!(self.read(), "no {text:?} in {:?}", self.written);
        }
    }

    /// Waits for the end, and returns the code and what is left on the screen.
    fn end(mut self) -> (Option<i32>, String) {
        while self.read() {}
        let code = self.child.wait().unwrap().code();
        (code, left(&self.written))
    }

    fn interrupt(&self) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &pid]).status();
        assert!(sent.unwrap().success());
    }
}

/// Returns what a terminal shows in the end: of a line that is wiped, what comes after.
fn left(written: &str) -> String {
    let lines = written.split('\n');
    let shown = lines.map(|line| {
        let after = line.rsplit("\u{1b}[2K").next().unwrap_or_default();
        after
            .rsplit('\r')
            .find(|it| !it.is_empty())
            .unwrap_or_default()
    });
    shown.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Two feeds, of which one does not answer until it may.
async fn two_feeds() -> (Origin, Place) {
    let start = "2026-11-24T06:00:00Z".parse().unwrap();
    let origin = Origin::start(Arc::new(ManualClock::new(start))).await;
    let (mut feeds, network) = (
        String::new(),
        "[fetch]\nallow-networks = [\"127.0.0.0/8\"]\nhost-gap = \"0s\"\n",
    );
    for name in ["a", "b"] {
        let path = format!("/{name}");
        origin.say(
            &path,
            Reply::feed(rss(name, &[(name, "Harbour reopens", 5)])),
        );
        let url = origin.url(&path);
        let feed = format!("[[feed]]\nid = \"{name}\"\nurl = \"{url}\"\n");
        feeds.push_str(&feed);
    }
    origin.hold("/b");
    (origin, Place::new(&format!("{network}{feeds}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bar_is_wiped_off_at_the_end() {
    let (origin, place) = two_feeds().await;
    let mut poll = AtTerminal::start(place.command(&["poll"]), true);
    poll.wait_for("1/2 [");
    // With 80 columns the failures are seen, too.
    poll.wait_for(" 1 new, 0 failed, 0 unchanged");
    origin.release();
    let (code, left) = poll.end();
    assert_eq!(code, Some(0), "{left}");
    assert_eq!(
        left,
        "2 feeds: 2 modified, 0 unchanged, 0 failed; 2 new articles, 0 revised, 0 copies"
    );
}

/// A table is no wider than the terminal: the address gives way, and a title by the cells that it takes. A pipe gets all.
#[test]
fn tables_end_with_the_terminal() {
    let address = "https://feeds.example.org/a/very/long/way/to/the/feed.xml";
    let text = QUIET.replace("https://feeds.example.org/a.xml", address);
    let place = Place::new(&text);
    let title = "東京の港に新しい船が到着したと市長が発表しました";
    let document = rss("a", &[("a", title, 5)]);
    place.write("feed.xml", document);
    let width = |c: char| 1 + usize::from(c >= '\u{2e80}');
    for columns in [60, 160] {
        let show = |arguments: &[&str]| {
            let command = place.command(arguments);
            AtTerminal::start_within(columns, command, true).end()
        };
        for arguments in [&["list"][..], &["preview", "feed.xml"]] {
            let (code, shown) = show(arguments);
            assert_eq!(code, Some(0), "{shown}");
            for line in shown.lines() {
                let cells: usize = line.chars().map(width).sum();
                assert!(cells <= usize::from(columns), "{columns}: {shown}");
            }
            assert_eq!(shown.contains('…'), columns == 60, "{columns}: {shown}");
        }
    }
    let listed = place
        .command(&["list", "--format", "table"])
        .output()
        .unwrap();
    assert!(String::from_utf8(listed.stdout).unwrap().contains(address));
}

/// What is to be read is broken at the end of the terminal.
#[tokio::test(flavor = "multi_thread")]
async fn a_remark_of_a_plan_is_broken_between_words() {
    let start = "2026-11-24T06:00:00Z".parse().unwrap();
    let origin = Origin::start(Arc::new(ManualClock::new(start))).await;
    let items: Vec<(String, String)> = (1..=120)
        .map(|number| (format!("n{number}"), format!("Item number {number}")))
        .collect();
    let items = items.iter().map(|(guid, title)| (&**guid, &**title, 5));
    let document = rss("a", &items.collect::<Vec<_>>());
    origin.say("/a.xml", Reply::feed(document));
    let place = Place::new(&format!(
        "[fetch]\nallow-networks = [\"127.0.0.1\"]\n[defaults]\nfirst-poll-entries = 200\n\
         [[feed]]\nid = \"a\"\nurl = \"{}\"\n",
        origin.url("/a.xml")
    ));
    place.print(&["poll"]);
    let feeds = std::fs::read_to_string(place.path().join("feeds.toml")).unwrap();
    let topic = "[[topic]]\nname = \"keepers-of-lighthouses\"\nquery = \"lighthouse keeper\"\n";
    place.write("feeds.toml", format!("{feeds}{topic}"));
    let plan = AtTerminal::start_within(60, place.command(&["plan"]), true);
    let (code, shown) = plan.end();
    assert_eq!(code, Some(0), "{shown}");
    let broken = "keepers-of-lighthouses matches none of the 120 articles\nstored\n";
    assert!(shown.replace('\r', "").contains(broken), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_leaves_a_clean_line() {
    let (origin, place) = two_feeds().await;
    let mut check = AtTerminal::start(place.command(&["check", "--online"]), false);
    check.wait_for("1/2 [");
    check.interrupt();
    let (code, left) = check.end();
    origin.release();
    assert_eq!((code, left.as_str()), (Some(130), ""));
}

/// What draws only when it takes long leaves nothing either way.
#[test]
fn other_commands_leave_nothing() {
    let public = "[server]\npublic-url = \"https://news.example.org/\"\n";
    let place = Place::new(&QUIET.replace("[server]\n", public));
    place.print(&["poll"]);
    place.write("own.service", place.print(&["print", "systemd"]));
    for arguments in [
        ["plan"].as_slice(),
        &["search", "harbour"],
        &["export"],
        &["publish", "files"],
        &["backup", "copies"],
        &["vacuum"],
        &["migrate"],
        &["check", "--online"],
        &["doctor", "--unit", "own.service"],
    ] {
        let command = AtTerminal::start(place.command(arguments), false);
        let (code, left) = command.end();
        assert_eq!((code, left.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

/// What the command line says goes before what the terminal is.
#[test]
fn colours_are_as_the_command_line_says() {
    let broken = Place::new("shedule = 1\n");
    for (when, is_coloured) in [("always", true), ("auto", false), ("never", false)] {
        let told = broken.run(&["check", "--color", when]).stderr;
        let told = String::from_utf8(told).unwrap();
        assert_eq!(told.contains('\u{1b}'), is_coloured, "{when}: {told}");
    }
    let mut check = AtTerminal::start(broken.command(&["--color", "never", "check"]), false);
    check.wait_for("1 error");
    assert!(!check.written.contains('\u{1b}'), "{}", check.written);
    assert_eq!(check.end().0, Some(78));
}

/// Escapes go to a terminal that knows them, unless somebody said that none are wanted (no-color.org).
#[test]
fn nobody_gets_colours_who_wants_none() {
    let broken = Place::new("shedule = 1\n");
    let quiet = Place::new(QUIET);
    for (name, value, is_coloured) in [
        ("TERM", "xterm", true),
        ("NO_COLOR", "", true),
        ("NO_COLOR", "1", false),
        ("NO_COLOR", "no", false),
        ("TERM", "dumb", false),
    ] {
        let start = |place: &Place, arguments: &[&str]| {
            let mut command = place.command(arguments);
            command.env(name, value);
            AtTerminal::start(command, false)
        };
        let mut check = start(&broken, &["check"]);
        check.wait_for("1 error");
        let mut run = start(&quiet, &["run"]);
        run.wait_for("serving at");
        run.interrupt();
        while run.read() {}
        for written in [&check.written, &run.written] {
            let has_escapes = written.contains('\u{1b}');
            assert_eq!(has_escapes, is_coloured, "{name}={value}: {written}");
        }
        assert_eq!(check.end().0, Some(78));
        assert_eq!(run.end().0, Some(0));
    }
}
