use anchor_lang::Address;
use e2e_tests::{
    address,
    grants_world::{ALLOCATION, BOND, Grants, POOL, PURSE, SUPPLY, mint_bytes},
    instruction::grants as ix,
    passed, refused,
};
use grants::{GrantsError, state::proposal_state};

const TOKEN_2022: Address = Address::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");

#[test]
fn a_mint_of_token_2022_is_granted_like_one_of_the_classic_program() {
    // without extensions, and with those that change nothing about a transfer: metadata pointer, group pointer
    for extensions in [&[][..], &[(18, 64), (20, 64)][..]] {
        let mut g = Grants::of_token(TOKEN_2022, extensions);
        assert_eq!(g.world.svm.get_account(&address::grants::vault()).unwrap().owner, TOKEN_2022);
        let id = g.approved(&[1_000, 2_000]);
        assert_eq!(g.vault(), POOL + BOND);
        g.deliver(id, 0);
        g.deliver(id, 1);
        passed(g.world.send(g.bond_ix(id)));
        assert_eq!((g.purse(&g.recipient), g.purse(&g.proposer)), (PURSE + 3_000, PURSE));
        assert_eq!((g.vault(), g.proposal(id).state), (POOL - 3_000, proposal_state::COMPLETED));
        g.assert_solvent();
    }
}

#[test]
fn mints_whose_transfers_are_not_plain_are_refused() {
    let refusals = [
        (1, 108, GrantsError::MintTakesFees),
        (14, 64, GrantsError::MintHasHook),
        (12, 32, GrantsError::MintHasDelegate),
        // closable, confidential, frozen by default, not transferable, pausable, unknown
        (3, 32, GrantsError::MintExtensionRefused),
        (4, 65, GrantsError::MintExtensionRefused),
        (6, 1, GrantsError::MintExtensionRefused),
        (9, 0, GrantsError::MintExtensionRefused),
        (26, 33, GrantsError::MintExtensionRefused),
        (999, 4, GrantsError::MintExtensionRefused),
    ];
    for (kind, length, error) in refusals {
        for extensions in [vec![(kind, length)], vec![(18, 64), (kind, length)]] {
            let mut g = Grants::uninitialized(TOKEN_2022, &extensions);
            let call = ix::initialize(g.world.admin, g.token, ALLOCATION, g.settings());
            refused(g.world.send(call), error);
        }
    }
}

#[test]
fn the_program_must_be_the_mints_own() {
    let mut g = Grants::uninitialized(TOKEN_2022, &[]);
    let token = ix::Token { mint: g.token.mint, program: address::TOKEN_PROGRAM };
    assert!(g.world.send(ix::initialize(g.world.admin, token, ALLOCATION, g.settings())).is_err());
    // what looks like a mint but belongs to nobody's token program is none
    let fake = g.world.wallet();
    g.world.put(fake, market::ID, mint_bytes(SUPPLY, &[]));
    let token = ix::Token { mint: fake, program: TOKEN_2022 };
    let call = ix::initialize(g.world.admin, token, ALLOCATION, g.settings());
    refused(g.world.send(call), anchor_lang::prelude::ProgramError::IllegalOwner);
}
