//! The real binary: what it prints, how it exits, how it takes signals.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;
use tempfile::TempDir;

/// A directory with a feeds.toml, in which the program runs.
pub(crate) struct Place {
    directory: TempDir,
}

impl Place {
    pub(crate) fn new(config: &str) -> Self {
        let place = Self {
            directory: TempDir::new().unwrap(),
        };
        place.write("feeds.toml", config);
        place
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_merganser"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("STATE_DIRECTORY", self.path().join("state"))
            .env("MERGANSER_LOG_FORMAT", "text")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs the program with a reader of its output who goes away after a line, and returns how it
    /// ended.
    pub(crate) fn run_into_head(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let mut command = self.command(arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        reader.read_line(&mut line).unwrap();
        drop(reader);
        let output = child.wait_with_output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    }

    /// Runs the program, which must end well, and returns what it printed.
    pub(crate) fn print(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs the program, which must end with this code, and returns what it said.
    pub(crate) fn fail(&self, arguments: &[&str], code: i32) -> String {
        let output = self.run(arguments);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {errors}");
        assert!(!errors.contains("panicked"), "{errors}");
        errors
    }
}

/// How long a daemon may take to do what a test waits for.
const PATIENCE: Duration = Duration::from_secs(100);

pub(crate) fn kill(signal: &str, pid: u32) {
    let sent = Command::new("kill")
        .args([signal, &pid.to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// A daemon of this place, at a port of its own, stopped when it is dropped.
pub(crate) struct Running {
    child: Child,
    /// Dropped with the daemon, which calls off its watch.
    _watch: mpsc::Sender<()>,
    /// None once nobody reads it.
    stderr: Option<BufReader<ChildStderr>>,
}

impl Running {
    pub(crate) fn start(place: &Place) -> Self {
        Self::command(place.command(&["run"]))
    }

    pub(crate) fn command(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let (watch, ended) = mpsc::channel();
        let pid = child.id();
        std::thread::spawn(move || {
            // Ends a daemon that outlives its test by far, so that nothing waits for ever.
            if ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                kill("-KILL", pid);
            }
        });
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self {
            child,
            _watch: watch,
            stderr: Some(stderr),
        }
    }

    /// Reads the log up to a line that holds `text`, and returns that line.
    ///
    /// A daemon that never says it is killed by its watch, and the test fails with what it did say.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let mut log = String::new();
        loop {
            let mut line = String::new();
            let read = self.stderr.as_mut().unwrap().read_line(&mut line).unwrap();
            assert!(read > 0, "no {text:?} in\n{log}");
            if line.contains(text) {
                return line;
            }
            log.push_str(&line);
        }
    }

    /// Closes the reading end of the log.
    pub(crate) fn stop_reading(&mut self) {
        self.stderr = None;
    }

    pub(crate) fn signal(&self, name: &str) {
        kill(name, self.child.id());
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the end and returns the exit code with the rest of the log.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        if let Some(stderr) = &mut self.stderr {
            stderr.read_to_string(&mut rest).unwrap();
        }
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A configuration with one feed that is not polled.
pub(crate) const QUIET: &str = "[server]\nlisten = \"127.0.0.1:0\"\n[[feed]]\nid = \"off\"\n\
                     url = \"https://feeds.example.org/a.xml\"\nenabled = false\n";

/// R13: SIGTERM and SIGINT end the daemon well, with nothing left in the write-ahead log.
#[test]
fn r13_signals_stop_the_daemon() {
    for signal in ["-TERM", "-INT"] {
        let place = Place::new(QUIET);
        let mut running = Running::start(&place);
        running.wait_for("serving at");
        running.signal(signal);
        let (code, log) = running.end();
        assert_eq!(code, Some(0), "{signal}: {log}");
        let wal = place.path().join("state/merganser.db-wal");
        assert!(
            !wal.exists() || wal.metadata().unwrap().len() == 0,
            "{signal}"
        );
    }
}

/// SIGHUP reads the file again; a bad one is refused and says where.
#[test]
fn sighup_reloads_or_keeps_the_old_configuration() {
    let place = Place::new(QUIET);
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    place.write("feeds.toml", QUIET.replace("enabled", "enabeld"));
    running.signal("-HUP");
    let refused = running.wait_for("REJECTED");
    assert!(refused.contains("enabeld"), "{refused}");
    let another =
        "[[feed]]\nid = \"two\"\nurl = \"https://feeds.example.org/b.xml\"\nenabled = false\n";
    place.write("feeds.toml", format!("{QUIET}{another}"));
    running.signal("-HUP");
    running.wait_for("was reloaded");
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}

/// Beside a daemon, what writes is refused with its pid, and what reads works.
#[test]
fn r12_commands_beside_a_daemon() {
    let place = Place::new(QUIET);
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    place.write("history.jsonl", "");
    for arguments in [&["replay", "history.jsonl"][..], &["run"]] {
        let errors = place.fail(arguments, 74);
        assert!(
            errors.contains(&running.id().to_string()),
            "{arguments:?}: {errors}"
        );
    }
    let polled = place.print(&["poll"]);
    assert!(polled.contains("polls what is due by itself"), "{polled}");
    let status = place.print(&["status"]);
    let words = format!("daemon runs with pid {}, up ", running.id());
    assert!(status.contains(&words), "{status}");
    assert!(status.contains(" s, configuration of 2"), "{status}");
    assert_eq!(place.print(&["export"]), "");
}

/// Two configurations over one state fill one database: whoever runs the second is told, once, and by which the first was;
/// a file that was moved is no second.
#[test]
fn a_state_that_another_feeds_toml_filled_is_told() {
    let place = Place::new(QUIET);
    place.write("other.toml", QUIET);
    place.print(&["poll"]);
    let told = place.run(&["poll", "--config", "other.toml"]).stderr;
    let told = String::from_utf8(told).unwrap();
    let first = place.path().join("feeds.toml");
    assert!(told.contains(first.to_str().unwrap()), "{told}");
    assert!(told.contains("--state"), "{told}");
    let again = place.run(&["poll", "--config", "./other.toml"]).stderr;
    assert_eq!(String::from_utf8(again).unwrap(), "");
    let mut running = Running::start(&place);
    running.wait_for("other.toml until now");
    running.wait_for("serving at");
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
    std::fs::rename(&first, place.path().join("moved.toml")).unwrap();
    let moved = place.run(&["poll", "--config", "moved.toml"]).stderr;
    assert_eq!(String::from_utf8(moved).unwrap(), "");
}

/// Whoever does not wait for the last feed of `check --online` leaves nothing of it behind.
#[test]
fn a_look_that_is_cut_off_leaves_nothing() {
    let origin = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let config = format!(
        "[fetch]\nallow-networks = [\"127.0.0.1/32\"]\n[[feed]]\nid = \"a\"\nurl = \"http://{}/\"\n",
        origin.local_addr().unwrap()
    );
    for (signal, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let place = Place::new(&config);
        let scratch = place.path().join("tmp");
        std::fs::create_dir(&scratch).unwrap();
        let mut command = place.command(&["check", "--online"]);
        command.env("TMPDIR", &scratch).stdout(Stdio::null());
        let running = Running::command(command);
        // It is asked, and gives no answer.
        let asked = origin.accept().unwrap();
        assert_eq!(std::fs::read_dir(&scratch).unwrap().count(), 1);
        running.signal(signal);
        let (ended, told) = running.end();
        assert_eq!(ended, Some(code), "{told}");
        assert_eq!(std::fs::read_dir(&scratch).unwrap().count(), 0, "{signal}");
        drop(asked);
    }
}

/// What a look left that was killed goes with the next one, and nothing else does.
#[test]
fn the_next_look_removes_what_a_killed_one_left() {
    let origin = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = origin.local_addr().unwrap();
    let place = Place::new(&format!(
        "[fetch]\nallow-networks = [\"127.0.0.1/32\"]\n[[feed]]\nid = \"a\"\nurl = \"http://{address}/\"\n"
    ));
    let scratch = place.path().join("tmp");
    std::fs::create_dir_all(scratch.join("merganser-check-notes")).unwrap();
    let count = || std::fs::read_dir(&scratch).unwrap().count();
    let look = || {
        let mut command = place.command(&["check", "--online"]);
        command.env("TMPDIR", &scratch).stdout(Stdio::null());
        command
    };
    let killed = Running::command(look());
    let asked = origin.accept().unwrap();
    killed.signal("-KILL");
    assert_eq!(killed.end().0, None);
    assert_eq!(count(), 2);
    drop((asked, origin));
    // One that runs keeps what it has.
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let text = std::fs::read_to_string(place.path().join("feeds.toml")).unwrap();
    let at_other = other.local_addr().unwrap().to_string();
    place.write("feeds.toml", text.replace(&address.to_string(), &at_other));
    let running = Running::command(look());
    let asked = other.accept().unwrap();
    assert_eq!(count(), 2, "its own, and what is another's");
    place.write("feeds.toml", text);
    assert_eq!(look().status().unwrap().code(), Some(1));
    assert_eq!(count(), 2);
    running.signal("-TERM");
    running.end();
    drop(asked);
    assert_eq!(count(), 1);
}

/// A state directory that cannot be meant is told as what it is, with the code of state directories.
#[test]
fn a_state_that_is_none_is_74() {
    let place = Place::new(QUIET);
    let swapped = place.fail(&["poll", "--state", "feeds.toml"], 74);
    assert!(swapped.contains("--state names a directory"), "{swapped}");
    for command in ["list", "topics"] {
        let slip = place.fail(&[command, "--state", "stat"], 74);
        assert!(slip.contains("no directory stat"), "{slip}");
        place.print(&[command]);
    }
    let mut homeless = place.command(&["poll"]);
    let output = homeless.env_remove("STATE_DIRECTORY").output().unwrap();
    assert_eq!(output.status.code(), Some(74));
}

/// A configuration with problems is exit code 78, before anything is touched.
#[test]
fn a_broken_configuration_is_78() {
    let place = Place::new("[[feed]]\nid = \"a\"\nurl = \"ftp://example.org\"\ncolour = \"red\"\n");
    for arguments in [&["check"][..], &["run"], &["poll"], &["status"]] {
        let errors = place.fail(arguments, 78);
        assert!(errors.contains("feeds.toml:3:"), "{arguments:?}: {errors}");
        assert!(errors.contains("feeds.toml:4:"), "{arguments:?}: {errors}");
    }
    assert!(!place.path().join("state").exists());
    let missing = Place::new("");
    let errors = missing.fail(&["check", "--config", "elsewhere.toml"], 78);
    assert!(errors.contains("elsewhere.toml"), "{errors}");
}

/// Where none is named, it was looked for in two places, whichever command wants it.
#[test]
fn both_places_without_a_configuration_are_named() {
    let system = Path::new("/etc/merganser/feeds.toml");
    if system.exists() {
        eprintln!("SKIPPED: {} is there", system.display());
        return;
    }
    let place = Place::new("");
    std::fs::remove_file(place.path().join("feeds.toml")).unwrap();
    for arguments in [
        &["check"][..],
        &["list"],
        &["plan"],
        &["poll"],
        &["run"],
        &["backup", "copies"],
        &["export"],
        &["apply-redirects"],
    ] {
        let errors = place.fail(arguments, 78);
        let places = "no configuration at feeds.toml or /etc/merganser/feeds.toml:";
        assert!(errors.contains(places), "{arguments:?}: {errors}");
    }
    // It goes on to what can be looked at without.
    let found = place.run(&["doctor", "--format", "plain"]);
    let found = String::from_utf8(found.stdout).unwrap();
    let places =
        "fail\tconfiguration\tno configuration at feeds.toml or /etc/merganser/feeds.toml:";
    assert!(found.starts_with(places), "{found}");
}

/// R9, R10: a database that is none, or is newer, is refused and left as it is.
#[test]
fn r9_a_bad_database_is_refused_untouched() {
    let place = Place::new(QUIET);
    let database = place.path().join("state/merganser.db");
    std::fs::create_dir(place.path().join("state")).unwrap();
    std::fs::write(
        &database,
        "this is a letter to my aunt, not a database\n".repeat(100),
    )
    .unwrap();
    let before = std::fs::read(&database).unwrap();
    let errors = place.fail(&["poll"], 74);
    assert!(errors.contains("merganser.db"), "{errors}");
    assert_eq!(std::fs::read(&database).unwrap(), before);
    std::fs::remove_file(&database).unwrap();

    place.print(&["poll"]);
    let connection = rusqlite::Connection::open(&database).unwrap();
    connection.pragma_update(None, "user_version", 999).unwrap();
    drop(connection);
    let before = std::fs::read(&database).unwrap();
    let errors = place.fail(&["poll"], 74);
    assert!(errors.contains("newer"), "{errors}");
    assert_eq!(std::fs::read(&database).unwrap(), before);
}

/// The help names every command, and the exit codes.
#[test]
fn help_is_whole() {
    let place = Place::new("");
    let help = place.print(&["--help"]);
    for word in [
        "run",
        "check",
        "poll",
        "preview",
        "status",
        "why",
        "apply-redirects",
        "explain",
        "plan",
        "replay",
        "export",
        "demo",
    ] {
        assert!(help.contains(word), "{word}");
    }
    assert!(help.contains("78"));
    assert!(place.print(&["--version"]).starts_with("merganser "));
    place.fail(&["frobnicate"], 2);
}

/// A reader of the log who goes away takes nobody along: neither the daemon nor the command that wants
/// to say why it failed.
#[test]
fn a_closed_log_stops_nobody() {
    let place = Place::new(QUIET);
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    running.stop_reading();
    for _ in 0..3 {
        running.signal("-HUP");
    }
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));

    let broken = Place::new("[[feed]]\n");
    let closed = [
        "-c",
        "exec 2>&-; exec \"$0\" check",
        env!("CARGO_BIN_EXE_merganser"),
    ];
    let status = Command::new("sh")
        .args(closed)
        .current_dir(broken.path())
        .status();
    assert_eq!(status.unwrap().code(), Some(78));
}

/// A secret that only the service has is needed by what asks origins, and by nothing else.
#[test]
fn s7_only_polling_needs_secrets() {
    let secret = "headers = { authorization = { env = \"ELSEWHERE\" } }\n";
    let place = Place::new(&format!("{QUIET}{secret}").replace("enabled = false", ""));
    let errors = place.fail(&["poll", "--all"], 78);
    assert!(errors.contains("ELSEWHERE"), "{errors}");
    let warned = place.print(&["check"]);
    assert!(warned.contains("unseen-secret"), "{warned}");
    place.write("history.jsonl", "");
    place.print(&["replay", "history.jsonl"]);
    place.print(&["status"]);
    place.print(&["export"]);
}

/// Behind a proxy the log has both the address that readers have and the one at which the listener is.
#[test]
fn the_log_says_where_the_listener_is() {
    let public = "[server]\npublic-url = \"https://news.example.org/\"\n";
    let place = Place::new(&QUIET.replace("[server]\n", public));
    let mut running = Running::start(&place);
    let line = running.wait_for("serving at");
    let says = "serving at https://news.example.org/, listening on 127.0.0.1:";
    assert!(line.contains(says) && !line.contains(":0\n"), "{line}");
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}
