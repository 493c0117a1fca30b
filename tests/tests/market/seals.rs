//! Votes are sealed in the program `oracles` and shown in the market, both with their real bytecode.
use anchor_lang::Address;
use e2e_tests::{
    AUDIT, Market, SALT_OF_VOTES, address::oracles as seals_at, instruction::market as ix,
    instruction::oracles::seal_vote, passed, refused, vote,
};
use market::{
    MarketError,
    instructions::Vote,
    state::{order_state as state, verdict},
};
use oracles::{OraclesError, state::Seals};

/// An order under audit, nothing sealed yet.
fn audited() -> (Market, Address) {
    let mut m = Market::new();
    let order = m.order_in(state::AUDITING);
    (m, order)
}

/// The member with this place seals `verdict`.
fn seal(m: &mut Market, order: Address, place: usize, verdict: u8) {
    let commitment = m.world.commitment(&order, &m.oracles[place], verdict);
    passed(m.world.send(seal_vote(m.oracles[place], order, 1, commitment)));
}

#[test]
fn votes_are_shown_once_every_member_sealed_and_decide_as_ever() {
    let (mut m, order) = audited();
    for place in 0..3 {
        refused(
            m.world.send(m.vote_ix(order, 0, verdict::ACCEPT)),
            if place == 0 { MarketError::NotSealed } else { MarketError::SealingOpen },
        );
        seal(&mut m, order, place, verdict::ACCEPT);
    }
    passed(m.world.send(m.vote_ix(order, 2, verdict::ACCEPT)));
    passed(m.world.send(m.vote_ix(order, 0, verdict::ACCEPT)));
    assert_eq!((m.order(order).state, m.order(order).verdict), (state::AUDITED, verdict::ACCEPT));
}

#[test]
fn a_missing_member_is_waited_for_until_half_of_the_audit_is_over() {
    let (mut m, order) = audited();
    for place in [0, 1] {
        seal(&mut m, order, place, verdict::REJECT);
    }
    let ends = m.order(order).audit_by.get() - AUDIT / 2;
    m.world.set_time(ends - 1);
    refused(m.world.send(m.vote_ix(order, 0, verdict::REJECT)), MarketError::SealingOpen);
    m.world.set_time(ends);
    passed(m.world.send(m.vote_ix(order, 0, verdict::REJECT)));
    passed(m.world.send(m.vote_ix(order, 1, verdict::REJECT)));
    assert_eq!((m.order(order).state, m.order(order).verdict), (state::AUDITED, verdict::REJECT));
}

#[test]
fn nobody_seals_once_votes_can_be_seen() {
    let (mut m, order) = audited();
    seal(&mut m, order, 0, verdict::ACCEPT);
    m.world.set_time(m.order(order).audit_by.get() - AUDIT / 2);
    passed(m.world.send(m.vote_ix(order, 0, verdict::ACCEPT)));
    let late = m.world.commitment(&order, &m.oracles[1], verdict::ACCEPT);
    refused(m.world.send(seal_vote(m.oracles[1], order, 1, late)), OraclesError::SealingOver);
    refused(m.world.send(m.vote_ix(order, 1, verdict::ACCEPT)), MarketError::OtherVoteSealed);
}

#[test]
fn a_copied_seal_opens_for_nobody_but_its_maker() {
    let (mut m, order) = audited();
    // an honest member, one that copies its seal, and one that seals by itself
    seal(&mut m, order, 0, verdict::REJECT);
    let copied = m.world.read::<Seals>(&seals_at::seals(&order)).commitments[0];
    passed(m.world.send(seal_vote(m.oracles[1], order, 1, copied)));
    seal(&mut m, order, 2, verdict::REJECT);
    passed(m.world.send(m.vote_ix(order, 0, verdict::REJECT)));
    // with what the honest member showed just now, verdict and salt, the copy is still not a seal of the copier
    for guess in [verdict::ACCEPT, verdict::REJECT] {
        refused(m.world.send(m.vote_ix(order, 1, guess)), MarketError::OtherVoteSealed);
    }
    passed(m.world.send(m.vote_ix(order, 2, verdict::REJECT)));
    assert_eq!((m.order(order).votes_for.get(), m.order(order).votes_against.get()), (0, 0b101));
}

#[test]
fn a_sealed_vote_is_not_changed() {
    let (mut m, order) = audited();
    (0..3).for_each(|place| seal(&mut m, order, place, verdict::ACCEPT));
    let again = m.world.commitment(&order, &m.oracles[0], verdict::REJECT);
    refused(m.world.send(seal_vote(m.oracles[0], order, 1, again)), OraclesError::AlreadySealed);
    refused(m.world.send(m.vote_ix(order, 0, verdict::REJECT)), MarketError::OtherVoteSealed);
    let salted = Vote { salt: [1; 32], ..vote(verdict::ACCEPT) };
    refused(m.world.send(ix::attest(m.oracles[0], order, 1, None, salted)), MarketError::OtherVoteSealed);
    passed(m.world.send(m.vote_ix(order, 0, verdict::ACCEPT)));
    assert_eq!(m.order(order).votes_for.get(), 1);
}

#[test]
fn seals_of_another_order_open_no_vote() {
    let (mut m, order) = audited();
    let other = m.order_in(state::AUDITING);
    // in the other order, what would be right for this one: that one's sealing is over, this one's is not
    for place in 0..3 {
        let meant_for_this = m.world.commitment(&order, &m.oracles[place], verdict::ACCEPT);
        passed(m.world.send(seal_vote(m.oracles[place], other, 1, meant_for_this)));
    }
    let mut shown = m.vote_ix(order, 0, verdict::ACCEPT);
    let place = shown.accounts.iter().position(|meta| meta.pubkey == seals_at::seals(&order)).unwrap();
    shown.accounts[place].pubkey = seals_at::seals(&other);
    refused(m.world.send(shown), MarketError::NotSealed);
    assert_eq!(vote(verdict::ACCEPT).salt, SALT_OF_VOTES);
}
