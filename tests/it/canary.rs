//! S7: one secret in every place that can hold one, polls that end in every way, and a search for it in
//! everything that leaves the program.

use crate::origin::{Origin, Reply};
use crate::program::{Place, Running, kill};
use crate::test_daemon::{START, rss};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use merganser::clock::{ManualClock, SystemClock};
use merganser::config;
use merganser::daemon::{Daemon, StateDir};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use tokio::net::TcpListener;

const CANARY: &str = "c4nary-s3cret";

/// A header that cannot be sent, with the secret in it.
const UNSENDABLE: &str = "c4nary-s3cret\nX-Other: c4nary-s3cret";

/// Places of the secret: what is put before an address, what follows it, and what stands below.
const PLACES: [(&str, &str, &str); 10] = [
    ("desk:c4nary-s3cret@", "", ""),
    ("", "?a=1&token=c4nary-s3cret", ""),
    ("", "", "headers = { X-Api-Key = 'c4nary-s3cret' }"),
    ("", "", "headers = { X-Note = { env = 'SECRET' } }"),
    ("", "", "headers = { Cookie = { file = '/STATE/secret' } }"),
    (
        "",
        "",
        "auth = { user = 'desk', password = 'c4nary-s3cret' }",
    ),
    (
        "",
        "",
        "auth = { user = 'desk', password = { env = 'SECRET' } }",
    ),
    ("", "", "auth = { bearer = { credential = 'secret' } }"),
    ("", "", "proxy = 'http://desk:c4nary-s3cret@PROXY'"),
    (
        "",
        "",
        "proxy = { url = 'http://PROXY', user = 'desk', password = { credential = 'secret' } }",
    ),
];

/// A key of an output, which is longer.
const KEY: &str = "c4nary-s3cret-of-the-desk";

/// Where it may stand. `/STATE` stands for where its file is.
const KEYS: [&str; 4] = [
    "'c4nary-s3cret-of-the-desk'",
    "{ env = 'SECRET' }",
    "{ file = '/STATE/secret' }",
    "{ credential = 'secret' }",
];

/// How a poll ends, by its path.
const ENDS: [&str; 6] = ["ok", "error", "away", "inside", "gone", "empty"];

/// What the program could make of the secret.
fn shapes() -> Vec<String> {
    let basic = BASE64_STANDARD.encode(format!("desk:{CANARY}"));
    vec![
        CANARY.to_owned(),
        CANARY.replace('-', "%2D"),
        BASE64_STANDARD.encode(CANARY),
        basic.trim_end_matches('=').to_owned(),
    ]
}

/// Fails when the secret is in something that leaves the program.
#[track_caller]
fn search(what: &str, bytes: impl AsRef<[u8]>) {
    let bytes = bytes.as_ref();
    assert!(!bytes.is_empty(), "{what} is empty");
    for shape in shapes() {
        let found = bytes
            .windows(shape.len())
            .position(|it| it == shape.as_bytes());
        if let Some(at) = found {
            let around = &bytes[at.saturating_sub(200)..(at + 100).min(bytes.len())];
            panic!(
                "the secret is in {what}: {}",
                String::from_utf8_lossy(around)
            );
        }
    }
}

struct Rig {
    /// What variable, file and credential hold.
    secret: &'static str,
    place: Place,
    origin: Origin,
    elsewhere: Origin,
}

impl Rig {
    async fn start(secret: &'static str) -> Self {
        let clock = Arc::new(ManualClock::new(START.parse().unwrap()));
        let rig = Self {
            secret,
            place: Place::new(""),
            origin: Origin::start(Arc::clone(&clock)).await,
            elsewhere: Origin::start(clock).await,
        };
        let end = rig.elsewhere.url("/end");
        rig.elsewhere.say("/end", Reply::feed(document("end")));
        rig.origin.say(&end, Reply::feed(document("end")));
        rig.place.write("secret", format!("{secret}\n"));
        rig.place.write("feeds.toml", rig.config());
        rig
    }

