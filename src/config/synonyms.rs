//! What other programs call our keys and tables: a name that is spelt like none of ours may still be meant.

use toml::de::DeValue;

/// What was written, without hyphens and underscores and in small letters, and what it may be meant for: the first that the
/// table has. They are the words of other aggregators and readers, of OPML, and of configurations of servers.
const MEANT: &[(&[&str], &[&str])] = &[
    // Of a feed, and what all of them share.
    (
        &[
            "link", "href", "uri", "feed", "feedurl", "xmlurl", "rss", "address", "source",
        ],
        &["url", "listen"],
    ),
    (&["name"], &["id", "path", "title"]),
    (&["id", "label", "slug", "key"], &["id", "name", "path"]),
    (
        &[
            "interval",
            "every",
            "refresh",
            "cron",
            "period",
            "frequency",
            "poll",
            "pollinterval",
            "updateinterval",
            "refreshinterval",
            "checkinterval",
            "refreshrate",
        ],
        &["schedule"],
    ),
    (
        &["category", "folder", "tag", "tags", "section"],
        &["group"],
    ),
    (
        &["disabled", "disable", "active", "paused", "off"],
        &["enabled"],
    ),
    (&["useragent"], &["user-agent", "user-agent-suffix"]),
    (
        &[
            "username",
            "user",
            "password",
            "login",
            "bearer",
            "token",
            "authorization",
            "credentials",
        ],
        &["auth", "protect"],
    ),
    (&["cookie", "cookies", "header"], &["headers"]),
    (&["lang"], &["language"]),
    (&["tz"], &["timezone"]),
    (&["priority", "importance", "rank"], &["weight"]),
    (&["publisher", "organisation", "organization"], &["owner"]),
    (
        &["maxage", "keepfor", "expire", "purgeafter", "ttl"],
        &["retention"],
    ),
    (
        &[
            "limit",
            "count",
            "size",
            "maxitems",
            "maxarticles",
            "maxentries",
        ],
        &["items", "max-entries"],
    ),
    // Of the server, the database and the requests.
    (
        &[
            "port",
            "bind",
            "addr",
            "host",
            "bindaddress",
            "listenaddress",
            "listenaddr",
            "socket",
        ],
        &["listen"],
    ),
    (
        &[
            "baseurl",
            "base",
            "domain",
            "siteurl",
            "rooturl",
            "externalurl",
            "hostname",
        ],
        &["public-url"],
    ),
    (&["email", "mail", "admin"], &["contact"]),
    (&["outputdir", "outdir", "directory"], &["publish-dir"]),
    (&["websub", "pubsubhubbub", "pubsub"], &["hub"]),
    (&["file", "filename", "database", "db", "dsn"], &["path"]),
    (
        &[
            "workers",
            "threads",
            "parallel",
            "parallelism",
            "jobs",
            "maxconnections",
        ],
        &["concurrency"],
    ),
    (&["delay", "pause", "ratelimit"], &["host-gap"]),
    (&["maxsize", "maxbytes"], &["max-body"]),
    // Of a topic and an output.
    (
        &[
            "keywords", "keyword", "match", "matches", "words", "terms", "rule", "rules", "search",
            "regex", "pattern", "filter", "filters",
        ],
        &["query", "select"],
    ),
    (&["query", "topic", "topics", "feeds"], &["select"]),
    (&["threshold", "score", "minimum"], &["min-score"]),
    (&["feeds", "sources"], &["include-feeds"]),
    (&["languages", "langs"], &["include-languages"]),
    (&["tests", "samples", "mustcatch", "mustmiss"], &["example"]),
    (&["text", "body", "content", "description"], &["summary"]),
    (&["subtitle", "summary", "about", "desc"], &["description"]),
    (&["language"], &["lang"]),
    (&["format", "type"], &["formats"]),
    // Tables.
    (
        &[
            "source",
            "sources",
            "subscription",
            "subscriptions",
            "channel",
            "channels",
        ],
        &["feed"],
    ),
    (&["http", "web", "listen"], &["server"]),
    (&["database", "db", "store"], &["storage"]),
    (&["client", "network", "http"], &["fetch"]),
    (&["category", "folder"], &["group"]),
    (&["filter", "rule", "label", "tag"], &["topic"]),
    (&["publish", "out"], &["output"]),
];

/// What is on where our switch is off: renamed alone, such a key would say the opposite.
const OPPOSITES: [&str; 4] = ["disabled", "disable", "paused", "off"];

fn folded(name: &str) -> String {
    /// Longer than any name of the list: what a hostile file has as a key is not folded.
    const LONGEST: usize = 32;
    if name.len() <= LONGEST {
        name.replace(['-', '_'], "").to_lowercase()
    } else {
        String::new()
    }
}

