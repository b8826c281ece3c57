//! Stage dedupe: decides what an entry is to what is stored.
//!
//! Pure: the entry and what the store knows come in, a decision goes out. Knows nothing of how keys are
//! made nor of how the store keeps things.
//!
//! [`decide`] goes by what shares a key with the entry. Four cases, never one threshold: the same entry again (its publisher's id, in its feed), another
//! article under an id that was one's (at another address, with another headline: `ids.rs`), another
//! copy of an article (its address, its text or its title, anywhere), or something new. A key only
//! proposes. The weaker it is, the more `guards.rs` asks: hiding an article that is another costs readers
//! far more than showing a copy twice, so in doubt it is new.
//!
//! Of an entry that comes again `revision.rs` says whether readers are to be told, and `reuse.rs` whether it
//! is not the entry at all, but other news under its id and at its address.
//!
//! What no key knows is compared by its terms (`terms.rs`): most of its words in their order make it a copy
//! all the same (`near.rs`), and enough weight in common one more report of a story (`story.rs`), which is
//! shown and hides nothing. Which entry tells an article, and which article a story, `lead.rs` says, and how
//! many independent outlets there are, `voices.rs`.
//!
//! An entry whose publisher changed its id is the entry itself where its address stays and the document lists the
//! old id no more, or where the feed goes by addresses (`own.rs`); its article keeps the id by which readers know it.
//! Else it is a copy, if it has the words: the article is not published again.
//!
//! The verdict depends on the set of what is known, not on its order.

mod correction;
mod discriminators;
mod dropped;
mod excerpt;
mod guards;
mod ids;
mod lead;
mod near;
mod own;
mod reuse;
mod revision;
mod story;
mod telling;
mod terms;
mod voices;

pub use correction::Rewriting;
pub use dropped::{Kinship, Later, Stands, is_its_next, is_news, successor};
pub use excerpt::is_cut;
pub use ids::{Sign, Tally};
pub use lead::{
    Hosts, Sites, Standing, Wording, completeness, covers, elect, first, holds, is_backdated,
    leads, mark_claims, most,
};
pub use near::{NEAR_LIKENESS, Near, near_copy};
pub use reuse::is_reworded;
pub use revision::{Alike, Change, Counted, Version, alike, edit, says_the_same};
pub use story::{
    COMPARED_AGE, COMPARED_WITH, Fit, Group, Neighbour, STORY_GAP, are_one_story, compared_from,
    fits, is_compared, is_series, least_likeness, may_be_one, may_be_series, parts, story_reason,
};
pub use telling::{Heard, telling};
pub use terms::{Corpus, Report, Term, Vector, terms};
pub use voices::{Voice, voices};

use crate::model::{Entry, KeyKind, Known, Reason, ReasonKind, Verdict, is_retired, publishers_id};
use guards::{Refusal, is_given, may_be_in_its_place, objection, recurs, texts_differ};
use jiff::SignedDuration;
use own::{Own, is_row, is_void, kept, own};
use reuse::{is_hidden, is_replaced, leaves_others, returns_to};
use std::collections::BTreeSet;

/// For how long readers had what retention took, at least, for it to be no news from another feed: the limits
/// of a feed that floods take within minutes what nobody has read.
const HAD: SignedDuration = SignedDuration::from_hours(24);

/// What is to become of an entry, and what it tells of its feed's ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What is to become of it.
    pub verdict: Verdict,
    /// What it tells of the ids.
    pub sign: Sign,
    /// The row whose id and address it has taken over, and which stays what it was without them: stored or remembered.
    pub retires: Option<i64>,
}

/// Decides what `entry` is to `known`, the stored entries that share a key with it.
///
/// One stored entry may be there several times, under each key that it shares; an entry of which only
/// the keys are left has no `entry`. Of several articles that fit, the one under the strongest key is
/// taken, then the earliest published, then the first stored.
pub fn decide(entry: &Entry, known: &[Known]) -> Decision {
    let known = sorted(entry, known);
    match own(entry, &known) {
        Own::Itself(itself, sign) => {
            replaced(entry, &known, itself, sign).unwrap_or_else(|| Decision {
                verdict: again(entry, itself),
                sign,
                retires: None,
            })
        }
        Own::Other(other) => Decision {
            sign: Sign::Reused,
            ..met(entry, &known, Some(other))
        },
        Own::Former(former) => reused(entry, &known, former),
        Own::Nothing => met(entry, &known, None),
    }
}

/// Tells whether what shares the strongest key of an entry is enough to decide on it: most entries of
/// most polls are known by their ids, and nothing else is looked at then.
pub fn is_settled(entry: &Entry, known: &[Known]) -> bool {
    own::is_settled(entry, &sorted(entry, known))
}

