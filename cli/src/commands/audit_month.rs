//! Rebuilds a month of rewards from chain events alone and compares it with the chain's accounts.
//!
//! Every award, closing, finalisation and claim of a month touches the epoch's account, so the transactions of that
//! account hold all its events; neither the indexer nor the API takes part.
use crate::session::Session;
use anyhow::{Result, bail};
use chain::{
    address::rewards as at,
    event::{Event, RewardsEvent},
};
use protocol::month::{self, MonthTerms};
use rewards::state::{Epoch, Points, award_state, epoch_state};
use solana_pubkey::Pubkey;
use std::collections::{BTreeMap, BTreeSet};

/// A month as its events say it should be, beside what the chain's accounts hold.
pub struct MonthAudit {
    pub epoch: u32,
    pub total_points: u64,
    pub distributed: u64,
    pub to_reserve: u64,
    pub rows: Vec<Row>,
    /// What differs, in words.
    pub differences: Vec<String>,
}

/// One contributor's month.
pub struct Row {
    pub wallet: Pubkey,
    pub points: u64,
    pub expected: u64,
    /// Nothing while unclaimed.
    pub paid: Option<u64>,
}

impl MonthAudit {
    /// Whether nothing differs.
    pub fn agrees(&self) -> bool {
        self.differences.is_empty()
    }

    /// Prints it as a table.
    pub fn print(&self) {
        println!(
            "month {}: {} points, {} distributed, {} to the reserve",
            self.epoch, self.total_points, self.distributed, self.to_reserve
        );
        println!("{:<44}  {:>12}  {:>20}  {:>20}", "wallet", "points", "expected", "paid");
        for row in &self.rows {
            let paid = row.paid.map_or_else(|| "unclaimed".to_owned(), |p| p.to_string());
            println!("{:<44}  {:>12}  {:>20}  {:>20}", row.wallet.to_string(), row.points, row.expected, paid);
        }
        for difference in &self.differences {
            println!("DIFFERS: {difference}");
        }
        if self.agrees() {
            println!("events and accounts agree");
        }
    }
}

/// Reads the month's events and accounts.
pub async fn audit(s: &Session, epoch: u32) -> Result<MonthAudit> {
    let account = at::epoch(epoch);
    let mut events = s.events(&account).await?;
    events.retain(|e| matches!(e, Event::Rewards(r) if epoch_of(r) == Some(epoch)));
    let chain: Epoch = s.get(&account).await?;
    let mut audit = rebuild(epoch, &events)?;
    let accounts = [
        ("total points", audit.total_points, chain.total_points.get()),
        ("distributed", audit.distributed, chain.distributed.get()),
        ("reserve", audit.to_reserve, chain.to_reserve.get()),
        ("paid", audit.rows.iter().filter_map(|r| r.paid).sum(), chain.paid.get()),
    ];
    for (what, expected, found) in accounts {
        if expected != found {
            audit.differences.push(format!("{what}: events give {expected}, the epoch's account holds {found}"));
        }
    }
    for row in &audit.rows {
        // closed once there is nothing left to claim
        let Some(points) = s.rpc.find::<Points>(&at::points(epoch, &row.wallet)).await? else { continue };
        if (points.points.get(), points.paid.get()) != (row.points, row.paid.unwrap_or(0)) {
            audit.differences.push(format!(
                "{}: its account holds {} points and {} paid",
                row.wallet,
                points.points.get(),
                points.paid.get()
            ));
        }
    }
    if chain.state == epoch_state::EXPIRED {
        return Ok(audit);
    }
    let left = s.tokens(&at::epoch_vault(epoch)).await?;
    let owed = chain.pool.get() - chain.to_reserve.get() - chain.paid.get();
    if left < owed {
        audit.differences.push(format!("the vault holds {left}, but {owed} are still owed"));
    }
    Ok(audit)
}

