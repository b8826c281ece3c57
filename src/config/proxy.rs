//! `proxy`: who asks in our place.

use super::auth::credentials;
use super::problem::{Code, Fault};
use super::reading::{Reading, Text};
use super::secrets::{hide, warn_of_userinfo};
use super::table::{Item, Table, string, understood};
use super::values::userinfo;
use crate::fetch::Proxy;
use toml::Spanned;
use toml::de::DeValue;
use url::Url;

const HELP: &str = "write `proxy = \"http://proxy.example:3128\"`, `proxy = { url = \"..\", user = \
                    \"NAME\", password = { env = \"NAME\" } }` or `proxy = \"none\"`";

/// Who asks, as one table says it.
#[derive(Clone, Debug)]
pub(super) enum Through {
    /// We, whatever stands beneath.
    Nobody,
    /// A proxy.
    Proxy(Proxy),
}

impl Through {
    /// Returns the proxy if there is one.
    pub(super) fn into_proxy(self) -> Option<Proxy> {
        match self {
            Self::Nobody => None,
            Self::Proxy(proxy) => Some(proxy),
        }
    }
}

/// Reads `proxy`. Where its password is not `needed`, it may not be there yet.
pub(super) fn read<'a>(
    table: &mut Table<'a>,
    needed: bool,
    reading: &mut Reading<'a>,
) -> Option<Through> {
    let item = table.take("proxy")?;
    let proxy = if matches!(item.value, DeValue::Table(_)) {
        with_credentials(item, needed, reading)
    } else {
        let text = string(item, HELP, reading)?;
        if text.value == "none" {
            return Some(Through::Nobody);
        }
        address(&text, reading)
    };
    proxy.map(Through::Proxy)
}

fn with_credentials<'a>(item: Item<'a>, needed: bool, reading: &mut Reading<'a>) -> Option<Proxy> {
    let span = item.span.clone();
    let mut table = Table::inline("proxy", HELP, item, reading)?;
    table.require(
        "url",
        "write `url = \"http://proxy.example:3128\"`",
        reading,
    );
    let url = table.string("url", "http://proxy.example:3128", reading);
    let (user, password) = (table.take("user"), table.take("password"));
    table.hide_rest(reading);
    table.finish(reading);
    let in_url = url.as_ref().and_then(|text| userinfo(&text.value));
    let proxy = url.and_then(|text| address(&text, reading));
    match (user, password) {
        (None, None) => proxy,
        (Some(user), Some(password)) => {
            if in_url.is_some() {
                let message = "`user` and a credential in the address are one too many";
                let fault = Fault::new(Code::TwoCredentials, message, "remove one of them");
                reading.report(user.span.clone(), fault);
            }
            let found = credentials("proxy", user, password, needed, reading);
            // Without a secret that is not needed nothing is asked, so nobody is asked without it.
            let (user, password) = found.unwrap_or_default();
            proxy.map(|proxy| proxy.with_credentials(&user, &password))
        }
        (user, password) => {
            if let Some(item) = user.or(password) {
                hide(&item.value, &item.span, reading);
            }
            let message = "a proxy wants a `user` and a `password`, or neither";
            reading.report(span, Fault::new(Code::BadValue, message, HELP));
            None
        }
    }
}

fn address(text: &Text<'_>, reading: &mut Reading<'_>) -> Option<Proxy> {
    let help = "write `proxy = { url = \"..\", user = \"..\", password = { env = \"NAME\" } }`";
    warn_of_userinfo(text, help, reading);
    understood(text, proxy, reading).map(Spanned::into_inner)
}

/// Reads the address of a proxy. Its message shows nothing of it: any part may be a password (S7).
fn proxy(text: &str) -> Result<Proxy, Fault> {
    let url = Url::parse(text).ok().filter(|url| {
        let rest = (url.path(), url.query(), url.fragment());
        matches!(rest, ("" | "/", None, None))
    });
    let proxy = url.and_then(Proxy::new);
    proxy.ok_or_else(|| {
        let schemes = Proxy::SCHEMES.map(|scheme| format!("`{scheme}`"));
        let help = format!(
            "write `http://proxy.example:3128`; the schemes are {}",
            schemes.join(", ")
        );
        Fault::new(Code::BadUrl, "this is no address of a proxy", help)
    })
}
