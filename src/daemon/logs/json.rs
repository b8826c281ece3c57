//! Log lines for programs: an object each.

use serde_json::Value;
use std::fmt::{self, Debug};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Writes `time` (RFC 3339), `level`, and what a line says as `message`, with its fields beside it.
pub(super) struct Json;

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        write!(writer, "{{\"time\":\"")?;
        SystemTime.format_time(&mut writer)?;
        let level = event.metadata().level().as_str().to_ascii_lowercase();
        write!(writer, "\",\"level\":\"{level}\"")?;
        let mut members = Members {
            writer,
            result: Ok(()),
        };
        event.record(&mut members);
        members.result?;
        writeln!(members.writer, "}}")
    }
}

/// Writes members of an object, each a number or a text.
struct Members<'a> {
    writer: Writer<'a>,
    result: fmt::Result,
}

impl Visit for Members<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, &Value::from(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        // As JSON, a line end and a quote are none.
        self.put(field, &Value::from(value));
    }
}

impl Members<'_> {
    fn put(&mut self, field: &Field, value: &Value) {
        if self.result.is_ok() {
            let name = Value::from(field.name());
            self.result = write!(self.writer, ",{name}:{value}");
        }
    }
}
