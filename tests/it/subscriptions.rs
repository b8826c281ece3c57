//! Lists of feeds in and out, as OPML and JSON, through the real binary.

use crate::origin::{Origin, Reply};
use crate::program::Place;
use crate::test_daemon::{START, rss};
use merganser::clock::ManualClock;
use merganser::model::Subscription;
use merganser::{parse, publish};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

const EMPTY: &str = "[server]\nlisten = \"127.0.0.1:0\"\n";

fn file(place: &Place) -> String {
    std::fs::read_to_string(place.path().join("feeds.toml")).unwrap()
}

const LIST: &str = r#"<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE opml [<!ENTITY ours "Ours">]>
<opml version="1.1"><head><title>x</title></head><body>
<outline text="News"><outline text="World &amp; more">
  <outline text="Harbour &quot;Wire&quot;" type="rss" xmlUrl="https://harbour.example/rss?a=1&b=2" htmlUrl="https://harbour.example/"/>
</outline></outline>
<outline text="&ours; &eacute;" xmlUrl="feed://ours.example/"/>
<outline text="Again" xmlUrl="http://OURS.example"/>
<outline text="Inside" xmlUrl="http://192.168.1.1/feed"/>
<outline text="Own" xmlUrl="http://127.0.0.1:8420/all.atom"/>
</body></opml>"#;

#[test]
fn a_list_is_imported() {
    let place = Place::new(&format!("{EMPTY}# end"));
    place.write("list.opml", LIST);
    let dry = place.print(&["import", "list.opml", "--dry-run"]);
    assert!(dry.contains("nothing is written"), "{dry}");
    assert_eq!(file(&place), format!("{EMPTY}# end"));
    let told = place.print(&["import", "list.opml"]);
    assert_eq!(
        told,
        "left out: Again: `ours-e`, above it in the list, has this address\n\
         left out: Inside: 192.168.1.1 is not a public address and not in allow-networks\n\
         left out: Own: 127.0.0.1 is not a public address and not in allow-networks\n\
         what is not public and yours all the same is taken with its network in `[fetch]`, such as \
         `allow-networks = [\"192.168.0.0/16\"]`: import again then\n\
         folder `News / World & more` is group `news-world-more`\n\
         feeds.toml: 2 feeds added in 1 group, 3 left out\nthe next start puts that in force\n"
    );
    assert_eq!(
        file(&place),
        format!(
            "{EMPTY}# end\n\n[group.news-world-more]\n\n[[feed]]\nid = \"harbour-wire\"\n\
             url = \"https://harbour.example/rss?a=1&b=2\"\ngroup = \"news-world-more\"\n\
             title = \"Harbour \\\"Wire\\\"\"\n\n[[feed]]\nid = \"ours-e\"\nurl = \"http://ours.example/\"\n\
             title = \"Ours é\"\n"
        )
    );
    let again = place.print(&["import", "list.opml"]);
    assert!(
        again.contains("feed `harbour-wire` in line 9 has this address"),
        "{again}"
    );
    assert!(
        again.contains("nothing to add: 3 of the list are there already, 2 left out, see above"),
        "{again}"
    );
}

/// A list may be anybody's: nothing in it reaches the terminal that this obeys, whichever form it has, and a name that was
/// cleaned of it is one.
#[test]
fn no_list_writes_to_the_terminal() {
    let place = Place::new(EMPTY);
    let hostile = "\u{1B}[31mX\u{9B}2J\u{202E}";
    let feeds = serde_json::json!({ "feeds": [
        { "title": format!("A{hostile}"), "url": format!("javascript:{hostile}") },
        { "title": format!("B{hostile}"), "url": "" },
        { "url": format!("mailto:{hostile}") },
        { "title": format!("C{hostile}"), "url": "https://c.example/", "groups": [format!("Д{hostile}")] },
    ]});
    place.write("list.json", feeds.to_string());
    place.write(
        "list.opml",
        format!(
            "<opml><outline text='O{hostile}' xmlUrl='javascript:{hostile}'/><outline xmlUrl='ftp:{hostile}'/></opml>"
        ),
    );
    place.write(
        "newer.json",
        format!("{{\"version\":\"{}\",\"feeds\":[]}}", "\u{9B}2J\u{202E}"),
    );
    let mut told = String::new();
    for name in ["list.json", "list.opml", "newer.json"] {
        let output = place.run(&["import", name]);
        told.push_str(&String::from_utf8(output.stdout).unwrap());
        told.push_str(&String::from_utf8(output.stderr).unwrap());
    }
    let is_obeyed = |c: char| c != '\n' && (c.is_control() || c == '\u{202E}');
    assert!(!told.contains(is_obeyed), "{told:?}");
    for words in [
        "left out: A[31mX2J: `javascript` addresses",
        "(`javascript:[31mX2J`)",
        "left out: mailto:[31mX2J: ",
        "folder `Д[31mX2J` is group",
        "1 feed added in 1 group, 3 left out",
        "left out: O[31mX›2J: ",
        "a list of version \"2J\"",
    ] {
        assert!(told.contains(words), "{words} in {told}");
    }
    assert!(file(&place).contains("title = \"C[31mX2J\""), "{told}");
}

