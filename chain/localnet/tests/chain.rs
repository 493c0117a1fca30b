//! The embedded chain with the real programs on it.
#![allow(clippy::unwrap_used)]

mod support;

use chain::instruction::market as build;
use chain::{Failure, Keypair, Signer, address};
use localnet::{Localnet, LocalnetError};
use market::MarketError;
use solana_commitment_config::CommitmentConfig;
use solana_rpc_client_api::config::{RpcBlockConfig, RpcTransactionConfig};
use solana_transaction_status_client_types::{
    EncodedTransactionWithStatusMeta, UiInstruction, UiTransactionEncoding, option_serializer::OptionSerializer,
};
use std::{
    net::TcpListener,
    time::{Duration, Instant},
};
use support::{Job, World, config, market_settings, world};

const THREADS: &str = "the tests run on several threads because the chain's own locks need it";

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect(THREADS)
}

#[test]
fn both_programs_initialize_and_the_chain_travels_in_time_and_stops() {
    runtime().block_on(async {
        let started = Instant::now();
        let World { net, rpc, admin, mint, .. } = world().await;
        println!("chain, token and both programs in {:?}", started.elapsed());
        let config: market::state::Config = rpc.get(&address::market::config()).await.unwrap();
        assert_eq!((config.admin, config.mints[0], config.fee_bps.get()), (admin.pubkey(), mint, 250));
        let config: rewards::state::Config = rpc.get(&address::rewards::config()).await.unwrap();
        assert_eq!((config.admin, config.mint, config.threshold.get()), (admin.pubkey(), mint, 500));

        let (now, slot) = (rpc.unix_seconds().await.unwrap(), rpc.slot().await.unwrap());
        let signed_before = rpc.prepare(&[build::set_pause(admin.pubkey(), 2)], &[&admin]).await.unwrap();
        let travelled = Instant::now();
        net.time_travel(now + 30 * 86_400).await.unwrap();
        let after = rpc.unix_seconds().await.unwrap();
        println!("30 days in {:?}, {} slots", travelled.elapsed(), rpc.slot().await.unwrap() - slot);
        assert!((now + 30 * 86_400..now + 30 * 86_400 + 30).contains(&after));
        assert!(matches!(net.time_travel(now).await, Err(LocalnetError::Backwards { .. })));
        // transactions land after a journey too, also those that were signed before it
        rpc.submit(&signed_before).await.unwrap();
        let refused = rpc.send(&[build::initialize(admin.pubkey(), market_settings(mint, mint))], &[&admin]).await;
        let refused = refused.unwrap_err();
        let Some(Failure::Program(failure)) = refused.failure() else { panic!("{refused:?}") };
        assert_eq!(failure.name, "AccountAlreadyInUse");
        let paused = rpc.send(&[build::set_pause(admin.pubkey(), 1)], &[&admin]).await.unwrap();
        assert!(paused.slot > slot);

        let stopping = Instant::now();
        let port = rpc.settings().url.rsplit(':').next().unwrap().parse::<u16>().unwrap();
        net.stop();
        println!("stopped in {:?}", stopping.elapsed());
        TcpListener::bind(("127.0.0.1", port)).unwrap();
    });
}

#[test]
fn only_the_upgrade_authority_initializes() {
    runtime().block_on(async {
        let net = Localnet::start(config(&Keypair::new().pubkey())).unwrap();
        let stranger = Keypair::new();
        net.airdrop(&stranger.pubkey(), support::SOL).await.unwrap();
        let settings = market_settings(stranger.pubkey(), stranger.pubkey());
        let error = net.rpc().send(&[build::initialize(stranger.pubkey(), settings)], &[&stranger]).await.unwrap_err();
        assert!(error.failure().unwrap().is_market(MarketError::NotUpgradeAuthority), "{error}");
        assert!(error.to_string().contains("only the program's upgrade authority may initialize"), "{error}");
    });
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let mut settings = config(&Keypair::new().pubkey());
    settings.rpc_port = taken.local_addr().unwrap().port();
    let error = Localnet::start(settings.clone()).unwrap_err().to_string();
    assert_eq!(error, format!("port {} is in use: stop the other process or choose --rpc-port", settings.rpc_port));
}

