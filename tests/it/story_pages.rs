//! Pages of stories: which there are, what they tell, and whom.

use crate::archives::unpacked;
use crate::origin::Reply;
use crate::reported::{CONFIG, HARBOUR, LEDGER, document};
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;
use std::fs;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Each outlet has its reports in a topic of its own; that of the one has a title, that of the other finds it by a word.
fn feeds() -> String {
    CONFIG
        .replace(
            "name = \"harbour\"\n",
            "name = \"harbour\"\ntitle = \"At sea\"\n",
        )
        .replace(
            "name = \"ledger\"\n",
            "name = \"ledger\"\ntitle = \"Inner desk\"\n",
        )
        .replace("nothing-has-this-either", "lighthouse")
}

/// Everything, and what is in a topic, for everybody.
const OPEN: &str = r#"
[server]
publish-dir = "www"
[[output]]
path = "all"
[[output]]
path = "harbour"
select = "topic:harbour"
"#;

/// What is in one topic for everybody, in the other and as a whole for those with a key.
const CLOSED: &str = r#"
[server]
publish-dir = "www"
[[output]]
path = "harbour"
select = "topic:harbour"
[[output]]
path = "ledger"
select = "topic:ledger"
protect = "canary-of-the-desk-7f3a"
[[output]]
path = "all"
protect = "canary-of-the-desk-7f3a"
"#;

/// What has the story by a query, and a report of it by a topic.
const SELECTED: &str = r#"
[server]
publish-dir = "www"
[[output]]
path = "all"
select = "topic:harbour OR topic:ledger"
archive = false
[[output]]
path = "desk"
select = "topic:ledger"
"#;

async fn start(outputs: &str) -> TestDaemon {
    let mut test = TestDaemon::start(&format!("{outputs}{}", feeds())).await;
    let harbour = Reply::feed(document("harbour", HARBOUR, 3));
    test.origin.say("/harbour.xml", harbour);
    let ledger = Reply::feed(document("ledger", LEDGER, 5));
    test.origin.say("/ledger.xml", ledger);
    test.run_due().await;
    test
}

/// The paths of the pages of stories.
fn pages(test: &mut TestDaemon) -> Vec<String> {
    let shelf = test.daemon().shelf().all();
    let paths = shelf.keys().filter(|path| path.starts_with("/stories/"));
    paths.cloned().collect()
}

#[tokio::test]
async fn u25_a_story_has_a_page() {
    let mut test = start(OPEN).await;
    let [path] = pages(&mut test).try_into().unwrap();
    let page = test.output(&path);
    for expected in [
        "2 reports, told by 2 independent outlets, from <time datetime=\"2026-11-24T03:00:00Z\">",
        "href=\"../style.css\"",
        "href=\"../favicon.ico\"",
        "Harbour Post",
        LEDGER.0,
        "<a href=\"https://ledger.example/ledger\" rel=\"noreferrer\"",
        "<li><a href=\"../harbour.html\"><bdi>At sea</bdi></a></li>",
        "<li><bdi>Inner desk</bdi><br><small>It says <q><bdi>Lighthouse</bdi></q>.</small></li>",
    ] {
        assert!(page.contains(expected), "{expected}\n{page}");
    }
    assert!(page.find(HARBOUR.0) < page.find(LEDGER.0), "in their order");
    let link = format!("<a href=\"{}\">The whole story: 2 reports</a>", &path[1..]);
    for output in ["/all.html", "/harbour.html"] {
        assert!(test.output(output).contains(&link), "{output}");
    }
    let file = test.state().join("www").join(&path[1..]);
    assert_eq!(fs::read_to_string(&file).unwrap(), page);

    let dated = test.daemon().shelf().get(&path).unwrap().modified_at();
    test.clock.advance(DAY);
    test.restart().await;
    test.run_due().await;
    let resource = test.daemon().shelf().get(&path).unwrap();
    assert_eq!(
        (resource.modified_at(), &*resource.body()),
        (dated, page.as_bytes())
    );
    test.finish().await;
}

/// The page of a story is there for as long as that is a story, at one address, and then it is nowhere.
#[tokio::test]
async fn u25_a_page_goes_with_its_story() {
    let mut test = start(OPEN).await;
    let [path] = pages(&mut test).try_into().unwrap();
    let retold = (
        "Skerry keeper saves nine sailors of burning ferry Aurora",
        LEDGER.1,
    );
    test.origin
        .say("/ledger.xml", Reply::feed(document("ledger", retold, 5)));
    test.run_for(DAY).await;
    assert_eq!(pages(&mut test), [path.as_str()]);
    assert!(test.output(&path).contains(retold.0));

    let other = (
        "Price of herring falls",
        "Herring was sold for less than ever on the market of Vestmark today.",
    );
    test.origin
        .say("/ledger.xml", Reply::feed(document("ledger", other, 5)));
    test.run_for(DAY).await;
    assert!(pages(&mut test).is_empty());
    assert!(!test.output("/all.html").contains("stories/"));
    assert!(!test.state().join("www").join(&path[1..]).exists());
    assert!(
        !test
            .daemon()
            .store()
            .rendered()
            .unwrap()
            .contains_key(&path)
    );
    test.finish().await;
}

