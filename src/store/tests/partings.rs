//! Articles of several outlets of which one takes its page to other news: no article twice, none lost.

use super::stories::{brings, report, stored};
use super::*;

const AIRLINE: (&str, &str) = (
    "Airline Norrwing cancels all flights until Tuesday",
    "The airline cancelled flights after its pilots walked out over rosters, a spokeswoman said; eleven thousand \
     travellers are stranded, and the ministry of transport offered railways extra trains between Alder and Brask",
);
const VACCINE: (&str, &str) = (
    "Vaccine against river fever passes last trial",
    "Researchers in Holm protected nine of ten volunteers for two years; the agency for medicines decides in March, \
     and villages along the Sonn are to be first",
);
const ORCHESTRA: (&str, &str) = (
    "Orchestra of the north tours schools",
    "Forty players visit ninety schools until summer and bring instruments that children may borrow; a foundation \
     pays coaches, strings and reeds, and teachers receive scores",
);

/// A scene with feeds of these weights.
fn weighted(feeds: &[(&str, u8)]) -> Scene {
    let scene = Scene::new();
    let feeds = feeds.iter().map(|(feed, weight)| FeedSeed {
        outlet: Outlet {
            weight: *weight,
            ..Outlet::default()
        },
        ..seed(feed, 1)
    });
    wait(scene.store().set_feeds(feeds.collect::<Vec<_>>(), start())).unwrap();
    scene
}

/// What a feed has at its page, with the keys of its words.
fn page(feed: &str, (title, text): (&str, &str)) -> EntryRecord {
    let mut record = report(feed, "page", 0, title, text);
    record.entry.content = Some(format!("<p>{text}</p>"));
    record.entry.summary = None;
    record.entry.keys.extend([
        key(KeyKind::Content, &format!("{title} {text}")),
        key(KeyKind::Title, title),
    ]);
    refresh(&mut record);
    record
}

fn has(scene: &Scene, feed: &str, at: i64, says: (&str, &str)) -> PollCounts {
    brings(scene, feed, at, vec![page(feed, says)])
}

/// The titles that are published, each with its id, in the order of the alphabet.
fn published(scene: &Scene) -> Vec<(String, String)> {
    let articles = scene.store().articles(None, 100).unwrap();
    let mut found: Vec<_> = articles
        .into_iter()
        .map(|it| (it.title, it.atom_id))
        .collect();
    found.sort_unstable();
    found
}

fn titles(scene: &Scene) -> Vec<String> {
    let published = published(scene).into_iter();
    published.map(|(title, _)| title).collect()
}

/// Whoever leaves, the one that told the article or the one that did not: the article stays with the others, under its id,
/// and what is new stands beside it.
#[test]
fn u2_what_other_outlets_say_stays_when_one_of_them_goes_on_to_other_news() {
    for (leaves, beside) in [("a", &["https://b.example/page"][..]), ("b", &[])] {
        let scene = Scene::new();
        has(&scene, "a", 0, AIRLINE);
        assert_eq!(has(&scene, "b", 0, AIRLINE).copies, 1);
        let [(_, id)] = published(&scene).try_into().unwrap();
        let counted = has(&scene, leaves, 1, VACCINE);
        assert_eq!((counted.new, counted.revised), (1, 0), "{leaves}");
        let [airline, vaccine] = published(&scene).try_into().unwrap();
        assert_eq!(airline, (AIRLINE.0.to_owned(), id));
        assert_eq!(vaccine.0, VACCINE.0);
        let article = scene.store().articles(None, 9).unwrap();
        let article = article.iter().find(|it| it.title == AIRLINE.0).unwrap();
        // Whoever left has it no longer.
        let copies = article.copies.iter().map(|copy| &*copy.url);
        assert_eq!(copies.collect::<Vec<_>>(), beside);
        // What comes with either is a copy of it, and nothing new is hidden.
        assert_eq!(has(&scene, "c", 2, AIRLINE).copies, 1);
        assert_eq!(has(&scene, "d", 2, VACCINE).copies, 1);
        assert_eq!(has(&scene, "e", 2, ORCHESTRA).new, 1);
        assert_eq!(titles(&scene), [AIRLINE.0, ORCHESTRA.0, VACCINE.0]);
        assert!(!has(&scene, leaves, 3, VACCINE).changed());
    }
}

