//! `/v1/config`: the programs' settings.

use crate::{
    context::Scope,
    problem::Problem,
    view::{json, view},
};
use axum::response::Response;
use indexer::{
    Amount,
    rows::{CategoryRow, GrantsConfigRow, IssuerRow, MarketConfigRow, OraclesConfigRow, RewardsConfigRow},
};
use serde::Serialize;

#[derive(Serialize)]
struct Config {
    market: Option<Market>,
    rewards: Option<Rewards>,
    grants: Option<Grants>,
    oracles: Option<Oracles>,
    categories: Vec<Category>,
    issuers: Vec<Issuer>,
}

view! {
    Market of row: MarketConfigRow {
        admin: String,
        pending_admin: Option<String>,
        treasury: String,
        fee_bps: i64,
        /// Bits: 1 listings, 2 orders, 4 acceptance.
        paused: i64,
        oracle_set: i64,
        accept_seconds: i64,
        delivery_seconds: i64,
        audit_seconds: i64,
        dispute_seconds: i64,
        answer_seconds: i64,
        resolve_seconds: i64,
        award_seconds: i64,
        award_category: i64,
        seller_bond_bps: i64,
        challenge_bond_bps: i64,
        slash_challenger_bps: i64,
        slash_buyer_bps: i64,
        #[serde(serialize_with = "json")]
        mints: String,
        updated_slot: i64,
    }
}

view! {
    Rewards of row: RewardsConfigRow {
        admin: String,
        pending_admin: Option<String>,
        mint: String,
        threshold: Amount,
        below_bps: i64,
        /// Whether no point may earn more than the pool divided by the threshold.
        cap_per_point: bool,
        review_seconds: i64,
        claim_seconds: i64,
        /// Base units that all pools together may hold, and those in all months of the schedule.
        lifetime_allocation: Amount,
        scheduled: Amount,
        awards_paused: bool,
        /// Awards of more points wait for the confirmer; 0 when none does.
        confirm_points: Amount,
        confirmer: Option<String>,
        profit_share_bps: i64,
        reserve_delay_seconds: i64,
        outflow_limit: Amount,
        outflow_window_seconds: i64,
        updated_slot: i64,
    }
}

view! {
    Grants of row: GrantsConfigRow {
        admin: String,
        pending_admin: Option<String>,
        reviewer: Option<String>,
        mint: String,
        allocation: Amount,
        /// What came in, is set aside, and is paid.
        funded: Amount,
        committed: Amount,
        disbursed: Amount,
        /// Held for proposers.
        bonds: Amount,
        quorum_points: Amount,
        min_points: Amount,
        proposal_bond: Amount,
        bond_floor_points: Amount,
        voting_seconds: i64,
        review_seconds: i64,
        approval_bps: i64,
        /// Bits: 1 new proposals, 2 approvals.
        paused: i64,
        updated_slot: i64,
    }
}

view! {
    Oracles of row: OraclesConfigRow {
        admin: String,
        pending_admin: Option<String>,
        mint: String,
        min_bond: Amount,
        unbonding_seconds: i64,
        slash_bps: i64,
        /// For results that were submitted before `slash_changed_at`, Unix seconds.
        slash_bps_before: i64,
        slash_changed_at: i64,
        /// Version of the oracle set that panels are drawn from, and the members of a panel; 0 where there are none.
        panel_set: i64,
        panel_size: i64,
        updated_slot: i64,
    }
}

view! {
    Category of row: CategoryRow {
        id: i64 = row.category,
        name: String,
        /// Points for each unit of quantity.
        weight: Amount,
        min_quantity: Amount,
        max_quantity: Amount,
        enabled: bool,
    }
}

view! {
    Issuer of row: IssuerRow {
        issuer: String,
        /// Points in one epoch.
        epoch_cap: Amount,
        enabled: bool,
    }
}

async fn row<R>(scope: &mut Scope, select: &'static str) -> Result<Option<R>, Problem>
where
    R: for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> + Send + Unpin,
{
    Ok(sqlx::query_as(select).fetch_optional(&mut *scope.db).await?)
}

/// Configurations, categories and issuers; `null` before a program is set up.
pub async fn one(mut scope: Scope) -> Result<Response, Problem> {
    let market: Option<MarketConfigRow> = row(&mut scope, "SELECT * FROM market_config").await?;
    let rewards: Option<RewardsConfigRow> = row(&mut scope, "SELECT * FROM rewards_config").await?;
    let grants: Option<GrantsConfigRow> = row(&mut scope, "SELECT * FROM grants_config").await?;
    let oracles: Option<OraclesConfigRow> = row(&mut scope, "SELECT * FROM oracles_config").await?;
    let categories: Vec<CategoryRow> =
        sqlx::query_as("SELECT * FROM categories ORDER BY category").fetch_all(&mut *scope.db).await?;
    let issuers: Vec<IssuerRow> =
        sqlx::query_as("SELECT * FROM issuers ORDER BY issuer").fetch_all(&mut *scope.db).await?;
    let config = Config {
        market: market.map(Market::from),
        rewards: rewards.map(Rewards::from),
        grants: grants.map(Grants::from),
        oracles: oracles.map(Oracles::from),
        categories: categories.into_iter().map(Category::from).collect(),
        issuers: issuers.into_iter().map(Issuer::from).collect(),
    };
    Ok(scope.one(&config))
}
