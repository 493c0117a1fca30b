// Generated from the IDL by scripts/generate.mjs: do not edit.

/** By the renter before the start. */
export const END_REASON_CANCELLED = 1;

/** The provider did not start in time. */
export const END_REASON_NOT_STARTED = 2;

/** By one of the parties, or by anyone once its hours were over. */
export const END_REASON_STOPPED = 3;

/** All of the deposit is where it belongs; the vault is gone. */
export const RENTAL_STATE_ENDED = 3;

/** In the vault, waiting for the provider until `accept_by`. */
export const RENTAL_STATE_REQUESTED = 1;

/** Each second earns, until `ends_at`. */
export const RENTAL_STATE_RUNNING = 2;
