//! The archives of outputs (RFC 5005), as who walks through them sees them. Names cite docs/protocol.md.

use crate::origin::Reply;
use crate::program::Place;
use crate::test_daemon::{TestDaemon, rss};
use flate2::read::GzDecoder;
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Three entries, and what came within no time at all: everything older is in the archive.
pub(crate) const SMALL: &str = r#"
[[output]]
path = "all"
items = 3
stay = "0s"
[[feed]]
id = "a"
url = "ORIGIN/a.xml"
schedule = "every 1h"
"#;

/// So many items, published in the order of their numbers but for every third, which is dated before all others.
fn items(upto: u32) -> Vec<(String, String, u32)> {
    let item = |number: u32| {
        let hour = if number.is_multiple_of(3) {
            0
        } else {
            1 + number / 3
        };
        (format!("n{number}"), format!("Item number {number}"), hour)
    };
    (1..=upto).map(item).collect()
}

pub(crate) fn feed(upto: u32) -> Reply {
    let items = items(upto);
    // A document of a feed has its newest alone.
    let newest = items.iter().rev().take(8);
    let items: Vec<(&str, &str, u32)> = newest
        .map(|(guid, title, hour)| (guid.as_str(), title.as_str(), *hour))
        .collect();
    Reply::feed(rss("a", &items))
}

/// The text of a document in a file.
pub(crate) fn unpacked(path: &Path) -> String {
    let file = fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut text = String::new();
    GzDecoder::new(file).read_to_string(&mut text).unwrap();
    text
}

/// What a document says.
pub(crate) struct Document {
    pub(crate) ids: Vec<String>,
    /// The path of the document before it.
    older: Option<String>,
    pub(crate) text: String,
}

impl Document {
    fn read(text: String) -> Self {
        let feed = feed_rs::parser::parse(text.as_bytes()).unwrap();
        let older = if text.starts_with('{') {
            let json: serde_json::Value = serde_json::from_str(&text).unwrap();
            json["next_url"].as_str().map(str::to_owned)
        } else {
            after(&text, "prev-archive")
        };
        let older = older.map(|url| url.split_once(":8420").unwrap().1.to_owned());
        Self {
            ids: feed.entries.into_iter().map(|entry| entry.id).collect(),
            older,
            text,
        }
    }
}

/// The address of a link, in Atom or in RSS.
fn after(text: &str, rel: &str) -> Option<String> {
    let line = text
        .lines()
        .find(|line| line.contains(&format!("rel=\"{rel}\"")))?;
    let (_, rest) = line.split_once("href=\"")?;
    Some(rest.split_once('"')?.0.to_owned())
}

/// Reads what is served at a path: from memory, or else the file of an archive.
pub(crate) fn get(test: &mut TestDaemon, path: &str) -> Document {
    let shelf = test.daemon().shelf();
    if shelf.get(path).is_some() {
        return Document::read(test.output(path));
    }
    Document::read(unpacked(&file(test, path).unwrap()))
}

/// The file of a document of the present archive.
pub(crate) fn file(test: &mut TestDaemon, path: &str) -> Option<PathBuf> {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let [output, generation, name] = parts.try_into().unwrap();
    let archive = test.daemon().shelf().archive(output)?;
    let number: u64 = name.split('.').next().unwrap().parse().unwrap();
    let is_there =
        archive.generation == generation && (archive.first..=archive.last).contains(&number);
    is_there.then(|| {
        archive
            .directory
            .join(generation)
            .join(format!("{name}.gz"))
    })
}

/// All documents from one on, the newest first, by path.
pub(crate) fn walk(test: &mut TestDaemon, path: &str) -> Vec<(String, Document)> {
    let mut walked: Vec<(String, Document)> = Vec::new();
    let mut next = Some(path.to_owned());
    while let Some(path) = next {
        let document = get(test, &path);
        walked.push((path, document));
        next = walked.last().and_then(|(_, it)| it.older.clone());
    }
    walked
}

/// The ids of what is in an archive and of what else an output lists.
pub(crate) fn told(walked: &[(String, Document)]) -> BTreeSet<String> {
    let ids = walked.iter().flat_map(|(_, document)| document.ids.clone());
    ids.collect()
}

pub(crate) async fn small(upto: u32) -> TestDaemon {
    let mut test = TestDaemon::start(SMALL).await;
    for upto in (5..=upto).step_by(5) {
        test.origin.say("/a.xml", feed(upto));
        test.run_for(HOUR).await;
    }
    test.run_for(MINUTE).await;
    test
}

