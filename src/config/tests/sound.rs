//! Text that is not TOML, and what is told of the tables that are.

use super::broken::check;
use super::*;

/// A feed with a mistake that is none of syntax.
const TYPO: &str = "[[feed]]\nid = \"t\"\nurl = \"https://t.example/\"\nshedule = 1\n";

/// Returns the places in a text with [`TYPO`] below these lines.
fn above_typo(lines: &str) -> Vec<String> {
    let text = format!("{lines}{TYPO}");
    let found = problems(&text);
    let found = found.iter().map(|it| {
        let Position { line, column } = it.start;
        format!("{} {line}:{column}", it.code.name())
    });
    found.collect()
}

/// Whatever the fault is, a mistake in another table is told beside it, and nothing that the fault is the cause of.
#[test]
fn sound_tables_are_looked_at() {
    for lines in [
        "[[feed]]\nid = “a”\nurl = “https://a.example/”\n",
        "[[feed]]\nid = \"a\nurl = \"https://a.example/\"\n",
        "[[feed]]\nid = a\nshedule = 1\n",
        "[[feed]]\nid: \"a\"\n",
        "[[feed]]\nid = \"a\"\nid = \"b\"\n",
        "[[feed]]\nid = \"a\"\nurl = \n",
        "[[feed]]\nid\n",
        "[[feed]]\nid = \"a\u{1}\"\n",
        "[[feed]]\r\nid = “a”\r\n",
        "\u{feff}\u{feff}[[feed]]\nid = \"a\"\n",
        "[[feed]\nid = \"a\"\n[feed.headers]\nx = 1\n",
        "[[feed]] id = \"a\"\n[feed.headers]\nx = 1\n",
        "[feed\nid = \"a\"\n",
        "[server\nlisten = 1\n",
        "[server]\nlisten = 1\n[server]\ntitle = 1\n",
        "[fetch]\nallow-networks = [\"10.0.0.0/8\"\n",
        "[fetch]\nallow-networks = [\n\"10.0.0.0/8\",\n\"x\n",
        "[[feed]]\nid = \"a\"\nauth = { bearer = { env = \"X\"\n",
        "[[feed]]\nid = \"a\"\n[feed.headers]\nx = y\n",
        "[group.wire]\nschedule = adaptive\n",
        "[alias]\nport = [\"port\" \"quay\"]\n",
        "x = = 1\n",
        "server = 1\n[server]\n",
    ] {
        let found = above_typo(lines);
        let (typo, others) = found.split_last().unwrap();
        let line = lines.matches('\n').count() + 4;
        assert_eq!(*typo, format!("unknown-key {line}:1"), "{lines}{found:?}");
        let is_syntax = others.iter().all(|it| it.starts_with("syntax "));
        assert!(is_syntax && !others.is_empty(), "{lines}{found:?}");
    }
}

/// What may have become another thing by a fault is not believed.
#[test]
fn tables_in_doubt_are_left_out() {
    for lines in [
        // What follows may be text, and what stands in these quotes none.
        "[[topic]]\nname = \"a\"\nquery = \"\"\"\ngas\n",
        "[[topic]]\nname = \"a\"\nquery = \"\"\"gas\n[[topic]]\nname = \"b\"\nquery = \"\"\"coal\n\"\"\"\n",
        "[[topic]]\nname = '''a\n[Reuters]\n",
        "[[topic]]\nname = \"a\"\"\"\n",
        // Two versions, and other languages.
        "<<<<<<< HEAD\n[server]\n=======\n[fetch]\n>>>>>>> x\n",
        "[server]\n=======\n",
        "{\n",
    ] {
        let found = above_typo(lines);
        let is_syntax = found.iter().all(|it| it.starts_with("syntax "));
        assert!(is_syntax && !found.is_empty(), "{lines}{found:?}");
    }
    for text in [
        // A key that has a bracket before it is of the table above.
        "[[feed]]\n[id = \"a\"\nurl = \"https://a.example/\"\n",
        // The header of what these belong to is none.
        "[server]\n(feed)\nid = \"a\"\n[feed.headers]\nx = 1\n",
        "feed]]\nid = \"a\"\n[feed.headers]\nx = 1\n",
        "[server]\n#[[feed]]\nid = \"a\"\n[feed.headers]\n[[feed]]\nid = \"b\"\nurl = \"https://b.example/\"\n",
        // A list in the line below its key, with no header above that is the next one's.
        "[[topic]]\nname = \"p\"\nquery = \"gas\"\nexclude-feeds =\n[\"c\"]\n",
        // A header a line too low, and one too high.
        "[[feed]]\nid = \"a\"\nurl = \"https://a.example/\"\nid = \"b\"\n[[feed]]\nurl = \"https://b.example/\"\n",
        "[[feed]]\nid = \"a\"\n[[feed]]\nurl = \"https://a.example/\"\nid = \"b\"\nurl = \"https://b.example/\"\n",
        // A comment that goes on in the next line.
        "[[feed]]\nid = \"a\"\n# as in\n[wiki\nurl = \"https://a.example/\"\n",
        // A blank that is none before a header.
        "[[feed]]\nid = \"a\"\nurl = \"https://a.example/\"\n\u{a0}[[feed]]\nid = \"b\"\nshedule = 1\n",
        // A list that only seems to be headers, with a fault below.
        "[fetch]\nallow-networks = [\n[\"a\"],\n]\ntimeout = “1s”\n",
    ] {
        let found = problems(text);
        let is_syntax = found.iter().all(|it| it.code == Code::Syntax);
        assert!(is_syntax && !found.is_empty(), "{text}{found:?}");
    }
}

