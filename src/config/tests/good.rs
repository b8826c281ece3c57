//! Good files and what they mean.

use super::*;
use crate::model::{IdentityBy, Outlet, Role};
use crate::publish::{OutputFormat, Selection, Unit};
use crate::schedule::Schedule;
use crate::serve::Lock;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);

#[test]
fn one_feed_is_enough() {
    let config = config(&with_feed(""));
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8420");
    assert_eq!(config.site.public_url.as_str(), "http://127.0.0.1:8420/");
    assert_eq!(config.storage, crate::store::Settings::default());
    assert_eq!(config.fetch, crate::fetch::Settings::default());
    let feed = &config.feeds[0];
    assert_eq!(feed.id.as_str(), "one");
    assert_eq!(feed.policy, crate::schedule::Policy::default());
    assert!(feed.enabled && feed.title.is_none() && feed.first_poll_entries == 50);
    assert_eq!(feed.identity, IdentityBy::Auto);
    assert_eq!(feed.outlet, Outlet::default());
    let outputs: Vec<&str> = config.outputs.iter().map(|o| o.path.as_str()).collect();
    assert_eq!(outputs, ["all"]);
}

#[test]
fn every_key_is_read() {
    let config = config(
        r#"
        [server]
        listen = "[::1]:80"
        public-url = "https://feeds.example.org/news"
        title = "Desk"
        author = "The desk"
        contact = "desk@example.org"
        language = "en"
        icon = "https://feeds.example.org/icon.png"
        publish-dir = "/srv/feeds"
        watch = true
        admin-from = ["192.168.7.0/24"]
        archive = false
        [storage]
        path = "desk.db"
        retention = "30d"
        max-entries = 1_000
        [fetch]
        concurrency = 4
        host-gap = "0s"
        timeout = "10s"
        max-body = "1MiB"
        user-agent = "desk/1"
        allow-networks = ["127.0.0.0/8", "fd00::/8"]
        [defaults]
        schedule = "every 2h"
        [[output]]
        path = "everything"
        select = "*"
        items = 5
        unit = "story"
        stay = "36h"
        max-per-feed = 3
        formats = ["rss", "atom", "rss"]
        language = "hi"
        also-reported = false
        logo = "https://feeds.example.org/wide.png"
        protect = "correct-horse-battery"
        "#,
    );
    assert_eq!(config.server.listen.to_string(), "[::1]:80");
    assert_eq!(
        config.site.public_url.as_str(),
        "https://feeds.example.org/news/"
    );
    assert_eq!(
        (config.site.title.as_str(), config.site.author.as_str()),
        ("Desk", "The desk")
    );
    assert_eq!(config.site.contact.as_deref(), Some("desk@example.org"));
    assert_eq!(config.server.publish_dir, Some("/srv/feeds".into()));
    assert!(config.server.watch);
    assert_eq!(
        config.server.admin_from,
        ["192.168.7.0/24".parse().unwrap()]
    );
    assert_eq!(config.storage.retention, 30 * 24 * HOUR);
    assert_eq!(config.storage.max_entries, Some(1000));
    assert_eq!(config.fetch.concurrency, 4);
    assert_eq!(config.fetch.host_gap, Duration::ZERO);
    assert_eq!(config.fetch.max_body, 1 << 20);
    assert_eq!(config.fetch.user_agent, "desk/1");
    assert_eq!(config.fetch.allow_networks.len(), 2);
    outputs_are_read(&config);
}

/// What the outputs of [`every_key_is_read`] are.
fn outputs_are_read(config: &Config) {
    let output = &config.outputs[0];
    assert_eq!((output.title.as_str(), output.items), ("Desk", 5));
    assert_eq!(output.formats, [OutputFormat::Atom, OutputFormat::Rss]);
    assert!(!output.also_reported);
    assert!(!output.archive, "as [server] says");
    assert_eq!(output.unit, Unit::Story);
    assert_eq!((output.stay, output.max_per_feed), (36 * HOUR, Some(3)));
    let looks = [&output.language, &output.icon, &output.logo].map(Option::as_deref);
    let icon = "https://feeds.example.org/icon.png";
    let logo = "https://feeds.example.org/wide.png";
    assert_eq!(looks, [Some("hi"), Some(icon), Some(logo)]);
    assert_eq!(
        config.locks["everything"],
        Lock::new("correct-horse-battery")
    );
}