/// An outlet that gives a report another id and address has it once, and is not named beside itself.
#[test]
fn u10_an_outlet_is_no_copy_of_itself() {
    let scene = Scene::new();
    let mut moved = page("a", AIRLINE);
    moved.entry.entry_id.push_str("-moved");
    let url = "https://a.example/moved".to_owned();
    moved.entry.keys[0] = key(KeyKind::Guid, "a moved");
    moved.entry.keys[1] = key(KeyKind::Url, &url);
    moved.entry.url = Some(url);
    has(&scene, "a", 0, AIRLINE);
    assert_eq!(brings(&scene, "a", 1, vec![moved]).copies, 1);
    has(&scene, "b", 2, AIRLINE);
    let [article] = scene.store().articles(None, 9).unwrap().try_into().unwrap();
    let urls = article.copies.into_iter().map(|copy| copy.url);
    assert_eq!(urls.collect::<Vec<_>>(), ["https://b.example/page"]);
}

/// What follows a page is edited with it: another feed of the same outlet, or one that took it from there.
#[test]
fn an_article_that_others_have_from_one_page_is_revised_with_it() {
    let scene = Scene::new();
    let section = |says| {
        let mut record = page("b", says);
        let url = "https://a.example/page";
        record.entry.url = Some(url.to_owned());
        record.entry.keys[1] = key(KeyKind::Url, url);
        record
    };
    has(&scene, "a", 0, AIRLINE);
    assert_eq!(brings(&scene, "b", 0, vec![section(AIRLINE)]).copies, 1);
    assert_eq!(has(&scene, "a", 1, VACCINE).revised, 1);
    assert_eq!(brings(&scene, "b", 1, vec![section(VACCINE)]).revised, 1);
    assert_eq!(titles(&scene), [VACCINE.0]);
}

/// A correction is none of it, be it long: something of what the others say is still said.
#[test]
fn an_outlet_that_rewrites_its_report_stays_with_the_others() {
    let scene = Scene::new();
    has(&scene, "a", 0, AIRLINE);
    has(&scene, "b", 0, AIRLINE);
    let text = "Pilots of the airline walked out over rosters; travellers are stranded, says a lawyer who will sue, and \
                refunds take weeks because of holidays";
    let rewritten = ("Norrwing cancels flights as pilots strike", text);
    assert_eq!(has(&scene, "a", 1, rewritten).revised, 1);
    assert_eq!(titles(&scene).len(), 1);
}

/// An edit that is taken back, by two caches that answer in turns or after a mistake, the one of them edited meanwhile: each
/// article is there once, and nothing grows.
#[test]
fn u2_what_is_taken_back_is_the_article_that_it_was() {
    for leaves in ["a", "b"] {
        let scene = Scene::new();
        has(&scene, "a", 0, AIRLINE);
        has(&scene, "b", 0, AIRLINE);
        has(&scene, leaves, 1, VACCINE);
        let before = published(&scene);
        assert_eq!(before.len(), 2);
        let later = ("Vaccine against river fever passes trial", VACCINE.1);
        for at in 2..60 {
            let says = [AIRLINE, VACCINE, AIRLINE, later][usize::try_from(at % 4).unwrap()];
            let counted = has(&scene, leaves, at, says);
            assert_eq!((counted.new, counted.copies), (0, 0), "{at}");
            assert_eq!(published(&scene).len(), 2, "{at}");
        }
        let after = published(&scene);
        assert_eq!(before[0], after[0]);
        assert_eq!(before[1].1, after[1].1);
        let rows: i64 = scene.value("SELECT count(*) FROM entries");
        assert_eq!(rows, 3);
        // And the page is followed still.
        assert_eq!(has(&scene, leaves, 60, AIRLINE).new, 0);
        assert_eq!(has(&scene, leaves, 61, ORCHESTRA).new, 1);
        assert_eq!(titles(&scene), [AIRLINE.0, ORCHESTRA.0, later.0]);
    }
}

