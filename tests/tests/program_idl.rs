//! The committed IDL (`idl/`) against the calls that this repository's own client makes and the accounts, events and errors
//! that it reads: another client that only knows the IDL sends and reads the same bytes. (That the IDL is what the
//! programs' sources say is tested in `idl/`.)
// helpers beside the tests unwrap as the tests do
#![allow(clippy::unwrap_used)]

use anchor_lang::Address;
use chain::{
    account::ProgramAccount,
    address,
    error::{grants_errors, market_errors, oracles_errors, proofs_errors, rental_errors, rewards_errors},
    event::{Event, GrantsEvent, MarketEvent, OraclesEvent, Program, ProofsEvent, RentalEvent, RewardsEvent, TAG},
    instruction::{grants, market, oracles, proofs, rental, rewards},
};
use protocol::{
    commitment::{FinalMetric, JobEnd, JobShape, SegmentRecord, StepRecord},
    digest::Digest,
    labelling::{GoldItem, Task},
    licence::KeyEvidence,
    merkle::Proof,
    opening::{JobOpening, LayoutOpening, Opened, StepOpening, ValueOpening},
};
use serde_json::Value;
use solana_instruction::{AccountMeta, Instruction};
use std::{fs, path::Path};

struct Idl(Value);

impl Idl {
    fn read(program: Program) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../idl/{program}.json"));
        Self(serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    }

    fn list(&self, key: &str) -> &Vec<Value> {
        self.0[key].as_array().unwrap()
    }

    fn names(&self, key: &str) -> Vec<&str> {
        self.list(key).iter().map(name).collect()
    }

    fn named(&self, key: &str, wanted: &str) -> &Value {
        self.list(key).iter().find(|entry| name(entry) == wanted).unwrap_or_else(|| panic!("{wanted} is not in {key}"))
    }

    fn fields(&self, kind: &str) -> &Vec<Value> {
        self.named("types", kind)["type"]["fields"].as_array().unwrap()
    }

    /// Bytes of a type without padding.
    fn bytes(&self, kind: &Value) -> usize {
        if let Some([item, count]) = kind["array"].as_array().map(Vec::as_slice) {
            return self.bytes(item) * usize::try_from(count.as_u64().unwrap()).unwrap();
        }
        // the calls of this test pass lists of one item, after their length in four bytes
        if let Some(item) = kind.get("vec") {
            return 4 + self.bytes(item);
        }
        // and what may be missing is there
        if let Some(item) = kind.get("option") {
            return 1 + self.bytes(item);
        }
        if let Some(defined) = kind["defined"]["name"].as_str() {
            return self.fields(defined).iter().map(|field| self.bytes(&field["type"])).sum();
        }
        match kind.as_str().unwrap_or_else(|| panic!("{kind}")) {
            "bool" | "u8" => 1,
            "u16" => 2,
            "u32" => 4,
            "u64" | "i64" => 8,
            "u128" => 16,
            "pubkey" => 32,
            "bytes" => 4 + 1,
            other => panic!("{other}: a type that no program uses so far"),
        }
    }
}

fn name(entry: &Value) -> &str {
    entry["name"].as_str().unwrap()
}

fn bytes(list: &Value) -> Vec<u8> {
    list.as_array().unwrap().iter().map(|byte| u8::try_from(byte.as_u64().unwrap()).unwrap()).collect()
}

fn key(n: u8) -> Address {
    Address::new_from_array([n; 32])
}

fn sorted<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort();
    list
}

