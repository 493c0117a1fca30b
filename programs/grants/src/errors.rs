//! One code for each reason to refuse; each message says what to do.
use crate::tokens::MintRefusal;
use anchor_lang::prelude::*;

#[error_code]
pub enum GrantsError {
    #[msg("only the program's upgrade authority may initialize: sign with it")]
    NotUpgradeAuthority,
    #[msg("only the administrator may do this: sign with the key in the config")]
    NotAdmin,
    #[msg("only the proposed administrator may accept: propose this key first")]
    NotPendingAdmin,
    #[msg("only the reviewer or the administrator reviews: sign with a key in the config")]
    NotReviewer,
    #[msg("only the proposal's recipient submits its milestones: sign with the recipient's key")]
    NotRecipient,
    #[msg("a proposal is cancelled by its proposer while votes are cast, or by the administrator once approved")]
    MayNotCancel,
    #[msg("only who paid the rent may close the proposal: sign with that key")]
    NotRentPayer,
    #[msg(
        "setting out of range: votes 1 second to 27 days, review 1 second to 366 days, approval 5,000 to 9,999 bps, quorum and points to propose at least 1, bond floor at most the quorum"
    )]
    SettingOutOfRange,
    #[msg("unknown pause bit: 1 new proposals, 2 approvals")]
    UnknownPauseBit,
    #[msg("the allocation must be positive and at most 5.25 % of the mint's supply: lower it")]
    AllocationOutOfRange,
    #[msg("the allocation would be passed: fund less")]
    AllocationExceeded,
    #[msg("the amount must be positive")]
    NoAmount,
    #[msg("this kind of action is paused: try again when the administrator resumes it")]
    Paused,
    #[msg("proposals are opened in order: use the config's next number")]
    ProposalOutOfOrder,
    #[msg("the rewards epoch does not hold the present: pass the one that does, once it is open")]
    NotTheEpoch,
    #[msg("too few points from before this month: earn more, and propose next month")]
    TooFewPoints,
    #[msg(
        "terms out of range: a recipient, a metadata hash, 1 to 8 milestones with positive amounts, and zeros after them"
    )]
    TermsOutOfRange,
    #[msg("milestones must be due after the vote, in order, and within five years: correct the times")]
    DueOutOfRange,
    #[msg("the pool holds less than the proposal asks for: ask for less, or wait for funds")]
    FundsShort,
    #[msg("the proposal is not in a state that allows this: read it again")]
    WrongState,
    #[msg("the vote is over: it can only be tallied now")]
    VoteOver,
    #[msg("the vote is not over: wait for its end")]
    VoteNotOver,
    #[msg("unknown choice: 1 in favour, 2 against, 3 abstained")]
    UnknownChoice,
    #[msg("no points from before the month in which the proposal was opened: vote on a later one")]
    NoWeight,
    #[msg("the points at the proposal's opening are no longer on record: this vote came more than a month later")]
    HistoryTooShort,
    #[msg("milestones are submitted, reviewed and paid in order: use the proposal's next one")]
    MilestoneOutOfOrder,
    #[msg("the milestone is not in a state that allows this: read the proposal again")]
    WrongMilestoneState,
    #[msg("the evidence must not be empty: submit the hash of what was delivered")]
    EmptyEvidence,
    #[msg("the milestone is late: the proposal can only be expired now")]
    MilestoneLate,
    #[msg("the next milestone is not late: wait until it is due")]
    MilestoneNotLate,
    #[msg("the milestone is under review: wait for the reviewer, or until the review's time is over")]
    UnderReview,
    #[msg("the review's time is over: the recipient must submit the milestone again")]
    ReviewOver,
    #[msg("the proposal still owes: pay its accepted milestones and return its bond first")]
    StillOwes,
    #[msg("there is no bond to return: it is still held, was lost, or is back already")]
    NoBond,
    #[msg("wrong token account: it must be of the config's mint and belong to the party that is paid")]
    WrongTokenAccount,
    #[msg("wrong account for the rent: pass the one that paid it")]
    WrongRentPayer,
    #[msg("wrong token: pass the config's mint")]
    WrongMint,
    #[msg("the vault holds less than is owed: stop and report this")]
    VaultShort,
    #[msg("more would be promised and paid than came in: stop and report this")]
    Insolvent,
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

impl From<MintRefusal> for GrantsError {
    fn from(refusal: MintRefusal) -> Self {
        match refusal {
            MintRefusal::TakesFees => Self::MintTakesFees,
            MintRefusal::HasHook => Self::MintHasHook,
            MintRefusal::HasDelegate => Self::MintHasDelegate,
            MintRefusal::Extension => Self::MintExtensionRefused,
        }
    }
}
