use e2e_tests::adversary::{Harmless, refuses_every_wrong_account};

const HARMLESS: &[Harmless] = &[
    Harmless {
        instruction: "initialize",
        account: "mint",
        wrong: &["a copy"],
        why: "the upgrade authority chooses the mint here, once",
    },
    Harmless {
        instruction: "issue_award",
        account: "payer",
        wrong: &["another wallet", "the authority"],
        why: "anyone may pay for the accounts of an award",
    },
    Harmless {
        instruction: "open_epoch",
        account: "funding",
        wrong: &["a copy"],
        why: "the administrator may fill a pool from any token account that it owns",
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
            "the program market",
            "the program system",
            "the program token",
            "the program token 2022",
            "the system_program",
            "the token_program",
        ],
        why: "only there so that the runtime finds the program for the event; the absent `previous` names it too",
    },
    Harmless {
        instruction: "open_epoch",
        account: "previous",
        wrong: &["a copy"],
        why: "no such copy can be made: the program alone creates epochs, one for each number, and the number is checked",
    },
    Harmless {
        instruction: "register",
        account: "destination",
        wrong: &["a copy"],
        why: "the wallet chooses any token account that it owns",
    },
    Harmless {
        instruction: "set_destination",
        account: "destination",
        wrong: &["a copy"],
        why: "the wallet chooses any token account that it owns",
    },
];

#[test]
fn rewards_refuses_every_wrong_account() {
    refuses_every_wrong_account("rewards", HARMLESS);
}
