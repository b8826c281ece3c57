//! What readers are told of an edit, and what is kept of what was said before.

use super::*;
use crate::model::{Edit, FormerVersion};

/// The only article.
fn article(scene: &Scene) -> Article {
    let [article] = scene.store().articles(None, 9).unwrap().try_into().unwrap();
    article
}

fn history(scene: &Scene, record: &EntryRecord) -> Vec<FormerVersion> {
    let entry = &record.entry;
    scene.store().history(&entry.feed, &entry.entry_id).unwrap()
}

/// The entry with another content.
fn rewritten(mut record: EntryRecord, content: &str) -> EntryRecord {
    record.entry.content = Some(content.to_owned());
    refresh(&mut record);
    record
}

/// How many revisions are counted of an entry.
fn revisions(scene: &Scene, record: &EntryRecord) -> u64 {
    let found = scene.store().find(&record.entry.entry_id, &[]).unwrap();
    let [stored] = found.try_into().unwrap();
    stored.revisions
}

#[test]
fn u7_a_correction_is_told_once_and_what_was_said_is_kept() {
    let scene = Scene::new();
    let one = entry("a", "one");
    scene.record(poll("a", hour(0), vec![one.clone()]));
    let correction = rewritten(one.clone(), &"<p>Seen at dusk.</p>".repeat(100));
    for at in 1..5 {
        let counted = scene.record(poll("a", hour(at), vec![correction.clone()]));
        assert_eq!(counted.changed(), at == 1);
        assert_eq!(article(&scene).updated_at, hour(1));
    }
    assert_eq!(article(&scene).content, correction.entry.content);
    let [former] = history(&scene, &one).try_into().unwrap();
    assert_eq!(former.title, one.entry.title);
    assert!(
        former
            .text
            .starts_with("Short. Seen at dawn. Seen at dawn.")
    );
    assert_eq!((former.number, former.replaced_at), (1, hour(1)));
    let edit = Edit {
        title: false,
        percent: 34,
    };
    assert_eq!(former.edit, edit);
    assert_eq!(revisions(&scene, &one), 1);
}

#[test]
fn u7_what_is_no_correction_is_stored_and_not_told() {
    let scene = Scene::new();
    let one = entry("a", "one");
    scene.record(poll("a", hour(0), vec![one.clone()]));
    let touched = |mut record: EntryRecord| {
        record.entry.updated_at = hour(2);
        record
    };
    let counter = "<p>Seen at dawn.</p>".repeat(100) + "12 minutes ago";
    let mut moved = one.clone();
    moved.entry.url = Some("https://news.example/elsewhere".to_owned());
    moved.entry.content_digest = [1; 16];
    for edit in [
        edited(one.clone(), "PANGOLINS sighted, near one"),
        rewritten(one.clone(), &counter),
        moved,
    ] {
        scene.record(poll("a", hour(3), vec![touched(edit.clone())]));
        let article = article(&scene);
        assert_eq!(article.title, edit.entry.title);
        assert_eq!(article.content, edit.entry.content);
        assert_eq!(article.url, edit.entry.url);
        assert_eq!(article.updated_at, hour(-1));
    }
    assert!(history(&scene, &one).is_empty());
}

/// A site goes over to excerpts, and back.
#[test]
fn u7_what_is_cut_off_is_not_told_nor_when_it_is_whole_again() {
    let scene = Scene::new();
    let whole = "<p>Seen at dawn near the river by rangers of the park, who counted twelve.</p>";
    let cut = "<p>Seen at dawn near the river by rangers [&hellip;]</p>";
    let says = |text: &str| {
        let mut record = rewritten(entry("a", "one"), text);
        record.entry.summary = None;
        refresh(&mut record);
        record
    };
    for (at, text) in [(0, whole), (5, cut), (10, whole), (15, cut), (20, cut)] {
        scene.record(poll("a", hour(at), vec![says(text)]));
        assert_eq!(
            article(&scene).updated_at,
            entry("a", "one").entry.updated_at,
            "{at}"
        );
        assert_eq!(article(&scene).content.as_deref(), Some(text), "{at}");
    }
    let corrected = whole.replace("river", "lake").replace("dawn", "dusk");
    let corrected = says(&corrected.replace("twelve", "thirty"));
    scene.record(poll("a", hour(25), vec![corrected]));
    assert_eq!(article(&scene).updated_at, hour(25));
}

