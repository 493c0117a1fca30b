use super::{after_opening, begin, next_seq};
use crate::{
    ProofsError,
    cpi::emit_event,
    events::{AnswersOpened, GoldJudged, GoldOpened},
    list::Vec,
    loaded::Loaded,
    order::{BY_GOLD, ForeignOrder, OrderView, SUBMITTED},
    state::{Verdict, verdict_kind, verdict_state},
};
use anchor_lang::prelude::*;
use protocol::{
    digest::Digest,
    labelling::{self, GoldItem, LEAF_ANSWERS, Task},
    merkle,
};
use wincode::{SchemaRead, SchemaWrite};

/// The task that a labelling order is for; its hash is the order's manifest hash (`protocol::labelling`).
#[derive(Clone, Copy, Debug, PartialEq, SchemaRead, SchemaWrite, IdlType)]
pub struct TaskTerms {
    /// Items to label.
    pub items: u32,
    /// Gold items among them.
    pub gold_count: u8,
    /// Agreement below which nothing is paid.
    pub floor_bps: u16,
    /// Agreement from which all is paid.
    pub full_bps: u16,
    /// Hash of the gold under its salt.
    pub gold: [u8; 32],
    /// Content address of items and instructions.
    pub brief: [u8; 32],
}

/// An item whose label the buyer knew.
#[derive(Clone, Copy, Debug, PartialEq, SchemaRead, SchemaWrite, IdlType)]
pub struct GoldLabel {
    /// Place of the item, from 0.
    pub item: u32,
    pub label: u8,
}

#[event_cpi]
#[derive(Accounts)]
pub struct OpenGold {
    #[account(mut)]
    pub payer: Signer,
    pub order: ForeignOrder,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"verdict", order.address().as_ref()], bump))]
    #[account(mut)]
    pub verdict: UncheckedAccount,
    pub system_program: Program<System>,
}

pub fn open_gold(ctx: &mut Context<OpenGold>, task: TaskTerms, salt: [u8; 32], gold: Vec<GoldLabel>) -> Result<()> {
    let a = &mut ctx.accounts;
    submitted(&a.order)?;
    after_opening(&a.order)?;
    let windows = labelling::windows(a.order.audit_by.get(), a.order.resolve_seconds.get());
    require!(Clock::get()?.unix_timestamp < windows.gold_by, ProofsError::GoldTooLate);
    let TaskTerms { items, gold_count, floor_bps, full_bps, gold: gold_hash, brief } = task;
    let task = Task { items, gold_count, floor_bps, full_bps, gold: Digest(gold_hash), brief: Digest(brief) };
    require!(task.is_valid() && task.hash().0 == a.order.manifest_hash, ProofsError::OtherTask);
    let gold: Vec<GoldItem> = gold.iter().map(|gold| GoldItem { item: gold.item, label: gold.label }).collect();
    require!(labelling::gold_hash(&salt, &gold) == task.gold, ProofsError::OtherGold);
    require!(labelling::is_gold_of(&task, &gold), ProofsError::GoldUnfit);

    let mut loaded = begin(&a.verdict, &a.order, &a.payer, verdict_kind::GOLD)?;
    let address = *loaded.address();
    let verdict = &mut *loaded;
    verdict.state = verdict_state::OPEN;
    verdict.answers_by = windows.answers_by.into();
    verdict.items = items.into();
    verdict.floor_bps = floor_bps.into();
    verdict.full_bps = full_bps.into();
    verdict.gold_count = gold_count;
    let places = verdict.gold_items.iter_mut().zip(&mut verdict.gold_labels);
    for ((item, label), gold) in places.zip(&gold) {
        (*item, *label) = (gold.item.into(), gold.label);
    }
    let event = GoldOpened {
        verdict: address,
        seq: next_seq(&mut verdict.seq)?,
        order: verdict.order,
        rent_payer: verdict.rent_payer,
        opened_at: verdict.opened_at.get(),
        answers_by: windows.answers_by,
        items,
        gold_count,
        floor_bps,
        full_bps,
    };
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct OpenAnswers {
    pub order: ForeignOrder,
    // the interface names the seeds; the program compares the hash alone (`derived`)
    #[cfg_attr(feature = "idl-build", account(seeds = [b"verdict", order.address().as_ref()], bump = verdict.bump))]
    #[account(
        mut,
        constraint = verdict.order == *order.address() @ ErrorCode::ConstraintSeeds,
    )]
    pub verdict: Loaded<Verdict>,
}

