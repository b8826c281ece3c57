//! Which entry tells an article or a story, and who published it first.
//!
//! Role and weight are the operator's word and decide before all else; then the entry that tells more leads.
//! Among equals an article stays with the entry that tells it: readers must not see its text change back
//! and forth because a copy is dated earlier.
//!
//! Any feed can name an address or an id that is another's: where a feed of that site has the article, too, it
//! tells it. So among equals the entry that was stored first keeps the
//! article from every copy that does not have its words: a longer text alone takes nothing over. That is
//! asked again whenever one of them is edited, since a copy could put other words in their place once it
//! leads; and a correction of the first is seen, where a copy still has what was wrong.
//!
//! An `atom:source` in an entry makes no aggregator of its feed here: it is the feed's own word.

use super::guards::{Titles, telling};
use crate::model::{Completeness, Entry, Role};
use crate::text::words;
use jiff::{SignedDuration, Timestamp};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Words below which a text is a teaser. The software that most sites run cuts excerpts at 55.
const SUMMARY_WORDS: usize = 60;

/// Words from which on a text is an article: a page of typescript. Short news has fewer; it is as good as
/// another's abstract then, and neither takes it from the other.
const FULL_WORDS: usize = 200;

/// Share of a text's telling words that a fuller text has which was written from it or for it, in per cent.
/// Of real entries that have both, nine in ten abstracts share as much with their article, and one in twenty
/// with the next article of their feed, which is under another title.
const HELD_PERCENT: usize = 70;

/// Telling words beyond the title that are enough to know a text by; hardly a teaser has fewer.
const HELD_LEAST: usize = 4;

/// Words of any length that are enough, where telling ones are too few: not all scripts have long words.
const HELD_LEAST_OF_ALL: usize = 12;

/// Words of a text that another's are looked for in: an article; a book must not hold up the writer.
const HELD_WORDS: usize = 5000;

/// Fuller copies that are compared with the entry that was stored first: each costs reading its text.
const COMPARED: usize = 16;

/// How long before it was first seen an entry can have been published: a feed is asked once a day at least, and the
/// look before would have shown it.
const SEEN_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// For so long after a feed was added, what it brings is its backlog, of whatever age.
const BACKLOG: SignedDuration = SignedDuration::from_hours(24);

/// Tells whether an entry has a date by which nobody is to be credited: it came later than one of that date would
/// have, from a feed that was there before. Dates cost nothing, and who is first is told by them.
///
/// A feed that is asked less often, or was out of reach for days, loses nothing by it against others of which the
/// same holds.
pub fn is_backdated(
    published_at: Timestamp,
    first_seen_at: Timestamp,
    added_at: Timestamp,
) -> bool {
    first_seen_at.duration_since(published_at) > SEEN_WITHIN
        && first_seen_at.duration_since(added_at) >= BACKLOG
}

/// What decides whether an entry leads.
///
/// The order is total: what leads comes first. No date decides in it: any feed can date what it brings before all else,
/// and readers would see another's words in the place of those that they had.
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts of an entry and its feed, none of which follows from another"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The role of its feed.
    pub role: Role,
    /// The weight of its feed.
    pub weight: u8,
    /// How much it tells.
    pub completeness: Completeness,
    /// Whether its publisher dated it so that it can be believed ([`is_backdated`]), or `published_at` is when we first saw
    /// it.
    pub dated: bool,
    /// When it was published.
    pub published_at: Timestamp,
    /// Whether it is told after another: by an aggregator, or under an `atom:source` of its own.
    pub aggregated: bool,
    /// Whether it goes by an address or id of the site of another entry's feed.
    pub is_claim: bool,
    /// Whether its feed is asked no more: nobody learns what is put right there.
    pub silent: bool,
    /// Whether its feed has dropped it: what is put right at its page is read elsewhere.
    pub dropped: bool,
    /// A digest of what its feed asks for now: address, credentials and headers.
    pub target: Option<[u8; 16]>,
    /// In the order in which entries were stored; no two have the same.
    pub number: i64,
}

/// Role, weight, and whether it goes by what is another's.
pub(super) type Word = (Role, Reverse<u8>, bool);

impl Standing {
    /// Tells whether its feed asks for the same as that of another: one of them under another id.
    pub fn is_asked_as(&self, other: &Self) -> bool {
        self.target.is_some() && self.target == other.target
    }

    /// What the operator's word makes of it, and whose it is; less is better.
    pub(super) fn word(&self) -> Word {
        (self.role, Reverse(self.weight), self.is_claim)
    }

