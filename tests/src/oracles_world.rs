use crate::{
    AUDIT, DISPUTE, PANEL_SET, PANEL_SIZE, RESOLVE, Receipt, Refusal, Token, TokenKind, World,
    address::oracles as at,
    instruction::oracles::{self as ix, RecordVote},
    passed,
};
use anchor_lang::Address;
use market::state::{Order, judge, order_state, resolution, verdict};
use oracles::{
    instructions::Settings,
    state::{Config, Oracle, RECORD_SECONDS, Record},
};
use solana_instruction::Instruction;

/// Seconds in which the side that a verdict favours answers a dispute, in the market's configuration.
pub const MARKET_ANSWER: i64 = 300;
/// Seconds that a bond takes out: the least under the world's market.
pub const UNBONDING: i64 = AUDIT + DISPUTE + MARKET_ANSWER + RESOLVE + RECORD_SECONDS as i64;
/// The least bond, in base units.
pub const MIN_BOND: u64 = 100_000;
/// What each oracle of the world has bonded.
pub const BOND: u64 = 1_000_003;
/// What it loses with an overturned vote, in basis points.
pub const SLASH_BPS: u16 = 1_000;
/// Shares of a lost bond in the world's orders, in basis points.
pub const TO_CHALLENGER_BPS: u16 = 5_000;
/// See [`TO_CHALLENGER_BPS`].
pub const TO_BUYER_BPS: u16 = 2_500;
/// What the world's orders hold, in base units.
pub const ORDER_AMOUNT: u64 = 500;
/// What each oracle has besides its bond.
pub const OWN_TOKENS: u64 = 10_000_000;

/// The oracles' program with three bonded oracles, which are the market's oracle set 1, and orders that a test writes.
#[derive(Clone)]
pub struct Bonds {
    /// The chain.
    pub world: World,
    /// The token of the bonds.
    pub token: Token,
    /// Members of set 1.
    pub oracles: [Address; 3],
    /// Opened the orders.
    pub buyer: Address,
    /// Contested them.
    pub challenger: Address,
    /// Has no part in anything, and pays for records.
    pub stranger: Address,
    /// Token accounts of buyer and challenger.
    pub buyer_tokens: Address,
    /// See [`Bonds::buyer_tokens`].
    pub challenger_tokens: Address,
    next_id: u64,
}

impl Bonds {
    /// Bonds in a token of the classic program.
    #[must_use]
    pub fn new() -> Self {
        Self::in_token(TokenKind::Classic)
    }

    /// Bonds in a token of a kind.
    #[must_use]
    pub fn in_token(kind: TokenKind) -> Self {
        let mut bonds = Self::uninitialized(kind);
        let admin = bonds.world.admin;
        passed(bonds.world.send(ix::initialize(admin, bonds.token.mint, bond_settings())));
        for oracle in bonds.oracles {
            passed(bonds.world.send(bonds.register_ix(oracle)));
            passed(bonds.world.send(bonds.deposit_ix(oracle, BOND)));
        }
        bonds
    }

    /// The actors and their tokens and the market, before the program is initialized.
    #[must_use]
    pub fn uninitialized(kind: TokenKind) -> Self {
        let mut world = World::new();
        let token = world.token(kind);
        let [buyer, challenger, stranger] = std::array::from_fn(|_| world.wallet());
        let oracles: [Address; 3] = std::array::from_fn(|_| world.wallet());
        for oracle in &oracles {
            world.fund_with(oracle, &token, BOND + OWN_TOKENS);
        }
        let buyer_tokens = world.fund_with(&buyer, &token, 0);
        let challenger_tokens = world.fund_with(&challenger, &token, 0);
        world.put_market_config(|_| ());
        world.put_oracle_set(1, &oracles, |_| ());
        Self { world, token, oracles, buyer, challenger, stranger, buyer_tokens, challenger_tokens, next_id: 1 }
    }

    /// The associated token account of `wallet`.
    #[must_use]
    pub fn tokens_of(&self, wallet: &Address) -> Address {
        crate::address::token_account_of(wallet, &self.token.mint, &self.token.program)
    }

    /// The registration of an oracle that pays its own rent.
    #[must_use]
    pub fn register_ix(&self, oracle: Address) -> Instruction {
        ix::register_oracle(oracle, oracle, self.token)
    }

    /// A deposit from the oracle's own tokens.
    #[must_use]
    pub fn deposit_ix(&self, oracle: Address, amount: u64) -> Instruction {
        ix::deposit_bond(oracle, self.tokens_of(&oracle), self.token, amount)
    }

    /// A withdrawal to the oracle's own tokens.
    #[must_use]
    pub fn withdraw_ix(&self, oracle: Address) -> Instruction {
        ix::withdraw_bond(oracle, self.tokens_of(&oracle), self.token)
    }

