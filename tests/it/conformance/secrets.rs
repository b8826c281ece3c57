//! What the operator keeps secret shows up nowhere but at its origin (S7).

use super::rig::{Rig, clock, feed};
use super::wire::{Answer, Wire};
use crate::program::Place;
use std::path::Path;

/// A part of every secret here.
const CANARY: &str = "canary";

/// Feeds with secrets of all kinds, each of which meets something else.
fn feeds(address: &str) -> String {
    let headers =
        "headers = { authorization = \"Bearer canary-bearer\", x-api-key = \"canary-key\" }";
    let user = format!("http://canary-user:canary-pass@{address}");
    let plain = format!("http://{address}");
    [
        feed("good", &format!("{user}/good?token=canary-query&a=b"), ""),
        feed("headers", &format!("{plain}/headers"), headers),
        feed("broken", &format!("{user}/broken?apikey=canary-query"), ""),
        feed("page", &format!("{user}/page?sig=canary-query"), ""),
        feed("moved", &format!("{user}/moved?auth=canary-query"), ""),
        feed("inside", &format!("{user}/inside?secret=canary-query"), ""),
        feed(
            "circle",
            &format!("{user}/circle?password=canary-query"),
            "",
        ),
        feed(
            "patience",
            &format!("{user}/patience?access_token=canary-query"),
            headers,
        ),
        feed(
            "nobody",
            "http://u:canary-pass@127.0.0.1:1/?key=canary-query",
            headers,
        ),
    ]
    .concat()
}

/// Says what the feeds of [`feeds`] meet.
fn publish(wire: &Wire) {
    let own = wire.url("/good?token=canary-query");
    let document = format!(
        "<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Good</title>\
         <id>{own}</id><link rel=\"self\" href=\"{own}\"/><updated>2026-11-24T05:00:00Z</updated>\
         <entry><id>tag:example.org,2026:1</id><title>News</title><link href=\"news/1.html\"/>\
         <updated>2026-11-24T05:00:00Z</updated>\
         <content type=\"html\">&lt;a href=\"more.html\"&gt;More&lt;/a&gt;</content></entry></feed>"
    );
    let good = Answer::new("200 OK\netag: \"1\"", document);
    wire.say("/good?token=canary-query&a=b", good.clone());
    wire.say("/headers", good);
    wire.say("/broken?apikey=canary-query", Answer::raw("HTTP/1.1 2"));
    let page = "<html><head><title>Log in</title></head></html>";
    wire.say("/page?sig=canary-query", Answer::ok(page));
    let moved = Answer::redirect(301, "/missing?access_token=canary-theirs");
    wire.say("/moved?auth=canary-query", moved);
    let inside = "http://you:canary-theirs@10.0.0.1/?key=canary-theirs";
    wire.say("/inside?secret=canary-query", Answer::redirect(302, inside));
    let circle = "/circle?password=canary-query";
    wire.say(circle, Answer::redirect(302, circle));
    let patience = "429 canary-theirs\nretry-after: 60";
    wire.say(
        "/patience?access_token=canary-query",
        Answer::new(patience, "canary-theirs"),
    );
}

#[track_caller]
fn is_clean(what: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().filter(|line| line.contains(CANARY));
    let found: Vec<&str> = lines.take(3).collect();
    assert!(found.is_empty(), "{what}: {found:?}");
}

fn files_are_clean(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_are_clean(&path);
            continue;
        }
        is_clean(&path.display().to_string(), &std::fs::read(&path).unwrap());
    }
}

/// The log at its most talkative, what every command prints, and the files of the state directory.
#[tokio::test(flavor = "multi_thread")]
async fn s7_no_secret_is_logged_printed_or_stored() {
    let wire = Wire::start("127.0.0.1", clock()).await;
    publish(&wire);
    let allow = "[fetch]\nallow-networks = [\"127.0.0.1/32\"]\nhost-gap = \"0s\"\n";
    let place = Place::new(&format!("{allow}{}", feeds(&wire.address.to_string())));
    for arguments in [
        &["poll", "--all", "--force"][..],
        &["poll", "--all"],
        &["status"],
        &["status", "--format", "json"],
        &["status", "good"],
        &["status", "patience"],
        &["check"],
        &["export"],
        &["explain", "tag:example.org,2026:1"],
    ] {
        let mut command = place.command(arguments);
        let output = command.env("MERGANSER_LOG", "trace").output().unwrap();
        is_clean(&format!("{arguments:?}, output"), &output.stdout);
        is_clean(&format!("{arguments:?}, log"), &output.stderr);
    }
    files_are_clean(&place.path().join("state"));
    let requests = wire.requests();
    let sent = |request: &super::wire::Request| {
        let text = String::from_utf8_lossy(&request.bytes).into_owned();
        text.contains("canary-query") || text.contains("canary-key")
    };
    assert!(
        requests.iter().filter(|it| sent(it)).count() >= 8,
        "{requests:?}"
    );
}

/// The outputs, their list, and what is said of each poll.
#[tokio::test]
async fn s7_no_secret_is_published_or_reported() {
    let mut rig = Rig::with_feeds(&[]).await;
    publish(&rig.wire);
    let feeds = feeds(&rig.wire.address.to_string());
    rig.test.config.push_str(&feeds);
    rig.test.restart().await;
    for report in rig.test.run_due().await {
        is_clean("a report", format!("{report:?}").as_bytes());
    }
    let served = rig.test.daemon().shelf().all();
    assert!(served.len() > 2);
    for (path, resource) in served.iter() {
        is_clean(path, &resource.body());
    }
    assert!(rig.published().contains("/news/1.html"));
    files_are_clean(rig.test.state());
    rig.test.finish().await;
}
