//! Bodies: coded, broken, empty, endless, too large, or no feed at all (P28, P40 to P43, S8, S9).

use super::rig::{HOUR, Rig, clock, failure, feed};
use super::wire::{Answer, Wire};
use crate::test_daemon::{TestDaemon, rss};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use merganser::model::{FailureKind, Outcome};
use std::io::Write;
use std::sync::Arc;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

/// Writes up to 64 KiB as they are in one block of a brotli stream (RFC 7932, 9.2), and an empty last one.
fn brotli(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len() - 1).unwrap();
    assert!(length < 1 << 16);
    // A window of 64 KiB, not the last block, four digits of length, the length, not compressed.
    let head = (length << 4 | 1 << 20).to_le_bytes();
    [&head[..3], bytes, &[3]].concat()
}

/// A document that no other test here has.
fn document(title: &str) -> Vec<u8> {
    rss("coded", &[(&title.replace(' ', "-"), title, 5)]).into_bytes()
}

/// Polls a feed that had one good answer before this one, and checks what it is taken for: the second
/// answer changes nothing, and is asked for again with the first one's tag.
async fn check(answer: Answer, kind: FailureKind, words: &str) {
    let mut rig = Rig::start(&format!("max-body = \"1MiB\"\n{}", feed("a", "WIRE/a", ""))).await;
    let good = Answer::new("200 OK\netag: \"good\"", document("Good report"));
    rig.wire.say_each("/a", [good, answer]);
    rig.poll().await;
    let published = rig.published();
    let before = rig.state("a");
    let report = rig.poll_next().await.remove(0);
    let (found, message) = failure(&report);
    assert_eq!(found, kind, "{message}");
    assert!(message.contains(words), "{message:?} without {words:?}");
    let after = rig.state("a");
    assert_eq!(after.validators, before.validators, "{words}");
    assert_eq!(after.body_digest, before.body_digest, "{words}");
    assert_eq!(
        (after.failures, &*after.last_error),
        (1, message),
        "{words}"
    );
    assert_eq!(rig.published(), published);
    rig.test.finish().await;
}