/// U28: in all formats, late entries and a backlog among them, while others arrive.
#[tokio::test]
async fn u28_a_walker_meets_each_article_once_while_others_arrive() {
    for format in ["atom", "rss", "json"] {
        walk_slowly(format).await;
    }
}

/// Walks back from an output of twenty entries, to which three more come at each step.
async fn walk_slowly(format: &str) {
    let mut test = small(20).await;
    let current = format!("/all.{format}");
    let mut document = get(&mut test, &current);
    let newest = document.ids.clone();
    let mut met: Vec<String> = Vec::new();
    let mut upto = 20;
    while let Some(path) = document.older {
        upto += 3;
        test.origin.say("/a.xml", feed(upto));
        test.run_for(HOUR).await;
        document = get(&mut test, &path);
        met.extend(document.ids.iter().cloned());
    }
    assert!(met.len() > 12, "{met:?}");
    let once: BTreeSet<&String> = met.iter().collect();
    assert_eq!(once.len(), met.len(), "{met:?}");
    let all: BTreeSet<String> = met.iter().chain(&newest).cloned().collect();
    assert_eq!(all.len(), 20, "{format}: {all:?}");

    // And who comes back later gets the others, and nothing that is in none.
    let walked = walk(&mut test, &current);
    assert_eq!(
        told(&walked).len(),
        usize::try_from(upto).unwrap(),
        "{format}"
    );
    test.finish().await;
}

/// U8, U28: what is written stays as it is, through arrivals, corrections, a restart and a kill.
#[tokio::test]
async fn u28_archives_never_change() {
    let mut test = small(15).await;
    let before = walk(&mut test, "/all.atom");
    assert!(before.len() > 3);
    let restarted = test.output("/all.atom");
    test.restart().await;
    test.run_due().await;
    assert_eq!(test.output("/all.atom"), restarted);
    test.kill().await;
    test.origin.say(
        "/a.xml",
        Reply::feed(rss("a", &[("n1", "Item corrected", 1)])),
    );
    test.run_for(DAY).await;
    for (path, document) in before.iter().skip(1) {
        assert_eq!(get(&mut test, path).text, document.text, "{path}");
        assert!(document.text.contains("<fh:archive/>"));
        assert_eq!(
            after(&document.text, "current").unwrap(),
            "http://127.0.0.1:8420/all.atom"
        );
        assert!(after(&document.text, "self").unwrap().ends_with(path));
    }
    test.finish().await;
}

/// A crash between the ledger and the file: the file is made as it was to be. One that cannot be is never another
/// under its address.
#[tokio::test]
async fn u28_a_missing_file_is_made_again_or_the_archive_begins_anew() {
    let mut test = small(15).await;
    let before = walk(&mut test, "/all.atom");
    let (path, document) = &before[1];
    let lost = file(&mut test, path).unwrap();
    let bytes = fs::read(&lost).unwrap();
    let dated = fs::metadata(&lost).unwrap().modified().unwrap();
    fs::remove_file(&lost).unwrap();
    test.kill().await;
    test.run_due().await;
    assert_eq!(fs::read(&lost).unwrap(), bytes);
    assert_eq!(fs::metadata(&lost).unwrap().modified().unwrap(), dated);
    assert_eq!(get(&mut test, path).text, document.text);

    let title = feed_rs::parser::parse(document.text.as_bytes()).unwrap();
    let title = title.entries[0].title.clone().unwrap().content;
    let guid = format!("n{}", title.rsplit(' ').next().unwrap());
    let edited = [(guid.as_str(), "Item that was corrected since", 3)];
    test.origin.say("/a.xml", Reply::feed(rss("a", &edited)));
    test.run_for(DAY).await;
    fs::remove_file(&lost).unwrap();
    test.kill().await;
    test.run_for(HOUR).await;
    let walked = walk(&mut test, "/all.atom");
    assert_eq!(told(&walked), told(&before));
    assert!(file(&mut test, path).is_none());
    assert!(walked.iter().all(|(other, _)| other != path));
    test.finish().await;
}

pub(crate) const TOPIC: &str = r#"
[[topic]]
name = "zoo"
query = "Item"
[[output]]
path = "zoo"
select = "topic:zoo"
items = 2
stay = "0s"
[[feed]]
id = "a"
url = "ORIGIN/a.xml"
"#;

