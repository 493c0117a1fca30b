use anchor_lang::{Address, prelude::ProgramError};
use e2e_tests::{Forge, LISTING, Market, compare, instruction::market as ix, members, no};
use market::{
    MarketError,
    state::{listing_kind, order_state as state, verdict},
};
use solana_instruction::Instruction;

#[test]
fn every_instruction_wants_the_signature_of_its_own_party() {
    let mut m = Market::new();
    let orders = [state::FUNDED, state::ACCEPTED, state::AUDITING, state::AUDITED, state::DISPUTED, state::REFUNDED]
        .map(|state| m.order_in(state));
    let [funded, accepted, auditing, audited, disputed, refunded] = orders;
    let (admin, seller, buyer, stranger) = (m.world.admin, m.seller, m.buyer, m.stranger);
    let terms = m.listing_terms();
    let key = market::instructions::DeliveredLicence { key_hash: [1; 32], sealed_key: [2; 80] };
    let licence = ix::deliver_licence(seller, accepted, key);

    // instruction, who signs it, what a stranger hears
    let calls: Vec<(&str, Instruction, Address, MarketError)> = vec![
        ("propose_admin", ix::propose_admin(admin, stranger), admin, MarketError::NotAdmin),
        ("set_pause", ix::set_pause(admin, 7), admin, MarketError::NotAdmin),
        ("update_config", ix::update_config(admin, m.settings()), admin, MarketError::NotAdmin),
        ("create_oracle_set", ix::create_oracle_set(admin, 2, members(&m.oracles, 2)), admin, MarketError::NotAdmin),
        ("retire_oracle_set", ix::retire_oracle_set(admin, 1), admin, MarketError::NotAdmin),
        ("update_listing", ix::update_listing(seller, LISTING, terms), seller, MarketError::NotSeller),
        ("close_listing", ix::close_listing(seller, LISTING), seller, MarketError::NotSeller),
        ("accept_order", m.accept_ix(funded), seller, MarketError::NotSeller),
        ("cancel_order", ix::cancel_order(m.settlement(funded)), buyer, MarketError::NotBuyer),
        ("submit_result", m.submit_ix(accepted), seller, MarketError::NotSeller),
        ("attest", m.vote_ix(auditing, 0, verdict::ACCEPT), m.oracles[0], MarketError::NotAnOracle),
        ("deliver_licence", licence, seller, MarketError::WrongJudge),
        ("approve", ix::approve(buyer, audited), buyer, MarketError::NotBuyer),
        ("concede", ix::concede(seller, audited, 0), seller, MarketError::NotSeller),
        ("dispute", m.dispute_ix(buyer, audited), buyer, MarketError::NotAParty),
        ("answer", ix::answer(seller, disputed, [1; 32]), seller, MarketError::NotFavoured),
        ("resolve", ix::resolve(admin, disputed, 1), admin, MarketError::NotAdmin),
        ("release", m.release_ix(audited), stranger, MarketError::DisputeWindowOpen),
        ("refund", m.refund_ix(audited), stranger, MarketError::DisputeWindowOpen),
        ("close_order", ix::close_order(refunded, buyer), buyer, MarketError::NotBuyer),
    ];
    let mut rows = Vec::new();
    for (name, call, signer, error) in calls {
        let mut by_stranger = call.clone();
        let place = by_stranger.accounts.iter().position(|a| a.pubkey == signer && a.is_signer).unwrap();
        by_stranger.accounts[place].pubkey = stranger;
        rows.push((format!("{name} by a stranger"), by_stranger, no(error)));
        // a writable signer that does not sign, and a read-only one, fail the framework's own check alike
        rows.push((format!("{name} unsigned"), call.unsigned(&signer), no(ProgramError::MissingRequiredSignature)));
    }
    compare(&m.world, rows);
}

#[test]
fn the_parties_cannot_act_for_each_other() {
    let mut m = Market::new();
    let [funded, accepted, auditing, disputed] =
        [state::FUNDED, state::ACCEPTED, state::AUDITING, state::DISPUTED].map(|state| m.order_in(state));
    let (seller, buyer) = (m.seller, m.buyer);
    let cancel = ix::refund(seller, m.settlement(funded));
    let cancel = Instruction { data: ix::cancel_order(m.settlement(funded)).data, ..cancel };
    compare(
        &m.world,
        vec![
            ("the buyer accepts".into(), m.accept_ix(funded).swap(&seller, &buyer), no(MarketError::NotSeller)),
            ("the seller cancels".into(), cancel, no(MarketError::NotBuyer)),
            ("the buyer submits".into(), m.submit_ix(accepted).swap(&seller, &buyer), no(MarketError::NotSeller)),
            (
                "the seller attests".into(),
                m.vote_ix(auditing, 0, verdict::ACCEPT).swap(&m.oracles[0], &seller),
                no(MarketError::NotAnOracle),
            ),
            ("the buyer resolves".into(), ix::resolve(buyer, disputed, 0), no(MarketError::NotAdmin)),
            ("the seller resolves".into(), ix::resolve(seller, disputed, 1), no(MarketError::NotAdmin)),
        ],
    );
}

#[test]
fn creating_needs_the_signature_of_who_pays() {
    let m = Market::new();
    let listing = ix::create_listing(m.seller, 8, listing_kind::COMPUTE, m.listing_terms());
    let order = ix::open_order(m.open_ix(1));
    compare(
        &m.world,
        vec![
            ("a listing".into(), listing.unsigned(&m.seller), no(ProgramError::MissingRequiredSignature)),
            ("an order".into(), order.unsigned(&m.buyer), no(ProgramError::MissingRequiredSignature)),
        ],
    );
}
