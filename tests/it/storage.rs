//! The state directory: one daemon at a time, nothing lost, nothing damaged further.

use crate::origin::Reply;
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;
use merganser::daemon::{Reloaded, Source, StartError, StateDir};
use merganser::store::StoreError;
use std::fs;

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

/// Has each row that is written to these tables refused, or no more.
fn sabotage(test: &TestDaemon, is_on: bool) {
    let connection = rusqlite::Connection::open(test.database()).unwrap();
    for (table, event) in [("identity", "UPDATE"), ("feeds", "INSERT")] {
        let trigger = format!("sabotage_{table}");
        let sql = if is_on {
            format!(
                "CREATE TRIGGER {trigger} BEFORE {event} ON {table} \
                 BEGIN SELECT RAISE(FAIL, 'no room'); END"
            )
        } else {
            format!("DROP TRIGGER {trigger}")
        };
        connection.execute_batch(&sql).unwrap();
    }
}

/// R5: a database that fails is tried again soon, and at each reload; a reload that it makes fail is no fault of
/// the file. Files are written meanwhile.
#[tokio::test]
async fn r5_a_database_that_fails_is_tried_again_soon() {
    let mut test = TestDaemon::plain(
        "[server]\npublish-dir = \"www\"\n\
         [[feed]]\nid = \"a\"\nurl = \"https://feeds.example.org/a\"\nenabled = false\n"
            .to_owned(),
    )
    .await;
    // A file where the directory should be: the files wait for a minute.
    let www = test.state().join("www");
    fs::write(&www, "in the way").unwrap();
    test.run_due().await;
    assert!(test.daemon().status().contains("publish-dir FAILS"));
    sabotage(&test, true);
    let another = "[[feed]]\nid = \"b\"\nurl = \"https://feeds.example.org/b\"\nenabled = false\n";
    test.config.push_str(another);
    let came_to = reload(&mut test).await;
    assert!(came_to.has_failed && !came_to.is_in_force, "{came_to:?}");
    assert_eq!(test.feeds(), 1);
    let status = test.daemon().status();
    assert!(
        status.contains("the database FAILS, tried again at 06:00 UTC"),
        "{status}"
    );
    fs::remove_file(&www).unwrap();
    test.clock.advance(SignedDuration::from_mins(1));
    test.run_due().await;
    assert!(www.join("index.html").exists());
    let status = test.daemon().status();
    assert!(status.contains("tried again at 06:01 UTC"), "{status}");
    assert!(!status.contains("publish-dir"), "{status}");
    sabotage(&test, false);
    test.run_due().await;
    assert!(test.daemon().status().contains("FAILS"), "it rests");
    test.clock.advance(SignedDuration::from_secs(30));
    test.run_due().await;
    assert!(!test.daemon().status().contains("FAILS"));
    sabotage(&test, true);
    assert!(reload(&mut test).await.has_failed);
    sabotage(&test, false);
    assert!(reload(&mut test).await.is_in_force);
    test.run_due().await;
    assert!(!test.daemon().status().contains("FAILS"));
    assert_eq!(test.feeds(), 2);
    test.finish().await;
}

async fn reload(test: &mut TestDaemon) -> Reloaded {
    let path = test.config_file();
    fs::write(&path, &test.config).unwrap();
    let source = Source {
        path,
        environment: std::sync::Arc::new(|_| None),
    };
    test.daemon().reload(&source).await
}
