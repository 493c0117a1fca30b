//! Random sequences of instructions of many actors against a plain model of what they should do. `AIXBLOCK_STEPS` sets how
//! many are sent in all.
mod plain;
mod steps;

use anchor_lang::Address;
use e2e_tests::{
    Receipt, Refusal, START,
    address::{grants as at, rewards as rewards_at},
    answer,
    grants_world::{BOND, DAY, EPOCH, Grants, POOL, PURSE, VOTING},
    instruction::grants::{self as ix, Fund, OpenProposal, ProposalTerms},
};
use grants::GrantsError as E;
use plain::{Ends, Grant, Model, Part, State, check};
use proptest::prelude::*;
use protocol::{calendar::next_month_start, points::PointsHistory};
use solana_transaction_error::TransactionError;
use std::{cell::RefCell, collections::BTreeMap};
use steps::{RIGHT, Step, step};

const ACTORS: usize = 6;
/// Instructions of a short run.
const SHORT: usize = 3_000;
/// Average of a case.
const CASE: usize = 300;

#[derive(Clone)]
struct Run {
    g: Grants,
    model: Model,
    actors: [Address; ACTORS],
    histories: [PointsHistory; ACTORS],
}

impl Run {
    /// Mostly a proposal in one of the states that the step is for, counted from the latest; any for 3 and 4, and for 5 one that
    /// does not exist.
    fn near(&self, back: usize, states: &[State]) -> usize {
        let grants = &self.model.grants;
        let fitting: Vec<usize> = (0..grants.len()).filter(|id| states.contains(&grants[*id].state)).collect();
        match back {
            5 => grants.len(),
            0..3 if !fitting.is_empty() => fitting[fitting.len().saturating_sub(back + 1)],
            _ => grants.len().saturating_sub(back + 1),
        }
    }

    /// The milestone that a step names, or the first that is in `parts`.
    fn place(&self, id: usize, index: u8, parts: &[Part]) -> u8 {
        let first = |grant: &Grant| grant.parts.iter().position(|part| parts.contains(part));
        match index {
            RIGHT => self.model.grants.get(id).and_then(first).map_or(0, |place| u8::try_from(place).unwrap()),
            _ => index,
        }
    }

    /// Who plays a part that a step leaves to the right actor (`ACTORS`).
    fn right(&self, who: usize, right: impl Fn(&Grant) -> usize, id: usize) -> usize {
        if who < ACTORS { who } else { self.model.grants.get(id).map_or(0, right) }
    }

    /// The step with the proposal and the milestone that it is about.
    fn named(&self, step: &Step) -> Step {
        let mut step = step.clone();
        match &mut step {
            Step::Vote { id, .. } | Step::Tally { id } => *id = self.near(*id, &[State::Voting]),
            Step::Cancel { id, .. } => *id = self.near(*id, &[State::Voting, State::Approved]),
            Step::Submit { id, .. } | Step::Review { id, .. } | Step::Expire { id } => {
                *id = self.near(*id, &[State::Approved]);
            }
            Step::Pay { id, .. } => *id = self.near(*id, &[State::Approved, State::Cancelled]),
            Step::Bond { id, .. } | Step::CloseBallot { id, .. } | Step::CloseProposal { id, .. } => {
                *id = self.near(*id, &[State::Approved, State::Rejected, State::Completed, State::Cancelled]);
            }
            _ => {}
        }
        match &mut step {
            Step::Submit { id, index, .. } | Step::Review { id, index, .. } => {
                *index = self.place(*id, *index, &[Part::Pending, Part::Submitted]);
            }
            Step::Pay { id, index, .. } => *index = self.place(*id, *index, &[Part::Accepted]),
            _ => {}
        }
        step
    }

