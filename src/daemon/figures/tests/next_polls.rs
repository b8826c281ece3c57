//! When a feed is polled next, where that is another instant than its last poll decided.

use super::*;

/// A poll of which it is not known yet whose fault it was, on the page and for programs, until it counts.
#[test]
fn the_page_tells_of_a_poll_in_doubt() {
    let figures = figures();
    let doubt = InDoubt {
        feed: "good".to_owned(),
        at: NOW.to_string(),
        error: "<refused>".to_owned(),
        next_poll: (NOW + SignedDuration::from_mins(2)).to_string(),
    };
    let failing = InDoubt {
        feed: "bad".to_owned(),
        error: "<reset>".to_owned(),
        ..doubt.clone()
    };
    let failure = Failure::new(FailureKind::Connect, "<reset>");
    figures.polled(&report("bad", Outcome::Failed(failure), 3), NOW);
    figures.in_doubt(vec![doubt, failing]);
    let in_doubt = |many: u32| {
        let line = format!("merganser_feeds{{state=\"doubt\"}} {many}");
        let metrics = figures.metrics(&Traffic::default());
        assert!(metrics.lines().any(|it| it == line), "{metrics}");
    };
    in_doubt(1);
    let told = |figures: &Figures| -> serde_json::Value {
        let told: serde_json::Value = serde_json::from_str(&figures.json()).unwrap();
        let feeds = told["feeds"].as_array().unwrap();
        let good = feeds.iter().find(|feed| feed["id"] == "good").unwrap();
        good["in_doubt"].clone()
    };
    let page = figures.page();
    let why = "&lt;refused&gt;; not counted yet";
    assert_eq!(page.matches(why).count(), 1, "{page}");
    assert_eq!(page.matches("<td>1970-01-01 00:02 UTC</td>").count(), 2);
    let metric = "merganser_feed_next_poll_timestamp_seconds{feed=\"good\"} 120";
    let metrics = figures.metrics(&Traffic::default());
    assert!(metrics.lines().any(|it| it == metric), "{metrics}");
    let expected = serde_json::json!({"at": NOW.to_string(), "error": "<refused>"});
    assert_eq!(told(&figures), expected);
    figures.in_doubt(Vec::new());
    in_doubt(0);
    assert!(!figures.page().contains("not counted"));
    assert!(told(&figures).is_null());
}

/// While the network is down, what is due has no instant: that would be past.
#[test]
fn the_page_tells_what_is_put_off() {
    let figures = figures();
    let later = PollReport {
        next_due_at: Some(NOW + SignedDuration::from_hours(1)),
        ..report("bad", Outcome::Modified, 0)
    };
    figures.polled(&report("good", Outcome::Modified, 0), NOW);
    figures.polled(&later, NOW);
    let told = "<td>put off until the network works</td>";
    assert!(!figures.page().contains(told));
    figures.roads(true, 0);
    let page = figures.page();
    assert_eq!(page.matches(told).count(), 1, "{page}");
    assert!(page.contains("<td>1970-01-01 01:00 UTC</td>"), "{page}");
}

/// A feed whose host is let rest for longer than the feed is polled after that, and told so with the reason.
#[test]
fn a_host_that_rests_is_told_with_its_feeds() {
    let figures = figures();
    let due = PollReport {
        next_due_at: Some(NOW + SignedDuration::from_hours(1)),
        due_reason: "every hour".to_owned(),
        ..report("good", Outcome::Modified, 0)
    };
    figures.polled(&due, NOW);
    for (hours, reason, at) in [
        (0, "every hour", "1970-01-01T01:00:00Z"),
        (2, "its host rests; every hour", "1970-01-01T02:00:00Z"),
    ] {
        let until = NOW + SignedDuration::from_hours(hours);
        figures.at_rest(BTreeMap::from([("good".to_owned(), until)]));
        let told: serde_json::Value = serde_json::from_str(&figures.json()).unwrap();
        let feeds = told["feeds"].as_array().unwrap();
        let good = feeds.iter().find(|it| it["id"] == "good").unwrap();
        assert_eq!(good["due_reason"], reason);
        assert_eq!(good["next_poll_at"], at);
        assert!(figures.page().contains(&format!("<td>{reason}</td>")));
    }
}
