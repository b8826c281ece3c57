//! The grammars of single values: durations, sizes, networks, addresses, names, language tags.
//!
//! Each takes the text of a value and returns what it says, or a fault with the part at fault. None
//! repeats an address or a header in its message, since both may hold a secret (S7).

use super::names::shown;
use super::problem::{Code, Fault};
use crate::fetch::has_secrets;
use crate::model::IdentityBy;
use crate::text::{fold, has_secret_path, is_bidi_control, whole_address};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};
use std::ops::{Range, RangeInclusive};
use std::time::Duration;
use url::Url;

/// Letters of the units of a duration with their seconds.
const UNITS: [(&str, u64); 5] = [
    ("s", 1),
    ("m", 60),
    ("h", 3600),
    ("d", 86_400),
    ("w", 604_800),
];

/// Ten years: longer than anything is kept, short enough for every sum with an instant to exist.
const LONGEST: Duration = Duration::from_hours(10 * 365 * 24);

/// The shortest interval that is accepted; the warning comes well before.
pub(super) const SECOND: Duration = Duration::from_secs(1);

/// Reads a duration from `shortest` to ten years: a whole number and a unit, `90s`, `15m`, `1h`, `180d`.
pub(super) fn duration(text: &str, shortest: Duration) -> Result<Duration, Fault> {
    let help = match shortest {
        Duration::ZERO => "write `0s`, or a whole number and a unit: `1s`, `15m`, `1h` or `7d`",
        _ => "write a whole number and a unit: `30s`, `15m`, `1h`, `7d` or `2w`",
    };
    let wrong = |message: String| Fault::new(Code::BadDuration, message, help);
    let (number, unit) = split_unit(text);
    let seconds = UNITS.iter().find(|(name, _)| *name == unit);
    let (Ok(count), Some((_, seconds))) = (number.parse::<u64>(), seconds) else {
        return Err(wrong(format!("`{}` is no duration", shown(text))));
    };
    let duration = count.checked_mul(*seconds).map(Duration::from_secs);
    match duration.filter(|duration| (shortest..=LONGEST).contains(duration)) {
        Some(duration) => Ok(duration),
        None => Err(wrong(format!(
            "`{}` is not between {} and ten years",
            shown(text),
            written(shortest)
        ))),
    }
}

/// Writes a duration of whole seconds as the file would say it, in the largest unit that holds it.
pub(super) fn written(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let mut units = UNITS.iter().rev();
    let unit = units.find(|(_, unit)| seconds >= *unit && seconds.is_multiple_of(*unit));
    let (name, unit) = unit.unwrap_or(&("s", 1));
    format!("{}{name}", seconds / unit)
}

/// Reads a size in bytes: a whole number and a unit, `512KiB`, `10MiB`.
pub(super) fn size(text: &str, range: RangeInclusive<u64>) -> Result<u64, Fault> {
    let (number, unit) = split_unit(text);
    let factor = match unit {
        "B" => Some(1),
        "kB" | "KB" => Some(1000),
        "MB" => Some(1_000_000),
        "GB" => Some(1_000_000_000),
        "KiB" => Some(1 << 10),
        "MiB" => Some(1 << 20),
        "GiB" => Some(1 << 30),
        _ => None,
    };
    let help = "write a whole number and a unit: `512KiB` or `10MiB`";
    let (Ok(count), Some(factor)) = (number.parse::<u64>(), factor) else {
        let message = format!("`{}` is no size", shown(text));
        return Err(Fault::new(Code::BadSize, message, help));
    };
    let size = count.checked_mul(factor);
    size.filter(|size| range.contains(size)).ok_or_else(|| {
        let message = format!("`{}` is out of range", shown(text));
        let help = format!(
            "from {} to {} bytes are possible",
            range.start(),
            range.end()
        );
        Fault::new(Code::BadSize, message, help)
    })
}

