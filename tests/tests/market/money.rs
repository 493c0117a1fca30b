use anchor_lang::Address;
use e2e_tests::{
    AMOUNT, DISPUTE, Forge, Market, PURSE,
    address::{self, market as at},
    fee,
    instruction::market as ix,
    passed, refused,
};
use market::state::{order_state as state, verdict};
use solana_instruction::{AccountMeta, Instruction};

#[test]
fn tokens_sent_to_a_vault_go_to_the_buyer_and_never_block_a_release() {
    let mut m = Market::new();
    let order = m.order_in(state::AUDITED);
    let vault = m.vault(order);
    m.world.donate(&vault, 77);
    m.world.pass(DISPUTE);
    passed(m.world.send(m.release_ix(order)));
    assert_eq!(m.balances(), [AMOUNT - fee(AMOUNT), fee(AMOUNT), PURSE - AMOUNT + 77]);
    assert_eq!(m.order(order).refunded.get(), 77);
    assert!(m.world.is_gone(&vault));
}

#[test]
fn tokens_sent_to_a_vault_never_block_a_cancellation_or_a_refund() {
    let mut m = Market::new();
    let (cancelled, rejected) = (m.open(), m.rejected_order());
    for order in [cancelled, rejected] {
        let vault = m.vault(order);
        m.world.donate(&vault, 5);
    }
    passed(m.world.send(ix::cancel_order(m.settlement(cancelled))));
    m.world.pass(DISPUTE);
    passed(m.world.send(m.refund_ix(rejected)));
    assert_eq!(m.balances(), [0, 0, PURSE + 10]);
    assert!(m.world.is_gone(&m.vault(cancelled)) && m.world.is_gone(&m.vault(rejected)));
}

#[test]
fn lamports_sent_to_an_address_before_its_account_is_made_do_not_block_it() {
    let mut m = Market::new();
    let order = at::order(&m.buyer, 1);
    for (address, lamports) in [(order, 1), (at::vault(&order), 5_000_000_000)] {
        m.world.svm.airdrop(&address, lamports.max(890_880)).unwrap();
    }
    let listing = at::listing(&m.seller, 99);
    m.world.svm.airdrop(&listing, 1_000_000).unwrap();
    assert_eq!(m.open(), order);
    assert_eq!(m.world.tokens(&m.vault(order)), AMOUNT);
    passed(m.world.send(ix::create_listing(m.seller, 99, 1, m.listing_terms())));
    // and what was sent comes back with the rent
    let before = m.world.lamports(&m.buyer);
    passed(m.world.send(ix::cancel_order(m.settlement(order))));
    assert!(m.world.lamports(&m.buyer) - before >= 5_000_000_000);
}

#[test]
fn a_vault_that_lost_tokens_is_reported_and_pays_nobody() {
    let mut m = Market::new();
    let (accepted, rejected) = (m.order_in(state::AUDITED), m.rejected_order());
    for order in [accepted, rejected] {
        let vault = m.vault(order);
        m.world.tamper(&vault, |a| a.data[64..72].copy_from_slice(&(AMOUNT - 1).to_le_bytes()));
    }
    m.world.pass(DISPUTE);
    refused(m.world.send(m.release_ix(accepted)), market::MarketError::VaultShort);
    refused(m.world.send(m.refund_ix(rejected)), market::MarketError::VaultShort);
    assert_eq!(m.balances(), [0, 0, PURSE - 2 * AMOUNT]);
}

#[test]
fn an_order_is_opened_once_and_its_number_is_free_again_when_it_is_closed() {
    let mut m = Market::new();
    let order = m.open();
    let again = ix::open_order(m.open_ix(1));
    assert!(m.world.send(again.clone()).is_err());
    assert_eq!(m.world.tokens(&m.vault(order)), AMOUNT);
    passed(m.world.send(ix::cancel_order(m.settlement(order))));
    assert!(m.world.send(again.clone()).is_err());
    m.world.pass(1);
    passed(m.world.send(ix::close_order(order, m.buyer)));
    passed(m.world.send(again));
    let reopened = m.order(order);
    assert_eq!((reopened.state, reopened.seq.get(), reopened.settled_at.get()), (state::FUNDED, 1, 0));
}

#[test]
fn any_token_accounts_of_the_parties_will_do() {
    let mut m = Market::new();
    let order = m.order_in(state::AUDITED);
    let (seller, buyer, treasury, mint) = (m.seller, m.buyer, m.treasury, m.mint);
    let others: [Address; 3] = [seller, treasury, buyer].map(|w| m.world.other_tokens(&w, &mint, 0));
    m.world.pass(DISPUTE);
    let mut release = m.release_ix(order);
    for (tokens, other) in [m.seller_tokens, m.treasury_tokens, m.buyer_tokens].iter().zip(&others) {
        let place = release.accounts.iter().position(|a| a.pubkey == *tokens).unwrap();
        release.accounts[place].pubkey = *other;
    }
    passed(m.world.send(release));
    assert_eq!(others.map(|o| m.world.tokens(&o)), [AMOUNT - fee(AMOUNT), fee(AMOUNT), 0]);
}

#[test]
fn the_buyer_may_release_and_refund_its_own_orders() {
    let mut m = Market::new();
    let order = m.order_in(state::AUDITING);
    passed(m.vote(order, 0, verdict::REJECT));
    passed(m.vote(order, 1, verdict::REJECT));
    m.world.pass(DISPUTE);
    passed(m.world.send(ix::refund(m.buyer, m.settlement(order))));
    assert_eq!(m.balances(), [0, 0, PURSE]);
}

#[test]
fn a_closed_order_is_not_revived_by_lamports_in_the_same_transaction() {
    let mut m = Market::new();
    let order = m.order_in(state::REFUNDED);
    m.world.pass(1);
    let pay = Instruction {
        program_id: address::SYSTEM_PROGRAM,
        accounts: vec![AccountMeta::new(m.stranger, true), AccountMeta::new(order, false)],
        data: [2u32.to_le_bytes().as_slice(), &5_000_000u64.to_le_bytes()].concat(),
    };
    passed(m.world.send_all(&[ix::close_order(order, m.buyer), pay]));
    let left = m.world.svm.get_account(&order).unwrap();
    assert_eq!((left.data.len(), left.owner), (0, address::SYSTEM_PROGRAM));
    assert!(m.world.send(m.refund_ix(order)).is_err());
    // and its number is free for a new order
    passed(m.world.send(ix::open_order(m.open_ix(1))));
    assert_eq!(m.order(order).state, state::FUNDED);
}

#[test]
fn a_treasury_that_sells_may_be_paid_into_one_account_or_two() {
    let mut m = Market::new();
    let (seller, mint) = (m.seller, m.mint);
    let settings = market::instructions::Settings { treasury: seller, ..m.settings() };
    passed(m.world.send(ix::update_config(m.world.admin, settings)));
    let second = m.world.other_tokens(&seller, &mint, 0);
    let order = m.order_in(state::AUDITED);
    m.world.pass(DISPUTE);
    let release = m.release_ix(order);
    let mut both = m.clone();
    passed(both.world.send(release.clone().swap(&m.treasury_tokens, &m.seller_tokens)));
    assert_eq!(both.world.tokens(&m.seller_tokens), AMOUNT);
    passed(m.world.send(release.swap(&m.treasury_tokens, &second)));
    assert_eq!(m.balances(), [AMOUNT - fee(AMOUNT), 0, PURSE - AMOUNT]);
    assert_eq!(m.world.tokens(&second), fee(AMOUNT));
}
