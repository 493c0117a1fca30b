//! What an operator watches, as Prometheus reads it: `aixblock_oracle_*`, all since the process started.
//!
//! No label holds anything that comes from the chain: an order's address is in the log and in the journal, never here, so that
//! nobody can make a time series for every order that they open.

mod exposition;
mod labels;
mod running;

pub(crate) use exposition::CONTENT_TYPE;
pub(crate) use labels::{Call, Cause};
pub(crate) use running::Running;

use crate::audit::Opinion;
use crate::memory::{OpenAudits, now_ms};
use exposition::{Exposition, Histogram, Kind};
use labels::{OTHER, OUTCOMES, REASONS, SEGMENTS, VOTES, reason_name, vote_name};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Ends of the buckets of a replay's seconds.
const REPLAY_SECONDS: [f64; 10] = [1.0, 5.0, 15.0, 60.0, 180.0, 600.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0];

#[derive(Debug)]
struct Counts {
    self_test_passed: bool,
    discovered: u64,
    /// By verdict and reason.
    judged: BTreeMap<(&'static str, &'static str), u64>,
    voted: BTreeMap<&'static str, u64>,
    void: u64,
    postponed: BTreeMap<Cause, u64>,
    rpc_errors: BTreeMap<Call, u64>,
    replays_running: u64,
    replays: BTreeMap<&'static str, u64>,
    segments: BTreeMap<&'static str, u64>,
    steps: u64,
    replay_seconds: Histogram<10>,
    open: OpenAudits,
    /// The chain's clock less this host's, in seconds.
    chain_ahead_seconds: Option<i64>,
    looked: Option<Instant>,
    looked_ms: Option<i64>,
    journal_errors: u64,
}

/// The measurements of one process; clones share them.
#[derive(Debug, Clone)]
pub struct Metrics(Arc<Mutex<Counts>>);

impl Default for Metrics {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Counts {
            self_test_passed: false,
            discovered: 0,
            judged: BTreeMap::new(),
            voted: BTreeMap::new(),
            void: 0,
            postponed: BTreeMap::new(),
            rpc_errors: BTreeMap::new(),
            replays_running: 0,
            replays: BTreeMap::new(),
            segments: BTreeMap::new(),
            steps: 0,
            replay_seconds: Histogram::new(REPLAY_SECONDS),
            open: OpenAudits::default(),
            chain_ahead_seconds: None,
            looked: None,
            looked_ms: None,
            journal_errors: 0,
        })))
    }
}

impl Metrics {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        // numbers stay numbers, whatever a thread that panicked was about to do with them
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn self_test_passed(&self) {
        self.counts().self_test_passed = true;
    }

    /// The chain was asked for audits and answered.
    pub(crate) fn looked(&self) {
        let mut counts = self.counts();
        (counts.looked, counts.looked_ms) = (Some(Instant::now()), Some(now_ms()));
    }

    /// The chain's clock, as it just was.
    pub(crate) fn chain_time(&self, unix_seconds: i64) {
        self.counts().chain_ahead_seconds = Some(unix_seconds.saturating_sub(now_ms() / 1_000));
    }

    pub(crate) fn open(&self, open: OpenAudits) {
        self.counts().open = open;
    }

    pub(crate) fn discovered(&self) {
        self.counts().discovered += 1;
    }

    pub(crate) fn judged(&self, opinion: &Opinion) {
        *self.counts().judged.entry((vote_name(opinion.accept), reason_name(opinion.reason))).or_default() += 1;
    }

    /// A vote is on the chain; what it says, where this process knows.
    pub(crate) fn voted(&self, accept: Option<bool>) {
        *self.counts().voted.entry(accept.map_or("unknown", vote_name)).or_default() += 1;
    }

    pub(crate) fn void(&self) {
        self.counts().void += 1;
    }

    pub(crate) fn postponed(&self, cause: Cause) {
        *self.counts().postponed.entry(cause).or_default() += 1;
    }

    pub(crate) fn rpc_error(&self, call: Call) {
        *self.counts().rpc_errors.entry(call).or_default() += 1;
    }

    pub(crate) fn journal_error(&self) {
        self.counts().journal_errors += 1;
    }