#[test]
fn feed_over_group_over_defaults() {
    let config = config(
        r#"
        [defaults]
        schedule = "every 2h"
        max-interval = "12h"
        language = "en"
        identity = "link"
        first-poll-entries = 10
        [group.hindi]
        schedule = "0 6 * * *"
        language = "hi"
        topics = ["india"]
        [[topic]]
        name = "india"
        query = "India"
        [[feed]]
        id = "plain"
        url = "https://a.org/"
        [[feed]]
        id = "grouped"
        url = "https://b.org/"
        group = "hindi"
        [[feed]]
        id = "own"
        url = "https://c.org/"
        group = "hindi"
        schedule = "adaptive"
        first-poll-entries = 0
        identity = "guid"
        enabled = false
        min-interval = "1h"
        "#,
    );
    let [plain, grouped, own] = config.feeds.as_slice() else {
        panic!("three feeds")
    };
    assert_eq!(plain.policy.schedule, Schedule::Every(2 * HOUR));
    assert_eq!(
        (plain.language.as_deref(), plain.topics.len()),
        (Some("en"), 0)
    );
    assert_eq!(
        grouped.policy.schedule,
        Schedule::Cron("0 6 * * *".parse().unwrap())
    );
    assert_eq!(
        (grouped.language.as_deref(), &grouped.topics[..]),
        (Some("hi"), &["india".to_owned()][..])
    );
    assert_eq!(own.policy.schedule, Schedule::Adaptive);
    assert_eq!(own.language.as_deref(), Some("hi"));
    assert_eq!(own.policy.max_interval, 12 * HOUR);
    // An hour that is written is another thing than the hour that holds without.
    let shortest = [&plain.policy, &own.policy].map(|policy| policy.min_interval);
    assert_eq!(shortest, [None, Some(HOUR)]);
    assert_eq!((plain.first_poll_entries, own.first_poll_entries), (10, 0));
    assert_eq!(
        (plain.identity, grouped.identity, own.identity),
        (IdentityBy::Link, IdentityBy::Link, IdentityBy::Guid)
    );
    assert!(!own.enabled);
}

/// Each key stacks by itself: a feed with a weight keeps the role of its group.
#[test]
fn who_speaks_is_said_key_by_key() {
    let config = config(
        r#"
        [defaults]
        weight = 40
        owner = "desk"
        [group.agencies]
        role = "wire"
        [[feed]]
        id = "plain"
        url = "https://a.org/"
        [[feed]]
        id = "grouped"
        url = "https://b.org/"
        group = "agencies"
        [[feed]]
        id = "own"
        url = "https://c.org/"
        group = "agencies"
        weight = 100
        owner = "own"
        "#,
    );
    let outlets: Vec<Outlet> = config.feeds.into_iter().map(|feed| feed.outlet).collect();
    let outlet = |role, weight, owner: &str| Outlet {
        role,
        weight,
        owner: Some(owner.to_owned()),
    };
    let expected = [
        outlet(Role::Original, 40, "desk"),
        outlet(Role::Wire, 40, "desk"),
        outlet(Role::Wire, 100, "own"),
    ];
    assert_eq!(outlets, expected);
}

/// Each key stacks by itself: a feed's zone is that of a line of its group too.
#[test]
fn cron_lines_are_read_in_the_nearest_time_zone() {
    let config = config(
        r#"
        [defaults]
        timezone = "Asia/Kolkata"
        [group.paris]
        schedule = "0 6 * * *"
        timezone = "europe/paris"
        [[feed]]
        id = "adaptive"
        url = "https://a.org/"
        [[feed]]
        id = "line"
        url = "https://b.org/"
        schedule = "30 5 * * 1"
        [[feed]]
        id = "group"
        url = "https://c.org/"
        group = "paris"
        [[feed]]
        id = "zone"
        url = "https://d.org/"
        group = "paris"
        timezone = "UTC"
        "#,
    );
    let schedules = config.feeds.iter().map(|feed| match &feed.policy.schedule {
        Schedule::Cron(line) => line.to_string(),
        other => format!("{other:?}"),
    });
    let expected = [
        "Adaptive",
        "`30 5 * * 1` (Asia/Kolkata)",
        "`0 6 * * *` (Europe/Paris)",
        "`0 6 * * *`",
    ];
    assert_eq!(schedules.collect::<Vec<_>>(), expected);
}