    /// Whether the operator's word and its text leave it behind; less is better.
    fn merit(&self) -> (Word, Reverse<Completeness>) {
        (self.word(), Reverse(self.completeness))
    }

    /// Who is older; less is.
    fn age(&self) -> (bool, Timestamp, i64) {
        (!self.dated, self.published_at, self.number)
    }
}

impl Ord for Standing {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let by_merit = self.merit().cmp(&other.merit());
        by_merit.then_with(|| self.number.cmp(&other.number))
    }
}

impl PartialOrd for Standing {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// The sites of an entry, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sites {
    /// The number of its feed.
    pub feed_number: Option<i64>,
    /// Where it is read.
    pub link: Option<String>,
    /// Which site its id names, where that is an address.
    pub id: Option<String>,
    /// Where its feed is.
    pub feed: Option<String>,
    /// Of which site its feed says that it is. Many publish their feeds at another host.
    pub home: Option<String>,
    /// Where most of the feed's entries are.
    pub most: Option<String>,
    /// At which hosts of these.
    pub hosts: Hosts,
    /// Whose its feed is, where the operator says so.
    pub owner: Option<String>,
}

/// The hosts of an entry: many sites have a host for each who writes there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts {
    /// Where it is read.
    pub link: Option<String>,
    /// Where its feed is.
    pub feed: Option<String>,
    /// Where its feed says that it is of.
    pub home: Option<String>,
}

impl Hosts {
    /// Tells whether the feed is fetched where the entry is read: at that host, or, of one site, at one above or below it
    /// (`feeds.example.org` of `example.org`) where the feed says that it is of that host. Two beside each other may be
    /// anybody's.
    fn is_fetched_there(&self, is_one_site: bool) -> bool {
        let is_below = |one: &str, other: &str| {
            let labels = one.strip_suffix(other);
            labels.is_some_and(|labels| labels.ends_with('.'))
        };
        let are_kin = || match (&self.link, &self.feed) {
            (Some(link), Some(feed)) => is_below(link, feed) || is_below(feed, link),
            _ => false,
        };
        self.link == self.feed || is_one_site && self.home == self.link && are_kin()
    }
}

/// How certain it is that a site is a feed's.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Hold {
    /// Nothing speaks for it.
    None,
    /// What the feed says of itself, or brings.
    Said,
    /// The feed is fetched there.
    Fetched,
}

impl Sites {
    /// Returns which of its addresses are not at the site of its feed: those may be another's.
    pub fn abroad(&self) -> impl Iterator<Item = &Option<String>> {
        let sites = [&self.link, &self.id].into_iter();
        sites.filter(|site| site.is_some() && **site != self.feed)
    }

    /// Tells how certain it is that its feed has a site, for what others say of that.
    fn holds(&self, site: Option<&String>) -> Hold {
        match site {
            site if site == self.feed.as_ref() => Hold::Fetched,
            site if site == self.home.as_ref() || site == self.most.as_ref() => Hold::Said,
            _ => Hold::None,
        }
    }

    /// Tells the same for what itself says. Any feed can call itself after another's site: what it brings must
    /// say it as well.
    fn has(&self, site: Option<&String>) -> Hold {
        match site {
            site if site == self.feed.as_ref() => Hold::Fetched,
            site if site == self.most.as_ref() => Hold::Said,
            _ => Hold::None,
        }
    }

    /// Tells whether a fuller text of it may stand in the place of another's: of the same feed, or one that asks for the
    /// same or is of the same owner, where both are read at one site, of another one where they are read at one host and the feed is
    /// fetched there. What a feed says of itself and what it brings is told by it alone, its site may be that of anybody's blog, and
    /// whoever has another's words may have more behind them.
    pub fn may_replace(&self, other: &Self, is_asked_as: bool) -> bool {
        let is_one_feed = self.feed_number.is_some() && self.feed_number == other.feed_number;
        if is_one_feed || is_asked_as || self.is_owned_as(other) {
            return self.link == other.link;
        }
        let is_one_site = self.link.is_some() && self.link == self.feed;
        self.hosts.link == other.hosts.link && self.hosts.is_fetched_there(is_one_site)
    }

    /// Tells whether it is read where its feed is fetched, or says that it is of.
    pub fn is_at_home(&self) -> bool {
        self.link.is_some() && (self.link == self.feed || self.link == self.home)
    }

    /// Tells whether two entries are of feeds of one owner, by the operator's word.
    pub fn is_owned_as(&self, other: &Self) -> bool {
        self.owner.is_some() && self.owner == other.owner
    }

