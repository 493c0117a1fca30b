//! Answers are counted against the gold as anybody would count them, within the windows.
use anchor_lang::Address;
use e2e_tests::{
    ANSWERS_WINDOW, GOLD_WINDOW, Labelled, Proofs, SALT, address::proofs as at, instruction::proofs as ix, passed,
    refused,
};
use market::state::{judge, order_state};
use proofs::{
    ProofsError, events,
    state::{Verdict, verdict_kind, verdict_state},
};
use proptest::prelude::*;
use protocol::labelling::{GoldItem, Task, gold_hash};
use std::collections::BTreeMap;

fn open_ix(p: &Proofs, order: Address, job: &Labelled) -> solana_instruction::Instruction {
    ix::open_gold(p.buyer, order, &job.task, SALT, &job.gold)
}

fn answers_ix(order: Address, job: &Labelled, leaf: u32) -> solana_instruction::Instruction {
    let (answers, siblings) = job.leaf(leaf);
    ix::open_answers(order, &answers, leaf, &siblings)
}

fn verdict(p: &Proofs, order: &Address) -> Verdict {
    p.world.read(&at::verdict(order))
}

#[test]
fn gold_is_shown_then_answers_then_they_are_counted() {
    let mut p = Proofs::new();
    let job = Labelled::usual(7);
    let order = p.labelled(&job);
    let (opened_at, now) = (p.world.now() - 100, p.world.now());

    let receipt = passed(p.world.send(open_ix(&p, order, &job)));
    let expected = events::GoldOpened {
        verdict: at::verdict(&order),
        seq: 1,
        order,
        rent_payer: p.buyer,
        opened_at,
        answers_by: now + GOLD_WINDOW + ANSWERS_WINDOW,
        items: 1_000,
        gold_count: 10,
        floor_bps: 5_000,
        full_bps: 9_000,
    };
    assert_eq!(receipt.event::<events::GoldOpened>(&proofs::ID), expected);
    refused(p.world.send(ix::finish_gold(order)), ProofsError::CountNotOver);

    // items 0 to 255 hold gold 0, 100, 200, and so on
    for (leaf, compared, correct) in [(0, 3, 3), (2, 5, 4), (1, 8, 7), (3, 10, 7)] {
        let receipt = passed(p.world.send(answers_ix(order, &job, leaf)));
        let event: events::AnswersOpened = receipt.event(&proofs::ID);
        assert_eq!((event.leaf, event.compared, event.correct), (leaf, compared, correct));
    }
    let receipt = passed(p.world.send(ix::finish_gold(order)));
    // (7,000 - 5,000) / (9,000 - 5,000)
    let event: events::GoldJudged = receipt.event(&proofs::ID);
    assert_eq!((event.seq, event.compared, event.correct, event.payable_bps), (6, 10, 7, 5_000));
    let found = verdict(&p, &order);
    assert_eq!((found.order, found.rent_payer, found.opened_at.get()), (order, p.buyer, opened_at));
    assert_eq!((found.payable_bps.get(), found.kind, found.state), (5_000, verdict_kind::GOLD, verdict_state::FINAL));
    // final is final
    refused(p.world.send(ix::finish_gold(order)), ProofsError::VerdictFinal);
    refused(p.world.send(answers_ix(order, &job, 0)), ProofsError::VerdictFinal);
    refused(p.world.send(open_ix(&p, order, &job)), ProofsError::AlreadyJudged);
}

#[test]
fn each_window_ends_at_its_second() {
    let mut p = Proofs::new();
    let job = Labelled::usual(10);
    let (order, late) = (p.labelled(&job), p.labelled(&job));
    p.world.pass(GOLD_WINDOW - 1);
    passed(p.world.send(open_ix(&p, order, &job)));
    p.world.pass(1);
    refused(p.world.send(open_ix(&p, late, &job)), ProofsError::GoldTooLate);
    p.world.pass(ANSWERS_WINDOW - 1);
    passed(p.world.send(answers_ix(order, &job, 0)));
    refused(p.world.send(ix::finish_gold(order)), ProofsError::CountNotOver);
    p.world.pass(1);
    refused(p.world.send(answers_ix(order, &job, 1)), ProofsError::AnswersTooLate);
    // what was not shown counts as wrong: 3 of 10
    let receipt = passed(p.world.send(ix::finish_gold(order)));
    let event: events::GoldJudged = receipt.event(&proofs::ID);
    assert_eq!((event.compared, event.correct, event.payable_bps), (3, 3, 0));
}

