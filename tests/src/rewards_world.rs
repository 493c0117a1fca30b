use crate::{
    Receipt, Refusal, START, World,
    address::{self, rewards as at},
    instruction::rewards::{self as ix, Claim, IssueAward, OpenEpoch},
    passed,
};
use anchor_lang::Address;
use protocol::calendar;
use rewards::{
    instructions::{CategoryTerms, Settings},
    state::{Config, Epoch, Points},
};
use solana_instruction::Instruction;

/// 10,000 tokens of six decimals: the pool of the founding document's examples.
pub const POOL: u64 = 10_000 * TOKEN;
/// Base units in a token.
pub const TOKEN: u64 = 1_000_000;
/// Seconds between the close of an epoch and its end of review.
pub const REVIEW: i64 = 3_600;
/// A category in which each unit is worth one point, so that a test can award any number.
pub const POINT: u16 = 1;
/// Points that the world's issuer may award in one epoch.
pub const EPOCH_CAP: u64 = 10_000;
/// Base units that all pools together may hold.
pub const ALLOCATION: u64 = 10 * POOL;

/// A rewards program with an issuer, a category of one point a unit and an administrator who holds the allocation.
#[derive(Clone)]
pub struct Rewards {
    /// The chain.
    pub world: World,
    /// May award.
    pub issuer: Address,
    /// Has no part in anything.
    pub stranger: Address,
    /// The token that is distributed.
    pub mint: Address,
    /// The administrator's tokens, from which pools are filled.
    pub funding: Address,
    sources: u64,
}

impl Rewards {
    /// Ready for contributors and epochs.
    #[must_use]
    pub fn new() -> Self {
        let mut rewards = Self::uninitialized();
        let admin = rewards.world.admin;
        passed(rewards.world.send(ix::initialize(admin, rewards.mint, settings())));
        passed(rewards.world.send(ix::set_category(admin, POINT, category(1, 1, 5_000))));
        passed(rewards.world.send(ix::set_issuer(admin, rewards.issuer, EPOCH_CAP, true)));
        rewards
    }

    /// As [`Rewards::new`], with epoch 0 open: the month that begins at [`START`].
    #[must_use]
    pub fn open() -> Self {
        let mut rewards = Self::new();
        passed(rewards.world.send(rewards.open_ix(0, START, POOL)));
        rewards
    }

    /// The actors and their tokens, before the program is initialized.
    #[must_use]
    pub fn uninitialized() -> Self {
        let mut world = World::new();
        let mint = world.mint();
        let [issuer, stranger] = std::array::from_fn(|_| world.wallet());
        let admin = world.admin;
        let funding = world.fund(&admin, &mint, 2 * ALLOCATION);
        Self { world, issuer, stranger, mint, funding, sources: 0 }
    }

    /// Registers a new contributor, paid to its associated token account.
    pub fn contributor(&mut self) -> Address {
        let wallet = self.world.wallet();
        let destination = self.world.fund(&wallet, &self.mint, 0);
        passed(self.world.send(ix::register(wallet, destination)));
        wallet
    }

    /// A calendar month as epoch `index`.
    #[must_use]
    pub fn open_ix(&self, index: u32, start: i64, pool: u64) -> Instruction {
        self.open_until_ix(index, start, calendar::next_month_start(start), pool)
    }

    /// Any time as epoch `index`.
    #[must_use]
    pub fn open_until_ix(&self, index: u32, start: i64, end: i64, pool: u64) -> Instruction {
        let (admin, funding, mint) = (self.world.admin, self.funding, self.mint);
        ix::open_epoch(OpenEpoch { admin, index, start, end, pool, funding, mint })
    }

    /// An award of a new source.
    pub fn award_ix(&mut self, epoch: u32, wallet: Address, quantity: u64) -> Instruction {
        self.sources += 1;
        let mut source = [0; 32];
        source[..8].copy_from_slice(&self.sources.to_le_bytes());
        self.award_of_ix(epoch, wallet, quantity, source)
    }

    /// An award of a given source.
    #[must_use]
    pub fn award_of_ix(&self, epoch: u32, wallet: Address, quantity: u64, source: [u8; 32]) -> Instruction {
        let (payer, issuer) = (self.world.payer, self.issuer);
        ix::issue_award(IssueAward { payer, issuer, wallet, epoch, source, category: POINT, quantity })
    }

    /// Awards points.
    pub fn award(&mut self, epoch: u32, wallet: Address, points: u64) -> Result<Receipt, Refusal> {
        let instruction = self.award_ix(epoch, wallet, points);
        self.world.send(instruction)
    }

    /// Lets an epoch end, and closes and finalises it.
    pub fn finish(&mut self, epoch: u32) {
        let end = self.epoch(epoch).end.get();
        self.world.set_time(end.max(self.world.now()));
        passed(self.world.send(ix::close_epoch(epoch)));
        self.world.pass(REVIEW);
        passed(self.world.send(ix::finalize_epoch(epoch, self.mint)));
    }

    /// A claim to the contributor's associated token account.
    #[must_use]
    pub fn claim_ix(&self, epoch: u32, wallet: Address) -> Instruction {
        ix::claim(Claim { wallet, destination: self.tokens_of(&wallet), epoch, mint: self.mint })
    }

    /// Claims, and returns the base units that arrived.
    pub fn claim(&mut self, epoch: u32, wallet: Address) -> u64 {
        let before = self.world.tokens(&self.tokens_of(&wallet));
        passed(self.world.send(self.claim_ix(epoch, wallet)));
        self.world.tokens(&self.tokens_of(&wallet)) - before
    }

    /// The associated token account of a wallet.
    #[must_use]
    pub fn tokens_of(&self, wallet: &Address) -> Address {
        address::token_account(wallet, &self.mint)
    }

    /// The account of an epoch.
    #[must_use]
    pub fn epoch(&self, index: u32) -> Epoch {
        self.world.read(&at::epoch(index))
    }

    /// What a wallet earned in an epoch.
    #[must_use]
    pub fn points(&self, epoch: u32, wallet: &Address) -> Points {
        self.world.read(&at::points(epoch, wallet))
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> Config {
        self.world.read(&at::config())
    }

    /// Base units in an epoch's vault.
    #[must_use]
    pub fn vault(&self, epoch: u32) -> u64 {
        self.world.tokens(&at::epoch_vault(epoch))
    }

    /// Base units in the reserve.
    #[must_use]
    pub fn reserve(&self) -> u64 {
        self.world.tokens(&at::reserve())
    }
}

impl Default for Rewards {
    fn default() -> Self {
        Self::new()
    }
}

/// The settings that rewards are initialized with: the founding document's threshold.
#[must_use]
pub fn settings() -> Settings {
    Settings { threshold: 500, below_bps: 5_000, review_seconds: REVIEW, lifetime_allocation: ALLOCATION }
}

/// Terms of an enabled category.
#[must_use]
pub fn category(weight: u64, min_quantity: u64, max_quantity: u64) -> CategoryTerms {
    CategoryTerms { name: [b'c'; 32], weight, min_quantity, max_quantity, enabled: true }
}
