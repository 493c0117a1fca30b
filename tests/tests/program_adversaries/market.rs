use e2e_tests::adversary::{Harmless, refuses_every_wrong_account};

const HARMLESS: &[Harmless] = &[
    Harmless {
        instruction: "award_order",
        account: "payer",
        wrong: &["another wallet"],
        why: "anyone may pay for the accounts of an award",
    },
    Harmless {
        instruction: "refund",
        account: "caller",
        wrong: &["another wallet", "empty, of the attacker's program", "nothing", "the rent_payer"],
        why: "anyone may settle an order whose time has come; the caller gets nothing",
    },
    Harmless {
        instruction: "open_order",
        account: "funding",
        wrong: &["a copy"],
        why: "the buyer may pay from any token account that it owns",
    },
    Harmless {
        instruction: "cancel_order",
        account: "buyer_tokens",
        wrong: &["a copy"],
        why: "any token account of the buyer will do",
    },
    Harmless {
        instruction: "refund",
        account: "buyer_tokens",
        wrong: &["a copy"],
        why: "any token account of the buyer will do",
    },
    Harmless {
        instruction: "release",
        account: "buyer_tokens",
        wrong: &["a copy", "a copy owned by token 2022"],
        why: "any token account of the buyer will do; where nothing is left for the buyer, nothing is sent to it",
    },
    Harmless {
        instruction: "release",
        account: "seller_tokens",
        wrong: &["a copy"],
        why: "any token account of the seller will do",
    },
    Harmless {
        instruction: "release",
        account: "treasury_tokens",
        wrong: &["a copy"],
        why: "any token account of the treasury will do",
    },
    Harmless {
        instruction: "dispute",
        account: "order",
        wrong: &["another one"],
        why: "the party disputes another order of its own, which is in its window too",
    },
    Harmless {
        instruction: "close_order",
        account: "order",
        wrong: &["another one"],
        why: "the payer closes another settled order that it paid for, and gets that one's rent",
    },
];

#[test]
fn market_refuses_every_wrong_account() {
    refuses_every_wrong_account("market", HARMLESS);
}
