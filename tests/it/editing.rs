//! `add`, `remove`, `enable` and `disable` through the real binary: what they do to feeds.toml.

use crate::origin::{Asked, Origin, Reply};
use crate::program::{Place, QUIET, Running};
use crate::test_daemon::rss;
use merganser::clock::ManualClock;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

/// A file with things in it that an editor of files could spoil.
pub(crate) const FILE: &str = "\u{feff}# my feeds\r\n[server]\r\nlisten = \"127.0.0.1:0\" # here\r\n[fetch]\r\n\
    allow-networks = [\"127.0.0.0/8\"]\r\nhost-gap = \"0s\"\r\n[group.wire]\r\n\r\n# the first\r\n[[feed]]\r\nid = 'one'\r\n\
    url = 'https://one.example/feed'\r\ngroup = 'wire' # of course\r\n#enabled = true\r\n\r\n\
    # ---- Topics ----\r\n[[topic]]\r\nname = \"harbours\"\r\nquery = \"harbour\"\r\n";

pub(crate) fn file(place: &Place) -> String {
    std::fs::read_to_string(place.path().join("feeds.toml")).unwrap()
}

pub(crate) async fn origin() -> Origin {
    let start = "2026-11-24T06:00:00Z".parse().unwrap();
    Origin::start(Arc::new(ManualClock::new(start))).await
}

fn page(links: &[(&str, &str)]) -> Reply {
    let link = |(title, path): &(&str, &str)| {
        format!(
            "<link rel=\"alternate\" type=\"application/rss+xml\" title=\"{title}\" href=\"{path}\">"
        )
    };
    let links: String = links.iter().map(link).collect();
    Reply::feed(format!(
        "<!doctype html><html><head><title>News</title>{links}</head><body>News</body></html>"
    ))
}

/// A feed is looked at, shown with the topics of its entries, and written after the last one.
#[tokio::test(flavor = "multi_thread")]
async fn a_feed_is_added_and_all_else_stays() {
    let origin = origin().await;
    let entries = [("a", "Harbour reopens", 3), ("b", "Museum opens", 4)];
    origin.say("/rss", Reply::feed(rss("Harbour Wire: the news", &entries)));
    let place = Place::new(FILE);
    let path = place.path().join("feeds.toml");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let url = origin.url("/rss");
    let dry = place.print(&["add", &url, "--group", "wire", "--dry-run"]);
    assert!(dry.contains("[[feed]]\nid = \"harbour-wire\"\n"), "{dry}");
    assert_eq!(file(&place), FILE);

    let told = place.print(&["add", &url, "--group", "wire"]);
    for words in [
        "Harbour Wire: the news: rss, 2 entries, newest ",
        "topics of the 2 entries now: harbours 1, none 1",
        "feeds.toml:16: added `harbour-wire`",
        "the next start puts that in force",
    ] {
        assert!(told.contains(words), "{words} in\n{told}");
    }
    let block = format!(
        "#enabled = true\r\n\r\n[[feed]]\r\nid = \"harbour-wire\"\r\nurl = \"{url}\"\r\ngroup = \"wire\"\r\n"
    );
    assert_eq!(file(&place), FILE.replace("#enabled = true\r\n", &block));
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);

    // Another spelling of the same address, and an id that is taken, ask nobody.
    let asked = origin.asked().len();
    let same = place.fail(&["add", &format!("{url}/#top")], 1);
    assert!(
        same.contains("feeds.toml:18: feed `harbour-wire` has this address"),
        "{same}"
    );
    let taken = place.fail(&["add", "https://two.example/", "--id", "one"], 1);
    assert!(
        taken.contains("feeds.toml:10: there is a feed `one` already"),
        "{taken}"
    );
    for (group, words) in [
        (
            "wier",
            "did you mean `wire`? If not, a line `[group.wier]` at its end makes it",
        ),
        ("Paper!", "--group: "),
    ] {
        let refused = place.fail(&["add", "https://two.example/", "--group", group], 1);
        assert!(refused.contains(words), "{refused}");
    }
    assert_eq!(origin.asked().len(), asked);

    place.print(&["remove", "harbour-wire"]);
    assert_eq!(file(&place), FILE);

    // A group that is not there is made, as by an import.
    let arguments = ["add", &url, "--group", "paper"];
    let dry = place.print(&[&arguments, &["--dry-run"][..]].concat());
    assert!(dry.contains("[group.paper]\n"), "{dry}");
    assert_eq!(file(&place), FILE);
    let told = place.print(&arguments);
    assert!(
        told.contains(": added `harbour-wire` and the group `paper`"),
        "{told}"
    );
    let text = file(&place);
    assert_eq!(text.matches("[group.paper]\r\n").count(), 1, "{text}");
    assert!(text.contains("group = \"paper\"\r\n"), "{text}");
    place.print(&["check"]);
}

