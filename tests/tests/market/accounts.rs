//! Every account that guards money, replaced by one that a dishonest caller would like to pass.
use anchor_lang::{Address, ErrorCode, prelude::ProgramError};
use e2e_tests::{
    DISPUTE, Forge, LISTING, Market, Outcome, PURSE, address, address::market as at, compare,
    instruction::market as ix, members, no, passed, slot_hashes, token_account, vote,
};
use market::{
    MarketError,
    state::{judge, order_state as state, verdict},
};
use solana_instruction::Instruction;

/// Accounts that a dishonest caller prepares.
struct Bait {
    /// An order that is a copy of the real one, owned by the program, at an address that is not an order's.
    order_copy: Address,
    /// The same copy, owned by nobody's program.
    order_foreign: Address,
    /// A copy of the configuration at another address.
    config_copy: Address,
    /// Tokens of another mint, of the party that is to be paid.
    other_mint: Address,
    seller_other_mint: Address,
    /// A token account of the stranger.
    stranger_tokens: Address,
    /// What looks like the seller's token account but is not the token program's.
    fake_tokens: Address,
}

fn bait(m: &mut Market, order: Address) -> Bait {
    let copy = |m: &mut Market, of: Address, owner: Address| {
        let (address, data) = (m.world.wallet(), m.world.svm.get_account(&of).unwrap().data);
        m.world.put(address, owner, data);
        address
    };
    let (seller, stranger, mint, program) = (m.seller, m.stranger, m.mint, m.world.wallet());
    let (other_mint, seller_other_mint) = m.foreign_tokens(&seller);
    let fake_tokens = m.world.wallet();
    m.world.put(fake_tokens, program, token_account(&mint, &seller, 0));
    Bait {
        order_copy: copy(m, order, market::ID),
        order_foreign: copy(m, order, program),
        config_copy: copy(m, at::config(), market::ID),
        other_mint,
        seller_other_mint,
        stranger_tokens: m.world.fund(&stranger, &mint, 0),
        fake_tokens,
    }
}

fn seeds() -> Outcome {
    no(ErrorCode::ConstraintSeeds)
}

fn twice() -> Outcome {
    no(ErrorCode::ConstraintDuplicateMutableAccount)
}

#[test]
fn a_release_pays_from_and_to_no_other_accounts() {
    let mut m = Market::new();
    let (order, other) = (m.order_in(state::AUDITED), m.order_in(state::AUDITED));
    m.world.pass(DISPUTE);
    let b = bait(&mut m, order);
    passed(m.world.send(ix::create_listing(m.seller, 8, 1, m.listing_terms())));
    passed(m.world.send(ix::create_listing(m.stranger, 8, 1, m.listing_terms())));
    let stranger_reputation = at::reputation(&m.stranger, &m.mint);
    let (release, treasury_other) = (m.release_ix(order), m.foreign_tokens(&m.treasury.clone()).1);
    let wrong_tokens = || no(MarketError::WrongTokenAccount);
    let foreign = || no(ProgramError::IllegalOwner);
    let rows: Vec<(&str, Address, Address, Outcome)> = vec![
        ("config: a copy elsewhere", at::config(), b.config_copy, seeds()),
        ("order: a copy elsewhere", order, b.order_copy, seeds()),
        ("order: another program's", order, b.order_foreign, foreign()),
        ("order: another account of the program", order, at::oracle_set(1), no(ProgramError::AccountDataTooSmall)),
        ("order: another order", order, other, seeds()),
        ("listing: another listing", m.listing(), at::listing(&m.seller, 8), no(MarketError::WrongState)),
        ("vault: another order's", m.vault(order), m.vault(other), seeds()),
        ("vault: the seller's", m.vault(order), m.seller_tokens, twice()),
        ("reputation: another seller's", at::reputation(&m.seller, &m.mint), stranger_reputation, seeds()),
        ("reputation: another account", at::reputation(&m.seller, &m.mint), m.listing(), twice()),
        ("vault: a stranger's", m.vault(order), b.stranger_tokens, seeds()),
        ("seller: a stranger's", m.seller_tokens, b.stranger_tokens, wrong_tokens()),
        ("seller: of another mint", m.seller_tokens, b.seller_other_mint, wrong_tokens()),
        ("seller: not the token program's", m.seller_tokens, b.fake_tokens, wrong_tokens()),
        ("seller: the treasury's", m.seller_tokens, m.treasury_tokens, wrong_tokens()),
        ("seller: the vault", m.seller_tokens, m.vault(order), twice()),
        ("seller: a wallet", m.seller_tokens, m.stranger, wrong_tokens()),
        ("seller: another order's vault", m.seller_tokens, m.vault(other), wrong_tokens()),
        ("treasury: a stranger's", m.treasury_tokens, b.stranger_tokens, wrong_tokens()),
        ("treasury: of another mint", m.treasury_tokens, treasury_other, wrong_tokens()),
        ("rent: to a stranger", m.buyer, m.stranger, wrong_tokens()),
        ("mint: another", m.mint, b.other_mint, no(MarketError::MintNotAllowed)),
        ("token program: a wallet", address::TOKEN_PROGRAM, m.stranger, no(ProgramError::IncorrectProgramId)),
        ("token program: another", address::TOKEN_PROGRAM, rewards::ID, no(ProgramError::IncorrectProgramId)),
        ("event authority: a stranger", at::event_authority(), m.stranger, seeds()),
    ];
    let swapped =
        rows.into_iter().map(|(name, from, to, error)| (name.into(), release.clone().swap(&from, &to), error));
    let mut rows: Vec<(String, Instruction, Outcome)> = swapped.collect();
    for account in [order, m.vault(order), m.listing(), at::reputation(&m.seller, &m.mint), m.mint, m.seller_tokens] {
        let read_only = release.clone().read_only(&account);
        rows.push((format!("{account} read-only"), read_only, no(ErrorCode::ConstraintMut)));
    }
    compare(&m.world, rows);
    passed(m.world.send(release));
}