#[test]
fn a_labeller_that_shows_nothing_earns_nothing() {
    let mut p = Proofs::new();
    let job = Labelled::usual(10);
    let order = p.labelled(&job);
    passed(p.world.send(open_ix(&p, order, &job)));
    p.world.pass(GOLD_WINDOW + ANSWERS_WINDOW);
    passed(p.world.send(ix::finish_gold(order)));
    assert_eq!(verdict(&p, &order).payable_bps.get(), 0);
}

#[test]
fn only_the_gold_that_was_committed_to_is_taken() {
    let mut p = Proofs::new();
    let job = Labelled::usual(5);
    let order = p.labelled(&job);
    let mut other = job.gold.clone();
    other[3].label ^= 1;
    let send = |p: &mut Proofs, task: &Task, salt, gold: &[GoldItem]| {
        p.world.send(ix::open_gold(p.stranger, order, task, salt, gold))
    };
    refused(send(&mut p, &job.task, SALT, &other), ProofsError::OtherGold);
    refused(send(&mut p, &job.task, SALT, &job.gold[1..]), ProofsError::OtherGold);
    refused(send(&mut p, &job.task, [0; 32], &job.gold), ProofsError::OtherGold);
    refused(send(&mut p, &Task { floor_bps: 1, ..job.task }, SALT, &job.gold), ProofsError::OtherTask);
    refused(send(&mut p, &Task { items: 1_001, ..job.task }, SALT, &job.gold), ProofsError::OtherTask);
    // knowing it is enough
    passed(send(&mut p, &job.task, SALT, &job.gold));
    assert_eq!(verdict(&p, &order).rent_payer, p.stranger);
}

#[test]
fn gold_that_cannot_be_judged_by_is_never_opened() {
    let mut p = Proofs::new();
    let gold = |items: &[u32]| items.iter().map(|&item| GoldItem { item, label: 7 }).collect::<Vec<_>>();
    for items in [&[5, 5][..], &[6, 5], &[5, 1_000]] {
        let job = Labelled::new(vec![7; 1_000], gold(items), 0, 10_000);
        let order = p.labelled(&job);
        refused(p.world.send(open_ix(&p, order, &job)), ProofsError::GoldUnfit);
    }
    let mut job = Labelled::new(vec![7; 1_000], gold(&[5, 6]), 0, 10_000);
    job.task.gold_count = 3;
    let order = p.labelled(&job);
    refused(p.world.send(open_ix(&p, order, &job)), ProofsError::GoldUnfit);
    job.task = Task { gold_count: 2, full_bps: 10_001, ..job.task };
    let order = p.labelled(&job);
    refused(p.world.send(open_ix(&p, order, &job)), ProofsError::OtherTask);
}

#[test]
fn only_answers_that_were_committed_to_are_compared() {
    let mut p = Proofs::new();
    let job = Labelled::usual(10);
    let order = p.labelled(&job);
    passed(p.world.send(open_ix(&p, order, &job)));
    let (answers, siblings) = job.leaf(1);
    let mut other = answers.clone();
    other[0] ^= 1;
    refused(p.world.send(ix::open_answers(order, &other, 1, &siblings)), ProofsError::NotInAnswers);
    refused(p.world.send(ix::open_answers(order, &answers, 2, &siblings)), ProofsError::NotInAnswers);
    refused(p.world.send(ix::open_answers(order, &answers, 1, &siblings[1..])), ProofsError::NotInAnswers);
    refused(p.world.send(ix::open_answers(order, &answers[1..], 1, &siblings)), ProofsError::NotInAnswers);
    passed(p.world.send(answers_ix(order, &job, 1)));
    refused(p.world.send(answers_ix(order, &job, 1)), ProofsError::NothingToCount);
    assert_eq!(verdict(&p, &order).compared.get(), 0b111000);
}

#[test]
fn a_tree_of_another_size_than_the_task_holds_no_answers() {
    let mut p = Proofs::new();
    let job = Labelled::usual(10);
    // the labeller committed to 1,001 answers for 1,000 items, in as many leaves, and to one leaf too many
    let longer = Labelled { answers: vec![7; 1_001], ..job.clone() };
    let leaves = Labelled { answers: vec![7; 1_025], ..job.clone() };
    for (answered, refusal) in [(longer, None), (leaves, Some(ProofsError::NotInAnswers))] {
        let order = p.labelled(&answered);
        passed(p.world.send(open_ix(&p, order, &job)));
        let result = p.world.send(answers_ix(order, &answered, 0));
        match refusal {
            Some(error) => refused(result, error),
            None => drop(passed(result)),
        }
    }
}