/// What readers have stays to the letter, whoever else has the article: anybody could have been waiting for it. Nor does it move
/// when what is told beside it comes and goes.
#[test]
fn u3_what_a_page_said_is_told_on_as_it_was() {
    let scene = Scene::new();
    has(&scene, "a", 0, AIRLINE);
    let longer = format!("{} Everybody who registers receives a voucher.", AIRLINE.1);
    assert_eq!(has(&scene, "b", 0, (AIRLINE.0, &longer)).copies, 1);
    assert_eq!(has(&scene, "c", 0, AIRLINE).copies, 1);
    let told = || {
        let mut articles = scene.store().articles(None, 9).unwrap();
        articles.retain(|it| it.title == AIRLINE.0);
        let [article] = articles.try_into().unwrap();
        (
            article.atom_id,
            article.content,
            article.url,
            article.updated_at,
        )
    };
    let before = told();
    for (at, says) in [(1, VACCINE), (2, AIRLINE), (3, VACCINE)] {
        assert!(has(&scene, "a", at, says).changed());
        assert_eq!(told(), before, "{at}");
    }
    assert_eq!(
        has(&scene, "b", 4, (AIRLINE.0, "Register before midnight")).revised,
        1
    );
    assert_eq!(told(), before);
}

/// A copy that tells the article, as its feed has more weight, and drifts away in steps: at the one by which it says nothing of it
/// any more it leaves, and the article is told by those who had it before.
#[test]
fn u3_a_copy_that_drifts_away_gives_the_article_back() {
    let scene = weighted(&[("a", 50), ("b", 90)]);
    has(&scene, "a", 0, AIRLINE);
    assert_eq!(has(&scene, "b", 0, AIRLINE).copies, 1);
    let [(_, id)] = published(&scene).try_into().unwrap();
    let half = format!(
        "{} Forty players visit ninety schools until summer; coaches, strings, reeds",
        AIRLINE.1.split(';').next().unwrap()
    );
    assert_eq!(has(&scene, "b", 1, (AIRLINE.0, &half)).revised, 1);
    let before = scene.store().articles(None, 9).unwrap().remove(0);
    assert_eq!(has(&scene, "b", 2, ORCHESTRA).new, 1);
    let [airline, orchestra] = published(&scene).try_into().unwrap();
    assert_eq!((&*airline.0, &airline.1), (AIRLINE.0, &id));
    assert_eq!(orchestra.0, ORCHESTRA.0);
    let articles = scene.store().articles(None, 9).unwrap();
    let airline = articles.iter().find(|it| it.atom_id == id).unwrap();
    assert_eq!(airline.url.as_deref(), Some("https://a.example/page"));
    assert_eq!(airline.updated_at, before.updated_at);
    // And those follow it.
    let text = AIRLINE.1.replace("eleven thousand", "twelve hundred");
    assert_eq!(has(&scene, "a", 3, (AIRLINE.0, &text)).revised, 1);
    let articles = scene.store().articles(None, 9).unwrap();
    let airline = articles.iter().find(|it| it.atom_id == id).unwrap();
    assert!(
        airline
            .content
            .as_deref()
            .unwrap()
            .contains("twelve hundred")
    );
}

/// Half of what the airline said, and other things, with so many comments.
fn drifted(comments: i64) -> String {
    let begins = AIRLINE.1.split(';').next().unwrap();
    format!(
        "{begins} Forty players visit ninety schools until summer; coaches, strings, {comments} comments"
    )
}

