//! A dishonest caller, made from the IDL: every account of every instruction is replaced by every wrong one that can be
//! thought of, and what the program answers is compared with a committed table. An instruction or account that is added to
//! a program is tried without anybody remembering to.

mod allowed;
mod outcome;
mod substitutes;
mod table;

pub use allowed::Harmless;

use crate::{Idl, IdlAccount, IdlInstruction, Journey, Receipt, World, passed, scenario};
use outcome::{OK, outcome};
use solana_account::Account;
use solana_instruction::Instruction;
use std::collections::BTreeSet;
use substitutes::{Attempt, attempts, fresh};
use table::{Row, Table};

/// Where what concerns a call as a whole stands in the table, beside the accounts.
const CALL: &str = "(call)";

/// Goes the journey of `program` with a dishonest caller at its side. Fails where a wrong call goes through that `harmless`
/// gives no reason for, where an answer differs from the committed table (`UPDATE_ADVERSARIES=1` accepts the new ones), and
/// where an instruction of the IDL was not met.
pub fn refuses_every_wrong_account(program: &str, harmless: &[Harmless]) {
    let mut adversary = Adversary::new(program);
    scenario(program)(&mut adversary);
    let unmet: Vec<&str> = adversary.unmet().collect();
    assert!(
        unmet.is_empty(),
        "{program}: no wrong account was tried on {unmet:?}: send each once in tests/src/scenario/{program}.rs"
    );
    adversary.table.update_or_compare(program);
    allowed::check(program, &adversary.table, harmless);
}

struct Adversary {
    programs: Vec<Idl>,
    idl: Idl,
    met: BTreeSet<String>,
    table: Table,
}

impl Adversary {
    fn new(program: &str) -> Self {
        Self { programs: Idl::all(), idl: Idl::read(program), met: BTreeSet::new(), table: Table::default() }
    }

    fn unmet(&self) -> impl Iterator<Item = &str> {
        self.idl.instructions.iter().map(|i| i.name.as_str()).filter(|name| !self.met.contains(*name))
    }

    fn attack(&mut self, world: &World, row: &str, described: &IdlInstruction, instruction: &Instruction) {
        let stage = Stage::new(world);
        let (honest, accounts) = stage.try_out(&self.programs, instruction, &[]);
        assert_eq!(honest, OK, "{row}: the unchanged call must go through before others are compared with it");
        let place = |account: &str| Row::new(row, &described.name, account);

        for attempt in attempts(world, &self.programs, described, instruction) {
            let Attempt { account, wrong, instruction, bait } = attempt;
            let (answer, _) = stage.try_out(&self.programs, &instruction, &bait);
            self.table.insert(place(&account), &wrong, answer);
        }
        for (wrong, call) in wrong_calls(instruction) {
            let (answer, after) = stage.try_out(&self.programs, &call, &[]);
            // the framework reads the arguments that it knows and no further: no byte behind them may change anything
            assert!(answer != OK || after == accounts, "{row}: {wrong} changes what the call does");
            self.table.insert(place(CALL), wrong, answer);
        }
        for (described, meta) in described.accounts.iter().zip(&instruction.accounts) {
            if world.is_gone(&meta.pubkey) {
                let gift = Account { lamports: 1, ..Account::default() };
                let (answer, _) = stage.try_out(&self.programs, instruction, &[(meta.pubkey, gift)]);
                assert_eq!(
                    answer, OK,
                    "{row}: whoever sends a lamport to {} before the call blocks it",
                    described.name
                );
            }
        }
    }
}

impl Journey for Adversary {
    fn send(&mut self, world: &mut World, program: &str, name: &str, instruction: Instruction) -> Receipt {
        assert_eq!((program, instruction.program_id), (self.idl.program.as_str(), self.idl.address), "{name}");
        let called = self.idl.called(&instruction.data).cloned();
        let mut described = called.unwrap_or_else(|| panic!("{program}.{name} is not in the IDL: run `make idl`"));
        let named = self.idl.of_row(name).map(|named| &named.name);
        assert_eq!(named, Some(&described.name), "{program}.{name} is named after another instruction than it calls");
        agrees_with_idl(&format!("{program}.{name}"), &described, &instruction);
        for (place, meta) in instruction.accounts.iter().enumerate().skip(described.accounts.len()) {
            let (name, signer, writable) = (format!("remaining {place}"), meta.is_signer, meta.is_writable);
            described.accounts.push(IdlAccount { name, signer, writable, ..IdlAccount::default() });
        }
        self.attack(world, name, &described, &instruction);
        self.met.insert(described.name);
        passed(world.send(instruction))
    }
}

/// The accounts that are passed are those of the IDL, with its flags; others may follow them.
fn agrees_with_idl(row: &str, described: &IdlInstruction, instruction: &Instruction) {
    let (named, passed) = (described.accounts.len(), instruction.accounts.len());
    assert!(named <= passed, "{row}: the IDL has {named} accounts, and {passed} are passed");
    for (account, meta) in described.accounts.iter().zip(&instruction.accounts) {
        if account.optional && meta.pubkey == instruction.program_id {
            continue;
        }
        let (named, passed) = ((account.signer, account.writable), (meta.is_signer, meta.is_writable));
        assert_eq!(named, passed, "{row}: {} signs and is writable, in the IDL and as passed", account.name);
        assert!(account.address.is_none_or(|fixed| fixed == meta.pubkey), "{row}: {} is elsewhere", account.name);
    }
}

/// Calls that are wrong as a whole.
fn wrong_calls(instruction: &Instruction) -> Vec<(&'static str, Instruction)> {
    let with_data = |data: &[u8]| Instruction { data: data.to_vec(), ..instruction.clone() };
    let data = instruction.data.as_slice();
    let mut fewer = instruction.clone();
    fewer.accounts.pop();
    let mut calls = vec![
        ("an account fewer", fewer),
        ("no data", with_data(&[])),
        ("half a discriminator", with_data(&data[..4])),
        ("a byte more", with_data(&[data, &[0xff]].concat())),
        ("an unknown discriminator", with_data(&[&[!data[0]], &data[1..]].concat())),
    ];
    if data.len() > 8 {
        calls.push(("no arguments", with_data(&data[..8])));
        calls.push(("a byte less", with_data(&data[..data.len() - 1])));
    }
    calls
}

/// The chain before an instruction, as one sees it who can sign for everybody: what is refused there is refused by the
/// program, and not because a signature is hard to come by.
struct Stage {
    world: World,
}

impl Stage {
    fn new(world: &World) -> Self {
        let mut world = world.clone();
        world.svm = world.svm.with_sigverify(false);
        // pays the fees, is nobody else, and so lends its signature to no account of the instruction
        world.payer = fresh("fee payer");
        let purse = Account { lamports: 1_000_000_000, ..Account::default() };
        world.svm.set_account(world.payer, purse).unwrap();
        Self { world }
    }

    /// How the instruction ends where `bait` is on the chain, and the accounts that it leaves behind.
    fn try_out(
        &self,
        programs: &[Idl],
        instruction: &Instruction,
        bait: &[(anchor_lang::Address, Account)],
    ) -> (String, Vec<(anchor_lang::Address, Account)>) {
        let simulated = if bait.is_empty() {
            self.world.simulate_unsigned(instruction)
        } else {
            let mut world = self.world.clone();
            for (address, account) in bait {
                world.svm.set_account(*address, account.clone()).unwrap();
            }
            world.simulate_unsigned(instruction)
        };
        outcome(programs, instruction.program_id, simulated)
    }
}
