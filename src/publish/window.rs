//! Which articles an output holds, so that no reader misses one (U28, U29).
//!
//! The newest ones, so many as `items` says; and beyond these all that came within the last `stay`, up to
//! five times as many: who asks once a day gets all of a busy day. An article that comes late, dated by its
//! publisher long before others that are listed, is among the second: it is neither lost nor put on top, as
//! all stand in the order of their dates. So is one that came to another output first, and to this one with another feed.
//!
//! "The last" is reckoned back from what came last to this output, not from a clock: the same articles are the
//! same output (U8), and an output to which nothing comes loses nothing. What a new feed brings of its backlog did
//! not come late, and is listed where it is among the newest.
//!
//! Of an output of stories, an article stands for its story, which is listed once, where its newest report is.

use super::settings::{Output, Unit};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// For so long after a feed was added, what it brings of long before is its backlog, as its archive is, and how long before
/// that is: what comes later than its first entries is news, be it told of by the day alone.
const BACKLOG: SignedDuration = SignedDuration::from_hours(24);

/// An article that an output may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its number: of two, the one that came later has the higher.
    pub number: i64,
    /// First publication.
    pub published_at: Timestamp,
    /// When it was first seen, or when it came to this output, where that is later.
    pub arrived_at: Timestamp,
    /// The number of the entry with which it came then.
    pub came: i64,
    /// The story that it reports.
    pub story: Option<i64>,
    /// The feed that tells it, or the story for which it stands.
    pub feed: i64,
    /// Since when the feed is polled with which it came then: another that tells it now may be newer.
    pub feed_added_at: Timestamp,
    /// When the first entries of that feed came.
    pub feed_begun_at: Timestamp,
    /// That feed.
    pub came_by: i64,
}

impl Candidate {
    /// Tells whether it was there before its feed was. Of what came first, and has no date but that of its arrival, nobody
    /// knows.
    fn is_backlog(&self) -> bool {
        let is_first_day = self.arrived_at.duration_since(self.feed_added_at) < BACKLOG;
        if self.arrived_at <= self.feed_begun_at {
            // What is first may be so because all before it was purged.
            let is_undated = self.published_at == self.arrived_at;
            return is_undated && is_first_day || self.published_at < self.feed_added_at;
        }
        is_first_day && self.feed_added_at.duration_since(self.published_at) > BACKLOG
    }
}

/// Tells whether an article still stays for having come lately; `last` is what came last to the output.
pub fn stays(output: &Output, last: &Candidate, candidate: &Candidate) -> bool {
    let since = last.arrived_at.duration_since(candidate.arrived_at);
    since < SignedDuration::try_from(output.stay).unwrap_or(SignedDuration::MAX)
}

/// Chooses what an output holds, in the order in which it is listed.
///
/// `newest` come by their dates, the newest first; `arrived` as they came, the last first, as far as they
/// [stay](stays).
pub fn choose(output: &Output, newest: &[Candidate], arrived: &[Candidate]) -> Vec<Candidate> {
    let mut choice = Choice::new(output);
    choice.fill(output.items, newest.iter().copied());
    let late = arrived.iter().filter(|candidate| !candidate.is_backlog());
    choice.fill(output.most(), late.copied());
    let mut chosen: Vec<Candidate> = choice.by_unit.into_values().collect();
    chosen.sort_by_key(|candidate| (candidate.published_at, candidate.number));
    chosen.reverse();
    chosen
}

/// What was chosen so far.
#[derive(Debug, Default)]
pub struct Choice {
    /// By story, or by the number of an article that stands for itself.
    by_unit: BTreeMap<(Option<i64>, i64), Candidate>,
    by_feed: BTreeMap<i64, usize>,
    /// Articles that one feed may have.
    per_feed: usize,
    unit: Unit,
}

impl Choice {
    /// Starts with nothing.
    pub fn new(output: &Output) -> Self {
        Self {
            per_feed: output.max_per_feed.unwrap_or(usize::MAX),
            unit: output.unit,
            ..Self::default()
        }
    }

    /// Counts the entries.
    pub fn entries(&self) -> usize {
        self.by_unit.len()
    }

    /// Takes from `candidates`, in their order, until there are so many.
    fn fill(&mut self, most: usize, candidates: impl Iterator<Item = Candidate>) {
        for candidate in candidates {
            if self.by_unit.len() >= most {
                return;
            }
            self.take(candidate);
        }
    }

