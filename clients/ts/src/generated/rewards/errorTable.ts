// Generated from the IDL by scripts/generate.mjs: do not edit.

/** Name and message of each error of the program, by its code. */
export const REWARDS_ERRORS = {
    6000: { name: 'NotUpgradeAuthority', message: "only the program's upgrade authority may initialize: sign with it" },
    6001: { name: 'NotAdmin', message: 'only the administrator may do this: sign with the key in the config' },
    6002: { name: 'NotPendingAdmin', message: 'only the proposed administrator may accept: propose this key first' },
    6003: {
        name: 'SettingOutOfRange',
        message:
            'setting out of range: below-threshold share at most 10,000 bps, windows positive and at most 366 days',
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
        message: 'the pools opened so far and this one pass the lifetime allocation: open a smaller pool',
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
    6024: { name: 'VaultShort', message: 'the vault holds less than its epoch owes: stop and report this' },
} as const satisfies Record<number, { name: string; message: string }>;
