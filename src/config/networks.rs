//! What lets merganser ask where the address guard refuses it: what can be pasted as it is, however `[fetch]` is written.

use super::outline::Outline;
use super::twice::bare;
use crate::fetch;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

const TABLE: &str = "fetch";
const KEY: &str = "allow-networks";

/// Lines, and where they belong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paste {
    /// The place, after "write into the file,".
    pub place: &'static str,
    /// What is written there.
    pub lines: String,
}

/// Returns what has `[fetch]` name these networks beside those that it names, each in the spelling that it has there.
pub fn with_networks(text: &str, more: &[String]) -> Paste {
    let (document, _) = DeTable::parse_recoverable(text);
    let found = document.get_ref().get(TABLE);
    let table = found.and_then(|it| it.get_ref().as_table());
    let there = table.and_then(|table| table.get(KEY));
    let list = list(there.map(Spanned::get_ref), more);
    let key = format!("{KEY} = {list}");
    let has_header = Outline::of(text)
        .headers()
        .any(|(header, _)| bare(header) == TABLE);
    let span = found.map(Spanned::span).unwrap_or_default();
    let written = text.get(span.clone()).unwrap_or_default();
    let (place, lines) = match (table, there) {
        (_, Some(_)) if has_header => {
            ("below `[fetch]`, in the place of its `allow-networks`", key)
        }
        (_, None) if has_header => ("below `[fetch]`", key),
        (Some(table), _) if written.starts_with('{') => {
            let there = there.map(|it| within(&span, it.span()));
            let lines = inline(written, table.is_empty(), there, &list);
            ("in the place of its `fetch`", lines)
        }
        (Some(_), Some(_)) => (
            "in the place of its `fetch.allow-networks`",
            format!("{TABLE}.{key}"),
        ),
        (Some(_), None) => (
            "beside its line that begins with `fetch.`",
            format!("{TABLE}.{key}"),
        ),
        (None, _) => ("at its end", format!("[{TABLE}]\n{key}")),
    };
    Paste { place, lines }
}

/// Returns what `allow-networks` would have to name so that the guard, which said `why`, refuses no more: the address that it
/// named, or those of this machine, which it calls by name. Nothing where no network is what lacks.
pub fn lacking(why: &str) -> Vec<String> {
    /// How the guard ends where one is.
    const LACKS: &str = "not in allow-networks";
    if !why.ends_with(LACKS) {
        return Vec::new();
    }
    let words = why.split(|c: char| c.is_whitespace() || c == ',');
    let mut addresses = words.filter_map(|word| word.parse::<IpAddr>().ok());
    let loopback = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    let found = addresses.next().map_or(loopback.to_vec(), |it| vec![it]);
    found.iter().map(IpAddr::to_string).collect()
}

/// Tells whether the guard permits by these networks what it refused when it said `why`.
pub fn lets_in(networks: &[IpNet], why: &str) -> bool {
    let lacking = lacking(why).into_iter();
    let mut lacking = lacking.filter_map(|it| it.parse::<IpAddr>().ok());
    lacking.any(|address| fetch::permits(networks, address))
}

/// Returns the key with these networks and more.
pub fn listing(networks: &[IpNet], more: &[String]) -> String {
    let listed = networks.iter().map(written).chain(more.iter().cloned());
    let listed: Vec<String> = listed.collect();
    format!("{KEY} = [\"{}\"]", listed.join("\", \""))
}

/// Writes a network as people do: that of one address is the address.
fn written(network: &IpNet) -> String {
    if network.prefix_len() == network.max_prefix_len() {
        network.addr().to_string()
    } else {
        network.to_string()
    }
}

/// Returns the array of what is there and these.
fn list(there: Option<&DeValue<'_>>, more: &[String]) -> String {
    let there = there.and_then(DeValue::as_array).into_iter().flatten();
    let there = there.filter_map(|it| it.get_ref().as_str());
    let listed: Vec<&str> = there.chain(more.iter().map(String::as_str)).collect();
    match listed.as_slice() {
        [] => "[]".to_owned(),
        listed => format!("[\"{}\"]", listed.join("\", \"")),
    }
}

/// Returns a place in the text as one in a part of it.
fn within(part: &Range<usize>, place: Range<usize>) -> Range<usize> {
    place.start.saturating_sub(part.start)..place.end.saturating_sub(part.start)
}

