// Generated from the IDL by scripts/generate.mjs: do not edit.

import { type Decoder, type ReadonlyUint8Array, containsBytes } from '@solana/kit';
import {
    getAuditArmedEventDecoder,
    type AuditArmedEvent,
    getAuditPostponedEventDecoder,
    type AuditPostponedEvent,
    getConfigChangedEventDecoder,
    type ConfigChangedEvent,
    getDisputeAnsweredEventDecoder,
    type DisputeAnsweredEvent,
    getLicenceDeliveredEventDecoder,
    type LicenceDeliveredEvent,
    getListingChangedEventDecoder,
    type ListingChangedEvent,
    getListingClosedEventDecoder,
    type ListingClosedEvent,
    getOracleSetCreatedEventDecoder,
    type OracleSetCreatedEvent,
    getOracleSetRetiredEventDecoder,
    type OracleSetRetiredEvent,
    getOracleVotedEventDecoder,
    type OracleVotedEvent,
    getOrderAcceptedEventDecoder,
    type OrderAcceptedEvent,
    getOrderAwardedEventDecoder,
    type OrderAwardedEvent,
    getOrderClosedEventDecoder,
    type OrderClosedEvent,
    getOrderDisputedEventDecoder,
    type OrderDisputedEvent,
    getOrderJudgedEventDecoder,
    type OrderJudgedEvent,
    getOrderOpenedEventDecoder,
    type OrderOpenedEvent,
    getOrderSettledEventDecoder,
    type OrderSettledEvent,
    getResultSubmittedEventDecoder,
    type ResultSubmittedEvent,
} from './types/index.js';

/** What every event instruction starts with, before the event's own discriminator. */
const TAG = new Uint8Array([228, 69, 165, 46, 81, 203, 154, 29]);

/** An event of the program, by its name. */
export type MarketEvent =
    | { name: 'AuditArmed'; data: AuditArmedEvent }
    | { name: 'AuditPostponed'; data: AuditPostponedEvent }
    | { name: 'ConfigChanged'; data: ConfigChangedEvent }
    | { name: 'DisputeAnswered'; data: DisputeAnsweredEvent }
    | { name: 'LicenceDelivered'; data: LicenceDeliveredEvent }
    | { name: 'ListingChanged'; data: ListingChangedEvent }
    | { name: 'ListingClosed'; data: ListingClosedEvent }
    | { name: 'OracleSetCreated'; data: OracleSetCreatedEvent }
    | { name: 'OracleSetRetired'; data: OracleSetRetiredEvent }
    | { name: 'OracleVoted'; data: OracleVotedEvent }
    | { name: 'OrderAccepted'; data: OrderAcceptedEvent }
    | { name: 'OrderAwarded'; data: OrderAwardedEvent }
    | { name: 'OrderClosed'; data: OrderClosedEvent }
    | { name: 'OrderDisputed'; data: OrderDisputedEvent }
    | { name: 'OrderJudged'; data: OrderJudgedEvent }
    | { name: 'OrderOpened'; data: OrderOpenedEvent }
    | { name: 'OrderSettled'; data: OrderSettledEvent }
    | { name: 'ResultSubmitted'; data: ResultSubmittedEvent };

