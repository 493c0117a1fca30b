//! The token accounts that the configuration's address can move.
use crate::{
    RewardsError,
    cpi::Tokens,
    loaded::Loaded,
    state::Config,
    tokens::{Mint, TokenAccount, TokenProgram},
};
use anchor_lang::{CpiHandleMut, accounts::SlabSchema, bytemuck, prelude::*};

/// Moves tokens out of a vault, if there are any to move.
#[inline(never)]
pub(crate) fn pay<'a>(
    config: &'a Loaded<Config>,
    token_program: &'a TokenProgram,
    mint: &'a Loaded<Mint>,
    from: CpiHandleMut<'a>,
    to: CpiHandleMut<'a>,
    amount: u64,
) {
    if amount > 0 {
        let seeds: &[&[u8]] = &[b"config", &[config.bump]];
        let tokens = Tokens { program: token_program.address(), decimals: mint.decimals(), seeds: &[seeds] };
        tokens.transfer(from, mint.cpi_handle(), to, config.cpi_handle(), amount);
    }
}

/// Base units in a vault, whose address was checked.
#[inline(never)]
pub(crate) fn held(vault: &UncheckedAccount) -> Result<u64> {
    let view = vault.account();
    let data = view.try_borrow()?;
    TokenAccount::validate(view, &data).map_err(|_| RewardsError::VaultShort)?;
    let tokens: &TokenAccount = data
        .get(..size_of::<TokenAccount>())
        .and_then(|d| bytemuck::try_from_bytes(d).ok())
        .ok_or(RewardsError::VaultShort)?;
    Ok(tokens.amount())
}
