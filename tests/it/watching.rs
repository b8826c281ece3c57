//! A feeds.toml that is saved while the daemon watches it, in each way in which editors save.

use crate::program::{Place, Running};
use crate::test_daemon::TestDaemon;
use jiff::SignedDuration;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

/// A watched configuration with one more feed at each edition.
fn text(edition: usize) -> String {
    let feed = |n| {
        format!(
            "[[feed]]\nid = \"f{n}\"\nurl = \"https://feeds.example.org/{n}\"\nenabled = false\n"
        )
    };
    let feeds: String = (0..=edition).map(feed).collect();
    format!("[server]\nwatch = true\n{feeds}")
}

fn write(file: &Path, text: &str) {
    fs::write(file, text).unwrap();
}

/// Lets as much time pass as the watch wants, several times over, and tells what reloads came of it.
async fn settle(test: &mut TestDaemon) -> Vec<bool> {
    let mut came = Vec::new();
    for _ in 0..6 {
        came.extend(test.heed_file().await.map(|it| it.is_in_force));
        test.clock.advance(SignedDuration::from_millis(350));
    }
    came
}

/// No reload.
const NOTHING: [bool; 0] = [];

type Save = fn(&Path, &str);

/// The ways to save, as far as the file system sees them.
const SAVES: [(&str, Save); 6] = [
    ("truncate and write", |file, text| write(file, text)),
    ("a new file renamed over the old", |file, text| {
        let beside = file.with_extension("tmp");
        write(&beside, text);
        fs::rename(&beside, file).unwrap();
    }),
    ("the old one renamed away", |file, text| {
        fs::rename(file, file.with_extension("toml~")).unwrap();
        write(file, text);
    }),
    ("the old one removed", |file, text| {
        fs::remove_file(file).unwrap();
        write(file, text);
    }),
    ("a link swapped", |file, text| {
        let version = file.with_extension(format!("v{}", text.len()));
        let link = file.with_extension("link");
        write(&version, text);
        symlink(&version, &link).unwrap();
        fs::rename(&link, file).unwrap();
    }),
    ("in place behind a link", |file, text| write(file, text)),
];

/// R18: each way to save is one reload, however many steps it takes.
#[tokio::test]
async fn r18_every_way_to_save_is_one_reload() {
    let mut test = TestDaemon::plain(text(0)).await;
    assert_eq!(settle(&mut test).await, NOTHING, "nothing was saved");
    for (edition, (way, save)) in SAVES.iter().enumerate() {
        let saved = text(edition + 1);
        save(&test.config_file(), &saved);
        assert_eq!(settle(&mut test).await, [true], "{way}");
        assert_eq!(test.feeds(), edition + 2, "{way}");
        // The same bytes again are no news.
        save(&test.config_file(), &saved);
        assert_eq!(settle(&mut test).await, NOTHING, "{way}, once more");
    }
    test.finish().await;
}

/// R18: what an editor leaves for a moment, or for good when it dies, is never in force, and the next good save
/// is seen.
#[tokio::test]
async fn r18_half_a_file_is_not_taken() {
    let mut test = TestDaemon::plain(text(3)).await;
    settle(&mut test).await;
    let whole = text(3);
    let halves = [
        "",
        "\n",
        &whole[..whole.len() - 4],
        &whole[..40],
        "[server]\nwatch = true\n",
    ];
    for half in halves {
        write(&test.config_file(), half);
        assert_eq!(settle(&mut test).await, [false], "{half:?}");
        assert_eq!(test.feeds(), 4);
    }
    fs::remove_file(test.config_file()).unwrap();
    assert_eq!(settle(&mut test).await, NOTHING, "there is none");
    write(&test.config_file(), &text(5));
    assert_eq!(settle(&mut test).await, [true]);
    assert_eq!(test.feeds(), 6);
    test.finish().await;
}

