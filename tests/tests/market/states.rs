use anchor_lang::Address;
use e2e_tests::{
    AMOUNT, DISPUTE, KEY_HASH, Market, OK, Outcome, ROOT, compare, instruction::market as ix, no, passed, refused,
};
use market::{
    MarketError as E,
    instructions::{DeliveredLicence, SubmittedResult},
    state::{judge, order_state as state, verdict},
};
use solana_instruction::Instruction;

type Call = fn(&Market, Address) -> Instruction;

const CALLS: [(&str, Call); 16] = [
    ("accept", |m, o| m.accept_ix(o)),
    ("cancel", |m, o| ix::cancel_order(m.settlement(o))),
    ("submit", |m, o| ix::submit_result(m.seller, o, SubmittedResult { root: ROOT, log: [5; 32] })),
    ("deliver", |m, o| ix::deliver_licence(m.seller, o, DeliveredLicence { key_hash: KEY_HASH, sealed_key: [1; 80] })),
    ("arm", |_, o| ix::arm_audit(o, 1)),
    ("attest", |m, o| m.vote_ix(o, 2, verdict::ACCEPT)),
    ("approve", |m, o| ix::approve(m.buyer, o)),
    ("concede", |m, o| ix::concede(m.seller, o, 0)),
    ("dispute", |m, o| m.dispute_ix(m.challenger, o)),
    ("answer", |m, o| ix::answer(m.seller, o, [1; 32])),
    ("resolve", |m, o| m.resolve_ix(o, AMOUNT)),
    ("apply", |_, o| ix::apply_verdict(o, e2e_tests::address::market::verdict(&o))),
    ("release", |m, o| m.release_ix(o)),
    ("refund", |m, o| m.refund_ix(o)),
    ("award", |m, o| m.award_ix(o)),
    ("close", |m, o| ix::close_order(o, m.buyer)),
];

/// Orders of one judge, one in each state that it has, with what every call of [`CALLS`] hears there.
fn check(judged: u8, table: &[(u8, [Outcome; 16])]) {
    let mut m = Market::judged(judged);
    m.add_rewards();
    // the release lets time pass, so it comes first; all others are then within their windows
    let released = (judged != judge::GOLD).then(|| m.order_in(state::RELEASED));
    let made: Vec<(u8, Address)> = table
        .iter()
        .map(|(state, _)| match (*state, released) {
            (state::RELEASED, Some(order)) => (state::RELEASED, order),
            (state, _) => (state, m.order_in(state)),
        })
        .collect();
    m.world.set_slot(m.world.slot() + 5);
    m.world.pass(1);
    for (_, order) in &made {
        m.world.put_seal(*order, &m.oracles, 2, verdict::ACCEPT);
        m.put_verdict(*order, |v| v.payable_bps = 0.into());
    }
    let mut rows = Vec::new();
    for ((state, order), (_, expected)) in made.into_iter().zip(table) {
        for ((name, call), expected) in CALLS.iter().zip(expected) {
            rows.push((format!("judge {judged}: {name} in state {state}"), call(&m, order), expected.clone()));
        }
    }
    compare(&m.world, rows);
}

fn w() -> Outcome {
    no(E::WrongState)
}

