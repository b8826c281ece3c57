//! Topics that take whole stories and leave feeds out, and outputs of what several outlets carry.

use crate::origin::Reply;
use crate::program::Place;
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;
use serde_json::{Value, json};

pub(crate) const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Reports of one event: feed, title, lead.
pub(crate) const REPORTS: [(&str, &str, &str); 5] = [
    (
        "coast",
        "Strong quake shakes Lima, houses collapse",
        "A strong quake shook the coast of Peru before dawn and brought down houses in Lima",
    ),
    (
        "andes",
        "Rescuers search Lima houses after quake",
        "Rescue teams search collapsed houses in Lima after a strong quake off the coast of Peru",
    ),
    (
        "clinic",
        "Lima quake: hospitals full after houses collapse",
        "Doctors in Lima treat hundreds who were hurt when houses collapsed in the strong quake off Peru",
    ),
    (
        "grid",
        "Power is back in parts of Lima after strong quake",
        "Electricity returned to parts of Lima, where the strong quake off Peru collapsed houses",
    ),
    (
        "tents",
        "Tents for quake survivors reach Lima houses",
        "Tents for survivors of the strong quake in Lima, Peru, whose houses collapsed, came by plane",
    ),
];

/// The document of a feed with its report, published at that hour.
pub(crate) fn document(number: usize, hour: u32) -> String {
    documents(REPORTS[number].0, &[number], hour)
}

/// One with these reports.
pub(crate) fn documents(feed: &str, numbers: &[usize], hour: u32) -> String {
    let reports = numbers.iter().map(|number| REPORTS[*number]);
    let items: Vec<_> = reports.clone().map(|it| (it.0, it.1, hour)).collect();
    reports.fold(rss(feed, &items), |document, (_, title, lead)| {
        document.replace(&format!("{title}, told at some length"), lead)
    })
}

/// The feeds of these reports, the topics and the outputs.
fn config(topic: &str) -> String {
    let feed = |(feed, ..): &(&str, &str, &str)| {
        format!("[[feed]]\nid = \"{feed}\"\nurl = \"ORIGIN/{feed}.xml\"\n")
    };
    let feeds: String = REPORTS.iter().map(feed).collect();
    format!(
        "{feeds}[[topic]]\nname = \"lima\"\nquery = 'title:(collapse OR search)'\n{topic}\n\
         [[output]]\npath = \"lima\"\nselect = \"topic:lima\"\n\
         [[output]]\npath = \"major\"\nmin-sources = 3\n\
         [[output]]\npath = \"all\"\n"
    )
}

pub(crate) async fn start(topic: &str) -> TestDaemon {
    let test = TestDaemon::start(&config(topic)).await;
    for (feed, ..) in REPORTS {
        let empty = rss(feed, &[]);
        test.origin.say(&format!("/{feed}.xml"), Reply::feed(empty));
    }
    test
}

/// Has a feed bring its report, and polls it.
pub(crate) async fn bring(test: &mut TestDaemon, number: usize, hour: u32) {
    let path = format!("/{}.xml", REPORTS[number].0);
    test.origin.say(&path, Reply::feed(document(number, hour)));
    test.run_for(DAY).await;
}

/// The feeds whose reports an output lists, in its order.
pub(crate) fn listed(test: &mut TestDaemon, output: &str) -> Vec<String> {
    let atom = test.output(output);
    let feed = feed_rs::parser::parse(atom.as_bytes()).unwrap();
    let site = |entry: feed_rs::model::Entry| {
        let url = url::Url::parse(&entry.links[0].href).unwrap();
        url.host_str()
            .unwrap()
            .trim_end_matches(".example")
            .to_owned()
    };
    feed.entries.into_iter().map(site).collect()
}