/// Splits a value after its digits.
fn split_unit(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end).unwrap_or((text, ""));
    (number, unit.trim_start())
}

/// Reads a network in CIDR notation, IPv4 or IPv6; an address alone is the network of that one.
pub(super) fn network(text: &str) -> Result<IpNet, Fault> {
    let text = text.trim();
    let address = text.parse::<IpAddr>().map(IpNet::from);
    address.or_else(|_| text.parse()).map_err(|_| {
        let message = format!("`{}` is no network", shown(text));
        let help = "write an address, or one and a prefix length: `10.0.0.0/8`, `fd00::/8`";
        Fault::new(Code::BadNetwork, message, help)
    })
}

/// Reads an address to listen on.
pub(super) fn listen(text: &str) -> Result<SocketAddr, Fault> {
    text.parse().map_err(|_| {
        let message = format!("`{}` is no address and port", shown(text));
        let help = match (text.parse::<IpAddr>(), text.strip_prefix("localhost:")) {
            (Ok(address), _) => {
                format!("write the port, too: `{}`", SocketAddr::new(address, 8420))
            }
            (_, Some(port)) if port.parse::<u16>().is_ok() => {
                format!("write the address: `127.0.0.1:{port}`")
            }
            _ if text.trim_start_matches(':').parse::<u16>().is_ok() => {
                let port = text.trim_start_matches(':');
                format!("write the address, too: `127.0.0.1:{port}`")
            }
            (_, Some(_)) => "a port is a number up to 65535: `127.0.0.1:8420`".to_owned(),
            _ => "write an IP address and a port: `127.0.0.1:8420`, `[::]:8420`".to_owned(),
        };
        Fault::new(Code::BadValue, message, help)
    })
}

/// Reads an address that may be fetched or linked to: http or https only (S1).
pub(super) fn url(text: &str) -> Result<Url, Fault> {
    let wrong = |message: String, help: &str| Err(Fault::new(Code::BadUrl, message, help));
    let help = "write the whole address: `https://example.org/feed.xml`";
    let is_bare = whole_address(text).is_some_and(|whole| whole != text.trim());
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        Ok(url) if url.scheme() == "feed" => wrong(
            "`feed:` is not fetched".to_owned(),
            "write `https:` instead of `feed:`",
        ),
        // `localhost:80` has no scheme, whatever the parser makes of it.
        _ if is_bare => {
            let help = with_https(text).unwrap_or_else(|| help.to_owned());
            wrong("this is no whole address".to_owned(), &help)
        }
        Ok(url) => {
            let message = format!("`{}:` addresses are not fetched", shown(url.scheme()));
            wrong(message, "only `https:` and `http:` are")
        }
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            wrong("this is no whole address".to_owned(), help)
        }
        Err(error) => wrong(format!("this is no address: {error}"), help),
    }
}

/// Returns the help for an address without a scheme: to write this very one with `https://` before it. `None` where that is no
/// address, or may hold a secret, or is not to be printed, or is too long for a line.
fn with_https(text: &str) -> Option<String> {
    /// Two lines of a terminal.
    const LONGEST: usize = 160;
    let whole = whole_address(text).filter(|whole| whole.len() <= LONGEST)?;
    let url = Url::parse(&whole).ok()?;
    let is_secret = has_secrets(&url) || has_secret_path(url.path()) || url.fragment().is_some();
    let is_plain = |c: char| c != '`' && !c.is_control() && !is_bidi_control(c);
    let is_told = !is_secret && whole.chars().all(is_plain);
    is_told.then(|| format!("write the whole address: `{whole}`"))
}

/// Returns the bytes of an address that are a credential: `user:password` before `@`.
///
/// Looks at the text, not at a parsed address, so that it finds the secret in a broken one too.
pub(super) fn userinfo(address: &str) -> Option<Range<usize>> {
    let scheme = address.find(':').map_or(0, |colon| colon + 1);
    let rest = address.get(scheme..)?;
    let host = rest.trim_start_matches(['/', '\\']);
    let start = address.len() - host.len();
    let end = host.find(['/', '?', '#', '\\']).unwrap_or(host.len());
    let at = host.get(..end)?.rfind('@')?;
    (at > 0).then(|| start..start + at)
}