#[test]
fn a_leaf_that_ends_before_a_gold_item_answers_it_wrongly() {
    let mut p = Proofs::new();
    let job = Labelled::new(vec![0; 300], vec![GoldItem { item: 299, label: 0 }], 0, 10_000);
    let short = Labelled { answers: vec![0; 290], ..job.clone() };
    let order = p.labelled(&short);
    passed(p.world.send(open_ix(&p, order, &job)));
    passed(p.world.send(answers_ix(order, &short, 1)));
    passed(p.world.send(ix::finish_gold(order)));
    assert_eq!(verdict(&p, &order).payable_bps.get(), 0);
}

#[test]
fn gold_judges_only_submitted_labelling_orders() {
    let mut p = Proofs::new();
    let job = Labelled::usual(10);
    let (fresh, open) = (p.labelled(&job), p.labelled(&job));
    passed(p.world.send(open_ix(&p, open, &job)));
    for state in (order_state::FUNDED..=order_state::REFUNDED).filter(|state| *state != order_state::SUBMITTED) {
        p.change(&fresh, |order| order.state = state);
        p.change(&open, |order| order.state = state);
        refused(p.world.send(open_ix(&p, fresh, &job)), ProofsError::NotSubmitted);
        refused(p.world.send(answers_ix(open, &job, 0)), ProofsError::NotSubmitted);
        refused(p.world.send(ix::finish_gold(open)), ProofsError::NotSubmitted);
    }
    for judge in [0, judge::ORACLES, judge::APPROVAL, judge::PROOF] {
        p.change(&fresh, |order| (order.state, order.judge) = (order_state::SUBMITTED, judge));
        refused(p.world.send(open_ix(&p, fresh, &job)), ProofsError::NotByGold);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn the_count_is_the_plain_one(
        answers in prop::collection::vec(0u8..3, 1..1_500),
        gold in prop::collection::vec((any::<prop::sample::Index>(), 0u8..3), 1..=64),
        floor in 0u16..=10_000,
        width in 0u16..=10_000,
        skipped in prop::option::of(0u32..6),
    ) {
        let gold: BTreeMap<u32, u8> =
            gold.into_iter().map(|(item, label)| (item.index(answers.len()) as u32, label)).collect();
        let gold: Vec<GoldItem> = gold.into_iter().map(|(item, label)| GoldItem { item, label }).collect();
        let job = Labelled::new(answers, gold, floor, (floor + width).min(10_000));
        prop_assert_eq!(gold_hash(&SALT, &job.gold), job.task.gold);
        let mut p = Proofs::new();
        let order = p.labelled(&job);
        passed(p.world.send(open_ix(&p, order, &job)));
        for leaf in (0..job.task.leaves()).filter(|leaf| Some(*leaf) != skipped) {
            let holds_gold = job.gold.iter().any(|gold| gold.item / 256 == leaf);
            let sent = p.world.send(answers_ix(order, &job, leaf));
            if holds_gold { drop(passed(sent)) } else { refused(sent, ProofsError::NothingToCount) }
        }
        p.world.pass(GOLD_WINDOW + ANSWERS_WINDOW);
        passed(p.world.send(ix::finish_gold(order)));

        let right = job.gold.iter().filter(|gold| Some(gold.item / 256) != skipped)
            .filter(|gold| job.answers[gold.item as usize] == gold.label).count();
        let found = verdict(&p, &order);
        prop_assert_eq!(found.correct.get().count_ones() as usize, right);
        // thousandths of a basis point are beyond what the scale can round to
        let agreement = right as f64 / job.gold.len() as f64 * 10_000.0;
        let (low, high) = (f64::from(job.task.floor_bps), f64::from(job.task.full_bps));
        let plain = if agreement + 1e-6 >= high { 10_000.0 } else if agreement + 1e-6 < low { 0.0 }
            else { (agreement - low).max(0.0) / (high - low) * 10_000.0 };
        prop_assert!((f64::from(found.payable_bps.get()) - plain).abs() <= 1.0, "{} against {plain}", found.payable_bps.get());
    }
}
