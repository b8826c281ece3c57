//! How stories change: they merge, fall apart, end, and are found in any script.

use super::shares::MERGING;
use super::stories::{brings, ferry, quake, report, rescue, stored, story};
use super::*;

/// Two stories that are one, and the report that shows it.
fn two_stories(scene: &Scene) -> (Option<i64>, Option<i64>) {
    let dam =
        "Engineers watch the dam above Arequipa, which has cracks since yesterday and may burst";
    let train =
        "Trains between Cusco and Puno stand still, thousands of tourists sleep in stations";
    for (feed, name, title, lead) in [
        ("a", "dam", "Dam above Arequipa may burst", dam),
        ("b", "dam", "Cracks in dam: Arequipa may be flooded", dam),
        (
            "c",
            "train",
            "Tourists stuck as trains between Cusco and Puno stop",
            train,
        ),
        (
            "d",
            "train",
            "Cusco and Puno trains stopped, tourists sleep in stations",
            train,
        ),
    ] {
        brings(scene, feed, 0, vec![report(feed, name, 0, title, lead)]);
    }
    (story(scene, "a", "dam"), story(scene, "c", "train"))
}

/// What holds the two together.
fn bridge() -> EntryRecord {
    let title = "Dam above Arequipa may burst, trains between Cusco and Puno stop, tourists stuck";
    let lead = "Cracks in the dam above Arequipa, trains between Cusco and Puno stopped, tourists in stations";
    report("e", "both", 1, title, lead)
}

#[test]
fn a_report_like_two_stories_makes_them_one_only_if_their_reports_agree() {
    let scene = Scene::new();
    let (dam, train) = two_stories(&scene);
    assert!(dam.is_some() && train.is_some() && dam != train);
    brings(&scene, "e", 1, vec![bridge()]);
    assert!(story(&scene, "e", "both").is_some());
    assert_ne!(
        story(&scene, "a", "dam"),
        story(&scene, "c", "train"),
        "their reports share nothing"
    );
}

#[test]
fn stories_that_merge_keep_the_older_number() {
    let scene = Scene::new();
    let lima = |feed: &str, title: &str, lead: &str| report(feed, "lima", 0, title, lead);
    let (halves, both) = MERGING.split_at(4);
    for (feed, title, lead) in halves {
        brings(&scene, feed, 0, vec![lima(feed, title, lead)]);
    }
    let (older, younger) = (story(&scene, "a", "lima"), story(&scene, "c", "lima"));
    assert!(older.is_some() && younger > older, "{older:?} {younger:?}");
    for (feed, title, lead) in both {
        brings(&scene, feed, 1, vec![lima(feed, title, lead)]);
    }
    for feed in ["a", "b", "c", "d", "e", "f", "g"] {
        assert_eq!(story(&scene, feed, "lima"), older, "{feed}");
    }
    let merged = stored(&scene, "c", "lima").story_reason;
    assert!(merged.is_some_and(|reason| reason.starts_with("found to be of this story by \"")));
}

#[test]
fn a_report_that_is_edited_into_another_leaves_its_story() {
    let scene = Scene::new();
    brings(&scene, "a", 0, vec![quake("a", 0)]);
    brings(&scene, "b", 1, vec![rescue("b", 1)]);
    brings(&scene, "c", 1, vec![quake("c", 1)]);
    let born = story(&scene, "a", "quake");
    let fire = "Hundreds of firemen fight flames in the pine woods north of Lisbon as winds turn";
    let other = || report("b", "rescue", 1, "Woods burn north of Lisbon", fire);
    brings(&scene, "b", 2, vec![other()]);
    assert_eq!(story(&scene, "b", "rescue"), None);
    assert_eq!(story(&scene, "a", "quake"), born);
    brings(
        &scene,
        "d",
        3,
        vec![report("d", "fire", 3, "Pine woods burn near Lisbon", fire)],
    );
    assert_eq!(story(&scene, "b", "rescue"), story(&scene, "d", "fire"));
    assert_ne!(story(&scene, "d", "fire"), born);
}