#[test]
fn the_chain_starts_at_the_second_that_it_is_given() {
    runtime().block_on(async {
        let start = 1_900_000_000;
        let settings = localnet::LocalnetConfig { start_unix_seconds: Some(start), ..config(&Keypair::new().pubkey()) };
        let net = Localnet::start(settings).unwrap();
        let now = net.rpc().unix_seconds().await.unwrap();
        assert!((start..start + 20).contains(&now), "{now}");
    });
}

#[test]
fn a_ledger_keeps_accounts_across_a_restart_and_time_does_not_go_back() {
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let admin = Keypair::new();
        let mut settings = config(&admin.pubkey());
        settings.ledger = Some(folder.path().join("ledger.sqlite"));
        let net = Localnet::start(settings.clone()).unwrap();
        net.airdrop(&admin.pubkey(), 5 * support::SOL).await.unwrap();
        let before = net.rpc().unix_seconds().await.unwrap() + 86_400;
        net.time_travel(before).await.unwrap();
        let rpc = net.rpc();
        rpc.send(&[build::initialize(admin.pubkey(), market_settings(admin.pubkey(), admin.pubkey()))], &[&admin])
            .await
            .unwrap();
        net.stop();

        let net = Localnet::start(settings).unwrap();
        let config: market::state::Config = net.rpc().get(&address::market::config()).await.unwrap();
        assert_eq!(config.admin, admin.pubkey());
        assert!(net.rpc().unix_seconds().await.unwrap() >= before);
        net.rpc().send(&[build::set_pause(admin.pubkey(), 1)], &[&admin]).await.unwrap();
    });
}

fn event_calls(transaction: &EncodedTransactionWithStatusMeta) -> usize {
    let meta = transaction.meta.as_ref().unwrap();
    let OptionSerializer::Some(inner) = &meta.inner_instructions else { return 0 };
    let tag = anchor_lang_event_tag();
    let is_event = |instruction: &&UiInstruction| match instruction {
        UiInstruction::Compiled(call) => chain_bs58(&call.data).starts_with(&tag),
        UiInstruction::Parsed(_) => false,
    };
    inner.iter().flat_map(|group| &group.instructions).filter(is_event).count()
}

fn anchor_lang_event_tag() -> [u8; 8] {
    0x1d9a_cb51_2ea5_45e4u64.to_le_bytes()
}

fn chain_bs58(text: &str) -> Vec<u8> {
    bs58::decode(text).into_vec().unwrap()
}

fn block_settings(encoding: UiTransactionEncoding) -> RpcBlockConfig {
    RpcBlockConfig {
        encoding: Some(encoding),
        commitment: Some(CommitmentConfig::confirmed()),
        max_supported_transaction_version: Some(0),
        ..RpcBlockConfig::default()
    }
}

