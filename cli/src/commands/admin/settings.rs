//! The settings of the programs as people write them: TOML with the names of the programs' own fields.
use anyhow::{Context, Result, bail};
use chain::instruction::{grants, market, oracles, rewards};
use market::Settings as MarketSettings;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use solana_pubkey::Pubkey;
use std::path::Path;

/// An address in base 58.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(super) struct Key(pub(super) Pubkey);

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.0.to_string()
    }
}

impl TryFrom<String> for Key {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        super::super::address(&text).map(Self)
    }
}

/// Reads the settings in a file.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    toml::from_str(&text).with_context(|| {
        format!("{} does not hold the settings of this program: `aixblock admin show` prints them", path.display())
    })
}

/// A form of a program's settings: the same fields, with addresses as texts.
macro_rules! form {
    ($(#[$doc:meta])* $name:ident is $settings:path { $($field:ident: $kind:ty),* $(,)? } and $($key:ident),*) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            $(pub(super) $key: Key,)*
            $(pub(super) $field: $kind,)*
        }

        impl From<$name> for $settings {
            fn from(form: $name) -> Self {
                Self { $($key: form.$key.0,)* $($field: form.$field,)* }
            }
        }
    };
}

form! {
    /// Settings of rewards.
    RewardsForm is rewards::Settings {
        threshold: u64,
        below_bps: u16,
        cap_per_point: bool,
        review_seconds: i64,
        claim_seconds: i64,
        confirm_points: u64,
        reserve_delay_seconds: i64,
        outflow_limit: u64,
        outflow_window_seconds: i64,
        profit_share_bps: u16,
    } and confirmer
}

form! {
    /// Settings of grants.
    GrantsForm is grants::Settings {
        quorum_points: u64,
        min_points: u64,
        proposal_bond: u64,
        bond_floor_points: u64,
        voting_seconds: i64,
        review_seconds: i64,
        approval_bps: u16,
    } and reviewer
}

form! {
    /// Settings of oracles.
    OraclesForm is oracles::Settings {
        min_bond: u64,
        unbonding_seconds: i64,
        slash_bps: u16,
        panel_set: u32,
        panel_size: u8,
    } and
}

/// Settings of the market.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MarketForm {
    pub(super) treasury: Key,
    /// At most four.
    pub(super) mints: Vec<Key>,
    pub(super) fee_bps: u16,
    pub(super) award_category: u16,
    pub(super) accept_seconds: i64,
    pub(super) delivery_seconds: i64,
    pub(super) audit_seconds: i64,
    pub(super) dispute_seconds: i64,
    pub(super) answer_seconds: i64,
    pub(super) resolve_seconds: i64,
    pub(super) award_seconds: i64,
    pub(super) seller_bond_bps: u16,
    pub(super) challenge_bond_bps: u16,
    pub(super) slash_challenger_bps: u16,
    pub(super) slash_buyer_bps: u16,
}

impl TryFrom<MarketForm> for MarketSettings {
    type Error = anyhow::Error;

    fn try_from(form: MarketForm) -> Result<Self> {
        let mut mints = [Pubkey::default(); ::market::state::MAX_MINTS];
        if form.mints.len() > mints.len() {
            bail!("{} mints: the market takes at most {}", form.mints.len(), mints.len());
        }
        for (place, mint) in mints.iter_mut().zip(&form.mints) {
            *place = mint.0;
        }
        Ok(Self {
            treasury: form.treasury.0,
            mints,
            fee_bps: form.fee_bps,
            award_category: form.award_category,
            accept_seconds: form.accept_seconds,
            delivery_seconds: form.delivery_seconds,
            audit_seconds: form.audit_seconds,
            dispute_seconds: form.dispute_seconds,
            answer_seconds: form.answer_seconds,
            resolve_seconds: form.resolve_seconds,
            award_seconds: form.award_seconds,
            seller_bond_bps: form.seller_bond_bps,
            challenge_bond_bps: form.challenge_bond_bps,
            slash_challenger_bps: form.slash_challenger_bps,
            slash_buyer_bps: form.slash_buyer_bps,
        })
    }
}