    /// Makes a feed for each place and each end, and some that reach nobody.
    fn config(&self) -> String {
        let proxy = self.origin.url("").replace("http://", "");
        let places = PLACES.iter().enumerate();
        let feeds = places.flat_map(|place| ENDS.map(|end| self.feed(place, end)));
        let mut feeds: Vec<String> = feeds.collect();
        let unknown = format!("{}.example", "a".repeat(70));
        for (id, url, keys) in [
            (
                "dns",
                format!("http://desk:{CANARY}@{unknown}/?key={CANARY}"),
                "",
            ),
            ("refused", format!("https://desk:{CANARY}@127.0.0.1:1/"), ""),
            ("blocked", format!("http://desk:{CANARY}@10.0.0.1/"), ""),
            ("no-tls", format!("https://desk:{CANARY}@{proxy}/"), ""),
            (
                "no-proxy",
                self.origin.url("/none"),
                "proxy = 'socks5://desk:c4nary-s3cret@127.0.0.1:1'",
            ),
        ] {
            feeds.push(format!("[[feed]]\nid = '{id}'\nurl = '{url}'\n{keys}\n"));
        }
        format!(
            "[fetch]\nallow-networks = ['127.0.0.1/32']\nhost-gap = '0s'\n{}",
            feeds.concat()
        )
    }

    /// Makes a feed, and has the origin answer it.
    fn feed(&self, place: (usize, &(&str, &str, &str)), end: &str) -> String {
        let (number, (userinfo, query, keys)) = place;
        let proxy = self.origin.url("").replace("http://", "");
        let directory = self.place.path().display().to_string();
        // What a proxy is asked for need not be anywhere.
        let is_proxied = keys.contains("PROXY");
        let host = if is_proxied { "feeds.invalid" } else { &proxy };
        let path = format!("/{number}/{end}{query}");
        self.answer(&path, end);
        self.answer(&format!("http://{host}{path}"), end);
        let keys = keys.replace("PROXY", &proxy).replace("/STATE", &directory);
        let url = format!("http://{userinfo}{host}{path}");
        format!("[[feed]]\nid = '{end}-{number}'\nurl = '{url}'\n{keys}\n")
    }

    fn answer(&self, path: &str, end: &str) {
        let reply = match end {
            "ok" => Reply::feed(document(path)),
            "error" => Reply::status(500),
            "away" => Reply::status(302).header("location", &self.elsewhere.url("/end")),
            "inside" => {
                let inside = format!("http://10.0.0.1/?token={CANARY}");
                Reply::status(302).header("location", &inside)
            }
            "gone" => Reply::status(410),
            _ => Reply::status(200),
        };
        self.origin.say(path, reply);
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.place.command(arguments);
        command
            .env("MERGANSER_LOG", "trace")
            .env("SECRET", self.secret)
            .env("UNSENDABLE", UNSENDABLE)
            .env("CREDENTIALS_DIRECTORY", self.place.path());
        command
    }

    /// Runs a command and searches all that it says.
    fn run(&self, arguments: &[&str]) {
        let output = self.command(arguments).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        search(&format!("{arguments:?}"), said);
    }

