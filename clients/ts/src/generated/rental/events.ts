// Generated from the IDL by scripts/generate.mjs: do not edit.

import { type Decoder, type ReadonlyUint8Array, containsBytes } from '@solana/kit';
import {
    getRentalClosedEventDecoder,
    type RentalClosedEvent,
    getRentalEndedEventDecoder,
    type RentalEndedEvent,
    getRentalExtendedEventDecoder,
    type RentalExtendedEvent,
    getRentalOpenedEventDecoder,
    type RentalOpenedEvent,
    getRentalStartedEventDecoder,
    type RentalStartedEvent,
    getRentalWithdrawnEventDecoder,
    type RentalWithdrawnEvent,
} from './types/index.js';

/** What every event instruction starts with, before the event's own discriminator. */
const TAG = new Uint8Array([228, 69, 165, 46, 81, 203, 154, 29]);

/** An event of the program, by its name. */
export type RentalEvent =
    | { name: 'RentalClosed'; data: RentalClosedEvent }
    | { name: 'RentalEnded'; data: RentalEndedEvent }
    | { name: 'RentalExtended'; data: RentalExtendedEvent }
    | { name: 'RentalOpened'; data: RentalOpenedEvent }
    | { name: 'RentalStarted'; data: RentalStartedEvent }
    | { name: 'RentalWithdrawn'; data: RentalWithdrawnEvent };

/** Name, discriminator and decoder (of discriminator and fields) of each event of the program. */
export const RENTAL_EVENTS: readonly {
    name: RentalEvent['name'];
    discriminator: ReadonlyUint8Array;
    decoder: () => Decoder<RentalEvent['data']>;
}[] = [
    {
        name: 'RentalClosed',
        discriminator: new Uint8Array([77, 252, 165, 5, 168, 29, 237, 40]),
        decoder: getRentalClosedEventDecoder,
    },
    {
        name: 'RentalEnded',
        discriminator: new Uint8Array([62, 183, 173, 237, 227, 140, 155, 79]),
        decoder: getRentalEndedEventDecoder,
    },
    {
        name: 'RentalExtended',
        discriminator: new Uint8Array([153, 32, 84, 40, 30, 35, 246, 79]),
        decoder: getRentalExtendedEventDecoder,
    },
    {
        name: 'RentalOpened',
        discriminator: new Uint8Array([226, 85, 149, 217, 246, 206, 200, 54]),
        decoder: getRentalOpenedEventDecoder,
    },
    {
        name: 'RentalStarted',
        discriminator: new Uint8Array([61, 99, 20, 232, 73, 33, 40, 252]),
        decoder: getRentalStartedEventDecoder,
    },
    {
        name: 'RentalWithdrawn',
        discriminator: new Uint8Array([19, 100, 246, 162, 253, 69, 217, 164]),
        decoder: getRentalWithdrawnEventDecoder,
    },
];

/**
 * Reads the data of an inner instruction of the program; nothing where it is not an event instruction.
 * Throws where the event is unknown or its bytes are not exactly its fields.
 */
export function decodeRentalEvent(data: ReadonlyUint8Array): RentalEvent | undefined {
    if (!containsBytes(data, TAG, 0)) return undefined;
    const event = RENTAL_EVENTS.find(({ discriminator }) => containsBytes(data, discriminator, TAG.length));
    if (!event)
        throw new Error('rental emitted an event that this client does not know: use one of the deployed version');
    const [fields, end] = event.decoder().read(data, TAG.length);
    if (end !== data.length)
        throw new Error(
            `${event.name} of rental has ${data.length - end} bytes too many: use a client of the deployed version`,
        );
    return { name: event.name, data: fields } as RentalEvent;
}
