//! One code for each reason to refuse; each message says what to do.
use crate::tokens::MintRefusal;
use anchor_lang::prelude::*;

#[error_code]
pub enum MarketError {
    #[msg("only the program's upgrade authority may initialize: sign with it")]
    NotUpgradeAuthority,
    #[msg("only the administrator may do this: sign with the key in the config")]
    NotAdmin,
    #[msg("only the proposed administrator may accept: propose this key first")]
    NotPendingAdmin,
    #[msg("only the listing's seller may do this: sign with the seller's key")]
    NotSeller,
    #[msg("only the order's buyer may do this: sign with the buyer's key")]
    NotBuyer,
    #[msg("only the order's buyer or seller may dispute: sign with one of their keys")]
    NotAParty,
    #[msg("fee above the cap of 1,000 bps: choose a lower one")]
    FeeTooHigh,
    #[msg("setting out of range: windows must be 1 second to 366 days and at least one mint allowed")]
    SettingOutOfRange,
    #[msg("this kind of action is paused: try again when the administrator resumes it")]
    Paused,
    #[msg("the mint is not allowed: use one from the config")]
    MintNotAllowed,
    #[msg("oracle set out of range: 1 to 16 different members, threshold more than half and at most all of them")]
    OracleSetOutOfRange,
    #[msg("oracle sets are made in order: use the config's next version")]
    OracleSetOutOfOrder,
    #[msg("the order pinned another oracle set: pass that one")]
    WrongOracleSet,
    #[msg("the oracle set is retired: its votes no longer count")]
    OracleSetRetired,
    #[msg("there is no oracle set yet, or the current one is retired: the administrator must create one")]
    NoOracleSet,
    #[msg("not a member of the order's oracle set: vote with a member's key")]
    NotAnOracle,
    #[msg("this oracle voted already: each member votes once")]
    AlreadyVoted,
    #[msg("the vote is about another result: vote on the root that the order carries")]
    VoteOnOtherResult,
    #[msg("the verdict must be 1 (accept) or 2 (reject)")]
    UnknownVerdict,
    #[msg("unknown kind of listing: 1 compute, 2 dataset, 3 model, 4 labelling")]
    UnknownKind,
    #[msg("listing terms out of range: price must be positive and the uri at most 96 bytes")]
    ListingOutOfRange,
    #[msg("orders on this kind of listing are not supported yet: order compute")]
    KindNotOrderable,
    #[msg("the listing is inactive: choose another or ask its seller")]
    ListingInactive,
    #[msg("the listing changed since the buyer looked: read it again and order its new version")]
    ListingChanged,
    #[msg("the listing has open orders: settle them first")]
    ListingBusy,
    #[msg("the total price is above the buyer's limit: raise max_total or lower the quantity")]
    PriceAboveLimit,
    #[msg("the quantity must be positive")]
    NoQuantity,
    #[msg("the seller may not order from itself")]
    SelfOrder,
    #[msg("the order is not in a state that allows this: read it again")]
    WrongState,
    #[msg("the deadline has passed: the order can only be settled now")]
    DeadlinePassed,
    #[msg("the deadline has not passed: wait for it")]
    DeadlineNotPassed,
    #[msg("the result must not be empty: submit the job root and the log's address")]
    EmptyResult,
    #[msg("the slots that seed the audit are not over yet: try again in some seconds")]
    AuditTooEarly,
    #[msg("the dispute window is over: the verdict stands")]
    DisputeWindowOver,
    #[msg("the dispute window is still open: settle after it")]
    DisputeWindowOpen,
    #[msg("the order was disputed already: a resolution is final")]
    AlreadyDisputed,
    #[msg("the payable amount is above what the order holds")]
    PayableAboveAmount,
    #[msg("the verdict does not pay the seller: refund instead of release")]
    NothingPayable,
    #[msg("the verdict pays the seller: release instead of refund")]
    OrderIsPayable,
    #[msg("wrong token account: it must be of the order's mint and belong to the party that is paid")]
    WrongTokenAccount,
    #[msg("this order's seller was awarded already")]
    AlreadyAwarded,
    #[msg("points for this order can still be awarded: award first, or wait for the award window to end")]
    AwardPending,
    #[msg("the vault holds less than its order: stop and report this")]
    VaultShort,
    #[msg("not the sysvar of slot hashes: pass SysvarS1otHashes111111111111111111111111111")]
    WrongSysvar,
    #[msg("arithmetic overflow: the numbers given are too large")]
    Overflow,
    #[msg("the mint takes a fee from transfers: use a mint without the transfer-fee extension")]
    MintTakesFees,
    #[msg("transfers of the mint run another program: use a mint without the transfer-hook extension")]
    MintHasHook,
    #[msg("somebody can move the mint's tokens out of any account: use a mint without a permanent delegate")]
    MintHasDelegate,
    #[msg("the mint has an extension that is not on the allow-list (docs/tokens.md): use another mint")]
    MintExtensionRefused,
}

impl From<MintRefusal> for MarketError {
    fn from(refusal: MintRefusal) -> Self {
        match refusal {
            MintRefusal::TakesFees => Self::MintTakesFees,
            MintRefusal::HasHook => Self::MintHasHook,
            MintRefusal::HasDelegate => Self::MintHasDelegate,
            MintRefusal::Extension => Self::MintExtensionRefused,
        }
    }
}
