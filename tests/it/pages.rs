//! Pages and lists beside the outputs.

use crate::origin::Reply;
use crate::test_daemon::{TestDaemon, rss};

const CONFIG: &str = r#"
[server]
publish-dir = "www"
[group.wire]
[[feed]]
id = "a"
url = "ORIGIN/a.xml"
group = "wire"
[[feed]]
id = "b"
url = "https://feeds.example.org/b.xml?category=rain"
title = "Rain & wind"
enabled = false
[[feed]]
id = "c"
url = "ORIGIN/c.xml?token=canary-1"
[[feed]]
id = "d"
url = "http://canary-2:canary-3@127.0.0.1:9/d.xml"
[[feed]]
id = "e"
url = "https://feeds.example.org/canary-4.xml"
auth = { bearer = "canary-5" }
enabled = false
[[feed]]
id = "f"
url = "http://127.0.0.1:9/canary-6.xml"
allow-networks = ["127.0.0.1/32"]
[[output]]
path = "all"
[[output]]
path = "rain"
select = "rain"
"#;

/// S7: lists of feeds name what others may know.
#[tokio::test]
async fn u24_lists_of_feeds_tell_nothing_secret() {
    let mut test = TestDaemon::start(CONFIG).await;
    test.origin.say(
        "/a.xml",
        Reply::feed(rss("a", &[("wet", "Rain in Kerala", 4)])),
    );
    test.run_due().await;
    let sources = test.output("/sources.opml");
    let url = test.origin.url("/a.xml");
    assert!(sources.contains(&format!("xmlUrl=\"{url}\"")), "{sources}");
    assert!(
        sources.contains("htmlUrl=\"https://a.example/\""),
        "{sources}"
    );
    assert!(sources.contains("<outline text=\"wire\">"), "{sources}");
    assert_eq!(sources.matches("xmlUrl").count(), 1, "{sources}");
    for (path, resource) in test.daemon().shelf().all().iter() {
        let body = String::from_utf8_lossy(&resource.body()).into_owned();
        assert!(!body.contains("canary"), "{path}: {body}");
    }
    let outputs = test.output("/feeds.opml");
    assert_eq!(outputs.matches("xmlUrl").count(), 2, "{outputs}");
    test.finish().await;
}

/// Each page changes with its output, stays with it, and is a file, too.
#[tokio::test]
async fn u25_a_page_is_as_its_output() {
    let mut test = TestDaemon::start(CONFIG).await;
    test.origin.say(
        "/a.xml",
        Reply::feed(rss("a", &[("wet", "Rain in Kerala", 4)])),
    );
    test.run_due().await;
    for path in ["/all.html", "/rain.html", "/"] {
        assert!(test.output(path).contains("Rain in Kerala"), "{path}");
        assert!(test.output(path).len() < 60_000);
    }
    let rain = test.output("/rain.html");
    let items = [("wet", "Rain in Kerala", 4), ("duty", "Tariffs rise", 5)];
    test.origin.say("/a.xml", Reply::feed(rss("a", &items)));
    test.run_for(jiff::SignedDuration::from_hours(24)).await;
    assert!(test.output("/all.html").contains("Tariffs rise"));
    assert!(test.output("/").contains("Tariffs rise"));
    assert_eq!(test.output("/rain.html"), rain);
    let file = std::fs::read_to_string(test.state().join("www/rain.html")).unwrap();
    assert_eq!(file, rain);
    test.finish().await;
}

/// U28: the page of an output leads to its archive once there is one, to a document that is there.
#[tokio::test]
async fn u25_u28_a_page_leads_to_the_archive() {
    let config = "[[output]]\npath = \"all\"\nitems = 1\nstay = \"0s\"\n\
                  [[feed]]\nid = \"a\"\nurl = \"ORIGIN/a.xml\"\n";
    let mut test = TestDaemon::start(config).await;
    let mut items = vec![("wet", "Rain in Kerala", 1)];
    let mut linked = Vec::new();
    for item in [("duty", "Tariffs rise", 2), ("fair", "Fair opens", 3)] {
        test.origin.say("/a.xml", Reply::feed(rss("a", &items)));
        test.run_for(jiff::SignedDuration::from_hours(24)).await;
        let page = test.output("/all.html");
        let link = page.split_once("\">older entries");
        let link = link.and_then(|(before, _)| before.rsplit_once("href=\""));
        linked.extend(link.map(|(_, link)| link.to_owned()));
        items.push(item);
    }
    let [link] = linked.as_slice() else {
        panic!("{linked:?}")
    };
    let file = test.state().join("archive").join(format!("{link}.gz"));
    assert!(file.is_file(), "{file:?}");
    let atom = test.output("/all.atom");
    assert!(atom.contains(&format!("/{link}\"")), "{link} in {atom}");
    test.finish().await;
}

/// S7: an output tells of feeds that are not everybody's what they are called, and not where they are.
#[tokio::test]
async fn s7_outputs_name_no_address_that_is_not_for_everybody() {
    let config = "[server]\npublic-url = \"https://news.example.org/\"\n\
                  [[feed]]\nid = \"a\"\nurl = \"ORIGIN/a.xml\"\n\
                  [[feed]]\nid = \"c\"\nurl = \"ORIGIN/c.xml?token=canary-1\"\n\
                  [[output]]\npath = \"all\"\n[[output]]\npath = \"stories\"\nunit = \"story\"\n";
    let mut test = TestDaemon::start(config).await;
    let items = [("wet", "Rain in Kerala", 4)];
    test.origin.say("/a.xml", Reply::feed(rss("inner", &items)));
    let other = [("duty", "Tariffs rise", 5)];
    test.origin
        .say("/c.xml?token=canary-1", Reply::feed(rss("tokened", &other)));
    test.run_due().await;
    let place = test.origin.url("");
    for (path, resource) in test.daemon().shelf().all().iter() {
        let body = String::from_utf8_lossy(&resource.body()).into_owned();
        for secret in [place.as_str(), "127.0.0.1", "canary", "***"] {
            assert!(!body.contains(secret), "{secret} in {path}: {body}");
        }
    }
    // What stands in its place.
    let atom = test.output("/all.atom");
    for expected in [
        "<title>inner</title>",
        "<link rel=\"alternate\" type=\"text/html\" href=\"https://inner.example/\"/>",
        "<id>tag:news.example.org,2026:source:",
    ] {
        assert!(atom.contains(expected), "{expected} in {atom}");
    }
    let rss = test.output("/all.rss");
    assert!(
        rss.contains("<source url=\"https://inner.example/\">inner</source>"),
        "{rss}"
    );
    test.finish().await;
}
