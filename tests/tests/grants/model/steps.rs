//! What the actors do, at random.
use super::{ACTORS, DAY};
use e2e_tests::grants_world::{ALLOCATION, POOL, REVIEW, VOTING};
use proptest::prelude::*;

/// The milestone that an instruction is right for, whichever that is.
pub(super) const RIGHT: u8 = 9;

#[derive(Clone, Debug)]
pub(super) enum Step {
    Fund { who: usize, amount: u64 },
    Open { who: usize, recipient: usize, amounts: Vec<u64>, next: bool },
    Vote { who: usize, id: usize, choice: u8 },
    Award { who: usize, points: u64 },
    Void { who: usize, eighths: u64 },
    Pass { seconds: i64 },
    Tally { id: usize },
    Cancel { who: usize, id: usize },
    Submit { who: usize, id: usize, index: u8 },
    Review { who: usize, id: usize, index: u8, accept: bool },
    Pay { id: usize, index: u8, to: usize },
    Expire { id: usize },
    Bond { id: usize, to: usize },
    CloseBallot { who: usize, id: usize },
    CloseProposal { who: usize, id: usize },
    Pause { bits: u8 },
    Donate { amount: u64 },
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    // how many proposals back; see Run::near
    let id = prop_oneof![6 => Just(0usize), 4 => Just(1), 4 => Just(2), 1 => 3..6usize];
    let (who, index) = (0..ACTORS, prop_oneof![4 => Just(RIGHT), 1 => 0..3u8]);
    let amounts = prop::collection::vec(prop_oneof![40 => 1..POOL / 8, 2 => 0..10u64, 1 => Just(POOL)], 1..4);
    let seconds = prop_oneof![Just(1), Just(DAY), Just(REVIEW), Just(VOTING - 1), Just(VOTING), Just(9 * DAY)];
    let actor_of = (who.clone(), id.clone());
    prop_oneof![
        2 => (who.clone(), prop_oneof![Just(0), 1..1_000_000u64, Just(ALLOCATION)]).prop_map(|(who, amount)| Step::Fund { who, amount }),
        3 => (who.clone(), who.clone(), amounts, prop::bool::weighted(0.9)).prop_map(|(who, recipient, amounts, next)| Step::Open { who, recipient, amounts, next }),
        28 => (actor_of.clone(), prop_oneof![6 => Just(1u8), 2 => Just(2), 1 => Just(3), 1 => Just(4)]).prop_map(|((who, id), choice)| Step::Vote { who, id, choice }),
        3 => (who.clone(), 1..500u64).prop_map(|(who, points)| Step::Award { who, points }),
        1 => (who.clone(), 0..=8u64).prop_map(|(who, eighths)| Step::Void { who, eighths }),
        4 => seconds.prop_map(|seconds| Step::Pass { seconds }),
        10 => id.clone().prop_map(|id| Step::Tally { id }),
        1 => actor_of.clone().prop_map(|(who, id)| Step::Cancel { who, id }),
        16 => (id.clone(), index.clone(), prop::option::weighted(0.1, who.clone())).prop_map(|(id, index, other)| Step::Submit { who: other.unwrap_or(ACTORS), id, index }),
        14 => (id.clone(), index.clone(), prop::option::weighted(0.1, who.clone()), prop::bool::weighted(0.8)).prop_map(|(id, index, other, accept)| Step::Review { who: other.unwrap_or(ACTORS), id, index, accept }),
        14 => (id.clone(), index, prop::option::weighted(0.1, who.clone())).prop_map(|(id, index, other)| Step::Pay { id, index, to: other.unwrap_or(ACTORS) }),
        3 => id.clone().prop_map(|id| Step::Expire { id }),
        4 => (id.clone(), prop::option::weighted(0.1, who.clone())).prop_map(|(id, other)| Step::Bond { id, to: other.unwrap_or(ACTORS) }),
        2 => actor_of.clone().prop_map(|(who, id)| Step::CloseBallot { who, id }),
        2 => actor_of.prop_map(|(who, id)| Step::CloseProposal { who, id }),
        1 => prop_oneof![4 => Just(0u8), 1 => 0..5u8].prop_map(|bits| Step::Pause { bits }),
        1 => (1..1_000u64).prop_map(|amount| Step::Donate { amount }),
    ]
}