fn market_calls() -> Vec<(&'static str, Instruction)> {
    let (admin, buyer, seller, mint, oracle) = (key(1), key(2), key(3), key(4), key(5));
    let (listing, order) = (address::market::listing(&seller, 6), address::market::order(&buyer, 7));
    let settings = market::Settings {
        treasury: key(8),
        mints: [mint; 4],
        fee_bps: 1,
        award_category: 2,
        accept_seconds: 3,
        delivery_seconds: 4,
        audit_seconds: 5,
        dispute_seconds: 6,
        answer_seconds: 9,
        resolve_seconds: 7,
        award_seconds: 8,
        seller_bond_bps: 10,
        challenge_bond_bps: 11,
        slash_challenger_bps: 12,
        slash_buyer_bps: 13,
    };
    let terms = market::ListingTerms {
        price: 1,
        mint,
        unit: 1,
        active: true,
        metadata_hash: [9; 32],
        content_root: [8; 32],
        uri: [1; 96],
    };
    let members = market::OracleMembers { count: 1, threshold: 1, samples: 1, min_bond: 1, members: [oracle; 16] };
    let token_program = address::TOKEN_PROGRAM;
    let asked = market::OrderTerms {
        quantity: 1,
        expected_version: 1,
        expected_metadata: [9; 32],
        max_total: 1,
        manifest_hash: [2; 32],
        judge: 1,
        allow_partial: true,
    };
    let oracle_set = Some(11);
    let open =
        market::OpenOrder { buyer, id: 7, listing, mint, token_program, oracle_set, funding: key(10), terms: asked };
    let (challenger, rent_payer) = (Some(key(14)), buyer);
    let settlement = market::Settlement { order, listing, buyer, seller, challenger, mint, token_program, rent_payer };
    let deposit = |actor| market::Deposit { actor, order, seller, mint, token_program };
    let licence = market::DeliveredLicence { key_hash: [1; 32], sealed_key: [2; 80] };
    let vote = market::Vote { result_root: [1; 32], verdict: 1, reason: 0, report: [2; 32], salt: [3; 32] };
    let award = market::AwardOrder { payer: buyer, order, seller, category: 2, epoch: 3 };
    let result = market::SubmittedResult { root: [1; 32], log: [1; 32] };
    vec![
        ("initialize", market::initialize(admin, settings)),
        ("propose_admin", market::propose_admin(admin, key(12))),
        ("accept_admin", market::accept_admin(key(12))),
        ("set_pause", market::set_pause(admin, 1)),
        ("update_config", market::update_config(admin, settings)),
        ("create_oracle_set", market::create_oracle_set(admin, 11, members)),
        ("retire_oracle_set", market::retire_oracle_set(admin, 11)),
        ("create_listing", market::create_listing(seller, 6, 1, terms)),
        ("update_listing", market::update_listing(seller, 6, terms)),
        ("close_listing", market::close_listing(seller, 6)),
        ("open_order", market::open_order(open)),
        ("accept_order", market::accept_order(deposit(seller))),
        ("cancel_order", market::cancel_order(settlement)),
        ("submit_result", market::submit_result(seller, order, result)),
        ("deliver_licence", market::deliver_licence(seller, order, licence)),
        ("approve", market::approve(buyer, order)),
        ("concede", market::concede(seller, order, 1)),
        ("answer", market::answer_as_member(seller, order, 11, [1; 32])),
        ("apply_verdict", market::apply_verdict(order, key(15))),
        ("arm_audit", market::arm_audit(order, 11)),
        ("attest", market::attest(oracle, order, 11, Some(key(16)), vote)),
        ("dispute", market::dispute(deposit(buyer), [1; 32])),
        ("resolve", market::resolve(admin, order, 1)),
        ("release", market::release(key(13), settlement, key(8))),
        ("refund", market::refund(key(13), settlement)),
        ("award_order", market::award_order(award)),
        ("close_order", market::close_order(order, buyer)),
    ]
}

