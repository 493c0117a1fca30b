//! Recomputes a month from the stored chain events alone, and compares it with what the chain paid.

use crate::{Amount, StoreError, store::parse_json};
use protocol::month;
use serde::Serialize;
use serde_json::{Map, Value};
use sqlx::SqliteConnection;
use std::collections::BTreeMap;

/// What a month should have paid, and what it paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MonthAudit {
    /// Index of the epoch.
    pub epoch: u32,
    /// `open`, `review` or `final`.
    pub state: &'static str,
    /// Base units in the pool, from its opening.
    pub pool: Amount,
    /// Points under which `below_bps` of the pool are paid.
    pub threshold: Amount,
    /// Basis points paid under the threshold.
    pub below_bps: u16,
    /// What the awards of the month come to.
    pub expected: MonthTotals,
    /// What the chain says: zero until the month is final.
    pub actual: MonthTotals,
    /// Every wallet with points or a claim.
    pub wallets: Vec<WalletAudit>,
    /// What differs, in words; empty when chain and arithmetic agree.
    pub mismatches: Vec<String>,
}

/// Sums of a month.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MonthTotals {
    /// Points of all wallets.
    pub total_points: Amount,
    /// Base units for contributors.
    pub distributed: Amount,
    /// Base units for the reserve.
    pub to_reserve: Amount,
    /// Base units paid by claims.
    pub paid: Amount,
}

/// One wallet's share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WalletAudit {
    /// The wallet.
    pub wallet: String,
    /// Sum of its awards.
    pub points: Amount,
    /// Base units that the arithmetic gives it.
    pub expected: Amount,
    /// Base units that its claim paid; nothing while it did not claim.
    pub paid: Option<Amount>,
}

#[derive(Default)]
struct Month {
    opened: Option<Map<String, Value>>,
    closed: bool,
    finalized: Option<Map<String, Value>>,
    points: BTreeMap<String, u64>,
    claims: BTreeMap<String, u64>,
    mismatches: Vec<String>,
}

/// Recomputes the epoch from its events; `None` when it was never opened.
///
/// # Errors
/// When the events cannot be read.
pub async fn month(connection: &mut SqliteConnection, epoch: u32) -> Result<Option<MonthAudit>, StoreError> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT name, body FROM events WHERE program = 'rewards' AND name IN
         ('EpochOpened', 'AwardIssued', 'EpochClosed', 'EpochFinalized', 'RewardClaimed')
         ORDER BY slot, tx_index, top_index, inner_index",
    )
    .fetch_all(connection)
    .await?;
    let mut month = Month::default();
    for (name, body) in rows {
        let fields: Map<String, Value> = parse_json("events", &body)?;
        if fields.get("epoch").and_then(Value::as_u64) == Some(epoch.into()) {
            month.fold(&name, fields);
        }
    }
    Ok(month.compare(epoch))
}

impl Month {
    fn fold(&mut self, name: &str, fields: Map<String, Value>) {
        let wallet = || fields.get("wallet").and_then(Value::as_str).unwrap_or_default().to_owned();
        match name {
            "EpochOpened" => self.opened = Some(fields),
            "AwardIssued" => {
                let (wallet, points) = (wallet(), number(&fields, "points"));
                let sum = self.points.entry(wallet.clone()).or_default();
                match sum.checked_add(points) {
                    Some(total) => *sum = total,
                    None => self.mismatches.push(format!("points of {wallet} overflow")),
                }
                if number(&fields, "wallet_points") != self.points[&wallet] {
                    self.mismatches.push(format!("the chain's points of {wallet} are not the sum of its awards"));
                }
            }
            "EpochClosed" => self.closed = true,
            "EpochFinalized" => self.finalized = Some(fields),
            "RewardClaimed" => {
                let before = self.claims.insert(wallet(), number(&fields, "amount"));
                if before.is_some() {
                    self.mismatches.push(format!("{} claimed twice", wallet()));
                }
            }
            _ => {}
        }
    }

    fn compare(mut self, epoch: u32) -> Option<MonthAudit> {
        let opened = self.opened.take()?;
        let (pool, threshold) = (number(&opened, "pool"), number(&opened, "threshold"));
        let below_bps =
            opened.get("below_bps").and_then(Value::as_u64).and_then(|n| u16::try_from(n).ok()).unwrap_or(0);
        let total = self.points.values().try_fold(0u64, |sum, points| sum.checked_add(*points));
        let total = total.unwrap_or_else(|| {
            self.mismatches.push("the month's points overflow".into());
            u64::MAX
        });
        let split = month::split(pool, total, threshold, below_bps);
        let everybody: Vec<&String> =
            self.points.keys().chain(self.claims.keys().filter(|w| !self.points.contains_key(*w))).collect();
        let wallets: Vec<WalletAudit> = everybody
            .into_iter()
            .map(|wallet| {
                let points = self.points.get(wallet).copied().unwrap_or(0);
                let expected = month::payout(split.distributed, points, total).into();
                let paid = self.claims.get(wallet).copied().map(Amount);
                WalletAudit { wallet: wallet.clone(), points: points.into(), expected, paid }
            })
            .collect();
        let sum = |amounts: &mut dyn Iterator<Item = u64>| Amount(amounts.fold(0, u64::saturating_add));
        let expected = MonthTotals {
            total_points: total.into(),
            distributed: split.distributed.into(),
            to_reserve: split.to_reserve.into(),
            paid: sum(&mut wallets.iter().filter(|w| w.paid.is_some()).map(|w| w.expected.0)),
        };
        let paid = sum(&mut self.claims.values().copied());
        let actual =
            self.finalized.as_ref().map_or(MonthTotals { paid, ..MonthTotals::default() }, |fields| MonthTotals {
                total_points: number(fields, "total_points").into(),
                distributed: number(fields, "distributed").into(),
                to_reserve: number(fields, "to_reserve").into(),
                paid,
            });
        if self.finalized.is_some() && expected != actual {
            self.mismatches.push("the month's sums are not what its awards come to".into());
        }
        if self.finalized.is_none() && !self.claims.is_empty() {
            self.mismatches.push("a share was claimed before the month was final".into());
        }
        for wallet in wallets.iter().filter(|w| w.paid.is_some_and(|paid| paid != w.expected)) {
            self.mismatches.push(format!("{} was not paid what its points earn", wallet.wallet));
        }
        let state = match (self.closed, &self.finalized) {
            (_, Some(_)) => "final",
            (true, None) => "review",
            (false, None) => "open",
        };
        let (pool, threshold) = (pool.into(), threshold.into());
        Some(MonthAudit {
            epoch,
            state,
            pool,
            threshold,
            below_bps,
            expected,
            actual,
            wallets,
            mismatches: self.mismatches,
        })
    }
}

/// A 64-bit field; events write them as strings.
fn number(fields: &Map<String, Value>, name: &str) -> u64 {
    fields.get(name).and_then(Value::as_str).and_then(|text| text.parse().ok()).unwrap_or(0)
}
