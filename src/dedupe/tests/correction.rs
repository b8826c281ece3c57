//! What a few changed words of a sentence mean.

use super::super::correction::meaning;
use crate::model::Meaning;
use crate::text::Languages;
use proptest::prelude::*;

/// What the change means, in either direction.
fn check(tag: Option<&str>, old: &str, new: &str, expected: Option<Meaning>) {
    let languages = Languages::of(tag);
    for (old, new) in [(old, new), (new, old)] {
        assert_eq!(meaning(old, new, languages), expected, "{old} -> {new}");
        // With more before it and after it, and markup's white space.
        let among = |text: &str| {
            format!("Quiet returned to the town by noon.\n{text}\nMore is to be read at ten.")
        };
        let found = meaning(&among(old), &among(new), languages);
        assert_eq!(found, expected, "{old} -> {new}");
    }
}

#[test]
fn what_was_so_and_is_not_is_told() {
    for (tag, old, new) in [
        (
            None,
            "The miller was found guilty of arson.",
            "The miller was found not guilty of arson.",
        ),
        (
            None,
            "The bridge is open to lorries today.",
            "The bridge isn't open to lorries today.",
        ),
        (
            None,
            "There were survivors in the second boat.",
            "There were no survivors in the second boat.",
        ),
        (
            Some("de"),
            "Der Damm hat der Flut standgehalten.",
            "Der Damm hat der Flut nicht standgehalten.",
        ),
        (
            Some("fr"),
            "Le pont est ouvert aux camions.",
            "Le pont n'est pas ouvert aux camions.",
        ),
        (
            Some("es"),
            "El puente resistió la crecida del martes.",
            "El puente no resistió la crecida del martes.",
        ),
        (
            Some("it"),
            "Il ponte è aperto ai camion.",
            "Il ponte non è aperto ai camion.",
        ),
        (
            Some("pt"),
            "A ponte resistiu à cheia de terça.",
            "A ponte não resistiu à cheia de terça.",
        ),
        (
            None,
            "Плотина выдержала напор воды ночью.",
            "Плотина не выдержала напор воды ночью.",
        ),
        (None, "बांध रात की बाढ़ में टूटा।", "बांध रात की बाढ़ में नहीं टूटा।"),
    ] {
        check(tag, old, new, Some(Meaning::Sense));
    }
    // Said in another way, and a word that is a negation in another language.
    for (tag, old, new) in [
        (
            None,
            "The bridge is not open to lorries today.",
            "The bridge isn't open to lorries today.",
        ),
        (
            Some("nl"),
            "De brug is open voor al het verkeer.",
            "De brug is no open voor al het verkeer.",
        ),
    ] {
        check(tag, old, new, None);
    }
}

#[test]
fn a_number_in_the_place_of_another_is_told() {
    for (tag, old, new) in [
        (
            None,
            "The landslide left 12 dead in two villages.",
            "The landslide left 21 dead in two villages.",
        ),
        (
            None,
            "The landslide left twelve dead above the river.",
            "The landslide left twenty dead above the river.",
        ),
        (
            None,
            "The state pays 1,200 crowns for each cow.",
            "The state pays 12,000 crowns for each cow.",
        ),
        (
            None,
            "Prices rose by 3.5 per cent in a year.",
            "Prices rose by 35 per cent in a year.",
        ),
        (
            None,
            "Оползень унёс жизни 12 жителей деревни.",
            "Оползень унёс жизни 21 жителей деревни.",
        ),
        (
            None,
            "भूस्खलन में दो गांवों के १२ लोग मरे।",
            "भूस्खलन में दो गांवों के २१ लोग मरे।",
        ),
        (
            None,
            "山崩在两个村庄造成12人死亡。",
            "山崩在两个村庄造成21人死亡。",
        ),
    ] {
        check(tag, old, new, Some(Meaning::Number));
    }
}

#[test]
fn numbers_that_run_by_themselves_are_not() {
    for (old, new) in [
        (
            "Sent in by a reader of the page 3 hours ago.",
            "Sent in by a reader of the page 4 hours ago.",
        ),
        (
            "This is for members of the club, 12 comments so far.",
            "This is for members of the club, 15 comments so far.",
        ),
        (
            "All of it is told here: a 3 min read for you.",
            "All of it is told here: a 5 min read for you.",
        ),
        (
            "This page was last renewed at 14:05 by our desk.",
            "This page was last renewed at 15:40 by our desk.",
        ),
        (
            "This page was last renewed on 3 March by our desk.",
            "This page was last renewed on 14 March by our desk.",
        ),
        (
            "All rights to this page are ours since 2025 and stay.",
            "All rights to this page are ours since 2026 and stay.",
        ),
        (
            "The state pays 1,200 crowns for each cow.",
            "The state pays 1200 crowns for each cow.",
        ),
        (
            "The landslide left 12 dead in two villages.",
            "The landslide left twelve dead in two villages.",
        ),
        // No sentence around them.
        ("9 comments, 12 shares", "11 comments, 15 shares"),
        ("Price: 12", "Price: 13"),
    ] {
        check(None, old, new, None);
    }
}

