//! Orders in tokens of both token programs, and the mints that are refused.
use e2e_tests::{
    AMOUNT, CHALLENGE_BOND, Market, Money, NATIVE_MINT, PURSE, SELLER_BOND, Setup, address, fee,
    instruction::market as ix, passed,
};
use market::{
    MarketError,
    instructions::{ListingTerms, Settings},
    state::{judge, order_state as state},
};

const MONIES: [Money; 3] = [Money::Classic, Money::Token2022, Money::Native];

fn market(money: Money) -> Market {
    Market::with(Setup { judge: judge::ORACLES, money, bonds: true })
}

#[test]
fn an_order_is_paid_and_its_vault_closed_in_every_kind_of_token() {
    for money in MONIES {
        let mut m = market(money);
        let lamports = m.world.lamports(&m.buyer);
        let order = m.order_in(state::RELEASED);
        let vault = m.vault(order);
        assert_eq!(m.holdings(), [PURSE + AMOUNT - fee(AMOUNT), fee(AMOUNT), PURSE - AMOUNT, PURSE], "{money:?}");
        assert!(m.world.is_gone(&vault));
        m.world.pass(e2e_tests::AWARD);
        passed(m.world.send(ix::close_order(order, m.buyer)));
        assert_eq!(m.world.lamports(&m.buyer), lamports, "{money:?}: all rent came back, and nothing else");
    }
}

#[test]
fn a_lost_bond_is_split_and_burned_but_native_tokens_go_to_the_buyer() {
    for money in MONIES {
        let mut m = market(money);
        let supply = m.world.supply(&m.mint);
        let order = m.order_in(state::AUDITED);
        passed(m.world.send(m.dispute_ix(m.challenger, order)));
        assert_eq!(m.world.tokens(&m.vault(order)), AMOUNT + SELLER_BOND + CHALLENGE_BOND);
        m.world.set_time(m.order(order).answer_by.get());
        passed(m.world.send(m.refund_ix(order)));
        let (challenger, buyer) = (SELLER_BOND / 10 * 3, SELLER_BOND / 2);
        let rest = SELLER_BOND - challenger - buyer;
        let (burned, to_buyer) = if money == Money::Native { (0, rest) } else { (rest, 0) };
        let expected = [PURSE - SELLER_BOND, 0, PURSE + buyer + to_buyer, PURSE + challenger];
        assert_eq!(m.holdings(), expected, "{money:?}");
        assert_eq!((supply - m.world.supply(&m.mint), m.order(order).burned.get()), (burned, burned), "{money:?}");
    }
}

#[test]
fn lamports_sent_to_a_native_vault_never_block_its_settlement() {
    let mut m = market(Money::Native);
    let order = m.open();
    let vault = m.vault(order);
    m.world.svm.airdrop(&vault, 12_345).unwrap();
    let before = m.world.lamports(&m.buyer);
    passed(m.world.send(ix::cancel_order(m.settlement(order))));
    assert!(m.world.is_gone(&vault));
    assert!(m.world.lamports(&m.buyer) > before + 12_345);
    assert_eq!((m.world.tokens(&m.buyer_tokens), m.mint), (PURSE, NATIVE_MINT));
}

#[test]
fn a_token_program_moves_the_tokens_of_its_own_mints_only() {
    for (money, other) in [(Money::Classic, address::TOKEN_2022_PROGRAM), (Money::Token2022, address::TOKEN_PROGRAM)] {
        let mut m = market(money);
        let open = ix::OpenOrder { token_program: other, ..m.open_ix(50) };
        assert!(m.world.send(ix::open_order(open)).is_err());
        let order = m.order_in(state::AUDITED);
        m.world.pass(e2e_tests::DISPUTE);
        let mut release = m.release_ix(order);
        let place = release.accounts.iter().position(|a| a.pubkey == money.program()).unwrap();
        release.accounts[place].pubkey = other;
        assert!(m.world.send(release).is_err());
        assert_eq!(m.world.tokens(&m.vault(order)), AMOUNT + SELLER_BOND);
    }
}

