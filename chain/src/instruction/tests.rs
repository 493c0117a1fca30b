mod oracles;
mod rental;

use super::{Instruction, grants, market, proofs, rewards, token};
use crate::address::{
    self, grants as grants_at, market as market_at, oracles as oracles_at, proofs as proofs_at, rental as rental_at,
    rewards as rewards_at,
};
use protocol::{
    commitment::{FinalMetric, JobEnd, JobShape, SegmentRecord, StepRecord},
    digest::Digest,
    labelling::Task,
    licence::KeyEvidence,
    merkle::Proof,
    opening::{JobOpening, LayoutOpening, Opened, StepOpening, ValueOpening},
};
use solana_pubkey::Pubkey;

const A: Pubkey = Pubkey::new_from_array([1; 32]);
const B: Pubkey = Pubkey::new_from_array([2; 32]);
const C: Pubkey = Pubkey::new_from_array([3; 32]);
const TOKEN: token::Token = token::Token::classic(C);

fn settlement() -> market::Settlement {
    market::Settlement {
        order: C,
        listing: B,
        buyer: A,
        seller: B,
        challenger: None,
        mint: C,
        token_program: address::TOKEN_PROGRAM,
        rent_payer: A,
    }
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
        answer_seconds: 1,
        resolve_seconds: 1,
        award_seconds: 1,
        seller_bond_bps: 1,
        challenge_bond_bps: 1,
        slash_challenger_bps: 1,
        slash_buyer_bps: 1,
    }
}

/// Name, instruction and signers of every instruction of the market.
fn market_instructions() -> Vec<(&'static str, Instruction, Vec<Pubkey>)> {
    let terms = market::ListingTerms {
        price: 1,
        mint: C,
        unit: 1,
        active: true,
        metadata_hash: [0; 32],
        content_root: [0; 32],
        uri: [0; 96],
    };
    let members = market::OracleMembers { count: 1, threshold: 1, samples: 1, min_bond: 0, members: [A; 16] };
    let deposit =
        |actor| market::Deposit { actor, order: C, seller: B, mint: A, token_program: address::TOKEN_PROGRAM };
    let open = market::OpenOrder {
        buyer: A,
        id: 1,
        listing: B,
        mint: C,
        token_program: address::TOKEN_PROGRAM,
        oracle_set: Some(1),
        funding: B,
        terms: market::OrderTerms {
            quantity: 1,
            expected_version: 1,
            expected_metadata: [0; 32],
            max_total: 1,
            manifest_hash: [0; 32],
            judge: 1,
            allow_partial: false,
        },
    };
    let vote = market::Vote { result_root: [0; 32], verdict: 1, reason: 0, report: [0; 32], salt: [0; 32] };
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
        ("accept_order", market::accept_order(deposit(B)), vec![B]),
        ("cancel_order", market::cancel_order(settlement()), vec![A]),
        (
            "submit_result",
            market::submit_result(B, C, market::SubmittedResult { root: [1; 32], log: [1; 32] }),
            vec![B],
        ),
        (
            "deliver_licence",
            market::deliver_licence(B, C, market::DeliveredLicence { key_hash: [1; 32], sealed_key: [1; 80] }),
            vec![B],
        ),
        ("approve", market::approve(A, C), vec![A]),
        ("concede", market::concede(B, C, 0), vec![B]),
        ("answer", market::answer(B, C, [1; 32]), vec![B]),
        ("apply_verdict", market::apply_verdict(C, A), vec![]),
        ("arm_audit", market::arm_audit(C, 1), vec![]),
        ("attest", market::attest(A, C, 1, Some(B), vote), vec![A]),
        ("dispute", market::dispute(deposit(A), [1; 32]), vec![A]),
        ("resolve", market::resolve(A, C, 1), vec![A]),
        ("release", market::release(C, settlement(), B), vec![C]),
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
    let open = rewards::OpenEpoch { admin: A, index: 1, start: 0, end: 1, funding: B, token: TOKEN };
    let award =
        rewards::IssueAward { payer: A, issuer: B, wallet: C, epoch: 1, source: [0; 32], category: 1, quantity: 1 };
    vec![
        ("initialize", rewards::initialize(A, TOKEN, settings), vec![A]),
        ("propose_admin", rewards::propose_admin(A, B), vec![A]),
        ("accept_admin", rewards::accept_admin(B), vec![B]),
        ("set_pause", rewards::set_pause(A, true), vec![A]),
        ("update_config", rewards::update_config(A, settings), vec![A]),
        ("set_schedule", rewards::set_schedule(A, C, months), vec![A]),
        ("convert_tge", rewards::convert_tge(A, 1, B, TOKEN), vec![A]),
        ("expire_epoch", rewards::expire_epoch(1, TOKEN, A), vec![]),
        ("confirm_award", rewards::confirm_award(review), vec![A]),
        ("void_award", rewards::void_award(review, [1; 32]), vec![A]),
        ("close_award", rewards::close_award([0; 32], 1, A), vec![]),
        ("close_points", rewards::close_points(A, 1, B), vec![]),
        ("deposit_profit", rewards::deposit_profit(A, B, TOKEN, 1), vec![A]),
        ("claim_profit", rewards::claim_profit(A, B, TOKEN), vec![]),
        ("propose_spend", rewards::propose_spend(A, 1, spend), vec![A]),
        ("execute_spend", rewards::execute_spend(1, B, TOKEN, A), vec![]),
        ("cancel_spend", rewards::cancel_spend(A, 1, A), vec![A]),
        ("set_category", rewards::set_category(A, 1, category), vec![A]),
        ("set_issuer", rewards::set_issuer(A, B, 1, true), vec![A]),
        ("open_epoch", rewards::open_epoch(open), vec![A]),
        ("close_epoch", rewards::close_epoch(1), vec![]),
        ("finalize_epoch", rewards::finalize_epoch(1, TOKEN, A), vec![]),
        ("register", rewards::register(A, B), vec![A]),
        ("set_destination", rewards::set_destination(A, B), vec![A]),
        ("issue_award", rewards::issue_award(award), vec![A, B]),
        ("claim", rewards::claim(rewards::Claim { wallet: A, destination: B, epoch: 1, token: TOKEN }), vec![]),
    ]
}

