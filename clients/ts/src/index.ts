/** Client of AIxBlock's on-chain programs: `market`, `rewards` and so on are generated from their IDL. */
export * from './generated/index.js';
export { type PlatformEvent, type TransactionResponse, readEvents } from './events.js';
export { FRAMEWORK_ERRORS, ProgramError, type ProgramName, toProgramError } from './errors.js';
export { type SealSubject, sealCommitment } from './seal.js';
export { SendError, type SendOptions, type SendRpc, send } from './send.js';
export { linkSource, orderSource } from './source.js';
