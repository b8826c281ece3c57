//! What to write where the address guard refuses what is meant.

use crate::config::{self, Paste};
use crate::fetch::Route;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

/// Says which lines let merganser ask at an address that is not public, of which the guard said `why`: what can be pasted into
/// the file as it is. That need not be there.
pub(super) fn to_allow((path, text): (&Path, &str), route: &Route, why: &str) -> String {
    let refused = refused(why);
    let Paste { place, lines } = match &route.allow_networks {
        None => config::with_networks(text, &refused),
        Some(own) => {
            let listed: Vec<String> = own.iter().map(written).chain(refused).collect();
            Paste {
                place: "in the table whose `allow-networks` holds for it",
                lines: format!("allow-networks = [\"{}\"]", listed.join("\", \"")),
            }
        }
    };
    let path = path.display();
    format!("; if it is to be polled, write into {path}, {place}:\n\n{lines}\n")
}

/// Writes a network as people do: that of one address is the address.
fn written(network: &IpNet) -> String {
    if network.prefix_len() == network.max_prefix_len() {
        network.addr().to_string()
    } else {
        network.to_string()
    }
}

/// Returns the addresses that the guard named, or those of this machine, which it calls by name.
fn refused(why: &str) -> Vec<String> {
    let words = why.split(|c: char| c.is_whitespace() || c == ',');
    let mut addresses = words.filter_map(|word| word.parse::<IpAddr>().ok());
    let loopback = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    let found = addresses.next().map_or(loopback.to_vec(), |it| vec![it]);
    found.iter().map(IpAddr::to_string).collect()
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
