use super::{Instruction, market, rewards, token};
use crate::address::{self, market as market_at, rewards as rewards_at};
use solana_pubkey::Pubkey;

const A: Pubkey = Pubkey::new_from_array([1; 32]);
const B: Pubkey = Pubkey::new_from_array([2; 32]);
const C: Pubkey = Pubkey::new_from_array([3; 32]);

fn settlement() -> market::Settlement {
    market::Settlement { order: C, listing: B, buyer: A, seller: B, mint: C, rent_payer: A }
}

fn market_settings() -> market::Settings {
    market::Settings {
        treasury: A,
        mints: [B; 4],
        fee_bps: 1,
        award_category: 1,
        accept_seconds: 1,
        delivery_seconds: 1,
        audit_seconds: 1,
        dispute_seconds: 1,
        resolve_seconds: 1,
        award_seconds: 1,
    }
}

/// Name, instruction and signers of every instruction of the market.
fn market_instructions() -> Vec<(&'static str, Instruction, Vec<Pubkey>)> {
    let terms = market::ListingTerms { price: 1, mint: C, unit: 1, active: true, metadata_hash: [0; 32], uri: [0; 96] };
    let members = market::OracleMembers { count: 1, threshold: 1, samples: 1, members: [A; 16] };
    let open = market::OpenOrder {
        buyer: A,
        id: 1,
        listing: B,
        mint: C,
        oracle_set: 1,
        funding: B,
        terms: market::OrderTerms {
            quantity: 1,
            expected_version: 1,
            expected_metadata: [0; 32],
            max_total: 1,
            manifest_hash: [0; 32],
        },
    };
    let vote = market::Vote { result_root: [0; 32], verdict: 1, reason: 0, report: [0; 32] };
    let award = market::AwardOrder { payer: A, order: C, seller: B, category: 1, epoch: 1 };
    vec![
        ("initialize", market::initialize(A, market_settings()), vec![A]),
        ("propose_admin", market::propose_admin(A, B), vec![A]),
        ("accept_admin", market::accept_admin(B), vec![B]),
        ("set_pause", market::set_pause(A, 1), vec![A]),
        ("update_config", market::update_config(A, market_settings()), vec![A]),
        ("create_oracle_set", market::create_oracle_set(A, 1, members), vec![A]),
        ("retire_oracle_set", market::retire_oracle_set(A, 1), vec![A]),
        ("create_listing", market::create_listing(A, 1, 1, terms), vec![A]),
        ("update_listing", market::update_listing(A, 1, terms), vec![A]),
        ("close_listing", market::close_listing(A, 1), vec![A]),
        ("open_order", market::open_order(open), vec![A]),
        ("accept_order", market::accept_order(B, C), vec![B]),
        ("cancel_order", market::cancel_order(settlement()), vec![A]),
        (
            "submit_result",
            market::submit_result(B, C, market::SubmittedResult { root: [1; 32], log: [1; 32] }),
            vec![B],
        ),
        ("arm_audit", market::arm_audit(C, 1), vec![]),
        ("attest", market::attest(A, C, 1, vote), vec![A]),
        ("dispute", market::dispute(A, C, [1; 32]), vec![A]),
        ("resolve", market::resolve(A, C, 1), vec![A]),
        ("release", market::release(settlement(), B), vec![]),
        ("refund", market::refund(B, settlement()), vec![B]),
        ("award_order", market::award_order(award), vec![A]),
        ("close_order", market::close_order(C, A), vec![A]),
    ]
}

/// The same of rewards.
fn rewards_instructions() -> Vec<(&'static str, Instruction, Vec<Pubkey>)> {
    let settings = rewards::Settings {
        threshold: 1,
        below_bps: 1,
        cap_per_point: true,
        review_seconds: 1,
        claim_seconds: 1,
        confirm_points: 1,
        confirmer: B,
        reserve_delay_seconds: 1,
        outflow_limit: 1,
        outflow_window_seconds: 1,
        profit_share_bps: 1,
    };
    let months = rewards::MonthPools { first_month: 1, count: 1, pools: [1; 12] };
    let review = rewards::ReviewAward { reviewer: A, source: [0; 32], issuer: B, wallet: C, epoch: 1 };
    let spend = rewards::SpendTerms { amount: 1, destination: B, purpose: [0; 32] };
    let category = rewards::CategoryTerms { name: [0; 32], weight: 1, min_quantity: 1, max_quantity: 1, enabled: true };
    let open = rewards::OpenEpoch { admin: A, index: 1, start: 0, end: 1, funding: B, mint: C };
    let award =
        rewards::IssueAward { payer: A, issuer: B, wallet: C, epoch: 1, source: [0; 32], category: 1, quantity: 1 };
    vec![
        ("initialize", rewards::initialize(A, C, settings), vec![A]),
        ("propose_admin", rewards::propose_admin(A, B), vec![A]),
        ("accept_admin", rewards::accept_admin(B), vec![B]),
        ("set_pause", rewards::set_pause(A, true), vec![A]),
        ("update_config", rewards::update_config(A, settings), vec![A]),
        ("set_schedule", rewards::set_schedule(A, C, months), vec![A]),
        ("convert_tge", rewards::convert_tge(A, 1, B, C), vec![A]),
        ("expire_epoch", rewards::expire_epoch(1, C, A), vec![]),
        ("confirm_award", rewards::confirm_award(review), vec![A]),
        ("void_award", rewards::void_award(review, [1; 32]), vec![A]),
        ("close_award", rewards::close_award([0; 32], 1, A), vec![]),
        ("close_points", rewards::close_points(A, 1, B), vec![]),
        ("deposit_profit", rewards::deposit_profit(A, B, C, 1), vec![A]),
        ("claim_profit", rewards::claim_profit(A, B, C), vec![]),
        ("propose_spend", rewards::propose_spend(A, 1, spend), vec![A]),
        ("execute_spend", rewards::execute_spend(1, B, C, A), vec![]),
        ("cancel_spend", rewards::cancel_spend(A, 1, A), vec![A]),
        ("set_category", rewards::set_category(A, 1, category), vec![A]),
        ("set_issuer", rewards::set_issuer(A, B, 1, true), vec![A]),
        ("open_epoch", rewards::open_epoch(open), vec![A]),
        ("close_epoch", rewards::close_epoch(1), vec![]),
        ("finalize_epoch", rewards::finalize_epoch(1, C, A), vec![]),
        ("register", rewards::register(A, B), vec![A]),
        ("set_destination", rewards::set_destination(A, B), vec![A]),
        ("issue_award", rewards::issue_award(award), vec![A, B]),
        ("claim", rewards::claim(rewards::Claim { wallet: A, destination: B, epoch: 1, mint: C }), vec![]),
    ]
}

