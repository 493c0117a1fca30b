// Generated from the IDL by scripts/generate.mjs: do not edit.

import { MARKET_PROGRAM_ADDRESS, MARKET_ERRORS, decodeMarketEvent } from './market/index.js';
import { REWARDS_PROGRAM_ADDRESS, REWARDS_ERRORS, decodeRewardsEvent } from './rewards/index.js';
export * as market from './market/index.js';
export * as rewards from './rewards/index.js';

/** Every program of the platform. */
export const PROGRAMS = [
    { name: 'market', address: MARKET_PROGRAM_ADDRESS, errors: MARKET_ERRORS, decodeEvent: decodeMarketEvent },
    { name: 'rewards', address: REWARDS_PROGRAM_ADDRESS, errors: REWARDS_ERRORS, decodeEvent: decodeRewardsEvent },
] as const;
