//! `[[url-rule]]` and `[links]`: what names an article in an address, and what only tells how a reader came.

use super::names::{Taken, shown};
use super::problem::{Code, Fault};
use super::reading::{Reading, Text};
use super::table::{Table, strings, understood};
use crate::normalize::{RuleFile, SiteRule, UrlRules, named_site};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;
use toml::de::DeValue;

/// The file that `ClearURLs` gives out has a tenth of a mebibyte; a device or a log by mistake has more.
const LARGEST_FILE: u64 = 4 * 1024 * 1024;

/// Reads both, or returns what holds without them.
pub(super) fn read<'a>(root: &mut Table<'a>, reading: &mut Reading<'a>) -> UrlRules {
    let mut sites = BTreeMap::new();
    let mut hosts = Taken::default();
    let mut tables = root.tables("url-rule", reading);
    while let Some(mut table) = tables.next(reading) {
        sites.extend(rule(&mut table, &mut hosts, reading));
        table.finish(reading);
    }
    let file = root.table("links", reading).and_then(|mut table| {
        let path = table.string("url-rules-file", "/etc/merganser/rules.json", reading);
        table.finish(reading);
        file(&path?, reading)
    });
    UrlRules::new(sites, file)
}

/// Reads one rule, with the host that it is for.
fn rule<'a>(
    table: &mut Table<'a>,
    hosts: &mut Taken,
    reading: &mut Reading<'a>,
) -> Option<(String, SiteRule)> {
    table.require(
        "host",
        "write the site that it is for: `host = \"example.org\"`",
        reading,
    );
    let host = table.parse("host", "example.org", reading, host);
    if !table.has("drop") && !table.has("keep") {
        let message = "neither `drop` nor `keep` is in `[[url-rule]]`";
        let help = "write `drop = [\"ref_*\"]`, or remove the rule: it says nothing";
        reading.report(
            table.span.clone(),
            Fault::new(Code::MissingKey, message, help),
        );
    }
    let drop = parameters(table, "drop", reading);
    let keep = parameters(table, "keep", reading);
    report_contradictions(&drop, &keep, reading);
    let (place, host) = host.map(|host| (host.span(), host.into_inner()))?;
    if let Some(first) = hosts.take(&host, &place) {
        let message = format!("two rules are for `{}`", shown(&host));
        let help = "write all that holds there in one of them";
        let fault = Fault::new(Code::DuplicateHost, message, help);
        reading.report_with(place, fault, first, "the first is here");
        return None;
    }
    let names = |list: Vec<Spanned<String>>| list.into_iter().map(Spanned::into_inner).collect();
    let rule = SiteRule {
        drop: names(drop),
        keep: names(keep),
    };
    Some((host, rule))
}

/// Reads a list of names of parameters.
fn parameters<'a>(
    table: &mut Table<'a>,
    key: &'static str,
    reading: &mut Reading<'a>,
) -> Vec<Spanned<String>> {
    let Some(item) = table.take(key) else {
        return Vec::new();
    };
    if matches!(&item.value, DeValue::Array(elements) if elements.is_empty()) {
        let help = format!("write `{key} = [\"ref_*\"]`, or leave the key out");
        let fault = Fault::new(Code::BadValue, "an empty list says nothing", help);
        reading.report(item.span.clone(), fault);
    }
    let names = strings(item, "ref_*", reading).unwrap_or_default();
    let names = names.iter();
    names
        .filter_map(|name| understood(name, parameter, reading))
        .collect()
}

/// Reports names that are both dropped and kept. Patterns may overlap: what is kept is kept.
fn report_contradictions(
    drop: &[Spanned<String>],
    keep: &[Spanned<String>],
    reading: &mut Reading<'_>,
) {
    let dropped: BTreeMap<&str, Range<usize>> = drop
        .iter()
        .map(|name| (name.get_ref().as_str(), name.span()))
        .collect();
    for name in keep {
        let Some(place) = dropped.get(name.get_ref().as_str()) else {
            continue;
        };
        let message = format!("`{}` is both dropped and kept", shown(name.get_ref()));
        let fault = Fault::new(Code::BadValue, message, "remove it from one of the lists");
        reading.report_with(name.span(), fault, place.clone(), "it is dropped here");
    }
}

/// Reads the host of a site.
fn host(text: &str) -> Result<String, Fault> {
    named_site(text).ok_or_else(|| {
        let message = format!("`{}` is no host of a site", shown(text));
        let help = "write the host alone: `example.org`; those below it are meant too";
        Fault::new(Code::BadValue, message, help)
    })
}

/// Reads the name of a parameter as it stands in addresses, in lower case; `*` at its end is anything.
fn parameter(text: &str) -> Result<String, Fault> {
    let name = text.strip_suffix('*').unwrap_or(text);
    let valid = |c: char| c.is_ascii_graphic() && !matches!(c, '*' | '&' | ';' | '=' | '?' | '#');
    if !text.is_empty() && name.chars().all(valid) {
        return Ok(text.to_ascii_lowercase());
    }
    let message = format!("`{}` is no name of a parameter", shown(text));
    let help = "write it as it stands before the `=`; `*` may be its end: `ref_*`";
    Err(Fault::new(Code::BadValue, message, help))
}

/// Reads the file of rules that is named.
fn file(path: &Text<'_>, reading: &mut Reading<'_>) -> Option<RuleFile> {
    let named = shown(&path.value);
    let mut report = |code, message: String, help: &str| {
        reading.report(path.span.clone(), Fault::new(code, message, help));
    };
    let path = Path::new(path.value.as_ref());
    if !path.is_absolute() {
        let help = "write the whole path: `/etc/merganser/rules.json`";
        report(Code::BadValue, format!("`{named}` is no whole path"), help);
        return None;
    }
    let rules = match super::file::text(path, LARGEST_FILE) {
        Ok(text) => RuleFile::read(&text).map_err(|error| format!("`{named}` {error}")),
        Err(error) => Err(format!("`{named}` {error}")),
    };
    let rules = rules.map_err(|message| {
        let help = "write the path of a file that ClearURLs gives out (`data.min.json`), or of one like it";
        report(Code::BadRules, message, help);
    });
    let rules = rules.ok()?;
    if let Some(first) = rules.left_out().first() {
        let (count, all) = (rules.left_out().len(), rules.patterns());
        let message = format!("{count} of the {all} patterns in `{named}` are left out");
        let help = format!(
            "look-around, back-references and very large patterns cannot be used; the first is `{}`",
            shown(first)
        );
        report(Code::RulesLeftOut, message, &help);
    }
    Some(rules)
}
