/** The code of README.md, as a user of the package runs it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { test } from 'node:test';
import { text } from 'node:stream/consumers';
import { Platform } from './support/platform.js';

test('the program of the README pays an order and a claim', async () => {
    const platform = await Platform.start();
    try {
        const environment = { ...process.env, AIXBLOCK_URL: platform.url, AIXBLOCK_KEYS: platform.keys };
        const program = path.join(import.meta.dirname, 'readme/program.js');
        const run = spawn(process.execPath, [program], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
        const [output, [code]] = await Promise.all([text(run.stdout), once(run, 'exit')]);
        assert.equal(code, 0, output);
        assert.match(output, /market: AuditTooEarly \(\d+\): /);
        assert.match(output, /paid 97500000, fee 2500000\n/);
        // fewer than 500 points: half of the pool of 10,000 tokens, all of it to the only contributor
        assert.match(output, /claimed 5000000000 for 100 points\n/);
    } finally {
        await platform.stop();
    }
});
