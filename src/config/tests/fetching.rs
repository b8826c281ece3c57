//! How a feed is fetched and who asks: what is meant by it, and what is wrong with it.

use super::broken::{check, check_above_feed};
use super::good::secret_file;
use super::*;
use crate::fetch::{Header, Proxy, Route, Target};
use std::time::Duration;

const LAYERS: &str = r#"
        [fetch]
        timeout = "20s"
        allow-networks = ["127.0.0.0/8"]
        [defaults]
        user-agent-suffix = "desk/7"
        proxy = { url = "http://proxy.example:3128", user = "desk", password = { env = "TOKEN" } }
        [group.inside]
        timeout = "5s"
        proxy = "none"
        allow-networks = ["fd00::/8", "10.0.0.0/8", "10.0.0.0/8"]
        auth = { user = "desk", password = { env = "TOKEN" } }
        [[feed]]
        id = "plain"
        url = "https://a.org/"
        [[feed]]
        id = "grouped"
        url = "https://b.org/"
        group = "inside"
        [[feed]]
        id = "own"
        url = "https://c.org/"
        group = "inside"
        user-agent-suffix = "own/1"
        timeout = "1m"
        proxy = "socks5h://[::1]:9050"
        allow-networks = []
        auth = { bearer = { env = "TOKEN" } }
        [[feed]]
        id = "nobody"
        url = "https://d.org/"
        group = "inside"
        auth = "none"
        [[feed]]
        id = "header"
        url = "https://e.org/"
        group = "inside"
        headers = { Authorization = { env = "TOKEN" } }
        "#;

/// How to fetch: feed over group over defaults, and `[fetch]` beneath them all.
/// What is too short is told in the units of the file.
#[test]
fn the_bounds_of_a_duration_are_written_as_durations_are() {
    for (text, expected) in [
        ("[storage]\nretention = \"30s\"", "`30s` is not between "),
        (
            "[defaults]\nmin-interval = \"0s\"",
            "`0s` is not between 1s and ten years",
        ),
    ] {
        let message = problems(&with_feed(text)).remove(0).message;
        assert!(message.starts_with(expected), "{message}");
        assert!(!message.contains("3600s"), "{message}");
    }
    let message = problems(&with_feed("[defaults]\nweight = 50.5"))
        .remove(0)
        .message;
    assert!(
        message.ends_with("must be a whole number, this is a number with a fraction"),
        "{message}"
    );
}

#[test]
fn ways_to_fetch() {
    let config = config(LAYERS);
    let targets: Vec<&Target> = config.feeds.iter().map(|feed| &feed.target).collect();
    let proxied = |url: &str| Some(Proxy::new(url.parse().unwrap()).unwrap());
    let suffixes = targets.iter().map(|it| it.user_agent_suffix.as_deref());
    let expected = ["desk/7", "desk/7", "own/1", "desk/7", "desk/7"].map(Some);
    assert_eq!(suffixes.collect::<Vec<_>>(), expected);
    let limits = targets.iter().take(3).map(|it| it.timeout);
    let expected = [None, Some(5), Some(60)].map(|limit| limit.map(Duration::from_secs));
    assert_eq!(limits.collect::<Vec<_>>(), expected);

    let networks = ["10.0.0.0/8", "fd00::/8"].map(|net| net.parse().unwrap());
    let route = |proxy, networks: Option<&[ipnet::IpNet]>| Route {
        proxy,
        allow_networks: networks.map(<[_]>::to_vec),
    };
    let proxy = proxied("http://desk:s3cret@proxy.example:3128");
    assert_eq!(targets[0].route, route(proxy, None));
    assert_eq!(targets[1].route, route(None, Some(&networks)));
    let proxy = proxied("socks5h://[::1]:9050");
    assert_eq!(targets[2].route, route(proxy, Some(&[])));

    let sent = targets.iter().map(|it| it.headers.clone());
    let header = |value: &str| Header {
        name: "authorization".into(),
        value: value.into(),
    };
    let expected = [
        vec![],
        vec![header("Basic ZGVzazpzM2NyZXQ=")],
        vec![header("Bearer s3cret")],
        vec![],
        vec![header("s3cret")],
    ];
    assert_eq!(sent.collect::<Vec<_>>(), expected);
    assert!(!format!("{config:?}").contains("s3cret"));
}