/// The first eight bytes of a call's data: SHA-256 of `global:<name>`.
fn discriminator(name: &str) -> Vec<u8> {
    protocol::digest::content_address(format!("global:{name}").as_bytes()).0[..8].to_vec()
}

#[test]
fn every_instruction_names_its_program_its_discriminator_its_signers_and_its_events_authority() {
    let of_market =
        market_instructions().into_iter().map(|entry| (market_at::PROGRAM, market_at::event_authority(), entry));
    let of_rewards =
        rewards_instructions().into_iter().map(|entry| (rewards_at::PROGRAM, rewards_at::event_authority(), entry));
    for (program, authority, (name, instruction, signers)) in of_market.chain(of_rewards) {
        assert_eq!(instruction.program_id, program, "{name}");
        assert_eq!(instruction.data[..8], discriminator(name), "{name}");
        let found: Vec<Pubkey> =
            instruction.accounts.iter().filter(|account| account.is_signer).map(|account| account.pubkey).collect();
        assert_eq!(found, signers, "{name}");
        let [.., event_authority, last] = &instruction.accounts[..] else { panic!("{name}") };
        assert_eq!((event_authority.pubkey, last.pubkey), (authority, program), "{name}");
        assert!(!event_authority.is_writable && !last.is_writable, "{name}");
    }
}

/// Names of the functions in the `#[program]` module of a program's source.
fn handlers(source: &str) -> Vec<&str> {
    let names = source.lines().filter_map(|line| line.strip_prefix("    pub fn ")?.split('(').next());
    names.collect()
}

#[test]
fn no_instruction_of_a_program_is_without_a_builder() {
    let market: Vec<&str> = market_instructions().iter().map(|entry| entry.0).collect();
    let rewards: Vec<&str> = rewards_instructions().iter().map(|entry| entry.0).collect();
    let missing = |source: &'static str, built: &[&str]| -> Vec<&str> {
        handlers(source).into_iter().filter(|name| !built.contains(name)).collect()
    };
    assert_eq!(missing(include_str!("../../../programs/market/src/lib.rs"), &market), Vec::<&str>::new());
    assert_eq!(missing(include_str!("../../../programs/rewards/src/lib.rs"), &rewards), Vec::<&str>::new());
    assert!(!handlers(include_str!("../../../programs/market/src/lib.rs")).is_empty());
}

#[test]
fn the_first_epoch_has_no_previous_one_and_no_scheduled_pool_and_later_ones_do() {
    let previous = |index| {
        let open = rewards::OpenEpoch { admin: A, index, start: 0, end: 1, funding: B, mint: C };
        rewards::open_epoch(open).accounts[3..5].iter().map(|account| account.pubkey).collect::<Vec<_>>()
    };
    // an optional account that is missing is written as the program's own address
    assert_eq!(previous(0), [rewards_at::PROGRAM; 2]);
    assert_eq!(previous(5), [rewards_at::epoch(4), rewards_at::schedule()]);
}

#[test]
fn token_instructions_move_between_associated_accounts() {
    let transfer = token::transfer(token::Transfer { mint: C, decimals: 6, from: A, to: B, amount: 5 });
    let accounts: Vec<Pubkey> = transfer.accounts.iter().map(|account| account.pubkey).collect();
    assert_eq!(accounts, [address::token_account(&A, &C), C, address::token_account(&B, &C), A]);
    assert_eq!(token::MINT_BYTES, 82);
    let mint_to = token::mint_to(C, A, B, 7);
    assert_eq!(mint_to.accounts[1].pubkey, address::token_account(&A, &C));
}
