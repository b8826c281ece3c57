//! Values that may be secrets: written out, or in a place that the file names.

use super::file::{self, FileError};
use super::names::shown;
use super::problem::{Code, Fault};
use super::reading::{Reading, Secrets, Text};
use super::table::{Item, Table, string};
use super::values::userinfo;
use std::ops::Range;
use std::path::Path;
use toml::de::DeValue;

/// Secrets are short; a device or a mistaken path must not fill the memory.
const LARGEST_SECRET: u64 = 64 * 1024;

/// What such a value looks like.
const HELP: &str =
    "write a string, `{ env = \"NAME\" }`, `{ file = \"/path\" }` or `{ credential = \"NAME\" }`";

/// The variable in which systemd names the directory of a service's credentials (systemd.exec(5)).
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// A value that is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// The key whose value, or part of it, it is.
    pub(super) key: &'static str,
    /// Whether it is a credential, which had better not stand in the file.
    pub(super) secret: bool,
    /// Whether it is needed: of a feed that is not enabled it may not be there yet.
    pub(super) needed: bool,
}

/// Reads a value: a string, or a table that says where it is.
pub(super) fn value<'a>(
    item: Item<'a>,
    wanted: Wanted,
    reading: &mut Reading<'a>,
) -> Option<String> {
    if matches!(item.value, DeValue::Table(_)) {
        return elsewhere(item, wanted, reading);
    }
    if wanted.secret {
        hide(&item.value, &item.span, reading);
    }
    let text = string(item, HELP, reading)?;
    Some(text.value.into_owned())
}

/// Warns of what is a credential in the file itself, or may be one in the wrong place; `render` hides
/// what stands there.
pub(super) fn hide(value: &DeValue<'_>, span: &Range<usize>, reading: &mut Reading<'_>) {
    match value {
        DeValue::String(text) => {
            let text = reading.text(text.clone(), span.clone());
            let whole = text.part(&(0..text.value.len()));
            warn_of_literal(whole, reading);
        }
        DeValue::Integer(_) | DeValue::Float(_) => warn_of_literal(span.clone(), reading),
        DeValue::Boolean(_) | DeValue::Datetime(_) => {}
        DeValue::Array(elements) => {
            for element in elements {
                hide(element.get_ref(), &element.span(), reading);
            }
        }
        DeValue::Table(entries) => {
            for value in entries.values() {
                hide(value.get_ref(), &value.span(), reading);
            }
        }
    }
}

fn warn_of_literal(place: Range<usize>, reading: &mut Reading<'_>) {
    let message = "a credential stands in the file itself";
    let help = "keep it elsewhere: `{ env = \"NAME\" }`, `{ file = \"/path\" }` or \
                `{ credential = \"NAME\" }`";
    reading.report(place, Fault::new(Code::LiteralSecret, message, help));
}

/// Warns of a user and a password in an address; `render` hides them.
pub(super) fn warn_of_userinfo(address: &Text<'_>, help: &str, reading: &mut Reading<'_>) {
    if let Some(part) = userinfo(&address.value) {
        let message = "a credential stands in the address";
        let fault = Fault::new(Code::UrlCredential, message, help);
        reading.report(address.part(&part), fault);
    }
}

/// Reads the table that says where a value is, and fetches the value.
fn elsewhere<'a>(item: Item<'a>, wanted: Wanted, reading: &mut Reading<'a>) -> Option<String> {
    let span = item.span.clone();
    let mut table = Table::inline(wanted.key, HELP, item, reading)?;
    let variable = table.string("env", "NAME", reading);
    let file = table.string("file", "/path", reading);
    let credential = table.string("credential", "NAME", reading);
    if wanted.secret {
        table.hide_rest(reading);
    }
    table.finish(reading);
    let place = match (variable, file, credential) {
        (Some(name), None, None) => Place::Variable(name),
        (None, Some(path), None) => Place::File(path),
        (None, None, Some(name)) => Place::Credential(name),
        _ => {
            let message = "a secret comes from one place";
            reading.report(span, Fault::new(Code::BadSecret, message, HELP));
            return None;
        }
    };
    if let Place::File(path) = &place
        && let Some(fault) = not_whole(path)
    {
        reading.report(path.span.clone(), fault);
        return None;
    }
    if reading.secrets == Secrets::Ignored {
        return None;
    }
    let (span, found) = match place {
        Place::Variable(name) => (name.span.clone(), from_variable(&name, reading)),
        Place::File(path) => (path.span.clone(), from_file(&path)),
        Place::Credential(name) => (name.span.clone(), from_credential(&name, reading)),
    };
    let fault = match found {
        Ok(secret) => return Some(secret),
        Err(fault) if reading.secrets == Secrets::Checked => unseen(fault),
        Err(fault) => fault,
    };
    if wanted.needed {
        reading.report(span, fault);
    }
    None
}