#[test]
fn credentials_of_the_service() {
    let (directory, _) = secret_file();
    let credentials = directory.path().to_str().unwrap().to_owned();
    let environment = |name: &str| (name == "CREDENTIALS_DIRECTORY").then(|| credentials.clone());
    // As the shipped unit takes it from the system's store.
    std::fs::rename(
        directory.path().join("token"),
        directory.path().join("merganser.token"),
    )
    .unwrap();
    let prefixed =
        "[[feed]]\nid='a'\nurl='https://a.org'\nheaders = { X = { credential = 'token' } }";
    let loaded = read(prefixed, &environment).unwrap();
    assert_eq!(loaded.config.feeds[0].target.headers[0].value, "filed");
    std::fs::rename(
        directory.path().join("merganser.token"),
        directory.path().join("token"),
    )
    .unwrap();
    let loaded = read(prefixed, &environment).unwrap();
    assert_eq!(loaded.config.feeds[0].target.headers[0].value, "filed");
    for (name, expected) in [
        ("other", "cannot be read: "),
        ("../token", "`../token` is no name of a credential"),
        ("..", "`..` is no name of a credential"),
        ("", "`` is no name of a credential"),
    ] {
        let headers = format!("{{ X = {{ credential = '{name}' }} }}");
        let text = format!("[[feed]]\nid='a'\nurl='https://a.org'\nheaders = {headers}");
        let problem = read(&text, &environment).unwrap_err().remove(0);
        assert_eq!(problem.code, Code::BadSecret, "{name}");
        assert!(problem.message.contains(expected), "{}", problem.message);
    }
}

/// What a path means does not hang on where somebody stands, be the secret looked for or not.
#[test]
fn paths_of_secrets_are_whole() {
    for path in ["token", "../token", "./token", "~/token", ""] {
        let headers = format!("{{ X = {{ file = '{path}' }} }}");
        let text = format!("[[feed]]\nid='a'\nurl='https://a.org'\nheaders = {headers}");
        for problems in [
            read(&text, &environment),
            super::super::check(&text, &environment),
            read_without_secrets(&text),
        ] {
            let problem = problems.unwrap_err().remove(0);
            assert_eq!(problem.message, format!("`{path}` is no whole path"));
            assert!(problem.help.starts_with("write the path from `/` on"));
            assert_eq!((problem.code, problem.start.line), (Code::BadSecret, 4));
        }
    }
}

#[test]
fn credentials_that_are_none() {
    let feed = |lines: &str| format!("[[feed]]\nid = \"a\"\nurl = \"https://a.org/\"\n{lines}\n");
    for (lines, expected) in [
        ("auth = true", vec!["wrong-type 4:8"]),
        ("auth = { }", vec!["bad-value 4:8"]),
        (
            "auth = { user = \"u\" }",
            vec!["bad-value 4:8", "literal-secret 4:18"],
        ),
        (
            "auth = { user = \"u:p\", password = { env = \"TOKEN\" } }",
            vec!["bad-value 4:17"],
        ),
        (
            "auth = { user = \"u\", password = { env = \"NONE\" } }",
            vec!["bad-secret 4:41"],
        ),
        (
            "auth = { bearer = { credential = \"t\" } }",
            vec!["bad-secret 4:34"],
        ),
        (
            "auth = { bearer = { env = \"TOKEN\", file = \"/t\" } }",
            vec!["bad-secret 4:19"],
        ),
        (
            "auth = { bearer = { env = \"TOKEN\" } }\nheaders = { Authorization = { env = \"TOKEN\" } }",
            vec!["two-credentials 4:8"],
        ),
        ("proxy = 1", vec!["wrong-type 4:9"]),
        ("proxy = \"\"", vec!["bad-url 4:9"]),
        ("proxy = \"proxy.example:3128\"", vec!["bad-url 4:9"]),
        ("proxy = \"ftp://proxy.example\"", vec!["bad-url 4:9"]),
        ("proxy = \"http://proxy.example/path\"", vec!["bad-url 4:9"]),
        ("proxy = { }", vec!["missing-key 4:9"]),
        (
            "proxy = { url = \"http://a.org\", user = \"u\" }",
            vec!["bad-value 4:9", "literal-secret 4:41"],
        ),
    ] {
        check(&feed(lines), &expected);
    }
    check(
        "[[feed]]\nid = \"a\"\nurl = \"https://u:p@a.org/\"\nauth = { bearer = { env = \"TOKEN\" } }\n",
        &["url-credential 3:16", "two-credentials 4:8"],
    );
    check(
        &feed(
            "proxy = { url = \"http://u:p@a.org\", user = \"u\", password = { env = \"TOKEN\" } }",
        ),
        &["url-credential 4:25", "two-credentials 4:44"],
    );
    check_above_feed("[defaults]\nauth = \"none\"", &["unknown-key 2:1"]);
}

