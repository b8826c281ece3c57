//! `headers` of a feed: what its requests carry beside what every request does.

use super::names::shown;
use super::problem::{Code, Fault};
use super::reading::Reading;
use super::schema::is_key_of_feed;
use super::secrets::{Wanted, value};
use super::table::{Item, Table};
use crate::fetch::Header;

/// Fields that merganser sets itself or that would break the exchange (RFC 9110, 7.2, 7.6.1, 13.1).
const OWN_FIELDS: [&str; 11] = [
    "accept-encoding",
    "connection",
    "content-length",
    "host",
    "if-modified-since",
    "if-none-match",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Parts of field names whose values are credentials.
const SECRET_FIELDS: [&str; 6] = ["auth", "cookie", "key", "password", "secret", "token"];

/// Reads `headers`. Of a feed that is not enabled no secret is wanted: it may not be there yet.
pub(super) fn read<'a>(
    feed: &mut Table<'a>,
    enabled: bool,
    reading: &mut Reading<'a>,
) -> Vec<Header> {
    let help = "write `headers = { NAME = \"value\" }`";
    let Some(item) = feed.take("headers") else {
        return Vec::new();
    };
    let Some(table) = Table::inline("headers", help, item, reading) else {
        return Vec::new();
    };
    let headers = table.rest().into_iter();
    headers
        .filter_map(|item| header(item, enabled, reading))
        .collect()
}

fn header<'a>(item: Item<'a>, enabled: bool, reading: &mut Reading<'a>) -> Option<Header> {
    // Written as a table of its own, it takes all that stands below it up to the next header.
    if is_key_of_feed(&item.key) {
        let key = shown(&item.key);
        let message = format!("`{key}` is a key of the feed and no header");
        let help = "write it above the line `[feed.headers]`";
        reading.report(item.key_span, Fault::new(Code::BadHeader, message, help));
        return None;
    }
    let name = item.key.to_ascii_lowercase();
    if let Err(fault) = field_name(&name) {
        reading.report(item.key_span.clone(), fault);
    }
    let span = item.span.clone();
    let wanted = Wanted {
        key: "headers",
        secret: SECRET_FIELDS.iter().any(|part| name.contains(part)),
        needed: enabled,
    };
    let value = value(item, wanted, reading)?;
    if value.chars().any(|c| c.is_control() && c != '\t') {
        let message = "the value of a header is one line";
        let help = "remove line ends and other control characters";
        reading.report(span, Fault::new(Code::BadHeader, message, help));
        return None;
    }
    Some(Header { name, value })
}

/// Checks a field name: a token (RFC 9110, 5.1) that is the operator's to set.
fn field_name(name: &str) -> Result<(), Fault> {
    let wrong = |why: &str, help: &str| {
        let message = format!("`{}` {why}", shown(name));
        Err(Fault::new(Code::BadHeader, message, help))
    };
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(token) {
        return wrong("is no name of a header", "write letters, digits and `-`");
    }
    if OWN_FIELDS.contains(&name) {
        return wrong("is set by merganser itself", "leave it out");
    }
    Ok(())
}
