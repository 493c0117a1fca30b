//! Random sequences of instructions by many actors against a plain model of what they should do: after each one all balances
//! and states are those of the model, and no base unit is anywhere that did not come in.
//!
//! The model knows nothing of the program's arithmetic: it keeps full records, credits every holder at each deposit, and
//! computes in 128 bits. `AIXBLOCK_STEPS` says how many instructions are sent, in sequences of [`LONG`].
use anchor_lang::Address;
use e2e_tests::{
    CLAIM, DELAY, EPOCH_CAP, Forge, OUTFLOW, REVIEW, Receipt, Refusal, Rewards, START, WINDOW, address::rewards as at,
    answer, instruction::rewards as ix,
};
use proptest::prelude::*;
use protocol::calendar::next_month_start;
use rewards::{
    RewardsError as E,
    instructions::Settings,
    state::{award_state, epoch_state},
};
use solana_transaction_error::TransactionError;
use std::collections::BTreeMap;

const WALLETS: usize = 4;
const CASES: u32 = 16;
const LONG: usize = 100;
/// Awards of more points wait for the second key.
const CONFIRM: i128 = 300;
const DAY: i64 = 86_400;

/// Epochs, awards and spends are counted back from the newest, and epoch 0 is one in the state that the step is for, so that
/// most steps meet something that is alive.
#[derive(Clone, Debug)]
enum Step {
    Schedule {
        first: u32,
        pools: Vec<u64>,
    },
    Open,
    Convert {
        pool: u64,
    },
    Award {
        epoch: usize,
        wallet: usize,
        quantity: u64,
        honest: bool,
    },
    Confirm {
        award: usize,
    },
    Void {
        award: usize,
    },
    Pause {
        paused: bool,
    },
    Pass {
        seconds: i64,
    },
    /// To the next moment at which something ends, give or take a second.
    Reach {
        offset: i64,
    },
    Close {
        epoch: usize,
    },
    Finalize {
        epoch: usize,
    },
    Claim {
        epoch: usize,
        wallet: usize,
    },
    Expire {
        epoch: usize,
    },
    ClosePoints {
        epoch: usize,
        wallet: usize,
    },
    CloseAward {
        award: usize,
    },
    Deposit {
        amount: u64,
    },
    ClaimProfit {
        wallet: usize,
    },
    Propose {
        amount: u64,
    },
    Execute {
        spend: u64,
    },
    Cancel {
        spend: u64,
    },
    Donate {
        place: usize,
        amount: u64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let epoch = prop_oneof![4 => Just(0usize), 4 => Just(1), 1 => 2..5usize];
    let (wallet, award, spend) = (0..WALLETS, prop_oneof![3 => 0..3usize, 1 => 0..12usize], 0..3u64);
    let pools = prop::collection::vec(prop_oneof![0..10u64, 0..10_000_000u64], 0..4);
    let quantity = prop_oneof![4 => 0..400u64, 1 => Just(5_000), 1 => Just(5_001)];
    let times = prop_oneof![4 => Just(1), 2 => Just(REVIEW), 2 => Just(DAY), 1 => Just(DELAY), 1 => Just(31 * DAY)];
    let amount = prop_oneof![0..10u64, 0..5_000_000u64];
    prop_oneof![
        2 => (0..6u32, pools).prop_map(|(first, pools)| Step::Schedule { first, pools }),
        6 => Just(Step::Open),
        3 => amount.clone().prop_map(|pool| Step::Convert { pool }),
        20 => (epoch.clone(), wallet.clone(), quantity, prop::bool::weighted(0.95))
            .prop_map(|(epoch, wallet, quantity, honest)| Step::Award { epoch, wallet, quantity, honest }),
        5 => award.clone().prop_map(|award| Step::Confirm { award }),
        4 => award.clone().prop_map(|award| Step::Void { award }),
        1 => prop::bool::weighted(0.2).prop_map(|paused| Step::Pause { paused }),
        3 => times.prop_map(|seconds| Step::Pass { seconds }),
        12 => (-1..=1i64).prop_map(|offset| Step::Reach { offset }),
        8 => epoch.clone().prop_map(|epoch| Step::Close { epoch }),
        8 => epoch.clone().prop_map(|epoch| Step::Finalize { epoch }),
        20 => (epoch.clone(), wallet.clone()).prop_map(|(epoch, wallet)| Step::Claim { epoch, wallet }),
        4 => epoch.clone().prop_map(|epoch| Step::Expire { epoch }),
        4 => (epoch, wallet.clone()).prop_map(|(epoch, wallet)| Step::ClosePoints { epoch, wallet }),
        3 => award.prop_map(|award| Step::CloseAward { award }),
        5 => amount.clone().prop_map(|amount| Step::Deposit { amount }),
        6 => wallet.prop_map(|wallet| Step::ClaimProfit { wallet }),
        2 => prop_oneof![0..10u64, 0..2 * OUTFLOW].prop_map(|amount| Step::Propose { amount }),
        4 => spend.clone().prop_map(|spend| Step::Execute { spend }),
        1 => spend.prop_map(|spend| Step::Cancel { spend }),
        1 => (0..6usize, 1..100u64).prop_map(|(place, amount)| Step::Donate { place, amount }),
    ]
}

/// How the model says that a step ends.
enum Ends {
    Well,
    With(E),
    /// Refused by the framework, before the program's own checks.
    Refused,
}

/// Returns the model's refusal unless the condition holds.
macro_rules! must {
    ($holds:expr, $error:expr) => {
        if !$holds {
            return Ends::With($error);
        }
    };
}

#[derive(Default)]
struct Month {
    start: i64,
    end: i64,
    review_ends: i64,
    expires_at: i64,
    state: u8,
    pool: i128,
    vault: i128,
    distributed: i128,
    paid: i128,
    points: [i128; WALLETS],
    claimed: [bool; WALLETS],
    /// Whether the wallet's account of points exists.
    opened: [bool; WALLETS],
}

struct Award {
    source: [u8; 32],
    wallet: usize,
    epoch: usize,
    points: i128,
    /// Nothing once the account was closed.
    state: Option<u8>,
}

struct Spend {
    amount: i128,
    due: i64,
    over: i64,
}

#[derive(Default)]
struct Model {
    now: i64,
    paused: bool,
    converted: bool,
    schedule: BTreeMap<u32, i128>,
    months: Vec<Month>,
    awards: Vec<Award>,
    /// Points that the issuer awarded in the epoch that it last awarded in.
    issued: (usize, i128),
    spends: BTreeMap<u64, Spend>,
    proposed: u64,
    window: (i64, i128),
    funding: i128,
    reserve: i128,
    profit_vault: i128,
    payee: i128,
    wallets: [i128; WALLETS],
    /// Profit owed to each wallet and left of the last deposit, in base units scaled by 2^64.
    owed: [i128; WALLETS],
    remainder: i128,
}

impl Model {
    fn lifetime(&self, wallet: usize) -> i128 {
        self.months.iter().map(|m| m.points[wallet]).sum()
    }

