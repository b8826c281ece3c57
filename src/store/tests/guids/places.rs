//! Feeds without ids whose addresses are places in a list, and those of which it only looks so.

use super::*;

fn place(number: usize) -> String {
    format!("https://news.example/show?item={number}")
}

/// An article at a place, without a date of its own.
fn at(number: usize, at: usize) -> ParsedEntry {
    ParsedEntry {
        published_at: None,
        ..item(number, "", &place(at))
    }
}

/// Articles at the first places, in this order.
fn list(numbers: &[usize]) -> Vec<ParsedEntry> {
    let places = numbers.iter().zip(1..);
    places.map(|(number, place)| at(*number, place)).collect()
}

#[test]
fn a_list_of_which_most_moves_loses_nothing() {
    let scene = Scene::new();
    let mut ids = BTreeSet::new();
    for (hour, numbers, expected) in [
        (0, &[0][..], GuidHealth::Good),
        (1, &[1, 0], GuidHealth::Good),
        (2, &[2, 1, 0], GuidHealth::Good),
        // Nothing moves, and the same again.
        (3, &[2, 1, 0], GuidHealth::Good),
        (4, &[3, 2, 1], GuidHealth::Good),
        (5, &[4, 3, 2], GuidHealth::Places),
        // More comes than is listed, the list is turned round, and one comes back.
        (6, &[7, 6, 5], GuidHealth::Places),
        (7, &[5, 6, 7], GuidHealth::Places),
        (30, &[4, 5, 6, 7], GuidHealth::Places),
    ] {
        let counted = polled(&scene, hour, list(numbers));
        assert_eq!(counted.copies, 0, "{hour}");
        let count = numbers
            .iter()
            .max()
            .unwrap()
            .max(&ids.len().saturating_sub(1))
            + 1;
        check_articles(&scene, count, &mut ids);
        assert_eq!(health(&scene), expected, "{hour}");
    }
}

/// What the first poll passed over stays so when it moves, and what is new comes at its address.
#[test]
fn the_backlog_of_a_list_is_no_news() {
    let scene = Scene::new();
    let mut ids = BTreeSet::new();
    polled_keeping(&scene, 0, list(&[1, 0, 7, 6]), 2);
    check_articles(&scene, 2, &mut ids);
    for (hour, numbers, count) in [
        (1, &[2, 1, 0, 7][..], 3),
        (2, &[3, 2, 1, 0], 4),
        (3, &[3, 2, 1, 0, 7, 6], 4),
        (4, &[4, 3, 2, 1, 0, 7], 5),
    ] {
        polled(&scene, hour, list(numbers));
        check_articles(&scene, count, &mut ids);
    }
}

/// Two links that were crossed are put right: what they led to is what it was, and the feed goes by its addresses.
#[test]
fn a_slip_makes_no_list() {
    let scene = Scene::new();
    let mut ids = BTreeSet::new();
    polled(&scene, 0, list(&[0, 1, 2, 3]));
    for (hour, numbers) in [(1, [1, 0, 2, 3]), (2, [0, 1, 2, 3])] {
        let counted = polled(&scene, hour, list(&numbers));
        assert_eq!(counted.revised, 2);
        check_articles(&scene, 4, &mut ids);
        assert_eq!(guids(&scene), Guids::default());
    }
    // A headline that is rewritten is one, also among these.
    let mut edited = list(&[0, 1, 2, 3]);
    edited[0].title = Text::plain("Ferries sail again");
    assert_eq!(polled(&scene, 3, edited).revised, 1);
    assert_eq!(scene.titles(None).len(), 4);
}

/// Two stations that change places in what they measure: the texts name them.
#[test]
fn values_are_no_articles_that_move() {
    const STATIONS: [&str; 2] = [
        "Gauge upstream beside the wooden bridge, measured above ground level",
        "Lockkeeper's gauge downstream, measured against mean harbour water",
    ];
    let scene = Scene::new();
    let reading = |station: usize, level: &str| ParsedEntry {
        title: Text::plain(format!("Water stands {level} today")),
        summary: Some(Text::plain(STATIONS[station])),
        ..at(0, station)
    };
    polled(&scene, 0, vec![reading(0, "high"), reading(1, "low")]);
    for (hour, levels) in [(1, ["low", "high"]), (2, ["high", "low"])] {
        let both = [0, 1].map(|station| reading(station, levels[station]));
        let counted = polled(&scene, hour, both.to_vec());
        assert_eq!((counted.new, counted.revised), (0, 2));
        assert_eq!(guids(&scene), Guids::default());
    }
}

/// The addresses are the ids as well, or the ids are good and the addresses alone are places.
#[test]
fn a_list_with_ids_loses_nothing() {
    type Id = fn(usize, usize) -> String;
    let kinds: [(Id, GuidHealth); 2] = [
        (|_, at| place(at), GuidHealth::Places),
        (|number, _| format!("id-{number}"), GuidHealth::Good),
    ];
    for (id, expected) in kinds {
        let scene = Scene::new();
        let mut ids = BTreeSet::new();
        for newest in 2..7 {
            let places = (0..=newest).rev().take(3).zip(1..);
            let list = places.map(|(number, at)| item(number, &id(number, at), &place(at)));
            let hour = i64::try_from(newest).unwrap();
            let counted = polled(&scene, hour, list.collect());
            assert_eq!(counted.copies, 0, "{expected:?} {newest}");
            check_articles(&scene, newest + 1, &mut ids);
        }
        assert_eq!(health(&scene), expected);
    }
}

/// The operator's word decides from the first poll on, whatever ids there are.
#[test]
fn titles_tell_apart_where_the_operator_says_so() {
    let scene = Scene::new();
    let mut ids = BTreeSet::new();
    let numbered = |numbers: &[usize]| {
        let places = numbers.iter().zip(1..);
        let one = |(number, at): (&usize, usize)| item(*number, &place(at), &place(at));
        places.map(one).collect::<Vec<_>>()
    };
    for (hour, numbers) in [(0, [2, 1, 0]), (1, [5, 4, 3]), (2, [6, 5, 4])] {
        let document = numbered(&numbers);
        polled_as(&scene, hour, document, usize::MAX, IdentityBy::Title);
        check_articles(&scene, numbers[0] + 1, &mut ids);
    }
}