#[test]
fn a_refund_pays_from_and_to_no_other_accounts() {
    let mut m = Market::new();
    let (order, other) = (m.rejected_order(), m.rejected_order());
    m.world.pass(DISPUTE);
    let b = bait(&mut m, order);
    let refund = m.refund_ix(order);
    let buyer_other = m.foreign_tokens(&m.buyer.clone()).1;
    let wrong_tokens = || no(MarketError::WrongTokenAccount);
    let rows: Vec<(&str, Address, Address, Outcome)> = vec![
        ("order: a copy elsewhere", order, b.order_copy, seeds()),
        ("order: another program's", order, b.order_foreign, no(ProgramError::IllegalOwner)),
        ("order: another order", order, other, seeds()),
        ("vault: another order's", m.vault(order), m.vault(other), seeds()),
        ("vault: the buyer's own", m.vault(order), m.buyer_tokens, twice()),
        ("buyer: a stranger's", m.buyer_tokens, b.stranger_tokens, wrong_tokens()),
        ("buyer: of another mint", m.buyer_tokens, buyer_other, wrong_tokens()),
        ("buyer: another order's vault", m.buyer_tokens, m.vault(other), wrong_tokens()),
        ("rent: to the vault", m.buyer, m.vault(order), twice()),
        ("mint: another", m.mint, b.other_mint, no(MarketError::MintNotAllowed)),
    ];
    let mut rows: Vec<(String, Instruction, Outcome)> =
        rows.into_iter().map(|(name, from, to, error)| (name.into(), refund.clone().swap(&from, &to), error)).collect();
    // the caller may be the one that the rent goes to, and nobody else
    rows.push(("rent: to the caller".into(), refund.clone().swap(&m.buyer, &m.stranger), wrong_tokens()));
    compare(&m.world, rows);
    passed(m.world.send(refund));
}

