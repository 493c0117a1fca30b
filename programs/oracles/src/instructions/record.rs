use super::bond::{next_seq, owned_by};
use crate::{
    OraclesError,
    cpi::{Tokens, emit_event},
    events::{RecordClosed, VoteRecorded},
    foreign::Foreign,
    foreign_views::{JUDGE_ORACLES, MARKET, OVERTURNED, OracleSetView, OrderView, order_state, verdict},
    loaded::Loaded,
    state::{Config, Oracle, RECORD_SECONDS, Record, Seals},
    tokens::{Mint, NATIVE_MINT, TokenAccount, TokenProgram},
};
use anchor_lang::prelude::*;
use protocol::slashing;

#[event_cpi]
#[derive(Accounts)]
pub struct RecordVote {
    /// Pays the rent of the order's record.
    #[account(mut)]
    pub payer: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    pub config: Loaded<Config>,
    pub order: Loaded<Foreign<OrderView>>,
    pub oracle_set: Loaded<Foreign<OracleSetView>>,
    #[account(mut)]
    pub oracle: Loaded<Oracle>,
    #[account(init_if_needed, payer = payer, seeds = [b"record", order.address().as_ref()], bump)]
    pub record: Loaded<Record>,
    /// What the set's members sealed about the order. Gone once nothing in it is needed here.
    #[account(seeds = [b"seals", order.address().as_ref()], bump)]
    pub seals: UncheckedAccount,
    #[account(mut, constraint = oracle.has_vault_at(vault.address()) @ ErrorCode::ConstraintSeeds)]
    pub vault: Loaded<TokenAccount>,
    /// A token account that the order's challenger owns, where a slashed bond has a share for it. Absent where the challenger
    /// is the buyer.
    #[account(mut)]
    pub challenger_tokens: Option<Loaded<TokenAccount>>,
    /// A token account that the order's buyer owns, where a slashed bond has a share for it.
    #[account(mut)]
    pub buyer_tokens: Option<Loaded<TokenAccount>>,
    /// Writable because tokens may be burned.
    #[account(mut, address = config.mint @ OraclesError::WrongMint)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
    pub system_program: Program<System>,
}

pub fn record_vote(ctx: &mut Context<RecordVote>) -> Result<()> {
    let a = &mut ctx.accounts;
    let (order, authority) = (&*a.order, a.oracle.authority);
    require!(order.is_settled(), OraclesError::OrderNotSettled);
    require!(order.judge == JUDGE_ORACLES && order.audit_seed != [0; 32], OraclesError::NotAudited);
    require!(a.oracle_set.version == order.oracle_set, OraclesError::WrongOracleSet);
    let place = a.oracle_set.place_of(&authority).ok_or(OraclesError::NotAMember)?;
    let now = Clock::get()?.unix_timestamp;
    require!(now < recorded_until(order.settled_at.get())?, OraclesError::RecordingOver);

    let (address, bit) = (*a.order.address(), 1u16 << place);
    let record = &mut a.record;
    if record.rent_payer == Address::default() {
        record.order = address;
        record.rent_payer = *a.payer.address();
        record.bump = ctx.bumps.record;
    }
    if record.opened_at != order.opened_at {
        // a new record, or an order that was opened under the number of one that was closed
        record.opened_at = order.opened_at;
        record.counted = 0.into();
    }
    record.settled_at = order.settled_at;
    require!(record.counted.get() & bit == 0, OraclesError::AlreadyRecorded);
    record.counted = (record.counted.get() | bit).into();
    let record_seq = next_record_seq(record)?;

    let part = part(order, a.oracle_set.retired != 0, bit);
    let hidden = part.missed && Seals::at(a.seals.account()).is_some_and(|seals| seals.holds(order.opened_at, bit));
    let lost = match part.overturned {
        true => {
            let submitted_at = order.audit_by.get().saturating_sub(order.audit_seconds.get());
            slashing::loss(a.oracle.bond.get(), a.config.slash_bps_at(submitted_at))
        }
        false => 0,
    };
    let split = split(order, lost, a.config.mint == NATIVE_MINT)?;
    count(&mut a.oracle, &part, hidden, lost)?;
    let event = VoteRecorded {
        oracle: authority,
        seq: next_seq(&mut a.oracle)?,
        order: address,
        opened_at: order.opened_at.get(),
        record_seq,
        vote: part.vote,
        ended: part.ended,
        missed: part.missed,
        hidden,
        overturned: part.overturned,
        to_challenger: split.challenger,
        to_buyer: split.buyer,
        burned: split.burned,
        bond: a.oracle.bond.get(),
        unbonding: a.oracle.unbonding.get(),
    };

    if lost > 0 {
        let held = a.vault.amount();
        require!(held >= event.bond.checked_add(lost).ok_or(OraclesError::Overflow)?, OraclesError::VaultShort);
        let (challenger, buyer, bump) = (order.challenger, order.buyer, [a.oracle.bump]);
        let seeds: &[&[u8]] = &[b"oracle", authority.as_ref(), &bump];
        let tokens = Tokens { program: a.token_program.address(), decimals: a.mint.decimals(), seeds: &[seeds] };
        let payees =
            [(&mut a.challenger_tokens, challenger, split.challenger), (&mut a.buyer_tokens, buyer, split.buyer)];
        for (to, owner, amount) in payees {
            if amount > 0 {
                let to = to.as_mut().ok_or(OraclesError::PayeeMissing)?;
                owned_by(to, &owner, &a.config.mint)?;
                let (from, to) = (a.vault.cpi_handle_mut(), to.cpi_handle_mut());
                tokens.transfer(from, a.mint.cpi_handle(), to, a.oracle.cpi_handle(), amount);
            }
        }
        if split.burned > 0 {
            let (from, mint) = (a.vault.cpi_handle_mut(), a.mint.cpi_handle_mut());
            tokens.burn(from, mint, a.oracle.cpi_handle(), split.burned);
        }
    }
    emit_event!(ctx, event);
    Ok(())
}

