//! Phrases in which a term means something else: "Indian Ocean" tells nothing of India.
//!
//! They are looked for as terms are, and a hit that stands within one is struck out as if it were not in the
//! text. An exclusion counts for the alias that lists it and for what that includes, in queries that name
//! the alias or one that includes it; another alias may list the same words and finds them.

use super::lexicon::{Lexicon, SetId};
use super::reading::Hit;

/// Removes the hits that stand within a phrase that their alias excludes. `excluded` are the places of
/// such phrases in order of field and word.
pub(super) fn strike(lexicon: &Lexicon, hits: &mut Vec<(SetId, Hit)>, excluded: &[Hit]) {
    let lengths = excluded.iter().map(|phrase| phrase.last - phrase.first + 1);
    let Some(longest) = lengths.max() else {
        return;
    };
    hits.retain(|(set, hit)| {
        // Phrases further ahead end before the hit does.
        let near =
            excluded.partition_point(|p| (p.field, p.first + longest) <= (hit.field, hit.last));
        let phrases = excluded.iter().skip(near);
        let mut around = phrases
            .take_while(|p| (p.field, p.first) <= (hit.field, hit.first))
            .filter(|p| p.last >= hit.last);
        !around.any(|phrase| excludes(lexicon, phrase, *set, hit))
    });
}

fn excludes(lexicon: &Lexicon, phrase: &Hit, set: SetId, hit: &Hit) -> bool {
    let phrase = lexicon.pattern(phrase.pattern);
    let listed_by = lexicon.pattern(hit.pattern);
    let alias = listed_by.and_then(|pattern| pattern.alias.as_ref());
    phrase.is_some_and(|phrase| {
        let is_of_set = phrase.excluded_from.binary_search(&set).is_ok();
        is_of_set && alias.is_some_and(|alias| phrase.excludes.contains(alias))
    })
}
