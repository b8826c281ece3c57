//! Changed rules over what is stored, in the whole daemon.

use crate::origin::Reply;
use crate::program::Place;
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;

pub(crate) const FEED: &str = "[[feed]]\nid = \"a\"\nurl = \"ORIGIN/a.xml\"\n";

/// A topic, which has an output by default.
pub(crate) fn topic(query: &str) -> String {
    format!("[[topic]]\nname = \"zoo\"\nquery = '{query}'\n")
}

pub(crate) const ITEMS: &[(&str, &str, u32)] = &[
    ("one", "Pangolin crosses the road", 3),
    ("two", "Heron lands on the bridge", 4),
    ("three", "Parliament votes on the budget", 5),
];

/// A daemon that has polled a feed, with a topic for pangolins.
async fn polled() -> TestDaemon {
    let mut test = TestDaemon::start(&format!("{FEED}{}", topic("pangolin"))).await;
    test.origin.say("/a.xml", Reply::feed(rss("a", ITEMS)));
    test.run_due().await;
    assert!(test.output("/zoo.atom").contains("Pangolin"));
    test
}

#[tokio::test]
async fn a_changed_topic_holds_for_everything_stored_and_back_again() {
    let mut test = polled().await;
    let before = test.output("/zoo.atom");
    let all = test.output("/all.atom");
    let config = test.config.clone();
    test.config = config.replace("'pangolin'", "'heron OR parliament'");
    test.reload().await;
    // Read, not published, until the next step.
    assert_eq!(test.output("/zoo.atom"), before);
    test.run_for(SignedDuration::from_secs(10)).await;
    let after = test.output("/zoo.atom");
    assert!(
        after.contains("Heron") && after.contains("Parliament"),
        "{after}"
    );
    assert!(!after.contains("Pangolin"), "{after}");
    assert_eq!(
        test.origin.asked_for("/a.xml").len(),
        1,
        "nothing is fetched for it"
    );
    test.config = config;
    test.reload().await;
    test.run_for(SignedDuration::from_secs(10)).await;
    assert_eq!(entries(&test.output("/zoo.atom")), entries(&before));
    assert_eq!(test.output("/all.atom"), all);
    test.finish().await;
}

/// What rests on a topic changes with it, though its own query is as it was.
#[tokio::test]
async fn a_topic_that_rests_on_a_changed_one_changes_too() {
    let mut test = polled().await;
    test.config
        .push_str("[[topic]]\nname = \"walks\"\nquery = 'topic:zoo (road OR bridge)'\n");
    test.reload().await;
    test.run_for(SignedDuration::from_secs(10)).await;
    assert!(test.output("/walks.atom").contains("Pangolin"));
    test.config = test.config.replace("'pangolin'", "'heron OR parliament'");
    test.reload().await;
    test.run_for(SignedDuration::from_secs(10)).await;
    let walks = test.output("/walks.atom");
    let found = ["Pangolin", "Heron", "Parliament"].map(|word| walks.contains(word));
    assert_eq!(found, [false, true, false], "{walks}");
    test.finish().await;
}

/// Who is in a group is said elsewhere than in the query that asks for it, and so is who gives a topic.
#[tokio::test]
async fn groups_that_change_are_applied() {
    let mut test = polled().await;
    let group = |topics: &str| {
        format!(
            "[group.press]\n{topics}\n[[topic]]\nname = \"daily\"\nquery = 'group:press'\n\
             [[topic]]\nname = \"roads\"\nquery = 'topic:zoo road OR topic:zoo bridge'\n"
        )
    };
    let config = test.config.clone();
    test.config = format!("{config}{}", group(""));
    test.reload().await;
    test.run_for(SignedDuration::from_secs(10)).await;
    assert!(!test.output("/daily.atom").contains("<entry>"));
    let grouped = config.replace("id = \"a\"", "id = \"a\"\ngroup = \"press\"");
    test.config = format!("{grouped}{}", group("topics = [\"zoo\"]"));
    test.reload().await;
    test.run_for(SignedDuration::from_secs(10)).await;
    assert!(test.output("/daily.atom").contains("Parliament"));
    let roads = test.output("/roads.atom");
    assert!(
        roads.contains("Heron") && roads.contains("Pangolin"),
        "{roads}"
    );
    test.finish().await;
}

