//! Two orders for the same job: one is trained as ordered, one is not.
use super::Demo;
use crate::{actions, commands, trainer_process::Launch};
use anyhow::{Context, Result, bail};
use chain::address::market as at;
use market::state::{Listing, Order, order_state};
use protocol::{
    report::{TrainReport, Verdict, reason_code},
    sampling,
};
use serde_json::Value;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use std::time::{Duration, Instant};

/// Whole tokens for one job.
const PRICE: u64 = 100;
/// How long the demo waits for the oracles.
const VOTES_PATIENCE: Duration = Duration::from_secs(180);

/// A provider that trains what was ordered, and is paid.
pub(super) async fn honest(demo: &mut Demo) -> Result<()> {
    demo.story.chapter("training", "A buyer funds an order; the provider trains the digits model");
    let provider = demo.keys.provider.insecure_clone();
    let order = open(demo, &provider, 1).await?;
    let report = train(demo, order, &provider, None).await?;
    let accuracy = f64::from(report.accuracy_ppm) / 1e6;
    demo.story.line(format!(
        "{} steps, {} virtual ranks on {} workers: {:.2} % of the held-out images, {:.0} samples/s",
        report.steps,
        report.virtual_ranks,
        report.world_size,
        accuracy * 100.0,
        report.samples_per_second
    ));
    let replay = demo.trainer.replay_all(&report.log.0, &demo.manifest_hash).await?;
    if replay.verdict != Verdict::Match {
        bail!("a replay of the whole job by one process differs: {:?}", replay.reason);
    }
    let replay_hash = replay.final_state_hash.context("the replay of the whole job has no final state")?;
    demo.story.line(format!("one process replayed all of it: state {replay_hash}"));
    let t = &mut demo.report.training;
    (t.world_size, t.virtual_ranks, t.steps) = (report.world_size, report.virtual_ranks, report.steps);
    t.final_state_hash = report.final_state_hash.to_string();
    t.replay_hash = replay_hash.to_string();
    t.test_accuracy = accuracy;
    t.samples_per_second = report.samples_per_second;

    demo.story.chapter("audit", "The root goes on chain; three oracles replay what the seed chose, and vote");
    submit(demo, &provider, order, &report).await?;
    let state = audited(demo, order).await?;
    let sampled = sampled(demo, order, &state, report.segments);
    let audit = &mut demo.report.audit;
    audit.segments = report.segments;
    audit.sampled = sampled;
    audit.oracles = u32::from(demo.config.oracles.count);
    audit.votes_for = state.votes_for.get().count_ones();
    audit.votes_against = state.votes_against.get().count_ones();
    demo.stack.travel_to(state.dispute_until.get()).await?;
    demo.story.line("the dispute window passed");
    actions::release(&demo.session, &demo.keys.buyer, order).await?;
    actions::award_order(&demo.session, &demo.keys.buyer, order).await?;
    let shown = settled(demo, order).await?;
    let (paid, fee) = (demo.tokens(&shown.paid), demo.tokens(&shown.fee));
    demo.story.line(format!("released: {paid} to the provider, {fee} to the treasury; points awarded"));
    let o = &mut demo.report.honest_order;
    (o.state, o.paid, o.fee, o.refunded) = (shown.state, shown.paid, shown.fee, shown.refunded);
    Ok(())
}

/// A provider that skips steps and reports a full run, and is not paid.
pub(super) async fn dishonest(demo: &mut Demo) -> Result<()> {
    demo.story.chapter("dishonest", "Another provider skips steps and reports a full run");
    let rogue = demo.keys.rogue.insecure_clone();
    let order = open(demo, &rogue, 2).await?;
    let report = train(demo, order, &rogue, Some("skip-steps")).await?;
    demo.story.line(format!("it reports {} steps and submits root {}", report.steps, report.job_root));
    submit(demo, &rogue, order, &report).await?;
    let state = audited(demo, order).await?;
    demo.stack.travel_to(state.dispute_until.get()).await?;
    actions::refund(&demo.session, &demo.keys.admin, order).await?;
    let shown = settled(demo, order).await?;
    let votes = shown.order.pointer("/audit/votes").and_then(Value::as_array).context("the API shows no votes")?;
    let code = votes.first().and_then(|vote| vote["reason"].as_u64()).context("the API shows no reason")?;
    let reason = reason_code::meaning(u16::try_from(code).unwrap_or(u16::MAX));
    demo.story.line(format!("rejected, for {reason}: {} back to the buyer", demo.tokens(&shown.refunded)));
    let o = &mut demo.report.dishonest_order;
    (o.state, o.paid, o.refunded, o.reason) = (shown.state, shown.paid, shown.refunded, reason.to_owned());
    Ok(())
}

