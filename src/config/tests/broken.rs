//! Broken files, each with the code, line and column of its problem.

use super::*;

/// Asserts the only problems of a file as `code line:column`.
pub(super) fn check(text: &str, expected: &[&str]) {
    let found: Vec<String> = problems(text)
        .iter()
        .map(|p| format!("{} {}:{}", p.code.name(), p.start.line, p.start.column))
        .collect();
    let rendered = render(&problems(text), "feeds.toml", text, false);
    assert_eq!(found, expected, "\n{text}\n{rendered}");
}

/// The same for lines that stand before a good feed.
pub(super) fn check_above_feed(text: &str, expected: &[&str]) {
    check(&with_feed(text), expected);
}

#[test]
fn text_that_is_not_toml() {
    for (text, expected) in [
        ("a = \n", "syntax 1:5"),
        ("[server]\nlisten = 127.0.0.1:8420\n", "syntax 2:15"),
        ("[server\n", "syntax 1:8"),
        ("x = \"abc\n", "syntax 1:9"),
    ] {
        let found = problems(text).remove(0);
        let found = format!(
            "{} {}:{}",
            found.code.name(),
            found.start.line,
            found.start.column
        );
        assert_eq!(found, expected, "{text}");
    }
    let problems = problems("[server]\nlisten = 127.0.0.1:8420\n");
    assert_eq!(problems[0].help, "put text in quotes: `key = \"text\"`");
    check("a = 1\na = 2\nb = \n", &["syntax 2:1", "syntax 3:5"]);
}

#[test]
fn s7_text_that_is_not_toml_shows_no_value() {
    for (text, shown) in [
        (
            "[[feed]]\nheaders = { Authorization = \"Bearer s3cret }\n",
            "headers = { ************* = \"****** ****** }",
        ),
        ("headers.Cookie = 's3cret\n", "headers.Cookie = '******"),
        ("x-key = s3cret==\n", "x-key = ******=="),
        ("a = \"\"\"\ns3cret=\n", ""),
        ("a = '''\n[s3cret]\n", ""),
        ("s3cret\n", "******"),
        ("\"s3cret\" = s3cret, é\n", "\"******\" = ******, ·"),
        ("[a]\n[a]\nurl = \"https://s3cret@\n", "[a]"),
    ] {
        let problems = problems(text);
        assert!(problems.iter().all(|p| p.code == Code::Syntax), "{text}");
        let rendered = render(&problems, "feeds.toml", text, false);
        assert!(!rendered.contains("s3cret"), "{text}\n{rendered}");
        assert!(rendered.contains(shown), "{text}\n{rendered}");
        for problem in &problems {
            assert!(!format!("{problem:?} {problem}").contains("s3cret"));
        }
    }
}

#[test]
fn an_unknown_group_is_reported_once() {
    let feed = "[[feed]]\nid = \"a\"\nurl = \"https://a.org\"\ngroup = \"wires\"\n";
    check(&format!("[group.wire]\n{feed}"), &["unknown-group 5:9"]);
}

#[test]
fn keys_that_are_not_there() {
    for (text, expected) in [
        ("version = 1", "unknown-key 1:1"),
        ("[sever]\nlisten = \"127.0.0.1:1\"", "unknown-key 1:2"),
        ("[server]\nlissten = \"127.0.0.1:1\"", "unknown-key 2:1"),
        ("[storage]\nmax_entries = 5", "unknown-key 2:1"),
        ("[fetch]\nproxy = \"\"", "unknown-key 2:1"),
        ("[defaults]\n\ttopics = [\"a\"]", "unknown-key 2:2"),
        ("[group.a]\nurl = \"x\"", "unknown-key 2:1"),
        (
            "[[topic]]\nname = \"a\"\nquery = \"a\"\nscore = 1",
            "unknown-key 4:1",
        ),
        (
            "[[output]]\npath = \"a\"\nselects = \"a\"",
            "unknown-key 3:1",
        ),
    ] {
        let group = "unused-group 1:8";
        let mut expected = vec![expected];
        expected.extend(text.starts_with("[group").then_some(group));
        expected.sort_by_key(|problem| *problem != group);
        check_above_feed(text, &expected);
    }
}