/// A report leaves a story, and with the next of the same poll one comes that stood alone: the story has one report
/// more than was looked at, and that is not the next.
#[test]
fn what_comes_for_one_that_left_is_told_of() {
    let scene = Scene::new();
    let port = |feed: &str, name: &str, title: &str, lead: &str| report(feed, name, 0, title, lead);
    for (feed, title, lead) in MERGING {
        let labels: &[&str] = if feed == "c" { &["shut"] } else { &[] };
        if !"dg".contains(feed) {
            let entry = labelled(port(feed, "port", title, lead), labels);
            brings(&scene, feed, 0, vec![entry]);
        }
    }
    let lead = "In the harbour cranes toppled, and some ships drift";
    let toppled = port("g", "left", "Quake in harbour topples cranes", lead);
    brings(&scene, "g", 0, vec![toppled]);
    let one = story(&scene, "a", "port");
    assert!(one.is_some() && one == story(&scene, "g", "left"));
    assert_eq!(story(&scene, "c", "port"), None);

    let fire = "Hundreds of firemen fight flames in the pine woods north of Lisbon as winds turn";
    let leaves = port("g", "left", "Woods burn north of Lisbon", fire);
    let (_, title, lead) = MERGING[6];
    let counts = brings(&scene, "g", 1, vec![leaves, port("g", "port", title, lead)]);
    assert_eq!(story(&scene, "g", "left"), None);
    assert_eq!(story(&scene, "c", "port"), one, "it comes with the next");
    assert!(
        counts.labels.contains(&"shut".to_owned()),
        "{:?}",
        counts.labels
    );
}

#[test]
fn an_edit_that_keeps_the_subject_keeps_the_story() {
    let scene = Scene::new();
    brings(&scene, "a", 0, vec![quake("a", 0)]);
    brings(&scene, "b", 1, vec![rescue("b", 1)]);
    let born = story(&scene, "b", "rescue");
    let mut edit = rescue("b", 1);
    edit.entry.title.push_str(", forty found");
    refresh(&mut edit);
    brings(&scene, "b", 2, vec![edit]);
    assert_eq!(story(&scene, "b", "rescue"), born);
}

#[test]
fn one_feed_that_reports_on_two_events_makes_them_no_story() {
    let scene = Scene::new();
    let (dam, train) = two_stories(&scene);
    for number in 0..12 {
        let mut both = bridge();
        both.entry.entry_id.push_str(&number.to_string());
        both.entry.keys = vec![key(KeyKind::Guid, &both.entry.entry_id)];
        both.entry.url = None;
        brings(&scene, "e", number, vec![both]);
    }
    assert_eq!(
        (story(&scene, "a", "dam"), story(&scene, "c", "train")),
        (dam, train)
    );
}

#[test]
fn numbers_of_stories_are_never_used_again() {
    let scene = Scene::new();
    brings(&scene, "a", 0, vec![quake("a", 0)]);
    brings(&scene, "b", 1, vec![rescue("b", 1)]);
    let first = story(&scene, "a", "quake");
    let nothing = Settings {
        max_entries: Some(0),
        ..Settings::default()
    };
    scene.retain(hour(1), &nothing);
    assert_eq!(scene.value::<i64>("SELECT count(*) FROM stories"), 0);
    brings(&scene, "c", 2, vec![quake("c", 2)]);
    brings(&scene, "d", 2, vec![rescue("d", 2)]);
    assert!(story(&scene, "c", "quake") > first);
}

#[test]
fn an_edit_of_what_is_too_old_to_be_compared_keeps_the_story() {
    let scene = Scene::new();
    brings(&scene, "a", 0, vec![quake("a", 0)]);
    brings(&scene, "b", 1, vec![rescue("b", 1)]);
    let born = story(&scene, "a", "quake");
    let mut edit = rescue("b", 1);
    edit.entry.title.push_str(", forty found alive");
    refresh(&mut edit);
    brings(&scene, "b", 20 * 24, vec![edit]);
    assert!(born.is_some());
    assert_eq!(story(&scene, "b", "rescue"), born);
    assert_eq!(story(&scene, "a", "quake"), born);
}