/// A correction and what was there before, from two caches in turns.
#[test]
fn u7_what_comes_in_turns_is_told_once() {
    let scene = Scene::new();
    let one = entry("a", "one");
    let other = edited(one.clone(), "Pangolins sighted near the river");
    for at in 0..9 {
        let says = if at % 2 == 0 { &one } else { &other };
        scene.record(poll("a", hour(at), vec![says.clone()]));
        assert_eq!(article(&scene).title, says.entry.title);
    }
    assert_eq!(article(&scene).updated_at, hour(1));
    let titles = history(&scene, &one).into_iter().map(|former| former.title);
    assert_eq!(titles.collect::<Vec<_>>(), [one.entry.title]);
}

/// What is wrong and is taken back is told twice: when it comes, and when it has been taken back for hours. What a publisher
/// touches meanwhile does not put that off.
#[test]
fn u7_what_is_taken_back_is_told_when_it_stays_so() {
    let mut scene = Scene::new();
    let one = drifted(0);
    let wrong = edited(one.clone(), "Otters sighted near one");
    let touched = drifted(1);
    for (at, says, told) in [
        (0, Some(&one), -1),
        (1, Some(&wrong), 1),
        (2, Some(&one), 1),
        (4, Some(&touched), 1),
        (5, None, 5),
        (9, None, 5),
        (10, Some(&wrong), 5),
        // A cache that is out of date, which says what readers know: the wait begins anew.
        (11, Some(&touched), 5),
        (12, Some(&wrong), 5),
        (14, None, 5),
        (15, None, 15),
    ] {
        let entries = says.map(|it| vec![it.clone()]);
        let quiet = not_modified("a", hour(at));
        scene.record(entries.map_or(quiet, |it| poll("a", hour(at), it)));
        assert_eq!(article(&scene).updated_at, hour(told), "{at}");
        scene.restart();
    }
    let titles = history(&scene, &one).into_iter().map(|former| former.title);
    let [right, wrong] = [one.entry.title, wrong.entry.title];
    let expected = [right.clone(), wrong, right];
    assert_eq!(titles.collect::<Vec<_>>(), expected);
}

/// So is a word that the publisher dates, and that counts by that alone.
#[test]
fn u7_a_word_that_is_taken_back_is_told_when_it_stays_so() {
    let scene = Scene::new();
    let said = |places: &str, at: i64| {
        let mut record = says(12, at);
        let text = record.entry.content.take().unwrap();
        record.entry.content = Some(text.replace("villages", places));
        refresh(&mut record);
        record
    };
    for (at, record, told) in [
        (0, Some(said("villages", 0)), 0),
        (1, Some(said("hamlets", 1)), 1),
        (2, Some(said("villages", 2)), 1),
        (5, None, 2),
    ] {
        let quiet = not_modified("a", hour(at));
        scene.record(record.map_or(quiet, |it| poll("a", hour(at), vec![it])));
        assert_eq!(article(&scene).updated_at, hour(told), "{at}");
    }
}

/// A number that runs on meanwhile does not put it off.
#[test]
fn u7_a_headline_that_is_taken_back_is_told_beside_a_number_that_runs() {
    let scene = Scene::new();
    let headline = |title: &str, toll: i64| edited(says(toll, 0), title);
    for (at, title, told) in [
        (0, "Landslide in the north", 0),
        (1, "Landslide in the south", 1),
        (2, "Landslide in the north", 1),
        (3, "Landslide in the north", 1),
        (4, "Landslide in the north", 1),
        (5, "Landslide in the north", 5),
    ] {
        scene.record(poll("a", hour(at), vec![headline(title, 12 + at)]));
        assert_eq!(article(&scene).updated_at, hour(told), "{at}");
    }
}

/// What was said before and is another text that was said before in the end has not stood there.
#[test]
fn u7_what_is_taken_back_waits_anew_when_something_else_is() {
    let scene = Scene::new();
    let titled = |title| edited(entry("a", "one"), title);
    let [first, second, third] = ["Otters", "Beavers", "Voles"].map(titled);
    for (at, says, told) in [
        (0, Some(&first), -1),
        (1, Some(&second), 1),
        (2, Some(&third), 2),
        (3, Some(&first), 2),
        (5, Some(&second), 2),
        (6, None, 2),
        (8, None, 8),
    ] {
        let entries = says.map(|it| vec![it.clone()]);
        let quiet = not_modified("a", hour(at));
        scene.record(entries.map_or(quiet, |it| poll("a", hour(at), it)));
        assert_eq!(article(&scene).updated_at, hour(told), "{at}");
    }
}

