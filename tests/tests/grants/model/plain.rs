//! What grants should do, written plainly: votes and sums are counted anew each time.
use super::{ACTORS, BOND, VOTING};
use e2e_tests::START;
use e2e_tests::grants_world::{ALLOCATION, EPOCH, FLOOR, MIN_POINTS, QUORUM, REVIEW};
use grants::GrantsError as E;
use protocol::calendar::next_month_start;

/// How the model says that a step ends.
pub(super) type Ends = Result<(), Option<E>>;

/// Refused by the framework or the token program, before or after the program's own checks.
pub(super) const REFUSED: Ends = Err(None);

pub(super) fn no(error: E) -> Ends {
    Err(Some(error))
}

pub(super) fn check(holds: bool, error: E) -> Ends {
    if holds { Ok(()) } else { no(error) }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum State {
    Voting,
    Approved,
    Rejected,
    Completed,
    Cancelled,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Part {
    Pending,
    Submitted,
    Accepted,
    Paid,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Deposit {
    Held,
    Returnable,
    Returned,
    Forfeited,
}

#[derive(Clone)]
pub(super) struct Grant {
    pub(super) proposer: usize,
    pub(super) recipient: usize,
    pub(super) amounts: Vec<u64>,
    pub(super) due: Vec<i64>,
    pub(super) parts: Vec<Part>,
    pub(super) snapshot: u32,
    pub(super) ends: i64,
    pub(super) review_by: i64,
    /// Choice and weight of each actor's ballot.
    pub(super) ballots: [Option<(u8, u64)>; ACTORS],
    pub(super) closed_ballots: [bool; ACTORS],
    pub(super) state: State,
    pub(super) deposit: Deposit,
    pub(super) closed: bool,
}

impl Grant {
    pub(super) fn votes(&self, choice: u8) -> u64 {
        self.ballots.iter().flatten().filter(|ballot| ballot.0 == choice).map(|ballot| ballot.1).sum()
    }

    pub(super) fn sum(&self, is: impl Fn(Part) -> bool) -> u64 {
        self.amounts.iter().zip(&self.parts).filter(|(_, part)| is(**part)).map(|(amount, _)| amount).sum()
    }

    /// Set aside and not paid.
    pub(super) fn committed(&self) -> u64 {
        match self.state {
            State::Approved => self.sum(|part| part != Part::Paid),
            State::Cancelled => self.sum(|part| part == Part::Accepted),
            _ => 0,
        }
    }

    pub(super) fn next(&self) -> Option<usize> {
        self.parts.iter().position(|part| matches!(part, Part::Pending | Part::Submitted))
    }
}

#[derive(Clone)]
pub(super) struct Model {
    pub(super) now: i64,
    pub(super) paused: u8,
    pub(super) given: u64,
    pub(super) forfeited: u64,
    pub(super) donated: u64,
    pub(super) purses: [u64; ACTORS],
    /// What each actor earned: epoch and points.
    pub(super) earned: [Vec<(u32, u64)>; ACTORS],
    pub(super) grants: Vec<Grant>,
}

impl Model {
    pub(super) fn epoch(&self) -> u32 {
        let (mut end, mut index) = (next_month_start(START), EPOCH);
        while end <= self.now {
            (end, index) = (next_month_start(end), index + 1);
        }
        index
    }

    pub(super) fn weight(&self, who: usize, before: u32) -> u64 {
        self.earned[who].iter().filter(|(epoch, _)| *epoch < before).map(|(_, points)| points).sum()
    }

    pub(super) fn committed(&self) -> u64 {
        self.grants.iter().map(Grant::committed).sum()
    }

    pub(super) fn disbursed(&self) -> u64 {
        self.grants.iter().map(|grant| grant.sum(|part| part == Part::Paid)).sum()
    }

    pub(super) fn free(&self) -> u64 {
        self.given + self.forfeited - self.committed() - self.disbursed()
    }

    pub(super) fn bonds(&self) -> u64 {
        let held = |grant: &&Grant| matches!(grant.deposit, Deposit::Held | Deposit::Returnable);
        BOND * self.grants.iter().filter(held).count() as u64
    }

    /// The proposal, unless its account is not there.
    pub(super) fn grant(&mut self, id: usize) -> Result<&mut Grant, Option<E>> {
        self.grants.get_mut(id).filter(|grant| !grant.closed).ok_or(None)
    }

    pub(super) fn fund(&mut self, who: usize, amount: u64) -> Ends {
        check(amount > 0, E::NoAmount)?;
        check(self.given + amount <= ALLOCATION, E::AllocationExceeded)?;
        if amount > self.purses[who] {
            return REFUSED;
        }
        (self.purses[who], self.given) = (self.purses[who] - amount, self.given + amount);
        Ok(())
    }

    pub(super) fn open(&mut self, who: usize, recipient: usize, amounts: &[u64], next: bool, due: &[i64]) -> Ends {
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

    pub(super) fn vote(&mut self, who: usize, id: usize, choice: u8) -> Ends {
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

    pub(super) fn tally(&mut self, id: usize) -> Ends {
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

    pub(super) fn settle(&mut self, id: usize, keeps: bool) {
        let grant = &mut self.grants[id];
        if keeps {
            grant.deposit = Deposit::Returnable;
        } else {
            grant.deposit = Deposit::Forfeited;
            self.forfeited += BOND;
        }
    }

    /// Actor 0 is the administrator, too.
    pub(super) fn cancel(&mut self, who: usize, id: usize) -> Ends {
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

    pub(super) fn submit(&mut self, who: usize, id: usize, index: u8) -> Ends {
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
    pub(super) fn review(&mut self, who: usize, id: usize, index: u8, accept: bool) -> Ends {
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

    pub(super) fn pay(&mut self, id: usize, index: u8, to: usize) -> Ends {
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

    pub(super) fn expire(&mut self, id: usize) -> Ends {
        let now = self.now;
        let grant = self.grant(id)?;
        check(grant.state == State::Approved, E::WrongState)?;
        let place = grant.next().ok_or(Some(E::MilestoneNotLate))?;
        check(grant.parts[place] == Part::Pending, E::UnderReview)?;
        check(now >= grant.due[place], E::MilestoneNotLate)?;
        grant.state = State::Cancelled;
        Ok(())
    }

    pub(super) fn bond(&mut self, id: usize, to: usize) -> Ends {
        let grant = self.grant(id)?;
        check(grant.deposit == Deposit::Returnable, E::NoBond)?;
        check(to == grant.proposer, E::WrongTokenAccount)?;
        grant.deposit = Deposit::Returned;
        self.purses[to] += BOND;
        Ok(())
    }

    pub(super) fn close_ballot(&mut self, who: usize, id: usize) -> Ends {
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

    pub(super) fn close_proposal(&mut self, who: usize, id: usize) -> Ends {
        let grant = self.grant(id)?;
        check(who == grant.proposer, E::NotRentPayer)?;
        check(!matches!(grant.state, State::Voting | State::Approved), E::WrongState)?;
        let owes = grant.deposit == Deposit::Returnable || grant.parts.contains(&Part::Accepted);
        check(!owes, E::StillOwes)?;
        grant.closed = true;
        Ok(())
    }
}