    fn take(&mut self, step: &Step) -> Result<(), TestCaseError> {
        let actors = self.actors;
        let tokens = |run: &Self, who: usize| run.g.tokens_of(&actors[who]);
        let (call, ends) = match self.named(step) {
            Step::Fund { who, amount } => {
                let fund = Fund { funder: actors[who], funding: tokens(self, who), token: self.g.token, amount };
                (ix::fund(fund), self.model.fund(who, amount))
            }
            Step::Open { who, recipient, amounts, next } => {
                let count = self.model.grants.len() as u64;
                let id = if next { count } else { count + 1 };
                let terms = ProposalTerms { recipient: actors[recipient], ..self.g.terms(&amounts) };
                let (proposer, epoch, token, funding) =
                    (actors[who], self.model.epoch(), self.g.token, tokens(self, who));
                let open = OpenProposal { proposer, id, epoch, funding, token, terms };
                (ix::open_proposal(open), self.model.open(who, recipient, &amounts, next, &terms.due))
            }
            Step::Vote { who, id, choice } => {
                (ix::vote(actors[who], id as u64, choice), self.model.vote(who, id, choice))
            }
            Step::Award { who, points } => {
                let epoch = self.model.epoch();
                self.model.earned[who].push((epoch, points));
                self.histories[who] = self.histories[who].count(epoch, points).unwrap();
                self.g.put_history(&actors[who], self.histories[who]);
                return Ok(());
            }
            Step::Void { who, eighths } => {
                if let Some((epoch, points)) = self.model.earned[who].last_mut() {
                    let voided = *points * eighths / 8;
                    *points -= voided;
                    self.histories[who] = self.histories[who].void(*epoch, voided).unwrap();
                    self.g.put_history(&actors[who], self.histories[who]);
                }
                return Ok(());
            }
            Step::Pass { seconds } => {
                self.model.now += seconds;
                self.g.world.pass(seconds);
                return Ok(());
            }
            Step::Tally { id } => (ix::tally(id as u64), self.model.tally(id)),
            Step::Cancel { who, id } => (ix::cancel_proposal(actors[who], id as u64), self.model.cancel(who, id)),
            Step::Submit { who, id, index } => {
                let who = self.right(who, |grant| grant.recipient, id);
                let call = ix::submit_milestone(actors[who], id as u64, index, [1; 32]);
                (call, self.model.submit(who, id, index))
            }
            Step::Review { who, id, index, accept } => {
                let who = self.right(who, |_| 1, id);
                let call = ix::review_milestone(actors[who], id as u64, index, accept);
                (call, self.model.review(who, id, index, accept))
            }
            Step::Pay { id, index, to } => {
                let to = self.right(to, |grant| grant.recipient, id);
                let call = ix::disburse(id as u64, index, tokens(self, to), self.g.token);
                (call, self.model.pay(id, index, to))
            }
            Step::Expire { id } => (ix::expire_proposal(id as u64), self.model.expire(id)),
            Step::Bond { id, to } => {
                let to = self.right(to, |grant| grant.proposer, id);
                (ix::return_bond(id as u64, tokens(self, to), self.g.token), self.model.bond(id, to))
            }
            Step::CloseBallot { who, id } => {
                (ix::close_ballot(id as u64, actors[who]), self.model.close_ballot(who, id))
            }
            Step::CloseProposal { who, id } => {
                (ix::close_proposal(id as u64, actors[who]), self.model.close_proposal(who, id))
            }
            Step::Pause { bits } => {
                let ends = check(bits < 4, E::UnknownPauseBit);
                if ends.is_ok() {
                    self.model.paused = bits;
                }
                (ix::set_pause(actors[0], bits), ends)
            }
            Step::Donate { amount } => {
                self.model.donated += amount;
                self.g.world.donate(&at::vault(), amount);
                return Ok(());
            }
        };
        self.g.world.svm.expire_blockhash();
        let result = self.g.world.send(call);
        let expected = ends.as_ref().map_err(|error| error.as_ref().map(|error| answer(*error)));
        prop_assert!(matches(&result, &ends), "{step:?} should end with {expected:?} and ended with {result:?}");
        Ok(())
    }

