//! How long documents are of which parts are not told to readers.

use crate::archives::{told, walk};
use crate::origin::Reply;
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;

/// The address of the second feed is short, and what stands in its place is longer.
const SECRET: &str = "http://127.0.0.1:1/";
const FEEDS: &str = r#"
[[output]]
path = "all"
[[feed]]
id = "a"
url = "ORIGIN/a.xml"
[[feed]]
id = "b"
url = "http://127.0.0.1:1/"
tell-address = false
"#;

/// Entries of a kind each: as they came six fit into one document, as they are told no more than five.
fn entries() -> String {
    let names = ["ash", "birch", "cedar", "date", "elm", "fir"];
    let items = names.map(|it| (it, it, 3));
    let mut document = rss("a", &items);
    for name in names {
        let text = format!("{name} {SECRET} ").repeat(520_000 / (name.len() + SECRET.len() + 2));
        document = document.replace(&format!("{name}, told at some length"), &text);
    }
    document
}

/// What is left out of the subscription document for its length, as it is told, is in the archive.
#[tokio::test]
async fn u28_what_grows_by_what_is_not_told_is_in_the_archive() {
    let mut test = TestDaemon::start(FEEDS).await;
    test.origin.say("/a.xml", Reply::feed(entries()));
    test.run_for(SignedDuration::from_hours(2)).await;
    let walked = walk(&mut test, "/all.atom");
    assert!(!walked.iter().any(|(_, it)| it.text.contains(SECRET)));
    let listed = walked.first().map_or(0, |(_, it)| it.ids.len());
    assert!((1..6).contains(&listed), "{listed} of six are listed");
    assert_eq!(told(&walked).len(), 6, "each is somewhere");
    test.finish().await;
}
