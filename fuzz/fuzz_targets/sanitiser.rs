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
        check_tag(tag.split('>').next().unwrap_or_default(), html);
    }
});

/// Checks the names and values of a tag that we wrote: values stand between double quotes.
fn check_tag(tag: &str, html: &str) {
    let mut name = "";
    for (nth, part) in tag.split('"').enumerate() {
        if nth % 2 == 0 {
            let last = part.trim_end_matches('=').rsplit(' ').next();
            name = last.unwrap_or_default();
            assert!(
                !name.starts_with("on") && name != "style",
                "{html:?}: {tag:?}"
            );
        } else if matches!(name, "href" | "src" | "poster" | "cite") {
            let is_safe = ["http://", "https://", "mailto:"]
                .iter()
                .any(|it| part.starts_with(it));
            assert!(is_safe, "{html:?}: {tag:?}");
        } else if name == "srcset" {
            let addresses = part.split(", ").filter_map(|it| it.split(' ').next());
            assert!(
                addresses.into_iter().all(|it| it.starts_with("http")),
                "{html:?}: {tag:?}"
            );
        }
    }
}
