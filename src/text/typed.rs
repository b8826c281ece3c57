//! Addresses as people type them and lists of subscriptions have them.

/// How the names of files end that lists name without saying where they are: none of these is a top-level domain.
const FILES: [&str; 7] = ["xml", "rss", "atom", "rdf", "json", "php", "html"];

/// Returns the whole of an address that is typed without `https://`, or after `feed:`; as it is where it has another scheme.
/// `None` where it does not tell where to ask.
///
/// `feed://a.example` means http, by those who made it up; where nothing is said, https is meant.
pub fn whole_address(text: &str) -> Option<String> {
    let text = text.trim();
    match after_feed(text) {
        Some(rest) if scheme(rest).is_some() => Some(rest.to_owned()),
        Some(rest) => Some(format!("http://{}", rest.trim_start_matches('/'))),
        None if scheme(text).is_some() => Some(text.to_owned()),
        None => {
            let rest = text.strip_prefix("//").unwrap_or(text);
            begins_with_host(rest).then(|| format!("https://{rest}"))
        }
    }
}

/// Returns what stands after `feed:`.
fn after_feed(text: &str) -> Option<&str> {
    let (name, rest) = text.split_once(':')?;
    name.eq_ignore_ascii_case("feed").then_some(rest)
}

/// Returns the scheme. Before a port stands a host, and no scheme.
fn scheme(text: &str) -> Option<&str> {
    let (name, rest) = text.split_once(':')?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let is_scheme = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(fits);
    let is_host = rest.starts_with(|c: char| c.is_ascii_digit());
    (is_scheme && !is_host).then_some(name)
}

/// Tells whether a text without a scheme begins with a host: with a name that has a dot in it, and is not that of a
/// file, or with what is one without.
fn begins_with_host(text: &str) -> bool {
    let authority = text.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    if host.starts_with('[') {
        return true;
    }
    let name = host.split(':').next().unwrap_or_default();
    let last = name.strip_suffix('.').unwrap_or(name).rsplit_once('.');
    let last = last.filter(|(first, last)| !first.is_empty() && !last.is_empty());
    let is_file = |last: &str| FILES.iter().any(|it| it.eq_ignore_ascii_case(last));
    name.eq_ignore_ascii_case("localhost") || last.is_some_and(|(_, last)| !is_file(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What else people type stands with the command that takes it.
    #[test]
    fn what_lacks_is_added() {
        for (text, expected) in [
            ("a.example/feed", Some("https://a.example/feed")),
            ("//a.example/feed", Some("https://a.example/feed")),
            ("a.example:8080/feed", Some("https://a.example:8080/feed")),
            ("feed://a.example/", Some("http://a.example/")),
            (" http://a.example/ ", Some("http://a.example/")),
            ("ftp://a.example/", Some("ftp://a.example/")),
            ("a.example./feed", Some("https://a.example./feed")),
            ("feed.xml", None),
            ("./feeds/a.xml", None),
            ("../feed", None),
            (".example/feed", None),
            ("", None),
        ] {
            assert_eq!(whole_address(text).as_deref(), expected, "{text}");
        }
    }
}
