//! Whole stories in a plan: what topics take of them, and what rules find that ask for these topics.

use super::judge::Bench;
use super::plan::{Listed, Sets};
use crate::classify::takes_story;
use crate::model::Rules;
use crate::store::{Store, StoreError};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// An article and when it was published.
type Placed = (Timestamp, i64);

/// The topics that take an article with its story, by article.
type Taking = BTreeMap<Placed, Vec<String>>;

/// Enters what topics take with stories, on a side that was judged entry by entry. `stories` are those of the articles
/// that anything was found of.
pub(super) fn enter(
    store: &Store,
    (side, bench): (usize, &Bench),
    mut stories: BTreeMap<i64, i64>,
    sets: &mut Sets,
) -> Result<(), StoreError> {
    let rules = bench.rules();
    let sides = sets
        .iter()
        .filter_map(|(label, sets)| Some((label.clone(), sets.get(side)?.clone())));
    let mut own: BTreeMap<String, Listed> = sides.collect();
    let mut judged = Taking::new();
    // No rule rests on itself: each round settles one more of those that are asked for.
    for _ in 0..=rules.asked.len() {
        let taken = taken(store, rules, &stories, &own)?;
        for (label, taken) in &taken {
            let listed = sets.get_mut(label).and_then(|sets| sets.get_mut(side));
            let own = own.get(label).into_iter().flatten();
            if let Some(listed) = listed {
                *listed = own.chain(taken).copied().collect();
            }
        }
        let taking = taking(rules, &taken);
        if taking == judged {
            break;
        }
        judge_again(store, bench, (&judged, &taking), (&mut stories, &mut own))?;
        for (label, own) in own
            .iter()
            .filter(|(label, _)| !rules.pulls.contains_key(*label))
        {
            let listed = sets.get_mut(label).and_then(|sets| sets.get_mut(side));
            if let Some(listed) = listed {
                listed.clone_from(own);
            }
        }
        judged = taking;
    }
    Ok(())
}

/// Returns what topics take with stories beside what they have by itself.
fn taken(
    store: &Store,
    rules: &Rules,
    stories: &BTreeMap<i64, i64>,
    own: &BTreeMap<String, Listed>,
) -> Result<BTreeMap<String, Listed>, StoreError> {
    let mut taken = BTreeMap::new();
    for (label, scope) in &rules.pulls {
        let Some(own) = own.get(label) else {
            continue;
        };
        let mut members: BTreeMap<i64, u64> = BTreeMap::new();
        for story in own.iter().filter_map(|(_, article)| stories.get(article)) {
            *members.entry(*story).or_default() += 1;
        }
        // Of a story without enough members, all would be too few.
        members.retain(|_, members| takes_story(*members, *members));
        let mut of_label = Listed::new();
        for (story, members) in members {
            let (reports, held) = store.in_scope(story, scope)?;
            of_label.extend(held.into_iter().filter(|_| takes_story(members, reports)));
        }
        taken.insert(label.clone(), of_label.difference(own).copied().collect());
    }
    Ok(taken)
}

/// Returns the topics that rules ask for, by the articles that they take with their stories.
fn taking(rules: &Rules, taken: &BTreeMap<String, Listed>) -> Taking {
    let mut taking = Taking::new();
    for (label, articles) in taken
        .iter()
        .filter(|(label, _)| rules.asked.contains(*label))
    {
        for article in articles {
            taking.entry(*article).or_default().push(label.clone());
        }
    }
    taking
}

/// Judges the articles again that are taken by other topics than before.
fn judge_again(
    store: &Store,
    bench: &Bench,
    (before, now): (&Taking, &Taking),
    (stories, own): (&mut BTreeMap<i64, i64>, &mut BTreeMap<String, Listed>),
) -> Result<(), StoreError> {
    let articles = before.keys().chain(now.keys());
    let changed = articles.filter(|article| before.get(*article) != now.get(*article));
    for article in changed {
        let with_story = now.get(article).map_or(&[][..], Vec::as_slice);
        for own in own.values_mut() {
            own.remove(article);
        }
        for read in store.readable_article(article.1)? {
            stories.extend(read.story.map(|story| (article.1, story)));
            for found in bench.judge(&read.entry, with_story) {
                own.get_mut(&found.topic).map(|own| own.insert(*article));
            }
        }
    }
    Ok(())
}
