/** What is written by hand. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import {
    type Address,
    SOLANA_ERROR__INSTRUCTION_ERROR__CUSTOM,
    SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE,
    SolanaError,
    getAddressEncoder,
    getBase58Decoder,
    getProgramDerivedAddress,
    getU32Encoder,
    getU64Encoder,
} from '@solana/kit';
import {
    FRAMEWORK_ERRORS,
    linkSource,
    market,
    orderSource,
    readEvents,
    rewards,
    toProgramError,
} from '../../src/index.js';
import { idls, repository, sample } from '../support/idl.js';

const wallet = market.MARKET_PROGRAM_ADDRESS as Address;
const bytesOf = (address: Address) => getAddressEncoder().encode(address);

test('addresses are derived from the seeds that the programs use', async () => {
    const derive = async (programAddress: Address, ...seeds: Parameters<typeof getProgramDerivedAddress>[0]['seeds']) =>
        (await getProgramDerivedAddress({ programAddress, seeds }))[0];
    const { MARKET_PROGRAM_ADDRESS: m } = market;
    const { REWARDS_PROGRAM_ADDRESS: r } = rewards;
    const id = getU64Encoder().encode(7n);
    const index = getU32Encoder().encode(7);
    const pairs: [string, Promise<readonly [Address, number]>, Promise<Address>][] = [
        ['config', market.findConfigPda(), derive(m, 'config')],
        ['listing', market.findListingPda({ seller: wallet, id: 7n }), derive(m, 'listing', bytesOf(wallet), id)],
        ['order', market.findOrderPda({ buyer: wallet, id: 7n }), derive(m, 'order', bytesOf(wallet), id)],
        ['vault', market.findVaultPda({ order: wallet }), derive(m, 'vault', bytesOf(wallet))],
        ['event authority', market.findEventAuthorityPda(), derive(m, '__event_authority')],
        ['epoch', rewards.findEpochPda({ index: 7 }), derive(r, 'epoch', index)],
        ['points', rewards.findPointsPda({ epoch: 7, wallet }), derive(r, 'points', index, bytesOf(wallet))],
        ['contributor', rewards.findContributorPda({ wallet }), derive(r, 'contributor', bytesOf(wallet))],
    ];
    for (const [what, found, expected] of pairs) assert.equal((await found)[0], await expected, what);
});

test('sources are hashes with the domains that the programs use', async () => {
    const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest('hex');
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
    const link = 'https://example.org/pull/1';
    assert.equal(hex(await linkSource(link)), sha256(Buffer.from(`aixblock:award:link:v1${link}`)));
    assert.equal(
        hex(await orderSource(wallet)),
        sha256(Buffer.from('aixblock:award:order:v1'), Uint8Array.from(bytesOf(wallet))),
    );
});

test("the framework's errors are those that the Rust client knows", () => {
    const source = readFileSync(path.join(repository, 'chain/src/error/anchor.rs'), 'utf8');
    const rows = [...source.matchAll(/\((\d+),\s*"(\w+)",\s*"([^"]+)"\)/g)].map(([, code, name, message]) => [
        code,
        { name, message },
    ]);
    assert.deepEqual(FRAMEWORK_ERRORS, Object.fromEntries(rows));
});

/** As @solana/kit reports a transaction that a node refused to send. */
function refusal(code: number, logs: string[]) {
    const cause = new SolanaError(SOLANA_ERROR__INSTRUCTION_ERROR__CUSTOM, { code, index: 0 });
    const context = { cause, logs, accounts: null, unitsConsumed: 0n } as never;
    return new SolanaError(SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE, context);
}

test('a refusal in a nested call is laid to the program that refused', () => {
    const code = rewards.REWARDS_ERROR__AWARDS_PAUSED;
    const logs = [
        `Program ${market.MARKET_PROGRAM_ADDRESS} invoke [1]`,
        `Program ${rewards.REWARDS_PROGRAM_ADDRESS} invoke [2]`,
        `Program ${rewards.REWARDS_PROGRAM_ADDRESS} failed: custom program error: 0x1774`,
        `Program ${market.MARKET_PROGRAM_ADDRESS} failed: custom program error: 0x1774`,
    ];
    const error = toProgramError(refusal(code, logs), [{ programAddress: market.MARKET_PROGRAM_ADDRESS }]);
    assert.equal(error?.program, 'rewards');
    assert.deepEqual([error?.code, error?.errorName], [code, 'AwardsPaused']);
    assert.equal(error?.message, `rewards: AwardsPaused (${code}): ${rewards.REWARDS_ERRORS[code].message}`);
});

test('an error of another program is left as it is', () => {
    const other = '11111111111111111111111111111111' as Address;
    assert.equal(toProgramError(refusal(1, []), [{ programAddress: other }]), undefined);
    assert.equal(toProgramError(new Error('no connection'), []), undefined);
});

test('an event that its program did not sign for, or of a failed transaction, is no event', async () => {
    const idl = idls.find(({ metadata }) => metadata.name === 'market');
    const event = idl?.events[0];
    assert.ok(idl && event);
    const { bytes } = sample(idl, event.name);
    const tag = [0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d];
    const data = getBase58Decoder().decode(new Uint8Array([...tag, ...event.discriminator, ...bytes]));
    const [authority] = await market.findEventAuthorityPda();
    const response = (account: number, err: unknown) => ({
        meta: {
            err,
            innerInstructions: [
                { index: 0, instructions: [{ programIdIndex: 1, accounts: [account], data, stackHeight: 2 }] },
            ],
        },
        transaction: {
            message: {
                accountKeys: [wallet, market.MARKET_PROGRAM_ADDRESS, authority],
                header: { numReadonlySignedAccounts: 0, numReadonlyUnsignedAccounts: 2, numRequiredSignatures: 1 },
                instructions: [{ programIdIndex: 1, accounts: [], data: '' }],
                recentBlockhash: '11111111111111111111111111111111',
            },
        },
        version: 0,
    });
    const events = (account: number, err: unknown) =>
        readEvents(response(account, err) as unknown as Parameters<typeof readEvents>[0]);
    assert.deepEqual(
        (await events(2, null)).map(({ program, name }) => [program, name]),
        [['market', event.name]],
    );
    assert.deepEqual(await events(0, null), []);
    assert.deepEqual(await events(2, { InstructionError: [0, { Custom: 1 }] }), []);
});