/// A rule that comes and goes leaves the other outputs byte for byte what they were.
#[tokio::test]
async fn a_rule_that_goes_again_leaves_no_trace() {
    let mut test = polled().await;
    let (zoo, all) = (test.output("/zoo.atom"), test.output("/all.atom"));
    let config = test.config.clone();
    test.config
        .push_str("[[topic]]\nname = \"roads\"\nquery = 'road OR bridge'\n");
    test.reload().await;
    test.run_for(SignedDuration::from_secs(10)).await;
    assert!(test.output("/all.atom").contains("roads"));
    assert!(test.output("/zoo.atom").contains("roads"));
    test.config = config;
    test.reload().await;
    test.run_for(SignedDuration::from_secs(10)).await;
    assert_eq!(test.output("/zoo.atom"), zoo);
    assert_eq!(test.output("/all.atom"), all);
    test.finish().await;
}

/// Changed while it was down, or killed before all was done: the next start goes on with it.
#[tokio::test]
async fn a_start_with_a_changed_topic_applies_it_too() {
    let mut test = polled().await;
    test.config = test.config.replace("'pangolin'", "'heron'");
    test.reload().await;
    test.kill().await;
    test.run_for(SignedDuration::from_secs(10)).await;
    assert!(test.output("/zoo.atom").contains("Heron"));
    test.config = test.config.replace("'heron'", "'parliament'");
    test.restart().await;
    test.run_for(SignedDuration::from_secs(10)).await;
    let output = test.output("/zoo.atom");
    assert!(
        output.contains("Parliament") && !output.contains("Heron"),
        "{output}"
    );
    test.finish().await;
}

/// What a feed brings while rules change is labelled by the new ones.
#[tokio::test]
async fn what_comes_after_the_change_is_labelled_by_it() {
    let mut test = polled().await;
    test.config = test.config.replace("'pangolin'", "'heron OR stork'");
    test.reload().await;
    let mut items = ITEMS.to_vec();
    items.push(("four", "Stork nests on the town hall", 5));
    test.origin.say("/a.xml", Reply::feed(rss("a", &items)));
    test.run_for(SignedDuration::from_hours(26)).await;
    let output = test.output("/zoo.atom");
    assert!(
        output.contains("Heron") && output.contains("Stork"),
        "{output}"
    );
    test.finish().await;
}

/// Returns the part of an output that its entries are in.
fn entries(output: &str) -> &str {
    output.find("<entry>").map_or("", |at| &output[at..])
}

const HISTORY: &str = r#"{"feed":"a","at":"2026-11-20T08:00:00Z","entry":{"id":"1","title":"Pangolin crosses the road","url":"https://a.example/1"}}
{"feed":"b","at":"2026-11-21T08:00:00Z","entry":{"id":"2","title":"Heron lands on the bridge","url":"https://b.example/2"}}
{"feed":"b","at":"2026-11-22T08:00:00Z","entry":{"id":"3","title":"Pangolin and heron meet","url":"https://b.example/3"}}
"#;

fn rules(queries: &[(&str, &str)]) -> String {
    let feed = "[[feed]]\nid = \"a\"\nurl = \"https://a.example/feed\"\n".to_owned();
    let topic =
        |(name, query): &(&str, &str)| format!("[[topic]]\nname = \"{name}\"\nquery = '{query}'\n");
    feed + &queries.iter().map(topic).collect::<String>()
}