/// Where there is nothing to add, that is said, whatever feeds.toml is like; a list of another version is named.
#[test]
fn nothing_to_add_is_nothing_wrong_with_the_file() {
    let place = Place::new("");
    place.write("empty.json", "{\"feeds\":[],\"version\":1}");
    place.write("empty.opml", "<opml><body/></opml>");
    for name in ["empty.json", "empty.opml"] {
        let told = place.print(&["import", name]);
        assert!(
            told.contains("nothing to add: the list has no feed"),
            "{name}: {told}"
        );
    }
    // A list of which nothing can be taken is another matter, and no good end of a script.
    place.write(
        "bad.opml",
        "<opml><outline xmlUrl='ftp://a.example/'/></opml>",
    );
    let refused = place.fail(&["import", "bad.opml"], 1);
    assert!(
        refused.contains("nothing to add: 1 feed left out, see above"),
        "{refused}"
    );
    place.write(
        "newer.json",
        "{\"version\":7,\"feeds\":[{\"url\":\"https://a.example/\"}]}",
    );
    let refused = place.fail(&["import", "newer.json"], 1);
    assert!(
        refused.contains("newer.json: nothing to add: it is a list of version 7"),
        "{refused}"
    );
    assert_eq!(file(&place), "");
}

/// Of a file that is too large nothing is added: a part of it would be left out uncounted.
#[test]
fn what_is_too_large_is_refused_whole() {
    const MOST: u64 = 64 * 1024 * 1024;
    let place = Place::new(EMPTY);
    place.write("list.opml", LIST);
    let list = std::fs::File::options()
        .write(true)
        .open(place.path().join("list.opml"))
        .unwrap();
    list.set_len(MOST + 1).unwrap();
    let refused = place.fail(&["import", "list.opml"], 1);
    assert!(
        refused.contains("list.opml has more than 64 MiB"),
        "{refused}"
    );
    assert_eq!(file(&place), EMPTY);
}

/// What is no list, and what makes no configuration, changes nothing.
#[test]
fn what_is_no_list_is_refused() {
    let place = Place::new(EMPTY);
    place.write("feed.xml", "<rss><channel/></rss>");
    place.write("list.json", "{\"feeds\": 1}");
    place.write(
        "page.html",
        "<!doctype html><html><body>Log in</body></html>",
    );
    for (name, words) in [
        ("feed.xml", "is no OPML: an XML document <rss>"),
        ("list.json", "is no OPML"),
        ("page.html", "is no OPML"),
        ("none.opml", "cannot be read"),
    ] {
        let refused = place.fail(&["import", name], 1);
        assert!(refused.contains(words), "{name}: {refused}");
    }
    assert_eq!(file(&place), EMPTY);
    // One of our own outputs, where loopback is allowed: that one feed is left out, the other comes in.
    place.write(
        "feeds.toml",
        format!("{EMPTY}[fetch]\nallow-networks = [\"127.0.0.0/8\"]\n"),
    );
    place.write(
        "own.opml",
        "<opml><outline xmlUrl='http://127.0.0.1:0/all.atom'/><outline text='A' xmlUrl='https://a.example/'/></opml>",
    );
    let told = place.print(&["import", "own.opml"]);
    assert!(told.contains("an output of this very file"), "{told}");
    assert!(told.contains("1 feed added"), "{told}");
    assert!(!file(&place).contains("all.atom"));
}

