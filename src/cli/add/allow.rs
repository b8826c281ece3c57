//! What to write where the address guard refuses what is meant.

use crate::config::{self, Paste};
use crate::fetch::Route;
use std::path::Path;

/// Says which lines let merganser ask at an address that is not public, of which the guard said `why`: what can be pasted into
/// the file as it is. That need not be there. Says nothing where no network is what lacks: the proxy is no origin.
pub(super) fn to_allow((path, text): (&Path, &str), route: &Route, why: &str) -> String {
    let lacking = config::lacking(why);
    if lacking.is_empty() {
        return String::new();
    }
    let Paste { place, lines } = match &route.allow_networks {
        None => config::with_networks(text, &lacking),
        Some(own) => Paste {
            place: "in the table whose `allow-networks` holds for it",
            lines: config::listing(own, &lacking),
        },
    };
    let path = path.display();
    format!("; if it is to be polled, write into {path}, {place}:\n\n{lines}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_to_paste() {
        let loopback = "localhost is this machine and loopback is not in allow-networks";
        let name = "a.lan resolves to 10.0.0.7, not a public address and not in allow-networks";
        let literal = "fd00::1 is not a public address and not in allow-networks";
        let path = Path::new("feeds.toml");
        let proxy = "proxy.example is the proxy and no origin";
        assert_eq!(to_allow((path, ""), &Route::default(), proxy), "");
        for (there, why, key) in [
            ([].as_slice(), loopback, "[\"127.0.0.1\", \"::1\"]"),
            (&[], name, "[\"10.0.0.7\"]"),
            (
                &["10.1.0.0/16", "127.0.0.1/32"],
                literal,
                "[\"10.1.0.0/16\", \"127.0.0.1\", \"fd00::1\"]",
            ),
        ] {
            let key = format!("allow-networks = {key}");
            let told = |text| to_allow((path, text), &Route::default(), why);
            if there.is_empty() {
                let expected = format!(
                    "; if it is to be polled, write into feeds.toml, below `[fetch]`:\n\n{key}\n"
                );
                assert_eq!(told("[fetch]\ntimeout = \"9s\"\n"), expected);
            }
            let own = Route {
                allow_networks: Some(there.iter().map(|it| it.parse().unwrap()).collect()),
                ..Route::default()
            };
            let told = to_allow((path, ""), &own, why);
            assert!(
                told.ends_with(&format!("holds for it:\n\n{key}\n")),
                "{told}"
            );
        }
    }
}
