//! `/v1/profit`: what came in for the holders of points, what they were paid, and what is owed to them.

use crate::{
    context::Scope,
    list::{List, listed},
    page::Page,
    params::{Address, Params, Unfiltered},
    problem::Problem,
    view::view,
};
use axum::response::Response;
use indexer::{
    Amount, Wide,
    rows::{ContributorRow, ProfitClaimRow, ProfitDepositRow, RewardsConfigRow},
};
use protocol::profit;
use serde::{Deserialize, Serialize};

listed!(ProfitDepositRow in "profit/deposits" of "profit_deposits", Newest by seq: i64);
listed!(ProfitClaimRow in "profit/claims" of "profit_claims", Newest by slot: i64, wallet: String, seq: i64);

view! {
    /// The pool of the holders of points. Amounts are base units.
    Pool of row: RewardsConfigRow {
        mint: String,
        /// The part of each deposit that is for holders; the rest is for the reserve.
        share_bps: i64 = row.profit_share_bps,
        /// What came in for holders, what they were paid, and the difference.
        received: Amount = row.profit_in,
        paid: Amount = row.profit_out,
        unclaimed: Amount = Amount(row.profit_in.0.saturating_sub(row.profit_out.0)),
        /// Points of everybody, of all time.
        lifetime_points: Amount,
        /// Base units for each point since the beginning, scaled by 2^64.
        index: Wide = row.profit_index,
    }
}

view! {
    /// Profit that came in.
    Deposit of row: ProfitDepositRow {
        /// Sequence number of the configuration.
        seq: i64,
        /// The token account that it came from.
        sender: String,
        amount: Amount,
        to_holders: Amount,
        to_reserve: Amount,
        /// After it.
        index: Wide = row.profit_index,
        lifetime_points: Amount,
        deposited_at: Option<i64>,
        slot: i64,
        signature: String,
    }
}

view! {
    /// Profit that was paid.
    Claim of row: ProfitClaimRow {
        wallet: String,
        /// Sequence number of the contributor.
        seq: i64,
        destination: String,
        amount: Amount,
        claimed_at: Option<i64>,
        slot: i64,
        signature: String,
    }
}

/// A contributor's part of the profit, in base units.
#[derive(Serialize)]
pub(super) struct Share {
    paid: Amount,
    /// What `claim_profit` would pay now.
    unclaimed: Amount,
}

impl Share {
    /// The part of a contributor while a point earned `index` since the beginning.
    pub(super) fn of(row: &ContributorRow, index: Wide) -> Self {
        let accrued = profit::accrued(row.lifetime_points.0, row.profit_index.0, index.0);
        // beyond 128 bits is more than ever came in: the event that says so is in dead_letter, and readiness tells
        let owed = accrued.and_then(|accrued| accrued.checked_add(row.profit_owed.0)).unwrap_or(0);
        Self { paid: row.profit_paid, unclaimed: Amount(profit::payable(owed).0) }
    }
}

/// The configuration of the rewards, where they are set up.
pub(super) async fn config(scope: &mut Scope) -> Result<Option<RewardsConfigRow>, Problem> {
    Ok(sqlx::query_as("SELECT * FROM rewards_config").fetch_optional(&mut *scope.db).await?)
}

/// The pool.
pub async fn one(mut scope: Scope) -> Result<Response, Problem> {
    let row = config(&mut scope).await?.ok_or_else(not_set_up)?;
    Ok(scope.one(&Pool::from(row)))
}

/// What is answered about the rewards before there are any.
pub(super) fn not_set_up() -> Problem {
    Problem::not_found("the rewards are not set up yet: GET /v1/config tells when they are")
}

/// Deposits, newest first.
pub async fn deposits(scope: Scope, page: Page, _: Params<Unfiltered>) -> Result<Response, Problem> {
    List::<ProfitDepositRow>::new(&page)?.answer(scope, Deposit::from).await
}

/// Filters of the list of claims.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    wallet: Option<Address>,
}

/// Claims, newest first.
pub async fn claims(scope: Scope, page: Page, Params(query): Params<Query>) -> Result<Response, Problem> {
    List::<ProfitClaimRow>::new(&page)?.only("wallet", query.wallet).answer(scope, Claim::from).await
}
