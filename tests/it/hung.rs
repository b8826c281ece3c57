//! A feeds.toml that does not answer when it is read, and reloads that are asked for while another is judged.

use crate::origin::Reply;
use crate::program::{Place, Running};
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;
use merganser::clock::SystemClock;
use merganser::config;
use merganser::control::{self, Answer, Listener, Request, Verdict};
use merganser::daemon::{Daemon, Environment, Signals, Source, StateDir};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;

/// Where a secret lies that is read with the file, and that does not answer while it hangs.
#[derive(Default)]
struct Mount {
    /// Whether it hangs, and how often it was read.
    state: Mutex<(bool, usize)>,
    changed: Condvar,
}

impl Mount {
    fn hanging() -> Arc<Self> {
        let mount = Self::default();
        mount.state.lock().unwrap().0 = true;
        Arc::new(mount)
    }

    fn environment(self: &Arc<Self>) -> Environment {
        let mount = Arc::clone(self);
        Arc::new(move |name| (name == "TOKEN").then(|| mount.read()))
    }

    fn read(&self) -> String {
        let mut state = self.state.lock().unwrap();
        state.1 += 1;
        self.changed.notify_all();
        drop(self.changed.wait_while(state, |(hangs, _)| *hangs).unwrap());
        "canary-of-the-mount".to_owned()
    }

    fn reads(&self) -> usize {
        self.state.lock().unwrap().1
    }

    fn wait_for_read(&self, number: usize) {
        let state = self.state.lock().unwrap();
        let waits = |(_, reads): &mut (bool, usize)| *reads < number;
        drop(self.changed.wait_while(state, waits).unwrap());
    }

    fn answer(&self) {
        self.state.lock().unwrap().0 = false;
        self.changed.notify_all();
    }
}

/// Threads end with the test, however it ends.
impl Drop for Mount {
    fn drop(&mut self) {
        self.answer();
    }
}

/// A feed with a secret at the mount.
const SECRET: &str = "[[feed]]\nid = \"desk\"\nurl = \"https://feeds.example.org/desk\"\nenabled = false\n\
                      headers = { authorization = { env = \"TOKEN\" } }\n";

async fn polled(paths: &[&str]) -> TestDaemon {
    let test = TestDaemon::with_feeds(paths).await;
    for path in paths {
        let body = rss("a", &[(&path[1..2], "First", 5)]);
        test.origin.say(path, Reply::feed(body));
    }
    test
}

/// While the file does not answer, polls go on. Who asked is told so after a while, who asks later as well, and one
/// thread waits, whoever asks. When the file answers, it is read for the next who asks.
#[tokio::test]
async fn r18_a_file_that_hangs_stops_nothing() {
    let mut test = polled(&["/a.xml"]).await;
    let mount = Mount::hanging();
    let source = Source {
        environment: mount.environment(),
        ..test.source()
    };
    fs::write(&source.path, format!("{}{SECRET}", test.config)).unwrap();
    for round in 0..2 {
        test.daemon().ask_for_reload();
        assert!(test.daemon().tend_file(&source).await.is_none());
        mount.wait_for_read(1);
        assert_eq!(test.run_due().await.len(), 1 - round, "polls go on");
        // Whatever the clock is set to meanwhile.
        test.clock.jump(SignedDuration::from_hours(24));
        for _ in 0..19 {
            test.clock.advance(SignedDuration::from_secs(1));
            assert!(test.daemon().tend_file(&source).await.is_none());
            let next = test.daemon().next_tending_at().unwrap();
            assert!(next > test.now(), "the loop would not sleep");
        }
        test.clock.advance(SignedDuration::from_secs(1));
        let came_to = test.daemon().tend_file(&source).await.unwrap();
        assert!(came_to.has_failed && !came_to.is_in_force);
        let why = "could not be read in 20 seconds";
        assert!(came_to.message.contains(why), "{}", came_to.message);
        assert!(test.daemon().status().contains(why));
        assert!(test.daemon().next_tending_at().is_none());
    }
    assert_eq!(mount.reads(), 1, "no second thread");
    mount.answer();
    assert!(test.daemon().reload(&source).await.is_in_force);
    assert_eq!((mount.reads(), test.feeds()), (2, 2));
    assert!(!test.daemon().status().contains("could not be read"));
    test.finish().await;
}

/// However many ask while a file is read, it is read once more for all of them.
#[tokio::test]
async fn r18_a_storm_of_requests_is_one_reload() {
    let mut test = polled(&["/a.xml"]).await;
    let mount = Mount::hanging();
    let source = Source {
        environment: mount.environment(),
        ..test.source()
    };
    let good = format!("{}{SECRET}", test.config);
    fs::write(&source.path, format!("{good}shedule = 1\n")).unwrap();
    test.daemon().ask_for_reload();
    test.daemon().tend_file(&source).await;
    mount.wait_for_read(1);
    for _ in 0..1000 {
        test.daemon().ask_for_reload();
        assert!(test.daemon().tend_file(&source).await.is_none());
    }
    fs::write(&source.path, &good).unwrap();
    mount.answer();
    let verdicts = [
        test.daemon().heed_file(&source).await.unwrap(),
        test.daemon().heed_file(&source).await.unwrap(),
    ];
    assert!(!verdicts[0].is_in_force, "of the text that was there");
    assert!(verdicts[1].is_in_force);
    assert!(test.daemon().heed_file(&source).await.is_none());
    assert_eq!(mount.reads(), 2);
    test.finish().await;
}

