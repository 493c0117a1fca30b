//! A call of a program, as bytes: what a fuzzer changes, and what the program's entrypoint is given.
//!
//! The entrypoint is the program's own, compiled for the host, so that libFuzzer sees its branches. What the chain would do
//! is missing there: calls of other programs do nothing, and the clock cannot be read. A call therefore ends where its
//! instruction first asks for the time, after arguments are decoded and accounts loaded and checked.
use solana_pubkey::Pubkey;

/// More accounts than any instruction takes.
const MAX_ACCOUNTS: usize = 32;
/// Longer than any account that a program reads as a whole.
const MAX_ACCOUNT_BYTES: usize = 4_096;
/// Room that the runtime leaves for an account to grow, in bytes.
const MAX_INCREASE: usize = 10_240;
/// Head of an account in the runtime's form, in bytes.
const HEAD: usize = 88;
/// In the place of an account's index: it is none that came before.
const NOT_A_DUPLICATE: u8 = 0xff;

/// The entrypoint of a program: accounts in the runtime's form, and instruction data with its length before and the
/// program's address behind it.
pub type Entrypoint = unsafe extern "C" fn(*mut u8, *const u8) -> u64;

/// A call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// In order.
    pub accounts: Vec<CallAccount>,
    /// Discriminator and arguments.
    pub data: Vec<u8>,
}

/// An account of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallAccount {
    /// Place of the account that this one repeats, if it came before; the other fields are then unused.
    pub repeats: Option<u8>,
    /// Signed.
    pub signer: bool,
    /// May be written.
    pub writable: bool,
    /// Is a program.
    pub executable: bool,
    /// Where it is.
    pub address: Pubkey,
    /// Whose it is.
    pub owner: Pubkey,
    /// What it holds.
    pub lamports: u64,
    /// Its bytes.
    pub data: Vec<u8>,
}

impl Call {
    /// Reads a call from any bytes: what is missing is zero.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Self {
        let mut input = Input(bytes);
        let count = usize::from(input.byte()).min(MAX_ACCOUNTS);
        let accounts = (0..count).map(|place| CallAccount::decode(&mut input, place)).collect();
        Self { accounts, data: input.0.to_vec() }
    }

    /// The bytes that [`Call::decode`] reads as this call.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![u8::try_from(self.accounts.len()).unwrap_or(u8::MAX)];
        self.accounts.iter().for_each(|account| account.encode(&mut bytes));
        bytes.extend(&self.data);
        bytes
    }

    /// What `entrypoint` answers, 0 where the call goes through.
    pub fn answer(self, program: Pubkey, entrypoint: Entrypoint) -> u64 {
        let mut accounts = Aligned::of(&self.in_runtime_form());
        let length = self.data.len() as u64;
        let call = Aligned::of(&[&length.to_le_bytes(), &self.data[..], program.as_ref()].concat());
        // SAFETY: both are laid out as the runtime does it and outlive the call; every index of a repeated account is of one
        // that came before; the second pointer stands after the 8 bytes of the length
        unsafe { entrypoint(accounts.0.as_mut_ptr().cast(), call.0.as_ptr().cast::<u8>().add(8)) }
    }

    /// As agave's `serialize_parameters_aligned` lays accounts out.
    fn in_runtime_form(&self) -> Vec<u8> {
        let room: usize = self.accounts.iter().map(|account| HEAD + account.data.len() + MAX_INCREASE + 16).sum();
        let mut bytes = Vec::with_capacity(8 + room);
        bytes.extend((self.accounts.len() as u64).to_le_bytes());
        for account in &self.accounts {
            if let Some(place) = account.repeats {
                bytes.extend([place, 0, 0, 0, 0, 0, 0, 0]);
                continue;
            }
            bytes.extend([NOT_A_DUPLICATE, account.signer.into(), account.writable.into(), account.executable.into()]);
            bytes.extend([0; 4]);
            bytes.extend(account.address.as_ref());
            bytes.extend(account.owner.as_ref());
            bytes.extend(account.lamports.to_le_bytes());
            bytes.extend((account.data.len() as u64).to_le_bytes());
            bytes.extend(&account.data);
            bytes.resize((bytes.len() + MAX_INCREASE).next_multiple_of(8), 0);
            // the epoch in which rent is due: never
            bytes.extend([0xff; 8]);
        }
        bytes
    }

    /// Changes one part of the call that `bytes[..size]` encode, by `change` (libFuzzer's own mutation: buffer, bytes used,
    /// bytes available; returns the bytes then used), and writes it back. Returns the new size.
    pub fn mutate(
        bytes: &mut [u8],
        size: usize,
        max_size: usize,
        seed: u32,
        change: impl Fn(&mut [u8], usize, usize) -> usize,
    ) -> usize {
        let mut call = Self::decode(&bytes[..size]);
        let chosen = (seed >> 8) as usize % call.accounts.len().max(1);
        let discriminator = call.data.len().min(8);
        match (seed % 8, call.accounts.get_mut(chosen)) {
            (0..=3, _) => mutate_from(&mut call.data, discriminator, &change),
            (4 | 5, Some(account)) => mutate_from(&mut account.data, 0, &change),
            (6, Some(account)) => account.toggle(seed >> 16, chosen),
            _ => return change(bytes, size, max_size),
        }
        let encoded = call.encode();
        if encoded.len() > max_size {
            return change(bytes, size, max_size);
        }
        bytes[..encoded.len()].copy_from_slice(&encoded);
        encoded.len()
    }
}