/// Puts what is known of an entry into an order of its own: by the strength of the key, then by age.
fn sorted<'k>(entry: &Entry, known: &'k [Known]) -> Vec<&'k Known> {
    let mut sorted: Vec<&Known> = known.iter().filter(|it| !is_void(entry, it)).collect();
    let rank = |known: &Known| (known.key.kind, known.published_at, known.entry);
    let name = |known: &Known| (known.feed.clone(), known.entry_id.clone(), known.key);
    sorted.sort_by(|one, other| {
        let by_rank = rank(one).cmp(&rank(other));
        by_rank.then_with(|| name(one).cmp(&name(other)))
    });
    sorted
}

/// Decides on an entry that none of the feed's own is. Where its id is that of `other`, it is no copy in
/// that one's article either, whatever else they share; but what they share may show a series.
fn met(entry: &Entry, known: &[&Known], other: Option<&Known>) -> Decision {
    let recurs = recurs(entry, known);
    let is_of_other = |known: &Known, other: &Known| {
        let is_of_article = known.article.is_some() && known.article == other.article;
        known.key != other.key && (is_of_article || is_row(known, other))
    };
    let mut judged: Vec<Judged<'_>> = known
        .iter()
        .filter(|known| !other.is_some_and(|other| is_of_other(known, other)))
        .map(|known| (*known, objection(entry, known, recurs)))
        .collect();
    tell_editions_apart(entry, &mut judged);
    tell_forms_apart(&mut judged);
    let verdict = copy(entry, &judged)
        .or_else(|| tombstone(entry, &judged))
        .unwrap_or_else(|| Verdict::New(newness(entry, &judged)));
    let sign = match entry.given {
        Some(_) if is_renamed(entry, &judged) => Sign::Renamed,
        _ => Sign::Silent,
    };
    Decision {
        verdict,
        sign,
        retires: None,
    }
}

/// Refuses what other feeds have of another edition: in the article of one that its own feed had at the address of an entry, by
/// whatever key, or at that address in other words than it, where one of the same words stands there as well.
fn tell_editions_apart(entry: &Entry, judged: &mut [Judged<'_>]) {
    let editions: BTreeSet<Option<i64>> = editions(entry, judged).collect();
    let alike = judged.iter().filter(|(known, refusal)| {
        let may_be = known.key.kind == KeyKind::Url && refusal.is_none();
        may_be && !texts_differ(entry, known)
    });
    let alike: BTreeSet<i64> = alike.filter_map(|(known, _)| known.article).collect();
    for (known, refusal) in judged {
        if known.feed == entry.feed {
            continue;
        }
        // What tells that article by now is what readers have of it.
        let is_told = known.leads && known.key.kind != KeyKind::Url;
        let is_of_edition = editions.contains(&known.article) && !is_told;
        let is_in_another = || alike.iter().any(|article| known.article != Some(*article));
        let is_beside = || known.key.kind == KeyKind::Url && is_in_another();
        if is_of_edition || is_beside() && texts_differ(entry, known) {
            *refusal = refusal.or(Some(Refusal::OtherText));
        }
    }
}

/// Refuses what other feeds have of a form that the feed of an entry has filled in anew.
fn tell_forms_apart(judged: &mut [Judged<'_>]) {
    let is_filled_in = |(_, refusal): &&Judged<'_>| *refusal == Some(Refusal::OtherFigures);
    let forms = judged.iter().filter(is_filled_in);
    let forms: BTreeSet<Option<i64>> = forms.map(|(known, _)| known.article).collect();
    for (known, refusal) in judged {
        let is_form = matches!(known.key.kind, KeyKind::Slug | KeyKind::Title);
        if is_form && forms.contains(&known.article) {
            *refusal = refusal.or(Some(Refusal::OtherFigures));
        }
    }
}

/// Returns the articles of other editions that the feed of an entry had at its address.
fn editions<'j>(
    entry: &'j Entry,
    judged: &'j [Judged<'_>],
) -> impl Iterator<Item = Option<i64>> + 'j {
    let is_own = |known: &Known| known.feed == entry.feed && known.key.kind == KeyKind::Url;
    let has_it = move |article| {
        let mut own = judged.iter().filter(move |(known, _)| is_own(known));
        own.any(|(known, refusal)| known.article == article && refusal.is_none())
    };
    let is_edition = move |(known, refusal): &&Judged<'_>| {
        is_own(known) && *refusal == Some(Refusal::OtherText) && !has_it(known.article)
    };
    judged
        .iter()
        .filter(is_edition)
        .map(|(known, _)| known.article)
}