/// The same of grants.
fn grants_instructions() -> Vec<(&'static str, Instruction, Vec<Pubkey>)> {
    let token = TOKEN;
    let settings = grants::Settings {
        reviewer: B,
        quorum_points: 1,
        min_points: 1,
        proposal_bond: 1,
        bond_floor_points: 1,
        voting_seconds: 1,
        review_seconds: 1,
        approval_bps: 5_000,
    };
    let terms = grants::ProposalTerms {
        recipient: B,
        metadata_hash: [1; 32],
        uri: [0; 96],
        count: 1,
        amounts: [1; 8],
        due: [1; 8],
    };
    let open = grants::OpenProposal { proposer: A, id: 1, epoch: 2, funding: B, token, terms };
    vec![
        ("initialize", grants::initialize(A, token, 1, settings), vec![A]),
        ("propose_admin", grants::propose_admin(A, B), vec![A]),
        ("accept_admin", grants::accept_admin(B), vec![B]),
        ("update_config", grants::update_config(A, settings), vec![A]),
        ("set_pause", grants::set_pause(A, 1), vec![A]),
        ("fund", grants::fund(grants::Fund { funder: A, funding: B, token, amount: 1 }), vec![A]),
        ("open_proposal", grants::open_proposal(open), vec![A]),
        ("cancel_proposal", grants::cancel_proposal(A, 1), vec![A]),
        ("vote", grants::vote(A, 1, 1), vec![A]),
        ("tally", grants::tally(1), vec![]),
        ("submit_milestone", grants::submit_milestone(B, 1, 0, [1; 32]), vec![B]),
        ("review_milestone", grants::review_milestone(A, 1, 0, true), vec![A]),
        ("disburse", grants::disburse(1, 0, B, token), vec![]),
        ("expire_proposal", grants::expire_proposal(1), vec![]),
        ("return_bond", grants::return_bond(1, B, token), vec![]),
        ("close_ballot", grants::close_ballot(1, A), vec![]),
        ("close_proposal", grants::close_proposal(1, A), vec![A]),
    ]
}

