//! What an overturned vote costs, who gets it, and who cannot escape it or be robbed by it.
use e2e_tests::{
    AUDIT, TokenKind,
    instruction::oracles::{self as ix, RecordVote},
    oracles_world::{
        BOND, Bonds, ORDER_AMOUNT, SLASH_BPS, TO_BUYER_BPS, TO_CHALLENGER_BPS, UNBONDING, bond_settings, overturn,
    },
    passed, refused,
};
use market::state::{Order, order_state, resolution, verdict};
use oracles::{OraclesError, state::RECORD_SECONDS};

const LOST: u64 = BOND * SLASH_BPS as u64 / 10_000;
const CHALLENGERS: u64 = LOST * TO_CHALLENGER_BPS as u64 / 10_000;
const BUYERS: u64 = LOST * TO_BUYER_BPS as u64 / 10_000;

fn paid(b: &Bonds) -> (u64, u64) {
    (b.world.tokens(&b.challenger_tokens), b.world.tokens(&b.buyer_tokens))
}

#[test]
fn an_overturned_vote_pays_challenger_and_buyer_and_the_rest_is_burned() {
    for kind in TokenKind::ALL {
        let mut b = Bonds::in_token(kind);
        let supply = b.world.supply(&b.token.mint);
        let (order, [first, second, third]) = (b.overturned_order(), b.oracles);
        passed(b.send_record(order, first));
        let (oracle, burned) = (b.oracle(&first), LOST - CHALLENGERS - BUYERS);
        assert_eq!((oracle.bond.get(), oracle.slashed.get()), (BOND - LOST, LOST), "{kind:?}");
        assert_eq!(b.vault(&first), BOND - LOST, "{kind:?}");
        if kind == TokenKind::Native {
            // wrapped SOL cannot be burned
            assert_eq!(paid(&b), (CHALLENGERS, BUYERS + burned));
        } else {
            assert_eq!(paid(&b), (CHALLENGERS, BUYERS), "{kind:?}");
            assert_eq!(b.world.supply(&b.token.mint), supply - burned, "{kind:?}");
        }
        passed(b.send_record(order, second));
        assert_eq!(b.oracle(&second).bond.get(), BOND - LOST);
        // the member that did not vote for it loses nothing
        passed(b.send_record(order, third));
        assert_eq!(b.oracle(&third).bond.get(), BOND);
    }
}

#[test]
fn a_buyer_that_contested_gets_both_shares() {
    let mut b = Bonds::new();
    let buyer = b.buyer;
    let order = b.order(|order| overturn(order, buyer));
    let record = RecordVote { challenger_tokens: None, ..b.record(order, b.oracles[0]) };
    passed(b.world.send(ix::record_vote(record)));
    assert_eq!(paid(&b), (0, CHALLENGERS + BUYERS));
}

#[test]
fn a_vote_against_a_result_that_was_right_is_slashed_too() {
    let mut b = Bonds::new();
    let challenger = b.challenger;
    let order = b.order(|order| {
        order.verdict = verdict::REJECT;
        (order.votes_for, order.votes_against) = (0b001.into(), 0b110.into());
        overturn(order, challenger);
    });
    let lost = b.oracles.map(|oracle| {
        passed(b.send_record(order, oracle));
        BOND - b.oracle(&oracle).bond.get()
    });
    assert_eq!(lost, [0, LOST, LOST]);
    assert_eq!(b.oracle(&b.oracles[0]).agreed.get(), 1);
}

#[test]
fn nobody_is_slashed_but_for_a_verdict_that_was_judged_and_overturned() {
    let mut b = Bonds::new();
    let challenger = b.challenger;
    type Change = fn(&mut Order);
    let cases: [(&str, Change); 8] = [
        ("upheld", |order| order.resolution = resolution::UPHELD),
        // else a buyer and a seller in collusion could take an honest oracle's bond: one contests, the other is silent
        ("lost by silence", |order| (order.answered, order.resolution) = (0, resolution::FORFEITED)),
        ("proven, of a step that they may not have replayed", |order| order.resolution = resolution::PROVEN),
        ("not disputed", |order| (order.resolution, order.disputed, order.answered) = (resolution::NONE, 0, 0)),
        // the vote to pay was not altogether wrong
        ("paid in part", |order| (order.state, order.payable) = (order_state::RELEASED, (ORDER_AMOUNT - 1).into())),
        ("rejected, paid in part", |order| {
            (order.verdict, order.state) = (verdict::REJECT, order_state::RELEASED);
            (order.votes_for, order.votes_against) = (0.into(), 0b011.into());
            order.payable = (ORDER_AMOUNT - 1).into();
        }),
        // the side that it favoured was silent after all, or gave in
        ("forfeited", |order| order.resolution = 3),
        ("without a verdict", |order| order.verdict = verdict::NONE),
    ];
    for (name, change) in cases {
        let order = b.order(|order| {
            overturn(order, challenger);
            change(order);
        });
        passed(b.send_record(order, b.oracles[0]));
        assert_eq!((b.oracle(&b.oracles[0]).bond.get(), paid(&b)), (BOND, (0, 0)), "{name}");
        assert_eq!(b.oracle(&b.oracles[0]).overturned.get(), 0, "{name}");
    }
}

