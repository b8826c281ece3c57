//! Nothing that stands in `publish-dir` leads to a document of an archive that does not, whatever fails.

use crate::origin::Reply;
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;
use std::fs;
use std::path::{Path, PathBuf};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// An output with an archive, and another whose files come before all of its.
const CONFIG: &str = r#"
[server]
publish-dir = "www"
[[output]]
path = "aaa"
archive = false
[[output]]
path = "zoo"
select = "Item"
items = 2
stay = "0s"
[[feed]]
id = "a"
url = "ORIGIN/a.xml"
"#;

/// A daemon that has published eight entries, all but two of them in the archive.
async fn published() -> (TestDaemon, PathBuf) {
    let mut test = TestDaemon::start(CONFIG).await;
    let titles: Vec<String> = (1..=8)
        .map(|number| format!("Item number {number}"))
        .collect();
    let guids: Vec<String> = (1..=8).map(|number| format!("n{number}")).collect();
    let items = guids.iter().zip(&titles).zip(1..);
    let items: Vec<(&str, &str, u32)> = items
        .map(|((guid, title), hour)| (guid.as_str(), title.as_str(), hour / 2))
        .collect();
    test.origin.say("/a.xml", Reply::feed(rss("a", &items)));
    test.run_for(MINUTE).await;
    let www = test.state().join("www");
    assert_eq!(follow(&www), 1, "a document of all that is not listed");
    (test, www)
}

/// Follows the links of all documents in Atom to those of the archive, and returns how many lead there.
fn follow(www: &Path) -> usize {
    fn documents(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                documents(&path, found);
            } else if path.extension().is_some_and(|it| it == "atom") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    documents(www, &mut found);
    let mut links = 0;
    for path in found {
        let text = fs::read_to_string(&path).unwrap();
        let line = text
            .lines()
            .find(|line| line.contains("rel=\"prev-archive\""));
        let Some(line) = line else {
            continue;
        };
        let (_, address) = line.split_once(":8420/").unwrap();
        let name = address.split('"').next().unwrap();
        assert!(
            www.join(name).is_file(),
            "{} leads to {name}",
            path.display()
        );
        links += 1;
    }
    links
}

/// Puts something in the place of a file of ours that cannot be written over, or takes it away.
fn sabotage(www: &Path, is_on: bool) {
    let file = www.join("aaa.atom");
    if is_on {
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        fs::write(file.join("theirs"), "").unwrap();
    } else {
        fs::remove_dir_all(&file).unwrap();
    }
}

/// An archive goes after what leads to it was written anew, and not before, though that fails for long.
#[tokio::test]
async fn u32_an_archive_goes_after_what_leads_to_it() {
    let (mut test, www) = published().await;
    sabotage(&www, true);
    test.config = test.config.replace("select", "archive = false\nselect");
    test.reload().await;
    test.run_due().await;
    assert!(test.daemon().status().contains("publish-dir FAILS"));
    assert_eq!(follow(&www), 1, "as it was");
    sabotage(&www, false);
    test.clock.advance(MINUTE * 2);
    test.run_due().await;
    assert!(!test.daemon().status().contains("publish-dir"));
    assert_eq!(follow(&www), 0);
    assert!(!www.join("zoo").exists());
    test.finish().await;
}

/// What is not for everybody any more goes at once, though nothing else can be written.
#[tokio::test]
async fn u31_what_is_protected_goes_though_the_rest_fails() {
    let (mut test, www) = published().await;
    sabotage(&www, true);
    let key = "protect = \"canary-of-the-zoo-81d2-55aa\"\nselect";
    test.config = test.config.replace("select", key);
    test.reload().await;
    test.run_due().await;
    assert!(test.daemon().status().contains("publish-dir FAILS"));
    assert!(!www.join("zoo").exists() && !www.join("zoo.atom").exists());
    sabotage(&www, false);
    test.finish().await;
}

/// The files of an archive that ended stay for two days, for who is in the middle of it, also where the new one has
/// nothing yet.
#[tokio::test]
async fn u28_an_archive_that_ended_stays_while_the_new_one_is_empty() {
    let (mut test, www) = published().await;
    let archive = test.daemon().shelf().archive("zoo").unwrap();
    let newest = www.join("zoo").join(&archive.generation).join("1.atom");
    assert!(newest.is_file());
    test.config = test.config.replace("\"Item\"", "'\"number 8\"'");
    test.reload().await;
    test.run_for(MINUTE).await;
    let archive = test.daemon().shelf().archive("zoo").unwrap();
    assert!(archive.last < archive.first, "{archive:?}");
    assert!(newest.is_file(), "it was removed at once");
    follow(&www);
    test.run_for(DAY * 4).await;
    let newer = [("n9", "Item number 8 again", 9)];
    test.origin.say("/a.xml", Reply::feed(rss("a", &newer)));
    test.run_for(DAY * 2).await;
    assert!(!newest.exists(), "it goes with the next that is written");
    assert!(!www.join("zoo").exists());
    follow(&www);
    test.finish().await;
}
