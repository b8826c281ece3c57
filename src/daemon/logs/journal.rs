//! The journal's own protocol, by which a line has fields: `journalctl -u merganser MERGANSER_FEED=bbc-world`.
//!
//! Each event is one datagram, as the page <https://systemd.io/JOURNAL_NATIVE_PROTOCOL> has it. The crate `tracing-journald` was weighed
//! and rejected: it adds to each line where in the source it was written, loses a line that the journal does not
//! take, and has unsafe code for what is larger than a datagram; our lines are short (S18).

use std::fmt::Debug;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// Where journald listens.
const SOCKET: &str = "/run/systemd/journal/socket";

/// Returns the priority of syslog(3) that a level has.
pub(super) fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}

/// A way to the journal.
#[derive(Debug)]
pub(super) struct Journal(UnixDatagram);

impl Journal {
    /// Returns one, if standard error leads to the journal: `stream` is what `$JOURNAL_STREAM` says of it, device
    /// and inode (systemd.exec(5)). A line that was led elsewhere by hand goes there.
    pub(super) fn behind(stream: &str) -> Option<Self> {
        let stderr = std::fs::metadata("/proc/self/fd/2").ok()?;
        let is_journal = stream == format!("{}:{}", stderr.dev(), stderr.ino());
        let journal = is_journal.then(|| Self::at(Path::new(SOCKET)))?;
        journal.ok()
    }

    /// Connects to a journal.
    fn at(path: &Path) -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.connect(path)?;
        // A journal that is busy holds up no poll.
        socket.set_nonblocking(true)?;
        Ok(Self(socket))
    }
}

impl<S: Subscriber> Layer<S> for Journal {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut entry = Entry::default();
        let priority = priority(*event.metadata().level());
        entry.put("PRIORITY", &priority.to_string());
        entry.put("SYSLOG_IDENTIFIER", "merganser");
        event.record(&mut entry);
        if self.0.send(&entry.bytes).is_err() {
            // Standard error leads to the journal, too, and waits for it. Where it does not, the line is lost.
            drop(writeln!(io::stderr(), "<{priority}>{}", entry.message));
        }
    }
}

/// One line with its fields.
#[derive(Debug, Default)]
struct Entry {
    bytes: Vec<u8>,
    message: String,
}

impl Entry {
    /// Adds a field. A value of several lines goes with its length before it.
    fn put(&mut self, name: &str, value: &str) {
        self.bytes.extend_from_slice(name.as_bytes());
        if value.contains('\n') {
            let length = u64::try_from(value.len()).unwrap_or(u64::MAX);
            self.bytes.push(b'\n');
            self.bytes.extend_from_slice(&length.to_le_bytes());
        } else {
            self.bytes.push(b'=');
        }
        self.bytes.extend_from_slice(value.as_bytes());
        self.bytes.push(b'\n');
    }
}

impl Visit for Entry {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = String::new();
        // A string takes whatever is written to it.
        write!(text, "{value:?}").ok();
        self.record_str(field, &text);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => {
                value.clone_into(&mut self.message);
                self.put("MESSAGE", value);
            }
            "message_id" => self.put("MESSAGE_ID", value),
            name => self.put(&format!("MERGANSER_{}", name.to_ascii_uppercase()), value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::layer::SubscriberExt;

    /// Returns what a journal hears of what `say` logs.
    fn heard(say: impl FnOnce()) -> Vec<u8> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        let socket = UnixDatagram::bind(&path).unwrap();
        let journal = Journal::at(&path).unwrap();
        let lines = tracing_subscriber::registry().with(journal);
        tracing::subscriber::with_default(lines, say);
        let mut buffer = [0; 4096];
        let length = socket.recv(&mut buffer).unwrap();
        buffer[..length].to_vec()
    }

    #[test]
    fn a_line_has_fields() {
        let feed = "bbc-world";
        let entry = heard(|| {
            tracing::warn!(%feed, message_id = "00ff", "feed {feed} fails");
        });
        let expected = "PRIORITY=4\nSYSLOG_IDENTIFIER=merganser\nMESSAGE=feed bbc-world fails\n\
                        MERGANSER_FEED=bbc-world\nMESSAGE_ID=00ff\n";
        assert_eq!(String::from_utf8(entry).unwrap(), expected);
    }

    /// Nothing that is logged can end a field early and begin one of its own.
    #[test]
    fn a_line_end_begins_no_field() {
        let entry = heard(|| tracing::error!("one\nPRIORITY=7"));
        let mut expected = b"PRIORITY=3\nSYSLOG_IDENTIFIER=merganser\nMESSAGE\n".to_vec();
        expected.extend_from_slice(&14_u64.to_le_bytes());
        expected.extend_from_slice(b"one\nPRIORITY=7\n");
        assert_eq!(entry, expected);
    }

    #[test]
    fn standard_error_that_leads_elsewhere_is_no_journal() {
        assert!(Journal::behind("1:2").is_none());
        assert!(Journal::behind("nonsense").is_none());
    }
}
