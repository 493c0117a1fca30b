use super::{epoch::next_seq, ledger};
use crate::{
    RewardsError,
    cpi::emit_event,
    events::AwardIssued,
    loaded::Loaded,
    state::{Award, Category, Config, Contributor, Epoch, Issuer, Points, award_state, epoch_state},
};
use anchor_lang::{pinocchio::sysvars::rent::Rent, prelude::*};

#[event_cpi]
#[derive(Accounts)]
#[instruction(source: [u8; 32], category_id: u16)]
pub struct IssueAward {
    /// Pays rent for the award and, the first time in an epoch, for the wallet's points. No data is kept of it, so it
    /// may be the authority itself.
    #[account(mut, unsafe(dup))]
    pub payer: Signer,
    /// The registered key: a person's, or another program's address that signs by CPI.
    pub authority: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
    // the interface names the seeds; the program compares the hash alone (`derived`)
    #[cfg_attr(feature = "idl-build", account(seeds = [b"issuer", authority.address().as_ref()], bump = issuer.bump))]
    #[account(mut, constraint = issuer.key == *authority.address() @ ErrorCode::ConstraintSeeds)]
    pub issuer: Loaded<Issuer>,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"category", &category_id.to_le_bytes()], bump = category.bump))]
    #[account(constraint = category.id == category_id @ ErrorCode::ConstraintSeeds)]
    pub category: Loaded<Category>,
    #[account(mut)]
    pub epoch: Loaded<Epoch>,
    #[account(mut)]
    pub contributor: Loaded<Contributor>,
    // the contributor's in the epoch; created the first time
    #[cfg_attr(feature = "idl-build", account(seeds = [b"points", &epoch.index.get().to_le_bytes(), contributor.wallet.as_ref()], bump))]
    #[account(mut)]
    pub points: UncheckedAccount,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"award", &source], bump))]
    #[account(mut)]
    pub award: UncheckedAccount,
    pub system_program: Program<System>,
}

pub fn issue_award(ctx: &mut Context<IssueAward>, source: [u8; 32], category_id: u16, quantity: u64) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(a.config.awards_paused == 0, RewardsError::AwardsPaused);
    require!(a.issuer.enabled != 0, RewardsError::IssuerDisabled);
    require!(a.category.enabled != 0, RewardsError::CategoryDisabled);
    require!(a.epoch.state == epoch_state::OPEN, RewardsError::EpochNotOpen);
    let now = Clock::get()?.unix_timestamp;
    require!(a.epoch.start.get() <= now && now < a.epoch.end.get(), RewardsError::OutsideEpoch);
    require!(
        (a.category.min_quantity.get()..=a.category.max_quantity.get()).contains(&quantity),
        RewardsError::QuantityOutOfBounds
    );
    let earned = quantity.checked_mul(a.category.weight.get()).ok_or(RewardsError::Overflow)?;

    let index = a.epoch.index.get();
    let issued_before = if a.issuer.epoch.get() == index { a.issuer.issued.get() } else { 0 };
    let issued = issued_before.checked_add(earned).ok_or(RewardsError::Overflow)?;
    require!(issued <= a.issuer.epoch_cap.get(), RewardsError::IssuerCapReached);
    a.issuer.epoch = index.into();
    a.issuer.issued = issued.into();

    let (wallet, payer) = (a.contributor.wallet, *a.payer.address());
    let rent = Rent::get()?;
    let mut points = if a.points.account().owned_by(&System::id()) {
        let seeds: [&[u8]; 3] = [b"points", &index.to_le_bytes(), wallet.as_ref()];
        let (mut points, bump) = Loaded::<Points>::create(&rent, &a.payer, &a.points, &seeds)?;
        points.wallet = wallet;
        points.rent_payer = payer;
        points.epoch = index.into();
        points.bump = bump;
        points
    } else {
        // SAFETY: no other account of the instruction is this one: it is named `mut`
        let points = unsafe { Loaded::<Points>::load_mut(*a.points.account()) }?;
        require!(points.are_of(&wallet, index.into()), ErrorCode::ConstraintSeeds);
        points
    };
    let confirm_points = a.config.confirm_points.get();
    let state =
        if confirm_points != 0 && earned > confirm_points { award_state::PENDING } else { award_state::COUNTED };
    let standing = if state == award_state::COUNTED {
        ledger::count(&mut a.config, &mut a.epoch, &mut a.contributor, &mut points, earned)?
    } else {
        ledger::standing(&a.epoch, &a.contributor, &points)
    };

    let issuer = a.issuer.key;
    let (mut award, bump) = Loaded::<Award>::create(&rent, &a.payer, &a.award, &[b"award", &source])?;
    award.source = source;
    award.wallet = wallet;
    award.issuer = issuer;
    award.rent_payer = payer;
    award.quantity = quantity.into();
    award.points = earned.into();
    award.epoch = index.into();
    award.category = category_id.into();
    award.state = state;
    award.bump = bump;

    let seq = next_seq(&mut a.epoch)?;
    emit_event!(
        ctx,
        AwardIssued {
            epoch: index,
            seq,
            wallet,
            issuer,
            source,
            category: category_id,
            quantity,
            points: earned,
            state,
            wallet_points: standing.wallet_points,
            total_points: standing.total_points,
            lifetime_points: standing.lifetime_points,
        }
    );
    Ok(())
}
