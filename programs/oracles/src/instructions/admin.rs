use crate::{
    OraclesError,
    cpi::emit_event,
    derived::canonical_bump,
    events::ConfigChanged,
    foreign::Foreign,
    foreign_views::ConfigView,
    loaded::Loaded,
    state::{Config, MAX_UNBONDING_SECONDS, RECORD_SECONDS},
    tokens::{Mint, screen_mint},
};
use anchor_lang::prelude::*;
use protocol::{month::BPS, panel::MAX_MEMBERS, upgradeable};

/// What the administrator sets.
#[derive(Clone, Copy, Debug, SchemaRead, SchemaWrite, IdlType)]
pub struct Settings {
    /// Base units.
    pub min_bond: u64,
    pub unbonding_seconds: i64,
    pub slash_bps: u16,
    /// Version of the market's oracle set whose members are drawn for panels.
    pub panel_set: u32,
    /// Members of a panel, at most seven and an odd number, so that one verdict has more votes; 0 for no panels.
    pub panel_size: u8,
}

#[event_cpi]
#[derive(Accounts)]
pub struct Initialize {
    /// The program's upgrade authority; becomes the administrator.
    #[account(mut)]
    pub admin: Signer,
    #[account(init, payer = admin, seeds = [b"config"], bump)]
    pub config: Loaded<Config>,
    /// The market's configuration, whose windows a bond must outlast.
    pub market_config: Loaded<Foreign<ConfigView>>,
    /// The token of all bonds.
    pub mint: Loaded<Mint>,
    /// The loader's record of this program, which names the upgrade authority.
    pub program_data: UncheckedAccount,
    pub system_program: Program<System>,
}

pub fn initialize(ctx: &mut Context<Initialize>, settings: Settings) -> Result<()> {
    let loader = Address::new_from_array(upgradeable::LOADER_ID);
    let account = ctx.accounts.program_data.account();
    let in_place = canonical_bump(&loader, account.address(), &[crate::ID.as_ref()]).is_some();
    require!(in_place && account.owned_by(&loader), OraclesError::NotUpgradeAuthority);
    let authority = {
        let data = account.try_borrow()?;
        upgradeable::upgrade_authority(&data)
    };
    require!(authority == Some(ctx.accounts.admin.address().to_bytes()), OraclesError::NotUpgradeAuthority);
    screen_mint(ctx.accounts.mint.account()).map_err(OraclesError::from)?;

    let config = &mut ctx.accounts.config;
    config.admin = *ctx.accounts.admin.address();
    config.mint = *ctx.accounts.mint.address();
    config.bump = ctx.bumps.config;
    config.slash_bps = settings.slash_bps.into();
    apply(config, &ctx.accounts.market_config, &settings)?;
    let event = config_changed(config)?;
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct Administer {
    #[account(address = config.admin @ OraclesError::NotAdmin)]
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

#[event_cpi]
#[derive(Accounts)]
pub struct AcceptAdmin {
    #[account(address = config.pending_admin @ OraclesError::NotPendingAdmin)]
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

#[event_cpi]
#[derive(Accounts)]
pub struct UpdateConfig {
    #[account(address = config.admin @ OraclesError::NotAdmin)]
    pub admin: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
    /// The market's configuration, whose windows a bond must outlast.
    pub market_config: Loaded<Foreign<ConfigView>>,
}

pub fn update_config(ctx: &mut Context<UpdateConfig>, settings: Settings) -> Result<()> {
    apply(&mut ctx.accounts.config, &ctx.accounts.market_config, &settings)?;
    let event = config_changed(&mut ctx.accounts.config)?;
    emit_event!(ctx, event);
    Ok(())
}

fn apply(config: &mut Config, market: &ConfigView, settings: &Settings) -> Result<()> {
    require!(settings.min_bond > 0 && u64::from(settings.slash_bps) <= BPS, OraclesError::SettingOutOfRange);
    let range = least_unbonding(market)?..=i64::from(MAX_UNBONDING_SECONDS);
    require!(range.contains(&settings.unbonding_seconds), OraclesError::UnbondingOutOfRange);
    let seats = settings.panel_size;
    let odd_and_few = seats & 1 == 1 && usize::from(seats) <= MAX_MEMBERS;
    require!(seats == 0 || odd_and_few, OraclesError::PanelSizeOutOfRange);
    config.panel_set = settings.panel_set.into();
    config.panel_size = seats;
    config.min_bond = settings.min_bond.into();
    config.unbonding_seconds = settings.unbonding_seconds.into();
    if config.slash_bps.get() != settings.slash_bps {
        // no vote waits for its record longer than a bond takes out, so that one change is all that has to be remembered
        let now = Clock::get()?.unix_timestamp;
        let next =
            config.slash_changed_at.get().checked_add(settings.unbonding_seconds).ok_or(OraclesError::Overflow)?;
        require!(now >= next, OraclesError::SlashChangedLately);
        config.slash_bps_before = config.slash_bps;
        config.slash_changed_at = now.into();
        config.slash_bps = settings.slash_bps.into();
    }
    Ok(())
}

/// Seconds for which a bond must stay after a vote, under the market's present windows: until the order can be settled at
/// the latest, and for the time in which the vote can be recorded after that.
pub(crate) fn least_unbonding(market: &ConfigView) -> Result<i64> {
    let judgement = market.longest_judgement().ok_or(OraclesError::Overflow)?;
    Ok(judgement.checked_add(RECORD_SECONDS.into()).ok_or(OraclesError::Overflow)?)
}

fn config_changed(config: &mut Config) -> Result<ConfigChanged> {
    let seq = config.seq.get().checked_add(1).ok_or(OraclesError::Overflow)?;
    config.seq = seq.into();
    Ok(ConfigChanged {
        seq,
        admin: config.admin,
        pending_admin: config.pending_admin,
        mint: config.mint,
        min_bond: config.min_bond.get(),
        unbonding_seconds: config.unbonding_seconds.get(),
        slash_changed_at: config.slash_changed_at.get(),
        slash_bps: config.slash_bps.get(),
        slash_bps_before: config.slash_bps_before.get(),
        panel_set: config.panel_set.get(),
        panel_size: config.panel_size,
    })
}