/// A file that is emptied and written within the moment that is waited is never read empty.
#[tokio::test]
async fn r18_the_gap_of_a_save_is_waited_out() {
    let mut test = TestDaemon::plain(text(1)).await;
    settle(&mut test).await;
    let file = test.config_file();
    write(&file, "");
    assert!(test.heed_file().await.is_none());
    test.clock.advance(SignedDuration::from_millis(100));
    fs::rename(&file, file.with_extension("gone")).unwrap();
    assert!(test.heed_file().await.is_none());
    test.clock.advance(SignedDuration::from_millis(250));
    assert!(test.heed_file().await.is_none());
    write(&file, &text(2));
    assert_eq!(settle(&mut test).await, [true]);
    test.finish().await;
}

/// What inotify does not see, such as a change behind a link into another directory, is seen by its stamp.
#[tokio::test]
async fn r18_a_change_elsewhere_is_seen_within_half_a_minute() {
    let elsewhere = tempfile::tempdir().unwrap();
    let target = elsewhere.path().join("feeds.toml");
    write(&target, &text(0));
    let mut test = TestDaemon::plain(text(0)).await;
    fs::remove_file(test.config_file()).unwrap();
    symlink(&target, test.config_file()).unwrap();
    assert_eq!(settle(&mut test).await, NOTHING);
    write(&target, &text(1));
    assert_eq!(settle(&mut test).await, NOTHING);
    test.clock.advance(SignedDuration::from_secs(30));
    assert_eq!(settle(&mut test).await, [true]);
    test.finish().await;
}

/// The loop is woken by a save, and reads it, with the real program and its clock.
#[test]
fn r18_a_save_wakes_the_daemon() {
    let config = |edition| text(edition).replace("[server]", "[server]\nlisten = \"127.0.0.1:0\"");
    let place = Place::new(&config(0));
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    place.write("feeds.toml", config(1));
    running.wait_for("was reloaded");
    place.write("feeds.toml", "[[feed");
    running.wait_for("REJECTED");
    place.write("feeds.toml", config(2));
    running.wait_for("was reloaded");
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}

/// Without `watch` nothing is read again until somebody asks, and a reload switches it on and off.
#[tokio::test]
async fn a_file_is_watched_where_the_file_says_so() {
    let unwatched = text(0).replace("true", "false");
    let mut test = TestDaemon::plain(unwatched).await;
    write(&test.config_file(), &text(1));
    assert_eq!(settle(&mut test).await, NOTHING);
    test.config = text(1);
    test.reload().await;
    settle(&mut test).await;
    write(&test.config_file(), &text(2));
    assert_eq!(settle(&mut test).await, [true]);
    write(&test.config_file(), &text(2).replace("true", "false"));
    assert_eq!(settle(&mut test).await, [true]);
    write(&test.config_file(), &text(3));
    assert_eq!(settle(&mut test).await, NOTHING);
    test.finish().await;
}

/// A pipe in the place of the file is not waited for: the daemon goes on, and reads the file that comes after it.
#[tokio::test]
async fn a_pipe_in_the_place_of_the_file_stops_nothing() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let mut test = TestDaemon::plain(text(0)).await;
    assert_eq!(settle(&mut test).await, NOTHING);
    let file = test.config_file();
    fs::remove_file(&file).unwrap();
    mknodat(CWD, &file, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    assert_eq!(settle(&mut test).await, NOTHING);
    let source = merganser::daemon::Source {
        path: file.clone(),
        environment: std::sync::Arc::new(|_| None),
    };
    let came_to = test.daemon().reload(&source).await;
    assert!(!came_to.is_in_force);
    assert!(
        came_to.message.contains("is a pipe, no file"),
        "{}",
        came_to.message
    );
    fs::remove_file(&file).unwrap();
    write(&file, &text(1));
    assert_eq!(settle(&mut test).await, [true]);
    assert_eq!(test.feeds(), 2);
    test.finish().await;
}
