//! Ids: which of the publishers' may be published as they are, and those that we mint (U2, U4).
//!
//! A publisher's id is kept byte for byte when it is an absolute IRI in canonical form; everything else
//! gets a `tag:` URI (RFC 4151) made of nothing but what never changes, so that minting twice gives the
//! same id. "Canonical" follows RFC 3986, 6.2.2, as the W3C validator reads it: an id that another
//! program may normalise is an id that changes. Rejected: publishing the canonical form instead, which
//! would be neither the publisher's id nor ours.

use super::address::web;
use crate::model::{FeedId, Source, Transition};
use unicode_normalization::char::is_combining_mark;
use unicode_normalization::is_nfc;

/// Year in which the authorities of our ids held their names (RFC 4151, 2.1: any date at which they did).
/// It is part of every id and never changes.
const TAG_DATE: &str = "2026";

/// What ids of ours begin with after the authority: nobody else makes such, unless to pass for us.
const OWN_KINDS: [&str; 6] = ["entry", "health", "output", "source", "story", "topics"];

/// Bytes of the longest publisher's id that is published: what browsers and proxies agree on for an
/// address. Anything longer is a text that lost its way.
const ID_BYTES: usize = 2048;

/// Characters that may stand for themselves in a path segment besides letters and digits (RFC 3986, 3.3).
const PCHAR: &str = "-._~!$&'()*+,;=:@";

/// Bytes of the longest label between two dots in a non-ASCII id, and what a letter beyond ASCII counts.
///
/// The validator runs the whole IRI through IDNA, where a label ends at 63 bytes of Punycode; beyond, it
/// calls a legal IRI an error. Four bytes a letter and the frame of six are an upper estimate.
const LABEL_BYTES: usize = 63;
const LETTER_BYTES: usize = 4;
const FRAME_BYTES: usize = 6;

/// Returns the publisher's id when it may serve as `atom:id`, else `None`: then an id is minted (U2).
///
/// Served are http, https, tag and urn ids in canonical form, beyond ASCII in moderation. Not served are
/// relative references, other schemes (validators ask for registered ones), white space, upper-case
/// hosts, default ports, userinfo, dot segments, percent-encoding in lower case or without need.
pub fn entry_atom_id(entry_id: &str) -> Option<String> {
    let (scheme, rest) = entry_id.split_once(':')?;
    let serves = match scheme {
        "http" => is_canonical_web(rest, "80"),
        "https" => is_canonical_web(rest, "443"),
        "tag" => is_tag(rest),
        "urn" => is_urn(rest),
        _ => false,
    };
    let fits = entry_id.len() <= ID_BYTES && (entry_id.is_ascii() || survives_idna(entry_id));
    (serves && fits).then(|| entry_id.to_owned())
}

/// Returns the id of an entry whose publisher gave none that may serve: a `tag:` URI of the authority and
/// a digest of feed and entry id.
///
/// Deterministic, but to be stored once all the same: a feed that is renamed keeps its ids.
pub fn minted_atom_id(authority: &str, feed: &FeedId, entry_id: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    // A feed id holds no NUL, so no two pairs make one text.
    hasher.update(feed.as_str().as_bytes());
    hasher.update(b"\0");
    hasher.update(entry_id.as_bytes());
    tag(
        authority,
        &format!("entry:{}", short_hex(&hasher.finalize())),
    )
}

/// Tells whether an id is one that we make, whoever brings it: an output's, a story's, or another's of ours. No
/// publisher's entry gets it, nor may a publisher's label have it for a scheme.
///
/// Others of our authority are the publisher's who has that name, and may be kept.
pub fn is_own_atom_id(authority: &str, id: &str) -> bool {
    let kind = id
        .strip_prefix(&tag(authority, ""))
        .map(|specific| specific.split(':').next().unwrap_or_default());
    kind.is_some_and(|kind| OWN_KINDS.contains(&kind))
}

/// Returns the id of an output, the same under every address and in every format of ours (U4).
///
/// A path is a name of letters, digits and hyphens, which stand for themselves in a `tag:` URI.
pub(super) fn output_atom_id(authority: &str, path: &str) -> String {
    tag(authority, &format!("output:{path}"))
}

/// Returns the id of the entry that stands for the story which began with `founder`, an article's published id, or
/// for that article itself as long as it is in none.
///
/// It is not the article's own: an id means the same in all outputs (U3), and in others that is the article.
pub fn story_atom_id(authority: &str, founder: &str) -> String {
    format!("{}{}", story_prefix(authority), story_digest(founder))
}

