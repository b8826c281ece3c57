//! What a feed asks of those who poll it, for people and for programs.

use crate::model::Hints;
use serde_json::{Value, json};
use std::time::Duration;

/// Says it on one line; `None` when the feed asks for nothing.
pub(super) fn words(hints: &Hints) -> Option<String> {
    let listed = |items: Vec<String>| (!items.is_empty()).then(|| items.join(" "));
    let hours = listed(hints.skip_hours.iter().map(ToString::to_string).collect());
    let days = listed(
        hints
            .skip_days
            .iter()
            .map(|day| format!("{day:?}"))
            .collect(),
    );
    let of_time = |what: &str, time: Option<Duration>| Some(format!("{what} {}", spoken(time?)));
    let parts = [
        of_time("a copy may be kept for", hints.ttl),
        of_time("it changes every", hints.update_period),
        hours.map(|hours| format!("nothing new at hours {hours} UTC")),
        days.map(|days| format!("nothing new on {days}")),
        listed(hints.hubs.clone()).map(|hubs| format!("hub {hubs}")),
        hints
            .cloud
            .as_ref()
            .map(|cloud| format!("cloud {}", cloud.url)),
        hints
            .prev_archive
            .as_ref()
            .map(|url| format!("older entries at {url}")),
        hints
            .next_page
            .as_ref()
            .map(|url| format!("next page {url}")),
    ];
    let said: Vec<String> = parts.into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// A span in hours where it is whole ones, else in minutes: publishers count in these.
fn spoken(span: Duration) -> String {
    match span.as_secs() / 60 {
        minutes if minutes % 60 == 0 => format!("{} h", minutes / 60),
        minutes => format!("{minutes} min"),
    }
}

/// What the document asks of those who poll it; members without a value are left out.
pub(super) fn object(hints: &Hints) -> Value {
    let minutes = |span: Option<Duration>| span.map(|it| it.as_secs() / 60);
    let days = hints.skip_days.iter().map(|day| format!("{day:?}"));
    let cloud = hints.cloud.as_ref().map(|cloud| &cloud.url);
    let members = [
        ("ttl_minutes", json!(minutes(hints.ttl))),
        ("skip_hours", json!(hints.skip_hours)),
        ("skip_days", json!(days.collect::<Vec<_>>())),
        ("update_minutes", json!(minutes(hints.update_period))),
        ("hubs", json!(hints.hubs)),
        ("cloud", json!(cloud)),
        ("prev_archive", json!(hints.prev_archive)),
        ("next_page", json!(hints.next_page)),
    ];
    let is_said =
        |value: &Value| !value.is_null() && value.as_array().is_none_or(|it| !it.is_empty());
    let said = members.into_iter().filter(|(_, value)| is_said(value));
    said.map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::Weekday;

    #[test]
    fn what_is_asked_is_said_on_one_line() {
        assert_eq!(words(&Hints::default()), None);
        assert_eq!(object(&Hints::default()), json!({}));
        let hints = Hints {
            ttl: Some(Duration::from_mins(90)),
            skip_hours: vec![0, 1],
            skip_days: vec![Weekday::Sunday],
            hubs: vec!["https://hub.example/".to_owned()],
            ..Hints::default()
        };
        assert_eq!(
            words(&hints).unwrap(),
            "a copy may be kept for 90 min; nothing new at hours 0 1 UTC; nothing new on Sunday; hub https://hub.example/"
        );
        let expected = json!({
            "ttl_minutes": 90, "skip_hours": [0, 1], "skip_days": ["Sunday"], "hubs": ["https://hub.example/"],
        });
        assert_eq!(object(&hints), expected);
    }
}
