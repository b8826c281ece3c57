use super::*;
use crate::clock::ManualClock;
use crate::config;
use crate::daemon::{Source, StateDir};
use crate::model::{About, Turn};
use crate::serve::{Report, Traffic};
use std::collections::BTreeMap;
use std::fs;
use std::sync::mpsc::{Sender, channel};
use tempfile::TempDir;

const SECOND: Duration = Duration::from_secs(1);

/// Work that does not end before the sender is dropped, as a write to a machine that is gone.
fn endless() -> (Sender<()>, impl FnOnce(&Pulse) -> Outcome + Send + 'static) {
    let (release, held) = channel::<()>();
    let work = move |_: &Pulse| {
        held.recv().ok();
        Err("released".to_owned())
    };
    (release, work)
}

#[tokio::test]
async fn one_thread_writes_in_a_directory_and_is_waited_for_for_a_moment() {
    let (here, there) = (Path::new("/here"), Path::new("/there"));
    let mut exports = Exports::default();
    assert!(exports.is_free(Some(here)));
    assert_eq!(exports.in_row(SECOND), None);
    let (release, work) = endless();
    exports.send(here.to_owned(), SECOND, work);
    assert!(!exports.is_free(Some(here)) && !exports.is_free(Some(there)));
    assert_eq!(exports.in_row(SECOND * 2), Some(SECOND * 4));
    assert_eq!(exports.in_row(SECOND * 6), None);
    exports.leave(Some(here));
    assert!(!exports.is_free(Some(there)), "it is wanted still");
    exports.leave(Some(there));
    assert!(exports.is_free(Some(there)));
    assert!(!exports.is_free(Some(here)), "it may come back and write");
    drop(release);
    assert!(exports.end().await.is_none(), "nobody wants it any more");
    assert!(exports.is_free(Some(here)));
}

#[tokio::test]
async fn a_thread_that_gets_on_is_no_news_and_one_that_does_not_is_once() {
    let mut exports = Exports::default();
    let (release, work) = endless();
    let (tell, told) = channel();
    let beating = move |pulse: &Pulse| {
        tell.send(pulse.clone()).unwrap();
        work(pulse)
    };
    exports.send(PathBuf::from("/here"), Duration::ZERO, beating);
    let pulse = told.recv().unwrap();
    assert_eq!(exports.look(SECOND * 19), None);
    pulse.beat();
    assert_eq!(exports.look(SECOND * 20), None);
    assert_eq!(exports.look(SECOND * 39), None);
    let silent = exports.look(SECOND * 45).unwrap();
    assert_eq!(silent.span, SECOND * 25);
    assert_eq!(exports.next_look(SECOND * 30), Some(SECOND * 10));
    assert!(exports.is_news() && !exports.is_news());
    assert_eq!(exports.next_look(SECOND * 90), None);
    drop(release);
    let came_to = exports.end().await.unwrap();
    assert_eq!(came_to.unwrap_err(), "released");
    assert_eq!(exports.look(SECOND * 90), None);
}

#[tokio::test]
async fn a_panic_brings_nothing_and_says_so() {
    let mut exports = Exports::default();
    exports.send(PathBuf::from("/here"), SECOND, |_| panic!("on purpose"));
    let came_to = exports.end().await.unwrap();
    assert!(came_to.unwrap_err().contains("a panic"));
}

/// A daemon that writes files into a directory beside its state.
struct Rig {
    place: TempDir,
    clock: Arc<ManualClock>,
    daemon: Daemon,
}

fn text(directory: &Path, name: &str) -> String {
    let directory = directory.join(name);
    format!("[server]\npublish-dir = '{}'\n", directory.display())
}

impl Rig {
    async fn start() -> Self {
        let place = TempDir::new().unwrap();
        let clock = Arc::new(ManualClock::new("2026-11-24T06:00:00Z".parse().unwrap()));
        let loaded = config::read(&text(place.path(), "www"), &|_| None).unwrap();
        let state = StateDir::claim(&place.path().join("state")).unwrap();
        let daemon = Daemon::build(loaded.config, state, clock.clone(), None);
        let mut daemon = daemon.await.unwrap();
        daemon.run_due().await.unwrap();
        assert!(place.path().join("www/index.html").exists());
        Self {
            place,
            clock,
            daemon,
        }
    }

    /// Has the next write not end.
    fn hang(&mut self) -> Sender<()> {
        let (release, work) = endless();
        let directory = self.daemon.publish_dir().unwrap();
        let now = self.clock.uptime();
        self.daemon.chores.exports.send(directory, now, work);
        self.clock.advance(SignedDuration::from_secs(25));
        self.turn();
        release
    }

    /// What the loop does at each of its turns.
    fn turn(&mut self) {
        self.daemon.look_at_exports();
        self.daemon.tell_of_us();
    }

