//! From the text of a file of rules to expressions, but for those that cannot be.

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Bytes that one compiled pattern may take. Those in use take a tenth of it at most.
const PATTERN_BYTES: usize = 256 * 1024;

/// Bytes that the patterns of all providers may take together, compiled.
pub(super) const SET_BYTES: usize = 16 * 1024 * 1024;

/// Bytes that a matcher may use to remember what it has seen; each thread has its own.
const MEMORY_BYTES: usize = 2 * 1024 * 1024;

/// The file as it is written; what else is in it is not for us.
#[derive(Deserialize)]
#[serde(expecting = "an object with `providers`")]
pub(super) struct Written {
    pub(super) providers: BTreeMap<String, WrittenProvider>,
}

/// One provider as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object with `urlPattern`")]
pub(super) struct WrittenProvider {
    pub(super) url_pattern: String,
    #[serde(default)]
    rules: Vec<String>,
    #[serde(default)]
    referral_marketing: Vec<String>,
    #[serde(default)]
    raw_rules: Vec<String>,
    #[serde(default)]
    exceptions: Vec<String>,
    #[serde(default)]
    redirections: Vec<String>,
}

impl WrittenProvider {
    /// Counts its patterns.
    pub(super) fn patterns(&self) -> usize {
        let lists = [
            &self.rules,
            &self.referral_marketing,
            &self.raw_rules,
            &self.exceptions,
            &self.redirections,
        ];
        1 + lists.iter().map(|list| list.len()).sum::<usize>()
    }
}

/// What there is to do for the addresses of one provider.
#[derive(Debug)]
pub(super) struct Provider {
    /// Addresses that are left alone.
    pub(super) exceptions: RegexSet,
    /// Names of parameters that track.
    pub(super) rules: RegexSet,
    /// Names of parameters that credit somebody.
    pub(super) referrals: RegexSet,
    /// What is cut out of an address.
    pub(super) raw: Vec<Regex>,
    /// Where the target of a redirector stands: the first group.
    pub(super) redirections: Vec<Regex>,
}

/// Makes an expression of a pattern: [`place`] or [`name`].
pub(super) type Shape = fn(&str) -> String;

/// A pattern that is looked for anywhere in an address; without `www.`, which it has lost when it is compared.
pub(super) fn place(pattern: &str) -> String {
    pattern.replace(r"www\.", r"(?:www\.)?")
}

/// A pattern that is all of a parameter's name.
fn name(pattern: &str) -> String {
    format!("^(?:{pattern})$")
}

/// Compiles patterns, and remembers those that cannot be.
#[derive(Default)]
pub(super) struct Compiler {
    pub(super) left_out: Vec<String>,
}

impl Compiler {
    /// Compiles a provider, and returns its pattern with it; `None` when an exception is of no use.
    pub(super) fn provider(&mut self, written: WrittenProvider) -> Option<(String, Provider)> {
        let exceptions = self.set(&written.exceptions, place);
        if exceptions.len() < written.exceptions.len() {
            return None;
        }
        let provider = Provider {
            exceptions,
            rules: self.set(&written.rules, name),
            referrals: self.set(&written.referral_marketing, name),
            raw: self.list(&written.raw_rules),
            redirections: self.list(&written.redirections),
        };
        Some((written.url_pattern, provider))
    }

    /// Compiles patterns that are looked for together, but for those that cannot be.
    fn set(&mut self, patterns: &[String], shape: Shape) -> RegexSet {
        // One by one they take several times as long to compile: only where something is wrong.
        if let Some(set) = set(patterns, shape) {
            return set;
        }
        let good: Vec<String> = patterns
            .iter()
            .filter(|pattern| self.is_good(pattern, shape))
            .cloned()
            .collect();
        set(&good, shape).unwrap_or_else(|| {
            self.left_out.extend(good);
            RegexSet::empty()
        })
    }

    /// Compiles patterns that are looked for one by one, but for those that cannot be.
    fn list(&mut self, patterns: &[String]) -> Vec<Regex> {
        let good = patterns.iter().filter(|it| self.is_good(it, place));
        let good: Vec<&String> = good.collect();
        good.into_iter()
            .filter_map(|it| single(&place(it)))
            .collect()
    }

    /// Tells whether a pattern can be compiled, and remembers it otherwise.
    pub(super) fn is_good(&mut self, pattern: &str, shape: Shape) -> bool {
        let is_good = single(&shape(pattern)).is_some();
        if !is_good {
            self.left_out.push(pattern.to_owned());
        }
        is_good
    }
}

/// Compiles one expression as the format means it; addresses are ASCII.
fn single(expression: &str) -> Option<Regex> {
    RegexBuilder::new(expression)
        .case_insensitive(true)
        .unicode(false)
        .size_limit(PATTERN_BYTES)
        .dfa_size_limit(MEMORY_BYTES)
        .build()
        .ok()
}

/// Compiles patterns that are looked for together, in the same way.
pub(super) fn set(patterns: &[String], shape: Shape) -> Option<RegexSet> {
    RegexSetBuilder::new(patterns.iter().map(|pattern| shape(pattern)))
        .case_insensitive(true)
        .unicode(false)
        .size_limit(SET_BYTES)
        .dfa_size_limit(MEMORY_BYTES)
        .build()
        .ok()
}
