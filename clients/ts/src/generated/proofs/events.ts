// Generated from the IDL by scripts/generate.mjs: do not edit.

import { type Decoder, type ReadonlyUint8Array, containsBytes } from '@solana/kit';
import {
    getAnswersOpenedEventDecoder,
    type AnswersOpenedEvent,
    getChunkClaimedEventDecoder,
    type ChunkClaimedEvent,
    getClaimClosedEventDecoder,
    type ClaimClosedEvent,
    getFaultProvenEventDecoder,
    type FaultProvenEvent,
    getGoldJudgedEventDecoder,
    type GoldJudgedEvent,
    getGoldOpenedEventDecoder,
    type GoldOpenedEvent,
    getVerdictClosedEventDecoder,
    type VerdictClosedEvent,
} from './types/index.js';

/** What every event instruction starts with, before the event's own discriminator. */
const TAG = new Uint8Array([228, 69, 165, 46, 81, 203, 154, 29]);

/** An event of the program, by its name. */
export type ProofsEvent =
    | { name: 'AnswersOpened'; data: AnswersOpenedEvent }
    | { name: 'ChunkClaimed'; data: ChunkClaimedEvent }
    | { name: 'ClaimClosed'; data: ClaimClosedEvent }
    | { name: 'FaultProven'; data: FaultProvenEvent }
    | { name: 'GoldJudged'; data: GoldJudgedEvent }
    | { name: 'GoldOpened'; data: GoldOpenedEvent }
    | { name: 'VerdictClosed'; data: VerdictClosedEvent };

/** Name, discriminator and decoder (of discriminator and fields) of each event of the program. */
export const PROOFS_EVENTS: readonly {
    name: ProofsEvent['name'];
    discriminator: ReadonlyUint8Array;
    decoder: () => Decoder<ProofsEvent['data']>;
}[] = [
    {
        name: 'AnswersOpened',
        discriminator: new Uint8Array([204, 44, 31, 109, 67, 111, 95, 133]),
        decoder: getAnswersOpenedEventDecoder,
    },
    {
        name: 'ChunkClaimed',
        discriminator: new Uint8Array([96, 206, 140, 218, 9, 56, 199, 159]),
        decoder: getChunkClaimedEventDecoder,
    },
    {
        name: 'ClaimClosed',
        discriminator: new Uint8Array([73, 155, 63, 71, 195, 114, 28, 232]),
        decoder: getClaimClosedEventDecoder,
    },
    {
        name: 'FaultProven',
        discriminator: new Uint8Array([172, 112, 187, 131, 69, 183, 194, 48]),
        decoder: getFaultProvenEventDecoder,
    },
    {
        name: 'GoldJudged',
        discriminator: new Uint8Array([104, 197, 244, 207, 134, 80, 220, 185]),
        decoder: getGoldJudgedEventDecoder,
    },
    {
        name: 'GoldOpened',
        discriminator: new Uint8Array([37, 62, 2, 56, 161, 118, 118, 137]),
        decoder: getGoldOpenedEventDecoder,
    },
    {
        name: 'VerdictClosed',
        discriminator: new Uint8Array([236, 189, 17, 17, 195, 151, 33, 242]),
        decoder: getVerdictClosedEventDecoder,
    },
];

/**
 * Reads the data of an inner instruction of the program; nothing where it is not an event instruction.
 * Throws where the event is unknown or its bytes are not exactly its fields.
 */
export function decodeProofsEvent(data: ReadonlyUint8Array): ProofsEvent | undefined {
    if (!containsBytes(data, TAG, 0)) return undefined;
    const event = PROOFS_EVENTS.find(({ discriminator }) => containsBytes(data, discriminator, TAG.length));
    if (!event)
        throw new Error('proofs emitted an event that this client does not know: use one of the deployed version');
    const [fields, end] = event.decoder().read(data, TAG.length);
    if (end !== data.length)
        throw new Error(
            `${event.name} of proofs has ${data.length - end} bytes too many: use a client of the deployed version`,
        );
    return { name: event.name, data: fields } as ProofsEvent;
}
