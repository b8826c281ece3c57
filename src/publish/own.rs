//! Recognises our own outputs among documents that were fetched.
//!
//! Whatever way one came: under an address that `check` did not know for ours, or copied by somebody, it is no
//! news. Atom says so by its id, all formats by the address that they give for themselves. Either can be that
//! of another merganser: one that serves at the same host beneath another path or port, or one on another
//! machine where neither knows a public name, and both call themselves after the loopback.

use super::ids::{output_path, story_prefix};
use super::settings::{OutputFormat, Site};
use crate::model::{FeedProfile, Identity};
use url::{Host, Url};

/// Returns the path of the output that a document is; `None` for one that is none of ours. `url`: where the
/// document was fetched.
pub fn own_output(
    site: &Site,
    identity: &Identity,
    profile: &FeedProfile,
    url: &str,
) -> Option<String> {
    let parsed = |text: &str| Url::parse(text).ok();
    let own = profile.self_url.as_deref().and_then(parsed);
    let is_here = || parsed(url).is_some_and(|url| is_local(&url));
    if let Some(path) = own
        .as_ref()
        .and_then(|own| path_beneath(&site.public_url, own))
    {
        return (!is_local(&site.public_url) || is_here()).then_some(path);
    }
    let is_neighbour = own.is_some_and(|own| own.host() == site.public_url.host());
    let path = output_path(&identity.authority, profile.id.as_deref()?)?;
    let is_ours = is_public(identity) || is_here();
    (!is_neighbour && is_ours).then(|| path.to_owned())
}

/// Tells whether an id is that of an entry of ours which stands for a story (U30): whoever carries it, its reports
/// are here. Ids of machines that know no public name are alike, so of those nothing can be said.
pub fn is_own_story(identity: &Identity, entry_id: &str) -> bool {
    is_public(identity) && entry_id.starts_with(&story_prefix(&identity.authority))
}

/// Tells whether nobody else has our authority.
fn is_public(identity: &Identity) -> bool {
    let url = Url::parse(&format!("http://{}/", identity.authority));
    url.is_ok_and(|url| !is_local(&url))
}

/// Returns the path of an output by its address: its file's name without the format.
fn path_beneath(public_url: &Url, address: &Url) -> Option<String> {
    let is_ours = address.host() == public_url.host()
        && address.port_or_known_default() == public_url.port_or_known_default();
    let name = address.path().strip_prefix(public_url.path())?;
    let (path, format) = name.rsplit_once('.')?;
    let is_output = OutputFormat::ALL.iter().any(|known| known.name() == format);
    (is_ours && is_output && !path.contains('/')).then(|| path.to_owned())
}

/// Tells whether an address means the machine that uses it.
pub fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(Host::Ipv6(address)) => address.is_loopback() || address.is_unspecified(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    /// What a document says of itself, and which output it is to one who publishes at `public_url`.
    #[track_caller]
    fn check(public_url: &str, authority: &str, said: (&str, &str), from: &str, expected: &str) {
        let site = Site {
            title: String::new(),
            author: String::new(),
            contact: None,
            public_url: Url::parse(public_url).unwrap(),
            topics: Vec::new(),
        };
        let identity = Identity {
            authority: authority.to_owned(),
            created_at: Timestamp::UNIX_EPOCH,
        };
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let profile = FeedProfile {
            id: some(said.0),
            self_url: some(said.1),
            ..FeedProfile::default()
        };
        let found = own_output(&site, &identity, &profile, from);
        assert_eq!(found.unwrap_or_default(), expected, "{said:?} {from}");
    }

    #[test]
    fn u30_our_outputs_are_known_by_id_and_address() {
        let id = "tag:news.example,2026:output:all";
        let elsewhere = "https://mirror.example/feed";
        for (said, expected) in [
            ((id, "https://news.example/f/all.atom"), "all"),
            // RSS has no id.
            (("", "https://news.example/f/world.rss"), "world"),
            // Copied by somebody who gives its own address.
            ((id, elsewhere), "all"),
            ((id, ""), "all"),
            // Another one at this host.
            ((id, "https://news.example/g/all.atom"), ""),
            ((id, "https://news.example:8443/f/all.atom"), ""),
            (("", "https://news.example/f/blog/all.atom"), ""),
            (("", "https://news.example/f/feed.xml"), ""),
            (("", ""), ""),
            (("tag:other.example,2026:output:all", elsewhere), ""),
            (("tag:news.example,2026:entry:ab", elsewhere), ""),
        ] {
            let url = "https://news.example/f/";
            check(url, "news.example", said, elsewhere, expected);
        }
        // The public address was another when the database was made.
        check(
            "https://new.example/",
            "news.example",
            (id, "https://new.example/all.atom"),
            elsewhere,
            "all",
        );
    }

    #[test]
    fn a_merganser_on_another_machine_has_the_same_names() {
        let id = "tag:127.0.0.1,2026:output:all";
        let own = "http://127.0.0.1:8420/all.atom";
        for (said, from, expected) in [
            ((id, own), "http://127.0.0.1:9/copy", "all"),
            ((id, own), "http://localhost:8420/all.atom", "all"),
            ((id, own), "http://desk.example:8420/all.atom", ""),
            ((id, ""), "http://desk.example:8420/all.atom", ""),
            (
                (id, "http://127.0.0.1:8421/all.atom"),
                "http://127.0.0.1:8421/all.atom",
                "",
            ),
        ] {
            check("http://127.0.0.1:8420/", "127.0.0.1", said, from, expected);
        }
    }
}