    fn schedule(&mut self, first: u32, pools: &[u64]) -> Ends {
        let next = u32::try_from(self.months.len()).unwrap();
        must!(!pools.is_empty() && first > 0 && first >= next, E::MonthOutOfRange);
        self.schedule.extend((first..).zip(pools.iter().map(|pool| i128::from(*pool))));
        Ends::Well
    }

    fn open(&mut self) -> Ends {
        let index = u32::try_from(self.months.len()).unwrap();
        must!(index == 0 || self.converted, E::TgeNotDone);
        let start = self.months.last().map_or(START, |m| m.end);
        let pool = self.schedule.get(&index).copied().unwrap_or(0);
        self.funding -= pool;
        let (end, state) = (next_month_start(start), epoch_state::OPEN);
        self.months.push(Month { start, end, state, pool, vault: pool, ..Month::default() });
        Ends::Well
    }

    fn convert(&mut self, pool: u64) -> Ends {
        let Some(month) = self.months.first_mut() else { return Ends::Refused };
        must!(!self.converted, E::TgeDone);
        must!(month.state == epoch_state::REVIEW, E::EpochNotInReview);
        self.converted = true;
        month.pool = pool.into();
        month.vault += month.pool;
        self.funding -= month.pool;
        Ends::Well
    }

    fn award(&mut self, epoch: usize, wallet: usize, quantity: u64, honest: bool, source: [u8; 32]) -> Ends {
        let (now, points) = (self.now, i128::from(quantity));
        let issued = if self.issued.0 == epoch { self.issued.1 } else { 0 };
        let Some(month) = self.months.get_mut(epoch).filter(|_| honest) else { return Ends::Refused };
        must!(!self.paused, E::AwardsPaused);
        must!(month.state == epoch_state::OPEN, E::EpochNotOpen);
        must!((month.start..month.end).contains(&now), E::OutsideEpoch);
        must!((1..=5_000).contains(&quantity), E::QuantityOutOfBounds);
        must!(issued + points <= i128::from(EPOCH_CAP), E::IssuerCapReached);
        self.issued = (epoch, issued + points);
        month.opened[wallet] = true;
        let state = if points > CONFIRM { award_state::PENDING } else { award_state::COUNTED };
        if state == award_state::COUNTED {
            month.points[wallet] += points;
        }
        self.awards.push(Award { source, wallet, epoch, points, state: Some(state) });
        Ends::Well
    }