#[test]
fn a_bond_goes_into_the_orders_own_vault_from_the_actors_own_tokens() {
    let mut m = Market::judged(judge::ORACLES);
    let (funded, audited, other) = (m.open(), m.order_in(state::AUDITED), m.order_in(state::AUDITED));
    let b = bait(&mut m, audited);
    passed(m.world.send(ix::create_listing(m.stranger, 8, 1, m.listing_terms())));
    let reputation = at::reputation(&m.seller, &m.mint);
    let calls = [
        ("accept", m.accept_ix(funded), funded, m.seller_tokens),
        ("dispute", m.dispute_ix(m.challenger, audited), audited, m.challenger_tokens),
    ];
    let mut rows: Vec<(String, Instruction, Outcome)> = Vec::new();
    for (name, call, order, own) in calls {
        let swaps: Vec<(&str, Address, Address, Outcome)> = vec![
            ("config: a copy elsewhere", at::config(), b.config_copy, seeds()),
            ("order: a copy elsewhere", order, b.order_copy, seeds()),
            ("order: another program's", order, b.order_foreign, no(ProgramError::IllegalOwner)),
            ("reputation: another seller's", reputation, at::reputation(&m.stranger, &m.mint), seeds()),
            ("vault: another order's", m.vault(order), m.vault(other), seeds()),
            ("vault: the actor's own tokens", m.vault(order), own, twice()),
            ("mint: another", m.mint, b.other_mint, no(MarketError::MintNotAllowed)),
            ("token program: another", address::TOKEN_PROGRAM, rewards::ID, no(ProgramError::IncorrectProgramId)),
            // the token program's own words: the owner does not sign, the mints differ
            ("funding: the buyer's", own, m.buyer_tokens, no(ProgramError::Custom(4))),
            ("funding: of another mint", own, b.seller_other_mint, no(ProgramError::Custom(3))),
        ];
        rows.extend(
            swaps
                .into_iter()
                .map(|(what, from, to, error)| (format!("{name}, {what}"), call.clone().swap(&from, &to), error)),
        );
        for account in [order, m.vault(order), reputation, own] {
            rows.push((
                format!("{name}, {account} read-only"),
                call.clone().read_only(&account),
                no(ErrorCode::ConstraintMut),
            ));
        }
        rows.push((format!("{name}, unchanged"), call, None));
    }
    compare(&m.world, rows);
}

#[test]
fn a_listing_is_made_with_the_sellers_own_reputation_in_the_mint_that_it_names() {
    let mut m = Market::new();
    passed(m.world.send(ix::create_listing(m.stranger, 8, 1, m.listing_terms())));
    let fake = m.world.mint();
    let create = ix::create_listing(m.seller, 9, 1, m.listing_terms());
    let own = at::reputation(&m.seller, &m.mint);
    compare(
        &m.world,
        vec![
            ("another seller's".into(), create.clone().swap(&own, &at::reputation(&m.stranger, &m.mint)), seeds()),
            ("another account".into(), create.clone().swap(&own, &m.listing()), seeds()),
            ("in another mint".into(), create.clone().swap(&own, &at::reputation(&m.seller, &fake)), seeds()),
            ("another mint".into(), create.clone().swap(&m.mint, &fake), seeds()),
            ("a mint that is none".into(), create.clone().swap(&m.mint, &m.stranger), no(ProgramError::IllegalOwner)),
            ("unchanged".into(), create, None),
        ],
    );
}

#[test]
fn an_order_is_opened_with_the_listings_own_accounts() {
    let mut m = Market::new();
    let funded = m.order_in(state::FUNDED);
    let b = bait(&mut m, funded);
    passed(m.world.send(ix::create_oracle_set(m.world.admin, 2, members(&[m.stranger], 1))));
    let stranger_tokens = m.world.fund(&m.stranger.clone(), &m.mint.clone(), PURSE);
    let buyer_other = m.foreign_tokens(&m.buyer.clone()).1;
    let listing_copy = m.world.wallet();
    let data = m.world.svm.get_account(&m.listing()).unwrap().data;
    m.world.put(listing_copy, market::ID, data);
    let open = ix::open_order(ix::OpenOrder { oracle_set: Some(2), ..m.open_ix(70) });
    let (order, vault) = (at::order(&m.buyer, 70), at::vault(&at::order(&m.buyer, 70)));
    let rows: Vec<(&str, Address, Address, Outcome)> = vec![
        ("config: a copy elsewhere", at::config(), b.config_copy, seeds()),
        ("oracle set: the one before", at::oracle_set(2), at::oracle_set(1), no(MarketError::NoOracleSet)),
        ("oracle set: none", at::oracle_set(2), market::ID, no(MarketError::NoOracleSet)),
        ("listing: a copy elsewhere", m.listing(), listing_copy, seeds()),
        ("order: another number's", order, at::order(&m.buyer, 71), seeds()),
        ("order: another buyer's", order, at::order(&m.stranger, 70), seeds()),
        ("vault: another order's address", vault, at::vault(&funded), seeds()),
        // the token program's own words: the owner does not sign, the mints differ
        ("funding: a stranger's", m.buyer_tokens, stranger_tokens, no(ProgramError::Custom(4))),
        ("funding: of another mint", m.buyer_tokens, buyer_other, no(ProgramError::Custom(3))),
        ("mint: another", m.mint, b.other_mint, no(MarketError::MintNotAllowed)),
        ("token program: another", address::TOKEN_PROGRAM, rewards::ID, no(ProgramError::IncorrectProgramId)),
        ("system program: another", address::SYSTEM_PROGRAM, rewards::ID, no(ProgramError::IncorrectProgramId)),
    ];
    let rows = rows.into_iter().map(|(name, from, to, error)| (name.into(), open.clone().swap(&from, &to), error));
    compare(&m.world, rows.collect());
    passed(m.world.send(open));
}

