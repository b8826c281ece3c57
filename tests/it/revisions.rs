//! What becomes of edits on their way to readers. Names cite docs/protocol.md.

use crate::origin::Reply;
use crate::program::Place;
use crate::test_daemon::TestDaemon;
use jiff::SignedDuration;
use serde_json::Value;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// The live page of a publisher: title, hour of 24 November at which it is dated, text.
fn page(title: &str, hour: u32, text: &str) -> Reply {
    let (day, hour) = (24 + hour / 24, hour % 24);
    Reply::feed(format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Gazette</title>\
         <link>https://gazette.example/</link><item><guid>https://gazette.example/live</guid>\
         <title>{title}</title><link>https://gazette.example/live</link>\
         <pubDate>{day} Nov 2026 {hour:02}:00:00 GMT</pubDate>\
         <description><![CDATA[{text}]]></description></item></channel></rss>"
    ))
}

const STORM: &str = "<p>Ferries wait outside the harbour of Northtown since the storm surge flooded its quays, \
                     captains say. Updated 2 hours ago.</p>";

/// Title, publication and last change of all entries of the output, as written.
fn entries(atom: &str) -> Vec<(String, String, String)> {
    let part = |entry: &str, name: &str| {
        let (_, rest) = entry.split_once(&format!("<{name}")).unwrap();
        let (_, rest) = rest.split_once('>').unwrap();
        rest.split_once('<').unwrap().0.to_owned()
    };
    let entries = atom.split("<entry").skip(1);
    let told = |entry: &str| {
        (
            part(entry, "title"),
            part(entry, "published"),
            part(entry, "updated"),
        )
    };
    entries.map(told).collect()
}

/// Lets a day pass and more, by which the page is polled, and returns the tag of the output.
async fn live(test: &mut TestDaemon, reply: Reply) -> String {
    test.origin.say("/live.xml", reply);
    test.run_for(HOUR * 30).await;
    let resource = test.daemon().shelf().get("/all.atom").unwrap();
    resource.etag()
}

/// U2, U7: dates and markup wake nobody, a correction does once, other news at the page is another entry.
#[tokio::test]
async fn u7_corrections_are_told_and_nothing_else_is() {
    let mut test = TestDaemon::with_feeds(&["/live.xml"]).await;
    let first = live(&mut test, page("Harbour of Northtown closed", 5, STORM)).await;
    for (hour, text) in [
        (20, STORM.to_owned()),
        (5, STORM.replace("<p>", "<p class=\"lead\"> ")),
    ] {
        let tag = live(&mut test, page("Harbour of Northtown closed", hour, &text)).await;
        assert_eq!(tag, first, "{text}");
    }
    // What runs by itself is passed on, under the date that was.
    let later = STORM.replace("2 hours", "3 hours");
    let counted = live(&mut test, page("Harbour of Northtown closed", 5, &later)).await;
    assert_ne!(counted, first);
    let told = entries(&test.output("/all.atom"));
    assert_eq!(told[0].1, told[0].2);
    // The publisher does not date what it puts right.
    let right = later.replace("Northtown", "Southville");
    let before = test.now();
    let corrected = live(&mut test, page("Harbour of Southville closed", 5, &right)).await;
    assert_ne!(corrected, counted);
    let [(title, published, updated)] = entries(&test.output("/all.atom")).try_into().unwrap();
    assert_eq!(
        (title.as_str(), &published),
        ("Harbour of Southville closed", &told[0].1)
    );
    assert!(
        updated.parse::<jiff::Timestamp>().unwrap() >= before,
        "{updated}"
    );
    let again = live(&mut test, page("Harbour of Southville closed", 6, &right)).await;
    assert_eq!(again, corrected);
    // A day later the page is written anew.
    let other = "<p>Parliament passed the water bill after forty speeches, ministers promised cheaper railways.</p>";
    live(&mut test, page("Deputies vote at last", 170, other)).await;
    let [new, old] = entries(&test.output("/all.atom")).try_into().unwrap();
    assert_eq!(new.0, "Deputies vote at last");
    assert_eq!(old, (title, published, updated));
    check_explained(&test);
    test.finish().await;
}

