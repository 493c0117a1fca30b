use crate::{
    MarketError,
    cpi::emit_event,
    derived::canonical_bump,
    events::ConfigChanged,
    loaded::Loaded,
    state::{Config, MAX_FEE_BPS, MAX_MINTS},
};
use anchor_lang::prelude::*;
use protocol::{calendar::DAY_SECONDS, settlement::BPS, upgradeable};

/// What the administrator sets.
#[derive(Clone, Copy, Debug, SchemaRead, SchemaWrite, IdlType)]
pub struct Settings {
    pub treasury: Address,
    pub mints: [Address; MAX_MINTS],
    pub fee_bps: u16,
    pub award_category: u16,
    pub accept_seconds: i64,
    pub delivery_seconds: i64,
    pub audit_seconds: i64,
    pub dispute_seconds: i64,
    pub answer_seconds: i64,
    pub resolve_seconds: i64,
    pub award_seconds: i64,
    /// Bonds of a seller that accepts and of a challenger, as shares of the order's amount.
    pub seller_bond_bps: u16,
    pub challenge_bond_bps: u16,
    /// Shares of a lost bond for a challenger that was right and for the buyer; the rest is burned.
    pub slash_challenger_bps: u16,
    pub slash_buyer_bps: u16,
}

#[event_cpi]
#[derive(Accounts)]
pub struct Initialize {
    /// The program's upgrade authority; becomes the administrator.
    #[account(mut)]
    pub admin: Signer,
    #[account(init, payer = admin, seeds = [b"config"], bump)]
    pub config: Loaded<Config>,
    /// The loader's record of this program, which names the upgrade authority.
    pub program_data: UncheckedAccount,
    pub system_program: Program<System>,
}

pub fn initialize(ctx: &mut Context<Initialize>, settings: Settings) -> Result<()> {
    let loader = Address::new_from_array(upgradeable::LOADER_ID);
    let account = ctx.accounts.program_data.account();
    let in_place = canonical_bump(&loader, account.address(), &[crate::ID.as_ref()]).is_some();
    require!(in_place && account.owned_by(&loader), MarketError::NotUpgradeAuthority);
    let authority = {
        let data = account.try_borrow()?;
        upgradeable::upgrade_authority(&data)
    };
    require!(authority == Some(ctx.accounts.admin.address().to_bytes()), MarketError::NotUpgradeAuthority);

    let config = &mut ctx.accounts.config;
    config.admin = *ctx.accounts.admin.address();
    config.bump = ctx.bumps.config;
    apply(config, &settings)?;
    let event = config_changed(config)?;
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct Administer {
    #[account(address = config.admin @ MarketError::NotAdmin)]
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
    #[account(address = config.pending_admin @ MarketError::NotPendingAdmin)]
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
    require!(settings.fee_bps <= MAX_FEE_BPS, MarketError::FeeTooHigh);
    let windows = [
        settings.accept_seconds,
        settings.delivery_seconds,
        settings.audit_seconds,
        settings.dispute_seconds,
        settings.answer_seconds,
        settings.resolve_seconds,
        settings.award_seconds,
    ];
    require!(windows.iter().all(|w| (1..=366 * DAY_SECONDS).contains(w)), MarketError::SettingOutOfRange);
    let shares = [
        settings.seller_bond_bps,
        settings.challenge_bond_bps,
        settings.slash_challenger_bps,
        settings.slash_buyer_bps,
    ];
    let slashed = u64::from(settings.slash_challenger_bps) + u64::from(settings.slash_buyer_bps);
    let whole = shares.iter().all(|share| u64::from(*share) <= BPS) && slashed <= BPS;
    require!(whole, MarketError::SettingOutOfRange);
    require!(settings.mints.iter().any(|m| *m != Address::default()), MarketError::SettingOutOfRange);
    config.treasury = settings.treasury;
    config.mints = settings.mints;
    config.fee_bps = settings.fee_bps.into();
    config.award_category = settings.award_category.into();
    config.accept_seconds = settings.accept_seconds.into();
    config.delivery_seconds = settings.delivery_seconds.into();
    config.audit_seconds = settings.audit_seconds.into();
    config.dispute_seconds = settings.dispute_seconds.into();
    config.answer_seconds = settings.answer_seconds.into();
    config.resolve_seconds = settings.resolve_seconds.into();
    config.award_seconds = settings.award_seconds.into();
    config.seller_bond_bps = settings.seller_bond_bps.into();
    config.challenge_bond_bps = settings.challenge_bond_bps.into();
    config.slash_challenger_bps = settings.slash_challenger_bps.into();
    config.slash_buyer_bps = settings.slash_buyer_bps.into();
    Ok(())
}

pub(crate) fn next_seq(config: &mut Config) -> Result<u64> {
    let seq = config.seq.get().checked_add(1).ok_or(MarketError::Overflow)?;
    config.seq = seq.into();
    Ok(seq)
}

#[inline(never)]
fn config_changed(config: &mut Config) -> Result<ConfigChanged> {
    Ok(ConfigChanged {
        seq: next_seq(config)?,
        admin: config.admin,
        pending_admin: config.pending_admin,
        treasury: config.treasury,
        fee_bps: config.fee_bps.get(),
        paused: config.paused,
        oracle_set: config.oracle_set.get(),
        accept_seconds: config.accept_seconds.get(),
        delivery_seconds: config.delivery_seconds.get(),
        audit_seconds: config.audit_seconds.get(),
        dispute_seconds: config.dispute_seconds.get(),
        answer_seconds: config.answer_seconds.get(),
        resolve_seconds: config.resolve_seconds.get(),
        award_seconds: config.award_seconds.get(),
        award_category: config.award_category.get(),
        seller_bond_bps: config.seller_bond_bps.get(),
        challenge_bond_bps: config.challenge_bond_bps.get(),
        slash_challenger_bps: config.slash_challenger_bps.get(),
        slash_buyer_bps: config.slash_buyer_bps.get(),
        mints: config.mints,
    })
}
