//! The words that labels consist of: all that there are, so that each series is there from the start, and no more.

use protocol::report::reason_code;

/// Reasons of votes against, by their codes, as a label says them.
pub(super) const REASONS: [(u16, &str); 12] = [
    (reason_code::LOG, "log"),
    (reason_code::UNAVAILABLE, "unavailable"),
    (reason_code::INITIAL_STATE, "initial_state"),
    (reason_code::START_STATE, "start_state"),
    (reason_code::BATCH, "batch"),
    (reason_code::GRADIENT, "gradient"),
    (reason_code::REDUCED_GRADIENT, "reduced_gradient"),
    (reason_code::LOSS, "loss"),
    (reason_code::STATE, "state"),
    (reason_code::FINAL_CHECKPOINT, "final_checkpoint"),
    (reason_code::METRIC, "metric"),
    (reason_code::NOT_ACCEPTED, "not_accepted"),
];
/// Any other code: one of a trainer that is newer than this program.
pub(super) const OTHER: &str = "other";
/// How replays end.
pub(super) const OUTCOMES: [&str; 5] = ["match", "mismatch", "unavailable", "incompatible_host", "failed"];
/// How segments come out.
pub(super) const SEGMENTS: [&str; 3] = ["equal", "differs", "unavailable"];
/// What votes say; `unknown` where this process did not make the vote that the chain has.
pub(super) const VOTES: [&str; 3] = ["accept", "reject", "unknown"];

/// What the chain was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Call {
    Arm,
    Panels,
    Audits,
    Standing,
    Time,
    Seal,
    Sign,
    Submit,
}

impl Call {
    pub(super) const ALL: [(Self, &'static str); 8] = [
        (Self::Arm, "arm"),
        (Self::Panels, "panels"),
        (Self::Audits, "audits"),
        (Self::Standing, "standing"),
        (Self::Time, "time"),
        (Self::Seal, "seal"),
        (Self::Sign, "sign"),
        (Self::Submit, "submit"),
    ];
}

/// Why an audit is put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    /// The chain does not answer, or refused the vote for now.
    Node,
    /// What the trainer must serve is missing or damaged.
    Artefacts,
    /// This host cannot replay or keep its report.
    Host,
}

impl Cause {
    pub(super) const ALL: [(Self, &'static str); 3] =
        [(Self::Node, "node"), (Self::Artefacts, "artefacts"), (Self::Host, "host")];
}

pub(super) fn vote_name(accept: bool) -> &'static str {
    if accept { "accept" } else { "reject" }
}

pub(super) fn reason_name(code: u16) -> &'static str {
    if code == reason_code::NONE {
        return "none";
    }
    REASONS.iter().find(|(known, _)| *known == code).map_or(OTHER, |(_, name)| name)
}
