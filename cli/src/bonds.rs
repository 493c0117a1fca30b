//! Configures the oracles' program, and bonds the oracles of the local platform.
use crate::{keys::Keys, local_config::LocalConfig, platform::PANEL_SET, session::Session};
use anyhow::Result;
use chain::instruction::{
    oracles as ix,
    token::{self as token_ix, Token},
};
use protocol::calendar::DAY_SECONDS;
use solana_signer::Signer;

/// Initializes the program, registers each oracle and deposits its bond, which the administrator gives it. The market must be
/// configured before.
pub async fn bond_oracles(s: &Session, keys: &Keys, config: &LocalConfig) -> Result<()> {
    let (admin, mint, bonds) = (keys.admin.pubkey(), keys.mint.pubkey(), &config.bonds);
    let settings = ix::Settings {
        min_bond: config.base_units(bonds.least)?,
        unbonding_seconds: bonds.unbonding_days.saturating_mul(DAY_SECONDS),
        slash_bps: bonds.slash_bps,
        panel_set: PANEL_SET,
        panel_size: config.oracles.panel,
    };
    s.send("oracles_initialize", &[ix::initialize(admin, mint, settings)], &[&keys.admin]).await?;
    let (token, amount) = (Token::classic(mint), config.base_units(bonds.each)?);
    for oracle in &keys.oracles {
        let authority = oracle.pubkey();
        let transfer =
            token_ix::Transfer { token, decimals: config.token.decimals, from: admin, to: authority, amount };
        let give = [token_ix::create_account(admin, authority, token), token_ix::transfer(transfer)];
        s.send("fund_oracle", &give, &[&keys.admin]).await?;
        let register = ix::register_oracle(authority, authority, token);
        s.send("register_oracle", &[register], &[oracle]).await?;
        let deposit = ix::deposit_bond(authority, token.account_of(&authority), token, amount);
        s.send("deposit_bond", &[deposit], &[oracle]).await?;
    }
    Ok(())
}