    fn search_state(&self) {
        let mut left = vec![self.place.path().join("state")];
        while let Some(path) = left.pop() {
            if path.is_dir() {
                let files = fs::read_dir(&path).unwrap();
                left.extend(files.map(|file| file.unwrap().path()));
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            // A log of writes may be empty.
            search(&path.display().to_string(), [&b"-"[..], &bytes].concat());
        }
    }
}

/// A document with addresses that are to be made whole.
fn document(name: &str) -> String {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.replace("c4narys3cret", "");
    rss(&name, &[(&name, &format!("Told by {name}"), 5)])
        .replace(&format!("https://{name}.example"), "")
        .replace("told at", "<img src='pic.png'> <a href='?b=1'>told</a> at")
}

/// S7: no log line, output of a command, byte of the database or published document holds a secret.
#[tokio::test(flavor = "multi_thread")]
async fn s7_no_secret_leaves_the_program() {
    let rig = Rig::start(CANARY).await;
    rig.run(&["check"]);
    rig.run(&["check", "--format", "json"]);
    rig.run(&["poll", "--all"]);
    rig.run(&["poll", "--all", "--format", "json"]);
    rig.search_state();
    let header = "headers = { X-Note = { env = 'UNSENDABLE' } }";
    let unsendable = format!("[[feed]]\nid = 'a'\nurl = 'https://a.invalid/'\n{header}\n");
    rig.place.write("unsendable.toml", unsendable);
    rig.run(&["poll", "--config", "unsendable.toml"]);
    for arguments in [
        &["status"][..],
        &["status", "--format", "json"],
        &["status", "ok-0"],
        &["status", "inside-1", "--format", "json"],
        &["export"],
        &[
            "preview",
            &format!("http://desk:{CANARY}@127.0.0.1:1/?token={CANARY}"),
        ],
    ] {
        rig.run(arguments);
    }

    let environment = |name: &str| match name {
        "SECRET" => Some(CANARY.to_owned()),
        "CREDENTIALS_DIRECTORY" => Some(rig.place.path().display().to_string()),
        _ => None,
    };
    let loaded = config::load(&rig.place.path().join("feeds.toml"), &environment).unwrap();
    search("the settings", format!("{loaded:?}"));
    let state = StateDir::claim(&rig.place.path().join("state")).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let clock = Arc::new(SystemClock);
    let daemon = Daemon::build(loaded.config, state, clock, Some(listener)).await;
    let daemon = daemon.unwrap();
    let outputs = daemon.shelf().all();
    let all = String::from_utf8_lossy(&outputs["/all.atom"].body()).into_owned();
    assert!(all.contains("Told by"), "{all}");
    for (path, resource) in outputs.iter() {
        search(path, resource.body());
    }
    rig.search_state();
    daemon.stop().await;

    // It was really sent where it belongs, and nowhere else.
    let asked = |origin: &Origin| format!("{:?}", origin.asked());
    let sent = asked(&rig.origin);
    for shape in shapes().iter().filter(|shape| !shape.contains('%')) {
        let is_sent = sent.contains(shape.as_str());
        assert_eq!(is_sent, *shape != BASE64_STANDARD.encode(CANARY), "{shape}");
    }
    search("what another origin is sent", asked(&rig.elsewhere));
}

/// What a client sends that wants a protected document: right keys and wrong ones, in the address and as a password.
fn asked(path: &str) -> Vec<(String, u16)> {
    let by_address = |key: &str| format!("GET {path}?key={key} HTTP/1.1\r\n");
    let by_password = |scheme: &str, key: &str| {
        let word = BASE64_STANDARD.encode(format!("desk:{key}"));
        format!("GET {path} HTTP/1.1\r\nAuthorization: {scheme} {word}\r\n")
    };
    let wrong = format!("{KEY}-not");
    vec![
        (by_address(KEY), 200),
        (by_address(&KEY.replace('-', "%2D")), 200),
        (by_address(&wrong), 401),
        (by_password("Basic", KEY), 200),
        (by_password("Basic", &wrong), 401),
        (by_password("Bearer", KEY), 401),
    ]
}

/// S7, U31: nor does any hold the key of an output, be it right or wrong and given in the address or as a password.
#[tokio::test(flavor = "multi_thread")]
async fn s7_no_key_of_an_output_leaves_the_program() {
    let rig = Rig::start(KEY).await;
    rig.origin.say("/a", Reply::feed(document("a")));
    let directory = rig.place.path().display().to_string();
    let keys = KEYS.iter().enumerate().map(|(number, key)| {
        let key = key.replace("/STATE", &directory);
        format!("[[output]]\npath = 'desk{number}'\nprotect = {key}\n")
    });
    let config = format!(
        "[server]\nlisten = '127.0.0.1:0'\npublic-url = 'https://news.example.org/'\npublish-dir = 'www'\n\
         [fetch]\nallow-networks = ['127.0.0.1/32']\n[[output]]\npath = 'all'\n{}[[feed]]\nid = 'a'\nurl = '{}'\n",
        keys.collect::<String>(),
        rig.origin.url("/a")
    );
    rig.place.write("feeds.toml", config);
    let mut running = Running::command(rig.command(&["run"]));
    let line = running.wait_for("listening on ");
    let address = line.rsplit("listening on ").next().unwrap();
    let address = address.split_whitespace().next().unwrap().to_owned();
    // Read while it is written: there is much of it.
    let pid = running.id();
    let log = thread::spawn(move || running.end());
    let get = |head: &str| {
        let mut socket = TcpStream::connect(&address).unwrap();
        let request = format!("{head}Host: 127.0.0.1\r\nConnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).unwrap();
        answer
    };
    for number in 0..KEYS.len() {
        for (head, status) in asked(&format!("/desk{number}.atom")) {
            let answer = get(&head);
            let expected = format!("HTTP/1.1 {status} ");
            assert!(answer.starts_with(expected.as_bytes()), "{head}");
            search(&head, answer);
        }
    }
    rig.run(&["reload", "--wait"]);
    for path in [
        "/",
        "/all.html",
        "/feeds.opml",
        "/sources.opml",
        "/healthz",
        "/metrics",
        "/status",
        "/status.json",
        "/status/health.atom",
        "/none?key=c4nary-s3cret",
    ] {
        search(path, get(&format!("GET {path} HTTP/1.1\r\n")));
    }
    for command in ["check", "status", "list", "plan", "doctor"] {
        rig.run(&[command]);
        rig.run(&[command, "--format", "json"]);
    }
    kill("-TERM", pid);
    let (code, log) = log.join().unwrap();
    assert_eq!(code, Some(0));
    search("the log", log);
    rig.search_state();
}