#[test]
fn plan_tells_what_enters_and_leaves_and_changes_nothing() {
    let place = Place::new(&rules(&[
        ("zoo", "pangolin"),
        ("old", "bridge"),
        ("as-is", "road"),
    ]));
    place.write("history.jsonl", HISTORY);
    place.print(&["replay", "history.jsonl"]);
    let same = "3 rules as before\n";
    assert_eq!(place.print(&["plan"]), same);
    std::fs::copy(
        place.path().join("feeds.toml"),
        place.path().join("old.toml"),
    )
    .unwrap();
    place.write(
        "feeds.toml",
        rules(&[("zoo", "heron"), ("new", "meet"), ("as-is", "road")]),
    );
    let expected = "\
new: new: 1 enter, 0 leave, 0 stay
  + 2026-11-22 08:00 UTC  b  Pangolin and heron meet
old: removed: 0 enter, 1 leave, 0 stay
  - 2026-11-21 08:00 UTC  b  Heron lands on the bridge
zoo: 1 enter, 1 leave, 1 stay
  + 2026-11-21 08:00 UTC  b  Heron lands on the bridge
  - 2026-11-20 08:00 UTC  a  Pangolin crosses the road
1 rule as before
";
    assert_eq!(place.print(&["plan"]), expected);
    let against = format!("{expected}outputs: - /old (404), + /new\n");
    assert_eq!(place.print(&["plan", "--against", "old.toml"]), against);
    let json = place.print(&["plan", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["changes"][2]["label"], "zoo");
    assert_eq!(json["changes"][2]["enter"]["count"], 1);
    assert_eq!(json["changes"][2]["leave"]["newest"][0]["feed"], "a");
    // A replay applies the rules to what is there, and then nothing is left to change.
    place.write("more.jsonl", HISTORY.lines().last().unwrap());
    place.print(&["replay", "more.jsonl"]);
    assert_eq!(place.print(&["plan"]), same);
    let export = place.print(&["export"]);
    let topics: Vec<Vec<String>> = export.lines().map(topics).collect();
    assert_eq!(topics, [vec!["as-is"], vec!["zoo"], vec!["new", "zoo"]]);
}

/// A query over all that is known of an entry finds the same in what is stored as in what came.
#[test]
fn what_is_stored_is_judged_as_it_came() {
    const PODCAST: &str = r#"{"feed":"a","at":"2026-11-20T08:00:00Z","entry":{"id":"1","title":"Pangolin crosses the road","url":"https://www.a.example/1","language":"en-GB","tags":["Nature"],"authors":[{"name":"Zoe Doe"}],"attachments":[{"url":"https://a.example/1.mp3","mime_type":"audio/mpeg"}]}}"#;
    let each = [
        "site:a.example",
        "url:*/1",
        "feed:a",
        "group:wild",
        "lang:en",
        "category:nature",
        "author:zoe*",
        "type:audio",
        "topic:zoo",
    ];
    let file = |also: &str| {
        let rule = |(at, query): (usize, &&str)| {
            format!("[[topic]]\nname = \"t{at}\"\nquery = '{query}{also}'\n")
        };
        let rules: String = each.iter().enumerate().map(rule).collect();
        format!(
            "[group.wild]\n[[feed]]\nid = \"a\"\ngroup = \"wild\"\nurl = \"https://a.example/feed\"\n{}{rules}",
            topic("pangolin")
        )
    };
    let place = Place::new(&file(""));
    place.write("history.jsonl", PODCAST);
    place.print(&["replay", "history.jsonl"]);
    let export = place.print(&["export"]);
    assert_eq!(topics(&export).len(), each.len() + 1, "{export}");
    place.write("feeds.toml", file(" OR stork"));
    let plan = place.print(&["plan"]);
    let stay = plan.matches(": 0 enter, 0 leave, 1 stay").count();
    assert_eq!(stay, each.len(), "{plan}");
    let told = place.print(&["explain", "1"]);
    assert_eq!(told.matches(": in").count(), each.len() + 1, "{told}");
}

#[test]
fn plan_tells_of_rules_that_match_nothing_or_nearly_everything() {
    let day = |at: usize| {
        let animal = ["pangolin", "heron", "otter", "lynx", "badger"][at % 5];
        let deed = ["sleeps", "hunts", "swims", "sings"][at % 4];
        format!(
            "{{\"feed\":\"a\",\"at\":\"2026-11-{:02}T{:02}:00:00Z\",\"entry\":{{\"id\":\"{at}\",\"title\":\"A {animal} {deed} near town {at}\"}}}}\n",
            1 + at / 10,
            at % 10
        )
    };
    let queries = [
        ("zoo", "pangolin OR heron"),
        ("fifth", "badger"),
        ("none", "quagga"),
    ];
    let place = Place::new(&rules(&queries));
    place.write("few.jsonl", (0..99).map(day).collect::<String>());
    place.print(&["replay", "few.jsonl"]);
    assert_eq!(place.print(&["plan"]), "3 rules as before\n");
    place.write("more.jsonl", (99..120).map(day).collect::<String>());
    place.print(&["replay", "more.jsonl"]);
    let plan = place.print(&["plan"]);
    assert_eq!(
        plan,
        "none matches none of the 120 articles stored\n\
         zoo matches 40 % of the 120 articles stored: `merganser explain` shows by which words\n\
         3 rules as before\n"
    );
    let json: serde_json::Value =
        serde_json::from_str(&place.print(&["plan", "--format", "json"])).unwrap();
    assert_eq!(json["articles"], 120);
    assert_eq!(json["remarks"][0]["remark"], "matches-nothing");
    assert_eq!(json["remarks"][1]["articles"], 48);
    // changed ones by what they would match
    place.write(
        "feeds.toml",
        rules(&[("zoo", "otter"), ("none", "lynx OR heron")]),
    );
    let plan = place.print(&["plan"]);
    assert!(plan.contains("none matches 40 %"), "{plan}");
    assert!(!plan.contains("zoo matches"), "{plan}");
    // A word that is nearly an operator is told at its place.
    place.write("feeds.toml", rules(&[("zoo", "otter NEAR5 lynx")]));
    let output = place.run(&["plan"]);
    let told = String::from_utf8(output.stderr).unwrap();
    let line = "warning[misspelt-operator]: `NEAR5` is a word to look for here, and no operator";
    assert!(told.starts_with(line), "{told}");
    assert_eq!(told.matches("warning[").count(), 1, "{told}");
}

fn topics(line: &str) -> Vec<String> {
    let entry: serde_json::Value = serde_json::from_str(line).unwrap();
    let topics = entry["topics"].as_array().unwrap().iter();
    topics
        .map(|it| it["topic"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn explain_says_what_was_missing_and_where_the_file_says_something_else() {
    let place = Place::new(&rules(&[
        ("zoo", "pangolin -bridge"),
        ("war", "(tank OR rifle) army"),
    ]));
    place.write("history.jsonl", HISTORY);
    place.print(&["replay", "history.jsonl"]);
    let told = place.print(&["explain", "1"]);
    for words in [
        "zoo: in, score",
        "war: out",
        "none of `tank OR rifle` occurs",
        "`army` does not occur",
    ] {
        assert!(told.contains(words), "{words} in\n{told}");
    }
    place.write(
        "feeds.toml",
        rules(&[("zoo", "road NEAR/1 pangolin -crosses")]),
    );
    let told = place.print(&["explain", "1"]);
    for words in [
        "zoo: out",
        "the nearest are 3 words apart",
        "`crosses` is excluded, and occurs",
        "(excluded)",
        "stored as in, by other rules",
    ] {
        assert!(told.contains(words), "{words} in\n{told}");
    }
}

#[test]
fn explain_reads_files_without_a_database() {
    let place = Place::new(&rules(&[("zoo", "title:pangolin dawn")]));
    place.write("plain.txt", "Pangolin seen\nA ranger met it at dawn.\n");
    place.write("feed.xml", rss("a", ITEMS));
    let item = HISTORY.lines().next().unwrap();
    let item: serde_json::Value = serde_json::from_str(item).unwrap();
    place.write("item.json", item["entry"].to_string());
    for (file, words) in [
        ("plain.txt", "zoo: in, score"),
        ("feed.xml", "Heron lands on the bridge"),
        ("item.json", "`dawn` does not occur"),
    ] {
        let told = place.print(&["explain", "--file", file]);
        assert!(told.contains(words), "{words} in\n{told}");
        let told = place.print(&["explain", "--format", "json", "--file", file]);
        let first: serde_json::Value = serde_json::from_str(told.lines().next().unwrap()).unwrap();
        assert_eq!(first["verdicts"][0]["topic"], "zoo");
    }
}

/// Another `language` of a feed is that of its stored entries, too, but of those that say their own; `plan` tells
/// beforehand, and the way back leads to the bytes of before.
#[tokio::test]
async fn another_language_of_a_feed_is_applied_to_what_is_stored() {
    let config = "[[feed]]\nid = \"a\"\nurl = \"ORIGIN/a.xml\"\nlanguage = \"en\"\n\
        [[topic]]\nname = \"hindi\"\nquery = \"lang:hi\"\n[[topic]]\nname = \"oil\"\nquery = \"oil\"\n\
        [[output]]\npath = \"hindi\"\nselect = \"topic:hindi\"\n[[output]]\npath = \"all\"\n";
    let mut test = TestDaemon::start(config).await;
    let config = test.config.clone();
    let document = rss("a", &[("one", "Oil is dear", 1), ("two", "Chess", 2)]);
    test.origin.say("/a.xml", Reply::feed(document));
    test.run_for(SignedDuration::from_hours(1)).await;
    let paths = ["/hindi.atom", "/all.atom"];
    let before = paths.map(|path| test.output(path));
    assert_eq!(before[0].matches("<entry").count(), 0);
    for (language, count, plan) in [
        ("hi", 2, "hindi: 2 enter, 0 leave, 0 stay"),
        ("en", 0, "hindi: 0 enter, 2 leave, 0 stay"),
    ] {
        test.config = config.replace("\"en\"", &format!("\"{language}\""));
        let place = Place::new(&test.config);
        let told = place.print(&["plan", "--state", test.state().to_str().unwrap()]);
        assert!(told.starts_with(plan), "{told}");
        assert!(told.ends_with("1 rule as before\n"), "{told}");
        test.reload().await;
        test.run_for(SignedDuration::from_secs(10)).await;
        assert_eq!(test.output("/hindi.atom").matches("<entry").count(), count);
        let told = place.print(&["plan", "--state", test.state().to_str().unwrap()]);
        assert_eq!(told, "2 rules as before\n");
    }
    assert_eq!(paths.map(|path| test.output(path)), before);
    test.finish().await;
}

/// The language of an entry that says none is told by its words, alike when it comes and when rules change later, in
/// the scope of a topic too; `explain` says that it was guessed, and readers are told of no language.
#[tokio::test]
async fn a_language_by_words_is_the_same_at_a_poll_and_later() {
    let feeds = "[[feed]]\nid = \"a\"\nurl = \"ORIGIN/a.xml\"\n";
    let topics = "[[topic]]\nname = \"fact\"\nquery = \"lang:de\"\n\
        [[topic]]\nname = \"scope\"\nquery = \"Hafen\"\ninclude-languages = [\"de\"]\n\
        [[output]]\npath = \"fact\"\nselect = \"topic:fact\"\n[[output]]\npath = \"scope\"\nselect = \"topic:scope\"\n";
    let later = format!("{topics}[[topic]]\nname = \"german\"\nquery = \"lang:de -lang:en\"\n")
        .replace("\"fact\"", "\"fact2\"")
        .replace("topic:fact", "topic:german");
    let mut test = TestDaemon::start(&format!("{feeds}{topics}")).await;
    let german = "Hafen: die alte Brücke wird ab Montag gesperrt, weil ihre Seile nicht mehr zu halten sind und \
        der Winter vor der Tür ist";
    let document = rss(
        "a",
        &[("one", german, 1), ("two", "Hafen, Ferro, Okoye", 2)],
    );
    test.origin.say("/a.xml", Reply::feed(document));
    test.run_for(SignedDuration::from_hours(1)).await;
    let count = |test: &mut TestDaemon, path: &str| test.output(path).matches("<entry").count();
    assert_eq!(
        (
            count(&mut test, "/fact.atom"),
            count(&mut test, "/scope.atom")
        ),
        (1, 1)
    );
    let fact = test.output("/fact.atom");
    assert!(!fact.contains("xml:lang=\"de\""));
    test.config = test.config.replace(topics, &later);
    let place = Place::new(&test.config);
    let told = place.print(&["plan", "--state", test.state().to_str().unwrap()]);
    assert!(told.contains("german: new: 1 enter, 0 leave"), "{told}");
    test.reload().await;
    test.run_for(SignedDuration::from_secs(10)).await;
    assert_eq!(
        (
            count(&mut test, "/fact2.atom"),
            count(&mut test, "/scope.atom")
        ),
        (1, 1)
    );
    let state = test.state().to_str().unwrap().to_owned();
    let told = place.print(&["explain", "--state", &state, "https://one.example/one"]);
    for words in ["language    de, guessed from its words", "de (guessed)"] {
        assert!(told.contains(words), "{words} in\n{told}");
    }
    let told = place.print(&[
        "explain",
        "--state",
        &state,
        "--format",
        "json",
        "https://one.example/one",
    ]);
    let told: serde_json::Value = serde_json::from_str(told.trim()).unwrap();
    assert_eq!(
        told["language"],
        serde_json::json!({ "tag": "de", "guessed": true })
    );
    test.finish().await;
}