/// The same of proofs.
fn proofs_instructions() -> Vec<(&'static str, Instruction, Vec<Pubkey>)> {
    let proof = Proof { index: 1, count: 2, siblings: vec![Digest::ZERO] };
    let chunk = proofs::ChunkProof { plain: Digest::ZERO, cipher: Digest::ZERO, proof };
    let prove = proofs::ProveChunk { payer: A, order: C, claimant: B, key: [1; 32], cipher: vec![1; 512] };
    let evidence = KeyEvidence { buyer: [1; 32], secret: [1; 32], ephemeral_point: [1; 32], shared: [1; 32] };
    let task = Task { items: 1, gold_count: 1, floor_bps: 1, full_bps: 1, gold: Digest::ZERO, brief: Digest::ZERO };
    let proof = |index| Proof { index, count: 2, siblings: vec![Digest::ZERO] };
    let opening = StepOpening {
        job: JobOpening {
            job_root: Digest::ZERO,
            manifest_hash: Digest::ZERO,
            shape: JobShape { virtual_ranks: 1, steps: 2, segment_len: 1 },
            segments_root: Digest::ZERO,
            end: JobEnd {
                checkpoint: Digest::ZERO,
                state_root: Digest::ZERO,
                metric: FinalMetric { correct: 1, total: 2 },
            },
        },
        segment: Opened {
            record: SegmentRecord {
                index: 0,
                first_step: 0,
                start_root: Digest::ZERO,
                end_root: Digest::ZERO,
                steps_root: Digest::ZERO,
                start_checkpoint: Digest::ZERO,
                metric: Some(FinalMetric { correct: 1, total: 2 }),
            },
            proof: proof(0),
        },
        step: Opened {
            record: StepRecord {
                step: 0,
                batch_root: Digest::ZERO,
                gradient_roots: vec![Digest::ZERO],
                reduced_root: Digest::ZERO,
                state_root: Digest::ZERO,
                loss_bits: 0,
            },
            proof: proof(0),
        },
    };
    let chunk_opening = ValueOpening { root: Digest::ZERO, chunk: vec![1], proof: proof(1) };
    let layout = LayoutOpening { layout: vec![1], proof: proof(0) };
    let value = proofs::ShownValue { slot: 0, element: 1, opening: chunk_opening };
    let prover = proofs::Prover { payer: A, order: C, claimant: B };
    vec![
        ("open_chunk", proofs::open_chunk(A, C, &chunk), vec![A]),
        ("prove_chunk", proofs::prove_chunk(prove), vec![A]),
        ("close_claim", proofs::close_claim(A, C), vec![A]),
        ("prove_key", proofs::prove_key(A, C, &evidence, [1; 80]), vec![A]),
        ("open_segment", proofs::open_segment(A, C, &opening), vec![A]),
        ("open_step", proofs::open_step(A, C, &opening), vec![A]),
        ("open_manifest", proofs::open_manifest(A, C, vec![1]), vec![A]),
        ("write_layout", proofs::write_layout(A, C, &[1]).remove(0), vec![A]),
        ("open_layout", proofs::open_layout(A, C, 1, &layout), vec![A]),
        ("open_norm", proofs::open_norm(A, C, &layout), vec![A]),
        ("open_leaf", proofs::open_leaf(A, C, &value), vec![A]),
        ("open_values", proofs::open_values(A, C, &value), vec![A]),
        ("prove_log", proofs::prove_log(prover), vec![A]),
        ("prove_break", proofs::prove_break(prover, &opening), vec![A]),
        ("prove_reduction", proofs::prove_reduction(prover), vec![A]),
        ("prove_update", proofs::prove_update(prover), vec![A]),
        ("close_evidence", proofs::close_evidence(A, C), vec![A]),
        ("open_gold", proofs::open_gold(A, C, &task, [1; 32], &[]), vec![A]),
        ("open_answers", proofs::open_answers(C, &[1], 1, &[]), vec![]),
        ("finish_gold", proofs::finish_gold(C), vec![]),
        ("close_verdict", proofs::close_verdict(C, A), vec![]),
    ]
}

