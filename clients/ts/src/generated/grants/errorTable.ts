// Generated from the IDL by scripts/generate.mjs: do not edit.

/** Name and message of each error of the program, by its code. */
export const GRANTS_ERRORS = {
    6000: { name: 'NotUpgradeAuthority', message: "only the program's upgrade authority may initialize: sign with it" },
    6001: { name: 'NotAdmin', message: 'only the administrator may do this: sign with the key in the config' },
    6002: { name: 'NotPendingAdmin', message: 'only the proposed administrator may accept: propose this key first' },
    6003: {
        name: 'NotReviewer',
        message: 'only the reviewer or the administrator reviews: sign with a key in the config',
    },
    6004: {
        name: 'NotRecipient',
        message: "only the proposal's recipient submits its milestones: sign with the recipient's key",
    },
    6005: {
        name: 'MayNotCancel',
        message: 'a proposal is cancelled by its proposer while votes are cast, or by the administrator once approved',
    },
    6006: { name: 'NotRentPayer', message: 'only who paid the rent may close the proposal: sign with that key' },
    6007: {
        name: 'SettingOutOfRange',
        message:
            'setting out of range: votes 1 second to 27 days, review 1 second to 366 days, approval 5,000 to 9,999 bps, quorum and points to propose at least 1, bond floor at most the quorum',
    },
    6008: { name: 'UnknownPauseBit', message: 'unknown pause bit: 1 new proposals, 2 approvals' },
    6009: {
        name: 'AllocationOutOfRange',
        message: "the allocation must be positive and at most 5.25 % of the mint's supply: lower it",
    },
    6010: { name: 'AllocationExceeded', message: 'the allocation would be passed: fund less' },
    6011: { name: 'NoAmount', message: 'the amount must be positive' },
    6012: { name: 'Paused', message: 'this kind of action is paused: try again when the administrator resumes it' },
    6013: { name: 'ProposalOutOfOrder', message: "proposals are opened in order: use the config's next number" },
    6014: {
        name: 'NotTheEpoch',
        message: 'the rewards epoch does not hold the present: pass the one that does, once it is open',
    },
    6015: { name: 'TooFewPoints', message: 'too few points from before this month: earn more, and propose next month' },
    6016: {
        name: 'TermsOutOfRange',
        message:
            'terms out of range: a recipient, a metadata hash, 1 to 8 milestones with positive amounts, and zeros after them',
    },
    6017: {
        name: 'DueOutOfRange',
        message: 'milestones must be due after the vote, in order, and within five years: correct the times',
    },
    6018: {
        name: 'FundsShort',
        message: 'the pool holds less than the proposal asks for: ask for less, or wait for funds',
    },
    6019: { name: 'WrongState', message: 'the proposal is not in a state that allows this: read it again' },
    6020: { name: 'VoteOver', message: 'the vote is over: it can only be tallied now' },
    6021: { name: 'VoteNotOver', message: 'the vote is not over: wait for its end' },
    6022: { name: 'UnknownChoice', message: 'unknown choice: 1 in favour, 2 against, 3 abstained' },
    6023: {
        name: 'NoWeight',
        message: 'no points from before the month in which the proposal was opened: vote on a later one',
    },
    6024: {
        name: 'HistoryTooShort',
        message: "the points at the proposal's opening are no longer on record: this vote came more than a month later",
    },
    6025: {
        name: 'MilestoneOutOfOrder',
        message: "milestones are submitted, reviewed and paid in order: use the proposal's next one",
    },
    6026: {
        name: 'WrongMilestoneState',
        message: 'the milestone is not in a state that allows this: read the proposal again',
    },
    6027: { name: 'EmptyEvidence', message: 'the evidence must not be empty: submit the hash of what was delivered' },
    6028: { name: 'MilestoneLate', message: 'the milestone is late: the proposal can only be expired now' },
    6029: { name: 'MilestoneNotLate', message: 'the next milestone is not late: wait until it is due' },
    6030: {
        name: 'UnderReview',
        message: "the milestone is under review: wait for the reviewer, or until the review's time is over",
    },
    6031: { name: 'ReviewOver', message: "the review's time is over: the recipient must submit the milestone again" },
    6032: {
        name: 'StillOwes',
        message: 'the proposal still owes: pay its accepted milestones and return its bond first',
    },
    6033: { name: 'NoBond', message: 'there is no bond to return: it is still held, was lost, or is back already' },
    6034: {
        name: 'WrongTokenAccount',
        message: "wrong token account: it must be of the config's mint and belong to the party that is paid",
    },
    6035: { name: 'WrongRentPayer', message: 'wrong account for the rent: pass the one that paid it' },
    6036: { name: 'WrongMint', message: "wrong token: pass the config's mint" },
    6037: { name: 'VaultShort', message: 'the vault holds less than is owed: stop and report this' },
    6038: { name: 'Insolvent', message: 'more would be promised and paid than came in: stop and report this' },
    6039: { name: 'Overflow', message: 'arithmetic overflow: the numbers given are too large' },
    6040: {
        name: 'MintTakesFees',
        message: 'the mint takes a fee from transfers: use a mint without the transfer-fee extension',
    },
    6041: {
        name: 'MintHasHook',
        message: 'transfers of the mint run another program: use a mint without the transfer-hook extension',
    },
    6042: {
        name: 'MintHasDelegate',
        message: "somebody can move the mint's tokens out of any account: use a mint without a permanent delegate",
    },
    6043: {
        name: 'MintExtensionRefused',
        message: 'the mint has an extension that is not on the allow-list (docs: tokens): use another mint',
    },
} as const satisfies Record<number, { name: string; message: string }>;