    fn review(&mut self, award: usize, to: u8) -> Ends {
        let now = self.now;
        let Some(award) = self.awards.get_mut(award) else { return Ends::Refused };
        let Some(state) = award.state else { return Ends::Refused };
        let month = &mut self.months[award.epoch];
        if !month.opened[award.wallet] {
            return Ends::Refused;
        }
        if to == award_state::COUNTED {
            must!(state == award_state::PENDING, E::AwardNotPending);
        } else {
            must!(state != award_state::VOID, E::AwardIsVoid);
        }
        let open = month.state == epoch_state::OPEN;
        must!(open || month.state == epoch_state::REVIEW && now < month.review_ends, E::ReviewOver);
        award.state = Some(to);
        if to == award_state::COUNTED {
            month.points[award.wallet] += award.points;
        } else {
            if state == award_state::COUNTED {
                month.points[award.wallet] -= award.points;
            }
            if open && self.issued.0 == award.epoch {
                self.issued.1 -= award.points;
            }
        }
        Ends::Well
    }

    fn close(&mut self, epoch: usize) -> Ends {
        let Some(month) = self.months.get_mut(epoch) else { return Ends::Refused };
        must!(month.state == epoch_state::OPEN, E::EpochNotOpen);
        must!(self.now >= month.end, E::EpochNotEnded);
        (month.state, month.review_ends) = (epoch_state::REVIEW, self.now + REVIEW);
        Ends::Well
    }

    fn finalize(&mut self, epoch: usize) -> Ends {
        let Some(month) = self.months.get_mut(epoch) else { return Ends::Refused };
        must!(month.state == epoch_state::REVIEW, E::EpochNotInReview);
        must!(self.now >= month.review_ends, E::ReviewNotOver);
        must!(self.converted, E::TgeNotDone);
        (month.state, month.expires_at) = (epoch_state::FINAL, self.now + CLAIM);
        month.distributed = match month.points.iter().sum::<i128>() {
            0 => 0,
            1..500 if epoch > 0 => month.pool / 2,
            _ => month.pool,
        };
        let kept = month.pool - month.distributed;
        month.vault -= kept;
        self.reserve += kept;
        Ends::Well
    }

    fn claim(&mut self, epoch: usize, wallet: usize) -> Ends {
        let Some(month) = self.months.get_mut(epoch).filter(|m| m.opened[wallet]) else { return Ends::Refused };
        must!(month.state != epoch_state::EXPIRED, E::EpochExpired);
        must!(month.state == epoch_state::FINAL, E::EpochNotFinal);
        must!(!month.claimed[wallet], E::AlreadyClaimed);
        must!(month.points[wallet] > 0, E::NothingToClaim);
        let share = month.distributed * month.points[wallet] / month.points.iter().sum::<i128>();
        month.claimed[wallet] = true;
        month.vault -= share;
        month.paid += share;
        self.wallets[wallet] += share;
        Ends::Well
    }

