//! Identity keys: the facts by which two entries may be known as one.
//!
//! A key only proposes; `dedupe` judges. Each is scoped so that what it says is true where it is looked
//! up: a guid within its feed, a slug within its site.

use super::url::canonical_url;
use super::url_rules::UrlRules;
use crate::model::{FeedId, Key, KeyKind};
use crate::text::{without_outlet, words};
use url::{Host, Url};

/// A last path segment is the headline, and names the article on its site, from so many hyphens on..
const MIN_SLUG_HYPHENS: usize = 4;

/// ..or so many bytes. `world-news` and `live-updates` name sections.
const MIN_SLUG_BYTES: usize = 40;

/// Endings of a slug that name a form of the document.
const SLUG_EXTENSIONS: &[&str] = &[".html", ".htm", ".php", ".aspx", ".ece", ".cms", ".shtml"];

/// Digits of an article number. Shorter runs are parts of headlines, longer ones are time stamps.
const ARTICLE_NUMBER_DIGITS: std::ops::RangeInclusive<usize> = 6..=12;

/// Years that a date in a path has; there is no web before.
const YEARS: std::ops::RangeInclusive<u32> = 1990..=2099;

/// Words of title and text together below which an equal text proves nothing: "Read more", "Photos".
const MIN_CONTENT_WORDS: usize = 12;

/// Words of a title below which an equal title proves nothing: "Morning briefing", "Letters".
const MIN_TITLE_WORDS: usize = 5;

/// Returns the key of a publisher's id, which is valid within its feed.
pub(super) fn guid(feed: &FeedId, id: &str) -> Key {
    key(KeyKind::Guid, feed.as_str(), id)
}

/// Returns the keys of an address, strongest first; none for what is no http(s) address.
///
/// An entry with such a link, however written, has at least one key among them, so this is what
/// `explain` looks for. The front page of a site names no entry and has none.
pub fn url_keys(url: &str, rules: &UrlRules) -> Vec<Key> {
    canonical_url(url, rules)
        .filter(|canonical| names_a_document(canonical))
        .map_or_else(Vec::new, |canonical| of_canonical(&canonical))
}

/// Returns the site of an address, its registrable domain: `bbc.co.uk` of all that the BBC has there. The
/// address of a machine is a site of its own; wrappers of redirectors and archives are none.
pub fn site(url: &str) -> Option<String> {
    host_and_site(url)?.1
}

/// Returns the host of an address, without `www.` and its like, and the site.
pub fn host_and_site(url: &str) -> Option<(String, Option<String>)> {
    let url = Url::parse(&canonical_url(url, &UrlRules::default())?).ok()?;
    let host = url.host()?;
    let site = match host {
        Host::Domain(host) => psl::domain_str(host).map(str::to_owned),
        _ => Some(host.to_string()),
    };
    Some((host.to_string(), site))
}

