//! `[[feed]]`: what to poll, with everything that applies to it.

use super::auth;
use super::blocked;
use super::defaults::Layer;
use super::groups::{Group, warn_of_unused};
use super::headers;
use super::names::{Taken, shown};
use super::problem::{Code, Fault};
use super::reading::Reading;
use super::secrets::warn_of_userinfo;
use super::served::Served;
use super::settings::FeedSettings;
use super::table::{Table, understood};
use super::values::{line, name, url};
use crate::fetch::Settings;
use crate::model::FeedId;
use crate::normalize;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use toml::Spanned;
use url::Url;

/// The layers beneath the feeds.
pub(super) struct Beneath<'l> {
    pub(super) defaults: &'l Layer,
    pub(super) groups: &'l BTreeMap<String, Group>,
    pub(super) served: &'l Served,
    pub(super) fetch: &'l Settings,
}

/// What feeds so far have named.
#[derive(Default)]
struct Seen {
    ids: Taken,
    urls: Taken,
    groups: BTreeSet<String>,
    /// Whether a feed named a group that is not there.
    unknown_group: bool,
}

/// Reads all feeds, in the order of the file.
pub(super) fn read<'a>(
    root: &mut Table<'a>,
    beneath: &Beneath<'_>,
    reading: &mut Reading<'a>,
) -> Vec<FeedSettings> {
    let mut seen = Seen::default();
    // What stands there under another name, or is none, is reported as such.
    let mut any = root.has("feed") || root.has_similar("feed");
    let mut tables = root.tables("feed", reading);
    // Of a hundred thousand, a list that grows by itself takes half as much again, and thrice as much on the way.
    let mut feeds = Vec::with_capacity(tables.len());
    while let Some(mut table) = tables.next(reading) {
        any = true;
        feeds.extend(feed(&mut table, beneath, &mut seen, reading));
        table.finish(reading);
    }
    if !any {
        let help = "write `[[feed]]`, and below it an `id` and a `url`";
        let fault = Fault::new(Code::NoFeeds, "there is no feed to poll", help);
        reading.report(0..0, fault);
    }
    // A group without feeds is probably the one whose name a feed has wrong, which is reported.
    if !seen.unknown_group {
        warn_of_unused(beneath.groups, &seen.groups, reading);
    }
    feeds
}

/// Reads one feed; `None` when it has no id or no address.
fn feed<'a>(
    table: &mut Table<'a>,
    beneath: &Beneath<'_>,
    seen: &mut Seen,
    reading: &mut Reading<'a>,
) -> Option<FeedSettings> {
    let id = id(table, seen, reading);
    let url = address(table, beneath.served, seen, reading);
    let group = group(table, beneath, seen, reading);
    let title = table.parse("title", "BBC World", reading, line);
    let enabled = table.boolean("enabled", reading).unwrap_or(true);
    let tells_address = table.boolean("tell-address", reading).unwrap_or(true);
    let mut headers = headers::read(table, enabled, reading);
    let auth = auth::read(table, enabled, reading);

    let shared = group.as_ref().and_then(|name| beneath.groups.get(name));
    let lower = shared.map_or(beneath.defaults, |group| &group.layer);
    let own = Layer::read(table, enabled, reading);
    let timezone = own.own_timezone();
    let names_networks = own.names_networks();
    let layer = own.over(lower, reading);
    if let Some(place) = timezone {
        layer.warn_of_idle_timezone(place, reading);
    }
    let (id, (url, host)) = (id?, url?);
    let of_group = shared.and_then(|group| group.auth.as_ref());
    auth::apply(auth.as_ref(), of_group, &url, &mut headers, reading);
    let settings = FeedSettings {
        id: FeedId::new(id),
        topics: shared.map_or_else(Vec::new, |group| group.topics.clone()),
        group,
        title: title.map(Spanned::into_inner),
        enabled,
        tells_address,
        policy: layer.policy(),
        first_poll_entries: layer.first_poll_entries(),
        backfill: layer.backfill(),
        language: layer.language(),
        identity: layer.identity(),
        outlet: layer.outlet(),
        limits: layer.limits(),
        target: layer.target(url, headers),
    };
    let written = blocked::Written {
        host,
        names_networks,
    };
    written.warn(&settings, beneath.fetch, reading);
    Some(settings)
}

/// Reads `group`, which must be there.
fn group<'a>(
    table: &mut Table<'a>,
    beneath: &Beneath<'_>,
    seen: &mut Seen,
    reading: &mut Reading<'a>,
) -> Option<String> {
    let text = table.string("group", "world", reading)?;
    if beneath.groups.contains_key(text.value.as_ref()) {
        seen.groups.insert(text.value.to_string());
        return Some(text.value.into_owned());
    }
    seen.unknown_group = true;
    let name = shown(&text.value);
    let names = beneath.groups.keys().map(String::as_str);
    let help = match reading.suggestion(&text.value, names) {
        none if none.is_empty() => format!("write `[group.{name}]`"),
        help => help,
    };
    let message = format!("there is no group `{name}`");
    reading.report(text.span, Fault::new(Code::UnknownGroup, message, help));
    None
}

fn id<'a>(table: &mut Table<'a>, seen: &mut Seen, reading: &mut Reading<'a>) -> Option<String> {
    table.require(
        "id",
        "write a short name that stays: `id = \"bbc-world\"`",
        reading,
    );
    let id = table.parse("id", "bbc-world", reading, name)?;
    let (span, id) = (id.span(), id.into_inner());
    let Some(first) = seen.ids.take(&id, &span) else {
        return Some(id);
    };
    let message = format!("two feeds have the id `{id}`");
    let fault = Fault::new(Code::DuplicateId, message, "give one of them another id");
    reading.report_with(span, fault, first, "the first is here");
    Some(id)
}

