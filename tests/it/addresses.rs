//! What an operator says of addresses, from feeds.toml to articles.

use crate::origin::Reply;
use crate::program::Place;
use crate::test_daemon::TestDaemon;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A rule for a site.
const RULE: &str = "[[url-rule]]\nhost = \"news.example\"\ndrop = [\"via_*\"]\n";

/// A file of rules.
const FILE: &str = r#"{"providers": {"any": {"urlPattern": ".*", "rules": ["trail"]}}}"#;

/// Addresses of one report, and of another one.
const ADDRESSES: [&str; 4] = [
    "https://news.example/report?id=1",
    "https://www.news.example/report?id=1&via_desk=2",
    "https://news.example/report?trail=3&id=1",
    "https://news.example/report?id=2",
];

fn document(number: usize, address: &str) -> Reply {
    let address = address.replace('&', "&amp;");
    Reply::feed(format!(
        "<rss version=\"2.0\"><channel><title>{number}</title>\
         <link>https://{number}.example/</link><item><guid>{number}</guid>\
         <title>Ferry to Tallinn, report {number}</title><link>{address}</link>\
         <pubDate>Tue, 24 Nov 2026 05:00:00 GMT</pubDate></item></channel></rss>"
    ))
}

fn articles(rows: &str) -> usize {
    let rows = rows.lines().map(|row| serde_json::from_str(row).unwrap());
    let articles = rows.map(|row: Value| row["article"].as_str().unwrap().to_owned());
    articles.collect::<BTreeSet<_>>().len()
}

/// Rules come with feeds.toml and stay in force when it, or the file that it names, is broken afterwards.
#[tokio::test]
async fn polled_entries_are_compared_by_the_rules_in_force() {
    let feeds = (0..4).map(|n| format!("[[feed]]\nid = \"f{n}\"\nurl = \"ORIGIN/{n}.xml\"\n"));
    let feeds: String = feeds.collect();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rules.json");
    let links = format!("[links]\nurl-rules-file = '{}'\n", file.display());
    for (rules, expected) in [("", 4), (RULE, 3), (&format!("{RULE}{links}"), 2)] {
        std::fs::write(&file, FILE).unwrap();
        let mut test = TestDaemon::start(&format!("{rules}{feeds}")).await;
        std::fs::write(&file, "broken").unwrap();
        test.reload().await;
        for (number, address) in ADDRESSES.iter().enumerate() {
            let path = format!("/{number}.xml");
            test.origin.say(&path, document(number, address));
        }
        test.run_for(SignedDuration::from_mins(10)).await;
        let entries = test.output("/all.atom").matches("<entry>").count();
        assert_eq!(entries, expected, "{rules}");
        test.finish().await;
    }
}

#[test]
fn explain_finds_an_article_by_any_of_its_addresses() {
    let place = Place::new(&format!(
        "{RULE}[[feed]]\nid = \"a\"\nurl = \"https://a.example/\"\n"
    ));
    let line = |number: usize, address: &str| {
        json!({
            "feed": format!("f{number}"),
            "at": "2026-11-24T06:00:00Z",
            "entry": { "id": number.to_string(), "url": address, "title": format!("Ferry to Tallinn, report {number}") },
        })
    };
    let lines = ADDRESSES
        .iter()
        .enumerate()
        .map(|(n, url)| line(n, url).to_string());
    place.write("history.jsonl", lines.collect::<Vec<_>>().join("\n"));
    place.print(&["replay", "history.jsonl"]);
    assert_eq!(articles(&place.print(&["export"])), 3);
    let explained = place.print(&["explain", "news.example/report?via_mail=9&id=1"]);
    assert!(
        explained.contains("report 0") && explained.contains("also in f1"),
        "{explained}"
    );
    // A rule that came later has not changed the keys of what is stored, which is found by its address.
    let later = "[[url-rule]]\nhost = \"news.example\"\ndrop = [\"id\"]\n";
    place.write("feeds.toml", later);
    let explained = place.print(&["explain", "https://news.example/report?id=2"]);
    assert!(
        explained.contains("report 3") && explained.starts_with("note: a rule for addresses"),
        "{explained}"
    );
    // Another number is no slip, and a letter is one.
    for (name, is_near) in [("report?id=77", false), ("reprt?id=2", true)] {
        let name = format!("https://news.example/{name}");
        let nothing = place.fail(&["explain", &name], 1);
        assert!(nothing.contains("what was stored before"), "{nothing}");
        assert_eq!(nothing.contains("near it is"), is_near, "{nothing}");
    }
}
