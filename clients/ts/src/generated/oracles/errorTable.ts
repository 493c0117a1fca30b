// Generated from the IDL by scripts/generate.mjs: do not edit.

/** Name and message of each error of the program, by its code. */
export const ORACLES_ERRORS = {
    6000: { name: 'NotUpgradeAuthority', message: "only the program's upgrade authority may initialize: sign with it" },
    6001: { name: 'NotAdmin', message: 'only the administrator may do this: sign with the key in the config' },
    6002: { name: 'NotPendingAdmin', message: 'only the proposed administrator may accept: propose this key first' },
    6003: { name: 'NotOracle', message: 'only the oracle itself may do this: sign with the key that votes' },
    6004: {
        name: 'SettingOutOfRange',
        message: 'setting out of range: the least bond must be positive and the slash at most 10,000 bps',
    },
    6005: {
        name: 'UnbondingOutOfRange',
        message:
            "bonds would leave before orders are settled: unbonding must be as long as the market's windows for audit, dispute, answer and resolution and the 14 days for recording, and at most five years",
    },
    6006: {
        name: 'SlashChangedLately',
        message:
            'the slash was changed within the last unbonding time, and votes of the time before are not recorded yet: change it later',
    },
    6007: { name: 'WrongMint', message: 'wrong mint: bonds are in the mint of the config' },
    6008: {
        name: 'WrongTokenAccount',
        message: "wrong token account: it must be of the bonds' mint and belong to the party that is paid",
    },
    6009: {
        name: 'PayeeMissing',
        message: 'a share of the slashed bond has no token account: pass one of the challenger and one of the buyer',
    },
    6010: { name: 'NothingDeposited', message: 'the amount must be positive' },
    6011: {
        name: 'BondTooSmall',
        message: 'the bond would be below the least one in the config: deposit more, or take all of it out',
    },
    6012: { name: 'BondTooSmallForRequest', message: 'the bond holds less than that: ask for at most the whole bond' },
    6013: { name: 'NothingUnbonding', message: 'nothing is on its way out: request it first' },
    6014: { name: 'StillUnbonding', message: 'the bond is still on its way out: withdraw it when its time is over' },
    6015: { name: 'BondNotEmpty', message: 'the oracle has a bond: withdraw it first' },
    6016: { name: 'VaultShort', message: 'the vault holds less than the bond: stop and report this' },
    6017: { name: 'OrderNotSettled', message: 'the order is not settled: release or refund it first' },
    6018: { name: 'NotAudited', message: 'no oracle was asked about this order: there is nothing to record' },
    6019: { name: 'WrongOracleSet', message: 'the order pinned another oracle set: pass that one' },
    6020: { name: 'NotAMember', message: "not a member of the order's oracle set: record its members" },
    6021: { name: 'AlreadyRecorded', message: "this member's part in the order is recorded already" },
    6022: { name: 'RecordingOver', message: 'the time for recording this order is over' },
    6023: {
        name: 'RecordNeeded',
        message: 'the order is there and can still be recorded: close the record when one of the two is over',
    },
    6024: {
        name: 'NotUnderAudit',
        message:
            'the order is not under audit, or no oracles judge it: seal votes between the draw of the seed and the verdict',
    },
    6025: { name: 'SetRetired', message: 'the oracle set is retired: its votes no longer count' },
    6026: { name: 'AlreadySealed', message: 'this member sealed its vote already: a sealed vote cannot be changed' },
    6027: {
        name: 'SealingOver',
        message: 'half of the audit is over: nobody seals any more, because votes can be seen from now on',
    },
    6028: {
        name: 'SealsNeeded',
        message:
            "the order is not settled, or a member sealed a vote and never showed it: record that member's part first, or wait until the time for recording is over",
    },
    6029: { name: 'Overflow', message: 'arithmetic overflow: the numbers given are too large' },
    6030: {
        name: 'MintTakesFees',
        message: 'the mint takes a fee from transfers: use a mint without the transfer-fee extension',
    },
    6031: {
        name: 'MintHasHook',
        message: 'transfers of the mint run another program: use a mint without the transfer-hook extension',
    },
    6032: {
        name: 'MintHasDelegate',
        message: "somebody can move the mint's tokens out of any account: use a mint without a permanent delegate",
    },
    6033: {
        name: 'MintExtensionRefused',
        message: 'the mint has an extension that is not on the allow-list (docs: tokens): use another mint',
    },
    6034: {
        name: 'PanelSizeOutOfRange',
        message: 'a panel has 1, 3, 5 or 7 members, or 0 for none: give one of these',
    },
    6035: {
        name: 'NotInDispute',
        message:
            'no answered dispute about a verdict of oracles: a panel judges orders that are in dispute, once the dispute is answered',
    },
    6036: {
        name: 'WrongPanelSet',
        message:
            'not the oracle set that panels are drawn from: pass the one that the config, or the panel that was convened, names',
    },
    6037: {
        name: 'NoPanel',
        message:
            'no panel can be drawn: the config asks for none, or its set has too few members without a part in the order; the administrator decides',
    },
    6038: {
        name: 'AlreadyConvened',
        message: 'the panel was convened already: draw its members, or wait for its verdict',
    },
    6039: {
        name: 'PanelTooLate',
        message:
            "the panel's time for drawing and sealing is over: votes are shown now, and the administrator decides where none decide",
    },
    6040: {
        name: 'WrongPanel',
        message: 'not the panel of this order: pass the order that the panel was convened for',
    },
    6041: { name: 'AlreadyDrawn', message: "the panel's members are drawn already" },
    6042: {
        name: 'DrawTooEarly',
        message: 'too early: the members are drawn by the hashes of four later slots; wait about two seconds',
    },
    6043: { name: 'PanelNotSitting', message: 'the panel has no members yet, or has its verdict already' },
    6044: { name: 'NotOnPanel', message: 'not a member of this panel: only members that were drawn vote' },
    6045: {
        name: 'NotBonded',
        message: 'less bonded than the panel asks for: deposit a bond, or take back what is on its way out',
    },
    6046: { name: 'UnknownBallot', message: 'unknown ballot: 1 accepts, 2 rejects, 3 rejects what all had to see' },
    6047: { name: 'AlreadyShown', message: 'this member showed its vote already' },
    6048: {
        name: 'SealingOpen',
        message: 'votes are shown once every member sealed, or when the time for sealing is over: wait',
    },
    6049: { name: 'OtherVoteSealed', message: 'this is not the vote that was sealed: show that one, with its salt' },
    6050: { name: 'PanelNeeded', message: 'the order is still in dispute: close its panel when that is over' },
    6051: {
        name: 'WrongSysvar',
        message: 'not the sysvar of slot hashes: pass SysvarS1otHashes111111111111111111111111111',
    },
} as const satisfies Record<number, { name: string; message: string }>;