/// A saved file that hangs is given up quietly, and read when it answers, whether or not it is saved again.
#[tokio::test]
async fn r18_a_saved_file_that_hangs_is_read_when_it_answers() {
    let mut test = TestDaemon::plain(format!(
        "[server]\nwatch = true\n{}",
        SECRET.replace("headers", "#")
    ))
    .await;
    let mount = Mount::hanging();
    let source = Source {
        environment: mount.environment(),
        ..test.source()
    };
    let moment = SignedDuration::from_millis(350);
    for _ in 0..3 {
        assert!(test.daemon().heed_file(&source).await.is_none());
        test.clock.advance(moment);
    }
    fs::write(
        &source.path,
        format!(
            "[server]\nwatch = true\n{SECRET}{}",
            SECRET.replace("desk", "two")
        ),
    )
    .unwrap();
    assert!(test.daemon().heed_file(&source).await.is_none());
    test.clock.advance(moment);
    while mount.reads() == 0 {
        assert!(test.daemon().tend_file(&source).await.is_none());
        tokio::task::yield_now().await;
    }
    test.clock.advance(SignedDuration::from_secs(20));
    assert!(
        test.daemon().tend_file(&source).await.is_none(),
        "nobody asked"
    );
    assert!(test.daemon().next_look_at().is_none() && test.daemon().next_tending_at().is_none());
    assert!(!test.daemon().status().contains("could not"));
    mount.answer();
    assert!(
        test.daemon().heed_file(&source).await.is_none(),
        "for nobody any more"
    );
    let mut came = Vec::new();
    for _ in 0..4 {
        test.clock.advance(SignedDuration::from_secs(30));
        came.extend(
            test.daemon()
                .heed_file(&source)
                .await
                .map(|it| it.is_in_force),
        );
    }
    assert_eq!((came, test.feeds()), (vec![true], 2));
    test.finish().await;
}

/// Asks for a reload at a socket, and for its verdict.
fn ask(socket: &Path) -> JoinHandle<Answer> {
    let socket = socket.to_owned();
    let request = Request::Reload {
        config: None,
        wait: true,
        force: false,
    };
    std::thread::spawn(move || control::ask(&socket, &request).unwrap())
}

/// Who asks while the file is judged for another gets the verdict of a text that was there when it asked, or after.
#[tokio::test(flavor = "multi_thread")]
async fn r18_no_verdict_is_older_than_its_request() {
    let place = tempfile::tempdir().unwrap();
    let mount = Mount::hanging();
    let source = Source {
        path: place.path().join("feeds.toml"),
        environment: mount.environment(),
    };
    let config = config::read("", &|_| None).unwrap().config;
    let state = StateDir::claim(&place.path().join("state")).unwrap();
    let clock = Arc::new(SystemClock);
    let mut daemon = Daemon::build(config, state, clock, None).await.unwrap();
    let socket = place.path().join("control.sock");
    daemon.listen_for_commands(Listener::bind(&socket).unwrap());
    let mut signals = Signals::new().unwrap();
    let running = tokio::spawn({
        let source = source.clone();
        async move { daemon.run(&mut signals, &source).await }
    });
    let script = move || {
        fs::write(&source.path, format!("{SECRET}shedule = 1\n")).unwrap();
        let first = ask(&socket);
        mount.wait_for_read(1);
        fs::write(&source.path, SECRET).unwrap();
        let later = [ask(&socket), ask(&socket), ask(&socket)];
        mount.answer();
        let first = first.join().unwrap();
        assert_eq!(first.verdict, Verdict::Refused, "{first:?}");
        assert!(first.report.contains("shedule"), "{first:?}");
        for answer in later.map(|it| it.join().unwrap()) {
            assert_eq!(answer.verdict, Verdict::Done, "{answer:?}");
        }
        assert!(mount.reads() <= 4);
    };
    tokio::task::spawn_blocking(script).await.unwrap();
    running.abort();
}

/// A storm of signals is a reload now and then: every feed is polled all the same, and the end is heard.
#[tokio::test(flavor = "multi_thread")]
async fn r18_a_storm_of_signals_starves_no_poll() {
    let test = polled(&["/a.xml", "/b.xml", "/c.xml", "/d.xml"]).await;
    let place = Place::new(&format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n{}",
        test.config
    ));
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    let storm = format!("while kill -HUP {}; do :; done", running.id());
    let mut storm = Command::new("sh")
        .args(["-c", &storm])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    for path in ["/a.xml", "/b.xml", "/c.xml", "/d.xml"] {
        test.origin.arrival(path).await;
    }
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
    // It ends with whom it is for.
    storm.wait().unwrap();
    test.finish().await;
}
