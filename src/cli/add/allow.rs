//! What to write where the address guard refuses what is meant.

use crate::config;
use crate::fetch::{Route, Settings};
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

/// Says which lines let merganser ask at an address that is not public, of which the guard said `why`: what can be pasted into
/// the file as it is. That need not be there.
pub(super) fn to_allow(
    (path, text): (&Path, &str),
    settings: &Settings,
    route: &Route,
    why: &str,
) -> String {
    let own = route.allow_networks.as_ref();
    let there = own.unwrap_or(&settings.allow_networks).iter();
    let there = there.map(IpNet::to_string);
    let listed: Vec<String> = there.chain(refused(why)).collect();
    let key = format!("allow-networks = [\"{}\"]", listed.join("\", \""));
    let (place, lines) = match own {
        Some(_) => ("in the table whose `allow-networks` holds for it", key),
        None if !settings.allow_networks.is_empty() => {
            ("below `[fetch]`, in the place of its `allow-networks`", key)
        }
        None if config::has_table(text, "fetch") => ("below `[fetch]`", key),
        None => ("at its end", format!("[fetch]\n{key}")),
    };
    let path = path.display();
    format!("; if it is to be polled, write into {path}, {place}:\n\n{lines}\n")
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
        for (there, why, key) in [
            ([].as_slice(), loopback, "[\"127.0.0.1\", \"::1\"]"),
            (&[], name, "[\"10.0.0.7\"]"),
            (&["10.1.0.0/16"], literal, "[\"10.1.0.0/16\", \"fd00::1\"]"),
        ] {
            let networks: Vec<IpNet> = there.iter().map(|it| it.parse().unwrap()).collect();
            let settings = Settings {
                allow_networks: networks.clone(),
                ..Settings::default()
            };
            let path = Path::new("feeds.toml");
            let told = |text| to_allow((path, text), &settings, &Route::default(), why);
            let expected = |place: &str, lines: &str| {
                format!("; if it is to be polled, write into feeds.toml, {place}:\n\n{lines}\n")
            };
            let key = format!("allow-networks = {key}");
            if there.is_empty() {
                let whole = format!("[fetch]\n{key}");
                assert_eq!(told("[server]\n"), expected("at its end", &whole));
                let below = expected("below `[fetch]`", &key);
                assert_eq!(told("[fetch]\ntimeout = \"9s\"\n"), below);
                assert_eq!(told("fetch = { timeout = \"9s\" }\n"), below);
            } else {
                let place = "below `[fetch]`, in the place of its `allow-networks`";
                assert_eq!(told(""), expected(place, &key));
            }
            let own = Route {
                allow_networks: Some(networks),
                ..Route::default()
            };
            let told = to_allow((path, ""), &Settings::default(), &own, why);
            assert!(
                told.ends_with(&format!("holds for it:\n\n{key}\n")),
                "{told}"
            );
        }
    }
}
