//! A dispute about a verdict of oracles is judged by others, who had no part in it: drawn by lot, sealed and shown as the first
//! votes were. The market takes the verdict from the panel's account.
use crate::{
    OraclesError,
    cpi::emit_event,
    events::{PanelClosed, PanelConvened, PanelDrawn, PanelPostponed, PanelVoteSealed, PanelVoted},
    foreign::Foreign,
    foreign_views::{JUDGE_ORACLES, OracleSetView, OrderView, order_state},
    loaded::Loaded,
    state::{Config, Oracle, Panel, panel_state},
};
use anchor_lang::prelude::*;
use protocol::{
    audit_seed::{self, Seed},
    month::BPS,
    panel::{ballot, draw, sealing_ends, threshold},
    seal::{Subject, commitment},
};

const SLOT_HASHES: Address = anchor_lang::address!("SysvarS1otHashes111111111111111111111111111");

#[event_cpi]
#[derive(Accounts)]
pub struct ConvenePanel {
    /// Pays the rent, which returns when the panel is closed.
    #[account(mut)]
    pub payer: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    pub config: Loaded<Config>,
    pub order: Loaded<Foreign<OrderView>>,
    /// The order's, whose members are not drawn.
    #[account(constraint = oracle_set.version == order.oracle_set @ OraclesError::WrongOracleSet)]
    pub oracle_set: Loaded<Foreign<OracleSetView>>,
    /// The one that the configuration names, whose members are.
    #[account(constraint = panel_set.version == config.panel_set @ OraclesError::WrongPanelSet)]
    pub panel_set: Loaded<Foreign<OracleSetView>>,
    #[account(init_if_needed, payer = payer, seeds = [b"panel", order.address().as_ref()], bump)]
    pub panel: Loaded<Panel>,
    pub system_program: Program<System>,
}