/// Longer ones make bad file names and worse tables.
const LONGEST_NAME: usize = 64;

/// Reads an id or name: `a-z`, `0-9` and `-`, as paths, file names and queries can hold it.
pub(super) fn name(text: &str) -> Result<String, Fault> {
    let valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let wrong = |message: String, help: String| Fault::new(Code::BadName, message, help);
    if text.is_empty() || text.len() > LONGEST_NAME {
        let message = format!("a name has 1 to {LONGEST_NAME} characters");
        return Err(wrong(message, "write a short name: `bbc-world`".to_owned()));
    }
    let Some((at, bad)) = text.char_indices().find(|(_, c)| !valid(*c)) else {
        return Ok(text.to_owned());
    };
    let message = format!("`{}` cannot be in a name", bad.escape_debug());
    let help = match possible_name(text) {
        name if name.is_empty() => "use only `a-z`, `0-9` and `-`".to_owned(),
        name => format!("use only `a-z`, `0-9` and `-`: `{name}`"),
    };
    Err(wrong(message, help).at(at..at + bad.len_utf8()))
}

/// Returns why a text is no id, and what to write instead.
pub fn name_fault(text: &str) -> Option<String> {
    said(name(text))
}

/// Returns why a text is no title, and what to write instead.
pub fn line_fault(text: &str) -> Option<String> {
    said(line(text))
}

fn said<T>(read: Result<T, Fault>) -> Option<String> {
    let fault = read.err()?;
    Some(format!("{}; {}", fault.message, fault.help))
}

/// Makes a name of any text, of at most 64 characters: its letters without accents. Empty where nothing of it can be in
/// one.
pub fn possible_name(text: &str) -> String {
    let mut name = String::new();
    for c in fold(text).chars() {
        match c {
            '\'' => {}
            'æ' => name.push_str("ae"),
            'œ' => name.push_str("oe"),
            'þ' => name.push_str("th"),
            'ø' => name.push('o'),
            'ł' => name.push('l'),
            'đ' | 'ð' => name.push('d'),
            'ı' => name.push('i'),
            c if c.is_ascii_alphanumeric() => name.push(c),
            _ => name.push('-'),
        }
    }
    let mut short = String::new();
    for part in name.split('-').filter(|part| !part.is_empty()) {
        let room = LONGEST_NAME.saturating_sub(short.len() + usize::from(!short.is_empty()));
        let part = part.get(..room.min(part.len())).unwrap_or_default();
        if part.is_empty() {
            break;
        }
        if !short.is_empty() {
            short.push('-');
        }
        short.push_str(part);
    }
    short
}