/// What the events of a month add up to. Pure.
fn rebuild(epoch: u32, events: &[Event]) -> Result<MonthAudit> {
    let (mut opened, mut finalized) = (None, None);
    let mut points: BTreeMap<Pubkey, u64> = BTreeMap::new();
    let mut paid: BTreeMap<Pubkey, u64> = BTreeMap::new();
    let mut counted: BTreeSet<[u8; 32]> = BTreeSet::new();
    let mut converted = None;
    let mut differences = Vec::new();
    for event in events {
        let Event::Rewards(event) = event else { continue };
        match event {
            RewardsEvent::EpochOpened(e) => opened = Some(e.clone()),
            RewardsEvent::TgeConverted(e) => converted = Some(e.pool),
            RewardsEvent::AwardIssued(e) => {
                let sum = points.entry(e.wallet).or_default();
                if e.state == award_state::COUNTED {
                    counted.insert(e.source);
                    *sum = sum.saturating_add(e.points);
                }
            }
            RewardsEvent::AwardReviewed(e) => {
                let sum = points.entry(e.wallet).or_default();
                if e.state == award_state::COUNTED {
                    counted.insert(e.source);
                    *sum = sum.saturating_add(e.points);
                } else if counted.remove(&e.source) {
                    *sum = sum.saturating_sub(e.points);
                }
            }
            RewardsEvent::EpochFinalized(e) => finalized = Some(e.clone()),
            RewardsEvent::RewardClaimed(e) => {
                let before = paid.insert(e.wallet, e.amount);
                differences.extend(before.map(|_| format!("{} was paid more than once", e.wallet)));
            }
            _ => {}
        }
    }
    let Some(opened) = opened else {
        bail!("the chain has no events of month {epoch}: was it opened, and does the node keep its history?")
    };
    let total_points = points.values().fold(0u64, |sum, p| sum.saturating_add(*p));
    let terms = MonthTerms {
        pool: converted.unwrap_or(opened.pool),
        threshold: opened.threshold,
        below_bps: opened.below_bps,
        cap_per_point: opened.cap_per_point,
    };
    let split = finalized.as_ref().map(|_| month::split(&terms, total_points));
    if let (Some(f), Some(split)) = (&finalized, split)
        && (f.total_points, f.distributed, f.to_reserve) != (total_points, split.distributed, split.to_reserve)
    {
        differences.push(format!(
            "finalized as {} of {} points, but the awards give {} of {total_points}",
            f.distributed, f.total_points, split.distributed
        ));
    }
    let distributed = split.map_or(0, |s| s.distributed);
    let mut rows = Vec::new();
    for (wallet, points) in points {
        let row = Row {
            wallet,
            points,
            expected: month::payout(distributed, points, total_points),
            paid: paid.remove(&wallet),
        };
        if row.paid.is_some_and(|p| p != row.expected) {
            differences.push(format!("{wallet} was paid {:?} instead of {}", row.paid, row.expected));
        }
        rows.push(row);
    }
    differences.extend(paid.keys().map(|wallet| format!("{wallet} was paid without points")));
    Ok(MonthAudit {
        epoch,
        total_points,
        distributed,
        to_reserve: split.map_or(0, |s| s.to_reserve),
        rows,
        differences,
    })
}

fn epoch_of(event: &RewardsEvent) -> Option<u32> {
    match event {
        RewardsEvent::EpochOpened(e) => Some(e.epoch),
        RewardsEvent::EpochClosed(e) => Some(e.epoch),
        RewardsEvent::EpochFinalized(e) => Some(e.epoch),
        RewardsEvent::TgeConverted(e) => Some(e.epoch),
        RewardsEvent::EpochExpired(e) => Some(e.epoch),
        RewardsEvent::AwardIssued(e) => Some(e.epoch),
        RewardsEvent::AwardReviewed(e) => Some(e.epoch),
        RewardsEvent::RewardClaimed(e) => Some(e.epoch),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rewards::events::{AwardIssued, EpochFinalized, EpochOpened, RewardClaimed};

    fn month_of_400() -> Vec<Event> {
        let wallet = |n| Pubkey::new_from_array([n; 32]);
        let award = |n, points| {
            Event::Rewards(RewardsEvent::AwardIssued(AwardIssued {
                epoch: 1,
                seq: 0,
                wallet: wallet(n),
                issuer: wallet(9),
                source: [n; 32],
                category: 1,
                quantity: 1,
                points,
                state: award_state::COUNTED,
                wallet_points: points,
                total_points: 0,
                lifetime_points: points,
            }))
        };
        let opened = EpochOpened {
            epoch: 1,
            seq: 1,
            start: 0,
            end: 1,
            pool: 10_000,
            threshold: 500,
            below_bps: 5_000,
            cap_per_point: false,
        };
        let finalized = EpochFinalized {
            epoch: 1,
            seq: 2,
            total_points: 400,
            pool: 10_000,
            distributed: 5_000,
            to_reserve: 5_000,
            expires_at: 9,
        };
        let claim = RewardClaimed {
            epoch: 1,
            seq: 3,
            wallet: wallet(1),
            destination: wallet(1),
            points: 100,
            amount: 1_250,
            epoch_paid: 1_250,
        };
        vec![
            Event::Rewards(RewardsEvent::EpochOpened(opened)),
            award(1, 100),
            award(2, 300),
            Event::Rewards(RewardsEvent::EpochFinalized(finalized)),
            Event::Rewards(RewardsEvent::RewardClaimed(claim)),
        ]
    }

    #[test]
    fn a_month_that_was_paid_as_its_events_say_agrees() {
        let audit = rebuild(1, &month_of_400()).expect("whole");
        assert!(audit.agrees(), "{:?}", audit.differences);
        assert_eq!((audit.total_points, audit.distributed, audit.to_reserve), (400, 5_000, 5_000));
        assert_eq!(audit.rows[0].expected, 1_250);
    }

    #[test]
    fn a_missing_award_a_wrong_payment_and_a_second_payment_are_found() {
        let mut events = month_of_400();
        events.remove(2);
        assert!(!rebuild(1, &events).expect("opened").agrees());

        let mut events = month_of_400();
        if let Some(Event::Rewards(RewardsEvent::RewardClaimed(claim))) = events.last_mut() {
            claim.amount += 1
        }
        assert!(!rebuild(1, &events).expect("opened").agrees());

        let mut events = month_of_400();
        events.push(events[4].clone());
        assert!(!rebuild(1, &events).expect("opened").agrees());
    }
}
