//! `[fetch]`: how much at once, how fast, how long, how large, and as whom.

use super::problem::{Code, Fault};
use super::reading::Reading;
use super::table::{Table, understood};
use super::values::{SECOND, duration, network, size};
use crate::fetch::Settings;
use ipnet::IpNet;
use std::ops::RangeInclusive;
use std::time::Duration;
use toml::Spanned;

/// Each exchange holds a socket, and a service often has no more than 1024 of them.
const CONCURRENCY: RangeInclusive<u64> = 1..=512;

/// Less than a kibibyte holds no feed; more than a gibibyte is no limit.
const MAX_BODY: RangeInclusive<u64> = 1024..=1 << 30;

/// Reads `[fetch]`, or returns what holds without it. `contact` is how publishers reach the operator.
pub(super) fn read<'a>(
    root: &mut Table<'a>,
    contact: Option<&str>,
    reading: &mut Reading<'a>,
) -> Settings {
    let defaults = Settings {
        user_agent: default_user_agent(contact),
        ..Settings::default()
    };
    let Some(mut table) = root.table("fetch", reading) else {
        return defaults;
    };
    let concurrency = table.integer("concurrency", CONCURRENCY, reading);
    let concurrency = concurrency.and_then(|count| usize::try_from(count).ok());
    let gap = table.parse("host-gap", "1s", reading, |text| {
        duration(text, Duration::ZERO)
    });
    let timeout = table.parse("timeout", "30s", reading, |text| duration(text, SECOND));
    let max_body = table.parse("max-body", "10MiB", reading, |text| size(text, MAX_BODY));
    let agent = table.parse("user-agent", "name/1.0 (+mail)", reading, user_agent);
    let networks = networks(&mut table, "allow-networks", reading);
    table.finish(reading);

    Settings {
        concurrency: concurrency.unwrap_or(defaults.concurrency),
        host_gap: gap.map_or(defaults.host_gap, Spanned::into_inner),
        timeout: timeout.map_or(defaults.timeout, Spanned::into_inner),
        max_body: max_body.map_or(defaults.max_body, Spanned::into_inner),
        user_agent: agent.map_or(defaults.user_agent, Spanned::into_inner),
        allow_networks: networks.unwrap_or_default(),
    }
}

/// Reads a list of networks, in an order of its own: equal lists are equal routes.
pub(super) fn networks<'a>(
    table: &mut Table<'a>,
    key: &'static str,
    reading: &mut Reading<'a>,
) -> Option<Vec<IpNet>> {
    let texts = table.strings(key, "127.0.0.0/8", reading)?;
    let networks = texts
        .iter()
        .filter_map(|text| understood(text, network, reading));
    let mut networks: Vec<IpNet> = networks.map(Spanned::into_inner).collect();
    networks.sort();
    networks.dedup();
    Some(networks)
}

/// Returns `merganser/VERSION (+contact)`, the form that publishers look for in their logs (P29).
fn default_user_agent(contact: Option<&str>) -> String {
    let name = Settings::default().user_agent;
    match contact {
        Some(contact) => format!("{name} (+{contact})"),
        None => name,
    }
}

/// Reads a User-Agent.
fn user_agent(text: &str) -> Result<String, Fault> {
    let help = "write a name, a version and a contact in ASCII: `name/1.0 (+mail@example.org)`";
    products(text, help)
}

/// Reads what follows the User-Agent.
pub(super) fn user_agent_suffix(text: &str) -> Result<String, Fault> {
    products(
        text,
        "write a name in ASCII, or a comment in brackets: `desk/7 (for 3 readers)`",
    )
}

/// Reads products and comments (RFC 9110, 10.1.5): visible ASCII and spaces, as a header field can hold
/// them.
fn products(text: &str, help: &str) -> Result<String, Fault> {
    let valid = |c: char| c.is_ascii_graphic() || c == ' ';
    if text.trim() == text && !text.is_empty() && text.chars().all(valid) {
        return Ok(text.to_owned());
    }
    let message = "this cannot be sent as a User-Agent";
    Err(Fault::new(Code::BadValue, message, help))
}
