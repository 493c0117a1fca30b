// Generated from the IDL by scripts/generate.mjs: do not edit.

import { type Decoder, type ReadonlyUint8Array, containsBytes } from '@solana/kit';
import {
    getAwardClosedEventDecoder,
    type AwardClosedEvent,
    getAwardIssuedEventDecoder,
    type AwardIssuedEvent,
    getAwardReviewedEventDecoder,
    type AwardReviewedEvent,
    getCategorySetEventDecoder,
    type CategorySetEvent,
    getConfigChangedEventDecoder,
    type ConfigChangedEvent,
    getContributorRegisteredEventDecoder,
    type ContributorRegisteredEvent,
    getDestinationChangedEventDecoder,
    type DestinationChangedEvent,
    getEpochClosedEventDecoder,
    type EpochClosedEvent,
    getEpochExpiredEventDecoder,
    type EpochExpiredEvent,
    getEpochFinalizedEventDecoder,
    type EpochFinalizedEvent,
    getEpochOpenedEventDecoder,
    type EpochOpenedEvent,
    getIssuerSetEventDecoder,
    type IssuerSetEvent,
    getPointsClosedEventDecoder,
    type PointsClosedEvent,
    getProfitClaimedEventDecoder,
    type ProfitClaimedEvent,
    getProfitDepositedEventDecoder,
    type ProfitDepositedEvent,
    getRewardClaimedEventDecoder,
    type RewardClaimedEvent,
    getScheduleSetEventDecoder,
    type ScheduleSetEvent,
    getSpendCancelledEventDecoder,
    type SpendCancelledEvent,
    getSpendExecutedEventDecoder,
    type SpendExecutedEvent,
    getSpendProposedEventDecoder,
    type SpendProposedEvent,
    getTgeConvertedEventDecoder,
    type TgeConvertedEvent,
} from './types/index.js';

/** What every event instruction starts with, before the event's own discriminator. */
const TAG = new Uint8Array([228, 69, 165, 46, 81, 203, 154, 29]);

/** An event of the program, by its name. */
export type RewardsEvent =
    | { name: 'AwardClosed'; data: AwardClosedEvent }
    | { name: 'AwardIssued'; data: AwardIssuedEvent }
    | { name: 'AwardReviewed'; data: AwardReviewedEvent }
    | { name: 'CategorySet'; data: CategorySetEvent }
    | { name: 'ConfigChanged'; data: ConfigChangedEvent }
    | { name: 'ContributorRegistered'; data: ContributorRegisteredEvent }
    | { name: 'DestinationChanged'; data: DestinationChangedEvent }
    | { name: 'EpochClosed'; data: EpochClosedEvent }
    | { name: 'EpochExpired'; data: EpochExpiredEvent }
    | { name: 'EpochFinalized'; data: EpochFinalizedEvent }
    | { name: 'EpochOpened'; data: EpochOpenedEvent }
    | { name: 'IssuerSet'; data: IssuerSetEvent }
    | { name: 'PointsClosed'; data: PointsClosedEvent }
    | { name: 'ProfitClaimed'; data: ProfitClaimedEvent }
    | { name: 'ProfitDeposited'; data: ProfitDepositedEvent }
    | { name: 'RewardClaimed'; data: RewardClaimedEvent }
    | { name: 'ScheduleSet'; data: ScheduleSetEvent }
    | { name: 'SpendCancelled'; data: SpendCancelledEvent }
    | { name: 'SpendExecuted'; data: SpendExecutedEvent }
    | { name: 'SpendProposed'; data: SpendProposedEvent }
    | { name: 'TgeConverted'; data: TgeConvertedEvent };