/// A page leads to its feeds: the only one is taken, of several one is named.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_leads_to_its_feed() {
    let origin = origin().await;
    origin.say("/one", page(&[("All", "/rss")]));
    origin.say("/two", page(&[("All", "/rss"), ("World", "/world.rss")]));
    origin.say(
        "/moved",
        Reply::status(301).header("location", "/world.rss"),
    );
    origin.say("/loop", page(&[("Itself", "/loop")]));
    origin.say("/rss", Reply::feed(rss("All news", &[("a", "One", 3)])));
    origin.say("/world.rss", Reply::feed(rss("World news", &[])));
    let place = Place::new(FILE);
    let told = place.print(&["add", &origin.url("/one")]);
    assert!(told.contains("added `all-news`"), "{told}");
    let several = place.fail(&["add", &origin.url("/two")], 1);
    assert!(several.contains("with --pick\n  1  http://"), "{several}");
    assert!(several.contains("/world.rss  World"), "{several}");
    let known = place.fail(&["add", &origin.url("/two"), "--pick", "1"], 1);
    assert!(
        known.contains("feed `all-news` has this address"),
        "{known}"
    );
    let none = place.fail(&["add", &origin.url("/two"), "--pick", "3"], 1);
    assert!(none.contains("no feed of the number 3"), "{none}");
    let told = place.print(&[
        "add",
        &origin.url("/moved"),
        "--id",
        "world",
        "--title",
        "W \"x\"",
    ]);
    assert!(told.contains("added `world`"), "{told}");
    let text = file(&place);
    assert!(
        text.contains(&format!("url = \"{}\"", origin.url("/world.rss"))),
        "{text}"
    );
    assert!(text.contains("title = \"W \\\"x\\\"\""), "{text}");
    let page = place.fail(&["add", &origin.url("/loop")], 1);
    let words = format!("calls {} its feed, and that is a page", origin.url("/loop"));
    assert!(page.contains(&words), "{page}");
    place.print(&["check"]);
}

/// S6: what a group has for its own origin is written beside no address of another one, whoever names that.
#[tokio::test(flavor = "multi_thread")]
async fn s6_a_group_s_token_stays_with_the_address_typed() {
    let (ours, theirs) = (origin().await, origin().await);
    theirs.say("/rss", Reply::feed(rss("Theirs", &[])));
    ours.say("/rss", Reply::feed(rss("Ours", &[])));
    let there = theirs.url("/rss");
    ours.say("/moved", Reply::status(301).header("location", &there));
    ours.say("/page", page(&[("All", &there)]));
    ours.say("/home", Reply::status(301).header("location", "/rss"));
    let paid = "[group.paid]\r\nauth = { bearer = \"canary\" }\r\n";
    let text = FILE.replace("# the first", &format!("{paid}\r\n# the first"));
    let place = Place::new(&text);
    for path in ["/moved", "/page"] {
        let refused = place.fail(&["add", &ours.url(path), "--group", "paid"], 1);
        let words = format!(
            "would be sent to another, {there}: add that address itself if they are meant for it"
        );
        assert!(refused.contains(&words), "{path}: {refused}");
        assert_eq!(file(&place), text, "{path}");
    }
    let asked = theirs.asked();
    assert!(!asked.is_empty());
    let has_token = |asked: &Asked| asked.headers.contains_key("authorization");
    assert!(!asked.iter().any(has_token), "{asked:?}");
    // At home it goes along, and without the group there is nothing that could leave.
    let told = place.print(&["add", &ours.url("/home"), "--group", "paid"]);
    assert!(told.contains("added `ours`"), "{told}");
    let told = place.print(&["add", &ours.url("/moved")]);
    assert!(told.contains("added `theirs`"), "{told}");
}

