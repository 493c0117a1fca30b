//! Sets that ask their members for a bond in the program `oracles`.
use anchor_lang::{Address, bytemuck, prelude::ProgramError};
use e2e_tests::{Market, address::market as at, instruction::market as ix, members, passed, refused, vote};
use market::{
    MarketError, events,
    foreign::ForeignAccount,
    instructions::OracleMembers,
    state::{OracleSet, judge, order_state as state, verdict},
    views::{OracleView, VerdictView},
};

const MIN_BOND: u64 = 1_000;

fn put_oracle(m: &mut Market, authority: Address, bond: u64, unbonding: u64) -> Address {
    let view = OracleView { authority, rent_payer: authority, bond: bond.into(), unbonding: unbonding.into() };
    let mut data = OracleView::DISCRIMINATOR.to_vec();
    data.extend(bytemuck::bytes_of(&view));
    data.extend([0; 100]);
    let address = at::oracle_account(&authority);
    m.world.put(address, OracleView::PROGRAM, data);
    address
}

fn audited_by_bonded_oracles() -> (Market, Address) {
    let mut m = Market::judged(judge::ORACLES);
    let set = OracleMembers { min_bond: MIN_BOND, ..members(&m.oracles, 2) };
    let receipt = passed(m.world.send(ix::create_oracle_set(m.world.admin, 2, set)));
    assert_eq!(receipt.event::<events::OracleSetCreated>(&market::ID).min_bond, MIN_BOND);
    assert_eq!(m.world.read::<OracleSet>(&at::oracle_set(2)).min_bond.get(), MIN_BOND);
    passed(m.world.send(ix::open_order(ix::OpenOrder { oracle_set: Some(2), ..m.open_ix(90) })));
    let order = at::order(&m.buyer, 90);
    passed(m.world.send(m.accept_ix(order)));
    passed(m.world.send(m.submit_ix(order)));
    m.world.set_slot(m.world.slot() + 5);
    passed(m.world.send(ix::arm_audit(order, 2)));
    assert_eq!(m.order(order).state, state::AUDITING);
    m.world.put_seal(order, &m.oracles, 0, verdict::ACCEPT);
    (m, order)
}

#[test]
fn a_vote_counts_with_enough_bonded_that_is_not_being_taken_out() {
    let (mut m, order) = audited_by_bonded_oracles();
    let oracle = m.oracles[0];
    let attest = |account| ix::attest(oracle, order, 2, account, vote(verdict::ACCEPT));
    refused(m.world.send(attest(None)), MarketError::NotBonded);
    for (bond, unbonding) in [(MIN_BOND - 1, 0), (MIN_BOND, 1), (u64::MAX, u64::MAX), (0, u64::MAX), (0, 0)] {
        let account = put_oracle(&mut m, oracle, bond, unbonding);
        refused(m.world.send(attest(Some(account))), MarketError::NotBonded);
    }
    let account = put_oracle(&mut m, oracle, MIN_BOND + 1, 1);
    passed(m.world.send(attest(Some(account))));
    assert_eq!(m.order(order).votes_for.get(), 1);
}

#[test]
fn an_oracle_votes_with_its_own_bond() {
    let (mut m, order) = audited_by_bonded_oracles();
    let [oracle, other, _] = m.oracles;
    let others = put_oracle(&mut m, other, MIN_BOND, 0);
    let attest = |account| ix::attest(oracle, order, 2, Some(account), vote(verdict::ACCEPT));
    refused(m.world.send(attest(others)), MarketError::NotBonded);
    let forged = m.world.wallet();
    let mut data = m.world.svm.get_account(&others).unwrap().data;
    data[8..40].copy_from_slice(oracle.as_ref());
    m.world.put(forged, VerdictView::PROGRAM, data);
    refused(m.world.send(attest(forged)), ProgramError::IllegalOwner);
}
