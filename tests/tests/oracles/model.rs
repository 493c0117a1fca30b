//! Random sequences of instructions against a plain model of what they should do.
use anchor_lang::Address;
use e2e_tests::{
    Receipt, Refusal, START, answer,
    instruction::oracles as ix,
    oracles_world::{BOND, Bonds, MIN_BOND, OWN_TOKENS, SLASH_BPS, TO_BUYER_BPS, TO_CHALLENGER_BPS, UNBONDING},
};
use market::state::{order_state, resolution, verdict};
use oracles::{OraclesError, state::RECORD_SECONDS};
use proptest::prelude::*;
use solana_transaction_error::TransactionError;

const ORACLES: usize = 3;
const STEPS_A_CASE: u32 = 60;

#[derive(Clone, Debug)]
enum Step {
    Deposit {
        who: usize,
        amount: u64,
    },
    Request {
        who: usize,
        amount: u64,
    },
    Withdraw {
        who: usize,
    },
    /// An order settles with these votes; `judged` where the administrator overturned its verdict.
    Settle {
        accepts: bool,
        votes_for: u16,
        votes_against: u16,
        overturned: bool,
        judged: bool,
    },
    Record {
        order: usize,
        who: usize,
    },
    CloseRecord {
        order: usize,
    },
    /// The market closes an order.
    Gone {
        order: usize,
    },
    Pass {
        seconds: i64,
    },
    Donate {
        who: usize,
        amount: u64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..ORACLES;
    let order = 0..6usize;
    let amount = prop_oneof![0..2 * MIN_BOND, Just(BOND), 0..2 * BOND, Just(u64::MAX)];
    prop_oneof![
        4 => (who.clone(), amount.clone()).prop_map(|(who, amount)| Step::Deposit { who, amount }),
        4 => (who.clone(), amount).prop_map(|(who, amount)| Step::Request { who, amount }),
        5 => who.clone().prop_map(|who| Step::Withdraw { who }),
        6 => (any::<bool>(), 0..8u16, 0..8u16, any::<bool>(), prop::bool::weighted(0.7)).prop_map(
            |(accepts, votes_for, votes_against, overturned, judged)| {
                Step::Settle { accepts, votes_for, votes_against: votes_against & !votes_for, overturned, judged }
            }),
        20 => (order.clone(), who.clone()).prop_map(|(order, who)| Step::Record { order, who }),
        4 => order.clone().prop_map(|order| Step::CloseRecord { order }),
        2 => order.prop_map(|order| Step::Gone { order }),
        5 => prop_oneof![Just(1), Just(3_600), Just(i64::from(RECORD_SECONDS)), Just(UNBONDING)]
            .prop_map(|seconds| Step::Pass { seconds }),
        1 => (who, 1..100u64).prop_map(|(who, amount)| Step::Donate { who, amount }),
    ]
}

/// How the model says that a step ends.
enum Ends {
    Well,
    With(OraclesError),
    /// Refused by the framework or by the token program, before or after the program's own checks.
    Refused,
}

#[derive(Clone, Copy, Default, Debug, PartialEq)]
struct Member {
    own: u64,
    bond: u64,
    unbonding: u64,
    unbond_at: i64,
    /// Given to the vault by strangers.
    given: u64,
    /// Votes, agreed, dissented, missed, overturned, slashed.
    counts: [u64; 6],
}

#[derive(Debug)]
struct Settled {
    address: Address,
    there: bool,
    settled_at: i64,
    accepts: bool,
    votes_for: u16,
    votes_against: u16,
    overturned: bool,
    judged: bool,
    recorded: Option<[bool; ORACLES]>,
}

#[derive(Default)]
struct Model {
    now: i64,
    members: [Member; ORACLES],
    orders: Vec<Settled>,
    challenger: u64,
    buyer: u64,
    burned: u64,
}

impl Model {
    fn deposit(&mut self, who: usize, amount: u64) -> Ends {
        let member = &mut self.members[who];
        if amount == 0 {
            return Ends::With(OraclesError::NothingDeposited);
        }
        let Some(bond) = member.bond.checked_add(amount) else { return Ends::With(OraclesError::Overflow) };
        if bond < MIN_BOND {
            return Ends::With(OraclesError::BondTooSmall);
        }
        if amount > member.own {
            return Ends::Refused;
        }
        member.own -= amount;
        member.bond = bond;
        Ends::Well
    }