    fn expire(&mut self, epoch: usize) -> Ends {
        let Some(month) = self.months.get_mut(epoch) else { return Ends::Refused };
        must!(month.state != epoch_state::EXPIRED, E::EpochExpired);
        must!(month.state == epoch_state::FINAL, E::EpochNotFinal);
        must!(self.now >= month.expires_at, E::ClaimsOpen);
        month.state = epoch_state::EXPIRED;
        self.reserve += month.vault;
        month.vault = 0;
        Ends::Well
    }

    fn close_points(&mut self, epoch: usize, wallet: usize) -> Ends {
        let Some(month) = self.months.get_mut(epoch).filter(|m| m.opened[wallet]) else { return Ends::Refused };
        must!(month.state >= epoch_state::FINAL, E::EpochNotFinal);
        let settled = month.claimed[wallet] || month.points[wallet] == 0;
        must!(month.state == epoch_state::EXPIRED || settled, E::ShareUnclaimed);
        month.opened[wallet] = false;
        Ends::Well
    }

    fn close_award(&mut self, award: usize) -> Ends {
        let Some(award) = self.awards.get_mut(award) else { return Ends::Refused };
        let Some(state) = award.state else { return Ends::Refused };
        must!(state != award_state::COUNTED, E::AwardCounts);
        must!(self.months[award.epoch].state == epoch_state::EXPIRED, E::EpochNotExpired);
        award.state = None;
        Ends::Well
    }

    fn deposit(&mut self, amount: u64) -> Ends {
        must!(amount > 0, E::NoAmount);
        let amount = i128::from(amount);
        let points: [i128; WALLETS] = std::array::from_fn(|wallet| self.lifetime(wallet));
        let total: i128 = points.iter().sum();
        let share = if total == 0 { 0 } else { amount / 5 };
        if share > 0 {
            let scaled = (share << 64) + self.remainder;
            self.remainder = scaled % total;
            for (owed, points) in self.owed.iter_mut().zip(points) {
                *owed += scaled / total * points;
            }
        }
        self.funding -= amount;
        self.profit_vault += share;
        self.reserve += amount - share;
        Ends::Well
    }

    fn claim_profit(&mut self, wallet: usize) -> Ends {
        let amount = self.owed[wallet] >> 64;
        must!(amount > 0, E::NothingToClaim);
        self.owed[wallet] -= amount << 64;
        self.profit_vault -= amount;
        self.wallets[wallet] += amount;
        Ends::Well
    }

    fn propose(&mut self, amount: u64) -> Ends {
        must!(amount > 0, E::NoAmount);
        let due = self.now + DELAY;
        self.spends.insert(self.proposed, Spend { amount: amount.into(), due, over: due + 30 * DAY });
        self.proposed += 1;
        Ends::Well
    }

    fn execute(&mut self, id: u64) -> Ends {
        let Some(spend) = self.spends.get(&id) else { return Ends::Refused };
        must!(self.now >= spend.due, E::SpendNotDue);
        must!(self.now < spend.over, E::SpendExpired);
        let window = if self.now >= self.window.0 + WINDOW { (self.now, 0) } else { self.window };
        must!(window.1 + spend.amount <= i128::from(OUTFLOW), E::OutflowLimit);
        must!(self.reserve >= spend.amount, E::ReserveShort);
        self.window = (window.0, window.1 + spend.amount);
        self.reserve -= spend.amount;
        self.payee += spend.amount;
        self.spends.remove(&id);
        Ends::Well
    }

    fn cancel(&mut self, id: u64) -> Ends {
        if self.spends.remove(&id).is_some() { Ends::Well } else { Ends::Refused }
    }

    /// The place of the epoch that is `back` before the newest; one that does not exist where there are fewer.
    fn epoch(&self, back: usize) -> usize {
        self.months.len().checked_sub(back + 1).unwrap_or(self.months.len() + back)
    }

