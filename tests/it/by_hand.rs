//! `merganser publish` beside others who work on the same database and the same files. Names cite docs/protocol.md.

use crate::origin::Reply;
use crate::relabel::{FEED, ITEMS, topic};
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;
use merganser::config;
use merganser::daemon::publish_files;
use merganser::model::Watch;
use merganser::store::Store;
use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

/// A daemon that has polled a feed, with a topic and an output of it.
async fn polled() -> TestDaemon {
    let zoo = topic("pangolin");
    let config = format!("{FEED}{zoo}[[output]]\npath = \"zoo\"\nselect = \"topic:zoo\"\n");
    let mut test = TestDaemon::start(&config).await;
    test.origin.say("/a.xml", Reply::feed(rss("a", ITEMS)));
    test.run_for(SignedDuration::from_mins(1)).await;
    test
}

/// Publishes by hand, in `DIRECTORY/out`, and does something the first time that an output is about to be rendered; returns
/// of which outputs nobody knows what they have.
fn publish(test: &TestDaemon, meanwhile: impl Fn() + Send + Sync + 'static) -> BTreeSet<String> {
    let is_done = AtomicBool::new(false);
    let watch = Watch::new(move |_, _| {
        if !is_done.swap(true, Ordering::Relaxed) {
            meanwhile();
        }
    });
    let config = config::read(&test.config, &|_| None).unwrap().config;
    let store = Store::look_into(&test.database()).unwrap();
    let out = test.state().join("out");
    let from = (&store, test.state());
    let published = publish_files(config, from, test.now(), (&out, &watch));
    published.unwrap().1
}

/// U27: a daemon that has just applied changed rules leaves nothing of an output that was looked at before.
#[tokio::test]
async fn u27_an_output_whose_rule_is_another_before_it_is_read_stays_and_is_named() {
    let test = polled().await;
    assert_eq!(publish(&test, || ()), BTreeSet::new());
    let read = || fs::read(test.state().join("out/zoo.atom")).unwrap();
    let was = read();
    let database = test.database();
    let unknown = publish(&test, move || {
        let database = rusqlite::Connection::open(&database).unwrap();
        let other = "UPDATE rules SET digest = zeroblob(16) WHERE label = 'zoo'";
        assert_eq!(database.execute(other, []).unwrap(), 1);
    });
    assert_eq!(unknown, BTreeSet::from(["zoo".to_owned()]));
    assert_eq!(read(), was);
    test.finish().await;
}
