//! Prometheus' text format, version 0.0.4 (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

use std::fmt::Write as _;

/// The format's media type.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What every name begins with.
const PREFIX: &str = "aixblock_oracle";

/// What a family of samples is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// Labels of a sample. All names and values are this crate's own words, so none needs an escape and their number is bounded.
pub(super) type Labels<'a> = &'a [(&'a str, &'a str)];

/// A text under construction.
#[derive(Debug, Default)]
pub(super) struct Exposition {
    text: String,
}

impl Exposition {
    /// Begins a family; its samples follow.
    pub(super) fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let _ = writeln!(self.text, "# HELP {PREFIX}_{name} {help}\n# TYPE {PREFIX}_{name} {kind}");
    }

    /// One sample.
    pub(super) fn sample(&mut self, name: &str, labels: Labels<'_>, value: f64) {
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.text, "{PREFIX}_{name}{labels} {value}");
    }

    /// A family of one sample without labels.
    pub(super) fn single(&mut self, name: &str, kind: Kind, help: &str, value: f64) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// A histogram with fixed bounds.
#[derive(Debug)]
pub(super) struct Histogram<const N: usize> {
    bounds: [f64; N],
    counts: [u64; N],
    count: u64,
    sum: f64,
}

impl<const N: usize> Histogram<N> {
    /// A histogram whose buckets end at `bounds`, ascending; one without an end comes after them.
    pub(super) fn new(bounds: [f64; N]) -> Self {
        Self { bounds, counts: [0; N], count: 0, sum: 0.0 }
    }

    pub(super) fn observe(&mut self, value: f64) {
        for (bound, count) in self.bounds.iter().zip(&mut self.counts) {
            *count += u64::from(value <= *bound);
        }
        self.count += 1;
        self.sum += value;
    }

    pub(super) fn write(&self, out: &mut Exposition, name: &str, help: &str) {
        out.family(name, Kind::Histogram, help);
        let bucket = format!("{name}_bucket");
        for (bound, count) in self.bounds.iter().zip(&self.counts) {
            out.sample(&bucket, &[("le", &bound.to_string())], *count as f64);
        }
        out.sample(&bucket, &[("le", "+Inf")], self.count as f64);
        out.sample(&format!("{name}_sum"), &[], self.sum);
        out.sample(&format!("{name}_count"), &[], self.count as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_cumulative_and_end_with_all() {
        let mut histogram = Histogram::new([1.0, 5.0]);
        [0.5, 1.0, 3.0, 70.5].into_iter().for_each(|seconds| histogram.observe(seconds));
        let mut out = Exposition::default();
        histogram.write(&mut out, "replay_seconds", "Help.");
        let expected = "# HELP aixblock_oracle_replay_seconds Help.
# TYPE aixblock_oracle_replay_seconds histogram
aixblock_oracle_replay_seconds_bucket{le=\"1\"} 2
aixblock_oracle_replay_seconds_bucket{le=\"5\"} 3
aixblock_oracle_replay_seconds_bucket{le=\"+Inf\"} 4
aixblock_oracle_replay_seconds_sum 75
aixblock_oracle_replay_seconds_count 4
";
        assert_eq!(out.into_text(), expected);
    }
}