pub fn open_answers(
    ctx: &mut Context<OpenAnswers>,
    leaf: u32,
    answers: Vec<u8>,
    siblings: Vec<[u8; 32]>,
) -> Result<()> {
    let a = &mut ctx.accounts;
    counting(&a.order, &a.verdict)?;
    require!(Clock::get()?.unix_timestamp < a.verdict.answers_by.get(), ProofsError::AnswersTooLate);
    let place = (u64::from(leaf), u64::from(a.verdict.items.get().div_ceil(LEAF_ANSWERS)));
    let hash = labelling::answers_leaf(leaf, &answers);
    require!(merkle::verify_path(&Digest(a.order.result_root), &hash, place, &siblings), ProofsError::NotInAnswers);

    let address = *a.verdict.address();
    let verdict = &mut *a.verdict;
    let before = verdict.compared.get();
    let (mut compared, mut correct) = (before, verdict.correct.get());
    let gold = verdict.gold_items.iter().zip(verdict.gold_labels).take(usize::from(verdict.gold_count));
    for (bit, (item, label)) in gold.enumerate() {
        let item = item.get();
        if item / LEAF_ANSWERS == leaf {
            compared |= 1 << bit;
            // a labeller that committed to a leaf that is too short did not answer
            if answers.get((item % LEAF_ANSWERS) as usize) == Some(&label) {
                correct |= 1 << bit;
            }
        }
    }
    require!(compared != before, ProofsError::NothingToCount);
    (verdict.compared, verdict.correct) = (compared.into(), correct.into());
    let seq = next_seq(&mut verdict.seq)?;
    let (compared, correct) = (ones(compared), ones(correct));
    emit_event!(ctx, AnswersOpened { verdict: address, seq, leaf, compared, correct });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct FinishGold {
    pub order: ForeignOrder,
    // the interface names the seeds; the program compares the hash alone (`derived`)
    #[cfg_attr(feature = "idl-build", account(seeds = [b"verdict", order.address().as_ref()], bump = verdict.bump))]
    #[account(
        mut,
        constraint = verdict.order == *order.address() @ ErrorCode::ConstraintSeeds,
    )]
    pub verdict: Loaded<Verdict>,
}

pub fn finish_gold(ctx: &mut Context<FinishGold>) -> Result<()> {
    let a = &mut ctx.accounts;
    counting(&a.order, &a.verdict)?;
    let address = *a.verdict.address();
    let verdict = &mut *a.verdict;
    let (compared, correct) = (ones(verdict.compared.get()), ones(verdict.correct.get()));
    let over = Clock::get()?.unix_timestamp >= verdict.answers_by.get();
    require!(over || compared == verdict.gold_count, ProofsError::CountNotOver);
    let task = Task {
        items: verdict.items.get(),
        gold_count: verdict.gold_count,
        floor_bps: verdict.floor_bps.get(),
        full_bps: verdict.full_bps.get(),
        gold: Digest::ZERO,
        brief: Digest::ZERO,
    };
    let payable_bps = task.payable_bps(correct);
    verdict.payable_bps = payable_bps.into();
    verdict.state = verdict_state::FINAL;
    let seq = next_seq(&mut verdict.seq)?;
    emit_event!(ctx, GoldJudged { verdict: address, seq, compared, correct, payable_bps });
    Ok(())
}

/// Checks that the order is judged by gold and has answers that nobody judged yet.
fn submitted(order: &OrderView) -> Result<()> {
    require!(order.judge == BY_GOLD, ProofsError::NotByGold);
    require!(order.state == SUBMITTED, ProofsError::NotSubmitted);
    Ok(())
}

/// Checks that the verdict is being found about this very order.
fn counting(order: &OrderView, verdict: &Verdict) -> Result<()> {
    submitted(order)?;
    require!(verdict.opened_at == order.opened_at, ProofsError::StaleVerdict);
    require!(verdict.state == verdict_state::OPEN, ProofsError::VerdictFinal);
    Ok(())
}

/// Bits that are set, at most 64.
fn ones(bits: u64) -> u8 {
    bits.count_ones() as u8
}
