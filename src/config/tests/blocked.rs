//! Feeds that the address guard lets nobody ask, and hubs that it lets nobody tell.

use super::broken::check;
use super::*;

/// S2, S4: at the host, by whatever list of networks holds, of what is polled.
#[test]
fn feeds_that_no_poll_reaches_are_told() {
    let blocked = ["blocked-address 6:15"].as_slice();
    let allow = "allow-networks = [\"127.0.0.1\", \"10.0.0.0/8\"]";
    let none = "allow-networks = []";
    for (head, host, more, expected) in [
        ("", "127.0.0.1:8080", "", blocked),
        ("", "[::1]", "", blocked),
        ("", "10.0.0.5", "", blocked),
        ("", "169.254.169.254", "", blocked),
        ("", "[fe80::1]", "", blocked),
        ("", "[::ffff:127.0.0.1]", "", blocked),
        ("", "0x7F.1", "", blocked),
        ("", "localhost", "", blocked),
        ("", "feeds.LOCALHOST.:80", "", blocked),
        (
            "",
            "u:pass@10.0.0.5",
            "",
            &["url-credential 6:15", "blocked-address 6:22"],
        ),
        ("", "8.8.8.8", "", &[]),
        ("", "[2606:4700::1]", "", &[]),
        // what a resolver says is not asked for
        ("", "nas.lan", "", &[]),
        ("", "127.0.0.1", "enabled = false", &[]),
        ("", "127.0.0.1", allow, &[]),
        ("", "127.0.0.2", allow, blocked),
        ("", "localhost", allow, &[]),
        (&*format!("fetch.{allow}"), "127.0.0.1", "", &[]),
        (&*format!("fetch.{allow}"), "127.0.0.1", none, blocked),
        (&*format!("fetch.{allow}"), "192.168.0.1", "", blocked),
        (&*format!("defaults.{allow}"), "10.9.9.9", "", &[]),
        (
            &*format!("group.g.{allow}"),
            "10.9.9.9",
            "group = \"g\"",
            &[],
        ),
        (
            &*format!("group.g.{none}"),
            "10.9.9.9",
            "group = \"g\"",
            blocked,
        ),
        // what is asked through a proxy is judged as well, and the proxy itself may be anywhere
        (
            "defaults.proxy = \"http://127.0.0.1:3128\"",
            "10.0.0.5",
            "",
            blocked,
        ),
        (
            "defaults.proxy = \"http://127.0.0.1:3128\"",
            "example.org",
            "",
            &[],
        ),
        (
            "defaults.proxy = \"http://proxy.example:3128\"",
            "proxy.example",
            "",
            blocked,
        ),
    ] {
        let feed = format!("[[feed]]\nid = \"a\"\nurl = \"http://{host}/x\"\n{more}\n");
        check(&format!("{head}\n\n\n{feed}"), expected);
    }
}

/// While it is not known which networks may be asked, or how the feed is, that alone is told.
#[test]
fn a_mistake_in_a_list_of_networks_is_told_once() {
    for (head, group, expected) in [
        (
            "fetch.allow-networks = \"127.0.0.1\"",
            "g",
            "wrong-type 1:24",
        ),
        (
            "fetch.allow-networks = [\"127.0.0\"]",
            "g",
            "bad-network 1:25",
        ),
        ("", "h", "unknown-group 5:9"),
        (
            "fetch.alow-networks = [\"127.0.0.1\"]",
            "g",
            "unknown-key 1:7",
        ),
    ] {
        let feed = format!("id = \"a\"\nurl = \"http://127.0.0.1/x\"\ngroup = \"{group}\"\n");
        let text = format!("{head}\n[[feed]]\n{feed}[group.g]\n");
        check(&text, &[expected]);
    }
}

/// Whatever holds for the feed is in the list that is told, with the one address more: written so, it is asked.
#[test]
fn what_is_told_lets_the_feed_be_asked() {
    let told = |head: &str, host: &str, more: &str| {
        let feed = format!("[[feed]]\nid = \"a\"\nurl = \"http://{host}/x\"");
        let text = format!("{head}\n{feed}\n{more}\n");
        let [problem]: [Problem; 1] = problems(&text).try_into().unwrap();
        let key = problem.help.split('`').nth(1).unwrap();
        check(&format!("{head}\n{feed}\n{key}\n"), &[]);
        if problem.help.ends_with("for all feeds") {
            check(&format!("fetch.{key}\n{feed}\n"), &[]);
        }
        (problem.message, problem.help)
    };
    let beside = "beside this `url`, or in `[fetch]` for all feeds";
    for (head, host, more, key, place) in [
        ("", "127.0.0.1:1", "", "[\"127.0.0.1\"]", beside),
        ("", "[fd00::1]", "", "[\"fd00::1\"]", beside),
        ("", "localhost", "", "[\"127.0.0.1\", \"::1\"]", beside),
        (
            "fetch.allow-networks = [\"10.1.0.0/16\"]",
            "10.2.0.1",
            "",
            "[\"10.1.0.0/16\", \"10.2.0.1\"]",
            beside,
        ),
        (
            "defaults.allow-networks = [\"::1\"]",
            "10.2.0.1",
            "",
            "[\"::1\", \"10.2.0.1\"]",
            "beside this `url`",
        ),
        (
            "",
            "10.2.0.1",
            "allow-networks = []",
            "[\"10.2.0.1\"]",
            "in the place of its own",
        ),
    ] {
        let (_, help) = told(head, host, more);
        let expected = format!("if it is to be polled, write `allow-networks = {key}` {place}");
        assert_eq!(help, expected, "{host}");
    }
    let (message, _) = told("", "10.0.0.5", "");
    assert_eq!(
        message,
        "10.0.0.5 is not a public address and not in allow-networks: each poll of this feed is blocked"
    );
}

/// W12: what tells a hub is held to the networks of all feeds.
#[test]
fn hubs_that_are_never_told_are_told() {
    let feed = "[[feed]]\nid = \"a\"\nurl = \"https://example.org/x\"\n";
    let server = "[server]\npublic-url = \"https://f.example/\"\n";
    for (hub, allow, expected) in [
        ("http://127.0.0.1:9000/", "[]", true),
        ("http://127.0.0.1:9000/", "[\"127.0.0.1\"]", false),
        ("http://localhost/", "[\"10.0.0.0/8\"]", true),
        ("https://hub.example/", "[]", false),
        ("none", "[]", false),
    ] {
        let hub = format!("hub = \"{hub}\"\n");
        let fetch = format!("[fetch]\nallow-networks = {allow}\n");
        let of_all = format!("{server}{hub}{fetch}{feed}");
        let own = format!("{server}[[output]]\npath = \"p\"\n{hub}{fetch}{feed}");
        check(
            &of_all,
            if expected {
                &["blocked-address 3:7"]
            } else {
                &[]
            },
        );
        check(
            &own,
            if expected {
                &["blocked-address 5:7"]
            } else {
                &[]
            },
        );
        let help = problems(&of_all).pop().map(|problem| problem.help);
        let key = help.as_deref().and_then(|help| help.split('`').nth(1));
        if let Some(key) = key {
            check(&format!("{server}{hub}[fetch]\n{key}\n{feed}"), &[]);
        }
    }
}