pub fn convene_panel(ctx: &mut Context<ConvenePanel>) -> Result<()> {
    let a = &mut ctx.accounts;
    let (order, address, payer) = (&*a.order, *a.order.address(), *a.payer.address());
    in_dispute(order)?;
    require!(order.answered != 0, OraclesError::NotInDispute);
    let (clock, size) = (Clock::get()?, a.config.panel_size);
    let seal_by = sealing_ends(order.resolve_by.get(), order.resolve_seconds.get());
    require!(clock.unix_timestamp < seal_by, OraclesError::PanelTooLate);
    let fresh = candidates(&a.panel_set, &a.oracle_set, order)?;
    require!(size > 0 && fresh.count_ones() >= u32::from(size), OraclesError::NoPanel);

    let panel = &mut a.panel;
    if panel.rent_payer == Address::default() {
        panel.order = address;
        panel.rent_payer = payer;
        panel.bump = ctx.bumps.panel;
    }
    // a new panel, or an order that was opened under the number of one that was closed
    require!(panel.opened_at != order.opened_at, OraclesError::AlreadyConvened);
    panel.opened_at = order.opened_at;
    panel.payable_bps = 0.into();
    panel.kind = JUDGE_ORACLES;
    panel.state = panel_state::CONVENED;
    panel.blame = 0;
    panel.slot = clock.slot.into();
    panel.seed = [0; 32];
    panel.min_bond = a.config.min_bond.get().max(a.panel_set.min_bond.get()).into();
    panel.seal_by = seal_by.into();
    panel.oracle_set = a.panel_set.version;
    panel.members = Default::default();
    panel.commitments = Default::default();
    panel.size = size;
    (panel.sealed, panel.votes_for, panel.votes_against, panel.votes_plain) = (0, 0, 0, 0);
    let event = PanelConvened {
        order: address,
        seq: next_seq(panel)?,
        opened_at: panel.opened_at.get(),
        oracle_set: panel.oracle_set.get(),
        size,
        min_bond: panel.min_bond.get(),
        slot: clock.slot,
        seal_by,
        rent_payer: panel.rent_payer,
    };
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct DrawPanel {
    #[account(mut)]
    pub panel: Loaded<Panel>,
    #[account(address = panel.order @ OraclesError::WrongPanel)]
    pub order: Loaded<Foreign<OrderView>>,
    #[account(constraint = oracle_set.version == order.oracle_set @ OraclesError::WrongOracleSet)]
    pub oracle_set: Loaded<Foreign<OracleSetView>>,
    #[account(constraint = panel_set.version == panel.oracle_set @ OraclesError::WrongPanelSet)]
    pub panel_set: Loaded<Foreign<OracleSetView>>,
    #[account(address = SLOT_HASHES @ OraclesError::WrongSysvar)]
    pub slot_hashes: UncheckedAccount,
}

pub fn draw_panel(ctx: &mut Context<DrawPanel>) -> Result<()> {
    let a = &mut ctx.accounts;
    let panel = &mut a.panel;
    in_dispute(&a.order)?;
    require!(panel.opened_at == a.order.opened_at, OraclesError::WrongPanel);
    require!(panel.state == panel_state::CONVENED, OraclesError::AlreadyDrawn);
    let clock = Clock::get()?;
    require!(clock.unix_timestamp < panel.seal_by.get(), OraclesError::PanelTooLate);
    let seed = {
        let sysvar = a.slot_hashes.account().try_borrow()?;
        audit_seed::draw(&sysvar, panel.slot.get(), panel.address().as_array())
    };
    let order = panel.order;
    match seed {
        Seed::TooEarly => Err(OraclesError::DrawTooEarly.into()),
        Seed::Forgotten => {
            panel.slot = clock.slot.into();
            let seq = next_seq(panel)?;
            emit_event!(ctx, PanelPostponed { order, seq, slot: clock.slot });
            Ok(())
        }
        Seed::Drawn(seed) => {
            let fresh = candidates(&a.panel_set, &a.oracle_set, &a.order)?;
            let drawn = draw(fresh, panel.size, &seed).ok_or(OraclesError::NoPanel)?;
            let chosen = a.panel_set.members.iter().enumerate().filter(|(place, _)| drawn & (1 << place) != 0);
            for (seat, (_, member)) in panel.members.iter_mut().zip(chosen) {
                *seat = *member;
            }
            panel.seed = seed;
            panel.state = panel_state::SITTING;
            let (seq, members) = (next_seq(panel)?, panel.members);
            emit_event!(ctx, PanelDrawn { order, seq, seed, members });
            Ok(())
        }
    }
}

#[event_cpi]
#[derive(Accounts)]
pub struct SealPanelVote {
    /// A member of the panel.
    pub oracle: Signer,
    #[account(mut)]
    pub panel: Loaded<Panel>,
}

pub fn seal_panel_vote(ctx: &mut Context<SealPanelVote>, commitment: [u8; 32]) -> Result<()> {
    let (panel, oracle) = (&mut ctx.accounts.panel, *ctx.accounts.oracle.address());
    require!(panel.state == panel_state::SITTING, OraclesError::PanelNotSitting);
    let (place, bit) = panel.bit_of(&oracle).ok_or(OraclesError::NotOnPanel)?;
    require!(panel.sealed & bit == 0, OraclesError::AlreadySealed);
    // from here on votes are shown: who seals now could have seen them
    require!(Clock::get()?.unix_timestamp < panel.seal_by.get(), OraclesError::PanelTooLate);
    panel.sealed |= bit;
    *panel.commitments.get_mut(place).ok_or(OraclesError::NotOnPanel)? = commitment;
    let event = PanelVoteSealed {
        order: panel.order,
        seq: next_seq(panel)?,
        opened_at: panel.opened_at.get(),
        oracle,
        commitment,
        sealed: panel.sealed.count_ones() as u8,
    };
    emit_event!(ctx, event);
    Ok(())
}

/// What a member of a panel found.
#[derive(Clone, Copy, Debug, SchemaRead, SchemaWrite, IdlType)]
pub struct PanelVote {
    /// `protocol::panel::ballot`.
    pub ballot: u8,
    pub reason: u16,
    /// Content address of its report.
    pub report: [u8; 32],
    /// Opens what it sealed (`protocol::seal`).
    pub salt: [u8; 32],
}

#[event_cpi]
#[derive(Accounts)]
pub struct ShowPanelVote {
    /// A member of the panel.
    #[account(address = oracle_account.authority @ OraclesError::NotOracle)]
    pub oracle: Signer,
    /// Its bond.
    pub oracle_account: Loaded<Oracle>,
    #[account(mut)]
    pub panel: Loaded<Panel>,
    #[account(address = panel.order @ OraclesError::WrongPanel)]
    pub order: Loaded<Foreign<OrderView>>,
}

pub fn show_panel_vote(ctx: &mut Context<ShowPanelVote>, vote: PanelVote) -> Result<()> {
    let a = &mut ctx.accounts;
    let (panel, oracle) = (&mut a.panel, *a.oracle.address());
    in_dispute(&a.order)?;
    require!(panel.opened_at == a.order.opened_at, OraclesError::WrongPanel);
    require!(panel.state == panel_state::SITTING, OraclesError::PanelNotSitting);
    let (place, bit) = panel.bit_of(&oracle).ok_or(OraclesError::NotOnPanel)?;
    let bonded = a.oracle_account.bond.get().saturating_sub(a.oracle_account.unbonding.get());
    require!(bonded >= panel.min_bond.get(), OraclesError::NotBonded);
    require!((ballot::ACCEPT..=ballot::REJECT_PLAIN).contains(&vote.ballot), OraclesError::UnknownBallot);
    require!((panel.votes_for | panel.votes_against) & bit == 0, OraclesError::AlreadyShown);
    // nobody shows a vote while somebody who sees it could still seal the same
    let all = panel.sealed.count_ones() == u32::from(panel.size);
    require!(all || Clock::get()?.unix_timestamp >= panel.seal_by.get(), OraclesError::SealingOpen);
    let subject = Subject {
        order: panel.order.as_array(),
        opened_at: panel.opened_at.get(),
        audit_seed: &panel.seed,
        oracle: oracle.as_array(),
    };
    // a member that sealed nothing has the commitment zero, which nothing opens
    let sealed = commitment(&subject, vote.ballot, &vote.salt);
    require!(panel.commitments.get(place) == Some(&sealed), OraclesError::OtherVoteSealed);

    if vote.ballot == ballot::ACCEPT {
        panel.votes_for |= bit;
    } else {
        panel.votes_against |= bit;
    }
    if vote.ballot == ballot::REJECT_PLAIN {
        panel.votes_plain |= bit;
    }
    let needed = u32::from(threshold(panel.size));
    let enough = |votes: u8| votes.count_ones() >= needed;
    if enough(panel.votes_for) {
        panel.state = panel_state::FINAL;
        // and nobody is to blame: what the panel replayed may have been withheld from those who rejected
        panel.payable_bps = (BPS as u16).into();
    } else if enough(panel.votes_against) {
        panel.state = panel_state::FINAL;
        panel.blame = enough(panel.votes_plain).into();
    }
    let event = PanelVoted {
        order: panel.order,
        seq: next_seq(panel)?,
        opened_at: panel.opened_at.get(),
        oracle,
        ballot: vote.ballot,
        reason: vote.reason,
        report: vote.report,
        votes_for: panel.votes_for.count_ones() as u8,
        votes_against: panel.votes_against.count_ones() as u8,
        state: panel.state,
        payable_bps: panel.payable_bps.get(),
        blame: panel.blame,
    };
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct ClosePanel {
    #[account(mut, close = rent_payer)]
    pub panel: Loaded<Panel>,
    /// The order of the panel, which may be gone.
    #[account(address = panel.order @ OraclesError::WrongPanel)]
    pub order: UncheckedAccount,
    #[account(mut, address = panel.rent_payer @ OraclesError::WrongTokenAccount)]
    pub rent_payer: UncheckedAccount,
}

pub fn close_panel(ctx: &mut Context<ClosePanel>) -> Result<()> {
    let a = &mut ctx.accounts;
    let opened_at = a.panel.opened_at;
    let order = Foreign::<OrderView>::at(a.order.account()).filter(|order| order.opened_at == opened_at);
    require!(order.is_none_or(|order| order.state != order_state::DISPUTED), OraclesError::PanelNeeded);
    let (order, seq) = (a.panel.order, next_seq(&mut a.panel)?);
    emit_event!(ctx, PanelClosed { order, seq });
    Ok(())
}

fn in_dispute(order: &OrderView) -> Result<()> {
    require!(order.judge == JUDGE_ORACLES && order.state == order_state::DISPUTED, OraclesError::NotInDispute);
    Ok(())
}

/// Members of `set` who have no part in `order`: a bit for each who is neither in its `own` set nor one of the parties.
fn candidates(set: &OracleSetView, own: &OracleSetView, order: &OrderView) -> Result<u16> {
    require!(set.retired == 0, OraclesError::SetRetired);
    let parties = [order.buyer, order.seller, order.challenger];
    let fresh = |member: &Address| own.place_of(member).is_none() && !parties.contains(member);
    let members = set.members.iter().take(set.count.into()).enumerate();
    Ok(members.filter(|(_, member)| fresh(member)).fold(0, |bits, (place, _)| bits | 1 << place))
}

fn next_seq(panel: &mut Panel) -> Result<u64> {
    let seq = panel.seq.get().checked_add(1).ok_or(OraclesError::Overflow)?;
    panel.seq = seq.into();
    Ok(seq)
}