    /// The same, but 0 is the oldest epoch in this state where there is one.
    fn epoch_in(&self, state: u8, back: usize) -> usize {
        let alive = self.months.iter().position(|m| m.state == state);
        alive.filter(|_| back == 0).unwrap_or_else(|| self.epoch(back))
    }

    /// The next moment at which something ends.
    fn next_end(&self) -> Option<i64> {
        let months = self.months.iter().map(|m| match m.state {
            epoch_state::OPEN => m.end,
            epoch_state::REVIEW => m.review_ends,
            _ => m.expires_at,
        });
        let spends = self.spends.values().flat_map(|spend| [spend.due, spend.over]);
        months.chain(spends).chain([self.window.0 + WINDOW]).filter(|end| *end > self.now).min()
    }

    /// Every base unit that there is.
    fn sum(&self) -> i128 {
        let vaults: i128 = self.months.iter().map(|m| m.vault).sum();
        let others = self.funding + self.reserve + self.profit_vault + self.payee;
        vaults + others + self.wallets.iter().sum::<i128>()
    }
}

/// The chain, its model and the actors.
struct Trial {
    r: Rewards,
    model: Model,
    wallets: [Address; WALLETS],
    payee: Address,
    /// Base units that there were at the start, and gifts since.
    came_in: i128,
}

fn matches(result: &Result<Receipt, Refusal>, ends: &Ends) -> bool {
    match (result, ends) {
        (Ok(_), Ends::Well) | (Err(_), Ends::Refused) => true,
        (Err(refusal), Ends::With(error)) => refusal.err == TransactionError::InstructionError(0, answer(*error)),
        _ => false,
    }
}

impl Trial {
    fn take(&mut self, step: &Step) -> Result<(), TestCaseError> {
        let index = |epoch: usize| u32::try_from(epoch).unwrap();
        let step = self.forward(step);
        let (r, model, wallets) = (&mut self.r, &mut self.model, &self.wallets);
        let (admin, payer) = (r.world.admin, r.world.payer);
        let review = |r: &Rewards, model: &Model, reviewer: Address, award: usize| {
            let award = model.awards.get(award);
            let (source, wallet, epoch) = award.map_or(([0xee; 32], 0, 0), |a| (a.source, a.wallet, a.epoch));
            r.review(reviewer, index(epoch), wallets[wallet], source)
        };
        let (call, ends) = match step {
            Step::Schedule { first, ref pools } => (r.schedule_ix(first, pools), model.schedule(first, pools)),
            // one month ahead at most: the calendar would run away otherwise
            Step::Open if model.months.last().is_some_and(|m| m.start > model.now) => return Ok(()),
            Step::Open => {
                let start = model.months.last().map_or(START, |m| m.end);
                (r.open_ix(index(model.months.len()), start), model.open())
            }
            Step::Convert { pool } => (r.convert_ix(pool), model.convert(pool)),
            Step::Award { epoch, wallet, quantity, honest } => {
                let mut award = r.award_ix(index(epoch), wallets[wallet], quantity);
                if !honest {
                    award = award.swap(&r.issuer, &r.stranger);
                }
                (award, model.award(epoch, wallet, quantity, honest, r.last_source()))
            }
            Step::Confirm { award } => {
                let review = review(r, model, r.confirmer, award);
                (ix::confirm_award(review), model.review(award, award_state::COUNTED))
            }
            Step::Void { award } => {
                let review = review(r, model, admin, award);
                (ix::void_award(review, [1; 32]), model.review(award, award_state::VOID))
            }
            Step::Pause { paused } => {
                model.paused = paused;
                (ix::set_pause(admin, paused), Ends::Well)
            }
            Step::Pass { seconds } => {
                r.world.pass(seconds);
                model.now += seconds;
                return Ok(());
            }
            Step::Reach { offset } => {
                let to = model.next_end().map_or(model.now, |end| (end + offset).max(model.now));
                model.now = to;
                r.world.set_time(to);
                return Ok(());
            }
            Step::Close { epoch } => (ix::close_epoch(index(epoch)), model.close(epoch)),
            Step::Finalize { epoch } => (r.finalize_ix(index(epoch)), model.finalize(epoch)),
            Step::Claim { epoch, wallet } => (r.claim_ix(index(epoch), wallets[wallet]), model.claim(epoch, wallet)),
            Step::Expire { epoch } => (r.expire_ix(index(epoch)), model.expire(epoch)),
            Step::ClosePoints { epoch, wallet } => {
                let close = ix::close_points(wallets[wallet], index(epoch), payer);
                (close, model.close_points(epoch, wallet))
            }
            Step::CloseAward { award } => {
                let (source, epoch) = model.awards.get(award).map_or(([0xee; 32], 0), |a| (a.source, a.epoch));
                (ix::close_award(source, index(epoch), payer), model.close_award(award))
            }
            Step::Deposit { amount } => (r.deposit_ix(amount), model.deposit(amount)),
            Step::ClaimProfit { wallet } => (r.claim_profit_ix(wallets[wallet]), model.claim_profit(wallet)),
            Step::Propose { amount } => {
                let terms = ix::SpendTerms { amount, destination: self.payee, purpose: [2; 32] };
                (ix::propose_spend(admin, model.proposed, terms), model.propose(amount))
            }
            Step::Execute { spend } => (ix::execute_spend(spend, self.payee, r.token(), admin), model.execute(spend)),
            Step::Cancel { spend } => (ix::cancel_spend(admin, spend, admin), model.cancel(spend)),
            Step::Donate { place, amount } => {
                let held = model.months.iter().position(|m| m.vault > 0);
                let (account, balance) = match (place, held) {
                    (0, _) => (at::reserve(), &mut model.reserve),
                    (1, _) => (at::profit_vault(), &mut model.profit_vault),
                    (_, Some(epoch)) => (at::epoch_vault(index(epoch)), &mut model.months[epoch].vault),
                    _ => return Ok(()),
                };
                r.world.donate(&account, amount);
                *balance += i128::from(amount);
                self.came_in += i128::from(amount);
                return Ok(());
            }
        };
        let result = r.world.send(call);
        prop_assert!(matches(&result, &ends), "{step:?} ended with {result:?}");
        Ok(())
    }

