//! The text format of Prometheus (0.0.4), in which `/metrics` is written.
//!
//! The crate prometheus-client was weighed and rejected: it writes `OpenMetrics`, in which a counter is declared
//! under another name than its samples have, and which `promtool check metrics` refuses ("no help text"); what it keeps, atomics
//! by labels, does not know that a feed has left the configuration.

use std::fmt::Display;
use std::time::Duration;

/// What a metric is to who reads it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// Metrics that are being written.
#[derive(Debug, Default)]
pub(super) struct Page(String);

impl Page {
    /// Begins a metric; its samples follow.
    pub(super) fn metric(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        self.line(&format!("# HELP {name} {help}"));
        self.line(&format!("# TYPE {name} {kind}"));
    }

    /// Writes a sample.
    pub(super) fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let pairs = labels
            .iter()
            .map(|(key, text)| format!("{key}=\"{}\"", escaped(text)));
        let pairs = pairs.collect::<Vec<_>>().join(",");
        let labels = if pairs.is_empty() {
            pairs
        } else {
            format!("{{{pairs}}}")
        };
        self.line(&format!("{name}{labels} {value}"));
    }

    /// Writes a metric of one sample.
    pub(super) fn single(&mut self, name: &str, kind: Kind, help: &str, value: impl Display) {
        self.metric(name, kind, help);
        self.sample(name, &[], value);
    }

    /// Writes a histogram.
    pub(super) fn histogram(&mut self, name: &str, help: &str, of: &Spans) {
        self.metric(name, Kind::Histogram, help);
        self.spans(name, &[], of);
    }

    /// Writes one of the histograms of a metric.
    pub(super) fn spans(&mut self, name: &str, labels: &[(&str, &str)], of: &Spans) {
        let bucket = format!("{name}_bucket");
        let mut so_far = 0;
        for (bound, count) in of.bounds.iter().zip(&of.counts) {
            so_far += count;
            let bound = bound.as_secs_f64().to_string();
            self.sample(&bucket, &[labels, &[("le", &bound)]].concat(), so_far);
        }
        self.sample(&bucket, &[labels, &[("le", "+Inf")]].concat(), of.count);
        self.sample(&format!("{name}_sum"), labels, of.sum.as_secs_f64());
        self.sample(&format!("{name}_count"), labels, of.count);
    }

    /// Returns all that was written.
    pub(super) fn finish(self) -> String {
        self.0
    }

    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }
}

/// Escapes the value of a label.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

/// How long things took, sorted into buckets.
#[derive(Debug)]
pub(super) struct Spans {
    bounds: &'static [Duration],
    counts: Vec<u64>,
    count: u64,
    sum: Duration,
}

impl Spans {
    /// Starts empty; `bounds` are the upper ends of the buckets, in their order.
    pub(super) fn new(bounds: &'static [Duration]) -> Self {
        Self {
            bounds,
            counts: vec![0; bounds.len()],
            count: 0,
            sum: Duration::ZERO,
        }
    }

    /// Notes that something took so long.
    pub(super) fn note(&mut self, span: Duration) {
        let bucket = self.bounds.iter().position(|bound| span <= *bound);
        if let Some(count) = bucket.and_then(|bucket| self.counts.get_mut(bucket)) {
            *count += 1;
        }
        self.count += 1;
        self.sum = self.sum.saturating_add(span);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: &[Duration] = &[Duration::from_millis(500), Duration::from_secs(2)];

    #[test]
    fn a_page_is_as_prometheus_reads_it() {
        let mut page = Page::default();
        page.single("a_total", Kind::Counter, "How many.", 3);
        page.metric("b", Kind::Gauge, "By name.");
        page.sample("b", &[("x", "a\"b\\c\nd"), ("y", "é")], 1.5);
        let mut spans = Spans::new(BOUNDS);
        for millis in [100, 500, 1000, 9000] {
            spans.note(Duration::from_millis(millis));
        }
        page.histogram("c_seconds", "How long.", &spans);
        let expected = "# HELP a_total How many.\n# TYPE a_total counter\na_total 3\n\
            # HELP b By name.\n# TYPE b gauge\nb{x=\"a\\\"b\\\\c\\nd\",y=\"é\"} 1.5\n\
            # HELP c_seconds How long.\n# TYPE c_seconds histogram\n\
            c_seconds_bucket{le=\"0.5\"} 2\nc_seconds_bucket{le=\"2\"} 3\nc_seconds_bucket{le=\"+Inf\"} 4\n\
            c_seconds_sum 10.6\nc_seconds_count 4\n";
        assert_eq!(page.finish(), expected);
    }
}