#[tokio::test]
async fn a_story_is_in_a_topic_while_half_of_it_matches() {
    let mut test = start("story-pull = true").await;
    bring(&mut test, 0, 1).await;
    bring(&mut test, 3, 2).await;
    assert_eq!(listed(&mut test, "/lima.atom"), ["coast"]);
    bring(&mut test, 1, 3).await;
    assert_eq!(listed(&mut test, "/lima.atom"), ["andes", "grid", "coast"]);
    let categories = |atom: &str| atom.matches("term=\"lima\"").count();
    assert_eq!(categories(&test.output("/all.atom")), 3, "U11");
    // The same bytes after a restart: nothing was forgotten to be rendered.
    let before = ["/lima.atom", "/all.atom", "/all.rss"].map(|path| test.output(path));
    test.restart().await;
    test.run_due().await;
    assert_eq!(
        before,
        ["/lima.atom", "/all.atom", "/all.rss"].map(|path| test.output(path))
    );
    // Two of five.
    bring(&mut test, 4, 4).await;
    assert_eq!(listed(&mut test, "/lima.atom").len(), 4, "two of four");
    test.origin.say(
        "/coast.xml",
        Reply::feed(document(0, 1).replace("collapse<", "fall<")),
    );
    test.run_for(DAY).await;
    assert_eq!(listed(&mut test, "/lima.atom"), ["andes"]);
    assert_eq!(categories(&test.output("/all.atom")), 1);
    test.finish().await;
}

/// What asks for such a topic has its stories, too: in a larger query of an output, a topic that names it, an heir.
#[tokio::test]
async fn whoever_asks_for_a_topic_has_its_stories() {
    let others = "story-pull = true\n\
        [[topic]]\nname = \"heir\"\ninherits = [\"lima\"]\n\
        [[topic]]\nname = \"relief\"\nquery = 'topic:heir (power OR tents)'\n\
        [[output]]\npath = \"part\"\nselect = \"topic:lima AND NOT lang:ru AND NOT search\"\n\
        [[output]]\npath = \"rest\"\nselect = \"quake -topic:lima\"\n\
        [[output]]\npath = \"heir\"\nselect = \"topic:heir\"\n\
        [[output]]\npath = \"relief\"\nselect = \"topic:relief\"\n";
    let mut test = start(others).await;
    for (number, hour) in [(0, 1), (3, 2)] {
        bring(&mut test, number, hour).await;
    }
    assert_eq!(listed(&mut test, "/rest.atom"), ["grid"]);
    assert_eq!(listed(&mut test, "/part.atom"), ["coast"]);
    bring(&mut test, 1, 3).await;
    for (output, expected) in [
        ("/lima.atom", &["andes", "grid", "coast"][..]),
        ("/heir.atom", &["andes", "grid", "coast"]),
        ("/part.atom", &["grid", "coast"]),
        ("/relief.atom", &["grid"]),
        ("/rest.atom", &[]),
    ] {
        assert_eq!(listed(&mut test, output), expected, "{output}");
    }
    let before = ["/part.atom", "/heir.rss", "/all.atom"].map(|path| test.output(path));
    test.restart().await;
    test.run_due().await;
    assert_eq!(
        before,
        ["/part.atom", "/heir.rss", "/all.atom"].map(|path| test.output(path))
    );
    // A reload that lets go of stories, and takes them again.
    let config = test.config.clone();
    for (topic, expected) in [
        ("", &["andes", "coast"][..]),
        ("story-pull = true", &["andes", "grid", "coast"]),
    ] {
        test.config = config.replace("story-pull = true", topic);
        test.reload().await;
        test.run_for(SignedDuration::from_secs(10)).await;
        assert_eq!(listed(&mut test, "/heir.atom"), expected, "{topic}");
    }
    assert_eq!(
        before,
        ["/part.atom", "/heir.rss", "/all.atom"].map(|path| test.output(path))
    );
    // Two of five: the story is let go.
    bring(&mut test, 4, 4).await;
    let edited = document(0, 1).replace("collapse<", "fall<");
    test.origin.say("/coast.xml", Reply::feed(edited));
    test.run_for(DAY).await;
    assert_eq!(listed(&mut test, "/lima.atom"), ["andes"]);
    assert_eq!(listed(&mut test, "/heir.atom"), ["andes"]);
    assert!(listed(&mut test, "/relief.atom").is_empty());
    assert_eq!(listed(&mut test, "/rest.atom").len(), 3);
    test.finish().await;
}

