//! Random sequences of instructions against a plain model of what they should do.
use anchor_lang::Address;
use e2e_tests::{
    EPOCH_CAP, Forge, REVIEW, Receipt, Refusal, Rewards, START, address::rewards as at, answer,
    instruction::rewards as ix,
};
use proptest::prelude::*;
use protocol::calendar::next_month_start;
use rewards::{RewardsError, state::epoch_state};
use solana_transaction_error::TransactionError;

const WALLETS: usize = 4;
const CASES: u32 = 12;

#[derive(Clone, Debug)]
enum Step {
    Open { pool: u64 },
    Award { epoch: usize, wallet: usize, quantity: u64, honest: bool },
    Pass { seconds: i64 },
    Close { epoch: usize },
    Finalize { epoch: usize },
    Claim { epoch: usize, wallet: usize },
    Donate { epoch: usize, amount: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    let (epoch, wallet) = (0..3usize, 0..WALLETS);
    prop_oneof![
        2 => prop_oneof![0..10u64, 0..10_000_000u64].prop_map(|pool| Step::Open { pool }),
        10 => (epoch.clone(), wallet.clone(), prop_oneof![0..400u64, Just(5_000), Just(5_001)], prop::bool::weighted(0.9))
            .prop_map(|(epoch, wallet, quantity, honest)| Step::Award { epoch, wallet, quantity, honest }),
        5 => prop_oneof![Just(1), Just(REVIEW), Just(10 * 86_400), Just(31 * 86_400)].prop_map(|seconds| Step::Pass { seconds }),
        4 => epoch.clone().prop_map(|epoch| Step::Close { epoch }),
        4 => epoch.clone().prop_map(|epoch| Step::Finalize { epoch }),
        8 => (epoch.clone(), wallet).prop_map(|(epoch, wallet)| Step::Claim { epoch, wallet }),
        1 => (epoch, 1..100u64).prop_map(|(epoch, amount)| Step::Donate { epoch, amount }),
    ]
}

/// How the model says that a step ends.
enum Ends {
    Well,
    With(RewardsError),
    /// Refused by the framework, before the program's own checks.
    Refused,
}

#[derive(Default)]
struct Month {
    start: i64,
    end: i64,
    review_ends: i64,
    state: u8,
    pool: u64,
    vault: u64,
    distributed: u64,
    paid: u64,
    points: [u64; WALLETS],
    claimed: [bool; WALLETS],
}

impl Month {
    fn total(&self) -> u64 {
        self.points.iter().sum()
    }
}

#[derive(Default)]
struct Model {
    now: i64,
    months: Vec<Month>,
    reserve: u64,
    wallets: [u64; WALLETS],
    /// The epoch that the issuer last awarded in, and the points that it awarded there.
    issued: (usize, u64),
}

impl Model {
    fn award(&mut self, epoch: usize, wallet: usize, quantity: u64, honest: bool) -> Ends {
        let (now, issued) = (self.now, if self.issued.0 == epoch { self.issued.1 } else { 0 });
        let Some(month) = self.months.get_mut(epoch).filter(|_| honest) else { return Ends::Refused };
        if month.state != epoch_state::OPEN {
            return Ends::With(RewardsError::EpochNotOpen);
        }
        if now < month.start || now >= month.end {
            return Ends::With(RewardsError::OutsideEpoch);
        }
        if !(1..=5_000).contains(&quantity) {
            return Ends::With(RewardsError::QuantityOutOfBounds);
        }
        if issued + quantity > EPOCH_CAP {
            return Ends::With(RewardsError::IssuerCapReached);
        }
        self.issued = (epoch, issued + quantity);
        month.points[wallet] += quantity;
        Ends::Well
    }

    fn close(&mut self, epoch: usize) -> Ends {
        let Some(month) = self.months.get_mut(epoch) else { return Ends::Refused };
        if month.state != epoch_state::OPEN {
            return Ends::With(RewardsError::EpochNotOpen);
        }
        if self.now < month.end {
            return Ends::With(RewardsError::EpochNotEnded);
        }
        (month.state, month.review_ends) = (epoch_state::REVIEW, self.now + REVIEW);
        Ends::Well
    }

    fn finalize(&mut self, epoch: usize) -> Ends {
        let Some(month) = self.months.get_mut(epoch) else { return Ends::Refused };
        if month.state != epoch_state::REVIEW {
            return Ends::With(RewardsError::EpochNotInReview);
        }
        if self.now < month.review_ends {
            return Ends::With(RewardsError::ReviewNotOver);
        }
        month.state = epoch_state::FINAL;
        month.distributed = match month.total() {
            0 => 0,
            1..500 => month.pool / 2,
            _ => month.pool,
        };
        let kept = month.pool - month.distributed;
        month.vault -= kept;
        self.reserve += kept;
        Ends::Well
    }