impl From<&::market::state::Config> for MarketForm {
    fn from(c: &::market::state::Config) -> Self {
        Self {
            treasury: Key(c.treasury),
            mints: c.mints.into_iter().filter(|mint| *mint != Pubkey::default()).map(Key).collect(),
            fee_bps: c.fee_bps.get(),
            award_category: c.award_category.get(),
            accept_seconds: c.accept_seconds.get(),
            delivery_seconds: c.delivery_seconds.get(),
            audit_seconds: c.audit_seconds.get(),
            dispute_seconds: c.dispute_seconds.get(),
            answer_seconds: c.answer_seconds.get(),
            resolve_seconds: c.resolve_seconds.get(),
            award_seconds: c.award_seconds.get(),
            seller_bond_bps: c.seller_bond_bps.get(),
            challenge_bond_bps: c.challenge_bond_bps.get(),
            slash_challenger_bps: c.slash_challenger_bps.get(),
            slash_buyer_bps: c.slash_buyer_bps.get(),
        }
    }
}

impl From<&::rewards::state::Config> for RewardsForm {
    fn from(c: &::rewards::state::Config) -> Self {
        Self {
            confirmer: Key(c.confirmer),
            threshold: c.threshold.get(),
            below_bps: c.below_bps.get(),
            cap_per_point: c.cap_per_point != 0,
            review_seconds: c.review_seconds.get(),
            claim_seconds: c.claim_seconds.get(),
            confirm_points: c.confirm_points.get(),
            reserve_delay_seconds: c.reserve_delay_seconds.get(),
            outflow_limit: c.outflow_limit.get(),
            outflow_window_seconds: c.outflow_window_seconds.get(),
            profit_share_bps: c.profit_share_bps.get(),
        }
    }
}

impl From<&::grants::state::Config> for GrantsForm {
    fn from(c: &::grants::state::Config) -> Self {
        Self {
            reviewer: Key(c.reviewer),
            quorum_points: c.quorum_points.get(),
            min_points: c.min_points.get(),
            proposal_bond: c.proposal_bond.get(),
            bond_floor_points: c.bond_floor_points.get(),
            voting_seconds: c.voting_seconds.get(),
            review_seconds: c.review_seconds.get(),
            approval_bps: c.approval_bps.get(),
        }
    }
}

impl From<&::oracles::state::Config> for OraclesForm {
    fn from(c: &::oracles::state::Config) -> Self {
        let (min_bond, unbonding_seconds) = (c.min_bond.get(), c.unbonding_seconds.get());
        let (panel_set, panel_size) = (c.panel_set.get(), c.panel_size);
        Self { min_bond, unbonding_seconds, slash_bps: c.slash_bps.get(), panel_set, panel_size }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn market() -> MarketForm {
        MarketForm {
            treasury: Key(Pubkey::new_from_array([1; 32])),
            mints: vec![Key(Pubkey::new_from_array([2; 32]))],
            fee_bps: 1,
            award_category: 2,
            accept_seconds: 3,
            delivery_seconds: 4,
            audit_seconds: 5,
            dispute_seconds: 6,
            answer_seconds: 7,
            resolve_seconds: 8,
            award_seconds: 9,
            seller_bond_bps: 10,
            challenge_bond_bps: 11,
            slash_challenger_bps: 12,
            slash_buyer_bps: 13,
        }
    }

    #[test]
    fn what_is_printed_is_what_is_read() {
        let text = toml::to_string(&market()).expect("prints");
        assert_eq!(toml::from_str::<MarketForm>(&text).expect("reads"), market());
        assert!(toml::from_str::<OraclesForm>(&text).is_err(), "another program's settings");
        assert!(toml::from_str::<MarketForm>(&format!("{text}fees = 1\n")).is_err(), "an unknown setting");
    }

    #[test]
    fn a_fifth_mint_is_refused() {
        let four = MarketForm { mints: vec![Key(Pubkey::new_from_array([2; 32])); 4], ..market() };
        assert_eq!(MarketSettings::try_from(four.clone()).expect("fit").mints, [Pubkey::new_from_array([2; 32]); 4]);
        let five = MarketForm { mints: vec![four.treasury; 5], ..four };
        assert!(MarketSettings::try_from(five).is_err());
    }
}