#[test]
fn a_name_is_told_and_another_word_where_it_is_dated() {
    use Meaning::{Sense, Word};
    for (old, new, expected) in [
        (
            "The envoy will travel to Iran before the vote.",
            "The envoy will travel to Iraq before the vote.",
            Some(Sense),
        ),
        (
            "A court in the north gave Anna Berg ten years.",
            "A court in the north gave Karin Lund ten years.",
            Some(Sense),
        ),
        (
            "The miller was found guilty of arson.",
            "The miller was found innocent of arson.",
            Some(Word),
        ),
        (
            "The bank raised the rate before the vote.",
            "The bank lowered the rate before the vote.",
            Some(Word),
        ),
        // Spellings and forms.
        (
            "A court in the north gave Jon Berg ten years.",
            "A court in the north gave John Berg ten years.",
            None,
        ),
        (
            "The parties organise a march on the capital.",
            "The parties organize a march on the capital.",
            None,
        ),
        (
            "The envoy visits the two camps at the border.",
            "The envoy visited the two camps at the border.",
            None,
        ),
        (
            "The envoy went to teh two camps at the border.",
            "The envoy went to the two camps at the border.",
            None,
        ),
        (
            "The envoy was received by both camps.",
            "The envoy was recieved by both camps.",
            None,
        ),
    ] {
        check(None, old, new, expected);
    }
}

#[test]
fn what_says_the_same_is_not() {
    for (old, new) in [
        // Grammar, days, and what is put in or left out.
        (
            "The envoy stood by the two camps at the border.",
            "The envoy stood at the two camps at the border.",
        ),
        (
            "The envoy saw the two camps last Monday evening.",
            "The envoy saw the two camps last Sunday evening.",
        ),
        (
            "The envoy saw the two camps at the border.",
            "The envoy saw the two large camps at the border.",
        ),
        // Case and punctuation.
        (
            "The envoy saw the two camps at the border.",
            "The Envoy saw the two camps, at the border.",
        ),
        // A sentence written anew, and one of another place.
        (
            "The envoy saw the two camps at the border.",
            "The envoy spoke with those who flee from the war.",
        ),
        (
            "Read about the harvest in our supplement.",
            "Listen to the debate of all candidates live.",
        ),
    ] {
        check(None, old, new, None);
    }
}

/// Beyond the lead, and in sentences without an end, nothing is looked at.
#[test]
fn only_the_lead_is_looked_at() {
    let [old, new] =
        ["12", "21"].map(|toll| format!("The landslide left {toll} dead in two villages."));
    let before = "The road along the lake is closed to all. ".repeat(12);
    let far = before.repeat(2);
    let endless = "mill ".repeat(100);
    for (before, expected) in [
        (before, Some(Meaning::Number)),
        (far, None),
        (endless, None),
    ] {
        let with = |text: &str| format!("{before}{text}");
        let found = meaning(&with(&old), &with(&new), Languages::of(None));
        assert_eq!(found, expected, "{before}");
    }
}

/// Of several changes the one that means most counts.
#[test]
fn the_most_telling_change_counts() {
    let text = |toll: &str, rate: &str, place: &str| {
        format!(
            "The landslide left {toll} dead in two villages. The bank {rate} the rate before the vote. \
             The envoy will travel to {place} before the vote."
        )
    };
    let old = text("12", "raised", "Iran");
    for (new, expected) in [
        (text("12", "lowered", "Iran"), Meaning::Word),
        (text("21", "lowered", "Iran"), Meaning::Number),
        (text("21", "lowered", "Iraq"), Meaning::Sense),
    ] {
        check(None, &old, &new, Some(expected));
    }
}

proptest! {
    #[test]
    fn any_text_has_a_meaning_or_none(
        old in "([a-zA-Z0-9 .,:'?]|\\PC){0,60}",
        new in "([a-zA-Z0-9 .,:'?]|\\PC){0,60}",
    ) {
        prop_assert_eq!(meaning(&old, &old, Languages::of(None)), None);
        let with = |text: &str| format!("He said so, and it was said {text} by all who saw it.");
        let found = meaning(&with(&old), &with(&new), Languages::of(None));
        prop_assert!(found.is_none() || old != new);
    }
}
