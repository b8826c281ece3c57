//! `replay`, `export`, `explain`, `preview` through the real binary.

use crate::program::Place;
use serde_json::Value;

const CONFIG: &str = r#"
[alias]
india = ["India", "Modi", "New Delhi"]
russia = ["Russia", "Moscow", "Putin"]
[[topic]]
name = "india-russia"
query = "@india NEAR/20 @russia"
[[topic]]
name = "ferries"
query = "ferry"
[[feed]]
id = "configured"
url = "https://feeds.example.org/a.xml"
enabled = false
"#;

/// A line for `replay`: feed, minute of the hour, id, title.
fn line(feed: &str, minute: u32, id: &str, title: &str) -> String {
    let at = format!("2026-11-24T06:{minute:02}:00Z");
    serde_json::json!({
        "feed": feed,
        "at": at,
        "entry": {
            "id": id,
            "url": format!("https://{feed}.example/{}", id.trim_start_matches('#')),
            "title": title,
            "content_text": format!("{title}. The report goes on for a while."),
            "date_published": at,
        },
    })
    .to_string()
}

fn replayed(lines: &[String]) -> (Place, Vec<Value>) {
    let place = Place::new(CONFIG);
    place.write("history.jsonl", lines.join("\n"));
    place.print(&["replay", "history.jsonl"]);
    let export = place.print(&["export", "--format", "jsonl"]);
    let rows = export
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    (place, rows)
}