/// S7: what is left out is named without the credentials in its address, and by its line in the right file.
#[test]
fn s7_what_is_left_out_is_told_without_its_secrets() {
    let place = Place::new(&format!(
        "{EMPTY}[fetch]\nallow-networks = [\"127.0.0.0/8\"]\n"
    ));
    place.write(
        "list.opml",
        "<opml><outline text='A' xmlUrl='https://a.example/'/>\
         <outline xmlUrl='http://u:canary@127.0.0.1:0/all.atom?key=canary'/>\
         <outline xmlUrl='ftp://u:canary@b.example/?token=canary'/>\
         <outline xmlUrl='https://u:canary@c^example/?token=canary'/>\
         <outline text='D' xmlUrl='https://d.example/'/></opml>",
    );
    let told = place.run(&["import", "list.opml"]);
    let out = String::from_utf8(told.stdout).unwrap();
    let errors = String::from_utf8(told.stderr).unwrap();
    assert!(
        out.contains("2 feeds added in 0 groups, 3 left out"),
        "{out}{errors}"
    );
    for words in [
        "left out: http://127.0.0.1:0/all.atom?key=***: ",
        "left out: ftp://b.example/?token=***: ",
        "left out: c^example/: ",
    ] {
        assert!(out.contains(words), "{words} in {out}");
    }
    assert!(
        !out.contains("canary") && !errors.contains("canary"),
        "{out}{errors}"
    );
}

/// Export and import again gives the same feeds, as OPML and as JSON; what holds a credential is left out.
#[test]
fn lists_go_round() {
    let feeds = "[group.wire]\n\n[[feed]]\nid = \"one\"\nurl = \"https://one.example/?a=1&b=<2>\"\ngroup = \"wire\"\n\
        title = \"Say \\\"é\\\" <b> & more\"\nenabled = false\n\n[[feed]]\nid = \"two\"\nurl = \"https://two.example/\"\n";
    let config = feeds.replace("<2>", "2");
    let place = Place::new(&format!(
        "{config}\n[[feed]]\nid = \"three\"\nurl = \"https://u:canary@three.example/\"\n"
    ));
    for format in ["opml", "json"] {
        let output = place.run(&["export", "--format", format]);
        assert_eq!(output.status.code(), Some(0));
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(
            errors.contains("left out: three: https://three.example/ holds a credential"),
            "{errors}"
        );
        let list = String::from_utf8(output.stdout).unwrap();
        assert!(
            !list.contains("canary") && !errors.contains("canary"),
            "{list}{errors}"
        );
        let other = Place::new("");
        other.write("list", &list);
        other.print(&["import", "list"]);
        assert_eq!(file(&other), config, "{format}\n{list}");
        assert_eq!(other.print(&["export", "--format", format]), list);
    }
    assert!(
        place
            .print(&["export", "--format", "opml", "--secrets"])
            .contains("canary")
    );
}

/// Other programs show the title that a feed has of itself, and it does not become one of feeds.toml on the way back.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_shows_what_feeds_call_themselves() {
    let clock = Arc::new(ManualClock::new(START.parse().unwrap()));
    let origin = Origin::start(clock).await;
    origin.say(
        "/a.xml",
        Reply::feed(rss("Harbour Wire", &[("one", "First", 5)])),
    );
    let config = format!(
        "[fetch]\nallow-networks = [\"127.0.0.1\"]\n\n[[feed]]\nid = \"a\"\nurl = \"{}\"\n",
        origin.url("/a.xml")
    );
    let place = Place::new(&config);
    let shown = |text: &str| place.print(&["export", "--format", "opml"]).contains(text);
    assert!(shown("text=\"a\" xmlUrl"));
    place.print(&["poll"]);
    assert!(shown("text=\"Harbour Wire\" xmlUrl"));
    let (network, _) = config.split_once("\n[[feed]]").unwrap();
    let other = Place::new(network);
    other.write("list.opml", place.print(&["export", "--format", "opml"]));
    other.print(&["import", "list.opml"]);
    assert_eq!(file(&other), config);
}

