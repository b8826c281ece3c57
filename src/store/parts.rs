//! The lists and small structures of the model as JSON columns.
//!
//! The forms here are the format of the database: renaming a field of the model must not change it, so
//! they are written out instead of derived there. Members without a value are left out.

use crate::model::{Category, Enclosure, FeedProfile, Person, Source};
use crate::text::has_secret_query;
use jiff::Timestamp;
use rusqlite::RowIndex;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Writes a value as JSON.
pub(super) fn json<T: Serialize>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

/// Writes a list as JSON, each item in the form of the database.
pub(super) fn list<'a, T, F>(items: &'a [T]) -> rusqlite::Result<Cow<'static, str>>
where
    F: From<&'a T> + Serialize,
{
    if items.is_empty() {
        return Ok(Cow::Borrowed("[]"));
    }
    json(&items.iter().map(F::from).collect::<Vec<_>>()).map(Cow::Owned)
}

/// A column that holds JSON.
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?)
            .map(Self)
            .map_err(FromSqlError::other)
    }
}

/// Reads a list whose items have a form of their own; most are empty.
pub(super) fn items<F, T>(
    row: &rusqlite::Row<'_>,
    column: impl RowIndex + Copy,
) -> rusqlite::Result<Vec<T>>
where
    F: DeserializeOwned,
    T: From<F>,
{
    if row.get_ref(column)?.as_str().is_ok_and(|text| text == "[]") {
        return Ok(Vec::new());
    }
    let forms: Json<Vec<F>> = row.get(column)?;
    Ok(forms.0.into_iter().map(T::from).collect())
}

/// A text that may be missing.
pub(super) type Text<'a> = Option<Cow<'a, str>>;

/// Borrows a text that may be missing.
pub(super) fn text(text: Option<&String>) -> Text<'_> {
    text.map(|text| Cow::Borrowed(text.as_str()))
}

/// Takes a text that may be missing.
pub(super) fn owned(text: Text<'_>) -> Option<String> {
    text.map(Cow::into_owned)
}

/// An instant in a JSON column, as in all others.
pub(super) fn milliseconds(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_millisecond)
}

/// Reads it back; one out of range is none.
pub(super) fn instant(milliseconds: Option<i64>) -> Option<Timestamp> {
    milliseconds.and_then(|at| Timestamp::from_millisecond(at).ok())
}

/// [`Person`] in the database.
#[derive(Serialize, Deserialize)]
pub(super) struct PersonForm<'a> {
    name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    email: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    url: Text<'a>,
}

impl<'a> From<&'a Person> for PersonForm<'a> {
    fn from(person: &'a Person) -> Self {
        Self {
            name: Cow::Borrowed(&person.name),
            email: text(person.email.as_ref()),
            url: text(person.url.as_ref()),
        }
    }
}

impl From<PersonForm<'_>> for Person {
    fn from(form: PersonForm<'_>) -> Self {
        Self {
            name: form.name.into_owned(),
            email: owned(form.email),
            url: owned(form.url),
        }
    }
}

/// [`Category`] in the database.
#[derive(Serialize, Deserialize)]
pub(super) struct CategoryForm<'a> {
    term: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    scheme: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    label: Text<'a>,
}

impl<'a> From<&'a Category> for CategoryForm<'a> {
    fn from(category: &'a Category) -> Self {
        Self {
            term: Cow::Borrowed(&category.term),
            scheme: text(category.scheme.as_ref()),
            label: text(category.label.as_ref()),
        }
    }
}

impl From<CategoryForm<'_>> for Category {
    fn from(form: CategoryForm<'_>) -> Self {
        Self {
            term: form.term.into_owned(),
            scheme: owned(form.scheme),
            label: owned(form.label),
        }
    }
}

/// [`Enclosure`] in the database.
#[derive(Serialize, Deserialize)]
pub(super) struct EnclosureForm<'a> {
    url: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    media_type: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    length: Option<u64>,
}

impl<'a> From<&'a Enclosure> for EnclosureForm<'a> {
    fn from(enclosure: &'a Enclosure) -> Self {
        Self {
            url: Cow::Borrowed(&enclosure.url),
            media_type: text(enclosure.media_type.as_ref()),
            length: enclosure.length,
        }
    }
}

impl From<EnclosureForm<'_>> for Enclosure {
    fn from(form: EnclosureForm<'_>) -> Self {
        Self {
            url: form.url.into_owned(),
            media_type: owned(form.media_type),
            length: form.length,
        }
    }
}

/// [`Source`] in the database.
#[derive(Serialize, Deserialize)]
pub(super) struct SourceForm<'a> {
    id: Cow<'a, str>,
    title: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    home_url: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    self_url: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    updated_at: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    authors: Vec<PersonForm<'a>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    rights: Text<'a>,
}

impl<'a> From<&'a Source> for SourceForm<'a> {
    fn from(source: &'a Source) -> Self {
        Self {
            id: Cow::Borrowed(&source.id),
            title: Cow::Borrowed(&source.title),
            home_url: text(source.home_url.as_ref()),
            self_url: text(source.self_url.as_ref()),
            updated_at: milliseconds(source.updated_at),
            authors: source.authors.iter().map(PersonForm::from).collect(),
            rights: text(source.rights.as_ref()),
        }
    }
}

impl From<SourceForm<'_>> for Source {
    fn from(form: SourceForm<'_>) -> Self {
        Self {
            id: form.id.into_owned(),
            title: form.title.into_owned(),
            home_url: owned(form.home_url),
            self_url: owned(form.self_url),
            updated_at: instant(form.updated_at),
            authors: form.authors.into_iter().map(Person::from).collect(),
            rights: owned(form.rights),
        }
    }
}

/// [`FeedProfile`] in the database.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct ProfileForm<'a> {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    id: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    title: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    home_url: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    self_url: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    language: Text<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    authors: Vec<PersonForm<'a>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    rights: Text<'a>,
}

impl<'a> From<&'a FeedProfile> for ProfileForm<'a> {
    /// Leaves out an address with a secret in its query (S7): a feed that is given to subscribers alone
    /// names itself as it was asked for, and what is stored is published with each entry.
    fn from(profile: &'a FeedProfile) -> Self {
        let public = |address: &&String| !has_secret_query(address);
        Self {
            id: text(profile.id.as_ref().filter(public)),
            title: text(profile.title.as_ref()),
            home_url: text(profile.home_url.as_ref().filter(public)),
            self_url: text(profile.self_url.as_ref().filter(public)),
            language: text(profile.language.as_ref()),
            authors: profile.authors.iter().map(PersonForm::from).collect(),
            rights: text(profile.rights.as_ref()),
        }
    }
}

impl From<ProfileForm<'_>> for FeedProfile {
    fn from(form: ProfileForm<'_>) -> Self {
        Self {
            id: owned(form.id),
            title: owned(form.title),
            home_url: owned(form.home_url),
            self_url: owned(form.self_url),
            language: owned(form.language),
            authors: form.authors.into_iter().map(Person::from).collect(),
            rights: owned(form.rights),
            // Kept with each entry, as it was when the entry was stored.
            updated_at: None,
        }
    }
}
