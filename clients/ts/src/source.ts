import { type Address, type ReadonlyUint8Array, getAddressEncoder, getUtf8Encoder } from '@solana/kit';

/** The name under which a contribution outside the chain earns points, from its link: 32 bytes, as `issueAward` takes them. */
export async function linkSource(link: string): Promise<Uint8Array> {
    return hash('aixblock:award:link:v1', getUtf8Encoder().encode(link));
}

/** The name under which a released order earns points: the seed of its award, see `rewards.findAwardPda`. */
export async function orderSource(order: Address): Promise<Uint8Array> {
    return hash('aixblock:award:order:v1', getAddressEncoder().encode(order));
}

async function hash(domain: string, bytes: ReadonlyUint8Array): Promise<Uint8Array> {
    const prefix = getUtf8Encoder().encode(domain);
    const joined = new Uint8Array(prefix.length + bytes.length);
    joined.set(prefix);
    joined.set(bytes, prefix.length);
    return new Uint8Array(await crypto.subtle.digest('SHA-256', joined));
}
