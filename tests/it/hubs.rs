//! Hubs are told of news, once, and never hold anything up (W12).

use crate::checking::get;
use crate::origin::{Origin, Reply};
use crate::program::{Place, Running};
use crate::test_daemon::{START, TestDaemon, rss};
use jiff::SignedDuration;
use merganser::clock::ManualClock;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

const CONFIG: &str = r#"
[server]
public-url = "https://news.example.org/"
hub = "ORIGIN/hub"
[[output]]
path = "all"
formats = ["atom"]
[[output]]
path = "rain"
select = "rain"
[[output]]
path = "quiet"
hub = "none"
[[output]]
path = "desk"
protect = "canary-of-the-desk-7f3a"
[[feed]]
id = "a"
url = "ORIGIN/a.xml"
"#;

/// The addresses that the hub was told of, in order.
fn told(test: &TestDaemon) -> Vec<String> {
    let asked = test.origin.asked_for("/hub").into_iter();
    let address = |body: &str| {
        let form: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect();
        assert_eq!(form[0], ("hub.mode".to_owned(), "publish".to_owned()));
        assert_eq!(form[1].0, "hub.url");
        form[1].1.clone()
    };
    asked
        .map(|asked| {
            assert_eq!(asked.method, "POST");
            assert_eq!(
                asked.headers["content-type"],
                "application/x-www-form-urlencoded"
            );
            address(&asked.body)
        })
        .collect()
}

fn many(number: usize) -> String {
    let guids: Vec<String> = (0..number).map(|it| format!("g{it}")).collect();
    let titles: Vec<String> = (0..number)
        .map(|it| format!("Rain in place {it}"))
        .collect();
    let items = guids.iter().zip(&titles);
    let items: Vec<(&str, &str, u32)> = items.map(|(guid, title)| (&**guid, &**title, 4)).collect();
    rss("a", &items)
}

#[tokio::test]
async fn w12_a_hub_is_told_once_after_the_commit() {
    let mut test = TestDaemon::start(CONFIG).await;
    test.origin.say("/hub", Reply::status(204));
    test.origin.say(
        "/a.xml",
        Reply::feed(rss("a", &[("dry", "Sun in Kerala", 4)])),
    );
    test.run_due().await;
    let all = "https://news.example.org/all.atom";
    let rain =
        ["rain.atom", "rain.json", "rain.rss"].map(|it| format!("https://news.example.org/{it}"));
    assert_eq!(
        told(&test),
        [all, &rain[0], &rain[1], &rain[2]],
        "all are new"
    );

    let atom = test.output("/all.atom");
    let hub = test.origin.url("/hub");
    assert!(
        atom.contains(&format!("<link rel=\"hub\" href=\"{hub}\"/>")),
        "{atom}"
    );
    let written = test.output("/rain.rss");
    let link = written.split('<').find(|tag| tag.contains("rel=\"hub\""));
    assert!(
        link.unwrap().contains(&format!("href=\"{hub}\"")),
        "{written}"
    );
    let json: serde_json::Value = serde_json::from_str(&test.output("/rain.json")).unwrap();
    assert_eq!(json["hubs"][0]["type"], "WebSub");
    assert_eq!(json["hubs"][0]["url"], *hub);
    for path in ["/quiet.atom", "/desk.atom", "/quiet.rss"] {
        assert!(!test.output(path).contains("rel=\"hub\""), "{path}");
    }

    // A hundred at once are one piece of news for each output; none is none.
    test.origin.say("/a.xml", Reply::feed(many(100)));
    test.run_for(MINUTE * 60 * 2).await;
    assert_eq!(told(&test)[4..], [all, &rain[0], &rain[1], &rain[2]]);
    test.run_for(MINUTE * 60 * 24).await;
    test.restart().await;
    test.run_due().await;
    assert_eq!(told(&test).len(), 8);

    // What does not concern an output is no news of it.
    test.origin.say(
        "/a.xml",
        Reply::feed(rss("a", &[("wind", "Wind in Kerala", 5)])),
    );
    test.run_for(MINUTE * 60 * 24).await;
    assert_eq!(told(&test)[8..], [all]);
    test.finish().await;
}