fn rewards_calls() -> Vec<(&'static str, Instruction)> {
    let (admin, issuer, wallet, mint, destination) = (key(1), key(2), key(3), key(4), key(5));
    let settings = rewards::Settings {
        threshold: 1,
        below_bps: 1,
        cap_per_point: true,
        review_seconds: 1,
        claim_seconds: 1,
        confirm_points: 1,
        confirmer: key(10),
        reserve_delay_seconds: 1,
        outflow_limit: 1,
        outflow_window_seconds: 1,
        profit_share_bps: 1,
    };
    let months = rewards::MonthPools { first_month: 1, count: 1, pools: [1; 12] };
    let review = rewards::ReviewAward { reviewer: admin, source: [8; 32], issuer, wallet, epoch: 6 };
    let spend = rewards::SpendTerms { amount: 1, destination, purpose: [0; 32] };
    let terms = rewards::CategoryTerms { name: [0; 32], weight: 1, min_quantity: 1, max_quantity: 1, enabled: true };
    let token = rewards::Token::classic(mint);
    let open = rewards::OpenEpoch { admin, index: 6, start: 0, end: 1, funding: key(7), token };
    let award =
        rewards::IssueAward { payer: admin, issuer, wallet, epoch: 6, source: [8; 32], category: 9, quantity: 1 };
    vec![
        ("initialize", rewards::initialize(admin, token, settings)),
        ("propose_admin", rewards::propose_admin(admin, key(10))),
        ("accept_admin", rewards::accept_admin(key(10))),
        ("set_pause", rewards::set_pause(admin, true)),
        ("set_category", rewards::set_category(admin, 9, terms)),
        ("set_issuer", rewards::set_issuer(admin, issuer, 1, true)),
        ("update_config", rewards::update_config(admin, settings)),
        ("set_schedule", rewards::set_schedule(admin, mint, months)),
        ("open_epoch", rewards::open_epoch(open)),
        ("convert_tge", rewards::convert_tge(admin, 1, key(7), token)),
        ("expire_epoch", rewards::expire_epoch(6, token, admin)),
        ("confirm_award", rewards::confirm_award(review)),
        ("void_award", rewards::void_award(review, [1; 32])),
        ("close_award", rewards::close_award([8; 32], 6, admin)),
        ("close_points", rewards::close_points(wallet, 6, admin)),
        ("deposit_profit", rewards::deposit_profit(admin, key(7), token, 1)),
        ("claim_profit", rewards::claim_profit(wallet, destination, token)),
        ("propose_spend", rewards::propose_spend(admin, 1, spend)),
        ("execute_spend", rewards::execute_spend(1, destination, token, admin)),
        ("cancel_spend", rewards::cancel_spend(admin, 1, admin)),
        ("close_epoch", rewards::close_epoch(6)),
        ("finalize_epoch", rewards::finalize_epoch(6, token, admin)),
        ("register", rewards::register(wallet, destination)),
        ("set_destination", rewards::set_destination(wallet, destination)),
        ("issue_award", rewards::issue_award(award)),
        ("claim", rewards::claim(rewards::Claim { wallet, destination, epoch: 6, token })),
    ]
}

fn grants_calls() -> Vec<(&'static str, Instruction)> {
    let (admin, proposer, recipient, funding) = (key(1), key(2), key(3), key(4));
    let token = grants::Token::classic(key(5));
    let settings = grants::Settings {
        reviewer: key(6),
        quorum_points: 1,
        min_points: 2,
        proposal_bond: 3,
        bond_floor_points: 4,
        voting_seconds: 5,
        review_seconds: 6,
        approval_bps: 7,
    };
    let terms = grants::ProposalTerms {
        recipient,
        metadata_hash: [1; 32],
        uri: [2; 96],
        count: 1,
        amounts: [3; 8],
        due: [4; 8],
    };
    let open = grants::OpenProposal { proposer, id: 9, epoch: 10, funding, token, terms };
    vec![
        ("initialize", grants::initialize(admin, token, 8, settings)),
        ("propose_admin", grants::propose_admin(admin, key(12))),
        ("accept_admin", grants::accept_admin(key(12))),
        ("update_config", grants::update_config(admin, settings)),
        ("set_pause", grants::set_pause(admin, 1)),
        ("fund", grants::fund(grants::Fund { funder: admin, funding, token, amount: 1 })),
        ("open_proposal", grants::open_proposal(open)),
        ("cancel_proposal", grants::cancel_proposal(proposer, 9)),
        ("vote", grants::vote(proposer, 9, 1)),
        ("tally", grants::tally(9)),
        ("submit_milestone", grants::submit_milestone(recipient, 9, 0, [5; 32])),
        ("review_milestone", grants::review_milestone(admin, 9, 0, true)),
        ("disburse", grants::disburse(9, 0, funding, token)),
        ("expire_proposal", grants::expire_proposal(9)),
        ("return_bond", grants::return_bond(9, funding, token)),
        ("close_ballot", grants::close_ballot(9, proposer)),
        ("close_proposal", grants::close_proposal(9, proposer)),
    ]
}

