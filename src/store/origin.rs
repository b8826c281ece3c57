//! Entries that a feed took from another: which feed that is, and who has their ids.
//!
//! An `atom:id` names one entry wherever it stands (RFC 4287, 4.2.6), and `atom:source` says where an
//! aggregator has it from (4.2.11). So an entry that nothing else recognises is looked up by its id in all
//! feeds: whoever carries what we published, or publishes what we carry, has it. An id that is no IRI says
//! something at its source alone. What is found is only proposed, since a feed can claim any id.
//!
//! Feeds are found by the names in `feed_names`, which are written when a feed's address or what it says of
//! itself changes: a walk over all profiles for each aggregated entry would take longer than all else.

use super::keys::{Asked, Found};
use super::retired;
use crate::dedupe::Decision;
use crate::model::{Entry, Key, KeyKind, Source, Verdict};
use crate::{publish, text};
use rusqlite::{Connection, OptionalExtension, Result};
use std::net::IpAddr;
use url::{Host, Url};

/// Entries of all feeds under one id that are looked at: `1` is the id of an entry in many feeds.
const NAMESAKES: i64 = 64;

/// Whether anybody has an id. Nearly always nobody does, and this is the cheapest way to know.
pub(super) const HAS_ANYBODY: &str = "
    SELECT EXISTS (SELECT 1 FROM entries WHERE entry_id = ?1)
        OR EXISTS (SELECT 1 FROM articles WHERE atom_id = ?1)";

/// Finds who has an id: entries of any feed, and what leads the article that is published under it. The
/// columns are those of `keys::HOLDERS`.
pub(super) const NAMED: &str = "
    SELECT e.id, e.listed_at, e.article, f.name, e.entry_id, e.published_at, e.content_digest, e.title,
        e.keys, e.leads, e.first_seen_at, e.origin, e.purged_at, f.role, e.withdrawn_at
    FROM (
        SELECT * FROM (SELECT id FROM entries WHERE entry_id = ?1 LIMIT ?2)
        UNION
        SELECT l.id FROM articles AS a
        CROSS JOIN entries AS l INDEXED BY entries_by_article ON l.article = a.id AND l.leads = 1
        WHERE a.atom_id = ?1
    ) AS n
    CROSS JOIN entries AS e ON e.id = n.id
    CROSS JOIN feeds AS f ON f.id = e.feed
    WHERE NOT (f.name = ?3 AND e.entry_id = ?1) AND (?4 OR coalesce(e.origin, f.name) = ?5)
    LIMIT 8";

/// The feed that a name means; of several, a configured one, then the oldest.
pub(super) const CALLED: &str = "
    SELECT f.name FROM feed_names AS n CROSS JOIN feeds AS f ON f.id = n.feed
    WHERE n.name = ?1 ORDER BY f.configured DESC, f.id LIMIT 1";

/// Forgets what a feed is called.
pub(super) const UNNAME: &str = "DELETE FROM feed_names WHERE feed = ?1";

/// Feeds without names. Only those without an address and a document stay so.
pub(super) const NAMELESS: &str = "
    SELECT id FROM feeds AS f WHERE NOT EXISTS (SELECT 1 FROM feed_names WHERE feed = f.id)";

/// Looks an entry up by its id in all feeds, where nothing else recognised it and its id is believed.
/// Returns whether anything has it.
pub(super) fn look_up(
    connection: &Connection,
    asked: &Asked<'_>,
    decision: &Decision,
    found: &mut Found,
) -> Result<bool> {
    let entry = asked.entry;
    let is_asked = matches!(decision.verdict, Verdict::New(_)) && !decision.sign.is_reused();
    let Some(strongest) = entry.keys.first().filter(|_| is_asked && !entry.by_address) else {
        return Ok(false);
    };
    let mut has_anybody = connection.prepare_cached(HAS_ANYBODY)?;
    if !has_anybody.query_row([&entry.entry_id], |row| row.get(0))? {
        return Ok(false);
    }
    // Whoever has it, has what the feed gave it to before.
    if retired::wore(connection, &entry.feed, &entry.entry_id)? {
        return Ok(false);
    }
    // Stands for the id, which is compared byte for byte.
    let key = Key {
        kind: KeyKind::Published,
        digest: strongest.digest,
    };
    let before = found.known.len();
    let mut statement = connection.prepare_cached(NAMED)?;
    let rows = statement.query((
        &entry.entry_id,
        NAMESAKES,
        entry.feed.as_str(),
        is_universal(&entry.entry_id),
        asked.origin(),
    ))?;
    found.take(connection, asked, key, rows)?;
    Ok(found.known.len() > before)
}

/// Tells whether an id names an entry everywhere: an IRI that is published as it is, and not the front page
/// of a site, which some feeds give to all their entries. What a site was called while it was made
/// (`http://localhost/?p=12`) names something else at each of them.
fn is_universal(id: &str) -> bool {
    let is_front = id.starts_with("http") && id.ends_with('/') && id.matches('/').count() == 3;
    !is_front && publish::entry_atom_id(id).is_some() && is_of_the_world(id)
}