#[test]
fn every_instruction_is_refused_in_every_state_that_it_is_not_for() {
    let early = || no(E::DeadlineNotPassed);
    let open = || no(E::DisputeWindowOpen);
    let twice = || no(E::AlreadyDisputed);
    let judged = || no(E::WrongJudge);
    let set = || no(E::WrongOracleSet);
    let (pending, unanswered) = (|| no(E::AwardPending), || no(E::NotAnswered));

    // accept, cancel, submit, deliver, arm, attest, approve, concede, dispute, answer, resolve, apply, release, refund, award, close
    let o = [
        (state::FUNDED, [OK, OK, w(), judged(), w(), w(), w(), w(), w(), w(), w(), w(), early(), early(), w(), w()]),
        (state::ACCEPTED, [w(), w(), OK, judged(), w(), w(), w(), w(), w(), w(), w(), w(), early(), early(), w(), w()]),
        (state::SUBMITTED, [w(), w(), w(), judged(), OK, w(), OK, OK, w(), w(), w(), w(), early(), early(), w(), w()]),
        (state::AUDITING, [w(), w(), w(), judged(), w(), OK, OK, OK, w(), w(), w(), w(), early(), early(), w(), w()]),
        (state::AUDITED, [w(), w(), w(), judged(), w(), OK, OK, OK, OK, w(), w(), w(), open(), open(), w(), w()]),
        (
            state::DISPUTED,
            [w(), w(), w(), judged(), w(), w(), twice(), OK, twice(), OK, unanswered(), OK, open(), open(), w(), w()],
        ),
        (state::RELEASED, [w(), w(), w(), judged(), w(), w(), w(), w(), w(), w(), w(), w(), w(), w(), OK, pending()]),
        (state::REFUNDED, [w(), w(), w(), judged(), w(), w(), w(), w(), w(), w(), w(), w(), w(), w(), w(), OK]),
    ];
    check(judge::ORACLES, &o);

    let a = [
        (
            state::FUNDED,
            [OK, OK, w(), judged(), set(), set(), w(), w(), w(), w(), w(), w(), early(), early(), w(), w()],
        ),
        (
            state::ACCEPTED,
            [w(), w(), OK, judged(), set(), set(), w(), w(), w(), w(), w(), w(), early(), early(), w(), w()],
        ),
        (state::AUDITED, [w(), w(), w(), judged(), set(), set(), OK, OK, OK, w(), w(), w(), open(), open(), w(), w()]),
        (
            state::DISPUTED,
            [
                w(),
                w(),
                w(),
                judged(),
                set(),
                set(),
                twice(),
                OK,
                twice(),
                OK,
                unanswered(),
                w(),
                open(),
                open(),
                w(),
                w(),
            ],
        ),
        (
            state::RELEASED,
            [w(), w(), w(), judged(), set(), set(), w(), w(), w(), w(), w(), w(), w(), w(), OK, pending()],
        ),
        (state::REFUNDED, [w(), w(), w(), judged(), set(), set(), w(), w(), w(), w(), w(), w(), w(), w(), w(), OK]),
    ];
    check(judge::APPROVAL, &a);

    let p = [
        (
            state::FUNDED,
            [OK, OK, judged(), w(), set(), set(), w(), w(), w(), w(), w(), w(), early(), early(), w(), w()],
        ),
        (
            state::ACCEPTED,
            [w(), w(), judged(), OK, set(), set(), w(), w(), w(), w(), w(), w(), early(), early(), w(), w()],
        ),
        (state::AUDITED, [w(), w(), judged(), w(), set(), set(), OK, OK, OK, w(), w(), w(), open(), open(), w(), w()]),
        (
            state::DISPUTED,
            [
                w(),
                w(),
                judged(),
                w(),
                set(),
                set(),
                twice(),
                OK,
                twice(),
                OK,
                unanswered(),
                OK,
                open(),
                open(),
                w(),
                w(),
            ],
        ),
        (
            state::RELEASED,
            [w(), w(), judged(), w(), set(), set(), w(), w(), w(), w(), w(), w(), w(), w(), OK, pending()],
        ),
        (state::REFUNDED, [w(), w(), judged(), w(), set(), set(), w(), w(), w(), w(), w(), w(), w(), w(), w(), OK]),
    ];
    check(judge::PROOF, &p);

    let g = [
        (
            state::FUNDED,
            [OK, OK, w(), judged(), set(), set(), w(), w(), w(), w(), w(), w(), early(), early(), w(), w()],
        ),
        (
            state::ACCEPTED,
            [w(), w(), OK, judged(), set(), set(), w(), w(), w(), w(), w(), w(), early(), early(), w(), w()],
        ),
        (
            state::SUBMITTED,
            [w(), w(), w(), judged(), set(), set(), OK, OK, w(), w(), w(), OK, early(), early(), w(), w()],
        ),
        (state::REFUNDED, [w(), w(), w(), judged(), set(), set(), w(), w(), w(), w(), w(), w(), w(), w(), w(), OK]),
    ];
    check(judge::GOLD, &g);
}

#[test]
fn a_resolution_is_final() {
    let mut m = Market::new();
    let order = m.answered_order();
    m.wait_for_panel(order);
    passed(m.world.send(m.resolve_ix(order, 1)));
    refused(m.world.send(m.resolve_ix(order, 2)), E::WrongState);
    refused(m.world.send(m.dispute_ix(m.buyer, order)), E::AlreadyDisputed);
    refused(m.world.send(ix::approve(m.buyer, order)), E::AlreadyDisputed);
    refused(m.world.send(ix::concede(m.seller, order, 0)), E::AlreadyDisputed);
    refused(m.vote(order, 2, verdict::REJECT), E::WrongState);
    passed(m.world.send(m.release_ix(order)));
}

#[test]
fn an_order_is_paid_once_and_awarded_once() {
    let mut m = Market::new();
    m.add_rewards();
    let order = m.order_in(state::AUDITED);
    m.world.pass(DISPUTE);
    passed(m.world.send(m.release_ix(order)));
    let after = m.balances();
    refused(m.world.send(m.release_ix(order)), E::WrongState);
    refused(m.world.send(m.refund_ix(order)), E::WrongState);
    assert_eq!(m.balances(), after);
    passed(m.world.send(m.award_ix(order)));
    refused(m.world.send(m.award_ix(order)), E::AlreadyAwarded);
}

#[test]
fn a_verdict_pays_the_side_that_it_names_and_no_other() {
    let mut m = Market::new();
    let (accepted, rejected) = (m.order_in(state::AUDITED), m.rejected_order());
    m.world.pass(DISPUTE);
    refused(m.world.send(m.refund_ix(accepted)), E::OrderIsPayable);
    refused(m.world.send(m.release_ix(rejected)), E::NothingPayable);
    passed(m.world.send(m.release_ix(accepted)));
    passed(m.world.send(m.refund_ix(rejected)));
}
