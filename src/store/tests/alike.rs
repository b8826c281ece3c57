//! Articles that are read together are read as each is alone: checked of every scene when its test ends.

use super::*;
use crate::model::Article;
use crate::store::openly::Audience;
use crate::store::{Openly, articles};
use std::collections::BTreeMap;

/// Articles that are compared: more than an output lists, and few enough for the largest scenes.
const COMPARED: usize = 300;

/// Labels for which that is done.
const LABELS: usize = 3;

/// Compares both ways, for whom may know all and for everybody, with a label and without.
#[track_caller]
pub(super) fn check(connection: &Connection) {
    let numbers: Vec<i64> = connection
        .prepare("SELECT id FROM articles ORDER BY id DESC LIMIT ?1")
        .unwrap()
        .query_map([i64::try_from(COMPARED).unwrap()], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let labels: Vec<(String, String)> = connection
        .prepare("SELECT label, stored_as FROM rules ORDER BY label LIMIT ?1")
        .unwrap()
        .query_map([i64::try_from(LABELS).unwrap()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let of = |selection, min_sources| {
        let output = Output {
            min_sources,
            ..Output::new("x", "X", selection)
        };
        Some(Openly::of(&mut [output].iter()))
    };
    let names = labels.iter().map(|(_, name)| Some(name.as_str()));
    let names: Vec<Option<&str>> = names.chain([None]).collect();
    let everybody = labels
        .iter()
        .flat_map(|(label, _)| [1, 2].map(|least| of(Selection::Label(label.clone()), least)));
    for openly in everybody.chain([None, of(Selection::All, 2)]) {
        for label in &names {
            compare(connection, (&numbers, *label), openly.as_ref());
        }
    }
}

#[track_caller]
fn compare(
    connection: &Connection,
    (numbers, label): (&[i64], Option<&str>),
    openly: Option<&Openly>,
) {
    let audience = || Audience::new(openly);
    let alone = numbers.iter().map(|number| {
        let read = articles::one(connection, (*number, label), &audience());
        read.map(|article| article.map(|it| (*number, it)))
    });
    let alone: rusqlite::Result<Vec<Option<(i64, Article)>>> = alone.collect();
    let together = articles::many(connection, (numbers, label), &audience());
    let Ok(alone) = alone else {
        assert!(together.is_err(), "{label:?} {openly:?}");
        return;
    };
    let alone: BTreeMap<i64, Article> = alone.into_iter().flatten().collect();
    assert_eq!(together.unwrap(), alone, "{label:?} {openly:?}");
}
