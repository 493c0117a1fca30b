use e2e_tests::adversary::{Harmless, refuses_every_wrong_account};

const HARMLESS: &[Harmless] = &[
    Harmless {
        instruction: "cancel_rental",
        account: "renter_tokens",
        wrong: &["a copy"],
        why: "any token account of that owner and mint will do",
    },
    Harmless {
        instruction: "close_rental",
        account: "rental",
        wrong: &["another one"],
        why: "another one of the same parties, in the same state: the call is then about that one",
    },
    Harmless {
        instruction: "extend_rental",
        account: "funding",
        wrong: &["a copy"],
        why: "any token account that the signer can move will do",
    },
    Harmless {
        instruction: "open_rental",
        account: "funding",
        wrong: &["a copy"],
        why: "any token account that the signer can move will do",
    },
    Harmless {
        instruction: "stop_rental",
        account: "provider_tokens",
        wrong: &["a copy"],
        why: "any token account of that owner and mint will do",
    },
    Harmless {
        instruction: "stop_rental",
        account: "renter_tokens",
        wrong: &["a copy"],
        why: "any token account of that owner and mint will do",
    },
    Harmless {
        instruction: "stop_rental",
        account: "treasury_tokens",
        wrong: &["a copy"],
        why: "any token account of that owner and mint will do",
    },
    Harmless {
        instruction: "withdraw",
        account: "provider_tokens",
        wrong: &["a copy"],
        why: "any token account of that owner and mint will do",
    },
    Harmless {
        instruction: "withdraw",
        account: "treasury_tokens",
        wrong: &["a copy"],
        why: "any token account of that owner and mint will do",
    },
];

#[test]
fn rental_refuses_every_wrong_account() {
    refuses_every_wrong_account("rental", HARMLESS);
}
