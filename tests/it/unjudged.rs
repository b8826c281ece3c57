//! Outputs of which nobody knows yet what they have, while rules are applied to what is stored. Names cite
//! docs/protocol.md.

use crate::origin::Reply;
use crate::relabel::{FEED, ITEMS, topic};
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;

/// A daemon that has polled a feed, with a topic and an output of it, as files too.
async fn published() -> TestDaemon {
    let zoo = topic("pangolin");
    let config = format!(
        "[server]\npublish-dir = \"www\"\n{FEED}{zoo}[[output]]\npath = \"zoo\"\nselect = \"topic:zoo\"\n"
    );
    let mut test = TestDaemon::start(&config).await;
    test.origin.say("/a.xml", Reply::feed(rss("a", ITEMS)));
    test.run_for(SignedDuration::from_mins(1)).await;
    assert!(test.output("/zoo.atom").contains("Pangolin"));
    test
}

/// The documents of an output, with their dates, and as files.
fn documents(test: &mut TestDaemon) -> Vec<(String, jiff::Timestamp, String)> {
    let paths = ["/zoo.atom", "/zoo.rss", "/zoo.json", "/zoo.html"];
    let documents = paths.map(|path| {
        let shown = test.daemon().shelf().get(path).unwrap();
        let file = test.state().join("www").join(&path[1..]);
        let file = std::fs::read_to_string(file).unwrap();
        (test.output(path), shown.modified_at(), file)
    });
    documents.to_vec()
}

/// U27: an output that asks for what nobody knows yet stays what it was until everything stored was judged.
#[tokio::test]
async fn u27_an_output_that_asks_for_another_label_is_not_empty_meanwhile() {
    let mut test = published().await;
    for (before, now) in [
        ("zoo\"\nquery", "wild\"\nquery"),
        ("topic:wild", "pangolin -heron"),
    ] {
        let was = documents(&mut test);
        test.config = test.config.replace(before, now);
        test.config = test.config.replace("topic:zoo", "topic:wild");
        test.hold_rules();
        test.reload().await;
        test.publish().await;
        assert_eq!(documents(&mut test), was, "{now}");
        // What comes is in what is known.
        assert!(test.output("/").contains("zoo.atom"));
        test.let_rules_hold();
        test.publish().await;
        assert!(test.output("/zoo.atom").contains("Pangolin"));
    }
    test.finish().await;
}

/// U27: at a start nothing is in memory. What readers had by the rule before is served, and else nothing rather than an
/// output without entries; the files stay.
#[tokio::test]
async fn u27_a_start_serves_no_output_of_which_nothing_is_known() {
    let mut test = published().await;
    let was = documents(&mut test);
    let config = test.config.clone();
    test.config = config.replace("'pangolin'", "'heron'");
    test.hold_rules();
    test.restart_serving().await;
    assert_eq!(test.output("/zoo.atom"), was[0].0);
    test.publish().await;
    assert_eq!(documents(&mut test), was);

    test.config = config.replace("zoo\"\nquery", "wild\"\nquery");
    test.config = test.config.replace("topic:zoo", "topic:wild");
    test.restart_serving().await;
    assert!(test.daemon().shelf().get("/zoo.atom").is_none());
    test.publish().await;
    assert!(test.daemon().shelf().get("/zoo.atom").is_none());
    let file = test.state().join("www/zoo.atom");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), was[0].0);
    test.let_rules_hold();
    test.publish().await;
    assert!(test.output("/zoo.atom").contains("Pangolin"));
    test.finish().await;
}

/// U27: nothing leads to an output that has another name and waits for its rule, as nothing of it is there yet.
#[tokio::test]
async fn u27_nothing_leads_to_an_output_that_is_not_there_yet() {
    let mut test = published().await;
    let named = |test: &mut TestDaemon, name: &str| {
        let files = ["index.html", "feeds.opml"].map(|it| test.state().join("www").join(it));
        let files = files.map(|it| std::fs::read_to_string(it).unwrap().contains(name));
        let served = ["/", "/feeds.opml"].map(|it| test.output(it).contains(name));
        assert_eq!(files, served);
        served
    };
    test.config = test.config.replace("zoo", "fen");
    test.hold_rules();
    test.reload().await;
    test.publish().await;
    assert!(!test.state().join("www/fen.html").exists());
    assert!(test.daemon().shelf().get("/fen.html").is_none());
    assert_eq!(named(&mut test, "fen."), [false, false]);
    assert_eq!(named(&mut test, "zoo."), [false, false]);
    test.let_rules_hold();
    test.publish().await;
    assert!(test.state().join("www/fen.html").exists());
    assert_eq!(named(&mut test, "fen."), [true, true]);

    // One that was there keeps its place over a start, when nothing of it is in memory.
    test.config = test.config.replace("'pangolin'", "'heron'");
    test.hold_rules();
    test.restart_serving().await;
    test.publish().await;
    assert_eq!(named(&mut test, "fen."), [true, true]);
    test.let_rules_hold();
    test.publish().await;
    test.finish().await;
}

/// U27: what everybody was told of articles stays in other outputs while the rule is another, after a start too.
#[tokio::test]
async fn u27_a_topic_stays_named_in_other_outputs_until_its_new_rule_holds() {
    let mut test = TestDaemon::start(&format!("{FEED}{}", topic("pangolin"))).await;
    test.origin.say("/a.xml", Reply::feed(rss("a", ITEMS)));
    test.run_for(SignedDuration::from_mins(1)).await;
    let told = |test: &mut TestDaemon| {
        let shown = test.daemon().shelf().get("/all.atom").unwrap();
        (test.output("/all.atom"), shown.modified_at())
    };
    let was = told(&mut test);
    assert_eq!(was.0.matches("term=\"zoo\"").count(), 1, "{}", was.0);
    test.hold_rules();
    test.config = test.config.replace("'pangolin'", "'heron OR parliament'");
    test.reload().await;
    test.publish().await;
    assert_eq!(told(&mut test), was);
    test.restart_serving().await;
    test.publish().await;
    assert_eq!(told(&mut test), was);
    // So it does where the rule is edited once more.
    test.config = test.config.replace("heron OR ", "");
    test.reload().await;
    test.publish().await;
    assert_eq!(told(&mut test), was);
    test.let_rules_hold();
    test.publish().await;
    let now = test.output("/all.atom");
    assert_eq!(now.matches("term=\"zoo\"").count(), 1, "{now}");
    assert_ne!(now, was.0);
    test.finish().await;
}
