use e2e_tests::adversary::{Harmless, refuses_every_wrong_account};

const HARMLESS: &[Harmless] = &[
    Harmless {
        instruction: "open_gold",
        account: "payer",
        wrong: &["another wallet"],
        why: "anyone may pay for the accounts that are made",
    },
    Harmless {
        instruction: "prove_break",
        account: "payer",
        wrong: &["another wallet"],
        why: "anyone may pay for the accounts that are made",
    },
    Harmless {
        instruction: "prove_chunk",
        account: "payer",
        wrong: &["another wallet"],
        why: "anyone may pay for the accounts that are made",
    },
    Harmless {
        instruction: "prove_key",
        account: "payer",
        wrong: &["another wallet"],
        why: "anyone may pay for the accounts that are made",
    },
    Harmless {
        instruction: "prove_log",
        account: "payer",
        wrong: &["another wallet"],
        why: "anyone may pay for the accounts that are made",
    },
    Harmless {
        instruction: "prove_reduction",
        account: "payer",
        wrong: &["another wallet"],
        why: "anyone may pay for the accounts that are made",
    },
    Harmless {
        instruction: "prove_update",
        account: "payer",
        wrong: &["another wallet"],
        why: "anyone may pay for the accounts that are made",
    },
];

#[test]
fn proofs_refuses_every_wrong_account() {
    refuses_every_wrong_account("proofs", HARMLESS);
}