    fn agree(&self) -> Result<(), TestCaseError> {
        let (g, m) = (&self.g, &self.model);
        let c = g.config();
        prop_assert_eq!((c.funded.get(), c.forfeited.get()), (m.given + m.forfeited, m.forfeited));
        prop_assert_eq!(
            (c.committed.get(), c.disbursed.get(), c.bonds.get()),
            (m.committed(), m.disbursed(), m.bonds())
        );
        prop_assert!(c.committed.get() + c.disbursed.get() <= c.funded.get());
        prop_assert_eq!(g.vault(), m.given + m.forfeited - m.disbursed() + m.bonds() + m.donated);
        for (who, purse) in m.purses.iter().enumerate() {
            prop_assert_eq!(g.purse(&self.actors[who]), *purse);
        }
        prop_assert_eq!(c.next_proposal.get() as usize, m.grants.len());
        for (id, grant) in m.grants.iter().enumerate() {
            prop_assert_eq!(g.world.is_gone(&at::proposal(id as u64)), grant.closed);
            if grant.closed {
                continue;
            }
            let p = g.proposal(id as u64);
            let votes = [1, 2, 3].map(|choice| grant.votes(choice));
            prop_assert_eq!([p.votes_for.get(), p.votes_against.get(), p.abstained.get()], votes);
            prop_assert_eq!(p.voters.get() as usize, grant.ballots.iter().flatten().count());
            prop_assert_eq!((p.state, p.bond_state), (grant.state as u8 + 1, grant.deposit as u8 + 1));
            let parts: Vec<u8> = grant.parts.iter().map(|part| *part as u8).collect();
            prop_assert_eq!(&p.milestones[..parts.len()], &parts[..]);
            prop_assert_eq!(
                (p.committed.get(), p.paid.get()),
                (grant.committed(), grant.sum(|part| part == Part::Paid))
            );
            prop_assert!(p.paid.get() + p.committed.get() <= p.total.get());
        }
        Ok(())
    }
}

fn matches(result: &Result<Receipt, Refusal>, ends: &Ends) -> bool {
    match (result, ends) {
        (Ok(_), Ok(())) | (Err(_), Err(None)) => true,
        (Err(refusal), Err(Some(error))) => refusal.err == TransactionError::InstructionError(0, answer(*error)),
        _ => false,
    }
}

/// A world whose actors earned in the months before.
fn start() -> Run {
    let mut g = Grants::new();
    // enough months for the longest run
    let mut month = START;
    for index in EPOCH..EPOCH + 60 {
        let end = next_month_start(month);
        g.put_epoch(index, month, end);
        month = end;
    }
    let (admin, reviewer) = (g.world.admin, g.reviewer);
    let more: [Address; ACTORS - 2] = std::array::from_fn(|_| g.world.wallet());
    let actors = [admin, reviewer, more[0], more[1], more[2], more[3]];
    let points = [400, 30, 350, 450, 90, 0];
    let mut histories = [PointsHistory::default(); ACTORS];
    let mut earned: [Vec<(u32, u64)>; ACTORS] = Default::default();
    for who in 0..ACTORS {
        g.give(&actors[who], PURSE);
        if points[who] > 0 {
            histories[who] = PointsHistory::default().count(EPOCH - 1, points[who]).unwrap();
            earned[who].push((EPOCH - 1, points[who]));
        }
        g.put_history(&actors[who], histories[who]);
        assert!(!g.world.is_gone(&rewards_at::contributor(&actors[who])));
    }
    let purses = [PURSE; ACTORS];
    let model = Model {
        now: g.world.now(),
        paused: 0,
        given: POOL,
        forfeited: 0,
        donated: 0,
        purses,
        earned,
        grants: Vec::new(),
    };
    Run { g, model, actors, histories }
}

#[test]
fn random_grants_end_as_the_model_says_step_by_step() {
    let instructions = std::env::var("AIXBLOCK_STEPS").map_or(SHORT, |text| text.parse().expect("a number"));
    let config = ProptestConfig {
        cases: u32::try_from(instructions.div_ceil(CASE)).unwrap(),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let (base, reached) = (start(), RefCell::new(BTreeMap::<String, usize>::new()));
    proptest!(config, |(steps in prop::collection::vec(step(), CASE / 2..CASE * 3 / 2))| {
        let mut run = base.clone();
        run.take(&Step::Open { who: 0, recipient: 4, amounts: vec![1_000, 2_000], next: true })?;
        for step in &steps {
            run.take(step)?;
            run.agree()?;
        }
        for grant in &run.model.grants {
            *reached.borrow_mut().entry(format!("{:?}", grant.state)).or_default() += 1;
            *reached.borrow_mut().entry(format!("{:?}", grant.deposit)).or_default() += 1;
        }
    });
    let reached = reached.into_inner();
    println!("{reached:?}");
    // a long run that reaches nothing proves nothing; in a short one, chance may leave one out
    if instructions < 20_000 {
        return;
    }
    for end in
        ["Voting", "Approved", "Rejected", "Completed", "Cancelled", "Held", "Returnable", "Returned", "Forfeited"]
    {
        assert!(reached.contains_key(end), "no proposal ended as {end}: {reached:?}");
    }
}
