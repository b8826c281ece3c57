//! What operators are told of how feeds and the daemon turned, so that a restart tells nothing twice.

use super::rows::At;
use super::{Store, StoreError};
use crate::model::{About, Transition, Turn};
use rusqlite::{Connection, Result, Row};

impl Store {
    /// Returns what was told, oldest first. What another version wrote and this one does not know is left out.
    pub fn transitions(&self) -> std::result::Result<Vec<Transition>, StoreError> {
        self.pool.read(read)
    }

    /// Remembers these in the place of all that was told.
    pub async fn set_transitions(
        &self,
        told: Vec<Transition>,
    ) -> std::result::Result<(), StoreError> {
        self.write(move |pen| write(pen.connection, &told)).await
    }
}

fn read(connection: &Connection) -> Result<Vec<Transition>> {
    let sql = "SELECT at, about, turn, what, detail FROM transitions ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], transition)?;
    rows.filter_map(Result::transpose).collect()
}

fn transition(row: &Row<'_>) -> Result<Option<Transition>> {
    let (about, name): (String, String) = (row.get("about")?, row.get("turn")?);
    let turn = Turn::ALL.into_iter().find(|turn| turn.name() == name);
    let (Some(about), Some(turn)) = (About::named(&about), turn) else {
        return Ok(None);
    };
    Ok(Some(Transition {
        at: row.get::<_, At>("at")?.0,
        about,
        turn,
        what: row.get("what")?,
        detail: row.get("detail")?,
    }))
}

fn write(connection: &Connection, told: &[Transition]) -> Result<()> {
    connection.execute("DELETE FROM transitions", [])?;
    let mut statement = connection.prepare_cached(
        "INSERT INTO transitions (at, about, turn, what, detail) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for it in told {
        let about = it.about.name();
        statement.execute((At(it.at), about, it.turn.name(), &it.what, &it.detail))?;
    }
    Ok(())
}
