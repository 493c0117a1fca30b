// Generated from the IDL by scripts/generate.mjs: do not edit.

import { type Decoder, type ReadonlyUint8Array, containsBytes } from '@solana/kit';
import {
    getBallotClosedEventDecoder,
    type BallotClosedEvent,
    getBondReturnedEventDecoder,
    type BondReturnedEvent,
    getConfigChangedEventDecoder,
    type ConfigChangedEvent,
    getGrantsFundedEventDecoder,
    type GrantsFundedEvent,
    getMilestonePaidEventDecoder,
    type MilestonePaidEvent,
    getMilestoneReviewedEventDecoder,
    type MilestoneReviewedEvent,
    getMilestoneSubmittedEventDecoder,
    type MilestoneSubmittedEvent,
    getProposalClosedEventDecoder,
    type ProposalClosedEvent,
    getProposalDecidedEventDecoder,
    type ProposalDecidedEvent,
    getProposalOpenedEventDecoder,
    type ProposalOpenedEvent,
    getVoteCastEventDecoder,
    type VoteCastEvent,
} from './types/index.js';

/** What every event instruction starts with, before the event's own discriminator. */
const TAG = new Uint8Array([228, 69, 165, 46, 81, 203, 154, 29]);

/** An event of the program, by its name. */
export type GrantsEvent =
    | { name: 'BallotClosed'; data: BallotClosedEvent }
    | { name: 'BondReturned'; data: BondReturnedEvent }
    | { name: 'ConfigChanged'; data: ConfigChangedEvent }
    | { name: 'GrantsFunded'; data: GrantsFundedEvent }
    | { name: 'MilestonePaid'; data: MilestonePaidEvent }
    | { name: 'MilestoneReviewed'; data: MilestoneReviewedEvent }
    | { name: 'MilestoneSubmitted'; data: MilestoneSubmittedEvent }
    | { name: 'ProposalClosed'; data: ProposalClosedEvent }
    | { name: 'ProposalDecided'; data: ProposalDecidedEvent }
    | { name: 'ProposalOpened'; data: ProposalOpenedEvent }
    | { name: 'VoteCast'; data: VoteCastEvent };

/** Name, discriminator and decoder (of discriminator and fields) of each event of the program. */
export const GRANTS_EVENTS: readonly {
    name: GrantsEvent['name'];
    discriminator: ReadonlyUint8Array;
    decoder: () => Decoder<GrantsEvent['data']>;
}[] = [
    {
        name: 'BallotClosed',
        discriminator: new Uint8Array([107, 216, 180, 104, 51, 179, 205, 107]),
        decoder: getBallotClosedEventDecoder,
    },
    {
        name: 'BondReturned',
        discriminator: new Uint8Array([41, 85, 150, 247, 210, 150, 160, 118]),
        decoder: getBondReturnedEventDecoder,
    },
    {
        name: 'ConfigChanged',
        discriminator: new Uint8Array([147, 25, 86, 98, 98, 77, 78, 192]),
        decoder: getConfigChangedEventDecoder,
    },
    {
        name: 'GrantsFunded',
        discriminator: new Uint8Array([151, 84, 74, 137, 196, 243, 47, 183]),
        decoder: getGrantsFundedEventDecoder,
    },
    {
        name: 'MilestonePaid',
        discriminator: new Uint8Array([20, 3, 17, 44, 147, 81, 102, 69]),
        decoder: getMilestonePaidEventDecoder,
    },
    {
        name: 'MilestoneReviewed',
        discriminator: new Uint8Array([184, 2, 3, 132, 136, 103, 87, 87]),
        decoder: getMilestoneReviewedEventDecoder,
    },
    {
        name: 'MilestoneSubmitted',
        discriminator: new Uint8Array([242, 19, 75, 99, 12, 28, 19, 33]),
        decoder: getMilestoneSubmittedEventDecoder,
    },
    {
        name: 'ProposalClosed',
        discriminator: new Uint8Array([57, 90, 47, 164, 105, 55, 97, 27]),
        decoder: getProposalClosedEventDecoder,
    },
    {
        name: 'ProposalDecided',
        discriminator: new Uint8Array([167, 144, 117, 143, 103, 76, 101, 235]),
        decoder: getProposalDecidedEventDecoder,
    },
    {
        name: 'ProposalOpened',
        discriminator: new Uint8Array([118, 111, 242, 245, 53, 115, 95, 209]),
        decoder: getProposalOpenedEventDecoder,
    },
    {
        name: 'VoteCast',
        discriminator: new Uint8Array([39, 53, 195, 104, 188, 17, 225, 213]),
        decoder: getVoteCastEventDecoder,
    },
];

/**
 * Reads the data of an inner instruction of the program; nothing where it is not an event instruction.
 * Throws where the event is unknown or its bytes are not exactly its fields.
 */
export function decodeGrantsEvent(data: ReadonlyUint8Array): GrantsEvent | undefined {
    if (!containsBytes(data, TAG, 0)) return undefined;
    const event = GRANTS_EVENTS.find(({ discriminator }) => containsBytes(data, discriminator, TAG.length));
    if (!event)
        throw new Error('grants emitted an event that this client does not know: use one of the deployed version');
    const [fields, end] = event.decoder().read(data, TAG.length);
    if (end !== data.length)
        throw new Error(
            `${event.name} of grants has ${data.length - end} bytes too many: use a client of the deployed version`,
        );
    return { name: event.name, data: fields } as GrantsEvent;
}