/// Changes what comes after the first `keep` bytes.
fn mutate_from(bytes: &mut Vec<u8>, keep: usize, change: impl Fn(&mut [u8], usize, usize) -> usize) {
    let mut tail = bytes.split_off(keep);
    let used = tail.len();
    tail.resize(used + 32, 0);
    let (available, used) = (tail.len(), used);
    let used = change(&mut tail, used, available);
    bytes.extend(&tail[..used]);
}

impl CallAccount {
    fn decode(input: &mut Input<'_>, place: usize) -> Self {
        let flags = input.byte();
        if flags & 0x80 != 0 && place > 0 {
            let repeats = usize::from(input.byte()) % place;
            return Self { repeats: u8::try_from(repeats).ok(), ..Self::default() };
        }
        Self {
            repeats: None,
            signer: flags & 1 != 0,
            writable: flags & 2 != 0,
            executable: flags & 4 != 0,
            address: Pubkey::new_from_array(input.array()),
            owner: Pubkey::new_from_array(input.array()),
            lamports: u64::from_le_bytes(input.array()),
            data: {
                let length = usize::from(u16::from_le_bytes(input.array()));
                input.take(length.min(MAX_ACCOUNT_BYTES)).to_vec()
            },
        }
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        if let Some(place) = self.repeats {
            bytes.extend([0x80, place]);
            return;
        }
        bytes.push(u8::from(self.signer) | u8::from(self.writable) << 1 | u8::from(self.executable) << 2);
        bytes.extend(self.address.as_ref());
        bytes.extend(self.owner.as_ref());
        bytes.extend(self.lamports.to_le_bytes());
        let data = &self.data[..self.data.len().min(MAX_ACCOUNT_BYTES)];
        bytes.extend(u16::try_from(data.len()).unwrap_or(u16::MAX).to_le_bytes());
        bytes.extend(data);
    }

    /// Another flag, or another account's place.
    fn toggle(&mut self, seed: u32, place: usize) {
        match seed % 4 {
            0 => self.signer ^= true,
            1 => self.writable ^= true,
            2 => self.executable ^= true,
            _ if place > 0 => self.repeats = u8::try_from((seed >> 2) as usize % place).ok(),
            _ => self.lamports = 0,
        }
    }
}

struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn take(&mut self, count: usize) -> &[u8] {
        let (head, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        head
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let (mut array, taken) = ([0; N], self.take(N));
        array[..taken.len()].copy_from_slice(taken);
        array
    }

    fn byte(&mut self) -> u8 {
        self.array::<1>()[0]
    }
}

/// Bytes at an address that 8 divides, as the runtime's are.
struct Aligned(Vec<u64>);

impl Aligned {
    fn of(bytes: &[u8]) -> Self {
        let mut words = vec![0; bytes.len().div_ceil(8)];
        for (word, chunk) in words.iter_mut().zip(bytes.chunks_exact(8)) {
            *word = u64::from_ne_bytes(chunk.try_into().unwrap_or_default());
        }
        let rest = bytes.chunks_exact(8).remainder();
        if let Some(last) = words.last_mut().filter(|_| !rest.is_empty()) {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            *last = u64::from_ne_bytes(word);
        }
        Self(words)
    }
}
