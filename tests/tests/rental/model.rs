//! Random sequences of instructions against a plain model of what they should do.
use anchor_lang::Address;
use e2e_tests::{
    ACCEPT, FEE_BPS, Receipt, Refusal, START,
    address::rental as at,
    answer,
    instruction::rental as ix,
    rental_world::{HOURS, RATE, RENTERS_PURSE, Rentals},
};
use proptest::prelude::*;
use rental::{RentalError, state::rental_state};
use solana_transaction_error::TransactionError;

const RENTALS: usize = 3;
const STEPS_A_CASE: u32 = 60;

#[derive(Clone, Copy, Debug)]
enum Caller {
    Renter,
    Provider,
    Stranger,
}

#[derive(Clone, Debug)]
enum Step {
    Open { id: usize, hours: u64 },
    Start { id: usize },
    Extend { id: usize, hours: u64 },
    Cancel { id: usize, by: Caller },
    Withdraw { id: usize },
    Stop { id: usize, by: Caller },
    Close { id: usize },
    Pass { seconds: i64 },
    Donate { id: usize, amount: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    let id = 0..RENTALS;
    let by = prop_oneof![Just(Caller::Renter), Just(Caller::Provider), Just(Caller::Stranger)];
    let hours = prop_oneof![0..5u64, Just(87_600), Just(u64::MAX)];
    prop_oneof![
        6 => (id.clone(), hours.clone()).prop_map(|(id, hours)| Step::Open { id, hours }),
        6 => id.clone().prop_map(|id| Step::Start { id }),
        3 => (id.clone(), hours).prop_map(|(id, hours)| Step::Extend { id, hours }),
        2 => (id.clone(), by.clone()).prop_map(|(id, by)| Step::Cancel { id, by }),
        10 => id.clone().prop_map(|id| Step::Withdraw { id }),
        4 => (id.clone(), by).prop_map(|(id, by)| Step::Stop { id, by }),
        4 => id.clone().prop_map(|id| Step::Close { id }),
        10 => prop_oneof![0..3i64, 0..4_000i64, Just(3_600), Just(ACCEPT), Just(20_000)]
            .prop_map(|seconds| Step::Pass { seconds }),
        1 => (id, 1..100u64).prop_map(|(id, amount)| Step::Donate { id, amount }),
    ]
}

/// How the model says that a step ends.
enum Ends {
    Well,
    With(RentalError),
    /// Refused by the framework or by the token program.
    Refused,
}

#[derive(Clone, Copy)]
struct Rental {
    state: u8,
    hours: u64,
    opened: i64,
    started: i64,
    provider: u64,
    treasury: u64,
    returned: u64,
    vault: u64,
}

impl Rental {
    fn deposit(&self) -> u64 {
        RATE * self.hours
    }

    /// Pays what was earned until `now` out of the vault.
    fn pay(&mut self, now: i64) -> [u64; 2] {
        let seconds = u128::try_from((now - self.started).min(i64::try_from(self.hours).unwrap() * 3_600)).unwrap();
        let all = u128::from(RATE) * seconds / 3_600;
        let fee = all * u128::from(FEE_BPS) / 10_000;
        let [provider, treasury] = [all - fee, fee].map(|part| u64::try_from(part).unwrap());
        let due = [provider - self.provider, treasury - self.treasury];
        (self.provider, self.treasury) = (provider, treasury);
        self.vault -= due[0] + due[1];
        due
    }
}

#[derive(Default)]
struct Model {
    now: i64,
    rentals: [Option<Rental>; RENTALS],
    provider: u64,
    treasury: u64,
    renter: u64,
    given: u64,
}

impl Model {
    fn open(&mut self, id: usize, hours: u64) -> Ends {
        if self.rentals[id].is_some() {
            return Ends::Refused;
        }
        match hours {
            0 => return Ends::With(RentalError::NoHours),
            87_601.. => return Ends::With(RentalError::Overflow),
            _ if RATE * hours > self.renter => return Ends::Refused,
            _ => {}
        }
        let vault = RATE * hours;
        self.renter -= vault;
        let state = rental_state::REQUESTED;
        let opened = self.now;
        self.rentals[id] =
            Some(Rental { state, hours, opened, started: 0, provider: 0, treasury: 0, returned: 0, vault });
        Ends::Well
    }

