//! `/v1/config`: the programs' settings.

use crate::{context::Scope, problem::Problem};
use axum::response::Response;
use indexer::{
    Amount,
    rows::{CategoryRow, GrantsConfigRow, IssuerRow, MarketConfigRow, RewardsConfigRow},
};
use serde::Serialize;

#[derive(Serialize)]
struct Config {
    market: Option<Market>,
    rewards: Option<Rewards>,
    grants: Option<Grants>,
    categories: Vec<Category>,
    issuers: Vec<Issuer>,
}

#[derive(Serialize)]
struct Market {
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
    mints: serde_json::Value,
    updated_slot: i64,
}

#[derive(Serialize)]
struct Rewards {
    admin: String,
    pending_admin: Option<String>,
    mint: String,
    threshold: Amount,
    below_bps: i64,
    review_seconds: i64,
    lifetime_allocation: Amount,
    awards_paused: bool,
    updated_slot: i64,
}

#[derive(Serialize)]
struct Grants {
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

#[derive(Serialize)]
struct Category {
    id: i64,
    name: String,
    weight: Amount,
    min_quantity: Amount,
    max_quantity: Amount,
    enabled: bool,
}

#[derive(Serialize)]
struct Issuer {
    issuer: String,
    epoch_cap: Amount,
    enabled: bool,
}

/// Configurations, categories and issuers; `null` before a program is set up.
pub async fn one(mut scope: Scope) -> Result<Response, Problem> {
    let db = &mut *scope.db;
    let market: Option<MarketConfigRow> =
        sqlx::query_as("SELECT * FROM market_config").fetch_optional(&mut *db).await?;
    let rewards: Option<RewardsConfigRow> =
        sqlx::query_as("SELECT * FROM rewards_config").fetch_optional(&mut *db).await?;
    let grants: Option<GrantsConfigRow> =
        sqlx::query_as("SELECT * FROM grants_config").fetch_optional(&mut *db).await?;
    let categories: Vec<CategoryRow> =
        sqlx::query_as("SELECT * FROM categories ORDER BY category").fetch_all(&mut *db).await?;
    let issuers: Vec<IssuerRow> = sqlx::query_as("SELECT * FROM issuers ORDER BY issuer").fetch_all(&mut *db).await?;
    let config = Config {
        market: market.map(Market::read).transpose()?,
        rewards: rewards.map(Rewards::from),
        grants: grants.map(Grants::from),
        categories: categories.into_iter().map(Category::from).collect(),
        issuers: issuers
            .into_iter()
            .map(|row| Issuer { issuer: row.issuer, epoch_cap: row.epoch_cap, enabled: row.enabled })
            .collect(),
    };
    Ok(scope.one(&config))
}

impl Market {
    fn read(row: MarketConfigRow) -> Result<Self, Problem> {
        Ok(Self {
            admin: row.admin,
            pending_admin: row.pending_admin,
            treasury: row.treasury,
            fee_bps: row.fee_bps,
            paused: row.paused,
            oracle_set: row.oracle_set,
            accept_seconds: row.accept_seconds,
            delivery_seconds: row.delivery_seconds,
            audit_seconds: row.audit_seconds,
            dispute_seconds: row.dispute_seconds,
            answer_seconds: row.answer_seconds,
            resolve_seconds: row.resolve_seconds,
            award_seconds: row.award_seconds,
            award_category: row.award_category,
            seller_bond_bps: row.seller_bond_bps,
            challenge_bond_bps: row.challenge_bond_bps,
            slash_challenger_bps: row.slash_challenger_bps,
            slash_buyer_bps: row.slash_buyer_bps,
            mints: serde_json::from_str(&row.mints).map_err(|_| Problem::internal())?,
            updated_slot: row.updated_slot,
        })
    }
}

impl From<RewardsConfigRow> for Rewards {
    fn from(row: RewardsConfigRow) -> Self {
        Self {
            admin: row.admin,
            pending_admin: row.pending_admin,
            mint: row.mint,
            threshold: row.threshold,
            below_bps: row.below_bps,
            review_seconds: row.review_seconds,
            lifetime_allocation: row.lifetime_allocation,
            awards_paused: row.awards_paused,
            updated_slot: row.updated_slot,
        }
    }
}

impl From<GrantsConfigRow> for Grants {
    fn from(row: GrantsConfigRow) -> Self {
        Self {
            admin: row.admin,
            pending_admin: row.pending_admin,
            reviewer: row.reviewer,
            mint: row.mint,
            allocation: row.allocation,
            funded: row.funded,
            committed: row.committed,
            disbursed: row.disbursed,
            bonds: row.bonds,
            quorum_points: row.quorum_points,
            min_points: row.min_points,
            proposal_bond: row.proposal_bond,
            bond_floor_points: row.bond_floor_points,
            voting_seconds: row.voting_seconds,
            review_seconds: row.review_seconds,
            approval_bps: row.approval_bps,
            paused: row.paused,
            updated_slot: row.updated_slot,
        }
    }
}

impl From<CategoryRow> for Category {
    fn from(row: CategoryRow) -> Self {
        Self {
            id: row.category,
            name: row.name,
            weight: row.weight,
            min_quantity: row.min_quantity,
            max_quantity: row.max_quantity,
            enabled: row.enabled,
        }
    }
}