/// Returns all that may be meant by a name, the likeliest first.
pub(super) fn meanings(name: &str) -> impl Iterator<Item = &'static str> {
    let folded = folded(name);
    let rows = MEANT.iter();
    rows.filter(move |(names, _)| names.contains(&folded.as_str()))
        .flat_map(|(_, meant)| meant.iter().copied())
}

/// Returns what is meant by a name of those that there are, where that is known.
pub(super) fn meant<'n>(name: &str, known: &[&'n str]) -> Option<&'n str> {
    meanings(name).find_map(|meant| known.iter().copied().find(|known| *known == meant))
}

/// Returns what to write in the place of a name, where it is known what is meant by it of those that there are.
pub(super) fn help(name: &str, known: &[&str]) -> Option<String> {
    let meant = meant(name, known)?;
    Some(if OPPOSITES.contains(&folded(name).as_str()) {
        format!("write `{meant} = false` to switch it off, or nothing")
    } else {
        format!("did you mean `{meant}`?")
    })
}

/// Returns what to write for a list of words in the place of a query.
pub(super) fn one_query(key: &str, value: &DeValue<'_>) -> Option<String> {
    /// As many are told as stand in a line.
    const MOST: usize = 5;
    let terms = value.as_array()?.iter().map(|term| term.get_ref().as_str());
    let terms: Vec<&str> = terms.collect::<Option<_>>()?;
    let is_plain = |c: char| c.is_alphanumeric() || "-*@: ".contains(c);
    let are_plain = terms
        .iter()
        .all(|term| !term.trim().is_empty() && term.chars().all(is_plain));
    let is_query = ["query", "select"].contains(&key) && (1..=MOST).contains(&terms.len());
    if !is_query || !are_plain {
        return None;
    }
    let quote = |term: &str| {
        if term.contains(' ') {
            format!("\"{term}\"")
        } else {
            term.to_owned()
        }
    };
    let query: Vec<String> = terms.into_iter().map(quote).collect();
    let query = query.join(" OR ");
    let quotes = if query.contains('"') { '\'' } else { '"' };
    Some(format!("write one text: `{key} = {quotes}{query}{quotes}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever renames a key as told has it say what it said.
    #[test]
    fn a_switch_is_not_turned_by_its_new_name() {
        let known = ["id", "enabled"];
        let off = "write `enabled = false` to switch it off, or nothing";
        for (name, expected) in [
            ("disabled", off),
            ("Disable", off),
            ("paused", off),
            ("off", off),
            ("active", "did you mean `enabled`?"),
        ] {
            assert_eq!(help(name, &known).as_deref(), Some(expected), "{name}");
        }
        assert_eq!(help("disabled", &["id"]), None);
    }

    #[test]
    fn what_others_call_it_is_meant() {
        let feed = ["id", "url", "group", "schedule", "max-entries"];
        let server = ["listen", "public-url", "title"];
        let output = ["path", "title", "select", "items"];
        for (name, known, expected) in [
            ("link", &feed[..], Some("url")),
            ("xmlUrl", &feed, Some("url")),
            ("feed_url", &feed, Some("url")),
            ("interval", &feed, Some("schedule")),
            ("refresh-interval", &feed, Some("schedule")),
            ("name", &feed, Some("id")),
            ("limit", &feed, Some("max-entries")),
            ("name", &server, Some("title")),
            ("PORT", &server, Some("listen")),
            ("interval", &server, None),
            ("name", &output, Some("path")),
            ("limit", &output, Some("items")),
            ("topics", &output, Some("select")),
            ("subtitle", &["title", "description"], Some("description")),
            ("keywords", &["name", "query"], Some("query")),
            ("id", &["name", "query"], Some("name")),
            ("database", &["server", "storage"], Some("storage")),
            ("nonsense", &feed, None),
        ] {
            assert_eq!(meant(name, known), expected, "{name}");
        }
    }

    /// A key that is renamed is renamed here, too.
    #[test]
    fn what_is_meant_is_there() {
        let tables = [
            "feed", "server", "storage", "fetch", "group", "topic", "output",
        ];
        for meant in MEANT.iter().flat_map(|(_, meant)| *meant) {
            let is_there = super::super::schema::is_key(meant) || tables.contains(meant);
            assert!(is_there, "{meant}");
        }
        for name in MEANT.iter().flat_map(|(names, _)| *names) {
            assert_eq!(name.replace(['-', '_'], "").to_lowercase(), *name);
        }
    }
}
