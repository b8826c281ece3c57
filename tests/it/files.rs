//! What is served, as files: `publish-dir` and `merganser publish`.

use crate::origin::Reply;
use crate::program::Place;
use crate::test_daemon::{TestDaemon, rss};
use flate2::read::GzDecoder;
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::Path;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

const CONFIG: &str = r#"
[server]
publish-dir = "www"
[[output]]
path = "all"
[[output]]
path = "rain"
select = "rain"
[[feed]]
id = "a"
url = "ORIGIN/a.xml"
"#;

fn names(directory: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(directory).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}

/// Checks that the files are what is served, byte for byte and date for date.
fn is_served(test: &mut TestDaemon, directory: &Path) {
    for (path, resource) in test.daemon().shelf().all().iter() {
        let name = if path == "/" { "/index.html" } else { path };
        let file = directory.join(&name[1..]);
        assert_eq!(fs::read(&file).unwrap(), resource.body(), "{path}");
        let modified = fs::metadata(&file).unwrap().modified().unwrap();
        let modified = jiff::Timestamp::try_from(modified).unwrap();
        assert_eq!(modified.as_second(), resource.modified_at().as_second());
        for form in ["gz", "br"] {
            let Ok(packed) = fs::read(format!("{}.{form}", file.display())) else {
                continue;
            };
            let mut unpacking: Box<dyn Read> = match form {
                "gz" => Box::new(GzDecoder::new(&packed[..])),
                _ => Box::new(brotli::Decompressor::new(&packed[..], 4096)),
            };
            let mut body = Vec::new();
            unpacking.read_to_end(&mut body).unwrap();
            assert_eq!(body, resource.body(), "{path}.{form}");
        }
    }
}

#[tokio::test]
async fn u32_the_files_are_what_is_served() {
    let mut test = TestDaemon::start(CONFIG).await;
    let mut items = vec![("wet", "Rain in Kerala", 4)];
    test.origin.say("/a.xml", Reply::feed(rss("a", &items)));
    test.run_due().await;
    let www = test.state().join("www");
    is_served(&mut test, &www);
    let has = names(&www);
    for name in [
        "all.atom",
        "all.atom.gz",
        "all.atom.br",
        "rain.rss",
        "index.html",
    ] {
        assert!(has.contains(name), "{name} in {has:?}");
    }
    let before = fs::metadata(www.join("rain.atom"))
        .unwrap()
        .modified()
        .unwrap();

    fs::write(www.join("robots.txt"), "theirs").unwrap();
    items.push(("duty", "Tariffs rise", 5));
    test.origin.say("/a.xml", Reply::feed(rss("a", &items)));
    test.run_for(MINUTE * 60 * 24).await;
    is_served(&mut test, &www);
    assert!(
        fs::read_to_string(www.join("all.atom"))
            .unwrap()
            .contains("Tariffs")
    );
    let after = fs::metadata(www.join("rain.atom"))
        .unwrap()
        .modified()
        .unwrap();
    assert_eq!(
        before, after,
        "an output that did not change is not touched"
    );

    test.config = test.config.replace("path = \"rain\"", "path = \"wet\"");
    test.reload().await;
    test.run_due().await;
    let has = names(&www);
    assert!(
        has.contains("wet.atom") && !has.contains("rain.atom") && !has.contains("rain.atom.gz")
    );
    assert!(has.contains("robots.txt"), "{has:?}");
    test.finish().await;
}

/// What is in the way is told, readers are served all the same, and it mends itself once it is gone.
#[tokio::test]
async fn files_that_cannot_be_written_are_told() {
    let mut test = TestDaemon::start(CONFIG).await;
    test.origin.say(
        "/a.xml",
        Reply::feed(rss("a", &[("wet", "Rain in Kerala", 4)])),
    );
    let www = test.state().join("www");
    fs::write(&www, "a file, where a directory is to be").unwrap();
    test.run_due().await;
    assert!(test.output("/all.atom").contains("Kerala"));
    let status = test.daemon().status();
    assert!(
        status.contains("publish-dir FAILS: cannot make"),
        "{status}"
    );
    let next = " (tried again at 06:01 UTC)";
    assert!(status.ends_with(next), "{status}");
    fs::remove_file(&www).unwrap();
    test.clock.advance(SignedDuration::from_secs(10));
    test.reload().await;
    let status = test.daemon().status();
    let next = " (tried again at 06:00 UTC)";
    assert!(status.ends_with(next), "{status}");
    test.run_due().await;
    is_served(&mut test, &www);
    let status = test.daemon().status();
    assert!(!status.contains("publish-dir"), "{status}");
    test.finish().await;
}