#[test]
fn an_oracle_is_slashed_once_for_a_vote() {
    let mut b = Bonds::new();
    let (order, oracle) = (b.overturned_order(), b.oracles[0]);
    passed(b.send_record(order, oracle));
    refused(b.send_record(order, oracle), OraclesError::AlreadyRecorded);
    let another = b.overturned_order();
    passed(b.send_record(another, oracle));
    let left = BOND - LOST;
    assert_eq!(b.oracle(&oracle).bond.get(), left - left * u64::from(SLASH_BPS) / 10_000);
    assert_eq!(b.oracle(&oracle).overturned.get(), 2);
}

#[test]
fn a_bond_on_its_way_out_is_slashed_and_what_counts_for_votes_goes_first() {
    let mut b = Bonds::new();
    let oracle = b.oracles[0];
    passed(b.world.send(ix::request_unbond(oracle, BOND)));
    let order = b.overturned_order();
    b.world.pass(i64::from(RECORD_SECONDS) - 1);
    passed(b.send_record(order, oracle));
    let after = b.oracle(&oracle);
    assert_eq!((after.bond.get(), after.unbonding.get()), (BOND - LOST, BOND - LOST));
    b.world.pass(UNBONDING);
    passed(b.world.send(b.withdraw_ix(oracle)));
    assert_eq!(b.vault(&oracle), 0);

    let other = b.oracles[1];
    passed(b.world.send(ix::request_unbond(other, 400_000)));
    let order = b.overturned_order();
    passed(b.send_record(order, other));
    let after = b.oracle(&other);
    assert_eq!((after.bond.get(), after.unbonding.get()), (BOND - LOST, 400_000));
}

#[test]
fn a_bond_cannot_leave_before_a_vote_of_the_same_second_can_be_recorded() {
    // the vote in the audit's first second; then every window runs out and the order is settled and recorded at the last one
    let mut b = Bonds::new();
    let (oracle, challenger) = (b.oracles[0], b.challenger);
    passed(b.world.send(ix::request_unbond(oracle, BOND)));
    let settled_at = b.world.now() + UNBONDING - i64::from(RECORD_SECONDS);
    let order = b.order(|order| {
        order.settled_at = settled_at.into();
        overturn(order, challenger);
    });
    b.world.set_time(settled_at + i64::from(RECORD_SECONDS) - 1);
    refused(b.world.send(b.withdraw_ix(oracle)), OraclesError::StillUnbonding);
    passed(b.send_record(order, oracle));
    assert_eq!(b.oracle(&oracle).slashed.get(), LOST);
    b.world.pass(1);
    passed(b.world.send(b.withdraw_ix(oracle)));
}

#[test]
fn an_oracle_without_a_bond_has_nothing_to_lose_and_the_vote_counts() {
    let mut b = Bonds::new();
    let oracle = b.oracles[0];
    passed(b.world.send(ix::request_unbond(oracle, BOND)));
    b.world.pass(UNBONDING);
    passed(b.world.send(b.withdraw_ix(oracle)));
    let order = b.overturned_order();
    let record = RecordVote { challenger_tokens: None, buyer_tokens: None, ..b.record(order, oracle) };
    passed(b.world.send(ix::record_vote(record)));
    assert_eq!((b.oracle(&oracle).overturned.get(), b.oracle(&oracle).slashed.get()), (1, 0));
}