#[test]
fn a_story_ends_with_its_last_but_one_article() {
    let scene = Scene::new();
    brings(&scene, "a", 0, vec![quake("a", 0)]);
    brings(&scene, "b", 1, vec![rescue("b", 1)]);
    let one = Settings {
        max_entries: Some(1),
        ..Settings::default()
    };
    assert_eq!(scene.retain(hour(2), &one), 1);
    let left = stored(&scene, "b", "rescue");
    assert_eq!((left.story, left.story_reason), (None, None));
}

#[test]
fn an_edit_may_not_pull_an_article_into_a_story_that_just_fell_apart() {
    let scene = Scene::new();
    let fire = "Hundreds of firemen fight flames in the pine woods north of Lisbon as winds turn";
    let both = "Rescue teams from Lisbon, where pine woods burn, search collapsed houses in Lima after the quake";
    brings(&scene, "a", 0, vec![quake("a", 0)]);
    let bridge = |title: &str, lead: &str| report("b", "bridge", 1, title, lead);
    brings(
        &scene,
        "b",
        1,
        vec![bridge(
            "Lima quake: houses collapse, help from Lisbon woods fire",
            both,
        )],
    );
    brings(
        &scene,
        "c",
        1,
        vec![report(
            "c",
            "fire",
            1,
            "Help leaves Lisbon, pine woods burn north",
            fire,
        )],
    );
    let born = story(&scene, "a", "quake");
    assert!(born.is_some());
    // It turns to the fire alone: what was of the quake has nothing to do with it.
    brings(
        &scene,
        "b",
        2,
        vec![bridge("Pine woods burn north of Lisbon", fire)],
    );
    assert_eq!(story(&scene, "b", "bridge"), story(&scene, "c", "fire"));
    assert_ne!(story(&scene, "a", "quake"), story(&scene, "b", "bridge"));
}

#[test]
fn one_companion_is_enough_to_stay() {
    let scene = Scene::new();
    brings(&scene, "a", 0, vec![quake("a", 0)]);
    brings(&scene, "b", 1, vec![rescue("b", 1)]);
    let born = story(&scene, "b", "rescue");
    let lead = "Rescue teams search houses in Lima for a third night, hope fades, mayor speaks of hundreds in tents";
    let edit = report(
        "b",
        "rescue",
        1,
        "Third night of search in Lima after strong quake",
        lead,
    );
    brings(&scene, "b", 2, vec![edit]);
    assert_eq!(story(&scene, "b", "rescue"), born);
    assert_eq!(story(&scene, "a", "quake"), born);
}

#[test]
fn a_backlog_meets_its_own_days() {
    let scene = Scene::new();
    brings(&scene, "a", 0, vec![quake("a", 0)]);
    // Many later articles with the same words, before the backlog of another feed comes.
    for number in 0..40 {
        let title =
            format!("Lima quake diary {number}: houses in Peru collapse and rise, part after part");
        let lead = format!("Diary of a strong quake off Peru and of Lima houses, page {number}");
        brings(
            &scene,
            "d",
            50,
            vec![report("d", &format!("n{number}"), 50, &title, &lead)],
        );
    }
    brings(&scene, "b", 51, vec![rescue("b", 1)]);
    assert_eq!(story(&scene, "b", "rescue"), story(&scene, "a", "quake"));
}

