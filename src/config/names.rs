//! Names: how messages show them, what was meant by an unknown one, and which are taken.

use std::collections::BTreeMap;
use std::ops::Range;

/// Returns a text of the operator's fit for a message: on one line and not long.
pub(super) fn shown(text: &str) -> String {
    /// Enough for any sensible id, and a line of a terminal has room for the rest of the message.
    const LONGEST: usize = 48;
    let mut shown = String::new();
    for c in text.chars().take(LONGEST) {
        // `escape_debug` would take Devanagari apart: its vowel signs are combining characters.
        if c.is_control() {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

/// Returns help for a name that is not there: the one that was meant, or else those there are; empty
/// when there are none.
pub(super) fn suggestion(name: &str, known: &[&str]) -> String {
    /// As many as a feed has keys and then some; more names than that help nobody.
    const LISTED: usize = 30;
    if let Some(similar) = similar(name, known) {
        return format!("did you mean `{similar}`?");
    }
    let listed = known.iter().take(LISTED);
    let listed: Vec<String> = listed.map(|name| format!("`{}`", shown(name))).collect();
    match listed.join(", ") {
        none if none.is_empty() => none,
        only if known.len() == 1 => format!("there is only {only}"),
        listed if known.len() > LISTED => format!("there are {listed} and others"),
        listed => format!("there are {listed}"),
    }
}

/// Returns the known name that is nearest to `name`, if it is near.
pub(super) fn similar<'n>(name: &str, known: &[&'n str]) -> Option<&'n str> {
    /// No more are compared than a large file has topics, so that a hostile one is not slow to refuse.
    const COMPARED: usize = 200;
    nearest(name, known.iter().copied().take(COMPARED))
}

/// Returns which of all known names is nearest to one that was typed, if it is near.
pub fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    /// Names longer than any of ours are not compared: the distance takes quadratic time.
    const LONGEST: usize = 64;
    if name.len() > LONGEST {
        return None;
    }
    let name = name.to_lowercase();
    // One slip in three characters: `evry` is `every`, and `feeds` is `feed`, but `url` is not `id`.
    let limit = name.chars().count().div_ceil(3);
    let known = known.filter(|known| known.len() <= LONGEST);
    let nearest = known.map(|known| (strsim::damerau_levenshtein(&name, known), known));
    let (distance, known) = nearest.min()?;
    (distance <= limit).then_some(known)
}

/// Returns what to write for a table among many whose key is its name, as in `[topic.sport]`: a group is written so. `None`
/// where those tables have no names.
pub(super) fn named_within(table: &str, key: &str) -> Option<String> {
    let name = match table {
        "[[feed]]" => "id",
        "[[topic]]" => "name",
        "[[output]]" => "path",
        _ => return None,
    };
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    if !key.chars().all(is_name) {
        return None;
    }
    let key = shown(key);
    Some(format!(
        "write `{table}`, and below it `{name} = \"{key}\"`"
    ))
}

/// Names that may be given once, with the places where they were.
#[derive(Default)]
pub(super) struct Taken(BTreeMap<String, Range<usize>>);

impl Taken {
    /// Takes a name; returns the place where it was taken first if it was.
    pub(super) fn take(&mut self, name: &str, place: &Range<usize>) -> Option<Range<usize>> {
        let first = self.0.get(name).cloned();
        if first.is_none() {
            self.0.insert(name.to_owned(), place.clone());
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant() {
        let known = ["id", "url", "group", "min-interval", "schedule"];
        for (name, expected) in [
            ("min_interval", "did you mean `min-interval`?"),
            ("MIN-INTERVAL", "did you mean `min-interval`?"),
            ("shcedule", "did you mean `schedule`?"),
            ("ulr", "did you mean `url`?"),
            (
                "link",
                "there are `id`, `url`, `group`, `min-interval`, `schedule`",
            ),
        ] {
            assert_eq!(suggestion(name, &known), expected, "{name}");
        }
        assert_eq!(suggestion("id", &[]), "");
        assert_eq!(suggestion("id", &["other"]), "there is only `other`");
        let many: Vec<String> = (0..31).map(|n| format!("topic-{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(suggestion("x", &many).ends_with("`topic-29` and others"));
    }

    #[test]
    fn texts_stay_on_one_line_and_short() {
        assert_eq!(shown("a\nb"), "a\\nb");
        assert_eq!(shown("मोदी"), "मोदी");
        assert_eq!(shown(&"é".repeat(100)).chars().count(), 49);
    }
}