const QUIET: &str = "[server]\npublish-dir = \"www\"\n[[feed]]\nid = \"a\"\nenabled = false\n\
                     url = \"https://feeds.example.org/a.xml\"\n";

const HISTORY: &str = "{\"feed\":\"a\",\"at\":\"2026-11-24T13:40:00Z\",\"entry\":{\"id\":\"1\",\
                       \"title\":\"Rain in Kerala\",\"content_text\":\"It rained.\",\
                       \"date_published\":\"2026-11-24T13:00:00Z\"}}\n";

#[test]
fn publish_writes_files_by_hand() {
    let place = Place::new(QUIET);
    place.write("history.jsonl", HISTORY);
    place.print(&["replay", "history.jsonl"]);
    let output = place.run(&["publish", "out"]);
    let (told, said) = (output.stdout, output.stderr);
    let (told, said) = (
        String::from_utf8(told).unwrap(),
        String::from_utf8(said).unwrap(),
    );
    assert!(
        told.starts_with("out: ") && told.contains(" 0 removed"),
        "{told}"
    );
    assert!(said.contains("lead to http://127.0.0.1:8420/"), "{said}");
    let atom = fs::read_to_string(place.path().join("out/all.atom")).unwrap();
    assert!(atom.contains("Rain in Kerala"), "{atom}");
    assert!(place.path().join("out/all.atom.br").is_file());

    fs::write(place.path().join("out/extra.txt"), "theirs").unwrap();
    // As if that was long ago: what did not change keeps its date, though no daemon served it.
    let then = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
    for name in names(&place.path().join("out")) {
        let file = fs::File::options()
            .append(true)
            .open(place.path().join("out").join(name));
        file.unwrap().set_modified(then).unwrap();
    }
    let told = place.print(&["publish", "out"]);
    assert!(
        told.starts_with("out: 0 files written, 0 removed"),
        "{told}"
    );
    let date = |name: &str| {
        let file = fs::metadata(place.path().join("out").join(name));
        file.unwrap().modified().unwrap()
    };
    for name in ["all.atom", "all.atom.gz", "index.html"] {
        assert_eq!(date(name), then, "{name}");
    }
    let more = HISTORY.replace("\"1\"", "\"2\"").replace("Kerala", "Goa");
    place.write("history.jsonl", more);
    place.print(&["replay", "history.jsonl"]);
    place.print(&["publish", "out"]);
    assert!(date("all.atom") > then && date("all.atom.gz") > then);
    assert_eq!(date("style.css"), then);
    assert!(place.path().join("out/extra.txt").is_file());
}

/// Who asks by dates alone would keep what he has (U16).
#[tokio::test]
async fn u16_no_file_has_an_earlier_date_than_the_one_before_it() {
    let config = format!("[[output]]\npath = \"all\"\ntitle = \"One\"\n{QUIET}");
    let config = config.replace("[server]\npublish-dir = \"www\"\n", "");
    let test = TestDaemon::start(&config).await;
    let state = test.state().display().to_string();
    let place = Place::new(&config);
    let date = |title: &str| {
        place.write("feeds.toml", config.replace("One", title));
        place.print(&["publish", "--state", &state, "out"]);
        let file = fs::metadata(place.path().join("out/all.atom"));
        file.unwrap().modified().unwrap()
    };
    // The daemon has served the first, and knows its date.
    let dates = ["One", "Two", "One"].map(date);
    assert!(dates.is_sorted_by(|a, b| a < b), "{dates:?}");
    test.finish().await;
}