    /// A replay begins, and runs until the value is dropped.
    pub(crate) fn replay(&self) -> Running {
        self.counts().replays_running += 1;
        Running { metrics: self.clone(), started: Instant::now() }
    }

    /// Why this oracle cannot vote at present; nothing where it can. The chain has to have answered within `stale`.
    pub(crate) fn unready(&self, stale: Duration) -> Option<&'static str> {
        let counts = self.counts();
        if !counts.self_test_passed {
            return Some("the self-test has not passed yet");
        }
        let fresh = counts.looked.is_some_and(|looked| looked.elapsed() <= stale);
        (!fresh).then_some("the node does not answer")
    }

    /// All of it in Prometheus' text format.
    #[must_use]
    pub fn text(&self) -> String {
        let (counts, mut out) = (self.counts(), Exposition::default());
        counts.write_audits(&mut out);
        counts.write_replays(&mut out);
        counts.write_node(&mut out);
        out.into_text()
    }
}

impl Counts {
    fn write_audits(&self, out: &mut Exposition) {
        let name = "audits_discovered_total";
        out.single(name, Kind::Counter, "Audits that wait for this oracle's vote.", self.discovered as f64);
        let name = "audits_judged_total";
        out.family(name, Kind::Counter, "Audits that this oracle has an opinion on.");
        let against = REASONS.iter().map(|(_, reason)| *reason).chain([OTHER]).map(|reason| ("reject", reason));
        for (verdict, reason) in [("accept", "none")].into_iter().chain(against) {
            let count = self.judged.get(&(verdict, reason)).copied().unwrap_or_default();
            out.sample(name, &[("verdict", verdict), ("reason", reason)], count as f64);
        }
        labelled(out, "votes_total", "Votes that are on the chain.", "verdict", &VOTES, &self.voted);
        out.single(
            "audits_void_total",
            Kind::Counter,
            "Audits that ended without this oracle's vote.",
            self.void as f64,
        );
        let name = "audits_postponed_total";
        out.family(name, Kind::Counter, "Failed steps of audits, which are repeated after a pause.");
        for (cause, label) in Cause::ALL {
            let count = self.postponed.get(&cause).copied().unwrap_or_default();
            out.sample(name, &[("cause", label)], count as f64);
        }
        out.single("open_audits", Kind::Gauge, "Audits that are neither voted on nor void.", self.open.count as f64);
        let now_ms = now_ms();
        if let Some(seen_ms) = self.open.oldest_seen_ms {
            let help = "Seconds since the oldest open audit was discovered; absent where none is open.";
            let seconds = now_ms.saturating_sub(seen_ms).max(0) as f64 / 1e3;
            out.single("oldest_open_audit_seconds", Kind::Gauge, help, seconds);
        }
        if let (Some(deadline), Some(ahead)) = (self.open.nearest_deadline, self.chain_ahead_seconds) {
            let help =
                "Seconds of the chain's clock until the nearest deadline of an open audit; absent where none is open.";
            let left = deadline.saturating_sub((now_ms / 1_000).saturating_add(ahead));
            out.single("nearest_deadline_seconds", Kind::Gauge, help, left as f64);
        }
        let help = "Judged audits that could not be written to the journal.";
        out.single("journal_errors_total", Kind::Counter, help, self.journal_errors as f64);
    }

    fn write_replays(&self, out: &mut Exposition) {
        let running = self.replays_running as f64;
        out.single("replays_running", Kind::Gauge, "Replays that run.", running);
        labelled(out, "replays_total", "Replays that ended.", "outcome", &OUTCOMES, &self.replays);
        let help = "Segments that were replayed.";
        labelled(out, "replayed_segments_total", help, "outcome", &SEGMENTS, &self.segments);
        let help = "Steps that came out as committed.";
        out.single("replayed_steps_total", Kind::Counter, help, self.steps as f64);
        self.replay_seconds.write(out, "replay_seconds", "Seconds of replays that ended, with the trainer's start.");
    }

