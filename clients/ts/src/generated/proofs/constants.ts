// Generated from the IDL by scripts/generate.mjs: do not edit.

/** A chunk decrypts to something else than promised. */
export const FAULT_CHUNK = 1;

/** The sealed key does not open to the content key. */
export const FAULT_KEY = 2;

/** Labels are not faulty but counted. */
export const FAULT_NONE = 0;

/** The most gold items of a task. */
export const MAX_GOLD = 64n;

/** A comparison with gold labels. */
export const VERDICT_KIND_GOLD = 4;

/** A proof of a wrong delivery. */
export const VERDICT_KIND_PROOF = 3;

/** Never changes again. */
export const VERDICT_STATE_FINAL = 2;

/** The gold is shown; answers are being compared. */
export const VERDICT_STATE_OPEN = 1;
