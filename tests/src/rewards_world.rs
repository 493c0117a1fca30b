use crate::{
    Receipt, Refusal, START, Token, World,
    address::{self, rewards as at},
    instruction::rewards::{self as ix, Claim, IssueAward, MonthPools, OpenEpoch, ReviewAward},
    passed,
};
use anchor_lang::Address;
use protocol::calendar;
use rewards::{
    instructions::{CategoryTerms, Settings},
    state::{Config, Contributor, Epoch, Points},
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
/// Seconds between the finalisation of an epoch and its expiry.
pub const CLAIM: i64 = 90 * 86_400;
/// Seconds between the proposal of a spend and its execution.
pub const DELAY: i64 = 2 * 86_400;
/// Base units that may leave the reserve in a window.
pub const OUTFLOW: u64 = 1_000 * TOKEN;
/// Seconds of that window.
pub const WINDOW: i64 = 7 * 86_400;
/// Share of deposited profit that goes to the holders of points, in basis points.
pub const PROFIT_BPS: u16 = 2_000;
/// Base units of the mint of the world: 9.75 % of them are [`ALLOCATION`].
pub const SUPPLY: u64 = 10_000_000 * TOKEN;
/// Base units that all pools together may hold.
pub const ALLOCATION: u64 = 975_000 * TOKEN;
/// Months of the world's schedule, each with [`POOL`].
pub const MONTHS: u8 = 3;

/// A rewards program with an issuer, a category of one point a unit and an administrator who holds twice the allocation.
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
    /// The token program that owns the mint.
    pub token_program: Address,
    /// The administrator's tokens, from which pools are filled.
    pub funding: Address,
    /// The second key, which confirms large awards where [`Settings::confirm_points`] asks for it.
    pub confirmer: Address,
    sources: u64,
}

impl Rewards {
    /// Ready for contributors and epochs: no epoch is open.
    #[must_use]
    pub fn new() -> Self {
        let mut rewards = Self::uninitialized();
        let (admin, settings) = (rewards.world.admin, rewards.settings());
        passed(rewards.world.send(ix::initialize(admin, rewards.token(), settings)));
        passed(rewards.world.send(ix::set_category(admin, POINT, category(1, 1, 5_000))));
        passed(rewards.world.send(ix::set_issuer(admin, rewards.issuer, EPOCH_CAP, true)));
        rewards
    }

    /// As [`Rewards::new`], with [`MONTHS`] scheduled months and the token generation event over: epoch 0 was the second before
    /// [`START`] and had no points. Epoch 1 can be opened at [`START`].
    #[must_use]
    pub fn converted() -> Self {
        let mut rewards = Self::new();
        rewards.schedule(1, &[POOL; MONTHS as usize]);
        rewards.world.set_time(START - 1);
        passed(rewards.world.send(rewards.open_until_ix(0, START - 1, START)));
        rewards.world.set_time(START);
        passed(rewards.world.send(ix::close_epoch(0)));
        passed(rewards.world.send(rewards.convert_ix(0)));
        rewards
    }

    /// As [`Rewards::converted`], with epoch 1 open: the month that begins at [`START`].
    #[must_use]
    pub fn open() -> Self {
        let mut rewards = Self::converted();
        passed(rewards.world.send(rewards.open_ix(1, START)));
        rewards
    }

    /// As [`Rewards::converted`], with epoch 0 open until the month's end instead, and nothing scheduled.
    #[must_use]
    pub fn before_tge() -> Self {
        let mut rewards = Self::new();
        passed(rewards.world.send(rewards.open_ix(0, START)));
        rewards
    }

    /// The actors and their tokens, before the program is initialized.
    #[must_use]
    pub fn uninitialized() -> Self {
        let mut world = World::new();
        let mint = world.mint();
        world.set_supply(&mint, SUPPLY);
        let [issuer, stranger, confirmer] = std::array::from_fn(|_| world.wallet());
        let admin = world.admin;
        let funding = world.fund(&admin, &mint, 2 * ALLOCATION);
        let token_program = address::TOKEN_PROGRAM;
        Self { world, issuer, stranger, mint, token_program, funding, confirmer, sources: 0 }
    }

    /// The token that is distributed.
    #[must_use]
    pub fn token(&self) -> Token {
        Token { mint: self.mint, program: self.token_program }
    }