fn oracles_calls() -> Vec<(&'static str, Instruction)> {
    let (admin, oracle, payer, mint, tokens, order) = (key(1), key(2), key(3), key(4), key(5), key(6));
    let settings = oracles::Settings { min_bond: 1, unbonding_seconds: 1, slash_bps: 1, panel_set: 9, panel_size: 3 };
    let vote = oracles::PanelVote { ballot: 1, reason: 0, report: [5; 32], salt: [6; 32] };
    let token = oracles::Token::classic(mint);
    let (challenger_tokens, buyer_tokens) = (Some(key(7)), Some(key(8)));
    let record = oracles::RecordVote { payer, order, oracle_set: 9, oracle, token, challenger_tokens, buyer_tokens };
    vec![
        ("initialize", oracles::initialize(admin, mint, settings)),
        ("propose_admin", oracles::propose_admin(admin, key(10))),
        ("accept_admin", oracles::accept_admin(key(10))),
        ("update_config", oracles::update_config(admin, settings)),
        ("register_oracle", oracles::register_oracle(payer, oracle, token)),
        ("deposit_bond", oracles::deposit_bond(oracle, tokens, token, 1)),
        ("request_unbond", oracles::request_unbond(oracle, 1)),
        ("withdraw_bond", oracles::withdraw_bond(oracle, tokens, token)),
        ("seal_vote", oracles::seal_vote(oracle, order, 9, [5; 32])),
        ("close_seals", oracles::close_seals(order, Some(key(11)), payer)),
        ("record_vote", oracles::record_vote(record)),
        ("close_record", oracles::close_record(order, payer)),
        ("convene_panel", oracles::convene_panel(payer, order, 9, 12)),
        ("draw_panel", oracles::draw_panel(order, 9, 12)),
        ("seal_panel_vote", oracles::seal_panel_vote(oracle, order, [5; 32])),
        ("show_panel_vote", oracles::show_panel_vote(oracle, order, vote)),
        ("close_panel", oracles::close_panel(order, payer)),
        ("close_oracle", oracles::close_oracle(oracle, tokens, payer, token)),
    ]
}

fn rental_calls() -> Vec<(&'static str, Instruction)> {
    let (renter, provider, mint, listing) = (key(1), key(2), key(3), key(4));
    let (rental, token_program) = (address::rental::rental(&renter, 5), address::TOKEN_PROGRAM);
    let terms = rental::RentalTerms { hours: 1, expected_version: 1, expected_metadata: [6; 32], max_total: 1 };
    let open = rental::OpenRental { renter, id: 5, listing, mint, token_program, funding: key(7), terms };
    let payment = rental::Payment {
        rental,
        mint,
        token_program,
        rent_payer: renter,
        provider_tokens: key(8),
        renter_tokens: key(9),
        treasury_tokens: key(10),
    };
    vec![
        ("open_rental", rental::open_rental(open)),
        ("start_rental", rental::start_rental(provider, rental)),
        ("extend_rental", rental::extend_rental(renter, payment, 1)),
        ("cancel_rental", rental::cancel_rental(key(11), payment)),
        ("withdraw", rental::withdraw(payment)),
        ("stop_rental", rental::stop_rental(provider, payment)),
        ("close_rental", rental::close_rental(rental, renter)),
    ]
}

/// Every list that is an argument has one item.
fn proofs_calls() -> Vec<(&'static str, Instruction)> {
    let (payer, order) = (key(1), address::market::order(&key(2), 7));
    let proof = Proof { index: 1, count: 2, siblings: vec![Digest::ZERO] };
    let chunk = proofs::ChunkProof { plain: Digest::ZERO, cipher: Digest::ZERO, proof };
    let prove = proofs::ProveChunk { payer, order, claimant: key(3), key: [1; 32], cipher: vec![1] };
    let evidence = KeyEvidence { buyer: [1; 32], secret: [2; 32], ephemeral_point: [3; 32], shared: [4; 32] };
    let (gold, brief) = (Digest::ZERO, Digest::ZERO);
    let task = Task { items: 1, gold_count: 1, floor_bps: 2, full_bps: 3, gold, brief };
    let gold = [GoldItem { item: 0, label: 1 }];
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
    let prover = proofs::Prover { payer, order, claimant: key(3) };
    vec![
        ("open_chunk", proofs::open_chunk(payer, order, &chunk)),
        ("prove_chunk", proofs::prove_chunk(prove)),
        ("close_claim", proofs::close_claim(payer, order)),
        ("prove_key", proofs::prove_key(payer, order, &evidence, [5; 80])),
        ("open_segment", proofs::open_segment(payer, order, &opening)),
        ("open_step", proofs::open_step(payer, order, &opening)),
        ("open_manifest", proofs::open_manifest(payer, order, vec![1])),
        ("write_layout", proofs::write_layout(payer, order, &[1]).remove(0)),
        ("open_layout", proofs::open_layout(payer, order, 1, &layout)),
        ("open_norm", proofs::open_norm(payer, order, &layout)),
        ("open_leaf", proofs::open_leaf(payer, order, &value)),
        ("open_values", proofs::open_values(payer, order, &value)),
        ("prove_log", proofs::prove_log(prover)),
        ("prove_break", proofs::prove_break(prover, &opening)),
        ("prove_reduction", proofs::prove_reduction(prover)),
        ("prove_update", proofs::prove_update(prover)),
        ("close_evidence", proofs::close_evidence(payer, order)),
        ("open_gold", proofs::open_gold(payer, order, &task, [6; 32], &gold)),
        ("open_answers", proofs::open_answers(order, &[1], 0, &[Digest::ZERO])),
        ("finish_gold", proofs::finish_gold(order)),
        ("close_verdict", proofs::close_verdict(order, payer)),
    ]
}

