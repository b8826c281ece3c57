//! `merganser publish` beside others who work on the same database and the same files. Names cite docs/protocol.md.

use crate::origin::Reply;
use crate::program::{Place, QUIET, Running};
use crate::relabel::{FEED, ITEMS, topic};
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;
use merganser::config;
use merganser::daemon::publish_files;
use merganser::mirror;
use merganser::model::Watch;
use merganser::store::Store;
use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// A daemon that has polled a feed, with a topic, an output of it and one after that.
async fn polled() -> TestDaemon {
    let zoo = topic("pangolin");
    let config = format!(
        "{FEED}{zoo}[[output]]\npath = \"zoo\"\nselect = \"topic:zoo\"\n[[output]]\npath = \"rest\"\n"
    );
    let mut test = TestDaemon::start(&config).await;
    test.origin.say("/a.xml", Reply::feed(rss("a", ITEMS)));
    test.run_for(SignedDuration::from_mins(1)).await;
    test
}

/// Publishes by hand, in `DIRECTORY/out`, and does something once, when so many outputs are rendered; returns of which
/// outputs nobody knows what they have.
fn publish(
    test: &TestDaemon,
    (after, meanwhile): (u64, impl Fn() + Send + Sync + 'static),
) -> BTreeSet<String> {
    let is_done = AtomicBool::new(false);
    let watch = Watch::new(move |done, _| {
        if done == after && !is_done.swap(true, Ordering::Relaxed) {
            meanwhile();
        }
    });
    let config = config::read(&test.config, &|_| None).unwrap().config;
    let store = Store::look_into(&test.database()).unwrap();
    let out = test.state().join("out");
    let from = (&store, test.state());
    let waits = |what: &str| panic!("{what}");
    let published = publish_files(config, from, test.now(), (&out, &watch, &waits));
    published.unwrap().1
}

/// U27: a daemon that has just applied changed rules leaves nothing of an output that was looked at before.
#[tokio::test]
async fn u27_an_output_whose_rule_is_another_before_it_is_read_stays_and_is_named() {
    let test = polled().await;
    assert_eq!(publish(&test, (0, || ())), BTreeSet::new());
    let read = || fs::read(test.state().join("out/zoo.atom")).unwrap();
    let was = read();
    let database = test.database();
    let meanwhile = move || {
        let database = rusqlite::Connection::open(&database).unwrap();
        let other = "UPDATE rules SET digest = zeroblob(16) WHERE label = 'zoo'";
        assert_eq!(database.execute(other, []).unwrap(), 1);
    };
    let unknown = publish(&test, (0, meanwhile));
    assert_eq!(unknown, BTreeSet::from(["zoo".to_owned()]));
    assert_eq!(read(), was);
    test.finish().await;
}

/// What another wrote while it rendered may be newer, and nothing older is written over it.
#[tokio::test]
async fn u27_what_others_wrote_meanwhile_is_not_written_over_with_what_is_older() {
    let test = polled().await;
    publish(&test, (0, || ()));
    let (database, state, now) = (test.database(), test.state().to_owned(), test.now());
    let config = test.config.clone();
    // The first output is rendered when the other comes, which has what is newer and is done before.
    let other = move || {
        let beside = rusqlite::Connection::open(&database).unwrap();
        let renamed = "UPDATE entries SET title = replace(title, 'Pangolin', 'Aardvark')";
        assert!(beside.execute(renamed, []).unwrap() > 0);
        let config = config::read(&config, &|_| None).unwrap().config;
        let store = Store::look_into(&database).unwrap();
        let out = state.join("out");
        let to = (out.as_path(), &Watch::default(), &|_: &str| ());
        publish_files(config, (&store, state.as_path()), now, (to.0, to.1, to.2)).unwrap();
    };
    publish(&test, (1, other));
    let zoo = fs::read_to_string(test.state().join("out/zoo.atom")).unwrap();
    assert!(zoo.contains("Aardvark"), "{zoo}");
    test.finish().await;
}

/// Others that write again and again may do so while it renders, some times; then they are kept out, so that it ends.
#[tokio::test]
async fn who_writes_meanwhile_is_not_kept_out_before_the_last_time() {
    let test = polled().await;
    publish(&test, (0, || ()));
    let out = test.state().join("out");
    let may_write = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&may_write);
    let files = ["index.html", "zoo.html", "zoo.atom", "rest.atom"].map(|it| out.join(it));
    let others = Mutex::new(files.into_iter());
    let watch = Watch::new(move |done, _| {
        if done != 1 {
            return;
        }
        let alone = mirror::try_alone(&out).unwrap();
        noted.lock().unwrap().push(alone.is_some());
        if alone.is_some() {
            let file = others.lock().unwrap().next().unwrap();
            fs::write(file, "another's").unwrap();
        }
    });
    let config = config::read(&test.config, &|_| None).unwrap().config;
    let store = Store::look_into(&test.database()).unwrap();
    let to = test.state().join("out");
    let from = (&store, test.state());
    publish_files(config, from, test.now(), (&to, &watch, &|_: &str| ())).unwrap();
    assert_eq!(*may_write.lock().unwrap(), [true, true, true, true, false]);
    let rest = fs::read_to_string(to.join("rest.atom")).unwrap();
    assert!(rest.contains("<feed"), "{rest}");
    test.finish().await;
}

/// Who writes there is waited for, in words, before anything is read.
#[test]
fn publish_says_that_it_waits_for_others() {
    let place = Place::new(QUIET);
    let out = place.path().join("out");
    place.print(&["poll"]);
    place.print(&["publish", "out"]);
    let others = mirror::alone(&out).unwrap();
    let mut waiting = Running::command(place.command(&["publish", "out"]));
    let told = waiting.wait_for("waits until it is done");
    assert!(
        told.starts_with("merganser: ") && told.contains("process"),
        "{told}"
    );
    drop(others);
    let (code, rest) = waiting.end();
    assert_eq!(code, Some(0), "{rest}");
}

/// Each would remove what the other wrote. Who takes the line out that says whose the files are has them.
#[test]
fn a_directory_is_for_one_merganser() {
    let [one, another] = [Place::new(QUIET), Place::new(QUIET)];
    let out = one.path().join("out");
    let shown = out.display().to_string();
    for place in [&one, &another] {
        place.print(&["poll"]);
    }
    one.print(&["publish", "out"]);
    let refused = |place: &Place, by: &Place| {
        let output = place.run(&["publish", &shown]);
        assert_eq!(output.status.code(), Some(1));
        let told = String::from_utf8(output.stderr).unwrap();
        let whose = by.path().display().to_string();
        assert!(told.contains("kept by another merganser"), "{told}");
        assert!(told.contains(&whose), "{told}");
    };
    refused(&another, &one);
    one.print(&["publish", "out"]);
    let list = out.join(mirror::LIST);
    let text = fs::read_to_string(&list).unwrap();
    let lines = text.lines().enumerate().filter(|(at, _)| *at != 1);
    let lines: Vec<&str> = lines.map(|(_, line)| line).collect();
    fs::write(&list, lines.join("\n")).unwrap();
    another.print(&["publish", &shown]);
    refused(&one, &another);
}
