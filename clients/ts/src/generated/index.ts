// Generated from the IDL by scripts/generate.mjs: do not edit.

import { GRANTS_PROGRAM_ADDRESS, GRANTS_ERRORS, decodeGrantsEvent } from './grants/index.js';
import { MARKET_PROGRAM_ADDRESS, MARKET_ERRORS, decodeMarketEvent } from './market/index.js';
import { ORACLES_PROGRAM_ADDRESS, ORACLES_ERRORS, decodeOraclesEvent } from './oracles/index.js';
import { PROOFS_PROGRAM_ADDRESS, PROOFS_ERRORS, decodeProofsEvent } from './proofs/index.js';
import { RENTAL_PROGRAM_ADDRESS, RENTAL_ERRORS, decodeRentalEvent } from './rental/index.js';
import { REWARDS_PROGRAM_ADDRESS, REWARDS_ERRORS, decodeRewardsEvent } from './rewards/index.js';
export * as grants from './grants/index.js';
export * as market from './market/index.js';
export * as oracles from './oracles/index.js';
export * as proofs from './proofs/index.js';
export * as rental from './rental/index.js';
export * as rewards from './rewards/index.js';

/** Every program of the platform. */
export const PROGRAMS = [
    { name: 'grants', address: GRANTS_PROGRAM_ADDRESS, errors: GRANTS_ERRORS, decodeEvent: decodeGrantsEvent },
    { name: 'market', address: MARKET_PROGRAM_ADDRESS, errors: MARKET_ERRORS, decodeEvent: decodeMarketEvent },
    { name: 'oracles', address: ORACLES_PROGRAM_ADDRESS, errors: ORACLES_ERRORS, decodeEvent: decodeOraclesEvent },
    { name: 'proofs', address: PROOFS_PROGRAM_ADDRESS, errors: PROOFS_ERRORS, decodeEvent: decodeProofsEvent },
    { name: 'rental', address: RENTAL_PROGRAM_ADDRESS, errors: RENTAL_ERRORS, decodeEvent: decodeRentalEvent },
    { name: 'rewards', address: REWARDS_PROGRAM_ADDRESS, errors: REWARDS_ERRORS, decodeEvent: decodeRewardsEvent },
] as const;
