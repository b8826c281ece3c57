//! Pictures that nobody is meant to see: they are there to count who reads.
//!
//! What cannot be seen (at most one pixel, or hidden) goes, whoever serves it. What can be seen goes only
//! when its address is on one of the lists below: those are of services that do nothing else in feeds.

use super::write::Attribute;

/// Hosts whose pictures count readers; all hosts under them do, too.
///
/// They belong to feed services, whose rows of sharing buttons under each article count, too; to
/// audience measurement, advertising and collecting societies. A host that serves pictures of articles
/// as well must not be here: a missed counter is a dot, a wrong drop is a lost picture.
const COUNTING_HOSTS: &[&str] = &[
    // feed services
    "feedads.g.doubleclick.net",
    "feedproxy.google.com",
    "feeds.feedblitz.com",
    "feeds.feedburner.com",
    "feeds.wordpress.com",
    "feedsportal.com",
    "pheedo.com",
    // audience measurement
    "2o7.net",
    "c.statcounter.com",
    "chartbeat.net",
    "counter.theconversation.com",
    "counter.theconversation.edu.au",
    "counter.yadro.ru",
    "google-analytics.com",
    "imrworldwide.com",
    "ivwbox.de",
    "mc.yandex.ru",
    "omtrdc.net",
    "parsely.com",
    "pixel.propublica.org",
    "pixel.wp.com",
    "quantserve.com",
    "scorecardresearch.com",
    "sitemeter.com",
    "stats.wordpress.com",
    "stats.wp.com",
    "tns-counter.ru",
    "top-fwz1.mail.ru",
    "xiti.com",
    // advertising
    "ad.linksynergy.com",
    "adsrvr.org",
    "analytics.twitter.com",
    "assoc-amazon.com",
    "bat.bing.com",
    "doubleclick.net",
    "krxd.net",
    "px.ads.linkedin.com",
    // collecting societies
    "met.vgwort.de",
];

/// Where pictures count readers on hosts that do other things, or on any host: how the host ends, and
/// what the path or query holds.
const COUNTING_PLACES: &[(&str, &str)] = &[
    ("facebook.com", "/tr?"),
    ("facebook.com", "/tr/?"),
    ("list-manage.com", "/track/open.php"),
    ("hubspot.com", "/__ptq.gif"),
    ("medium.com", "/_/stat?"),
    ("t.co", "/i/adsct"),
    ("blogsmithmedia.com", "/media/feedlogo.gif"),
    ("amazon-adsystem.com", "/e/ir?"),
    // FeedBurner and FeedsPortal under names of the publishers.
    ("", "/~4/"),
    ("", "/mf.gif"),
    // Counters that publishers run themselves.
    ("", "/matomo.php?"),
    ("", "/piwik.php?"),
    ("", "republication-tracker-tool"),
    ("", "?republication-pixel="),
];

const SIDES: [&str; 2] = ["width", "height"];

/// Tells whether an image is too small to be seen, or hidden.
///
/// A side that the style names is as long as it says there. Sizes that say otherwise are taken away from
/// an image that can be seen: its style is not written, and whoever reads it next must see it, too.
pub(super) fn is_unseen(attributes: &mut Vec<Attribute<'_>>) -> bool {
    let style = value("style", attributes).unwrap_or_default();
    if style.is_empty() {
        return is_dotted(SIDES.map(|side| value(side, attributes)));
    }
    let is_hidden = declared(style, "display").is_some_and(|display| is_word(display, "none"));
    let side = |side| declared(style, side).or_else(|| value(side, attributes));
    if is_hidden || is_dotted(SIDES.map(side)) {
        return true;
    }
    if is_dotted(SIDES.map(|side| value(side, attributes))) {
        attributes.retain(|it| !SIDES.contains(&it.name));
    }
    false
}

