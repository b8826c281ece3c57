//! What the last edit of an entry was, and whether readers were told: the reason for a date that moved, or did not.

use super::parts::{Json, json};
use crate::model::{Edit, LastEdit, Meaning, Telling};
use jiff::Timestamp;
use rusqlite::{Connection, Result, Row};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// An edit as the database has it: instants in milliseconds, what has no value left out.
#[derive(Debug, Serialize, Deserialize)]
struct Form<'a> {
    at: i64,
    title: bool,
    percent: u8,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    meaning: Option<Cow<'a, str>>,
    telling: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    until: Option<i64>,
}

impl From<&LastEdit> for Form<'static> {
    fn from(edit: &LastEdit) -> Self {
        Self {
            at: edit.at.as_millisecond(),
            title: edit.edit.title,
            percent: edit.edit.percent,
            meaning: edit.meaning.map(|meaning| meaning.name().into()),
            telling: edit.telling.name().into(),
            until: edit.telling.until().map(Timestamp::as_millisecond),
        }
    }
}

impl Form<'_> {
    /// Returns the edit; `None` for one that a newer version wrote.
    fn edit(&self) -> Option<LastEdit> {
        let instant = |ms| Timestamp::from_millisecond(ms).ok();
        let mut meanings = Meaning::ALL.into_iter();
        let named = |name: &Cow<'_, str>| meanings.find(|meaning| meaning.name() == name);
        Some(LastEdit {
            at: instant(self.at)?,
            edit: Edit {
                title: self.title,
                percent: self.percent,
            },
            meaning: self.meaning.as_ref().and_then(named),
            telling: Telling::named(&self.telling, self.until.and_then(instant))?,
        })
    }
}

/// Writes the last edit of an entry.
pub(super) fn write(connection: &Connection, entry: i64, edit: &LastEdit) -> Result<()> {
    connection
        .prepare_cached("UPDATE texts SET last_edit = ?2 WHERE entry = ?1")?
        .execute((entry, json(&Form::from(edit))?))?;
    Ok(())
}

/// Reads it from a row that has the column.
pub(super) fn of(row: &Row<'_>) -> Result<Option<LastEdit>> {
    let form: Option<Json<Form<'static>>> = row.get("last_edit")?;
    Ok(form.and_then(|form| form.0.edit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_is_read_as_it_was_written() {
        let at = Timestamp::from_millisecond(1_700_000_000_123).unwrap();
        let all = [
            Telling::Told,
            Telling::Same,
            Telling::Small,
            Telling::Cut,
            Telling::SaidBefore(Some(at)),
            Telling::SaidBefore(None),
            Telling::Runs,
            Telling::Held(at),
        ];
        let meanings = Meaning::ALL.into_iter().map(Some).chain([None]);
        for (telling, meaning) in all.into_iter().zip(meanings.cycle()) {
            let edit = LastEdit {
                at,
                edit: Edit {
                    title: meaning.is_none(),
                    percent: 7,
                },
                meaning,
                telling,
            };
            let written = json(&Form::from(&edit)).unwrap();
            let read: Form<'_> = serde_json::from_str(&written).unwrap();
            assert_eq!(read.edit(), Some(edit), "{written}");
        }
        let newer = r#"{"at": 1, "title": true, "percent": 3, "telling": "whispered"}"#;
        assert_eq!(
            serde_json::from_str::<Form<'_>>(newer).unwrap().edit(),
            None
        );
    }
}