/// What a member of the oracle set had to do with an order.
struct Part {
    /// What it voted, and how the order ended.
    vote: u8,
    ended: u8,
    missed: bool,
    overturned: bool,
}

fn part(order: &OrderView, retired: bool, bit: u16) -> Part {
    let vote = if order.votes_for.get() & bit != 0 {
        verdict::ACCEPT
    } else if order.votes_against.get() & bit != 0 {
        verdict::REJECT
    } else {
        verdict::NONE
    };
    let ended = match (order.verdict, order.state) {
        (verdict::NONE, _) => verdict::NONE,
        (_, order_state::RELEASED) => verdict::ACCEPT,
        _ => verdict::REJECT,
    };
    // a dispute and the set's retirement end the voting early, and so does a settlement before the audit's deadline
    let had_its_time = order.settled_at.get() >= order.audit_by.get() && order.disputed == 0 && !retired;
    // a dispute that nobody answered is lost by silence, whatever the truth: a buyer and a seller in collusion could have an
    // honest oracle slashed in favour of themselves. The market has another word for that, and for a proof of a fault that an
    // oracle did not have to find: this one means that the administrator, a panel or a proof judged the oracles' verdict.
    let judged = order.resolution == OVERTURNED;
    // and only into its opposite: where a part is paid, neither vote was altogether wrong
    let opposite = match order.verdict {
        verdict::ACCEPT => order.payable.is_zero(),
        verdict::REJECT => order.payable == order.amount,
        _ => false,
    };
    let overturned = judged && opposite && vote == order.verdict;
    Part { vote, ended, missed: vote == verdict::NONE && had_its_time, overturned }
}

/// Who gets what of a lost bond: a challenger that is the buyer has one share, as buyer.
fn split(order: &OrderView, lost: u64, native: bool) -> Result<slashing::Split> {
    let (challenger_bps, buyer_bps) = (order.slash_challenger_bps.get(), order.slash_buyer_bps.get());
    let mut split = slashing::split(lost, challenger_bps, buyer_bps).ok_or(OraclesError::Overflow)?;
    if order.challenger == order.buyer {
        split.buyer = split.buyer.checked_add(split.challenger).ok_or(OraclesError::Overflow)?;
        split.challenger = 0;
    }
    if native {
        // wrapped SOL cannot be burned
        split.buyer = split.buyer.checked_add(split.burned).ok_or(OraclesError::Overflow)?;
        split.burned = 0;
    }
    Ok(split)
}

fn count(oracle: &mut Oracle, part: &Part, hidden: bool, lost: u64) -> Result<()> {
    let voted = part.vote != verdict::NONE;
    let decided = voted && part.ended != verdict::NONE;
    let add = |counter: &mut PodU64, more: u64| -> Result<()> {
        *counter = counter.get().checked_add(more).ok_or(OraclesError::Overflow)?.into();
        Ok(())
    };
    add(&mut oracle.votes, voted.into())?;
    add(&mut oracle.agreed, (decided && part.vote == part.ended).into())?;
    add(&mut oracle.dissented, (decided && part.vote != part.ended).into())?;
    add(&mut oracle.missed, part.missed.into())?;
    add(&mut oracle.hidden, hidden.into())?;
    add(&mut oracle.overturned, part.overturned.into())?;
    add(&mut oracle.slashed, lost)?;
    let bond = oracle.bond.get().checked_sub(lost).ok_or(OraclesError::Overflow)?;
    oracle.bond = bond.into();
    // what counts for votes is lost first
    oracle.unbonding = oracle.unbonding.get().min(bond).into();
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct CloseRecord {
    #[account(mut, close = rent_payer)]
    pub record: Loaded<Record>,
    /// The order of the record, which may be gone.
    #[account(address = record.order @ OraclesError::RecordNeeded)]
    pub order: UncheckedAccount,
    #[account(mut, address = record.rent_payer @ OraclesError::WrongTokenAccount)]
    pub rent_payer: UncheckedAccount,
}

pub fn close_record(ctx: &mut Context<CloseRecord>) -> Result<()> {
    let a = &mut ctx.accounts;
    // while the order can be recorded, the record is what keeps it from being recorded twice
    let over = Clock::get()?.unix_timestamp >= recorded_until(a.record.settled_at.get())?;
    require!(over || !a.order.account().owned_by(&MARKET), OraclesError::RecordNeeded);
    let (order, seq) = (a.record.order, next_record_seq(&mut a.record)?);
    emit_event!(ctx, RecordClosed { order, seq });
    Ok(())
}

/// The second at which the votes on an order that was settled at `settled_at` can no longer be recorded.
pub(crate) fn recorded_until(settled_at: i64) -> Result<i64> {
    Ok(settled_at.checked_add(RECORD_SECONDS.into()).ok_or(OraclesError::Overflow)?)
}

fn next_record_seq(record: &mut Record) -> Result<u64> {
    let seq = record.seq.get().checked_add(1).ok_or(OraclesError::Overflow)?;
    record.seq = seq.into();
    Ok(seq)
}
