use crate::{
    RewardsError,
    cpi::emit_event,
    derived::canonical_bump,
    events::{CategorySet, ConfigChanged, IssuerSet},
    loaded::Loaded,
    state::{Category, Config, Issuer},
    tokens::{Mint, TokenProgram, open_vault, screen_mint},
};
use anchor_lang::prelude::*;
use protocol::{calendar::DAY_SECONDS, month::BPS, upgradeable};

/// What the administrator sets. Epochs that are open keep the threshold, the share below it and the cap that they were
/// opened under.
#[derive(Clone, Copy, Debug, SchemaRead, SchemaWrite, IdlType)]
pub struct Settings {
    pub threshold: u64,
    pub below_bps: u16,
    /// No point may earn more than the pool divided by the threshold.
    pub cap_per_point: bool,
    pub review_seconds: i64,
    pub claim_seconds: i64,
    /// Awards of more points wait for `confirmer`; 0 when none does.
    pub confirm_points: u64,
    pub confirmer: Address,
    pub reserve_delay_seconds: i64,
    /// Base units that may be spent of the reserve within `outflow_window_seconds`.
    pub outflow_limit: u64,
    pub outflow_window_seconds: i64,
    pub profit_share_bps: u16,
}

/// Terms of a category.
#[derive(Clone, Copy, Debug, SchemaRead, SchemaWrite, IdlType)]
pub struct CategoryTerms {
    pub name: [u8; 32],
    pub weight: u64,
    pub min_quantity: u64,
    pub max_quantity: u64,
    pub enabled: bool,
}

#[event_cpi]
#[derive(Accounts)]
pub struct Initialize {
    /// The program's upgrade authority; becomes the administrator.
    #[account(mut)]
    pub admin: Signer,
    #[account(init, payer = admin, seeds = [b"config"], bump)]
    pub config: Loaded<Config>,
    /// The token that will be distributed.
    pub mint: Loaded<Mint>,
    /// The token account of the reserve, which is created here.
    #[account(mut, seeds = [b"reserve"], bump)]
    pub reserve: UncheckedAccount,
    /// The token account of the holders' profit, which is created here.
    #[account(mut, seeds = [b"profit_vault"], bump)]
    pub profit_vault: UncheckedAccount,
    /// The loader's record of this program, which names the upgrade authority.
    pub program_data: UncheckedAccount,
    pub token_program: TokenProgram,
    pub system_program: Program<System>,
}

pub fn initialize(ctx: &mut Context<Initialize>, settings: Settings) -> Result<()> {
    let loader = Address::new_from_array(upgradeable::LOADER_ID);
    let account = ctx.accounts.program_data.account();
    let in_place = canonical_bump(&loader, account.address(), &[crate::ID.as_ref()]).is_some();
    require!(in_place && account.owned_by(&loader), RewardsError::NotUpgradeAuthority);
    let authority = {
        let data = account.try_borrow()?;
        upgradeable::upgrade_authority(&data)
    };
    require!(authority == Some(ctx.accounts.admin.address().to_bytes()), RewardsError::NotUpgradeAuthority);
    let a = &mut ctx.accounts;
    screen_mint(a.mint.account()).map_err(RewardsError::from)?;
    a.config.admin = *a.admin.address();
    a.config.mint = *a.mint.address();
    a.config.bump = ctx.bumps.config;
    apply(&mut a.config, &settings)?;
    let event = config_changed(&mut a.config)?;

    let (program, payer, config) = (a.token_program.address(), *a.admin.account(), *a.config.address());
    for (vault, seed, bump) in [
        (&mut a.reserve, b"reserve".as_slice(), ctx.bumps.reserve),
        (&mut a.profit_vault, b"profit_vault", ctx.bumps.profit_vault),
    ] {
        let view = *vault.account();
        let vault = vault.cpi_handle_mut();
        open_vault(program, &payer, vault, &view, &[seed, &[bump]], a.mint.cpi_handle(), &config)?;
    }
    emit_event!(ctx, event);
    Ok(())
}

/// Accounts of the instructions that change nothing but the configuration.
#[event_cpi]
#[derive(Accounts)]
pub struct Administer {
    /// The administrator; to accept, the proposed one.
    pub admin: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
}

pub fn propose_admin(ctx: &mut Context<Administer>, new_admin: Address) -> Result<()> {
    by_admin(ctx)?.pending_admin = new_admin;
    tell(ctx)
}

pub fn accept_admin(ctx: &mut Context<Administer>) -> Result<()> {
    let config = &mut ctx.accounts.config;
    require!(*ctx.accounts.admin.address() == config.pending_admin, RewardsError::NotPendingAdmin);
    config.admin = config.pending_admin;
    config.pending_admin = Address::default();
    tell(ctx)
}

pub fn set_pause(ctx: &mut Context<Administer>, awards_paused: bool) -> Result<()> {
    by_admin(ctx)?.awards_paused = awards_paused.into();
    tell(ctx)
}

pub fn update_config(ctx: &mut Context<Administer>, settings: Settings) -> Result<()> {
    apply(by_admin(ctx)?, &settings)?;
    tell(ctx)
}

#[inline(never)]
fn by_admin<'a>(ctx: &'a mut Context<Administer>) -> Result<&'a mut Config> {
    require!(*ctx.accounts.admin.address() == ctx.accounts.config.admin, RewardsError::NotAdmin);
    Ok(&mut ctx.accounts.config)
}