    /// Tells whether two entries are of one feed, as far as sites say.
    fn is_of_feed(&self, other: &Self) -> bool {
        (&self.feed, &self.home) == (&other.feed, &other.home)
    }
}

/// Marks the entries that go by an address or id of a site that is rather another one's feed's, which is asked. `sites` are
/// theirs, in the same order.
///
/// What is asked no more can say nothing for itself now: it is marked where nothing ever spoke for it, as for a list of links to
/// many sites. The reports of a paper whose feed was at another's host stay, though the paper has another feed now, of headlines.
pub fn mark_claims(members: &mut [Standing], sites: &[Sites]) {
    let asked = members.iter().zip(sites).filter(|(one, _)| !one.silent);
    let asked: Vec<&Sites> = asked.map(|(_, sites)| sites).collect();
    for (member, own) in members.iter_mut().zip(sites) {
        let is_of_another = |site: &Option<String>| {
            let mut others = asked.iter().filter(|other| !own.is_of_feed(other));
            others.any(|other| other.holds(site.as_ref()) > own.has(site.as_ref()))
        };
        let is_its_own = |site: &Option<String>| own.has(site.as_ref()) > Hold::None;
        let was_its_own = member.silent && own.abroad().any(is_its_own);
        member.is_claim = !was_its_own && own.abroad().any(is_of_another);
    }
}

/// Returns the site where most entries of a feed are, given where each is; `None` where there is none.
pub fn most(sites: &[Option<String>]) -> Option<String> {
    let is_most = |site: &&Option<String>| {
        let same = sites.iter().filter(|other| other == site).count();
        site.is_some() && same * 2 > sites.len()
    };
    sites.iter().find(is_most).cloned().flatten()
}

/// Returns which of the reports of a story tells it: by role, weight, completeness, then the first stored. It depends on
/// who they are, not on their order.
pub fn leads(candidates: &[Standing]) -> Option<usize> {
    let numbered = candidates.iter().zip(0..);
    numbered.min_by_key(|(one, _)| **one).map(|(_, at)| at)
}

/// Returns which of the candidates was published first; what is dated comes before what is not, and of two
/// of one moment the publisher's own before what passes it on.
pub fn first(candidates: &[Standing]) -> Option<usize> {
    let rank = |one: &Standing| {
        let (undated, at, number) = one.age();
        (undated, at, one.aggregated, one.role, number)
    };
    let numbered = candidates.iter().zip(0..);
    numbered.min_by_key(|(one, _)| rank(one)).map(|(_, at)| at)
}

/// Returns the number of the entry that is to tell an article, given which one tells it now; `None` for an
/// article without entries.
///
/// One whose feed is asked no more gives way to who is ranked above it, else to who may stand in its place: what the outlet
/// puts right is seen, under whatever id its feed is polled now. Where nobody may, it is told on as it is. Where the first of all
/// is such a one, who may stand in its place stands for it against the others, else who tells the article.
///
/// `may_replace` says whether the entry of the first number may stand in the place of the second: it has its words ([`holds()`])
/// and is of the same place ([`Sites::may_replace`]). It is asked of some sixteen at most, or of all where a feed is asked no
/// more, and not at all where nothing is fuller than what was stored first and all feeds are asked.
///
/// # Errors
///
/// Those of `may_replace`.
pub fn elect<E>(
    members: &[Standing],
    now: i64,
    mut may_replace: impl FnMut(i64, i64) -> Result<bool, E>,
) -> Result<Option<i64>, E> {
    let speak = members.iter().copied().filter(|one| !one.silent);
    let mut speak: Vec<Standing> = speak.collect();
    if speak.is_empty() || speak.len() == members.len() {
        return elect_of(members, (now, None), may_replace);
    }
    let lead = members.iter().find(|one| one.number == now);
    let Some(lead) = lead.filter(|lead| lead.silent) else {
        let first = members.iter().min_by_key(|one| (one.word(), one.number));
        let Some(first) = first.filter(|first| first.silent) else {
            return elect_of(&speak, (now, None), may_replace);
        };
        // Who may have its place keeps the article from the others, its own feed before all; where nobody may by now, who tells
        // does, which once might. It is not asked first: two could tell by turns.
        let best = speak.iter().map(Standing::word).min();
        let mut heirs = speak.clone();
        heirs.retain(|one| Some(one.word()) == best);
        heirs.sort_by_key(|one| (!one.is_asked_as(first), *one));
        let heir = next_of(first.number, &heirs, &mut may_replace)?;
        return elect_of(&speak, (now, heir.or(Some(now))), may_replace);
    };
    if speak.iter().any(|one| one.word() < lead.word()) {
        speak.retain(|one| one.word() < lead.word());
        return elect_of(&speak, (now, None), may_replace);
    }
    speak.sort_by_key(|one| (one.word(), !one.is_asked_as(lead), *one));
    let heir = next_of(now, &speak, &mut may_replace)?;
    Ok(heir.or(Some(now)))
}

