//! A file of rules in the format of `ClearURLs` (`data.min.json`), which an operator may have.
//!
//! The file says of providers, by patterns over whole addresses, which parameters track (`rules`), which
//! credit whoever sent the reader (`referralMarketing`), what is to be cut out of the address
//! (`rawRules`), and where a redirector has its target (`redirections`); `exceptions` are addresses that
//! are left alone. What a browser would do with `completeProvider` (block it) and `forceRedirection`
//! means nothing for an identity. Patterns are matched as there: anywhere in the address, whatever the
//! case, and over whole names of parameters.
//!
//! Patterns come from others and addresses from strangers, so they are compiled by `regex`, which takes
//! time linear in the address and refuses what would be large. It knows no look-around and no
//! back-references: such a pattern is left out, and with an exception its whole provider, since rules
//! without their exceptions drop too much.
//!
//! All patterns of providers are looked for at once, and of those that match, all exceptions and all
//! names at once: an address costs microseconds whatever the number of providers.

mod compile;

use super::url::{escaped, http_url};
use compile::{Compiler, Provider, SET_BYTES, Written, WrittenProvider, place, set};
use regex::bytes::{Captures, RegexSet};
use url::Url;

/// Escapes in escapes that are undone to find an address; redirectors escape once, in chains twice.
const MAX_ESCAPES: usize = 3;

/// Why a file of rules cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RuleFileError {
    /// It is no JSON of this form.
    #[error("is no file of rules in the format of ClearURLs: {0}")]
    Form(#[from] serde_json::Error),
    /// Its patterns, compiled, would take too much memory.
    #[error("has more patterns than fit into {} MiB", SET_BYTES / 1024 / 1024)]
    TooLarge,
}

/// The rules of such a file, ready for use.
#[derive(Debug)]
pub struct RuleFile {
    /// When each of the providers is concerned, by its place.
    concerned: RegexSet,
    providers: Vec<Provider>,
    /// How many patterns the file has.
    patterns: usize,
    left_out: Vec<String>,
    /// Of its text.
    digest: blake3::Hash,
}

/// Files of one text have the same rules.
impl PartialEq for RuleFile {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for RuleFile {}

impl RuleFile {
    /// Compiles the text of a file.
    ///
    /// # Errors
    ///
    /// It is not of this format, or too much of it.
    pub fn read(text: &str) -> Result<Self, RuleFileError> {
        let written: Written = serde_json::from_str(text)?;
        let patterns = written.providers.values().map(WrittenProvider::patterns);
        let patterns = patterns.sum();
        let mut compiler = Compiler::default();
        let (urls, providers): (Vec<String>, Vec<Provider>) = written
            .providers
            .into_values()
            .filter(|written| compiler.is_good(&written.url_pattern, place))
            .collect::<Vec<_>>()
            .into_iter()
            .filter_map(|written| compiler.provider(written))
            .unzip();
        Ok(Self {
            concerned: set(&urls, place).ok_or(RuleFileError::TooLarge)?,
            providers,
            patterns,
            left_out: compiler.left_out,
            digest: blake3::hash(text.as_bytes()),
        })
    }

    /// Returns how many patterns the file has.
    pub fn patterns(&self) -> usize {
        self.patterns
    }

    /// Returns the patterns that are not used, since they cannot be taken; an exception stands for all of
    /// its provider.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// Returns what the file says of an address.
    pub(super) fn at(&self, url: &Url) -> Matched<'_> {
        let address = url.as_str().as_bytes();
        let concerned = self.concerned.matches(address);
        let concerned = concerned.iter().filter_map(|at| self.providers.get(at));
        Matched {
            providers: concerned
                .filter(|provider| !provider.exceptions.is_match(address))
                .collect(),
        }
    }
}

/// The providers that an address concerns.
pub(super) struct Matched<'r> {
    providers: Vec<&'r Provider>,
}

impl Matched<'_> {
    /// Tells whether a parameter of this name tracks.
    pub(super) fn drops(&self, name: &str) -> bool {
        let mut rules = self.providers.iter().map(|provider| &provider.rules);
        rules.any(|rules| rules.is_match(name.as_bytes()))
    }

    /// Tells whether a parameter of this name credits whoever sent the reader.
    pub(super) fn refers(&self, name: &str) -> bool {
        let mut referrals = self.providers.iter().map(|provider| &provider.referrals);
        referrals.any(|referrals| referrals.is_match(name.as_bytes()))
    }

    /// Returns the address inside another: shorter, so that there is an end to it.
    pub(super) fn unwrapped(&self, url: &Url) -> Option<String> {
        let address = url.as_str();
        let redirections = self.providers.iter().flat_map(|it| &it.redirections);
        let found = redirections
            .filter_map(|redirection| redirection.captures(address.as_bytes()))
            .find_map(|found| inner(&found));
        found.filter(|inner| after_scheme(inner).len() < after_scheme(address).len())
    }

    /// Returns the address without what is to be cut out of it, if it has that and is one of the same host
    /// afterwards.
    pub(super) fn trimmed(&self, url: &Url) -> Option<Url> {
        let mut text = url.as_str().to_owned();
        for raw in self.providers.iter().flat_map(|it| &it.raw) {
            let cut = raw.replace_all(text.as_bytes(), &b""[..]).into_owned();
            text = String::from_utf8(cut).ok()?;
        }
        if text.len() == url.as_str().len() {
            return None;
        }
        http_url(&text).filter(|trimmed| trimmed.host() == url.host())
    }
}

/// Returns the address that a redirection found, its escapes undone if it is all escaped; without a scheme it
/// is https.
fn inner(found: &Captures<'_>) -> Option<String> {
    let mut text = std::str::from_utf8(found.get(1)?.as_bytes())
        .ok()?
        .to_owned();
    for _ in 0..=MAX_ESCAPES {
        if http_url(&text).is_some() {
            return Some(text);
        }
        let head = text
            .split(['/', '?', '#', '%', ':'])
            .next()
            .unwrap_or_default();
        if head.contains('.') && !text.starts_with(&format!("{head}%")) {
            let whole = format!("https://{text}");
            return http_url(&whole).map(|_| whole);
        }
        text = unescaped(&text)?;
    }
    None
}

/// Undoes one layer of `%XX`; `None` where there is none, or what comes out is no text.
fn unescaped(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    if bytes.len() == text.len() {
        return None;
    }
    for part in parts {
        let (byte, rest) = escaped(part).unwrap_or((b'%', part));
        bytes.push(byte);
        bytes.extend(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

/// Returns what follows the scheme of an address.
fn after_scheme(address: &str) -> &str {
    address.split_once("://").map_or(address, |(_, rest)| rest)
}