    /// The step with the places that it means, counted from the oldest.
    fn forward(&self, step: &Step) -> Step {
        let (mut step, model) = (step.clone(), &self.model);
        match &mut step {
            Step::Award { epoch, .. } => {
                let present = model.months.iter().position(|m| (m.start..m.end).contains(&model.now));
                *epoch = present.filter(|_| *epoch == 0).unwrap_or_else(|| model.epoch(*epoch));
            }
            Step::Close { epoch } => *epoch = model.epoch_in(epoch_state::OPEN, *epoch),
            Step::Finalize { epoch } => *epoch = model.epoch_in(epoch_state::REVIEW, *epoch),
            Step::Expire { epoch } => *epoch = model.epoch_in(epoch_state::FINAL, *epoch),
            Step::Claim { epoch, wallet } | Step::ClosePoints { epoch, wallet } => {
                *epoch = model.epoch_in(epoch_state::FINAL, *epoch);
                // mostly somebody who has points there
                let earners = |m: &Month| (0..WALLETS).filter(|w| m.opened[*w]).nth(*wallet / 2);
                *wallet = model.months.get(*epoch).and_then(earners).unwrap_or(*wallet);
            }
            Step::Confirm { award } | Step::Void { award } | Step::CloseAward { award } => {
                *award = model.awards.len().checked_sub(*award + 1).unwrap_or(usize::MAX);
            }
            Step::Execute { spend } | Step::Cancel { spend } => {
                *spend = model.proposed.checked_sub(*spend + 1).unwrap_or(u64::MAX);
            }
            _ => {}
        }
        step
    }

