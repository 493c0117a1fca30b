// Generated from the IDL by scripts/generate.mjs: do not edit.

/** The longest way out of a bond, in seconds: five years, enough for the longest windows that the market allows. */
export const MAX_UNBONDING_SECONDS = 158112000;

/** Convened, and waits for its seed. */
export const PANEL_STATE_CONVENED = 1;

/** It has a verdict, which never changes again. The market knows this number, as that of a final verdict. */
export const PANEL_STATE_FINAL = 2;

/** Its members are drawn, and seal and show their votes. */
export const PANEL_STATE_SITTING = 3;

/** Seconds after its settlement in which the votes on an order can be recorded. An order's record is kept for as long. */
export const RECORD_SECONDS = 1209600;
