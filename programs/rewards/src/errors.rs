//! One code for each reason to refuse; each message says what to do.
use crate::tokens::MintRefusal;
use anchor_lang::prelude::*;

#[error_code]
pub enum RewardsError {
    #[msg("only the program's upgrade authority may initialize: sign with it")]
    NotUpgradeAuthority,
    #[msg("only the administrator may do this: sign with the key in the config")]
    NotAdmin,
    #[msg("only the proposed administrator may accept: propose this key first")]
    NotPendingAdmin,
    #[msg(
        "setting out of range: shares at most 10,000 bps, windows positive and at most 366 days, at least 28 days to claim, at least a day of delay for the reserve, a confirmer where awards need one"
    )]
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
    #[msg("the months and the pool of epoch 0 together pass 9.75 % of the supply: schedule or convert less")]
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
    #[msg("the vault holds less than it owes: stop and report this")]
    VaultShort,
    #[msg("only the administrator or the award's issuer may void it: sign with one of these keys")]
    NotReviewer,
    #[msg("only the confirmer may confirm an award: sign with the key in the config")]
    NotConfirmer,
    #[msg("the key that issued an award may not confirm it: a second key must")]
    ConfirmerIsIssuer,
    #[msg("the award does not wait for a confirmation: it counts already or is void")]
    AwardNotPending,
    #[msg("the award is void already: award the corrected contribution under a source of its own")]
    AwardIsVoid,
    #[msg("the review is over: awards of this epoch stand as they are")]
    ReviewOver,
    #[msg("the epoch has expired: what was not claimed in time went to the reserve")]
    EpochExpired,
    #[msg("the epoch has not expired: expire it first")]
    EpochNotExpired,
    #[msg("shares can still be claimed: expire the epoch after the time to claim")]
    ClaimsOpen,
    #[msg("there is nothing to claim: earn points first")]
    NothingToClaim,
    #[msg("the share was not claimed: claim it, or let the epoch expire first")]
    ShareUnclaimed,
    #[msg("an award that counts is kept, so that its source never scores again")]
    AwardCounts,
    #[msg("the token generation event comes first: convert the points of epoch 0")]
    TgeNotDone,
    #[msg("the points of epoch 0 were converted already: this is done once")]
    TgeDone,
    #[msg("only epoch 0 is converted: pass its account")]
    NotEpochZero,
    #[msg("months are 1 to 120, 1 to 12 at a time, and none whose epoch is open: correct the range")]
    MonthOutOfRange,
    #[msg("spends are proposed in order: use the config's next number")]
    SpendOutOfOrder,
    #[msg("the spend's delay is not over: execute it after that")]
    SpendNotDue,
    #[msg("the spend was not executed within 30 days: cancel it and propose it again")]
    SpendExpired,
    #[msg("the spend would pass the limit of this window: execute it in the next one or raise the limit")]
    OutflowLimit,
    #[msg("the reserve holds less than the spend: wait for it to fill")]
    ReserveShort,
    #[msg("rent goes back to who paid it: pass that account")]
    WrongRentPayer,
    #[msg("the amount must be positive: name one")]
    NoAmount,
    #[msg("the mint takes a fee of each transfer: use another token")]
    MintTakesFees,
    #[msg("the mint runs another program in each transfer: use another token")]
    MintHasHook,
    #[msg("the mint lets somebody move tokens out of any account: use another token")]
    MintHasDelegate,
    #[msg("the mint has an extension that is not on the list of those allowed: use another token")]
    MintExtensionRefused,
}

impl From<MintRefusal> for RewardsError {
    fn from(refusal: MintRefusal) -> Self {
        match refusal {
            MintRefusal::TakesFees => Self::MintTakesFees,
            MintRefusal::HasHook => Self::MintHasHook,
            MintRefusal::HasDelegate => Self::MintHasDelegate,
            MintRefusal::Extension => Self::MintExtensionRefused,
        }
    }
}