/// A site that has an icon keeps it; everything else is written.
#[test]
fn u32_an_icon_of_others_stays() {
    let place = Place::new(QUIET);
    place.write("history.jsonl", HISTORY);
    place.print(&["replay", "history.jsonl"]);
    fs::create_dir(place.path().join("out")).unwrap();
    let icon = |directory: &str| fs::read(place.path().join(directory).join("favicon.ico"));
    fs::write(place.path().join("out/favicon.ico"), "theirs").unwrap();
    for directory in ["out", "other"] {
        place.print(&["publish", directory]);
        let told = place.print(&["publish", directory]);
        assert!(told.contains(" 0 files written, 0 removed"), "{told}");
        assert!(place.path().join(directory).join("index.html").is_file());
    }
    assert_eq!(icon("out").unwrap(), b"theirs");
    assert!(icon("other").unwrap().starts_with(&[0, 0, 1, 0]));
}

/// One merganser may write beneath the directory of another, or behind a link in it.
#[test]
fn publish_leaves_what_another_merganser_wrote() {
    let (one, other) = (Place::new(QUIET), Place::new(QUIET));
    for place in [&one, &other] {
        place.write("history.jsonl", HISTORY);
        place.print(&["replay", "history.jsonl"]);
    }
    let out = one.path().join("out");
    for directory in [out.join("blog"), other.path().join("else")] {
        other.print(&["publish", &directory.display().to_string()]);
    }
    std::os::unix::fs::symlink(other.path().join("else"), out.join("pics")).unwrap();
    for _ in 0..2 {
        let told = one.print(&["publish", "out"]);
        assert!(told.contains(" 0 removed"), "{told}");
    }
    for name in ["blog", "pics"] {
        assert!(out.join(name).join("all.atom").is_file(), "{name}");
    }
}

#[test]
fn publish_says_what_is_in_the_way() {
    let place = Place::new(QUIET);
    place.write("history.jsonl", HISTORY);
    place.print(&["replay", "history.jsonl"]);
    fs::create_dir(place.path().join("out")).unwrap();
    fs::write(place.path().join("out/index.html"), "theirs").unwrap();
    let errors = place.fail(&["publish", "out"], 1);
    assert!(errors.contains("out/index.html is there"), "{errors}");
    assert_eq!(names(&place.path().join("out")).len(), 1);
    fs::write(place.path().join("file"), "theirs").unwrap();
    let errors = place.fail(&["publish", "file"], 1);
    assert!(errors.contains("cannot make file"), "{errors}");
}

/// `status` finds by itself that the files are not what is served, beside a daemon.
#[tokio::test]
async fn status_tells_that_files_are_behind() {
    let mut test = TestDaemon::start(CONFIG).await;
    test.origin.say(
        "/a.xml",
        Reply::feed(rss("a", &[("wet", "Rain in Kerala", 4)])),
    );
    test.run_due().await;
    let place = Place::new(&test.config);
    let state = test.state().display().to_string();
    let status = |format: &str, code: i32| {
        let output = place.run(&["status", "--state", &state, "--format", format]);
        assert_eq!(output.status.code(), Some(code));
        String::from_utf8(output.stdout).unwrap()
    };
    let told = status("text", 0);
    assert!(!told.contains("publish-dir"), "{told}");
    fs::remove_file(test.state().join("www/.merganser-files")).unwrap();
    let told = status("text", 1);
    assert!(told.starts_with("needs you\n  x  publish-dir  "), "{told}");
    assert!(told.contains("publish-dir is not up to date"), "{told}");
    let told: serde_json::Value = serde_json::from_str(&status("json", 1)).unwrap();
    let behind = told["publish_dir"]["behind"].as_array().unwrap();
    assert!(behind.contains(&"all.atom".into()), "{told}");
    let doctor = || place.print(&["doctor", "--state", &state, "--format", "plain"]);
    let told = doctor();
    assert!(told.contains("behind what is served"), "{told}");
    assert!(
        told.contains("the daemon writes them within a minute"),
        "{told}"
    );
    test.stop().await;
    let told = doctor();
    assert!(told.contains("no daemon runs that writes them"), "{told}");
}
