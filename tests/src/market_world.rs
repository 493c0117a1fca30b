use crate::{
    EPOCH_CAP, Money, START, Token, World,
    address::market as at,
    category,
    instruction::{market as ix, rewards as rewards_ix},
    passed, settings as rewards_settings,
};
use anchor_lang::Address;
use market::{
    instructions::{ListingTerms, OracleMembers, Settings, Vote},
    state::{judge, listing_kind, unit, verdict},
};
use protocol::calendar;
use solana_instruction::Instruction;

/// Base units for each unit of the world's listing.
pub const PRICE: u64 = 1_000_001;
/// Units that the world's orders buy.
pub const QUANTITY: u64 = 100;
/// What an order of the world holds, in base units.
pub const AMOUNT: u64 = PRICE * QUANTITY;
/// The market's fee, in basis points.
pub const FEE_BPS: u16 = 250;
/// What the buyer starts with, in base units.
pub const PURSE: u64 = 1_000_000_000_000;
/// Number of the world's listing.
pub const LISTING: u64 = 7;
/// Metadata hash of the world's listing.
pub const METADATA: [u8; 32] = [2; 32];
/// Manifest hash of the world's orders.
pub const MANIFEST: [u8; 32] = [3; 32];
/// Root of the results that the seller submits.
pub const ROOT: [u8; 32] = [4; 32];
/// Windows of the world's configuration, in seconds.
pub const ACCEPT: i64 = 1_000;
/// See [`ACCEPT`].
pub const DELIVERY: i64 = 2_000;
/// See [`ACCEPT`].
pub const AUDIT: i64 = 3_000;
/// See [`ACCEPT`].
pub const DISPUTE: i64 = 400;
/// See [`ACCEPT`].
pub const ANSWER: i64 = 300;
/// See [`ACCEPT`].
pub const RESOLVE: i64 = 500;
/// See [`ACCEPT`].
pub const AWARD: i64 = 600;
/// What the seller of an order of a bonded market deposits.
pub const SELLER_BOND: u64 = AMOUNT / 10;
/// What a challenger deposits there.
pub const CHALLENGE_BOND: u64 = AMOUNT / 20;
/// Root of the content that the listings of datasets and models are for.
pub const CONTENT: [u8; 32] = [12; 32];
/// Hash of the content key that the seller delivers.
pub const KEY_HASH: [u8; 32] = [13; 32];
/// Salt under which the world's oracles seal.
pub const SALT_OF_VOTES: [u8; 32] = [15; 32];
/// Category under which released orders earn points.
pub const ORDER_CATEGORY: u16 = 5;
/// Points that a released order earns its seller.
pub const ORDER_POINTS: u64 = 40;

/// What differs between one market and another.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// Who judges the world's orders.
    pub judge: u8,
    /// What they are paid in.
    pub money: Money,
    /// Whether sellers and challengers deposit bonds; they have full purses then.
    pub bonds: bool,
}

/// A market with a seller's listing, a buyer with a full purse and an oracle set of three with threshold two.
#[derive(Clone)]
pub struct Market {
    /// The chain.
    pub world: World,
    /// What the market was made with.
    pub setup: Setup,
    /// Receives the fees.
    pub treasury: Address,
    /// Owns the listing.
    pub seller: Address,
    /// Opens the orders.
    pub buyer: Address,
    /// Has no part in anything.
    pub stranger: Address,
    /// Has no part in orders, but tokens to challenge their verdicts with.
    pub challenger: Address,
    /// Members of set 1.
    pub oracles: [Address; 3],
    /// The token that orders are paid in.
    pub mint: Address,
    /// Token accounts of the three parties.
    pub treasury_tokens: Address,
    /// See [`Market::treasury_tokens`].
    pub seller_tokens: Address,
    /// See [`Market::treasury_tokens`].
    pub buyer_tokens: Address,
    /// The challenger's.
    pub challenger_tokens: Address,
    pub(crate) next_id: u64,
}

impl Market {
    /// A market for compute that oracles judge, without bonds.
    #[must_use]
    pub fn new() -> Self {
        Self::with(Setup { judge: judge::ORACLES, money: Money::Classic, bonds: false })
    }

    /// A market whose orders this one judges, with bonds.
    #[must_use]
    pub fn judged(judge: u8) -> Self {
        Self::with(Setup { judge, money: Money::Classic, bonds: true })
    }

    /// A market that is ready for orders.
    #[must_use]
    pub fn with(setup: Setup) -> Self {
        let mut market = Self::uninitialized_with(setup);
        let (admin, seller) = (market.world.admin, market.seller);
        passed(market.world.send(ix::initialize(admin, market.settings())));
        passed(market.world.send(ix::create_oracle_set(admin, 1, members(&market.oracles, 2))));
        let terms = market.listing_terms();
        passed(market.world.send(ix::create_listing(seller, LISTING, market.kind(), terms)));
        market
    }

    /// The actors and their tokens, before the program is initialized.
    #[must_use]
    pub fn uninitialized() -> Self {
        Self::uninitialized_with(Setup { judge: judge::ORACLES, money: Money::Classic, bonds: false })
    }