/// A text of three hundred words, of which so many are others than at first.
fn drifted(changed: usize) -> EntryRecord {
    let word = |number| match number {
        number if number < changed => format!("fresh{number}x "),
        number => format!("plain{number}x "),
    };
    rewritten(entry("a", "one"), &(0..300).map(word).collect::<String>())
}

/// A text that is rewritten two words at a time is told when it is another than readers know, and kept as they do.
#[test]
fn u7_a_text_that_drifts_is_told() {
    let mut scene = Scene::new();
    let mut told = Vec::new();
    for step in 0..16 {
        let at = hour(i64::try_from(step * 48).unwrap());
        scene.record(poll("a", at, vec![drifted(2 * step)]));
        if article(&scene).updated_at == at {
            told.push(step);
        }
        // Readers know the same after a restart.
        scene.restart();
    }
    // Ten of three hundred are more than three per cent.
    assert_eq!(told, [5, 10, 15]);
    let kept = history(&scene, &drifted(0));
    let texts: Vec<usize> = kept
        .iter()
        .map(|former| former.text.matches("fresh").count())
        .collect();
    assert_eq!(texts, [0, 10, 20]);
    assert!(kept.iter().all(|former| former.edit.percent == 4));
    // What says again what readers know leaves nothing to remember.
    let told = "SELECT count(*) FROM told";
    scene.record(poll("a", hour(1000), vec![drifted(32)]));
    assert_eq!(scene.value::<i64>(told), 1);
    scene.record(poll("a", hour(1001), vec![drifted(30)]));
    assert_eq!(scene.value::<i64>(told), 0);
}

/// A number that is put right is told, and what it says then stands however often the number runs on.
#[test]
fn u7_a_number_that_runs_is_told_once_and_is_no_other_text() {
    let scene = Scene::new();
    let one = entry("a", "one");
    let says = |toll: i64| {
        let said = format!("<p>The landslide left {toll} dead in two villages of the north.</p>");
        rewritten(one.clone(), &said.repeat(30))
    };
    for at in 0..6 {
        scene.record(poll("a", hour(at), vec![says(12 + at)]));
    }
    assert_eq!(article(&scene).updated_at, hour(1));
    assert_eq!(history(&scene, &one).len(), 1);
    let changed = scene.value::<i64>("SELECT changed_at FROM texts");
    assert_eq!(changed, hour(1).as_millisecond());
}

/// A report of so many dead, dated to an hour.
fn says(toll: i64, at: i64) -> EntryRecord {
    let said = format!("<p>The landslide left {toll} dead in two villages of the north.</p>");
    let mut record = rewritten(entry("a", "one"), &said);
    record.entry.updated_at = hour(at);
    record
}

/// What is held back is told when it is due, though the document stays as it is, or the entry left it, or its markup
/// alone was changed since.
#[test]
fn u7_what_is_held_back_is_told_whatever_comes_by_then() {
    let mut touched = says(34, 2);
    touched.entry.content = touched.entry.content.map(|it| it.replace("<p>", "<p><br>"));
    refresh(&mut touched);
    let without = poll("a", hour(3), Vec::new());
    let touched = poll("a", hour(3), vec![touched]);
    for third in [not_modified("a", hour(3)), without, touched] {
        let mut scene = Scene::new();
        scene.record(poll("a", hour(0), vec![says(12, 0)]));
        scene.record(poll("a", hour(1), vec![says(21, 1)]));
        scene.record(poll("a", hour(2), vec![says(34, 2)]));
        scene.record(third);
        assert_eq!(article(&scene).updated_at, hour(1), "told at one");
        scene.restart();
        assert_eq!(scene.record(not_modified("b", hour(4))).revised, 0);
        assert_eq!(scene.record(not_modified("a", hour(4))).revised, 1);
        assert_eq!(article(&scene).updated_at, hour(2), "dated so");
        assert_eq!(scene.record(not_modified("a", hour(8))).revised, 0);
        assert_eq!(history(&scene, &says(12, 0)).len(), 2);
    }
}

/// What retention took has nothing to tell.
#[test]
fn what_is_held_back_goes_with_its_article() {
    let scene = Scene::new();
    for at in 0..3 {
        scene.record(poll("a", hour(at), vec![says(12 + at, at)]));
    }
    let held = "SELECT count(*) FROM entries WHERE held_until IS NOT NULL";
    assert_eq!(scene.value::<i64>(held), 1);
    assert_eq!(scene.retain(hour(24 * 365), &Settings::default()), 1);
    assert_eq!(scene.value::<i64>(held), 0);
    assert!(!scene.record(not_modified("a", hour(24 * 365))).changed());
}