/// Who tells the report on the airline, and when it changed last.
fn airline(scene: &Scene) -> (String, Timestamp) {
    let articles = scene.store().articles(None, 9).unwrap();
    let article = articles.into_iter().find(|it| it.title == AIRLINE.0);
    let article = article.unwrap();
    (article.source.title, article.updated_at)
}

/// Such a copy may be back at its page, and gone again, at each poll, with a counter: the article is told on by the others, and
/// its date stays, until it says what readers are told of.
#[test]
fn u7_a_page_that_goes_to_and_fro_does_not_tell_the_article_by_turns() {
    let scene = weighted(&[("a", 50), ("b", 90)]);
    has(&scene, "a", 0, AIRLINE);
    has(&scene, "b", 0, AIRLINE);
    has(&scene, "b", 1, (AIRLINE.0, &drifted(12)));
    assert_eq!(has(&scene, "b", 2, VACCINE).new, 1);
    let before = airline(&scene);
    for at in [3, 5, 7, 9] {
        let says = (AIRLINE.0, &*drifted(at + 10));
        assert_eq!(has(&scene, "b", at, says).revised, 1);
        assert_eq!(airline(&scene), before, "{at}");
        assert_eq!(has(&scene, "b", at + 1, VACCINE).revised, 1);
        assert_eq!(airline(&scene), before, "{at}");
    }
    let corrected = drifted(20).replace("walked out", "had not walked out");
    assert_eq!(has(&scene, "b", 11, (AIRLINE.0, &corrected)).revised, 1);
    assert_eq!(airline(&scene), ("The b".to_owned(), hour(11)));
}

/// What it takes back is told when it has stood for hours, and by it then.
#[test]
fn what_is_told_later_is_told_by_who_goes_first() {
    let scene = weighted(&[("a", 50), ("b", 90)]);
    has(&scene, "a", 0, AIRLINE);
    has(&scene, "b", 0, AIRLINE);
    has(&scene, "b", 1, (AIRLINE.0, &drifted(12)));
    has(&scene, "b", 2, VACCINE);
    let (teller, updated_at) = airline(&scene);
    assert_eq!(teller, "The a");
    assert_eq!(has(&scene, "b", 3, AIRLINE).revised, 1);
    assert_eq!(airline(&scene), (teller, updated_at));
    has(&scene, "b", 7, AIRLINE);
    // It has the words that readers have.
    assert_eq!(airline(&scene), ("The b".to_owned(), updated_at));
}

/// What is to be told later waits while other news stands at the page.
#[test]
fn u7_what_is_held_back_is_told_when_it_is_back() {
    let scene = weighted(&[("a", 50), ("b", 90)]);
    has(&scene, "a", 0, AIRLINE);
    has(&scene, "b", 0, AIRLINE);
    has(&scene, "b", 1, (AIRLINE.0, &drifted(12)));
    has(&scene, "b", 2, VACCINE);
    has(&scene, "b", 3, AIRLINE);
    has(&scene, "b", 4, VACCINE);
    let before = airline(&scene);
    assert_eq!(before.0, "The a");
    has(&scene, "b", 8, VACCINE);
    assert_eq!(airline(&scene), before);
    has(&scene, "b", 9, AIRLINE);
    assert_eq!(airline(&scene), ("The b".to_owned(), before.1));
}

/// What left an article does not tell it again when another copy comes, be it of more weight.
#[test]
fn u3_what_left_an_article_does_not_come_back_with_a_copy() {
    let scene = weighted(&[("a", 50), ("b", 90), ("d", 50)]);
    has(&scene, "a", 0, AIRLINE);
    has(&scene, "b", 0, AIRLINE);
    assert_eq!(has(&scene, "a", 1, VACCINE).new, 1);
    let half = format!(
        "{} Gardeners wait until summer; tulips, hedges, orchards and greenhouses thrive",
        AIRLINE.1.split(';').next().unwrap()
    );
    has(&scene, "b", 2, (AIRLINE.0, &half));
    assert_eq!(has(&scene, "b", 3, ORCHESTRA).new, 1);
    let told = || {
        let mut articles = scene.store().articles(None, 9).unwrap();
        articles.retain(|it| it.title == AIRLINE.0);
        let [article] = articles.try_into().unwrap();
        (article.content.unwrap(), article.updated_at)
    };
    let before = told();
    assert!(before.0.contains("Alder and Brask"), "{}", before.0);
    assert_eq!(has(&scene, "d", 4, AIRLINE).copies, 1);
    assert_eq!(told(), before);
}

