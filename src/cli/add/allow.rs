//! What to write where the address guard refuses what is meant.

use crate::fetch::{Route, Settings};
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

/// Says which lines let merganser ask at an address that is not public, of which the guard said `why`. The file at `path`
/// need not be there.
pub(super) fn to_allow(path: &Path, settings: &Settings, route: &Route, why: &str) -> String {
    let own = route.allow_networks.as_ref();
    let there = own.unwrap_or(&settings.allow_networks).iter();
    let there = there.map(IpNet::to_string);
    let listed: Vec<String> = there.chain(refused(why)).collect();
    let key = format!("allow-networks = [\"{}\"]", listed.join("\", \""));
    let path = path.display();
    match own {
        None => format!(
            "; if it is to be polled, write into {path}, below `[fetch]`:\n\n[fetch]\n{key}\n"
        ),
        Some(_) => format!(
            "; if it is to be polled, write into {path}, in the table whose `allow-networks` holds for it:\n\n{key}\n"
        ),
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
            let told = to_allow(path, &settings, &Route::default(), why);
            let lines = format!("below `[fetch]`:\n\n[fetch]\nallow-networks = {key}\n");
            assert!(told.ends_with(&lines), "{told}");
            let own = Route {
                allow_networks: Some(networks),
                ..Route::default()
            };
            let told = to_allow(path, &Settings::default(), &own, why);
            assert!(told.ends_with(&format!("holds for it:\n\nallow-networks = {key}\n")));
        }
    }
}
