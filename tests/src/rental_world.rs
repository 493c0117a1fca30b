use crate::{
    FEE_BPS, METADATA, Receipt, Refusal, Token, TokenKind, World,
    address::rental as at,
    instruction::rental::{self as ix, OpenRental, Payment},
    passed,
};
use anchor_lang::Address;
use market::state::{listing_kind, unit};
use rental::{instructions::RentalTerms, state::Rental};
use solana_instruction::Instruction;

/// Base units for an hour of the world's listing: not a multiple of the seconds in an hour.
pub const RATE: u64 = 7_200_001;
/// Hours of the world's rentals.
pub const HOURS: u64 = 3;
/// What a rental of the world holds, in base units.
pub const DEPOSIT: u64 = RATE * HOURS;
/// What the renter starts with, in base units.
pub const RENTERS_PURSE: u64 = 1_000_000_000;
const LISTING: u64 = 4;

/// The rental program, and a market with a listing of compute by the hour.
#[derive(Clone)]
pub struct Rentals {
    /// The chain.
    pub world: World,
    /// The token of the listing.
    pub token: Token,
    /// Owns the listing.
    pub provider: Address,
    /// Opens the rentals.
    pub renter: Address,
    /// Receives the fees.
    pub treasury: Address,
    /// Has no part in anything.
    pub stranger: Address,
    /// Address of the listing.
    pub listing: Address,
    next_id: u64,
}

impl Rentals {
    /// A listing in a token of the classic program.
    #[must_use]
    pub fn new() -> Self {
        Self::in_token(TokenKind::Classic)
    }

    /// A listing in a token of a kind.
    #[must_use]
    pub fn in_token(kind: TokenKind) -> Self {
        let mut world = World::new();
        let token = world.token(kind);
        Self::with(world, token)
    }

    /// A listing in this token, on this chain.
    #[must_use]
    pub fn with(mut world: World, token: Token) -> Self {
        let [provider, renter, treasury, stranger] = std::array::from_fn(|_| world.wallet());
        for (wallet, amount) in [(provider, 0), (renter, RENTERS_PURSE), (treasury, 0)] {
            world.fund_with(&wallet, &token, amount);
        }
        world.put_market_config(|config| {
            config.treasury = treasury;
            config.mints[0] = token.mint;
        });
        let mut rentals =
            Self { world, token, provider, renter, treasury, stranger, listing: Address::default(), next_id: 1 };
        rentals.put_listing(RATE);
        rentals
    }

    /// Writes the listing with this rate.
    pub fn put_listing(&mut self, rate: u64) {
        let mint = self.token.mint;
        self.listing = self.world.put_listing(&self.provider.clone(), LISTING, |listing| {
            listing.kind = listing_kind::COMPUTE;
            listing.unit = unit::HOUR;
            listing.mint = mint;
            listing.metadata_hash = METADATA;
            listing.price = rate.into();
        });
    }

    /// The renter's rental with this number.
    #[must_use]
    pub fn open_ix(&self, id: u64) -> OpenRental {
        let terms = RentalTerms { hours: HOURS, expected_version: 1, expected_metadata: METADATA, max_total: DEPOSIT };
        OpenRental {
            renter: self.renter,
            id,
            listing: self.listing,
            mint: self.token.mint,
            token_program: self.token.program,
            funding: self.tokens_of(&self.renter),
            terms,
        }
    }

    /// Opens a rental.
    pub fn open(&mut self) -> Address {
        let id = self.next_id;
        self.next_id += 1;
        passed(self.world.send(ix::open_rental(self.open_ix(id))));
        at::rental(&self.renter, id)
    }

    /// Opens a rental that starts at once.
    pub fn running(&mut self) -> Address {
        let rental = self.open();
        passed(self.world.send(ix::start_rental(self.provider, rental)));
        rental
    }

    /// What paying out a rental names.
    #[must_use]
    pub fn payment(&self, rental: Address) -> Payment {
        let [provider_tokens, renter_tokens, treasury_tokens] =
            [self.provider, self.renter, self.treasury].map(|wallet| self.tokens_of(&wallet));
        let Token { mint, program: token_program } = self.token;
        let rent_payer = self.renter;
        Payment { rental, mint, token_program, rent_payer, provider_tokens, renter_tokens, treasury_tokens }
    }

    /// Pays what has elapsed.
    pub fn withdraw(&mut self, rental: Address) -> Result<Receipt, Refusal> {
        self.world.send(ix::withdraw(self.payment(rental)))
    }

    /// The end of a rental by `caller`.
    #[must_use]
    pub fn stop_ix(&self, caller: Address, rental: Address) -> Instruction {
        ix::stop_rental(caller, self.payment(rental))
    }

    /// The associated token account of `wallet`.
    #[must_use]
    pub fn tokens_of(&self, wallet: &Address) -> Address {
        crate::address::token_account_of(wallet, &self.token.mint, &self.token.program)
    }

    /// Base units of provider, treasury and renter.
    #[must_use]
    pub fn balances(&self) -> [u64; 3] {
        [self.provider, self.treasury, self.renter].map(|wallet| self.world.tokens(&self.tokens_of(&wallet)))
    }

    /// The account of a rental.
    #[must_use]
    pub fn rental(&self, rental: &Address) -> Rental {
        self.world.read(rental)
    }

    /// Base units in a rental's vault.
    #[must_use]
    pub fn vault(&self, rental: &Address) -> u64 {
        self.world.tokens(&at::vault(rental))
    }
}

impl Default for Rentals {
    fn default() -> Self {
        Self::new()
    }
}

/// What an accurate clock and a sheet of paper say that `seconds` of the world's rate come to: provider and treasury.
#[must_use]
pub fn earned_after(seconds: i64) -> [u64; 2] {
    let all = (u128::from(RATE) * u128::from(seconds.unsigned_abs()) / 3_600).min(DEPOSIT.into());
    let fee = all * u128::from(FEE_BPS) / 10_000;
    [all - fee, fee].map(|part| u64::try_from(part).unwrap())
}
