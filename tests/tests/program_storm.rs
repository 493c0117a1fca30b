//! Calls that nobody would write, against the real bytecode: at each step of the programs' journeys the next instruction is
//! taken apart at random, in its data, its accounts and the time. Whatever it is, the program answers or refuses: it does
//! not abort, run out of units or break a rule of the runtime, and no tokens come into being.
//!
//! `AIXBLOCK_STEPS` sets how many calls are tried on each program, and `AIXBLOCK_SEED` what they are drawn from.
// helpers beside the tests unwrap as the tests do
#![allow(clippy::unwrap_used)]

use anchor_lang::Address;
use e2e_tests::{Idl, Journey, Receipt, SCENARIOS, World, address, passed, token_account};
use solana_account::{Account, ReadableAccount};
use solana_instruction::{AccountMeta, Instruction, error::InstructionError};
use solana_transaction_error::TransactionError;
use std::{collections::BTreeMap, env, fmt::Write};

/// Calls for each program where nothing else is asked for.
const CALLS: u64 = 2_000;
/// Numbers at which arithmetic turns over.
const EDGES: [u64; 10] = [0, 1, 2, 499, 10_000, 10_001, 1 << 32, i64::MAX as u64, 1 << 63, u64::MAX];

const TOKEN_2022: Address = Address::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");

/// An answer that shows a fault of the program, and not a call that was refused.
fn is_a_fault(error: &InstructionError) -> bool {
    use InstructionError as E;
    matches!(
        error,
        E::ProgramFailedToComplete
            | E::ProgramEnvironmentSetupFailure
            | E::ComputationalBudgetExceeded
            | E::UnbalancedInstruction
            | E::ExternalAccountLamportSpend
            | E::ExternalAccountDataModified
            | E::ReadonlyLamportChange
            | E::ReadonlyDataModified
            | E::ExecutableModified
            | E::ModifiedProgramId
    )
}

/// Numbers without end (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.roll() % bound.max(1) as u64).unwrap()
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

struct Storm {
    dice: Dice,
    calls_each: u64,
    seed: u64,
    /// How calls ended, and how often.
    ends: BTreeMap<String, u64>,
}

impl Journey for Storm {
    fn send(&mut self, world: &mut World, program: &str, name: &str, instruction: Instruction) -> Receipt {
        let mut scene = world.clone();
        scene.svm = scene.svm.with_sigverify(false);
        let mut addresses: Vec<Address> = scene.svm.accounts_db().inner.keys().copied().collect();
        addresses.sort_unstable();
        for call in 0..self.calls_each {
            let (mut scene, mut changed) = (scene.clone(), instruction.clone());
            for _ in 0..=self.dice.below(3) {
                self.disturb(&mut scene, &mut changed, &addresses);
            }
            let context = || format!("{program}.{name}, call {call}, AIXBLOCK_SEED={}: {changed:?}", self.seed);
            let end = end(&scene, &changed).unwrap_or_else(|fault| panic!("{fault}\n{}", context()));
            *self.ends.entry(end).or_default() += 1;
        }
        passed(world.send(instruction))
    }
}

impl Storm {
    fn disturb(&mut self, scene: &mut World, call: &mut Instruction, addresses: &[Address]) {
        let (dice, accounts) = (&mut self.dice, call.accounts.len());
        let place = dice.below(accounts);
        match dice.below(12) {
            0..=2 => overwrite(&mut call.data, 8, dice),
            3 => call.data.truncate(8 + dice.below(call.data.len())),
            4 => call.data.extend((0..dice.below(40)).map(|byte| byte.to_le_bytes()[0])),
            5 if accounts > 0 => call.accounts[place].pubkey = dice.pick(addresses),
            6 if accounts > 0 => call.accounts.swap(place, dice.below(accounts)),
            7 if accounts > 0 => match dice.below(3) {
                0 => call.accounts[place].is_signer ^= true,
                1 => call.accounts[place].is_writable ^= true,
                _ => drop(call.accounts.remove(place)),
            },
            8 => call.accounts.push(AccountMeta::new(dice.pick(addresses), false)),
            9 if accounts > 0 => call.accounts[place].pubkey = stray_account(scene, dice, addresses),
            10 => scene.set_time(dice.pick(&EDGES).cast_signed()),
            _ => rich_tokens(scene, dice, addresses),
        }
    }
}

/// Writes a number over some bytes from `from` on.
fn overwrite(data: &mut [u8], from: usize, dice: &mut Dice) {
    if data.len() <= from {
        return;
    }
    let at = from + dice.below(data.len() - from);
    let width = dice.pick(&[1, 2, 4, 8]).min(data.len() - at);
    let number = if dice.below(2) == 0 { dice.pick(&EDGES) } else { dice.roll() };
    data[at..at + width].copy_from_slice(&number.to_le_bytes()[..width]);
}

