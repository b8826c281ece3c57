//! What stands under a name much like the right one. It is reported, and read all the same, lest what is wrong in it comes to
//! light once that is mended, or what refers to it is said to refer to nothing.

use super::{Item, Table, item};
use crate::config::edit::are_tables;
use crate::config::names::similar;
use crate::config::reading::Reading;
use crate::config::schema::is_key;
use crate::config::synonyms::meant;
use std::borrow::Cow;
use toml::Spanned;

impl<'a> Table<'a> {
    /// Tells whether a key is there that nobody knows and that is much like this one, or that others call so.
    pub(in crate::config) fn has_similar(&self, key: &str) -> bool {
        self.similar_to(key).is_some()
    }

    fn similar_to(&self, key: &str) -> Option<&str> {
        let names = self.entries.keys().map(|name| name.get_ref().as_ref());
        let mut unknown = names.filter(|name| !self.known.contains(name));
        unknown.find(|name| {
            let is_like = !is_key(name) && similar(name, &[key]).is_some();
            is_like || meant(name, &[key]).is_some()
        })
    }

    /// Puts a value under a key that is not there, where it stands under a name much like it; the name is reported.
    pub(in crate::config) fn mend(&mut self, key: &'static str, reading: &mut Reading<'_>) {
        if self.has(key) {
            return;
        }
        let Some(name) = self.similar_to(key).map(str::to_owned) else {
            return;
        };
        let Some((name, value)) = self.entries.remove_entry(name.as_str()) else {
            return;
        };
        self.report_unknown(&name, &[key], reading);
        let key = Spanned::new(name.span(), Cow::Borrowed(key));
        self.entries.insert(key, value);
    }

    /// Takes the tables that stand under the plural of a key that is not there: `[[feeds]]`; the plural is reported.
    pub(super) fn misnamed(&mut self, key: &str, reading: &mut Reading<'_>) -> Option<Item<'a>> {
        let plural = format!("{key}s");
        let value = self.entries.get(plural.as_str())?;
        if !are_tables(value.get_ref()) {
            return None;
        }
        let (name, value) = self.entries.remove_entry(plural.as_str())?;
        self.report_unknown(&name, &[key], reading);
        Some(item(name, value))
    }
}