fn value<'v>(name: &str, attributes: &'v [Attribute<'_>]) -> Option<&'v str> {
    let found = attributes.iter().find(|it| it.name == name);
    found.map(|it| it.value.as_ref())
}

/// Tells whether both sides are at most one pixel long; one that nothing names follows the other.
fn is_dotted(sides: [Option<&str>; 2]) -> bool {
    sides.iter().any(Option::is_some) && sides.into_iter().flatten().all(is_dot)
}

/// Tells whether an absolute address belongs to a counter.
pub(super) fn is_counter(address: &str) -> bool {
    let Some((_, rest)) = address.split_once("://") else {
        return false;
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let Some((authority, place)) = rest.split_at_checked(end) else {
        return false;
    };
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    COUNTING_HOSTS.iter().any(|domain| is_under(host, domain))
        || COUNTING_PLACES
            .iter()
            .any(|(domain, part)| is_under(host, domain) && place.contains(part))
}

/// Tells whether a host is `domain` or one of its own; the empty domain is that of all.
fn is_under(host: &str, domain: &str) -> bool {
    let Some(split) = host.len().checked_sub(domain.len()) else {
        return false;
    };
    host.split_at_checked(split).is_some_and(|(sub, end)| {
        end.eq_ignore_ascii_case(domain)
            && (sub.is_empty() || sub.ends_with('.') || domain.is_empty())
    })
}

/// Returns what a style says of a property, the last time that it does.
fn declared<'s>(style: &'s str, property: &str) -> Option<&'s str> {
    let declarations = style.rsplit(';').filter_map(|it| it.split_once(':'));
    let mut values = declarations.filter(|(name, _)| is_word(name, property));
    values.next().map(|(_, value)| value)
}

fn is_word(text: &str, word: &str) -> bool {
    let text = text.split('!').next().unwrap_or_default();
    text.trim_ascii().eq_ignore_ascii_case(word)
}

/// Tells whether a length is at most one pixel.
fn is_dot(length: &str) -> bool {
    let length = length.split('!').next().unwrap_or_default().trim_ascii();
    let number = length.strip_suffix("px").unwrap_or(length);
    number.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && number.parse::<f32>().is_ok_and(|number| number <= 1.0)
}

#[cfg(test)]
mod tests {
    use super::super::allow::Value;
    use super::*;
    use std::borrow::Cow;

    fn unseen(pairs: &[(&'static str, &'static str)]) -> bool {
        let mut attributes: Vec<_> = pairs
            .iter()
            .map(|&(name, value)| Attribute {
                name,
                value: Cow::Borrowed(value),
                kind: Value::Hint,
            })
            .collect();
        is_unseen(&mut attributes)
    }

    #[test]
    fn what_is_a_dot_or_hidden_is_not_seen() {
        for pairs in [
            &[("width", "1"), ("height", "1")][..],
            &[("width", "0"), ("height", "1px")],
            &[("width", " 1 "), ("height", "0.5")],
            &[("width", "1")],
            &[("height", "0")],
            &[("style", "width:1px;height:1px")],
            &[("style", "color:red; WIDTH : 1px !important; Height: 0")],
            &[("style", "height:1px"), ("width", "1")],
            &[("style", "display:none"), ("width", "100")],
            &[("style", "display: None !important;")],
        ] {
            assert!(unseen(pairs), "{pairs:?}");
        }
        for pairs in [
            &[][..],
            &[("alt", "1")],
            &[("width", "1"), ("height", "100")],
            &[("width", "100%"), ("height", "1")],
            &[("width", "1%"), ("height", "1%")],
            &[("width", "1em"), ("height", "1em")],
            &[("width", "auto")],
            &[("width", ""), ("height", "")],
            &[("width", "10"), ("height", "10")],
            &[
                ("width", "1"),
                ("height", "1"),
                ("style", "width:100%;height:auto"),
            ],
            &[("style", "max-width:1px;max-height:1px")],
            &[("style", "width:0;width:50px;height:1px")],
            &[("style", "display:block")],
        ] {
            assert!(!unseen(pairs), "{pairs:?}");
        }
    }

    #[test]
    fn counters_are_known_by_host_or_place() {
        for address in [
            "https://pixel.wp.com/b.gif?host=a.org",
            "http://Feeds.FeedBurner.com/~r/a/~4/b",
            "http://feeds.example.org/~r/a/~4/b",
            "http://a.feedsportal.com:80/c/1/f/2/s/3/mf.gif",
            "http://rss.example.org/c/1/f/2/s/3/mf.gif",
            "https://ad.doubleclick.net/ddm/imp/x",
            "https://counter.theconversation.com/content/1/count.gif",
            "https://www.facebook.com/tr?id=1",
            "https://x.list-manage.com/track/open.php?u=1",
            "https://example.org/matomo.php?idsite=1&rec=1",
            "https://example.org/?republication-pixel=true&post=1",
            "https://vg01.met.vgwort.de/na/0",
            "https://user:word@google-analytics.com?x",
        ] {
            assert!(is_counter(address), "{address}");
        }
        for address in [
            "https://example.org/pixel.wp.com/b.gif",
            "https://notdoubleclick.net/a.png",
            "https://www.facebook.com/photo.jpg",
            "https://example.org/tr?id=1",
            "https://xiti.community/a.png",
            "https://i.example.org/~rose/a.png",
            "mailto:a@pixel.wp.com",
            "",
        ] {
            assert!(!is_counter(address), "{address}");
        }
    }
}