#[inline(never)]
fn tell(ctx: &mut Context<Administer>) -> Result<()> {
    let event = config_changed(&mut ctx.accounts.config)?;
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(id: u16)]
pub struct SetCategory {
    #[account(mut, address = config.admin @ RewardsError::NotAdmin)]
    pub admin: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"category", &id.to_le_bytes()], bump))]
    #[account(mut)]
    pub category: UncheckedAccount,
    pub system_program: Program<System>,
}

pub fn set_category(ctx: &mut Context<SetCategory>, id: u16, terms: CategoryTerms) -> Result<()> {
    require!(
        terms.weight > 0 && terms.min_quantity > 0 && terms.min_quantity <= terms.max_quantity,
        RewardsError::CategoryOutOfRange
    );
    // the largest award must be a number, or the bounds promise what an award cannot keep
    require!(terms.weight.checked_mul(terms.max_quantity).is_some(), RewardsError::CategoryOutOfRange);
    let (a, seeds) = (&ctx.accounts, [b"category".as_slice(), &id.to_le_bytes()]);
    let (mut category, bump) = Loaded::<Category>::create_if_needed(&a.admin, &a.category, &seeds)?;
    category.id = id.into();
    category.name = terms.name;
    category.weight = terms.weight.into();
    category.min_quantity = terms.min_quantity.into();
    category.max_quantity = terms.max_quantity.into();
    category.enabled = terms.enabled.into();
    category.bump = bump;
    let seq = next_seq(&mut ctx.accounts.config)?;
    emit_event!(
        ctx,
        CategorySet {
            seq,
            id,
            name: terms.name,
            weight: terms.weight,
            min_quantity: terms.min_quantity,
            max_quantity: terms.max_quantity,
            enabled: terms.enabled,
        }
    );
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(issuer_key: Address)]
pub struct SetIssuer {
    #[account(mut, address = config.admin @ RewardsError::NotAdmin)]
    pub admin: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"issuer", issuer_key.as_ref()], bump))]
    #[account(mut)]
    pub issuer: UncheckedAccount,
    pub system_program: Program<System>,
}

pub fn set_issuer(ctx: &mut Context<SetIssuer>, issuer_key: Address, epoch_cap: u64, enabled: bool) -> Result<()> {
    let (a, seeds) = (&ctx.accounts, [b"issuer", issuer_key.as_ref()]);
    let (mut issuer, bump) = Loaded::<Issuer>::create_if_needed(&a.admin, &a.issuer, &seeds)?;
    issuer.key = issuer_key;
    issuer.epoch_cap = epoch_cap.into();
    issuer.enabled = enabled.into();
    issuer.bump = bump;
    let seq = next_seq(&mut ctx.accounts.config)?;
    emit_event!(ctx, IssuerSet { seq, issuer: issuer_key, epoch_cap, enabled });
    Ok(())
}

#[inline(never)]
fn apply(config: &mut Config, s: &Settings) -> Result<()> {
    let year = 366 * DAY_SECONDS;
    let in_range = u64::from(s.below_bps) <= BPS
        && u64::from(s.profit_share_bps) <= BPS
        && (1..=year).contains(&s.review_seconds)
        && (28 * DAY_SECONDS..=year).contains(&s.claim_seconds)
        && (DAY_SECONDS..=year).contains(&s.reserve_delay_seconds)
        && (1..=year).contains(&s.outflow_window_seconds)
        && (s.confirm_points == 0 || s.confirmer != Address::default());
    require!(in_range, RewardsError::SettingOutOfRange);
    config.threshold = s.threshold.into();
    config.below_bps = s.below_bps.into();
    config.cap_per_point = s.cap_per_point.into();
    config.review_seconds = s.review_seconds.into();
    config.claim_seconds = s.claim_seconds.into();
    config.confirm_points = s.confirm_points.into();
    config.confirmer = s.confirmer;
    config.reserve_delay_seconds = s.reserve_delay_seconds.into();
    config.outflow_limit = s.outflow_limit.into();
    config.outflow_window_seconds = s.outflow_window_seconds.into();
    config.profit_share_bps = s.profit_share_bps.into();
    Ok(())
}

pub(crate) fn next_seq(config: &mut Config) -> Result<u64> {
    let seq = config.seq.get().checked_add(1).ok_or(RewardsError::Overflow)?;
    config.seq = seq.into();
    Ok(seq)
}

fn config_changed(config: &mut Config) -> Result<ConfigChanged> {
    Ok(ConfigChanged {
        seq: next_seq(config)?,
        admin: config.admin,
        pending_admin: config.pending_admin,
        mint: config.mint,
        threshold: config.threshold.get(),
        below_bps: config.below_bps.get(),
        review_seconds: config.review_seconds.get(),
        lifetime_allocation: config.lifetime_allocation.get(),
        awards_paused: config.awards_paused != 0,
        cap_per_point: config.cap_per_point != 0,
        claim_seconds: config.claim_seconds.get(),
        confirm_points: config.confirm_points.get(),
        confirmer: config.confirmer,
        reserve_delay_seconds: config.reserve_delay_seconds.get(),
        outflow_limit: config.outflow_limit.get(),
        outflow_window_seconds: config.outflow_window_seconds.get(),
        profit_share_bps: config.profit_share_bps.get(),
    })
}