    fn request(&mut self, who: usize, amount: u64) -> Ends {
        let (now, member) = (self.now, &mut self.members[who]);
        if amount > member.bond {
            return Ends::With(OraclesError::BondTooSmallForRequest);
        }
        let kept = member.bond - amount;
        if amount > 0 && kept > 0 && kept < MIN_BOND {
            return Ends::With(OraclesError::BondTooSmall);
        }
        member.unbonding = amount;
        member.unbond_at = if amount == 0 { 0 } else { now + UNBONDING };
        Ends::Well
    }

    fn withdraw(&mut self, who: usize) -> Ends {
        let (now, member) = (self.now, &mut self.members[who]);
        if member.unbonding == 0 {
            return Ends::With(OraclesError::NothingUnbonding);
        }
        if now < member.unbond_at {
            return Ends::With(OraclesError::StillUnbonding);
        }
        member.bond -= member.unbonding;
        member.own += member.unbonding;
        (member.unbonding, member.unbond_at) = (0, 0);
        Ends::Well
    }

    fn record(&mut self, order: usize, who: usize) -> Ends {
        let Some(order) = self.orders.get_mut(order).filter(|order| order.there) else { return Ends::Refused };
        if self.now >= order.settled_at + i64::from(RECORD_SECONDS) {
            return Ends::With(OraclesError::RecordingOver);
        }
        let recorded = order.recorded.get_or_insert_default();
        if recorded[who] {
            return Ends::With(OraclesError::AlreadyRecorded);
        }
        recorded[who] = true;
        let member = &mut self.members[who];
        let (pro, contra) = (order.votes_for >> who & 1 == 1, order.votes_against >> who & 1 == 1);
        // it ended well for the seller where the verdict was to accept and stood, or was to reject and fell
        let paid = order.accepts != order.overturned;
        let (voted, right) = (pro || contra, if paid { pro } else { contra });
        let fell = order.overturned && order.judged && if order.accepts { pro } else { contra };
        let lost = if fell { member.bond * u64::from(SLASH_BPS) / 10_000 } else { 0 };
        let missed = !voted && !order.overturned;
        let more = [voted, voted && right, voted && !right, missed, fell].map(u64::from);
        for (count, more) in member.counts.iter_mut().zip(more) {
            *count += more;
        }
        member.counts[5] += lost;
        member.bond -= lost;
        member.unbonding = member.unbonding.min(member.bond);
        let challenger = lost * u64::from(TO_CHALLENGER_BPS) / 10_000;
        let buyer = lost * u64::from(TO_BUYER_BPS) / 10_000;
        self.challenger += challenger;
        self.buyer += buyer;
        self.burned += lost - challenger - buyer;
        Ends::Well
    }

