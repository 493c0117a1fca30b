use crate::{
    GrantsError,
    cpi::emit_event,
    derived::canonical_bump,
    events::ConfigChanged,
    loaded::Loaded,
    state::{ALLOCATION_BPS, Config, pause},
    tokens::{Mint, TokenProgram, open_vault, screen_mint},
};
use anchor_lang::prelude::*;
use protocol::{calendar::DAY_SECONDS, month::BPS, upgradeable, vote::MAX_VOTING_SECONDS};

/// What the administrator sets.
#[derive(Clone, Copy, Debug, SchemaRead, SchemaWrite, IdlType)]
pub struct Settings {
    pub reviewer: Address,
    pub quorum_points: u64,
    pub min_points: u64,
    pub proposal_bond: u64,
    pub bond_floor_points: u64,
    pub voting_seconds: i64,
    pub review_seconds: i64,
    pub approval_bps: u16,
}

#[event_cpi]
#[derive(Accounts)]
pub struct Initialize {
    /// The program's upgrade authority; becomes the administrator.
    #[account(mut)]
    pub admin: Signer,
    #[account(init, payer = admin, seeds = [b"config"], bump)]
    pub config: Loaded<Config>,
    /// The token that will be granted.
    pub mint: Loaded<Mint>,
    /// The token account of the pool, which is created here.
    #[account(mut, seeds = [b"vault"], bump)]
    pub vault: UncheckedAccount,
    /// The loader's record of this program, which names the upgrade authority.
    pub program_data: UncheckedAccount,
    pub token_program: TokenProgram,
    pub system_program: Program<System>,
}

pub fn initialize(ctx: &mut Context<Initialize>, allocation: u64, settings: Settings) -> Result<()> {
    let a = &mut ctx.accounts;
    let loader = Address::new_from_array(upgradeable::LOADER_ID);
    let account = a.program_data.account();
    let in_place = canonical_bump(&loader, account.address(), &[crate::ID.as_ref()]).is_some();
    require!(in_place && account.owned_by(&loader), GrantsError::NotUpgradeAuthority);
    let authority = {
        let data = account.try_borrow()?;
        upgradeable::upgrade_authority(&data)
    };
    require!(authority == Some(a.admin.address().to_bytes()), GrantsError::NotUpgradeAuthority);
    screen_mint(a.mint.account()).map_err(GrantsError::from)?;
    let part = u128::from(a.mint.supply()) * u128::from(ALLOCATION_BPS);
    // equal to allocation <= floor(supply x bps / 10,000)
    let within = u128::from(allocation) * u128::from(BPS) <= part;
    require!(allocation > 0 && within, GrantsError::AllocationOutOfRange);

    let config = &mut a.config;
    config.admin = *a.admin.address();
    config.mint = *a.mint.address();
    config.allocation = allocation.into();
    config.bump = ctx.bumps.config;
    config.vault_bump = ctx.bumps.vault;
    apply(config, &settings)?;
    let (event, authority) = (config_changed(config)?, *config.address());

    let (program, vault_view) = (a.token_program.address(), *a.vault.account());
    let seeds: &[&[u8]] = &[b"vault", &[ctx.bumps.vault]];
    let (payer, vault) = (*a.admin.account(), a.vault.cpi_handle_mut());
    open_vault(program, &payer, vault, &vault_view, seeds, a.mint.cpi_handle(), &authority)?;
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct Administer {
    #[account(address = config.admin @ GrantsError::NotAdmin)]
    pub admin: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
}

pub fn propose_admin(ctx: &mut Context<Administer>, new_admin: Address) -> Result<()> {
    ctx.accounts.config.pending_admin = new_admin;
    let event = config_changed(&mut ctx.accounts.config)?;
    emit_event!(ctx, event);
    Ok(())
}

pub fn set_pause(ctx: &mut Context<Administer>, paused: u8) -> Result<()> {
    require!(paused & !(pause::PROPOSALS | pause::APPROVALS) == 0, GrantsError::UnknownPauseBit);
    ctx.accounts.config.paused = paused;
    let event = config_changed(&mut ctx.accounts.config)?;
    emit_event!(ctx, event);
    Ok(())
}

pub fn update_config(ctx: &mut Context<Administer>, settings: Settings) -> Result<()> {
    apply(&mut ctx.accounts.config, &settings)?;
    let event = config_changed(&mut ctx.accounts.config)?;
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct AcceptAdmin {
    #[account(address = config.pending_admin @ GrantsError::NotPendingAdmin)]
    pub new_admin: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
}

pub fn accept_admin(ctx: &mut Context<AcceptAdmin>) -> Result<()> {
    let config = &mut ctx.accounts.config;
    config.admin = *ctx.accounts.new_admin.address();
    config.pending_admin = Address::default();
    let event = config_changed(config)?;
    emit_event!(ctx, event);
    Ok(())
}

fn apply(config: &mut Config, settings: &Settings) -> Result<()> {
    let windows = (1..=MAX_VOTING_SECONDS).contains(&settings.voting_seconds)
        && (1..=366 * DAY_SECONDS).contains(&settings.review_seconds);
    // half at least; with all of them, "more than" could not be reached
    let approval = (5_000..10_000).contains(&settings.approval_bps);
    let points =
        settings.quorum_points > 0 && settings.min_points > 0 && settings.bond_floor_points <= settings.quorum_points;
    require!(windows && approval && points, GrantsError::SettingOutOfRange);
    config.reviewer = settings.reviewer;
    config.quorum_points = settings.quorum_points.into();
    config.min_points = settings.min_points.into();
    config.proposal_bond = settings.proposal_bond.into();
    config.bond_floor_points = settings.bond_floor_points.into();
    config.voting_seconds = settings.voting_seconds.into();
    config.review_seconds = settings.review_seconds.into();
    config.approval_bps = settings.approval_bps.into();
    Ok(())
}

pub(crate) fn next_seq(config: &mut Config) -> Result<u64> {
    let seq = config.seq.get().checked_add(1).ok_or(GrantsError::Overflow)?;
    config.seq = seq.into();
    Ok(seq)
}

fn config_changed(config: &mut Config) -> Result<ConfigChanged> {
    Ok(ConfigChanged {
        seq: next_seq(config)?,
        admin: config.admin,
        pending_admin: config.pending_admin,
        reviewer: config.reviewer,
        mint: config.mint,
        allocation: config.allocation.get(),
        quorum_points: config.quorum_points.get(),
        min_points: config.min_points.get(),
        proposal_bond: config.proposal_bond.get(),
        bond_floor_points: config.bond_floor_points.get(),
        voting_seconds: config.voting_seconds.get(),
        review_seconds: config.review_seconds.get(),
        approval_bps: config.approval_bps.get(),
        paused: config.paused,
    })
}
