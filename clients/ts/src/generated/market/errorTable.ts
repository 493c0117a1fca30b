// Generated from the IDL by scripts/generate.mjs: do not edit.

/** Name and message of each error of the program, by its code. */
export const MARKET_ERRORS = {
    6000: { name: 'NotUpgradeAuthority', message: "only the program's upgrade authority may initialize: sign with it" },
    6001: { name: 'NotAdmin', message: 'only the administrator may do this: sign with the key in the config' },
    6002: { name: 'NotPendingAdmin', message: 'only the proposed administrator may accept: propose this key first' },
    6003: { name: 'NotSeller', message: "only the listing's seller may do this: sign with the seller's key" },
    6004: { name: 'NotBuyer', message: "only the order's buyer may do this: sign with the buyer's key" },
    6005: {
        name: 'NotAParty',
        message:
            'a dispute of this order costs no bond, so only its buyer or seller may open one: sign with one of their keys',
    },
    6006: { name: 'FavouredSide', message: 'the verdict favours this side already: only somebody else may dispute it' },
    6007: {
        name: 'NotFavoured',
        message:
            "only the side that the verdict favours, or a member of the order's oracle set, may answer the dispute: sign with its key, and pass the set",
    },
    6008: { name: 'FeeTooHigh', message: 'fee above the cap of 1,000 bps: choose a lower one' },
    6009: {
        name: 'SettingOutOfRange',
        message:
            'setting out of range: windows must be 1 second to 366 days, at least one mint allowed, bonds and the sum of the shares of a lost one at most 10,000 bps',
    },
    6010: { name: 'Paused', message: 'this kind of action is paused: try again when the administrator resumes it' },
    6011: { name: 'MintNotAllowed', message: 'the mint is not allowed: use one from the config' },
    6012: {
        name: 'OracleSetOutOfRange',
        message: 'oracle set out of range: 1 to 16 different members, threshold more than half and at most all of them',
    },
    6013: { name: 'OracleSetOutOfOrder', message: "oracle sets are made in order: use the config's next version" },
    6014: { name: 'WrongOracleSet', message: 'the order pinned another oracle set: pass that one' },
    6015: { name: 'OracleSetRetired', message: 'the oracle set is retired: its votes no longer count' },
    6016: {
        name: 'NoOracleSet',
        message: 'there is no oracle set yet, or the current one is retired: the administrator must create one',
    },
    6017: {
        name: 'NotBonded',
        message:
            "the oracle set asks its members for a bond: pass the oracle's account in the oracles program, with at least that much bonded",
    },
    6018: { name: 'NotAnOracle', message: "not a member of the order's oracle set: vote with a member's key" },
    6019: { name: 'AlreadyVoted', message: 'this oracle voted already: each member votes once' },
    6020: {
        name: 'NotSealed',
        message: 'no vote on the order is sealed: seal it with the oracles program in the first half of the audit',
    },
    6021: {
        name: 'SealingOpen',
        message: 'members can still seal their votes: show this one when all have, or half of the audit is over',
    },
    6022: {
        name: 'OtherVoteSealed',
        message: 'this oracle sealed another vote, or none: show the verdict and the salt that it sealed',
    },
    6023: {
        name: 'VoteOnOtherResult',
        message: 'the vote is about another result: vote on the root that the order carries',
    },
    6024: { name: 'UnknownVerdict', message: 'the verdict must be 1 (accept) or 2 (reject)' },
    6025: { name: 'UnknownKind', message: 'unknown kind of listing: 1 compute, 2 dataset, 3 model, 4 labelling' },
    6026: {
        name: 'ListingOutOfRange',
        message: 'listing terms out of range: price must be positive and the uri at most 96 bytes',
    },
    6027: {
        name: 'UnitNotOfKind',
        message:
            'this kind of listing has another unit: 1 job or 2 hour for compute, 3 licence for dataset and model, 4 label for labelling',
    },
    6028: {
        name: 'ContentRootMismatch',
        message: 'datasets and models need the Merkle root of their content, other listings must not have one',
    },
    6029: { name: 'MintIsFixed', message: "a listing's mint is fixed: create another listing for another mint" },
    6030: { name: 'RentedByTheHour', message: 'this listing is rented by the hour: rent it with the rental program' },
    6031: {
        name: 'JudgeNotOfKind',
        message:
            'this kind of listing is not judged like that: 1 oracles or 2 approval for compute, 3 proof for dataset and model, 2 approval or 4 gold for labelling',
    },
    6032: { name: 'WrongJudge', message: 'the order is judged in another way: look at its judge' },
    6033: { name: 'ListingInactive', message: 'the listing is inactive: choose another or ask its seller' },
    6034: {
        name: 'ListingChanged',
        message: 'the listing changed since the buyer looked: read it again and order its new version',
    },
    6035: { name: 'ListingBusy', message: 'the listing has open orders: settle them first' },
    6036: {
        name: 'PriceAboveLimit',
        message: "the total price is above the buyer's limit: raise max_total or lower the quantity",
    },
    6037: { name: 'NoQuantity', message: 'the quantity must be positive' },
    6038: { name: 'SelfOrder', message: 'the seller may not order from itself' },
    6039: { name: 'WrongState', message: 'the order is not in a state that allows this: read it again' },
    6040: { name: 'DeadlinePassed', message: 'the deadline has passed: the order can only be settled now' },
    6041: { name: 'DeadlineNotPassed', message: 'the deadline has not passed: wait for it' },
    6042: { name: 'EmptyResult', message: "the result must not be empty: submit the job root and the log's address" },
    6043: {
        name: 'AuditTooEarly',
        message: 'the slots that seed the audit are not over yet: try again in some seconds',
    },
    6044: { name: 'DisputeWindowOver', message: 'the dispute window is over: the verdict stands' },
    6045: { name: 'DisputeWindowOpen', message: 'the dispute window is still open: settle after it' },
    6046: { name: 'AlreadyDisputed', message: 'the order was disputed already: a resolution is final' },
    6047: { name: 'AlreadyAnswered', message: 'the dispute was answered already: wait for its resolution' },
    6048: {
        name: 'NotAnswered',
        message: "the dispute is not answered: without an answer the favoured side loses it at the answer's deadline",
    },
    6049: { name: 'PayableAboveAmount', message: 'the payable amount is above what the order holds' },
    6050: {
        name: 'PartialNotAllowed',
        message:
            'this order is paid in whole or not at all: it was opened without partial payment, or its verdict allows none now',
    },
    6051: {
        name: 'NotAConcession',
        message: 'a concession lowers what the seller is paid: offer less than the verdict pays',
    },
    6052: {
        name: 'WrongVerdict',
        message:
            'not the final verdict of the proofs program on this order: pass the one at its address, after it is final',
    },
    6053: { name: 'NothingPayable', message: 'the verdict does not pay the seller: refund instead of release' },
    6054: { name: 'OrderIsPayable', message: 'the verdict pays the seller: release instead of refund' },
    6055: {
        name: 'WrongTokenAccount',
        message: "wrong token account: it must be of the order's mint and belong to the party that is paid",
    },
    6056: { name: 'AlreadyAwarded', message: "this order's seller was awarded already" },
    6057: {
        name: 'AwardPending',
        message:
            "the order's points can still be awarded, or its disputed votes recorded: do that, or wait for the award window to end",
    },
    6058: {
        name: 'ClosedTooSoon',
        message: 'an order cannot be closed in the second in which it was opened: try again in the next',
    },
    6059: { name: 'VaultShort', message: 'the vault holds less than its order: stop and report this' },
    6060: {
        name: 'WrongSysvar',
        message: 'not the sysvar of slot hashes: pass SysvarS1otHashes111111111111111111111111111',
    },
    6061: { name: 'Overflow', message: 'arithmetic overflow: the numbers given are too large' },
    6062: {
        name: 'MintTakesFees',
        message: 'the mint takes a fee from transfers: use a mint without the transfer-fee extension',
    },
    6063: {
        name: 'MintHasHook',
        message: 'transfers of the mint run another program: use a mint without the transfer-hook extension',
    },
    6064: {
        name: 'MintHasDelegate',
        message: "somebody can move the mint's tokens out of any account: use a mint without a permanent delegate",
    },
    6065: {
        name: 'MintExtensionRefused',
        message: 'the mint has an extension that is not on the allow-list (docs/tokens.md): use another mint',
    },
    6066: {
        name: 'PanelSits',
        message:
            'a panel of oracles has this dispute for the first half of the window of resolution: take its verdict, or decide in the second half',
    },
} as const satisfies Record<number, { name: string; message: string }>;