/// What a table that is left out may define is not missed, nor what it may change.
#[test]
fn what_a_fault_may_be_the_cause_of_is_not_told() {
    let feed = "[[feed]]\nid = \"a\"\nurl = \"http://127.0.0.1:8420/all.atom\"\ngroup = \"wire\"\nmin-interval = \"20h\"\n";
    let topic = "[[topic]]\nname = \"status\"\nquery = '@port topic:b'\nexclude-feeds = [\"c\"]\ninherits = [\"d\"]\n";
    let example = "[[topic.example]]\ntitle = \"Gulls\"\nexpect = true\n";
    let group = "[group.india]\ntopics = [\"e\"]\n";
    let output = "[[output]]\npath = \"b\"\nselect = \"topic:b\"\n";
    let all = format!("x = = 1\n{feed}{topic}{example}{group}");
    check(&all, &["syntax 1:5"]);
    check(&format!("x = = 1\n{output}"), &["syntax 1:5"]);
    // Without the fault there is enough to tell.
    let found = problems(&all.replace("x = = 1", ""));
    assert!(found.len() > 5, "{found:?}");
}

/// The problems of all kinds, in the order of their places, and those that two sound tables are the cause of.
#[test]
fn problems_are_told_beside_those_of_syntax() {
    let text = "[[topic]]\nname = \"p\"\nquery = \"(x\"\n\
                [server]\nlisten = x\n\
                [[topic]]\nname = \"p\"\nquery = '@port NEAR/3 -y OR z'\n\
                [[feed]]\nurl = \"a\"\n\
                [[output]]\npath = \"status\"\n\
                [alias]\nquay = [\"(\"]\n";
    check(
        text,
        &[
            "bad-query 3:10",
            "syntax 5:10",
            "duplicate-id 7:8",
            "bad-query 8:23",
            "bad-url 10:7",
            "reserved-path 12:8",
            "bad-query 14:10",
        ],
    );
    // As many as are listed of any file.
    let many = format!("x = = 1\n{}", TYPO.repeat(200));
    let found = problems(&many);
    assert_eq!(found.len(), 101);
    assert_eq!(found.last().unwrap().code, Code::TooMany);
}

/// A secret in a sound table is hidden, whatever is wrong beside it.
#[test]
fn s7_sound_tables_show_no_secret() {
    let text = "[server]\nlisten = x\n[[feed]]\nid = \"A\", url = 1\n[[feed]]\nid = 1\nurl = \"https://me:s3cret@a.example/\"\n\
                headers = { Authorization = \"s3cret\", X = [\"y\"] }\n";
    let found = problems(text);
    let rendered = render(&found, "x", text, false);
    assert!(
        found.iter().any(|it| it.code == Code::WrongType),
        "{rendered}"
    );
    assert!(!rendered.contains("s3cret"), "{rendered}");
}

/// A file without a problem that has all kinds of tables and of values.
const GOOD: &str = r#"# ours
[server]
title = "Newsroom" # 'x'
[defaults]
min-interval = "1h"
[group.wire]
schedule = "*/15 6-23 * * *"
timezone = "Europe/London"
[alias]
port = [
  "port", "quay", # "
]

[[feed]]
id = "a"
url = "https://a.example/"
group = "wire"
auth = { user = "me", password = { env = "TOKEN" } }

[feed.headers]
x-client = { env = "TOKEN" }
[fetch]
timeout = "20s"
[[feed]]
id = 'b'
url = "https://b.example/"
enabled = false
[feed.headers]
x-client = "b"
[[topic]]
name = "p"
query = """
  @port
  "sea wall" """
[[topic.example]]
title = '''The "quay" at the sea wall'''
expect = true
[[output]]
path = "p"
select = "topic:p"
items = 20
formats = ["atom"]
"#;

/// One slip is one problem: where it leaves a file that is not TOML, nothing else is told than that it is not.
#[test]
fn a_slip_makes_no_problems_elsewhere() {
    assert_eq!(problems(GOOD), []);
    let (mut broken, mut noise) = (0, Vec::new());
    let mut check = |text: &str| {
        let found = problems(text);
        let (syntax, others): (Vec<_>, Vec<_>) =
            found.iter().partition(|it| it.code == Code::Syntax);
        if let Some(first) = syntax.first() {
            broken += 1;
            // That a header is misspelt is what helps with the table that is part of it.
            let of_part = text.lines().nth(first.start.line.saturating_sub(1));
            let of_part = of_part
                .is_some_and(|line| line.starts_with("[feed.") || line.starts_with("[[topic."));
            let helps = |it: &Problem| of_part && it.message.contains("is no part of feeds.toml");
            let others = others.iter().filter(|it| !helps(it));
            noise.extend(others.map(|it| format!("{it} beside {first}")));
        }
    };
    for at in 0..GOOD.len() {
        let (before, after) = GOOD.split_at(at);
        check(&[before, after.split_at(1).1].concat());
        for slip in [
            "\"", "[", "]", "=", "
", "\"\"\"", "#",
        ] {
            check(&[before, slip, after].concat());
        }
        if at == 0 || before.ends_with('\n') {
            let line = after.split_inclusive('\n').next().unwrap();
            check(&[before, after.split_at(line.len()).1].concat());
            check(&[before, line, after].concat());
            // Two lines have changed places.
            let rest = after.split_at(line.len()).1;
            let next = rest.split_inclusive('\n').next().unwrap_or_default();
            check(&[before, next, line, rest.split_at(next.len()).1].concat());
            check(before);
        }
    }
    assert!(broken > 1000, "{broken}");
    assert!(noise.is_empty(), "{}", noise.join("\n"));
}
