//! What becomes an entry of an output long after its article was stored: neither lost nor put on top.

use crate::archives::{get, told, walk};
use crate::origin::Reply;
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// An output of what `a` brings, of which `inner` has something first.
const GROUPS: &str = r#"
[group.pub]
[group.inner]
[[output]]
path = "all"
select = "SELECT"
min-sources = SOURCES
items = 3
stay = "STAY"
[[output]]
path = "every"
[[feed]]
id = "a"
url = "ORIGIN/a.xml"
group = "pub"
schedule = "every 1h"
owner = "aaa"
[[feed]]
id = "inner"
url = "ORIGIN/inner.xml"
group = "inner"
schedule = "every 1h"
owner = "bbb"
"#;

fn config(select: &str, sources: &str, stay: &str) -> String {
    let config = GROUPS.replace("SELECT", select).replace("STAY", stay);
    let config = config.replace("SOURCES", sources);
    // An output that does not select has all.
    config.replace("select = \"\"\n", "")
}

/// The article that comes late: the first of the day.
const OLD: (&str, &str, u32) = ("old", "Otter returns to the river Vest", 0);

/// Six articles of other things, an hour apart.
const NEWER: [(&str, &str, u32); 6] = [
    ("n1", "Parliament adjourns over budget", 1),
    ("n2", "Violin from the attic sold at auction", 2),
    ("n3", "Glacier loses a third of its ice", 3),
    ("n4", "Bakers strike for shorter nights", 4),
    ("n5", "Comet seen with the naked eye", 5),
    ("n6", "Marathon won by a postman", 5),
];

/// The ids of all that an output of everything lists under a title.
fn id_of(test: &mut TestDaemon, title: &str) -> String {
    let every = test.output("/every.atom");
    let feed = feed_rs::parser::parse(every.as_bytes()).unwrap();
    let mut entries = feed.entries.into_iter();
    let found = entries.find(|it| it.title.as_ref().unwrap().content == title);
    found.unwrap().id
}

/// Checks that something is met by who walks back from the output `all`, and that a start changes nothing.
async fn check_met(mut test: TestDaemon, title: &str) {
    test.run_for(MINUTE).await;
    let id = id_of(&mut test, title);
    let met = told(&walk(&mut test, "/all.atom"));
    assert!(met.contains(&id), "{met:?}");
    let names = ["/all.atom", "/all.rss", "/all.json"];
    let before = names.map(|name| test.output(name));
    test.restart().await;
    test.run_for(MINUTE).await;
    assert_eq!(names.map(|name| test.output(name)), before);
    test.finish().await;
}

/// Has feed `a` bring the old article beside the others.
async fn bring_old(test: &mut TestDaemon) {
    let items = [&NEWER[..], &[OLD]].concat();
    test.origin.say("/a.xml", Reply::feed(rss("a", &items)));
    test.run_for(HOUR).await;
}

/// U8, U28: another feed has an old article, too, and with it comes the label.
#[tokio::test]
async fn u28_what_another_feed_brings_into_an_output_is_met_at_once() {
    let mut test = TestDaemon::start(&config("group:pub", "1", "0s")).await;
    test.origin
        .say("/inner.xml", Reply::feed(rss("inner", &[OLD])));
    test.origin.say("/a.xml", Reply::feed(rss("a", &NEWER)));
    test.run_for(HOUR).await;
    bring_old(&mut test).await;
    check_met(test, OLD.1).await;
}

/// U8, U28: an old article is edited into a topic.
#[tokio::test]
async fn u28_what_is_edited_into_an_output_is_met_at_once() {
    let select = "Otter OR Parliament OR Violin OR Glacier OR Bakers OR Comet OR Marathon";
    let mut test = TestDaemon::start(&config(select, "1", "0s")).await;
    let heron = ("old", "Heron returns to the river Vest", 0);
    let items = [&NEWER[..], &[heron]].concat();
    test.origin.say("/a.xml", Reply::feed(rss("a", &items)));
    test.run_for(HOUR).await;
    bring_old(&mut test).await;
    check_met(test, OLD.1).await;
}

/// U8, U28: an old article is carried by as many outlets as are wanted.
#[tokio::test]
async fn u28_what_another_outlet_carries_is_met_at_once() {
    let mut test = TestDaemon::start(&config("", "2", "0s")).await;
    let items = [&NEWER[..], &[OLD]].concat();
    test.origin.say("/a.xml", Reply::feed(rss("a", &items)));
    test.origin
        .say("/inner.xml", Reply::feed(rss("inner", &NEWER)));
    test.run_for(HOUR).await;
    let met = told(&walk(&mut test, "/all.atom"));
    assert_eq!(met.len(), NEWER.len());
    test.origin
        .say("/inner.xml", Reply::feed(rss("inner", &items)));
    test.run_for(HOUR).await;
    check_met(test, OLD.1).await;
}

/// Of two articles that an output has only since another feed brought them: what came late is listed where its date puts
/// it, and the backlog of a new feed is in the archive.
#[tokio::test]
async fn u29_what_another_feed_brings_late_is_listed_where_its_date_puts_it() {
    let backlog = ("older", "Ferry timetable for the winter", 0);
    let mut test = TestDaemon::start(&config("group:pub", "1", "24h")).await;
    let inner = rss("inner", &[OLD, backlog]);
    test.origin.say("/inner.xml", Reply::feed(inner));
    test.origin.say("/a.xml", Reply::feed(rss("a", &NEWER)));
    test.run_for(HOUR * 26).await;
    let id = id_of(&mut test, OLD.1);
    assert_eq!(get(&mut test, "/all.atom").ids.len(), 3);

    let items = [&NEWER[..], &[OLD]].concat();
    test.origin.say("/a.xml", Reply::feed(rss("a", &items)));
    test.run_for(HOUR * 2).await;
    let ids = get(&mut test, "/all.atom").ids;
    assert_eq!((ids.len(), ids.last()), (4, Some(&id)), "{ids:?}");

    test.config.push_str(
        &"[[feed]]\nid = \"b\"\nurl = \"ORIGIN/b.xml\"\ngroup = \"pub\"\nschedule = \"every 1h\"\n"
            .replace("ORIGIN", &test.origin.url("")),
    );
    test.origin.say("/b.xml", Reply::feed(rss("b", &[backlog])));
    test.reload().await;
    test.run_for(HOUR * 2).await;
    assert_eq!(get(&mut test, "/all.atom").ids, ids);
    let other = id_of(&mut test, backlog.1);
    assert!(told(&walk(&mut test, "/all.atom")).contains(&other));

    // A rule that comes and goes leaves no trace of it, nor does a start.
    let before = test.output("/all.atom");
    test.restart().await;
    test.run_for(MINUTE).await;
    assert_eq!(test.output("/all.atom"), before);
    let (first, changed) = ("\"group:pub\"", "\"group:pub OR group:inner\"");
    for (from, to) in [(first, changed), (changed, first)] {
        test.config = test.config.replace(from, to);
        test.reload().await;
        test.run_for(MINUTE).await;
    }
    assert_eq!(test.output("/all.atom"), before);
    test.finish().await;
}
