//! Queries over what is stored, by the real binary, and the same language in an output.

use crate::origin::Reply;
use crate::program::Place;
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;

const CONFIG: &str = r#"
[alias]
bird = ["heron", "stork"]
[group.wild]
[[feed]]
id = "b"
group = "wild"
url = "https://b.example/feed"
[[topic]]
name = "zoo"
query = "pangolin OR @bird"
"#;

const HISTORY: &str = r#"{"feed":"a","at":"2026-11-20T08:00:00Z","entry":{"id":"1","title":"Pangolin crosses the road","url":"https://a.example/1","language":"en"}}
{"feed":"b","at":"2026-11-21T08:00:00Z","entry":{"id":"2","title":"Heron lands on the bridge","url":"https://b.example/2"}}
{"feed":"b","at":"2026-11-22T08:00:00Z","entry":{"id":"3","title":"Pangolin and heron meet","url":"https://b.example/3"}}
{"feed":"a","at":"2026-11-22T09:00:00Z","entry":{"id":"3","title":"Pangolin and heron meet","url":"https://b.example/3"}}
{"feed":"a","at":"2026-11-23T08:00:00Z","entry":{"id":"4","title":"Parliament votes on the budget","url":"https://a.example/4"}}
"#;

fn stored() -> Place {
    let place = Place::new(CONFIG);
    place.write("history.jsonl", HISTORY);
    place.print(&["replay", "history.jsonl"]);
    place
}

#[test]
fn a_query_finds_what_is_stored_the_newest_first() {
    let place = stored();
    let meet = "2026-11-22T08:00:00Z\tb\tPangolin and heron meet\thttps://b.example/3\n".to_owned();
    let road = "2026-11-20T08:00:00Z\ta\tPangolin crosses the road\thttps://a.example/1\n";
    let bridge = "2026-11-21T08:00:00Z\tb\tHeron lands on the bridge\thttps://b.example/2\n";
    let budget = "2026-11-23T08:00:00Z\ta\tParliament votes on the budget\thttps://a.example/4\n";
    for (arguments, expected) in [
        (&["pangolin"][..], meet.clone() + road),
        (&["pangolin", "--limit", "1"], meet.clone()),
        (&["pangolin", "--since", "2026-11-21"], meet.clone()),
        (&["pangolin", "--since", "1s"], String::new()),
        (&["@bird"], meet.clone() + bridge),
        (&["topic:zoo -@bird"], road.to_owned()),
        (&["--", "-topic:zoo feed:*"], budget.to_owned()),
        (&["group:wild site:b.example lands"], bridge.to_owned()),
        (&["lang:en"], road.to_owned()),
        (&["heron", "ONEAR/2", "meet"], meet.clone()),
        (&["meet ONEAR/2 heron"], String::new()),
        (&["@country/india"], String::new()),
        (&["pangolin age:>1s"], meet + road),
        (&["pangolin age:<1s"], String::new()),
    ] {
        let found = place.print(&[&["search"], arguments].concat());
        assert_eq!(found, expected, "{arguments:?}");
    }
    for (arguments, words) in [
        (&["search", "storm", "-gulls"][..], "search 'storm -gulls'"),
        (&["search", "storm", "--gulls"], "unexpected argument"),
        (&["list", "-gulls"], "unexpected argument"),
    ] {
        let refused = place.fail(arguments, 2);
        assert!(refused.contains(words), "{arguments:?}: {refused}");
    }
}

#[test]
fn it_is_printed_for_people_and_for_programs() {
    let place = stored();
    let table = place.print(&["search", "pangolin", "--format", "table", "--limit", "1"]);
    assert_eq!(
        table,
        "2026-11-22 08:00 UTC  b  Pangolin and heron meet\n\
         and more, which are older: `--limit` shows them\n"
    );
    let none = place.print(&["search", "quagga", "--format", "table"]);
    assert_eq!(none, "nothing that is stored fits\n");
    let json = place.print(&["search", "title:@bird", "--format", "json"]);
    let lines: Vec<serde_json::Value> = json
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["title"], "Pangolin and heron meet");
    assert_eq!(lines[0]["published"], "2026-11-22T08:00:00Z");
    assert_eq!(lines[0]["evidence"][0]["alias"], "bird");
    assert_eq!(lines[0]["score"], 2.4);
}