#[test]
fn keys_that_lack() {
    check("[[feed]]\n", &["missing-key 1:1", "missing-key 1:1"]);
    check("\n[[feed]]\nid = \"a\"\n", &["missing-key 2:1"]);
    check(
        "[[feed]]\nurl = \"https://example.org\"\n",
        &["missing-key 1:1"],
    );
    check("feed = [{ id = \"a\" }]\n", &["missing-key 1:9"]);
    check_above_feed(
        "[[topic]]\ntitle = \"a\"",
        &["missing-key 1:1", "missing-key 1:1"],
    );
    check_above_feed("[[output]]\n", &["missing-key 1:1"]);
}

#[test]
fn values_of_a_wrong_type() {
    for (text, expected) in [
        ("server = 1", "wrong-type 1:10"),
        ("[[server]]", "wrong-type 1:1"),
        ("[fetch]\ntimeout = 30", "wrong-type 2:11"),
        ("[fetch]\nconcurrency = \"16\"", "wrong-type 2:15"),
        (
            "[fetch]\nallow-networks = \"127.0.0.0/8\"",
            "wrong-type 2:18",
        ),
        ("[fetch]\nallow-networks = [1]", "wrong-type 2:19"),
        ("[topic]\nname = \"a\"", "wrong-type 1:1"),
        ("[[topic]]\nname = \"a\"\nquery = [\"a\"]", "wrong-type 3:9"),
        (
            "[[topic]]\nname = \"a\"\nquery = \"a\"\nmin-score = \"1\"",
            "wrong-type 4:13",
        ),
        ("[alias]\na = \"India\"", "wrong-type 2:5"),
        ("[alias]\na = [\"India\", 1]", "wrong-type 2:15"),
    ] {
        check_above_feed(text, &[expected]);
    }
    check("feed = 1\n", &["wrong-type 1:8"]);
    check("feed = [1]\n", &["wrong-type 1:9"]);
}

#[test]
fn values_out_of_their_grammar() {
    for (text, expected) in [
        ("[server]\nlisten = \"localhost:8420\"", "bad-value 2:10"),
        (
            "[server]\npublic-url = \"ftp://example.org\"",
            "bad-url 2:14",
        ),
        (
            "[server]\npublic-url = \"http://example.org/?a\"",
            "bad-url 2:14",
        ),
        (
            "[server]\nlanguage = \"english language\"",
            "bad-language 2:12",
        ),
        ("[server]\nicon = \"/icon.png\"", "bad-url 2:8"),
        ("[server]\ntitle = \"\"", "bad-value 2:9"),
        ("[server]\ncontact = \"Jane Doe\"", "bad-value 2:11"),
        ("[server]\npublish-dir = \"/\"", "bad-value 2:15"),
        ("[server]\nhub = \"hub.example.org\"", "bad-url 2:7"),
        ("[server]\nhub = \"https://a:b@example.org\"", "bad-url 2:7"),
        ("[server]\npublish-dir = \"..\"", "bad-value 2:15"),
        ("[server]\npublish-dir = \"archive\"", "bad-value 2:15"),
        (
            "[[output]]\npath = \"a\"\nprotect = { file = \"/nowhere\" }",
            "bad-secret 3:20",
        ),
        ("[storage]\npath = \"\"", "bad-value 2:8"),
        ("[storage]\nretention = \"180\"", "bad-duration 2:13"),
        ("[storage]\nmax-entries = 0", "bad-value 2:15"),
        ("[fetch]\nmax-body = \"10 megs\"", "bad-size 2:12"),
        ("[fetch]\nuser-agent = \"é\"", "bad-value 2:14"),
        (
            "[fetch]\nallow-networks = [\"10.0.0.0/8\", \"10.0.0.1/33\"]",
            "bad-network 2:33",
        ),
        ("[defaults]\nschedule = \"often\"", "bad-schedule 2:12"),
        ("[defaults]\nschedule = \"every 5x\"", "bad-duration 2:19"),
        ("[defaults]\nschedule = \"0 25 * * *\"", "bad-schedule 2:15"),
        (
            "[defaults]\nschedule = '''\n0 6 * * 9'''",
            "bad-schedule 3:9",
        ),
        (
            "[defaults]\ntimezone = \"Mars/Tharsis\"",
            "bad-timezone 2:12",
        ),
        ("[defaults]\ntimezone = \"+02:00\"", "bad-timezone 2:12"),
        ("[defaults]\ntimezone = 2", "wrong-type 2:12"),
        ("[defaults]\nlanguage = \"en_GB\"", "bad-language 2:12"),
        ("[defaults]\nfirst-poll-entries = -1", "bad-value 2:22"),
        ("[defaults]\nmin-interval = \"25h\"", "interval-order 2:16"),
        ("[defaults]\nmax-interval = \"30m\"", "interval-order 2:16"),
        ("[alias]\nIndia = [\"India\"]", "bad-name 2:1"),
        ("[[topic]]\nname = \"a b\"\nquery = \"a\"", "bad-name 2:10"),
        (
            "[[topic]]\nname = \"a\"\nquery = \"a\"\nmin-score = nan",
            "bad-value 4:13",
        ),
    ] {
        check_above_feed(text, &[expected]);
    }
}