fn calls(program: Program) -> Vec<(&'static str, Instruction)> {
    match program {
        Program::Market => market_calls(),
        Program::Rewards => rewards_calls(),
        Program::Grants => grants_calls(),
        Program::Oracles => oracles_calls(),
        Program::Rental => rental_calls(),
        Program::Proofs => proofs_calls(),
    }
}

#[test]
fn every_call_has_the_discriminator_and_the_arguments_of_the_idl() {
    for program in Program::ALL {
        let idl = Idl::read(program);
        assert_eq!(idl.0["address"], program.id().to_string());
        assert_eq!(sorted(calls(program).iter().map(|call| call.0).collect()), idl.names("instructions"));
        for (called, call) in calls(program) {
            let described = idl.named("instructions", called);
            let discriminator = bytes(&described["discriminator"]);
            let arguments: usize =
                described["args"].as_array().unwrap().iter().map(|argument| idl.bytes(&argument["type"])).sum();
            assert_eq!(call.data[..8], discriminator, "{program} {called}");
            assert_eq!(call.data.len(), 8 + arguments, "{program} {called}");
        }
    }
}

#[test]
fn every_call_passes_the_accounts_of_the_idl_in_its_order() {
    for program in Program::ALL {
        let idl = Idl::read(program);
        for (called, call) in calls(program) {
            let described = idl.named("instructions", called)["accounts"].as_array().unwrap();
            assert_eq!(described.len(), call.accounts.len(), "{program} {called}");
            for (account, meta) in described.iter().zip(&call.accounts) {
                let AccountMeta { pubkey, is_signer, is_writable } = meta;
                let flag = |flag: &str| account[flag].as_bool().unwrap_or(false);
                let at = format!("{program} {called}: {}", name(account));
                assert_eq!((flag("signer"), flag("writable")), (*is_signer, *is_writable), "{at}");
                if let Some(fixed) = account["address"].as_str() {
                    assert_eq!(fixed, pubkey.to_string(), "{at}");
                }
            }
        }
    }
}

/// The address that a client derives from the seeds of the account `described` of `call`.
fn derived(idl: &Idl, instruction: &Value, described: &Value, call: &Instruction) -> Address {
    let argument = |wanted: &str| {
        let (mut at, mut found) = (8, None);
        for argument in instruction["args"].as_array().unwrap() {
            let end = at + idl.bytes(&argument["type"]);
            if name(argument) == wanted {
                found = Some(call.data[at..end].to_vec());
            }
            at = end;
        }
        found.unwrap_or_else(|| panic!("{}: no argument {wanted}", name(instruction)))
    };
    let account = |wanted: &str| {
        let place = instruction["accounts"].as_array().unwrap().iter().position(|account| name(account) == wanted);
        call.accounts[place.unwrap_or_else(|| panic!("{}: no account {wanted}", name(instruction)))].pubkey
    };
    let seed = |seed: &Value| match seed["kind"].as_str().unwrap() {
        "const" => bytes(&seed["value"]),
        "arg" => argument(seed["path"].as_str().unwrap()),
        "account" => account(seed["path"].as_str().unwrap()).to_bytes().to_vec(),
        other => panic!("{other}: a kind of seed that no program uses so far"),
    };
    let seeds: Vec<Vec<u8>> = described["pda"]["seeds"].as_array().unwrap().iter().map(seed).collect();
    let seeds: Vec<&[u8]> = seeds.iter().map(Vec::as_slice).collect();
    Address::find_program_address(&seeds, &call.program_id).0
}

