// Generated from the IDL by scripts/generate.mjs: do not edit.

/** The longest way out of a bond, in seconds: five years, enough for the longest windows that the market allows. */
export const MAX_UNBONDING_SECONDS = 158112000;

/** Seconds after its settlement in which the votes on an order can be recorded. An order's record is kept for as long. */
export const RECORD_SECONDS = 1209600;