/// Where a secret is, by the name that the file gives.
enum Place<'a> {
    Variable(Text<'a>),
    File(Text<'a>),
    Credential(Text<'a>),
}

/// How the names of credentials begin that the shipped unit takes from the system's store
/// (`ImportCredential=merganser.*`).
const PREFIX: &str = "merganser.";

/// Whoever checks a file sees other variables and credentials than the service.
fn unseen(fault: Fault) -> Fault {
    Fault {
        code: Code::UnseenSecret,
        message: format!(
            "{}, as far as can be seen from here: a daemon that sees no more refuses the file",
            fault.message
        ),
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
            "a daemon has the environment of its start: start it anew with this set (a service by a drop-in: \
             `Environment={}=..`), or write `{{ file = \"/path\" }}`, which a reload reads",
            shown(&name.value)
        );
        Fault::new(Code::BadSecret, message, help)
    })
}

/// Refuses a path that is not whole: it would lead elsewhere with each directory that somebody reads the file in, and
/// `~` is for shells to expand.
fn not_whole(path: &Text<'_>) -> Option<Fault> {
    if Path::new(path.value.as_ref()).is_absolute() {
        return None;
    }
    let message = format!("`{}` is no whole path", shown(&path.value));
    let help = match path.value.strip_prefix('~') {
        Some(_) => "write the path from `/` on: `~` is for shells, and stands for nothing here",
        None => {
            "write the path from `/` on, or `{ credential = \"NAME\" }` for what systemd hands to the service"
        }
    };
    Some(Fault::new(Code::BadSecret, message, help))
}

/// Reads a secret from a file.
fn from_file(path: &Text<'_>) -> Result<String, Fault> {
    let help = "write the path of a file that this user may read, or `{ credential = \"NAME\" }`";
    read(Path::new(path.value.as_ref()), help)
}

/// Reads a credential that systemd hands to the service.
fn from_credential(name: &Text<'_>, reading: &Reading<'_>) -> Result<String, Fault> {
    let plain = !name.value.contains('/') && !matches!(name.value.as_ref(), "" | "." | "..");
    let called = shown(&name.value);
    if !plain {
        let message = format!("`{called}` is no name of a credential");
        let help = "write the name that `LoadCredential=` gives it, without a path";
        return Err(Fault::new(Code::BadSecret, message, help));
    }
    let stored = called.strip_prefix(PREFIX).unwrap_or(&called);
    let help = format!(
        "write it to `/etc/credstore/{PREFIX}{stored}` and restart the service, which takes it up from there by systemd 254 \
         or newer; before that, give it in a drop-in: `LoadCredential={called}:/path`"
    );
    let directory = reading.variable(CREDENTIALS).filter(|it| !it.is_empty());
    let Some(directory) = directory else {
        let message = format!("there are no credentials: ${CREDENTIALS} is not set");
        return Err(Fault::new(Code::BadSecret, message, help));
    };
    let plain = Path::new(&directory).join(name.value.as_ref());
    let prefixed = Path::new(&directory).join(format!("{PREFIX}{}", name.value));
    let there = [&plain, &prefixed].into_iter().find(|path| path.exists());
    read(there.unwrap_or(&plain), &help)
}

fn read(path: &Path, help: &str) -> Result<String, Fault> {
    let shown = shown(&path.to_string_lossy());
    let wrong = |why: &str| Fault::new(Code::BadSecret, format!("`{shown}` {why}"), help);
    match secret_text(path) {
        Ok(secret) if secret.is_empty() => Err(wrong("is empty")),
        Ok(secret) => Ok(secret),
        Err(error) => Err(wrong(&error.to_string())),
    }
}

/// Returns a file's text without the line end that editors put there.
fn secret_text(path: &Path) -> Result<String, FileError> {
    let text = file::text(path, LARGEST_SECRET)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