    fn agree(&self) -> Result<(), TestCaseError> {
        let (r, model) = (&self.r, &self.model);
        let held = |account: &Address| i128::from(r.world.tokens(account));
        prop_assert_eq!(model.sum(), self.came_in, "the model itself makes tokens");
        prop_assert_eq!(held(&at::reserve()), model.reserve);
        prop_assert_eq!(held(&at::profit_vault()), model.profit_vault);
        prop_assert_eq!((held(&r.funding), held(&self.payee)), (model.funding, model.payee));
        let config = r.config();
        let mut everybody = 0;
        for (place, wallet) in self.wallets.iter().enumerate() {
            prop_assert_eq!(held(&r.tokens_of(wallet)), model.wallets[place]);
            let (contributor, lifetime) = (r.contributor_of(wallet), model.lifetime(place));
            prop_assert_eq!(i128::from(contributor.lifetime_points.get()), lifetime);
            everybody += lifetime;
            for epoch in 0..=model.months.len() {
                let exact: i128 = model.months[..epoch].iter().map(|m| m.points[place]).sum();
                if let Some(before) = contributor.history().before(u32::try_from(epoch).unwrap()) {
                    prop_assert_eq!(i128::from(before), exact, "points before epoch {}", epoch);
                }
            }
        }
        prop_assert_eq!(i128::from(config.lifetime_points.get()), everybody);
        prop_assert!(config.profit_out.get() <= config.profit_in.get());
        prop_assert_eq!(i128::from(config.scheduled.get()), model.schedule.values().sum::<i128>());
        for (i, month) in model.months.iter().enumerate() {
            let index = u32::try_from(i).unwrap();
            let epoch = r.epoch(index);
            prop_assert_eq!(
                (epoch.state, i128::from(epoch.total_points.get())),
                (month.state, month.points.iter().sum())
            );
            prop_assert_eq!(
                (i128::from(epoch.distributed.get()), i128::from(epoch.paid.get())),
                (month.distributed, month.paid)
            );
            prop_assert_eq!(epoch.contributors.get() as usize, month.points.iter().filter(|p| **p > 0).count());
            prop_assert_eq!(epoch.claims.get() as usize, month.claimed.iter().filter(|c| **c).count());
            prop_assert_eq!(held(&at::epoch_vault(index)), month.vault);
            prop_assert!(month.paid <= month.distributed && month.distributed <= month.pool);
        }
        for award in &model.awards {
            match award.state {
                Some(state) => {
                    prop_assert_eq!(r.world.read::<rewards::state::Award>(&at::award(&award.source)).state, state);
                }
                None => prop_assert!(r.world.is_gone(&at::award(&award.source))),
            }
        }
        Ok(())
    }
}

#[test]
fn random_instructions_end_as_the_model_says_step_by_step() {
    let mut base = Rewards::new();
    base.update(Settings { confirm_points: u64::try_from(CONFIRM).unwrap(), ..base.settings() });
    let wallets: [Address; WALLETS] = std::array::from_fn(|_| base.contributor());
    let (owner, mint) = (base.world.wallet(), base.mint);
    let payee = base.world.fund(&owner, &mint, 0);
    let funding = i128::from(base.world.tokens(&base.funding));
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if let Some(steps) = std::env::var("AIXBLOCK_STEPS").ok().and_then(|text| text.parse::<usize>().ok()) {
        config.cases = u32::try_from(steps.div_ceil(LONG)).unwrap();
    } else if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = CASES;
    }
    proptest!(config, |(steps in prop::collection::vec(step(), LONG), converted in prop::bool::weighted(0.8))| {
        let mut trial = Trial {
            r: base.clone(),
            model: Model { now: START, funding, ..Model::default() },
            wallets,
            payee,
            came_in: funding,
        };
        // what nearly all sequences need to get anywhere
        trial.take(&Step::Schedule { first: 1, pools: vec![1_000_003, 7, 500_000] })?;
        trial.take(&Step::Open)?;
        if converted {
            let award = Step::Award { epoch: 0, wallet: 0, quantity: 300, honest: true };
            for step in [award, Step::Reach { offset: 0 }, Step::Close { epoch: 0 }, Step::Convert { pool: 7_777 }, Step::Open] {
                trial.take(&step)?;
            }
        }
        for step in &steps {
            trial.take(step)?;
            trial.agree()?;
        }
    });
}
