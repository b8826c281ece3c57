//! `hub`: who tells subscribers of news (WebSub), of all outputs or of one.

use super::networks::{lacking, listing};
use super::problem::{Code, Fault};
use super::reading::Reading;
use super::table::{Table, understood};
use super::values::{url, userinfo};
use crate::fetch::{Route, Settings, refusal};
use crate::publish::is_local;
use std::ops::Range;
use url::Url;

/// What one table says.
#[derive(Clone, Debug)]
pub(super) struct Hub {
    pub(super) span: Range<usize>,
    /// `None`: it says "none".
    pub(super) url: Option<Url>,
}

impl Hub {
    /// Warns of a hub that cannot fetch from where we publish.
    pub(super) fn warn_if_idle(&self, public_url: &Url, reading: &mut Reading<'_>) {
        if is_local(public_url) {
            self.warn("a hub elsewhere cannot fetch from this machine", reading);
        }
    }

    /// Warns of a hub that is never told of news, since its address may not be reached (W12), as far as that can be told
    /// without a resolver. Says nothing while there are errors: the networks that may be asked may be among what could not be read.
    pub(super) fn warn_if_blocked(&self, fetch: &Settings, reading: &mut Reading<'_>) {
        let url = self.url.as_ref().filter(|_| !reading.has_errors());
        let why = url.and_then(|url| refusal(fetch, &Route::default(), url));
        if let Some(why) = why {
            let key = listing(&fetch.allow_networks, &lacking(&why));
            let help = format!("if it is to be told, write `{key}` in `[fetch]`");
            let message = format!("{why}: this hub is told of no news");
            reading.report(
                self.span.clone(),
                Fault::new(Code::BlockedAddress, message, help),
            );
        }
    }

    /// Warns of a hub that is of no use, if one is named.
    pub(super) fn warn(&self, why: &str, reading: &mut Reading<'_>) {
        if self.url.is_some() {
            let help = "write `public-url` as others reach it, or `hub = \"none\"`";
            reading.report(self.span.clone(), Fault::new(Code::IdleHub, why, help));
        }
    }
}

/// Reads `hub`.
pub(super) fn read<'a>(table: &mut Table<'a>, reading: &mut Reading<'a>) -> Option<Hub> {
    let text = table.string("hub", "https://hub.example.org/", reading)?;
    let span = text.span.clone();
    if text.value == "none" {
        return Some(Hub { span, url: None });
    }
    let url = understood(&text, address, reading)?.into_inner();
    Some(Hub {
        span,
        url: Some(url),
    })
}

/// Reads the address of a hub, which stands in every output: nothing in it is a secret.
fn address(text: &str) -> Result<Url, Fault> {
    let help = "write the address of a hub, `https://hub.example.org/`, or \"none\"";
    let address = url(text).map_err(|fault| Fault {
        help: help.to_owned(),
        ..fault
    })?;
    if userinfo(text).is_some() || address.fragment().is_some() {
        let message =
            "the address of a hub is told to all readers, and has neither a credential nor a `#`";
        return Err(Fault::new(Code::BadUrl, message, help));
    }
    Ok(address)
}