/** Name, discriminator and decoder (of discriminator and fields) of each event of the program. */
export const MARKET_EVENTS: readonly {
    name: MarketEvent['name'];
    discriminator: ReadonlyUint8Array;
    decoder: () => Decoder<MarketEvent['data']>;
}[] = [
    {
        name: 'AuditArmed',
        discriminator: new Uint8Array([222, 109, 9, 119, 228, 120, 230, 21]),
        decoder: getAuditArmedEventDecoder,
    },
    {
        name: 'AuditPostponed',
        discriminator: new Uint8Array([154, 235, 8, 45, 165, 85, 143, 14]),
        decoder: getAuditPostponedEventDecoder,
    },
    {
        name: 'ConfigChanged',
        discriminator: new Uint8Array([147, 25, 86, 98, 98, 77, 78, 192]),
        decoder: getConfigChangedEventDecoder,
    },
    {
        name: 'DisputeAnswered',
        discriminator: new Uint8Array([185, 203, 53, 172, 148, 51, 155, 151]),
        decoder: getDisputeAnsweredEventDecoder,
    },
    {
        name: 'LicenceDelivered',
        discriminator: new Uint8Array([56, 224, 26, 9, 153, 183, 104, 188]),
        decoder: getLicenceDeliveredEventDecoder,
    },
    {
        name: 'ListingChanged',
        discriminator: new Uint8Array([250, 3, 123, 146, 103, 105, 212, 176]),
        decoder: getListingChangedEventDecoder,
    },
    {
        name: 'ListingClosed',
        discriminator: new Uint8Array([86, 219, 253, 196, 184, 194, 176, 78]),
        decoder: getListingClosedEventDecoder,
    },
    {
        name: 'OracleSetCreated',
        discriminator: new Uint8Array([220, 133, 235, 111, 207, 241, 17, 27]),
        decoder: getOracleSetCreatedEventDecoder,
    },
    {
        name: 'OracleSetRetired',
        discriminator: new Uint8Array([175, 191, 7, 127, 244, 26, 225, 96]),
        decoder: getOracleSetRetiredEventDecoder,
    },
    {
        name: 'OracleVoted',
        discriminator: new Uint8Array([219, 153, 183, 78, 95, 80, 185, 2]),
        decoder: getOracleVotedEventDecoder,
    },
    {
        name: 'OrderAccepted',
        discriminator: new Uint8Array([221, 229, 40, 47, 184, 34, 195, 162]),
        decoder: getOrderAcceptedEventDecoder,
    },
    {
        name: 'OrderAwarded',
        discriminator: new Uint8Array([203, 6, 52, 5, 159, 118, 185, 149]),
        decoder: getOrderAwardedEventDecoder,
    },
    {
        name: 'OrderClosed',
        discriminator: new Uint8Array([237, 77, 101, 123, 72, 43, 149, 123]),
        decoder: getOrderClosedEventDecoder,
    },
    {
        name: 'OrderDisputed',
        discriminator: new Uint8Array([186, 104, 120, 36, 95, 130, 173, 128]),
        decoder: getOrderDisputedEventDecoder,
    },
    {
        name: 'OrderJudged',
        discriminator: new Uint8Array([130, 28, 141, 225, 128, 236, 128, 150]),
        decoder: getOrderJudgedEventDecoder,
    },
    {
        name: 'OrderOpened',
        discriminator: new Uint8Array([2, 254, 197, 24, 41, 166, 225, 56]),
        decoder: getOrderOpenedEventDecoder,
    },
    {
        name: 'OrderSettled',
        discriminator: new Uint8Array([32, 21, 123, 33, 68, 59, 136, 131]),
        decoder: getOrderSettledEventDecoder,
    },
    {
        name: 'ResultSubmitted',
        discriminator: new Uint8Array([156, 153, 163, 89, 245, 144, 63, 94]),
        decoder: getResultSubmittedEventDecoder,
    },
];

/**
 * Reads the data of an inner instruction of the program; nothing where it is not an event instruction.
 * Throws where the event is unknown or its bytes are not exactly its fields.
 */
export function decodeMarketEvent(data: ReadonlyUint8Array): MarketEvent | undefined {
    if (!containsBytes(data, TAG, 0)) return undefined;
    const event = MARKET_EVENTS.find(({ discriminator }) => containsBytes(data, discriminator, TAG.length));
    if (!event)
        throw new Error('market emitted an event that this client does not know: use one of the deployed version');
    const [fields, end] = event.decoder().read(data, TAG.length);
    if (end !== data.length)
        throw new Error(
            `${event.name} of market has ${data.length - end} bytes too many: use a client of the deployed version`,
        );
    return { name: event.name, data: fields } as MarketEvent;
}
