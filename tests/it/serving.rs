//! What is kept in memory for readers, and when it is made anew.

use crate::origin::Reply;
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

const TOPICS: &str = r#"
[[topic]]
name = "rain"
title = "Rain"
query = "rain"
[[topic]]
name = "trade"
title = "Trade"
query = "tariff*"
[[feed]]
id = "a"
url = "ORIGIN/a.xml"
"#;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// U19, U27: what an article does not concern stays the very thing that it was; so does everything where a
/// poll, a reload or retention brings nothing.
#[tokio::test]
async fn u19_only_what_changed_is_made_anew() {
    let mut test = TestDaemon::start(TOPICS).await;
    let mut items = vec![("wet", "Rain in Kerala", 4)];
    test.origin.say("/a.xml", Reply::feed(rss("a", &items)));
    test.run_due().await;
    let first = test.daemon().shelf().all();

    test.run_for(HOUR * 24).await;
    test.reload().await;
    test.run_for(HOUR * 24).await;
    let second = test.daemon().shelf().all();
    assert_eq!(first.len(), second.len());
    for (path, resource) in first.iter() {
        assert!(Arc::ptr_eq(resource, &second[path]), "{path}");
    }

    items.push(("duty", "Tariffs on steel rise", 5));
    test.origin.say("/a.xml", Reply::feed(rss("a", &items)));
    test.run_for(HOUR * 24).await;
    let third = test.daemon().shelf().all();
    for (path, is_same) in [
        ("/rain.atom", true),
        ("/rain.rss", true),
        ("/style.css", true),
        ("/favicon.ico", true),
        ("/trade.atom", false),
        ("/all.atom", false),
        ("/all.rss", false),
    ] {
        let same = Arc::ptr_eq(&second[path], &third[path]);
        assert_eq!(same, is_same, "{path}");
        assert!(third[path].is_complete(), "{path} has all its forms");
    }
    test.finish().await;
}

/// U19: of many outputs those are rendered that hold what came, and no others; none where nothing did.
#[tokio::test]
async fn u19_an_article_has_the_outputs_rendered_that_hold_it() {
    let topic = |number: usize| {
        format!(
            "[[topic]]\nname = \"t{number}\"\nquery = \"word{number}\"\n\
             [[output]]\npath = \"t{number}\"\nselect = \"topic:t{number}\"\n"
        )
    };
    let topics: String = (0..20).map(topic).collect();
    let all = "[[output]]\npath = \"all\"\n[[feed]]\nid = \"a\"\nurl = \"ORIGIN/a.xml\"\n";
    let mut test = TestDaemon::start(&(topics + all)).await;
    let titles: Vec<String> = (0..20)
        .map(|number| format!("Rain of word{number} falls"))
        .collect();
    let items: Vec<(&str, &str, u32)> = (titles.iter().zip(1..))
        .map(|(title, hour)| (&title[8..14], &**title, hour))
        .collect();
    let mut items: Vec<(&str, &str, u32)> = items
        .into_iter()
        .map(|(id, title, hour)| (id.trim(), title, hour))
        .collect();
    test.origin.say("/a.xml", Reply::feed(rss("a", &items)));
    test.run_due().await;
    for (title, expected) in [
        (None, 0),
        (Some(("new", "Hail of word7 is over")), 2),
        (Some(("both", "Word3 and word11 are at odds")), 3),
        (Some(("none", "Nothing of all this")), 1),
    ] {
        // The archives were looked through.
        test.run_for(HOUR * 30).await;
        let before = test.daemon().outputs_rendered();
        items.extend(title.map(|(id, title)| (id, title, 21)));
        test.origin.say("/a.xml", Reply::feed(rss("a", &items)));
        let mut polls = test.run_due().await;
        while polls.iter().all(|it| it.counts.new == 0) && title.is_some() {
            let next = test.daemon().next_due_at().unwrap();
            test.clock.set(next);
            polls = test.run_due().await;
        }
        let rendered = test.daemon().outputs_rendered() - before;
        assert_eq!(rendered, expected, "{title:?}");
    }
    test.finish().await;
}

/// A reader waits for nothing that polls do: here their only thread does nothing at all until the answer is there.
#[tokio::test]
async fn readers_are_answered_while_polls_have_their_hands_full() {
    const HANGS: Duration = Duration::from_secs(30);
    let mut test = TestDaemon::start(TOPICS).await;
    let address = test.restart_serving().await;
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(HANGS)).unwrap();
    let head = "GET /all.atom HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    socket.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    test.finish().await;
}

/// U8, U16: a restart gives the same bytes under the same tags and dates.
#[tokio::test]
async fn u16_validators_outlive_a_restart() {
    let mut test = TestDaemon::start(TOPICS).await;
    let items = [("wet", "Rain in Kerala", 4)];
    test.origin.say("/a.xml", Reply::feed(rss("a", &items)));
    test.run_due().await;
    let before = test.daemon().shelf().all();
    test.clock.advance(HOUR);
    test.restart().await;
    test.run_due().await;
    let after = test.daemon().shelf().all();
    assert_eq!(before.len(), after.len());
    for (path, resource) in before.iter() {
        let again = &after[path];
        assert_eq!(again.body(), resource.body(), "{path}");
        assert_eq!(again.etag(), resource.etag(), "{path}");
        assert_eq!(again.modified_at(), resource.modified_at(), "{path}");
    }
    test.finish().await;
}