/// Extensions of a mint: type, bytes of its value, and why tokens with it are refused (none: they are taken).
const EXTENSIONS: [(u16, usize, Option<MarketError>); 20] = [
    (1, 108, Some(MarketError::MintTakesFees)),
    (3, 32, Some(MarketError::MintExtensionRefused)),
    (4, 65, Some(MarketError::MintExtensionRefused)),
    (6, 1, Some(MarketError::MintExtensionRefused)),
    (9, 0, Some(MarketError::MintExtensionRefused)),
    (10, 52, None),
    (12, 32, Some(MarketError::MintHasDelegate)),
    (14, 64, Some(MarketError::MintHasHook)),
    (16, 129, Some(MarketError::MintExtensionRefused)),
    (18, 64, None),
    (19, 80, None),
    (20, 64, None),
    (21, 80, None),
    (22, 64, None),
    (23, 72, None),
    (24, 196, Some(MarketError::MintExtensionRefused)),
    (25, 56, None),
    (26, 33, Some(MarketError::MintExtensionRefused)),
    (28, 32, Some(MarketError::MintExtensionRefused)),
    (999, 3, Some(MarketError::MintExtensionRefused)),
];

#[test]
fn mints_are_screened_for_a_listing_and_again_for_an_order() {
    let mut m = market(Money::Token2022);
    let (admin, seller, listed) = (m.world.admin, m.seller, m.mint);
    for (kind, bytes, refusal) in EXTENSIONS {
        let extension = |m: &mut Market| m.world.mint_with(&[(19, vec![0; 80]), (kind, vec![0; bytes])]);
        let mint = extension(&mut m);
        let mut mints = m.settings().mints;
        mints[1] = mint;
        passed(m.world.send(ix::update_config(admin, Settings { mints, ..m.settings() })));
        let terms = ListingTerms { mint, ..m.listing_terms() };
        let create = ix::create_listing(seller, 100 + u64::from(kind), 1, terms);
        // the listed mint as it would be if it had been made anew with the extension
        let (was, with) = (m.world.svm.get_account(&listed).unwrap(), m.world.svm.get_account(&mint).unwrap());
        m.world.svm.set_account(listed, with).unwrap();
        let open = ix::open_order(m.open_ix(u64::from(kind)));
        match refusal {
            Some(error) => {
                let code = u64::from(anchor_lang::Error::from(error));
                for call in [create, open] {
                    match m.world.simulate(call) {
                        Err(refusal) => assert!(format!("{:?}", refusal.err).contains(&format!("({code})")), "{kind}"),
                        Ok(_) => panic!("extension {kind} was taken"),
                    }
                }
            }
            None => {
                passed(m.world.simulate(create));
                passed(m.world.simulate(open));
            }
        }
        m.world.svm.set_account(listed, was).unwrap();
    }
}

#[test]
fn a_frozen_account_of_the_seller_is_passed_by_for_another() {
    for money in [Money::Classic, Money::Token2022] {
        let mut m = market(money);
        let order = m.order_in(state::AUDITED);
        m.world.pass(e2e_tests::DISPUTE);
        let (seller, tokens, mint) = (m.seller, m.seller_tokens, m.mint);
        m.world.tamper(&tokens, |a| a.data[108] = 2);
        assert!(m.world.send(m.release_ix(order)).is_err());
        let other = money.other_tokens(&mut m.world, &seller, &mint, 0);
        let mut release = m.release_ix(order);
        let place = release.accounts.iter().position(|a| a.pubkey == tokens).unwrap();
        release.accounts[place].pubkey = other;
        passed(m.world.send(release));
        assert_eq!(m.world.tokens(&other), AMOUNT - fee(AMOUNT) + SELLER_BOND);
    }
}

#[test]
fn a_party_that_gets_nothing_needs_no_token_account() {
    let mut m = market(Money::Classic);
    let order = m.rejected_order();
    m.world.pass(e2e_tests::DISPUTE);
    for tokens in [m.seller_tokens, m.treasury_tokens, m.challenger_tokens] {
        m.world.tamper(&tokens, |a| *a = solana_account::Account::default());
    }
    passed(m.world.send(m.refund_ix(order)));
    assert_eq!(m.world.tokens(&m.buyer_tokens), PURSE + SELLER_BOND - SELLER_BOND / 5);
}
