//! `aixblock prove`: whoever replayed a job and found a fault that a program can compute again has it convicted on the chain,
//! without a judge.
//!
//! The replay names the first record that differs (`aixblock verify`). A contradiction of the log, a wrong mean of gradients and
//! a wrong update of the optimiser are opened in the program `proofs`, from the result root down to single values, and computed
//! there. Anything else is a pass through the model, or the whole dataset: oracles judge it.
mod plan;
mod send;
mod slips;
mod values;

use crate::{actions, commands::Connection, sales, verify::VerifyOptions};
use anyhow::{Context, Result, bail};
use artefacts::Store;
use chain::{Pubkey, Signer as _, address::proofs as at};
use clap::Args;
use market::state::{Order, judge, order_state};
use plan::Findings;
use proofs::state::{Verdict, verdict_state};
use protocol::{digest::Digest, job_log::JobLog, manifest::Manifest};
use send::Prover;
use std::{num::NonZeroU16, path::PathBuf};

/// Which order, and how to replay it.
#[derive(Args, Debug)]
pub struct ProveOptions {
    /// Address of the order whose result is wrong.
    #[arg(value_parser = crate::commands::address)]
    order: Pubkey,
    /// A safetensors file with the values behind a wrong root, where somebody found them: the mean gradient, or the state as a
    /// checkpoint holds it.
    #[arg(long)]
    committed: Option<PathBuf>,
    /// Threads of the replay; they never change the result.
    #[arg(long, default_value_t = NonZeroU16::MIN)]
    threads: NonZeroU16,
    /// Where verdict and evidence go; as with `verify` where absent.
    #[arg(long)]
    folder: Option<PathBuf>,
}

impl ProveOptions {
    /// Replays, disputes where nobody did, proves, and settles the order.
    pub async fn run(self, connection: &Connection) -> Result<()> {
        let (s, key, address) = (connection.session()?, connection.key()?, self.order);
        let order: Order = s.get(&address).await.with_context(|| format!("{address} is not an order"))?;
        can_be_proven(&order, &key.pubkey())?;
        let prover = Prover { s: &s, key: &key, order: address };
        if prover.is_judged(&order).await {
            println!("proven before");
            return settle(&prover).await;
        }
        let options = VerifyOptions::of_order(address, self.threads, self.folder.clone());
        let (verdict, folder) = options.find(connection).await?;
        verdict.print();
        let Some(fault) = verdict.fault() else { bail!("no fault was found: there is nothing to prove") };
        let store = Store::open(connection.store()?)?;
        let committed = self.committed.as_ref().map(std::fs::read).transpose().context("cannot read --committed")?;
        let log = JobLog::decode(&store.get(&Digest(order.result_log))?)
            .context("the log cannot be read, so that nothing of it can be shown on the chain: oracles must judge")?;
        if log.job_root().0 != order.result_root {
            bail!("the log is not the one whose root was submitted, so that nothing of it opens: oracles must judge");
        }
        let manifest = Manifest::decode(&store.get(&Digest(order.manifest_hash))?)?;
        let findings = Findings { folder: &folder.join("evidence"), log, manifest, committed };
        let (plan, how) = findings.plan(fault)?;
        println!("provable     {how}");
        prover.dispute_first(&order, &fault.to_string()).await?;
        prover.prove(&plan).await?;
        settle(&prover).await
    }
}

/// Checks that a proof can change what becomes of the order.
fn can_be_proven(order: &Order, by: &Pubkey) -> Result<()> {
    if order.judge != judge::ORACLES {
        bail!(
            "oracles do not judge this order: `aixblock licence prove` or `aixblock labels reveal` is what proves it wrong"
        );
    }
    match order.state {
        order_state::DISPUTED => Ok(()),
        order_state::AUDITED if order.disputed != 0 => {
            bail!("a dispute of this order is over: it cannot be disputed again")
        }
        order_state::AUDITED if order.payable.get() == 0 => {
            bail!("the verdict rejects the result: run `aixblock refund`")
        }
        order_state::AUDITED if *by == order.seller => bail!("the verdict favours you: `aixblock concede` gives it up"),
        order_state::AUDITED => Ok(()),
        order_state::SUBMITTED | order_state::AUDITING => bail!("oracles are still judging: prove it once they have"),
        other => {
            bail!("the order is {}: only an audited or disputed one can be proven wrong", crate::commands::name(other))
        }
    }
}

/// Carries the verdict to the order, returns its money, and says who got what.
async fn settle(prover: &Prover<'_>) -> Result<()> {
    let Prover { s, key, order } = *prover;
    let verdict: Verdict = s.get(&at::verdict(&order)).await?;
    sales::apply_verdict(s, key, order).await?;
    println!("applied      the order pays nothing");
    actions::refund(s, key, order).await?;
    let state: Order = s.get(&order).await?;
    println!("refunded     {}", state.refunded.get());
    println!("challenger   {} of the seller's bond", state.rewarded.get());
    if verdict.blame == 0 {
        println!("oracles      keep their bonds: not all of them replayed this segment");
    } else {
        println!("oracles      had to find it: `aixblock bond record {order}` slashes those that accepted");
    }
    Ok(())
}

impl Prover<'_> {
    /// Whether a proof about this very order is on the chain.
    async fn is_judged(&self, order: &Order) -> bool {
        let verdict = self.s.get::<Verdict>(&at::verdict(&self.order)).await;
        verdict.is_ok_and(|verdict| {
            order.state == order_state::DISPUTED
                && verdict.opened_at == order.opened_at
                && verdict.state == verdict_state::FINAL
        })
    }

    async fn dispute_first(&self, order: &Order, reason: &str) -> Result<()> {
        if order.state == order_state::DISPUTED {
            println!("disputed     before");
            return Ok(());
        }
        let reason = protocol::digest::content_address(reason.as_bytes()).0;
        actions::dispute(self.s, self.key, self.order, reason).await?;
        let state: Order = self.s.get(&self.order).await?;
        println!("disputed     with a bond of {}", state.challenge_bond.get());
        Ok(())
    }
}