/// Returns the keys of a canonical URL that names a document.
pub(super) fn of_canonical(canonical: &str) -> Vec<Key> {
    let Ok(url) = Url::parse(canonical) else {
        return Vec::new();
    };
    let site = url.host_str().and_then(psl::domain_str);
    let scoped = |kind, text: Option<&str>| Some(key(kind, site?, text?));
    // Where a query tells pages apart, the path does not.
    let path = match url.query() {
        None => url.path(),
        Some(_) => "",
    };
    [
        Some(key(KeyKind::Url, "", canonical)),
        scoped(KeyKind::Slug, slug(path)),
        scoped(KeyKind::ArticleNumber, article_number(path)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Tells whether a canonical URL is more than the front page of a site, which names no entry.
pub(super) fn names_a_document(canonical: &str) -> bool {
    canonical
        .split_once("://")
        .is_some_and(|(_, rest)| rest.contains(['/', '?', '#']))
}

/// Returns the keys of what an entry says: its text with its title, and its title alone.
pub(super) fn of_text(title: &str, text: &str) -> Vec<Key> {
    let mut keys: Vec<Key> = content(title, text).into_iter().collect();
    // Where what was taken for an outlet is none, no harm is done: the whole title is a key too.
    let bare = without_outlet(title);
    keys.extend(title_key(bare));
    if bare.len() < title.len() {
        keys.extend(title_key(title));
    }
    keys
}

/// Digests what was published into a key.
fn key(kind: KeyKind, scope: &str, text: &str) -> Key {
    let mut hasher = hasher(kind, scope);
    hasher.update(text.as_bytes());
    finish(kind, &hasher)
}

/// Begins the digest of a key: kind and scope, each closed by a byte that UTF-8 does not have.
fn hasher(kind: KeyKind, scope: &str) -> blake3::Hasher {
    let mut hasher = blake3::Hasher::new();
    hasher.update(kind_name(kind).as_bytes()).update(&[0xFF]);
    hasher.update(scope.as_bytes()).update(&[0xFF]);
    hasher
}

/// Ends the digest of a key.
fn finish(kind: KeyKind, hasher: &blake3::Hasher) -> Key {
    let mut digest = [0; 16];
    hasher.finalize_xof().fill(&mut digest);
    Key { kind, digest }
}

/// What stands for a kind in digests: stored keys depend on it, so it never changes.
fn kind_name(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::Guid => "guid",
        KeyKind::Published => "published",
        KeyKind::Url => "url",
        KeyKind::Slug => "slug",
        KeyKind::ArticleNumber => "number",
        KeyKind::Content => "content",
        KeyKind::Title => "title",
    }
}

/// Returns the last segment of a path without its extension, when it is long enough to be a headline.
fn slug(path: &str) -> Option<&str> {
    let segment = path.rsplit('/').next()?;
    let slug = SLUG_EXTENSIONS
        .iter()
        .find_map(|extension| segment.strip_suffix(extension))
        .unwrap_or(segment);
    let is_long = slug.matches('-').count() >= MIN_SLUG_HYPHENS || slug.len() >= MIN_SLUG_BYTES;
    // What else may stand in a path is the accident of a program, and the same on every page.
    let is_headline = slug
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '%' | ',' | '.'));
    (is_long && is_headline).then_some(slug)
}

/// Returns the last run of 6 to 12 digits of the last segment of a path that is not a date.
///
/// A number before it is that of a section, an author, a question; and where there is a longer one, that
/// names the page.
fn article_number(path: &str) -> Option<&str> {
    let segment = path.trim_end_matches('/').rsplit('/').next()?;
    let numbers = || segment.split(|c: char| !c.is_ascii_digit());
    let is_long = |digits: &str| digits.len() > *ARTICLE_NUMBER_DIGITS.end();
    if numbers().any(is_long) {
        return None;
    }
    numbers().rfind(|digits| ARTICLE_NUMBER_DIGITS.contains(&digits.len()) && !is_date(digits))
}

/// Tells whether digits read as a date: `yyyymm`, `yyyymmdd` with or without a time, or a date of eight
/// digits in the orders of other countries.
fn is_date(digits: &str) -> bool {
    let within = |part: std::ops::Range<usize>, values: std::ops::RangeInclusive<u32>| {
        let part = digits.get(part).and_then(|part| part.parse().ok());
        part.is_some_and(|value| values.contains(&value))
    };
    let year_first = within(0..4, YEARS) && within(4..6, 1..=12);
    match digits.len() {
        6 => year_first,
        8 => {
            let day_first = within(0..2, 1..=31) && within(2..4, 1..=12);
            let month_first = within(0..2, 1..=12) && within(2..4, 1..=31);
            year_first && within(6..8, 1..=31) || (day_first || month_first) && within(4..8, YEARS)
        }
        10 | 12 => year_first && within(6..8, 1..=31),
        _ => false,
    }
}

/// Returns the key of title and text; letters and digits count, case, marks and spaces do not.
fn content(title: &str, text: &str) -> Option<Key> {
    let title = without_outlet(title);
    // Plain texts have one space between words: counting those is enough.
    let count = |text: &str| text.bytes().filter(|&b| b == b' ').count() + 1;
    if text.is_empty() || count(title) + count(text) < MIN_CONTENT_WORDS {
        return None;
    }
    let mut letters = String::with_capacity(title.len() + text.len());
    push_letters(title, &mut letters);
    letters.push(' ');
    push_letters(text, &mut letters);
    Some(key(KeyKind::Content, "", &letters))
}

/// Appends letters and digits in lower case. Words are not looked for: on whole articles that would be
/// most of the work of a poll.
fn push_letters(text: &str, letters: &mut String) {
    for c in text.chars() {
        if c.is_ascii() {
            if c.is_ascii_alphanumeric() {
                letters.push(c.to_ascii_lowercase());
            }
        } else if c.is_alphanumeric() {
            letters.extend(c.to_lowercase());
        }
    }
}