#[test]
fn outputs_out_of_their_grammar() {
    for (text, expected) in [
        ("[[output]]\npath = \"a\"\nformats = []", "bad-value 3:11"),
        (
            "[[output]]\npath = \"a\"\nunit = \"event\"",
            "bad-value 3:8",
        ),
        (
            "[[output]]\npath = \"a\"\nstay = \"a day\"",
            "bad-duration 3:8",
        ),
        (
            "[[output]]\npath = \"a\"\nmax-per-feed = 0",
            "bad-value 3:16",
        ),
        (
            "[[output]]\npath = \"a\"\nalso-reported = 1",
            "wrong-type 3:17",
        ),
        (
            "[[output]]\npath = \"a\"\nlogo = \"https://me:pw@a.example/l.png\"",
            "bad-url 3:8",
        ),
        ("[[output]]\npath = \"a/b\"", "bad-name 2:10"),
        (
            "[[output]]\npath = \"a\"\nformats = [\"opml\"]",
            "bad-value 3:12",
        ),
        ("[[output]]\npath = \"a\"\nitems = 0", "bad-value 3:9"),
    ] {
        check_above_feed(text, &[expected]);
    }
}

#[test]
fn feeds_that_cannot_be_polled() {
    let feed = |lines: &str| format!("[[feed]]\nid = \"a\"\nurl = \"https://a.org/\"\n{lines}\n");
    check(
        "[[feed]]\nid = \"A\"\nurl = \"file:///x\"\n",
        &["bad-name 2:7", "bad-url 3:7"],
    );
    for (lines, expected) in [
        ("group = \"wire\"", "unknown-group 4:9"),
        ("enabled = \"no\"", "wrong-type 4:11"),
        ("topics = [\"a\"]", "unknown-key 4:1"),
        ("identity = \"url\"", "bad-value 4:12"),
        ("identity = true", "wrong-type 4:12"),
        ("role = \"agency\"", "bad-value 4:8"),
        ("role = 1", "wrong-type 4:8"),
        ("weight = 101", "bad-value 4:10"),
        ("weight = \"high\"", "wrong-type 4:10"),
        ("weight = 50.5", "wrong-type 4:10"),
        ("owner = \"The BBC\"", "bad-name 4:10"),
        ("user-agent-suffix = \"é\"", "bad-value 4:21"),
        ("timeout = \"0s\"", "bad-duration 4:11"),
        ("allow-networks = [\"10.0.0\"]", "bad-network 4:19"),
        ("headers = \"X: y\"", "wrong-type 4:11"),
        ("headers = { Host = \"x\" }", "bad-header 4:13"),
        ("headers = { \"a b\" = \"x\" }", "bad-header 4:13"),
        ("headers = { A = \"x\\ny\" }", "bad-header 4:17"),
        ("headers = { A = 1 }", "wrong-type 4:17"),
        ("headers = { A = { env = \"NONE\" } }", "bad-secret 4:25"),
        (
            "headers = { A = { file = \"/no/such/file\" } }",
            "bad-secret 4:26",
        ),
        ("headers = { A = { } }", "bad-secret 4:17"),
        (
            "headers = { A = { credential = \"t\" } }",
            "bad-secret 4:32",
        ),
        (
            "headers = { A = { env = \"TOKEN\", credential = \"t\" } }",
            "bad-secret 4:17",
        ),
    ] {
        check(&feed(lines), &[expected]);
    }
}

