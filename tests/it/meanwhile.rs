//! Commands that edit feeds.toml while somebody else does, and what they have in common.

use crate::editing::{FILE, file, origin};
use crate::origin::Reply;
use crate::program::{Place, QUIET};
use crate::test_daemon::rss;
use merganser::daemon::StateDir;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixListener;
use std::process::Stdio;
use std::thread;

/// Whichever commands they are, and where there is no file yet, too.
#[test]
fn whichever_edits_at_once_are_all_done() {
    let place = Place::new("");
    std::fs::remove_file(place.path().join("feeds.toml")).unwrap();
    let list = |name: &str| {
        let feed =
            |n: u8| format!("<outline xmlUrl='https://{name}{n}.example/' text='{name}{n}'/>");
        let list = format!(
            "<opml><outline text='{name}'>{}{}</outline></opml>",
            feed(1),
            feed(2)
        );
        place.write(&format!("{name}.opml"), list);
    };
    list("east");
    list("west");
    thread::scope(|scope| {
        for name in ["a", "b", "c", "d"] {
            let place = &place;
            scope.spawn(move || place.print(&["add", &format!("{name}.example"), "--no-fetch"]));
        }
        for name in ["east", "west"] {
            let place = &place;
            scope.spawn(move || place.print(&["import", &format!("{name}.opml")]));
        }
    });
    thread::scope(|scope| {
        for arguments in [
            ["disable", "a-example"],
            ["disable", "east1"],
            ["remove", "b-example"],
            ["remove", "west2"],
            ["import", "west.opml"],
        ] {
            let place = &place;
            scope.spawn(move || place.print(&arguments));
        }
    });
    let listed = place.print(&["list", "--format", "plain"]);
    let mut ids: Vec<&str> = listed
        .lines()
        .map(|it| it.split('\t').next().unwrap())
        .collect();
    ids.sort_unstable();
    // Whether the second list came before or after the removal, either is one after the other.
    ids.retain(|id| *id != "west2");
    assert_eq!(
        ids,
        [
            "a-example",
            "c-example",
            "d-example",
            "east1",
            "east2",
            "west1"
        ]
    );
    assert_eq!(file(&place).matches("enabled = false").count(), 2);
}

/// What is saved while a feed is looked at stays, and the feed comes beside it.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_saved_meanwhile_is_edited_as_it_is_then() {
    let origin = origin().await;
    origin.say(
        "/rss",
        Reply::feed(rss("Harbour Wire", &[("a", "Harbour reopens", 3)])),
    );
    origin.hold("/rss");
    let place = Place::new(FILE);
    let saved = format!(
        "{FILE}# saved meanwhile\r\n[[feed]]\r\nid = \"two\"\r\nurl = \"https://two.example/\"\r\n"
    );
    let url = origin.url("/rss");
    let mut command = place.command(&["add", &url]);
    let add = command.stdout(Stdio::piped()).spawn().unwrap();
    origin.arrival("/rss").await;
    place.write("feeds.toml", &saved);
    origin.release();
    assert!(add.wait_with_output().unwrap().status.success());
    let after = file(&place);
    assert!(after.starts_with(&saved), "{after}");
    assert!(
        after.contains(&format!("id = \"harbour-wire\"\r\nurl = \"{url}\"")),
        "{after}"
    );
    // What was added meanwhile is there already.
    let refused = place.fail(&["add", &url], 1);
    assert!(refused.contains("has this address already"), "{refused}");
}

/// While somebody else holds the file, nothing is written, and the command says so.
#[test]
fn a_file_that_somebody_holds_is_left_alone() {
    let place = Place::new(FILE);
    place.write(
        "list.opml",
        "<opml><outline xmlUrl='https://b.example/'/></opml>",
    );
    let held = std::fs::File::open(place.path().join("feeds.toml")).unwrap();
    held.lock().unwrap();
    for arguments in [
        ["add", "a.example", "--no-fetch"].as_slice(),
        &["import", "list.opml"],
        &["disable", "one"],
        &["remove", "one"],
    ] {
        let refused = place.fail(arguments, 1);
        assert!(
            refused.contains("changed meanwhile, try again"),
            "{refused}"
        );
        assert_eq!(file(&place), FILE, "{arguments:?}");
    }
    held.unlock().unwrap();
    place.print(&["disable", "one"]);
}

/// An address is the same to `add` as to a list that has it.
#[test]
fn add_and_import_read_addresses_alike() {
    for address in [
        "a.example/feed",
        "//a.example/feed",
        " https://A.example/a feed ",
        "feed://a.example/feed",
        "feed:https://a.example/feed",
        "https://b\u{fc}cher.example/",
        "https://u:p@a.example/feed",
        "https://a.example/feed#new",
        "a.example:8080/feed",
        "mailto:a@b.example",
        "feed.xml",
        "http//a.example",
        "ftp://a.example/feed",
        "http://10.0.0.1/feed",
        "localhost/feed",
    ] {
        let [added, listed] = [(); 2].map(|()| Place::new(QUIET));
        let add = added.run(&["add", address, "--no-fetch", "--id", "new"]);
        let list =
            format!("{{\"version\": 1, \"feeds\": [{{\"id\": \"new\", \"url\": \"{address}\"}}]}}");
        listed.write("list.json", list);
        let import = listed.run(&["import", "list.json"]);
        assert_eq!(import.status, add.status, "{address}");
        let told = String::from_utf8(import.stdout).unwrap();
        assert_eq!(file(&added), file(&listed), "{address}");
        let refused = String::from_utf8(add.stderr).unwrap();
        let why = refused
            .trim_start_matches("merganser: ")
            .split([';', '\n'])
            .next()
            .unwrap();
        assert_eq!(
            add.status.success(),
            told.contains("1 feed added"),
            "{address}: {told}"
        );
        assert!(
            add.status.success() || told.contains(why),
            "{address}: {why}: {told}"
        );
    }
}

/// A daemon that stops has no other file: the next one reads this one.
#[tokio::test(flavor = "multi_thread")]
async fn add_beside_a_daemon_that_stops_tells_what_comes_next() {
    let origin = origin().await;
    origin.say("/new.xml", Reply::feed(rss("new", &[("a", "News", 5)])));
    let place = Place::new(FILE);
    let state = place.path().join("state");
    let held = StateDir::claim(&state).unwrap();
    let socket = UnixListener::bind(state.join("control.sock")).unwrap();
    // It ends with the test.
    thread::spawn(move || {
        for mut asker in socket.incoming().flatten() {
            let mut request = String::new();
            BufReader::new(&asker).read_line(&mut request).unwrap();
            let answer = "{\"verdict\":\"failed\",\"message\":\"the daemon is stopping\"}\n";
            // Whoever asks only whether there is one may be gone.
            asker.write_all(answer.as_bytes()).ok();
        }
    });
    let added = place.run(&["add", &origin.url("/new.xml")]);
    let told = String::from_utf8([added.stdout, added.stderr].concat()).unwrap();
    assert_eq!(added.status.code(), Some(0), "{told}");
    assert!(told.contains("the daemon is stopping"), "{told}");
    assert!(!told.contains("does not read"), "{told}");
    drop(held);
}
