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
    #[msg(
        "a dispute of this order costs no bond, so only its buyer or seller may open one: sign with one of their keys"
    )]
    NotAParty,
    #[msg("the verdict favours this side already: only somebody else may dispute it")]
    FavouredSide,
    #[msg(
        "only the side that the verdict favours, or a member of the order's oracle set, may answer the dispute: sign with its key, and pass the set"
    )]
    NotFavoured,
    #[msg("fee above the cap of 1,000 bps: choose a lower one")]
    FeeTooHigh,
    #[msg(
        "setting out of range: windows must be 1 second to 366 days, at least one mint allowed, bonds and the sum of the \
         shares of a lost one at most 10,000 bps"
    )]
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
    #[msg(
        "the oracle set asks its members for a bond: pass the oracle's account in the oracles program, with at least that much bonded"
    )]
    NotBonded,
    #[msg("not a member of the order's oracle set: vote with a member's key")]
    NotAnOracle,
    #[msg("this oracle voted already: each member votes once")]
    AlreadyVoted,
    #[msg("no vote on the order is sealed: seal it with the oracles program in the first half of the audit")]
    NotSealed,
    #[msg("members can still seal their votes: show this one when all have, or half of the audit is over")]
    SealingOpen,
    #[msg("this oracle sealed another vote, or none: show the verdict and the salt that it sealed")]
    OtherVoteSealed,
    #[msg("the vote is about another result: vote on the root that the order carries")]
    VoteOnOtherResult,
    #[msg("the verdict must be 1 (accept) or 2 (reject)")]
    UnknownVerdict,
    #[msg("unknown kind of listing: 1 compute, 2 dataset, 3 model, 4 labelling")]
    UnknownKind,
    #[msg("listing terms out of range: price must be positive and the uri at most 96 bytes")]
    ListingOutOfRange,
    #[msg(
        "this kind of listing has another unit: 1 job or 2 hour for compute, 3 licence for dataset and model, 4 label for labelling"
    )]
    UnitNotOfKind,
    #[msg("datasets and models need the Merkle root of their content, other listings must not have one")]
    ContentRootMismatch,
    #[msg("a listing's mint is fixed: create another listing for another mint")]
    MintIsFixed,
    #[msg("this listing is rented by the hour: rent it with the rental program")]
    RentedByTheHour,
    #[msg(
        "this kind of listing is not judged like that: 1 oracles or 2 approval for compute, 3 proof for dataset and model, 2 approval or 4 gold for labelling"
    )]
    JudgeNotOfKind,
    #[msg("the order is judged in another way: look at its judge")]
    WrongJudge,
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
    #[msg("the dispute was answered already: wait for its resolution")]
    AlreadyAnswered,
    #[msg("the dispute is not answered: without an answer the favoured side loses it at the answer's deadline")]
    NotAnswered,
    #[msg("the payable amount is above what the order holds")]
    PayableAboveAmount,
    #[msg(
        "this order is paid in whole or not at all: it was opened without partial payment, or its verdict allows none now"
    )]
    PartialNotAllowed,
    #[msg("a concession lowers what the seller is paid: offer less than the verdict pays")]
    NotAConcession,
    #[msg("not the final verdict of the proofs program on this order: pass the one at its address, after it is final")]
    WrongVerdict,
    #[msg("the verdict does not pay the seller: refund instead of release")]
    NothingPayable,
    #[msg("the verdict pays the seller: release instead of refund")]
    OrderIsPayable,
    #[msg("wrong token account: it must be of the order's mint and belong to the party that is paid")]
    WrongTokenAccount,
    #[msg("this order's seller was awarded already")]
    AlreadyAwarded,
    #[msg(
        "the order's points can still be awarded, or its disputed votes recorded: do that, or wait for the award window to end"
    )]
    AwardPending,
    #[msg("an order cannot be closed in the second in which it was opened: try again in the next")]
    ClosedTooSoon,
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
    #[msg(
        "a panel of oracles has this dispute for the first half of the window of resolution: take its verdict, or decide in the second half"
    )]
    PanelSits,
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
