//! The programs' codes as words.

/// Words of a code, in the order of their numbers.
#[derive(Debug)]
pub struct Names {
    what: &'static str,
    first: i64,
    words: &'static [&'static str],
}

/// Kinds of listing (`market::state::listing_kind`).
pub const LISTING_KIND: Names = Names { what: "kind", first: 1, words: &["compute", "dataset", "model", "labelling"] };
/// What a unit of a listing is.
pub const LISTING_UNIT: Names = Names { what: "unit", first: 1, words: &["job", "hour", "licence", "label"] };
/// States of an order (`market::state::order_state`).
pub const ORDER_STATE: Names = Names {
    what: "state",
    first: 1,
    words: &["funded", "accepted", "submitted", "auditing", "audited", "disputed", "released", "refunded"],
};
/// Verdicts (`market::state::verdict`).
pub const VERDICT: Names = Names { what: "verdict", first: 0, words: &["none", "accept", "reject"] };
/// Why an order was refunded (`market::state::refund_reason`).
pub const REFUND_REASON: Names = Names {
    what: "reason",
    first: 1,
    words: &["cancelled", "not_accepted", "not_delivered", "not_audited", "rejected", "resolved"],
};
/// Who judges an order (`market::state::judge`).
pub const JUDGE: Names = Names { what: "judge", first: 1, words: &["oracles", "approval", "proof", "gold"] };
/// How a dispute ended (`market::state::resolution`).
pub const RESOLUTION: Names =
    Names { what: "resolution", first: 0, words: &["none", "upheld", "overturned", "forfeited", "proven"] };
/// Whose act made or changed a verdict (`market::state::judged_by`).
pub const JUDGED_BY: Names =
    Names { what: "judged_by", first: 1, words: &["buyer", "seller", "admin", "proofs", "panel"] };
/// States of an epoch (`rewards::state::epoch_state`).
pub const EPOCH_STATE: Names = Names { what: "state", first: 1, words: &["open", "review", "final", "expired"] };

/// States of a proposal (`grants::state::proposal_state`).
pub const PROPOSAL_STATE: Names =
    Names { what: "state", first: 1, words: &["voting", "approved", "rejected", "completed", "cancelled"] };
/// Why a proposal ended without being completed (`grants::state::end_reason`).
pub const END_REASON: Names = Names {
    what: "reason",
    first: 0,
    words: &["none", "no_quorum", "no_majority", "funds_short", "withdrawn", "stopped", "late"],
};
/// Where a proposal's bond is (`grants::state::bond_state`).
pub const BOND_STATE: Names =
    Names { what: "bond state", first: 0, words: &["none", "held", "returnable", "returned", "forfeited"] };
/// States of a milestone (`grants::state::milestone_state`).
pub const MILESTONE_STATE: Names =
    Names { what: "milestone state", first: 0, words: &["pending", "submitted", "accepted", "paid"] };
/// What a voter chooses (`grants::state::choice`).
pub const CHOICE: Names = Names { what: "choice", first: 1, words: &["for", "against", "abstain"] };

/// States of an award (`rewards::state::award_state`).
pub const AWARD_STATE: Names = Names { what: "state", first: 1, words: &["counted", "pending", "void"] };
/// States of a rental (`rental::state::rental_state`).
pub const RENTAL_STATE: Names = Names { what: "state", first: 1, words: &["requested", "running", "ended"] };
/// Why a rental ended (`rental::state::end_reason`).
pub const RENTAL_END: Names = Names { what: "end reason", first: 1, words: &["cancelled", "not_started", "stopped"] };
/// How a verdict was found (`proofs::state::verdict_kind`). The numbers are those of judges; no verdict is found by approval.
pub const VERDICT_KIND: Names = Names { what: "kind", first: 1, words: &["training", "approval", "proof", "gold"] };
/// States of a verdict (`proofs::state::verdict_state`).
pub const VERDICT_STATE: Names = Names { what: "state", first: 1, words: &["open", "final"] };
/// What was wrong with a delivery (`proofs::state::fault`).
pub const FAULT: Names =
    Names { what: "fault", first: 0, words: &["none", "chunk", "key", "log", "reduction", "update"] };
/// States of a panel (`oracles::state::panel_state`).
pub const PANEL_STATE: Names = Names { what: "state", first: 1, words: &["convened", "final", "sitting"] };
/// What a member of a panel votes (`protocol::panel::ballot`).
pub const PANEL_BALLOT: Names = Names { what: "ballot", first: 1, words: &["accept", "reject", "reject_plain"] };
/// States of a payment from the reserve.
pub const SPEND_STATES: [&str; 3] = ["proposed", "executed", "cancelled"];

impl Names {
    /// The word of a code; codes that this build does not know are `unknown`.
    #[must_use]
    pub fn word(&self, code: i64) -> &'static str {
        let place = code.checked_sub(self.first).and_then(|place| usize::try_from(place).ok());
        place.and_then(|place| self.words.get(place)).copied().unwrap_or("unknown")
    }

    /// The code that a filter asks for.
    ///
    /// # Errors
    /// When its word is none of them.
    pub fn asked(&self, word: Option<String>) -> Result<Option<i64>, crate::problem::Problem> {
        word.map(|word| self.code(&word)).transpose()
    }

    /// The code of a word.
    ///
    /// # Errors
    /// When it is none of them.
    pub fn code(&self, word: &str) -> Result<i64, crate::problem::Problem> {
        (self.first..).zip(self.words).find(|(_, known)| **known == word).map(|(code, _)| code).ok_or_else(|| {
            crate::problem::Problem::bad_request(format!("{} must be one of {}", self.what, self.words.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_verdict_and_every_fault_has_its_word() {
        use proofs::state::{fault, verdict_kind};
        let kinds =
            [(verdict_kind::TRAINING, "training"), (verdict_kind::PROOF, "proof"), (verdict_kind::GOLD, "gold")];
        kinds.iter().for_each(|(code, word)| assert_eq!(VERDICT_KIND.word((*code).into()), *word));
        let faults = [
            (fault::NONE, "none"),
            (fault::CHUNK, "chunk"),
            (fault::KEY, "key"),
            (fault::LOG, "log"),
            (fault::REDUCTION, "reduction"),
            (fault::UPDATE, "update"),
        ];
        faults.iter().for_each(|(code, word)| assert_eq!(FAULT.word((*code).into()), *word));
    }

    #[test]
    fn words_and_codes_are_inverse() {
        for (code, word) in [(1, "funded"), (8, "refunded")] {
            assert_eq!(ORDER_STATE.word(code), word);
            assert_eq!(ORDER_STATE.code(word).unwrap(), code);
        }
        assert_eq!(VERDICT.word(0), "none");
        assert_eq!(ORDER_STATE.word(9), "unknown");
        assert!(ORDER_STATE.code("paid").is_err());
    }
}
