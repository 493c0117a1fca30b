//! The settings of the local platform (`config/local.toml`).
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::path::Path;

const DEFAULT: &str = include_str!("../config/local.toml");

/// How `up` and `demo` set up the embedded chain and the programs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalConfig {
    pub token: TokenConfig,
    pub chain: ChainConfig,
    pub market: MarketConfig,
    pub oracles: OracleConfig,
    pub bonds: BondConfig,
    pub rewards: RewardsConfig,
    pub grants: GrantsConfig,
    pub categories: Vec<CategoryConfig>,
}

/// The platform's token.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenConfig {
    pub decimals: u8,
    /// Whole tokens.
    pub supply: u64,
}

/// The embedded chain.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainConfig {
    /// RFC 3339.
    pub start: String,
    pub slot_milliseconds: u64,
}

/// Settings of the market program; windows in seconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarketConfig {
    pub fee_bps: u16,
    pub accept_seconds: i64,
    pub delivery_seconds: i64,
    pub audit_seconds: i64,
    pub dispute_seconds: i64,
    pub answer_seconds: i64,
    pub resolve_seconds: i64,
    pub award_seconds: i64,
    /// What a seller deposits when it accepts and a challenger when it disputes, as shares of the order's amount.
    pub seller_bond_bps: u16,
    pub challenge_bond_bps: u16,
    /// Shares of a lost bond for a challenger that was right and for the buyer; the rest is burned.
    pub slash_challenger_bps: u16,
    pub slash_buyer_bps: u16,
    pub award_category: u16,
}

/// The oracle set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OracleConfig {
    pub count: u8,
    pub threshold: u8,
    pub samples: u16,
    /// Oracles that judge disputes: an odd number, or 0 for none.
    pub panel: u8,
}

/// Bonds of the oracles; whole tokens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BondConfig {
    /// What each oracle of the platform deposits.
    pub each: u64,
    /// The least that the program takes.
    pub least: u64,
    pub unbonding_days: i64,
    /// Share of its bond that an oracle loses with each overturned vote.
    pub slash_bps: u16,
}

/// Settings of the rewards program.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RewardsConfig {
    pub threshold: u64,
    pub below_bps: u16,
    /// Whether no point may earn more than the pool divided by the threshold.
    pub cap_per_point: bool,
    pub review_seconds: i64,
    /// Time to claim a final month.
    pub claim_seconds: i64,
    pub reserve_delay_seconds: i64,
    /// Whole tokens that may be spent of the reserve within `outflow_window_seconds`.
    pub outflow_limit: u64,
    pub outflow_window_seconds: i64,
    /// Share of profit that goes to the holders of points.
    pub profit_share_bps: u16,
    /// Whole tokens.
    pub pool_a_month: u64,
    /// Points.
    pub issuer_epoch_cap: u64,
}

/// Settings of the grants program.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantsConfig {
    /// Whole tokens.
    pub allocation: u64,
    /// Whole tokens.
    pub pool: u64,
    pub quorum_points: u64,
    pub min_points: u64,
    /// Whole tokens.
    pub proposal_bond: u64,
    pub bond_floor_points: u64,
    pub voting_seconds: i64,
    pub review_seconds: i64,
    pub approval_bps: u16,
}

/// A kind of contribution.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryConfig {
    pub id: u16,
    pub name: String,
    pub weight: u64,
    pub min_quantity: u64,
    pub max_quantity: u64,
}

impl LocalConfig {
    /// Reads a file, or the settings that the binary carries.
    pub fn load(path: Option<&Path>) -> Result<Self> {
        let (text, name) = match path {
            Some(p) => (
                std::fs::read_to_string(p).with_context(|| format!("cannot read the settings {}", p.display()))?,
                p.display().to_string(),
            ),
            None => (DEFAULT.to_owned(), "the built-in settings".to_owned()),
        };
        let config: Self = toml::from_str(&text).with_context(|| format!("{name} are not valid"))?;
        config.check().with_context(|| format!("{name} are not valid"))?;
        Ok(config)
    }

    fn check(&self) -> Result<()> {
        for c in &self.categories {
            if c.name.is_empty() || c.name.len() > 32 {
                bail!("category {}: the name must have 1 to 32 bytes", c.id);
            }
        }
        if !self.categories.iter().any(|c| c.id == self.market.award_category) {
            bail!("market.award_category {} is not in [[categories]]", self.market.award_category);
        }
        self.start_unix()?;
        let bonds = [self.bonds.each, self.bonds.least];
        let rewards = [self.rewards.outflow_limit, self.rewards.pool_a_month];
        for whole in [self.token.supply].into_iter().chain(bonds).chain(rewards) {
            self.base_units(whole)?;
        }
        Ok(())
    }

    /// Base units of so many whole tokens.
    pub fn base_units(&self, whole: u64) -> Result<u64> {
        10u64
            .checked_pow(u32::from(self.token.decimals))
            .and_then(|unit| whole.checked_mul(unit))
            .with_context(|| format!("{whole} tokens of {} decimals do not fit 64 bits", self.token.decimals))
    }

    /// Unix seconds at which the chain's clock starts.
    pub fn start_unix(&self) -> Result<i64> {
        crate::months::read(&self.chain.start).context("chain.start is not valid")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_that_the_binary_carries_are_valid() {
        let config = LocalConfig::load(None).expect("built in");
        assert_eq!(config.base_units(1).expect("fits"), 1_000_000);
    }

    #[test]
    fn an_unknown_setting_is_refused_by_name() {
        let dir = std::env::temp_dir().join(format!("aixblock-local-{}.toml", std::process::id()));
        std::fs::write(&dir, format!("{DEFAULT}\n[marekt]\nfee = 1\n")).expect("temporary file");
        let error = format!("{:#}", LocalConfig::load(Some(&dir)).expect_err("unknown section"));
        std::fs::remove_file(&dir).expect("temporary file");
        assert!(error.contains("marekt"), "{error}");
    }
}