/// What an address hands out, or was asked with, is no part of another one: what was typed is written.
#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_writes_no_secret() {
    let origin = origin().await;
    let moved = |to: &str| Reply::status(301).header("location", to);
    origin.say("/plain", moved("/new?token=canary"));
    origin.say("/new?token=canary", Reply::feed(rss("Handed", &[])));
    origin.say("/keyed?key=mine", moved("/open"));
    origin.say("/open", Reply::feed(rss("Open", &[])));
    let place = Place::new(FILE);
    place.print(&["add", &origin.url("/plain")]);
    let text = file(&place);
    assert!(text.contains(&format!("\"{}\"", origin.url("/plain"))));
    assert!(!text.contains("canary"), "{text}");
    let dry = place.print(&["add", &origin.url("/keyed?key=mine"), "--dry-run"]);
    assert!(
        dry.contains("/keyed?key=***\"") && !dry.contains("mine"),
        "{dry}"
    );
    place.print(&["add", &origin.url("/keyed?key=mine")]);
    let text = file(&place);
    assert!(text.contains("/keyed?key=mine\"") && !text.contains("/open"));
}

/// Where nothing could be written nobody is asked, but for who only wants to see what would be.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_for_a_file_that_nobody_may_write() {
    let origin = origin().await;
    origin.say("/feed", Reply::feed(rss("Harbour", &[("a", "One", 1)])));
    let place = Place::new(FILE);
    let path = place.path().join("feeds.toml");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
    let refused = place.fail(&["add", &origin.url("/feed")], 1);
    let why = "feeds.toml cannot be written: nobody may write it (mode 444), and that is heeded";
    assert!(refused.contains(why), "{refused}");
    assert!(origin.asked().is_empty());
    place.print(&["add", &origin.url("/feed"), "--dry-run"]);
    assert_eq!(origin.asked().len(), 1);
}

/// A feed is known again by an address that was pasted, and one that is not by what is stored of another.
#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_there_is_known_again() {
    let origin = origin().await;
    let news = |title| Reply::feed(rss(title, &[("a", "One", 1), ("b", "Two", 2)]));
    origin.say("/feed", news("Harbour"));
    let place = Place::new(FILE);
    let told = place.print(&["add", &origin.url("/feed")]);
    assert!(!told.contains("already"), "{told}");
    for other in ["//feed", "/feed?utm_source=x"] {
        let refused = place.fail(&["add", &origin.url(other)], 1);
        let there = format!(
            "feed `harbour` has this address already: {}\n",
            origin.url("/feed")
        );
        assert!(refused.contains(&there), "{other}: {refused}");
    }
    place.print(&["poll", "harbour"]);
    origin.say("/mirror", news("Mirror"));
    let told = place.print(&["add", &origin.url("/mirror"), "--dry-run"]);
    assert!(
        told.contains("\nall of the 2 entries are in harbour already\n"),
        "{told}"
    );
    origin.say("/part", Reply::feed(rss("Part", &[("a", "One", 1)])));
    let told = place.print(&["add", &origin.url("/part"), "--dry-run"]);
    assert!(
        told.contains("\nits entry is in harbour already\n"),
        "{told}"
    );
    origin.say(
        "/more",
        Reply::feed(rss("More", &[("a", "One", 1), ("c", "Three", 3)])),
    );
    let told = place.print(&["add", &origin.url("/more")]);
    assert!(!told.contains("already"), "{told}");
}