    fn write_node(&self, out: &mut Exposition) {
        let name = "rpc_errors_total";
        out.family(name, Kind::Counter, "Questions to the chain that stayed without an answer after all attempts.");
        for (call, label) in Call::ALL {
            let count = self.rpc_errors.get(&call).copied().unwrap_or_default();
            out.sample(name, &[("call", label)], count as f64);
        }
        if let Some(looked_ms) = self.looked_ms {
            let help = "Unix time at which the chain last said which audits wait.";
            out.single("last_look_timestamp_seconds", Kind::Gauge, help, looked_ms as f64 / 1e3);
        }
        let help = "Whether this host computes the right bits: without that it does not vote.";
        out.single("self_test_passed", Kind::Gauge, help, f64::from(u8::from(self.self_test_passed)));
        out.family("build_info", Kind::Gauge, "The version of this program.");
        out.sample("build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    }
}

fn labelled(
    out: &mut Exposition,
    name: &str,
    help: &str,
    label: &str,
    all: &[&'static str],
    counts: &BTreeMap<&'static str, u64>,
) {
    out.family(name, Kind::Counter, help);
    for value in all {
        out.sample(name, &[(label, value)], counts.get(value).copied().unwrap_or_default() as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replayer::ReplayError;
    use protocol::digest::Digest;
    use protocol::report::reason_code;

    fn has(text: &str, line: &str) -> bool {
        text.lines().any(|found| found == line)
    }

    #[test]
    fn every_reason_of_the_protocol_has_a_label_and_any_other_code_shares_one() {
        let known: Vec<u16> =
            (1..=u16::MAX).filter(|code| reason_code::meaning(*code) != reason_code::meaning(u16::MAX)).collect();
        assert_eq!(known, REASONS.map(|(code, _)| code));
        let metrics = Metrics::default();
        for reason in [reason_code::STATE, 900, 901] {
            metrics.judged(&Opinion { accept: false, plain: false, reason, report: Digest::ZERO });
        }
        let text = metrics.text();
        assert!(has(&text, "aixblock_oracle_audits_judged_total{verdict=\"reject\",reason=\"state\"} 1"), "{text}");
        assert!(has(&text, "aixblock_oracle_audits_judged_total{verdict=\"reject\",reason=\"other\"} 2"), "{text}");
        assert!(has(&text, "aixblock_oracle_audits_judged_total{verdict=\"accept\",reason=\"none\"} 0"), "{text}");
    }

    #[test]
    fn a_replay_that_is_cut_off_runs_no_more_and_has_not_ended() {
        let metrics = Metrics::default();
        let (first, second) = (metrics.replay(), metrics.replay());
        assert!(has(&metrics.text(), "aixblock_oracle_replays_running 2"));
        drop(first);
        second.ended(&Err(ReplayError::Timeout(1)));
        let text = metrics.text();
        assert!(has(&text, "aixblock_oracle_replays_running 0"), "{text}");
        assert!(has(&text, "aixblock_oracle_replays_total{outcome=\"failed\"} 1"), "{text}");
        assert!(has(&text, "aixblock_oracle_replay_seconds_count 1"), "{text}");
    }

    #[test]
    fn deadlines_are_told_by_the_chains_clock_and_only_of_open_audits() {
        let metrics = Metrics::default();
        assert!(!metrics.text().contains("nearest_deadline_seconds") && !metrics.text().contains("oldest_open"));
        // a chain whose clock is far from this host's
        metrics.chain_time(1_000);
        metrics.open(OpenAudits { count: 1, nearest_deadline: Some(4_600), oldest_seen_ms: Some(now_ms() - 90_000) });
        let text = metrics.text();
        let value = |name: &str| -> f64 {
            let line = text.lines().find_map(|line| line.strip_prefix(&format!("aixblock_oracle_{name} ")));
            line.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
        };
        assert!((3_500.0..=3_601.0).contains(&value("nearest_deadline_seconds")), "{text}");
        assert!((90.0..200.0).contains(&value("oldest_open_audit_seconds")), "{text}");
    }

    #[test]
    fn an_oracle_is_ready_after_its_self_test_while_the_chain_answers() {
        let (metrics, hour) = (Metrics::default(), Duration::from_secs(3_600));
        assert!(metrics.unready(hour).unwrap().contains("self-test"));
        metrics.self_test_passed();
        assert!(metrics.unready(hour).unwrap().contains("node"));
        metrics.looked();
        assert_eq!(metrics.unready(hour), None);
        assert!(has(&metrics.text(), "aixblock_oracle_self_test_passed 1"));
    }
}
