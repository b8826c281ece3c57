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

/// Writes members of an object: numbers and what is true or not as such, all else as texts.
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

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, &Value::from(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has no infinity, and nothing that is no number: such a one is `null`.
        self.put(field, &Value::from(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daemon::logs::lines::Lines;

    #[test]
    fn a_field_is_in_json_what_it_is() {
        let lines = Lines::default();
        let told = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .event_format(Json)
            .with_writer(move || told.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(
                usize = 12_usize,
                u64 = u64::MAX,
                i64 = -12,
                f64 = 1.5,
                none = f64::NAN,
                bool = true,
                text = "12",
                debug = ?Some(12),
                "said \"so\""
            );
        });
        let mut line: Value = serde_json::from_str(&lines.text()).unwrap();
        line.as_object_mut().unwrap().remove("time");
        let expected = serde_json::json!({
            "level": "info",
            "message": "said \"so\"",
            "usize": 12,
            "u64": u64::MAX,
            "i64": -12,
            "f64": 1.5,
            "none": null,
            "bool": true,
            "text": "12",
            "debug": "Some(12)",
        });
        assert_eq!(line, expected);
    }
}
