//! Takes the keys out of one TOML table, and says which are wrong, which lack and which nobody wants.
//!
//! A key is known because some section asked for it: there is no second list of keys that could
//! disagree. What is wrong is reported and read as absent, so that one walk finds every problem.

mod misnamed;

use super::edit::are_tables;
use super::names::{named_within, shown, similar};
use super::problem::{Code, Fault};
use super::reading::{Reading, Text};
use super::schema::tables_with;
use super::secrets::hide;
use super::synonyms;
use super::syntax::LISTS;
use std::borrow::Cow;
use std::ops::{Range, RangeInclusive};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A key with its value.
pub(super) struct Item<'a> {
    pub(super) key: String,
    pub(super) key_span: Range<usize>,
    pub(super) value: DeValue<'a>,
    pub(super) span: Range<usize>,
}

/// One table of the file, from which its reader takes what it knows.
pub(super) struct Table<'a> {
    /// What messages call it: `[server]`; empty for the file as a whole.
    name: String,
    /// Its header, or all of an inline table.
    pub(super) span: Range<usize>,
    entries: DeTable<'a>,
    /// What was asked for.
    known: Vec<&'static str>,
}

impl<'a> Table<'a> {
    /// Wraps a table; the file as a whole has no name.
    pub(super) fn new(name: impl Into<String>, span: Range<usize>, entries: DeTable<'a>) -> Self {
        Self {
            name: name.into(),
            span,
            entries,
            known: Vec::new(),
        }
    }

    /// Reads an item as a table with a header of its own.
    pub(super) fn of(name: &str, item: Item<'a>, reading: &mut Reading<'_>) -> Option<Self> {
        let help = format!("write `{name}` on a line of its own, and its keys below");
        Self::inline(name, &help, item, reading)
    }

    /// Reads an item as a table that may stand on one line.
    pub(super) fn inline(
        name: &str,
        help: &str,
        item: Item<'a>,
        reading: &mut Reading<'_>,
    ) -> Option<Self> {
        match item.value {
            DeValue::Table(entries) => Some(Self::new(name, item.span, entries)),
            other => {
                reading.report(item.span, wrong_type(&item.key, "a table", &other, help));
                None
            }
        }
    }

