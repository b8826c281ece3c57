//! Where a feed moved to (P22), for people and for programs.

use crate::cli::table::{count, instant};
use crate::model::{Moved, Sighting};
use crate::schedule;
use crate::text::has_secret_query;
use serde_json::{Value, json};

/// What the operator may do about adopted addresses.
pub(super) const ADVICE: &str =
    "`merganser apply-redirects` writes adopted addresses to feeds.toml";

/// Says what is done at an address that holds a secret: what was handed out with an answer is not written down.
pub(in crate::cli) const NEVER: &str =
    "never adopted, as a secret is in it: change feeds.toml yourself";

/// Tells whether an address, as it was seen, is never adopted, however often it is seen.
pub(in crate::cli) fn is_never_adopted(url: &str) -> bool {
    has_secret_query(url)
}

/// Says it, a sentence for each address; none where nothing is known of a move.
pub(super) fn sentences(moved: Option<&Moved>) -> Vec<String> {
    let Some(moved) = moved else {
        return Vec::new();
    };
    let adopted = moved.adopted.as_ref().map(|adopted| {
        let seen = seen(&adopted.seen);
        format!("to {seen}; adopted: it is asked there")
    });
    let sighted = moved.sighted.as_ref().map(|sighting| {
        let from = if adopted.is_some() { "from there " } else { "" };
        let seen = seen(sighting);
        if is_never_adopted(&sighting.url) {
            return format!("{from}to {seen}; {NEVER}");
        }
        let sure = schedule::what_is_sure();
        format!("{from}to {seen}; asked there after {sure}")
    });
    let given_up = moved.given_up.as_ref().map(|sighting| {
        let url = &sighting.url;
        format!(
            "back from {url}, which was adopted and failed: the configured address is asked again"
        )
    });
    [adopted, sighted, given_up].into_iter().flatten().collect()
}

/// Says an address and what speaks for it.
fn seen(seen: &Sighting) -> String {
    let times = count(seen.count, "time");
    let since = instant(seen.first_seen_at);
    format!("{}, seen {times} since {since}", seen.url)
}

/// The same for programs; null where nothing is known of a move.
pub(super) fn object(moved: Option<&Moved>) -> Value {
    let sighting = |seen: &Sighting| {
        json!({
            "url": seen.url,
            "first_seen": seen.first_seen_at.to_string(),
            "sightings": seen.count,
        })
    };
    moved.map_or(Value::Null, |moved| {
        json!({
            "adopted": moved.adopted.as_ref().map(|it| sighting(&it.seen)),
            "sighted": moved.sighted.as_ref().map(sighting),
            "given_up": moved.given_up.as_ref().map(sighting),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Adopted;

    fn sighting(url: &str) -> Sighting {
        Sighting {
            url: url.to_owned(),
            first_seen_at: "2026-11-24T06:00:00Z".parse().unwrap(),
            count: 5,
        }
    }

    #[test]
    fn p22_moves_are_told_in_sentences() {
        assert!(sentences(None).is_empty());
        assert_eq!(object(None), Value::Null);
        let moved = Moved {
            sighted: Some(sighting("https://c.example/")),
            adopted: Some(Adopted {
                seen: sighting("https://b.example/"),
                failures: 0,
                fingerprint: None,
            }),
            given_up: None,
        };
        assert_eq!(
            sentences(Some(&moved)),
            [
                "to https://b.example/, seen 5 times since 2026-11-24 06:00 UTC; adopted: \
                 it is asked there",
                "from there to https://c.example/, seen 5 times since 2026-11-24 06:00 UTC; \
                 asked there after 5 polls in a row over 48 hours",
            ]
        );
        assert_eq!(object(Some(&moved))["sighted"]["sightings"], 5);
        let failed = Moved {
            sighted: Some(sighting("https://a.example/?key=***")),
            given_up: Some(sighting("https://b.example/")),
            adopted: None,
        };
        let told = sentences(Some(&failed)).join("\n");
        assert!(told.contains("a secret is in it"), "{told}");
        assert!(told.contains("back from https://b.example/"), "{told}");
    }
}