/// Where the publisher dates it, readers are told of a number again, and of one that is put right: not before three hours
/// have passed, but then, though nothing more is edited.
#[test]
fn u7_a_number_that_is_dated_anew_is_told_again_after_a_while() {
    let mut scene = Scene::new();
    let one = says(12, 0);
    scene.record(poll("a", hour(0), vec![one.clone()]));
    for (at, (toll, dated), told) in [
        (1, (21, 1), 1),
        (2, (12, 2), 1),
        (3, (12, 2), 1),
        (4, (12, 2), 2),
        (5, (12, 2), 2),
        (6, (34, 6), 2),
        (8, (55, 8), 8),
        (9, (60, 9), 8),
        // A cache that is out of date.
        (10, (34, 6), 8),
        (12, (60, 9), 9),
    ] {
        scene.record(poll("a", hour(at), vec![says(toll, dated)]));
        assert_eq!(article(&scene).updated_at, hour(told), "{at}");
        scene.restart();
    }
    let kept = history(&scene, &one);
    let tolls: Vec<&str> = kept
        .iter()
        .map(|former| former.text.split(' ').nth(4).unwrap())
        .collect();
    assert_eq!(tolls, ["12", "21", "12", "55"]);
    let held = "SELECT count(*) FROM entries WHERE held_until IS NOT NULL";
    assert_eq!(scene.value::<i64>(held), 0);
}

/// What is another text at each look is told four times a day, and what it says when a day is over is told then.
#[test]
fn u7_what_changes_at_each_look_is_told_some_times_a_day() {
    let scene = Scene::new();
    let says = |number: i64| edited(entry("a", "one"), &format!("Read also: the {number}th"));
    let told = |at: i64, number: i64| {
        scene.record(poll("a", hour(at), vec![says(number)]));
        let told = article(&scene).updated_at == hour(at);
        assert_eq!(article(&scene).title, says(number).entry.title);
        told
    };
    let mut hours: Vec<i64> = (0..48).filter(|at| told(*at, *at)).collect();
    // The last change still stands there, and the document is read again.
    hours.extend((48..99).filter(|at| told(*at, 47)));
    assert_eq!(hours, [1, 2, 3, 4, 25, 26, 27, 28, 49]);
    assert_eq!(history(&scene, &says(0)).len(), 8);
}

#[test]
fn the_first_version_and_the_last_ones_are_kept() {
    let scene = Scene::new();
    let one = entry("a", "one");
    for number in 0..30 {
        let mut says = edited(one.clone(), &format!("Edit {number}"));
        // Too long to be kept whole.
        says.entry.content = Some("pangolin ".repeat(20_000));
        scene.record(poll("a", hour(6 * number), vec![says]));
    }
    let kept = history(&scene, &one);
    let numbers: Vec<u64> = kept.iter().map(|former| former.number).collect();
    assert_eq!(numbers, [1, 23, 24, 25, 26, 27, 28, 29]);
    assert_eq!(
        (kept[0].title.as_str(), kept[7].title.as_str()),
        ("Edit 0", "Edit 28")
    );
    assert!(kept.iter().all(|former| former.text.len() <= 64 * 1024));
    assert_eq!(revisions(&scene, &one), 29);
}

#[test]
fn what_was_said_goes_with_its_entry() {
    let scene = Scene::new();
    let one = entry("a", "one");
    scene.record(poll("a", hour(0), vec![one.clone()]));
    scene.record(poll("a", hour(1), vec![edited(one.clone(), "Second")]));
    assert_eq!(history(&scene, &one).len(), 1);
    assert_eq!(scene.retain(hour(24 * 365), &Settings::default()), 1);
    assert_eq!(scene.value::<i64>("SELECT count(*) FROM revisions"), 0);
}

#[test]
fn what_readers_know_goes_with_its_entry() {
    let scene = Scene::new();
    for (at, changed) in [(0, 0), (1, 2)] {
        scene.record(poll("a", hour(at), vec![drifted(changed)]));
    }
    assert_eq!(scene.value::<i64>("SELECT count(*) FROM told"), 1);
    assert_eq!(scene.retain(hour(24 * 365), &Settings::default()), 1);
    assert_eq!(scene.value::<i64>("SELECT count(*) FROM told"), 0);
}
