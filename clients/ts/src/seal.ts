import { type Address, type ReadonlyUint8Array, getAddressEncoder, getI64Encoder, getUtf8Encoder } from '@solana/kit';

/** What a sealed vote is about. */
export type SealSubject = {
    order: Address;
    /** Of the order's account. */
    openedAt: bigint;
    /** Of the order's account, once its audit is armed. */
    auditSeed: ReadonlyUint8Array;
    /** The key that votes. */
    oracle: Address;
};

/** What an oracle seals (`oracles.getSealVoteInstruction`) before the market takes its vote with this verdict and salt. */
export async function sealCommitment(
    { order, openedAt, auditSeed, oracle }: SealSubject,
    verdict: number,
    salt: ReadonlyUint8Array,
): Promise<Uint8Array> {
    const address = getAddressEncoder();
    const parts = [
        getUtf8Encoder().encode('aixblock/vote/seal/v1'),
        address.encode(order),
        getI64Encoder().encode(openedAt),
        auditSeed,
        address.encode(oracle),
        Uint8Array.of(verdict),
        salt,
    ];
    const joined = Uint8Array.from(parts.flatMap((part) => [...part]));
    return new Uint8Array(await crypto.subtle.digest('SHA-256', joined));
}
