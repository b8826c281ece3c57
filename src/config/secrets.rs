//! `headers` of a feed: literal values, or secrets that live elsewhere.

use super::names::shown;
use super::problem::{Code, Fault};
use super::reading::{Reading, Secrets, Text};
use super::table::{Item, Table, string};
use crate::fetch::Header;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use toml::de::DeValue;

/// Secrets are short; a device or a mistaken path must not fill the memory.
const LARGEST_SECRET: u64 = 64 * 1024;

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

/// What a header's value looks like.
const VALUE_HELP: &str = "write a string, `{ env = \"NAME\" }` or `{ file = \"/path\" }`";

/// Reads `headers`. Of a feed that is not enabled no secret is wanted: it may not be there yet.
pub(super) fn headers<'a>(
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
    let name = item.key.to_ascii_lowercase();
    if let Err(fault) = field_name(&name) {
        reading.report(item.key_span.clone(), fault);
    }
    let span = item.span.clone();
    let value = match item.value {
        DeValue::Table(_) => elsewhere(item, enabled, reading)?,
        _ => literal(item, &name, reading)?,
    };
    if value.chars().any(|c| c.is_control() && c != '\t') {
        let message = "the value of a header is one line";
        let help = "remove line ends and other control characters";
        reading.report(span, Fault::new(Code::BadHeader, message, help));
        return None;
    }
    Some(Header { name, value })
}

fn literal<'a>(item: Item<'a>, name: &str, reading: &mut Reading<'a>) -> Option<String> {
    let text = string(item, VALUE_HELP, reading)?;
    if SECRET_FIELDS.iter().any(|part| name.contains(part)) {
        let message = "a credential stands in the file itself";
        let help = "write `{ env = \"NAME\" }` or `{ file = \"/path\" }` and keep it elsewhere";
        let whole = text.part(&(0..text.value.len()));
        reading.report(whole, Fault::new(Code::LiteralSecret, message, help));
    }
    Some(text.value.into_owned())
}

/// Reads `{ env = ".." }` or `{ file = ".." }` and fetches what it names.
fn elsewhere<'a>(item: Item<'a>, enabled: bool, reading: &mut Reading<'a>) -> Option<String> {
    let span = item.span.clone();
    let mut table = Table::inline("headers", VALUE_HELP, item, reading)?;
    let variable = table.string("env", "NAME", reading);
    let file = table.string("file", "/path", reading);
    table.finish(reading);
    let (place, found) = match (variable, file) {
        (Some(_), None) | (None, Some(_)) if reading.secrets == Secrets::Ignored => return None,
        (Some(name), None) => (name.span.clone(), from_variable(&name, reading)),
        (None, Some(path)) => (path.span.clone(), from_file(&path, reading)),
        _ => {
            let message = "a secret comes from one place";
            reading.report(span, Fault::new(Code::BadSecret, message, VALUE_HELP));
            return None;
        }
    };
    match found {
        Ok(secret) => Some(secret),
        Err(fault) if enabled => {
            let fault = match reading.secrets {
                Secrets::Checked => unseen(fault),
                _ => fault,
            };
            reading.report(place, fault);
            None
        }
        Err(_) => None,
    }
}

/// Whoever checks a file sees other variables and credentials than the service.
fn unseen(fault: Fault) -> Fault {
    Fault {
        code: Code::UnseenSecret,
        message: format!("{}, as far as can be seen from here", fault.message),
        ..fault
    }
}

fn from_variable(name: &Text<'_>, reading: &Reading<'_>) -> Result<String, Fault> {
    let value = reading
        .variable(&name.value)
        .filter(|value| !value.is_empty());
    value.ok_or_else(|| {
        let message = format!("the environment has no `{}`", shown(&name.value));
        let help = format!(
            "set it for the service, in a drop-in: `Environment={}=..`",
            shown(&name.value)
        );
        Fault::new(Code::BadSecret, message, help)
    })
}

/// Reads a secret from a file; a relative path is one of the service's credentials (systemd.exec(5)).
fn from_file(path: &Text<'_>, reading: &Reading<'_>) -> Result<String, Fault> {
    let credentials = reading.variable("CREDENTIALS_DIRECTORY");
    let directory = PathBuf::from(credentials.unwrap_or_default());
    let path = directory.join(path.value.as_ref());
    let shown = shown(&path.to_string_lossy());
    let wrong = |why: &str| {
        let help = "write the path of a file that this user may read, or the name of a credential";
        Fault::new(Code::BadSecret, format!("`{shown}` {why}"), help)
    };
    match secret_text(&path) {
        Ok(secret) if secret.is_empty() => Err(wrong("is empty")),
        Ok(secret) => Ok(secret),
        Err(error) => Err(wrong(&format!("cannot be read: {error}"))),
    }
}

/// Returns a file's text without the line end that editors put there.
fn secret_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?
        .take(LARGEST_SECRET)
        .read_to_string(&mut text)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
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