/// What cannot be had is not added, but for who says so; and nothing is asked that the guard forbids.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_feed_is_not_added() {
    let origin = origin().await;
    origin.say("/gone", Reply::status(404));
    origin.say("/text", Reply::feed("Good morning"));
    let inside = Reply::status(302).header("location", "http://10.0.0.1/rss");
    origin.say("/inside", inside);
    let deaf = origin.url("/text").replace("http:", "https:");
    let astray = Reply::status(301).header("location", &deaf);
    origin.say("/astray", astray);
    let place = Place::new(FILE);
    for (address, words) in [
        (origin.url("/gone"), "404"),
        (origin.url("/text"), "no feed"),
        (
            "ftp://a.example/feed".to_owned(),
            "`ftp` addresses are not fetched",
        ),
        (
            "http://169.254.169.254/".to_owned(),
            "allow-networks; if it is to be polled, write into feeds.toml, below `[fetch]`, in the place of its \
             `allow-networks`:\n\nallow-networks = [\"127.0.0.0/8\", \"169.254.169.254\"]\n",
        ),
        (origin.url("/inside"), "not in allow-networks\n"),
        (
            origin.url("/text").replace("http://", ""),
            &*format!(" speaks no TLS; write `{}`\n", origin.url("/text")),
        ),
        (origin.url("/astray"), " speaks no TLS\n"),
    ] {
        let refused = place.fail(&["add", &address], 1);
        assert!(refused.contains(words), "{address}: {refused}");
    }
    for (option, value, words) in [
        (
            "--id",
            "Bad_ID",
            "--id: `B` cannot be in a name; use only `a-z`, `0-9` and `-`: `bad-id`; nothing is written",
        ),
        (
            "--title",
            "a\nb",
            "--title: this is more than one line; write one line; nothing is written",
        ),
    ] {
        let refused = place.fail(&["add", "a.example", "--no-fetch", option, value], 1);
        assert!(refused.contains(words), "{option}: {refused}");
    }
    assert_eq!(file(&place), FILE);
    let told = place.print(&["add", "www.four.example/feed", "--no-fetch"]);
    assert!(told.contains("added `four-example`"), "{told}");
    assert!(file(&place).contains("url = \"https://www.four.example/feed\"\r\n"));
    let own = place.fail(&["add", "http://127.0.0.1:0/all.atom", "--no-fetch"], 78);
    assert!(own.contains("an output of this very file"), "{own}");
}

/// Where there is no file yet, the first feed makes one.
#[test]
fn the_first_feed_makes_the_file() {
    let place = Place::new("");
    std::fs::remove_file(place.path().join("feeds.toml")).unwrap();
    place.print(&[
        "add",
        "https://one.example/feed",
        "--no-fetch",
        "--id",
        "one",
    ]);
    assert_eq!(
        file(&place),
        "#:schema /usr/share/merganser/feeds.schema.json\n\n\
         [[feed]]\nid = \"one\"\nurl = \"https://one.example/feed\"\n"
    );
    let path = place.path().join("feeds.toml");
    let mode = || path.metadata().unwrap().permissions().mode() & 0o777;
    place.print(&["check"]);

    // One that holds a credential is for its owner alone, who is told what the service needs.
    place.write(
        "list.opml",
        "<opml><outline text='A' xmlUrl='https://u:canary@a.example/'/></opml>",
    );
    for arguments in [
        ["add", "https://u:canary@a.example/", "--no-fetch"].as_slice(),
        &["add", "https://a.example/?token=canary", "--no-fetch"],
        &["import", "list.opml"],
    ] {
        std::fs::remove_file(&path).unwrap();
        let output = place.run(arguments);
        assert_eq!(output.status.code(), Some(0));
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(errors.contains("feeds.toml holds a credential"), "{errors}");
        assert!(errors.contains("chmod 640 feeds.toml"), "{errors}");
        assert!(!errors.contains("canary"), "{errors}");
        assert_eq!(mode(), 0o600, "{arguments:?}");
    }
}

