//! Random sequences of instructions of many actors against a plain model of what they should do. `AIXBLOCK_STEPS` sets how
//! many are sent in all.
use anchor_lang::Address;
use e2e_tests::{
    Receipt, Refusal, START,
    address::{grants as at, rewards as rewards_at},
    answer,
    grants_world::{ALLOCATION, BOND, EPOCH, FLOOR, Grants, MIN_POINTS, POOL, PURSE, QUORUM, REVIEW, VOTING},
    instruction::grants::{self as ix, Fund, OpenProposal, ProposalTerms},
};
use grants::GrantsError as E;
use proptest::prelude::*;
use protocol::{calendar::next_month_start, vote::History};
use solana_transaction_error::TransactionError;
use std::{cell::RefCell, collections::BTreeMap};

const ACTORS: usize = 6;
/// Instructions of a short run.
const SHORT: usize = 1_500;
/// Average of a case.
const CASE: usize = 150;
const DAY: i64 = 86_400;

#[derive(Clone, Debug)]
enum Step {
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

fn step() -> impl Strategy<Value = Step> {
    let (who, id, index) = (0..ACTORS, 0..6usize, 0..3u8);
    let amounts = prop::collection::vec(prop_oneof![4 => 1..POOL / 6, 1 => 0..10u64, 1 => Just(POOL)], 1..4);
    let seconds = prop_oneof![Just(1), Just(DAY), Just(REVIEW), Just(VOTING - 1), Just(VOTING), Just(9 * DAY)];
    // the first proposals are alive longest
    let actor_of = (who.clone(), id.clone());
    prop_oneof![
        2 => (who.clone(), prop_oneof![Just(0), 1..1_000_000u64, Just(ALLOCATION)]).prop_map(|(who, amount)| Step::Fund { who, amount }),
        6 => (who.clone(), who.clone(), amounts, prop::bool::weighted(0.9)).prop_map(|(who, recipient, amounts, next)| Step::Open { who, recipient, amounts, next }),
        18 => (actor_of.clone(), prop_oneof![6 => Just(1u8), 2 => Just(2), 1 => Just(3), 1 => Just(4)]).prop_map(|((who, id), choice)| Step::Vote { who, id, choice }),
        3 => (who.clone(), 1..500u64).prop_map(|(who, points)| Step::Award { who, points }),
        1 => (who.clone(), 0..=8u64).prop_map(|(who, eighths)| Step::Void { who, eighths }),
        6 => seconds.prop_map(|seconds| Step::Pass { seconds }),
        8 => id.clone().prop_map(|id| Step::Tally { id }),
        2 => actor_of.clone().prop_map(|(who, id)| Step::Cancel { who, id }),
        10 => (id.clone(), index.clone(), prop::option::weighted(0.1, who.clone())).prop_map(|(id, index, other)| Step::Submit { who: other.unwrap_or(ACTORS), id, index }),
        9 => (id.clone(), index.clone(), prop::option::weighted(0.1, who.clone()), prop::bool::weighted(0.8)).prop_map(|(id, index, other, accept)| Step::Review { who: other.unwrap_or(ACTORS), id, index, accept }),
        8 => (id.clone(), index, prop::option::weighted(0.1, who.clone())).prop_map(|(id, index, other)| Step::Pay { id, index, to: other.unwrap_or(ACTORS) }),
        3 => id.clone().prop_map(|id| Step::Expire { id }),
        4 => (id.clone(), prop::option::weighted(0.1, who.clone())).prop_map(|(id, other)| Step::Bond { id, to: other.unwrap_or(ACTORS) }),
        2 => actor_of.clone().prop_map(|(who, id)| Step::CloseBallot { who, id }),
        2 => actor_of.prop_map(|(who, id)| Step::CloseProposal { who, id }),
        1 => prop_oneof![4 => Just(0u8), 1 => 0..5u8].prop_map(|bits| Step::Pause { bits }),
        1 => (1..1_000u64).prop_map(|amount| Step::Donate { amount }),
    ]
}

/// How the model says that a step ends.
type Ends = Result<(), Option<E>>;

/// Refused by the framework or the token program, before or after the program's own checks.
const REFUSED: Ends = Err(None);

fn no(error: E) -> Ends {
    Err(Some(error))
}

fn check(holds: bool, error: E) -> Ends {
    if holds { Ok(()) } else { no(error) }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Voting,
    Approved,
    Rejected,
    Completed,
    Cancelled,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    Pending,
    Submitted,
    Accepted,
    Paid,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Deposit {
    Held,
    Returnable,
    Returned,
    Forfeited,
}

#[derive(Clone)]
struct Grant {
    proposer: usize,
    recipient: usize,
    amounts: Vec<u64>,
    due: Vec<i64>,
    parts: Vec<Part>,
    snapshot: u32,
    ends: i64,
    review_by: i64,
    /// Choice and weight of each actor's ballot.
    ballots: [Option<(u8, u64)>; ACTORS],
    closed_ballots: [bool; ACTORS],
    state: State,
    deposit: Deposit,
    closed: bool,
}

impl Grant {
    fn votes(&self, choice: u8) -> u64 {
        self.ballots.iter().flatten().filter(|ballot| ballot.0 == choice).map(|ballot| ballot.1).sum()
    }

    fn sum(&self, is: impl Fn(Part) -> bool) -> u64 {
        self.amounts.iter().zip(&self.parts).filter(|(_, part)| is(**part)).map(|(amount, _)| amount).sum()
    }

    /// Set aside and not paid.
    fn committed(&self) -> u64 {
        match self.state {
            State::Approved => self.sum(|part| part != Part::Paid),
            State::Cancelled => self.sum(|part| part == Part::Accepted),
            _ => 0,
        }
    }

    fn next(&self) -> Option<usize> {
        self.parts.iter().position(|part| matches!(part, Part::Pending | Part::Submitted))
    }
}

#[derive(Clone)]
struct Model {
    now: i64,
    paused: u8,
    given: u64,
    forfeited: u64,
    donated: u64,
    purses: [u64; ACTORS],
    /// What each actor earned: epoch and points.
    earned: [Vec<(u32, u64)>; ACTORS],
    grants: Vec<Grant>,
}

impl Model {
    fn epoch(&self) -> u32 {
        let (mut end, mut index) = (next_month_start(START), EPOCH);
        while end <= self.now {
            (end, index) = (next_month_start(end), index + 1);
        }
        index
    }

    fn weight(&self, who: usize, before: u32) -> u64 {
        self.earned[who].iter().filter(|(epoch, _)| *epoch < before).map(|(_, points)| points).sum()
    }

    fn committed(&self) -> u64 {
        self.grants.iter().map(Grant::committed).sum()
    }

    fn disbursed(&self) -> u64 {
        self.grants.iter().map(|grant| grant.sum(|part| part == Part::Paid)).sum()
    }

    fn free(&self) -> u64 {
        self.given + self.forfeited - self.committed() - self.disbursed()
    }

    fn bonds(&self) -> u64 {
        let held = |grant: &&Grant| matches!(grant.deposit, Deposit::Held | Deposit::Returnable);
        BOND * self.grants.iter().filter(held).count() as u64
    }

    /// The proposal, unless its account is not there.
    fn grant(&mut self, id: usize) -> Result<&mut Grant, Option<E>> {
        self.grants.get_mut(id).filter(|grant| !grant.closed).ok_or(None)
    }

    fn fund(&mut self, who: usize, amount: u64) -> Ends {
        check(amount > 0, E::NoAmount)?;
        check(self.given + amount <= ALLOCATION, E::AllocationExceeded)?;
        if amount > self.purses[who] {
            return REFUSED;
        }
        (self.purses[who], self.given) = (self.purses[who] - amount, self.given + amount);
        Ok(())
    }

    fn open(&mut self, who: usize, recipient: usize, amounts: &[u64], next: bool, due: &[i64]) -> Ends {
        check(self.paused & 1 == 0, E::Paused)?;
        check(next, E::ProposalOutOfOrder)?;
        let snapshot = self.epoch();
        check(self.weight(who, snapshot) >= MIN_POINTS, E::TooFewPoints)?;
        check(amounts.iter().all(|amount| *amount > 0), E::TermsOutOfRange)?;
        check(amounts.iter().sum::<u64>() <= self.free(), E::FundsShort)?;
        if self.purses[who] < BOND {
            return REFUSED;
        }
        self.purses[who] -= BOND;
        self.grants.push(Grant {
            proposer: who,
            recipient,
            amounts: amounts.to_vec(),
            due: due.to_vec(),
            parts: vec![Part::Pending; amounts.len()],
            snapshot,
            ends: self.now + VOTING,
            review_by: 0,
            ballots: [None; ACTORS],
            closed_ballots: [false; ACTORS],
            state: State::Voting,
            deposit: Deposit::Held,
            closed: false,
        });
        Ok(())
    }

    fn vote(&mut self, who: usize, id: usize, choice: u8) -> Ends {
        let now = self.now;
        let snapshot = self.grant(id)?.snapshot;
        let weight = self.weight(who, snapshot);
        // two later epochs with awards hide what was before the snapshot; only a vote that is over sees that
        let grant = self.grant(id)?;
        check(grant.state == State::Voting, E::WrongState)?;
        check(now < grant.ends, E::VoteOver)?;
        check((1..=3).contains(&choice), E::UnknownChoice)?;
        check(weight > 0, E::NoWeight)?;
        grant.ballots[who] = Some((choice, weight));
        Ok(())
    }

    fn tally(&mut self, id: usize) -> Ends {
        let (now, free, paused) = (self.now, self.free(), self.paused & 2 != 0);
        let grant = self.grant(id)?;
        check(grant.state == State::Voting, E::WrongState)?;
        check(now >= grant.ends, E::VoteNotOver)?;
        let [f, a, n] = [1, 2, 3].map(|choice| grant.votes(choice));
        let carried = f + a + n >= QUORUM && f > a;
        if carried && grant.amounts.iter().sum::<u64>() <= free {
            check(!paused, E::Paused)?;
            grant.state = State::Approved;
        } else {
            grant.state = State::Rejected;
        }
        self.settle(id, carried || f >= FLOOR);
        Ok(())
    }

    fn settle(&mut self, id: usize, keeps: bool) {
        let grant = &mut self.grants[id];
        if keeps {
            grant.deposit = Deposit::Returnable;
        } else {
            grant.deposit = Deposit::Forfeited;
            self.forfeited += BOND;
        }
    }

    /// Actor 0 is the administrator, too.
    fn cancel(&mut self, who: usize, id: usize) -> Ends {
        let now = self.now;
        let grant = self.grant(id)?;
        match grant.state {
            State::Voting => {
                check(who == grant.proposer, E::MayNotCancel)?;
                check(now < grant.ends, E::VoteOver)?;
                grant.state = State::Cancelled;
                let keeps = grant.ballots.iter().all(Option::is_none) || grant.votes(1) >= FLOOR;
                self.settle(id, keeps);
                Ok(())
            }
            State::Approved => {
                check(who == 0, E::MayNotCancel)?;
                grant.state = State::Cancelled;
                Ok(())
            }
            _ => no(E::WrongState),
        }
    }

    fn submit(&mut self, who: usize, id: usize, index: u8) -> Ends {
        let now = self.now;
        let grant = self.grant(id)?;
        check(who == grant.recipient, E::NotRecipient)?;
        check(grant.state == State::Approved, E::WrongState)?;
        check(grant.next() == Some(index.into()), E::MilestoneOutOfOrder)?;
        let place = usize::from(index);
        match grant.parts[place] {
            Part::Submitted => check(now >= grant.review_by, E::UnderReview)?,
            _ => check(now < grant.due[place], E::MilestoneLate)?,
        }
        (grant.parts[place], grant.review_by) = (Part::Submitted, now + REVIEW);
        Ok(())
    }

    /// Actor 1 is the reviewer, too.
    fn review(&mut self, who: usize, id: usize, index: u8, accept: bool) -> Ends {
        let now = self.now;
        if who > 1 {
            self.grant(id)?;
            return no(E::NotReviewer);
        }
        let grant = self.grant(id)?;
        check(grant.state == State::Approved, E::WrongState)?;
        check(grant.next() == Some(index.into()), E::MilestoneOutOfOrder)?;
        let part = &mut grant.parts[usize::from(index)];
        check(*part == Part::Submitted, E::WrongMilestoneState)?;
        check(now < grant.review_by, E::ReviewOver)?;
        *part = if accept { Part::Accepted } else { Part::Pending };
        Ok(())
    }

    fn pay(&mut self, id: usize, index: u8, to: usize) -> Ends {
        let grant = self.grant(id)?;
        check(matches!(grant.state, State::Approved | State::Cancelled), E::WrongState)?;
        let place = usize::from(index);
        check(grant.parts.get(place) == Some(&Part::Accepted), E::WrongMilestoneState)?;
        check(to == grant.recipient, E::WrongTokenAccount)?;
        grant.parts[place] = Part::Paid;
        if grant.state == State::Approved && grant.parts.iter().all(|part| *part == Part::Paid) {
            grant.state = State::Completed;
        }
        let amount = grant.amounts[place];
        self.purses[to] += amount;
        Ok(())
    }

    fn expire(&mut self, id: usize) -> Ends {
        let now = self.now;
        let grant = self.grant(id)?;
        check(grant.state == State::Approved, E::WrongState)?;
        let place = grant.next().ok_or(Some(E::MilestoneNotLate))?;
        check(grant.parts[place] == Part::Pending, E::UnderReview)?;
        check(now >= grant.due[place], E::MilestoneNotLate)?;
        grant.state = State::Cancelled;
        Ok(())
    }

    fn bond(&mut self, id: usize, to: usize) -> Ends {
        let grant = self.grant(id)?;
        check(grant.deposit == Deposit::Returnable, E::NoBond)?;
        check(to == grant.proposer, E::WrongTokenAccount)?;
        grant.deposit = Deposit::Returned;
        self.purses[to] += BOND;
        Ok(())
    }

    fn close_ballot(&mut self, who: usize, id: usize) -> Ends {
        let now = self.now;
        // a ballot outlives its proposal
        let Some(grant) = self.grants.get_mut(id) else { return REFUSED };
        if grant.ballots[who].is_none() || grant.closed_ballots[who] {
            return REFUSED;
        }
        check(now >= grant.ends, E::VoteNotOver)?;
        grant.closed_ballots[who] = true;
        Ok(())
    }

    fn close_proposal(&mut self, who: usize, id: usize) -> Ends {
        let grant = self.grant(id)?;
        check(who == grant.proposer, E::NotRentPayer)?;
        check(!matches!(grant.state, State::Voting | State::Approved), E::WrongState)?;
        let owes = grant.deposit == Deposit::Returnable || grant.parts.contains(&Part::Accepted);
        check(!owes, E::StillOwes)?;
        grant.closed = true;
        Ok(())
    }
}

#[derive(Clone)]
struct Run {
    g: Grants,
    model: Model,
    actors: [Address; ACTORS],
    histories: [History; ACTORS],
}

impl Run {
    /// Who plays a part that a step leaves to the right actor (`ACTORS`).
    fn right(&self, who: usize, right: impl Fn(&Grant) -> usize, id: usize) -> usize {
        if who < ACTORS { who } else { self.model.grants.get(id).map_or(0, right) }
    }

    fn take(&mut self, step: &Step) -> Result<(), TestCaseError> {
        let actors = self.actors;
        let tokens = |run: &Self, who: usize| run.g.tokens_of(&actors[who]);
        let (call, ends) = match step.clone() {
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
                self.histories[who] = self.histories[who].award(epoch, points).unwrap();
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
    let points = [300, 5, 250, 350, 90, 0];
    let mut histories = [History::default(); ACTORS];
    let mut earned: [Vec<(u32, u64)>; ACTORS] = Default::default();
    for who in 0..ACTORS {
        g.give(&actors[who], PURSE);
        if points[who] > 0 {
            histories[who] = History::default().award(EPOCH - 1, points[who]).unwrap();
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
        for step in &steps {
            run.take(step)?;
            run.agree()?;
        }
        for grant in &run.model.grants {
            *reached.borrow_mut().entry(format!("{:?}", grant.state)).or_default() += 1;
            *reached.borrow_mut().entry(format!("{:?}", grant.deposit)).or_default() += 1;
        }
    });
    // a run that reaches nothing proves nothing
    let reached = reached.into_inner();
    println!("{reached:?}");
    for end in
        ["Voting", "Approved", "Rejected", "Completed", "Cancelled", "Held", "Returnable", "Returned", "Forfeited"]
    {
        assert!(reached.contains_key(end), "no proposal ended as {end}: {reached:?}");
    }
}
