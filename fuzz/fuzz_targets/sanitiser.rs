//! Any markup becomes safe markup, which stays as it is when it is cleaned again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use merganser::normalize::fuzzing::safe_html;

const BASE: &str = "https://news.example/world/1";

/// Elements that have no place in what we publish.
const FORBIDDEN: [&str; 12] = [
    "<script", "<style", "<iframe", "<object", "<embed", "<form", "<input", "<svg", "<math",
    "<base", "<meta", "<link",
];

fuzz_target!(|html: &str| {
    let safe = safe_html(html, BASE);
    assert_eq!(safe_html(&safe, BASE), safe, "{html:?}");
    let lower = safe.to_ascii_lowercase();
    for element in FORBIDDEN {
        assert!(!lower.contains(element), "{html:?} -> {safe:?}");
    }
    for tag in lower.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap_or_default();
        let is_event = |name: &str| name.starts_with("on") || name == "style";
        let mut names = tag.split(' ').filter_map(|it| it.split('=').next());
        assert!(!tag.contains("=\"javascript:"), "{html:?} -> {safe:?}");
        assert!(
            !names.any(|it| tag.contains(&format!(" {it}=\""))
                && is_event(it)
                && !tag.contains("alt=")
                && !tag.contains("title=")),
            "{html:?} -> {safe:?}"
        );
    }
});