#[test]
fn events_show_in_transactions_and_in_blocks_and_the_audit_is_armed_from_slot_hashes() {
    runtime().block_on(async {
        let world = world().await;
        let rpc = &world.rpc;
        let (seller, buyer) = (world.wallet(0).await, world.wallet(5_000).await);
        let oracle = world.wallet(0).await;
        let oracle_set = world.oracle_set(&[oracle.pubkey()]).await;
        let job = Job { oracle_set, manifest_hash: [2; 32], root: [3; 32], log: [4; 32] };
        let order = world.submitted_order(&seller, &buyer, 1, job).await;
        assert_eq!(rpc.token_amount(&address::market::vault(&order)).await.unwrap(), 2_000);

        let submitted = Instant::now();
        let arm = build::arm_audit(order, oracle_set);
        let mut early = 0;
        let armed = loop {
            match rpc.send(std::slice::from_ref(&arm), &[&buyer]).await {
                Ok(armed) => break armed,
                Err(error) => {
                    let failure = error.failure().unwrap_or_else(|| panic!("{error}"));
                    assert!(failure.is_market(MarketError::AuditTooEarly), "{error}");
                    early += 1;
                    assert!(submitted.elapsed() < Duration::from_secs(30));
                }
            }
        };
        println!("armed {:?} after the submission, refused {early} times as too early", submitted.elapsed());
        let state: market::state::Order = rpc.get(&order).await.unwrap();
        assert_eq!(state.state, market::state::order_state::AUDITING);
        assert_ne!(state.audit_seed, [0; 32]);

        for encoding in [UiTransactionEncoding::Json, UiTransactionEncoding::Base64] {
            let settings = RpcTransactionConfig {
                encoding: Some(encoding),
                commitment: Some(rpc.settings().commitment_config()),
                max_supported_transaction_version: Some(0),
            };
            let found = rpc.client().get_transaction_with_config(&armed.signature, settings).await.unwrap();
            assert_eq!((found.slot, event_calls(&found.transaction)), (armed.slot, 1), "{encoding}");
            assert!(found.block_time.is_some());
            let block = rpc.client().get_block_with_config(armed.slot, block_settings(encoding)).await.unwrap();
            let events: usize = block.transactions.unwrap().iter().map(event_calls).sum();
            assert_eq!(events, 1, "{encoding}");
        }
        // an empty slot is made up when somebody asks; one that is not over yet is null, which the client cannot read
        let later = armed.slot + 5;
        while rpc.slot().await.unwrap() <= later {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let empty =
            rpc.client().get_block_with_config(later, block_settings(UiTransactionEncoding::Json)).await.unwrap();
        assert!(empty.transactions.unwrap().is_empty());
        assert!(rpc.client().get_block(later + 1_000_000).await.is_err());
        let slots = rpc.client().get_blocks(armed.slot - 1, Some(later)).await.unwrap();
        assert_eq!(slots, (armed.slot - 1..=later).collect::<Vec<_>>());

        // a vote is found by memcmp filters, and counts once
        let (state, salt): (market::state::Order, _) = (rpc.get(&order).await.unwrap(), [6; 32]);
        let voter = oracle.pubkey();
        let subject = protocol::seal::Subject {
            order: order.as_array(),
            opened_at: state.opened_at.get(),
            audit_seed: &state.audit_seed,
            oracle: voter.as_array(),
        };
        let commitment = protocol::seal::commitment(&subject, 1, &salt);
        let seal = chain::instruction::oracles::seal_vote(voter, order, oracle_set, commitment);
        rpc.send(&[seal], &[&buyer, &oracle]).await.unwrap();
        let vote = build::Vote { result_root: [3; 32], verdict: 1, reason: 0, report: [5; 32], salt };
        let voted = build::attest(voter, order, oracle_set, None, vote);
        rpc.send(std::slice::from_ref(&voted), &[&buyer, &oracle]).await.unwrap();
        let error = rpc.send(&[voted], &[&buyer, &oracle]).await.unwrap_err();
        assert!(error.failure().unwrap().is_market(MarketError::AlreadyVoted), "{error}");
        let state_is = |state: u8| {
            chain::account::field_is::<market::state::Order>(
                std::mem::offset_of!(market::state::Order, state),
                &[state],
            )
        };
        let audited = rpc.list::<market::state::Order>(&[state_is(market::state::order_state::AUDITED)]).await.unwrap();
        assert_eq!(audited.iter().map(|found| found.0).collect::<Vec<_>>(), [order]);
        let auditing =
            rpc.list::<market::state::Order>(&[state_is(market::state::order_state::AUDITING)]).await.unwrap();
        assert!(auditing.is_empty());

        // one journey through the dispute window, then the money goes where it belongs
        let state: market::state::Order = rpc.get(&order).await.unwrap();
        world.net.time_travel(state.dispute_until.get()).await.unwrap();
        let accounts = [chain::instruction::token::create_account(buyer.pubkey(), world.admin.pubkey(), world.token)];
        rpc.send(&accounts, &[&buyer]).await.unwrap();
        let settlement = build::Settlement::of(order, &state, address::TOKEN_PROGRAM);
        let release = build::release(buyer.pubkey(), settlement, world.admin.pubkey());
        rpc.send(&[release], &[&buyer]).await.unwrap();
        let tokens = |wallet| address::token_account(&wallet, &world.mint);
        assert_eq!(rpc.token_amount(&tokens(seller.pubkey())).await.unwrap(), 1_950);
        assert_eq!(rpc.token_amount(&tokens(world.admin.pubkey())).await.unwrap(), 50);
    });
}
