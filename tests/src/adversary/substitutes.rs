//! The wrong accounts that a dishonest caller passes in the place of each right one.
use super::outcome::program_name;
use crate::{Idl, IdlAccount, IdlInstruction, World, address, token_account};
use anchor_lang::{Address, solana_program::hash::hashv};
use solana_account::{Account, ReadableAccount};
use solana_instruction::Instruction;

pub(super) const TOKEN_2022: Address = Address::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
const RENT: Address = Address::from_str_const("SysvarRent111111111111111111111111111111111");
/// Owns what an attacker makes; nobody asks what it does.
const ATTACKERS_PROGRAM: Address = Address::from_str_const("Attacker11111111111111111111111111111111111");
const TOKEN_ACCOUNT_BYTES: usize = 165;
const MINT_BYTES: usize = 82;
/// How many real accounts of the same kind, and of others, are tried in one place.
const REAL_ONES: usize = 4;

/// One wrong call.
pub(super) struct Attempt {
    /// The account that is replaced.
    pub(super) account: String,
    /// What is wrong with it.
    pub(super) wrong: String,
    /// The call.
    pub(super) instruction: Instruction,
    /// Accounts that the caller put on the chain before.
    pub(super) bait: Vec<(Address, Account)>,
}

/// An address that nobody has, the same in each run.
pub(super) fn fresh(label: &str) -> Address {
    Address::new_from_array(hashv(&[b"adversary", label.as_bytes()]).to_bytes())
}

/// Every wrong call that differs from `instruction` in one account.
pub(super) fn attempts(
    world: &World,
    programs: &[Idl],
    described: &IdlInstruction,
    instruction: &Instruction,
) -> Vec<Attempt> {
    let mut all = Vec::new();
    for (place, account) in described.accounts.iter().enumerate() {
        let mut place = Place { world, programs, described, instruction, place, account, attempts: &mut all };
        place.flags();
        place.elsewhere();
        place.others_of_the_call();
        if let Some(real) = world.svm.get_account(&place.address()) {
            place.forged(&real);
            place.real_ones(&real);
        }
    }
    all
}

struct Place<'a> {
    world: &'a World,
    programs: &'a [Idl],
    described: &'a IdlInstruction,
    instruction: &'a Instruction,
    place: usize,
    account: &'a IdlAccount,
    attempts: &'a mut Vec<Attempt>,
}

