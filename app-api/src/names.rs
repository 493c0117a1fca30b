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
/// States of an epoch (`rewards::state::epoch_state`).
pub const EPOCH_STATE: Names = Names { what: "state", first: 1, words: &["open", "review", "final", "expired"] };

impl Names {
    /// The word of a code; codes that this build does not know are `unknown`.
    #[must_use]
    pub fn word(&self, code: i64) -> &'static str {
        let place = code.checked_sub(self.first).and_then(|place| usize::try_from(place).ok());
        place.and_then(|place| self.words.get(place)).copied().unwrap_or("unknown")
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