#[test]
fn a_history_is_replayed_and_exported() {
    let (place, rows) = replayed(&[
        line("wire", 1, "#1", "Putin receives Modi in Moscow"),
        line("wire", 2, "#2", "Rain in Kerala"),
        line("wire", 3, "#2", "Heavy rain in Kerala"),
        line("configured", 4, "#3", "New Delhi and Moscow sign accord"),
    ]);
    assert_eq!(rows.len(), 3, "the third line is a revision of the second");
    let row = |id: &str| rows.iter().find(|row| row["entry_id"] == id).unwrap();
    assert_eq!(row("#1")["topics"][0]["topic"], "india-russia");
    assert!(
        !row("#1")["topics"][0]["evidence"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    assert_eq!(row("#2")["title"], "Heavy rain in Kerala");
    assert_eq!(row("#2")["topics"].as_array().unwrap().len(), 0);
    assert_eq!(row("#3")["first_seen"], "2026-11-24T06:04:00Z");
    assert_ne!(row("#1")["article"], row("#3")["article"]);
    assert!(row("#1")["story"].is_null());

    let explained = place.print(&["explain", "https://wire.example/1"]);
    for words in ["Putin receives Modi", "india-russia: in", "@russia", "#1"] {
        assert!(explained.contains(words), "{words} in\n{explained}");
    }
    assert!(
        place
            .print(&["explain", "#2"])
            .contains("india-russia: out")
    );
    let nothing = place.fail(&["explain", "https://nowhere.example/"], 1);
    assert!(nothing.contains("nowhere.example"));
}

/// An address that is a letter short or long leads to the one that is stored.
#[test]
fn explain_offers_addresses_that_are_near() {
    let (place, _) = replayed(&[
        line("wire", 1, "#reopens", "The harbour reopens"),
        line("wire", 2, "#museum", "A museum opens"),
        line("paper", 3, "#reopens", "The school reopens"),
    ]);
    for (name, near) in [
        ("https://wire.example/reopen", true),
        ("wire.example/reopenss", true),
        ("http://www.wire.example/roepens/", true),
        ("https://WIRE.example/reopen", true),
        ("https://ire.example/reopens", false),
        ("https://wire.example/harbour", false),
        ("https://nowhere.example/reopens", false),
        ("reopens", false),
    ] {
        let told = place.fail(&["explain", name], 1);
        let expected = "near it is\n  https://wire.example/reopens\n";
        assert_eq!(told.ends_with(expected), near, "{name}: {told}");
        assert_eq!(told.contains("merganser search"), !near, "{name}: {told}");
    }
}

/// Of the topics one is told alone, of what is stored and of a file.
#[test]
fn one_topic_is_explained_alone() {
    let (place, _) = replayed(&[line("wire", 1, "#1", "Putin receives Modi in Moscow")]);
    place.write("text.txt", "Putin receives Modi\n\nIn Moscow.\n");
    for what in [&["#1"][..], &["--file", "text.txt"]] {
        let ask = |topic: &[&str]| place.print(&[&["explain"][..], what, topic].concat());
        assert!(ask(&[]).contains("  ferries: out"), "{what:?}");
        let told = ask(&["--topic", "india-russia"]);
        assert!(told.contains("  india-russia: in"), "{told}");
        assert!(!told.contains("ferries"), "{told}");
        let told = ask(&["--topic", "ferries", "--format", "json"]);
        let told: Value = serde_json::from_str(&told).unwrap();
        let verdicts = told["verdicts"].as_array().unwrap();
        assert_eq!(verdicts.len(), 1, "{told}");
        assert_eq!(verdicts[0]["topic"], "ferries");
    }
    let errors = place.fail(&["explain", "#1", "--topic", "ferris"], 1);
    assert!(
        errors.contains("no topic `ferris` in feeds.toml: did you mean `ferries`?"),
        "{errors}"
    );
}

/// What came long after its date is compared by no words with what is stored: that is said, and not that there is nothing.
#[test]
fn explain_says_what_was_too_old_to_be_compared() {
    let title = "Lighthouse keeper finds a message after ninety years";
    let old = line("paper", 7, "#2", title);
    let old = old.replace(
        "\"date_published\":\"2026-11-24T06:07:00Z\"",
        "\"date_published\":\"2026-11-08T06:00:00Z\"",
    );
    let copy = old.replace("https://paper.example/2", "https://wire.example/1");
    let copy = copy.replace("#2", "#3");
    let (place, _) = replayed(&[line("wire", 5, "#1", title), old, copy]);
    // The third is of the first's article, which was compared.
    for name in ["#1", "#3"] {
        let young = place.print(&["explain", name]);
        assert!(young.contains("story: none; nothing else"), "{young}");
        assert!(!young.contains("likenesses"), "{young}");
    }
    let explained = place.print(&["explain", "#2"]);
    for words in [
        "\n  likenesses were not looked for: it came more than 14 d after its date\n",
        "\nstory: none; it came too long after its date to be compared with others\n",
    ] {
        assert!(explained.contains(words), "{words} in\n{explained}");
    }
}

/// Who took its page to other news was not first with what the others tell, as readers are told.
#[test]
fn explain_credits_nobody_who_went_on_to_other_news() {
    let keeper =
        "Lighthouse keeper finds bottled message beneath northern harbour after ninety winters";
    let budget =
        "Parliament passes budget: cheaper railways, seventy million for teachers and libraries";
    let wire = |minute, title: &str| {
        let at = format!("2026-11-24T06:{minute:02}:00Z");
        let dated = format!("\"date_published\":\"{at}\"");
        let line = line("wire", minute, "#1", title);
        line.replace(&dated, "\"date_published\":\"2026-11-24T06:01:00Z\"")
            .replace("The report goes on for a while.", "")
    };
    let lines = [
        line("paper", 5, "#2", keeper),
        wire(6, keeper),
        wire(7, budget),
    ];
    let first = |lines: &[String]| {
        let (place, _) = replayed(lines);
        let explained = place.print(&["explain", "#2"]);
        let line = explained
            .lines()
            .find(|it| it.contains("first published by"));
        let words = line.unwrap().split_whitespace();
        words.skip(3).take(1).collect::<String>()
    };
    assert_eq!(first(&lines[..2]), "wire");
    assert_eq!(first(&lines), "paper");
}

/// Who carries an article, who had it first, and how many voices that are.
#[test]
fn explain_tells_who_was_first_and_how_many_outlets_there_are() {
    let title = "Lighthouse keeper finds a message after ninety years";
    let (place, _) = replayed(&[line("wire", 5, "#1", title), line("paper", 7, "#2", title)]);
    let explained = place.print(&["explain", "#2"]);
    for words in [
        "feed        paper (not in feeds.toml)\n",
        "told by wire (not in feeds.toml): original, weight 50, a teaser",
        "first published by wire (not in feeds.toml) at 2026-11-24",
        "2 entries, 2 independent outlets\n",
        "also in wire (not in feeds.toml) (tells the article)",
    ] {
        assert!(explained.contains(words), "{words} in\n{explained}");
    }
    let feed = "[[feed]]\nid = \"wire\"\nurl = \"https://wire.example/rss\"\nenabled = false\n";
    place.write("feeds.toml", format!("{CONFIG}{feed}"));
    let explained = place.print(&["explain", "#2"]);
    assert!(explained.contains("told by wire: original"), "{explained}");
    assert!(explained.contains("article a1,"), "{explained}");
    let numbered = place.print(&["explain", "a1"]);
    assert!(
        numbered.contains(title) && numbered.contains("article a1,"),
        "{numbered}"
    );
    let none = place.fail(&["explain", "s9"], 1);
    assert!(
        none.contains("`merganser search --format plain WORDS` finds"),
        "{none}"
    );
    let told = place.print(&["explain", "#2", "--format", "json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["first"]["feed"], "wire");
    assert_eq!(told["outlets"], 2);
    assert_eq!(told["copies"].as_array().unwrap().len(), 1);
}

/// A file in the place of a directory is called one.
#[test]
fn a_file_is_no_directory() {
    let (place, _) = replayed(&[line("wire", 1, "#1", "Rain")]);
    for (command, code) in [("backup", 74), ("publish", 1)] {
        let refused = place.fail(&[command, "feeds.toml"], code);
        assert!(
            refused.contains("a file is there, name a directory"),
            "{refused}"
        );
    }
    let refused = place.fail(&["plan", "--against", "none.toml"], 78);
    assert!(
        refused.contains("no file none.toml, which --against names"),
        "{refused}"
    );
}

/// `merganser export | head` is no failure.
#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let lines: Vec<String> = (0..60)
        .map(|minute| line("wire", minute, &format!("#{minute}"), &"word ".repeat(400)))
        .collect();
    let (place, _) = replayed(&lines);
    assert_eq!(place.run_into_head(&["export"]), (Some(0), String::new()));
}

/// A replay twice is the same as once.
#[test]
fn a_replay_repeats_without_a_trace() {
    let lines = [
        line("wire", 1, "#1", "Putin receives Modi"),
        line("wire", 2, "#2", "Rain"),
    ];
    let (place, first) = replayed(&lines);
    place.print(&["replay", "history.jsonl"]);
    let second = place.print(&["export"]);
    let second: Vec<Value> = second
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(first, second);
}

/// A file with a fault anywhere is refused before anything of it is stored.
#[test]
fn a_faulty_history_is_refused_whole() {
    let place = Place::new(CONFIG);
    let good = line("wire", 5, "#1", "First");
    for (second, word) in [
        (line("wire", 4, "#2", "Earlier"), "sort"),
        ("{\"feed\":\"wire\"}".to_owned(), "at"),
        ("no JSON".to_owned(), "line 2"),
        (good.replace("2026-11-24T06:05:00Z", "yesterday"), "at"),
    ] {
        place.write("history.jsonl", format!("{good}\n{second}\n"));
        let errors = place.fail(&["replay", "history.jsonl"], 1);
        assert!(
            errors.contains("line 2") && errors.contains(word),
            "{errors}"
        );
    }
    assert!(!place.path().join("state/merganser.db").exists());
    assert!(
        place
            .fail(&["replay", "absent.jsonl"], 1)
            .contains("absent.jsonl")
    );
}

const DOCUMENT: &str = r#"<?xml version="1.0"?>
<rss version="2.0"><channel><title>A &amp; B</title><link>https://a.example/</link>
<item><title>Modi &amp;amp; Putin in Moscow</title><link>https://a.example/1?utm_source=rss</link>
<guid>g1</guid><pubDate>Tue, 24 Nov 2026 05:00:00 GMT</pubDate>
<description>&lt;p onclick="x()"&gt;Text&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;</description></item>
<item><title>No date</title><link>https://a.example/2</link></item>
</channel></rss>"#;

#[test]
fn a_file_is_previewed() {
    let place = Place::new(CONFIG);
    place.write("feed.xml", DOCUMENT);
    let preview: Value =
        serde_json::from_str(&place.print(&["preview", "--format", "json", "feed.xml"])).unwrap();
    assert_eq!(preview["format"], "rss");
    assert_eq!(preview["title"], "A & B");
    let entries = preview["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0]["id"], "g1");
    assert_eq!(entries[0]["url"], "https://a.example/1?utm_source=rss");
    assert_eq!(entries[0]["title"], "Modi & Putin in Moscow");
    assert_eq!(entries[0]["published"], "2026-11-24T05:00:00Z");
    assert_eq!(entries[0]["summary"], "<p>Text</p>");
    assert!(entries[1]["published"].is_null());
    let text = place.print(&["preview", "feed.xml"]);
    assert!(text.contains("Modi & Putin in Moscow"), "{text}");

    place.write(
        "page.html",
        "<!doctype html><html><body>No feed here</body></html>",
    );
    let errors = place.fail(&["preview", "page.html"], 1);
    assert!(
        errors.contains("page.html") && errors.contains("HTML"),
        "{errors}"
    );
}

/// What is wrong with the ids of a document is shown before it is subscribed to.
#[test]
fn a_preview_tells_of_ids_that_are_none() {
    let item = |n: usize, id: &str| {
        format!(
            "<item><title>Report {n}</title><link>https://a.example/{n}</link><guid>{id}</guid></item>"
        )
    };
    let document = |ids: &[&str]| {
        let items: String = ids.iter().enumerate().map(|(n, id)| item(n, id)).collect();
        format!(
            "<rss version=\"2.0\"><channel><title>A</title><link>https://a.example/</link>{items}</channel></rss>"
        )
    };
    let place = Place::new(CONFIG);
    for (ids, health, line) in [
        (&["a", "b", "c", "d"][..], "good", None),
        (
            &["a", "a", "a", "b"],
            "repeated",
            Some("ids: repeated: 3 of 4 entries share an id with another; identity by address"),
        ),
        (
            &["https://a.example", "https://a.example"],
            "channel-link",
            Some(
                "ids: channel-link: 2 of 2 entries have the address of the site for an id; identity by address",
            ),
        ),
    ] {
        place.write("feed.xml", document(ids));
        let text = place.print(&["preview", "feed.xml"]);
        let found = text.lines().find(|line| line.starts_with("ids:"));
        assert_eq!(found, line, "{text}");
        let json = place.print(&["preview", "--format", "json", "feed.xml"]);
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["guid_health"], health);
        assert_eq!(json["entries"][0]["id"], ids[0]);
    }
}

#[test]
fn status_and_check_speak_json() {
    let place = Place::new(CONFIG);
    place.print(&["poll"]);
    let status: Value =
        serde_json::from_str(&place.print(&["status", "--format", "json"])).unwrap();
    assert_eq!(status["feeds"][0]["id"], "configured");
    assert_eq!(status["feeds"][0]["state"], "disabled");
    assert_eq!(status["feeds"][0]["guid_health"], "good");
    let check: Value = serde_json::from_str(&place.print(&["check", "--format", "json"])).unwrap();
    assert_eq!(check["problems"].as_array().unwrap().len(), 0);
}
