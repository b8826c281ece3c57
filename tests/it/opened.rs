//! Outputs whose key is asked for no more: what was made for those who had it is told to nobody else (U31). Names cite
//! docs/protocol.md.

use crate::archives::{file, told, unpacked, walk};
use crate::origin::Reply;
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;
use std::fs;
use std::path::Path;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

const PROTECT: &str = "protect = \"canary-of-the-desk-7f3a\"";

/// A word that entries have which are for those with a key.
const SECRET: &str = "Nightjar";

/// An output with two entries and all else in its archive, and what else the file says.
fn desk(select: &str, more: &str) -> String {
    format!(
        "[server]\npublish-dir = \"www\"\n\
         [[output]]\npath = \"desk\"\ntitle = \"Inner desk\"\nselect = \"{select}\"\nitems = 2\nstay = \"0s\"\ntombstones = true\n\
         formats = [\"atom\"]\n{PROTECT}\n{more}\
         [[feed]]\nid = \"a\"\nurl = \"ORIGIN/a.xml\"\n"
    )
}

const ITEMS: &[(&str, &str, u32)] = &[
    ("n1", "Nightjar seen at the weir", 1),
    ("n2", "Nightjar counted by farmers", 2),
    ("n3", "Nightjar nests on Skerry rock", 3),
    ("n4", "Nightjar song recorded twice", 5),
    ("r1", "Rain in Kerala", 3),
    ("r2", "Rain over Oslo harbour", 4),
    ("r3", "Rain delays the regatta", 5),
];

/// A daemon that made all of it for those with the key.
async fn closed(select: &str, more: &str) -> TestDaemon {
    let mut test = TestDaemon::start(&desk(select, more)).await;
    test.origin.say("/a.xml", Reply::feed(rss("a", ITEMS)));
    test.run_for(MINUTE).await;
    let archive = test.daemon().shelf().archive("desk").unwrap();
    assert!(archive.lock.is_some() && archive.last > 0);
    assert!(!test.state().join("www/desk").exists());
    test
}

/// Where every output wants a key nobody is told of a topic, be it one that none of them selects.
#[tokio::test]
async fn u31_a_topic_beside_closed_outputs_is_told_once_its_rule_holds() {
    let topic = "[[topic]]\nname = \"hush\"\nquery = \"nightjar\"\n";
    let mut test = closed("nightjar OR rain", topic).await;
    test.hold_rules();
    let open = test.config.replace(PROTECT, "");
    test.config = open.replace("query = \"nightjar\"", "query = \"kerala\"");
    test.reload().await;
    test.publish().await;
    assert!(test.output("/desk.atom").contains("Nightjar"));
    check_untold(&mut test, "\"hush\"");
    test.let_rules_hold();
    test.finish().await;
}

async fn take_up(test: &mut TestDaemon, config: String) {
    test.config = config;
    test.reload().await;
    test.run_for(MINUTE).await;
}

/// Checks that nobody without a key is told of a word: in documents, in archives by HTTP, in files.
fn check_untold(test: &mut TestDaemon, word: &str) {
    for (path, resource) in test.daemon().shelf().all().iter() {
        let body = String::from_utf8_lossy(&resource.body()).into_owned();
        assert!(
            resource.is_protected() || !body.contains(word),
            "{path}: {body}"
        );
    }
    for (path, archive) in test.daemon().shelf().archives().iter() {
        let here = archive.directory.join(&archive.generation);
        for number in archive.first..=archive.last {
            let document = unpacked(&here.join(format!("{number}.atom.gz")));
            let is_told = archive.lock.is_none() && document.contains(word);
            assert!(!is_told, "{path}/{number}: {document}");
        }
    }
    check_files(&test.state().join("www"), word);
}

fn check_files(directory: &Path, word: &str) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            check_files(&path, word);
            continue;
        }
        let name = path.display().to_string();
        let body = match name.strip_suffix(".gz") {
            Some(_) => unpacked(&path),
            None => String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned(),
        };
        assert!(!body.contains(word), "{name}: {body}");
    }
}

/// The key goes after what the query had selected is gone.
#[tokio::test]
async fn u31_what_a_former_query_selected_for_some_is_opened_to_nobody() {
    let mut test = closed("nightjar OR rain", "").await;
    let narrow = test.config.replace("nightjar OR rain", "rain");
    take_up(&mut test, narrow.clone()).await;
    assert!(!test.output("/desk.atom").contains(SECRET));
    assert!(test.output("/desk.atom").contains("deleted-entry"));
    take_up(&mut test, narrow.replace(PROTECT, "")).await;
    let desk = test.daemon().shelf().get("/desk.atom").unwrap();
    assert!(!desk.is_protected());
    check_untold(&mut test, SECRET);
    let walked = walk(&mut test, "/desk.atom");
    assert!(walked.len() > 1 && walked[0].1.text.contains("Rain"));
    assert!(!walked[0].1.text.contains("deleted-entry"));
    let last = &walked[1].0[1..];
    assert!(test.state().join("www").join(last).is_file());
    // Nor by a start, nor when what is over is removed, nor by who writes the files by hand.
    test.restart().await;
    test.run_for(DAY * 3).await;
    check_untold(&mut test, SECRET);
    test.finish().await;
}

