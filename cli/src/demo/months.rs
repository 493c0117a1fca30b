//! Two months of rewards: one under the threshold, one over it.
use super::{Demo, report};
use crate::{actions, commands, platform};
use anyhow::{Context, Result, bail};
use chain::{SendError, address::rewards as at};
use rewards::{
    RewardsError,
    state::{Contributor, Epoch, Points},
};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

/// Who earns what: contributor, category, quantity, what it was.
type Contribution = (usize, u16, u64, &'static str);

/// 300 points; with the 100 of the released order the month has 400.
const FIRST: [Contribution; 3] = [(0, 2, 10, "pull/1"), (1, 2, 15, "pull/2"), (2, 3, 10, "guide/1")];
/// 1,000 points.
const SECOND: [Contribution; 3] = [(0, 2, 10, "pull/3"), (1, 2, 60, "pull/4"), (2, 4, 6, "dataset/1")];

/// Plays both months.
pub(super) async fn two_months(demo: &mut Demo) -> Result<()> {
    demo.story.chapter("months", "Two months of contributions: 400 points, then 1,000");
    month(demo, 1, &FIRST).await?;
    platform::open_next_month(&demo.session, &demo.keys).await?;
    month(demo, 2, &SECOND).await
}

async fn month(demo: &mut Demo, index: u32, contributions: &[Contribution]) -> Result<()> {
    for (who, category, quantity, link) in contributions {
        let wallet = demo.keys.contributors[*who].pubkey();
        let link = format!("https://example.org/{link}");
        actions::award(&demo.session, &demo.keys.admin, wallet, &link, *category, *quantity).await?;
    }
    let ada = demo.keys.contributors[0].pubkey();
    refused(demo, ada, index, RewardsError::EpochNotFinal, "a claim before the month is final").await?;

    let epoch: Epoch = demo.session.get(&at::epoch(index)).await?;
    demo.stack.travel_to(epoch.end.get()).await?;
    actions::close_epoch(&demo.session, &demo.keys.buyer, index).await?;
    let epoch: Epoch = demo.session.get(&at::epoch(index)).await?;
    demo.stack.travel_to(epoch.review_ends.get()).await?;
    actions::finalize_epoch(&demo.session, &demo.keys.buyer, index).await?;

    let mut wallets: Vec<Pubkey> = demo.keys.contributors.iter().map(Signer::pubkey).collect();
    if index == 1 {
        wallets.push(demo.keys.provider.pubkey());
    }
    for wallet in &wallets {
        actions::claim(&demo.session, &demo.keys.buyer, *wallet, index).await?;
    }
    refused(demo, ada, index, RewardsError::AlreadyClaimed, "a second claim").await?;
    record(demo, index, &wallets).await?;
    let audit = commands::audit(&demo.session, index).await?;
    if !audit.agrees() {
        bail!("the month's events do not add up: {}", audit.differences.join("; "));
    }
    demo.story.line(format!("month {index} rebuilt from chain events alone: agrees"));
    Ok(())
}

/// A claim must fail, with exactly this error.
async fn refused(demo: &Demo, wallet: Pubkey, index: u32, error: RewardsError, what: &str) -> Result<()> {
    let outcome = actions::claim(&demo.session, &demo.keys.buyer, wallet, index).await;
    let Err(found) = outcome else { bail!("{what} was not refused") };
    let failure = found.downcast_ref::<SendError>().and_then(SendError::failure).cloned();
    let failure = failure.with_context(|| format!("{what} failed for another reason: {found:#}"))?;
    if !failure.is_rewards(error) {
        bail!("{what} failed with another error: {failure}");
    }
    demo.story.line(format!("{what} is refused: {failure}"));
    Ok(())
}

async fn record(demo: &mut Demo, index: u32, wallets: &[Pubkey]) -> Result<()> {
    let slot = demo.session.last_slot();
    let chain: Epoch = demo.session.get(&at::epoch(index)).await?;
    let shown = demo.figures.resource(&format!("/v1/epochs/{index}"), slot).await?;
    let f = &mut demo.figures;
    let mut month = report::Month {
        index,
        total_points: f.take(&shown, "/total_points", chain.total_points.get())?,
        pool: f.take(&shown, "/pool", chain.pool.get())?,
        distributed: f.take(&shown, "/distributed", chain.distributed.get())?,
        reserve: f.take(&shown, "/to_reserve", chain.to_reserve.get())?,
        paid: f.take(&shown, "/paid", chain.paid.get())?,
        claims: Vec::new(),
    };
    for wallet in wallets {
        let points: Points = demo.session.get(&at::points(index, wallet)).await?;
        let contributor: Contributor = demo.session.get(&at::contributor(wallet)).await?;
        let shown = demo.figures.resource(&format!("/v1/claims?epoch={index}&wallet={wallet}"), slot).await?;
        let claim = shown.as_array().and_then(|rows| rows.first()).cloned().context("the API does not show a claim")?;
        month.claims.push(report::Claim {
            points: demo.figures.take(&claim, "/points", points.points.get())?,
            amount: demo.figures.take(&claim, "/amount", points.paid.get())?,
        });
        let shown = demo.figures.resource(&format!("/v1/contributors/{wallet}"), slot).await?;
        demo.figures.take(&shown, "/lifetime_points", contributor.lifetime_points.get())?;
    }
    let first = &month.claims[0];
    demo.story.line(format!(
        "month {index}: {} points, {} distributed, {} to the reserve; the holder of {} points got {}",
        month.total_points,
        demo.tokens(&month.distributed),
        demo.tokens(&month.reserve),
        first.points,
        demo.tokens(&first.amount)
    ));
    demo.report.months.push(month);
    Ok(())
}
