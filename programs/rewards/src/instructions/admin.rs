use crate::{
    RewardsError,
    cpi::emit_event,
    events::{CategorySet, ConfigChanged, IssuerSet},
    state::{Category, Config, Issuer},
};
use anchor_lang::prelude::*;
use anchor_spl::{
    Mint, TokenAccount,
    token::{self, Token},
};
use protocol::{calendar::DAY_SECONDS, month::BPS, upgradeable};

/// What the administrator sets once, at initialization.
#[derive(Clone, Copy, Debug, SchemaRead, SchemaWrite, IdlType)]
pub struct Settings {
    pub threshold: u64,
    pub below_bps: u16,
    pub review_seconds: i64,
    pub lifetime_allocation: u64,
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
    pub config: Account<Config>,
    /// The token that will be distributed.
    pub mint: Account<Mint>,
    #[account(init, payer = admin, seeds = [b"reserve"], bump, token::mint = mint, token::authority = config)]
    pub reserve: Account<TokenAccount>,
    /// The loader's record of this program, which names the upgrade authority.
    pub program_data: UncheckedAccount,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

pub fn initialize(ctx: &mut Context<Initialize>, settings: Settings) -> Result<()> {
    let loader = Address::new_from_array(upgradeable::LOADER_ID);
    let (program_data, _) = find_program_address(&[crate::ID.as_ref()], &loader);
    let account = ctx.accounts.program_data.account();
    require!(*account.address() == program_data && account.owned_by(&loader), RewardsError::NotUpgradeAuthority);
    let authority = {
        let data = account.try_borrow()?;
        upgradeable::upgrade_authority(&data)
    };
    require!(authority == Some(ctx.accounts.admin.address().to_bytes()), RewardsError::NotUpgradeAuthority);
    let review_in_range = (1..=366 * DAY_SECONDS).contains(&settings.review_seconds);
    require!(u64::from(settings.below_bps) <= BPS && review_in_range, RewardsError::SettingOutOfRange);

    let config = &mut ctx.accounts.config;
    config.admin = *ctx.accounts.admin.address();
    config.mint = *ctx.accounts.mint.address();
    config.threshold = settings.threshold.into();
    config.below_bps = settings.below_bps.into();
    config.review_seconds = settings.review_seconds.into();
    config.lifetime_allocation = settings.lifetime_allocation.into();
    config.bump = ctx.bumps.config;
    config.reserve_bump = ctx.bumps.reserve;
    let event = config_changed(config)?;
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct Administer {
    #[account(address = config.admin @ RewardsError::NotAdmin)]
    pub admin: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
}

pub fn propose_admin(ctx: &mut Context<Administer>, new_admin: Address) -> Result<()> {
    ctx.accounts.config.pending_admin = new_admin;
    let event = config_changed(&mut ctx.accounts.config)?;
    emit_event!(ctx, event);
    Ok(())
}

pub fn set_pause(ctx: &mut Context<Administer>, awards_paused: bool) -> Result<()> {
    ctx.accounts.config.awards_paused = awards_paused.into();
    let event = config_changed(&mut ctx.accounts.config)?;
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct AcceptAdmin {
    #[account(address = config.pending_admin @ RewardsError::NotPendingAdmin)]
    pub new_admin: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
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
#[instruction(id: u16)]
pub struct SetCategory {
    #[account(mut, address = config.admin @ RewardsError::NotAdmin)]
    pub admin: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(init_if_needed, payer = admin, seeds = [b"category", &id.to_le_bytes()], bump)]
    pub category: Account<Category>,
    pub system_program: Program<System>,
}

pub fn set_category(ctx: &mut Context<SetCategory>, id: u16, terms: CategoryTerms) -> Result<()> {
    require!(
        terms.weight > 0 && terms.min_quantity > 0 && terms.min_quantity <= terms.max_quantity,
        RewardsError::CategoryOutOfRange
    );
    // the largest award must be a number, or the bounds promise what an award cannot keep
    require!(terms.weight.checked_mul(terms.max_quantity).is_some(), RewardsError::CategoryOutOfRange);
    let category = &mut ctx.accounts.category;
    category.id = id.into();
    category.name = terms.name;
    category.weight = terms.weight.into();
    category.min_quantity = terms.min_quantity.into();
    category.max_quantity = terms.max_quantity.into();
    category.enabled = terms.enabled.into();
    category.bump = ctx.bumps.category;
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
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(init_if_needed, payer = admin, seeds = [b"issuer", issuer_key.as_ref()], bump)]
    pub issuer: Account<Issuer>,
    pub system_program: Program<System>,
}

pub fn set_issuer(ctx: &mut Context<SetIssuer>, issuer_key: Address, epoch_cap: u64, enabled: bool) -> Result<()> {
    let issuer = &mut ctx.accounts.issuer;
    issuer.key = issuer_key;
    issuer.epoch_cap = epoch_cap.into();
    issuer.enabled = enabled.into();
    issuer.bump = ctx.bumps.issuer;
    let seq = next_seq(&mut ctx.accounts.config)?;
    emit_event!(ctx, IssuerSet { seq, issuer: issuer_key, epoch_cap, enabled });
    Ok(())
}

fn next_seq(config: &mut Config) -> Result<u64> {
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
    })
}
