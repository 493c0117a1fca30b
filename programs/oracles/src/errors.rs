//! One code for each reason to refuse; each message says what to do.
use crate::tokens::MintRefusal;
use anchor_lang::prelude::*;

#[error_code]
pub enum OraclesError {
    #[msg("only the program's upgrade authority may initialize: sign with it")]
    NotUpgradeAuthority,
    #[msg("only the administrator may do this: sign with the key in the config")]
    NotAdmin,
    #[msg("only the proposed administrator may accept: propose this key first")]
    NotPendingAdmin,
    #[msg("only the oracle itself may do this: sign with the key that votes")]
    NotOracle,
    #[msg("setting out of range: the least bond must be positive and the slash at most 10,000 bps")]
    SettingOutOfRange,
    #[msg(
        "bonds would leave before orders are settled: unbonding must be as long as the market's windows for audit, dispute, answer and resolution and the 14 days for recording, and at most five years"
    )]
    UnbondingOutOfRange,
    #[msg(
        "the slash was changed within the last unbonding time, and votes of the time before are not recorded yet: change it later"
    )]
    SlashChangedLately,
    #[msg("wrong mint: bonds are in the mint of the config")]
    WrongMint,
    #[msg("wrong token account: it must be of the bonds' mint and belong to the party that is paid")]
    WrongTokenAccount,
    #[msg("a share of the slashed bond has no token account: pass one of the challenger and one of the buyer")]
    PayeeMissing,
    #[msg("the amount must be positive")]
    NothingDeposited,
    #[msg("the bond would be below the least one in the config: deposit more, or take all of it out")]
    BondTooSmall,
    #[msg("the bond holds less than that: ask for at most the whole bond")]
    BondTooSmallForRequest,
    #[msg("nothing is on its way out: request it first")]
    NothingUnbonding,
    #[msg("the bond is still on its way out: withdraw it when its time is over")]
    StillUnbonding,
    #[msg("the oracle has a bond: withdraw it first")]
    BondNotEmpty,
    #[msg("the vault holds less than the bond: stop and report this")]
    VaultShort,
    #[msg("the order is not settled: release or refund it first")]
    OrderNotSettled,
    #[msg("no oracle was asked about this order: there is nothing to record")]
    NotAudited,
    #[msg("the order pinned another oracle set: pass that one")]
    WrongOracleSet,
    #[msg("not a member of the order's oracle set: record its members")]
    NotAMember,
    #[msg("this member's part in the order is recorded already")]
    AlreadyRecorded,
    #[msg("the time for recording this order is over")]
    RecordingOver,
    #[msg("the order is there and can still be recorded: close the record when one of the two is over")]
    RecordNeeded,
    #[msg(
        "the order is not under audit, or no oracles judge it: seal votes between the draw of the seed and the verdict"
    )]
    NotUnderAudit,
    #[msg("the oracle set is retired: its votes no longer count")]
    SetRetired,
    #[msg("this member sealed its vote already: a sealed vote cannot be changed")]
    AlreadySealed,
    #[msg("half of the audit is over: nobody seals any more, because votes can be seen from now on")]
    SealingOver,
    #[msg(
        "the order is not settled, or a member sealed a vote and never showed it: record that member's part first, or wait until the time for recording is over"
    )]
    SealsNeeded,
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
    #[msg("a panel has 1, 3, 5 or 7 members, or 0 for none: give one of these")]
    PanelSizeOutOfRange,
    #[msg(
        "no answered dispute about a verdict of oracles: a panel judges orders that are in dispute, once the dispute is answered"
    )]
    NotInDispute,
    #[msg(
        "not the oracle set that panels are drawn from: pass the one that the config, or the panel that was convened, names"
    )]
    WrongPanelSet,
    #[msg(
        "no panel can be drawn: the config asks for none, or its set has too few members without a part in the order; the administrator decides"
    )]
    NoPanel,
    #[msg("the panel was convened already: draw its members, or wait for its verdict")]
    AlreadyConvened,
    #[msg(
        "the panel's time for drawing and sealing is over: votes are shown now, and the administrator decides where none decide"
    )]
    PanelTooLate,
    #[msg("not the panel of this order: pass the order that the panel was convened for")]
    WrongPanel,
    #[msg("the panel's members are drawn already")]
    AlreadyDrawn,
    #[msg("too early: the members are drawn by the hashes of four later slots; wait about two seconds")]
    DrawTooEarly,
    #[msg("the panel has no members yet, or has its verdict already")]
    PanelNotSitting,
    #[msg("not a member of this panel: only members that were drawn vote")]
    NotOnPanel,
    #[msg("less bonded than the panel asks for: deposit a bond, or take back what is on its way out")]
    NotBonded,
    #[msg("unknown ballot: 1 accepts, 2 rejects, 3 rejects what all had to see")]
    UnknownBallot,
    #[msg("this member showed its vote already")]
    AlreadyShown,
    #[msg("votes are shown once every member sealed, or when the time for sealing is over: wait")]
    SealingOpen,
    #[msg("this is not the vote that was sealed: show that one, with its salt")]
    OtherVoteSealed,
    #[msg("the order is still in dispute: close its panel when that is over")]
    PanelNeeded,
    #[msg("not the sysvar of slot hashes: pass SysvarS1otHashes111111111111111111111111111")]
    WrongSysvar,
}

impl From<MintRefusal> for OraclesError {
    fn from(refusal: MintRefusal) -> Self {
        match refusal {
            MintRefusal::TakesFees => Self::MintTakesFees,
            MintRefusal::HasHook => Self::MintHasHook,
            MintRefusal::HasDelegate => Self::MintHasDelegate,
            MintRefusal::Extension => Self::MintExtensionRefused,
        }
    }
}