/// Decides on other news under the id and at the address of `former`: it may be a copy of what another feed
/// has, or what this one had there before.
fn reused(entry: &Entry, known: &[&Known], former: &Known) -> Decision {
    let met = met(entry, known, Some(former));
    if let Verdict::Copy { article, .. } = met.verdict {
        // A row beside its own former one would tell nothing.
        let recurs = recurs(entry, known);
        let had_it = |known: &&&Known| {
            let is_own = known.feed == entry.feed && known.article == Some(article);
            is_own && is_retired(&known.entry_id) && objection(entry, known, recurs).is_none()
        };
        if let Some(row) = known.iter().find(had_it) {
            return returned(entry, former, (row.number, kept(entry)));
        }
    }
    let verdict = match met.verdict {
        Verdict::New(_) => went_on(former),
        other => other,
    };
    Decision {
        verdict,
        sign: kept(entry),
        retires: Some(former.number),
    }
}

/// Decides for an article of its own at a page that had another.
fn went_on(former: &Known) -> Verdict {
    Verdict::New(Reason {
        kind: ReasonKind::New,
        text: format!("{} went on to other news", named(former)),
    })
}

/// Decides on an entry of which `itself` is stored, where it is something else at once (`reuse.rs`): what its feed had there
/// before, what another article says, or news beside what other outlets carry.
fn replaced(entry: &Entry, known: &[&Known], itself: &Known, sign: Sign) -> Option<Decision> {
    // Its id of now is that of the row, or was, or is the next one.
    let is_named = itself.entry_id == entry.entry_id || entry.keys.first() == Some(&itself.key);
    let is_its_row = entry.by_address || is_named || sign == Sign::Renamed;
    let is_stored = itself.entry.is_some() && itself.content_digest != entry.content_digest;
    // Another row of the feed has the id that it would take.
    let is_taken = |known: &&Known| {
        let is_namesake = known.feed == entry.feed && known.entry_id == entry.entry_id;
        is_namesake && !is_row(known, itself)
    };
    // Most entries of most polls are as they were: of these no word is looked at.
    if !is_its_row || !is_stored || known.iter().any(is_taken) {
        return None;
    }
    let leaves = leaves_others(entry, itself);
    if !leaves && !is_replaced(entry, itself) {
        return None;
    }
    if let Some(former) = returns_to(entry, itself, leaves) {
        return Some(returned(entry, itself, (former, sign)));
    }
    let mut decision = Decision {
        sign,
        ..reused(entry, known, itself)
    };
    let is_anothers = |article| {
        known
            .iter()
            .any(|it| it.article == Some(article) && it.feed != entry.feed)
    };
    let is_due = match decision.verdict {
        // What this feed alone has is another state of it, as of two regions without a warning.
        Verdict::Copy { article, .. } if !is_anothers(article) => {
            decision.verdict = went_on(itself);
            leaves
        }
        Verdict::Copy { .. } => true,
        Verdict::Revision { entry: row, .. } => {
            let article = known.iter().find(|it| it.entry == Some(row));
            let is_carried = article.and_then(|it| it.article).is_some_and(is_anothers);
            leaves || entry.dated && is_carried
        }
        Verdict::New(_) => leaves || is_hidden(entry, itself, known),
        _ => leaves,
    };
    is_due.then_some(decision)
}

/// Decides on an entry that says again what its feed had under its id before, in a row that has its id again then.
fn returned(entry: &Entry, stands: &Known, (former, sign): (i64, Sign)) -> Decision {
    Decision {
        verdict: Verdict::Revision {
            entry: former,
            reason: Reason {
                kind: reason_kind(entry, stands),
                text: format!("{} said so before", named(stands)),
            },
        },
        sign,
        retires: Some(stands.number),
    }
}

/// A stored entry and what speaks against a copy of it.
type Judged<'a> = (&'a Known, Option<Refusal>);