#[test]
fn a_query_that_is_none_is_told_where() {
    let place = stored();
    for (query, at, words) in [
        ("oil AND AND gas", "query:1:9", "something to look for"),
        ("topic:zo", "query:1:1", "did you mean `topic:zoo`?"),
        ("oil @brd", "query:1:5", "did you mean `@bird`?"),
        ("-oil", "query:1:1", "only excludes"),
    ] {
        let said = place.fail(&["search", "--", query], 2);
        assert!(said.starts_with("error[bad-query]"), "{said}");
        assert!(said.contains(at) && said.contains(words), "{query}: {said}");
    }
    place.fail(&["search"], 2);
    place.fail(&["search", "oil", "--since", "yesterday"], 2);
    Place::new(CONFIG).fail(&["search", "oil"], 74);
}

/// What is odd about a query that finds nothing is said beside what programs read; of one that finds something nothing.
#[test]
fn a_query_that_can_find_nothing_is_told_why() {
    let place = stored();
    for (query, words) in [
        ("pangolin feed:zz", "query:1:10"),
        ("pangolin feed:zz", "no feed has the id `zz`"),
        ("heron -heron", "must hold and is excluded"),
        ("url:a.example", "no whole address"),
    ] {
        let told = place.run(&["search", "--", query]);
        let said = String::from_utf8(told.stderr).unwrap();
        assert!(told.status.success() && told.stdout.is_empty(), "{query}");
        assert!(said.starts_with("warning[never-matches]"), "{said}");
        assert!(said.contains(words), "{query}: {said}");
    }
    for query in ["quagga", "pangolin OR feed:zz", "@bird"] {
        let told = place.run(&["search", query]);
        assert!(told.stderr.is_empty(), "{query}");
    }
}

#[test]
fn it_changes_nothing() {
    let place = stored();
    let files = || {
        let files = std::fs::read_dir(place.path().join("state")).unwrap();
        let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        files.sort();
        files.retain(|file| file.extension().is_some_and(|end| end == "db"));
        assert!(!files.is_empty());
        files.into_iter().map(|file| std::fs::read(file).unwrap())
    };
    let before: Vec<_> = files().collect();
    place.print(&["search", "pangolin"]);
    assert!(files().eq(before));
}

#[test]
fn what_a_pack_holds_is_printed() {
    let place = Place::new("");
    let all = place.print(&["print", "packs"]);
    assert!(all.lines().count() > 100, "{all}");
    let india = all.lines().find(|line| line.starts_with("@country/india "));
    assert!(india.unwrap().ends_with(" terms"), "{india:?}");
    let one = place.print(&["print", "packs", "@country/india"]);
    assert!(
        one.starts_with('#') && one.contains("\nJaishankar\n"),
        "{one}"
    );
    assert_eq!(place.print(&["print", "packs", "country/india"]), one);
    for (name, words) in [
        ("india", "did you mean `@country/india`?"),
        ("@country/indai", "did you mean `@country/india`?"),
        ("atlantis", "`merganser print packs` names all"),
    ] {
        let said = place.fail(&["print", "packs", name], 1);
        assert!(said.contains(words), "{said}");
    }
}

/// `select` of an output is a query in the same language.
#[tokio::test]
async fn an_output_selects_in_the_language_of_topics() {
    let items = [
        ("one", "Pangolin crosses the road", 3),
        ("two", "Heron lands on the bridge", 4),
        ("three", "Parliament votes on the budget", 5),
    ];
    let selects = [
        ("order", "heron ONEAR/4 bridge", [false, true, false]),
        ("not-zoo", "feed:a -topic:zoo", [false, false, true]),
        ("either", "topic:zoo OR budget^2", [true, true, true]),
        ("field", "site:example.org group:wild lang:en", [false; 3]),
    ];
    let output = |(path, select, _): &(&str, &str, _)| {
        format!("[[output]]\npath = \"{path}\"\nselect = '{select}'\n")
    };
    let outputs: String = selects.iter().map(output).collect();
    let config = format!(
        "[[feed]]\nid = \"a\"\nurl = \"ORIGIN/a.xml\"\n\
         [[topic]]\nname = \"zoo\"\nquery = 'pangolin OR heron'\n{outputs}"
    );
    let mut test = TestDaemon::start(&config).await;
    test.origin.say("/a.xml", Reply::feed(rss("a", &items)));
    test.run_for(SignedDuration::from_secs(10)).await;
    for (path, select, expected) in selects {
        let output = test.output(&format!("/{path}.atom"));
        let found = ["Pangolin", "Heron", "Parliament"].map(|word| output.contains(word));
        assert_eq!(found, expected, "{select}");
    }
    test.finish().await;
}