    /// Takes one, unless it is there already or its feed has all that it may have.
    pub fn take(&mut self, candidate: Candidate) {
        let unit = match (self.unit, candidate.story) {
            (Unit::Story, Some(story)) => (Some(story), 0),
            _ => (None, candidate.number),
        };
        let of_feed = self.by_feed.entry(candidate.feed).or_default();
        if *of_feed >= self.per_feed || self.by_unit.contains_key(&unit) {
            return;
        }
        *of_feed += 1;
        self.by_unit.insert(unit, candidate);
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::Selection;
    use super::*;

    /// An instant so many hours after an arbitrary one.
    fn hour(hour: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(500_000 + hour)
    }

    /// An article of a feed that was added long before.
    fn article(number: i64, published: i64, arrived: i64, feed: i64) -> Candidate {
        Candidate {
            number,
            published_at: hour(published),
            arrived_at: hour(arrived),
            came: number,
            story: None,
            feed,
            feed_added_at: hour(-1000),
            feed_begun_at: hour(-1000),
            came_by: feed,
        }
    }

    fn output(items: usize, max_per_feed: Option<usize>) -> Output {
        Output {
            items,
            max_per_feed,
            ..Output::new("all", "All", Selection::All)
        }
    }

    /// Checks which of these articles an output lists, by number, in order.
    #[track_caller]
    fn check(output: &Output, articles: &[Candidate], expected: &[i64]) {
        let mut newest = articles.to_vec();
        newest.sort_by_key(|it| std::cmp::Reverse((it.published_at, it.number)));
        let mut arrived = articles.to_vec();
        arrived.sort_by_key(|it| std::cmp::Reverse(it.came));
        let last = arrived.first().copied();
        arrived.retain(|it| stays(output, &last.unwrap(), it));
        let chosen = choose(output, &newest, &arrived);
        let numbers: Vec<i64> = chosen.iter().map(|it| it.number).collect();
        assert_eq!(numbers, expected);
    }

    #[test]
    fn u28_the_newest_are_listed_and_what_came_within_a_day() {
        check(&output(2, None), &[], &[]);
        let old: Vec<_> = (1..=4).map(|it| article(it, it * 30, it * 30, 1)).collect();
        check(&output(2, None), &old, &[4, 3]);
        let burst: Vec<_> = (1..=6).map(|it| article(it, it, it, 1)).collect();
        check(&output(2, None), &burst, &[6, 5, 4, 3, 2, 1]);
        let flood: Vec<_> = (1..=60).map(|it| article(it, 1, 1, 1)).collect();
        let most: Vec<i64> = (51..=60).rev().collect();
        check(&output(2, None), &flood, &most);
    }

    #[test]
    fn u29_what_comes_late_is_neither_lost_nor_on_top() {
        let mut articles: Vec<_> = (1..=4).map(|it| article(it, it * 30, it * 30, 1)).collect();
        articles.push(article(5, 1, 121, 2));
        check(&output(2, None), &articles, &[4, 3, 5]);
        articles.push(article(6, 150, 150, 1));
        check(&output(2, None), &articles, &[6, 4]);
        // One that was stored before all of them came to this output last.
        articles.push(Candidate {
            arrived_at: hour(151),
            came: 7,
            ..article(0, 2, 0, 2)
        });
        check(&output(2, None), &articles, &[6, 4, 0]);
    }

    #[test]
    fn the_backlog_of_a_new_feed_is_not_late() {
        let mut articles: Vec<_> = (1..=3).map(|it| article(it, it * 30, it * 30, 1)).collect();
        let added = hour(91);
        for number in 4..=6 {
            articles.push(Candidate {
                feed_added_at: added,
                feed_begun_at: added,
                ..article(number, number, 91, 2)
            });
        }
        check(&output(2, None), &articles, &[3, 2]);
        // Its archive comes later on that day.
        articles.push(Candidate {
            feed_added_at: added,
            feed_begun_at: added,
            ..article(7, 7, 96, 2)
        });
        check(&output(2, None), &articles, &[3, 2]);
        articles.push(Candidate {
            feed_added_at: added,
            feed_begun_at: added,
            ..article(8, 8, 116, 2)
        });
        check(&output(2, None), &articles, &[3, 2, 8]);
    }

    /// Who sets all up in the morning misses nothing until the evening.
    #[test]
    fn u28_the_news_of_the_first_day_stay() {
        let first_day = |number, published, arrived| Candidate {
            feed_added_at: hour(91),
            feed_begun_at: hour(92),
            ..article(number, published, arrived, 1)
        };
        // The hour of publication and of arrival: dated since, undated, and told of by the day alone.
        for (published, arrived) in [(92, 96), (96, 96), (72, 96), (91, 92)] {
            let news: Vec<_> = (1..=4)
                .map(|it| first_day(it, published, arrived))
                .collect();
            check(&output(2, None), &news, &[4, 3, 2, 1]);
        }
        // What came first, and of long before.
        for (published, arrived) in [(90, 92), (92, 92), (66, 96)] {
            let backlog: Vec<_> = (1..=4)
                .map(|it| first_day(it, published, arrived))
                .collect();
            check(&output(2, None), &backlog, &[4, 3]);
        }
        // Of a quiet feed all before was purged: what is undated came long after it was added.
        let undated = |number| Candidate {
            feed_begun_at: hour(96),
            ..article(number, 96, 96, 1)
        };
        let news: Vec<_> = (1..=4).map(undated).collect();
        check(&output(2, None), &news, &[4, 3, 2, 1]);
    }

    #[test]
    fn u28_one_feed_has_no_more_than_it_may_have() {
        let mut articles: Vec<_> = (1..=9).map(|it| article(it, it, it, 1)).collect();
        articles.push(article(10, -500, 10, 2));
        check(&output(3, Some(2)), &articles, &[9, 8, 10]);
        check(
            &output(3, Some(9)),
            &articles,
            &[9, 8, 7, 6, 5, 4, 3, 2, 1, 10],
        );
    }

    #[test]
    fn a_story_is_listed_once_where_its_newest_report_is() {
        let of = |story, number, at| Candidate {
            story: Some(story),
            ..article(number, at, at, 1)
        };
        let articles = [
            of(1, 1, 1),
            article(2, 2, 2, 1),
            of(2, 3, 3),
            of(1, 4, 4),
            of(1, 5, 5),
        ];
        let stories = Output {
            unit: Unit::Story,
            ..output(9, None)
        };
        check(&stories, &articles, &[5, 3, 2]);
        check(&output(9, None), &articles, &[5, 4, 3, 2, 1]);
        let one = Output {
            items: 1,
            ..stories
        };
        check(&one, &articles, &[5, 3, 2]);
    }

    #[test]
    fn of_one_instant_the_last_stored_comes_first() {
        let articles = [
            article(1, 5, 5, 1),
            article(2, 5, 5, 1),
            article(3, 5, 5, 1),
        ];
        check(&output(2, None), &articles, &[3, 2, 1]);
    }
}
