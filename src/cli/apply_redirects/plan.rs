//! Which feeds get which address, and which do not and why.

use crate::cli::edit::{no_feed_among, sent_to_another};
use crate::cli::exit::Failure;
use crate::cli::status::moved::{NEVER, is_never_adopted};
use crate::config::{self, Config, FeedSettings};
use crate::fetch;
use crate::model::{FeedId, FeedRow, Sighting};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// One address that is to be written.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) id: FeedId,
    /// What stands in the file, fit to be shown.
    pub(super) old: String,
    pub(super) new: Url,
}

/// What is to be done about the feeds that were asked for.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// In the order of the file.
    pub(super) changes: Vec<Change>,
    /// Feeds that keep their address, and why.
    pub(super) left: Vec<(FeedId, String)>,
    /// Feeds that were led elsewhere, which is not believed yet.
    pub(super) sighted: Vec<(FeedId, Sighting)>,
}

impl Plan {
    /// Makes a plan for the feeds named, or for all that moved.
    ///
    /// An address that another feed has is not taken, even where that one is about to leave it: what is
    /// sure is done, and the rest the next time.
    pub(super) fn new(
        config: &Config,
        text: &str,
        rows: Vec<FeedRow>,
        ids: &[String],
    ) -> Result<Self, Failure> {
        let wanted: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
        let known: BTreeSet<&str> = config.feeds.iter().map(|feed| feed.id.as_str()).collect();
        if let Some(unknown) = wanted.difference(&known).next() {
            let ids: Vec<&str> = known.iter().copied().collect();
            return Err(no_feed_among(unknown, &ids));
        }
        let rows: BTreeMap<FeedId, FeedRow> =
            rows.into_iter().map(|row| (row.id.clone(), row)).collect();
        let with_secrets = config::with_secrets_of_origin(text);
        let with_secrets: BTreeSet<&FeedId> = with_secrets.iter().collect();
        let address = |feed: &FeedSettings| (config::alike(&feed.target.url), feed.id.clone());
        let mut taken: BTreeMap<String, FeedId> = config.feeds.iter().map(address).collect();
        let mut plan = Self::default();
        for feed in &config.feeds {
            let row = rows.get(&feed.id);
            plan.sighted.extend(row.and_then(sighted));
            let is_named = wanted.contains(feed.id.as_str());
            let adopted = row.and_then(adopted);
            if !(is_named || ids.is_empty() && adopted.is_some()) {
                continue;
            }
            let has_secrets = with_secrets.contains(&feed.id);
            match new_address(feed, row, adopted, has_secrets, &taken) {
                Ok(new) => {
                    taken.insert(config::alike(&new), feed.id.clone());
                    plan.changes.push(Change {
                        id: feed.id.clone(),
                        old: fetch::shown(&feed.target.url),
                        new,
                    });
                }
                Err(why) => plan.left.push((feed.id.clone(), why)),
            }
        }
        Ok(plan)
    }
}

/// Returns where a feed was led that is asked at its own address.
fn sighted(row: &FeedRow) -> Option<(FeedId, Sighting)> {
    let moved = row.state.moved.as_ref()?;
    let seen = moved.sighted.clone().filter(|_| moved.adopted.is_none())?;
    Some((row.id.clone(), seen))
}

fn adopted(row: &FeedRow) -> Option<&str> {
    let adopted = row.state.moved.as_ref()?.adopted.as_ref()?;
    Some(&adopted.seen.url)
}