#[test]
fn what_is_too_old_to_be_compared_is_forgotten() {
    let scene = Scene::new();
    brings(&scene, "a", 0, vec![quake("a", 0), ferry("a", 0)]);
    let rows = || {
        let count = |table: &str| scene.value::<i64>(&format!("SELECT count(*) FROM {table}"));
        (count("vectors"), count("postings") > 0)
    };
    assert_eq!(rows(), (2, true));
    scene.retain(hour(16 * 24), &Settings::default());
    assert_eq!(rows(), (2, true));
    scene.retain(hour(23 * 24), &Settings::default());
    assert_eq!(rows(), (0, false));
    // An article that comes that late has none to be compared with, and none is kept for it.
    brings(&scene, "b", 23 * 24, vec![rescue("b", 0)]);
    assert_eq!(rows(), (0, false));
}

#[test]
fn what_retention_takes_finds_nobody() {
    let scene = Scene::new();
    brings(&scene, "a", 0, vec![quake("a", 0)]);
    let settings = Settings {
        max_entries: Some(0),
        ..Settings::default()
    };
    assert_eq!(scene.retain(hour(1), &settings), 1);
    assert_eq!(scene.value::<i64>("SELECT count(*) FROM postings"), 0);
    brings(&scene, "b", 1, vec![rescue("b", 1)]);
    assert_eq!(story(&scene, "b", "rescue"), None);
}

#[test]
fn terms_are_counted_in_batches_a_part_with_each_article() {
    let scene = Scene::new();
    let waiting = |scene: &Scene| scene.value::<i64>("SELECT count(*) FROM uncounted");
    for number in 0..40 {
        let record = report(
            "a",
            &format!("n{number}"),
            0,
            &format!("Walrus number{number} lands"),
            "",
        );
        brings(&scene, "a", 0, vec![record]);
        let expected = match number % 16 {
            15 => 5,
            later if number > 15 => 4 - later,
            _ => 0,
        };
        assert_eq!(waiting(&scene), expected.max(0), "{number}");
    }
    let documents: f64 = scene.value("SELECT documents FROM corpus");
    let walrus: f64 = scene.value("SELECT max(articles) FROM terms");
    assert!(
        (documents - 32.0).abs() < 1e-9 && (walrus - 32.0).abs() < 1e-9,
        "{documents} {walrus}"
    );
    scene.retain(hour(1), &Settings::default());
    assert!(
        scene.value::<i64>("SELECT count(*) FROM terms") > 30,
        "young ones stay"
    );
    scene.meddle("UPDATE corpus SET weight = 16");
    scene.retain(hour(1), &Settings::default());
    assert_eq!(
        scene.value::<i64>("SELECT count(*) FROM terms"),
        2,
        "walrus and lands"
    );
}

/// Of each language two reports of one event, and one of another.
const REPORTS: [(&str, &str, &str, &str); 9] = [
    (
        "ru",
        "один",
        "Моди прибыл в Москву на переговоры с Путиным",
        "Премьер-министр Индии Нарендра Моди прибыл в Москву, где обсудит с Владимиром Путиным торговлю нефтью",
    ),
    (
        "ru",
        "два",
        "Путин и Моди обсудили в Москве торговлю нефтью",
        "Владимир Путин принял премьер-министра Индии в Кремле, переговоры о нефти длились три часа",
    ),
    (
        "ru",
        "три",
        "В Якутске ударили морозы",
        "Температура в Якутске опустилась ночью до пятидесяти градусов, школы закрыты",
    ),
    (
        "hi",
        "एक",
        "मोदी मॉस्को पहुंचे, पुतिन से करेंगे बातचीत",
        "प्रधानमंत्री नरेंद्र मोदी मॉस्को पहुंचे हैं जहां वह राष्ट्रपति पुतिन से तेल व्यापार पर बातचीत करेंगे",
    ),
    (
        "hi",
        "दो",
        "पुतिन और मोदी की मॉस्को में बातचीत, तेल व्यापार पर जोर",
        "राष्ट्रपति पुतिन ने मॉस्को में प्रधानमंत्री मोदी का स्वागत किया और तेल व्यापार पर चर्चा हुई",
    ),
    (
        "hi",
        "तीन",
        "केरल में भारी बारिश से बाढ़",
        "केरल के कई जिलों में भारी बारिश के बाद बाढ़ आ गई और स्कूल बंद हैं",
    ),
    (
        "zh",
        "一",
        "莫迪抵达莫斯科将与普京会谈",
        "印度总理莫迪抵达莫斯科，将与普京总统讨论石油贸易",
    ),
    (
        "zh",
        "二",
        "普京与莫迪在莫斯科会谈石油贸易",
        "普京总统在克里姆林宫会见印度总理莫迪，讨论石油贸易",
    ),
    (
        "zh",
        "三",
        "台风登陆福建沿海",
        "台风今晨在福建沿海登陆，学校停课，渔船回港",
    ),
];