/// Returns the id of the entry that tells operators of a turn: there is one of a thing at a time.
pub fn transition_atom_id(authority: &str, told: &Transition) -> String {
    let stands_for = format!("{} {}", told.at.as_millisecond(), told.about.name());
    let digest = short_hex(&blake3::hash(stands_for.as_bytes()));
    tag(authority, &format!("health:{digest}"))
}

/// Returns what stands for a story in its id and in the address of its page.
pub(super) fn story_digest(founder: &str) -> String {
    short_hex(&blake3::hash(founder.as_bytes()))
}

/// Returns how the ids of our entries for stories begin.
pub(super) fn story_prefix(authority: &str) -> String {
    tag(authority, "story:")
}

/// Returns the path of the output that has this id; `None` where it is none of ours.
pub(super) fn output_path<'i>(authority: &str, id: &'i str) -> Option<&'i str> {
    id.strip_prefix(&output_atom_id(authority, ""))
}

/// Returns the scheme of our topics as categories (U11); not an address, which a move would change.
pub(super) fn topic_scheme(authority: &str) -> String {
    tag(authority, "topics")
}

/// Returns the id of `atom:source`: the feed's own where it may serve, else its address, else a minted one.
pub(super) fn source_atom_id(authority: &str, source: &Source) -> String {
    let own = entry_atom_id(&source.id);
    let address = || entry_atom_id(&web(&source.id)?);
    own.or_else(address).unwrap_or_else(|| {
        let digest = blake3::hash(source.id.as_bytes());
        tag(authority, &format!("source:{}", short_hex(&digest)))
    })
}

/// Returns `iri` when it may be the scheme of a category: absolute, of a kind that validators take (U11).
pub(super) fn category_scheme(iri: &str) -> Option<String> {
    web(iri).or_else(|| entry_atom_id(iri).filter(|id| id.is_ascii()))
}

/// Composes a `tag:` URI; characters that its authority may not have become hyphens.
fn tag(authority: &str, specific: &str) -> String {
    let name: String = authority
        .to_lowercase()
        .chars()
        .map(|c| if is_host_char(c) { c } else { '-' })
        .collect();
    let name = if name.is_empty() { "localhost" } else { &name };
    format!("tag:{name},{TAG_DATE}:{specific}")
}

/// Returns 128 bits of a digest as text.
fn short_hex(digest: &blake3::Hash) -> String {
    digest.to_hex().chars().take(32).collect()
}

fn is_unreserved(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~".contains(c)
}

fn is_host_char(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-'
}

/// `//host[:port]/path[?query][#fragment]`, all canonical.
fn is_canonical_web(rest: &str, default_port: &str) -> bool {
    let Some((authority, path_on)) = rest
        .strip_prefix("//")
        .and_then(|rest| rest.split_once('/'))
    else {
        return false;
    };
    let (host, port) = authority
        .split_once(':')
        .map_or((authority, None), |(host, port)| (host, Some(port)));
    let port_fits = port.is_none_or(|port| is_port(port) && port != default_port);
    let path = path_on.split(['?', '#']).next().unwrap_or_default();
    let dotted = path.split('/').any(|part| part == "." || part == "..");
    is_host(host) && port_fits && !dotted && is_canonical_text(path_on, true)
}

/// A name or IPv4 number in lower case without a trailing dot; letters beyond ASCII as they are.
fn is_host(host: &str) -> bool {
    !host.is_empty()
        && !host.ends_with('.')
        && host
            .chars()
            .all(|c| is_host_char(c) || c == '_' || is_letter(c))
}

fn is_port(port: &str) -> bool {
    port.parse::<u16>()
        .is_ok_and(|number| number.to_string() == port)
}

/// `AUTHORITY,DATE:SPECIFIC` (RFC 4151, 2.1); the authority a domain or a mail address.
fn is_tag(rest: &str) -> bool {
    let Some((entity, specific)) = rest.split_once(':') else {
        return false;
    };
    let Some((authority, date)) = entity.split_once(',') else {
        return false;
    };
    let (user, domain) = authority
        .split_once('@')
        .map_or((None, authority), |(user, domain)| (Some(user), domain));
    let is_user =
        |user: &str| !user.is_empty() && user.chars().all(|c| is_host_char(c) || c == '_');
    let domain_fits = !domain.is_empty() && domain.chars().all(is_host_char);
    domain_fits
        && user.is_none_or(is_user)
        && is_date(date)
        && specific.is_ascii()
        && is_canonical_text(specific, true)
}

/// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
fn is_date(date: &str) -> bool {
    let lengths: Vec<usize> = date.split('-').map(str::len).collect();
    let digits = date.chars().all(|c| c.is_ascii_digit() || c == '-');
    digits && matches!(lengths.as_slice(), [4] | [4, 2] | [4, 2, 2])
}

/// `NID:NSS` (RFC 8141, without its later additions), a `urn:uuid:` only with a UUID.
fn is_urn(rest: &str) -> bool {
    let Some((namespace, specific)) = rest.split_once(':') else {
        return false;
    };
    let namespace_fits = (2..=32).contains(&namespace.len())
        && namespace.starts_with(|c: char| c.is_ascii_alphanumeric())
        && namespace
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-');
    let uuid_fits = !namespace.eq_ignore_ascii_case("uuid") || is_uuid(specific);
    let characters_fit = !specific.is_empty()
        && specific
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "()+,.:=@;$_!*'-%".contains(c));
    namespace_fits && uuid_fits && characters_fit && is_canonical_text(specific, false)
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

/// Tells whether what follows the authority needs no normalising: only characters that may stand for
/// themselves, percent-encoding in upper case and only of what needs it, composed (NFC).
///
/// `separators` allows `/`, `?` and one `#`.
fn is_canonical_text(text: &str, separators: bool) -> bool {
    let stands = |c: char| {
        c.is_ascii_alphanumeric()
            || PCHAR.contains(c)
            || (separators && "/?#".contains(c))
            || is_letter(c)
    };
    let mut parts = text.split('%');
    let head = parts.next().unwrap_or_default();
    let mut decoded = head.as_bytes().to_vec();
    let escapes_fit = parts.all(|part| {
        let (Some(byte), Some(plain)) = (part.get(..2).and_then(escaped_byte), part.get(2..))
        else {
            return false;
        };
        decoded.push(byte);
        decoded.extend_from_slice(plain.as_bytes());
        plain.chars().all(stands)
    });
    head.chars().all(stands)
        && escapes_fit
        && text.matches('#').count() <= 1
        && !is_escaped_twice(text)
        && std::str::from_utf8(&decoded).is_ok_and(is_nfc)
}

/// Tells whether decoding once would leave something to decode.
fn is_escaped_twice(text: &str) -> bool {
    text.split("%25").skip(1).any(|rest| {
        let digits = rest.get(..2).unwrap_or_default();
        digits.len() == 2 && digits.chars().all(|c| c.is_ascii_hexdigit())
    })
}

/// Reads two upper-case hexadecimal digits that encode what may not stand for itself.
fn escaped_byte(digits: &str) -> Option<u8> {
    let upper = digits
        .chars()
        .all(|c| c.is_ascii_digit() || ('A'..='F').contains(&c));
    let byte = u8::from_str_radix(digits, 16).ok().filter(|_| upper)?;
    (!is_unreserved(char::from(byte))).then_some(byte)
}

/// A letter, digit or vowel sign beyond ASCII of a script written from left to right.
///
/// IDNA refuses right-to-left letters beside Latin ones, which every address has.
fn is_letter(c: char) -> bool {
    let right_to_left = matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}');
    !c.is_ascii() && !right_to_left && (c.is_alphanumeric() || is_combining_mark(c))
}