    fn act(&mut self, step: &Step) -> Ends {
        let id = match *step {
            Step::Open { id, hours } => return self.open(id, hours),
            Step::Start { id } | Step::Extend { id, .. } | Step::Cancel { id, .. } | Step::Withdraw { id } => id,
            Step::Stop { id, .. } | Step::Close { id } => id,
            Step::Pass { .. } | Step::Donate { .. } => return Ends::Well,
        };
        let now = self.now;
        let Some(rental) = self.rentals[id].as_mut() else { return Ends::Refused };
        let wanted = match step {
            Step::Start { .. } | Step::Cancel { .. } => rental_state::REQUESTED,
            Step::Close { .. } => rental_state::ENDED,
            _ => rental_state::RUNNING,
        };
        if rental.state != wanted {
            return Ends::With(RentalError::WrongState);
        }
        let end = rental.started + i64::try_from(rental.hours).unwrap() * 3_600;
        match *step {
            Step::Start { .. } => {
                if now >= rental.opened + ACCEPT {
                    return Ends::With(RentalError::DeadlinePassed);
                }
                (rental.state, rental.started) = (rental_state::RUNNING, now);
            }
            Step::Extend { hours, .. } => {
                if now >= end {
                    return Ends::With(RentalError::RentalOver);
                }
                if hours == 0 {
                    return Ends::With(RentalError::NoHours);
                }
                if hours.checked_add(rental.hours).is_none_or(|all| all > 87_600) {
                    return Ends::With(RentalError::Overflow);
                }
                if RATE * hours > self.renter {
                    return Ends::Refused;
                }
                self.renter -= RATE * hours;
                rental.vault += RATE * hours;
                rental.hours += hours;
            }
            Step::Cancel { by, .. } => {
                if !matches!(by, Caller::Renter) && now < rental.opened + ACCEPT {
                    return Ends::With(RentalError::DeadlineNotPassed);
                }
                self.renter += rental.vault;
                (rental.state, rental.returned, rental.vault) = (rental_state::ENDED, rental.vault, 0);
            }
            Step::Withdraw { .. } => {
                let due = rental.pay(now);
                if due == [0, 0] {
                    return Ends::With(RentalError::NothingEarned);
                }
                self.provider += due[0];
                self.treasury += due[1];
            }
            Step::Stop { by, .. } => {
                if matches!(by, Caller::Stranger) && now < end {
                    return Ends::With(RentalError::NotAParty);
                }
                let due = rental.pay(now);
                self.provider += due[0];
                self.treasury += due[1];
                self.renter += rental.vault;
                (rental.state, rental.returned, rental.vault) = (rental_state::ENDED, rental.vault, 0);
            }
            _ => self.rentals[id] = None,
        }
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

fn take(r: &mut Rentals, model: &mut Model, step: &Step) -> Result<(), TestCaseError> {
    let (renter, provider, stranger) = (r.renter, r.provider, r.stranger);
    let address = |id: usize| at::rental(&renter, id as u64);
    let caller = |by| match by {
        Caller::Renter => renter,
        Caller::Provider => provider,
        Caller::Stranger => stranger,
    };
    let instruction = match *step {
        Step::Open { id, hours } => {
            let mut open = r.open_ix(id as u64);
            (open.terms.hours, open.terms.max_total) = (hours, u64::MAX);
            ix::open_rental(open)
        }
        Step::Start { id } => ix::start_rental(provider, address(id)),
        Step::Extend { id, hours } => ix::extend_rental(renter, r.payment(address(id)), hours),
        Step::Cancel { id, by } => ix::cancel_rental(caller(by), r.payment(address(id))),
        Step::Withdraw { id } => ix::withdraw(r.payment(address(id))),
        Step::Stop { id, by } => r.stop_ix(caller(by), address(id)),
        Step::Close { id } => ix::close_rental(address(id), renter),
        Step::Pass { seconds } => {
            r.world.pass(seconds);
            model.now += seconds;
            return Ok(());
        }
        Step::Donate { id, amount } => {
            if let Some(rental) = model.rentals[id].as_mut().filter(|rental| rental.state != rental_state::ENDED) {
                rental.vault += amount;
                model.given += amount;
                r.world.donate(&at::vault(&address(id)), amount);
            }
            return Ok(());
        }
    };
    let (result, ends) = (r.world.send(instruction), model.act(step));
    // the same instruction may come twice within one blockhash
    r.world.svm.expire_blockhash();
    prop_assert!(matches(&result, &ends), "{step:?} ended with {result:?}");
    Ok(())
}

fn agree(r: &Rentals, model: &Model) -> Result<(), TestCaseError> {
    prop_assert_eq!(r.balances(), [model.provider, model.treasury, model.renter]);
    let mut held = 0;
    for (id, expected) in model.rentals.iter().enumerate() {
        let address: Address = at::rental(&r.renter, id as u64);
        let Some(expected) = expected else {
            prop_assert!(r.world.is_gone(&address));
            continue;
        };
        let found = r.rental(&address);
        prop_assert_eq!((found.state, found.hours.get()), (expected.state, expected.hours));
        prop_assert_eq!((found.paid.get(), found.fee.get()), (expected.provider, expected.treasury));
        prop_assert_eq!((found.returned.get(), r.vault(&address)), (expected.returned, expected.vault));
        prop_assert!(found.paid.get() + found.fee.get() <= expected.deposit());
        held += expected.vault;
    }
    // every base unit that came in is with somebody or in a vault
    prop_assert_eq!(model.provider + model.treasury + model.renter + held, RENTERS_PURSE + model.given);
    Ok(())
}

#[test]
fn random_rentals_end_as_the_model_says_step_by_step() {
    let base = Rentals::new();
    // AIXBLOCK_STEPS asks for at least so many random steps in all
    let steps: u32 = std::env::var("AIXBLOCK_STEPS").map_or(900, |steps| steps.parse().unwrap());
    let cases = steps.div_ceil(STEPS_A_CASE);
    let config = ProptestConfig { failure_persistence: None, cases, ..ProptestConfig::default() };
    proptest!(config, |(steps in prop::collection::vec(step(), STEPS_A_CASE as usize))| {
        let mut r = base.clone();
        let mut model = Model { now: START, renter: RENTERS_PURSE, ..Model::default() };
        for step in [Step::Open { id: 0, hours: HOURS }, Step::Start { id: 0 }].iter().chain(&steps) {
            take(&mut r, &mut model, step)?;
            agree(&r, &model)?;
        }
    });
}
