//! What operators are told over HTTP, and who is not one.

use crate::program::{Place, QUIET, Running};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

/// A daemon at a port of its own.
struct Served {
    port: u16,
    running: Running,
    /// Kept for as long as the daemon runs.
    _place: Place,
}

impl Served {
    fn start(server: &str) -> Self {
        // Free a moment ago; nobody else on this machine takes ports by number.
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let config = QUIET.replace("127.0.0.1:0\"", &format!("127.0.0.1:{port}\"\n{server}"));
        let place = Place::new(&config);
        let mut running = Running::start(&place);
        running.wait_for("serving at");
        Self {
            port,
            running,
            _place: place,
        }
    }

    /// Returns the status and the body.
    fn get(&self, path: &str, fields: &str) -> (u16, String) {
        self.get_of("127.0.0.1", path, fields)
    }

    /// The same, of a host by the name that the client has for it.
    fn get_of(&self, host: &str, path: &str, fields: &str) -> (u16, String) {
        let mut socket = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let head =
            format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{fields}\r\n");
        socket.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), body.to_owned())
    }

    fn end(self) {
        self.running.signal("-TERM");
        assert_eq!(self.running.end().0, Some(0));
    }
}

const PAGES: [&str; 4] = ["/metrics", "/status", "/status.json", "/status/health.atom"];

/// R20: operators see how the feeds fare; what was handed on by a proxy is nobody's, and everybody may ask for
/// health. Who asks by a name that may be anybody's is not told either, be it that of `public-url`.
#[test]
fn r20_operators_alone_are_told() {
    let served = Served::start("public-url = \"https://news.example.org/\"");
    for path in PAGES {
        assert_eq!(served.get(path, "").0, 200, "{path}");
        for field in [
            "X-Forwarded-For: 127.0.0.1\r\n",
            "Via: 1.1 proxy\r\n",
            "Forwarded: for=x\r\n",
        ] {
            assert_eq!(served.get(path, field).0, 403, "{path} with {field}");
        }
    }
    // A page of that name, open in a browser of this machine, would be given the answer.
    for path in PAGES {
        assert_eq!(served.get_of("evil.example", path, "").0, 403, "{path}");
        assert_eq!(served.get_of("news.example.org", path, "").0, 403, "{path}");
        assert_eq!(served.get_of("localhost:8420", path, "").0, 200, "{path}");
    }
    assert_eq!(served.get("/healthz", "Via: 1.1 proxy\r\n").0, 200);
    assert_eq!(served.get_of("evil.example", "/healthz", "").0, 200);
    let (status, ready) = served.get("/readyz", "");
    assert_eq!(
        (status, ready.as_str()),
        (200, "{\"ready\":true,\"reasons\":[]}")
    );
    let board: Value = serde_json::from_str(&served.get("/status.json", "").1).unwrap();
    assert_eq!(board["feeds"][0]["state"], "disabled");
    served.end();

    let elsewhere = Served::start("admin-from = [\"192.0.2.0/24\"]");
    for path in PAGES {
        assert_eq!(elsewhere.get(path, "").0, 403, "{path}");
    }
    assert_eq!(elsewhere.get("/readyz", "").0, 200);
    elsewhere.end();
}

/// R20: the feed of how things turned is handed to who has its key, wherever he is, and else to operators alone.
#[test]
fn r20_a_key_lets_readers_elsewhere_see_how_things_turned() {
    const KEY: &str = "canary-of-the-watch-7f3a";
    let served = Served::start(&format!(
        "health-key = \"{KEY}\"\npublic-url = \"https://news.example.org/\""
    ));
    let proxied = "Via: 1.1 proxy\r\n";
    for (end, says) in [
        ("atom", "<feed "),
        ("rss", "<rss "),
        ("json", "\"version\":"),
    ] {
        let path = format!("/status/health.{end}");
        let (status, body) = served.get(&path, "");
        assert_eq!(status, 200);
        assert!(body.contains(says), "{body}");
        assert!(!body.contains(KEY), "{body}");
        assert_eq!(served.get(&path, proxied).0, 401);
        assert_eq!(served.get_of("news.example.org", &path, "").0, 401);
        let keyed = format!("{path}?key={KEY}");
        assert_eq!(served.get(&keyed, proxied).0, 200);
        assert_eq!(served.get_of("news.example.org", &keyed, "").0, 200);
        assert_eq!(served.get(&format!("{path}?key=x"), proxied).0, 401);
    }
    // It opens nothing else.
    let other = format!("/status?key={KEY}");
    assert_eq!(served.get(&other, proxied).0, 403);
    assert_eq!(served.get("/status/health.html", "").0, 404);
    assert_eq!(served.get("/status/health", "").0, 404);
    served.end();
}

