//! Topics to which nothing comes: only what is stored tells.

use super::edit::each_of;
use super::problem::{Code, Fault, Problem};
use super::reading::{Reading, Secrets};
use std::collections::BTreeSet;
use toml::de::DeTable;

/// Returns a warning for each of these topics of a text, at its name.
pub fn silent_topics(text: &str, topics: &BTreeSet<String>) -> Vec<Problem> {
    let (document, _) = DeTable::parse_recoverable(text);
    let mut reading = Reading::new(text, &|_| None, Secrets::Ignored);
    each_of(document.get_ref(), ("topic", "name"), |name, topic| {
        let place = topic.get("name").filter(|_| topics.contains(name));
        if let Some(place) = place {
            let message = format!("`{name}` has nothing of the last 30 days");
            let help = "`merganser plan` tells what another query would take in; where such news are rare, all is well";
            let fault = Fault::new(Code::SilentTopic, message, help);
            reading.report(place.span(), fault);
        }
    });
    reading.finish().unwrap_or_else(|problems| problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_topic_is_told_at_its_name() {
        let text =
            "[[topic]]\nname = \"a\"\nquery = \"x\"\n[[topic]]\nquery = \"y\"\nname = \"b\"\n";
        let told = silent_topics(text, &BTreeSet::from(["b".to_owned()]));
        let [problem] = told.try_into().unwrap();
        assert_eq!((problem.start.line, problem.start.column), (6, 8));
        assert_eq!(problem.code, Code::SilentTopic);
        assert!(silent_topics(text, &BTreeSet::new()).is_empty());
    }
}
