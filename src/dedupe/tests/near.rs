//! Copies that no key finds.

use super::*;

const WIRE: &str = "MEXICO CITY (Agency) - A ferry with ninety people on board sank in a storm off the coast of \
    Veracruz early on Tuesday, the navy said. Divers brought 61 of them ashore by noon, and three boats went \
    on looking for the others in waves of four metres. The captain told radio that a pump had failed.";

const OTHER: &str = "Survivors of the ferry that went down before Veracruz spoke of panic in the dark on \
    Tuesday. Families waited at the harbour, where the navy read out names; the owner of the ship has been \
    questioned. It is the second such accident on this route within a year, and the port asks why.";

fn stored(title: &str, text: &str) -> Near {
    Near {
        article: 7,
        feed: FeedId::new("b"),
        entry_id: "id7".to_owned(),
        outlets: vec![(FeedId::new("b"), Some("b.example".to_owned()))],
        title: title.to_owned(),
        text: text.to_owned(),
        published_at: hours(0),
    }
}

/// Whether an entry of feed `a` is a copy of what is stored.
fn is_copy(title: &str, text: &str, hour: i64, near: Near) -> bool {
    let mut entry = entry("1", title, hour);
    text.clone_into(&mut entry.summary_text);
    near_copy(&entry, Some("a.example"), &[near]).is_some()
}

const TITLE: &str = "Ferry sinks off Veracruz, navy searches for missing";

#[test]
fn the_same_words_under_another_headline_are_a_copy() {
    let longer = format!("{WIRE} More follows. {OTHER}");
    let cut: String = WIRE.chars().take(200).collect();
    let edited = "Ferry with ninety sinks off Veracruz, navy searches";
    for (what, text, near, expected) in [
        ("the report", WIRE, stored(edited, WIRE), true),
        ("cut", &cut, stored(TITLE, WIRE), true),
        ("with more", &longer, stored(TITLE, WIRE), true),
        ("another report", OTHER, stored(TITLE, WIRE), false),
        (
            "another headline",
            WIRE,
            stored("Storm claims a ship in Mexico", WIRE),
            false,
        ),
        ("no texts", "", stored(TITLE, ""), false),
        (
            "short texts",
            "A ferry sank.",
            stored(TITLE, "A ferry sank."),
            false,
        ),
    ] {
        assert_eq!(is_copy(TITLE, text, 1, near), expected, "{what}");
    }
}

#[test]
fn guards_stand_before_copies() {
    // Told by another feed, and carried by this one, too.
    let of_feed = |feed: &str, site: &str| {
        let mut near = stored(TITLE, WIRE);
        near.outlets
            .push((FeedId::new(feed), Some(site.to_owned())));
        near
    };
    let saved = "61 saved as ferry sinks off Veracruz";
    let others = stored("58 saved as ferry sinks off Veracruz", WIRE);
    for (what, title, hour, near, expected) in [
        ("in time", TITLE, 72, stored(TITLE, WIRE), true),
        ("three days on", TITLE, 73, stored(TITLE, WIRE), false),
        ("no headlines", "", 1, stored("", WIRE), false),
        ("other numbers", saved, 1, others, false),
        ("its own feed", TITLE, 1, of_feed("a", "b.example"), false),
        ("its own site", TITLE, 1, of_feed("b", "a.example"), false),
    ] {
        assert_eq!(is_copy(title, WIRE, hour, near), expected, "{what}");
    }
}

/// A notice as offices write it, for one place.
fn notice(place: &str) -> String {
    format!(
        "The office has issued a winter storm warning for {place} from Tuesday evening to Wednesday noon. \
         Up to ten inches of snow are expected, with gusts of forty miles an hour; travel may be difficult to \
         impossible, and those who must travel should keep a flashlight, food and water in the car."
    )
}

/// A place that is named in the titles alone.
#[test]
fn a_form_with_other_numbers_is_another_report() {
    let warning = |place: &str| format!("Police warn of fake officers in {place}");
    let victims = |people: &str, crowns: &str| {
        format!(
            "{people} elderly people let men into their homes last week who showed a badge and asked to see their \
             savings, police said on Monday. They took about {crowns} crowns. Officers never ask for money at the door; \
             whoever is called on by such men should close it and dial the emergency number at once."
        )
    };
    for (what, text, near, expected) in [
        (
            "two towns and other numbers",
            victims("5", "40,000"),
            stored(&warning("Osterby"), &victims("9", "90,000")),
            false,
        ),
        (
            "other numbers around one text",
            format!("Reading time 3 minutes. {}", victims("5", "40,000")),
            stored(
                &warning("town"),
                &format!("{} Updated at 14:05.", victims("5", "40,000")),
            ),
            true,
        ),
        (
            "another headline over the same numbers",
            victims("5", "40,000"),
            stored(&warning("town"), &victims("5", "40,000")),
            true,
        ),
    ] {
        let found = is_copy(&warning("Larnholm"), &text, 1, near);
        assert_eq!(found, expected, "{what}");
    }
}

#[test]
fn one_form_filled_in_twice_is_two_reports() {
    let title =
        |place: &str| format!("Winter storm warning issued for {place} County until Wednesday");
    let verdict =
        |word: &str| format!("Jury finds former mayor {word} of fraud after trial in Springfield");
    let zh = |city: &str| {
        format!(
            "{city}市今日发布暴雨红色预警，全市中小学停课，地铁部分线路停运，请市民减少外出，注意安全，防范山洪灾害"
        )
    };
    for (what, own, text, near, expected) in [
        (
            "one place",
            title("Erie"),
            notice("Erie County"),
            stored(&title("Erie"), &notice("Erie County")),
            true,
        ),
        (
            "two places",
            title("Erie"),
            notice("Erie County"),
            stored(&title("Albany"), &notice("Albany County")),
            false,
        ),
        (
            "the sense",
            verdict("guilty"),
            WIRE.to_owned(),
            stored(&verdict("not guilty"), WIRE),
            false,
        ),
        (
            "长沙",
            "长沙发布暴雨红色预警全市停课".to_owned(),
            zh("长沙"),
            stored("武汉发布暴雨红色预警全市停课", &zh("武汉")),
            false,
        ),
    ] {
        assert_eq!(is_copy(&own, &text, 1, near), expected, "{what}");
    }
}

#[test]
fn the_reason_tells_how_much_was_copied() {
    let mut entry = entry("1", "Ferry sinks off Veracruz", 0);
    WIRE.clone_into(&mut entry.content_text);
    let near = [
        stored("Another thing", OTHER),
        stored("Ferry sinks off Veracruz", WIRE),
    ];
    let expected = Verdict::Copy {
        article: 7,
        reason: Reason {
            kind: ReasonKind::SameWords,
            text: "100 % of the shorter text, word by word, as in id7 in feed b".to_owned(),
        },
    };
    assert_eq!(near_copy(&entry, None, &near), Some(expected));
}
