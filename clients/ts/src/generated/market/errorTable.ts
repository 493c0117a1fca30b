// Generated from the IDL by scripts/generate.mjs: do not edit.

/** Name and message of each error of the program, by its code. */
export const MARKET_ERRORS = {
    6000: { name: 'NotUpgradeAuthority', message: "only the program's upgrade authority may initialize: sign with it" },
    6001: { name: 'NotAdmin', message: 'only the administrator may do this: sign with the key in the config' },
    6002: { name: 'NotPendingAdmin', message: 'only the proposed administrator may accept: propose this key first' },
    6003: { name: 'NotSeller', message: "only the listing's seller may do this: sign with the seller's key" },
    6004: { name: 'NotBuyer', message: "only the order's buyer may do this: sign with the buyer's key" },
    6005: { name: 'NotAParty', message: "only the order's buyer or seller may dispute: sign with one of their keys" },
    6006: { name: 'FeeTooHigh', message: 'fee above the cap of 1,000 bps: choose a lower one' },
    6007: {
        name: 'SettingOutOfRange',
        message: 'setting out of range: windows must be 1 second to 366 days and at least one mint allowed',
    },
    6008: { name: 'Paused', message: 'this kind of action is paused: try again when the administrator resumes it' },
    6009: { name: 'MintNotAllowed', message: 'the mint is not allowed: use one from the config' },
    6010: {
        name: 'OracleSetOutOfRange',
        message: 'oracle set out of range: 1 to 16 different members, threshold more than half and at most all of them',
    },
    6011: { name: 'OracleSetOutOfOrder', message: "oracle sets are made in order: use the config's next version" },
    6012: { name: 'WrongOracleSet', message: 'the order pinned another oracle set: pass that one' },
    6013: { name: 'OracleSetRetired', message: 'the oracle set is retired: its votes no longer count' },
    6014: {
        name: 'NoOracleSet',
        message: 'there is no oracle set yet, or the current one is retired: the administrator must create one',
    },
    6015: { name: 'NotAnOracle', message: "not a member of the order's oracle set: vote with a member's key" },
    6016: { name: 'AlreadyVoted', message: 'this oracle voted already: each member votes once' },
    6017: {
        name: 'VoteOnOtherResult',
        message: 'the vote is about another result: vote on the root that the order carries',
    },
    6018: { name: 'UnknownVerdict', message: 'the verdict must be 1 (accept) or 2 (reject)' },
    6019: { name: 'UnknownKind', message: 'unknown kind of listing: 1 compute, 2 dataset, 3 model, 4 labelling' },
    6020: {
        name: 'ListingOutOfRange',
        message: 'listing terms out of range: price must be positive and the uri at most 96 bytes',
    },
    6021: { name: 'KindNotOrderable', message: 'orders on this kind of listing are not supported yet: order compute' },
    6022: { name: 'ListingInactive', message: 'the listing is inactive: choose another or ask its seller' },
    6023: {
        name: 'ListingChanged',
        message: 'the listing changed since the buyer looked: read it again and order its new version',
    },
    6024: { name: 'ListingBusy', message: 'the listing has open orders: settle them first' },
    6025: {
        name: 'PriceAboveLimit',
        message: "the total price is above the buyer's limit: raise max_total or lower the quantity",
    },
    6026: { name: 'NoQuantity', message: 'the quantity must be positive' },
    6027: { name: 'SelfOrder', message: 'the seller may not order from itself' },
    6028: { name: 'WrongState', message: 'the order is not in a state that allows this: read it again' },
    6029: { name: 'DeadlinePassed', message: 'the deadline has passed: the order can only be settled now' },
    6030: { name: 'DeadlineNotPassed', message: 'the deadline has not passed: wait for it' },
    6031: { name: 'EmptyResult', message: "the result must not be empty: submit the job root and the log's address" },
    6032: {
        name: 'AuditTooEarly',
        message: 'the slots that seed the audit are not over yet: try again in some seconds',
    },
    6033: { name: 'DisputeWindowOver', message: 'the dispute window is over: the verdict stands' },
    6034: { name: 'DisputeWindowOpen', message: 'the dispute window is still open: settle after it' },
    6035: { name: 'AlreadyDisputed', message: 'the order was disputed already: a resolution is final' },
    6036: { name: 'PayableAboveAmount', message: 'the payable amount is above what the order holds' },
    6037: { name: 'NothingPayable', message: 'the verdict does not pay the seller: refund instead of release' },
    6038: { name: 'OrderIsPayable', message: 'the verdict pays the seller: release instead of refund' },
    6039: {
        name: 'WrongTokenAccount',
        message: "wrong token account: it must be of the order's mint and belong to the party that is paid",
    },
    6040: { name: 'AlreadyAwarded', message: "this order's seller was awarded already" },
    6041: {
        name: 'AwardPending',
        message: 'points for this order can still be awarded: award first, or wait for the award window to end',
    },
    6042: { name: 'VaultShort', message: 'the vault holds less than its order: stop and report this' },
    6043: {
        name: 'WrongSysvar',
        message: 'not the sysvar of slot hashes: pass SysvarS1otHashes111111111111111111111111111',
    },
    6044: { name: 'Overflow', message: 'arithmetic overflow: the numbers given are too large' },
} as const satisfies Record<number, { name: string; message: string }>;
