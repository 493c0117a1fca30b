import {
    type Address,
    decodeTransactionFromRpcResponse,
    getProgramDerivedAddress,
    walkInstructions,
} from '@solana/kit';
import { PROGRAMS } from './generated/index.js';

type Program = (typeof PROGRAMS)[number];
type EventOf<P extends Program> = P extends Program
    ? { program: P['name'] } & NonNullable<ReturnType<P['decodeEvent']>>
    : never;

/** An event, with the name of the program that emitted it. */
export type PlatformEvent = EventOf<Program>;

/** What `getTransaction` answers with the encoding `json` or `base64`, as far as events need it. */
export type TransactionResponse = Parameters<typeof decodeTransactionFromRpcResponse>[0] & {
    meta: (NonNullable<Parameters<typeof walkInstructions>[0]['meta']> & { err: unknown }) | null;
};

/** The addresses that sign for each program's events: nobody else can. */
const authorities = new Map<Address, Promise<Address>>();

function authorityOf(program: Address): Promise<Address> {
    let authority = authorities.get(program);
    if (!authority) {
        authority = getProgramDerivedAddress({ programAddress: program, seeds: ['__event_authority'] }).then(
            ([address]) => address,
        );
        authorities.set(program, authority);
    }
    return authority;
}

/**
 * The events of a transaction, in the order in which they were emitted; none of a failed one.
 *
 * An event is a call of a program to itself: an inner instruction whose only account is the program's event authority.
 * Throws where a program emitted what this client does not know.
 */
export async function readEvents(transaction: TransactionResponse): Promise<PlatformEvent[]> {
    if (!transaction.meta || transaction.meta.err !== null) return [];
    const { compiledMessage, loadedAddresses } = decodeTransactionFromRpcResponse(transaction);
    const events: PlatformEvent[] = [];
    for (const { trace, programAddress, accounts, data } of walkInstructions({
        compiledMessage,
        loadedAddresses,
        meta: transaction.meta,
    })) {
        const program = PROGRAMS.find(({ address }) => address === programAddress);
        if (trace.kind !== 'inner' || !program || !data || accounts?.length !== 1) continue;
        if (accounts[0]?.address !== (await authorityOf(program.address))) continue;
        const event = program.decodeEvent(data);
        if (event) events.push({ program: program.name, ...event } as PlatformEvent);
    }
    return events;
}
