//! One code for each reason to refuse; each message says what to do.
use anchor_lang::prelude::*;

#[error_code]
pub enum RewardsError {
    #[msg("only the program's upgrade authority may initialize: sign with it")]
    NotUpgradeAuthority,
    #[msg("only the administrator may do this: sign with the key in the config")]
    NotAdmin,
    #[msg("only the proposed administrator may accept: propose this key first")]
    NotPendingAdmin,
    #[msg("setting out of range: below-threshold share at most 10,000 bps, windows positive and at most 366 days")]
    SettingOutOfRange,
    #[msg("awards are paused: try again when the administrator resumes them")]
    AwardsPaused,
    #[msg("category terms out of range: weight and quantities must be positive and minimum at most maximum")]
    CategoryOutOfRange,
    #[msg("the category is disabled: choose an enabled one")]
    CategoryDisabled,
    #[msg("quantity outside the category's bounds: split or correct the award")]
    QuantityOutOfBounds,
    #[msg("the issuer is disabled: ask the administrator to enable it")]
    IssuerDisabled,
    #[msg("the award would pass the issuer's cap for this epoch: wait for the next one or raise the cap")]
    IssuerCapReached,
    #[msg("epochs are opened in order: use the config's next index")]
    EpochOutOfOrder,
    #[msg("an epoch must start where the previous one ends: pass that second as start")]
    EpochNotAdjacent,
    #[msg("an epoch must be one calendar month in UTC (epoch 0 may start at any time): correct start and end")]
    EpochNotAMonth,
    #[msg("the pools opened so far and this one pass the lifetime allocation: open a smaller pool")]
    AllocationExceeded,
    #[msg("the epoch is not open: award in the epoch that is")]
    EpochNotOpen,
    #[msg("the time now is outside the epoch: award in the epoch that holds the present")]
    OutsideEpoch,
    #[msg("the epoch has not ended: close it after its last second")]
    EpochNotEnded,
    #[msg("the epoch is not in review: close it first")]
    EpochNotInReview,
    #[msg("the review window is still open: finalize after it")]
    ReviewNotOver,
    #[msg("the epoch is not final: claim after it was finalized")]
    EpochNotFinal,
    #[msg("these points were claimed already: each share is paid once")]
    AlreadyClaimed,
    #[msg("wrong token: the account must be of the config's mint")]
    WrongMint,
    #[msg("the destination must be a token account that the contributor's wallet owns")]
    WrongDestination,
    #[msg("arithmetic overflow: the numbers given are too large")]
    Overflow,
    #[msg("the vault holds less than its epoch owes: stop and report this")]
    VaultShort,
}