    fn close_record(&mut self, order: usize) -> Ends {
        let Some(order) = self.orders.get_mut(order).filter(|order| order.recorded.is_some()) else {
            return Ends::Refused;
        };
        if order.there && self.now < order.settled_at + i64::from(RECORD_SECONDS) {
            return Ends::With(OraclesError::RecordNeeded);
        }
        order.recorded = None;
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

fn settle(b: &mut Bonds, model: &mut Model, step: &Step) {
    let Step::Settle { accepts, votes_for, votes_against, overturned, judged } = *step else { return };
    let challenger = b.challenger;
    let address = b.order(|order| {
        order.verdict = if accepts { verdict::ACCEPT } else { verdict::REJECT };
        order.state = if accepts == overturned { order_state::REFUNDED } else { order_state::RELEASED };
        (order.votes_for, order.votes_against) = (votes_for.into(), votes_against.into());
        order.payable = if order.state == order_state::RELEASED { order.amount } else { 0.into() };
        order.disputed = overturned.into();
        order.answered = judged.into();
        if overturned {
            order.challenger = challenger;
            order.resolution = if judged { resolution::OVERTURNED } else { resolution::FORFEITED };
        }
    });
    let settled_at = model.now;
    model.orders.push(Settled {
        address,
        there: true,
        settled_at,
        accepts,
        votes_for,
        votes_against,
        overturned,
        judged,
        recorded: None,
    });
}

fn take(b: &mut Bonds, model: &mut Model, step: &Step) -> Result<(), TestCaseError> {
    let nowhere = Address::new_from_array([9; 32]);
    let address = |model: &Model, order: usize| model.orders.get(order).map_or(nowhere, |order| order.address);
    let (result, ends) = match *step {
        Step::Deposit { who, amount } => {
            (b.world.send(b.deposit_ix(b.oracles[who], amount)), model.deposit(who, amount))
        }
        Step::Request { who, amount } => {
            (b.world.send(ix::request_unbond(b.oracles[who], amount)), model.request(who, amount))
        }
        Step::Withdraw { who } => (b.world.send(b.withdraw_ix(b.oracles[who])), model.withdraw(who)),
        Step::Record { order, who } => (b.send_record(address(model, order), b.oracles[who]), model.record(order, who)),
        Step::CloseRecord { order } => {
            (b.world.send(ix::close_record(address(model, order), b.stranger)), model.close_record(order))
        }
        Step::Settle { .. } => {
            settle(b, model, step);
            return Ok(());
        }
        Step::Gone { order } => {
            if let Some(order) = model.orders.get_mut(order) {
                order.there = false;
                let _ = b.world.svm.set_account(order.address, Default::default());
            }
            return Ok(());
        }
        Step::Pass { seconds } => {
            b.world.pass(seconds);
            model.now += seconds;
            return Ok(());
        }
        Step::Donate { who, amount } => {
            b.world.donate(&e2e_tests::address::oracles::vault(&b.oracles[who]), amount);
            model.members[who].given += amount;
            return Ok(());
        }
    };
    // the same instruction may come twice within one blockhash
    b.world.svm.expire_blockhash();
    prop_assert!(matches(&result, &ends), "{step:?} ended with {result:?}");
    Ok(())
}

fn agree(b: &Bonds, model: &Model, supply: u64) -> Result<(), TestCaseError> {
    for (address, member) in b.oracles.iter().zip(&model.members) {
        let oracle = b.oracle(address);
        let found = Member {
            own: b.own(address),
            bond: oracle.bond.get(),
            unbonding: oracle.unbonding.get(),
            unbond_at: oracle.unbond_at.get(),
            given: b.vault(address) - oracle.bond.get(),
            counts: [oracle.votes, oracle.agreed, oracle.dissented, oracle.missed, oracle.overturned, oracle.slashed]
                .map(|count| count.get()),
        };
        prop_assert_eq!(&found, member);
    }
    prop_assert_eq!(b.world.tokens(&b.challenger_tokens), model.challenger);
    prop_assert_eq!(b.world.tokens(&b.buyer_tokens), model.buyer);
    prop_assert_eq!(b.world.supply(&b.token.mint), supply - model.burned);
    // every base unit is with somebody, in a bond, or burned
    let held: u64 = model.members.iter().map(|member| member.own + member.bond).sum();
    prop_assert_eq!(held + model.challenger + model.buyer + model.burned, ORACLES as u64 * (BOND + OWN_TOKENS));
    Ok(())
}

#[test]
fn random_bonds_votes_and_slashes_end_as_the_model_says_step_by_step() {
    let base = Bonds::new();
    let supply = base.world.supply(&base.token.mint);
    // AIXBLOCK_STEPS asks for at least so many random steps in all
    let steps: u32 = std::env::var("AIXBLOCK_STEPS").map_or(900, |steps| steps.parse().unwrap());
    let cases = steps.div_ceil(STEPS_A_CASE);
    let config = ProptestConfig { failure_persistence: None, cases, ..ProptestConfig::default() };
    proptest!(config, |(steps in prop::collection::vec(step(), STEPS_A_CASE as usize))| {
        let mut b = base.clone();
        let member = Member { own: OWN_TOKENS, bond: BOND, ..Member::default() };
        let mut model = Model { now: START, members: [member; ORACLES], ..Model::default() };
        for step in &steps {
            take(&mut b, &mut model, step)?;
            agree(&b, &model, supply)?;
        }
    });
}
