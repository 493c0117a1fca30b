use e2e_tests::adversary::{Harmless, refuses_every_wrong_account};

const HARMLESS: &[Harmless] = &[];

#[test]
fn oracles_refuses_every_wrong_account() {
    refuses_every_wrong_account("oracles", HARMLESS);
}