#[tokio::test]
async fn a_topic_takes_whole_stories_from_a_reload_on_and_leaves_a_feed_out() {
    let mut test = start("").await;
    for (number, hour) in [(0, 1), (1, 2), (2, 3), (3, 4)] {
        bring(&mut test, number, hour).await;
    }
    let before = test.output("/lima.atom");
    assert_eq!(
        listed(&mut test, "/lima.atom"),
        ["clinic", "andes", "coast"]
    );
    let config = test.config.clone();
    for (topic, expected) in [
        (
            "story-pull = true",
            &["grid", "clinic", "andes", "coast"][..],
        ),
        (
            "story-pull = true\nexclude-feeds = [\"grid\"]",
            &["clinic", "andes", "coast"],
        ),
        ("exclude-feeds = [\"clinic\"]", &["andes", "coast"]),
        (
            "include-feeds = [\"clinic\"]\nexclude-languages = [\"de\"]",
            &["clinic"],
        ),
        // Nobody says its language, but its words do.
        (
            "exclude-languages = [\"en\"]\ninclude-feeds = [\"clinic\"]",
            &[],
        ),
        ("include-languages = [\"ru\"]", &[]),
        ("", &["clinic", "andes", "coast"]),
    ] {
        let query = "query = 'title:(collapse OR search)'\n";
        test.config = config.replace(query, &format!("{query}{topic}\n"));
        test.reload().await;
        test.run_for(SignedDuration::from_secs(10)).await;
        assert_eq!(listed(&mut test, "/lima.atom"), expected, "{topic}");
    }
    assert_eq!(test.output("/lima.atom"), before);
    test.finish().await;
}

/// An article enters when a third outlet tells its story, in its place by date (U29), and nothing of it
/// is new to readers but that it is there (U7).
#[tokio::test]
async fn what_three_outlets_carry_is_listed_from_then_on() {
    let mut test = start("").await;
    bring(&mut test, 1, 3).await;
    bring(&mut test, 0, 4).await;
    assert!(listed(&mut test, "/major.atom").is_empty());
    let of_all = entries(&test.output("/all.atom"));
    // Its own date is the oldest of the three.
    bring(&mut test, 2, 2).await;
    assert_eq!(
        listed(&mut test, "/major.atom"),
        ["coast", "andes", "clinic"]
    );
    let of_major = entries(&test.output("/major.atom"));
    assert_eq!(of_major[..2], of_all[..], "as they were");
    test.restart().await;
    test.run_due().await;
    assert_eq!(entries(&test.output("/major.atom")), of_major);
    // Two of the outlets are of one owner, says the operator.
    let config = test.config.clone();
    for feed in ["coast", "andes"] {
        let id = format!("id = \"{feed}\"\n");
        test.config = test
            .config
            .replace(&id, &format!("{id}owner = \"press\"\n"));
    }
    test.reload().await;
    test.run_for(SignedDuration::from_secs(10)).await;
    assert!(listed(&mut test, "/major.atom").is_empty());
    test.config = config;
    test.reload().await;
    test.run_for(SignedDuration::from_secs(10)).await;
    assert_eq!(entries(&test.output("/major.atom")), of_major);
    test.finish().await;
}

/// The entries of an output: ids, titles and dates, byte for byte. Who else reports it changes without notice.
fn entries(atom: &str) -> Vec<String> {
    let entries = atom.split("<entry>").skip(1);
    let entries = entries.map(|entry| entry.split("<link").next().unwrap().to_owned());
    entries.collect()
}

/// A line for `replay`.
fn line(number: usize) -> String {
    let (feed, title, lead) = REPORTS[number];
    let at = format!("2026-11-24T0{number}:00:00Z");
    json!({
        "feed": feed,
        "at": at,
        "entry": {
            "id": feed,
            "url": format!("https://{feed}.example/{feed}"),
            "title": title,
            "summary": lead,
            "date_published": at,
            "language": "en",
        },
    })
    .to_string()
}