/// Returns the address that a feed gets, or why it gets none.
fn new_address(
    feed: &FeedSettings,
    row: Option<&FeedRow>,
    adopted: Option<&str>,
    has_secrets: bool,
    taken: &BTreeMap<String, FeedId>,
) -> Result<Url, String> {
    let old = &feed.target.url;
    let Some(adopted) = adopted else {
        let seen = row.and_then(sighted).map(|(_, seen)| seen.url);
        return Err(match seen.filter(|url| is_never_adopted(url)) {
            Some(url) => format!("it led to {url}; {NEVER}"),
            None => "it has not moved for good, as far as was seen".to_owned(),
        });
    };
    if row.is_none_or(|row| row.url != fetch::shown(old)) {
        return Err("its address was changed since it moved: that is not in force yet".to_owned());
    }
    let Ok(new) = Url::parse(adopted) else {
        return Err("where it moved to is no address".to_owned());
    };
    if fetch::has_secrets(old) {
        return Err(format!(
            "its address holds a credential, which may be none at {}: write that yourself",
            fetch::shown(&new)
        ));
    }
    if has_secrets && new.origin() != old.origin() {
        return Err(format!("{}: write that yourself", sent_to_another(&new)));
    }
    match taken.get(&config::alike(&new)) {
        Some(other) if *other != feed.id => Err(format!(
            "feed `{other}` has the address that it moved to, {new}: remove one of the two"
        )),
        _ => Ok(new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Adopted, FeedState, Moved};

    fn row(id: &str, url: &str, adopted: &str) -> FeedRow {
        let seen = Sighting {
            url: adopted.to_owned(),
            first_seen_at: jiff::Timestamp::UNIX_EPOCH,
            count: 5,
        };
        let adopted = Adopted {
            seen,
            failures: 0,
            fingerprint: None,
        };
        FeedRow {
            id: FeedId::new(id),
            url: url.to_owned(),
            state: FeedState {
                moved: Some(Moved {
                    adopted: Some(adopted),
                    ..Moved::default()
                }),
                ..FeedState::default()
            },
            ..FeedRow::default()
        }
    }

    /// Plans for feeds of these lines: id, address in the file with what follows it, where it moved to.
    fn planned(feeds: &[(&str, &str, &str)], ids: &[&str]) -> Vec<String> {
        let table =
            |(id, url, _): &(&str, &str, &str)| format!("[[feed]]\nid = \"{id}\"\nurl = {url}\n");
        let text: String = feeds.iter().map(table).collect();
        let moved = feeds.iter().filter(|(.., adopted)| !adopted.is_empty());
        let moved = moved.map(|(id, url, adopted)| {
            let url = url.split('"').nth(1).unwrap().parse().unwrap();
            row(id, &fetch::shown(&url), adopted)
        });
        let rows = moved.collect();
        let config = config::read_without_secrets(&text).unwrap().config;
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        let plan = match Plan::new(&config, &text, rows, &ids) {
            Ok(plan) => plan,
            Err(failure) => return vec![format!("{failure:?}")],
        };
        let changes = plan.changes.iter();
        let changes = changes.map(|it| format!("{}: {} -> {}", it.id, it.old, it.new));
        let left = plan
            .left
            .iter()
            .map(|(id, why)| format!("{id} left: {why}"));
        changes.chain(left).collect()
    }

    #[test]
    fn p23_what_is_written_and_what_is_not() {
        let moved = ("a", "\"http://a.example/\"", "https://new.example/a");
        assert_eq!(
            planned(&[moved, ("b", "\"http://b.example/\"", "")], &[]),
            ["a: http://a.example/ -> https://new.example/a"]
        );
        assert!(planned(&[moved], &["x"])[0].contains("no feed `x`"));
        let new = "https://new.example/b";
        let token = "auth = { bearer = { env = \"X\" } }";
        let own = format!("\"http://b.example/\"\n{token}");
        let paid = format!("\"http://b.example/\"\ngroup = \"paid\"\n[group.paid]\n{token}");
        let headers = "\"http://b.example/\"\nheaders = { a = { env = \"X\" } }";
        for (url, adopted, expected) in [
            ("\"http://b.example/\"", "", "it has not moved"),
            ("\"http://u:canary@b.example/\"", new, "holds a credential"),
            (
                "\"http://b.example/?key=canary\"",
                new,
                "holds a credential",
            ),
            (headers, "https://b.example/", "would be sent to another"),
            (&*own, new, "would be sent to another"),
            (&*paid, new, "would be sent to another"),
            (
                "\"http://b.example/\"",
                "https://new.example/a/",
                "feed `a` has the address",
            ),
            (
                "\"http://b.example/\"",
                "http://a.example",
                "feed `a` has the address",
            ),
        ] {
            let feed = ("b", url, adopted);
            let planned = planned(&[moved, feed], &["a", "b"]);
            assert_eq!(planned.len(), 2, "{planned:?}");
            assert!(planned[1].starts_with("b left: "), "{planned:?}");
            assert!(planned[1].contains(expected), "{planned:?}");
            assert!(!planned[1].contains("canary"), "{planned:?}");
        }
        let at_home = (
            "b",
            "\"http://b.example/\"\nheaders = { a = \"x\" }",
            "http://b.example/n",
        );
        assert_eq!(
            planned(&[at_home], &[]),
            ["b: http://b.example/ -> http://b.example/n"]
        );
        let to_https = ("b", "\"http://b.example/f\"", "https://b.example/f/");
        assert_eq!(
            planned(&[to_https], &[]),
            ["b: http://b.example/f -> https://b.example/f/"]
        );
    }

    #[test]
    fn p23_a_file_that_changed_since_is_not_about_that_move() {
        let text = "[[feed]]\nid = \"a\"\nurl = \"http://other.example/\"\n";
        let config = config::read_without_secrets(text).unwrap().config;
        let rows = vec![row("a", "http://a.example/", "https://new.example/a")];
        let plan = Plan::new(&config, text, rows, &[]).unwrap();
        assert!(plan.changes.is_empty());
        assert!(plan.left[0].1.contains("not in force yet"));
    }
}