/// Tells whether the feed had the entry under another id, by its address or its words. One that was
/// dropped says nothing: this one is dropped as well, and has another id than it at each poll. Neither does
/// one that came with this poll: a document that lists an article twice has not changed its id.
fn is_renamed(entry: &Entry, judged: &[Judged<'_>]) -> bool {
    judged.iter().any(|(known, refusal)| {
        let is_same = match known.key.kind {
            // What says the same at another time is no copy, but ids that change are seen by it.
            KeyKind::Guid => is_given(entry, known) && known.content_digest == entry.content_digest,
            // So is a title that counts on, of which the text is too short to say that it is the same.
            KeyKind::Url if *refusal == Some(Refusal::OtherNumbers) => {
                may_be_in_its_place(entry, known)
            }
            KeyKind::Url | KeyKind::Content => refusal.is_none(),
            _ => false,
        };
        is_same && known.entry.is_some() && known.feed == entry.feed && !known.is_new
    })
}

/// Decides on an entry that has been here before.
fn again(entry: &Entry, known: &Known) -> Verdict {
    match known.entry {
        None => Verdict::Forgotten,
        Some(stored) if known.content_digest == entry.content_digest => {
            Verdict::Unchanged { entry: stored }
        }
        Some(stored) => Verdict::Revision {
            entry: stored,
            reason: Reason {
                kind: reason_kind(entry, known),
                text: format!(
                    "{} {}, with other words",
                    likeness(entry, known),
                    named(known)
                ),
            },
        },
    }
}

/// Decides for a copy of the first that is stored and that nothing speaks against.
fn copy(entry: &Entry, judged: &[Judged<'_>]) -> Option<Verdict> {
    let found: Vec<(&Known, i64)> = judged
        .iter()
        .filter(|(known, refusal)| refusal.is_none() && known.entry.is_some())
        .filter_map(|(known, _)| Some((*known, known.article?)))
        .collect();
    let is_there = |article| {
        let mut at_address = found.iter().filter(|(it, _)| it.key.kind == KeyKind::Url);
        at_address.any(|(_, at)| *at == article)
    };
    // Of several editions at one address it is of that which says the same.
    let says_so =
        |(it, article): &&(&Known, i64)| it.key.kind == KeyKind::Content && is_there(*article);
    let first = found.first()?;
    let edition = found.iter().find(says_so);
    let (known, article) = edition
        .filter(|(_, article)| first.0.key.kind == KeyKind::Url && *article != first.1)
        .unwrap_or(first);
    let article = *article;
    Some(Verdict::Copy {
        article,
        reason: Reason {
            kind: reason_kind(entry, known),
            text: format!("{} {}", likeness(entry, known), named(known)),
        },
    })
}

/// Decides against an entry whose address the feed had before, or its words where it has no address, and
/// whose article was dropped since: it does not come back as news under a new id. What was dropped of other
/// feeds is a reason only where readers had it for long enough.
fn tombstone(entry: &Entry, judged: &[Judged<'_>]) -> Option<Verdict> {
    // Where a page has editions an old one says nothing of the next.
    let is_page = editions(entry, judged).next().is_some();
    judged
        .iter()
        .any(|(known, refusal)| {
            refusal.is_none()
                && known.entry.is_none()
                && !(is_page && known.key.kind == KeyKind::Url)
                && matches!(
                    known.key.kind,
                    KeyKind::Guid | KeyKind::Url | KeyKind::Published
                )
                && (known.feed == entry.feed || known.had >= HAD)
        })
        .then_some(Verdict::Forgotten)
}

/// Says why an entry is new, and what was refused, if anything was.
fn newness(entry: &Entry, judged: &[Judged<'_>]) -> Reason {
    let refused = judged
        .iter()
        .find_map(|(known, refusal)| Some((known, (*refusal)?)));
    let text = match refused {
        None => "nothing like it is stored".to_owned(),
        Some((known, refusal)) => format!(
            "{} {}, but {}",
            likeness(entry, known),
            named(known),
            because(refusal)
        ),
    };
    Reason {
        kind: ReasonKind::New,
        text,
    }
}

/// Names a stored entry for the operator.
fn named(known: &Known) -> String {
    let id = publishers_id(&known.entry_id).escape_debug();
    format!("{id} in feed {}", known.feed)
}

/// Says what an entry has in common with one that is stored.
fn likeness(entry: &Entry, known: &Known) -> &'static str {
    match known.key.kind {
        KeyKind::Guid if is_given(entry, known) => "the same words at the same time as",
        KeyKind::Guid => "the same id as",
        KeyKind::Published if known.same_source => "the id that its source gives to",
        KeyKind::Published => "the published id of",
        KeyKind::Url => "the same address as",
        KeyKind::Slug => "the same headline in the address as",
        KeyKind::ArticleNumber => "the same article number in the address as",
        KeyKind::Content => "the same title and text as",
        KeyKind::Title => "the same title as",
    }
}

/// Says what spoke against a copy.
fn because(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::ReusedId => "the feed uses its ids for more than one article",
        Refusal::TooFarApart => "published too long before or after",
        Refusal::OtherTitle => "under a title of its own",
        Refusal::OtherText => "with another text under it",
        Refusal::OtherFigures => "with other numbers in the same places",
        Refusal::OtherNumbers => "with other numbers or days in the title",
        Refusal::Series => "as another part of a series",
    }
}

/// What dedupe went by, as the store and `explain` name it.
fn reason_kind(entry: &Entry, known: &Known) -> ReasonKind {
    match known.key.kind {
        KeyKind::Guid if is_given(entry, known) => ReasonKind::SameContent,
        KeyKind::Guid => ReasonKind::SameGuid,
        KeyKind::Published => ReasonKind::SameId,
        KeyKind::Url => ReasonKind::SameUrl,
        KeyKind::Slug => ReasonKind::SameSlug,
        KeyKind::ArticleNumber => ReasonKind::SameNumber,
        KeyKind::Content => ReasonKind::SameContent,
        KeyKind::Title => ReasonKind::SameTitle,
    }
}

#[cfg(test)]
mod tests;
