//! Instructions of rental.

use crate::address::{SYSTEM_PROGRAM, market as market_at, rental as at};
use ::rental::{accounts, instruction as data, state::Rental};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

pub use ::rental::instructions::RentalTerms;

/// What [`open_rental`] needs.
#[derive(Clone, Copy, Debug)]
pub struct OpenRental {
    /// Signs, pays the deposit and the rent.
    pub renter: Pubkey,
    /// The rental's number, chosen by the renter.
    pub id: u64,
    /// Address of the listing.
    pub listing: Pubkey,
    /// Mint of the listing.
    pub mint: Pubkey,
    /// The token program that owns the mint.
    pub token_program: Pubkey,
    /// The renter's token account that the deposit comes from.
    pub funding: Pubkey,
    /// Hours and price limit.
    pub terms: RentalTerms,
}

/// Asks for some hours of a listing and moves their price into the rental's vault.
#[must_use]
pub fn open_rental(open: OpenRental) -> Instruction {
    let rental = at::rental(&open.renter, open.id);
    data::OpenRental { id: open.id, terms: open.terms }.to_instruction(accounts::OpenRental {
        renter: open.renter,
        market_config: market_at::config(),
        listing: open.listing,
        rental,
        vault: at::vault(&rental),
        funding: open.funding,
        mint: open.mint,
        token_program: open.token_program,
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Hands the machine over. `provider` signs.
#[must_use]
pub fn start_rental(provider: Pubkey, rental: Pubkey) -> Instruction {
    data::StartRental {}.to_instruction(accounts::StartRental {
        provider,
        rental,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// A rental and where its tokens go. Parties and mint are in the rental's account.
#[derive(Clone, Copy, Debug)]
pub struct Payment {
    /// Address of the rental.
    pub rental: Pubkey,
    /// Its mint.
    pub mint: Pubkey,
    /// The token program that owns the mint.
    pub token_program: Pubkey,
    /// Who paid its rent.
    pub rent_payer: Pubkey,
    /// A token account of its provider.
    pub provider_tokens: Pubkey,
    /// A token account of its renter.
    pub renter_tokens: Pubkey,
    /// A token account of the market's treasury.
    pub treasury_tokens: Pubkey,
}

impl Payment {
    /// Into the associated token accounts of the parties of `rental`, whose account is `state`, and of `treasury`.
    #[must_use]
    pub fn of(rental: Pubkey, state: &Rental, treasury: &Pubkey, token_program: Pubkey) -> Self {
        let tokens = |wallet: &Pubkey| crate::address::token_account_of(wallet, &state.mint, &token_program);
        Self {
            rental,
            mint: state.mint,
            token_program,
            rent_payer: state.rent_payer,
            provider_tokens: tokens(&state.provider),
            renter_tokens: tokens(&state.renter),
            treasury_tokens: tokens(treasury),
        }
    }
}

/// Adds `hours` to a running rental. `renter` signs and pays from `renter_tokens`.
#[must_use]
pub fn extend_rental(renter: Pubkey, payment: Payment, hours: u64) -> Instruction {
    data::ExtendRental { hours }.to_instruction(accounts::ExtendRental {
        renter,
        rental: payment.rental,
        vault: at::vault(&payment.rental),
        funding: payment.renter_tokens,
        mint: payment.mint,
        token_program: payment.token_program,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Returns the deposit of a rental that did not start. `caller` signs: the renter, or anyone after the deadline.
#[must_use]
pub fn cancel_rental(caller: Pubkey, payment: Payment) -> Instruction {
    data::CancelRental {}.to_instruction(accounts::CancelRental {
        caller,
        rental: payment.rental,
        vault: at::vault(&payment.rental),
        renter_tokens: payment.renter_tokens,
        rent_payer: payment.rent_payer,
        mint: payment.mint,
        token_program: payment.token_program,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Pays what has elapsed. Nobody has to sign but the payer of fees.
#[must_use]
pub fn withdraw(payment: Payment) -> Instruction {
    data::Withdraw {}.to_instruction(accounts::Withdraw {
        market_config: market_at::config(),
        rental: payment.rental,
        vault: at::vault(&payment.rental),
        provider_tokens: payment.provider_tokens,
        treasury_tokens: payment.treasury_tokens,
        mint: payment.mint,
        token_program: payment.token_program,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Ends a rental. `caller` signs: renter or provider, or anyone once its hours are over.
#[must_use]
pub fn stop_rental(caller: Pubkey, payment: Payment) -> Instruction {
    data::StopRental {}.to_instruction(accounts::StopRental {
        caller,
        market_config: market_at::config(),
        rental: payment.rental,
        vault: at::vault(&payment.rental),
        provider_tokens: payment.provider_tokens,
        renter_tokens: payment.renter_tokens,
        treasury_tokens: payment.treasury_tokens,
        rent_payer: payment.rent_payer,
        mint: payment.mint,
        token_program: payment.token_program,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Closes a rental that ended. `rent_payer` paid its rent, gets it back and signs.
#[must_use]
pub fn close_rental(rental: Pubkey, rent_payer: Pubkey) -> Instruction {
    data::CloseRental {}.to_instruction(accounts::CloseRental {
        rental,
        rent_payer,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}
