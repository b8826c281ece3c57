//! Feeds that are asked without TLS and need not be: what a look at them finds, and no text tells.

use super::edit::each_feed;
use super::problem::{Code, Fault, Problem};
use super::reading::{Reading, Secrets};
use std::collections::BTreeSet;
use toml::de::DeTable;

/// Returns a warning for each of these feeds of a text, at its address.
pub fn plain_http(text: &str, feeds: &BTreeSet<String>) -> Vec<Problem> {
    let (document, _) = DeTable::parse_recoverable(text);
    let mut reading = Reading::new(text, &|_| None, Secrets::Ignored);
    each_feed(document.get_ref(), |id, feed| {
        let address = feed.get("url").filter(|_| feeds.contains(id));
        if let Some(address) = address {
            let message = format!("`{id}` is asked without TLS, and answers with it, too");
            let help = "write `https` in the place of `http`: more than half of its entries were the same there";
            let fault = Fault::new(Code::PlainHttp, message, help);
            reading.report(address.span(), fault);
        }
    });
    reading.finish().unwrap_or_else(|problems| problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_tls_is_told_at_its_place() {
        let text = "[[feed]]\nid = \"a\"\nurl = \"http://a.example/\"\n\
                    [[feed]]\nid = \"b\"\nurl = \"http://b.example/?token=canary\"\n";
        let told = plain_http(text, &BTreeSet::from(["b".to_owned()]));
        let [problem] = told.try_into().unwrap();
        assert_eq!((problem.start.line, problem.start.column), (6, 7));
        assert_eq!(
            text.get(problem.span.clone()),
            Some("\"http://b.example/?token=canary\"")
        );
        assert!(!problem.to_string().contains("canary"), "{problem}");
        assert!(plain_http(text, &BTreeSet::new()).is_empty());
    }
}