/// Reads a language tag (RFC 5646) by its form: `en`, `pt-BR`, `zh-Hant`; no list of languages is kept.
pub(super) fn language(text: &str) -> Result<String, Fault> {
    let subtag = |tag: &str| {
        (1..=8).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let primary = |tag: &str| {
        (2..=8).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    let mut tags = text.split('-');
    if tags.next().is_some_and(primary) && tags.all(subtag) {
        return Ok(text.to_owned());
    }
    let message = format!("`{}` is no language tag", shown(text));
    Err(Fault::new(
        Code::BadLanguage,
        message,
        "write a tag such as `en`, `hi` or `pt-BR`",
    ))
}

/// Reads what tells the entries of a feed apart.
pub(super) fn identity(text: &str) -> Result<IdentityBy, Fault> {
    let found = IdentityBy::ALL.into_iter().find(|by| by.name() == text);
    found.ok_or_else(|| {
        let message = format!("`{}` tells no entries apart", shown(text));
        Fault::new(Code::BadValue, message, "write `auto`, `guid` or `link`")
    })
}

/// Reads one line of text: a title, an author.
pub(super) fn line(text: &str) -> Result<String, Fault> {
    let line = text.trim();
    if line.is_empty() {
        return Err(Fault::new(
            Code::BadValue,
            "this is empty",
            "write a text, or leave the key out",
        ));
    }
    if line.chars().any(char::is_control) {
        let message = "this is more than one line";
        return Err(Fault::new(Code::BadValue, message, "write one line"));
    }
    Ok(line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        const HOUR: u64 = 3600;
        for (text, expected) in [
            ("1s", Some(1)),
            ("15m", Some(15 * 60)),
            (" 1 h ", Some(HOUR)),
            ("180d", Some(180 * 24 * HOUR)),
            ("2w", Some(14 * 24 * HOUR)),
            ("3650d", Some(3650 * 24 * HOUR)),
            ("3651d", None),
            ("0s", None),
            ("15", None),
            ("m", None),
            ("-1s", None),
            ("1.5h", None),
            ("1h30m", None),
            ("1M", None),
            ("99999999999999999999s", None),
            ("9999999999999999w", None),
            ("", None),
            ("१५m", None),
        ] {
            let seconds = duration(text, SECOND).ok().map(|d| d.as_secs());
            assert_eq!(seconds, expected, "{text:?}");
        }
        assert_eq!(duration("0s", Duration::ZERO).ok(), Some(Duration::ZERO));
        let help = |shortest| duration("100ms", shortest).unwrap_err().help;
        assert!(help(Duration::ZERO).starts_with("write `0s`, or "));
        assert!(!help(SECOND).contains("`0s`"));
    }

    #[test]
    fn sizes() {
        for (text, expected) in [
            ("10MiB", Some(10 << 20)),
            ("1 KiB", Some(1024)),
            ("2kB", Some(2000)),
            ("5B", Some(5)),
            ("10", None),
            ("10mib", None),
            ("99999999999999GiB", None),
        ] {
            assert_eq!(size(text, 1..=u64::MAX).ok(), expected, "{text:?}");
        }
        assert!(size("1B", 2..=3).is_err() && size("4B", 2..=3).is_err());
    }

    #[test]
    fn only_http_and_https_are_fetched_s1() {
        for text in [
            "https://example.org",
            "http://u:p@[::1]:80/x?y",
            "HTTPS://EXAMPLE.ORG/",
        ] {
            assert!(url(text).is_ok(), "{text}");
        }
        for text in [
            "file:///etc/passwd",
            "ftp://a/b",
            "gopher://a",
            "data:,x",
            "feed://a/b",
        ] {
            assert_eq!(url(text).unwrap_err().code, Code::BadUrl, "{text}");
        }
        for text in [
            "",
            "example.org/feed",
            "https://",
            "https://a b/",
            "https://[::1/",
        ] {
            assert_eq!(url(text).unwrap_err().code, Code::BadUrl, "{text}");
        }
    }

    /// S7: what may be a secret stands in no help.
    #[test]
    fn an_address_without_a_scheme_is_told_with_one() {
        const ANY: &str = "https://example.org/feed.xml";
        for (text, expected) in [
            ("a.example/feed", "https://a.example/feed"),
            ("a.example/?feed=rss2", "https://a.example/?feed=rss2"),
            ("a.example:8080/feed", "https://a.example:8080/feed"),
            ("localhost:8080", "https://localhost:8080"),
            ("//a.example/feed", "https://a.example/feed"),
            (" bücher.example/ü ", "https://bücher.example/ü"),
            ("feed.xml", ANY),
            ("a b.example/feed", ANY),
            ("me@a.example/feed", ANY),
            ("a.example/?token=canary", ANY),
            ("a.example/rss/5d41d8cd98f00b204e98/feed.xml", ANY),
        ] {
            let fault = url(text).unwrap_err();
            assert_eq!(fault.message, "this is no whole address", "{text}");
            let help = format!("write the whole address: `{expected}`");
            assert_eq!(fault.help, help, "{text}");
        }
        let long = url(&format!("a.example/{}", "x".repeat(160))).unwrap_err();
        assert!(long.help.ends_with(&format!("`{ANY}`")), "{}", long.help);
    }

    #[test]
    fn userinfo_is_found_in_broken_addresses_too_s7() {
        for (address, expected) in [
            ("https://u:p@example.org/", Some("u:p")),
            ("https://u@example.org", Some("u")),
            ("https:u:p@example.org", Some("u:p")),
            ("https://u:p@ss@example.org/@x", Some("u:p@ss")),
            ("ftp://u:p@", Some("u:p")),
            ("https://example.org/@user", None),
            ("https://example.org/?mail=a@b", None),
            ("https://@example.org/", None),
            ("example.org", None),
        ] {
            let found = userinfo(address).and_then(|span| address.get(span));
            assert_eq!(found, expected, "{address}");
        }
    }

    #[test]
    fn names_point_at_the_character_at_fault() {
        assert_eq!(name("bbc-world-2").as_deref(), Ok("bbc-world-2"));
        for (text, part, possible) in [
            ("BBC", Some(0..1), "`bbc`"),
            ("bbc world", Some(3..4), "`bbc-world`"),
            ("bbc/é", Some(3..4), "`bbc-e`"),
            ("é", Some(0..2), "`e`"),
            ("я", Some(0..2), "and `-`"),
            ("", None, "`bbc-world`"),
        ] {
            let fault = name(text).unwrap_err();
            assert_eq!(fault.part, part, "{text:?}");
            assert!(fault.help.ends_with(possible), "{text:?}: {}", fault.help);
        }
        assert!(name(&"a".repeat(65)).is_err());
        for (text, possible) in [
            (" The \"Delhi\" Ledger! ", "the-delhi-ledger"),
            ("Küste & Meer", "kuste-meer"),
            ("Œuvre d’Ærø", "oeuvre-daero"),
            ("Łódź Straße", "lodz-strasse"),
            ("समाचार", ""),
            ("", ""),
        ] {
            assert_eq!(possible_name(text), possible);
        }
        let long = possible_name(&"abc ".repeat(30));
        assert!(long.len() <= 64 && name(&long).is_ok(), "{long}");
    }

    #[test]
    fn language_tags() {
        for tag in ["en", "hi", "pt-BR", "zh-Hant-TW", "sr-Latn", "de-1996"] {
            assert!(language(tag).is_ok(), "{tag}");
        }
        for tag in [
            "",
            "e",
            "en_US",
            "english please",
            "en-",
            "-en",
            "english-britishvariant",
        ] {
            assert!(language(tag).is_err(), "{tag}");
        }
    }

    #[test]
    fn networks_and_listening() {
        assert!(network("127.0.0.0/8").is_ok() && network("fd00::/8").is_ok());
        let alone = |text| network(text).unwrap().to_string();
        assert_eq!(alone("127.0.0.1"), "127.0.0.1/32");
        assert_eq!(alone(" ::1 "), "::1/128");
        assert!(network("localhost").is_err() && network("10.0.0.0/33").is_err());
        assert!(listen("127.0.0.1:8420").is_ok() && listen("[::]:1").is_ok());
        let help = |text| listen(text).unwrap_err().help;
        assert!(help("localhost:8421").ends_with("`127.0.0.1:8421`"));
        assert_eq!(help(":8421"), help("8421"));
        assert!(help("8421").ends_with(": `127.0.0.1:8421`"));
        assert!(help("localhost:99999").starts_with("a port is a number up to 65535"));
        assert!(listen("localhost:8420").is_err() && listen(":8420").is_err());
    }
}