#[test]
fn an_audit_is_seeded_by_the_real_slot_hashes_alone() {
    let mut m = Market::new();
    let order = m.order_in(state::SUBMITTED);
    m.world.set_slot(m.world.slot() + 5);
    passed(m.world.send(ix::create_oracle_set(m.world.admin, 2, members(&[m.stranger], 1))));
    let fake = m.world.wallet();
    let sysvar_owner = Address::from_str_const("Sysvar1111111111111111111111111111111111111");
    m.world.put(fake, sysvar_owner, slot_hashes(900..m.world.slot()));
    let arm = ix::arm_audit(order, 1);
    compare(
        &m.world,
        vec![
            ("fake".into(), arm.clone().swap(&address::SLOT_HASHES, &fake), no(MarketError::WrongSysvar)),
            ("clock".into(), arm.clone().swap(&address::SLOT_HASHES, &address::CLOCK), no(MarketError::WrongSysvar)),
            ("other set".into(), ix::arm_audit(order, 2), no(MarketError::WrongOracleSet)),
        ],
    );
    passed(m.world.send(arm));
    let drawn = protocol::audit_seed::draw(
        &m.world.svm.get_account(&address::SLOT_HASHES).unwrap().data,
        m.order(order).audit_slot.get(),
        order.as_array(),
    );
    assert_eq!(drawn, protocol::audit_seed::Seed::Drawn(m.order(order).audit_seed));
}

#[test]
fn a_vote_counts_for_a_real_order_of_a_real_set() {
    let mut m = Market::new();
    let order = m.order_in(state::AUDITING);
    let b = bait(&mut m, order);
    let set_copy = m.world.wallet();
    let mut data = m.world.svm.get_account(&at::oracle_set(1)).unwrap().data;
    // the stranger in the place of the first member
    data[8..40].copy_from_slice(m.stranger.as_ref());
    m.world.put(set_copy, market::ID, data);
    let by_stranger = ix::attest(m.stranger, order, 1, None, vote(verdict::ACCEPT));
    let honest = m.vote_ix(order, 0, verdict::ACCEPT);
    compare(
        &m.world,
        vec![
            ("own set".into(), by_stranger.swap(&at::oracle_set(1), &set_copy), seeds()),
            ("copied order".into(), honest.clone().swap(&order, &b.order_copy), seeds()),
            ("foreign order".into(), honest.clone().swap(&order, &b.order_foreign), no(ProgramError::IllegalOwner)),
            ("read-only order".into(), honest.read_only(&order), no(ErrorCode::ConstraintMut)),
        ],
    );
}

#[test]
fn the_administrators_calls_take_the_real_configuration_alone() {
    let mut m = Market::new();
    let order = m.order_in(state::DISPUTED);
    let b = bait(&mut m, order);
    // a configuration in which the stranger is the administrator
    let stranger = m.stranger;
    m.world.tamper(&b.config_copy, |a| a.data[8..40].copy_from_slice(stranger.as_ref()));
    let with_copy = |i: Instruction| i.swap(&at::config(), &b.config_copy);
    compare(
        &m.world,
        vec![
            ("resolve".into(), with_copy(ix::resolve(stranger, order, 0)), seeds()),
            ("set_pause".into(), with_copy(ix::set_pause(stranger, 7)), seeds()),
            ("update_config".into(), with_copy(ix::update_config(stranger, m.settings())), seeds()),
            (
                "create_oracle_set".into(),
                with_copy(ix::create_oracle_set(stranger, 2, members(&[stranger], 1))),
                seeds(),
            ),
        ],
    );
    let own = ix::update_listing(m.seller, LISTING, m.listing_terms());
    compare(&m.world, vec![("update_listing".into(), with_copy(own), seeds())]);
}