/// Returns the names of ours in a text: those of metrics, without what a histogram adds.
fn names(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = text.split(|c| !is_part(c));
    let ours = words.filter(|word| word.starts_with("merganser_") || word.starts_with("process_"));
    let plain = |word: &str| {
        let ends = ["_bucket", "_sum", "_count"];
        let end = ends.iter().find_map(|end| word.strip_suffix(end));
        end.unwrap_or(word).to_owned()
    };
    ours.map(plain).collect()
}

/// Returns the metrics of ours in a text that are asked for by a label, with the first of these.
fn labels(text: &str) -> Vec<(&str, &str)> {
    let places = text.match_indices("merganser_").map(|(at, _)| at);
    let found = places.filter_map(|at| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (name, rest) = text[at..].split_at(text[at..].find(|c| !is_part(c))?);
        let rest = rest.strip_prefix('{')?;
        Some((name, rest.split(['=', '!']).next()?))
    });
    found.collect()
}

/// Every expression that is shipped names a metric that there is, and the page counts its own readers.
#[test]
fn what_is_shipped_names_metrics_that_there_are() {
    let served = Served::start("");
    served.get("/all.atom", "");
    served.get("/nothing/of/ours", "");
    let (_, metrics) = served.get("/metrics", "");
    let declared = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "));
    let declared: BTreeSet<&str> = declared.filter_map(|line| line.split(' ').next()).collect();
    // The last one tries rules out, by promtool.
    for file in [
        "dashboards/merganser.json",
        "dashboards/alerts.yml",
        "tests/alerts.yml",
    ] {
        let path = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let named = names(&text);
        assert!(named.len() > 2, "{file} names {named:?}");
        let unknown: Vec<&String> = named
            .iter()
            .filter(|name| !declared.contains(name.as_str()))
            .collect();
        assert!(unknown.is_empty(), "{file}: {unknown:?}");
        if file.starts_with("tests/") {
            continue;
        }
        for (metric, label) in labels(&text) {
            let has = |line: &str| line.starts_with(metric) && line.contains(label);
            assert!(metrics.lines().any(has), "{file}: {metric} has no {label}");
        }
        // Of several phases nothing is told by their sum.
        let bare = text.matches("fetch_duration_seconds_bucket").count();
        let by_phase = text.matches("fetch_duration_seconds_bucket{phase=").count();
        assert_eq!(bare, by_phase, "{file}");
    }
    for line in [
        "merganser_http_requests_total{output=\"all\",format=\"atom\",code=\"200\"} 1",
        "merganser_http_requests_total{output=\"\",format=\"\",code=\"404\"} 1",
        "merganser_config_last_reload_successful 1",
    ] {
        assert!(metrics.lines().any(|it| it == line), "{line} in\n{metrics}");
    }
    served.end();
}

/// Every alert says what to do, with a command to type; and what is tried out of the dashboard is what stands in it.
#[test]
fn an_alert_names_the_command_that_comes_next() {
    let read = |file: &str| {
        let path = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).unwrap()
    };
    let alerts = read("dashboards/alerts.yml");
    let alerts: Vec<&str> = alerts.split("- alert: ").skip(1).collect();
    assert!(alerts.len() > 10, "{alerts:?}");
    for alert in alerts {
        let described = alert.lines().find(|it| it.contains("description: "));
        let programs = ["`merganser ", "`journalctl ", "`lsof "];
        let names_one = |line: &str| programs.iter().any(|program| line.contains(program));
        assert!(described.is_some_and(names_one), "{alert}");
    }
    let dashboard: Value = serde_json::from_str(&read("dashboards/merganser.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().filter_map(|it| it["targets"].as_array());
    let shown: BTreeSet<&str> = targets
        .flatten()
        .filter_map(|target| target["expr"].as_str())
        .collect();
    let tried = read("tests/alerts.yml");
    let tried = tried.lines().filter_map(|it| it.split_once("- expr: '"));
    let tried: Vec<&str> = tried.map(|(_, it)| it.trim_end_matches('\'')).collect();
    assert!(!tried.is_empty());
    for expression in tried {
        assert!(shown.contains(expression), "{expression}");
    }
}
