use e2e_tests::{
    Forge,
    address::grants as at,
    grants_world::{ALLOCATION, BOND, Grants, POOL, PURSE},
    instruction::grants::{self as ix, Fund},
    passed, refused,
};
use grants::{GrantsError, state::bond_state};

#[test]
fn anyone_funds_up_to_the_allocation_and_not_one_unit_more() {
    let mut g = Grants::new();
    let stranger = g.stranger;
    let gift = Fund { funder: stranger, funding: g.tokens_of(&stranger), token: g.token, amount: 7 };
    passed(g.world.send(ix::fund(gift)));
    assert_eq!((g.config().funded.get(), g.vault(), g.purse(&stranger)), (POOL + 7, POOL + 7, PURSE - 7));
    refused(g.world.send(g.fund_ix(ALLOCATION - POOL - 6)), GrantsError::AllocationExceeded);
    refused(g.world.send(g.fund_ix(0)), GrantsError::NoAmount);
    refused(g.world.send(g.fund_ix(u64::MAX)), GrantsError::Overflow);
    passed(g.world.send(g.fund_ix(ALLOCATION - POOL - 7)));
    assert_eq!(g.config().funded.get(), ALLOCATION);
    refused(g.world.send(g.fund_ix(1)), GrantsError::AllocationExceeded);
}

#[test]
fn a_forfeited_bond_joins_the_pool_on_top_of_the_allocation() {
    let mut g = Grants::new();
    passed(g.world.send(g.fund_ix(ALLOCATION - POOL)));
    let id = g.open(&[1]);
    g.finish(id);
    let c = g.config();
    assert_eq!(g.proposal(id).bond_state, bond_state::FORFEITED);
    assert_eq!((c.funded.get(), c.forfeited.get(), c.bonds.get()), (ALLOCATION + BOND, BOND, 0));
    refused(g.world.send(g.fund_ix(1)), GrantsError::AllocationExceeded);
    // and is granted like the rest
    let everything = g.approved(&[ALLOCATION + BOND]);
    g.deliver(everything, 0);
    assert_eq!(g.purse(&g.recipient), PURSE + ALLOCATION + BOND);
    assert_eq!(g.vault(), BOND, "the second proposal's own bond");
}

#[test]
fn tokens_sent_to_the_vault_are_nobodys_and_block_nothing() {
    let mut g = Grants::new();
    g.world.donate(&at::vault(), 1_000);
    assert_eq!(g.config().funded.get(), POOL);
    refused(g.world.send(g.open_ix(g.terms(&[POOL + 1]))), GrantsError::FundsShort);
    let id = g.approved(&[POOL]);
    g.deliver(id, 0);
    passed(g.world.send(g.bond_ix(id)));
    assert_eq!(g.vault(), 1_000);
}

#[test]
fn a_vault_that_lost_tokens_pays_nobody() {
    let mut g = Grants::new();
    let id = g.approved(&[100]);
    g.accept(id, 0);
    let short = POOL + BOND - 1;
    g.world.tamper(&at::vault(), |account| account.data[64..72].copy_from_slice(&short.to_le_bytes()));
    refused(g.world.send(g.pay_ix(id, 0)), GrantsError::VaultShort);
    refused(g.world.send(g.bond_ix(id)), GrantsError::VaultShort);
    g.world.donate(&at::vault(), 1);
    passed(g.world.send(g.pay_ix(id, 0)));
    passed(g.world.send(g.bond_ix(id)));
}

#[test]
fn nobody_gives_tokens_that_are_not_his() {
    let mut g = Grants::new();
    let call = g.fund_ix(5);
    let (own, foreign) = (g.tokens_of(&g.world.admin), g.tokens_of(&g.stranger));
    assert!(g.world.send(call.clone().swap(&own, &foreign)).is_err());
    assert!(g.world.send(call.unsigned(&g.world.admin.clone())).is_err());
    assert_eq!(g.purse(&g.stranger), PURSE);
}
