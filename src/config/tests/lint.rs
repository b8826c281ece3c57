//! What compiles and is hardly what was meant.

use super::broken::check_above_feed;
use super::*;

#[test]
fn aliases_that_no_query_names() {
    let aliases = "[alias]\na = [\"x\", \"@b\"]\nb = [\"y\"]\nc = [\"z\"]\n";
    let topic = "[[topic]]\nname = \"t\"\nquery = \"@a\"\n";
    check_above_feed(&format!("{aliases}{topic}"), &["unused-alias 4:1"]);
    let output = "[[output]]\npath = \"p\"\nselect = \"@c @a\"\n";
    check_above_feed(&format!("{aliases}{output}"), &[]);
    // what takes the place of a pack is used where that is
    let aliases =
        "[alias]\n\"country/north-korea\" = [\"Juche\"]\n\"country/japan\" = [\"Tokyo\"]\n";
    let topic = "[[topic]]\nname = \"t\"\nquery = \"@region/koreas\"\n";
    check_above_feed(&format!("{aliases}{topic}"), &["unused-alias 3:1"]);
}

#[test]
fn rules_that_match_nothing() {
    for (query, expected) in [
        ("oil -oil", &["never-matches 3:10"][..]),
        ("title:oil -oil", &["never-matches 3:10"]),
        ("gas OR (oil gas -gas)", &["never-matches 3:22"]),
        ("title:oil -title:oil", &["never-matches 3:10"]),
        ("oil^2 -oil", &["never-matches 3:10"]),
        ("oil -title:oil", &[]),
        ("title:oil -body:oil", &[]),
        ("lang:en oil -lang:en", &["never-matches 3:10"]),
        ("feed:one oil", &[]),
        ("feed:ONE oil", &[]),
        ("feed:on* oil", &[]),
        ("feed:two oil", &["never-matches 3:10"]),
        ("oil -group:(a OR b*)", &["never-matches 3:22"]),
        ("oil OR gas OR oil", &["shadowed-term 3:24"]),
        ("sanctions OR sanction*", &["shadowed-term 3:10"]),
        (
            "sanctions^2 OR sanction* OR =Sanction",
            &["shadowed-term 3:38"],
        ),
        ("title:(oil OR OIL) OR oil", &["shadowed-term 3:24"]),
        ("oil gas OR oil", &[]),
        ("oil -gas", &[]),
        ("oil the", &["stop-word 3:14"]),
        ("oil =The", &[]),
        ("\"the oil\"", &[]),
    ] {
        let text = format!("[[topic]]\nname = \"t\"\nquery = '{query}'\n");
        check_above_feed(&text, expected);
    }
}

#[test]
fn scores_that_no_text_reaches() {
    for (query, least, expected) in [
        ("oil", "4", &["never-matches 3:10"][..]),
        ("oil", "3.9", &[]),
        ("oil OR gas", "5", &[]),
        ("oil gas", "5", &["never-matches 3:10"]),
        ("oil^2", "5", &[]),
        ("oil lang:en", "4", &["never-matches 3:10"]),
        ("lang:en", "4", &[]),
        ("lang:en feed:one", "4.1", &["never-matches 3:10"]),
        ("lang:en OR feed:one", "8", &[]),
        ("oil NEAR/3 gas", "5", &[]),
        ("oil NEAR/3 gas", "6", &["never-matches 3:10"]),
        ("(oil OR gas) -tax", "7", &[]),
    ] {
        let text = format!("[[topic]]\nname = \"t\"\nquery = '{query}'\nmin-score = {least}\n");
        check_above_feed(&text, expected);
    }
}

#[test]
fn terms_that_say_nothing() {
    let topic = "[[topic]]\nname = \"t\"\nquery = \"@a\"\n";
    for (terms, expected) in [
        ("\"sanction*\", \"sanctions\"", &["shadowed-term 2:20"][..]),
        ("\"sanctions\", \"sanction*\"", &["shadowed-term 2:7"]),
        ("\"sanctions*\", \"sanct*\"", &["shadowed-term 2:7"]),
        ("\"price cap*\", \"price caps\"", &["shadowed-term 2:21"]),
        ("\"us\", \"=US\"", &["stop-word 2:7", "shadowed-term 2:13"]),
        ("\"Kyiv\", \"KYIV\"", &["shadowed-term 2:15"]),
        ("\"New Delhi\", \"Delhi\"", &[]),
        ("\"India\", \"-India\"", &["never-matches 2:7"]),
        ("\"India\", \"-Air India\"", &[]),
        (
            "\"with\", \"की\", \"для\", \"x\"",
            &["stop-word 2:7", "stop-word 2:15", "stop-word 2:21"],
        ),
    ] {
        check_above_feed(&format!("[alias]\na = [{terms}]\n{topic}"), expected);
    }
}

#[test]
fn the_shipped_file_has_nothing_odd() {
    let found = problems(include_str!("../../../feeds.toml"));
    let odd = [
        Code::UnusedAlias,
        Code::NeverMatches,
        Code::StopWord,
        Code::ShadowedTerm,
    ];
    let odd: Vec<&Problem> = found.iter().filter(|p| odd.contains(&p.code)).collect();
    assert!(odd.is_empty(), "{odd:?}");
}