/// Returns the first of some that may stand in the place of one that is asked no more, or listed.
pub(super) fn next_of<E>(
    former: i64,
    members: &[Standing],
    may_replace: &mut impl FnMut(i64, i64) -> Result<bool, E>,
) -> Result<Option<i64>, E> {
    for one in members {
        if may_replace(one.number, former)? {
            return Ok(Some(one.number));
        }
    }
    Ok(None)
}

/// Returns it of those that may tell it; `eldest` is who stands for the first of them, where that is another and among the best.
fn elect_of<E>(
    members: &[Standing],
    (now, eldest): (i64, Option<i64>),
    mut may_replace: impl FnMut(i64, i64) -> Result<bool, E>,
) -> Result<Option<i64>, E> {
    let Some(best) = members.iter().map(Standing::word).min() else {
        return Ok(None);
    };
    let mut peers: Vec<&Standing> = members.iter().filter(|one| one.word() == best).collect();
    let numbers: BTreeSet<i64> = peers.iter().map(|one| one.number).collect();
    let named = eldest.filter(|eldest| numbers.contains(eldest));
    let Some(eldest) = named.or_else(|| numbers.first().copied()) else {
        return Ok(None);
    };
    peers.sort_by_key(|one| {
        let is_no_lead = one.number != now;
        (Reverse(one.completeness), is_no_lead, one.age())
    });
    for peer in peers.iter().take(COMPARED) {
        if peer.number == eldest || may_replace(peer.number, eldest)? {
            return Ok(Some(peer.number));
        }
    }
    Ok(Some(eldest))
}

/// What an entry says, as plain text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wording {
    /// Its title.
    pub title: String,
    /// Its summary, then its content.
    pub text: String,
}

/// Tells whether the text of `other` is largely in that of `fuller`, under a title that is related to its title.
///
/// Words of the titles do not count: anybody can write another text under the same headline. So what says no
/// more than its title is held by what is the same alone.
pub fn holds(fuller: &Wording, other: &Wording) -> bool {
    if fuller == other {
        return true;
    }
    let titles = Titles::new(&fuller.title, &other.title);
    if titles.one_is_missing() || !titles.are_related() {
        return false;
    }
    let titles = words(&fuller.title).chain(words(&other.title));
    let titles: BTreeSet<_> = titles.map(|word| word.folded).collect();
    let Some(wanted) = known_by(&other.text, &titles) else {
        return false;
    };
    let has = words(&fuller.text).take(HELD_WORDS);
    let has: BTreeSet<_> = has.map(|word| word.folded).collect();
    wanted.intersection(&has).count() * 100 >= wanted.len() * HELD_PERCENT
}

/// Tells whether a text has most of the words of another's, to its end: [`holds()`] goes by those with which it begins.
pub fn covers(fuller: &Wording, other: &Wording) -> bool {
    let [has, wanted] = [fuller, other].map(|it| {
        let words = words(&it.text).take(HELD_WORDS).map(|word| word.folded);
        words.collect::<BTreeSet<_>>()
    });
    wanted.intersection(&has).count() * 100 >= wanted.len() * HELD_PERCENT
}

/// Returns the words beyond the titles that a text is known by; `None` where they are too few.
fn known_by<'a>(text: &'a str, titles: &BTreeSet<Cow<'_, str>>) -> Option<BTreeSet<Cow<'a, str>>> {
    let telling = telling(words(text), titles);
    if telling.len() >= HELD_LEAST {
        return Some(telling);
    }
    let all = words(text).take(HELD_WORDS).map(|word| word.folded);
    let all: BTreeSet<_> = all.filter(|word| !titles.contains(word)).collect();
    (all.len() >= HELD_LEAST_OF_ALL).then_some(all)
}

/// Returns how much an entry tells, by the longer of summary and content: a summary is often the beginning
/// of the content, so that adding them would count it twice.
pub fn completeness(entry: &Entry) -> Completeness {
    let count = |text: &str| words(text).take(FULL_WORDS).count();
    match count(&entry.summary_text).max(count(&entry.content_text)) {
        FULL_WORDS.. => Completeness::Full,
        SUMMARY_WORDS.. => Completeness::Summary,
        _ => Completeness::Teaser,
    }
}