/// 3,000 feeds in nested folders, a tenth of them twice, are imported while one waits, and go round.
#[test]
fn a_large_list_is_imported_at_once() {
    let mut list = String::from("<opml version=\"2.0\"><body>\n");
    for folder in 0..100 {
        write!(
            list,
            "<outline text=\"Folder {}\"><outline text=\"Part {folder}\">",
            folder / 10
        )
        .unwrap();
        for feed in 0..30 {
            let number = folder * 30 + feed;
            let address = if feed < 27 { number } else { number - 27 };
            writeln!(list, "<outline type=\"rss\" text=\"News &amp; more\" xmlUrl=\"https://feeds-{address}.example/rss\"/>").unwrap();
        }
        list.push_str("</outline></outline>\n");
    }
    // One that is wrong by itself: all are looked at a second time, and once.
    list.push_str("<outline xmlUrl=\"http://127.0.0.1:0/all.atom\"/></body></opml>");
    let place = Place::new(&format!(
        "{EMPTY}[fetch]\nallow-networks = [\"127.0.0.0/8\"]\n"
    ));
    place.write("list.opml", &list);
    let told = place.print(&["import", "list.opml"]);
    assert!(
        told.contains("2700 feeds added in 100 groups, 301 left out"),
        "{told}"
    );
    let other = Place::new(&format!(
        "{EMPTY}[fetch]\nallow-networks = [\"127.0.0.0/8\"]\n"
    ));
    other.write("again.opml", place.print(&["export", "--format", "opml"]));
    let told = other.print(&["import", "again.opml"]);
    assert!(
        told.contains("2700 feeds added in 100 groups, 0 left out"),
        "{told}"
    );
    assert_eq!(file(&other), file(&place));
}

fn subscriptions() -> impl Strategy<Value = Vec<Subscription>> {
    let name = "[A-Za-zé<>&\"' ]{0,12}[a-z]";
    let feed = (
        prop::option::of("[a-z]{1,9}"),
        "https://[a-z]{1,9}\\.example/[a-z0-9/?=&%+~;'.-]{0,20}",
        prop::option::of(name),
        prop::collection::vec(name, 0..3),
        any::<bool>(),
    );
    let feed = feed.prop_map(|(id, url, title, folders, is_off)| {
        let tidy = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let title = title.map(tidy).unwrap_or_default();
        let title = if id.as_ref() == Some(&title) {
            String::new()
        } else {
            title
        };
        let folders = folders.into_iter().map(tidy).collect();
        Subscription {
            id,
            url,
            title,
            folders,
            is_off,
        }
    });
    prop::collection::vec(feed, 0..12)
}

proptest! {
    /// import(export(x)) = x, in the order of folders.
    #[test]
    fn what_is_written_is_read(feeds in subscriptions()) {
        let written = publish::subscriptions_opml("Feeds", &feeds, &BTreeMap::new());
        let read = parse::subscriptions(&written).unwrap();
        let mut firsts: Vec<&[String]> = Vec::new();
        for feed in &feeds {
            if !firsts.contains(&&*feed.folders) {
                firsts.push(&feed.folders);
            }
        }
        let in_order = firsts.iter().flat_map(|folder| feeds.iter().filter(|feed| feed.folders == **folder));
        prop_assert_eq!(read.feeds, in_order.cloned().collect::<Vec<_>>());
        prop_assert_eq!(read.dropped, 0);
    }
}

/// An address is judged as the feed would be fetched: by what its group says of networks, and of its proxy.
#[test]
fn what_is_imported_is_judged_by_its_group() {
    let place = Place::new(
        "[server]\nlisten = \"127.0.0.1:0\"\n\
         [group.intranet]\nallow-networks = [\"10.0.0.0/8\"]\n\
         [group.onion]\nproxy = \"socks5h://tor.example:9050\"\n",
    );
    place.write(
        "list.opml",
        "<opml version=\"2.0\"><body>\
         <outline text=\"intranet\"><outline text=\"Wiki\" xmlUrl=\"http://10.1.2.3/feed\"/>\
         <outline text=\"Router\" xmlUrl=\"http://192.168.1.1/feed\"/></outline>\
         <outline text=\"onion\"><outline text=\"Proxy\" xmlUrl=\"http://tor.example/feed\"/></outline>\
         <outline text=\"elsewhere\"><outline text=\"Tor\" xmlUrl=\"http://tor.example/other\"/>\
         <outline text=\"Inside\" xmlUrl=\"http://10.1.2.4/feed\"/></outline>\
         </body></opml>",
    );
    let told = place.print(&["import", "list.opml"]);
    for part in [
        "left out: Router: 192.168.1.1 is not",
        "left out: Inside: 10.1.2.4 is not",
        "left out: Proxy: ",
        "2 feeds added in 2 groups, 3 left out",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    place.print(&["check"]);
    let again = place.print(&["import", "list.opml"]);
    assert!(
        again.contains("`wiki`") || again.contains("nothing to add"),
        "{again}"
    );
}
