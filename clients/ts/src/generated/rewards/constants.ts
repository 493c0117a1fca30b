// Generated from the IDL by scripts/generate.mjs: do not edit.

/** The split is fixed; contributors claim. */
export const EPOCH_STATE_FINAL = 3;

/** Awards are issued. */
export const EPOCH_STATE_OPEN = 1;

/** Over; awards are being reviewed. */
export const EPOCH_STATE_REVIEW = 2;
