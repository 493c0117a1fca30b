use super::admin::next_seq;
use crate::{
    MarketError,
    cpi::emit_event,
    events::{OracleSetCreated, OracleSetRetired},
    loaded::Loaded,
    state::{Config, MAX_ORACLES, OracleSet},
};
use anchor_lang::prelude::*;

/// Members and rule of a new set.
#[derive(Clone, Copy, Debug, SchemaRead, SchemaWrite, IdlType)]
pub struct OracleMembers {
    pub count: u8,
    pub threshold: u8,
    pub samples: u16,
    /// Base units that a member must have bonded in the program `oracles` for its votes to count; 0 asks for none.
    pub min_bond: u64,
    pub members: [Address; MAX_ORACLES],
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(version: u32)]
pub struct CreateOracleSet {
    #[account(mut, address = config.admin @ MarketError::NotAdmin)]
    pub admin: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
    #[account(init, payer = admin, seeds = [b"oracles", &version.to_le_bytes()], bump)]
    pub oracle_set: Loaded<OracleSet>,
    pub system_program: Program<System>,
}

pub fn create_oracle_set(ctx: &mut Context<CreateOracleSet>, version: u32, set: OracleMembers) -> Result<()> {
    let next = ctx.accounts.config.oracle_set.get().checked_add(1).ok_or(MarketError::Overflow)?;
    require!(version == next, MarketError::OracleSetOutOfOrder);
    let members = set.members.get(..usize::from(set.count)).ok_or(MarketError::OracleSetOutOfRange)?;
    let distinct = members.iter().enumerate().all(|(i, m)| *m != Address::default() && !members[..i].contains(m));
    // more than half, so that two contrary verdicts can never both have enough votes
    let majority = u16::from(set.threshold) * 2 > u16::from(set.count) && set.threshold <= set.count;
    require!(!members.is_empty() && distinct && majority, MarketError::OracleSetOutOfRange);

    let account = &mut ctx.accounts.oracle_set;
    account.members = [Address::default(); MAX_ORACLES];
    account.members[..members.len()].copy_from_slice(members);
    account.version = version.into();
    account.samples = set.samples.into();
    account.min_bond = set.min_bond.into();
    account.count = set.count;
    account.threshold = set.threshold;
    account.bump = ctx.bumps.oracle_set;
    let members = account.members;
    ctx.accounts.config.oracle_set = version.into();
    let seq = next_seq(&mut ctx.accounts.config)?;
    let (threshold, samples, min_bond, count) = (set.threshold, set.samples, set.min_bond, set.count);
    emit_event!(ctx, OracleSetCreated { seq, version, threshold, samples, min_bond, count, members });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct RetireOracleSet {
    #[account(address = config.admin @ MarketError::NotAdmin)]
    pub admin: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
    #[account(mut)]
    pub oracle_set: Loaded<OracleSet>,
}

pub fn retire_oracle_set(ctx: &mut Context<RetireOracleSet>) -> Result<()> {
    require!(ctx.accounts.oracle_set.retired == 0, MarketError::OracleSetRetired);
    ctx.accounts.oracle_set.retired = 1;
    let version = ctx.accounts.oracle_set.version.get();
    let seq = next_seq(&mut ctx.accounts.config)?;
    emit_event!(ctx, OracleSetRetired { seq, version });
    Ok(())
}
