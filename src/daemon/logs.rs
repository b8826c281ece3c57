//! Log lines: to the journal with their fields, else to standard error, in words or as JSON.

pub(super) mod events;
mod journal;
mod json;
#[cfg(test)]
pub(super) mod lines;

use journal::{Journal, priority};
use json::Json;
use std::fmt;
use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::{DefaultVisitor, Format, Full, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// Fields for the journal and for programs alone: people have the words of the line, and `why` for what a poll was.
const UNSEEN: [&str; 7] = [
    "feed",
    "kind",
    "message_id",
    "url",
    "status",
    "duration_ms",
    "items_new",
];

/// How lines are written that do not go to the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogForm {
    /// For people, without colours.
    Plain,
    /// For people at a terminal that has colours.
    Coloured,
    /// For programs: an object in a line.
    Json,
}

/// Starts logging, and tells whether each line is an object; a second call changes nothing.
///
/// `default` is a level or a filter in the syntax of `tracing-subscriber`; the variable
/// `MERGANSER_LOG` overrides it. `journal_stream` is what the variable of that name says: where standard error
/// leads to the journal, lines go there with their fields. Where it leads there and the journal cannot be reached
/// so, a line carries its priority (sd-daemon(3)), and no time, which journald knows. A line that cannot be written
/// is lost: who reads the log may go away and must not take the daemon along.
pub fn start_logging(default: &str, journal_stream: Option<&str>, form: LogForm) -> bool {
    let wanted = EnvFilter::try_from_env("MERGANSER_LOG");
    let filter = wanted.unwrap_or_else(|_| EnvFilter::new(default));
    if let Some(journal) = journal_stream.and_then(Journal::behind) {
        let lines = tracing_subscriber::registry().with(filter).with(journal);
        told(lines.try_init().is_ok());
        return false;
    }
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .fmt_fields(Seen)
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    let has_objects = journal_stream.is_none() && form == LogForm::Json;
    let started = if journal_stream.is_some() {
        let format = Format::default()
            .with_target(false)
            .with_level(false)
            .without_time();
        lines
            .with_ansi(false)
            .event_format(Prioritised(format))
            .try_init()
    } else if has_objects {
        lines.with_ansi(false).event_format(Json).try_init()
    } else {
        let is_coloured = form == LogForm::Coloured;
        lines.with_target(false).with_ansi(is_coloured).try_init()
    };
    told(started.is_ok());
    has_objects
}

fn told(is_first: bool) {
    if !is_first {
        tracing::debug!("logging was started before");
    }
}

/// Writes the fields of a line that people are to see.
struct Seen;

impl<'writer> FormatFields<'writer> for Seen {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut visitor = Visible(DefaultVisitor::new(writer, true));
        fields.record(&mut visitor);
        tracing_subscriber::field::VisitOutput::finish(visitor.0)
    }
}

/// Passes on what people are to see.
struct Visible<'a>(DefaultVisitor<'a>);

impl tracing::field::Visit for Visible<'_> {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
        if !UNSEEN.contains(&field.name()) {
            self.0.record_debug(field, value);
        }
    }

    fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
        if !UNSEEN.contains(&field.name()) {
            self.0.record_str(field, value);
        }
    }
}

/// Puts the priority before a line, as journald takes it.
struct Prioritised(Format<Full, ()>);

impl<S, N> FormatEvent<S, N> for Prioritised
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        write!(writer, "<{}>", priority(*event.metadata().level()))?;
        self.0.format_event(context, writer, event)
    }
}