    /// [`Market::uninitialized`] of this kind.
    #[must_use]
    pub fn uninitialized_with(setup: Setup) -> Self {
        let mut world = World::new();
        let mint = setup.money.mint(&mut world);
        let [treasury, seller, buyer, stranger] = std::array::from_fn(|_| world.wallet());
        let oracles = std::array::from_fn(|_| world.wallet());
        let challenger = world.wallet();
        let purse = if setup.bonds { PURSE } else { 0 };
        let [treasury_tokens, seller_tokens, buyer_tokens, challenger_tokens] =
            [(treasury, 0), (seller, purse), (buyer, PURSE), (challenger, purse)]
                .map(|(wallet, amount)| setup.money.fund(&mut world, &wallet, &mint, amount));
        Self {
            world,
            setup,
            challenger,
            challenger_tokens,
            treasury,
            seller,
            buyer,
            stranger,
            oracles,
            mint,
            treasury_tokens,
            seller_tokens,
            buyer_tokens,
            next_id: 1,
        }
    }

    /// The settings that the market is initialized with.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings {
            treasury: self.treasury,
            mints: [self.mint, Address::default(), Address::default(), Address::default()],
            fee_bps: FEE_BPS,
            award_category: ORDER_CATEGORY,
            accept_seconds: ACCEPT,
            delivery_seconds: DELIVERY,
            audit_seconds: AUDIT,
            dispute_seconds: DISPUTE,
            answer_seconds: ANSWER,
            resolve_seconds: RESOLVE,
            award_seconds: AWARD,
            seller_bond_bps: if self.setup.bonds { 1_000 } else { 0 },
            challenge_bond_bps: if self.setup.bonds { 500 } else { 0 },
            slash_challenger_bps: 3_000,
            slash_buyer_bps: 5_000,
        }
    }

    /// Kind of the world's listing.
    #[must_use]
    pub fn kind(&self) -> u8 {
        match self.setup.judge {
            judge::PROOF => listing_kind::DATASET,
            judge::GOLD => listing_kind::LABELLING,
            _ => listing_kind::COMPUTE,
        }
    }

    /// The terms of the world's listing.
    #[must_use]
    pub fn listing_terms(&self) -> ListingTerms {
        let mut uri = [0; 96];
        uri[..19].copy_from_slice(b"https://example.org");
        let (unit, content_root) = terms_of(self.kind());
        ListingTerms { price: PRICE, mint: self.mint, unit, active: true, metadata_hash: METADATA, content_root, uri }
    }

    /// Adds rewards to the chain, with the market as an issuer, epoch 0 open and the seller registered: orders earn points
    /// before the token generation event too.
    pub fn add_rewards(&mut self) {
        let (admin, token) = (self.world.admin, Token::classic(self.mint));
        let funding = self.world.fund(&admin, &self.mint, 0);
        passed(self.world.send(rewards_ix::initialize(admin, token, rewards_settings())));
        passed(self.world.send(rewards_ix::set_category(admin, ORDER_CATEGORY, category(ORDER_POINTS, 1, 1))));
        passed(self.world.send(rewards_ix::set_issuer(admin, at::issuer_authority(), EPOCH_CAP, true)));
        let end = calendar::next_month_start(START);
        let open = rewards_ix::OpenEpoch { admin, index: 0, start: START, end, funding, token };
        passed(self.world.send(rewards_ix::open_epoch(open)));
        passed(self.world.send(rewards_ix::register(self.seller, self.seller_tokens)));
    }

    /// Points for the seller of a released order.
    #[must_use]
    pub fn award_ix(&self, order: Address) -> Instruction {
        let (payer, seller) = (self.stranger, self.seller);
        ix::award_order(ix::AwardOrder { payer, order, seller, category: ORDER_CATEGORY, epoch: 0 })
    }

    /// Address of the world's listing.
    #[must_use]
    pub fn listing(&self) -> Address {
        at::listing(&self.seller, LISTING)
    }
}

impl Default for Market {
    fn default() -> Self {
        Self::new()
    }
}

/// Unit and content root of listings of this kind.
#[must_use]
pub fn terms_of(kind: u8) -> (u8, [u8; 32]) {
    match kind {
        listing_kind::COMPUTE => (unit::JOB, [0; 32]),
        listing_kind::LABELLING => (unit::LABEL, [0; 32]),
        _ => (unit::LICENCE, CONTENT),
    }
}

/// A vote on the world's result, sealed under [`SALT_OF_VOTES`].
#[must_use]
pub fn vote(verdict: u8) -> Vote {
    let reason = if verdict == verdict::REJECT { 9 } else { 0 };
    Vote { result_root: ROOT, verdict, reason, report: [8; 32], salt: SALT_OF_VOTES }
}

/// An oracle set of these members.
#[must_use]
pub fn members(oracles: &[Address], threshold: u8) -> OracleMembers {
    let mut members = [Address::default(); 16];
    members[..oracles.len()].copy_from_slice(oracles);
    OracleMembers { count: oracles.len().try_into().unwrap(), threshold, samples: 4, min_bond: 0, members }
}

/// The fee on `payable`, in base units.
#[must_use]
pub fn fee(payable: u64) -> u64 {
    payable * u64::from(FEE_BPS) / 10_000
}
