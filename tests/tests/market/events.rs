use anchor_lang::{Discriminator, ErrorCode, Event};
use e2e_tests::{
    AWARD, DISPUTE, LISTING, Market, ORDER_CATEGORY, Receipt, forged_event, instruction::market as ix, members, passed,
    refused,
};
use market::{
    events,
    state::{Config, Order, order_state as state, verdict},
};
use solana_instruction::error::InstructionError;

fn one<T: Discriminator>(receipt: &Receipt) {
    let events = receipt.event_data(&market::ID);
    assert_eq!(events.len(), 1, "one event for each instruction");
    assert!(events[0].starts_with(T::DISCRIMINATOR), "an event of the type expected");
}

#[test]
fn every_change_of_an_order_is_told_once_in_a_gapless_sequence() {
    let mut m = Market::new();
    m.add_rewards();
    let order = m.open();
    let seq = |m: &Market| m.world.read::<Order>(&order).seq.get();
    assert_eq!(seq(&m), 1);
    one::<events::OrderAccepted>(&passed(m.world.send(m.accept_ix(order))));
    one::<events::ResultSubmitted>(&passed(m.world.send(m.submit_ix(order))));
    m.world.set_slot(m.world.slot() + 5);
    one::<events::AuditArmed>(&passed(m.world.send(ix::arm_audit(order, 1))));
    for oracle in 0..2 {
        let receipt = passed(m.vote(order, oracle, verdict::ACCEPT));
        let event: events::OracleVoted = receipt.event(&market::ID);
        assert_eq!((event.seq, event.oracle), (seq(&m), m.oracles[oracle]));
    }
    assert_eq!(seq(&m), 6);
    one::<events::OrderDisputed>(&passed(m.world.send(m.dispute_ix(m.buyer, order))));
    one::<events::DisputeAnswered>(&passed(m.world.send(ix::answer(m.seller, order, [1; 32]))));
    m.wait_for_panel(order);
    let receipt = passed(m.world.send(m.resolve_ix(order, 5)));
    let event: events::OrderJudged = receipt.event(&market::ID);
    assert_eq!((event.seq, event.by, event.payable), (seq(&m), market::state::judged_by::ADMIN, 5));
    one::<events::OrderSettled>(&passed(m.world.send(m.release_ix(order))));
    let receipt = passed(m.world.send(m.award_ix(order)));
    assert_eq!(receipt.event::<events::OrderAwarded>(&market::ID).seq, 11);
    assert_eq!(seq(&m), 11);
    m.world.pass(AWARD);
    let receipt = passed(m.world.send(ix::close_order(order, m.buyer)));
    let event: events::OrderClosed = receipt.event(&market::ID);
    assert_eq!((event.order, event.seq), (order, 12));
}

#[test]
fn every_change_of_the_configuration_is_told_once_in_a_gapless_sequence() {
    let mut m = Market::new();
    let (admin, settings) = (m.world.admin, m.settings());
    let seq = |m: &Market| m.world.read::<Config>(&e2e_tests::address::market::config()).seq.get();
    assert_eq!(seq(&m), 2);
    let receipt = passed(m.world.send(ix::set_pause(admin, 3)));
    let event: events::ConfigChanged = receipt.event(&market::ID);
    assert_eq!((event.seq, event.paused, event.admin, event.treasury), (3, 3, admin, m.treasury));
    one::<events::ConfigChanged>(&passed(m.world.send(ix::set_pause(admin, 0))));
    one::<events::ConfigChanged>(&passed(m.world.send(ix::update_config(admin, settings))));
    one::<events::ConfigChanged>(&passed(m.world.send(ix::propose_admin(admin, m.stranger))));
    one::<events::ConfigChanged>(&passed(m.world.send(ix::accept_admin(m.stranger))));
    let receipt = passed(m.world.send(ix::create_oracle_set(m.stranger, 2, members(&m.oracles, 3))));
    let event: events::OracleSetCreated = receipt.event(&market::ID);
    assert_eq!((event.seq, event.version, event.threshold, event.count), (8, 2, 3, 3));
    let receipt = passed(m.world.send(ix::retire_oracle_set(m.stranger, 2)));
    assert_eq!(receipt.event::<events::OracleSetRetired>(&market::ID).seq, 9);
    assert_eq!(seq(&m), 9);
    assert_eq!((LISTING, ORDER_CATEGORY), (7, 5));
}

#[test]
fn an_event_from_outside_is_refused() {
    let mut m = Market::new();
    let order = m.order_in(state::AUDITED);
    m.world.pass(DISPUTE);
    let lie = events::OrderAwarded { order, seq: 99, source: [1; 32] };
    for program in [market::ID, rewards::ID] {
        // nobody can sign for the event authority, and nobody else's signature is taken
        refused(m.world.send(forged_event(program, &lie.data(), None)), ErrorCode::ConstraintSigner);
        refused(m.world.send(forged_event(program, &lie.data(), Some(m.stranger))), ErrorCode::ConstraintSeeds);
    }
}

#[test]
fn unknown_and_cut_off_instructions_are_refused() {
    let mut m = Market::new();
    let order = m.order_in(state::FUNDED);
    let accept = m.accept_ix(order);
    let refusal = |m: &mut Market, i| match m.world.send(i) {
        Err(refusal) => refusal.err,
        Ok(_) => panic!("it went through"),
    };
    for data in [vec![], vec![0; 7], vec![0; 8], accept.data[..7].to_vec()] {
        let err = refusal(&mut m, solana_instruction::Instruction { data, ..accept.clone() });
        assert!(
            matches!(
                err,
                solana_transaction_error::TransactionError::InstructionError(
                    0,
                    InstructionError::InvalidInstructionData
                )
            ),
            "{err:?}"
        );
    }
    let mut short = accept.clone();
    short.accounts.truncate(2);
    let err = refusal(&mut m, short);
    assert!(matches!(err, solana_transaction_error::TransactionError::InstructionError(0, _)), "{err:?}");
    passed(m.world.send(accept));
}
