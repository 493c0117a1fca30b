// Generated from the IDL by scripts/generate.mjs: do not edit.

import { type Decoder, type ReadonlyUint8Array, containsBytes } from '@solana/kit';
import {
    getBondDepositedEventDecoder,
    type BondDepositedEvent,
    getBondWithdrawnEventDecoder,
    type BondWithdrawnEvent,
    getConfigChangedEventDecoder,
    type ConfigChangedEvent,
    getOracleClosedEventDecoder,
    type OracleClosedEvent,
    getOracleRegisteredEventDecoder,
    type OracleRegisteredEvent,
    getPanelClosedEventDecoder,
    type PanelClosedEvent,
    getPanelConvenedEventDecoder,
    type PanelConvenedEvent,
    getPanelDrawnEventDecoder,
    type PanelDrawnEvent,
    getPanelPostponedEventDecoder,
    type PanelPostponedEvent,
    getPanelVoteSealedEventDecoder,
    type PanelVoteSealedEvent,
    getPanelVotedEventDecoder,
    type PanelVotedEvent,
    getRecordClosedEventDecoder,
    type RecordClosedEvent,
    getSealsClosedEventDecoder,
    type SealsClosedEvent,
    getUnbondRequestedEventDecoder,
    type UnbondRequestedEvent,
    getVoteRecordedEventDecoder,
    type VoteRecordedEvent,
    getVoteSealedEventDecoder,
    type VoteSealedEvent,
} from './types/index.js';

/** What every event instruction starts with, before the event's own discriminator. */
const TAG = new Uint8Array([228, 69, 165, 46, 81, 203, 154, 29]);

/** An event of the program, by its name. */
export type OraclesEvent =
    | { name: 'BondDeposited'; data: BondDepositedEvent }
    | { name: 'BondWithdrawn'; data: BondWithdrawnEvent }
    | { name: 'ConfigChanged'; data: ConfigChangedEvent }
    | { name: 'OracleClosed'; data: OracleClosedEvent }
    | { name: 'OracleRegistered'; data: OracleRegisteredEvent }
    | { name: 'PanelClosed'; data: PanelClosedEvent }
    | { name: 'PanelConvened'; data: PanelConvenedEvent }
    | { name: 'PanelDrawn'; data: PanelDrawnEvent }
    | { name: 'PanelPostponed'; data: PanelPostponedEvent }
    | { name: 'PanelVoteSealed'; data: PanelVoteSealedEvent }
    | { name: 'PanelVoted'; data: PanelVotedEvent }
    | { name: 'RecordClosed'; data: RecordClosedEvent }
    | { name: 'SealsClosed'; data: SealsClosedEvent }
    | { name: 'UnbondRequested'; data: UnbondRequestedEvent }
    | { name: 'VoteRecorded'; data: VoteRecordedEvent }
    | { name: 'VoteSealed'; data: VoteSealedEvent };

/** Name, discriminator and decoder (of discriminator and fields) of each event of the program. */
export const ORACLES_EVENTS: readonly {
    name: OraclesEvent['name'];
    discriminator: ReadonlyUint8Array;
    decoder: () => Decoder<OraclesEvent['data']>;
}[] = [
    {
        name: 'BondDeposited',
        discriminator: new Uint8Array([210, 149, 47, 232, 72, 128, 248, 153]),
        decoder: getBondDepositedEventDecoder,
    },
    {
        name: 'BondWithdrawn',
        discriminator: new Uint8Array([111, 192, 154, 231, 58, 115, 130, 103]),
        decoder: getBondWithdrawnEventDecoder,
    },
    {
        name: 'ConfigChanged',
        discriminator: new Uint8Array([147, 25, 86, 98, 98, 77, 78, 192]),
        decoder: getConfigChangedEventDecoder,
    },
    {
        name: 'OracleClosed',
        discriminator: new Uint8Array([205, 229, 1, 107, 243, 212, 142, 16]),
        decoder: getOracleClosedEventDecoder,
    },
    {
        name: 'OracleRegistered',
        discriminator: new Uint8Array([97, 225, 241, 71, 180, 49, 38, 60]),
        decoder: getOracleRegisteredEventDecoder,
    },
    {
        name: 'PanelClosed',
        discriminator: new Uint8Array([113, 26, 126, 21, 187, 42, 161, 42]),
        decoder: getPanelClosedEventDecoder,
    },
    {
        name: 'PanelConvened',
        discriminator: new Uint8Array([52, 12, 204, 177, 173, 46, 99, 251]),
        decoder: getPanelConvenedEventDecoder,
    },
    {
        name: 'PanelDrawn',
        discriminator: new Uint8Array([165, 19, 185, 162, 177, 32, 193, 198]),
        decoder: getPanelDrawnEventDecoder,
    },
    {
        name: 'PanelPostponed',
        discriminator: new Uint8Array([85, 188, 12, 30, 42, 231, 194, 148]),
        decoder: getPanelPostponedEventDecoder,
    },
    {
        name: 'PanelVoteSealed',
        discriminator: new Uint8Array([28, 64, 161, 33, 11, 117, 202, 229]),
        decoder: getPanelVoteSealedEventDecoder,
    },
    {
        name: 'PanelVoted',
        discriminator: new Uint8Array([145, 41, 151, 172, 35, 40, 51, 154]),
        decoder: getPanelVotedEventDecoder,
    },
    {
        name: 'RecordClosed',
        discriminator: new Uint8Array([99, 152, 89, 8, 23, 79, 153, 2]),
        decoder: getRecordClosedEventDecoder,
    },
    {
        name: 'SealsClosed',
        discriminator: new Uint8Array([199, 19, 80, 195, 51, 216, 31, 1]),
        decoder: getSealsClosedEventDecoder,
    },
    {
        name: 'UnbondRequested',
        discriminator: new Uint8Array([237, 10, 226, 141, 212, 122, 234, 197]),
        decoder: getUnbondRequestedEventDecoder,
    },
    {
        name: 'VoteRecorded',
        discriminator: new Uint8Array([72, 160, 49, 123, 215, 219, 68, 221]),
        decoder: getVoteRecordedEventDecoder,
    },
    {
        name: 'VoteSealed',
        discriminator: new Uint8Array([33, 191, 66, 236, 53, 220, 158, 81]),
        decoder: getVoteSealedEventDecoder,
    },
];

/**
 * Reads the data of an inner instruction of the program; nothing where it is not an event instruction.
 * Throws where the event is unknown or its bytes are not exactly its fields.
 */
export function decodeOraclesEvent(data: ReadonlyUint8Array): OraclesEvent | undefined {
    if (!containsBytes(data, TAG, 0)) return undefined;
    const event = ORACLES_EVENTS.find(({ discriminator }) => containsBytes(data, discriminator, TAG.length));
    if (!event)
        throw new Error('oracles emitted an event that this client does not know: use one of the deployed version');
    const [fields, end] = event.decoder().read(data, TAG.length);
    if (end !== data.length)
        throw new Error(
            `${event.name} of oracles has ${data.length - end} bytes too many: use a client of the deployed version`,
        );
    return { name: event.name, data: fields } as OraclesEvent;
}
