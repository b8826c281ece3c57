//! How the feeds fare, for an operator: a page, and the same for programs.

use super::{Facts, Row, WORDS};
use crate::model::FeedId;
use jiff::Timestamp;
use serde_json::json;

/// Returns the rows, those first that a person may have to look at, the longest failing before the others.
fn rows(facts: &Facts) -> Vec<(&FeedId, &Row)> {
    let place = |row: &Row| WORDS.iter().position(|word| *word == row.word());
    let mut rows: Vec<_> = facts.feeds.iter().collect();
    rows.sort_by_key(|(id, row)| (place(row), std::cmp::Reverse(row.failures), *id));
    rows
}

pub(super) fn json(facts: &Facts) -> String {
    let instant = |at: Option<Timestamp>| at.map(|at| at.to_string());
    let rows = rows(facts).into_iter().map(|(id, row)| {
        json!({
            "id": id.as_str(),
            "state": row.word(),
            "failures": row.failures,
            "last_error": row.last_error,
            "last_success_at": instant(row.last_success_at),
            "next_poll_at": instant(row.next_poll_at),
            "due_reason": row.due_reason,
            "newest_at": instant(row.newest_at),
        })
    });
    let object = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "started_at": facts.started_at.to_string(),
        "status": facts.status,
        "config_in_force_since": facts.reloaded_at.to_string(),
        "config_last_reload_successful": facts.is_last_good,
        "feeds": rows.collect::<Vec<_>>(),
    });
    format!("{object}\n")
}

pub(super) fn page(facts: &Facts) -> String {
    let rows = rows(facts).into_iter().map(|(id, row)| {
        let instant = |at: Option<Timestamp>| {
            at.map_or_else(String::new, |at| {
                at.strftime("%Y-%m-%d %H:%M UTC").to_string()
            })
        };
        let why = if row.last_error.is_empty() {
            &row.due_reason
        } else {
            &row.last_error
        };
        format!(
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
            escaped(id.as_str()),
            row.word(),
            row.failures,
            instant(row.last_success_at),
            instant(row.next_poll_at),
            escaped(why),
        )
    });
    let rows: String = rows.collect();
    let (version, status) = (env!("CARGO_PKG_VERSION"), escaped(&facts.status));
    let started = facts.started_at.strftime("%Y-%m-%d %H:%M UTC");
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>Status of merganser</title>\n\
         <link rel=\"stylesheet\" href=\"style.css\">\n</head>\n<body>\n<header>\n<h1>Status</h1>\n\
         <p>{status}</p>\n<p>merganser {version}, up since {started}</p>\n</header>\n<main>\n<table>\n\
         <thead><tr><th scope=\"col\">feed</th><th scope=\"col\">state</th><th scope=\"col\">failures</th>\
         <th scope=\"col\">last success</th><th scope=\"col\">next poll</th><th scope=\"col\">why</th></tr></thead>\n\
         <tbody>\n{rows}</tbody>\n</table>\n</main>\n</body>\n</html>\n"
    )
}

/// Escapes a text for HTML: a publisher's server may have had its words in an error.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