#[tokio::test]
async fn w12_a_dead_hub_holds_nothing_up() {
    let mut test = TestDaemon::start(CONFIG).await;
    test.origin.say("/hub", Reply::status(503));
    test.origin.say(
        "/a.xml",
        Reply::feed(rss("a", &[("wet", "Rain in Kerala", 4)])),
    );
    test.run_due().await;
    assert!(test.output("/all.atom").contains("Rain in Kerala"));
    // It is not told of the second before it heard of the first.
    assert_eq!(told(&test).len(), 1);
    test.run_due().await;
    assert_eq!(told(&test).len(), 1, "not before a minute has passed");
    test.clock.advance(MINUTE * 2);
    test.run_due().await;
    assert_eq!(told(&test).len(), 2);
    test.origin.say("/hub", Reply::status(202));
    test.clock.advance(MINUTE * 5);
    test.run_due().await;
    let heard = told(&test);
    assert_eq!(heard.len(), 6, "{heard:?}");
    test.clock.advance(MINUTE * 60);
    test.run_due().await;
    assert_eq!(told(&test).len(), 6);
    test.finish().await;
}

/// A hub that takes the news and says nothing holds up neither polls nor readers, and no stop.
#[tokio::test(flavor = "multi_thread")]
async fn w12_a_silent_hub_holds_nothing_up() {
    let clock = Arc::new(ManualClock::new(START.parse().unwrap()));
    let origin = Origin::start(clock).await;
    origin.hold("/hub");
    let document = |title: &str| Reply::feed(rss("a", &[(&title[..4], title, 5)]));
    origin.say("/a.xml", document("Rain in Kerala"));
    let config = format!("[fetch]\nallow-networks = [\"127.0.0.1\"]\nhost-gap = \"0s\"\n{CONFIG}")
        .replace("[server]\n", "[server]\nlisten = \"127.0.0.1:0\"\n")
        .replace("ORIGIN", &origin.url(""));
    let place = Place::new(&config);
    let mut running = Running::start(&place);
    let line = running.wait_for("listening on ");
    let address = line.rsplit("listening on ").next().unwrap();
    let address = address.split_whitespace().next().unwrap();
    origin.arrival("/hub").await;
    for title in ["Wind at Cape Town", "Snow on Skye"] {
        origin.say("/a.xml", document(title));
        place.print(&["poll", "a"]);
        while !get(address, "/all.atom").contains(title) {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(origin.asked_for("/hub").len(), 1, "it still has the first");
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}

/// A hub finds itself and the output in the answer of a request, and so does who wants to subscribe.
#[tokio::test]
async fn w12_an_answer_names_hub_and_output() {
    let mut test = TestDaemon::start(CONFIG).await;
    let hub = test.origin.url("/hub");
    let address = test.restart_serving().await;
    for (path, has_hub) in [
        ("all.atom", true),
        ("rain.json", true),
        ("quiet.atom", false),
    ] {
        let mut socket = TcpStream::connect(address).unwrap();
        let head = format!("GET /{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        socket.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        let (head, _) = answer.split_once("\r\n\r\n").unwrap();
        let links: Vec<&str> = head
            .lines()
            .filter_map(|line| line.strip_prefix("link: "))
            .collect();
        let own = format!("<https://news.example.org/{path}>; rel=\"self\"");
        let expected = [format!("<{hub}>; rel=\"hub\", {own}")];
        let expected = if has_hub { &expected[..] } else { &[] };
        assert_eq!(links, expected, "{path}");
    }
    test.finish().await;
}

/// One that will not hear of one topic is told of all others, and not of what it refused at each round.
#[tokio::test]
async fn w12_a_hub_that_refuses_one_output_hears_of_the_others() {
    let mut test = TestDaemon::start(CONFIG).await;
    test.origin.say("/hub", Reply::status(204));
    test.origin
        .say_where("/hub", "rain.json", Reply::status(400));
    test.origin.say(
        "/a.xml",
        Reply::feed(rss("a", &[("wet", "Rain in Kerala", 4)])),
    );
    test.run_due().await;
    let refused = "https://news.example.org/rain.json";
    assert_eq!(told(&test).len(), 4, "{:?}", told(&test));
    // All were told but the one, which is tried ever more seldom.
    for (minutes, times) in [(0, 1), (2, 2), (1, 2), (2, 3)] {
        test.clock.advance(MINUTE * minutes);
        test.run_due().await;
        let heard = told(&test);
        let tried = heard.iter().filter(|it| *it == refused).count();
        assert_eq!((tried, heard.len()), (times, 3 + times), "{heard:?}");
    }
    test.finish().await;
}

/// The address of a hub is judged as any other (S2).
#[tokio::test]
async fn w12_a_hub_in_a_private_network_is_not_told() {
    let elsewhere = tokio::net::TcpListener::bind("127.0.0.2:0").await.unwrap();
    let address = elsewhere.local_addr().unwrap();
    let config = CONFIG.replace("ORIGIN/hub", &format!("http://{address}/hub"));
    let mut test = TestDaemon::start(&config).await;
    test.origin.say(
        "/a.xml",
        Reply::feed(rss("a", &[("wet", "Rain in Kerala", 4)])),
    );
    test.run_due().await;
    assert!(test.output("/all.atom").contains("Rain in Kerala"));
    let knock = futures_util::FutureExt::now_or_never(elsewhere.accept());
    assert!(knock.is_none(), "nobody connected");
    test.finish().await;
}

/// What a stop or a crash kept from the hub is told after the next start, once, and nothing is told twice.
#[tokio::test]
async fn w12_what_a_stop_kept_from_a_hub_is_told_after_the_next_start() {
    let mut test = TestDaemon::start(&CONFIG.replace("[\"atom\"]", "[\"atom\", \"rss\"]")).await;
    test.origin.say("/hub", Reply::status(204));
    test.origin.say(
        "/a.xml",
        Reply::feed(rss("a", &[("dry", "Sun in Kerala", 4)])),
    );
    test.run_due().await;
    assert_eq!(told(&test).len(), 5);

    // It does not answer; the stop does not wait for it.
    test.origin.hold("/hub");
    test.origin.say(
        "/a.xml",
        Reply::feed(rss("a", &[("wind", "Wind in Kerala", 5)])),
    );
    test.clock.advance(MINUTE * 60 * 2);
    let origin = test.origin.clone();
    let asked = async {
        while origin.asked_for("/hub").len() < 6 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = test.run_due() => panic!("the hub answered"),
        () = asked => {}
    }
    test.restart().await;
    test.origin.release();
    test.run_due().await;
    let heard = told(&test);
    let all = ["all.atom", "all.rss"].map(|it| format!("https://news.example.org/{it}"));
    assert_eq!(heard[6..], all, "{heard:?}");

    test.restart().await;
    test.run_due().await;
    assert_eq!(told(&test).len(), 8);
    test.kill().await;
    test.run_due().await;
    assert_eq!(told(&test).len(), 8);

    // Another hub has not heard of anything.
    test.origin.say("/other", Reply::status(204));
    test.config = test.config.replace("/hub\"", "/other\"");
    test.restart().await;
    test.run_due().await;
    assert_eq!(test.origin.asked_for("/other").len(), 5);
    test.finish().await;
}

/// What a hub was told of is forgotten when no hub hands it on any more: at a reload, and after a start with another
/// configuration.
#[tokio::test]
async fn w12_what_no_hub_hands_on_is_forgotten() {
    let mut test = TestDaemon::start(CONFIG).await;
    test.origin.say("/hub", Reply::status(204));
    let document = rss("a", &[("wet", "Rain in Kerala", 4)]);
    test.origin.say("/a.xml", Reply::feed(document));
    test.run_due().await;
    test.run_due().await;
    let paths = |test: &mut TestDaemon| -> Vec<String> {
        let told = test.daemon().store().told().unwrap();
        told.into_keys().collect()
    };
    let rain = ["/rain.atom", "/rain.json", "/rain.rss"];
    assert_eq!(paths(&mut test), [&["/all.atom"], &rain[..]].concat());
    let whole = test.config.clone();
    let fewer = whole.replace("path = \"rain\"", "path = \"rain\"\nhub = \"none\"");
    assert_ne!(whole, fewer);
    test.config.clone_from(&fewer);
    test.reload().await;
    test.run_due().await;
    assert_eq!(paths(&mut test), ["/all.atom"]);

    test.config = whole;
    test.restart().await;
    test.run_due().await;
    test.run_due().await;
    assert_eq!(paths(&mut test).len(), 4);
    test.config = fewer;
    test.restart().await;
    test.run_due().await;
    test.run_due().await;
    assert_eq!(paths(&mut test), ["/all.atom"]);
    test.finish().await;
}

/// Readers over HTTP have it; and those of the files do when they are written.
#[tokio::test]
async fn w12_a_publish_dir_that_fails_keeps_no_news_from_a_hub() {
    let place = tempfile::TempDir::new().unwrap();
    let www = place.path().join("www");
    std::fs::write(&www, "no directory").unwrap();
    let line = format!("[server]\npublish-dir = '{}'\n", www.display());
    let mut test = TestDaemon::start(&CONFIG.replace("[server]\n", &line)).await;
    test.origin.say("/hub", Reply::status(204));
    let feed = rss("a", &[("wet", "Rain in Kerala", 4)]);
    test.origin.say("/a.xml", Reply::feed(feed));
    test.run_due().await;
    assert_eq!(told(&test).len(), 4, "all are new");
    test.clock.advance(MINUTE * 2);
    test.run_due().await;
    assert_eq!(told(&test).len(), 4, "no news, and no files");
    std::fs::remove_file(&www).unwrap();
    test.clock.advance(MINUTE * 2);
    test.run_due().await;
    assert!(www.join("all.atom").exists());
    assert_eq!(told(&test).len(), 8, "now the files have it, too");
    test.clock.advance(MINUTE * 2);
    test.run_due().await;
    assert_eq!(told(&test).len(), 8);
    test.finish().await;
}

/// A stop, or a crash, between what a hub was told early and the files loses nothing: it is what an operator does who
/// mends the mount.
#[tokio::test]
async fn w12_a_hub_that_was_told_early_hears_again_after_a_restart() {
    let place = tempfile::TempDir::new().unwrap();
    let www = place.path().join("www");
    let line = format!("[server]\npublish-dir = '{}'\n", www.display());
    for is_killed in [false, true] {
        std::fs::write(&www, "no directory").unwrap();
        let mut test = TestDaemon::start(&CONFIG.replace("[server]\n", &line)).await;
        test.origin.say("/hub", Reply::status(204));
        let feed = rss("a", &[("wet", "Rain in Kerala", 4)]);
        test.origin.say("/a.xml", Reply::feed(feed));
        test.run_due().await;
        test.run_due().await;
        assert_eq!(told(&test).len(), 4, "before the files have it");
        std::fs::remove_file(&www).unwrap();
        if is_killed {
            test.kill().await;
        } else {
            test.restart().await;
        }
        test.run_due().await;
        assert!(www.join("all.atom").exists());
        assert_eq!(told(&test).len(), 8, "killed: {is_killed}");
        test.restart().await;
        test.clock.advance(MINUTE * 2);
        test.run_due().await;
        assert_eq!(told(&test).len(), 8, "not once more");
        test.finish().await;
        std::fs::remove_dir_all(&www).unwrap();
    }
}
