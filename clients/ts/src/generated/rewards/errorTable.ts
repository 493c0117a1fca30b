// Generated from the IDL by scripts/generate.mjs: do not edit.

/** Name and message of each error of the program, by its code. */
export const REWARDS_ERRORS = {
    6000: { name: 'NotUpgradeAuthority', message: "only the program's upgrade authority may initialize: sign with it" },
    6001: { name: 'NotAdmin', message: 'only the administrator may do this: sign with the key in the config' },
    6002: { name: 'NotPendingAdmin', message: 'only the proposed administrator may accept: propose this key first' },
    6003: {
        name: 'SettingOutOfRange',
        message:
            'setting out of range: shares at most 10,000 bps, windows positive and at most 366 days, at least 28 days to claim, at least a day of delay for the reserve, a confirmer where awards need one',
    },
    6004: { name: 'AwardsPaused', message: 'awards are paused: try again when the administrator resumes them' },
    6005: {
        name: 'CategoryOutOfRange',
        message: 'category terms out of range: weight and quantities must be positive and minimum at most maximum',
    },
    6006: { name: 'CategoryDisabled', message: 'the category is disabled: choose an enabled one' },
    6007: {
        name: 'QuantityOutOfBounds',
        message: "quantity outside the category's bounds: split or correct the award",
    },
    6008: { name: 'IssuerDisabled', message: 'the issuer is disabled: ask the administrator to enable it' },
    6009: {
        name: 'IssuerCapReached',
        message: "the award would pass the issuer's cap for this epoch: wait for the next one or raise the cap",
    },
    6010: { name: 'EpochOutOfOrder', message: "epochs are opened in order: use the config's next index" },
    6011: {
        name: 'EpochNotAdjacent',
        message: 'an epoch must start where the previous one ends: pass that second as start',
    },
    6012: {
        name: 'EpochNotAMonth',
        message: 'an epoch must be one calendar month in UTC (epoch 0 may start at any time): correct start and end',
    },
    6013: {
        name: 'AllocationExceeded',
        message: 'the months and the pool of epoch 0 together pass 9.75 % of the supply: schedule or convert less',
    },
    6014: { name: 'EpochNotOpen', message: 'the epoch is not open: award in the epoch that is' },
    6015: {
        name: 'OutsideEpoch',
        message: 'the time now is outside the epoch: award in the epoch that holds the present',
    },
    6016: { name: 'EpochNotEnded', message: 'the epoch has not ended: close it after its last second' },
    6017: { name: 'EpochNotInReview', message: 'the epoch is not in review: close it first' },
    6018: { name: 'ReviewNotOver', message: 'the review window is still open: finalize after it' },
    6019: { name: 'EpochNotFinal', message: 'the epoch is not final: claim after it was finalized' },
    6020: { name: 'AlreadyClaimed', message: 'these points were claimed already: each share is paid once' },
    6021: { name: 'WrongMint', message: "wrong token: the account must be of the config's mint" },
    6022: {
        name: 'WrongDestination',
        message: "the destination must be a token account that the contributor's wallet owns",
    },
    6023: { name: 'Overflow', message: 'arithmetic overflow: the numbers given are too large' },
    6024: { name: 'VaultShort', message: 'the vault holds less than it owes: stop and report this' },
    6025: {
        name: 'NotReviewer',
        message: "only the administrator or the award's issuer may void it: sign with one of these keys",
    },
    6026: { name: 'NotConfirmer', message: 'only the confirmer may confirm an award: sign with the key in the config' },
    6027: { name: 'ConfirmerIsIssuer', message: 'the key that issued an award may not confirm it: a second key must' },
    6028: {
        name: 'AwardNotPending',
        message: 'the award does not wait for a confirmation: it counts already or is void',
    },
    6029: {
        name: 'AwardIsVoid',
        message: 'the award is void already: award the corrected contribution under a source of its own',
    },
    6030: { name: 'ReviewOver', message: 'the review is over: awards of this epoch stand as they are' },
    6031: { name: 'EpochExpired', message: 'the epoch has expired: what was not claimed in time went to the reserve' },
    6032: { name: 'EpochNotExpired', message: 'the epoch has not expired: expire it first' },
    6033: { name: 'ClaimsOpen', message: 'shares can still be claimed: expire the epoch after the time to claim' },
    6034: { name: 'NothingToClaim', message: 'there is nothing to claim: earn points first' },
    6035: { name: 'ShareUnclaimed', message: 'the share was not claimed: claim it, or let the epoch expire first' },
    6036: { name: 'AwardCounts', message: 'an award that counts is kept, so that its source never scores again' },
    6037: { name: 'TgeNotDone', message: 'the token generation event comes first: convert the points of epoch 0' },
    6038: { name: 'TgeDone', message: 'the points of epoch 0 were converted already: this is done once' },
    6039: { name: 'NotEpochZero', message: 'only epoch 0 is converted: pass its account' },
    6040: {
        name: 'MonthOutOfRange',
        message: 'months are 1 to 120, 1 to 12 at a time, and none whose epoch is open: correct the range',
    },
    6041: { name: 'SpendOutOfOrder', message: "spends are proposed in order: use the config's next number" },
    6042: { name: 'SpendNotDue', message: "the spend's delay is not over: execute it after that" },
    6043: {
        name: 'SpendExpired',
        message: 'the spend was not executed within 30 days: cancel it and propose it again',
    },
    6044: {
        name: 'OutflowLimit',
        message: 'the spend would pass the limit of this window: execute it in the next one or raise the limit',
    },
    6045: { name: 'ReserveShort', message: 'the reserve holds less than the spend: wait for it to fill' },
    6046: { name: 'WrongRentPayer', message: 'rent goes back to who paid it: pass that account' },
    6047: { name: 'NoAmount', message: 'the amount must be positive: name one' },
    6048: { name: 'MintTakesFees', message: 'the mint takes a fee of each transfer: use another token' },
    6049: { name: 'MintHasHook', message: 'the mint runs another program in each transfer: use another token' },
    6050: {
        name: 'MintHasDelegate',
        message: 'the mint lets somebody move tokens out of any account: use another token',
    },
    6051: {
        name: 'MintExtensionRefused',
        message: 'the mint has an extension that is not on the list of those allowed: use another token',
    },
} as const satisfies Record<number, { name: string; message: string }>;
