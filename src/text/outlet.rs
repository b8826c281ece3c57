//! The name of an outlet at the end of a title.

/// Words that the name of an outlet at the end of a title has at most.
const MAX_OUTLET_WORDS: usize = 4;

/// What stands between a title and the name of its outlet.
const OUTLET_SEPARATORS: &[&str] = &[" - ", " | ", " – ", " — ", " · "];

/// Returns a title without the name of its outlet: ` - Reuters`, ` | BBC News`.
///
/// A guess: of `Voters decide - again` it takes the end as well.
pub fn without_outlet(title: &str) -> &str {
    let last = OUTLET_SEPARATORS
        .iter()
        .filter_map(|separator| title.rsplit_once(*separator))
        .max_by_key(|(bare, _)| bare.len());
    match last {
        Some((bare, outlet)) if is_outlet(outlet) => bare.trim_end(),
        _ => title,
    }
}

/// Tells whether words may be the name of an outlet: few, and no number among them.
fn is_outlet(words: &str) -> bool {
    (1..=MAX_OUTLET_WORDS).contains(&words.split_whitespace().count())
        && !words.contains(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_outlet_is_no_part_of_a_title() {
        for (title, expected) in [
            ("Modi meets Putin - Reuters", "Modi meets Putin"),
            ("Modi meets Putin | BBC News", "Modi meets Putin"),
            ("Modi – Putin talks | The Hindu", "Modi – Putin talks"),
            ("Gold rate today - Day 34", "Gold rate today - Day 34"),
            ("Modi-Putin talks", "Modi-Putin talks"),
            (
                "Talks - what we know about the deal",
                "Talks - what we know about the deal",
            ),
        ] {
            assert_eq!(without_outlet(title), expected, "{title}");
        }
    }
}
