//! What an operator says of addresses: rules for sites, and a file of rules.
//!
//! A rule says which parameters of a site's addresses only tell how a reader came, and which do not
//! although they are called so. The nearest site that says anything of a name decides, then the built-in
//! lists (`tracking.rs`), then the file (`rule_file.rs`).

use super::rule_file::{Matched, RuleFile};
use super::tracking::{is_tracking, is_tracking_by_value};
use super::url::{http_url, site_host};
use std::collections::BTreeMap;
use url::Url;

/// How a pattern ends that stands for all names that begin so.
const ANYTHING: char = '*';

/// What would make more than a host of one; browsers drop some of it silently.
const NO_PART_OF_A_HOST: &[char] = &['/', '\\', '?', '#', '@', '*', ' ', '\t', '\r', '\n'];

/// What is said of the parameters of one site. Names are in lower case; one that ends in `*` stands for all
/// that begin so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteRule {
    /// Parameters that name no document.
    pub drop: Vec<String>,
    /// Parameters that do, whatever else is said of them.
    pub keep: Vec<String>,
}

impl SiteRule {
    /// Tells whether a parameter is dropped; `None` where nothing is said of it.
    fn drops(&self, name: &str) -> Option<bool> {
        let names = |patterns: &[String]| patterns.iter().any(|pattern| is_named(pattern, name));
        if names(&self.keep) {
            Some(false)
        } else {
            names(&self.drop).then_some(true)
        }
    }
}

/// Tells whether a pattern stands for a name.
fn is_named(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix(ANYTHING) {
        Some(beginning) => name.starts_with(beginning),
        None => pattern == name,
    }
}

/// What is known of addresses beyond what is built in.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct UrlRules {
    /// By host, as [`named_site`] gives it.
    sites: BTreeMap<String, SiteRule>,
    file: Option<RuleFile>,
}

impl UrlRules {
    /// Puts rules together: those of sites by their host, as [`named_site`] gives it, and those of a file.
    pub fn new(sites: BTreeMap<String, SiteRule>, file: Option<RuleFile>) -> Self {
        Self { sites, file }
    }

    /// Returns what holds of an address.
    pub(super) fn at(&self, url: &Url) -> Here<'_> {
        Here {
            sites: self.around(url),
            file: self.file.as_ref().map(|file| file.at(url)),
        }
    }

    /// Returns the rules of the site of an address and of those around it, nearest first.
    fn around(&self, url: &Url) -> Vec<&SiteRule> {
        if self.sites.is_empty() {
            return Vec::new();
        }
        let mut hosts = site_host(url);
        let hosts = std::iter::from_fn(|| {
            let host = hosts?;
            hosts = host.split_once('.').map(|(_, around)| around);
            Some(host)
        });
        hosts.filter_map(|host| self.sites.get(host)).collect()
    }
}

/// Returns what names a site in a rule: the host of its addresses in ASCII and lower case, without the
/// labels that name a form of it.
///
/// `None` for what is no host alone, or is one that many sites share (`co.uk`).
pub fn named_site(text: &str) -> Option<String> {
    let is_literal = text.starts_with('[') && text.ends_with(']');
    if text.starts_with('.')
        || text.contains(NO_PART_OF_A_HOST)
        || text.contains(':') && !is_literal
    {
        return None;
    }
    let url = http_url(&format!("https://{text}"))?;
    let host = site_host(&url)?;
    let suffix = psl::suffix(host.as_bytes());
    let is_shared = suffix.is_some_and(|it| it.is_known() && it.as_bytes() == host.as_bytes());
    (!is_shared).then(|| host.to_owned())
}

/// What holds of one address.
pub(super) struct Here<'r> {
    sites: Vec<&'r SiteRule>,
    file: Option<Matched<'r>>,
}

impl Here<'_> {
    /// Tells whether a parameter, both texts in lower case, only says how the reader came.
    pub(super) fn tracks(&self, name: &str, value: &str) -> bool {
        self.said(name)
            .unwrap_or_else(|| is_tracking(name, value) || self.file_drops(name))
    }

    /// Tells whether a parameter, both texts in lower case, is no part of an identity.
    pub(super) fn may_track(&self, name: &str, value: &str) -> bool {
        self.said(name).unwrap_or_else(|| {
            is_tracking(name, value)
                || is_tracking_by_value(name, value)
                || self.file_drops(name)
                || self.file.as_ref().is_some_and(|file| file.refers(name))
        })
    }

    /// Returns the address that the file finds inside this one.
    pub(super) fn unwrapped(&self, url: &Url) -> Option<String> {
        self.file.as_ref()?.unwrapped(url)
    }

    /// Returns the address without the parts of it that the file cuts out, if there are any.
    pub(super) fn trimmed(&self, url: &Url) -> Option<Url> {
        self.file.as_ref()?.trimmed(url)
    }

    /// Returns what the operator says of a parameter.
    fn said(&self, name: &str) -> Option<bool> {
        self.sites.iter().find_map(|site| site.drops(name))
    }

    fn file_drops(&self, name: &str) -> bool {
        self.file.as_ref().is_some_and(|file| file.drops(name))
    }
}
