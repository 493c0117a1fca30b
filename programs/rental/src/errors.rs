//! One code for each reason to refuse; each message says what to do.
use crate::tokens::MintRefusal;
use anchor_lang::prelude::*;

#[error_code]
pub enum RentalError {
    #[msg("new rentals are paused with the market's orders: try again when its administrator resumes them")]
    Paused,
    #[msg("the listing is inactive: choose another or ask its seller")]
    ListingInactive,
    #[msg("the listing is not sold by the hour: order it on the market")]
    NotByTheHour,
    #[msg("the listing changed since the renter looked: read it again and rent its new version")]
    ListingChanged,
    #[msg("the mint is not allowed: use one from the market's config")]
    MintNotAllowed,
    #[msg("the provider may not rent from itself")]
    SelfRental,
    #[msg("the number of hours must be positive")]
    NoHours,
    #[msg("the total price is above the renter's limit: raise max_total or take fewer hours")]
    PriceAboveLimit,
    #[msg("only the rental's renter may do this: sign with the renter's key")]
    NotRenter,
    #[msg("only the rental's provider may do this: sign with the provider's key")]
    NotProvider,
    #[msg("only the renter and the provider may stop a rental before its end: sign with one of their keys, or wait")]
    NotAParty,
    #[msg("the rental is not in a state that allows this: read it again")]
    WrongState,
    #[msg("the time to start is over: cancel the rental and open another")]
    DeadlinePassed,
    #[msg("the provider can still start: wait for the deadline, or let the renter cancel")]
    DeadlineNotPassed,
    #[msg("the last hour is over: stop the rental and open another")]
    RentalOver,
    #[msg("no further base unit was earned since the last withdrawal: wait")]
    NothingEarned,
    #[msg("wrong token account: it must be of the rental's mint and belong to the party that is paid")]
    WrongTokenAccount,
    #[msg("not the account that paid the rent: pass the rental's rent payer")]
    WrongRentPayer,
    #[msg("the vault holds less than its rental: stop and report this")]
    VaultShort,
    #[msg("arithmetic overflow: the numbers given are too large")]
    Overflow,
    #[msg("the mint takes a fee from transfers: use a mint without the transfer-fee extension")]
    MintTakesFees,
    #[msg("transfers of the mint run another program: use a mint without the transfer-hook extension")]
    MintHasHook,
    #[msg("somebody can move the mint's tokens out of any account: use a mint without a permanent delegate")]
    MintHasDelegate,
    #[msg("the mint has an extension that is not on the allow-list (docs: tokens): use another mint")]
    MintExtensionRefused,
}

impl From<MintRefusal> for RentalError {
    fn from(refusal: MintRefusal) -> Self {
        match refusal {
            MintRefusal::TakesFees => Self::MintTakesFees,
            MintRefusal::HasHook => Self::MintHasHook,
            MintRefusal::HasDelegate => Self::MintHasDelegate,
            MintRefusal::Extension => Self::MintExtensionRefused,
        }
    }
}