async fn open(demo: &mut Demo, seller: &Keypair, id: u64) -> Result<Pubkey> {
    let (price, mint) = (demo.config.base_units(PRICE)?, solana_signer::Signer::pubkey(&demo.keys.mint));
    let (s, buyer) = (&demo.session, &demo.keys.buyer);
    let seller_key = seller.pubkey();
    actions::list_compute(s, seller, id, price, mint, "https://example.org/compute").await?;
    let listing = at::listing(&seller_key, id);
    actions::buy(s, buyer, id, listing, demo.manifest_hash, price).await?;
    let order = at::order(&buyer.pubkey(), id);
    let (chain_listing, chain_order): (Listing, Order) = (s.get(&listing).await?, s.get(&order).await?);
    let slot = s.last_slot();
    let shown = demo.figures.resource(&format!("/v1/listings/{listing}"), slot).await?;
    let price = demo.figures.take(&shown, "/price", chain_listing.price.get())?;
    let shown = demo.figures.resource(&format!("/v1/orders/{order}"), slot).await?;
    let amount = demo.figures.take(&shown, "/amount", chain_order.amount.get())?;
    demo.figures.take(&shown, "/manifest_hash", hex::encode(chain_order.manifest_hash))?;
    let vault = demo.session.tokens(&at::vault(&order)).await?;
    if vault.to_string() != amount {
        bail!("the order's vault holds {vault} base units instead of {amount}");
    }
    demo.story.line(format!("listed at {}, order {order} funded with {}", demo.tokens(&price), demo.tokens(&amount)));
    Ok(order)
}

async fn train(demo: &Demo, order: Pubkey, provider: &Keypair, dishonest: Option<&str>) -> Result<TrainReport> {
    actions::accept(&demo.session, provider, order).await?;
    let work_dir = demo.work_dir.join("runs").join(order.to_string());
    let launch = Launch {
        manifest: &demo.manifest,
        expect_hash: demo.manifest_hash,
        workers: demo.workers,
        work_dir: &work_dir,
        dishonest,
    };
    demo.trainer.launch(&launch).await
}

async fn submit(demo: &Demo, provider: &Keypair, order: Pubkey, report: &TrainReport) -> Result<()> {
    actions::submit(&demo.session, provider, order, report.job_root.0, report.log.0).await?;
    actions::arm(&demo.session, &demo.keys.buyer, order, Duration::from_secs(60)).await?;
    demo.story.line("root submitted, audit armed from the slots after it");
    Ok(())
}

/// Waits until every oracle voted, and checks what the API says about it.
async fn audited(demo: &mut Demo, order: Pubkey) -> Result<Order> {
    let begin = Instant::now();
    let state = loop {
        let state: Order = demo.session.get(&order).await?;
        let votes = (state.votes_for.get() | state.votes_against.get()).count_ones();
        if votes == u32::from(demo.config.oracles.count) && state.state == order_state::AUDITED {
            break state;
        }
        if begin.elapsed() > VOTES_PATIENCE {
            bail!(
                "only {votes} oracles voted within {} s: see {}",
                VOTES_PATIENCE.as_secs(),
                demo.work_dir.join("logs").display()
            );
        }
        demo.stack.check()?;
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    // accounts are read from the slot in progress, which is the one after the last confirmed
    let slot = demo.session.rpc.slot().await? + 1;
    let shown = demo.figures.resource(&format!("/v1/orders/{order}"), slot).await?;
    let votes_for = demo.figures.take(&shown, "/audit/votes_for", state.votes_for.get().count_ones())?;
    let votes_against = demo.figures.take(&shown, "/audit/votes_against", state.votes_against.get().count_ones())?;
    demo.figures.take(&shown, "/audit/seed", hex::encode(state.audit_seed))?;
    demo.figures.take(&shown, "/result/root", hex::encode(state.result_root))?;
    demo.story.line(format!("votes: {votes_for} for, {votes_against} against"));
    Ok(state)
}

/// What the API says about a settled order.
struct Settled {
    state: String,
    paid: String,
    fee: String,
    refunded: String,
    order: Value,
}

/// Compares the settled order with the chain, and returns what the API says.
async fn settled(demo: &mut Demo, order: Pubkey) -> Result<Settled> {
    let chain: Order = demo.session.get(&order).await?;
    let shown = demo.figures.resource(&format!("/v1/orders/{order}"), demo.session.last_slot()).await?;
    let f = &mut demo.figures;
    Ok(Settled {
        state: f.take(&shown, "/state", commands::name(chain.state))?,
        paid: f.take(&shown, "/settlement/paid", chain.released.get())?,
        fee: f.take(&shown, "/settlement/fee", chain.fee.get())?,
        refunded: f.take(&shown, "/settlement/refunded", chain.refunded.get())?,
        order: shown,
    })
}

/// Different segments that the oracles replayed, all together.
fn sampled(demo: &Demo, address: Pubkey, order: &Order, segments: u32) -> u32 {
    let all: std::collections::BTreeSet<u32> = demo
        .keys
        .oracles
        .iter()
        .flat_map(|oracle| {
            let samples = u32::from(demo.config.oracles.samples);
            let message = sampling::message(address.as_array(), &order.audit_seed);
            let signature = oracle.sign_message(&message).into();
            sampling::sampled_segments(order.audit_seed, &signature, samples, segments)
        })
        .collect();
    u32::try_from(all.len()).unwrap_or(u32::MAX)
}