impl Place<'_> {
    fn address(&self) -> Address {
        self.instruction.accounts[self.place].pubkey
    }

    fn left_out(&self) -> bool {
        self.account.optional && self.address() == self.instruction.program_id
    }

    fn push(&mut self, wrong: impl Into<String>, instruction: Instruction, bait: Vec<(Address, Account)>) {
        self.attempts.push(Attempt { account: self.account.name.clone(), wrong: wrong.into(), instruction, bait });
    }

    /// Passes `with` in this place.
    fn swap(&mut self, wrong: impl Into<String>, with: Address, bait: Option<Account>) {
        let mut instruction = self.instruction.clone();
        instruction.accounts[self.place].pubkey = with;
        self.push(wrong, instruction, bait.map(|account| (with, account)).into_iter().collect());
    }

    /// Passes a new account in this place.
    fn forge(&mut self, wrong: &str, account: Account) {
        self.swap(wrong, fresh(wrong), Some(account));
    }

    /// Without the signature, without write access; everywhere where the address stands, as the runtime joins the flags.
    fn flags(&mut self) {
        if self.left_out() {
            return;
        }
        let address = self.address();
        let mut changed = self.instruction.clone();
        for meta in changed.accounts.iter_mut().filter(|meta| meta.pubkey == address) {
            meta.is_signer = false;
        }
        if self.account.signer {
            self.push("unsigned", changed, Vec::new());
        }
        let mut changed = self.instruction.clone();
        for meta in changed.accounts.iter_mut().filter(|meta| meta.pubkey == address) {
            meta.is_writable = false;
        }
        if self.account.writable {
            self.push("read-only", changed, Vec::new());
        }
        if self.account.optional {
            self.swap("left out", self.instruction.program_id, None);
        }
    }

    /// Nothing, or another wallet.
    fn elsewhere(&mut self) {
        self.swap("nothing", fresh("nothing"), None);
        self.forge("another wallet", Account { lamports: 10_000_000_000, ..Account::default() });
        self.forge("empty, of the attacker's program", owned(ATTACKERS_PROGRAM, 10_000_000_000, Vec::new()));
    }

    /// Every other account of the call, in this place too. Only wallets can sign.
    fn others_of_the_call(&mut self) {
        for (other, meta) in self.described.accounts.iter().zip(&self.instruction.accounts) {
            let wallet = || self.world.svm.get_account(&meta.pubkey).is_some_and(|a| is_wallet(&a));
            if meta.pubkey != self.address() && (!self.account.signer || wallet()) {
                self.swap(format!("the {}", other.name), meta.pubkey, None);
            }
        }
    }

    /// Accounts that an attacker makes after the real one.
    fn forged(&mut self, real: &Account) {
        if real.executable || is_wallet(real) {
            return;
        }
        self.forge("a copy", real.clone());
        for owner in [address::SYSTEM_PROGRAM, address::TOKEN_PROGRAM, TOKEN_2022, ATTACKERS_PROGRAM] {
            if owner != real.owner {
                let name = if owner == ATTACKERS_PROGRAM { "the attacker".into() } else { program_name(&[], &owner) };
                self.forge(&format!("a copy owned by {name}"), Account { owner, ..real.clone() });
            }
        }
        if let Some((first, rest)) = real.data.split_first() {
            let other_kind = [&[!first], rest].concat();
            self.forge("a copy of another kind", Account { data: other_kind, ..real.clone() });
            self.forge("a copy cut short", Account { data: real.data[..real.data.len() - 1].to_vec(), ..real.clone() });
        }
        if is_token_account(real) {
            let key = |at: usize| Address::new_from_array(real.data[at..at + 32].try_into().unwrap());
            let (mint, wallet) = (key(0), key(32));
            let tokens = |mint: &Address, wallet: &Address| {
                let data = token_account(mint, wallet, u64::from_le_bytes(real.data[64..72].try_into().unwrap()));
                Account { data, ..real.clone() }
            };
            self.forge("its owner's, of another mint", tokens(&fresh("mint"), &wallet));
            self.forge("somebody else's, of its mint", tokens(&mint, &fresh("somebody")));
        }
    }

    /// Other accounts that are on the chain: of the same kind, and of the same owner's other kinds.
    fn real_ones(&mut self, real: &Account) {
        if real.executable {
            let known = [address::SYSTEM_PROGRAM, address::TOKEN_PROGRAM, TOKEN_2022];
            let ours = self.programs.iter().map(|idl| idl.address);
            let others: Vec<Address> = known.into_iter().chain(ours).filter(|id| *id != self.address()).collect();
            for other in others.into_iter().filter(|id| self.world.svm.get_account(id).is_some()) {
                self.swap(format!("the program {}", program_name(self.programs, &other)), other, None);
            }
            return;
        }
        if is_wallet(real) {
            return;
        }
        if is_sysvar(&self.address()) {
            self.swap("another sysvar", if self.address() == RENT { address::CLOCK } else { RENT }, None);
        }
        let mut accounts: Vec<(Address, &[u8])> = (self.world.svm.accounts_db().inner.iter())
            .filter(|(address, account)| {
                let in_call = self.instruction.accounts.iter().any(|meta| meta.pubkey == **address);
                *account.owner() == real.owner && !in_call && !account.executable()
            })
            .map(|(address, account)| (*address, account.data()))
            .collect();
        accounts.sort_unstable_by_key(|(address, _)| *address);
        let same_kind = |data: &[u8]| kind(&real.owner, data) == kind(&real.owner, &real.data);
        let (same, other): (Vec<_>, Vec<_>) = accounts.into_iter().partition(|(_, data)| same_kind(data));
        for (address, _) in same.into_iter().take(REAL_ONES) {
            self.swap("another one", address, None);
        }
        for (address, _) in other.into_iter().take(REAL_ONES) {
            self.swap("one of another kind", address, None);
        }
    }
}

fn owned(owner: Address, lamports: u64, data: Vec<u8>) -> Account {
    Account { lamports, data, owner, ..Account::default() }
}

fn is_wallet(account: &Account) -> bool {
    account.owner == address::SYSTEM_PROGRAM && account.data.is_empty()
}

fn is_token_account(account: &Account) -> bool {
    [address::TOKEN_PROGRAM, TOKEN_2022].contains(&account.owner) && account.data.len() >= TOKEN_ACCOUNT_BYTES
}

fn is_sysvar(address: &Address) -> bool {
    address.to_string().starts_with("Sysvar")
}

/// What tells kinds of accounts of one owner apart: the size of a token program's, the discriminator of others.
fn kind<'a>(owner: &Address, data: &'a [u8]) -> (bool, &'a [u8]) {
    if [address::TOKEN_PROGRAM, TOKEN_2022].contains(owner) {
        return (data.len() == MINT_BYTES, &[]);
    }
    (false, data.get(..8).unwrap_or(data))
}
