/** The platform as `aixblock up` runs it on this machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type KeyPairSigner, createKeyPairSignerFromBytes, createSolanaRpc } from '@solana/kit';
import { repository } from './idl.js';

/** How long anything may take that the tests wait for. */
const PATIENCE_MS = 60_000;

export class Platform {
    private constructor(
        private readonly process: ChildProcess,
        private readonly folder: string,
        readonly url: string,
    ) {}

    get rpc() {
        return createSolanaRpc(this.url);
    }

    /** The folder of the actors' key files. */
    get keys(): string {
        return path.join(this.folder, 'keys');
    }

    static async start(): Promise<Platform> {
        const binary = process.env['AIXBLOCK_BIN'] ?? path.join(repository, 'target/debug/aixblock');
        if (!existsSync(binary)) throw new Error(`${binary} is not there: run \`make build\` first`);
        const folder = await mkdtemp(path.join(os.tmpdir(), 'aixblock-client-'));
        // 0: the platform chooses, and says what it chose
        const flags = ['--data', folder, '--rpc-port', '0', '--ws-port', '0', '--api-port', '0'];
        const up = spawn(binary, ['up', ...flags], {
            cwd: repository,
            // refusals are what the tests are about: no warnings of them
            env: { AIXBLOCK_LOG: 'error', ...process.env },
            stdio: ['ignore', 'pipe', 'inherit'],
        });
        // a test that is interrupted must not leave it running
        process.once('exit', () => up.kill());
        let url = '';
        for await (const line of createInterface({ input: up.stdout })) {
            if (line.startsWith('chain ')) url = line.slice('chain '.length).trim();
            if (line.startsWith('Running')) return new Platform(up, folder, url);
        }
        await new Platform(up, folder, url).stop();
        throw new Error('the platform ended before it ran: see above');
    }

    /** The key of an actor, from the file that the platform wrote. */
    async signer(name: string): Promise<KeyPairSigner> {
        const bytes = JSON.parse(await readFile(path.join(this.keys, `${name}.json`), 'utf8')) as number[];
        return createKeyPairSignerFromBytes(new Uint8Array(bytes));
    }

    /** Seconds of the chain's clock. */
    async now(): Promise<bigint> {
        return await this.rpc.getBlockTime(await this.rpc.getSlot({ commitment: 'confirmed' }).send()).send();
    }

    /** Moves the chain's clock forward. */
    async travelTo(unixSeconds: bigint): Promise<void> {
        const parameters = [{ absoluteTimestamp: Number(unixSeconds) * 1_000 }];
        const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'surfnet_timeTravel', params: parameters });
        const response = await fetch(this.url, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body,
        });
        const answer = (await response.json()) as { error?: { message: string } };
        if (answer.error) throw new Error(`cannot travel to ${unixSeconds}: ${answer.error.message}`);
        await until('the clock moves', async () => (await this.now()) >= unixSeconds);
    }

    async stop(): Promise<void> {
        if (this.process.exitCode === null) {
            const ended = once(this.process, 'exit');
            this.process.kill();
            await ended;
        }
        await rm(this.folder, { recursive: true, force: true });
    }
}

/** Waits until a condition holds. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + PATIENCE_MS; !(await holds()); ) {
        if (Date.now() > deadline) throw new Error(`${what}: not within ${PATIENCE_MS / 1_000} s`);
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}