/// U31: a page names no report that no output for everybody lists, and none is made where one is left.
#[tokio::test]
async fn u25_u31_a_page_tells_what_outputs_for_everybody_list() {
    let mut test = start(CLOSED).await;
    assert!(pages(&mut test).is_empty());
    for output in ["/harbour.html", "/all.html", "/ledger.html"] {
        assert!(!test.output(output).contains("stories/"), "{output}");
    }
    // Another report that is for everybody.
    let again = (
        "Keeper of the Skerry lighthouse tells how the ferry Aurora burned",
        "The keeper of the Skerry lighthouse who rowed through the storm to the burning ferry Aurora and brought nine \
         sailors ashore told the coast guard of Vestmark how it sank.",
    );
    let both = document("harbour", HARBOUR, 3);
    let item = document("again", again, 6);
    let (_, item) = item.split_once("<item>").unwrap();
    let (item, _) = item.split_once("</item>").unwrap();
    let both = both.replace("</channel>", &format!("<item>{item}</item></channel>"));
    test.origin.say("/harbour.xml", Reply::feed(both));
    test.run_for(DAY).await;
    let [path] = pages(&mut test).try_into().unwrap();
    let page = test.output(&path);
    assert!(page.contains(again.0), "{page}");
    assert!(page.contains("<p>2 reports, from "), "{page}");
    for secret in ["Ledger", LEDGER.0, "Inner desk", "canary"] {
        assert!(!page.contains(secret), "{secret}: {page}");
    }
    test.finish().await;
}

/// U31: nor does an entry that everybody reads, in no format and no archive; one for those with the key does.
#[tokio::test]
async fn u31_an_entry_names_what_outputs_for_everybody_list() {
    let archived = "path = \"harbour\"\nitems = 1\nstay = \"0s\"";
    let mut test = start(&CLOSED.replace("path = \"harbour\"", archived)).await;
    // The first is in the archive then.
    let others = [
        ("herring", "Price of herring falls", 6),
        ("cod", "No cod is caught off Vestmark", 7),
        ("fair", "Fair opens in the old town", 8),
    ];
    test.origin
        .say("/harbour.xml", Reply::feed(rss("harbour", &others)));
    test.run_for(DAY).await;
    let mut told = Vec::new();
    for path in [
        "/harbour.atom",
        "/harbour.rss",
        "/harbour.json",
        "/harbour.html",
    ] {
        told.push(test.output(path));
    }
    let mut files = vec![test.state().join("archive/harbour")];
    while let Some(path) = files.pop() {
        match fs::read_dir(&path) {
            Ok(inner) => files.extend(inner.map(|it| it.unwrap().path())),
            Err(_) => told.push(unpacked(&path)),
        }
    }
    assert!(told.len() > 4);
    assert!(told.iter().any(|it| it.contains(HARBOUR.0)));
    for document in told {
        for secret in ["Northern Ledger", "ledger.example", LEDGER.0] {
            assert!(!document.contains(secret), "{secret}: {document}");
        }
    }
    assert!(test.output("/all.atom").contains("Also reported by"));
    assert!(test.output("/ledger.atom").contains("First reported by"));
    test.finish().await;
}

#[tokio::test]
async fn u25_what_nothing_else_reports_has_no_page() {
    let mut test = TestDaemon::start(&format!("{OPEN}{}", feeds())).await;
    let items = [("wet", "Rain in Kerala", 4), ("duty", "Tariffs rise", 5)];
    test.origin
        .say("/harbour.xml", Reply::feed(rss("a", &items)));
    test.run_due().await;
    assert!(pages(&mut test).is_empty());
    test.finish().await;
}

/// U27: files that stay lead to what stays with them, and the index to them, unless something is closed that these may tell of
/// (U31).
#[tokio::test]
async fn u27_what_stays_of_the_files_leads_to_what_is_there() {
    let mut test = start(SELECTED).await;
    let [story] = pages(&mut test).try_into().unwrap();
    let www = test.state().join("www");
    let read = || [&story[1..], "all.html", "index.html"].map(|name| fs::read(www.join(name)).ok());
    let was = read();
    assert!(was.iter().all(Option::is_some));
    test.hold_rules();
    let other = "topic:ledger OR penguin\"";
    test.config = test
        .config
        .replacen("OR topic:ledger\"", &format!("OR {other}"), 1);
    test.restart_serving().await;
    test.publish().await;
    assert!(test.daemon().shelf().get("/all.html").is_none());
    assert!(test.output("/").contains("all.html"));
    assert_eq!(read(), was);
    // What is closed goes, with all that may tell of it.
    let open = "select = \"topic:ledger\"";
    let closed = format!("{open}\nprotect = \"canary-of-the-desk-7f3a\"");
    test.config = test.config.replace(open, &closed);
    test.restart_serving().await;
    test.publish().await;
    let [page, all, index] = read();
    assert_eq!((page, &all), (None, &was[1]));
    let index = String::from_utf8(index.unwrap()).unwrap();
    assert!(
        index.contains("all.html") && !index.contains("desk.html"),
        "{index}"
    );
    test.let_rules_hold();
    test.publish().await;
    assert!(read()[0].is_some());
    test.finish().await;
}