#[tokio::test]
async fn u28_a_changed_rule_begins_another_archive() {
    let mut test = TestDaemon::start(TOPIC).await;
    test.origin.say("/a.xml", feed(8));
    test.run_for(MINUTE).await;
    let before = walk(&mut test, "/zoo.atom");
    assert_eq!(told(&before).len(), 8);
    let generation = test
        .daemon()
        .shelf()
        .archive("zoo")
        .unwrap()
        .generation
        .clone();

    test.config = test.config.replace("\"Item\"", "'number AND NOT 4'");
    test.reload().await;
    test.run_for(MINUTE).await;
    let archive = test.daemon().shelf().archive("zoo").unwrap();
    assert_ne!(archive.generation, generation);
    assert!(archive.former.contains(&generation));
    let after = walk(&mut test, "/zoo.atom");
    assert_eq!(told(&after).len(), 7);
    // Who is in the middle of it finds the files for two days, where a web server has them.
    let old = archive.directory.join(&generation);
    assert!(old.is_dir());
    test.run_for(DAY * 4).await;
    assert!(!old.exists());
    assert_eq!(told(&walk(&mut test, "/zoo.atom")).len(), 7);

    // What only changes how much is listed goes on.
    let generation = archive.generation.clone();
    test.config = test
        .config
        .replace("items = 2", "items = 4\nmax-per-feed = 3");
    test.reload().await;
    test.run_for(MINUTE).await;
    assert_eq!(
        test.daemon().shelf().archive("zoo").unwrap().generation,
        generation
    );
    assert_eq!(told(&walk(&mut test, "/zoo.atom")).len(), 7);

    test.config = test.config.replace("select", "archive = false\nselect");
    test.reload().await;
    test.run_for(MINUTE).await;
    assert!(test.daemon().shelf().archive("zoo").is_none());
    assert!(!test.output("/zoo.atom").contains("prev-archive"));
    test.finish().await;
}

/// What cannot be written is told once and tried again; what is new is read all the same.
#[tokio::test]
async fn u28_archives_that_cannot_be_written_are_told() {
    let mut test = TestDaemon::start(SMALL).await;
    let blocked = test.state().join("archive");
    fs::write(&blocked, "a file, where a directory is to be").unwrap();
    for upto in [5, 10] {
        test.origin.say("/a.xml", feed(upto));
        test.run_for(HOUR).await;
        assert!(
            test.output("/all.atom")
                .contains(&format!("Item number {upto}<"))
        );
        let status = test.daemon().status();
        assert!(
            status.contains("the archive of all FAILS: cannot make"),
            "{status}"
        );
    }
    assert!(!test.output("/all.atom").contains("prev-archive"));
    fs::remove_file(&blocked).unwrap();
    test.clock.advance(MINUTE * 2);
    test.run_due().await;
    test.run_due().await;
    let status = test.daemon().status();
    assert!(!status.contains("FAILS"), "{status}");
    assert_eq!(told(&walk(&mut test, "/all.atom")).len(), 10);
    test.finish().await;
}

/// What retention took goes with its document; the way back ends there.
#[tokio::test]
async fn u28_archives_go_back_to_retention() {
    let storage = "[storage]\nretention = \"3d\"\n";
    let mut test = TestDaemon::start(&format!("{storage}{SMALL}")).await;
    for upto in [5, 10] {
        test.origin.say("/a.xml", feed(upto));
        test.run_for(HOUR).await;
    }
    let first = test.daemon().shelf().archive("all").unwrap();
    assert_eq!(first.first, 1);
    let oldest = first.directory.join(&first.generation).join("1.atom.gz");
    assert!(oldest.exists());
    for upto in [15, 20, 25] {
        test.run_for(DAY * 2).await;
        test.origin.say("/a.xml", feed(upto));
        test.run_for(DAY).await;
    }
    test.run_for(DAY).await;
    let archive = test.daemon().shelf().archive("all").unwrap();
    assert_eq!(archive.generation, first.generation);
    assert!(
        archive.first > 1 && archive.last > archive.first,
        "{archive:?}"
    );
    assert!(!oldest.exists());
    let path = format!("/all/{}/{}.atom", archive.generation, archive.first);
    let end = get(&mut test, &path).older.unwrap();
    assert!(file(&mut test, &end).is_none(), "{end}");
    test.finish().await;
}

const KEY: &str = "canary-of-the-desk-7f3a";

