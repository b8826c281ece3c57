//! What an origin gave goes back to it, octet for octet, and to no other (P1 to P9, P25, P26).

use super::rig::{DAY, HOUR, Rig, feed};
use super::wire::{Answer, Request};
use crate::test_daemon::rss;
use merganser::model::{FailureKind, Outcome};

const ETAG: &str = "if-none-match";
const MODIFIED: &str = "if-modified-since";

fn document() -> String {
    rss("a", &[("one", "First", 5)])
}

/// Has a feed for each of these heads answer with it once and with 304 from then on, a restart in between,
/// and returns the second request for each.
async fn second_requests(heads: &[&[u8]]) -> Vec<Request> {
    let ids: Vec<String> = (0..heads.len()).map(|n| format!("f{n}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut rig = Rig::with_feeds(&ids).await;
    for (id, head) in ids.iter().zip(heads) {
        let head = [b"200 OK\n", *head].concat();
        let answers = [
            Answer::new(head, document()),
            Answer::new("304 Not Modified", ""),
        ];
        rig.wire.say_each(&format!("/{id}"), answers);
    }
    rig.test.run_due().await;
    rig.test.restart().await;
    rig.test.run_for(HOUR * 2).await;
    let second = |id: &&str| rig.wire.requests_for(&format!("/{id}")).remove(1);
    let requests = ids.iter().map(second).collect();
    rig.test.finish().await;
    requests
}

fn sent(request: &Request) -> [Option<Vec<u8>>; 2] {
    [request.field(ETAG), request.field(MODIFIED)]
}

fn bytes(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

#[tokio::test]
async fn p1_both_validators_go_back_octet_for_octet() {
    let head = b"etag: \"v 1\"\nlast-modified: Tue, 24 Nov 2026 05:00:00 GMT";
    let request = second_requests(&[head]).await.remove(0);
    let expected = [
        Some(bytes("\"v 1\"")),
        Some(bytes("Tue, 24 Nov 2026 05:00:00 GMT")),
    ];
    assert_eq!(sent(&request), expected);
}

#[tokio::test]
async fn p2_a_tag_that_is_no_text_survives_storage() {
    let mut rig = Rig::with_feeds(&["a"]).await;
    let tag = b"W/\"caf\xe9\x80\"";
    let head = [b"200 OK\netag: ", &tag[..]].concat();
    rig.wire.say("/a", Answer::new(head, document()));
    rig.poll().await;
    let database = rusqlite::Connection::open(rig.test.database()).unwrap();
    let select = "SELECT etag FROM feeds";
    let stored: Vec<u8> = database.query_row(select, [], |row| row.get(0)).unwrap();
    assert_eq!(stored, tag);
    rig.test.restart().await;
    rig.poll_next().await;
    let second = rig.wire.requests().remove(1);
    assert_eq!(second.field(ETAG).as_deref(), Some(&tag[..]));
    rig.test.finish().await;
}

#[tokio::test]
async fn p3_weak_and_malformed_validators_are_left_alone() {
    let tags = [
        "W/\"weak\"",
        "w/\"lower\"",
        "W/unquoted",
        "unquoted",
        "'single'",
        "\"un\"closed",
        "\"\"",
        "\"a\", \"b\"",
    ];
    let dates = ["yesterday-ish", "0", "2026-11-24T05:00:00+01:00"];
    let tag = |tag: &&str| format!("etag: {tag}").into_bytes();
    let date = |date: &&str| format!("last-modified: {date}").into_bytes();
    let heads: Vec<Vec<u8>> = tags.iter().map(tag).chain(dates.iter().map(date)).collect();
    let heads: Vec<&[u8]> = heads.iter().map(Vec::as_slice).collect();
    let requests = second_requests(&heads).await;
    let expected = tags.iter().map(|tag| [Some(bytes(tag)), None]);
    let expected = expected.chain(dates.iter().map(|date| [None, Some(bytes(date))]));
    assert!(requests.iter().map(sent).eq(expected), "{requests:?}");
}

/// Dates of ours, of the head or of an entry stand in for none.
#[tokio::test]
async fn p4_no_validator_is_made_up() {
    let date = "date: Tue, 24 Nov 2026 06:00:00 GMT\nexpires: Tue, 24 Nov 2026 06:10:00 GMT";
    let only_tag = format!("{date}\netag: \"1\"");
    let only_date = format!("{date}\nlast-modified: then");
    let heads = [date, &only_tag, &only_date].map(str::as_bytes);
    let requests = second_requests(&heads).await;
    let expected = [
        [None, None],
        [Some(bytes("\"1\"")), None],
        [None, Some(bytes("then"))],
    ];
    assert!(requests.iter().map(sent).eq(expected), "{requests:?}");
}

/// Plays answers one after the other, and checks with which validators the request after each goes out.
async fn check(steps: &[(&str, [Option<&str>; 2])]) {
    let mut rig = Rig::with_feeds(&["a"]).await;
    for (head, expected) in steps {
        let body = if head.starts_with("304") {
            String::new()
        } else {
            document()
        };
        rig.wire.say("/a", Answer::new(head, body));
        rig.poll_next().await;
        rig.wire.say("/a", Answer::new("500 Oops", ""));
        rig.poll_next().await;
        let last = rig.wire.requests().pop().unwrap();
        let expected = expected.map(|value| value.map(|value| value.as_bytes().to_vec()));
        assert_eq!(sent(&last), expected, "after {head:?}");
    }
    rig.test.finish().await;
}

/// The document stays byte for byte, its validators move: both, one, the other. Three such answers in a row
/// would be a sign of something else (P27).
#[tokio::test]
async fn p5_validators_of_every_response_are_kept() {
    let first = (
        "200 OK\netag: \"1\"\nlast-modified: one",
        [Some("\"1\""), Some("one")],
    );
    let both = (
        "200 OK\netag: \"2\"\nlast-modified: two",
        [Some("\"2\""), Some("two")],
    );
    let tag = (
        "200 OK\netag: \"2\"\nlast-modified: one",
        [Some("\"2\""), Some("one")],
    );
    let date = (
        "200 OK\netag: \"1\"\nlast-modified: two",
        [Some("\"1\""), Some("two")],
    );
    for steps in [
        [first, both, first],
        [first, tag, both],
        [first, date, both],
    ] {
        check(&steps).await;
    }
}

#[tokio::test]
async fn p6_a_304_renews_what_it_names() {
    check(&[
        (
            "200 OK\netag: \"1\"\nlast-modified: one",
            [Some("\"1\""), Some("one")],
        ),
        ("304 X\netag: \"2\"", [Some("\"2\""), Some("one")]),
        ("304 X\nlast-modified: two", [Some("\"2\""), Some("two")]),
        ("304 X", [Some("\"2\""), Some("two")]),
    ])
    .await;

    let mut rig = Rig::with_feeds(&["a"]).await;
    let first = Answer::new("200 OK\netag: \"1\"\ncache-control: max-age=60", document());
    let second = Answer::new("304 X\ncache-control: max-age=18000", "");
    rig.wire.say_each("/a", [first, second]);
    rig.poll().await;
    rig.waits("a", HOUR);
    rig.poll_next().await;
    rig.waits("a", HOUR * 5);
    rig.test.finish().await;
}

#[tokio::test]
async fn p7_a_validator_that_a_200_leaves_out_is_forgotten() {
    check(&[
        (
            "200 OK\netag: \"1\"\nlast-modified: one",
            [Some("\"1\""), Some("one")],
        ),
        ("200 OK\nlast-modified: two", [None, Some("two")]),
        ("200 OK\netag: \"3\"", [Some("\"3\""), None]),
        ("200 OK", [None, None]),
    ])
    .await;
}

/// A document that cannot be read, broke off, or could not be stored: the tag of the last one that could
/// goes out again, and what was missed is not lost.
#[tokio::test]
async fn p8_an_unreadable_update_is_asked_for_again() {
    let mut rig = Rig::with_feeds(&["a"]).await;
    let news = rss("a", &[("two", "Second", 6)]);
    rig.wire
        .say("/a", Answer::new("200 OK\netag: \"old\"", document()));
    rig.poll().await;
    let page = "<html><title>Maintenance</title></html>";
    rig.wire
        .say("/a", Answer::new("200 OK\netag: \"new\"", page));
    rig.poll_next().await;
    let cut = "200 OK\netag: \"new\"\ncontent-length: 9999";
    rig.wire.say("/a", Answer::new(cut, &news));
    rig.poll_next().await;
    rig.wire
        .say("/a", Answer::new("200 OK\netag: \"new\"", &news));
    let database = rusqlite::Connection::open(rig.test.database()).unwrap();
    let fault =
        "CREATE TRIGGER fault BEFORE INSERT ON entries BEGIN SELECT RAISE(FAIL, 'full'); END";
    database.execute_batch(fault).unwrap();
    let unstored = rig.poll_next().await.remove(0);
    assert_eq!(super::rig::failure(&unstored).0, FailureKind::Store);
    database.execute_batch("DROP TRIGGER fault").unwrap();
    drop(database);
    assert!(!rig.published().contains("Second"));
    rig.test.run_for(DAY * 2).await;
    let tags: Vec<Option<Vec<u8>>> = rig
        .wire
        .requests()
        .iter()
        .map(|it| it.field(ETAG))
        .collect();
    let (old, new) = (Some(bytes("\"old\"")), Some(bytes("\"new\"")));
    assert_eq!(
        tags[..6],
        [None, old.clone(), old.clone(), old.clone(), old, new]
    );
    assert!(rig.published().contains("Second"));
    rig.test.finish().await;
}

/// Another address, credential or header makes it another resource, `--force` another question; an
/// unchanged file does not.
#[tokio::test]
async fn p9_what_makes_another_resource_voids_validators() {
    let mut rig = Rig::start(&feed("a", "WIRE/a", "headers = { x-edition = \"1\" }")).await;
    for path in ["/a", "/b"] {
        rig.wire
            .say(path, Answer::new("200 OK\netag: \"1\"", document()));
    }
    rig.poll().await;
    let address = rig.wire.address.to_string();
    let with_credential = format!("me:secret@{address}");
    for (from, to, conditional) in [
        ("", "", true),
        ("/a\"", "/b\"", false),
        ("x-edition = \"1\"", "x-edition = \"2\"", false),
        (&*address, &*with_credential, false),
        ("", "", true),
    ] {
        rig.test.config = rig.test.config.replace(from, to);
        rig.test.restart().await;
        rig.poll_next().await;
        let last = rig.wire.requests().pop().unwrap();
        assert_eq!(last.is_conditional(), conditional, "{from} to {to}");
    }
    for force in [true, false] {
        rig.poll_by_hand(force).await;
        let last = rig.wire.requests().pop().unwrap();
        assert_eq!(last.is_conditional(), !force, "--force: {force}");
    }
    rig.test.finish().await;
}

#[tokio::test]
async fn p25_validators_go_to_the_address_that_gave_them() {
    let mut rig = Rig::with_feeds(&["a"]).await;
    let to = |path| Answer::redirect(302, path);
    rig.wire
        .say_each("/a", [to("/b"), to("/b"), to("/c"), to("/c"), to("/b")]);
    for path in ["/b", "/c"] {
        let head = format!("200 OK\netag: \"{path}\"");
        rig.wire.say(path, Answer::new(head, document()));
    }
    for _ in 0..5 {
        rig.poll_next().await;
    }
    let asked: Vec<(String, Option<Vec<u8>>)> = rig
        .wire
        .requests()
        .iter()
        .map(|request| (request.path(), request.field(ETAG)))
        .filter(|(path, _)| path != "/a")
        .collect();
    let expected = [
        ("/b", None),
        ("/b", Some(bytes("\"/b\""))),
        ("/c", None),
        ("/c", Some(bytes("\"/c\""))),
        ("/b", None),
    ];
    assert_eq!(asked, expected.map(|(path, tag)| (path.to_owned(), tag)));
    assert!(
        !rig.wire
            .requests_for("/a")
            .iter()
            .any(Request::is_conditional)
    );
    rig.test.finish().await;
}

/// A 200 with the bytes we have is no news, whatever else its head says, and publishes nothing anew.
#[tokio::test]
async fn p26_the_same_bytes_are_not_modified() {
    let mut rig = Rig::with_feeds(&["a"]).await;
    rig.wire.say("/a", Answer::ok(document()));
    assert_eq!(rig.poll().await.outcome, Outcome::Modified);
    let published = rig.published();
    rig.wire
        .say("/a", Answer::new("200 OK\netag: \"late\"", document()));
    let reports = rig.test.run_for(DAY).await;
    assert!(reports.len() > 5);
    for report in reports {
        assert_eq!(
            (report.status, report.outcome),
            (Some(200), Outcome::NotModified)
        );
    }
    assert_eq!(rig.published(), published);
    rig.test.finish().await;
}