    /// Takes whatever a key holds.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Item<'a>> {
        self.known.push(key);
        #[cfg(test)]
        note(&self.name, key);
        let (name, value) = self.entries.remove_entry(key)?;
        Some(item(name, value))
    }

    /// Tells whether a key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Tells whether a key is there, and reports when it is not; one that is there under a name much like it
    /// is not missing, but reported as unknown.
    pub(super) fn require(&self, key: &str, help: &str, reading: &mut Reading<'_>) -> bool {
        let there = self.has(key);
        if !there && !self.has_similar(key) {
            let message = format!("`{key}` is missing in `{}`", self.name);
            reading.report(
                self.span.clone(),
                Fault::new(Code::MissingKey, message, help),
            );
        }
        there
    }

    /// Reads a string. `example` is what a right one looks like.
    pub(super) fn string(
        &mut self,
        key: &'static str,
        example: &str,
        reading: &mut Reading<'a>,
    ) -> Option<Text<'a>> {
        let item = self.take(key)?;
        string(item, &format!("write `{key} = \"{example}\"`"), reading)
    }

    /// Reads a string and what it says.
    pub(super) fn parse<T>(
        &mut self,
        key: &'static str,
        example: &str,
        reading: &mut Reading<'a>,
        read: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<Spanned<T>> {
        let text = self.string(key, example, reading)?;
        understood(&text, read, reading)
    }

    /// Reads a whole number in a range.
    pub(super) fn integer(
        &mut self,
        key: &'static str,
        range: RangeInclusive<u64>,
        reading: &mut Reading<'_>,
    ) -> Option<u64> {
        let item = self.take(key)?;
        let help = match &item.value {
            DeValue::String(text) if is_number(text) => {
                format!("write it without quotes: `{key} = {text}`")
            }
            _ => format!(
                "write a whole number from {} to {}",
                range.start(),
                range.end()
            ),
        };
        let DeValue::Integer(digits) = &item.value else {
            reading.report(
                item.span,
                wrong_type(key, "a whole number", &item.value, &help),
            );
            return None;
        };
        let number = u64::from_str_radix(digits.as_str(), digits.radix()).ok();
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let message = format!("`{key}` is out of range");
            reading.report(item.span, Fault::new(Code::BadValue, message, help));
        }
        number
    }

    /// Reads a number, with or without a fraction, that is not negative.
    pub(super) fn number(
        &mut self,
        key: &'static str,
        most: f64,
        reading: &mut Reading<'_>,
    ) -> Option<f64> {
        let item = self.take(key)?;
        let help = format!("write `{key} = 1.5`");
        let digits = match &item.value {
            DeValue::Integer(digits) if digits.radix() == 10 => digits.as_str(),
            DeValue::Float(digits) => digits.as_str(),
            other => {
                reading.report(item.span, wrong_type(key, "a number", other, &help));
                return None;
            }
        };
        let number = digits.parse().ok();
        let number = number.filter(|number: &f64| (0.0..=most).contains(number));
        if number.is_none() {
            let message = format!("`{key}` is out of range");
            reading.report(item.span, Fault::new(Code::BadValue, message, help));
        }
        number
    }

    /// Reads `true` or `false`.
    pub(super) fn boolean(&mut self, key: &'static str, reading: &mut Reading<'_>) -> Option<bool> {
        self.flag(key, reading).map(|(_, value)| value)
    }

    /// Reads `true` or `false` with its place.
    pub(super) fn flag(
        &mut self,
        key: &'static str,
        reading: &mut Reading<'_>,
    ) -> Option<(Range<usize>, bool)> {
        let item = self.take(key)?;
        if let DeValue::Boolean(value) = item.value {
            return Some((item.span, value));
        }
        let help = format!("write `{key} = true` or `{key} = false`");
        reading.report(
            item.span,
            wrong_type(key, "true or false", &item.value, &help),
        );
        None
    }

    /// Reads an array of strings.
    pub(super) fn strings(
        &mut self,
        key: &'static str,
        example: &str,
        reading: &mut Reading<'a>,
    ) -> Option<Vec<Text<'a>>> {
        let item = self.take(key)?;
        strings(item, example, reading)
    }

    /// Takes a table: `[key]`.
    pub(super) fn table(&mut self, key: &'static str, reading: &mut Reading<'_>) -> Option<Self> {
        let item = self.take(key)?;
        Self::of(&format!("[{key}]"), item, reading)
    }

    /// Takes an array of tables: `[[key]]`.
    pub(super) fn tables(&mut self, key: &'static str, reading: &mut Reading<'_>) -> Tables<'a> {
        self.tables_of(key, key, reading)
    }

    /// Takes an array of tables that stands in another: `[[path]]`, where `path` ends with the key.
    pub(super) fn tables_of(
        &mut self,
        key: &'static str,
        path: &'static str,
        reading: &mut Reading<'_>,
    ) -> Tables<'a> {
        let mut tables = Tables {
            path,
            elements: Vec::new().into_iter(),
        };
        let list = self.take(key).or_else(|| self.misnamed(key, reading));
        let Some(list) = list else {
            return tables;
        };
        let name = tables.name();
        let help = match &list.value {
            DeValue::Table(_) => format!("write `{name}`: there may be many"),
            _ => format!("write `{name}` on a line of its own, and the keys of one below"),
        };
        match list.value {
            DeValue::Array(elements) => {
                let elements: Vec<_> = elements.into_iter().collect();
                tables.elements = elements.into_iter();
            }
            other => {
                let fault = wrong_type(key, "an array of tables", &other, &help);
                reading.report(list.span, fault);
            }
        }
        tables
    }

    /// Takes all that is left, in the order of the file: for tables whose keys are the operator's.
    pub(super) fn rest(self) -> Vec<Item<'a>> {
        let mut items: Vec<_> = self.entries.into_iter().map(|(k, v)| item(k, v)).collect();
        items.sort_by_key(|item| item.key_span.start);
        items
    }

    /// Hides what nobody asked for, where that is likely to be a secret under a wrong key (S7).
    pub(super) fn hide_rest(&self, reading: &mut Reading<'a>) {
        for value in self.entries.values() {
            hide(value.get_ref(), &value.span(), reading);
        }
    }

    /// Reports what nobody asked for.
    pub(super) fn finish(self, reading: &mut Reading<'_>) {
        for key in self.entries.keys() {
            self.report_unknown(key, &self.known, reading);
        }
    }

    /// Reports a key that nobody knows, with what is meant of those that there are.
    fn report_unknown(
        &self,
        key: &Spanned<Cow<'_, str>>,
        known: &[&str],
        reading: &mut Reading<'_>,
    ) {
        let tables = tables_with(key.get_ref());
        let message = match self.name.as_str() {
            "" if tables.is_empty() => {
                format!("`{}` is no part of feeds.toml", shown(key.get_ref()))
            }
            "" => format!("`{}` stands in no table", shown(key.get_ref())),
            name => format!("no key `{}` in `{name}`", shown(key.get_ref())),
        };
        let value = self.entries.get(key.get_ref().as_ref());
        let table = value.filter(|it| it.get_ref().is_table());
        let named = table.and_then(|_| named_within(&self.name, key.get_ref()));
        let is_list = value.is_some_and(|value| !are_tables(value.get_ref()));
        let near = similar(key.get_ref(), known).map(|near| {
            if is_list && self.name.is_empty() && LISTS.contains(&near) {
                return format!("write `[[{near}]]` on a line of its own, and its keys below");
            }
            format!("did you mean `{near}`?")
        });
        let meant = synonyms::help(key.get_ref(), known).or(near);
        let help = match meant.or_else(|| named.filter(|_| tables.is_empty())) {
            Some(help) => help,
            None if tables.is_empty() => reading.suggestion(key.get_ref(), known.iter().copied()),
            None => format!("it is a key of `{}`", tables.join("`, `")),
        };
        reading.report(key.span(), Fault::new(Code::UnknownKey, message, help));
    }
}