fn replayed(topic: &str, numbers: &[usize]) -> Place {
    let place = Place::new(&config(topic).replace("ORIGIN", "https://feeds.example"));
    let lines: Vec<String> = numbers.iter().map(|number| line(*number)).collect();
    place.write("history.jsonl", lines.join("\n"));
    place.print(&["replay", "history.jsonl"]);
    place
}

#[test]
fn explain_says_how_much_of_the_story_is_in_the_topic() {
    let place = replayed("story-pull = true\nexclude-feeds = [\"tents\"]", &[0, 1, 3]);
    let told = place.print(&["explain", "grid"]);
    for words in [
        "  lima: in, 2 of 3 reports of its story are in this topic\n    none of `title:(collapse OR search)` occurs\n",
        "3 independent outlets carry it or its story\n  enough for major (min-sources = 3)\n",
    ] {
        assert!(told.contains(words), "{words} in\n{told}");
    }
    let json: Value =
        serde_json::from_str(&place.print(&["explain", "grid", "--format", "json"])).unwrap();
    assert_eq!(json["verdicts"][0]["in"], true);
    assert_eq!(
        json["verdicts"][0]["story"],
        json!({ "members": 2, "reports": 3 })
    );
    assert_eq!(json["carried_by"], 3);

    place.write("history.jsonl", line(4));
    place.print(&["replay", "history.jsonl"]);
    let told = place.print(&["explain", "tents"]);
    assert!(
        told.contains("  lima: out\n    its feed is left out by `exclude-feeds`\n"),
        "{told}"
    );
    assert_eq!(place.print(&["plan"]), "1 rule as before\n");

    let place = replayed("story-pull = true", &[0, 3]);
    let told = place.print(&["explain", "grid"]);
    for words in [
        "  lima: out\n    1 of 2 reports of its story are in this topic: half of them must be, and two at least\n",
        "2 independent outlets carry it or its story\n  too few for major (min-sources = 3)\n",
    ] {
        assert!(told.contains(words), "{words} in\n{told}");
    }
}

#[test]
fn explain_says_from_which_topic_one_inherits() {
    let place = replayed("[[topic]]\nname = \"news\"\ninherits = [\"lima\"]", &[0, 3]);
    let told = place.print(&["explain", "coast"]);
    assert!(told.contains("  news: in, score "), "{told}");
    let mut rows = told
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    assert!(
        rows.any(|row| row == ["topic", "lima", "inherits"]),
        "{told}"
    );
    let told = place.print(&["explain", "grid"]);
    let missing = "  news: out\n    it inherits from `lima`, and is in none of these\n";
    assert!(told.contains(missing), "{told}");
    // Another query of the one is another rule of the other.
    let edited = config("").replace("collapse OR search", "power");
    let heir = "[[topic]]\nname = \"news\"\ninherits = [\"lima\"]\n";
    place.write(
        "feeds.toml",
        edited.replace("ORIGIN", "https://feeds.example") + heir,
    );
    let plan = place.print(&["plan"]);
    for change in [
        "lima: 1 enter, 1 leave, 0 stay",
        "news: 1 enter, 1 leave, 0 stay",
    ] {
        assert!(plan.contains(change), "{plan}");
    }
}

