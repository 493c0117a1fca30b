use e2e_tests::adversary::{Harmless, refuses_every_wrong_account};

const HARMLESS: &[Harmless] = &[
    Harmless {
        instruction: "cancel_spend",
        account: "spend",
        wrong: &["another one"],
        why: "another one of the same parties, in the same state: the call is then about that one",
    },
    Harmless {
        instruction: "convert_tge",
        account: "funding",
        wrong: &["a copy"],
        why: "any token account that the signer can move will do",
    },
    Harmless {
        instruction: "deposit_profit",
        account: "funding",
        wrong: &["a copy"],
        why: "any token account that the signer can move will do",
    },
    Harmless {
        instruction: "initialize",
        account: "mint",
        wrong: &["a copy", "a copy of another kind"],
        why: "the upgrade authority chooses the mint here, once",
    },
    Harmless {
        instruction: "issue_award",
        account: "payer",
        wrong: &["another wallet", "the authority"],
        why: "anyone may pay for the accounts that are made",
    },
    Harmless {
        instruction: "open_epoch",
        account: "funding",
        wrong: &[
            "a copy",
            "a copy of another kind",
            "a copy owned by token 2022",
            "another one",
            "its owner's, of another mint",
            "somebody else's, of its mint",
        ],
        why: "epoch 0 takes no pool when it is opened; for a month, any token account that the administrator can move",
    },
    Harmless {
        instruction: "open_epoch",
        account: "program",
        wrong: &[
            "another wallet",
            "empty, of the attacker's program",
            "nothing",
            "the event_authority",
            "the mint",
            "the program grants",
            "the program market",
            "the program oracles",
            "the program proofs",
            "the program rental",
            "the program system",
            "the program token",
            "the program token 2022",
            "the system_program",
            "the token_program",
        ],
        why: "only there so that the runtime finds the program for the event; an optional account that is left out names it too",
    },
    Harmless {
        instruction: "register",
        account: "destination",
        wrong: &["a copy", "a copy owned by token 2022"],
        why: "any token account of that owner will do; a copy that token 2022 owns cannot be made, it keeps accounts of its own mints",
    },
    Harmless {
        instruction: "set_destination",
        account: "destination",
        wrong: &["a copy", "a copy owned by token 2022"],
        why: "any token account of that owner will do; a copy that token 2022 owns cannot be made, it keeps accounts of its own mints",
    },
    Harmless {
        instruction: "void_award",
        account: "award",
        wrong: &["another one"],
        why: "another one of the same parties, in the same state: the call is then about that one",
    },
];

#[test]
fn rewards_refuses_every_wrong_account() {
    refuses_every_wrong_account("rewards", HARMLESS);
}
