// Generated from the IDL by scripts/generate.mjs: do not edit.

/** Its points count. */
export const AWARD_STATE_COUNTED = 1;

/** Its points count once the second key confirms it. */
export const AWARD_STATE_PENDING = 2;

/** Taken back. */
export const AWARD_STATE_VOID = 3;

/** What nobody claimed went to the reserve. */
export const EPOCH_STATE_EXPIRED = 4;

/** The split is fixed; contributors claim. */
export const EPOCH_STATE_FINAL = 3;

/** Awards are issued. */
export const EPOCH_STATE_OPEN = 1;

/** Over; awards are being reviewed. */
export const EPOCH_STATE_REVIEW = 2;

/** Months in the schedule. */
export const MAX_MONTHS = 120n;