/// Returns an inline table with this list in the place of one that is there, or after what it holds.
fn inline(written: &str, is_empty: bool, there: Option<Range<usize>>, list: &str) -> String {
    let mut table = written.to_owned();
    if let Some(there) = there {
        table.replace_range(there, list);
        return format!("{TABLE} = {table}");
    }
    let held = table.trim_end_matches('}').trim_end();
    let comma = if is_empty || held.ends_with(',') {
        ""
    } else {
        ","
    };
    format!("{TABLE} = {held}{comma} {KEY} = {list} }}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    #[test]
    fn what_the_guard_lacks_is_what_it_named() {
        for (why, expected) in [
            (
                "localhost is this machine and loopback is not in allow-networks",
                ["127.0.0.1", "::1"].as_slice(),
            ),
            (
                "a.lan resolves to 10.0.0.7, not a public address and not in allow-networks",
                &["10.0.0.7"],
            ),
            (
                "fd00::1 is not a public address and not in allow-networks",
                &["fd00::1"],
            ),
            ("10.0.0.7 is the proxy and no origin", &[]),
            ("the address names no host", &[]),
        ] {
            assert_eq!(lacking(why), expected, "{why}");
        }
    }

    #[test]
    fn a_network_lets_in_what_it_holds() {
        let lan = ["10.0.0.0/8".parse().unwrap()];
        let local = ["127.0.0.1/32".parse().unwrap()];
        let name = "redirect refused: a.lan resolves to 10.0.0.7, not a public address and not in allow-networks";
        let machine = "localhost is this machine and loopback is not in allow-networks";
        for (why, networks, expected) in [
            (name, lan.as_slice(), true),
            (name, &local, false),
            (name, &[], false),
            (
                "::ffff:10.0.0.7 is not a public address and not in allow-networks",
                &lan,
                true,
            ),
            (machine, &local, true),
            (machine, &lan, false),
            ("10.0.0.7 is the proxy and no origin", &lan, false),
            ("404 Not Found", &lan, false),
        ] {
            assert_eq!(lets_in(networks, why), expected, "{why} {networks:?}");
        }
    }

    const FEED: &str = "[[feed]]\nid = \"a\"\nurl = \"http://10.0.0.7/a\"\n";

    /// However the table is written, what is told can be pasted, and is a configuration then that names the networks.
    #[test]
    fn what_is_told_can_be_pasted() {
        let more = ["10.0.0.7".to_owned()];
        for (head, place, lines) in [
            ("", "at its end", "[fetch]\nallow-networks = [\"10.0.0.7\"]"),
            (
                "[fetch]\ntimeout = \"9s\"\n",
                "below `[fetch]`",
                "allow-networks = [\"10.0.0.7\"]",
            ),
            (
                "[fetch]\nallow-networks = []\n",
                "below `[fetch]`, in the place of its `allow-networks`",
                "allow-networks = [\"10.0.0.7\"]",
            ),
            (
                "[fetch]\nallow-networks = [\"127.0.0.1\"]\n",
                "below `[fetch]`, in the place of its `allow-networks`",
                "allow-networks = [\"127.0.0.1\", \"10.0.0.7\"]",
            ),
            (
                "fetch = { timeout = \"9s\" }\n",
                "in the place of its `fetch`",
                "fetch = { timeout = \"9s\", allow-networks = [\"10.0.0.7\"] }",
            ),
            (
                "fetch = {}\n",
                "in the place of its `fetch`",
                "fetch = { allow-networks = [\"10.0.0.7\"] }",
            ),
            (
                "fetch = { allow-networks = [], timeout = \"9s\" }\n",
                "in the place of its `fetch`",
                "fetch = { allow-networks = [\"10.0.0.7\"], timeout = \"9s\" }",
            ),
            (
                "fetch.timeout = \"9s\"\n",
                "beside its line that begins with `fetch.`",
                "fetch.allow-networks = [\"10.0.0.7\"]",
            ),
            (
                "fetch.allow-networks = [\"::1\"]\n",
                "in the place of its `fetch.allow-networks`",
                "fetch.allow-networks = [\"::1\", \"10.0.0.7\"]",
            ),
        ] {
            let paste = with_networks(&format!("{head}{FEED}"), &more);
            assert_eq!((paste.place, &*paste.lines), (place, lines), "{head}");
            let is_replaced =
                |line: &&str| !place.starts_with("in the place") && !line.starts_with("allow-");
            let kept: Vec<&str> = head.lines().filter(is_replaced).collect();
            let kept = kept.join("\n");
            let pasted = match place {
                "at its end" => format!("{FEED}{lines}\n"),
                _ => format!("{kept}\n{lines}\n{FEED}"),
            };
            let read = config::read_without_secrets(&pasted).unwrap().config;
            let seventh = "10.0.0.7/32".parse().unwrap();
            assert!(read.fetch.allow_networks.contains(&seventh), "{pasted}");
        }
    }
}
