use super::admin::next_seq;
use crate::{
    GrantsError,
    cpi::{Tokens, emit_event},
    events::GrantsFunded,
    loaded::Loaded,
    state::{Config, add},
    tokens::{Mint, TokenAccount, TokenProgram},
};
use anchor_lang::prelude::*;

#[event_cpi]
#[derive(Accounts)]
pub struct Fund {
    /// Whose tokens are given.
    pub funder: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
    #[account(mut, seeds = [b"vault"], bump)]
    pub vault: Loaded<TokenAccount>,
    #[account(mut)]
    pub funding: Loaded<TokenAccount>,
    #[account(address = config.mint @ GrantsError::WrongMint)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
}

pub fn fund(ctx: &mut Context<Fund>, amount: u64) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(amount > 0, GrantsError::NoAmount);
    let config = &mut a.config;
    config.funded = add(config.funded, amount)?;
    let given = config.funded.get().checked_sub(config.forfeited.get()).ok_or(GrantsError::Insolvent)?;
    require!(given <= config.allocation.get(), GrantsError::AllocationExceeded);
    let (seq, funded, by) = (next_seq(config)?, config.funded.get(), *a.funder.address());

    let tokens = Tokens { program: a.token_program.address(), decimals: a.mint.decimals(), seeds: &[] };
    let (from, to) = (a.funding.cpi_handle_mut(), a.vault.cpi_handle_mut());
    tokens.transfer(from, a.mint.cpi_handle(), to, a.funder.cpi_handle(), amount);
    emit_event!(ctx, GrantsFunded { seq, by, amount, funded });
    Ok(())
}

/// Pays `amount` out of the vault, whose authority is the configuration. The accounts of the handler must carry these names.
macro_rules! pay_out {
    ($a:ident, $to:ident, $amount:expr) => {{
        let bump = [$a.config.bump];
        let (program, decimals) = ($a.token_program.address(), $a.mint.decimals());
        let tokens = crate::cpi::Tokens { program, decimals, seeds: &[&[b"config", &bump]] };
        let (from, to) = ($a.vault.cpi_handle_mut(), $a.$to.cpi_handle_mut());
        tokens.transfer(from, $a.mint.cpi_handle(), to, $a.config.cpi_handle(), $amount);
    }};
}
pub(crate) use pay_out;
