//! Rows of the rewards.

use super::row;
use crate::{Amount, Wide};

row! {
    /// The configuration of the rewards.
    RewardsConfigRow in rewards_config by (id) {
        /// Always 1.
        id: i64,
        seq: i64,
        admin: String,
        pending_admin: Option<String>,
        mint: String,
        threshold: Amount,
        below_bps: i64,
        review_seconds: i64,
        lifetime_allocation: Amount,
        awards_paused: bool,
        cap_per_point: bool,
        claim_seconds: i64,
        /// Awards of more points wait for the confirmer; 0 when none does.
        confirm_points: Amount,
        confirmer: Option<String>,
        reserve_delay_seconds: i64,
        outflow_limit: Amount,
        outflow_window_seconds: i64,
        profit_share_bps: i64,
        /// Base units in all months of the schedule.
        scheduled: Amount,
        /// Base units spent of the reserve.
        spent: Amount,
        /// Base units for each point since the beginning, scaled by 2^64.
        profit_index: Wide,
        /// Base units of profit that came in for the holders of points, and that they were paid.
        profit_in: Amount,
        profit_out: Amount,
        /// Base units moved to the reserve.
        reserved: Amount,
        /// Points of everybody, of all time.
        lifetime_points: Amount,
        updated_slot: i64,
    }
}

row! {
    /// What a kind of contribution is worth.
    CategoryRow in categories by (category) {
        category: i64,
        name: String,
        /// Points for each unit of quantity.
        weight: Amount,
        min_quantity: Amount,
        max_quantity: Amount,
        enabled: bool,
        updated_slot: i64,
    }
}

row! {
    /// Who may award points.
    IssuerRow in issuers by (issuer) {
        issuer: String,
        /// Points in one epoch.
        epoch_cap: Amount,
        enabled: bool,
        updated_slot: i64,
    }
}

row! {
    /// A month.
    EpochRow in epochs by (epoch) {
        epoch: i64,
        seq: i64,
        starts_at: i64,
        ends_at: i64,
        pool: Amount,
        /// Points.
        threshold: Amount,
        below_bps: i64,
        state: i64,
        total_points: Amount,
        contributors: i64,
        review_ends: Option<i64>,
        distributed: Amount,
        to_reserve: Amount,
        paid: Amount,
        claims: i64,
        cap_per_point: bool,
        expires_at: Option<i64>,
        /// Base units that went to the reserve at expiry.
        unclaimed: Amount,
        created_slot: i64,
        updated_slot: i64,
    }
}

row! {
    /// A registered wallet.
    ContributorRow in contributors by (wallet) {
        wallet: String,
        seq: i64,
        destination: String,
        lifetime_points: Amount,
        profit_paid: Amount,
        /// The configuration's when the wallet was last settled.
        profit_index: Wide,
        /// Until then, scaled by 2^64.
        profit_owed: Wide,
        registered_slot: i64,
        updated_slot: i64,
    }
}

row! {
    /// What a wallet earned in an epoch.
    PointsRow in points by (epoch, wallet) {
        epoch: i64,
        wallet: String,
        points: Amount,
        claimed: bool,
        paid: Amount,
        updated_slot: i64,
    }
}

row! {
    /// One contribution that scored.
    AwardRow in awards by (source) {
        /// Hash that names the contribution.
        source: String,
        epoch: i64,
        wallet: String,
        issuer: String,
        category: i64,
        quantity: Amount,
        points: Amount,
        /// `award_state` of the program.
        state: i64,
        reviewed_by: Option<String>,
        /// Hash of the document that says why it was taken back.
        reason: Option<String>,
        issued_at: Option<i64>,
        slot: i64,
        signature: String,
    }
}

row! {
    /// A share that was paid.
    ClaimRow in claims by (epoch, wallet) {
        epoch: i64,
        wallet: String,
        destination: String,
        points: Amount,
        amount: Amount,
        claimed_at: Option<i64>,
        slot: i64,
        signature: String,
    }
}

row! {
    /// A month of the schedule.
    ScheduledMonthRow in scheduled_months by (epoch) {
        epoch: i64,
        pool: Amount,
        updated_slot: i64,
    }
}

row! {
    /// Profit that came in.
    ProfitDepositRow in profit_deposits by (seq) {
        /// Of the configuration.
        seq: i64,
        sender: String,
        amount: Amount,
        to_holders: Amount,
        to_reserve: Amount,
        /// Base units for each point, scaled by 2^64.
        profit_index: Wide,
        lifetime_points: Amount,
        deposited_at: Option<i64>,
        slot: i64,
        signature: String,
    }
}

row! {
    /// Profit that was paid.
    ProfitClaimRow in profit_claims by (wallet, seq) {
        wallet: String,
        /// Of the contributor.
        seq: i64,
        destination: String,
        amount: Amount,
        claimed_at: Option<i64>,
        slot: i64,
        signature: String,
    }
}

row! {
    /// A payment from the reserve.
    SpendRow in reserve_spends by (id) {
        id: Amount,
        /// `proposed`, `executed` or `cancelled`.
        state: String,
        amount: Amount,
        destination: String,
        /// Hash of the document that says what for.
        purpose: String,
        executable_at: i64,
        expires_at: i64,
        proposed_at: Option<i64>,
        /// When it was executed or cancelled.
        ended_at: Option<i64>,
        /// Of the last transaction about it.
        signature: String,
        created_slot: i64,
        updated_slot: i64,
    }
}