#[tokio::test]
async fn p28_what_is_asked_for_is_decoded() {
    let two = |title: &str| gzip(&zstd(&document(title)));
    let cases = [
        ("gzip", gzip(&document("In gzip"))),
        ("GZIP", gzip(&document("In capitals"))),
        ("x-gzip", gzip(&document("By the old name"))),
        (
            "gzip",
            [gzip(&document("With padding")), vec![0; 99]].concat(),
        ),
        ("deflate", zlib(&document("In zlib"))),
        ("deflate", deflate(&document("In bare deflate"))),
        ("br", brotli(&document("In brotli"))),
        ("zstd", zstd(&document("In zstd"))),
        ("gzip, gzip", gzip(&gzip(&document("Twice")))),
        ("zstd\ncontent-encoding: gzip", two("In two lines")),
        ("identity", document("As it is")),
    ];
    let ids: Vec<String> = (0..cases.len()).map(|n| format!("f{n}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut rig = Rig::with_feeds(&ids).await;
    for (id, (coding, body)) in ids.iter().zip(&cases) {
        let head = format!("200 OK\ncontent-encoding: {coding}");
        rig.wire.say(&format!("/{id}"), Answer::new(head, body));
    }
    for report in rig.test.run_due().await {
        assert_eq!(report.outcome, Outcome::Modified, "{}", report.feed);
    }
    let published = rig.published();
    for title in [
        "In gzip",
        "In capitals",
        "By the old name",
        "With padding",
        "In zlib",
        "In bare deflate",
        "In brotli",
        "In zstd",
        "Twice",
        "In two lines",
        "As it is",
    ] {
        assert!(published.contains(title), "{title}");
    }
    for request in rig.wire.requests() {
        let asked = request.field("accept-encoding").unwrap();
        assert_eq!(asked, b"gzip, zstd, br, deflate");
    }
    rig.test.finish().await;
    let unknown = Answer::new("200 OK\ncontent-encoding: compress", document("Never"));
    check(unknown, FailureKind::Broken, "coded as `compress`").await;
}

/// Where the connection alone tells the end of a document that is not at its end, it may have been cut off: its
/// whole entries are taken, the half one is not, and nothing hides what is missing. What has a length is all of it.
#[tokio::test]
async fn p41_what_the_connection_cut_off_is_asked_for_again() {
    let items = [
        ("one", "First whole", 5),
        ("two", "Second half", 4),
        ("three", "Third absent", 3),
    ];
    let whole = rss("a", &items);
    let cut = &whole[..whole.find("Second half, told").unwrap()];
    let mut rig = Rig::with_feeds(&["new", "old", "framed"]).await;
    let tagged = |tag: &str, more: &str, body: &str| {
        Answer::new(format!("200 OK\netag: \"{tag}\"{more}"), body)
    };
    let full = || tagged("full", "", &whole);
    rig.wire.say_each("/new", [tagged("full", "", cut), full()]);
    let before = tagged("before", "", &rss("a", &[("zero", "Before", 2)]));
    rig.wire
        .say_each("/old", [before, tagged("full", "", cut), full()]);
    let length = format!("\ncontent-length: {}", cut.len());
    rig.wire
        .say_each("/framed", [tagged("full", &length, cut), full()]);
    rig.test.run_due().await;
    let published = rig.published();
    assert!(published.contains("First whole"));
    let told = |rig: &mut Rig, id: &str| {
        let rows = rig.test.daemon().store().feeds().unwrap();
        let row = rows.into_iter().find(|row| row.id.as_str() == id).unwrap();
        let cut = row.defects.iter().any(|it| it.starts_with("cut-off"));
        (cut, row.entries)
    };
    assert_eq!(told(&mut rig, "new"), (true, 1));
    assert_eq!(told(&mut rig, "framed"), (false, 2), "its entry has an id");
    rig.test.run_for(HOUR + HOUR / 4).await;
    assert_eq!(told(&mut rig, "old"), (true, 2));
    // What has no validators is asked for half as often (P12).
    rig.test.run_for(HOUR + HOUR / 4).await;
    assert_eq!(told(&mut rig, "new"), (false, 3));
    assert_eq!(told(&mut rig, "old"), (false, 4));
    rig.test.run_for(HOUR).await;
    let tags = |path: &str| {
        let requests = rig.wire.requests_for(path).into_iter().take(3);
        let tags = requests.map(|it| it.field("if-none-match").unwrap_or_default());
        tags.map(|it| String::from_utf8(it).unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(tags("/new"), ["", "", "\"full\""]);
    assert_eq!(tags("/old"), ["", "\"before\"", "\"before\""]);
    assert_eq!(tags("/framed"), ["", "\"full\"", "\"full\""]);
    for title in ["First whole", "Second half", "Third absent", "Before"] {
        assert!(rig.published().contains(title), "{title}");
    }
    rig.test.finish().await;
}

/// A document that never closes, and whose end nothing else tells, is a part each time: what is newer than all that was
/// read of it is news and no backlog. The rest of one that was really cut off is.
#[tokio::test]
async fn p41_what_comes_later_is_no_backlog() {
    let first = [
        ("n4", "Four", 4),
        ("n3", "Three", 3),
        ("n2", "Two", 2),
        ("n1", "One", 1),
    ];
    let later = [("n7", "Seven", 9), ("n6", "Six", 9), ("n5", "Five", 8)];
    let open = |items: &[_]| {
        let whole = rss("a", items);
        Answer::ok(whole.strip_suffix("</channel></rss>").unwrap())
    };
    let all = [&later[..], &first].concat();
    let two = "first-poll-entries = 2";
    for (more, begins, goes_on, before, after) in [
        (two, open(&first), open(&all), 2, 5),
        ("first-poll-entries = 0", open(&first), open(&all), 0, 3),
        (two, open(&first[..1]), Answer::ok(rss("a", &all)), 1, 6),
    ] {
        let mut rig = Rig::start(&feed("a", "WIRE/a", more)).await;
        rig.wire.say("/a", begins);
        rig.test.run_for(HOUR * 4).await;
        let stored = |rig: &mut Rig| {
            let row = rig.test.daemon().store().feeds().unwrap().remove(0);
            assert_eq!(row.title, "a", "what the part says of the feed");
            row.entries
        };
        assert_eq!(stored(&mut rig), before, "{more}");
        rig.wire.say("/a", goes_on);
        rig.test.run_for(HOUR * 8).await;
        assert_eq!(stored(&mut rig), after, "{more}");
        rig.test.finish().await;
    }
}

/// An old entry that was edited after the news came does not make a backlog of them.
#[tokio::test]
async fn p41_an_edit_makes_no_backlog_of_news() {
    let entry = |id: &str, published: u32, updated: u32| {
        let at = |hour| format!("2026-11-24T{hour:02}:00:00Z");
        let (published, updated) = (at(published), at(updated));
        format!(
            "<entry><id>urn:x:{id}</id><title>{id}</title><published>{published}</published>\
             <updated>{updated}</updated><link href=\"https://{id}.example/\"/></entry>"
        )
    };
    let open = |entries: &str| {
        let feed = "<feed xmlns=\"http://www.w3.org/2005/Atom\"><id>urn:x</id><title>a</title>";
        Answer::ok(format!(
            "{feed}<updated>2026-11-24T05:00:00Z</updated>{entries}"
        ))
    };
    let (old, news) = (entry("old", 1, 5), entry("news", 3, 3));
    let mut rig = Rig::start(&feed("a", "WIRE/a", "first-poll-entries = 0")).await;
    rig.wire.say("/a", open(&old));
    rig.test.run_for(HOUR * 4).await;
    rig.wire.say("/a", open(&format!("{news}{old}")));
    rig.test.run_for(HOUR * 8).await;
    let row = rig.test.daemon().store().feeds().unwrap().remove(0);
    assert_eq!(row.entries, 1);
    rig.test.finish().await;
}

/// Two that fall silent, two that drip for ever, and a good one, each at a publisher of its own. What nobody
/// answered is told when it can no longer be our own network's fault, an hour later at most.
#[tokio::test]
async fn p40_a_poll_ends_however_slowly_it_drips() {
    let clock = clock();
    let mut config = "[fetch]\ntimeout = \"1s\"\nallow-networks = [\"127.0.0.1/32\"]\n".to_owned();
    let early = b"HTTP/1.1 103 Early Hints\r\n\r\n";
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let answers = [
        ("mute", Answer::raw("").and_stall(), "no response from"),
        ("head", Answer::raw("").and_drip(early), "no response from"),
        (
            "half",
            Answer::raw("HTTP/1.1 200 OK\r\n\r\n<rss>").and_stall(),
            "no more of the body",
        ),
        (
            "drip",
            Answer::raw(chunked).and_drip(b"1\r\n \r\n"),
            "no complete response",
        ),
        ("good", Answer::ok(document("In time")), ""),
    ];
    let mut wires = Vec::new();
    for (id, answer, _) in &answers {
        let wire = Wire::start("127.0.0.1", Arc::clone(&clock)).await;
        wire.say("/", answer.clone());
        config.push_str(&feed(id, &wire.url("/"), ""));
        wires.push(wire);
    }
    let mut test = TestDaemon::under(clock, config).await;
    let mut reports = test.run_due().await;
    test.clock.advance(HOUR);
    reports.extend(test.run_due().await);
    assert_eq!(reports.len(), answers.len(), "{reports:?}");
    for (id, _, words) in answers {
        let report = reports.iter().find(|it| it.feed.as_str() == id).unwrap();
        if words.is_empty() {
            assert_eq!(report.outcome, Outcome::Modified);
            continue;
        }
        let (kind, message) = failure(report);
        assert_eq!(kind, FailureKind::Timeout, "{id}: {message}");
        assert!(message.contains(words), "{id}: {message}");
    }
    test.finish().await;
}

#[tokio::test]
async fn p41_a_body_that_breaks_off_is_a_failure() {
    let news = document("Half a report");
    let length = format!("200 OK\netag: \"new\"\ncontent-length: {}", news.len() + 1);
    check(Answer::new(length, &news), FailureKind::Broken, "broke off").await;
    let chunked = "200 OK\netag: \"new\"\ntransfer-encoding: chunked";
    let chunk = [format!("{:x}\r\n", news.len()).as_bytes(), &news, b"\r\n"].concat();
    check(
        Answer::new(chunked, chunk),
        FailureKind::Broken,
        "broke off",
    )
    .await;
    for (coding, whole) in [
        ("gzip", gzip(&news)),
        ("deflate", zlib(&news)),
        ("zstd", zstd(&news)),
        ("br", brotli(&news)),
    ] {
        let head = format!("200 OK\netag: \"new\"\ncontent-encoding: {coding}");
        let cut = &whole[..whole.len() - 1];
        check(Answer::new(head, cut), FailureKind::Broken, "cut off").await;
    }
}

/// Whoever waited for the body that the 304 announces would wait in vain.
#[tokio::test]
async fn p42_a_304_has_no_body_and_an_empty_200_is_none() {
    let mut rig = Rig::with_feeds(&["a"]).await;
    let good = Answer::new("200 OK\netag: \"1\"", document("Good report"));
    let length = "HTTP/1.1 304 X\r\ncontent-length: 99\r\n\r\n<rss>";
    rig.wire
        .say_each("/a", [good, Answer::raw(length).and_stall()]);
    rig.poll().await;
    let report = rig.poll_next().await.remove(0);
    assert_eq!((&report.outcome, report.bytes), (&Outcome::NotModified, 0));
    rig.test.finish().await;

    let empty = "200 OK\netag: \"new\"";
    check(Answer::new(empty, ""), FailureKind::Broken, "an empty body").await;
    let coded = "200 OK\ncontent-encoding: gzip";
    check(
        Answer::new(coded, gzip(b"")),
        FailureKind::Broken,
        "an empty body",
    )
    .await;
    let none = "204 No Content\netag: \"new\"";
    check(Answer::new(none, ""), FailureKind::Http, "204").await;
}

#[tokio::test]
async fn p43_the_document_decides_what_it_is() {
    let types = [
        "content-type: text/html",
        "content-type: application/octet-stream",
        "content-type: nonsense",
        "x: y",
    ];
    let ids = ["f0", "f1", "f2", "f3"];
    let mut rig = Rig::with_feeds(&ids).await;
    for (id, field) in ids.iter().zip(types) {
        let body = document(&format!("Report of {id}"));
        let answer = Answer::new(format!("200 OK\n{field}"), body);
        rig.wire.say(&format!("/{id}"), answer);
    }
    for report in rig.test.run_due().await {
        assert_eq!(report.outcome, Outcome::Modified, "{}", report.feed);
    }
    rig.test.finish().await;

    let page = "<!doctype html><html><head><title>Closed for today</title></head></html>";
    let feed = "200 OK\netag: \"new\"\ncontent-type: application/rss+xml";
    check(Answer::new(feed, page), FailureKind::NotAFeed, "page").await;
    let wall = "403 Forbidden\ncf-mitigated: challenge";
    check(Answer::new(wall, page), FailureKind::Http, "(Cloudflare)").await;
}

#[tokio::test]
async fn s8_a_body_is_cut_off_at_the_limit() {
    const OVER: &str = "over `max-body`, 1MiB";
    let zeros = vec![0; 8 * 1024 * 1024];
    for (coding, bomb) in [
        ("gzip", gzip(&zeros)),
        ("deflate", zlib(&zeros)),
        ("zstd", zstd(&zeros)),
        ("gzip, gzip", gzip(&gzip(&zeros))),
        ("identity", zeros.clone()),
    ] {
        let head = format!("200 OK\netag: \"new\"\ncontent-encoding: {coding}");
        check(Answer::new(head, bomb), FailureKind::TooLarge, OVER).await;
    }
    let announced = "200 OK\netag: \"new\"\ncontent-length: 99999999999";
    let announced = Answer::new(announced, "<rss>").and_stall();
    check(announced, FailureKind::TooLarge, OVER).await;
    let endless = "HTTP/1.1 200 OK\r\n\r\n";
    let endless = Answer::raw(endless).and_drip(&[b' '; 4096]);
    check(endless, FailureKind::TooLarge, OVER).await;
}

#[tokio::test]
async fn s9_a_head_is_bounded() {
    let many = "\nx: y".repeat(150);
    let long = format!("\nx: {}", "y".repeat(600 * 1024));
    for fields in [many, long] {
        let head = format!("200 OK\netag: \"new\"{fields}");
        let answer = Answer::new(head, document("Never"));
        check(answer, FailureKind::TooLarge, "head").await;
    }
    // A large one that is within the limits is read, and what cannot be sent back is not kept of it.
    let mut rig = Rig::with_feeds(&["a"]).await;
    let head = format!(
        "200 OK\netag: \"{}\"\nx: {}",
        "e".repeat(9000),
        "y".repeat(90_000)
    );
    rig.wire
        .say("/a", Answer::new(head, document("Large head")));
    assert_eq!(rig.poll().await.outcome, Outcome::Modified);
    rig.test.run_for(HOUR * 2).await;
    assert!(!rig.wire.requests().pop().unwrap().is_conditional());
    rig.test.finish().await;
}