/// U7: a number or a negation put right is told, however long the report is; another word, or a number again, where it
/// is dated.
#[tokio::test]
async fn u7_a_word_put_right_is_told_by_what_it_means() {
    let mut test = TestDaemon::with_feeds(&["/live.xml"]).await;
    let rest = "<p>The mill by the river had stood empty since its owners moved to the coast, neighbours say.</p>";
    let said = |toll: &str, verdict: &str, ended: &str| {
        format!(
            "<p>The fire at the mill killed {toll} workers. Its owner was found {verdict} of arson. The court {ended} \
             the case at noon. Updated 3 hours ago.</p>{}",
            rest.repeat(20)
        )
    };
    let title = "Judges speak of the fire at the mill";
    live(&mut test, page(title, 5, &said("12", "guilty", "closed"))).await;
    let mut dates = vec![entries(&test.output("/all.atom"))[0].2.clone()];
    for (hour, content, is_told, why) in [
        (5, said("21", "guilty", "closed"), true, "another number"),
        // It runs.
        (
            5,
            said("24", "guilty", "closed"),
            false,
            "the publisher does not date",
        ),
        (6, said("26", "guilty", "closed"), true, "another number"),
        (
            6,
            said("26", "not guilty", "closed"),
            true,
            "a negation into",
        ),
        (
            6,
            said("26", "not guilty", "adjourned"),
            false,
            "so few words",
        ),
        (
            130,
            said("26", "not guilty", "reopened"),
            true,
            "another word",
        ),
        (
            131,
            said("26", "not guilty", "reopened").replace("3 hours", "5 hours"),
            false,
            "no word",
        ),
    ] {
        live(&mut test, page(title, hour, &content)).await;
        let [(_, _, updated)] = entries(&test.output("/all.atom")).try_into().unwrap();
        let is_new = dates.last() != Some(&updated);
        assert_eq!(is_new, is_told, "{hour}: {content}");
        dates.push(updated);
        let (says, told) = explained(&test);
        assert!(says.contains(why), "{why} in\n{says}");
        assert_eq!(is_told, told == "told", "{told}");
    }
    assert!(dates.is_sorted());
    test.finish().await;
}

/// What the program says of the page, and what `export` says of whether readers were told of its last edit.
fn explained(test: &TestDaemon) -> (String, String) {
    let place = Place::new(&test.config);
    let state = test.state().to_str().unwrap();
    let says = place.print(&["explain", "https://gazette.example/live", "--state", state]);
    let export = place.print(&["export", "--state", state]);
    let row: Value = serde_json::from_str(export.trim()).unwrap();
    let told = row["last_edit"]["told"].as_str().unwrap().to_owned();
    (says, told)
}

/// The program tells of both articles, and of what the first one said.
fn check_explained(test: &TestDaemon) {
    let place = Place::new(&test.config);
    let state = test.state().to_str().unwrap();
    let explain = |more: &[&str]| {
        let arguments = [
            &["explain", "https://gazette.example/live", "--state", state],
            more,
        ];
        place.print(&arguments.concat())
    };
    let told = explain(&[]);
    for words in [
        "edited 1 time in a way that readers were told of",
        ": Harbour of Northtown closed\n",
        "edit 1 changed the title and 6 % of the text",
        ": changed the title and 6 % of the text against what readers were told last\n  readers were told\n",
        "its id and address have gone on to other news since",
        "https://gazette.example/live in feed live-xml went on to other news",
        "  id          https://gazette.example/live\n",
    ] {
        assert!(told.contains(words), "{words} in\n{told}");
    }
    let json = explain(&["--format", "json"]);
    let [old, new]: [Value; 2] = json
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    assert_eq!(old["entry"]["revisions"], 1);
    let last = &old["entry"]["last_edit"];
    assert_eq!(
        (&last["told"], &last["title_changed"]),
        (&"told".into(), &true.into())
    );
    assert_eq!(new["entry"]["last_edit"], Value::Null);
    assert_eq!(old["history"][0]["title"], "Harbour of Northtown closed");
    assert_eq!(old["history"][0]["title_changed"], true);
    assert_eq!(new["entry"]["entry_id"], "https://gazette.example/live");
    assert_eq!(new["history"], Value::Array(Vec::new()));
}
