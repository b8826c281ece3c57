//! Which of the many entries that carry one key are looked at.
//!
//! A feed whose every title is "Morning briefing" must not make each poll look at all of them. Nor may it, nor a
//! feed that names an address of another's in entry after entry, be all that is seen of the key: what the
//! feed at hand has itself is looked for apart, and of the others each has its turn before one has a second.

use super::rows::key_code;
use crate::model::{FeedId, Key};
use rusqlite::{Connection, Result};
use std::collections::{BTreeMap, BTreeSet};

/// Holders that are walked over, the newest and the oldest: what was there before a crowd came, and the last part
/// of a series. Each is a row of an index and one of the table.
const NEWEST: i64 = 192;
const OLDEST: i64 = 64;

/// Of these, entries of the feed at hand that dedupe is asked about, the newest first: as many as it had when
/// there was no crowd.
const OWN: usize = 8;

/// And entries of others.
const OTHERS: usize = 8;

/// Who carries a key.
pub(super) const CROWD: &str = "
    SELECT n.entry, f.name, e.article FROM (
        SELECT * FROM (SELECT entry FROM keys WHERE kind = ?1 AND digest = ?2
            ORDER BY entry DESC LIMIT ?3)
        UNION
        SELECT * FROM (SELECT entry FROM keys WHERE kind = ?1 AND digest = ?2
            ORDER BY entry LIMIT ?4)
    ) AS n
    CROSS JOIN entries AS e ON e.id = n.entry
    CROSS JOIN feeds AS f ON f.id = e.feed";

/// A holder: its number, its feed, and its article if it has one.
type Holder = (i64, String, Option<i64>);

/// Returns the numbers of those holders of a key that an entry of this feed is compared with, the newest first.
pub(super) fn choose(connection: &Connection, feed: &FeedId, key: Key) -> Result<Vec<i64>> {
    let mut crowd: Vec<Holder> = connection
        .prepare_cached(CROWD)?
        .query_map((key_code(key.kind), key.digest, NEWEST, OLDEST), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<Result<_>>()?;
    crowd.sort_by_key(|(number, _, _)| std::cmp::Reverse(*number));
    Ok(chosen(crowd, feed.as_str()))
}

/// Chooses among holders, the newest of which come first.
fn chosen(crowd: Vec<Holder>, feed: &str) -> Vec<i64> {
    let (own, others): (Vec<_>, Vec<_>) = crowd.into_iter().partition(|(_, of, _)| of == feed);
    let own = own.into_iter().map(|(number, _, _)| number).take(OWN);
    let mut chosen: Vec<i64> = own.chain(in_turns(others)).collect();
    chosen.sort_unstable_by(|one, other| other.cmp(one));
    chosen
}

/// Returns one holder of each feed, then a second of each, and so on: of a feed one in each article.
fn in_turns(others: Vec<Holder>) -> impl Iterator<Item = i64> {
    let (mut seen, mut turns) = (BTreeSet::new(), BTreeMap::<String, usize>::new());
    let mut by_turn = Vec::new();
    for (number, feed, article) in others {
        if article.is_some_and(|article| !seen.insert((article, feed.clone()))) {
            continue;
        }
        let turn = turns.entry(feed).or_default();
        by_turn.push((*turn, number));
        *turn += 1;
    }
    by_turn.sort_by_key(|(turn, number)| (*turn, std::cmp::Reverse(*number)));
    by_turn.into_iter().map(|(_, number)| number).take(OTHERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_feed_has_its_turn() {
        let holder = |number: i64, feed: &str, article| (number, feed.to_owned(), article);
        // From the newest: a flood of `d`, a copy in one article of two others, and what came first.
        let mut crowd: Vec<_> = (60..160)
            .rev()
            .map(|it| holder(it, "d", Some(it)))
            .collect();
        crowd.extend((40..60).rev().map(|it| holder(it, "a", Some(it))));
        crowd.extend([
            holder(9, "b", Some(3)),
            holder(8, "b", Some(3)),
            holder(7, "c", None),
            holder(6, "c", None),
            holder(5, "a", Some(1)),
        ]);
        let own: Vec<i64> = (52..60).rev().collect();
        let of_d: Vec<i64> = (155..160).rev().collect();
        let expected = [of_d, own, vec![9, 7, 6]].concat();
        assert_eq!(chosen(crowd.clone(), "a"), expected);
        // Whoever asks, what was there first is among them.
        assert!(chosen(crowd, "b").contains(&7));
        assert!(chosen(Vec::new(), "a").is_empty());
    }
}
