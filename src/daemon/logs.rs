//! Log lines to standard error, where journald picks them up.

use std::fmt;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::{Format, Full, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Starts logging; a second call changes nothing.
///
/// `default` is a level or a filter in the syntax of `tracing-subscriber`; the variable
/// `MERGANSER_LOG` overrides it. Under journald, which knows the time, a line carries its priority
/// instead (sd-daemon(3)). A line that cannot be written is lost: who reads the log may go away and must
/// not take the daemon along.
pub fn start_logging(default: &str, journald: bool, colour: bool) {
    let wanted = EnvFilter::try_from_env("MERGANSER_LOG");
    let filter = wanted.unwrap_or_else(|_| EnvFilter::new(default));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    let started = if journald {
        let format = Format::default()
            .with_target(false)
            .with_level(false)
            .without_time();
        lines
            .with_ansi(false)
            .event_format(Prioritised(format))
            .try_init()
    } else {
        lines.with_target(false).with_ansi(colour).try_init()
    };
    if let Err(error) = started {
        tracing::debug!(%error, "logging was started before");
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
        let priority = match *event.metadata().level() {
            Level::ERROR => 3,
            Level::WARN => 4,
            Level::INFO => 6,
            _ => 7,
        };
        write!(writer, "<{priority}>")?;
        self.0.format_event(context, writer, event)
    }
}