/// The query is as it was: what its documents named for those with the key stays theirs.
#[tokio::test]
async fn u31_an_output_that_opens_begins_an_archive_for_its_readers() {
    let more = format!(
        "[[topic]]\nname = \"hush\"\nquery = \"nightjar\"\n\
         [[output]]\npath = \"vault\"\nselect = \"topic:hush\"\n{PROTECT}\n"
    );
    let mut test = closed("*", &more).await;
    let closed = test.config.clone();
    let before = walk(&mut test, "/desk.atom");
    assert!(before.iter().any(|(_, it)| it.text.contains("hush")));
    take_up(&mut test, closed.replacen(PROTECT, "", 1)).await;
    let open = walk(&mut test, "/desk.atom");
    assert_eq!(told(&open).len(), 7);
    check_untold(&mut test, "hush");
    for (path, _) in before.iter().skip(1) {
        assert!(file(&mut test, path).is_none(), "{path}");
    }
    // What is locked again has neither the one nor the other.
    take_up(&mut test, closed.clone()).await;
    let again = walk(&mut test, "/desk.atom");
    assert!(
        again[1..]
            .iter()
            .all(|(path, _)| open.iter().all(|it| it.0 != *path))
    );
    assert!(!test.state().join("www/desk").exists());
    take_up(&mut test, closed.replacen(PROTECT, "", 1)).await;
    check_untold(&mut test, "hush");
    test.finish().await;
}

/// The path of an output that was for some is another's.
#[tokio::test]
async fn u31_a_path_that_is_used_again_tells_nothing_of_what_it_was() {
    let mut test = closed("nightjar", "").await;
    let closed = test.config.clone();
    take_up(
        &mut test,
        closed.replace("path = \"desk\"", "path = \"bureau\""),
    )
    .await;
    test.run_for(HOUR).await;
    let open = closed
        .replace(PROTECT, "")
        .replace("\"nightjar\"", "\"rain\"");
    take_up(&mut test, open).await;
    assert!(test.output("/desk.atom").contains("Rain"));
    check_untold(&mut test, SECRET);
    test.finish().await;
}

/// The key goes in the edit that narrows the query: nobody has the output before that holds, however often it is edited
/// meanwhile, and whatever starts.
#[tokio::test]
async fn u31_an_output_keeps_its_lock_until_its_rule_holds() {
    let open = |config: &str| config.replace(PROTECT, "");
    let narrow = |config: &str| config.replace("nightjar OR rain", "rain");
    let other = |config: &str| config.replace("nightjar OR rain", "kerala");
    for way in 0..4 {
        let mut test = closed("nightjar OR rain", "").await;
        let closed = test.config.clone();
        let steps = match way {
            0 => vec![open(&narrow(&closed))],
            1 => vec![narrow(&closed), open(&narrow(&closed))],
            2 => vec![
                open(&narrow(&closed)),
                other(&closed),
                open(&other(&closed)),
            ],
            _ => vec![
                open(&narrow(&closed)).replace("\"desk\"", "\"bureau\""),
                open(&narrow(&closed)),
            ],
        };
        test.hold_rules();
        for step in steps {
            take_up(&mut test, step).await;
            test.publish().await;
            check_untold(&mut test, SECRET);
            assert!(!test.output("/").contains("Nightjar"));
        }
        let desk = test.daemon().shelf().get("/desk.atom");
        assert!(desk.is_none_or(|it| it.is_protected()), "{way}");
        test.restart_serving().await;
        assert!(test.daemon().shelf().get("/desk.atom").is_none(), "{way}");
        test.publish().await;
        check_untold(&mut test, SECRET);
        test.let_rules_hold();
        test.publish().await;
        let desk = test.daemon().shelf().get("/desk.atom").unwrap();
        assert!(!desk.is_protected() && test.output("/desk.atom").contains("Rain"));
        check_untold(&mut test, SECRET);
        test.finish().await;
    }
}

/// A topic that is narrowed and opened is named to nobody for what it took in before, and tells no copy of that.
#[tokio::test]
async fn u31_a_topic_that_opens_is_named_once_its_rule_holds() {
    let more = "[[topic]]\nname = \"hush\"\nquery = \"nightjar\"\n[[output]]\npath = \"all\"\n";
    for (is_start, was_open) in [(false, false), (true, false), (false, true)] {
        let mut test = closed("topic:hush", more).await;
        check_untold(&mut test, "hush");
        let closed = test.config.clone();
        let open = closed.replace(PROTECT, "");
        if was_open {
            // What was told once is not told again of what came under the lock.
            take_up(&mut test, open.clone()).await;
            assert!(test.output("/all.atom").contains("term=\"hush\""));
            take_up(&mut test, closed).await;
            check_untold(&mut test, "\"hush\"");
        }
        test.hold_rules();
        test.config = open.replace("\"nightjar\"", "\"kerala\"");
        if is_start {
            test.restart_serving().await;
        } else {
            test.reload().await;
        }
        test.publish().await;
        check_untold(&mut test, "\"hush\"");
        test.let_rules_hold();
        test.publish().await;
        let all = test.output("/all.atom");
        assert_eq!(all.matches("term=\"hush\"").count(), 1, "{all}");
        test.finish().await;
    }
}