#[test]
fn feeds_are_switched_and_removed() {
    let place = Place::new(FILE);
    for (command, done) in [("disable", "disabled"), ("remove", "removed")] {
        let told = place.print(&[command, "one", "--dry-run"]);
        let would = format!("feeds.toml:10: `one` would be {done}\nnothing is written\n");
        assert_eq!(told, would);
    }
    let told = place.print(&["enable", "one"]);
    let expected = "feeds.toml:10: `one` is enabled as it was\nnothing is written\n";
    assert_eq!((told.as_str(), &*file(&place)), (expected, FILE));
    let told = place.print(&["disable", "one"]);
    assert!(
        told.contains("feeds.toml:10: `one` is disabled: it is polled no more, and its entries stay as they are"),
        "{told}"
    );
    assert_eq!(
        file(&place),
        FILE.replace(
            "one.example/feed'\r\n",
            "one.example/feed'\r\nenabled = false\r\n"
        )
    );
    let disabled = file(&place);
    let told = place.print(&["disable", "one", "one"]);
    let expected = "feeds.toml:10: `one` is disabled as it was\nnothing is written\n";
    assert_eq!((told.as_str(), file(&place)), (expected, disabled));
    place.print(&["enable", "one"]);
    assert!(
        file(&place).contains("enabled = true\r\ngroup"),
        "{}",
        file(&place)
    );
    let before = file(&place);
    let none = place.fail(&["remove", "one", "two"], 1);
    assert!(none.contains("no feed `two`"), "{none}");
    assert_eq!(file(&place), before);
    let output = place.run(&["remove", "one"]);
    assert_eq!(output.status.code(), Some(0));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("no feed is in group `wire`"), "{errors}");
    assert!(
        file(&place).contains("# the first\r\n\r\n# ---- Topics"),
        "{}",
        file(&place)
    );

    // A feed that a topic names is not removed, and the place is told.
    let named = "[[feed]]\nid = \"a\"\nurl = \"https://a.example/\"\n[[topic]]\nname = \"t\"\nquery = \"x\"\n\
                 include-feeds = [\"a\"]\n";
    place.write("feeds.toml", named);
    let refused = place.fail(&["remove", "a"], 78);
    assert!(refused.contains("unknown-feed"), "{refused}");
    assert_eq!(file(&place), named);
}

/// Many who edit the file at once are all heard: who comes too late edits what the others wrote.
#[test]
fn edits_at_once_are_all_done() {
    const FEEDS: usize = 12;
    let feed =
        |number| format!("[[feed]]\nid = \"f{number}\"\nurl = \"https://f{number}.example/\"\n");
    let place = Place::new(&(0..FEEDS).map(feed).collect::<String>());
    std::thread::scope(|scope| {
        for number in 0..FEEDS {
            let place = &place;
            scope.spawn(move || place.print(&["disable", &format!("f{number}")]));
        }
    });
    assert_eq!(file(&place).matches("enabled = false").count(), FEEDS);
}

/// A daemon that watches the file needs nobody to tell it.
#[test]
fn a_daemon_that_watches_is_told_of() {
    let place = Place::new(&QUIET.replace("[[feed]]", "watch = true\n[[feed]]"));
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    let told = place.print(&["enable", "off"]);
    let words = format!("the daemon, pid {}, takes that up by itself", running.id());
    assert!(told.contains(&words), "{told}");
}

/// A file with errors is not edited, and a daemon that runs is told of by its pid.
#[test]
fn broken_files_and_running_daemons() {
    let place = Place::new(QUIET);
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    let told = place.print(&["enable", "off"]);
    assert!(
        told.contains(&format!(
            "`merganser reload --wait` puts that in force in the daemon, pid {}",
            running.id()
        )),
        "{told}"
    );
    let broken = format!("{QUIET}colour = \"red\"\n");
    place.write("feeds.toml", &broken);
    let refused = place.fail(&["disable", "off"], 78);
    assert!(refused.contains("unknown-key"), "{refused}");
    assert_eq!(file(&place), broken);
}
