//! What the demo leaves behind in `report.json`. Amounts are strings of base units.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The whole report.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Report {
    pub training: Training,
    pub audit: Audit,
    pub honest_order: HonestOrder,
    pub dishonest_order: DishonestOrder,
    pub months: Vec<Month>,
    pub api: Api,
    /// Compute units of the last transaction of each instruction, compute-budget instructions included.
    pub compute_units: BTreeMap<String, u64>,
    /// Wall-clock seconds of each phase.
    pub seconds: BTreeMap<String, f64>,
}

/// The honest training run.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Training {
    pub world_size: u32,
    pub virtual_ranks: u32,
    pub steps: u32,
    pub final_state_hash: String,
    /// Of a replay of every segment in one process.
    pub replay_hash: String,
    /// Share of held-out images classified correctly, 0 to 1.
    pub test_accuracy: f64,
    pub samples_per_second: f64,
}

/// The audit of the honest order.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Audit {
    pub segments: u32,
    /// Different segments that the oracles replayed, all together.
    pub sampled: u32,
    pub oracles: u32,
    pub votes_for: u32,
    pub votes_against: u32,
}

/// The order that was paid.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct HonestOrder {
    pub state: String,
    pub paid: String,
    pub fee: String,
    pub refunded: String,
}

/// The order whose training skipped steps.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct DishonestOrder {
    pub state: String,
    pub paid: String,
    pub refunded: String,
    pub reason: String,
}

/// A month of rewards.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Month {
    pub index: u32,
    pub total_points: String,
    pub pool: String,
    pub distributed: String,
    pub reserve: String,
    pub paid: String,
    pub claims: Vec<Claim>,
}

/// What a contributor earned in a month.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Claim {
    pub points: String,
    pub amount: String,
}

/// How many figures of the API were compared with the chain.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Api {
    pub compared: u32,
    pub mismatches: u32,
}

impl Report {
    /// What did not come out as the demo must; empty when all did.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut must = |holds: bool, what: &str| {
            if !holds {
                faults.push(what.to_owned());
            }
        };
        must(self.training.final_state_hash == self.training.replay_hash, "the replay's state is not the trainer's");
        must(self.training.test_accuracy >= 0.95, "the model is less than 95 % accurate");
        must(self.training.steps >= 200 && self.training.virtual_ranks == 4, "the job is not the one that was meant");
        must(self.audit.votes_for == self.audit.oracles, "not every oracle accepted the honest run");
        must(self.honest_order.state == "released", "the honest order was not released");
        must(self.dishonest_order.state == "refunded", "the dishonest order was not refunded");
        must(self.dishonest_order.paid == "0", "the dishonest provider was paid");
        must(self.api.compared > 0 && self.api.mismatches == 0, "the API and the chain differ");
        let amounts: Vec<_> =
            self.months.iter().map(|m| (m.total_points.as_str(), m.distributed.as_str(), m.claims.first())).collect();
        let expected = [("400", "5000000000", "1250000000"), ("1000", "10000000000", "1000000000")];
        must(amounts.len() == expected.len(), "there are not two months");
        for ((points, distributed, claim), (p, d, a)) in amounts.into_iter().zip(expected) {
            let paid = claim.is_some_and(|c| c.points == "100" && c.amount == a);
            must(points == p && distributed == d && paid, "a month was not split as the founding numbers say");
        }
        faults
    }
}