#[cfg(test)]
type Asked = std::collections::BTreeMap<String, std::collections::BTreeSet<&'static str>>;

#[cfg(test)]
std::thread_local! {
    static ASKED: std::cell::RefCell<Option<Asked>> = const { std::cell::RefCell::new(None) };
}

/// Returns what is asked for while `read` reads a file, by the names of the tables.
#[cfg(test)]
pub(super) fn asked_for(read: impl FnOnce()) -> Asked {
    ASKED.set(Some(Asked::new()));
    read();
    ASKED.take().unwrap_or_default()
}

#[cfg(test)]
fn note(table: &str, key: &'static str) {
    ASKED.with_borrow_mut(|asked| {
        if let Some(asked) = asked {
            asked.entry(table.to_owned()).or_default().insert(key);
        }
    });
}

fn item<'a>(key: Spanned<Cow<'a, str>>, value: Spanned<DeValue<'a>>) -> Item<'a> {
    Item {
        key_span: key.span(),
        key: key.into_inner().into_owned(),
        span: value.span(),
        value: value.into_inner(),
    }
}

/// The tables of an array, each of which is let go before the next: a file may have a hundred thousand.
pub(super) struct Tables<'a> {
    path: &'static str,
    elements: std::vec::IntoIter<Spanned<DeValue<'a>>>,
}

impl<'a> Tables<'a> {
    fn name(&self) -> String {
        format!("[[{}]]", self.path)
    }

    /// Tells how many there are, with those that are no tables.
    pub(super) fn len(&self) -> usize {
        self.elements.len()
    }

    /// Tells whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes the next; what is no table is reported.
    pub(super) fn next(&mut self, reading: &mut Reading<'_>) -> Option<Table<'a>> {
        loop {
            let element = element(self.path, self.elements.next()?);
            if let Some(table) = Table::of(&self.name(), element, reading) {
                return Some(table);
            }
        }
    }
}

/// Makes an item of an array's element, which has the array's name.
fn element<'a>(key: &str, value: Spanned<DeValue<'a>>) -> Item<'a> {
    Item {
        key: key.to_owned(),
        key_span: value.span(),
        span: value.span(),
        value: value.into_inner(),
    }
}

/// Reads an item as a string.
pub(super) fn string<'a>(
    item: Item<'a>,
    help: &str,
    reading: &mut Reading<'a>,
) -> Option<Text<'a>> {
    match item.value {
        DeValue::String(value) => Some(reading.text(value, item.span)),
        other => {
            let query = synonyms::one_query(&item.key, &other);
            let help = query.as_deref().unwrap_or(help);
            reading.report(item.span, wrong_type(&item.key, "a string", &other, help));
            None
        }
    }
}

/// Reads an item as an array of strings; elements of other types are reported and left out.
pub(super) fn strings<'a>(
    item: Item<'a>,
    example: &str,
    reading: &mut Reading<'a>,
) -> Option<Vec<Text<'a>>> {
    // One string alone is nearly always the one element that was meant.
    let example = match &item.value {
        DeValue::String(value) if !value.contains(['"', '\\']) => shown(value),
        _ => example.to_owned(),
    };
    let help = format!("write `{} = [\"{example}\"]`", shown(&item.key));
    let DeValue::Array(elements) = item.value else {
        let fault = wrong_type(&item.key, "an array of strings", &item.value, &help);
        reading.report(item.span, fault);
        return None;
    };
    let elements = elements.into_iter().map(|value| element(&item.key, value));
    Some(
        elements
            .filter_map(|element| string(element, &help, reading))
            .collect(),
    )
}

/// Applies a value's grammar to a string and reports what it finds wrong.
pub(super) fn understood<T>(
    text: &Text<'_>,
    read: impl FnOnce(&str) -> Result<T, Fault>,
    reading: &mut Reading<'_>,
) -> Option<Spanned<T>> {
    match read(&text.value) {
        Ok(value) => Some(Spanned::new(text.span.clone(), value)),
        Err(fault) => {
            reading.report(text.place(&fault), fault);
            None
        }
    }
}

/// Reports a key that is no name as `read` knows them, where the keys are the operator's to choose.
pub(super) fn understood_key(
    item: &Item<'_>,
    read: impl FnOnce(&str) -> Result<String, Fault>,
    reading: &mut Reading<'_>,
) {
    let text = reading.text(Cow::Owned(item.key.clone()), item.key_span.clone());
    understood(&text, read, reading);
}

/// Tells whether a text is a whole number of an amount that people write.
fn is_number(text: &str) -> bool {
    const MOST_DIGITS: usize = 12;
    (1..=MOST_DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn wrong_type(key: &str, wanted: &str, found: &DeValue<'_>, help: &str) -> Fault {
    let found = match found {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    };
    let message = format!("`{}` must be {wanted}, this is {found}", shown(key));
    Fault::new(Code::WrongType, message, help)
}