#[test]
fn names_that_are_there_twice() {
    let two = "[[feed]]\nid = \"a\"\nurl = \"https://a.org/feed\"\n\
               [[feed]]\nid = \"a\"\nurl = \"http://A.org/feed/\"\n";
    check(two, &["duplicate-id 5:6", "duplicate-url 6:7"]);
    let three = format!("{two}[[feed]]\nid = \"a\"\nurl = \"https://c.org\"\n");
    let first = problems(&three).pop().unwrap().related.unwrap();
    assert_eq!((first.start.line, first.start.column), (2, 6));

    let topics = "[[topic]]\nname = \"a\"\nquery = \"x\"\n[[topic]]\nname = \"a\"\nquery = \"y\"\n\
                  [[output]]\npath = \"b\"\n[[output]]\npath = \"b\"\n";
    check_above_feed(topics, &["duplicate-id 5:8", "duplicate-path 10:8"]);
    check_above_feed("[[output]]\npath = \"status\"", &["reserved-path 2:8"]);
    // Without outputs each topic is one, next to the merged feed.
    check_above_feed(
        "[[topic]]\nname = \"all\"\nquery = \"x\"",
        &["duplicate-path 2:8"],
    );
}

#[test]
fn queries_are_marked_inside_the_string() {
    for (query, expected) in [
        ("query = \"trade @rusia\"", "bad-query 3:16"),
        ("query = '''\ntrade\n  @rusia'''", "bad-query 5:3"),
        ("query = \"tr\\u0061de @rusia\"", "bad-query 3:21"),
    ] {
        check_above_feed(&format!("[[topic]]\nname = \"a\"\n{query}"), &[expected]);
    }
    check_above_feed("[alias]\na = [\"x\", \"@rusia\"]", &["bad-query 2:12"]);
    check_above_feed(
        "[[output]]\npath = \"a\"\nselect = \"@rusia\"",
        &["bad-query 3:11"],
    );
    check_above_feed(
        "[[output]]\npath = \"a\"\nselect = \"topic:b\"",
        &["unknown-topic 3:17"],
    );
}

#[test]
fn all_problems_of_all_sections_in_one_go() {
    let text = "\u{feff}[server]\r\nlisten = 1\r\n[storage]\r\nretention = \"x\"\r\n\
                [fetch]\r\nspeed = 1\r\n[defaults]\r\nschedule = \"x\"\r\n[group.g]\r\n\
                topics = [\"none\"]\r\n[[feed]]\r\nid = \"é\"\r\nurl = \"x\"\r\ngroup = \"g\"\r\n\
                [[topic]]\r\nname = \"t\"\r\nquery = \"@none\"\r\n[[output]]\r\nitems = 5\r\n";
    check(
        text,
        &[
            "wrong-type 2:10",
            "bad-duration 4:13",
            "unknown-key 6:1",
            "bad-schedule 8:12",
            "unknown-topic 10:11",
            "bad-name 12:7",
            "bad-url 13:7",
            "bad-query 17:10",
            "missing-key 18:1",
        ],
    );
}

#[test]
fn warnings_do_not_refuse_a_file() {
    for (text, expected) in [
        ("[server]\nlisten = \"0.0.0.0:80\"", "no-public-url 2:10"),
        (
            "[server]\nhub = \"https://hub.example.org\"",
            "idle-hub 2:7",
        ),
        ("[defaults]\nschedule = \"every 1s\"", "fast-interval 2:12"),
        (
            "[defaults]\nschedule = \"*/5 * * * *\"",
            "fast-interval 2:12",
        ),
        ("[defaults]\nmin-interval = \"1s\"", "fast-interval 2:16"),
        ("[group.g]", "unused-group 1:8"),
        (
            "[[feed]]\nid=\"a\"\nurl=\"https://u:p@a.org\"",
            "url-credential 3:14",
        ),
        (
            "[[feed]]\nid=\"a\"\nurl=\"https://a.org\"\nheaders={X-Api-Key='k'}",
            "literal-secret 4:21",
        ),
    ] {
        let text = with_feed(text);
        assert!(read(&text, &environment).is_ok(), "{text}");
        check(&text, &[expected]);
    }
    check("", &["no-feeds 1:1"]);
    assert!(read("", &environment).is_ok());
}

