//! `merganser demo` as a stranger runs it, and what its invented news must come to.

use crate::program::{Place, Running};
use std::io::{Read, Write};
use std::net::TcpStream;

/// Fetches a document whole.
fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

/// Asks for an output so often before its articles are missed: the feeds are polled meanwhile, and each
/// answer takes a while of its own.
const ATTEMPTS: usize = 20_000;

/// The titles of an output, once it has so many.
fn titles(address: &str, path: &str, at_least: usize) -> Vec<String> {
    let mut titles = Vec::new();
    for _ in 0..ATTEMPTS {
        let response = get(address, path);
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
        let feed = feed_rs::parser::parse(body.as_bytes()).unwrap();
        let entries = feed.entries.into_iter();
        titles = entries.map(|entry| entry.title.unwrap().content).collect();
        if titles.len() >= at_least {
            return titles;
        }
    }
    panic!("{path} has only {titles:#?}");
}

#[test]
fn the_demo_serves_a_day_of_news() {
    let place = Place::new("");
    let mut demo = Running::command(place.command(&["demo", "--port", "0"]));
    let line = demo.wait_for("served at http://");
    let address = line
        .split("http://")
        .nth(1)
        .unwrap()
        .split('/')
        .next()
        .unwrap();

    let all = titles(address, "/all.atom", 45);
    let visit = "India and Russia sign nine accords as Sehgal meets Antonov in Moscow";
    assert_eq!(
        all.iter().filter(|title| *title == visit).count(),
        1,
        "{all:#?}"
    );
    let topic = titles(address, "/india-russia.atom", 5);
    assert!(topic.iter().any(|title| title == visit), "{topic:#?}");
    assert!(topic.len() < all.len());
    let geopolitics = titles(address, "/geopolitics.atom", 5);
    assert!(
        geopolitics.iter().any(|title| title == visit),
        "{geopolitics:#?}"
    );
    let everything = get(address, "/all.atom");
    assert!(
        !everything.contains("<script") && !everything.contains("&lt;script"),
        "S14"
    );
    assert!(get(address, "/").contains("india-russia.atom"));
    assert!(get(address, "/healthz").starts_with("HTTP/1.1 200"));

    demo.signal("-INT");
    assert_eq!(demo.end().0, Some(0));
}
