//! Whatever a publisher does.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What a publisher does to the ids of a document: the id of an article in it at a poll. The first two are
/// sound.
const IDS: [fn(usize, i64) -> String; 7] = [
    |number, _| format!("id-{number}"),
    |number, _| format!("https://news.example/?p={number}"),
    |_, _| "same".to_owned(),
    |_, _| "https://news.example/".to_owned(),
    |number, at| format!("id-{number}-{at}"),
    |number, at| format!("id-{}", number + usize::try_from(at).unwrap_or_default()),
    |_, _| String::new(),
];

/// Where a publisher has its articles: each at a page of its own, perhaps under one slug or number for all,
/// all at the front page, or nowhere.
const ADDRESSES: [fn(usize) -> String; 5] = [
    page,
    |number| format!("https://news.example/{number}/todays-news-in-five-minutes"),
    |number| format!("https://news.example/show/1234567/{number}"),
    |_| "https://news.example/".to_owned(),
    |_| String::new(),
];

/// How many of them are pages of one article.
const PAGES: usize = 3;

/// A document: its ids, the articles in it, which of them are without a date this time, whether it is
/// edited, and what the operator says.
#[derive(Clone, Debug)]
struct Listed {
    ids: usize,
    numbers: BTreeSet<usize>,
    undated: BTreeSet<usize>,
    is_edited: bool,
    identity: IdentityBy,
}

fn any_listed() -> impl Strategy<Value = Listed> {
    let articles = || prop::collection::btree_set(0..HEADLINES.len(), 0..HEADLINES.len());
    let identity = prop::sample::select(vec![IdentityBy::Auto, IdentityBy::Auto, IdentityBy::Link]);
    (
        0..IDS.len(),
        articles(),
        articles(),
        any::<bool>(),
        identity,
    )
        .prop_map(|(ids, numbers, undated, is_edited, identity)| Listed {
            ids,
            numbers,
            undated,
            is_edited,
            identity,
        })
}

/// A publisher: where its articles are, whether they have headlines and related ones, and whether its ids
/// are sound.
#[derive(Clone, Copy, Debug)]
struct Publisher {
    address: usize,
    is_titled: bool,
    is_related: bool,
    is_sound: bool,
}

impl Publisher {
    fn has_pages(self) -> bool {
        self.address < PAGES
    }

    /// The words by which an article is told from the others.
    fn headline(self, number: usize) -> String {
        let places = [
            "north", "south", "east", "west", "centre", "hills", "port", "plain",
        ];
        if self.is_related {
            format!("Election results in the {}", places[number])
        } else {
            HEADLINES[number].to_owned()
        }
    }

    /// Tells whether articles may be edited and lose their dates: without a page of its own and a sound id
    /// nothing is left by which one is known.
    fn may_change(self) -> bool {
        self.has_pages() || self.is_sound
    }

    /// What an article says at a poll.
    fn entry(self, listed: &Listed, number: usize, at: i64) -> ParsedEntry {
        let id = IDS[listed.ids](number, at);
        let mut entry = item(number, &id, &ADDRESSES[self.address](number));
        let mut words = self.headline(number);
        if self.is_related {
            // The parts of a series come day by day.
            let days = i64::try_from(number).unwrap();
            entry.published_at = Some(hour(25 * days - 300));
        }
        // Parts of a series are told by nothing else, where they share an id or a slug.
        let may_lose_date = self.may_change() && !self.is_related;
        entry
            .published_at
            .take_if(|_| may_lose_date && listed.undated.contains(&number));
        let is_edited = self.may_change() && listed.is_edited;
        if is_edited {
            words.push_str(["", ", updated", " - a correction"][usize::try_from(at % 3).unwrap()]);
        }
        entry.title = Text::plain(words);
        if !self.is_titled {
            entry.summary = Some(std::mem::take(&mut entry.title));
        } else if is_edited {
            entry.summary = Some(Text::plain(format!("Edit {at}")));
        }
        entry
    }

    fn document(self, listed: &Listed, at: i64) -> Vec<ParsedEntry> {
        let entries = listed.numbers.iter();
        entries
            .map(|number| self.entry(listed, *number, at))
            .collect()
    }

    /// What is published, by article: its id and what it says. None is there twice.
    fn published(self, scene: &Scene) -> BTreeMap<usize, (String, String)> {
        let mut published = BTreeMap::new();
        for article in scene.store().articles(None, 100).unwrap() {
            let said = format!("{}|{}", article.title, article.summary.unwrap_or_default());
            let number = (0..HEADLINES.len())
                .find(|number| said.contains(&self.headline(*number)))
                .unwrap();
            let twice = published.insert(number, (article.atom_id, said));
            assert_eq!(twice, None, "{number} twice");
        }
        published
    }
}

/// What an entry says, as [`Publisher::published`] tells it.
fn said(entry: &ParsedEntry) -> String {
    let summary = entry.summary.as_ref().map(|text| text.value.as_str());
    format!("{}|{}", entry.title.value, summary.unwrap_or_default())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever a publisher does with ids, and whatever it lists: each article once, none lost, each under
    /// an id that stays, and what is put right is put right for readers.
    #[test]
    fn no_article_is_lost_and_none_comes_twice(
        documents in prop::collection::vec(any_listed(), 1..10),
        (is_titled, is_related, is_sound) in any::<(bool, bool, bool)>(),
        address in 0..ADDRESSES.len(),
        cap in prop::option::of(0..HEADLINES.len()),
    ) {
        let scene = Scene::new();
        let publisher = Publisher { address, is_titled, is_related, is_sound };
        let mut expected: BTreeSet<usize> = BTreeSet::new();
        let mut capped: BTreeSet<usize> = BTreeSet::new();
        let mut ids: BTreeMap<usize, String> = BTreeMap::new();
        for (at, mut listed) in (0..).zip(documents) {
            if is_sound {
                (listed.ids, listed.identity) = (0, IdentityBy::Auto);
            }
            let entries = publisher.document(&listed, at);
            let most = cap.filter(|_| at == 0).unwrap_or(usize::MAX);
            capped.extend(listed.numbers.iter().skip(most));
            expected.extend(listed.numbers.difference(&capped));
            let is_link = listed.identity == IdentityBy::Link || !health(&scene).is_good();
            polled_as(&scene, at, entries.clone(), most, listed.identity);
            let published = publisher.published(&scene);
            prop_assert_eq!(published.keys().copied().collect::<BTreeSet<_>>(), expected.clone());
            for (number, (id, _)) in &published {
                prop_assert_eq!(ids.entry(*number).or_insert_with(|| id.clone()), id);
            }
            let is_by_address = is_link && publisher.has_pages();
            for (number, entry) in listed.numbers.iter().zip(&entries) {
                if let Some((_, told)) = published.get(number) && (is_sound || is_by_address) {
                    let bare = told.replace("<p>", "").replace("</p>", "");
                    prop_assert_eq!(bare, said(entry));
                }
            }
        }
    }
}