/// Only of a zone that the feed itself names, and that no line of any table is read in.
#[test]
fn a_time_zone_without_a_cron_line_is_told() {
    const ZONE: &str = "timezone = 'Asia/Kolkata'\n";
    const LINE: &str = "schedule = '0 6 * * *'\n";
    let feed = "[[feed]]\nid = 'a'\nurl = 'https://a.org/'\n";
    let grouped = format!("{feed}group = 'g'\n");
    for (text, expected) in [
        (format!("{feed}{ZONE}"), vec!["idle-timezone 4:12"]),
        (format!("{feed}{LINE}{ZONE}"), vec![]),
        (format!("[defaults]\n{ZONE}{feed}"), vec![]),
        (format!("[group.g]\n{ZONE}{grouped}"), vec![]),
        (format!("[defaults]\n{LINE}{feed}{ZONE}"), vec![]),
        (format!("[group.g]\n{LINE}{grouped}{ZONE}"), vec![]),
        (
            format!("[defaults]\n{LINE}{feed}schedule = 'adaptive'\n{ZONE}"),
            vec!["idle-timezone 7:12"],
        ),
        // What the schedule was to be is not known.
        (
            format!("{feed}schedule = '0 6 *'\n{ZONE}"),
            vec!["bad-schedule 4:12"],
        ),
        (
            format!("[group.g]\nschedule = '0 6 *'\n{grouped}{ZONE}"),
            vec!["bad-schedule 2:12"],
        ),
    ] {
        check(&text, &expected);
    }
}

#[test]
fn help_names_what_was_meant() {
    for (text, help) in [
        ("[[feeds]]", "did you mean `feed`?"),
        ("[fetch]\nhost_gap = \"1s\"", "did you mean `host-gap`?"),
        (
            "[[output]]\npath = \"a\"\nformats = [\"atm\"]",
            "did you mean `atom`?",
        ),
        (
            "[[output]]\npath = \"a\"\nformats = [\"opml\"]",
            "there are `atom`, `rss`, `json`",
        ),
        (
            "[[topic]]\nname = \"geopolitics\"\nquery = \"a\"\n\
             [[output]]\npath = \"a\"\nselect = \"topic:geopolitcs\"",
            "did you mean `geopolitics`?",
        ),
        (
            "[alias]\nrussia = \"Russia\"",
            "write `russia = [\"Russia\"]`",
        ),
        ("[alias]\nindia = 1", "write `india = [\"New Delhi\"]`"),
        ("[topic]", "write `[[topic]]`: there may be many"),
        (
            "[server]\npublic-url = \"feeds.example.org\"",
            "write the address of the site: `https://feeds.example.org/`",
        ),
        (
            "[fetch]\nallow-networks = [\"127.0.0\"]",
            "write an address, or one and a prefix length: `10.0.0.0/8`, `fd00::/8`",
        ),
        (
            "[defaults]\ntimezone = \"Europe/Pari\"",
            "did you mean `Europe/Paris`?",
        ),
        (
            "[defaults]\ntimezone = \"localtime\"",
            "write the name of a place: `Europe/Paris`, `America/New_York`, or `UTC`",
        ),
        (
            "[defaults]\nidentity = \"Guid\"",
            "write `auto`, `guid` or `link`",
        ),
        (
            "[defaults]\nrole = \"agregator\"",
            "did you mean `aggregator`?",
        ),
        (
            "[defaults]\nrole = \"agency\"",
            "there are `original`, `wire`, `aggregator`, `rewrite`",
        ),
        (
            "[defaults]\nweight = 101",
            "write a whole number from 0 to 100",
        ),
        (
            "[[feed]]\nid = \"a\"\nurl = \"https://a.org\"\n\
             headers = { X-Key = { credential = \"desk\" } }",
            "write it to `/etc/credstore/merganser.desk` and restart the service, which takes it up from there by systemd 254 \
             or newer; before that, give it in a drop-in: `LoadCredential=desk:/path`",
        ),
    ] {
        assert_eq!(problems(&with_feed(text)).remove(0).help, help, "{text}");
    }
}

/// Tables under the plural of their name are told to be misnamed, and so is what is wrong in them; what refers to a topic is
/// not, however its name is called.
#[test]
fn what_is_misnamed_is_read_all_the_same() {
    let feed = "[[feeds]]\nid = \"a\"\nurl = \"https://a.example/feed\"\nshedule = \"every 1h\"\n";
    check(feed, &["unknown-key 1:3", "unknown-key 4:1"]);
    let topic = "[[topics]]\nname = \"t\"\nquery = '(oil'\n";
    check_above_feed(topic, &["unknown-key 1:3", "bad-query 3:10"]);
    check_above_feed("feeds = [1]\n", &["unknown-key 1:1"]);
    let topics = "[[topic]]\nnam = \"t\"\nquery = 'oil'\n[[topic]]\nid = \"u\"\nquery = 'topic:t'\n\
                  [[output]]\npath = \"a\"\nselect = \"topic:u\"\n";
    check_above_feed(topics, &["unknown-key 2:1", "unknown-key 5:1"]);
}
