//! Recomputes a month from the stored chain events alone, and compares it with what the chain paid.

use crate::{Amount, StoreError, store::parse_json};
use protocol::month::{self, MonthTerms};
use rewards::state::award_state;
use serde::Serialize;
use serde_json::{Map, Value};
use sqlx::SqliteConnection;
use std::collections::{BTreeMap, BTreeSet};

/// What a month should have paid, and what it paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MonthAudit {
    /// Index of the epoch.
    pub epoch: u32,
    /// `open`, `review`, `final` or `expired`.
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

/// What an event does to a wallet's points.
#[derive(Clone, Copy)]
enum Change {
    Add,
    TakeBack,
    None,
}

#[derive(Default)]
struct Month {
    opened: Option<Map<String, Value>>,
    closed: bool,
    /// The pool that the token generation event gave epoch 0.
    converted: Option<u64>,
    finalized: Option<Map<String, Value>>,
    expired: bool,
    points: BTreeMap<String, u64>,
    /// Sources of the awards that count.
    counted: BTreeSet<String>,
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
         ('EpochOpened', 'TgeConverted', 'AwardIssued', 'AwardReviewed', 'EpochClosed', 'EpochFinalized', 'EpochExpired',
         'RewardClaimed')
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
                let counts = code(&fields, "state") == u64::from(award_state::COUNTED);
                self.award(&fields, wallet(), if counts { Change::Add } else { Change::None });
            }
            "AwardReviewed" => {
                let source = fields.get("source").and_then(Value::as_str).unwrap_or_default();
                let change = match (code(&fields, "state"), self.counted.contains(source)) {
                    (state, false) if state == u64::from(award_state::COUNTED) => Change::Add,
                    (state, true) if state == u64::from(award_state::VOID) => Change::TakeBack,
                    _ => Change::None,
                };
                self.award(&fields, wallet(), change);
            }
            "TgeConverted" => self.converted = Some(number(&fields, "pool")),
            "EpochExpired" => self.expired = true,
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

    fn award(&mut self, fields: &Map<String, Value>, wallet: String, change: Change) {
        let source = fields.get("source").and_then(Value::as_str).unwrap_or_default().to_owned();
        let points = number(fields, "points");
        let sum = self.points.entry(wallet.clone()).or_default();
        let after = match change {
            Change::Add => {
                self.counted.insert(source);
                sum.checked_add(points)
            }
            Change::TakeBack => {
                self.counted.remove(&source);
                sum.checked_sub(points)
            }
            Change::None => Some(*sum),
        };
        match after {
            Some(total) => *sum = total,
            None => self.mismatches.push(format!("points of {wallet} overflow")),
        }
        if number(fields, "wallet_points") != self.points[&wallet] {
            self.mismatches.push(format!("the chain's points of {wallet} are not the sum of its awards"));
        }
    }

    fn compare(mut self, epoch: u32) -> Option<MonthAudit> {
        let opened = self.opened.take()?;
        let pool = self.converted.unwrap_or_else(|| number(&opened, "pool"));
        let threshold = number(&opened, "threshold");
        let below_bps = u16::try_from(code(&opened, "below_bps")).unwrap_or(0);
        let cap_per_point = opened.get("cap_per_point").and_then(Value::as_bool).unwrap_or(false);
        let total = self.points.values().try_fold(0u64, |sum, points| sum.checked_add(*points));
        let total = total.unwrap_or_else(|| {
            self.mismatches.push("the month's points overflow".into());
            u64::MAX
        });
        let split = month::split(&MonthTerms { pool, threshold, below_bps, cap_per_point }, total);
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
            (_, Some(_)) if self.expired => "expired",
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

/// A small number; events write it as one.
fn code(fields: &Map<String, Value>, name: &str) -> u64 {
    fields.get(name).and_then(Value::as_u64).unwrap_or(0)
}