/// Returns the key of a title that has words enough to name one article.
fn title_key(title: &str) -> Option<Key> {
    let folded: Vec<_> = words(title).map(|word| word.folded).collect();
    (folded.len() >= MIN_TITLE_WORDS).then(|| key(KeyKind::Title, "", &folded.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_headlines() {
        for (path, expected) in [
            (
                "/world/putin-and-modi-meet-in-delhi.html",
                Some("putin-and-modi-meet-in-delhi"),
            ),
            ("/world/live-updates", None),
            ("/world/", None),
            ("/a-b-c-d", None),
            ("/a-b-c-d-e", Some("a-b-c-d-e")),
            (
                "/a8dae6ba6f76584b295210e872030fc4a8dae6ba6f",
                Some("a8dae6ba6f76584b295210e872030fc4a8dae6ba6f"),
            ),
        ] {
            assert_eq!(slug(path), expected, "{path}");
        }
    }

    #[test]
    fn article_numbers_are_no_dates() {
        for (path, expected) in [
            ("/news/article70715512.ece", Some("70715512")),
            ("/articleshow/129208426.cms", Some("129208426")),
            ("/20251128/visit-1123187865.html", Some("1123187865")),
            ("/2025/11/20251128/visit", None),
            ("/202511/visit-12345", None),
            ("/28022026-shadow-of-war", None),
            ("/02282026-shadow-of-war", None),
            ("/202602281530-shadow", None),
            ("/99022026-shadow", Some("99022026")),
            ("/1234567890123/x", None),
            ("/app/1091500/view/529834914570306831", None),
            ("/author/445512/a", None),
            ("/world/70715512/", Some("70715512")),
        ] {
            assert_eq!(article_number(path), expected, "{path}");
        }
    }

    #[test]
    fn short_texts_have_no_key_of_their_own() {
        let kinds = |title, text| -> Vec<KeyKind> {
            of_text(title, text).iter().map(|key| key.kind).collect()
        };
        assert_eq!(kinds("Morning briefing", "Read more"), []);
        assert_eq!(kinds("One two three four five", ""), [KeyKind::Title]);
        assert_eq!(
            kinds(
                "One two three four five - Reuters",
                "six seven eight nine ten eleven twelve"
            ),
            [KeyKind::Content, KeyKind::Title, KeyKind::Title]
        );
    }

    #[test]
    fn sites_are_registrable_domains() {
        for (url, expected) in [
            ("https://feeds.bbci.co.uk/news/1?x=2", Some("bbci.co.uk")),
            ("http://m.news.example.org/", Some("example.org")),
            ("https://ann.github.io/post", Some("ann.github.io")),
            (
                "https://web.archive.org/web/20260301000000/https://a.example.org/x",
                Some("example.org"),
            ),
            ("http://192.0.2.7/x", Some("192.0.2.7")),
            ("http://localhost/x", None),
            ("urn:x", None),
        ] {
            assert_eq!(site(url).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn hosts_are_what_their_sites_have_many_of() {
        for (url, expected) in [
            ("https://www.example.org/x", ("example.org", "example.org")),
            (
                "http://a.blogs.example/",
                ("a.blogs.example", "blogs.example"),
            ),
            (
                "http://[2001:db8::7]:80/x",
                ("[2001:db8::7]", "[2001:db8::7]"),
            ),
        ] {
            let (host, site) = host_and_site(url).unwrap();
            assert_eq!((&*host, &*site.unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn keys_are_scoped_and_forgiving_where_they_should_be() {
        let url_keys = |url| url_keys(url, &UrlRules::default());
        let (a, b) = (FeedId::new("a"), FeedId::new("b"));
        assert_ne!(guid(&a, "1"), guid(&b, "1"));
        assert_eq!(
            of_text("Modi’s five days in Delhi", "")[0],
            of_text("MODI'S FIVE DAYS IN DELHI - Reuters", "")[0]
        );
        assert_ne!(
            url_keys("https://a.org/one-two-three-four-five")[1],
            url_keys("https://b.org/one-two-three-four-five")[1]
        );
        assert_eq!(
            url_keys("https://news.a.org/x/one-two-three-four-five")[1],
            url_keys("http://www.a.org/y/one-two-three-four-five.html")[1]
        );
        assert_eq!(url_keys("https://a.org/"), []);
        assert_eq!(url_keys("urn:x"), []);
    }
}