#[test]
fn outputs_select_everything_a_topic_or_by_a_query_of_their_own() {
    let text = r#"
        [alias]
        russia = ["Russia", "Moscow"]
        asia = ["Asia"]
        [[topic]]
        name = "india-russia"
        title = "India and Russia"
        query = "India @russia"
        min-score = 2
        [[output]]
        path = "all"
        [[output]]
        path = "two"
        select = "topic:india-russia"
        [[output]]
        path = "gas"
        select = "@russia gas"
    "#;
    let config = config(text);
    let rules: Vec<_> = config
        .rules
        .iter()
        .map(|r| (r.name.as_str(), r.min_score))
        .collect();
    assert_eq!(rules, [("india-russia", 2.0), ("output:gas", 0.0)]);
    let aliases: Vec<_> = config
        .aliases
        .iter()
        .map(|a| (&*a.name, a.terms.len()))
        .collect();
    assert_eq!(aliases, [("russia", 2), ("asia", 1)]);
    let outputs: Vec<_> = config
        .outputs
        .iter()
        .map(|o| (&*o.title, o.selection.clone()))
        .collect();
    let label = |name: &str| Selection::Label(name.to_owned());
    let expected = [
        ("Merganser", Selection::All),
        ("India and Russia", label("india-russia")),
        ("gas", label("output:gas")),
    ];
    assert_eq!(outputs, expected);
    assert_eq!(
        config.site.topics,
        [("india-russia".to_owned(), "India and Russia".to_owned())]
    );
}

#[test]
fn who_we_are_p29() {
    let version = env!("CARGO_PKG_VERSION");
    for (server, expected) in [
        ("", format!("merganser/{version}")),
        (
            "contact = \"me@example.org\"",
            format!("merganser/{version} (+me@example.org)"),
        ),
        (
            "public-url = \"https://f.org\"",
            format!("merganser/{version} (+https://f.org/)"),
        ),
        (
            "public-url = \"http://127.0.0.1:9/\"",
            format!("merganser/{version}"),
        ),
        (
            "public-url = \"http://localhost/\"",
            format!("merganser/{version}"),
        ),
    ] {
        let config = config(&with_feed(&format!("[server]\n{server}")));
        assert_eq!(config.fetch.user_agent, expected, "{server}");
    }
}

/// Makes a file with a secret in it and a feed that names it.
pub(super) fn secret_file() -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    std::fs::File::create(&path)
        .unwrap()
        .write_all(b"filed\n")
        .unwrap();
    let headers = format!(
        "{{ A = 'Bearer l1teral', B = {{ env = 'TOKEN' }}, C = {{ file = '{}' }} }}",
        path.display()
    );
    let url = "https://user:p4ss@example.org/feed";
    (
        directory,
        format!("[[feed]]\nid = 'a'\nurl = '{url}'\nheaders = {headers}\n"),
    )
}

#[test]
fn secrets_are_resolved_and_never_shown_s7() {
    let (_directory, text) = secret_file();
    let loaded = read(&text, &environment).unwrap();
    let headers = &loaded.config.feeds[0].target.headers;
    let values: Vec<&str> = headers.iter().map(|header| header.value.as_str()).collect();
    assert_eq!(values, ["Bearer l1teral", "s3cret", "filed"]);
    let debug = format!("{loaded:?}");
    for secret in ["l1teral", "s3cret", "filed", "p4ss"] {
        assert!(!debug.contains(secret), "{secret} in {debug}");
    }
}

#[test]
fn secrets_of_a_feed_that_is_off_need_not_be_there() {
    let text = "[[feed]]\nid='a'\nurl='https://a.org'\nenabled=false\nheaders={X={env='NONE'}}";
    assert!(config(text).feeds[0].target.headers.is_empty());
}

#[test]
fn problems_hide_the_credentials_of_their_lines_s7() {
    let text = "[[feed]]\nid='a'\nurl='ftp://us3r:p4ss@a.org/?b=1&token=tt00'\n\
                headers={Cookie='cr1sp', X=5}\n";
    let problems = problems(text);
    let rendered = render(&problems, "feeds.toml", text, true);
    let json = serde_json::to_string(&problems).unwrap();
    assert!(rendered.contains("@a.org/?b=1&token=****"), "{rendered}");
    for secret in ["us3r", "p4ss", "tt00", "cr1sp"] {
        assert!(!rendered.contains(secret), "{rendered}");
        assert!(!json.contains(secret), "{json}");
    }
}

