use super::*;
use crate::clock::ManualClock;
use crate::config;
use crate::daemon::{Source, StateDir};
use crate::mirror;
use crate::model::{About, Turn};
use crate::publish::OutputFormat;
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
        Err("released".to_owned().into())
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
    assert_eq!(came_to.unwrap_err().why, "released");
    assert_eq!(exports.look(SECOND * 90), None);
}

#[tokio::test]
async fn a_panic_brings_nothing_and_says_so() {
    let mut exports = Exports::default();
    exports.send(PathBuf::from("/here"), SECOND, |_| panic!("on purpose"));
    let came_to = exports.end().await.unwrap();
    assert!(came_to.unwrap_err().why.contains("a panic"));
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

const OUTPUT: &str = "[[output]]\npath = 'desk'\n";
const PROTECTED: &str = "[[output]]\npath = 'desk'\nprotect = 'canary-of-a-desk-41c7'\n";

impl Rig {
    async fn start() -> Self {
        let mut rig = Self::within(TempDir::new().unwrap()).await;
        rig.daemon.run_due().await.unwrap();
        assert!(rig.www("index.html").exists());
        rig
    }

    /// One that has done nothing yet.
    async fn within(place: TempDir) -> Self {
        let clock = Arc::new(ManualClock::new("2026-11-24T06:00:00Z".parse().unwrap()));
        let text = text(place.path(), "www") + OUTPUT;
        let loaded = config::read(&text, &|_| None).unwrap();
        let state = StateDir::claim(&place.path().join("state")).unwrap();
        let daemon = Daemon::build(loaded.config, state, clock.clone(), None);
        let daemon = daemon.await.unwrap();
        Self {
            place,
            clock,
            daemon,
        }
    }

    fn www(&self, name: &str) -> PathBuf {
        self.place.path().join("www").join(name)
    }

    fn metrics(&self) -> String {
        self.daemon.figures.metrics(&Traffic::default())
    }

    /// Takes in what the thread brought that is back.
    async fn take_in(&mut self) {
        let came_to = self.daemon.chores.exports.end().await;
        self.daemon.finish_files(came_to);
        self.turn();
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
        self.reload_with(name, OUTPUT).await;
    }

    async fn reload_with(&mut self, name: &str, output: &str) {
        let path = self.place.path().join("feeds.toml");
        fs::write(&path, text(self.place.path(), name) + output).unwrap();
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
    let (what, since) = (needs[0].what.as_str(), needs[0].since.as_deref());
    assert_eq!(
        (needs.len(), what, since),
        (1, "publish-dir", Some("2026-11-24T06:00:00Z"))
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
    rig.turn();
    assert_eq!(rig.told(), Turn::Failing, "nothing is written there yet");
    assert!(
        !rig.metrics()
            .contains("\nmerganser_publish_dir_up_to_date ")
    );
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
    assert_eq!(needs[0].since, Some(now.to_string()));
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

/// Back at a directory that hangs still, that is told; and once it answers, all is written there anew.
#[tokio::test]
async fn a_directory_that_is_named_again_is_waited_for_and_written() {
    let mut rig = Rig::start().await;
    let release = rig.hang();
    rig.reload("other").await;
    rig.daemon.run_due().await.unwrap();
    rig.turn();
    assert_eq!(rig.told(), Turn::Well);
    rig.reload("www").await;
    rig.daemon.run_due().await.unwrap();
    rig.turn();
    assert_eq!(rig.told(), Turn::Failing);
    let metrics = rig.metrics();
    assert!(metrics.contains("\nmerganser_publish_dir_up_to_date 0\n"));
    let needs = rig.daemon.needs();
    assert!(needs[0].why.contains("does not answer"), "{needs:?}");
    fs::remove_file(rig.www("index.html")).unwrap();
    drop(release);
    rig.take_in().await;
    assert_eq!(rig.told(), Turn::Failing, "it is not written yet");
    rig.daemon.run_due().await.unwrap();
    assert!(rig.www("index.html").exists());
    rig.turn();
    assert_eq!(rig.told(), Turn::Well);
    assert!(rig.daemon.needs().is_empty());
    rig.daemon.stop().await;
}

/// What is protected while a thread hangs is gone before anything else is done once that is back, though it failed and
/// the clock was set.
#[tokio::test]
async fn what_may_not_be_read_any_more_goes_first_after_all() {
    let mut rig = Rig::start().await;
    let desk = rig.www("desk.atom");
    assert!(desk.exists());
    let release = rig.hang();
    rig.reload_with("www", PROTECTED).await;
    rig.daemon.chores.shift(SignedDuration::from_secs(-3600));
    drop(release);
    rig.take_in().await;
    let rendered = rig.daemon.outputs_rendered();
    let now = rig.clock.now();
    rig.daemon.start_chore(now);
    let is_first = rig.daemon.chores.under_way.is_empty();
    assert!(is_first && rig.daemon.chores.exports.away.is_some());
    rig.take_in().await;
    assert!(!desk.exists());
    assert_eq!(rig.daemon.outputs_rendered(), rendered);
    assert!(!rig.daemon.chores.files.come_first && !rig.daemon.chores.files.first_sent);
    rig.daemon.stop().await;
}

/// Nor is it lost where the directory was another meanwhile, or the write that was to do it failed.
#[tokio::test]
async fn what_goes_first_does_so_until_it_is_done() {
    let mut rig = Rig::start().await;
    rig.daemon.chores.files.come_first = true;
    let file = rig.www("index.html");
    fs::remove_file(&file).unwrap();
    fs::create_dir_all(file.join("foreign")).unwrap();
    rig.daemon.start_files();
    rig.take_in().await;
    assert_eq!(rig.told(), Turn::Failing);
    assert!(rig.daemon.chores.files.come_first, "it failed");
    rig.daemon.chores.files.come_first = false;
    rig.daemon.chores.files.first_sent = true;
    rig.reload("other").await;
    assert!(rig.daemon.chores.files.come_first, "it was given up");
    rig.daemon.run_due().await.unwrap();
    assert!(!rig.daemon.chores.files.come_first);
    rig.daemon.stop().await;
}

/// A start under a directory that fails tells neither that it is well, nor once more that it fails.
#[tokio::test]
async fn nothing_is_said_of_files_before_they_were_tried() {
    let mut place = TempDir::new().unwrap();
    fs::write(place.path().join("www"), "no directory").unwrap();
    for before in [Turn::Well, Turn::Failing] {
        let mut rig = Rig::within(place).await;
        rig.turn();
        assert_eq!(rig.told(), before);
        let metrics = rig.metrics();
        assert!(!metrics.contains("\nmerganser_publish_dir_up_to_date "));
        rig.daemon.run_due().await.unwrap();
        rig.turn();
        assert_eq!(rig.told(), Turn::Failing);
        let metrics = rig.metrics();
        assert!(metrics.contains("\nmerganser_publish_dir_up_to_date 0\n"));
        place = rig.place;
        rig.daemon.stop().await;
    }
    fs::remove_file(place.path().join("www")).unwrap();
    let mut rig = Rig::within(place).await;
    rig.daemon.run_due().await.unwrap();
    rig.turn();
    assert_eq!(rig.told(), Turn::Well);
    let metrics = rig.metrics();
    assert!(metrics.contains("\nmerganser_publish_dir_up_to_date 1\n"));
    rig.daemon.stop().await;
}

/// Files that nobody wants any more fail no longer, and are not said to be up to date either.
#[tokio::test]
async fn a_directory_that_is_named_no_more_is_told_as_such() {
    let mut rig = Rig::start().await;
    let _release = rig.hang();
    let path = rig.place.path().join("feeds.toml");
    fs::write(&path, OUTPUT).unwrap();
    let source = Source {
        path,
        environment: Arc::new(|_| None),
    };
    assert!(rig.daemon.reload(&source).await.is_in_force);
    rig.turn();
    assert_eq!(rig.told(), Turn::Well);
    let document = rig.daemon.transitions.document(OutputFormat::Atom).unwrap();
    let body = String::from_utf8(document.body().to_vec()).unwrap();
    assert!(body.contains("publish-dir is no more"), "{body}");
    assert!(!body.contains("up to date again"), "{body}");
    rig.daemon.stop().await;
}

/// One that gets on again is no trouble any more, and not well before it has written; a second silence is news.
#[tokio::test]
async fn a_thread_that_gets_on_again_takes_the_alarm_back() {
    let mut rig = Rig::start().await;
    let (release, work) = endless();
    let (tell, told) = channel();
    let beating = move |pulse: &Pulse| {
        tell.send(pulse.clone()).unwrap();
        work(pulse)
    };
    let (directory, now) = (rig.daemon.publish_dir().unwrap(), rig.clock.uptime());
    rig.daemon.chores.exports.send(directory, now, beating);
    let pulse = told.recv().unwrap();
    for _ in 0..2 {
        rig.clock.advance(SignedDuration::from_secs(25));
        rig.turn();
        assert!(rig.daemon.status().contains("does not answer"));
        pulse.beat();
        rig.turn();
        let status = rig.daemon.status();
        assert!(!status.contains("publish-dir"), "{status}");
        assert!(rig.daemon.needs().is_empty());
        assert_eq!(rig.told(), Turn::Failing, "it is not written");
        let uptime = rig.clock.uptime();
        assert!(rig.daemon.chores.exports.next_look(uptime).is_some());
    }
    drop(release);
    rig.daemon.stop().await;
}

/// One that waits until another is done in the same directory, under another name, writes nothing where nobody wants it
/// any more by then.
#[tokio::test]
async fn no_two_write_in_one_directory_by_two_names() {
    let mut rig = Rig::start().await;
    let index = rig.www("index.html");
    let there = mirror::identity(&rig.www("")).unwrap();
    let another = rig.daemon.chores.exports.claims().claim(there);
    std::os::unix::fs::symlink(rig.place.path().join("www"), rig.place.path().join("link"))
        .unwrap();
    rig.reload("link").await;
    fs::remove_file(&index).unwrap();
    rig.daemon.start_files();
    let elsewhere = Some(Path::new("/elsewhere"));
    rig.daemon.chores.exports.leave(elsewhere);
    drop(another);
    rig.take_in().await;
    assert!(!index.exists());
    rig.daemon.start_files();
    rig.take_in().await;
    assert!(index.exists(), "it is free again");
    rig.daemon.stop().await;
}

/// Hubs wait for files, and not for those that do not come.
#[tokio::test]
async fn w12_hubs_do_not_wait_for_a_directory_that_does_not_answer() {
    let mut rig = Rig::start().await;
    let (_release, work) = endless();
    let (directory, now) = (rig.daemon.publish_dir().unwrap(), rig.clock.uptime());
    rig.daemon.chores.exports.send(directory, now, work);
    let news = ["/desk.atom".to_owned()];
    rig.daemon.chores.news.add(news.clone(), now);
    rig.clock.advance(SignedDuration::from_secs(19));
    rig.turn();
    assert!(rig.daemon.next_news_at().is_some());
    rig.clock.advance(SignedDuration::from_secs(1));
    rig.turn();
    assert_eq!(rig.daemon.next_news_at(), None);
    let uptime = rig.clock.uptime();
    rig.daemon.chores.news.add(news.clone(), uptime);
    rig.daemon.news_served();
    assert_eq!(rig.daemon.next_news_at(), None, "it does not answer");
    // Nor for one that writes and writes.
    rig.daemon.chores.exports.silent = None;
    rig.daemon.chores.news.add(news, uptime);
    rig.daemon.news_served();
    assert!(rig.daemon.next_news_at().is_some());
    rig.clock.advance(SignedDuration::from_secs(30));
    rig.daemon.look_at_news();
    assert_eq!(rig.daemon.next_news_at(), None);
    rig.daemon.stop().await;
}

/// What another keeps is left as it is, and whose it is told.
#[tokio::test]
async fn a_directory_of_another_is_left_and_told() {
    let mut rig = Rig::start().await;
    let other = mirror::Owner::new("b.example,2026", "https://b.example/");
    mirror::sign(&rig.www(""), &other).unwrap();
    fs::write(rig.www("index.html"), "theirs").unwrap();
    rig.daemon.start_files();
    rig.take_in().await;
    let needs = rig.daemon.needs();
    let why = &needs[0].why;
    assert!(why.contains("https://b.example/") && !why.contains("mounted"));
    let index = fs::read_to_string(rig.www("index.html"));
    assert_eq!(index.unwrap(), "theirs");
    rig.daemon.stop().await;
}
