//! What documents say is none of their entries any more.

use super::*;

fn withdrawn(inside: &str) -> Vec<(String, String)> {
    let feed = read(&format!(
        "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:at='http://purl.org/atompub/tombstones/1.0'>
         <title>News</title>{inside}</feed>"
    ));
    assert_eq!(feed.profile.title.as_deref(), Some("News"), "{inside}");
    assert_eq!(feed.profile.home_url, None, "{inside}");
    let all = feed.withdrawals.into_iter();
    all.map(|it| (it.id, it.at.to_string())).collect()
}

#[test]
fn u35_tombstones_of_a_feed_are_read() {
    let when = "2026-01-02T03:04:05Z";
    let (huge, longest) = ("x".repeat(4097), "x".repeat(4096));
    for (inside, expected) in [
        (
            format!("<at:deleted-entry ref='urn:1' when='{when}'/>"),
            Some("urn:1"),
        ),
        (
            "<at:deleted-entry when='2026-01-02T04:04:05+01:00' ref=' https://a.example/?a=1&amp;b=2 '>
             <at:by><name>x</name><title>y</title></at:by><title>z</title>
             <link href='https://a.example/other'/></at:deleted-entry>"
                .to_owned(),
            Some("https://a.example/?a=1&b=2"),
        ),
        (
            format!(
                "<deleted-entry xmlns='http://purl.org/atompub/tombstones/1.0' ref='{longest}' when='{when}'/>"
            ),
            Some(longest.as_str()),
        ),
        // Without a date it would hold against what was put back since.
        ("<at:deleted-entry ref='urn:1'/>".to_owned(), None),
        ("<at:deleted-entry ref='urn:1' when='soon'/>".to_owned(), None),
        (format!("<at:deleted-entry ref='{huge}' when='{when}'/>"), None),
        (format!("<at:deleted-entry ref=' ' when='{when}'/>"), None),
        (format!("<at:deleted-entry when='{when}'/>"), None),
        (format!("<deleted-entry ref='urn:1' when='{when}'/>"), None),
        (
            format!("<x:deleted-entry xmlns:x='urn:x' ref='urn:1' when='{when}'/>"),
            None,
        ),
        (
            format!("<entry><id>urn:2</id><at:deleted-entry ref='urn:1' when='{when}'/></entry>"),
            None,
        ),
    ] {
        let expected = expected.map(|id: &str| (id.to_owned(), when.to_owned()));
        let expected: Vec<_> = expected.into_iter().collect();
        assert_eq!(withdrawn(&inside), expected, "{inside}");
    }
}

/// Half an id may be another's.
#[test]
fn u35_a_tombstone_that_is_cut_off_is_none() {
    let whole = "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:at='http://purl.org/atompub/tombstones/1.0'>
        <at:deleted-entry ref='urn:11' when='2026-01-02T03:04:05Z'/>";
    assert_eq!(read(whole).withdrawals.len(), 1);
    for cut in ["'/>", "1' when='2026-01-02T03:04:05Z'/>", ">"] {
        let half = whole.trim_end_matches(cut);
        assert_eq!(read(half).withdrawals, [], "{half}");
    }
}

#[test]
fn s12_withdrawals_are_bounded() {
    let many: Vec<String> = (0..=MAX_WITHDRAWALS)
        .map(|it| format!("<at:deleted-entry ref='urn:{it}' when='2026-01-02T03:04:05Z'/>"))
        .collect();
    let withdrawn = withdrawn(&many.concat());
    assert_eq!(withdrawn.len(), MAX_WITHDRAWALS);
    assert_eq!(withdrawn[0].0, "urn:0");
}