/// Reads `url`; returns where its host stands, too.
fn address<'a>(
    table: &mut Table<'a>,
    served: &Served,
    seen: &mut Seen,
    reading: &mut Reading<'a>,
) -> Option<(Url, Range<usize>)> {
    table.require(
        "url",
        "write the address of the feed: `url = \"https://..\"`",
        reading,
    );
    let text = table.string("url", "https://example.org/feed.xml", reading)?;
    let help =
        "write `auth = { user = \"..\", password = { env = \"NAME\" } }` and keep it elsewhere";
    warn_of_userinfo(&text, help, reading);
    let url = understood(&text, url, reading)?.into_inner();
    served.report(&url, &text.span, reading);
    let host =
        blocked::host(&text.value).map_or_else(|| text.span.clone(), |part| text.part(&part));
    let Some(first) = seen.urls.take(&alike(&url), &text.span) else {
        return Some((url, host));
    };
    let help = "remove one of them: it would be fetched twice for the same entries";
    let fault = Fault::new(Code::DuplicateUrl, "two feeds have this address", help);
    reading.report_with(text.span, fault, first, "the first is here");
    Some((url, host))
}

/// Returns what addresses of the same document nearly always have in common: `http` and `https`, a
/// slash at the end or not, a fragment or not, the dot of the root after the host or not, and characters that need
/// no escape with one or without (P33). Host names are in lower case already.
pub fn alike(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    let rooted = url.host_str().and_then(|host| host.strip_suffix('.'));
    if let Some(host) = rooted.map(str::to_owned) {
        // Fails only for addresses without a host.
        let _ = url.set_host(Some(&host));
    }
    let text = normalize::bare_escapes(url.as_str());
    let text = text.split_once(':').map_or(&*text, |(_, rest)| rest);
    text.trim_end_matches('/').to_owned()
}

/// Returns the same without what a link gathers on its way and slashes that stand twice, as entries are compared: what is
/// typed or pasted. A file is not refused for that. Of the parameters that track entries only those go by which no feed is
/// told from another: `feedname=sport` may be one.
pub fn as_pasted(url: &Url) -> String {
    /// What those append who pass a link on, whatever their value.
    const CLICKS: [&str; 5] = ["fbclid", "gclid", "mc_cid", "mc_eid", "msclkid"];
    let is_kept = |parameter: &&str| {
        let name = parameter.split('=').next().unwrap_or_default();
        let name = name.to_ascii_lowercase();
        !parameter.is_empty() && !name.starts_with("utm_") && !CLICKS.contains(&&*name)
    };
    let query = url.query().unwrap_or_default();
    let kept: Vec<&str> = query.split('&').filter(is_kept).collect();
    let segments = url.path().split('/').filter(|it| !it.is_empty());
    let path = segments.collect::<Vec<_>>().join("/");
    let mut url = url.clone();
    url.set_path(&path);
    url.set_query((!kept.is_empty()).then(|| kept.join("&")).as_deref());
    alike(&url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_pasted_p33() {
        let as_pasted = |text: &str| as_pasted(&Url::parse(text).unwrap());
        for (one, other, same) in [
            (
                "https://a.org/feed",
                "https://a.org//feed?UTM_source=x&utm_medium=y#z",
                true,
            ),
            ("https://a.org/feed", "http://a.org/feed/?fbclid=x&", true),
            (
                "https://a.org/?feed=rss2",
                "https://a.org/?feed=rss2&utm_source=x",
                true,
            ),
            (
                "https://a.org/?feed=rss2",
                "https://a.org/?feed=atom",
                false,
            ),
            (
                "https://a.org/feed?feedname=sport",
                "https://a.org/feed",
                false,
            ),
            ("https://a.org/a%2F%2Fb", "https://a.org/a/b", false),
            ("https://a.org/", "https://www.a.org/", false),
        ] {
            assert_eq!(as_pasted(one) == as_pasted(other), same, "{one} {other}");
        }
    }

    #[test]
    fn addresses_alike_p33() {
        let alike = |text: &str| alike(&Url::parse(text).unwrap());
        for (one, other, same) in [
            ("https://a.org/feed", "http://A.org/feed/", true),
            ("https://a.org/feed", "https://a.org:443/feed#top", true),
            ("https://a.org/feed?a=1", "https://a.org/feed?a=2", false),
            ("https://a.org/feed", "https://a.org/Feed", false),
            ("https://u:p@a.org/feed", "https://a.org/feed", false),
            ("https://a.org/", "https://b.org/", false),
            ("https://a.org./feed", "https://a.org/feed", true),
            ("https://a.org./feed", "https://a.org:444/feed", false),
            ("https://a.org/%66eed", "https://a.org/feed", true),
            ("https://a.org/%7Eme/feed", "https://a.org/~me/feed", true),
            ("https://a.org/%e4", "https://a.org/%E4", true),
            ("https://a.org/a%2Fb", "https://a.org/a/b", false),
            ("https://a.org/a%2fb", "https://a.org/a%2Fb", true),
            ("https://a.org/100%", "https://a.org/100%25", false),
        ] {
            assert_eq!(alike(one) == alike(other), same, "{one} {other}");
        }
    }
}