/// Tells whether the host in an id, if there is one, is the same for everybody.
fn is_of_the_world(id: &str) -> bool {
    let host = match id.strip_prefix("tag:") {
        // The authority of a tag is a host, or a mail address there (RFC 4151).
        Some(rest) => {
            let authority = rest.split(',').next().unwrap_or_default();
            authority.rsplit('@').next().map(str::to_owned)
        }
        None => match Url::parse(id).ok().as_ref().and_then(Url::host) {
            None => return true,
            Some(Host::Domain(host)) => Some(host.to_owned()),
            Some(_) => None,
        },
    };
    host.is_some_and(|host| {
        let is_number = host.trim_end_matches('.').parse::<IpAddr>().is_ok();
        !is_number && !text::is_private_name(&host)
    })
}

/// Returns what an entry was taken from, as `entries.origin` has it: the name of a feed that we know, else
/// what the entry calls it; `None` for the feed's own.
pub(super) fn of(connection: &Connection, entry: &Entry) -> Result<Option<String>> {
    let Some(source) = &entry.source else {
        return Ok(None);
    };
    let feed = feed_of(connection, source)?;
    let origin = feed.unwrap_or_else(|| name_of(&source.id));
    Ok(Some(origin).filter(|origin| *origin != entry.feed.as_str()))
}

/// Returns the name of the feed that a source is.
fn feed_of(connection: &Connection, source: &Source) -> Result<Option<String>> {
    let mut statement = connection.prepare_cached(CALLED)?;
    for text in [Some(&source.id), source.self_url.as_ref()] {
        let Some(text) = text else { continue };
        let feed = statement.query_row([name_of(text)], |row| row.get(0));
        if let Some(feed) = feed.optional()? {
            return Ok(Some(feed));
        }
    }
    Ok(None)
}

/// Writes by which names a feed is called: its address, its id, and the address that it gives for itself.
pub(super) fn save_names(connection: &Connection, feed: i64) -> Result<()> {
    let names: [Option<String>; 3] = connection
        .prepare_cached(
            "SELECT url, json_extract(profile, '$.id'), json_extract(profile, '$.self_url')
             FROM feeds WHERE id = ?1",
        )?
        .query_row([feed], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?;
    connection.prepare_cached(UNNAME)?.execute([feed])?;
    let mut insert = connection
        .prepare_cached("INSERT OR IGNORE INTO feed_names (name, feed) VALUES (?1, ?2)")?;
    for name in names.iter().flatten().filter(|name| !name.is_empty()) {
        insert.execute((name_of(name), feed))?;
    }
    Ok(())
}

/// Writes the names of all feeds that have none: a database from before there were any has feeds that no
/// configuration changes, and they are named as the others are.
pub(super) fn name_all(connection: &Connection) -> Result<()> {
    let mut nameless = connection.prepare_cached(NAMELESS)?;
    let nameless: Vec<i64> = nameless
        .query_map([], |row| row.get(0))?
        .collect::<Result<_>>()?;
    let mut nameless = nameless.into_iter();
    nameless.try_for_each(|feed| save_names(connection, feed))
}

/// Returns an id or address as `feed_names` has it: what aggregators write of one feed differs in the scheme
/// and in a slash at the end.
fn name_of(text: &str) -> String {
    let url = Url::parse(text).ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
    let name = url.map(|mut url| {
        url.set_fragment(None);
        let text = url.as_str();
        let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
        rest.trim_end_matches('/').to_owned()
    });
    name.unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aggregators_call_a_feed_is_one_name() {
        for (text, expected) in [
            ("https://A.example/feed/", "a.example/feed"),
            ("http://a.example:80/feed#top", "a.example/feed"),
            ("https://a.example", "a.example"),
            ("https://a.example/feed?x=1", "a.example/feed?x=1"),
            ("tag:a.example,2020:feed/", "tag:a.example,2020:feed/"),
            ("urn:x", "urn:x"),
        ] {
            assert_eq!(name_of(text), expected);
        }
    }

    #[test]
    fn ids_that_name_an_entry_everywhere() {
        for (id, expected) in [
            ("https://a.example/1", true),
            ("https://a.example/?p=1", true),
            ("tag:a.example,2020:1", true),
            ("urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a", true),
            ("https://a.example/", false),
            ("http://a.example", false),
            ("https://xn--e1aybc.xn--p1ai/?p=1", true),
            ("urn:isbn:0451450523", true),
            ("http://localhost/?p=12", false),
            ("http://localhost:8080/?p=12", false),
            ("http://blog.localhost/?p=12", false),
            ("http://wordpress/?p=12", false),
            ("http://127.0.0.1/?p=12", false),
            ("http://192.168.1.20/?p=12", false),
            ("https://[2001:db8::1]/?p=12", false),
            ("http://site.local/?p=12", false),
            ("http://site.test/?p=12", false),
            ("http://cms.internal/?p=12", false),
            ("http://cms.home.arpa/?p=12", false),
            ("https://local.example/?p=12", true),
            ("tag:localhost,2020:1", false),
            ("tag:editor@cms.local,2020:1", false),
            ("tag:editor@a.example,2020:1", true),
            ("12345", false),
            ("", false),
        ] {
            assert_eq!(is_universal(id), expected, "{id}");
        }
    }
}
