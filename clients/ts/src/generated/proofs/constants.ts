// Generated from the IDL by scripts/generate.mjs: do not edit.

/** First of the three slots of the state after it. */
export const AFTER = 20n;

/** First of the three slots of the state before the step. */
export const BEFORE = 17n;

/** A chunk decrypts to something else than promised. */
export const FAULT_CHUNK = 1;

/** The sealed key does not open to the content key. */
export const FAULT_KEY = 2;

/** A training job's commitments contradict each other, its shape or its manifest. */
export const FAULT_LOG = 3;

/** Labels are not faulty but counted. */
export const FAULT_NONE = 0;

/** A step's mean gradient is not the mean of its ranks' gradients. */
export const FAULT_REDUCTION = 4;

/** A step's new state is not what the optimiser makes of the old one and the mean gradient. */
export const FAULT_UPDATE = 5;

/** The most gold items of a task. */
export const MAX_GOLD = 64n;

/** The longest layout of a state, in bytes: about 120 tensors. */
export const MAX_LAYOUT = 8192n;

/** The most virtual ranks of a job that is computed again. */
export const MAX_RANKS = 16n;

/** Slot of the mean gradient; the ranks' gradients are before it. */
export const REDUCED = 16n;

/** The state before that step too. */
export const SHOWN_BEFORE = 3;

/** A segment. */
export const SHOWN_SEGMENT = 1;

/** A step of it. */
export const SHOWN_STEP = 2;

/** Values of one element of a step that evidence can hold: the gradient of each virtual rank, the mean gradient, then parameter, first and second moment before the step and after it. */
export const SLOTS = 23n;

/** A comparison with gold labels. */
export const VERDICT_KIND_GOLD = 4;

/** A proof of a wrong delivery. */
export const VERDICT_KIND_PROOF = 3;

/** A proof that a training job contradicts itself or its arithmetic. */
export const VERDICT_KIND_TRAINING = 1;

/** Never changes again. */
export const VERDICT_STATE_FINAL = 2;

/** The gold is shown; answers are being compared. */
export const VERDICT_STATE_OPEN = 1;