#[test]
fn rendered_with_file_line_column_caret_and_help() {
    let text = "# feeds\n[[feed]]\nid = \"a\"\nurl = \"https://a.org\"\nevry = \"15m\"\n";
    let rendered = render(&problems(text), "feeds.toml", text, false);
    let expected = "\
error[unknown-key]: no key `evry` in `[[feed]]`
 --> feeds.toml:5:1
  |
5 | evry = \"15m\"
  | ^^^^
  |
  = help: there are `id`, `url`, `group`, `title`, `enabled`, `tell-address`,
          `headers`, `auth`, `schedule`, `timezone`, `min-interval`,
          `max-interval`, `backoff-max`, `first-poll-entries`, `backfill`,
          `language`, `identity`, `role`, `weight`, `owner`,
          `user-agent-suffix`, `timeout`, `proxy`, `allow-networks`,
          `retention`, `max-entries`
";
    assert_eq!(rendered, expected);
}

#[test]
fn both_places_of_a_duplicate_are_rendered() {
    let text =
        "[[feed]]\nid = 'a'\nurl = 'https://a.org'\n\n[[feed]]\nid = 'a'\nurl = 'https://b.org'\n";
    let rendered = render(&problems(text), "feeds.toml", text, false);
    let expected = "\
error[duplicate-id]: two feeds have the id `a`
 --> feeds.toml:6:6
  |
6 | id = 'a'
  |      ^^^
  |
 ::: feeds.toml:2:6
  |
2 | id = 'a'
  |      --- the first is here
  |
  = help: give one of them another id
";
    assert_eq!(rendered, expected);
}

#[test]
fn problems_as_json() {
    let text = "[fetch]\ntimeout = 30\n";
    let json = serde_json::to_value(problems(&with_feed(text))).unwrap();
    let expected = serde_json::json!([{
        "code": "wrong-type",
        "severity": "error",
        "line": 2,
        "column": 11,
        "end": { "line": 2, "column": 13 },
        "message": "`timeout` must be a string, this is a whole number",
        "help": "write `timeout = \"30s\"`",
    }]);
    assert_eq!(json, expected);
}

#[test]
fn files_that_cannot_be_read_say_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("feeds.toml");
    let message = |path: &Path| load(path, &environment).unwrap_err().to_string();
    assert!(message(&path).contains("`merganser add ADDRESS` begins one"));
    let both = text(&path).unwrap_err().not_at(Path::new("/x")).to_string();
    assert!(both.contains("feeds.toml or /x: "), "{both}");
    assert!(message(directory.path()).contains("is a directory"));
    std::fs::write(&path, b"# caf\n# caf\xe9\n").unwrap();
    assert!(message(&path).contains("line 2"), "{}", message(&path));
    std::fs::write(&path, "x = 1\ny = 2\n").unwrap();
    assert!(
        message(&path).contains("1:1: `x` is no part"),
        "{}",
        message(&path)
    );
    assert!(message(&path).ends_with("and 1 more"));
    std::fs::write(&path, with_feed("")).unwrap();
    assert_eq!(load(&path, &environment).unwrap().config.feeds.len(), 1);
}

#[test]
fn w12_an_output_has_its_own_hub_or_that_of_all() {
    let text = |hub: &str| {
        format!(
            "[server]\npublic-url = \"https://f.org\"\n{hub}\n\
             [[output]]\npath = \"a\"\n[[output]]\npath = \"b\"\nhub = \"none\"\n\
             [[output]]\npath = \"c\"\nhub = \"https://own.example/\"\n\
             [[output]]\npath = \"d\"\nprotect = \"correct-horse-battery\"\n"
        )
    };
    let hubs = |text: &str| -> Vec<Option<String>> {
        let outputs = config(text).outputs.into_iter();
        outputs.map(|it| it.hub.map(String::from)).collect()
    };
    let (all, own) = (
        "https://all.example/".to_owned(),
        "https://own.example/".to_owned(),
    );
    assert_eq!(
        hubs(&text("hub = \"https://all.example\"")),
        [Some(all.clone()), None, Some(own.clone()), None]
    );
    assert_eq!(hubs(&text("")), [None, None, Some(own), None]);
    let defaults = "[server]\npublic-url = \"https://f.org\"\nhub = \"https://all.example/\"";
    assert_eq!(hubs(defaults), [Some(all)]);
}