/// A protected output has an archive that wants the same key, and no file of it is where others read.
#[tokio::test]
async fn u31_archives_are_as_protected_as_their_outputs() {
    let config = format!(
        "[server]\npublish-dir = \"www\"\n{SMALL}[[output]]\npath = \"desk\"\nitems = 3\nstay = \"0s\"\n\
         protect = \"{KEY}\"\n"
    );
    let mut test = TestDaemon::start(&config).await;
    test.origin.say("/a.xml", feed(8));
    test.run_for(MINUTE).await;
    let archives = test.daemon().shelf().archives();
    assert!(archives["all"].lock.is_none() && archives["desk"].lock.is_some());
    assert!(archives["desk"].last >= 1);
    let www = test.state().join("www");
    let is_told = |path: &Path| {
        path.read_dir()
            .is_ok_and(|mut entries| entries.next().is_some())
    };
    assert!(is_told(&www.join("all")) && !www.join("desk").exists());
    let walked = walk(&mut test, "/all.atom");
    for (path, document) in walked {
        let name = path.trim_start_matches('/');
        assert_eq!(fs::read_to_string(www.join(name)).unwrap(), document.text);
        if path.matches('/').count() > 1 {
            assert_eq!(unpacked(&www.join(format!("{name}.gz"))), document.text);
        }
    }
    test.config = test.config.replace(
        "path = \"all\"",
        &format!("path = \"all\"\nprotect = \"{KEY}\""),
    );
    test.reload().await;
    test.run_for(MINUTE).await;
    assert!(!www.join("all").exists());

    // By hand, the same that a daemon wrote, and for everybody what it wrote for everybody.
    test.config = test.config.replacen(&format!("protect = \"{KEY}\""), "", 1);
    let place = Place::new(&test.config);
    let state = test.state().display().to_string();
    place.print(&["publish", "--state", &state, "out"]);
    let out = place.path().join("out");
    assert!(out.join("all.atom").exists() && !out.join("all").exists());
    test.reload().await;
    test.run_for(MINUTE).await;
    place.print(&["publish", "--state", &state, "out"]);
    assert!(is_told(&out.join("all")) && !out.join("desk").exists());
    test.finish().await;
}

const STORIES: &str = r#"
[[output]]
path = "all"
unit = "story"
items = 1
stay = "0s"
[[feed]]
id = "harbour"
url = "ORIGIN/harbour.xml"
[[feed]]
id = "ledger"
url = "ORIGIN/ledger.xml"
"#;

/// An archive of stories has each once, as it was when its document was made; what comes to one stands in the output.
#[tokio::test]
async fn u28_stories_are_archived_once() {
    let ferry = (
        "Lighthouse keeper of Skerry rock rescues nine sailors from burning ferry",
        "The keeper of the Skerry lighthouse rowed through the storm to the burning ferry Aurora and brought nine \
         sailors ashore before it sank, the coast guard of Vestmark said.",
    );
    let again = (
        "Nine sailors of the ferry Aurora saved by the Skerry lighthouse keeper",
        "Nine sailors owe their lives to the keeper of the lighthouse on Skerry rock, who rowed to the burning \
         ferry Aurora in a storm. The coast guard of Vestmark said that the ferry sank an hour later.",
    );
    let document = |feed: &str, guid: &str, (title, text): (&str, &str), hour: u32| {
        let document = rss(feed, &[(guid, title, hour)]);
        Reply::feed(document.replace(&format!("{title}, told at some length"), text))
    };
    let mut test = TestDaemon::start(STORIES).await;
    test.origin
        .say("/harbour.xml", document("harbour", "ferry", ferry, 3));
    test.run_for(MINUTE).await;
    let orchard = (
        "Orchards bloom early",
        "Pears and plums blossom in the valley.",
    );
    test.origin
        .say("/harbour.xml", document("harbour", "pears", orchard, 4));
    test.run_for(DAY).await;
    let before = walk(&mut test, "/all.atom");
    assert_eq!(before.len(), 2, "the ferry left the output");
    let archived = before[1].1.ids.clone();
    assert!(archived[0].contains(":story:"), "{archived:?}");

    test.origin
        .say("/ledger.xml", document("ledger", "ledger", again, 5));
    test.run_for(DAY).await;
    let after = walk(&mut test, "/all.atom");
    assert_eq!(
        after[0].1.ids, archived,
        "the story came back to the output"
    );
    let pages = after
        .iter()
        .skip(1)
        .flat_map(|(_, document)| document.ids.clone());
    let pages: Vec<String> = pages.collect();
    let once: BTreeSet<&String> = pages.iter().collect();
    assert_eq!((pages.len(), once.len()), (2, 2), "{pages:?}");
    test.finish().await;
}
