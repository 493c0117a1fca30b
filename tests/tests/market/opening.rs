use e2e_tests::{
    AMOUNT, CONTENT, LISTING, Market, PRICE, PURSE, QUANTITY, START, address::market as at, instruction::market as ix,
    passed, refused, terms_of,
};
use market::{
    MarketError, events,
    instructions::{ListingTerms, OrderTerms, Settings},
    state::{Listing, judge, listing_kind, unit},
};

fn with(m: &Market, change: impl FnOnce(&mut OrderTerms)) -> solana_instruction::Instruction {
    let mut open = m.open_ix(1);
    change(&mut open.terms);
    ix::open_order(open)
}

#[test]
fn a_buyer_pays_at_most_its_limit_for_the_version_that_it_saw() {
    let mut m = Market::new();
    refused(m.world.send(with(&m, |t| t.max_total = AMOUNT - 1)), MarketError::PriceAboveLimit);
    refused(m.world.send(with(&m, |t| t.quantity = QUANTITY + 1)), MarketError::PriceAboveLimit);
    refused(m.world.send(with(&m, |t| t.expected_version = 2)), MarketError::ListingChanged);
    refused(m.world.send(with(&m, |t| t.quantity = 0)), MarketError::NoQuantity);
    passed(m.world.send(ix::update_listing(m.seller, LISTING, m.listing_terms())));
    refused(m.world.send(with(&m, |t| t.expected_version = 1)), MarketError::ListingChanged);
    assert_eq!(m.balances(), [0, 0, PURSE]);
    let receipt = passed(m.world.send(with(&m, |t| t.expected_version = 2)));
    let event: events::OrderOpened = receipt.event(&market::ID);
    assert_eq!((event.amount, event.listing_version, event.buyer, event.seller), (AMOUNT, 2, m.buyer, m.seller));
    assert_eq!(m.world.read::<Listing>(&m.listing()).open_orders.get(), 1);
}

#[test]
fn a_listing_that_was_made_again_with_other_metadata_takes_no_order_for_the_old_one() {
    let mut m = Market::new();
    passed(m.world.send(ix::close_listing(m.seller, LISTING)));
    let terms = ListingTerms { metadata_hash: [9; 32], ..m.listing_terms() };
    passed(m.world.send(ix::create_listing(m.seller, LISTING, listing_kind::COMPUTE, terms)));
    refused(m.world.send(with(&m, |_| ())), MarketError::ListingChanged);
    passed(m.world.send(with(&m, |t| t.expected_metadata = [9; 32])));
}

#[test]
fn a_total_beyond_64_bits_is_an_error_and_not_a_small_number() {
    let mut m = Market::new();
    // 2^64 / PRICE rounded up: wraps to almost nothing
    let quantity = u64::MAX / PRICE + 1;
    let wraps = with(&m, |t| {
        t.quantity = quantity;
        t.max_total = u64::MAX
    });
    refused(m.world.send(wraps), MarketError::Overflow);
}

#[test]
fn a_buyer_without_the_tokens_opens_nothing() {
    let mut m = Market::new();
    let tokens = m.buyer_tokens;
    m.world.tamper(&tokens, |a| a.data[64..72].copy_from_slice(&(AMOUNT - 1).to_le_bytes()));
    // the token program's own words: insufficient funds
    refused(m.world.send(ix::open_order(m.open_ix(1))), anchor_lang::prelude::ProgramError::Custom(1));
    assert!(m.world.is_gone(&at::order(&m.buyer, 1)));
}

#[test]
fn an_inactive_listing_takes_no_orders() {
    let mut m = Market::new();
    let terms = ListingTerms { active: false, ..m.listing_terms() };
    passed(m.world.send(ix::update_listing(m.seller, LISTING, terms)));
    refused(m.world.send(with(&m, |t| t.expected_version = 2)), MarketError::ListingInactive);
}

#[test]
fn each_kind_of_listing_is_judged_in_its_own_ways_and_no_other() {
    let mut m = Market::new();
    let ways = [
        (listing_kind::COMPUTE, vec![judge::ORACLES, judge::APPROVAL]),
        (listing_kind::DATASET, vec![judge::PROOF]),
        (listing_kind::MODEL, vec![judge::PROOF]),
        (listing_kind::LABELLING, vec![judge::APPROVAL, judge::GOLD]),
    ];
    for (kind, ways) in ways {
        let id = 30 + u64::from(kind);
        let (unit, content_root) = terms_of(kind);
        let terms = ListingTerms { unit, content_root, ..m.listing_terms() };
        passed(m.world.send(ix::create_listing(m.seller, id, kind, terms)));
        for judge in 0..=6 {
            let mut open = ix::OpenOrder { listing: at::listing(&m.seller, id), ..m.open_ix(u64::from(judge)) };
            open.terms.judge = judge;
            if ways.contains(&judge) {
                passed(m.world.simulate(ix::open_order(open)));
            } else {
                refused(m.world.simulate(ix::open_order(open)), MarketError::JudgeNotOfKind);
            }
        }
    }
}

