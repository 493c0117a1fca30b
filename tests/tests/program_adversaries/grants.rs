use e2e_tests::adversary::{Harmless, refuses_every_wrong_account};

const HARMLESS: &[Harmless] = &[
    Harmless {
        instruction: "cancel_proposal",
        account: "proposal",
        wrong: &["another one"],
        why: "another one of the same parties, in the same state: the call is then about that one",
    },
    Harmless {
        instruction: "close_ballot",
        account: "ballot",
        wrong: &["another one"],
        why: "another one of the same parties, in the same state: the call is then about that one",
    },
    Harmless {
        instruction: "disburse",
        account: "destination",
        wrong: &["a copy"],
        why: "any token account of that owner and mint will do",
    },
    Harmless {
        instruction: "fund",
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
        instruction: "open_proposal",
        account: "funding",
        wrong: &["a copy"],
        why: "any token account that the signer can move will do",
    },
    Harmless {
        instruction: "return_bond",
        account: "destination",
        wrong: &["a copy"],
        why: "any token account of that owner and mint will do",
    },
    Harmless {
        instruction: "return_bond",
        account: "proposal",
        wrong: &["another one"],
        why: "another one of the same parties, in the same state: the call is then about that one",
    },
    Harmless {
        instruction: "submit_milestone",
        account: "proposal",
        wrong: &["another one"],
        why: "another one of the same parties, in the same state: the call is then about that one",
    },
    Harmless {
        instruction: "tally",
        account: "proposal",
        wrong: &["another one"],
        why: "another one of the same parties, in the same state: the call is then about that one",
    },
];

#[test]
fn grants_refuses_every_wrong_account() {
    refuses_every_wrong_account("grants", HARMLESS);
}
