//! Rows of the market.

use super::row;
use crate::Amount;

row! {
    /// The market's configuration.
    MarketConfigRow in market_config by (id) {
        /// Always 1.
        id: i64,
        seq: i64,
        admin: String,
        pending_admin: Option<String>,
        treasury: String,
        fee_bps: i64,
        paused: i64,
        oracle_set: i64,
        accept_seconds: i64,
        delivery_seconds: i64,
        audit_seconds: i64,
        dispute_seconds: i64,
        resolve_seconds: i64,
        award_seconds: i64,
        answer_seconds: i64,
        award_category: i64,
        seller_bond_bps: i64,
        challenge_bond_bps: i64,
        slash_challenger_bps: i64,
        slash_buyer_bps: i64,
        /// JSON array of addresses.
        mints: String,
        updated_slot: i64,
    }
}

row! {
    /// A set of oracles.
    OracleSetRow in oracle_sets by (version) {
        version: i64,
        threshold: i64,
        samples: i64,
        /// Base units.
        min_bond: Amount,
        /// JSON array of addresses.
        members: String,
        retired: bool,
        created_slot: i64,
        updated_slot: i64,
    }
}

row! {
    /// Something for sale.
    ListingRow in listings by (address) {
        address: String,
        seq: i64,
        seller: String,
        listing_id: Amount,
        version: i64,
        kind: i64,
        unit: i64,
        active: bool,
        closed: bool,
        /// Base units for each unit.
        price: Amount,
        mint: String,
        metadata_hash: String,
        /// Of a dataset or a model.
        content_root: Option<String>,
        uri: String,
        open_orders: i64,
        created_slot: i64,
        updated_slot: i64,
    }
}

row! {
    /// One purchase, with the state of its audit.
    OrderRow in orders by (address) {
        address: String,
        seq: i64,
        order_id: Amount,
        listing: String,
        listing_version: i64,
        buyer: String,
        seller: String,
        mint: String,
        quantity: Amount,
        /// Base units in the vault.
        amount: Amount,
        fee_bps: i64,
        manifest_hash: String,
        content_root: Option<String>,
        judge: i64,
        allow_partial: bool,
        oracle_set: i64,
        state: i64,
        result_root: Option<String>,
        result_log: Option<String>,
        /// Of a licence, hex.
        sealed_key: Option<String>,
        audit_slot: Option<i64>,
        audit_seed: Option<String>,
        samples: Option<i64>,
        votes_for: i64,
        votes_against: i64,
        verdict: i64,
        payable: Amount,
        disputed: bool,
        disputed_by: Option<String>,
        dispute_reason: Option<String>,
        answer_evidence: Option<String>,
        judged_by: Option<i64>,
        resolution: i64,
        /// Base units that seller and challenger deposited.
        seller_bond: Amount,
        challenge_bond: Amount,
        /// Base units to the seller (bond included), to the treasury, to the buyer, to the challenger, and burned.
        paid: Amount,
        fee: Amount,
        refunded: Amount,
        rewarded: Amount,
        burned: Amount,
        refund_reason: Option<i64>,
        awarded: bool,
        award_source: Option<String>,
        closed: bool,
        /// Deadlines: Unix seconds.
        accept_by: i64,
        deliver_by: Option<i64>,
        audit_by: Option<i64>,
        dispute_until: Option<i64>,
        answer_by: Option<i64>,
        resolve_by: Option<i64>,
        opened_at: Option<i64>,
        settled_at: Option<i64>,
        opened_slot: i64,
        updated_slot: i64,
    }
}

row! {
    /// What the chain knows about a seller's orders in one token.
    ReputationRow in reputations by (seller, mint) {
        seller: String,
        mint: String,
        accepted: i64,
        released: i64,
        rejected: i64,
        not_delivered: i64,
        disputed: i64,
        disputes_lost: i64,
        /// Base units paid for released orders, fees included.
        volume: Amount,
        /// Base units of bonds lost.
        slashed: Amount,
        updated_slot: i64,
    }
}

row! {
    /// An oracle's vote on an order.
    VoteRow in votes by (order_address, opened_slot, oracle) {
        order_address: String,
        opened_slot: i64,
        oracle: String,
        oracle_set: i64,
        result_root: String,
        verdict: i64,
        reason: i64,
        report: String,
        voted_at: Option<i64>,
        slot: i64,
        signature: String,
    }
}