    /// The closing of an oracle that paid its own rent.
    #[must_use]
    pub fn close_ix(&self, oracle: Address) -> Instruction {
        ix::close_oracle(oracle, self.tokens_of(&oracle), oracle, self.token)
    }

    /// A settled order on which members 0 and 1 voted to accept, and which was paid; `change` makes it another one.
    pub fn order(&mut self, change: impl FnOnce(&mut Order)) -> Address {
        let (id, now) = (self.next_id, self.world.now());
        self.next_id += 1;
        self.world.put_order(&self.buyer.clone(), id, |order| {
            order.judge = judge::ORACLES;
            order.state = order_state::RELEASED;
            order.verdict = verdict::ACCEPT;
            order.audit_seed = [7; 32];
            order.amount = ORDER_AMOUNT.into();
            order.payable = ORDER_AMOUNT.into();
            order.oracle_set = 1.into();
            order.votes_for = 0b011.into();
            order.opened_at = (now - 10_000).into();
            order.audit_by = (now - 1).into();
            order.settled_at = now.into();
            order.slash_challenger_bps = TO_CHALLENGER_BPS.into();
            order.slash_buyer_bps = TO_BUYER_BPS.into();
            change(order);
        })
    }

    /// An order whose audit was armed just now, before anybody sealed.
    pub fn order_under_audit(&mut self) -> Address {
        let now = self.world.now();
        self.order(|order| {
            order.state = order_state::AUDITING;
            order.verdict = verdict::NONE;
            order.payable = 0.into();
            order.votes_for = 0.into();
            order.settled_at = 0.into();
            order.opened_at = (now - 100).into();
            order.audit_seconds = AUDIT.into();
            order.audit_by = (now + AUDIT).into();
        })
    }

    /// Changes an order as the market's instructions would until it is paid.
    pub fn settle(&mut self, order: &Address, change: impl FnOnce(&mut Order)) {
        let (now, mut state): (i64, Order) = (self.world.now(), self.world.read(order));
        state.state = order_state::RELEASED;
        state.verdict = verdict::ACCEPT;
        state.payable = state.amount;
        state.settled_at = now.into();
        change(&mut state);
        self.world.put_account(*order, market::ID, &state);
    }

    /// An order whose accepting verdict, by members 0 and 1, the administrator overturned for the challenger.
    pub fn overturned_order(&mut self) -> Address {
        let challenger = self.challenger;
        self.order(|order| overturn(order, challenger))
    }

    /// Records a member's part in an order, with token accounts for all payees.
    #[must_use]
    pub fn record_ix(&self, order: Address, oracle: Address) -> Instruction {
        ix::record_vote(self.record(order, oracle))
    }

    /// See [`Bonds::record_ix`].
    #[must_use]
    pub fn record(&self, order: Address, oracle: Address) -> RecordVote {
        RecordVote {
            payer: self.stranger,
            order,
            oracle_set: 1,
            oracle,
            token: self.token,
            challenger_tokens: Some(self.challenger_tokens),
            buyer_tokens: Some(self.buyer_tokens),
        }
    }

    /// Records.
    pub fn send_record(&mut self, order: Address, oracle: Address) -> Result<Receipt, Refusal> {
        self.world.send(self.record_ix(order, oracle))
    }

    /// The account of an oracle.
    #[must_use]
    pub fn oracle(&self, oracle: &Address) -> Oracle {
        self.world.read(&at::oracle(oracle))
    }

    /// The record of an order.
    #[must_use]
    pub fn record_of(&self, order: &Address) -> Record {
        self.world.read(&at::record(order))
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> Config {
        self.world.read(&at::config())
    }

    /// Base units in an oracle's vault.
    #[must_use]
    pub fn vault(&self, oracle: &Address) -> u64 {
        self.world.tokens(&at::vault(oracle))
    }

    /// Base units that an oracle has besides its bond.
    #[must_use]
    pub fn own(&self, oracle: &Address) -> u64 {
        self.world.tokens(&self.tokens_of(oracle))
    }
}

impl Default for Bonds {
    fn default() -> Self {
        Self::new()
    }
}

/// Makes an order one whose verdict, which stays, a judged dispute overturned.
pub fn overturn(order: &mut Order, challenger: Address) {
    order.disputed = 1;
    order.answered = 1;
    order.challenger = challenger;
    order.resolution = resolution::OVERTURNED;
    (order.state, order.payable) = match order.verdict {
        verdict::ACCEPT => (order_state::REFUNDED, 0.into()),
        _ => (order_state::RELEASED, order.amount),
    };
}

/// The settings that the program is initialized with.
#[must_use]
pub fn bond_settings() -> Settings {
    Settings {
        min_bond: MIN_BOND,
        unbonding_seconds: UNBONDING,
        slash_bps: SLASH_BPS,
        panel_set: PANEL_SET,
        panel_size: PANEL_SIZE,
    }
}