    fn claim(&mut self, epoch: usize, wallet: usize) -> Ends {
        let Some(month) = self.months.get_mut(epoch).filter(|m| m.points[wallet] > 0) else { return Ends::Refused };
        if month.state != epoch_state::FINAL {
            return Ends::With(RewardsError::EpochNotFinal);
        }
        if month.claimed[wallet] {
            return Ends::With(RewardsError::AlreadyClaimed);
        }
        let share = u128::from(month.distributed) * u128::from(month.points[wallet]) / u128::from(month.total());
        let share = u64::try_from(share).unwrap();
        month.claimed[wallet] = true;
        month.vault -= share;
        month.paid += share;
        self.wallets[wallet] += share;
        Ends::Well
    }
}

fn matches(result: &Result<Receipt, Refusal>, ends: &Ends) -> bool {
    match (result, ends) {
        (Ok(_), Ends::Well) | (Err(_), Ends::Refused) => true,
        (Err(refusal), Ends::With(error)) => refusal.err == TransactionError::InstructionError(0, answer(*error)),
        _ => false,
    }
}

fn take(r: &mut Rewards, model: &mut Model, wallets: &[Address; WALLETS], step: &Step) -> Result<(), TestCaseError> {
    let index = |epoch: usize| u32::try_from(epoch).unwrap();
    let (result, ends) = match *step {
        Step::Open { pool } => {
            let (next, start) = (model.months.len(), model.months.last().map_or(START, |m| m.end));
            let end = next_month_start(start);
            let (state, vault) = (epoch_state::OPEN, pool);
            model.months.push(Month { start, end, state, pool, vault, ..Month::default() });
            (r.world.send(r.open_ix(index(next), start, pool)), Ends::Well)
        }
        Step::Award { epoch, wallet, quantity, honest } => {
            let mut award = r.award_ix(index(epoch), wallets[wallet], quantity);
            if !honest {
                award = award.swap(&r.issuer, &r.stranger);
            }
            (r.world.send(award), model.award(epoch, wallet, quantity, honest))
        }
        Step::Pass { seconds } => {
            r.world.pass(seconds);
            model.now += seconds;
            return Ok(());
        }
        Step::Close { epoch } => (r.world.send(ix::close_epoch(index(epoch))), model.close(epoch)),
        Step::Finalize { epoch } => (r.world.send(ix::finalize_epoch(index(epoch), r.mint)), model.finalize(epoch)),
        Step::Claim { epoch, wallet } => {
            (r.world.send(r.claim_ix(index(epoch), wallets[wallet])), model.claim(epoch, wallet))
        }
        Step::Donate { epoch, amount } => {
            if let Some(month) = model.months.get_mut(epoch) {
                month.vault += amount;
                r.world.donate(&at::epoch_vault(index(epoch)), amount);
            }
            return Ok(());
        }
    };
    prop_assert!(matches(&result, &ends), "{step:?} ended with {result:?}");
    Ok(())
}

fn agree(r: &Rewards, model: &Model, wallets: &[Address; WALLETS]) -> Result<(), TestCaseError> {
    prop_assert_eq!(r.reserve(), model.reserve);
    for (wallet, held) in wallets.iter().zip(model.wallets) {
        prop_assert_eq!(r.world.tokens(&r.tokens_of(wallet)), held);
    }
    for (i, month) in model.months.iter().enumerate() {
        let index = u32::try_from(i).unwrap();
        let epoch = r.epoch(index);
        prop_assert_eq!((epoch.state, epoch.total_points.get()), (month.state, month.total()));
        prop_assert_eq!((epoch.distributed.get(), epoch.paid.get()), (month.distributed, month.paid));
        prop_assert_eq!(epoch.contributors.get() as usize, month.points.iter().filter(|p| **p > 0).count());
        prop_assert_eq!(epoch.claims.get() as usize, month.claimed.iter().filter(|c| **c).count());
        prop_assert_eq!(r.vault(index), month.vault);
        // nothing of the pool is created or lost, whatever was given on top of it
        prop_assert!(epoch.paid.get() + epoch.to_reserve.get() + r.vault(index) >= month.pool);
    }
    Ok(())
}

#[test]
fn random_months_end_as_the_model_says_step_by_step() {
    let mut base = Rewards::new();
    let wallets: [Address; WALLETS] = std::array::from_fn(|_| base.contributor());
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = CASES;
    }
    proptest!(config, |(steps in prop::collection::vec(step(), 20..80))| {
        let mut r = base.clone();
        let mut model = Model { now: START, ..Model::default() };
        take(&mut r, &mut model, &wallets, &Step::Open { pool: 1_000_003 })?;
        for step in &steps {
            take(&mut r, &mut model, &wallets, step)?;
            agree(&r, &model, &wallets)?;
        }
    });
}