/// Puts an account on the chain that anybody could make.
fn stray_account(scene: &mut World, dice: &mut Dice, addresses: &[Address]) -> Address {
    let at = Address::new_from_array(std::array::from_fn(|_| dice.roll().to_le_bytes()[0]));
    let owner = dice.pick(&[address::SYSTEM_PROGRAM, address::TOKEN_PROGRAM, at]);
    let data = match dice.below(3) {
        0 => (0..dice.below(600)).map(|_| dice.roll().to_le_bytes()[0]).collect(),
        1 => token_account(&dice.pick(addresses), &dice.pick(addresses), dice.pick(&EDGES)),
        _ => Vec::new(),
    };
    let lamports = dice.pick(&EDGES) % 1_000_000_000_000;
    scene.svm.set_account(at, Account { lamports, data, owner, ..Account::default() }).unwrap();
    at
}

/// Gives a token account an amount at the edge.
fn rich_tokens(scene: &mut World, dice: &mut Dice, addresses: &[Address]) {
    let at = dice.pick(addresses);
    if scene.svm.get_account(&at).is_some_and(|account| holds_tokens(&account)) {
        let amount = dice.pick(&EDGES);
        scene.tamper(&at, |account| account.data[64..72].copy_from_slice(&amount.to_le_bytes()));
    }
}

/// How a call ends, in a word, or what fault it shows.
fn end(scene: &World, call: &Instruction) -> Result<String, String> {
    match scene.simulate_unsigned(call) {
        Ok(info) => {
            let mut before = BTreeMap::new();
            for (at, _) in &info.post_accounts {
                scene.svm.get_account(at).inspect(|account| count(&mut before, account));
            }
            let mut after = BTreeMap::new();
            info.post_accounts.iter().for_each(|(_, account)| count(&mut after, account));
            let made = after.iter().find(|(mint, held)| before.get(*mint).unwrap_or(&0) < *held);
            made.map_or(Ok("ok".into()), |(mint, _)| Err(format!("tokens of {mint} came into being")))
        }
        Err(failed) => match failed.err {
            TransactionError::InstructionError(_, error) if is_a_fault(&error) && by(&failed.meta.logs, call) => {
                Err(format!("{error:?}\n{}", failed.meta.logs.join("\n")))
            }
            TransactionError::InstructionError(_, error) => Ok(format!("{error:?}")),
            error => Ok(format!("{error:?}")),
        },
    }
}

/// Whether the program itself failed, and not one that it called.
fn by(logs: &[String], call: &Instruction) -> bool {
    let failed = logs.iter().find(|line| line.contains(" failed: "));
    failed.is_none_or(|line| line.starts_with(&format!("Program {} failed", call.program_id)))
}

/// Whether this is a token account of either token program.
fn holds_tokens(account: &impl ReadableAccount) -> bool {
    let data = account.data();
    [address::TOKEN_PROGRAM, TOKEN_2022].contains(account.owner()) && (data.len() == 165 || data.get(165) == Some(&2))
}

fn count(held: &mut BTreeMap<Address, u128>, account: &impl ReadableAccount) {
    let data = account.data();
    if holds_tokens(account) {
        let mint = Address::new_from_array(data[..32].try_into().unwrap());
        *held.entry(mint).or_default() += u128::from(u64::from_le_bytes(data[64..72].try_into().unwrap()));
    }
}

#[test]
fn no_call_makes_a_program_abort_or_tokens_appear() {
    let number = |name: &str, otherwise| env::var(name).map_or(otherwise, |text| text.parse().unwrap());
    let (calls, seed) = (number("AIXBLOCK_STEPS", CALLS), number("AIXBLOCK_SEED", 1));
    for (program, travel) in SCENARIOS {
        let calls_each = calls.div_ceil(Idl::read(program).instructions.len() as u64);
        let mut storm = Storm { dice: Dice(seed), calls_each, seed, ends: BTreeMap::new() };
        travel(&mut storm);
        let mut told = String::new();
        storm.ends.iter().for_each(|(end, times)| write!(told, " {end} {times}").unwrap());
        println!("{program}:{told}");
        // a storm that is always refused, or never, tests little
        let total: u64 = storm.ends.values().sum();
        let through = storm.ends.get("ok").copied().unwrap_or(0);
        assert!(through * 50 > total && through * 10 < total * 9, "{program}: {through} of {total} calls went through");
    }
}
