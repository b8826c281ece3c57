//! Names of hosts that mean another machine in each network.

/// Zones whose names mean something else in each network, or nothing to most: RFC 6761, 6762, 7686, 8375 and 9476, what ICANN
/// keeps free for this, and what routers and directories make up.
const PRIVATE_ZONES: [&str; 15] = [
    "alt",
    "corp",
    "fritz.box",
    "home",
    "home.arpa",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "onion",
    "private",
    "test",
];

/// Tells whether a name of a host is none that everybody understands alike: one without a dot, or in such a zone.
pub fn is_private_name(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let is_within = |zone: &&str| {
        let rest = host.strip_suffix(*zone);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    !host.contains('.') || PRIVATE_ZONES.iter().any(is_within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_whether_everybody_understands_it_s7() {
        for (host, expected) in [
            ("news.example", false),
            ("news.example.", false),
            ("local.example", false),
            ("myhome.example", false),
            ("thehome.com", false),
            ("", true),
            ("printer", true),
            ("printer.", true),
            ("a.localhost.", true),
            ("Nas.LAN", true),
            ("host.localdomain", true),
            ("mail.corp", true),
            ("nas.home", true),
            ("x.home.arpa", true),
            ("home.arpa", true),
            ("wiki.intranet", true),
            ("router.fritz.box", true),
            ("x.test", true),
            ("abc.onion", true),
        ] {
            assert_eq!(is_private_name(host), expected, "{host}");
        }
    }
}
