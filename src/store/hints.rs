//! What the next poll goes by of what was said of coming back, in the database: [`Hints`] of documents and
//! what stands of responses, as JSON, as the other small structures.

use super::parts::{Text, instant, milliseconds, owned, text};
use crate::model::{Cloud, FeedState, Hints};
use jiff::civil::Weekday;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::time::Duration;

/// The column `hints`.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct HintsForm<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl_ms: Option<u64>,
    #[serde(skip_serializing_if = "<[i8]>::is_empty")]
    skip_hours: Cow<'a, [i8]>,
    /// Monday is 1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skip_days: Vec<i8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    period_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base_at: Option<i64>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    hubs: Cow<'a, [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cloud: Option<CloudForm<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prev_archive: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page: Text<'a>,
    /// Of the last response.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age_ms: Option<u64>,
    /// Of the last documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    astray: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blank: Option<bool>,
}

impl HintsForm<'_> {
    /// Returns what stands of `max-age`.
    pub(super) fn max_age(&self) -> Option<Duration> {
        self.max_age_ms.map(Duration::from_millis)
    }

    /// Tells whether nothing was read of the feed yet.
    pub(super) fn is_blank(&self) -> bool {
        self.blank.unwrap_or_default()
    }

    /// Returns for how many documents in a row the validators were of no use.
    pub(super) fn astray(&self) -> u32 {
        self.astray.unwrap_or_default()
    }
}

/// [`Cloud`] in the database.
#[derive(Serialize, Deserialize)]
struct CloudForm<'a> {
    url: Cow<'a, str>,
    protocol: Cow<'a, str>,
    procedure: Cow<'a, str>,
}

fn span(span: Option<Duration>) -> Option<u64> {
    span.map(|it| u64::try_from(it.as_millis()).unwrap_or(u64::MAX))
}

impl<'a> From<&'a FeedState> for HintsForm<'a> {
    fn from(state: &'a FeedState) -> Self {
        let hints = &state.hints;
        let cloud = |cloud: &'a Cloud| CloudForm {
            url: Cow::Borrowed(&cloud.url),
            protocol: Cow::Borrowed(&cloud.protocol),
            procedure: Cow::Borrowed(&cloud.procedure),
        };
        let days = hints.skip_days.iter();
        Self {
            ttl_ms: span(hints.ttl),
            skip_hours: Cow::Borrowed(&hints.skip_hours),
            skip_days: days.map(|it| it.to_monday_one_offset()).collect(),
            period_ms: span(hints.update_period),
            base_at: milliseconds(hints.update_base),
            hubs: Cow::Borrowed(&hints.hubs),
            cloud: hints.cloud.as_ref().map(cloud),
            prev_archive: text(hints.prev_archive.as_ref()),
            next_page: text(hints.next_page.as_ref()),
            max_age_ms: span(state.validators.max_age),
            astray: (state.astray > 0).then_some(state.astray),
            blank: state.is_blank.then_some(true),
        }
    }
}

impl From<HintsForm<'_>> for Hints {
    fn from(form: HintsForm<'_>) -> Self {
        let cloud = |form: CloudForm<'_>| Cloud {
            url: form.url.into_owned(),
            protocol: form.protocol.into_owned(),
            procedure: form.procedure.into_owned(),
        };
        let days = form.skip_days.into_iter();
        Self {
            ttl: form.ttl_ms.map(Duration::from_millis),
            skip_hours: form.skip_hours.into_owned(),
            skip_days: days
                .filter_map(|it| Weekday::from_monday_one_offset(it).ok())
                .collect(),
            update_period: form.period_ms.map(Duration::from_millis),
            update_base: instant(form.base_at),
            hubs: form.hubs.into_owned(),
            cloud: form.cloud.map(cloud),
            prev_archive: owned(form.prev_archive),
            next_page: owned(form.next_page),
        }
    }
}