/** Name, discriminator and decoder (of discriminator and fields) of each event of the program. */
export const REWARDS_EVENTS: readonly {
    name: RewardsEvent['name'];
    discriminator: ReadonlyUint8Array;
    decoder: () => Decoder<RewardsEvent['data']>;
}[] = [
    {
        name: 'AwardClosed',
        discriminator: new Uint8Array([36, 35, 136, 88, 67, 236, 196, 83]),
        decoder: getAwardClosedEventDecoder,
    },
    {
        name: 'AwardIssued',
        discriminator: new Uint8Array([122, 55, 163, 232, 42, 185, 211, 243]),
        decoder: getAwardIssuedEventDecoder,
    },
    {
        name: 'AwardReviewed',
        discriminator: new Uint8Array([177, 91, 172, 167, 159, 165, 1, 90]),
        decoder: getAwardReviewedEventDecoder,
    },
    {
        name: 'CategorySet',
        discriminator: new Uint8Array([55, 196, 104, 229, 105, 130, 134, 57]),
        decoder: getCategorySetEventDecoder,
    },
    {
        name: 'ConfigChanged',
        discriminator: new Uint8Array([147, 25, 86, 98, 98, 77, 78, 192]),
        decoder: getConfigChangedEventDecoder,
    },
    {
        name: 'ContributorRegistered',
        discriminator: new Uint8Array([228, 194, 14, 91, 51, 151, 192, 98]),
        decoder: getContributorRegisteredEventDecoder,
    },
    {
        name: 'DestinationChanged',
        discriminator: new Uint8Array([21, 46, 58, 60, 216, 63, 94, 178]),
        decoder: getDestinationChangedEventDecoder,
    },
    {
        name: 'EpochClosed',
        discriminator: new Uint8Array([21, 4, 48, 56, 29, 169, 77, 42]),
        decoder: getEpochClosedEventDecoder,
    },
    {
        name: 'EpochExpired',
        discriminator: new Uint8Array([100, 30, 119, 234, 71, 13, 47, 170]),
        decoder: getEpochExpiredEventDecoder,
    },
    {
        name: 'EpochFinalized',
        discriminator: new Uint8Array([109, 54, 231, 81, 101, 249, 145, 107]),
        decoder: getEpochFinalizedEventDecoder,
    },
    {
        name: 'EpochOpened',
        discriminator: new Uint8Array([136, 166, 130, 170, 78, 145, 67, 78]),
        decoder: getEpochOpenedEventDecoder,
    },
    {
        name: 'IssuerSet',
        discriminator: new Uint8Array([96, 55, 18, 1, 205, 91, 185, 43]),
        decoder: getIssuerSetEventDecoder,
    },
    {
        name: 'PointsClosed',
        discriminator: new Uint8Array([64, 163, 132, 168, 198, 229, 74, 181]),
        decoder: getPointsClosedEventDecoder,
    },
    {
        name: 'ProfitClaimed',
        discriminator: new Uint8Array([58, 204, 235, 33, 53, 83, 86, 24]),
        decoder: getProfitClaimedEventDecoder,
    },
    {
        name: 'ProfitDeposited',
        discriminator: new Uint8Array([180, 140, 111, 164, 36, 177, 238, 203]),
        decoder: getProfitDepositedEventDecoder,
    },
    {
        name: 'RewardClaimed',
        discriminator: new Uint8Array([49, 28, 87, 84, 158, 48, 229, 175]),
        decoder: getRewardClaimedEventDecoder,
    },
    {
        name: 'ScheduleSet',
        discriminator: new Uint8Array([144, 221, 214, 78, 222, 207, 219, 253]),
        decoder: getScheduleSetEventDecoder,
    },
    {
        name: 'SpendCancelled',
        discriminator: new Uint8Array([146, 136, 227, 209, 178, 253, 88, 57]),
        decoder: getSpendCancelledEventDecoder,
    },
    {
        name: 'SpendExecuted',
        discriminator: new Uint8Array([27, 251, 149, 186, 175, 148, 73, 5]),
        decoder: getSpendExecutedEventDecoder,
    },
    {
        name: 'SpendProposed',
        discriminator: new Uint8Array([226, 5, 1, 200, 140, 227, 44, 226]),
        decoder: getSpendProposedEventDecoder,
    },
    {
        name: 'TgeConverted',
        discriminator: new Uint8Array([11, 87, 22, 116, 154, 241, 230, 164]),
        decoder: getTgeConvertedEventDecoder,
    },
];

/**
 * Reads the data of an inner instruction of the program; nothing where it is not an event instruction.
 * Throws where the event is unknown or its bytes are not exactly its fields.
 */
export function decodeRewardsEvent(data: ReadonlyUint8Array): RewardsEvent | undefined {
    if (!containsBytes(data, TAG, 0)) return undefined;
    const event = REWARDS_EVENTS.find(({ discriminator }) => containsBytes(data, discriminator, TAG.length));
    if (!event)
        throw new Error('rewards emitted an event that this client does not know: use one of the deployed version');
    const [fields, end] = event.decoder().read(data, TAG.length);
    if (end !== data.length)
        throw new Error(
            `${event.name} of rewards has ${data.length - end} bytes too many: use a client of the deployed version`,
        );
    return { name: event.name, data: fields } as RewardsEvent;
}
