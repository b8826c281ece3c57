//! `auth` of a feed or a group: who asks, as Basic or Bearer authentication.

use super::problem::{Code, Fault};
use super::reading::Reading;
use super::secrets::{Wanted, hide, value};
use super::table::{Item, Table};
use crate::fetch::Header;
use std::ops::Range;
use toml::de::DeValue;
use url::Url;

const HELP: &str = "write `auth = { user = \"NAME\", password = { env = \"NAME\" } }`, \
                    `auth = { bearer = { env = \"NAME\" } }` or `auth = \"none\"`";

/// What one table says.
#[derive(Clone, Debug)]
pub(super) struct Auth {
    span: Range<usize>,
    /// `None` where it says "none", or where the secret cannot be had.
    header: Option<Header>,
}

/// Reads `auth`. Where the secret is not `needed`, it may not be there yet.
pub(super) fn read<'a>(
    table: &mut Table<'a>,
    needed: bool,
    reading: &mut Reading<'a>,
) -> Option<Auth> {
    let item = table.take("auth")?;
    let span = item.span.clone();
    let header = match &item.value {
        DeValue::String(text) if text == "none" => None,
        DeValue::Table(_) => header(item, needed, reading),
        other => {
            hide(other, &span, reading);
            let message = "`auth` is a table, or \"none\"";
            reading.report(span.clone(), Fault::new(Code::WrongType, message, HELP));
            None
        }
    };
    Some(Auth { span, header })
}

fn header<'a>(item: Item<'a>, needed: bool, reading: &mut Reading<'a>) -> Option<Header> {
    let span = item.span.clone();
    let mut table = Table::inline("auth", HELP, item, reading)?;
    let user = table.take("user");
    let password = table.take("password");
    let bearer = table.take("bearer");
    table.hide_rest(reading);
    table.finish(reading);
    match (user, password, bearer) {
        (Some(user), Some(password), None) => {
            let (user, password) = credentials("auth", user, password, needed, reading)?;
            Some(Header::basic(&user, &password))
        }
        (None, None, Some(bearer)) => token(bearer, needed, reading),
        (user, password, bearer) => {
            for item in [user, password, bearer].into_iter().flatten() {
                hide(&item.value, &item.span, reading);
            }
            let message = "`auth` is a `user` with a `password`, or a `bearer`";
            reading.report(span, Fault::new(Code::BadValue, message, HELP));
            None
        }
    }
}

/// Reads a user and a password of Basic authentication (RFC 7617).
pub(super) fn credentials<'a>(
    key: &'static str,
    user: Item<'a>,
    password: Item<'a>,
    needed: bool,
    reading: &mut Reading<'a>,
) -> Option<(String, String)> {
    let wanted = |secret| Wanted {
        key,
        secret,
        needed,
    };
    let (user_span, password_span) = (user.span.clone(), password.span.clone());
    let user = value(user, wanted(false), reading);
    let password = value(password, wanted(true), reading);
    let (user, password) = (user?, password?);
    if user.contains(':') || user.chars().any(char::is_control) {
        let message = "the name of a user is one line without `:`";
        let help = "write the password under `password`";
        reading.report(user_span, Fault::new(Code::BadValue, message, help));
        return None;
    }
    if password.chars().any(char::is_control) {
        let message = "a password is one line";
        let help = "remove line ends and other control characters";
        reading.report(password_span, Fault::new(Code::BadSecret, message, help));
        return None;
    }
    Some((user, password))
}

/// Reads a token (RFC 6750, 2.1), by its characters alone.
fn token<'a>(item: Item<'a>, needed: bool, reading: &mut Reading<'a>) -> Option<Header> {
    let span = item.span.clone();
    let wanted = Wanted {
        key: "auth",
        secret: true,
        needed,
    };
    let token = value(item, wanted, reading)?;
    if token.chars().all(|c| c.is_ascii_graphic()) {
        return Some(Header::bearer(&token));
    }
    let message = "a token is ASCII and has no spaces";
    let help = "give the token alone, without `Bearer` before it";
    reading.report(span, Fault::new(Code::BadSecret, message, help));
    None
}

/// Adds to a feed's headers who asks: the feed's own `auth`, or else its group's where the feed says
/// nothing itself. Reports a feed that says it twice.
pub(super) fn apply(
    own: Option<&Auth>,
    group: Option<&Auth>,
    url: &Url,
    headers: &mut Vec<Header>,
    reading: &mut Reading<'_>,
) {
    let said = if headers.iter().any(|it| it.name == "authorization") {
        Some("an `Authorization` header")
    } else if !url.username().is_empty() || url.password().is_some() {
        Some("a credential in the address")
    } else {
        None
    };
    match (own, said) {
        (Some(auth), Some(other)) if auth.header.is_some() => {
            let message = format!("`auth` and {other} are one too many");
            let fault = Fault::new(Code::TwoCredentials, message, "remove one of them");
            reading.report(auth.span.clone(), fault);
        }
        (Some(auth), _) => headers.extend(auth.header.clone()),
        (None, Some(_)) => {}
        (None, None) => headers.extend(group.and_then(|auth| auth.header.clone())),
    }
}