#[test]
fn the_seeds_in_the_idl_lead_to_the_accounts_that_calls_pass() {
    for program in Program::ALL {
        let idl = Idl::read(program);
        let mut checked = 0;
        for (called, call) in calls(program) {
            let instruction = idl.named("instructions", called);
            for (place, described) in instruction["accounts"].as_array().unwrap().iter().enumerate() {
                if described.get("pda").is_some() {
                    let found = derived(&idl, instruction, described, &call);
                    assert_eq!(found, call.accounts[place].pubkey, "{program} {called}: {}", name(described));
                    checked += 1;
                }
            }
        }
        // the authority of the events at least is derived in each
        assert!(checked > calls(program).len(), "{program}: {checked}");
    }
}

#[test]
fn every_event_reads_from_bytes_that_the_idl_describes() {
    let all = [
        (Program::Market, MarketEvent::NAMES),
        (Program::Rewards, RewardsEvent::NAMES),
        (Program::Grants, GrantsEvent::NAMES),
        (Program::Oracles, OraclesEvent::NAMES),
        (Program::Rental, RentalEvent::NAMES),
        (Program::Proofs, ProofsEvent::NAMES),
    ];
    for (program, names) in all {
        let idl = Idl::read(program);
        assert_eq!(sorted(names.to_vec()), idl.names("events"));
        for event in idl.list("events") {
            let fields = idl.fields(name(event));
            let length: usize = fields.iter().map(|field| idl.bytes(&field["type"])).sum();
            let data = [TAG.to_vec(), bytes(&event["discriminator"]), vec![0; length]].concat();
            let read = Event::decode(program, &data).unwrap();
            assert_eq!(read.name(), name(event));
            let read = read.fields();
            assert_eq!(
                sorted(read.keys().map(String::as_str).collect()),
                sorted(fields.iter().map(name).collect()),
                "{program} {}",
                name(event)
            );
        }
    }
}

#[test]
fn the_errors_of_the_idl_are_those_of_the_programs() {
    let all = [
        (Program::Market, market_errors()),
        (Program::Rewards, rewards_errors()),
        (Program::Grants, grants_errors()),
        (Program::Oracles, oracles_errors()),
        (Program::Rental, rental_errors()),
        (Program::Proofs, proofs_errors()),
    ];
    for (program, errors) in all {
        let idl = Idl::read(program);
        let described: Vec<(u32, &str, &str)> = idl
            .list("errors")
            .iter()
            .map(|error| {
                let code = u32::try_from(error["code"].as_u64().unwrap()).unwrap();
                (code, name(error), error["msg"].as_str().unwrap())
            })
            .collect();
        assert_eq!(described, errors, "{program}");
    }
}

#[test]
fn every_account_is_as_long_as_the_idl_says() {
    fn account<T: ProgramAccount>(idl: &Idl, kind: &str) {
        let entry = idl.named("accounts", kind);
        assert_eq!(bytes(&entry["discriminator"]), T::DISCRIMINATOR, "{kind}");
        let repr = &idl.named("types", kind)["repr"];
        assert_eq!((&repr["kind"], &repr["packed"]), (&"c".into(), &true.into()), "{kind}");
        let fields: usize = idl.fields(kind).iter().map(|field| idl.bytes(&field["type"])).sum();
        assert_eq!(T::DISCRIMINATOR.len() + fields, T::BYTES, "{kind}");
    }
    macro_rules! accounts {
        ($idl:expr, $program:ident: $($kind:ident)*) => {{
            let idl = $idl;
            assert_eq!(idl.names("accounts"), sorted(vec![$(stringify!($kind)),*]));
            $(account::<::$program::state::$kind>(&idl, stringify!($kind));)*
        }};
    }
    accounts!(Idl::read(Program::Market), market: Config OracleSet Listing Order Reputation);
    accounts!(Idl::read(Program::Oracles), oracles: Config Oracle Panel Record Seals);
    accounts!(Idl::read(Program::Rental), rental: Rental);
    accounts!(Idl::read(Program::Rewards), rewards: Config Issuer Category Epoch Contributor Points Award Schedule Spend);
    accounts!(Idl::read(Program::Grants), grants: Config Proposal Ballot);
    accounts!(Idl::read(Program::Proofs), proofs: Claim Evidence Verdict);
}

#[test]
fn everything_that_a_client_calls_is_documented() {
    for program in Program::ALL {
        let idl = Idl::read(program);
        for instruction in idl.list("instructions") {
            assert!(!instruction["docs"].as_array().unwrap().is_empty(), "{program} {}", name(instruction));
        }
        for kind in idl.names("accounts") {
            assert!(idl.named("types", kind)["docs"].is_array(), "{program} {kind}");
        }
        assert!(!idl.list("constants").is_empty(), "{program}");
    }
}