/// A copy of more weight has the words of the first when it leaves: readers are shown no other ones for it.
#[test]
fn u3_what_a_weighty_copy_told_stays_when_it_leaves_at_once() {
    let scene = weighted(&[("a", 50), ("b", 90), ("c", 50)]);
    has(&scene, "a", 0, (AIRLINE.0, "Comments"));
    has(&scene, "c", 0, AIRLINE);
    let longer = format!("{} Everybody who registers receives a voucher.", AIRLINE.1);
    has(&scene, "b", 0, (AIRLINE.0, &longer));
    let told = || {
        let articles = scene.store().articles(None, 9).unwrap();
        let article = articles.into_iter().find(|it| it.title == AIRLINE.0);
        article.map(|it| (it.content, it.updated_at))
    };
    let before = told();
    for (at, says) in [(1, VACCINE), (2, (AIRLINE.0, &*longer)), (3, VACCINE)] {
        assert!(has(&scene, "b", at, says).changed());
        assert_eq!(told(), before, "{at}");
    }
}

/// A word that is put right is no reason to leave, whatever others say by now.
#[test]
fn an_outlet_that_edits_what_it_says_stays_in_its_article() {
    let scene = Scene::new();
    has(&scene, "a", 0, AIRLINE);
    has(&scene, "b", 0, AIRLINE);
    scene.meddle("UPDATE entries SET title = 'Otters', keys = x'' WHERE feed = 2; DELETE FROM keys WHERE entry = 2");
    let text = AIRLINE.1.replace("eleven", "twelve");
    assert_eq!(has(&scene, "a", 1, (AIRLINE.0, &text)).revised, 1);
    assert_eq!(titles(&scene), [AIRLINE.0]);
}

/// A page that is turned into what another outlet has is a copy of that, and what it said stays.
#[test]
fn a_page_that_takes_up_what_is_told_already_is_a_copy_of_it() {
    let scene = Scene::new();
    has(&scene, "a", 0, AIRLINE);
    has(&scene, "b", 0, ORCHESTRA);
    let counted = has(&scene, "b", 1, AIRLINE);
    assert_eq!((counted.new, counted.copies, counted.revised), (0, 1, 0));
    assert_eq!(titles(&scene), [AIRLINE.0, ORCHESTRA.0]);
    let copy = stored(&scene, "b", "page");
    assert_eq!(copy.article, stored(&scene, "a", "page").article);
}

/// The one that tells the article to all and leaves takes its topics along, but not those that others gave it.
#[test]
fn what_stays_keeps_the_topics_of_all_that_reported_it() {
    let scene = Scene::new();
    let of_topic = |feed, says, label| labelled(page(feed, says), &[label]);
    brings(&scene, "a", 0, vec![of_topic("a", AIRLINE, "travel")]);
    brings(&scene, "b", 0, vec![of_topic("b", AIRLINE, "strikes")]);
    let counted = brings(&scene, "a", 1, vec![of_topic("a", VACCINE, "health")]);
    let changed: Vec<&str> = counted.labels.iter().map(|it| &**it).collect();
    assert_eq!(changed, ["health", "strikes", "travel"]);
    for (label, title) in [
        ("travel", AIRLINE.0),
        ("strikes", AIRLINE.0),
        ("health", VACCINE.0),
    ] {
        assert_eq!(scene.titles(Some(label)), [title], "{label}");
    }
}