/// Instructions of proofs that emit no event.
const SILENT: [&str; 9] = [
    "open_segment",
    "open_step",
    "open_manifest",
    "write_layout",
    "open_layout",
    "open_norm",
    "open_leaf",
    "open_values",
    "close_evidence",
];

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
    let of_grants =
        grants_instructions().into_iter().map(|entry| (grants_at::PROGRAM, grants_at::event_authority(), entry));
    let of_oracles =
        oracles::instructions().into_iter().map(|entry| (oracles_at::PROGRAM, oracles_at::event_authority(), entry));
    let of_rental =
        rental::instructions().into_iter().map(|entry| (rental_at::PROGRAM, rental_at::event_authority(), entry));
    let of_proofs =
        proofs_instructions().into_iter().map(|entry| (proofs_at::PROGRAM, proofs_at::event_authority(), entry));
    let all = of_market.chain(of_rewards).chain(of_grants).chain(of_oracles).chain(of_rental).chain(of_proofs);
    for (program, authority, (name, instruction, signers)) in all {
        assert_eq!(instruction.program_id, program, "{name}");
        assert_eq!(instruction.data[..8], discriminator(name), "{name}");
        let found: Vec<Pubkey> =
            instruction.accounts.iter().filter(|account| account.is_signer).map(|account| account.pubkey).collect();
        assert_eq!(found, signers, "{name}");
        // opening what a training job committed to changes nothing that anybody follows: it emits no event
        if SILENT.contains(&name) {
            continue;
        }
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
    let grants: Vec<&str> = grants_instructions().iter().map(|entry| entry.0).collect();
    let oracles: Vec<&str> = oracles::instructions().iter().map(|entry| entry.0).collect();
    let rental: Vec<&str> = rental::instructions().iter().map(|entry| entry.0).collect();
    let proofs: Vec<&str> = proofs_instructions().iter().map(|entry| entry.0).collect();
    let missing = |source: &'static str, built: &[&str]| -> Vec<&str> {
        handlers(source).into_iter().filter(|name| !built.contains(name)).collect()
    };
    assert_eq!(missing(include_str!("../../../programs/market/src/lib.rs"), &market), Vec::<&str>::new());
    assert_eq!(missing(include_str!("../../../programs/rewards/src/lib.rs"), &rewards), Vec::<&str>::new());
    assert_eq!(missing(include_str!("../../../programs/grants/src/lib.rs"), &grants), Vec::<&str>::new());
    assert_eq!(missing(include_str!("../../../programs/oracles/src/lib.rs"), &oracles), Vec::<&str>::new());
    assert_eq!(missing(include_str!("../../../programs/rental/src/lib.rs"), &rental), Vec::<&str>::new());
    assert_eq!(missing(include_str!("../../../programs/proofs/src/lib.rs"), &proofs), Vec::<&str>::new());
    assert!(!handlers(include_str!("../../../programs/market/src/lib.rs")).is_empty());
}

#[test]
fn the_first_epoch_has_no_previous_one_and_no_scheduled_pool_and_later_ones_do() {
    let previous = |index| {
        let open = rewards::OpenEpoch { admin: A, index, start: 0, end: 1, funding: B, token: TOKEN };
        rewards::open_epoch(open).accounts[3..5].iter().map(|account| account.pubkey).collect::<Vec<_>>()
    };
    // an optional account that is missing is written as the program's own address
    assert_eq!(previous(0), [rewards_at::PROGRAM; 2]);
    assert_eq!(previous(5), [rewards_at::epoch(4), rewards_at::schedule()]);
}

#[test]
fn token_instructions_move_between_associated_accounts_of_either_token_program() {
    for program in [address::TOKEN_PROGRAM, address::TOKEN_2022_PROGRAM] {
        let token = token::Token { mint: C, program };
        let tokens = |wallet| address::token_account_of(wallet, &C, &program);
        let transfer = token::transfer(token::Transfer { token, decimals: 6, from: A, to: B, amount: 5 });
        let accounts: Vec<Pubkey> = transfer.accounts.iter().map(|account| account.pubkey).collect();
        assert_eq!(accounts, [tokens(&A), C, tokens(&B), A]);
        let mint_to = token::mint_to(token, A, B, 7);
        assert_eq!(mint_to.accounts[1].pubkey, tokens(&A));
        let create = token::CreateMint { payer: A, token, authority: B, decimals: 6, rent_lamports: 1 };
        let [_, initialize] = token::create_mint(create);
        assert_eq!([transfer, mint_to, initialize].map(|instruction| instruction.program_id), [program; 3]);
        assert_eq!(token::create_account(A, B, token).accounts[1].pubkey, tokens(&B));
    }
    assert_eq!(token::MINT_BYTES, 82);
}

#[test]
fn rewards_move_the_token_of_either_token_program() {
    for program in [address::TOKEN_PROGRAM, address::TOKEN_2022_PROGRAM] {
        let token = token::Token { mint: C, program };
        let open = rewards::OpenEpoch { admin: A, index: 1, start: 0, end: 1, funding: B, token };
        let moves = [
            rewards::convert_tge(A, 1, B, token),
            rewards::open_epoch(open),
            rewards::finalize_epoch(1, token, A),
            rewards::expire_epoch(1, token, A),
            rewards::claim(rewards::Claim { wallet: A, destination: B, epoch: 1, token }),
            rewards::deposit_profit(A, B, token, 1),
            rewards::claim_profit(A, B, token),
            rewards::execute_spend(1, B, token, A),
        ];
        for call in moves {
            let named = |address| call.accounts.iter().filter(|account| account.pubkey == address).count();
            assert_eq!((named(C), named(program)), (1, 1));
        }
    }
}