#[test]
fn plan_tells_what_comes_with_its_story() {
    let place = replayed("", &[0, 1, 3, 4]);
    let taken = config("story-pull = true").replace("ORIGIN", "https://feeds.example");
    let old = place.path().join("old.toml");
    std::fs::copy(place.path().join("feeds.toml"), &old).unwrap();
    place.write("feeds.toml", taken.clone());
    let expected = "\
lima: 2 enter, 0 leave, 2 stay
  + 2026-11-24 04:00 UTC  tents  Tents for quake survivors reach Lima houses
  + 2026-11-24 03:00 UTC  grid   Power is back in parts of Lima after strong quake
0 rules as before
";
    assert_eq!(place.print(&["plan"]), expected);
    assert_eq!(place.print(&["plan", "--against", "old.toml"]), expected);
    // A replay applies the rules; then nothing is left to change.
    place.write("none.jsonl", "");
    place.print(&["replay", "none.jsonl"]);
    assert_eq!(place.print(&["plan"]), "1 rule as before\n");
    let export = place.print(&["export"]);
    let taken_with = |line: &str| -> Value {
        let entry: Value = serde_json::from_str(line).unwrap();
        entry["story_topics"].clone()
    };
    let found: Vec<Value> = export.lines().map(taken_with).collect();
    assert_eq!(
        found,
        [json!([]), json!([]), json!(["lima"]), json!(["lima"])]
    );
    // And back, against what is stored.
    std::fs::copy(old, place.path().join("feeds.toml")).unwrap();
    assert!(
        place
            .print(&["plan"])
            .starts_with("lima: 0 enter, 2 leave, 2 stay\n")
    );
}

#[test]
fn a_replay_with_whole_stories_comes_to_the_same_bytes() {
    let all = [0, 1].map(|_| replayed("story-pull = true", &[0, 1, 2, 3, 4]).print(&["export"]));
    assert_eq!(all[0], all[1]);
    assert!(all[0].contains("\"story_topics\":[\"lima\"]"));
}

/// `search`, `explain`, `export` and `plan` find what outputs list.
#[test]
fn commands_know_the_stories_of_a_topic_that_is_asked_for() {
    let others = "[[topic]]\nname = \"heir\"\ninherits = [\"lima\"]\n\
        [[topic]]\nname = \"rest\"\nquery = 'quake -topic:lima'\n";
    let place = replayed(&format!("story-pull = true\n{others}"), &[0, 1, 3]);
    let search = |query: &str| -> Vec<String> {
        let found = place.print(&["search", "--format", "plain", "--", query]);
        let feed = |line: &str| line.split('\t').nth(1).unwrap().to_owned();
        found.lines().map(feed).collect()
    };
    for (query, expected) in [
        ("topic:lima", &["grid", "andes", "coast"][..]),
        ("topic:lima power", &["grid"]),
        ("topic:heir -search", &["grid", "coast"]),
        ("quake -topic:lima", &[]),
        ("topic:rest", &[]),
    ] {
        assert_eq!(search(query), expected, "{query}");
    }
    let told = place.print(&["explain", "grid"]);
    let heir = told.split("  heir: in, score 0.0\n").nth(1).expect(&told);
    let row: Vec<&str> = heir.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(row, ["topic", "lima", "inherits"], "{told}");
    assert!(told.contains("story-pull"), "{told}");
    assert!(
        told.contains("  rest: out\n    `topic:lima` is excluded, and holds\n"),
        "{told}"
    );
    assert_eq!(place.print(&["plan"]), "3 rules as before\n");
    let taken =
        config(&format!("story-pull = true\n{others}")).replace("ORIGIN", "https://feeds.example");
    let old = place.path().join("old.toml");
    place.write("feeds.toml", taken.replace("story-pull = true\n", ""));
    std::fs::copy(place.path().join("feeds.toml"), &old).unwrap();
    let plan = place.print(&["plan"]);
    for change in [
        "lima: 0 enter, 1 leave, 2 stay",
        "heir: 0 enter, 1 leave, 2 stay",
        "rest: 1 enter, 0 leave, 0 stay",
    ] {
        assert!(plan.contains(change), "{change} in\n{plan}");
    }
    place.write("feeds.toml", taken);
    let plan = place.print(&["plan", "--against", "old.toml"]);
    for change in [
        "lima: 1 enter, 0 leave, 2 stay",
        "heir: 1 enter, 0 leave, 2 stay",
        "rest: 0 enter, 1 leave, 0 stay",
    ] {
        assert!(plan.contains(change), "{change} in\n{plan}");
    }
}