/// S7: a secret in the wrong place, or of the wrong form, is hidden all the same.
#[test]
fn s7_credentials_that_are_none_are_hidden() {
    for line in [
        "auth = \"s3cret\"",
        "auth = [\"s3cret\"]",
        "auth = { basic = { user = \"u\", password = \"s3cret\" } }",
        "auth = { user = \"u\", pasword = \"s3cret\" }",
        "auth = { user = \"u\", password = \"s3cret\\n\" }",
        "auth = { user = \"u\", password = \"\"\"s3cret\n\"\"\" }\nurl = 5",
        "auth = { user = \"u\", password = [\"s3cret\"] }",
        "auth = { password = \"s3cret\" }",
        "auth = { bearer = \"Bearer s3cret\" }",
        "auth = { bearer = { value = \"s3cret\" } }",
        "proxy = \"me:s3cret@proxy.example:3128\"",
        "proxy = \"ftp://me:s3cret@proxy.example\"",
        "proxy = { url = \"http://a.org\", pass = \"s3cret\" }",
        "proxy = { url = \"http://a.org\", password = \"s3cret\" }",
        "proxy = { url = 1, user = \"u\", password = \"s3cret\" }",
    ] {
        let text = format!("[[feed]]\nid = \"a\"\n{line}\n");
        let problems = problems(&text);
        let rendered = render(&problems, "feeds.toml", &text, false);
        assert!(!rendered.contains("s3cret"), "{line}\n{rendered}");
        assert!(!format!("{problems:?}").contains("s3cret"), "{line}");
        assert!(problems.iter().any(|it| it.severity == Severity::Error));
    }
}

/// A network is written as one, or as the address of a machine.
#[test]
fn an_address_alone_is_a_network() {
    let text = "[server]\nadmin-from = [\"10.1.2.3\", \"::1\"]\n\
                [fetch]\nallow-networks = [\" 127.0.0.1 \", \"10.0.0.0/8\"]\n";
    let config = config(&with_feed(text));
    let shown = |networks: &[ipnet::IpNet]| networks.iter().map(ToString::to_string).collect();
    let (admin, allowed): (Vec<String>, Vec<String>) = (
        shown(&config.server.admin_from),
        shown(&config.fetch.allow_networks),
    );
    assert_eq!(admin, ["10.1.2.3/32", "::1/128"]);
    assert_eq!(allowed, ["10.0.0.0/8", "127.0.0.1/32"]);
}

/// A key that another table has is told with its table, and what it lacks is nothing that there is not.
#[test]
fn keys_of_other_tables_are_told_with_these() {
    for (text, message, help) in [
        (
            "allow-networks = [\"127.0.0.1\"]",
            "`allow-networks` stands in no table",
            "it is a key of `[fetch]`, `[defaults]`, `[group.NAME]`, `[[feed]]`",
        ),
        (
            "[server]\nretention = \"7d\"",
            "no key `retention` in `[server]`",
            "it is a key of `[storage]`, `[defaults]`, `[group.NAME]`, `[[feed]]`",
        ),
        (
            "[fetch]\nlisten = \"127.0.0.1:1\"",
            "no key `listen` in `[fetch]`",
            "it is a key of `[server]`",
        ),
        (
            "[[topic]]\nname = \"a\"\nquery = \"a\"\n[[output]]\npath = \"a\"\nselect = \"topic:a\"\n[topic.b]\nquery = \"b\"",
            "no key `b` in `[[topic]]`",
            "write `[[topic]]`, and below it `name = \"b\"`",
        ),
        (
            "[[feed]]\nid = \"a\"\nurl = \"https://a.example/\"\nauht = { bearer = \"file:/x\" }",
            "no key `auht` in `[[feed]]`",
            "did you mean `auth`?",
        ),
        (
            "serverr = 1",
            "`serverr` is no part of feeds.toml",
            "did you mean `server`?",
        ),
    ] {
        let found = problems(text);
        let [found] = found.as_slice() else {
            panic!("what lacks below is told once this is mended: {found:?}");
        };
        assert_eq!(
            (found.message.as_str(), found.help.as_str()),
            (message, help)
        );
    }
}
