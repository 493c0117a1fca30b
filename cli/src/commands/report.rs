//! `aixblock report`: one page on the audit of an order, from the chain's votes and the reports that they name.
use super::{
    Connection, data_folder,
    market::{name, run_folder},
};
use crate::{session::Session, trainer_process::Trainer};
use anyhow::{Context, Result, bail};
use chain::{
    Pubkey,
    event::{Event, MarketEvent},
};
use clap::Args;
use market::state::{Order, order_state, verdict};
use protocol::{
    audit_votes::{AuditVote, AuditVotes},
    digest::Digest,
};
use std::path::PathBuf;

/// What a launch leaves in its folder where it measured.
const MEASURED: &str = "metrics.jsonl";

/// Which order, and where the page goes.
#[derive(Args, Debug)]
pub struct ReportOptions {
    /// Address of the order.
    #[arg(value_parser = super::address)]
    order: Pubkey,
    /// The page; `reports/ORDER.html` among the user's data where absent.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Folder of the run, for loss, throughput and communication as its launch measured them; the one in which `aixblock train`
    /// left them where absent.
    #[arg(long)]
    work_dir: Option<PathBuf>,
}

impl ReportOptions {
    /// Collects the votes and has the page written.
    pub async fn run(self, connection: &Connection) -> Result<()> {
        let (votes, store) = (collect(&connection.session()?, self.order).await?, connection.store()?);
        let out = match self.out {
            Some(file) => file,
            None => data_folder()?.join("reports").join(format!("{}.html", self.order)),
        };
        if let Some(folder) = out.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let work_dir = match self.work_dir {
            Some(folder) => Some(folder),
            None => Some(run_folder(&store, &self.order)?).filter(|folder| folder.join(MEASURED).is_file()),
        };
        let written = Trainer::beside(store)?.report(&votes, work_dir.as_deref(), &out).await?;
        println!("report {}", written.report.display());
        println!("votes  {} cast, {} on the page", votes.cast, written.votes);
        if written.unusable > 0 {
            println!("       the reports of {} of them cannot be used; the page says why", written.unusable);
        }
        Ok(())
    }
}

/// The order's votes, out of the transactions that touched it.
async fn collect(s: &Session, order: Pubkey) -> Result<AuditVotes> {
    let state: Order = s.get(&order).await.with_context(|| format!("{order} is not an order"))?;
    if state.state < order_state::SUBMITTED || state.result_log == [0; 32] {
        bail!("no result was submitted for order {order}: there is nothing to report yet");
    }
    let events = s.events(&order).await?;
    Ok(AuditVotes {
        order: order.to_string(),
        state: name(state.state).to_owned(),
        manifest_hash: Digest(state.manifest_hash),
        log: Digest(state.result_log),
        result_root: Digest(state.result_root),
        cast: (state.votes_for.get() | state.votes_against.get()).count_ones(),
        votes: votes(&order, &events),
    })
}

/// The votes on `order` among events, oldest first. Another order may have had its address before.
fn votes(order: &Pubkey, events: &[Event]) -> Vec<AuditVote> {
    let mut votes = Vec::new();
    for event in events {
        match event {
            Event::Market(MarketEvent::OrderOpened(opened)) if opened.order == *order => votes.clear(),
            Event::Market(MarketEvent::OracleVoted(vote)) if vote.order == *order => votes.push(AuditVote {
                oracle: vote.oracle.to_string(),
                accept: vote.verdict == verdict::ACCEPT,
                reason: vote.reason,
                report: Digest(vote.report),
            }),
            _ => {}
        }
    }
    votes
}

#[cfg(test)]
mod tests {
    use super::*;
    use market::events::{OracleVoted, OrderOpened};

    fn vote(order: Pubkey, oracle: u8, says: u8) -> Event {
        Event::Market(MarketEvent::OracleVoted(OracleVoted {
            order,
            seq: 1,
            oracle: Pubkey::new_from_array([oracle; 32]),
            oracle_set: 1,
            result_root: [6; 32],
            verdict: says,
            reason: 0,
            report: [oracle; 32],
            votes_for: 0,
            votes_against: 0,
            state: 0,
            order_verdict: 0,
            payable: 0,
            dispute_until: 0,
        }))
    }

    #[test]
    fn votes_are_of_this_order_since_it_was_opened_last() {
        let (order, other) = (Pubkey::new_from_array([1; 32]), Pubkey::new_from_array([2; 32]));
        let opened = Event::Market(MarketEvent::OrderOpened(OrderOpened {
            order,
            seq: 1,
            id: 1,
            listing: other,
            listing_version: 1,
            buyer: other,
            seller: other,
            mint: other,
            quantity: 1,
            amount: 1,
            fee_bps: 0,
            manifest_hash: [5; 32],
            content_root: [0; 32],
            judge: 0,
            allow_partial: false,
            oracle_set: 1,
            opened_at: 0,
            accept_by: 0,
        }));
        let events = [vote(order, 7, 1), opened, vote(order, 8, 1), vote(other, 9, 1), vote(order, 9, 2)];
        let found: Vec<(u8, bool)> =
            votes(&order, &events).iter().map(|vote| (vote.report.0[0], vote.accept)).collect();
        assert_eq!(found, [(8, true), (9, false)]);
    }
}