#[test]
fn an_order_carries_what_it_was_opened_for() {
    for judged in [judge::ORACLES, judge::APPROVAL, judge::PROOF, judge::GOLD] {
        let mut m = Market::judged(judged);
        let receipt = passed(m.world.send(ix::open_order(m.open_ix(1))));
        let order = m.order(at::order(&m.buyer, 1));
        let root = if judged == judge::PROOF { CONTENT } else { [0; 32] };
        let set = u32::from(judged == judge::ORACLES);
        assert_eq!((order.judge, order.kind, order.content_root), (judged, m.kind(), root));
        assert_eq!((order.oracle_set.get(), order.opened_at.get(), order.allow_partial), (set, START, 1));
        assert_eq!((order.seller_bond.get(), order.challenge_bond.get()), (0, 0), "bonds are deposited later");
        let event: events::OrderOpened = receipt.event(&market::ID);
        assert_eq!((event.judge, event.content_root, event.oracle_set), (judged, root, set));
        assert_eq!((event.opened_at, event.allow_partial), (START, true));
    }
}

#[test]
fn what_is_rented_by_the_hour_is_not_ordered() {
    let mut m = Market::new();
    let terms = ListingTerms { unit: unit::HOUR, ..m.listing_terms() };
    passed(m.world.send(ix::update_listing(m.seller, LISTING, terms)));
    refused(m.world.send(with(&m, |t| t.expected_version = 2)), MarketError::RentedByTheHour);
}

#[test]
fn orders_that_oracles_do_not_judge_need_no_oracle_set() {
    let mut m = Market::new();
    passed(m.world.send(ix::retire_oracle_set(m.world.admin, 1)));
    refused(m.world.send(with(&m, |_| ())), MarketError::NoOracleSet);
    let mut open = ix::OpenOrder { oracle_set: None, ..m.open_ix(1) };
    refused(m.world.send(ix::open_order(open)), MarketError::NoOracleSet);
    open.terms.judge = judge::APPROVAL;
    passed(m.world.send(ix::open_order(open)));
}

#[test]
fn a_seller_cannot_order_from_itself() {
    let mut m = Market::new();
    let (seller, seller_tokens) = (m.seller, m.seller_tokens);
    m.world.donate(&seller_tokens, AMOUNT);
    let open = ix::OpenOrder { buyer: seller, funding: seller_tokens, ..m.open_ix(1) };
    refused(m.world.send(ix::open_order(open)), MarketError::SelfOrder);
}

#[test]
fn a_mint_that_is_no_longer_allowed_takes_no_new_orders_and_settles_the_open_ones() {
    let mut m = Market::new();
    let order = m.open();
    let other = m.world.mint();
    let mut mints = m.settings().mints;
    mints[0] = other;
    passed(m.world.send(ix::update_config(m.world.admin, Settings { mints, ..m.settings() })));
    refused(m.world.send(ix::open_order(m.open_ix(9))), MarketError::MintNotAllowed);
    passed(m.world.send(ix::cancel_order(m.settlement(order))));
    assert_eq!(m.balances(), [0, 0, PURSE]);
}

#[test]
fn a_delivery_names_a_root_and_a_log() {
    let mut m = Market::new();
    let order = m.order_in(market::state::order_state::ACCEPTED);
    for (root, log) in [([0; 32], [1; 32]), ([1; 32], [0; 32])] {
        let result = market::instructions::SubmittedResult { root, log };
        refused(m.world.send(ix::submit_result(m.seller, order, result)), MarketError::EmptyResult);
    }
}

#[test]
fn an_audit_waits_for_four_slots_and_starts_over_when_they_are_forgotten() {
    let mut m = Market::new();
    let order = m.order_in(market::state::order_state::SUBMITTED);
    let submitted = m.order(order).audit_slot.get();
    assert_eq!(submitted, m.world.slot());
    m.world.set_slot(submitted + 4);
    refused(m.world.send(ix::arm_audit(order, 1)), MarketError::AuditTooEarly);
    // 512 slots later nobody can choose when to arm: the wait begins again
    m.world.set_slot(submitted + 513);
    let receipt = passed(m.world.send(ix::arm_audit(order, 1)));
    let event: events::AuditPostponed = receipt.event(&market::ID);
    assert_eq!((event.order, event.audit_slot), (order, submitted + 513));
    refused(m.world.send(ix::arm_audit(order, 1)), MarketError::AuditTooEarly);
    m.world.set_slot(submitted + 513 + 5);
    let receipt = passed(m.world.send(ix::arm_audit(order, 1)));
    let event: events::AuditArmed = receipt.event(&market::ID);
    assert_eq!((event.audit_seed, event.oracle_set, event.samples), (m.order(order).audit_seed, 1, 4));
}
