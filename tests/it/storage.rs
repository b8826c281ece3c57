//! The state directory: one daemon at a time, nothing lost, nothing damaged further.

use crate::origin::Reply;
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;
use merganser::daemon::{StartError, StateDir};
use merganser::store::StoreError;

/// R12: a second daemon on the same directory is refused and told the pid of the first.
#[tokio::test]
async fn r12_a_second_daemon_is_refused() {
    let test = TestDaemon::with_feeds(&["/a.xml"]).await;
    let refused = StateDir::claim(test.state()).unwrap_err();
    let StartError::Store(error @ StoreError::Locked { .. }) = refused else {
        panic!("{refused}");
    };
    assert!(
        error.to_string().contains(&std::process::id().to_string()),
        "{error}"
    );
    test.finish().await;
}

/// R3, R4: killed between polls, the daemon goes on where it was.
#[tokio::test]
async fn r3_a_killed_daemon_loses_and_repeats_nothing() {
    let mut test = TestDaemon::with_feeds(&["/a.xml"]).await;
    let mut items: Vec<(String, String)> = Vec::new();
    for round in 0..6 {
        items.push((format!("n{round}"), format!("Report {round}")));
        let document: Vec<(&str, &str, u32)> = items
            .iter()
            .map(|(guid, title)| (guid.as_str(), title.as_str(), 5))
            .collect();
        test.origin.say("/a.xml", Reply::feed(rss("a", &document)));
        test.run_for(SignedDuration::from_hours(26)).await;
        test.kill().await;
        test.run_due().await;
        let totals = test.daemon().store().totals().unwrap();
        assert_eq!(totals.articles, round + 1);
    }
    test.finish().await;
}