    /// The settings of the world: the founding document's threshold, no award that needs the second key.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings { confirmer: self.confirmer, ..settings() }
    }

    /// Changes the settings.
    pub fn update(&mut self, settings: Settings) {
        let admin = self.world.admin;
        passed(self.world.send(ix::update_config(admin, settings)));
    }

    /// Sets the pools of months in a row.
    #[must_use]
    pub fn schedule_ix(&self, first_month: u32, months: &[u64]) -> Instruction {
        let mut pools = [0; 12];
        pools[..months.len()].copy_from_slice(months);
        let months = MonthPools { first_month, count: u8::try_from(months.len()).unwrap(), pools };
        ix::set_schedule(self.world.admin, self.mint, months)
    }

    /// Sets the pools of months in a row.
    pub fn schedule(&mut self, first_month: u32, months: &[u64]) {
        let schedule = self.schedule_ix(first_month, months);
        passed(self.world.send(schedule));
    }

    /// The token generation event with a pool of the administrator's tokens.
    #[must_use]
    pub fn convert_ix(&self, pool: u64) -> Instruction {
        ix::convert_tge(self.world.admin, pool, self.funding, self.token())
    }

    /// Registers a new contributor, paid to its associated token account.
    pub fn contributor(&mut self) -> Address {
        let wallet = self.world.wallet();
        let destination = self.world.fund_with(&wallet, &self.token(), 0);
        passed(self.world.send(ix::register(wallet, destination)));
        wallet
    }

    /// A calendar month as epoch `index`.
    #[must_use]
    pub fn open_ix(&self, index: u32, start: i64) -> Instruction {
        self.open_until_ix(index, start, calendar::next_month_start(start))
    }

    /// Any time as epoch `index`.
    #[must_use]
    pub fn open_until_ix(&self, index: u32, start: i64, end: i64) -> Instruction {
        let (admin, funding, token) = (self.world.admin, self.funding, self.token());
        ix::open_epoch(OpenEpoch { admin, index, start, end, funding, token })
    }

    /// An award of a new source.
    pub fn award_ix(&mut self, epoch: u32, wallet: Address, quantity: u64) -> Instruction {
        self.sources += 1;
        self.award_of_ix(epoch, wallet, quantity, self.last_source())
    }

    /// The source of the last award that [`Rewards::award_ix`] made.
    #[must_use]
    pub fn last_source(&self) -> [u8; 32] {
        let mut source = [0; 32];
        source[..8].copy_from_slice(&self.sources.to_le_bytes());
        source
    }

    /// A review of an award by `reviewer`.
    #[must_use]
    pub fn review(&self, reviewer: Address, epoch: u32, wallet: Address, source: [u8; 32]) -> ReviewAward {
        ReviewAward { reviewer, source, issuer: self.issuer, wallet, epoch }
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
        let finalize = self.finalize_ix(epoch);
        passed(self.world.send(finalize));
    }

    /// The end of an epoch's review.
    #[must_use]
    pub fn finalize_ix(&self, epoch: u32) -> Instruction {
        ix::finalize_epoch(epoch, self.token(), self.world.admin)
    }

    /// The end of the time to claim.
    #[must_use]
    pub fn expire_ix(&self, epoch: u32) -> Instruction {
        ix::expire_epoch(epoch, self.token(), self.world.admin)
    }

    /// Brings in profit from the administrator's tokens.
    #[must_use]
    pub fn deposit_ix(&self, amount: u64) -> Instruction {
        ix::deposit_profit(self.world.admin, self.funding, self.token(), amount)
    }

    /// A payment of profit to the contributor's associated token account.
    #[must_use]
    pub fn claim_profit_ix(&self, wallet: Address) -> Instruction {
        ix::claim_profit(wallet, self.tokens_of(&wallet), self.token())
    }

    /// The execution of a spend that the administrator proposed.
    #[must_use]
    pub fn execute_ix(&self, id: u64, destination: Address) -> Instruction {
        ix::execute_spend(id, destination, self.token(), self.world.admin)
    }

    /// A claim to the contributor's associated token account.
    #[must_use]
    pub fn claim_ix(&self, epoch: u32, wallet: Address) -> Instruction {
        ix::claim(Claim { wallet, destination: self.tokens_of(&wallet), epoch, token: self.token() })
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
        self.token().account_of(wallet)
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

    /// The account of a contributor.
    #[must_use]
    pub fn contributor_of(&self, wallet: &Address) -> Contributor {
        self.world.read(&at::contributor(wallet))
    }

    /// Base units in the vault of the holders' profit.
    #[must_use]
    pub fn profit_vault(&self) -> u64 {
        self.world.tokens(&at::profit_vault())
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
    Settings {
        threshold: 500,
        below_bps: 5_000,
        cap_per_point: false,
        review_seconds: REVIEW,
        claim_seconds: CLAIM,
        confirm_points: 0,
        confirmer: Address::default(),
        reserve_delay_seconds: DELAY,
        outflow_limit: OUTFLOW,
        outflow_window_seconds: WINDOW,
        profit_share_bps: PROFIT_BPS,
    }
}

/// Terms of an enabled category.
#[must_use]
pub fn category(weight: u64, min_quantity: u64, max_quantity: u64) -> CategoryTerms {
    CategoryTerms { name: [b'c'; 32], weight, min_quantity, max_quantity, enabled: true }
}
