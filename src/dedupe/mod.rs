//! Stage dedupe: decides what an entry is to what is stored.
//!
//! Pure: the entry and what the store knows under its keys come in, a [`Verdict`] goes out. Knows
//! nothing of how keys are made nor of how the store keeps them.
//!
//! Three cases, never one threshold: the same entry again (its publisher's id, in its feed), another
//! copy of an article (its address, its text or its title, anywhere), or something new. A key only
//! proposes. The weaker it is, the more `guards.rs` asks: hiding an article that is another costs readers
//! far more than showing a copy twice, so in doubt it is new.
//!
//! An entry whose publisher changed its id is a copy and not a revision: the entry under the old id
//! stays as it was, no id vanishes, and the article is not published again.
//!
//! The verdict depends on the set of what is known, not on its order.

mod guards;

use crate::model::{Entry, KeyKind, Known, Reason, ReasonKind, Verdict};
use guards::{Refusal, objection, recurs};

/// Decides what `entry` is to `known`, the stored entries that share a key with it.
///
/// One stored entry may be there several times, under each key that it shares; an entry of which only
/// the keys are left has no `entry`. Of several articles that fit, the one under the strongest key is
/// taken, then the earliest published, then the first stored.
pub fn decide(entry: &Entry, known: &[Known]) -> Verdict {
    let is_itself = |known: &&Known| known.key.kind == KeyKind::Guid && known.feed == entry.feed;
    if let Some(known) = known.iter().find(is_itself) {
        return again(entry, known);
    }
    let mut others: Vec<&Known> = known.iter().collect();
    others.sort_by_key(|known| (known.key.kind, known.published_at, known.entry));
    let recurs = recurs(entry, &others);
    let judged: Vec<Judged<'_>> = others
        .iter()
        .map(|known| (*known, objection(entry, known, recurs)))
        .collect();
    copy(&judged)
        .or_else(|| tombstone(entry, &judged))
        .unwrap_or_else(|| Verdict::New(newness(&judged)))
}

/// A stored entry and what speaks against a copy of it.
type Judged<'a> = (&'a Known, Option<Refusal>);

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
                kind: reason_kind(known.key.kind),
                text: "the same id in the same feed, with other words".to_owned(),
            },
        },
    }
}

/// Decides for a copy of the first that is stored and that nothing speaks against.
fn copy(judged: &[Judged<'_>]) -> Option<Verdict> {
    let (known, article) = judged
        .iter()
        .filter(|(known, refusal)| refusal.is_none() && known.entry.is_some())
        .find_map(|(known, _)| Some((known, known.article?)))?;
    Some(Verdict::Copy {
        article,
        reason: Reason {
            kind: reason_kind(known.key.kind),
            text: format!("{} {}", likeness(known.key.kind), named(known)),
        },
    })
}

/// Decides against an entry whose address the feed had before, and whose article was dropped since: it
/// does not come back as news under a new id. What other feeds dropped is no reason, for theirs was
/// perhaps never shown.
fn tombstone(entry: &Entry, judged: &[Judged<'_>]) -> Option<Verdict> {
    judged
        .iter()
        .any(|(known, refusal)| {
            refusal.is_none()
                && known.entry.is_none()
                && known.key.kind == KeyKind::Url
                && known.feed == entry.feed
        })
        .then_some(Verdict::Forgotten)
}

/// Says why an entry is new, and what was refused, if anything was.
fn newness(judged: &[Judged<'_>]) -> Reason {
    let refused = judged
        .iter()
        .find_map(|(known, refusal)| Some((known, (*refusal)?)));
    let text = match refused {
        None => "nothing like it is stored".to_owned(),
        Some((known, refusal)) => format!(
            "{} {}, but {}",
            likeness(known.key.kind),
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
    format!("{} in feed {}", known.entry_id.escape_debug(), known.feed)
}

/// Says what a key of this kind has in common.
fn likeness(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::Guid => "the same id as",
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
        Refusal::OtherFeed => "ids are valid within one feed",
        Refusal::TooFarApart => "published too long before or after",
        Refusal::OtherTitle => "under a title of its own",
        Refusal::OtherText => "with another text under it",
        Refusal::OtherNumbers => "with other numbers or days in the title",
        Refusal::Series => "as another part of a series",
    }
}

/// What dedupe went by, as the store and `explain` name it.
fn reason_kind(kind: KeyKind) -> ReasonKind {
    match kind {
        KeyKind::Guid => ReasonKind::SameGuid,
        KeyKind::Url => ReasonKind::SameUrl,
        KeyKind::Slug => ReasonKind::SameSlug,
        KeyKind::ArticleNumber => ReasonKind::SameNumber,
        KeyKind::Content => ReasonKind::SameContent,
        KeyKind::Title => ReasonKind::SameTitle,
    }
}

#[cfg(test)]
mod tests;
