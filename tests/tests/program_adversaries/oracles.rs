use e2e_tests::adversary::{Harmless, refuses_every_wrong_account};

const HARMLESS: &[Harmless] = &[
    Harmless {
        instruction: "close_oracle",
        account: "authority_tokens",
        wrong: &["a copy", "a copy owned by token 2022"],
        why: "nothing is owed to it in one of these calls, where it is not read; otherwise any token account of that owner and mint will do",
    },
    Harmless {
        instruction: "close_seals",
        account: "program",
        wrong: &[
            "another wallet",
            "empty, of the attacker's program",
            "nothing",
            "the event_authority",
            "the order",
            "the program grants",
            "the program market",
            "the program proofs",
            "the program rental",
            "the program rewards",
            "the program system",
            "the program token",
            "the program token 2022",
        ],
        why: "only there so that the runtime finds the program for the event; an optional account that is left out names it too",
    },
    Harmless {
        instruction: "convene_panel",
        account: "payer",
        wrong: &["another wallet"],
        why: "anyone may pay for the accounts that are made",
    },
    Harmless {
        instruction: "deposit_bond",
        account: "funding",
        wrong: &["a copy"],
        why: "any token account that the signer can move will do",
    },
    Harmless {
        instruction: "initialize",
        account: "mint",
        wrong: &["a copy", "a copy of another kind", "a copy owned by token 2022"],
        why: "the upgrade authority chooses the mint here, once",
    },
    Harmless {
        instruction: "record_vote",
        account: "buyer_tokens",
        wrong: &[
            "a copy",
            "a copy of another kind",
            "a copy owned by token 2022",
            "another one",
            "its owner's, of another mint",
            "left out",
            "somebody else's, of its mint",
            "the program",
        ],
        why: "nothing is owed to it in one of these calls, where it is not read; otherwise any token account of that owner and mint will do",
    },
    Harmless {
        instruction: "record_vote",
        account: "challenger_tokens",
        wrong: &[
            "a copy",
            "a copy of another kind",
            "a copy owned by token 2022",
            "another one",
            "its owner's, of another mint",
            "left out",
            "somebody else's, of its mint",
            "the program",
        ],
        why: "nothing is owed to it in one of these calls, where it is not read; otherwise any token account of that owner and mint will do",
    },
    Harmless {
        instruction: "record_vote",
        account: "payer",
        wrong: &["another wallet", "empty, of the attacker's program", "nothing"],
        why: "anyone may pay for the accounts that are made",
    },
    Harmless {
        instruction: "record_vote",
        account: "token_program",
        wrong: &["the program token 2022"],
        why: "nothing is moved in one of these calls",
    },
    Harmless {
        instruction: "register_oracle",
        account: "payer",
        wrong: &["another wallet"],
        why: "anyone may pay for the accounts that are made",
    },
    Harmless {
        instruction: "withdraw_bond",
        account: "authority_tokens",
        wrong: &["a copy"],
        why: "any token account of that owner and mint will do",
    },
];

#[test]
fn oracles_refuses_every_wrong_account() {
    refuses_every_wrong_account("oracles", HARMLESS);
}