    fn told(&self) -> Turn {
        self.daemon.transitions.last(&About::Files)
    }

    async fn reload(&mut self, name: &str) {
        let path = self.place.path().join("feeds.toml");
        fs::write(&path, text(self.place.path(), name)).unwrap();
        let source = Source {
            path,
            environment: Arc::new(|_| None),
        };
        assert!(self.daemon.reload(&source).await.is_in_force);
    }
}

/// All else goes on, and who asks is told where it hangs and since when; another directory is written at once.
#[tokio::test]
async fn a_directory_that_does_not_answer_holds_up_nothing() {
    let mut rig = Rig::start().await;
    let _release = rig.hang();
    let www = rig.place.path().join("www").display().to_string();
    let status = rig.daemon.status();
    let expected = format!("publish-dir FAILS: {www} does not answer");
    assert!(status.contains(&expected), "{status}");
    let needs = rig.daemon.needs();
    let (what, since) = (needs[0].what.as_str(), needs[0].since.as_str());
    assert_eq!(
        (needs.len(), what, since),
        (1, "publish-dir", "2026-11-24T06:00:00Z")
    );
    assert!(needs[0].why.contains("is mounted"), "{needs:?}");
    assert_eq!(rig.told(), Turn::Failing);
    let metrics = rig.daemon.figures.metrics(&Traffic::default());
    assert!(
        metrics.contains("\nmerganser_publish_dir_up_to_date 0\n"),
        "{metrics}"
    );
    let rendered = rig.daemon.outputs_rendered();
    rig.daemon.chores.publish_all(rig.clock.now());
    rig.daemon.run_due().await.unwrap();
    assert!(rig.daemon.outputs_rendered() > rendered);
    rig.reload("other").await;
    rig.daemon.run_due().await.unwrap();
    assert!(rig.place.path().join("other/index.html").exists());
    rig.turn();
    assert_eq!(rig.told(), Turn::Well);
    assert!(rig.daemon.needs().is_empty());
    rig.daemon.stop().await;
}

#[tokio::test]
async fn what_came_back_is_written_anew() {
    let mut rig = Rig::start().await;
    let release = rig.hang();
    let index = rig.place.path().join("www/index.html");
    fs::remove_file(&index).unwrap();
    drop(release);
    let came_to = rig.daemon.chores.exports.end().await;
    rig.daemon.finish_files(came_to);
    rig.turn();
    assert_eq!(rig.told(), Turn::Failing, "it failed in the end");
    rig.clock.advance(SignedDuration::from_mins(1));
    rig.daemon.run_due().await.unwrap();
    assert!(index.exists());
    rig.turn();
    assert_eq!(rig.told(), Turn::Well);
    rig.daemon.stop().await;
}

/// A stop waits for no thread that does not come back, and for none that takes long.
#[tokio::test]
async fn a_stop_waits_for_no_directory() {
    let mut rig = Rig::start().await;
    let _release = rig.hang();
    rig.daemon.stop().await;
    let mut rig = Rig::start().await;
    let (_release, work) = endless();
    let now = rig.clock.uptime();
    let www = rig.place.path().join("www");
    rig.daemon.chores.exports.send(www, now, work);
    rig.daemon.stop().await;
}

/// An archive that cannot be written is told as what it is, beside its output that is served.
#[tokio::test]
async fn an_archive_that_cannot_be_written_is_told() {
    let mut rig = Rig::start().await;
    let now = rig.clock.now();
    let failed = [("all", "no room"), ("world", "no room")];
    let failed = failed.map(|(output, why)| (output.to_owned(), why.to_owned()));
    let failed: BTreeMap<String, String> = failed.into_iter().collect();
    let archives = &mut rig.daemon.chores.archives;
    archives.note(failed.clone(), now, now);
    archives.note(failed, later(now, SignedDuration::from_mins(1)), now);
    rig.turn();
    let needs = rig.daemon.needs();
    assert_eq!(needs[0].what, "archives");
    assert_eq!(needs[0].since, now.to_string());
    for part in ["all, and 1 more FAILS: no room", "state/archive"] {
        assert!(needs[0].why.contains(part), "{needs:?}");
    }
    assert_eq!(rig.daemon.transitions.last(&About::Archives), Turn::Failing);
    let metrics = rig.daemon.figures.metrics(&Traffic::default());
    assert!(
        metrics.contains("\nmerganser_archives_behind 2\n"),
        "{metrics}"
    );
    rig.daemon.chores.archives.note(BTreeMap::new(), now, now);
    rig.turn();
    assert_eq!(rig.daemon.transitions.last(&About::Archives), Turn::Well);
    rig.daemon.stop().await;
}