/// Tells whether the validator's IDNA step gets through a non-ASCII id; see [`LABEL_BYTES`].
fn survives_idna(iri: &str) -> bool {
    iri.split(['.', '。', '．', '｡']).all(|label| {
        let letters = label.chars().filter(|c| !c.is_ascii()).count();
        let others = label.chars().count() - letters;
        let frame = if letters > 0 { FRAME_BYTES } else { 0 };
        let bytes = frame + others + letters * LETTER_BYTES;
        (1..=LABEL_BYTES).contains(&bytes) && (letters == 0 || !label.starts_with("xn--"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn keeps(id: &str) {
        assert_eq!(entry_atom_id(id).as_deref(), Some(id));
    }

    #[track_caller]
    fn mints(id: &str) {
        assert_eq!(entry_atom_id(id), None, "{id}");
    }

    #[test]
    fn u2_canonical_ids_are_kept_byte_for_byte() {
        keeps("https://example.org/a/b?p=1&q=x/y#frag");
        keeps("http://example.org/");
        keeps("http://example.org:8080/?p=12345");
        keeps("https://example.org//double//slash");
        keeps("https://example.org/%E0%A4%96%20x");
        keeps("https://example.org/a%2Fb?u=http%3A%2F%2Fexample.com%2F");
        keeps("tag:example.org,2005-01-02:/path?x;y=1");
        keeps("tag:ann@example.org,2005:x");
        keeps("urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a");
        keeps("urn:isbn:0451450523");
        keeps("https://example.in/ख़बर/१");
        keeps("https://example.ru/новость");
    }

    #[test]
    fn u3_what_we_make_ourselves_is_told_from_what_others_make() {
        let source = Source {
            id: "no iri".to_owned(),
            ..Source::default()
        };
        let ours = "news.example";
        for (id, expected) in [
            (output_atom_id(ours, "all"), true),
            (story_atom_id(ours, "x"), true),
            (minted_atom_id(ours, &FeedId::new("a"), "x"), true),
            (source_atom_id(ours, &source), true),
            (topic_scheme(ours), true),
            (tag(ours, "health:ab"), true),
            (tag(ours, "essay:of-a-blog-at-our-host"), false),
            (tag(ours, "outputs"), false),
            (tag("other.example", "output:all"), false),
            ("tag:news.example,2025:output:all".to_owned(), false),
            ("https://news.example/all.atom".to_owned(), false),
        ] {
            assert_eq!(is_own_atom_id(ours, &id), expected, "{id}");
        }
    }

    #[test]
    fn u2_other_ids_are_minted() {
        for id in [
            "",
            "12345",
            "guid with spaces",
            "/relative",
            "//example.org/a",
            " https://example.org/a",
            "https://example.org/a\n",
            "https://example.org",
            "https://example.org?p=1",
            "https://Example.org/",
            "HTTPS://example.org/",
            "https://example.org:443/",
            "http://example.org:080/",
            "http://example.org:/",
            "https://example.org./",
            "https://user:secret@example.org/",
            "http://[::1]/",
            "https:///a",
            "https:/example.org/a",
            "https://example.org/a/../b",
            "https://example.org/./",
            "https://example.org/a b",
            "https://example.org/[a]",
            "https://example.org/%7Eann",
            "https://example.org/%e0%a4%96",
            "https://example.org/100%",
            "https://example.org/%2",
            "https://example.org/%2541",
            "https://example.org/%FF",
            "https://example.org/e%CC%81",
            "https://example.org/a#b#c",
            "https://example.org/\u{FFFD}",
            "https://example.com/خبر",
            "https://example.in/बहुत-ही-लंबा-पता-जो-किसी-भी-नाम-से-बड़ा-है",
            "tag:example.org:x",
            "tag:example.org,05:x",
            "tag:Example.org,2005:x",
            "urn:uuid:not-a-uuid",
            "urn:x:y",
            "urn:isbn:",
            "yt:video:abc",
            "javascript:alert(1)",
            "data:,x",
        ] {
            mints(id);
        }
        mints(&format!("https://example.org/{}", "a".repeat(ID_BYTES)));
    }

    #[test]
    fn u2_minted_ids_are_fixed_and_canonical() {
        let feed = FeedId::new("wire");
        let id = minted_atom_id("feeds.example.org", &feed, "12 345");
        assert_eq!(
            id,
            "tag:feeds.example.org,2026:entry:404b19ac7226cd5cd0d6f1263f96bad3"
        );
        keeps(&id);
        assert_ne!(
            id,
            minted_atom_id("feeds.example.org", &FeedId::new("other"), "12 345")
        );
        assert_ne!(id, minted_atom_id("feeds.example.org", &feed, "12 346"));
        keeps(&minted_atom_id("[::1]:8420", &feed, "x"));
        keeps(&minted_atom_id("", &feed, "x"));
    }

    #[test]
    fn u4_output_ids_do_not_depend_on_the_address() {
        assert_eq!(
            output_atom_id("example.org", "all"),
            "tag:example.org,2026:output:all"
        );
        keeps(&topic_scheme("127.0.0.1"));
    }

    #[test]
    fn u5_source_ids_are_the_feeds_own_where_they_serve() {
        let id = |id: &str| {
            let source = Source {
                id: id.to_owned(),
                ..Source::default()
            };
            source_atom_id("example.org", &source)
        };
        assert_eq!(id("urn:isbn:0451450523"), "urn:isbn:0451450523");
        assert_eq!(id("https://Example.com"), "https://example.com/");
        keeps(&id("no iri"));
        keeps(&id("https://example.com/%e0"));
    }

    #[test]
    fn u11_relative_schemes_are_dropped() {
        assert_eq!(category_scheme("topics"), None);
        assert_eq!(
            category_scheme("http://example.org/x y").as_deref(),
            Some("http://example.org/x%20y")
        );
        assert_eq!(
            category_scheme("tag:example.org,2005:t").as_deref(),
            Some("tag:example.org,2005:t")
        );
    }
}