#[test]
fn stories_are_found_in_other_scripts() {
    let scene = Scene::new();
    for (number, (language, name, title, lead)) in REPORTS.into_iter().enumerate() {
        let mut record = report(&format!("{language}{number}"), name, 0, title, lead);
        record.entry.language = Some(language.to_owned());
        brings(&scene, &format!("{language}{number}"), 0, vec![record]);
    }
    let stories: Vec<Option<i64>> = REPORTS
        .iter()
        .zip(0..)
        .map(|((language, name, ..), number)| story(&scene, &format!("{language}{number}"), name))
        .collect();
    for language in stories.chunks(3) {
        assert!(
            language[0].is_some() && language[0] == language[1],
            "{stories:?}"
        );
        assert_eq!(language[2], None, "{stories:?}");
    }
    assert_eq!(scene.value::<i64>("SELECT count(*) FROM stories"), 3);
}

/// A stub that is edited into a report of what another feed has by then keeps its entry, and the other joins it.
#[test]
fn u2_a_story_that_an_edit_makes_begins_with_what_was_stored_first() {
    let scene = Scene::new();
    let stub = report(
        "a",
        "quake",
        0,
        "Breaking: loud bang heard",
        "More to follow.",
    );
    brings(&scene, "a", 0, vec![stub]);
    brings(&scene, "b", 1, vec![rescue("b", 1)]);
    let ids = |scene: &Scene| -> Vec<String> {
        let entries = story_entries::entries(scene);
        entries.into_iter().map(|it| it.atom_id).collect()
    };
    let before = ids(&scene);
    brings(&scene, "a", 2, vec![quake("a", 0)]);
    assert!(story(&scene, "a", "quake").is_some());
    assert_eq!(story(&scene, "b", "rescue"), story(&scene, "a", "quake"));
    assert_eq!(ids(&scene), before[1..], "the older, which is listed last");
    let told = story_entries::entry(&scene);
    assert_eq!((told.published_at, told.updated_at), (hour(0), hour(2)));
    assert_eq!(stored(&scene, "a", "quake").story_reason, None);
    let reason = stored(&scene, "b", "rescue").story_reason.unwrap();
    assert!(reason.contains("Strong quake shakes Lima"), "{reason}");
}

/// A story is as old as the report that it began with, whatever dates others have.
#[test]
fn reports_that_are_dated_back_close_no_story() {
    let scene = Scene::new();
    brings(&scene, "a", 0, vec![quake("a", 0)]);
    // Each is within three days of enough others, and the last a week and more before what comes then.
    for (feed, at) in [("x", -60), ("y", -120), ("z", -160)] {
        for number in 1 - at..4 - at {
            let title = format!("Strong quake shakes Lima, houses collapse: {number} hurt, {feed}");
            let lead = format!(
                "A strong quake shook the coast of Peru, {number} houses in Lima collapsed"
            );
            let back = report(feed, &format!("n{number}"), at, &title, &lead);
            brings(&scene, feed, 1, vec![back]);
        }
    }
    let reports: i64 = scene.value("SELECT count(*) FROM articles WHERE story = 1");
    assert_eq!(reports, 10, "they are of the story");
    brings(&scene, "c", 20, vec![rescue("c", 20)]);
    assert_eq!(story(&scene, "c", "rescue"), Some(1));
}