#[test]
fn all_of_the_largest_bond_is_slashed() {
    let mut b = Bonds::new();
    let oracle = b.oracles[0];
    let (token, supply) = (b.token, b.world.supply(&b.token.mint));
    b.world.fund_with(&oracle, &token, u64::MAX - supply);
    passed(b.world.send(b.deposit_ix(oracle, u64::MAX - supply)));
    let bond = u64::MAX - supply + BOND;
    passed(b.world.send(ix::update_config(b.world.admin, ix::Settings { slash_bps: 10_000, ..bond_settings() })));
    let (now, challenger) = (b.world.now(), b.challenger);
    let order = b.order(|order| {
        order.audit_by = now.into();
        overturn(order, challenger);
    });
    passed(b.send_record(order, oracle));
    let share = |bps: u16| u64::try_from(u128::from(bond) * u128::from(bps) / 10_000).unwrap();
    assert_eq!(paid(&b), (share(TO_CHALLENGER_BPS), share(TO_BUYER_BPS)));
    assert_eq!((b.vault(&oracle), b.oracle(&oracle).slashed.get()), (0, bond));
}

#[test]
fn a_vote_is_slashed_under_the_terms_of_its_results_submission() {
    let mut b = Bonds::new();
    let (admin, challenger, [first, second, _]) = (b.world.admin, b.challenger, b.oracles);
    let slash = |slash_bps| ix::update_config(admin, ix::Settings { slash_bps, ..bond_settings() });
    b.world.pass(UNBONDING);
    passed(b.world.send(slash(5_000)));
    let changed_at = b.world.now();
    let submitted = |b: &mut Bonds, at: i64| {
        b.order(|order| {
            (order.audit_seconds, order.audit_by) = (AUDIT.into(), (at + AUDIT).into());
            overturn(order, challenger);
        })
    };
    let before = submitted(&mut b, changed_at - 1);
    passed(b.send_record(before, first));
    assert_eq!(b.oracle(&first).slashed.get(), LOST);
    let since = submitted(&mut b, changed_at);
    passed(b.send_record(since, second));
    assert_eq!(b.oracle(&second).slashed.get(), BOND / 2);
    // votes of the time before the change are recorded by the time that it may be changed again
    b.world.pass(UNBONDING - 1);
    refused(b.world.send(slash(1)), OraclesError::SlashChangedLately);
    passed(b.world.send(slash(5_000)));
    b.world.pass(1);
    passed(b.world.send(slash(1)));
    assert_eq!((b.config().slash_bps.get(), b.config().slash_bps_before.get()), (1, 5_000));
}

#[test]
fn every_share_needs_the_token_account_of_its_owner() {
    let mut b = Bonds::new();
    let (order, oracle, stranger) = (b.overturned_order(), b.oracles[0], b.stranger);
    let token = b.token;
    let strangers = b.world.fund_with(&stranger, &token, 0);
    let record = b.record(order, oracle);
    let with =
        |challenger_tokens, buyer_tokens| ix::record_vote(RecordVote { challenger_tokens, buyer_tokens, ..record });
    let (challengers, buyers) = (Some(b.challenger_tokens), Some(b.buyer_tokens));
    refused(b.world.send(with(None, buyers)), OraclesError::PayeeMissing);
    refused(b.world.send(with(challengers, None)), OraclesError::PayeeMissing);
    refused(b.world.send(with(Some(strangers), buyers)), OraclesError::WrongTokenAccount);
    refused(b.world.send(with(challengers, Some(strangers))), OraclesError::WrongTokenAccount);
    refused(b.world.send(with(buyers, challengers)), OraclesError::WrongTokenAccount);
    let other_mint = b.world.token(TokenKind::Classic);
    let challenger = b.challenger;
    let of_other_mint = b.world.fund_with(&challenger, &other_mint, 0);
    refused(b.world.send(with(Some(of_other_mint), buyers)), OraclesError::WrongTokenAccount);
    // not only the associated account
    let others = b.world.other_tokens_of(&challenger, &token, 0);
    passed(b.world.send(with(Some(others), buyers)));
    assert_eq!(b.world.tokens(&others), CHALLENGERS);
}

#[test]
fn an_order_whose_shares_are_more_than_the_whole_slashes_nobody() {
    let mut b = Bonds::new();
    let challenger = b.challenger;
    let order = b.order(|order| {
        overturn(order, challenger);
        order.slash_buyer_bps = (10_001 - TO_CHALLENGER_BPS).into();
    });
    refused(b.send_record(order, b.oracles[0]), OraclesError::Overflow);
}
